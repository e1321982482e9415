/// Decimal text to an exact count and back, without floating point, allocation or locale. Private
/// to coffer.
///
/// What is read: an optional `-`, digits, optionally `.` and digits, optionally `e` or `E` with a
/// signed or unsigned exponent. Nothing else: no plus sign in front, no blanks, no bare point.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

constexpr bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

/// The parts of a well-formed decimal text. Positions count from the start of `digits`.
struct decimal_parts {
    std::string_view digits;      // whole part, point and decimals, as written
    std::size_t significant = 0;  // digits from the first to the last that is not zero
    std::size_t first = 0;        // where the first digit that is not zero stands
    std::int64_t exponent = 0;    // of the last digit that is not zero
    bool negative = false;
};

/// Reads the digits of an exponent. Drops what lies far beyond anything a text's length could undo.
constexpr bool read_exponent(std::string_view text, std::int64_t& exponent) noexcept {
    constexpr std::int64_t limit = 100'000'000'000'000'000;  // one digit more still fits
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return false;
    exponent = 0;
    for (char letter : text) {
        if (!is_digit(letter)) return false;
        if (exponent < limit) exponent = exponent * 10 + (letter - '0');
    }
    if (negative) exponent = -exponent;
    return true;
}

/// Reads whole part, point and decimals. False if they are malformed.
constexpr bool read_digits(std::string_view text, decimal_parts& parts,
                           std::size_t& consumed) noexcept {
    std::size_t digits = 0;
    std::size_t whole = 0;
    std::size_t first_digit = 0;  // counted in digits, from 1; 0: none yet
    std::size_t last_digit = 0;
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const char letter = text[at];
        if (letter == '.') {
            if (point || digits == 0) return false;
            point = true;
            continue;
        }
        if (!is_digit(letter)) break;
        ++digits;
        if (!point) ++whole;
        if (letter == '0') continue;
        if (first_digit == 0) {
            first_digit = digits;
            parts.first = at;
        }
        last_digit = digits;
    }
    if (digits == 0 || (point && digits == whole)) return false;
    parts.digits = text.substr(0, at);
    parts.significant = first_digit == 0 ? 0 : last_digit - first_digit + 1;
    parts.exponent = static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(last_digit);
    consumed = at;
    return true;
}

constexpr bool read_parts(std::string_view text, decimal_parts& parts) noexcept {
    parts.negative = text.starts_with('-');
    if (parts.negative) text.remove_prefix(1);
    std::size_t consumed = 0;
    if (!read_digits(text, parts, consumed)) return false;
    text.remove_prefix(consumed);
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    std::int64_t exponent = 0;
    if (!read_exponent(text.substr(1), exponent)) return false;
    parts.exponent += exponent;
    return true;
}

/// The exact count of 10^-`places` that `text` writes.
///
/// Requires: `places` is 0 … 18.
/// Errors: `invalid_argument` for malformed text and for digits beyond `places` other than zeros;
/// `amount_overflow` if the count does not fit.
/// Complexity: linear in the length of the text.
constexpr checked<std::int64_t> parse_decimal(std::string_view text, int places) noexcept {
    constexpr std::int64_t most_digits = 19;  // ten to the 19th is beyond 64 bits with a sign
    decimal_parts parts;
    if (!read_parts(text, parts)) return errc::invalid_argument;
    if (parts.significant == 0) return std::int64_t{0};
    const std::int64_t shift = parts.exponent + places;
    if (shift < 0) return errc::invalid_argument;
    if (parts.significant > static_cast<std::size_t>(most_digits) ||
        shift > most_digits - static_cast<std::int64_t>(parts.significant)) {
        return errc::amount_overflow;
    }
    std::uint64_t magnitude = 0;
    std::size_t left = parts.significant;
    for (std::size_t at = parts.first; left > 0; ++at) {
        if (parts.digits[at] == '.') continue;
        magnitude = magnitude * 10 + static_cast<std::uint64_t>(parts.digits[at] - '0');
        --left;
    }
    for (std::int64_t i = 0; i < shift; ++i) magnitude *= 10;
    const auto value = static_cast<int128>(magnitude);
    return narrow(parts.negative ? -value : value);
}

/// `count` times 10^-`places` as text: at least `least` decimals, and no more than it takes to be
/// exact.
///
/// Requires: 0 ≤ `least` ≤ `places` ≤ 18.
constexpr amount_text write_decimal(std::int64_t count, int places, int least) noexcept {
    amount_text text;
    push_decimal(text, count, places, least);
    return text;
}

/// The letters of a number literal without the digit separators.
template <char... Letters>
struct literal_text {
    static constexpr amount_text value = [] {
        amount_text text;
        ((Letters == '\'' ? void() : text.push(Letters)), ...);
        return text;
    }();
    /// `012` would be ten to the language and twelve to us.
    static constexpr bool octal = value.view().size() > 1 && value.view()[0] == '0' &&
                                  is_digit(value.view()[1]);
    static constexpr bool fits = sizeof...(Letters) <= 40;

    static constexpr checked<std::int64_t> parse(int places) noexcept {
        if (octal || !fits) return errc::invalid_argument;
        return parse_decimal(value.view(), places);
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
