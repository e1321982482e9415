#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/amount/credits.hpp>

#include <optional>

using coffer::checked;
using coffer::credits;
using coffer::errc;
using coffer_test::big;
using coffer_test::edgy_numbers;
using coffer_test::fitting;
using namespace coffer::literals;

namespace {

constexpr int cases = 200'000;

/// Counts what it saw, so that a test shows that it saw both outcomes.
struct tally {
    int fitted = 0;
    int overflowed = 0;

    void compare(const checked<credits>& got, const big& exact) {
        const std::optional<std::int64_t> expected = fitting(exact);
        ++(expected ? fitted : overflowed);
        const bool same =
            expected ? got == credits::from_micros(*expected) : got == errc::amount_overflow;
        if (!same) {
            CAPTURE(exact.str());
            FAIL("the checked result differs from the exact one");
        }
    }
};

}  // namespace

TEST_CASE("a sum, a difference and a negation are exact, or amount_overflow") {
    edgy_numbers random{1};
    tally sums;
    tally differences;
    tally negations;
    for (int i = 0; i < cases; ++i) {
        const std::int64_t a = random.any();
        const std::int64_t b = random.any();
        sums.compare(credits::from_micros(a) + credits::from_micros(b), big{a} + b);
        differences.compare(credits::from_micros(a) - credits::from_micros(b), big{a} - b);
        negations.compare(-credits::from_micros(a), -big{a});
    }
    CHECK(sums.fitted > cases / 10);
    CHECK(sums.overflowed > cases / 100);
    CHECK(differences.fitted > cases / 10);
    CHECK(differences.overflowed > cases / 100);
    CHECK(negations.overflowed > 0);
}

TEST_CASE("a product is exact, or amount_overflow, for signed and unsigned factors") {
    edgy_numbers random{2};
    tally signed_factors;
    tally unsigned_factors;
    tally small_factors;
    for (int i = 0; i < cases; ++i) {
        const std::int64_t a = random.any();
        const std::int64_t n = random.any();
        const auto u = static_cast<std::uint64_t>(n);
        const auto s = static_cast<std::int8_t>(n);
        signed_factors.compare(credits::from_micros(a) * n, big{a} * n);
        unsigned_factors.compare(u * credits::from_micros(a), big{a} * u);
        small_factors.compare(credits::from_micros(a) * s, big{a} * int{s});
    }
    CHECK(signed_factors.fitted > cases / 10);
    CHECK(signed_factors.overflowed > cases / 10);
    CHECK(unsigned_factors.fitted > cases / 10);
    CHECK(unsigned_factors.overflowed > cases / 10);
    CHECK(small_factors.overflowed > cases / 10);
}

TEST_CASE("whole credits are a million millionths each, or amount_overflow") {
    edgy_numbers random{3};
    tally whole;
    tally unsigned_whole;
    for (int i = 0; i < cases; ++i) {
        const std::int64_t n = random.any();
        const auto u = static_cast<std::uint64_t>(n);
        whole.compare(credits::whole(n), big{n} * 1'000'000);
        unsigned_whole.compare(credits::whole(u), big{u} * 1'000'000);
    }
    CHECK(whole.fitted > cases / 10);
    CHECK(whole.overflowed > cases / 10);
    CHECK(unsigned_whole.overflowed > cases / 10);
}

TEST_CASE("scaling multiplies and divides in full precision and rounds once, in every mode") {
    edgy_numbers random{4};
    tally scaled;
    for (int i = 0; i < cases; ++i) {
        const std::int64_t amount = random.any();
        const std::int64_t numerator = random.any();
        const std::int64_t denominator = random.positive();
        const auto mode = random.mode();
        const big exact = coffer_test::rounded_quotient(big{amount} * numerator, denominator, mode);
        scaled.compare(scale(credits::from_micros(amount), numerator, denominator, mode), exact);
        scaled.compare(scale(credits::from_micros(amount), credits::from_micros(numerator),
                             credits::from_micros(denominator), mode),
                       exact);
    }
    CHECK(scaled.fitted > cases / 10);
    CHECK(scaled.overflowed > cases / 10);
}

TEST_CASE("scaling by the same part and whole changes nothing") {
    edgy_numbers random{5};
    for (int i = 0; i < cases; ++i) {
        const auto amount = credits::from_micros(random.any());
        const std::int64_t whole = random.positive();
        if (!(scale(amount, whole, whole, random.mode()) == amount)) FAIL(amount.micros());
    }
    CHECK(scale(credits::min(), 1, 1, coffer::rounding::up) == credits::min());
}

TEST_CASE("a denominator that is not positive is invalid_argument, even if nothing is scaled") {
    const std::int64_t bad =
        GENERATE(as<std::int64_t>{}, 0, -1, std::numeric_limits<std::int64_t>::min());
    CHECK(scale(12_cr, 1, bad, coffer::rounding::up) == errc::invalid_argument);
    CHECK(scale(0_cr, 0, bad, coffer::rounding::down) == errc::invalid_argument);
    CHECK(scale(12_cr, 1_cr, credits::from_micros(bad), coffer::rounding::up) ==
          errc::invalid_argument);
}

TEST_CASE("ties round as their mode says, the negative as the mirror image of the positive") {
    using coffer::rounding;
    const auto half = [](std::int64_t micros, rounding mode) {
        return (*scale(credits::from_micros(micros), 1, 2, mode)).micros();
    };
    CHECK(half(5, rounding::up) == 3);
    CHECK(half(5, rounding::down) == 2);
    CHECK(half(5, rounding::half_up) == 3);
    CHECK(half(5, rounding::half_even) == 2);
    CHECK(half(7, rounding::half_even) == 4);
    CHECK(half(-5, rounding::up) == -3);
    CHECK(half(-5, rounding::down) == -2);
    CHECK(half(-5, rounding::half_up) == -3);
    CHECK(half(-5, rounding::half_even) == -2);
    CHECK(half(-7, rounding::half_even) == -4);
}

TEST_CASE("a chain of sums stops at its first error and keeps it") {
    CHECK(10_cr + 5_cr - 2.5_cr == 12.5_cr);
    CHECK(3 * (1_cr + 1_cr) * 2 - 12_cr == 0_cr);
    CHECK(credits::max() + 1_cr - 1_cr == errc::amount_overflow);
    CHECK(1_cr - (credits::max() + 1_cr) == errc::amount_overflow);
    CHECK(-(credits::max() + 1_cr) == errc::amount_overflow);
    CHECK((credits::max() + 1_cr) * 0 == errc::amount_overflow);
    CHECK(credits::parse("x") + 1_cr == errc::invalid_argument);
}

TEST_CASE("two failed operands answer with the graver error, in either order") {
    const auto malformed = credits::parse("x");
    const auto overflow = credits::max() + 1_cr;
    CHECK(malformed + overflow == errc::invalid_argument);
    CHECK(overflow + malformed == errc::invalid_argument);
    CHECK(overflow - malformed == errc::invalid_argument);
}

TEST_CASE("amounts order as their counts do") {
    edgy_numbers random{6};
    for (int i = 0; i < cases; ++i) {
        const std::int64_t a = random.any();
        const std::int64_t b = random.below(4) == 0 ? a : random.any();
        const auto x = credits::from_micros(a);
        const auto y = credits::from_micros(b);
        const bool same = (x < y) == (a < b) && (x == y) == (a == b) && (x >= y) == (a >= b);
        if (!same) FAIL(a << " and " << b);
    }
    CHECK(credits{} == credits::zero());
    CHECK(credits::zero().is_zero());
    CHECK_FALSE(credits::zero().is_positive());
    CHECK_FALSE(credits::zero().is_negative());
    CHECK(credits::min().is_negative());
    CHECK(credits::max().is_positive());
}

TEST_CASE("an error carries the amounts that explain it, and zero where there are none") {
    coffer::error why{errc::insufficient_credits};
    CHECK(why.required() == 0_cr);
    CHECK(why.acceptable() == 0_cr);
    why.with_amounts(5_cr, 3.2_cr);
    CHECK(why.required() == 5_cr);
    CHECK(why.acceptable() == 3.2_cr);
    CHECK(why == errc::insufficient_credits);
}

TEST_CASE("a checked amount becomes the caller's result by itself") {
    const auto caller = [](credits a, credits b) -> coffer::result<credits> { return a + b; };
    CHECK(caller(1_cr, 2_cr) == 3_cr);
    CHECK(caller(credits::max(), 2_cr) == errc::amount_overflow);
    const checked<credits> first = 1_cr + 1_cr;
    checked<credits> copy = first;
    CHECK(copy == 2_cr);
    copy = credits::max() + 1_cr;
    CHECK(copy == errc::amount_overflow);
    CHECK(first == 2_cr);
}
