/// The exact price of a usage, before it is rounded: the sum over all its lines. Include it where
/// a policy computes a price.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/amount/quantity.hpp>
#include <coffer/amount/rate.hpp>
#include <coffer/amount/rounding.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <concepts>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// A sum of prices that loses nothing: add all lines, then round once.
///
/// Units: 10^-18 credits, in 128 bits.
/// Guarantees: a sum that once overflowed stays overflowed; `round` says so.
class price_sum {
public:
    constexpr price_sum() noexcept = default;

    constexpr price_sum& add(rate each, quantity amount) noexcept {
        return add_attos(detail::wide_product(each.picos(), amount.micros()));
    }

    template <detail::fits_int64 Count>
    constexpr price_sum& add(rate each, Count units) noexcept {
        detail::int128 attos = 0;
        overflowed_ = detail::multiply_overflows(detail::wide_product(each.picos(), units),
                                                 attos_per_pico, attos) ||
                      overflowed_;
        return add_attos(attos);
    }
    template <std::floating_point Number>
    constexpr price_sum& add(rate, Number) = delete;

    constexpr price_sum& add(credits fixed) noexcept {
        return add_attos(detail::wide_product(fixed.micros(), attos_per_micro));
    }

    /// The lines of another sum.
    constexpr price_sum& add(const price_sum& other) noexcept {
        overflowed_ = overflowed_ || other.overflowed_;
        return add_attos(other.attos_);
    }

    /// The price, rounded to so many decimals. This is the only place where a price is rounded.
    ///
    /// Requires: `places` is 0 … 6.
    /// Errors: `invalid_argument` for other places; `amount_overflow` if the rounded price or any
    /// step of the sum does not fit.
    constexpr checked<credits> round(rounding mode = rounding::up, int places = 6) const noexcept {
        if (places < 0 || places > credits::places) return errc::invalid_argument;
        if (overflowed_) return errc::amount_overflow;
        const auto unit = detail::power_of_ten(sum_places - places);
        const auto rounded = detail::narrow(detail::divide(attos_, unit, mode));
        if (!rounded) return rounded.error();
        const auto micros_per_unit =
            static_cast<std::int64_t>(detail::power_of_ten(credits::places - places));
        const auto micros = detail::multiply(*rounded, micros_per_unit);
        if (!micros) return micros.error();
        return credits::from_micros(*micros);
    }

    constexpr bool overflowed() const noexcept { return overflowed_; }
    constexpr bool is_zero() const noexcept { return !overflowed_ && attos_ == 0; }
    constexpr bool is_negative() const noexcept { return !overflowed_ && attos_ < 0; }

    /// Exact: two sums that round alike may differ. All overflowed sums are equal.
    friend constexpr bool operator==(const price_sum&, const price_sum&) noexcept = default;

private:
    static constexpr int sum_places = 18;
    static constexpr std::int64_t attos_per_pico = 1'000'000;
    static constexpr std::int64_t attos_per_micro = 1'000'000'000'000;

    constexpr price_sum& add_attos(detail::int128 attos) noexcept {
        overflowed_ = overflowed_ || detail::add_overflows(attos_, attos, attos_);
        if (overflowed_) attos_ = 0;
        return *this;
    }

    detail::int128 attos_ = 0;
    bool overflowed_ = false;
};

/// `each * amount`, rounded once to the millionth.
///
/// Errors: `amount_overflow`.
constexpr checked<credits> multiply(credits each, quantity amount, rounding mode) noexcept {
    return scale(each, amount.micros(), std::int64_t{1'000'000}, mode);
}

}  // namespace v0
}  // namespace coffer
