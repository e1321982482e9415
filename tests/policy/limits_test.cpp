#include "support/catch.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/policy/limits.hpp>

#include <string>
#include <vector>

using namespace coffer::literals;
using coffer::errc;
using coffer::window;

namespace {

struct limited_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &limited_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::limits limits{{.member = "*", .per = window::day, .amount = 50_cr},
                          {.member = "design/bot-7",
                           .action = "ai/advanced",
                           .per = window::period,
                           .amount = 5_cr,
                           .warn = true}};
    coffer::unnamed::refuse unnamed{};
};
static_assert(coffer::check_plan<limited_plan>());
static_assert(coffer::limits_policy<coffer::limits>);
static_assert(coffer::limits_policy<std::vector<coffer::limit>>);
static_assert(!coffer::limits_policy<std::vector<int>>);
static_assert(coffer::unnamed_policy<coffer::unnamed::pass>);
static_assert(!coffer::unnamed_policy<coffer::refusals::retry>);

}  // namespace

TEST_CASE("rule 32: a plan's limits come to the ledger as they stand, of an any_plan as well") {
    const limited_plan plan;
    const coffer::detail::compiled<limited_plan> of_static{plan};
    const coffer::detail::compiled<coffer::any_plan> of_any{coffer::any_plan{plan}};
    REQUIRE(of_static.limits.size() == 2);
    CHECK(of_static.limits == of_any.limits);
    CHECK(of_static.order == of_any.order);
    CHECK(of_static.refuses_unnamed);
    CHECK(of_any.refuses_unnamed);
    const coffer::limit_terms& second = of_static.limits[1];
    CHECK(second.member == "design/bot-7");
    CHECK(second.action == "ai/advanced");
    CHECK(second.resource.empty());
    CHECK(second.per == window::period);
    CHECK(second.amount == 5_cr);
    CHECK(second.warn);
    CHECK(of_static.category("chat").empty());
}

TEST_CASE("rule 32: the order of limits is part of what identifies them") {
    const coffer::limit a{.member = "a", .amount = 1_cr};
    const coffer::limit b{.member = "b", .amount = 1_cr};
    const auto print = [](const std::vector<coffer::limit>& all) {
        std::vector<coffer::limit_terms> terms;
        for (const coffer::limit& l : all) terms.push_back(terms_of(l));
        return coffer::detail::fingerprint_of(terms);
    };
    CHECK(print({}) == 0);
    CHECK(print({a, b}) != print({b, a}));
    CHECK(print({a, a}) != 0);
    coffer::limit other = a;
    other.warn = true;
    CHECK(print({a}) != print({other}));
    other = a;
    other.per = window::draw;
    CHECK(print({a}) != print({other}));
}

TEST_CASE("rule 32: a limit looks at something, by paths, and is not negative") {
    const auto sound = [](const coffer::limit& l) { return is_limit(terms_of(l)); };
    CHECK(sound({.member = "*", .amount = 0_cr}));
    CHECK(sound({.tag = "a=b", .per = window::draw, .amount = 1_cr}));
    CHECK(sound({.action = std::string(95, 'a'), .amount = 1_cr}));
    CHECK_FALSE(sound({.amount = 1_cr}));
    CHECK_FALSE(sound({.member = "a", .amount = coffer::credits::from_micros(-1)}));
    for (const char* wrong : {"/", "a/", "/a", "a//b", "a\tb", "a\x7f"}) {
        CAPTURE(wrong);
        CHECK_FALSE(sound({.resource = wrong, .amount = 1_cr}));
        CHECK_FALSE(sound({.member = "a", .resource = wrong, .amount = 1_cr}));
    }
    CHECK_FALSE(sound({.action = std::string(96, 'a'), .amount = 1_cr}));
}

TEST_CASE("rule 32: a path holds for all below it by whole segments") {
    using coffer::detail::lies_in;
    CHECK(lies_in("design", "design"));
    CHECK(lies_in("design/ada/bot-7", "design"));
    CHECK(lies_in("design/ada/bot-7", "design/ada"));
    CHECK_FALSE(lies_in("designers", "design"));
    CHECK_FALSE(lies_in("design", "design/ada"));
    CHECK_FALSE(lies_in("", "design"));
}

TEST_CASE("an any_plan says which of its limits makes no sense") {
    coffer::any_plan plan{limited_plan{}};
    CHECK(plan.check());
    plan.limits = coffer::limits{{.member = "a", .amount = 1_cr}, {.amount = 1_cr}};
    auto wrong = plan.check();
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().path == "plan.limits[1]");
    CHECK(wrong.error() == errc::invalid_argument);
    plan.limits = coffer::limits{std::vector<coffer::limit>(101, {.member = "a"})};
    CHECK(plan.check().error() == errc::too_many);
}
