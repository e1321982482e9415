/// Factors by which prices are raised and lowered: exact fractions, percentages. Include it where
/// one is written down.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <cstdint>

namespace coffer {
inline namespace v0 {

/// Hundredths: `percent{25}` is a quarter.
struct percent {
    std::int64_t value{};
};

/// An exact factor: `{6, 5}` raises by a fifth. One by default.
struct factor {
    std::int64_t numerator = 1;
    std::int64_t denominator = 1;

    /// Whether it is not negative, and a number.
    constexpr bool well_formed() const noexcept { return numerator >= 0 && denominator > 0; }
    constexpr bool is_one() const noexcept { return numerator == denominator; }

    /// By their parts: 1/2 is not 2/4.
    friend constexpr bool operator==(const factor&, const factor&) = default;
};

namespace detail {

/// Requires: neither is negative, not both are zero.
constexpr std::int64_t common_divisor(std::int64_t a, std::int64_t b) noexcept {
    while (b != 0) {
        const std::int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/// So many hundredths; what is no factor stays none.
constexpr factor of_percent(const checked<std::int64_t>& hundredths) noexcept {
    return {hundredths.value_or(-1), 100};
}

}  // namespace detail

/// `mark_up(percent{20})` is 6/5. A percentage that makes no sense gives no `well_formed` factor.
constexpr factor mark_up(percent by) noexcept {
    return by.value < 0 ? factor{-1, 1} : detail::of_percent(detail::add(100, by.value));
}
/// `discount(percent{20})` is 4/5; of at most 100 %.
constexpr factor discount(percent by) noexcept {
    return by.value < 0 ? factor{-1, 1} : detail::of_percent(detail::subtract(100, by.value));
}

/// The product of two factors, in lowest terms.
/// Requires: both are `well_formed`. Errors: `amount_overflow`.
constexpr checked<factor> multiply(const factor& a, const factor& b) noexcept {
    if (a.numerator == 0 || b.numerator == 0) return factor{0, 1};
    const auto reduce = [](std::int64_t& over, std::int64_t& under) {
        const std::int64_t common = detail::common_divisor(over, under);
        over /= common;
        under /= common;
    };
    factor left = a;
    factor right = b;
    reduce(left.numerator, left.denominator);
    reduce(right.numerator, right.denominator);
    reduce(left.numerator, right.denominator);
    reduce(right.numerator, left.denominator);
    const auto numerator = detail::multiply(left.numerator, right.numerator);
    const auto denominator = detail::multiply(left.denominator, right.denominator);
    if (!numerator || !denominator) return errc::amount_overflow;
    return factor{*numerator, *denominator};
}

}  // namespace v0
}  // namespace coffer
