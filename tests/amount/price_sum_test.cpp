#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/amount/price_sum.hpp>

#include <algorithm>
#include <optional>

using coffer::checked;
using coffer::credits;
using coffer::errc;
using coffer::price_sum;
using coffer::quantity;
using coffer::rate;
using coffer::rounding;
using coffer_test::all_modes;
using coffer_test::big;
using coffer_test::edgy_numbers;
using coffer_test::fitting;
using coffer_test::ten_to;
using namespace coffer::literals;

namespace {

/// A price kept as a big integer of 10^-18 credits that remembers whether 128 bits held it.
struct exact_sum {
    big attos = 0;
    bool overflowed = false;

    void add(const big& line) {
        attos += line;
        overflowed = overflowed || !held(line) || !held(attos);
    }

    static bool held(const big& value) {
        return value < coffer_test::int128_limit && value >= -coffer_test::int128_limit;
    }

    std::optional<std::int64_t> round(rounding mode, int places) const {
        if (overflowed) return std::nullopt;
        const big rounded = coffer_test::rounded_quotient(attos, ten_to(18 - places), mode);
        return fitting(rounded * ten_to(6 - places));
    }
};

/// Adds one random line to both sums; `bits` bounds the size of its factors.
void add_line(edgy_numbers& random, unsigned shift, price_sum& sum, exact_sum& expected) {
    const auto number = [&] { return random.any() / (std::int64_t{1} << shift); };
    const std::int64_t a = number();
    const std::int64_t b = number();
    switch (random.below(4)) {
        case 0:
            sum.add(rate::from_picos(a), quantity::from_micros(b));
            expected.add(big{a} * b);
            break;
        case 1:
            sum.add(rate::from_picos(a), b);
            expected.add(big{a} * b * ten_to(6));
            break;
        case 2:
            sum.add(credits::from_micros(a));
            expected.add(big{a} * ten_to(12));
            break;
        default:
            sum.add(price_sum{}.add(rate::from_picos(a), quantity::from_micros(b)));
            expected.add(big{a} * b);
            break;
    }
}

}  // namespace

TEST_CASE("a price is the exact sum of its lines rounded once, in every mode at all places") {
    edgy_numbers random{11};
    int fitted = 0;
    int overflowed = 0;
    for (int i = 0; i < 30'000; ++i) {
        price_sum sum;
        exact_sum expected;
        const auto shift = static_cast<unsigned>(random.below(48));
        for (auto lines = random.below(6); lines > 0; --lines) {
            add_line(random, shift, sum, expected);
        }
        REQUIRE(sum.overflowed() == expected.overflowed);
        for (const rounding mode : all_modes) {
            for (int places = 0; places <= 6; ++places) {
                const auto want = expected.round(mode, places);
                const auto got = sum.round(mode, places);
                const bool same =
                    want ? got == credits::from_micros(*want) : got == errc::amount_overflow;
                ++(want ? fitted : overflowed);
                if (!same) {
                    CAPTURE(expected.attos.str(), to_string(mode), places);
                    FAIL("the price differs from the exact one");
                }
            }
        }
    }
    CHECK(fitted > 100'000);
    CHECK(overflowed > 100'000);
}

TEST_CASE("a price rounds up by default, at the places that are asked for") {
    price_sum sum;
    sum.add(1.247_cr);
    CHECK(sum.round() == 1.247_cr);
    CHECK(sum.round(rounding::up, 2) == 1.25_cr);
    CHECK(sum.round(rounding::down, 2) == 1.24_cr);
    CHECK(sum.round(rounding::up, 0) == 2_cr);
    CHECK(price_sum{}.add(0.000000000001_cr_each, 0.000001_units).round() == 0.000001_cr);
    CHECK(price_sum{}.round() == 0_cr);
}

TEST_CASE("lines that vanish one by one count together") {
    price_sum sum;
    for (int i = 0; i < 10; ++i) sum.add(0.0000003_cr_each, 1);
    CHECK(sum.round() == 0.000003_cr);
    CHECK(sum.round(rounding::down) == 0.000003_cr);
}

TEST_CASE("other places than 0 to 6 are invalid_argument, before anything else") {
    const int places =
        GENERATE(-1, 7, std::numeric_limits<int>::min(), std::numeric_limits<int>::max());
    CHECK(price_sum{}.round(rounding::up, places) == errc::invalid_argument);
}

TEST_CASE("a sum that overflowed stays overflowed, whatever is added") {
    const auto most = rate::from_picos(std::numeric_limits<std::int64_t>::max());
    price_sum sum;
    sum.add(most, std::numeric_limits<std::int64_t>::max());
    REQUIRE(sum.overflowed());
    sum.add(most, std::numeric_limits<std::int64_t>::min());
    sum.add(1_cr);
    CHECK(sum.round() == errc::amount_overflow);
    CHECK_FALSE(sum.is_zero());
    CHECK(price_sum{}.add(1_cr).add(sum).round() == errc::amount_overflow);
}

TEST_CASE("a sum beyond 64 bits of millionths is exact until it is rounded") {
    price_sum sum;
    for (int i = 0; i < 1000; ++i) sum.add(credits::max());
    CHECK(sum.round() == errc::amount_overflow);
    CHECK_FALSE(sum.overflowed());
    for (int i = 0; i < 999; ++i) sum.add(*-credits::max());
    CHECK(sum.round() == credits::max());
}

TEST_CASE("with linear prices rounded up, splitting a usage never makes it cheaper") {
    edgy_numbers random{12};
    int dearer = 0;
    for (int i = 0; i < 200'000; ++i) {
        const auto first = rate::from_picos(static_cast<std::int64_t>(random.below(1U << 30)));
        const auto second = rate::from_picos(static_cast<std::int64_t>(random.below(1U << 20)));
        const int places = static_cast<int>(random.below(7));
        const auto price = [&](std::int64_t input, std::int64_t output) {
            return *price_sum{}.add(first, input).add(second, output).round(rounding::up, places);
        };
        const auto count = [&] {
            return static_cast<std::int64_t>(random.bits() >> (44 + random.below(20)));
        };
        const std::int64_t a = count();
        const std::int64_t b = count();
        const std::int64_t c = count();
        const std::int64_t d = count();
        const credits parts = *(price(a, b) + price(c, d));
        const credits whole = price(a + c, b + d);
        if (parts < whole) FAIL(a << ", " << b << " and " << c << ", " << d << " at " << places);
        if (parts > whole) ++dearer;
    }
    CHECK(dearer > 1'000);
}

TEST_CASE("sums that add up to the same are the same, whatever the order of their lines") {
    edgy_numbers random{13};
    for (int i = 0; i < 20'000; ++i) {
        struct line {
            rate each;
            std::int64_t units;
        };
        line lines[4];
        for (line& l : lines) {
            l = {rate::from_picos(random.any() / 1024), random.any() / (std::int64_t{1} << 32)};
        }
        price_sum forwards;
        price_sum backwards;
        for (const line& l : lines) forwards.add(l.each, l.units);
        std::reverse(std::begin(lines), std::end(lines));
        for (const line& l : lines) backwards.add(l.each, l.units);
        if (!(forwards == backwards)) FAIL("the order of lines changed the sum");
        REQUIRE_FALSE(forwards.overflowed());
    }
}

TEST_CASE("a credit price times a quantity is rounded once, in every mode") {
    edgy_numbers random{14};
    int fitted = 0;
    int overflowed = 0;
    for (int i = 0; i < 200'000; ++i) {
        const std::int64_t each = random.any();
        const std::int64_t micros = random.any();
        const auto mode = random.mode();
        const auto want =
            fitting(coffer_test::rounded_quotient(big{each} * micros, ten_to(6), mode));
        const auto got = multiply(credits::from_micros(each), quantity::from_micros(micros), mode);
        ++(want ? fitted : overflowed);
        const bool same = want ? got == credits::from_micros(*want) : got == errc::amount_overflow;
        if (!same) FAIL(each << " times " << micros);
    }
    CHECK(fitted > 20'000);
    CHECK(overflowed > 20'000);
}
