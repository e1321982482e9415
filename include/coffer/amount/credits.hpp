/// Credits: the exact amount that everything in coffer is counted in. Include it where you hold
/// or compute amounts; `amount.hpp` brings it with its relatives.
///
/// Sums and products are checked: they come back as `checked<credits>`, chain as they are
/// (`a + b - c`), and become the caller's `result` by themselves. No floating-point number becomes
/// credits anywhere: write `12.5_cr`, or parse the text that you were given.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/amount/rounding.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// An exact amount of credits, positive or negative.
///
/// Units: millionths of a credit, in 64 bits: up to 9.2 million million credits.
class credits {
public:
    static constexpr int places = 6;

    constexpr credits() noexcept = default;
    /// A bare number does not say what it counts: use a literal, `whole`, `from_micros` or `parse`.
    template <detail::arithmetic Number>
    credits(Number) = delete;

    template <detail::fits_int64 Count>
    static constexpr credits from_micros(Count micros) noexcept {
        return credits{static_cast<std::int64_t>(micros), exactly{}};
    }
    template <std::floating_point Number>
    static constexpr credits from_micros(Number) = delete;

    /// Errors: `amount_overflow`.
    template <detail::integer Count>
    static constexpr checked<credits> whole(Count count) noexcept {
        return of(detail::multiply(1'000'000, count));
    }
    template <std::floating_point Number>
    static constexpr checked<credits> whole(Number) = delete;

    /// The amount that `text` writes, such as `12.5` or `3e-6`, exactly.
    ///
    /// Errors: `invalid_argument` for anything else and for more than six decimals;
    /// `amount_overflow`.
    static constexpr checked<credits> parse(std::string_view text) noexcept {
        return of(detail::parse_decimal(text, places));
    }

    static constexpr credits zero() noexcept { return {}; }
    static constexpr credits max() noexcept {
        return from_micros(std::numeric_limits<std::int64_t>::max());
    }
    static constexpr credits min() noexcept {
        return from_micros(std::numeric_limits<std::int64_t>::min());
    }

    constexpr std::int64_t micros() const noexcept { return micros_; }
    constexpr bool is_zero() const noexcept { return micros_ == 0; }
    constexpr bool is_negative() const noexcept { return micros_ < 0; }
    constexpr bool is_positive() const noexcept { return micros_ > 0; }

    friend constexpr auto operator<=>(const credits&, const credits&) noexcept = default;
    friend constexpr bool operator==(const credits&, const credits&) noexcept = default;

    friend constexpr checked<credits> operator+(credits a, credits b) noexcept {
        return of(detail::add(a.micros_, b.micros_));
    }
    friend constexpr checked<credits> operator-(credits a, credits b) noexcept {
        return of(detail::subtract(a.micros_, b.micros_));
    }
    friend constexpr checked<credits> operator-(credits a) noexcept {
        return of(detail::subtract(0, a.micros_));
    }
    template <detail::integer Count>
    friend constexpr checked<credits> operator*(credits a, Count n) noexcept {
        return of(detail::multiply(a.micros_, n));
    }
    template <detail::integer Count>
    friend constexpr checked<credits> operator*(Count n, credits a) noexcept {
        return a * n;
    }

    friend constexpr checked<credits> operator+(const checked<credits>& a,
                                                const checked<credits>& b) noexcept {
        if (!a || !b) return detail::graver_error(a, b);
        return *a + *b;
    }
    friend constexpr checked<credits> operator-(const checked<credits>& a,
                                                const checked<credits>& b) noexcept {
        if (!a || !b) return detail::graver_error(a, b);
        return *a - *b;
    }
    friend constexpr checked<credits> operator-(const checked<credits>& a) noexcept {
        if (!a) return a;
        return -*a;
    }
    template <detail::integer Count>
    friend constexpr checked<credits> operator*(const checked<credits>& a, Count n) noexcept {
        if (!a) return a;
        return *a * n;
    }
    template <detail::integer Count>
    friend constexpr checked<credits> operator*(Count n, const checked<credits>& a) noexcept {
        return a * n;
    }

    /// A factor such as 0.1 is not exact: use `scale(amount, 1, 10, mode)`.
    template <std::floating_point Factor>
    friend constexpr checked<credits> operator*(const checked<credits>& a, Factor) = delete;
    template <std::floating_point Factor>
    friend constexpr checked<credits> operator*(Factor, const checked<credits>& a) = delete;

    /// The shortest exact text, such as `12.5`; with at least so many decimals.
    friend constexpr detail::amount_text to_string(credits amount,
                                                   int least_decimals = 0) noexcept {
        return detail::write_decimal(amount.micros_, places, least_decimals);
    }

private:
    struct exactly {};
    constexpr credits(std::int64_t micros, exactly) noexcept : micros_{micros} {}

    static constexpr checked<credits> of(const checked<std::int64_t>& micros) noexcept {
        if (!micros) return micros.error();
        return from_micros(*micros);
    }

    std::int64_t micros_ = 0;
};

/// `amount * numerator / denominator`, rounded once: a share, a discount, a pro-rata part.
///
/// Errors: `invalid_argument` if the denominator is not positive; `amount_overflow`.
template <detail::fits_int64 Numerator, detail::fits_int64 Denominator>
constexpr checked<credits> scale(credits amount, Numerator numerator, Denominator denominator,
                                 rounding mode) noexcept {
    const auto micros = detail::scale_count(amount.micros(), numerator, denominator, mode);
    if (!micros) return micros.error();
    return credits::from_micros(*micros);
}

/// `amount * part / whole`, rounded once.
///
/// Errors: `invalid_argument` if the whole is not positive; `amount_overflow`.
constexpr checked<credits> scale(credits amount, credits part, credits whole,
                                 rounding mode) noexcept {
    return scale(amount, part.micros(), whole.micros(), mode);
}

namespace literals {

/// `12.5_cr`: exact, or it does not compile.
template <char... Letters>
constexpr credits operator""_cr() noexcept {
    constexpr auto micros = detail::literal_text<Letters...>::parse(credits::places);
    static_assert(micros != errc::invalid_argument,
                  "coffer: credits are written in decimal with at most six decimals: 12.5_cr");
    static_assert(micros != errc::amount_overflow, "coffer: these credits do not fit 64 bits");
    return credits::from_micros(micros.value_or(0));
}

}  // namespace literals

constexpr credits error::required() const noexcept {
    return credits::from_micros(speaks_of_hold() ? 0 : first_);
}

constexpr credits error::acceptable() const noexcept {
    return credits::from_micros(speaks_of_hold() ? 0 : second_);
}

constexpr credits error::level() const noexcept {
    return credits::from_micros(speaks_of_limit() ? level_ : 0);
}

constexpr error& error::of_limit(credits level, std::int64_t until_micros) noexcept {
    if (!speaks_of_limit()) return *this;
    level_ = level.micros();
    end_ = until_micros;
    return *this;
}

constexpr error& error::with_amounts(credits required, credits acceptable) noexcept {
    first_ = required.micros();
    second_ = acceptable.micros();
    return *this;
}

}  // namespace v0
}  // namespace coffer
