/// Rates: what one unit of usage costs. Include it where prices are written down.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/detail/decimal.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <compare>
#include <concepts>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Credits per unit of usage, exact to twelve decimals. Policies refuse negative ones.
///
/// Units: 10^-12 credits, in 64 bits: up to 9.2 million credits per unit.
class rate {
public:
    static constexpr int places = 12;

    constexpr rate() noexcept = default;
    /// Use a literal, `per`, `from_picos` or `parse`.
    template <detail::arithmetic Number>
    rate(Number) = delete;

    template <detail::fits_int64 Count>
    static constexpr rate from_picos(Count picos) noexcept {
        return rate{static_cast<std::int64_t>(picos), exactly{}};
    }
    template <std::floating_point Number>
    static constexpr rate from_picos(Number) = delete;

    /// The rate at which `units` cost `price`: `rate::per(3_cr, 1'000'000)`.
    ///
    /// Errors: `invalid_argument` if `units` is not positive or the rate has more than twelve
    /// decimals; `amount_overflow`.
    template <detail::fits_int64 Count>
    static constexpr checked<rate> per(credits price, Count units) noexcept {
        constexpr std::int64_t picos_per_micro = 1'000'000;
        if (units <= 0) return errc::invalid_argument;
        const auto picos = detail::wide_product(price.micros(), picos_per_micro);
        if (picos % units != 0) return errc::invalid_argument;
        return of(detail::narrow(picos / units));
    }

    /// The rate that `text` writes, such as `0.0000003` or `3.75e-06`, exactly.
    ///
    /// Errors: `invalid_argument` for anything else and for more than twelve decimals;
    /// `amount_overflow`.
    static constexpr checked<rate> parse(std::string_view text) noexcept {
        return of(detail::parse_decimal(text, places));
    }

    static constexpr rate zero() noexcept { return {}; }

    constexpr std::int64_t picos() const noexcept { return picos_; }
    constexpr bool is_zero() const noexcept { return picos_ == 0; }
    constexpr bool is_negative() const noexcept { return picos_ < 0; }
    constexpr bool is_positive() const noexcept { return picos_ > 0; }

    friend constexpr auto operator<=>(const rate&, const rate&) noexcept = default;
    friend constexpr bool operator==(const rate&, const rate&) noexcept = default;

    /// The shortest exact text, such as `0.0000003`; with at least so many decimals.
    friend constexpr detail::amount_text to_string(rate amount, int least_decimals = 0) noexcept {
        return detail::write_decimal(amount.picos_, places, least_decimals);
    }

private:
    struct exactly {};
    constexpr rate(std::int64_t picos, exactly) noexcept : picos_{picos} {}

    static constexpr checked<rate> of(const checked<std::int64_t>& picos) noexcept {
        if (!picos) return picos.error();
        return from_picos(*picos);
    }

    std::int64_t picos_ = 0;
};

namespace literals {

/// `0.0000003_cr_each`: exact, or it does not compile.
template <char... Letters>
constexpr rate operator""_cr_each() noexcept {
    constexpr auto picos = detail::literal_text<Letters...>::parse(rate::places);
    static_assert(
        picos != errc::invalid_argument,
        "coffer: a rate is written in decimal with at most twelve decimals: 0.0000003_cr_each");
    static_assert(picos != errc::amount_overflow, "coffer: this rate does not fit 64 bits");
    return rate::from_picos(picos.value_or(0));
}

}  // namespace literals

}  // namespace v0
}  // namespace coffer
