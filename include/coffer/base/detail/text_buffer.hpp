/// A text that is put together in place, without allocation, stream or locale: what a value prints
/// as. Private to coffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// At most `Capacity` bytes of text, followed by a zero. What does not fit is left out.
template <std::size_t Capacity>
class text_buffer {
public:
    static constexpr std::size_t capacity = Capacity;

    constexpr std::string_view view() const noexcept { return {letters_, size_}; }
    constexpr operator std::string_view() const noexcept { return view(); }
    constexpr const char* c_str() const noexcept { return letters_; }

    constexpr void push(char letter) noexcept {
        if (size_ < capacity) letters_[size_++] = letter;
    }
    constexpr void push(std::string_view text) noexcept {
        for (char letter : text) push(letter);
    }

private:
    std::size_t size_ = 0;
    char letters_[capacity + 1] = {};
};

/// What an amount prints as. The longest is money: sign, 20 digits, point, code.
using amount_text = text_buffer<47>;

/// Appends `count` times 10^-`places`: at least `least` decimals, and no more than it takes to be
/// exact.
///
/// Requires: 0 ≤ `least` ≤ `places` ≤ 18.
template <std::size_t Capacity>
constexpr void push_decimal(text_buffer<Capacity>& text, std::int64_t count, int places,
                            int least) noexcept {
    constexpr int most_digits = 20;
    const auto bits = static_cast<std::uint64_t>(count);
    std::uint64_t magnitude = count < 0 ? 0 - bits : bits;
    int decimals = places;
    while (decimals > least && magnitude % 10 == 0) {
        magnitude /= 10;
        --decimals;
    }
    char backwards[most_digits] = {};
    int digits = 0;
    while (magnitude != 0 || digits <= decimals) {
        backwards[digits++] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
        magnitude /= 10;
    }
    if (count < 0) text.push('-');
    while (digits > 0) {
        if (digits == decimals) text.push('.');
        text.push(backwards[--digits]);
    }
}

/// Appends a whole number that is not negative, with zeros in front up to a width.
template <std::size_t Capacity>
constexpr void push_number(text_buffer<Capacity>& text, std::int64_t number,
                           int width = 1) noexcept {
    std::int64_t least = 10;  // the smallest number of one digit more
    for (int digits = 1; digits < width; ++digits, least *= 10) {
        if (number < least) text.push('0');
    }
    push_decimal(text, number, 0, 0);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
