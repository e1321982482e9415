/// A text of limited length kept in place: names inside records that must be copied without
/// allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Copies a text, which may be empty. Short ones, the rule, go in a few moves without a call.
inline void copy_text(void* to, std::string_view text) noexcept {
    const char* from = text.data();
    std::size_t size = text.size();
    auto ends = [&](auto word) {  // first and last word, which may overlap
        decltype(word) last;
        std::memcpy(&word, from, sizeof word);
        std::memcpy(&last, from + size - sizeof last, sizeof last);
        std::memcpy(to, &word, sizeof word);
        std::memcpy(static_cast<char*>(to) + size - sizeof last, &last, sizeof last);
    };
    struct two_words {
        std::uint64_t low;
        std::uint64_t high;
    };
    if (size > 32) {
        std::memcpy(to, from, size);
    } else if (size >= 16) {
        ends(two_words{});
    } else if (size >= 8) {
        ends(std::uint64_t{});
    } else if (size >= 4) {
        ends(std::uint32_t{});
    } else if (size >= 2) {
        ends(std::uint16_t{});
    } else if (size == 1) {
        std::memcpy(to, from, 1);
    }
}

/// At most `Max` bytes of text. A longer text makes it `too_long`, which no valid text equals.
template <std::size_t Max>
class short_text {
    static_assert(Max < 255);

public:
    static constexpr std::size_t max_size = Max;

    constexpr short_text() noexcept = default;
    constexpr short_text(std::string_view text) noexcept {
        if (text.size() > Max) {
            size_ = too_long_mark;
            return;
        }
        if (std::is_constant_evaluated()) {
            for (char letter : text) bytes_[size_++] = letter;
        } else {
            copy_text(bytes_, text);
            size_ = static_cast<std::uint8_t>(text.size());
        }
    }

    constexpr bool too_long() const noexcept { return size_ == too_long_mark; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr std::string_view view() const noexcept {
        return {bytes_, too_long() ? std::size_t{0} : size_};
    }
    constexpr operator std::string_view() const noexcept { return view(); }

    friend constexpr bool operator==(const short_text& a, const short_text& b) noexcept {
        return a.size_ == b.size_ && a.view() == b.view();
    }
    friend constexpr bool operator==(const short_text& a, std::string_view b) noexcept {
        return !a.too_long() && a.view() == b;
    }

private:
    static constexpr std::uint8_t too_long_mark = 255;

    char bytes_[Max] = {};
    std::uint8_t size_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
