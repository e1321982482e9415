// The program of the page on auto-recharge: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <chrono>
#include <string>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// [token_plan]
struct token_plan {
    coffer::cost_table cost{};

    struct {
        coffer::refill::monthly refill{.amount = 1'000'000_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } quota{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } packs{};

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"quota", &token_plan::quota},
                                                     coffer::bucket{"packs", &token_plan::packs});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};

    coffer::catalogue catalogue{
        {.offer = "standard", .credits = 2'500'000_cr, .price = eur("10.00"), .into = "packs"}};
    coffer::recharge recharge{
        .offer = "standard", .below = 500'000_cr, .of = {"packs"}, .monthly = eur("50.00")};
};
static_assert(coffer::check_plan<token_plan>());
// [/token_plan]

// [recharge_amounts]
const coffer::recharge fixed{
    .amount = 50_cr, .into = "packs", .price = eur("5.00"), .below = 10_cr};
const coffer::recharge whole_packs{
    .amount = 50_cr, .pack = 50_cr, .into = "packs", .price = eur("5.00"), .below = 10_cr};
const coffer::recharge to_a_target{
    .to = 80_cr, .into = "packs", .each = eur("0.10"), .below = 10_cr, .times = 4};
// [/recharge_amounts]

void below_the_threshold() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{token_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({}).or_throw();
    acme.confirm({.order = acme.orders().or_throw()[0].id}).or_throw();
    acme.charge({.amount = 3'000'000_cr}).or_throw();
    holds(acme.orders().or_throw().empty());  // at the threshold
    acme.charge({.amount = 1_cr, .request = "c-1"}).or_throw();
    const auto waiting = store.notices(10).or_throw();
    holds(waiting.size() == 2 && waiting[1].kind == "order_placed" && waiting[1].text == "7");
    // [pay_orders]
    for (const coffer::placed_order& order : acme.orders().or_throw()) {
        if (!order.is_automatic()) continue;  // a customer is at it
        // your_provider.charge(saved_card, order.what.price, order.key());
        acme.confirm({.order = order.id, .reference = "pi_3", .request = "webhook-88"}).or_throw();
    }
    // [/pay_orders]
    holds(acme.balance().or_throw().available == 2'999'999_cr);
    acme.confirm({.order = coffer::order_id{7}, .request = "webhook-89"}).or_throw();
    holds(acme.balance().or_throw().available == 2'999'999_cr);
}

void failures() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T10:00:00Z")};
    coffer::wallets wallets{token_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({}).or_throw();
    const coffer::order_id order = acme.orders().or_throw().at(0).id;
    // [card_declined]
    acme.fail({.order = order, .reason = "card declined", .request = "webhook-90"}).or_throw();
    // [/card_declined]
    clock.set(at("2026-01-01T10:59:59Z"));
    acme.charge({.amount = 1_cr}).or_throw();
    holds(acme.orders().or_throw().empty());
    clock.set(at("2026-01-01T11:00:00Z"));
    wallets.sweep().or_throw();
    holds(acme.orders().or_throw().size() == 1);
    acme.confirm({.order = order}).or_throw();  // the bank was slow: it is granted all the same
    holds(acme.balance().or_throw().available == 3'499'999_cr);
}

void history() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{token_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({}).or_throw();
    acme.confirm({.order = acme.orders().or_throw().at(0).id, .reference = "pi_3"}).or_throw();
    // [bought_by_itself]
    const auto bought = acme.history({.kinds = {coffer::entry_kind::purchased},
                                      .origin = coffer::order_origin::automatic})
                            .or_throw();
    const auto by_reference = acme.history({.reference = "pi_3"}).or_throw();
    // [/bought_by_itself]
    holds(bought.entries.size() == 1 && by_reference.entries.size() == 1);
    holds(acme.name_of(coffer::lot_id{bought.entries[0].id.value()}).or_throw() == "recharge#1");
}

void others() {
    for (const coffer::recharge& r : {fixed, whole_packs, to_a_target}) {
        coffer::any_plan plan{token_plan{}};
        plan.recharge = r;
        holds(plan.check().has_value());
    }
}

}  // namespace

int main() {
    below_the_threshold();
    failures();
    history();
    others();
    return figures.verdict(12);
}
