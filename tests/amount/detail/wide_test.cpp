#include "support/catch.hpp"

#include <coffer/amount/detail/wide.hpp>

#include <cstdint>
#include <limits>
#include <random>

using coffer::errc;
using coffer::detail::int128;
using coffer::detail::int128_max;
using coffer::detail::int128_min;
using coffer::detail::narrow;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

bool is_exactly(const coffer::checked<std::int64_t>& found, int128 expected) {
    const bool fits = expected >= least && expected <= most;
    return fits ? found && *found == expected : found == errc::amount_overflow;
}

}  // namespace

TEST_CASE("rule 2: a sum, a difference and a product fit, or are amount_overflow") {
    std::mt19937_64 random{1};
    // Of all magnitudes, so that about half of the products do not fit.
    const auto any = [&] { return static_cast<std::int64_t>(random()) >> (random() % 64); };
    int overflows = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t a = any();
        const std::int64_t b = any();
        const int128 wide_a = a;
        const auto product = coffer::detail::multiply(a, b);
        REQUIRE(is_exactly(coffer::detail::add(a, b), wide_a + b));
        REQUIRE(is_exactly(coffer::detail::subtract(a, b), wide_a - b));
        REQUIRE(is_exactly(product, wide_a * b));
        overflows += product ? 0 : 1;
    }
    CHECK(overflows > 5'000);
    CHECK(overflows < 15'000);
}

TEST_CASE("rule 2: what does not fit 64 bits is not cut off") {
    CHECK(narrow(most) == most);
    CHECK(narrow(least) == least);
    CHECK(narrow(int128{most} + 1) == errc::amount_overflow);
    CHECK(narrow(int128{least} - 1) == errc::amount_overflow);
}

TEST_CASE("rule 2: a product and a sum of 128 bits say when they do not fit") {
    int128 result = 0;
    for (const int128 factor : {int128{1}, int128{3}, int128{1'000'000}, int128_max}) {
        for (const int128 edge : {int128_max / factor, int128_min / factor}) {
            CHECK_FALSE(coffer::detail::multiply_overflows(edge, factor, result));
            CHECK((result / factor == edge));
        }
        if (factor == 1) continue;
        CHECK(coffer::detail::multiply_overflows(int128_max / factor + 1, factor, result));
        CHECK(coffer::detail::multiply_overflows(int128_min / factor - 1, factor, result));
    }
    CHECK(coffer::detail::add_overflows(int128_max, 1, result));
    CHECK(coffer::detail::add_overflows(int128_min, -1, result));
    CHECK_FALSE(coffer::detail::add_overflows(int128_max, int128_min, result));
    CHECK((result == -1));
}
