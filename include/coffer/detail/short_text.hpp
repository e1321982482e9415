/// A text of limited length kept in place: names inside records that must be copied without
/// allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

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
        for (char letter : text) bytes_[size_++] = letter;
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
