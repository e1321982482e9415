#include "support/catch.hpp"

#include <coffer/plan/any_policy.hpp>
#include <coffer/policy/clawback.hpp>

using coffer::shortfall;
namespace clawback = coffer::clawback;

namespace {

struct by_the_hour {
    bool night = false;
    shortfall of_spent() const { return night ? shortfall::owed : shortfall::refused; }
};
struct answers_bool {
    bool of_spent() const { return true; }
};
struct not_const {
    shortfall of_spent() { return shortfall::owed; }
};
struct silent {};

}  // namespace

TEST_CASE("each claw-back policy says what becomes of spent credits") {
    CHECK(clawback::refuse{}.of_spent() == shortfall::refused);
    CHECK(clawback::clamp{}.of_spent() == shortfall::uncollected);
    CHECK(clawback::negative{}.of_spent() == shortfall::owed);
    STATIC_REQUIRE(clawback::negative{}.of_spent() == shortfall::owed);
}

TEST_CASE("a claw-back policy answers a shortfall, and is const") {
    STATIC_REQUIRE(coffer::clawback_policy<clawback::refuse>);
    STATIC_REQUIRE(coffer::clawback_policy<clawback::clamp>);
    STATIC_REQUIRE(coffer::clawback_policy<clawback::negative>);
    STATIC_REQUIRE(coffer::clawback_policy<by_the_hour>);
    STATIC_REQUIRE_FALSE(coffer::clawback_policy<answers_bool>);
    STATIC_REQUIRE_FALSE(coffer::clawback_policy<not_const>);
    STATIC_REQUIRE_FALSE(coffer::clawback_policy<silent>);
}

TEST_CASE("an erased claw-back policy answers as its model does, and clamps by default") {
    CHECK(coffer::any_clawback{}.of_spent() == shortfall::uncollected);
    CHECK(coffer::any_clawback{clawback::refuse{}}.of_spent() == shortfall::refused);
    CHECK(coffer::any_clawback{by_the_hour{true}}.of_spent() == shortfall::owed);
}
