/// Money: what a pack of credits cost, what a refund returns. Include it where money is recorded;
/// nothing in coffer converts between currencies.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/detail/decimal.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/amount/rounding.hpp>
#include <coffer/base/detail/assert.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {

namespace detail {

constexpr bool is_currency_code(std::string_view code) noexcept {
    if (code.size() != 3) return false;
    for (char letter : code) {
        if (letter < 'A' || letter > 'Z') return false;
    }
    return true;
}

/// Not constexpr: to reach it while compiling is the message.
inline void a_currency_is_written_as_three_upper_case_letters() noexcept {}

}  // namespace detail

/// A currency by its ISO 4217 code, such as `USD`; or none.
class currency {
    static constexpr std::size_t size = 3;

public:
    /// No currency.
    constexpr currency() noexcept = default;

    /// `currency{"USD"}`, for codes that stand in the source; `parse` takes those that do not.
    ///
    /// Requires: three upper-case letters. Anything else does not compile in a constant; at run
    /// time, where assertions are off, it is no currency.
    constexpr currency(const char (&code)[size + 1]) noexcept {
        const auto parsed = parse({code, code[size] == '\0' ? size : 0});
        if (!parsed && std::is_constant_evaluated()) {
            detail::a_currency_is_written_as_three_upper_case_letters();
        }
        COFFER_ASSERT(parsed.has_value());
        if (parsed) *this = *parsed;
    }

    /// Errors: `invalid_argument` for anything but three upper-case letters.
    static constexpr checked<currency> parse(std::string_view code) noexcept {
        if (!detail::is_currency_code(code)) return errc::invalid_argument;
        currency parsed;
        for (std::size_t i = 0; i < size; ++i) parsed.code_[i] = code[i];
        return parsed;
    }

    constexpr bool is_none() const noexcept { return code_[0] == '\0'; }
    /// Three letters, or nothing.
    constexpr std::string_view code() const noexcept { return {code_, is_none() ? 0 : size}; }

    /// How many decimals its minor unit has; 2 for a code that ISO 4217 does not know.
    constexpr int decimals() const noexcept {
        constexpr std::string_view none =
            "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
        constexpr std::string_view three = "BHD IQD JOD KWD LYD OMR TND";
        constexpr std::string_view four = "CLF UYW";
        if (is_none()) return 0;
        if (none.find(code()) != none.npos) return 0;
        if (three.find(code()) != three.npos) return 3;
        if (four.find(code()) != four.npos) return 4;
        return 2;
    }

    friend constexpr bool operator==(const currency&, const currency&) noexcept = default;

    friend constexpr std::string_view to_string(const currency& in) noexcept { return in.code(); }

private:
    char code_[size] = {};
};

/// An exact amount of money in one currency. By default zero of no currency.
///
/// Units: minor units of the currency (cents of a dollar, whole yen), in 64 bits.
class money {
public:
    constexpr money() noexcept = default;

    /// `money::from_minor(499, "USD")` is 4.99 dollars.
    template <detail::fits_int64 Count>
    static constexpr money from_minor(Count minor_units, currency in) noexcept {
        return money{static_cast<std::int64_t>(minor_units), in};
    }
    template <std::floating_point Number>
    static constexpr money from_minor(Number, currency) = delete;

    /// The money that `text` writes: a decimal, one blank, the code, as in `5.00 USD`.
    ///
    /// Errors: `invalid_argument` for anything else and for more decimals than the currency has;
    /// `amount_overflow`.
    static constexpr checked<money> parse(std::string_view text) noexcept {
        constexpr std::size_t tail = 4;
        if (text.size() <= tail || text[text.size() - tail] != ' ') return errc::invalid_argument;
        const auto in = currency::parse(text.substr(text.size() - tail + 1));
        if (!in) return in.error();
        return of(detail::parse_decimal(text.substr(0, text.size() - tail), in->decimals()), *in);
    }

    constexpr std::int64_t minor_units() const noexcept { return minor_units_; }
    constexpr currency in() const noexcept { return in_; }
    constexpr bool has_currency() const noexcept { return !in_.is_none(); }
    constexpr bool is_none() const noexcept { return in_.is_none(); }
    constexpr bool is_zero() const noexcept { return minor_units_ == 0; }
    constexpr bool is_negative() const noexcept { return minor_units_ < 0; }
    constexpr bool is_positive() const noexcept { return minor_units_ > 0; }

    /// Nothing is equal across currencies, not even zero. There is no order across currencies
    /// either: compare `minor_units()` where the currency is known to be the same.
    friend constexpr bool operator==(const money&, const money&) noexcept = default;

    /// Errors: `invalid_argument` for two currencies; `amount_overflow`.
    friend constexpr checked<money> operator+(money a, money b) noexcept {
        if (a.in_ != b.in_) return errc::invalid_argument;
        return of(detail::add(a.minor_units_, b.minor_units_), a.in_);
    }
    /// Errors: `invalid_argument` for two currencies; `amount_overflow`.
    friend constexpr checked<money> operator-(money a, money b) noexcept {
        if (a.in_ != b.in_) return errc::invalid_argument;
        return of(detail::subtract(a.minor_units_, b.minor_units_), a.in_);
    }
    friend constexpr checked<money> operator+(const checked<money>& a,
                                              const checked<money>& b) noexcept {
        if (!a || !b) return detail::graver_error(a, b);
        return *a + *b;
    }
    friend constexpr checked<money> operator-(const checked<money>& a,
                                              const checked<money>& b) noexcept {
        if (!a || !b) return detail::graver_error(a, b);
        return *a - *b;
    }
    template <detail::integer Count>
    friend constexpr checked<money> operator*(money a, Count n) noexcept {
        return of(detail::multiply(a.minor_units_, n), a.in_);
    }
    template <std::floating_point Factor>
    friend constexpr checked<money> operator*(money a, Factor) = delete;

    /// As it is parsed: `5.00 USD`, with all the decimals of the currency.
    friend constexpr detail::amount_text to_string(money amount) noexcept {
        const int decimals = amount.in_.decimals();
        detail::amount_text text = detail::write_decimal(amount.minor_units_, decimals, decimals);
        if (amount.has_currency()) {
            text.push(' ');
            text.push(amount.in_.code());
        }
        return text;
    }

private:
    constexpr money(std::int64_t minor_units, currency in) noexcept
        : minor_units_{minor_units}, in_{in} {}

    static constexpr checked<money> of(const checked<std::int64_t>& minor_units,
                                       currency in) noexcept {
        if (!minor_units) return minor_units.error();
        return from_minor(*minor_units, in);
    }

    std::int64_t minor_units_ = 0;
    currency in_;
};

/// `amount * numerator / denominator`, rounded once to the minor unit.
///
/// Errors: `invalid_argument` if the denominator is not positive; `amount_overflow`.
template <detail::fits_int64 Numerator, detail::fits_int64 Denominator>
constexpr checked<money> scale(money amount, Numerator numerator, Denominator denominator,
                               rounding mode) noexcept {
    const auto minor = detail::scale_count(amount.minor_units(), numerator, denominator, mode);
    if (!minor) return minor.error();
    return money::from_minor(*minor, amount.in());
}

/// `amount * part / whole`: rounded down, what was paid for the unspent part of a purchase.
///
/// Errors: `invalid_argument` if the whole is not positive; `amount_overflow`.
constexpr checked<money> scale(money amount, credits part, credits whole, rounding mode) noexcept {
    return scale(amount, part.micros(), whole.micros(), mode);
}

namespace detail {

/// Not constexpr: to reach it while compiling is the message.
inline void money_is_written_in_decimal_with_the_decimals_of_its_currency() noexcept {}

consteval money money_literal(std::string_view text, currency in) {
    const auto minor = parse_decimal(text, in.decimals());
    if (!minor) money_is_written_in_decimal_with_the_decimals_of_its_currency();
    return money::from_minor(minor.value_or(0), in);
}

}  // namespace detail

namespace literals {

/// `eur("10.00")`: exact, or it does not compile.
template <std::size_t Size>
consteval money eur(const char (&text)[Size]) {
    return detail::money_literal({text, Size - 1}, "EUR");
}
/// `usd("4.99")`
template <std::size_t Size>
consteval money usd(const char (&text)[Size]) {
    return detail::money_literal({text, Size - 1}, "USD");
}
/// `gbp("4.99")`
template <std::size_t Size>
consteval money gbp(const char (&text)[Size]) {
    return detail::money_literal({text, Size - 1}, "GBP");
}

}  // namespace literals

}  // namespace v0
}  // namespace coffer
