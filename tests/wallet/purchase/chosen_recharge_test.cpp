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

TEST_CASE("rule 42: a choice of a pack that is not sold buys nothing, and refuses nothing") {
    token_plan plan = open_to_choice();
    plan.choices.recharge.offers.push_back("sold out");
    chosen_lab<> l{plan};
    CHECK(l.choose({.offer = "elsewhere"}) == errc::choice_refused);
    l.choose({.offer = "sold out"}).or_throw();
    l.charge(99_cr);
    CHECK(l.w.charge({.amount = 2_cr}) == errc::insufficient_credits);
    CHECK(l.placed().empty());
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
