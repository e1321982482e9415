// The program of the page on selling packs: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>
#include <coffer/testing/scripted_gateway.hpp>
#include <coffer/wallet/payer.hpp>

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>

using namespace coffer::literals;

namespace {

using coffer::testing::does;

// [catalogue]
const coffer::catalogue shop{
    {.offer = "starter", .credits = 100_cr, .price = usd("10.00"), .into = "packs"},
    {.offer = "basic", .credits = 250_cr, .price = usd("25.00"), .into = "packs"},
    {.offer = "popular", .credits = 550_cr, .price = usd("50.00"), .into = "packs"},
    {.offer = "pro",
     .credits = 1'100_cr,
     .price = usd("100.00"),
     .into = "packs",
     .bonus = 50_cr,
     .bonus_into = "bonus",
     .plans = {"team"},
     .prices = {{"app_store", usd("119.99")}, {"google_play", usd("114.99")}}}};
// [/catalogue]

// [selling_plan]
struct team_plan {
    coffer::cost_table cost{{"campaign", coffer::cost::flat{150_cr}}};

    struct pocket {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::none refund{};
    };
    pocket bonus{};
    pocket packs{};

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"bonus", &team_plan::bonus},
                                                     coffer::bucket{"packs", &team_plan::packs});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::recharge recharge{.offer = "popular", .below = 100_cr, .monthly = usd("100.00")};
};
static_assert(coffer::check_plan<team_plan>());
// [/selling_plan]

void prices() {
    // [per_credit]
    for (const coffer::sale& s : shop.for_sale({.plan = "team"})) {
        std::printf("%s: %s\n", s.pack->offer.c_str(), to_string(s.per_credit()).c_str());
    }
    holds(to_string(shop.sell("starter", {})->per_credit()).view() == "0.100 USD");
    holds(to_string(shop.sell("popular", {})->per_credit()).view() == "0.091 USD");
    // [/per_credit]

    // [who]
    holds(shop.sell("pro", {.plan = "free"}) == coffer::errc::purchase_refused);
    holds(shop.sell("pro", {.plan = "team/app_store", .channel = "app_store"})->price ==
          usd("119.99"));
    // [/who]

    // [cheapest]
    const coffer::buyer anyone{};
    holds((*shop.cheapest(320_cr, anyone))->pack->offer == "popular");
    const auto several = shop.cover(320_cr, anyone).or_throw();
    holds(several.price == usd("35.00"));  // a starter and a basic
    holds(several.brings == 350_cr);
    holds(several.is_cheapest());
    // [/cheapest]
}

void lacking() {
    coffer::memory_store store;
    const coffer::plan_set plans{shop, coffer::named{"team", team_plan{}}};
    coffer::wallets wallets{plans, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "packs", .amount = 120_cr}).or_throw();
    // [lacking]
    const coffer::charge_request launch{.action = "campaign", .request = "launch-7"};
    auto done = acme.charge(launch);
    if (done == coffer::errc::insufficient_credits) {
        const auto advice = acme.cover(launch).or_throw();  // what to show beside the button
        holds(advice.missing == 30_cr);
        holds(advice.pack->pack->offer == "starter");
    }
    // [/lacking]
    coffer::testing::scripted_gateway gateway;
    coffer::payer payer{wallets, gateway};
    // [buy]
    const auto order = acme.buy({.offer = "starter", .request = "cart-7"}).or_throw();
    const auto paid = payer.pay("acme", order.id);  // with the saved card
    if (paid && paid->state == coffer::order_state::confirmed) {
        done = acme.charge(launch);  // the same request: it was never charged before
    }
    holds(done && acme.balance()->available == 70_cr);
    // [/buy]
}

// [gateway]
/// Your provider's client: `charge` sends the key as the idempotency key and as metadata, `find`
/// looks for payments with that metadata.
class my_gateway {
public:
    coffer::result<std::optional<coffer::payment_answer>> find(std::string_view key) {
        const auto known = made_.find(std::string{key});
        if (known == made_.end()) return std::optional<coffer::payment_answer>{};
        return std::optional{known->second};
    }
    coffer::result<coffer::payment_answer> charge(const coffer::payment_request& r) {
        const auto [payment, is_new] = made_.try_emplace(
            r.key, coffer::payment_answer{.state = coffer::payment_state::succeeded,
                                          .reference = "ch_" + std::to_string(made_.size() + 1),
                                          .paid = r.price});
        return payment->second;
    }

private:
    std::map<std::string, coffer::payment_answer> made_;
};
// [/gateway]

void paying() {
    coffer::memory_store store;
    const coffer::plan_set plans{shop, coffer::named{"team", team_plan{}}};
    coffer::wallets wallets{plans, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "packs", .amount = 240_cr}).or_throw();
    acme.charge({.action = "campaign"}).or_throw();  // 90 are left: the plan orders a pack
    my_gateway gateway;
    // [payer]
    coffer::payer payer{wallets, gateway};
    const coffer::payments done = payer.run(100).or_throw();  // from a job, as often as you like
    holds(done.confirmed == 1);
    holds(acme.balance()->available == 640_cr);
    // [/payer]
    holds(payer.run(100)->confirmed == 0);
}

void testing() {
    coffer::memory_store store;
    const coffer::plan_set plans{shop, coffer::named{"team", team_plan{}}};
    coffer::wallets wallets{plans, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "packs", .amount = 240_cr}).or_throw();
    acme.charge({.action = "campaign"}).or_throw();
    // [scripted]
    coffer::testing::scripted_gateway gateway;
    gateway.next({does::takes_and_times_out});
    coffer::payer payer{wallets, gateway};
    holds(payer.run()->waiting == 1);  // money was taken, and nobody heard of it
    gateway.forget_keys();             // a day goes by
    holds(payer.run()->confirmed == 1);
    holds(gateway.taken() == 1);
    // [/scripted]
}

}  // namespace

int main() {
    prices();
    lacking();
    paying();
    testing();
    return figures.verdict(17);
}
