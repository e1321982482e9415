#include "support/catch.hpp"

#include <coffer/policy/late.hpp>

using namespace std::chrono_literals;

TEST_CASE("by default no event may lie back, and a clock may differ by a few seconds") {
    const coffer::late_events standard;
    CHECK(standard.back == 0us);
    CHECK(standard.ahead > 0us);
    CHECK(standard.ahead < 1min);
    const coffer::late_events patient{.back = 24h};
    CHECK(patient.back == 86'400s);
    CHECK(patient.ahead == standard.ahead);
}
