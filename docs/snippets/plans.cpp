// The figures of docs/plans.md.
#include "figures.hpp"

#include <string>
#include <string_view>

using namespace coffer::literals;

namespace {

// [ready_and_a_part]
/// As prepaid, but credits that were spent and then disputed are owed.
struct strict_prepaid : coffer::plans::prepaid<> {
    coffer::clawback::negative clawback{};
};
static_assert(coffer::check_plan<strict_prepaid>());
// [/ready_and_a_part]

// [own_members]
struct shop_plan : coffer::plans::prepaid<> {
    std::string_view title = "Pay as you go";  // for the price page; coffer does not know it
    static constexpr int own_members = 1;
};
static_assert(coffer::check_plan<shop_plan>());
// [/own_members]

struct one_each {
    coffer::result<coffer::price> price(const coffer::usage& used) const {
        return coffer::cost::flat{1_cr}.price(used);
    }
};

void sell_packages() {
    // [prepaid]
    coffer::cost_table prices{{"image", coffer::cost::flat{4_cr}}};
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{.cost = prices}, store};

    auto acme = wallets["acme"];
    acme.grant({.bucket = "package",
                .amount = 100_cr,
                .paid = coffer::money::from_minor(10'00, "EUR"),
                .request = "order-1"})
        .or_throw();
    acme.charge({.action = "image", .request = "image-1"}).or_throw();
    // [/prepaid]
    holds(acme.balance()->available == 96_cr);
    holds(acme.lots()->front().terms.source == coffer::lot_source::purchase);
}

void sell_subscriptions() {
    const coffer::cost_table prices{{"image", coffer::cost::flat{4_cr}}};
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-31T09:00:00Z")};
    // [subscription]
    coffer::plans::subscription<> plan{.cost = prices,
                                       .allowance = {.refill = {.amount = 1'000_cr}}};
    coffer::wallets wallets{plan, store, clock};

    auto acme = wallets["acme"];
    acme.start({.request = "subscription-1"}).or_throw();  // 1,000 now, and each month anew
    // [/subscription]
    holds(acme.balance()->available == 1'000_cr);
    clock.set(at("2026-02-28T09:00:00Z"));
    holds(acme.balance()->available == 1'000_cr);
}

void set_numbers() {
    // [numbers]
    coffer::plans::subscription<> pro;
    pro.allowance.refill = {.amount = 5'000_cr, .price = coffer::money::from_minor(49'00, "EUR")};
    pro.cost.set("image", coffer::cost::flat{4_cr});

    coffer::plans::prepaid<> lenient;
    lenient.package.refund.window = coffer::days{30};

    coffer::plans::prepaid<one_each> simple;  // any cost policy in place of the table
    // [/numbers]
    holds(pro.allowance.refill.paid() == coffer::money::from_minor(49'00, "EUR"));
    coffer::memory_store store;
    coffer::wallets wallets{simple, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    holds(acme.charge({.action = "anything"})->cost == 1_cr);
}

void derive() {
    coffer::memory_store store;
    coffer::wallets wallets{strict_prepaid{}, store};
    auto acme = wallets["acme"];
    const auto lot =
        acme.grant({.bucket = "package", .amount = 10_cr, .paid = usd("1.00")}).or_throw().lot;
    acme.charge({.amount = 10_cr}).or_throw();
    acme.dispute({.lot = lot}).or_throw();
    holds(acme.balance()->debt == 10_cr);
    holds(shop_plan{}.title == "Pay as you go");
}

void grant() {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    // [source]
    const auto price = coffer::money::from_minor(10'00, "EUR");
    acme.grant({.bucket = "package", .amount = 100_cr, .paid = price}).or_throw();  // a purchase
    acme.grant({.bucket = "package", .amount = 5_cr}).or_throw();                   // an adjustment
    acme.grant({.bucket = "package", .amount = 20_cr, .source = coffer::lot_source::bonus})
        .or_throw();

    auto unpriced =
        acme.grant({.bucket = "package", .amount = 100_cr, .source = coffer::lot_source::purchase});
    holds(unpriced == coffer::errc::invalid_argument && unpriced.error().subject() == "paid");
    // [/source]
    holds(acme.lots()->size() == 3);
}

namespace spring {

struct studio_plan {
    coffer::cost_table cost{{"image", coffer::cost::flat{4_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 20_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } bonus{};
    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"bonus", &studio_plan::bonus},
                         coffer::bucket{"allowance", &studio_plan::allowance});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

}  // namespace spring

namespace summer {

// [summer]
struct studio_plan : coffer::plans::subscription<> {  // 150 a month, and packages
    coffer::refusals::sticky refusals{};              // a part that is new
};
// [/summer]

}  // namespace summer

void two_releases() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets before{spring::studio_plan{}, store, clock};
    summer::studio_plan next;
    next.allowance.refill.amount = 150_cr;
    coffer::wallets after{next, store, clock};

    // [two_releases]
    auto old_server = before["acme"];  // spring's program
    auto new_server = after["acme"];   // summer's, on the same store
    old_server.start().or_throw();     // 20 of bonus, 100 of allowance

    auto spent = new_server.charge({.amount = 10_cr}).or_throw();
    // What summer does not know burns last:
    holds(new_server.parts_of(spent.id).or_throw()[0].bucket == "allowance");
    spent = old_server.charge({.amount = 10_cr}).or_throw();
    holds(old_server.parts_of(spent.id).or_throw()[0].bucket == "bonus");

    clock.set(at("2026-02-01T00:00:00Z"));
    holds(old_server.balance()->available == 120_cr);  // each would open February by its own plan
    holds(new_server.balance()->available == 150_cr);
    new_server.sweep().or_throw();  // … and the first that writes has done it
    holds(old_server.balance()->available == 150_cr);
    // [/two_releases]
}

}  // namespace

int main() {
    sell_packages();
    sell_subscriptions();
    set_numbers();
    derive();
    grant();
    two_releases();
    return figures.verdict(15);
}
