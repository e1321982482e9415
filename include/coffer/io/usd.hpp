/// US dollars as price lists write them: tiny prices, exactly. Include it to turn a price per token
/// into credits; what customers pay is `money`.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/amount/rate.hpp>
#include <coffer/amount/rounding.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// An exact amount of US dollars as price maps write it: what a token costs, a credit is worth.
///
/// Units: up to 18 significant digits, the last of them between 10^-40 and 10^18.
class usd {
public:
    constexpr usd() noexcept = default;

    /// The amount that `text` writes, such as `0.01` or `3.75e-06`, exactly.
    ///
    /// Errors: `invalid_argument` for anything else; `amount_overflow` for digits that do not fit.
    static constexpr checked<usd> parse(std::string_view text) noexcept {
        detail::decimal_parts parts;
        if (!detail::read_parts(text, parts)) return errc::invalid_argument;
        usd amount;
        if (parts.significant == 0) return amount;
        if (parts.significant > most_digits || parts.exponent < least_exponent ||
            parts.exponent > greatest_exponent) {
            return errc::amount_overflow;
        }
        std::size_t left = parts.significant;
        for (std::size_t at = parts.first; left > 0; ++at) {
            if (parts.digits[at] == '.') continue;
            amount.digits_ = amount.digits_ * 10 + (parts.digits[at] - '0');
            --left;
        }
        if (parts.negative) amount.digits_ = -amount.digits_;
        amount.exponent_ = static_cast<int>(parts.exponent);
        return amount;
    }

    constexpr bool is_zero() const noexcept { return digits_ == 0; }
    constexpr bool is_negative() const noexcept { return digits_ < 0; }
    constexpr bool is_positive() const noexcept { return digits_ > 0; }

    /// The shortest exact text without an exponent, such as `0.00000375`.
    std::string text() const {
        std::string digits = std::to_string(digits_ < 0 ? -digits_ : digits_);
        if (exponent_ >= 0) {
            digits.append(static_cast<std::size_t>(exponent_), '0');
        } else {
            const auto decimals = static_cast<std::size_t>(-exponent_);
            if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
            digits.insert(digits.size() - decimals, 1, '.');
        }
        if (digits_ < 0) digits.insert(0, 1, '-');
        return digits;
    }

    friend constexpr bool operator==(const usd&, const usd&) noexcept = default;

    /// The price in credits, where one credit is worth `per_credit`.
    ///
    /// Errors: `invalid_argument` if a credit is worth nothing or the rate is not exact to 10^-12
    /// credits; `amount_overflow`.
    friend constexpr checked<rate> to_credits(usd price, usd per_credit) noexcept {
        if (!per_credit.is_positive()) return errc::invalid_argument;
        if (price.is_zero()) return rate::zero();
        const std::int64_t common = std::gcd(price.digits_, per_credit.digits_);
        detail::int128 picos = price.digits_ / common;
        std::int64_t divisor = per_credit.digits_ / common;
        const int shift = rate::places + price.exponent_ - per_credit.exponent_;
        std::int64_t other_primes = divisor;
        while (other_primes % 2 == 0) other_primes /= 2;
        while (other_primes % 5 == 0) other_primes /= 5;
        // The digits do not end in a zero, so they are never a multiple of ten.
        if (shift < 0 || other_primes != 1) return errc::invalid_argument;
        for (int i = 0; i < shift; ++i) {
            const std::int64_t part = std::gcd(divisor, std::int64_t{10});
            divisor /= part;
            if (detail::multiply_overflows(picos, 10 / part, picos)) return errc::amount_overflow;
        }
        if (divisor != 1) return errc::invalid_argument;
        const auto narrow = detail::narrow(picos);
        if (!narrow) return narrow.error();
        return rate::from_picos(*narrow);
    }
    /// The same for a price that is not exact, rounded once to 10^-12 credits.
    ///
    /// Errors: `invalid_argument` if a credit is worth nothing; `amount_overflow`.
    friend constexpr checked<rate> to_credits(usd price, usd per_credit, rounding mode) noexcept {
        if (!per_credit.is_positive()) return errc::invalid_argument;
        const int shift = rate::places + price.exponent_ - per_credit.exponent_;
        detail::int128 dividend = price.digits_;
        detail::int128 divisor = per_credit.digits_;
        for (int i = 0; i < shift; ++i) {
            if (detail::multiply_overflows(dividend, 10, dividend)) return errc::amount_overflow;
        }
        for (int i = 0; i > shift; --i) {
            // A divisor so large leaves less than half of the least; only its sign matters.
            if (detail::multiply_overflows(divisor, 10, divisor)) break;
        }
        const auto narrow = detail::narrow(detail::divide(dividend, divisor, mode));
        if (!narrow) return narrow.error();
        return rate::from_picos(*narrow);
    }

private:
    static constexpr std::size_t most_digits = 18;
    static constexpr std::int64_t least_exponent = -40;
    static constexpr std::int64_t greatest_exponent = 18;

    std::int64_t digits_ = 0;  // without zeros at the end
    int exponent_ = 0;
};

}  // namespace v0
}  // namespace coffer
