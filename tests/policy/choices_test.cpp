#include "support/catch.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/policy/choices.hpp>

using namespace coffer::literals;
using coffer::percent;
using coffer::window;

namespace {

struct choosing_plan {
    coffer::cost_table cost{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &choosing_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::choices choices{
        .alerts = 2,
        .limits = 3,
        .budget = true,
        .recharge = {.allowed = true,
                     .offers = {"small"},
                     .most_threshold = 9_cr,
                     .most_monthly_limit = coffer::money::from_minor(5, "USD")},
        .defaults = {.alerts = {{.name = "a", .at = percent{10}}},
                     .limits = {{.member = "*", .per = window::day, .amount = 4_cr}},
                     .budget = coffer::budget{7_cr, window::week, true},
                     .recharge = coffer::recharge_setting{.on = false, .offer = "small"}}};
    unsigned revision = 3;
};
static_assert(coffer::check_plan<choosing_plan>());

using compiled_choosing = coffer::detail::compiled<choosing_plan>;
using compiled_any = coffer::detail::compiled<coffer::any_plan>;

}  // namespace

TEST_CASE("rule 42: a plan's choices come to the ledger as they stand, of an any_plan as well") {
    const choosing_plan plan;
    const compiled_choosing of_static{plan};
    const compiled_any of_any{coffer::any_plan{plan}};
    CHECK(of_static.choices == of_any.choices);
    CHECK(of_static.revision == 3);
    CHECK(of_any.revision == 3);
    CHECK(of_static.rules == of_any.rules);
    CHECK(of_static.order == of_any.order);
    const coffer::choice_rules& rules = of_static.choices;
    CHECK(rules.alerts == 2);
    CHECK(rules.limits == 3);
    CHECK(rules.budget);
    CHECK(rules.recharge);
    REQUIRE(rules.offers.size() == 1);
    CHECK(rules.offers[0] == "small");
    CHECK(rules.most_threshold == 9_cr);
    CHECK(rules.most_monthly == coffer::money::from_minor(5, "USD"));
    const coffer::choice_set& defaults = rules.defaults;
    REQUIRE(defaults.alerts.size() == 1);
    CHECK(defaults.alerts[0].own);
    CHECK(defaults.limits[0].amount == 4_cr);
    CHECK(defaults.budget->per == window::week);
    CHECK(defaults.budget->warn);
    CHECK_FALSE(defaults.recharge.on);
}

TEST_CASE("rule 48: what identifies a plan's rules differs with each of them and the revision") {
    const coffer::any_plan plain{choosing_plan{}};
    std::vector<std::uint64_t> seen{compiled_any{plain}.rules};
    const auto differs = [&](auto&& change) {
        coffer::any_plan other = plain;
        change(other);
        seen.push_back(compiled_any{other}.rules);
    };
    differs([](auto& p) { p.revision = 4; });
    differs([](auto& p) { p.choices.alerts = 1; });
    differs([](auto& p) { p.choices.limits = 1; });
    differs([](auto& p) { p.choices.budget = false; });
    differs([](auto& p) { p.choices.recharge.allowed = false; });
    differs([](auto& p) { p.choices.recharge.offers = {"large"}; });
    differs([](auto& p) { p.choices.recharge.most_threshold = {}; });
    differs([](auto& p) { p.choices.recharge.most_monthly_limit = {}; });
    differs([](auto& p) { p.choices.defaults.alerts = {}; });
    differs([](auto& p) { p.choices.defaults.limits = {}; });
    differs([](auto& p) { p.choices.defaults.budget = {}; });
    differs([](auto& p) { p.choices.defaults.recharge = {}; });
    std::sort(seen.begin(), seen.end());
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
    coffer::any_plan none = plain;
    none.choices = {};
    none.revision = 0;
    CHECK(compiled_any{none}.rules == 0);
}

TEST_CASE("rule 42: an any_plan says which of its choices make no sense") {
    coffer::any_plan plan{choosing_plan{}};
    REQUIRE(plan.check());
    SECTION("alerts") { plan.choices.alerts = 63; }
    SECTION("limits") { plan.choices.limits = 100; }
    SECTION("a default alert") { plan.choices.defaults.alerts = {{.name = ""}}; }
    SECTION("a default limit") { plan.choices.defaults.limits = {{.amount = 1_cr}}; }
    SECTION("a default budget") {
        plan.choices.defaults.budget = coffer::budget{coffer::credits::from_micros(-1)};
    }
    SECTION("an offer") { plan.choices.recharge.offers = {std::string(64, 'a')}; }
    CHECK(plan.check() == coffer::errc::policy_contract);
    CHECK(plan.check().error().path == "plan.choices");
}

TEST_CASE("rule 48: a revision below zero is none") {
    struct below : choosing_plan {
        int revision = -1;
    };
    CHECK(coffer::detail::revision_of(below{}) == 0);
}
