/// One of two values in the room of the larger: what a result holds. Private to coffer.
///
/// Written by hand: `<variant>` would be a quarter of the time that a result takes to compile.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The value of a success without a value.
struct nothing {};

/// Say which of the two is meant.
struct a_value_tag {};
struct an_error_tag {};
inline constexpr a_value_tag a_value{};
inline constexpr an_error_tag an_error{};

/// A value or an error. Where both are copied bit by bit, so is this.
template <class T, class E,
          bool = std::is_trivially_copyable_v<T>&& std::is_trivially_copyable_v<E>>
struct either {
    template <class... From>
    constexpr explicit either(a_value_tag, From&&... from) : value(std::forward<From>(from)...) {}
    template <class From>
    constexpr either(an_error_tag, const From& from) : why(from), holds_value{false} {}

    union {
        T value;
        E why;
    };
    bool holds_value = true;
};

/// The copying of others. A value may be one that only moves.
template <class T, class E>
struct either_by_hand {
    template <class... From>
    constexpr explicit either_by_hand(a_value_tag, From&&... from)
        : value(std::forward<From>(from)...) {}
    template <class From>
    constexpr either_by_hand(an_error_tag, const From& from) : why(from), holds_value{false} {}

    either_by_hand(const either_by_hand& other) : holds_value{other.holds_value} { make(other); }
    either_by_hand(either_by_hand&& other) noexcept(moves_quietly)
        : holds_value{other.holds_value} {
        make(std::move(other));
    }
    either_by_hand& operator=(const either_by_hand& other) {
        if (holds_value != other.holds_value) return *this = either_by_hand{other};
        if (holds_value) {
            value = other.value;
        } else {
            why = other.why;
        }
        return *this;
    }
    [[gnu::always_inline]] either_by_hand& operator=(either_by_hand&& other) noexcept {
        static_assert(moves_quietly,
                      "coffer: a result whose value may throw when it moves cannot "
                      "be assigned: make a new one");
        if (this == &other) return *this;
        end();
        holds_value = other.holds_value;
        make(std::move(other));
        return *this;
    }
    ~either_by_hand() { end(); }

    union {
        T value;
        E why;
    };
    bool holds_value = true;

private:
    static constexpr bool moves_quietly =
        std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_constructible_v<E>;

    template <class Other>
    void make(Other&& other) {
        if (holds_value) {
            ::new (static_cast<void*>(&value)) T(std::forward<Other>(other).value);
        } else {
            ::new (static_cast<void*>(&why)) E(std::forward<Other>(other).why);
        }
    }
    void end() noexcept {
        if (holds_value) {
            value.~T();
        } else {
            why.~E();
        }
    }
};

/// Forbids what a value forbids.
template <bool Copied>
struct copied_if {};
template <>
struct copied_if<false> {
    constexpr copied_if() noexcept = default;
    copied_if(const copied_if&) = delete;
    constexpr copied_if(copied_if&&) noexcept = default;
    copied_if& operator=(const copied_if&) = delete;
    constexpr copied_if& operator=(copied_if&&) noexcept = default;
    ~copied_if() = default;
};

template <class T, class E>
struct either<T, E, false> : either_by_hand<T, E>,
                             private copied_if<std::is_copy_constructible_v<T>> {
    using either_by_hand<T, E>::either_by_hand;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
