#include "support/wallet_fixture.hpp"
#include "wallet/purchase/fixture.hpp"

#include <coffer/ledger/choice.hpp>
#include <coffer/perform/configure.hpp>

using namespace coffer_test;
using coffer::errc;
using coffer::recharge_setting;

namespace {

/// What buys "standard" below ten credits of the packs, or as its customer likes.
token_plan open_to_choice() {
    token_plan plan = recharging();
    plan.choices.recharge = {.allowed = true, .offers = {"standard", "bonus"}};
    return plan;
}

template <class Store = coffer::memory_store>
struct chosen_lab : shop_lab<Store> {
    explicit chosen_lab(token_plan plan = open_to_choice()) : shop_lab<Store>{std::move(plan)} {
        this->grant(100_cr, {.bucket = "packs"});
    }
    coffer::result<coffer::receipt> choose(const recharge_setting& r) {
        return this->w.configure({.recharge = r});
    }
};

}  // namespace

TEMPLATE_TEST_CASE("rule 42: a customer switches the recharge off, and on again", "", lends_heads,
                   gives_whole_pages) {
    chosen_lab<TestType> l;
    l.choose({.on = false}).or_throw();
    l.charge(95_cr);
    CHECK(l.w.charge({.amount = 20_cr}) == errc::insufficient_credits);
    CHECK(l.placed().empty());
    l.choose({.on = true}).or_throw();  // it is low already
    CHECK(l.placed() == amounts{50_cr});
}

TEMPLATE_TEST_CASE("rule 42: a customer chooses the pack, the threshold and the most of a month",
                   "", lends_heads, gives_whole_pages) {
    chosen_lab<TestType> l;
    l.choose({.offer = "bonus", .threshold = 60_cr, .monthly_limit = euros(3'599)}).or_throw();
    l.charge(40_cr);
    CHECK(l.placed().empty());  // sixty is not below
    l.charge(1_cr);
    CHECK(l.placed() == amounts{100_cr});
    l.confirm(l.open());
    CHECK(l.available_in("gifts") == 10_cr);
    l.charge(120_cr);  // two of 18 euros are more than the month allows
    CHECK(l.placed() == amounts{100_cr});
    l.go("2026-02-01T00:00:00Z");
    l.charge(1_cr);
    CHECK(l.placed() == amounts{100_cr, 100_cr});
}

TEMPLATE_TEST_CASE("rule 42: what a plan does not buy by itself, a customer may have bought", "",
                   lends_heads, gives_whole_pages) {
    token_plan plan = open_to_choice();
    plan.recharge = {};
    chosen_lab<TestType> l{plan};
    l.charge(95_cr);
    CHECK(l.placed().empty());
    l.choose({.offer = "standard", .threshold = 5_cr}).or_throw();
    CHECK(l.placed().empty());
    l.charge(1_cr);
    CHECK(l.placed() == amounts{50_cr});
}

TEST_CASE(
    "rule 42: a recharge that would buy nothing is refused as a choice, and no charge by it") {
    token_plan plan = open_to_choice();
    plan.choices.recharge.offers.push_back("sold out");
    chosen_lab<> l{plan};
    CHECK(l.choose({.offer = "elsewhere"}) == errc::choice_refused);
    CHECK(l.choose({.offer = "sold out"}) == errc::choice_refused);
    const auto other_money = l.choose({.monthly_limit = usd(5'000)});
    CHECK(other_money == errc::choice_refused);
    CHECK(other_money.error().subject() == "recharge");
    l.charge(95_cr);
    CHECK(l.placed() == amounts{50_cr});  // as the plan has it
}

TEST_CASE("rule 42: a pack that was chosen and is sold no more is bought no more") {
    chosen_lab<> l;
    l.choose({.offer = "bonus"}).or_throw();
    token_plan without = open_to_choice();
    without.catalogue = {
        {.offer = "standard", .credits = 50_cr, .price = euros(1'000), .into = "packs"}};
    coffer::wallets next{without, l.store, l.clock};
    next["acme"].charge({.amount = 95_cr}).or_throw();
    CHECK(next["acme"].charge({.amount = 50_cr}) == errc::insufficient_credits);
    CHECK(l.placed().empty());
}

TEMPLATE_TEST_CASE("rule 31: a recharge by choice alone cures a refusal, too", "", lends_heads,
                   gives_whole_pages) {
    token_plan plan = open_to_choice();
    plan.recharge = {};
    chosen_lab<TestType> l{plan};
    CHECK(l.w.charge({.amount = 120_cr}) == errc::insufficient_credits);
    CHECK(l.placed().empty());
    l.choose({.offer = "standard", .threshold = 5_cr}).or_throw();
    CHECK(l.w.charge({.amount = 120_cr, .request = "c"}) == errc::insufficient_credits);
    CHECK(l.placed() == amounts{50_cr});
    l.confirm(l.open());
    l.w.charge({.amount = 120_cr, .request = "c"}).or_throw();
}

TEMPLATE_TEST_CASE("rule 48: a program of a lower revision lets what is bought wait for the higher",
                   "", lends_heads, gives_whole_pages) {
    token_plan older = recharging();
    older.revision = 1;
    token_plan newer = recharging();
    newer.recharge.below = 60_cr;
    newer.revision = 2;
    SECTION("which buys at another threshold") {}
    SECTION("where the lower buys nothing") { older.recharge = {}; }
    chosen_lab<TestType> l{older};
    coffer::wallets<token_plan, TestType, coffer::manual_clock> others{newer, l.store, l.clock};
    const auto next = others["acme"];
    next.charge({.amount = 1_cr}).or_throw();
    l.charge(45_cr);  // by the older program, below sixty
    CHECK(l.placed().empty());
    next.charge({.amount = 1_cr}).or_throw();
    CHECK(l.placed() == amounts{50_cr});
    // The two take turns, and nothing is put in order anew by it.
    const auto reordered = [&] { return l.entries().count(coffer::entry_kind::reordered); };
    l.grant(1_cr, {.bucket = "packs"});
    next.charge({.amount = 1_cr}).or_throw();
    const auto once = reordered();
    for (int i = 0; i < 5; ++i) {
        l.grant(1_cr, {.bucket = "packs"});
        next.charge({.amount = 1_cr}).or_throw();
    }
    CHECK(reordered() == once);
}

TEST_CASE("rule 42: a default that is off waits for the customer who wants it") {
    token_plan plan = open_to_choice();
    plan.choices.defaults.recharge = recharge_setting{.on = false};
    chosen_lab<> l{plan};
    l.charge(95_cr);
    CHECK(l.placed().empty());
    l.choose({}).or_throw();
    CHECK(l.placed() == amounts{50_cr});
}
