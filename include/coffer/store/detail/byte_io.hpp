/// Values and texts as bytes in the machine's order. Writing trusts that there is room, reading
/// never goes beyond what is there.
#pragma once

#include <coffer/base/detail/short_text.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

class byte_writer {
public:
    explicit byte_writer(std::byte* to) noexcept : begin_{to}, at_{to} {}

    template <class T>
    void put(const T& value) noexcept {
        static_assert(std::is_trivially_copyable_v<T>);
        std::memcpy(at_, &value, sizeof value);
        at_ += sizeof value;
    }
    void put(std::string_view text) noexcept {
        copy_text(at_, text);
        at_ += text.size();
    }
    /// A text of at most 255 bytes with its length before it.
    void put_sized(std::string_view text) noexcept {
        put(static_cast<std::uint8_t>(text.size()));
        put(text);
    }
    std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

private:
    std::byte* begin_;
    std::byte* at_;
};

class byte_reader {
public:
    byte_reader(const std::byte* from, std::size_t size) noexcept : at_{from}, end_{from + size} {}

    template <class T>
    T get() noexcept {
        T value{};
        if (!has(sizeof value)) return value;
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        return value;
    }
    std::string_view text(std::size_t size) noexcept {
        if (!has(size)) return {};
        std::string_view read{reinterpret_cast<const char*>(at_), size};
        at_ += size;
        return read;
    }
    std::string_view sized_text() noexcept { return text(get<std::uint8_t>()); }
    bool has(std::size_t size) noexcept {
        if (static_cast<std::size_t>(end_ - at_) < size) failed_ = true;
        return !failed_;
    }
    /// What was read makes no sense.
    void fail() noexcept { failed_ = true; }
    bool complete() const noexcept { return !failed_ && at_ == end_; }
    const std::byte* position() const noexcept { return at_; }
    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

private:
    const std::byte* at_;
    const std::byte* end_;
    bool failed_ = false;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
