// The program of the page on subscriptions: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <string_view>
#include <tuple>

using namespace coffer::literals;

namespace {

// [tiers]
/// So many credits a month at a price, recurring top-ups, and packs that last.
coffer::any_plan tier(coffer::credits monthly, coffer::money price, coffer::credits post) {
    coffer::cost_table cost;
    cost.set("post", coffer::cost::flat{post});
    return coffer::any_plan{
        {.cost = cost,
         .buckets = {{.name = "budget",
                      .refill = coffer::refill::monthly{.amount = monthly, .price = price},
                      .rollover = coffer::rollover::none{},
                      .expiry = coffer::expiry::at_period_end{},
                      .refund = coffer::refund::none{}},
                     {.name = "topup",
                      .refill = coffer::refill::none{},
                      .rollover = coffer::rollover::none{},
                      .expiry = coffer::expiry::at_period_end{},
                      .refund = coffer::refund::none{}}},
         .overdraft = coffer::overdraft::deny{},
         .access = coffer::access::anyone{},
         .subscription = {.upgrades = coffer::upgrade::difference, .grace = coffer::days{7}}}};
}

coffer::plan_book on_sale() {
    coffer::plan_book book;
    book.add("pro", tier(100_cr, usd("10.00"), 2_cr)).or_throw();
    book.add("team", tier(300_cr, usd("30.00"), 1_cr)).or_throw();
    book.set_default("pro").or_throw();
    return book;
}
// [/tiers]

/// A customer of Pro since the first of January.
struct customer {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets<coffer::plan_book, coffer::memory_store, coffer::manual_clock> wallets{
        on_sale(), store, clock};
    coffer::wallet acme = wallets["acme"];

    customer() { acme.start().or_throw(); }
    void go(std::string_view when) { clock.set(at(when)); }
    coffer::credits available() const { return acme.balance().or_throw().available; }
    coffer::credits price() const { return acme.quote({.action = "post"}).or_throw().receipt.cost; }
};

void upgrade() {
    customer c;
    const coffer::wallet& acme = c.acme;
    c.go("2026-01-16T12:00:00Z");
    // [upgrade]
    const auto shown = acme.preview({.plan = "team"}).or_throw();
    holds(shown.due_today == usd("20.00"));
    holds(shown.granted == 200_cr);
    holds(shown.next_payment == usd("30.00"));
    holds(shown.next_at == at("2026-02-01T00:00:00Z"));

    // The customer agreed and paid the invoice, whose number is the request's id:
    acme.change({.plan = "team", .paid = usd("20.00"), .request = "invoice-17"}).or_throw();
    // [/upgrade]
    holds(c.available() == 300_cr);
    holds(c.price() == 1_cr);
}

void parts() {
    using coffer::upgrade;
    for (const auto& [how, available, due] : {std::tuple{upgrade::difference, 300_cr, usd("20.00")},
                                              std::tuple{upgrade::prorate, 200_cr, usd("10.00")},
                                              std::tuple{upgrade::full, 400_cr, usd("30.00")},
                                              std::tuple{upgrade::later, 100_cr, usd("0.00")}}) {
        customer c;
        c.go("2026-01-16T12:00:00Z");
        holds(c.acme.preview({.plan = "team", .how = how}).or_throw().due_today == due);
        c.acme.change({.plan = "team", .how = how}).or_throw();
        holds(c.available() == available);
        c.go("2026-02-01T00:00:00Z");
        holds(c.available() == 300_cr);
    }
}

void downgrade() {
    customer c;
    const coffer::wallet& acme = c.acme;
    acme.change({.plan = "team"}).or_throw();
    // [downgrade]
    acme.change({.plan = "pro"}).or_throw();  // waits: 300 credits and Team's prices until then
    holds(c.available() == 300_cr);
    holds(c.price() == 1_cr);

    acme.keep().or_throw();  // the customer stays with Team
    // [/downgrade]
    c.go("2026-02-01T00:00:00Z");
    holds(c.available() == 300_cr);
    acme.change({.plan = "pro"}).or_throw();
    c.go("2026-03-01T00:00:00Z");
    holds(c.available() == 100_cr);
    holds(c.price() == 2_cr);
}

void add_on() {
    customer c;
    const coffer::wallet& acme = c.acme;
    // [add_on]
    acme.add_on({.bucket = "topup", .allowance = 200_cr, .price = usd("9.00")}).or_throw();
    holds(c.available() == 300_cr);

    acme.add_on({.bucket = "topup", .allowance = 0_cr}).or_throw();  // removed, and still there
    holds(c.available() == 300_cr);
    c.go("2026-02-01T00:00:00Z");
    holds(c.available() == 100_cr);
    // [/add_on]
}

void trial() {
    customer c;
    auto ada = c.wallets["ada"];
    // [trial]
    ada.start({.plan = "team", .trial_until = at("2026-01-15T00:00:00Z"), .then = "pro"})
        .or_throw();
    holds(ada.balance().or_throw().available == 300_cr);
    c.go("2026-01-15T00:00:00Z");
    holds(ada.balance().or_throw().available == 100_cr);  // Pro's, to the 15th of February
    // [/trial]
}

void paused() {
    customer c;
    const coffer::wallet& acme = c.acme;
    // [pause]
    acme.pause().or_throw();
    holds(acme.charge({.action = "post"}) == coffer::errc::wallet_paused);
    c.go("2026-02-10T00:00:00Z");
    acme.unpause().or_throw();
    holds(c.available() == 0_cr);  // February was skipped
    c.go("2026-03-01T00:00:00Z");
    holds(c.available() == 100_cr);
    // [/pause]
}

void unpaid() {
    customer c;
    const coffer::wallet& acme = c.acme;
    c.go("2026-01-30T00:00:00Z");
    // [past_due]
    acme.past_due().or_throw();  // the card was declined
    c.go("2026-02-01T00:00:00Z");
    holds(c.available() == 0_cr);
    c.go("2026-02-03T00:00:00Z");
    acme.paid({.request = "invoice-18"}).or_throw();
    holds(c.available() == 100_cr);  // all of February's
    // [/past_due]
}

}  // namespace

int main() {
    upgrade();
    parts();
    downgrade();
    add_on();
    trial();
    paused();
    unpaid();
    return figures.verdict(33);
}
