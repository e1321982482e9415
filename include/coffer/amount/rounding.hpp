/// How an exact amount becomes one that can be booked. Include it where you name a mode.
///
/// All modes look at the magnitude, so that a negative amount rounds to the mirror image of the
/// positive one. Prices are never negative: for them `up` is towards more credits.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/result.hpp>

#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// What happens to the part that does not fit the places.
enum class rounding : std::uint8_t {
    up,         ///< Any part counts as a whole: away from zero.
    down,       ///< It is dropped: towards zero.
    half_up,    ///< To the nearest; the middle goes away from zero.
    half_even,  ///< To the nearest; the middle goes to the even neighbour.
};

/// The name of a mode, as it stands in plan and scenario files.
constexpr std::string_view to_string(rounding mode) noexcept {
    switch (mode) {
        case rounding::up: return "up";
        case rounding::down: return "down";
        case rounding::half_up: return "half_up";
        case rounding::half_even: return "half_even";
    }
    return "unknown_rounding";
}

namespace detail {

/// Requires: `divisor` is positive.
constexpr int128 divide(int128 dividend, int128 divisor, rounding mode) noexcept {
    const int128 quotient = dividend / divisor;
    const int128 remainder = dividend % divisor;
    if (remainder == 0) return quotient;
    const int128 part = remainder < 0 ? -remainder : remainder;
    const int128 missing = divisor - part;  // compared with the part, so that nothing is doubled
    bool away = false;
    switch (mode) {
        case rounding::up: away = true; break;
        case rounding::down: away = false; break;
        case rounding::half_up: away = part >= missing; break;
        case rounding::half_even:
            away = part > missing || (part == missing && quotient % 2 != 0);
            break;
    }
    if (!away) return quotient;
    return dividend < 0 ? quotient - 1 : quotient + 1;
}

/// `count * numerator / denominator`, rounded once.
///
/// Errors: `invalid_argument` if the denominator is not positive; `amount_overflow`.
constexpr checked<std::int64_t> scale_count(std::int64_t count, std::int64_t numerator,
                                            std::int64_t denominator, rounding mode) noexcept {
    if (denominator <= 0) return errc::invalid_argument;
    return narrow(divide(wide_product(count, numerator), denominator, mode));
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
