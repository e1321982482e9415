#include "support/catch.hpp"

#include <coffer/policy/refill.hpp>

using namespace coffer::literals;
namespace refill = coffer::refill;

TEST_CASE("none never refills") {
    CHECK(refill::none{}.cadence().is_zero());
    CHECK(refill::none{}.allowance({}) == 0_cr);
    CHECK(refill::none{}.paid().is_none());
}

TEST_CASE("monthly refills each calendar month with its amount, at its price") {
    const refill::monthly m{.amount = 100_cr, .price = coffer::money::from_minor(999, "EUR")};
    CHECK(m.cadence() == coffer::timespan{coffer::months{1}});
    CHECK(m.allowance({.index = 7}) == 100_cr);
    CHECK(m.paid() == coffer::money::from_minor(999, "EUR"));
    CHECK(refill::monthly{}.paid().is_none());
}

TEST_CASE("every refills at any distance: calendar units or an exact length") {
    const refill::every weekly{.length = coffer::weeks{1}, .amount = 5_cr};
    CHECK(weekly.cadence() == coffer::timespan{coffer::days{7}});
    const refill::every hourly{.length = std::chrono::hours{1}, .amount = 5_cr};
    CHECK(hourly.cadence().exact() == std::chrono::hours{1});
    CHECK(hourly.allowance({}) == 5_cr);
    CHECK(refill::every{}.cadence().is_zero());
}
