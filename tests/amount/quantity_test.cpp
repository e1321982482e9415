#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/amount/quantity.hpp>

using coffer::errc;
using coffer::quantity;
using coffer_test::big;
using coffer_test::edgy_numbers;
using coffer_test::fitting;
using namespace coffer::literals;

TEST_CASE("quantities add, subtract and count exactly, or are amount_overflow") {
    edgy_numbers random{51};
    int fitted = 0;
    int overflowed = 0;
    const auto agrees = [&](const coffer::checked<quantity>& got, const big& exact) {
        const auto want = fitting(exact);
        ++(want ? fitted : overflowed);
        return want ? got == quantity::from_micros(*want) : got == errc::amount_overflow;
    };
    for (int i = 0; i < 150'000; ++i) {
        const std::int64_t a = random.any();
        const std::int64_t b = random.any();
        const auto x = quantity::from_micros(a);
        const auto y = quantity::from_micros(b);
        const bool same = agrees(x + y, big{a} + b) && agrees(x - y, big{a} - b) &&
                          agrees(quantity::whole(a), big{a} * 1'000'000);
        if (!same) FAIL(a << " and " << b);
    }
    CHECK(fitted > 50'000);
    CHECK(overflowed > 20'000);
}

TEST_CASE("a chain of quantities stops at its first error and keeps it") {
    const auto most = quantity::from_micros(std::numeric_limits<std::int64_t>::max());
    CHECK(1.5_units + 2_units - 0.5_units == 3_units);
    CHECK(most + 1_units - 1_units == errc::amount_overflow);
    CHECK(quantity::parse("x") + (most + 1_units) == errc::invalid_argument);
    CHECK((most + 1_units) - quantity::parse("x") == errc::invalid_argument);
}

TEST_CASE("a quantity reads back as it is written") {
    edgy_numbers random{52};
    for (int i = 0; i < 100'000; ++i) {
        const auto amount = quantity::from_micros(random.any());
        if (!(quantity::parse(to_string(amount).view()) == amount)) {
            FAIL(amount.micros());
        }
    }
    CHECK(quantity::parse("0.0000001") == errc::invalid_argument);
    CHECK(quantity::parse("1e18") == errc::amount_overflow);
}
