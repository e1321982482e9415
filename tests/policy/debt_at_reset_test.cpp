#include "support/catch.hpp"

#include <coffer/plan/any_policy.hpp>
#include <coffer/policy/debt_at_reset.hpp>

namespace debt_at_reset = coffer::debt_at_reset;

namespace {

struct for_some {
    bool generous = true;
    bool drops() const { return generous; }
};
struct answers_int {
    int drops() const { return 1; }
};
struct silent {};

}  // namespace

TEST_CASE("debt is kept or dropped, as the policy's name says") {
    CHECK_FALSE(debt_at_reset::keep{}.drops());
    CHECK(debt_at_reset::drop{}.drops());
    STATIC_REQUIRE(debt_at_reset::drop{}.drops());
}

TEST_CASE("a policy of debt at reset answers a bool") {
    STATIC_REQUIRE(coffer::debt_at_reset_policy<debt_at_reset::keep>);
    STATIC_REQUIRE(coffer::debt_at_reset_policy<debt_at_reset::drop>);
    STATIC_REQUIRE(coffer::debt_at_reset_policy<for_some>);
    STATIC_REQUIRE_FALSE(coffer::debt_at_reset_policy<answers_int>);
    STATIC_REQUIRE_FALSE(coffer::debt_at_reset_policy<silent>);
}

TEST_CASE("an erased policy of debt at reset answers as its model does, and keeps by default") {
    CHECK_FALSE(coffer::any_debt_at_reset{}.drops());
    CHECK(coffer::any_debt_at_reset{debt_at_reset::drop{}}.drops());
    CHECK_FALSE(coffer::any_debt_at_reset{for_some{false}}.drops());
}
