#include "support/catch.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/store/deliver.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/time/clock.hpp>
#include <coffer/wallet/wallets.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;
using coffer::errc;
using coffer::percent;

// Rows of the reference systems that guards and subscriptions make true, by their numbers.
namespace {

using texts = std::vector<std::string>;

coffer::instant at(std::string_view text) { return coffer::parse_instant(text).or_throw(); }
coffer::money usd(std::int64_t cents) { return coffer::money::from_minor(cents, "USD"); }

coffer::any_bucket allowance(coffer::credits monthly, coffer::money price,
                             coffer::any_refund refund = coffer::refund::none{}) {
    return {.name = "allowance",
            .refill = coffer::refill::monthly{.amount = monthly, .price = price},
            .rollover = coffer::rollover::none{},
            .expiry = coffer::expiry::at_period_end{},
            .refund = std::move(refund)};
}
coffer::any_bucket without_refill(std::string name, coffer::any_expiry expiry) {
    return {.name = std::move(name),
            .refill = coffer::refill::none{},
            .rollover = coffer::rollover::all{},
            .expiry = std::move(expiry),
            .refund = coffer::refund::none{}};
}
coffer::any_plan_parts plan_of(std::vector<coffer::any_bucket> buckets) {
    return {.cost = coffer::cost_table{},
            .buckets = std::move(buckets),
            .overdraft = coffer::overdraft::deny{},
            .access = coffer::access::anyone{}};
}

/// A wallet of a book, since the first of January.
struct customer {
    explicit customer(std::vector<std::pair<std::string, coffer::any_plan_parts>> plans)
        : wallets{book_of(std::move(plans)), store, clock} {
        w.start({.request = "start"}).or_throw();
    }
    static coffer::plan_book book_of(
        std::vector<std::pair<std::string, coffer::any_plan_parts>> plans) {
        coffer::plan_book book;
        for (auto& [id, parts] : plans) {
            book.add(id, coffer::any_plan{std::move(parts)}).or_throw();
        }
        book.set_default(plans.front().first).or_throw();
        return book;
    }

    void go(std::string_view when) { clock.set(at(when)); }
    coffer::credits available() const { return w.balance().or_throw().available; }
    coffer::result<coffer::receipt> spend(coffer::credits amount, std::string_view member = {}) {
        return w.charge({.amount = amount, .member = member});
    }
    /// What the customer was told since the last time.
    texts told() {
        texts all;
        coffer::deliver(store, [&](const coffer::notice& n) {
            all.push_back(n.text);
            return true;
        }).or_throw();
        return all;
    }

    coffer::memory_store store{};
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets<coffer::plan_book, coffer::memory_store, coffer::manual_clock> wallets;
    coffer::wallet w = wallets["acme"];
};

}  // namespace

TEST_CASE("row A2: out of credits, work stops with nothing deducted; told when low and when out") {
    auto plan = plan_of({allowance(100_cr, usd(0))});
    plan.alerts = {{.name = "low", .at = percent{25}, .of = {"allowance"}, .once_per_period = true},
                   {.name = "out", .at = 0_cr}};
    customer c{{{"workspace", plan}}};
    c.spend(74_cr).or_throw();
    CHECK(c.told().empty());
    c.spend(1_cr).or_throw();
    CHECK(c.told() == texts{"low"});
    const auto refused = c.spend(26_cr);
    CHECK(refused == errc::insufficient_credits);
    CHECK(c.available() == 25_cr);
    c.spend(25_cr).or_throw();
    CHECK(c.told() == texts{"out", "depleted"});
}

TEST_CASE("row A8: a recurring top-up grows at once, shrinks and ends with the period") {
    auto plan = plan_of(
        {allowance(100_cr, usd(1'900)), without_refill("topup", coffer::expiry::at_period_end{})});
    plan.buckets[1].rollover = coffer::rollover::none{};
    customer c{{{"workspace", plan}}};
    c.go("2026-01-10T00:00:00Z");
    const coffer::add_on_request fifty{.bucket = "topup", .allowance = 50_cr, .price = usd(900)};
    const auto shown = c.w.preview(fifty).or_throw();
    CHECK(shown.due_today == usd(900));
    CHECK(shown.next_payment == usd(2'800));  // the plan and the top-up together
    CHECK(shown.next_at == at("2026-02-01T00:00:00Z"));
    c.w.add_on(fifty).or_throw();
    CHECK(c.available() == 150_cr);

    c.w.add_on({.bucket = "topup", .allowance = 80_cr, .price = usd(1'400)}).or_throw();
    CHECK(c.available() == 180_cr);
    c.go("2026-02-01T00:00:00Z");  // renewed with the plan
    CHECK(c.available() == 180_cr);

    c.w.add_on({.bucket = "topup", .allowance = 0_cr}).or_throw();
    CHECK(c.available() == 180_cr);  // the present limit stays for the rest of the month
    c.go("2026-03-01T00:00:00Z");
    CHECK(c.available() == 100_cr);
}

TEST_CASE("row A9: the plan's first payment comes back within 14 days, a top-up's never") {
    using coffer::refund::within;
    auto plan = plan_of(
        {allowance(100_cr, usd(1'900), within{coffer::days{14}, coffer::refund::basis::full, true}),
         without_refill("topup", coffer::expiry::at_period_end{})});
    const auto newest_lot_of = [](const customer& c, std::string_view bucket) {
        coffer::lot_id newest;
        for (const coffer::lot& l : c.w.lots().or_throw()) {
            if (l.terms.bucket == coffer::bucket_id::of(bucket)) newest = l.id;
        }
        return newest;
    };
    SECTION("of the initial purchase, in full, though some is spent") {
        customer c{{{"workspace", plan}}};
        c.w.add_on({.bucket = "topup", .allowance = 50_cr, .price = usd(900)}).or_throw();
        c.spend(30_cr).or_throw();
        c.go("2026-01-14T23:59:59Z");
        const auto topup = c.w.refund_purchase({.lot = newest_lot_of(c, "topup")});
        CHECK(topup == errc::not_refundable);
        const auto money = c.w.refund_purchase({.lot = newest_lot_of(c, "allowance")}).or_throw();
        CHECK(money.owed == usd(1'900));
    }
    SECTION("not on the fifteenth day, nor of a renewal") {
        customer c{{{"workspace", plan}}};
        c.go("2026-01-15T00:00:00Z");
        CHECK(c.w.refund_purchase({.lot = newest_lot_of(c, "allowance")}) == errc::not_refundable);
        c.go("2026-02-02T00:00:00Z");
        c.wallets.sweep().or_throw();
        const auto renewed = newest_lot_of(c, "allowance");
        CHECK(c.w.refund_purchase({.lot = renewed}) == errc::not_refundable);
    }
}

TEST_CASE("row B1: one balance for all; who is authorised spends of it, and everyone sees it") {
    auto plan = plan_of({without_refill("pack", coffer::expiry::never{})});
    using coffer::access::see;
    using coffer::access::spend;
    plan.access = coffer::access::roles{
        {{"author", spend | see}, {"reader", see}},
        {{"acme", {{"ada", "author"}, {"grace", "author"}, {"rita", "reader"}}},
         {"globex", {{"bob", "author"}}}}};
    customer c{{{"campaigns", plan}}};
    c.w.grant({.bucket = "pack", .amount = 100_cr, .request = "pack"}).or_throw();
    c.spend(30_cr, "ada").or_throw();
    c.spend(45_cr, "grace").or_throw();
    for (std::string_view member : {"ada", "grace", "rita"}) {
        CHECK(c.w.as(member).balance().or_throw().available == 25_cr);
    }
    CHECK(c.w.as("bob").balance() == errc::access_denied);
    for (std::string_view other : {"rita", "bob", ""}) {
        CHECK(c.spend(1_cr, other) == errc::access_denied);
    }
    CHECK(c.spend(26_cr, "ada") == errc::insufficient_credits);  // grace's are gone for her, too
    c.spend(25_cr, "ada").or_throw();
    CHECK(c.w.as("grace").balance().or_throw().available == 0_cr);
}

TEST_CASE("row B5: warned below 100 and at 10, before what exceeds the balance, and as one likes") {
    auto plan = plan_of({without_refill("pack", coffer::expiry::after{coffer::months{12}})});
    plan.alerts = {{.name = "low", .at = 100_cr}, {.name = "critical", .at = 10_cr}};
    plan.choices = {.alerts = 2};
    customer c{{{"campaigns", plan}}};
    c.w.grant({.bucket = "pack", .amount = 250_cr, .request = "pack"}).or_throw();
    c.w.configure({.alerts = {{.name = "mine", .at = 200_cr}}, .request = "settings"}).or_throw();
    c.spend(50_cr).or_throw();
    CHECK(c.told() == texts{"mine"});
    c.spend(100_cr).or_throw();
    CHECK(c.told() == texts{"low"});
    const auto quoted = c.w.quote({.amount = 101_cr});
    CHECK(quoted == errc::insufficient_credits);
    CHECK(quoted.error().acceptable() == 100_cr);
    c.spend(90_cr).or_throw();
    CHECK(c.told() == texts{"critical"});
}

TEST_CASE("row C12: alerts at 25, 15 and 0 percent of the allowance, each once a period") {
    auto plan = plan_of(
        {allowance(1'000_cr, usd(0)), without_refill("pack", coffer::expiry::at_period_end{})});
    plan.buckets[1].rollover = coffer::rollover::none{};
    plan.alerts = {{.name = "25", .at = percent{25}, .once_per_period = true},
                   {.name = "15", .at = percent{15}, .once_per_period = true},
                   {.name = "0", .at = 0_cr, .once_per_period = true}};
    customer c{{{"employee", plan}}};
    c.spend(750_cr).or_throw();
    CHECK(c.told() == texts{"25"});
    c.spend(250_cr).or_throw();
    CHECK(c.told() == texts{"15", "0", "depleted"});
    c.w.grant({.bucket = "pack", .amount = 500_cr, .request = "pack"}).or_throw();
    c.spend(500_cr).or_throw();  // at nothing again: no alert is raised twice
    CHECK(c.told() == texts{"resumed", "depleted"});
    c.go("2026-02-01T00:00:00Z");
    c.spend(1'000_cr).or_throw();
    CHECK(c.told() == texts{"resumed", "25", "15", "0", "depleted"});
}

TEST_CASE("row C13: at zero what runs is told to stop, and to go on when credits arrive") {
    auto plan = plan_of(
        {allowance(100_cr, usd(0)), without_refill("pack", coffer::expiry::at_period_end{})});
    plan.buckets[1].rollover = coffer::rollover::none{};
    plan.alerts = {{.name = "out", .at = 0_cr}};
    customer c{{{"employee", plan}}};
    auto stream = c.w.hold({.amount = 100_cr, .expires_in = 10min, .request = "stream"}).or_throw();
    CHECK(c.spend(1_cr) == errc::insufficient_credits);  // a scheduled task is skipped
    CHECK(c.told().empty());                             // what runs has its credits
    stream.settle({.amount = 100_cr}).or_throw();
    CHECK(c.told() == texts{"out", "depleted"});
    SECTION("by a purchase") {
        c.w.grant({.bucket = "pack", .amount = 5_cr, .request = "pack"}).or_throw();
    }
    SECTION("by the next period") {
        c.go("2026-02-01T00:00:00Z");
        c.wallets.sweep().or_throw();
    }
    CHECK(c.told() == texts{"resumed"});
    c.spend(1_cr).or_throw();
}

TEST_CASE("row C16: an employee's budget stops that employee alone, until the period ends") {
    auto plan = plan_of({allowance(1'000_cr, usd(0))});
    plan.choices = {.limits = 10};
    customer c{{{"employee", plan}}};
    c.w.configure(
           {.limits = {{.member = "marketing/eve", .per = coffer::window::period, .amount = 50_cr}},
            .request = "budget"})
        .or_throw();
    c.spend(45_cr, "marketing/eve").or_throw();
    const auto refused = c.spend(6_cr, "marketing/eve/bot-3");
    CHECK(refused == errc::limit_exceeded);
    CHECK(refused.error().subject() == "member:marketing/eve");
    CHECK(refused.error().acceptable() == 5_cr);
    c.spend(6_cr, "marketing/adam").or_throw();
    c.go("2026-02-01T00:00:00Z");
    c.spend(6_cr, "marketing/eve").or_throw();
}

TEST_CASE("row D4: a higher tier brings the difference as allowance, which ends with the period") {
    const auto tier = [](coffer::credits monthly, coffer::money price) {
        return plan_of(
            {allowance(monthly, price), without_refill("package", coffer::expiry::never{})});
    };
    customer c{{{"small", tier(100_cr, usd(1'000))}, {"large", tier(300_cr, usd(3'000))}}};
    c.w.grant({.bucket = "package", .amount = 40_cr, .paid = usd(400), .request = "p"}).or_throw();
    c.spend(90_cr).or_throw();
    c.w.change({.plan = "large", .paid = usd(2'000), .request = "invoice"}).or_throw();
    const auto now = c.w.balance().or_throw();
    CHECK(now.available == 250_cr);
    CHECK(now.allowance == 300_cr);
    c.go("2026-02-01T00:00:00Z");  // 210 of the allowance were not used, and are not bought credits
    CHECK(c.available() == 340_cr);
}

TEST_CASE("row E2: four packs at their prices, which burn after the quota and never expire") {
    auto plan =
        plan_of({allowance(100_cr, usd(0)), without_refill("packs", coffer::expiry::never{})});
    const auto sold = [](std::string offer, coffer::credits tokens, std::int64_t cents) {
        return coffer::pack{.offer = std::move(offer),
                            .credits = tokens,
                            .price = coffer::money::from_minor(cents, "EUR"),
                            .into = "packs"};
    };
    plan.catalogue = {sold("starter", 1'000'000_cr, 500), sold("standard", 2'500'000_cr, 1'000),
                      sold("plus", 7'000'000_cr, 2'500), sold("pro", 15'000'000_cr, 5'000)};
    customer c{{{"tokens", plan}}};
    texts bought;
    for (std::string_view offer : {"starter", "standard", "plus", "pro"}) {
        const auto order = c.w.buy({.offer = offer, .request = "cart/" + std::string{offer}});
        const std::string paid = "webhook/" + std::string{offer};
        const auto granted = c.w.confirm({.order = order.or_throw().id, .request = paid});
        const auto done = c.w.order(order->id).or_throw();
        CHECK(granted.or_throw().kind == coffer::entry_kind::purchased);
        bought.push_back(std::string{to_string(done.what.amount).view()} + " for " +
                         std::string{to_string(done.what.price).view()});
    }
    CHECK(bought == texts{"1000000 for 5.00 EUR", "2500000 for 10.00 EUR", "7000000 for 25.00 EUR",
                          "15000000 for 50.00 EUR"});
    CHECK(c.available() == 25'500'100_cr);
    c.spend(100_cr).or_throw();
    const auto packs = coffer::bucket_id::of("packs");
    CHECK(c.w.balance().or_throw().available_in(packs) == 25'500'000_cr);  // the quota first
    c.spend(50_cr).or_throw();
    CHECK(c.available() == 25'499'950_cr);
    c.go("2056-01-01T00:00:00Z");
    CHECK(c.available() == 25'500'050_cr);
}
