/// Strong identifiers: wallets, requests, entries, lots, holds and buckets. They compare, print and
/// hash, and do not mix.
#pragma once

#include <coffer/base/detail/name_registry.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/print.hpp>

#include <algorithm>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The host's name of a wallet: 1 to 63 bytes of its own choice.
class wallet_id {
public:
    static constexpr std::size_t max_size = 63;

    constexpr wallet_id() noexcept = default;
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    constexpr wallet_id(const Text& text) noexcept : text_{static_cast<std::string_view>(text)} {}

    constexpr bool is_valid() const noexcept { return !text_.too_long() && !text_.empty(); }
    constexpr std::string_view text() const noexcept { return text_; }

    friend constexpr bool operator==(const wallet_id&, const wallet_id&) noexcept = default;
    friend constexpr std::string_view to_string(const wallet_id& id) noexcept { return id.text(); }

private:
    detail::short_text<max_size> text_;
};

/// The caller's idempotency key: up to 95 bytes, unique within its wallet; empty for none.
/// Guarantees: the same id with the same content is answered with the first outcome.
class request_id {
public:
    static constexpr std::size_t max_size = 95;

    constexpr request_id() noexcept = default;
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    constexpr request_id(const Text& text) noexcept
        : text_{static_cast<std::string_view>(text)}, scope_{scope::caller} {}
    template <std::integral Number>
    constexpr request_id(Number) noexcept {
        static_assert(!std::integral<Number>,
                      "coffer: a request id is text, and says what of: \"order-42\"");
    }

    constexpr bool is_valid() const noexcept { return !text_.too_long(); }
    constexpr bool empty() const noexcept { return scope_ == scope::none || text_.empty(); }
    constexpr std::string_view text() const noexcept { return text_; }

    friend constexpr bool operator==(const request_id&, const request_id&) noexcept = default;
    friend constexpr std::string_view to_string(const request_id& id) noexcept { return id.text(); }

    /// Whose id it is: a settle or release without an id of its own has one made from its hold.
    enum class scope : std::uint8_t { none, caller, settle, release };
    constexpr scope made_by() const noexcept { return empty() ? scope::none : scope_; }
    /// An id that no caller can give, made from the hold's number.
    static constexpr request_id derived(scope made_by, std::uint32_t hold) noexcept {
        request_id id;
        id.text_ = decimal{hold}.view();
        id.scope_ = made_by;
        return id;
    }
    /// One for what is remembered by its content, too: the hold's request may come with another.
    static constexpr request_id derived(scope made_by, std::uint32_t hold,
                                        std::uint64_t content) noexcept {
        const decimal number{hold};
        char text[sizeof number.digits + 1 + 16] = {};
        char* end = std::copy(number.view().begin(), number.view().end(), text);
        *end++ = '/';
        for (int shift = 60; shift >= 0; shift -= 4) {
            *end++ = "0123456789abcdef"[(content >> shift) & 15];
        }
        return stored(made_by, {text, static_cast<std::size_t>(end - text)});
    }
    /// Puts a stored id together again.
    static constexpr request_id stored(scope made_by, std::string_view text) noexcept {
        request_id id;
        id.text_ = text;
        id.scope_ = made_by;
        return id;
    }

private:
    struct decimal {
        constexpr explicit decimal(std::uint32_t number) noexcept {
            do {
                digits[--first] = static_cast<char>('0' + number % 10);
                number /= 10;
            } while (number != 0);
        }
        constexpr std::string_view view() const noexcept {
            return {digits + first, sizeof digits - first};
        }
        char digits[10] = {};
        std::size_t first = sizeof digits;
    };

    detail::short_text<max_size> text_;
    scope scope_ = scope::none;
};

namespace detail {

/// A number of the journal under a name of its own; zero is none.
template <class Tag>
class journal_number {
public:
    constexpr journal_number() noexcept = default;
    constexpr explicit journal_number(std::uint32_t value) noexcept : value_{value} {}

    constexpr std::uint32_t value() const noexcept { return value_; }
    constexpr explicit operator bool() const noexcept { return value_ != 0; }

    friend constexpr auto operator<=>(journal_number, journal_number) noexcept = default;
    friend constexpr text_buffer<10> to_string(journal_number number) noexcept {
        text_buffer<10> text;
        push_number(text, number.value_);
        return text;
    }

private:
    std::uint32_t value_ = 0;
};

}  // namespace detail

/// The number of a journal entry: 1, 2, 3 … per wallet without a gap.
using entry_id = detail::journal_number<struct entry_tag>;
/// A lot, named by the number of the entry that made it.
using lot_id = detail::journal_number<struct lot_tag>;
/// A hold, named by the number of the entry that opened it.
using hold_id = detail::journal_number<struct hold_tag>;
/// A purchase, named by the number of the entry that placed it.
using order_id = detail::journal_number<struct order_tag>;

/// A kind of credit, by its name ("allowance", "package"). Copies and comparisons cost a small
/// number. Names come from plans and stores; the program keeps each once, at most 65,000 of them.
class bucket_id {
public:
    constexpr bucket_id() noexcept = default;

    /// The bucket of that name, which the program may meet for the first time. Errors: none; an
    /// empty name, one beyond 63 bytes, or one too many gives the empty id.
    static bucket_id of(std::string_view name) noexcept {
        return bucket_id{detail::bucket_names().number_of(name)};
    }
    /// The bucket of that name if anybody in the program has named it before, else the empty id.
    static bucket_id find(std::string_view name) noexcept {
        return bucket_id{detail::bucket_names().find(name)};
    }

    /// The bucket with that number in this program.
    static constexpr bucket_id stored(std::uint16_t value) noexcept { return bucket_id{value}; }

    std::string_view name() const noexcept { return detail::bucket_names().text_of(value_); }
    constexpr std::uint16_t value() const noexcept { return value_; }
    constexpr explicit operator bool() const noexcept { return value_ != 0; }

    friend constexpr bool operator==(bucket_id, bucket_id) noexcept = default;
    friend bool operator==(bucket_id id, std::string_view name) noexcept {
        return id.name() == name;
    }
    friend std::string_view to_string(bucket_id id) noexcept { return id.name(); }

private:
    constexpr explicit bucket_id(std::uint16_t value) noexcept : value_{value} {}

    std::uint16_t value_ = 0;
};

}  // namespace v0
}  // namespace coffer
