#include "support/catch.hpp"

#include <coffer/plan/any_policy.hpp>
#include <coffer/policy/refusals.hpp>

namespace refusals = coffer::refusals;

namespace {

struct as_configured {
    bool strict = false;
    bool stick() const { return strict; }
};
struct answers_int {
    int stick() const { return 1; }
};
struct silent {};

}  // namespace

TEST_CASE("a refusal may be retried or sticks, as the policy's name says") {
    CHECK_FALSE(refusals::retry{}.stick());
    CHECK(refusals::sticky{}.stick());
    STATIC_REQUIRE(refusals::sticky{}.stick());
}

TEST_CASE("a policy of refusals answers a bool") {
    STATIC_REQUIRE(coffer::refusals_policy<refusals::retry>);
    STATIC_REQUIRE(coffer::refusals_policy<refusals::sticky>);
    STATIC_REQUIRE(coffer::refusals_policy<as_configured>);
    STATIC_REQUIRE_FALSE(coffer::refusals_policy<answers_int>);
    STATIC_REQUIRE_FALSE(coffer::refusals_policy<silent>);
}

TEST_CASE("an erased policy of refusals answers as its model does, and retries by default") {
    CHECK_FALSE(coffer::any_refusals{}.stick());
    CHECK(coffer::any_refusals{refusals::sticky{}}.stick());
    CHECK(coffer::any_refusals{as_configured{true}}.stick());
}
