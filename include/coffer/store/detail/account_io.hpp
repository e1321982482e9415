/// Numbers, instants and texts of a record that outlives the program: most take as many bytes as
/// they need, and reading never goes beyond what is there.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/id.hpp>
#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/time/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Appends to a list of bytes.
class record_writer {
public:
    record_writer(byte_list& into, const name_table& names) noexcept : into_{into}, names_{names} {}

    /// Seven bits a byte, the lowest first; the last byte is below 128.
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
        byte(static_cast<std::uint8_t>(value));
    }
    void byte(std::uint8_t value) { into_.push_back(std::byte{value}); }
    /// Small magnitudes are short.
    void whole(std::int64_t value) { number(zigzag(value)); }
    void amount(credits value) { whole(value.micros()); }
    /// `never`, and the earliest instant there is, are one byte.
    void time(instant t) { number(zigzag(ticks(t)) + 2); }
    /// `mark`: a bit that stands beside the length, which is below it.
    void text(std::string_view value, std::uint8_t mark = 0) {
        byte(static_cast<std::uint8_t>(value.size() | mark));
        for (char letter : value) byte(static_cast<std::uint8_t>(letter));
    }
    void long_text(std::string_view value) {
        number(value.size());
        for (char letter : value) byte(static_cast<std::uint8_t>(letter));
    }
    void bucket(bucket_id value) { number(names_.mark_of(value)); }
    void price(const money& value) {
        whole(value.minor_units());
        text(value.in().code());
    }
    template <class List, class Write>
    void list(const List& values, Write&& write) {
        number(values.size());
        for (const auto& value : values) write(*this, value);
    }

private:
    static std::uint64_t zigzag(std::int64_t value) noexcept {
        return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    }

    byte_list& into_;
    const name_table& names_;
};

/// Reads what a `record_writer` wrote. After a failure it gives zeros, and nothing more.
class record_reader {
public:
    record_reader(byte_reader& in, const name_table& names) noexcept : in_{in}, names_{names} {}

    std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            auto next = in_.get<std::uint8_t>();
            std::uint64_t bits = next & 0x7fu;
            bool fits = shift < 63 || bits <= 1;
            bool shortest = next != 0 || shift == 0;
            if (!fits || !shortest) break;
            value |= bits << shift;
            if (next < 0x80) return in_.has(0) ? value : 0;
        }
        in_.fail();
        return 0;
    }
    /// A number of a narrower type.
    template <class T>
    T narrow() noexcept {
        std::uint64_t value = number();
        if (value > std::numeric_limits<T>::max()) in_.fail();
        return static_cast<T>(value);
    }
    std::uint8_t byte() noexcept { return in_.get<std::uint8_t>(); }
    bool flag() noexcept {
        std::uint8_t value = byte();
        if (value > 1) in_.fail();
        return value == 1;
    }
    std::int64_t whole() noexcept { return unzigzag(number()); }
    std::int32_t short_whole() noexcept {
        std::int64_t value = whole();
        auto cut = static_cast<std::int32_t>(value);
        if (cut != value) in_.fail();
        return cut;
    }
    credits amount() noexcept { return credits::from_micros(whole()); }
    instant time() noexcept { return from_ticks(unzigzag(number() - 2)); }
    /// Whether such a bit stands beside the length of the text that comes next.
    bool has_mark(std::uint8_t mark) noexcept {
        return in_.has(1) && (std::to_integer<std::uint8_t>(*in_.position()) & mark) != 0;
    }
    template <class Text>
    Text text(std::uint8_t mark = 0) noexcept(
        std::is_nothrow_constructible_v<Text, std::string_view>) {
        const auto size = static_cast<std::uint8_t>(byte() & ~unsigned{mark});
        Text read{in_.text(size)};
        if (read.too_long()) in_.fail();
        return read;
    }
    std::string_view long_text() noexcept { return in_.text(count(1)); }
    bucket_id bucket() noexcept {
        auto mark = narrow<std::uint16_t>();
        bucket_id found = names_.bucket_of(mark);
        if (mark != 0 && !found) in_.fail();
        return found;
    }
    money price() noexcept {
        std::int64_t minor = whole();
        std::string_view code = in_.sized_text();
        if (code.empty()) return money::from_minor(minor, currency{});
        auto unit = currency::parse(code);
        if (!unit) in_.fail();
        return money::from_minor(minor, unit ? *unit : currency{});
    }
    template <class Id>
    Id id() noexcept {
        return Id{narrow<std::uint32_t>()};
    }
    /// How many follow, of which each takes at least so many bytes: never more than can be there.
    std::size_t count(std::size_t least_size) noexcept {
        std::uint64_t many = number();
        if (many > in_.left() / least_size) in_.fail();
        return in_.has(0) ? static_cast<std::size_t>(many) : 0;
    }
    template <class List, class Read>
    void list(std::size_t least_size, List& into, Read&& read) {
        std::size_t many = count(least_size);
        if constexpr (requires { into.reserve(many); }) into.reserve(many);
        for (std::size_t i = 0; i < many && in_.has(0); ++i) into.push_back(read(*this));
    }
    void fail() noexcept { in_.fail(); }

private:
    static std::int64_t unzigzag(std::uint64_t value) noexcept {
        return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
    }

    byte_reader& in_;
    const name_table& names_;
};

/// A sum that notices when it does not fit.
class exact_sum {
public:
    void add(credits amount) noexcept {
        fits_ = !__builtin_add_overflow(total_, amount.micros(), &total_) && fits_;
    }
    bool is(credits expected) const noexcept { return fits_ && total_ == expected.micros(); }

private:
    std::int64_t total_ = 0;
    bool fits_ = true;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
