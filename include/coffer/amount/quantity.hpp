/// Quantities: units of usage, such as tokens, seconds or pages. Include it where usage is priced.
#pragma once

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

/// An exact number of units of usage.
///
/// Units: millionths of a unit, in 64 bits.
class quantity {
public:
    static constexpr int places = 6;

    constexpr quantity() noexcept = default;
    /// Use a literal, `whole`, `from_micros` or `parse`.
    template <detail::arithmetic Number>
    quantity(Number) = delete;

    template <detail::fits_int64 Count>
    static constexpr quantity from_micros(Count micros) noexcept {
        return quantity{static_cast<std::int64_t>(micros), exactly{}};
    }
    template <std::floating_point Number>
    static constexpr quantity from_micros(Number) = delete;

    /// Errors: `amount_overflow`.
    template <detail::integer Count>
    static constexpr checked<quantity> whole(Count count) noexcept {
        return of(detail::multiply(1'000'000, count));
    }
    template <std::floating_point Number>
    static constexpr checked<quantity> whole(Number) = delete;

    /// The quantity that `text` writes, exactly.
    ///
    /// Errors: `invalid_argument` for anything else and for more than six decimals;
    /// `amount_overflow`.
    static constexpr checked<quantity> parse(std::string_view text) noexcept {
        return of(detail::parse_decimal(text, places));
    }

    static constexpr quantity zero() noexcept { return {}; }

    constexpr std::int64_t micros() const noexcept { return micros_; }
    constexpr bool is_zero() const noexcept { return micros_ == 0; }
    constexpr bool is_negative() const noexcept { return micros_ < 0; }
    constexpr bool is_positive() const noexcept { return micros_ > 0; }

    friend constexpr auto operator<=>(const quantity&, const quantity&) noexcept = default;
    friend constexpr bool operator==(const quantity&, const quantity&) noexcept = default;

    friend constexpr checked<quantity> operator+(quantity a, quantity b) noexcept {
        return of(detail::add(a.micros_, b.micros_));
    }
    friend constexpr checked<quantity> operator-(quantity a, quantity b) noexcept {
        return of(detail::subtract(a.micros_, b.micros_));
    }
    friend constexpr checked<quantity> operator+(const checked<quantity>& a,
                                                 const checked<quantity>& b) noexcept {
        if (!a || !b) return detail::graver_error(a, b);
        return *a + *b;
    }
    friend constexpr checked<quantity> operator-(const checked<quantity>& a,
                                                 const checked<quantity>& b) noexcept {
        if (!a || !b) return detail::graver_error(a, b);
        return *a - *b;
    }

    /// The shortest exact text, such as `1.5`; with at least so many decimals.
    friend constexpr detail::amount_text to_string(quantity amount,
                                                   int least_decimals = 0) noexcept {
        return detail::write_decimal(amount.micros_, places, least_decimals);
    }

private:
    struct exactly {};
    constexpr quantity(std::int64_t micros, exactly) noexcept : micros_{micros} {}

    static constexpr checked<quantity> of(const checked<std::int64_t>& micros) noexcept {
        if (!micros) return micros.error();
        return from_micros(*micros);
    }

    std::int64_t micros_ = 0;
};

namespace literals {

/// `1.5_units`: exact, or it does not compile.
template <char... Letters>
constexpr quantity operator""_units() noexcept {
    constexpr auto micros = detail::literal_text<Letters...>::parse(quantity::places);
    static_assert(micros != errc::invalid_argument,
                  "coffer: units are written in decimal with at most six decimals: 1.5_units");
    static_assert(micros != errc::amount_overflow, "coffer: these units do not fit 64 bits");
    return quantity::from_micros(micros.value_or(0));
}

}  // namespace literals

}  // namespace v0
}  // namespace coffer
