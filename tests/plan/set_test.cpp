#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/plan/set.hpp>

#include <type_traits>

using namespace coffer_test;

namespace {

using free_plan = coffer::plans::prepaid<>;
using pro_plan = coffer::plans::subscription<>;

coffer::plan_set<free_plan, pro_plan> free_and_pro() {
    return {coffer::named{"free", free_plan{.cost = {{"chat", coffer::cost::flat{2_cr}}}}},
            coffer::named{"pro", pro_plan{.cost = {{"chat", coffer::cost::flat{1_cr}}},
                                          .allowance = {.refill = {.amount = 100_cr}}}}};
}

}  // namespace

TEST_CASE("a set hands out each plan under its id, with its own type") {
    const auto plans = free_and_pro();
    auto is_pro = [](const auto& plan) {
        return std::is_same_v<std::remove_cvref_t<decltype(plan)>, pro_plan>;
    };
    CHECK(plans.visit("free", is_pro) == false);
    CHECK(plans.visit("pro", is_pro) == true);
    CHECK(plans.visit("pro", [](const auto& plan) {
        return plan.cost.price({.action = "chat"})->total;
    }) == 1_cr);
}

TEST_CASE("an id that a set does not have is unknown_plan") {
    const auto plans = free_and_pro();
    bool called = false;
    for (std::string_view id : {"gold", "Pro", "pro ", "fre"}) {
        const auto refused = plans.visit(id, [&](const auto&) { called = true; });
        REQUIRE(refused == coffer::errc::unknown_plan);
        CHECK(refused.error().subject() == id);
        CHECK_FALSE(plans.contains(id));
    }
    CHECK_FALSE(called);
    CHECK(plans.contains("free"));
    CHECK(plans.contains("pro"));
}

TEST_CASE("the first plan of a set is that of accounts without one") {
    const auto plans = free_and_pro();
    CHECK(plans.default_plan() == "free");
    CHECK(plans.ids() == std::vector<std::string>{"free", "pro"});
    CHECK(plans.visit("", [](const auto& plan) {
        return plan.cost.price({.action = "chat"})->total;
    }) == 2_cr);
}

TEST_CASE("a set computes what wallets need once for each plan") {
    const coffer::detail::plans_of<decltype(free_and_pro())> source{free_and_pro()};
    STATIC_REQUIRE(coffer::detail::chooses_by_account<decltype(free_and_pro())>);
    const auto first = source.find("pro");
    REQUIRE(first.has_value());
    CHECK(&**first == &**source.find("pro"));
    CHECK(&**first != &**source.find("free"));
    REQUIRE((*first)->buckets.size() == 2);
    CHECK((*first)->buckets[0].bucket == "allowance");
    CHECK((*first)->buckets[1].bucket == "package");
    CHECK(source.find("gold") == coffer::errc::unknown_plan);
}

TEST_CASE("a set passes the check of plans, and is none itself") {
    STATIC_REQUIRE(coffer::check_plan<decltype(free_and_pro())>());
    STATIC_REQUIRE_FALSE(coffer::plan<decltype(free_and_pro())>);
}

TEST_CASE("a set of one plan, erased or not, is a set") {
    const coffer::plan_set plans{coffer::named{"only", coffer::any_plan{pro_plan{}}}};
    CHECK(plans.default_plan() == "only");
    CHECK(plans.visit("only", [](const coffer::any_plan& plan) { return plan.buckets.size(); }) ==
          std::size_t{2});
}

TEMPLATE_TEST_CASE("wallets of a set follow the plan of each account", "", lends_heads,
                   gives_whole_pages) {
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{free_and_pro(), store, clock};
    auto ada = wallets["ada"];
    auto bob = wallets["bob"];
    ada.start({.plan = "pro"}).or_throw();
    for (auto* w : {&ada, &bob}) {
        w->grant({.bucket = "package", .amount = 10_cr}).or_throw();
        w->charge({.action = "chat"}).or_throw();
    }
    CHECK(ada.balance()->available == 109_cr);
    CHECK(bob.balance()->available == 8_cr);
    CHECK(bob.start({.plan = "gold"}) == coffer::errc::unknown_plan);
    bob.change({.plan = "pro", .how = coffer::upgrade::later}).or_throw();
    CHECK(bob.charge({.action = "chat"}).or_throw().cost == 1_cr);
}
