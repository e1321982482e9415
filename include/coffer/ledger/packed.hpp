/// Numbers and texts in few bytes, for what entries and holds say in a text of their own: limits,
/// orders, choices, prices.
#pragma once

#include <coffer/amount/money.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/time/instant.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Appends numbers and texts: seven bits a byte, the lowest first; the last byte is below 128.
/// `Text`: where to, in which they have room.
template <class Text>
class packed_writer_to {
public:
    packed_writer_to& number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) byte(static_cast<unsigned>(value & 0x7f) | 0x80);
        return byte(static_cast<unsigned>(value));
    }
    packed_writer_to& whole(std::int64_t value) {
        return number((static_cast<std::uint64_t>(value) << 1) ^
                      static_cast<std::uint64_t>(value >> 63));
    }
    packed_writer_to& time(instant t) { return whole(t.time_since_epoch().count()); }
    packed_writer_to& text(std::string_view value) {
        number(value.size());
        return rest(value);
    }
    /// A text to the end of all.
    packed_writer_to& rest(std::string_view value) {
        text_.append(value);
        return *this;
    }
    packed_writer_to& byte(unsigned value) {
        text_.push_back(static_cast<char>(static_cast<unsigned char>(value)));
        return *this;
    }
    Text take() noexcept { return std::move(text_); }

private:
    Text text_{};
};
using packed_writer = packed_writer_to<std::string>;

/// Room in place for what is known to take no more.
template <std::size_t Max>
class packed_room {
public:
    void push_back(char byte) noexcept { bytes_[size_++] = byte; }
    void append(std::string_view text) noexcept {
        copy_text(bytes_ + size_, text);
        size_ += text.size();
    }
    operator std::string_view() const noexcept { return {bytes_, size_}; }

private:
    char bytes_[Max];
    std::size_t size_ = 0;
};

/// Reads what a `packed_writer` wrote. After a failure it gives zeros.
class packed_reader {
public:
    explicit packed_reader(std::string_view from) noexcept : left_{from} {}

    std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
            const auto next = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            const bool fits = shift < 63 || (next & 0x7f) <= 1;
            const bool shortest = next != 0 || shift == 0;
            if (!fits || !shortest) break;
            value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
            if (next < 0x80) return failed_ ? 0 : value;
        }
        fail();
        return 0;
    }
    /// A number that is no more than that.
    template <class T = std::uint32_t>
    T up_to(std::uint64_t most = std::numeric_limits<T>::max()) noexcept {
        const std::uint64_t value = number();
        if (value > most) fail();
        return failed_ ? T{} : static_cast<T>(value);
    }
    /// A number that is not negative.
    std::int64_t count() noexcept {
        return up_to<std::int64_t>(
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    }
    std::int64_t whole() noexcept {
        const std::uint64_t value = number();
        return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
    }
    instant time() noexcept { return instant{std::chrono::microseconds{whole()}}; }
    unsigned byte() noexcept {
        if (left_.empty()) fail();
        const unsigned value = failed_ ? 0 : static_cast<unsigned char>(left_.front());
        if (!failed_) left_.remove_prefix(1);
        return value;
    }
    /// All that is left.
    std::string_view rest() noexcept { return std::exchange(left_, {}); }
    std::string_view text() noexcept {
        const std::uint64_t size = number();
        if (size > left_.size()) fail();
        const std::string_view read = left_.substr(0, failed_ ? 0 : size);
        left_.remove_prefix(read.size());
        return read;
    }
    void fail() noexcept {
        failed_ = true;
        left_ = {};
    }
    bool good() const noexcept { return !failed_; }
    /// Whether all was read, and made sense.
    bool complete() const noexcept { return !failed_ && left_.empty(); }

private:
    std::string_view left_;
    bool failed_ = false;
};

inline void pack(packed_writer& out, const money& m) {
    out.whole(m.minor_units()).text(m.in().code());
}
inline money read_money(packed_reader& in) noexcept {
    const std::int64_t minor = in.whole();
    const std::string_view code = in.text();
    if (code.empty()) return money::from_minor(minor, currency{});
    const auto unit = currency::parse(code);
    if (!unit) in.fail();
    return money::from_minor(minor, unit ? *unit : currency{});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
