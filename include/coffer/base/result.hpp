/// `result<T>`: a value, or the reason why there is none. Include it where you return one.
///
/// Expected outcomes come back as results and are never thrown. A host that prefers exceptions
/// writes `.or_throw()` at the end of the call; nothing else changes. A value that is read where
/// there is none throws the same `failure`: it never reads what is not there, and never ends the
/// program. Without exceptions it is COFFER_ASSERT, and then the end.
#pragma once

#include <coffer/base/detail/assert.hpp>
#include <coffer/base/detail/either.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/print.hpp>

#include <concepts>
#include <exception>
#include <iosfwd>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {

/// What `or_throw` throws, and what reading a value throws where there is none. `what()` says all
/// that the error says.
class failure : public std::exception {
public:
    explicit failure(const error& why) noexcept : why_{why}, text_{to_string(why)} {}
    const char* what() const noexcept override { return text_.c_str(); }
    const error& why() const noexcept { return why_; }

private:
    error why_;
    decltype(to_string(std::declval<const error&>())) text_;
};

namespace detail {

/// The error as everybody's; one of a kind that does not become one says only that there is one.
template <class E>
constexpr error plain_error(const E& why) {
    if constexpr (std::is_constructible_v<error, const E&>) {
        return error{why};
    } else {
        return error{errc::invalid_argument}.because(
            "a value was read where there is another error");
    }
}

template <class E>
[[noreturn]] inline void throw_failure([[maybe_unused]] const E& why) {
#if defined(__cpp_exceptions)
    throw failure{plain_error(why)};
#else
    static_assert(sizeof(E) == 0, "coffer: or_throw() needs exceptions; ask error() in this build");
#endif
}

/// A value was read where there is this error.
template <class E>
[[noreturn]] inline void no_value([[maybe_unused]] const E& why) {
#if defined(__cpp_exceptions)
    throw failure{plain_error(why)};
#else
    [[maybe_unused]] constexpr bool asked_before_it_was_read = false;
    COFFER_ASSERT(asked_before_it_was_read);
    __builtin_abort();
#endif
}

[[noreturn]] inline void no_error() {
    no_value(error{errc::invalid_argument}.because("an error was read where there is a value"));
}

}  // namespace detail

/// A value of type `T`, or an error of type `E`.
/// Guarantees: where both are copied bit by bit, so is the result.
template <class T, class E = error>
class [[nodiscard]] result {
public:
    using value_type = T;
    using error_type = E;

    constexpr result(const T& value) : state_{detail::a_value, value} {}
    constexpr result(T&& value) : state_{detail::a_value, std::move(value)} {}
    constexpr result(const E& why) : state_{detail::an_error, why} {}
    constexpr result(errc why) requires(!std::is_same_v<E, errc>) : state_{detail::an_error, why} {}
    /// A result with a light error becomes one with a full error.
    /// A template, because it would be a copy constructor where `E` is `errc`.
    template <class Light>
        requires(std::is_same_v<Light, result<T, errc>> && !std::is_same_v<E, errc>)
    constexpr result(const Light& other)
        : state_{other ? state{detail::a_value, *other} : state{detail::an_error, other.error()}} {}

    constexpr explicit operator bool() const noexcept { return state_.holds_value; }
    constexpr bool has_value() const noexcept { return state_.holds_value; }

    /// The value. Where there is none, `failure` is thrown: ask first, or write `or_throw`.
    constexpr T& operator*() & {
        need_value();
        return state_.value;
    }
    constexpr const T& operator*() const& {
        need_value();
        return state_.value;
    }
    constexpr T&& operator*() && {
        need_value();
        return std::move(state_.value);
    }
    constexpr T* operator->() {
        need_value();
        return &state_.value;
    }
    constexpr const T* operator->() const {
        need_value();
        return &state_.value;
    }

    /// The error. Where there is a value, `failure` is thrown, too.
    constexpr const E& error() const {
        if (has_value()) detail::no_error();
        return state_.why;
    }

    template <class U>
    constexpr T value_or(U&& otherwise) const& {
        return has_value() ? state_.value : static_cast<T>(std::forward<U>(otherwise));
    }

    /// The value, or `failure` thrown.
    constexpr T or_throw() && {
        if (!has_value()) detail::throw_failure(state_.why);
        return std::move(state_.value);
    }
    constexpr const T& or_throw() const& {
        if (!has_value()) detail::throw_failure(state_.why);
        return state_.value;
    }

    /// `next(value)`, which returns a result, or this error.
    template <class F>
    constexpr auto and_then(F&& next) const& -> std::invoke_result_t<F, const T&> {
        if (!has_value()) return state_.why;
        return std::forward<F>(next)(state_.value);
    }

    friend constexpr bool operator==(const result& r,
                                     const T& value) requires std::equality_comparable<T> {
        return r.has_value() && r.state_.value == value;
    }
    friend constexpr bool operator==(const result& r, errc code) {
        return !r.has_value() && r.state_.why == code;
    }

private:
    using state = detail::either<T, E>;

    constexpr void need_value() const {
        if (!has_value()) detail::no_value(state_.why);
    }

    state state_;
};

/// Success without a value, or an error.
template <class E>
class [[nodiscard]] result<void, E> {
public:
    using value_type = void;
    using error_type = E;

    constexpr result() noexcept : state_{detail::a_value} {}
    constexpr result(const E& why) : state_{detail::an_error, why} {}
    constexpr result(errc why) requires(!std::is_same_v<E, errc>) : state_{detail::an_error, why} {}

    constexpr explicit operator bool() const noexcept { return state_.holds_value; }
    constexpr bool has_value() const noexcept { return state_.holds_value; }
    /// The error. Where it succeeded, `failure` is thrown.
    constexpr const E& error() const {
        if (has_value()) detail::no_error();
        return state_.why;
    }
    constexpr void or_throw() const {
        if (!has_value()) detail::throw_failure(state_.why);
    }
    friend constexpr bool operator==(const result& r, errc code) {
        return !r.has_value() && r.state_.why == code;
    }

private:
    detail::either<detail::nothing, E> state_;
};

/// The result of exact arithmetic: light, and it becomes a `result<T>` by itself.
template <class T>
using checked = result<T, errc>;

/// Inserts what the result holds, the value or the error; `ok` for success without a value.
template <class Traits, class T, class E>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const result<T, E>& r) {
    const auto insert = [&out](const auto& held, std::string_view otherwise) {
        if constexpr (requires { out << held; }) {
            out << held;
        } else if constexpr (requires { out << held.text(); }) {
            out << held.text();
        } else {
            out << otherwise;
        }
    };
    if (!r) {
        insert(r.error(), "an error");
    } else if constexpr (std::is_void_v<T>) {
        out << std::string_view{"ok"};
    } else {
        insert(*r, "a value");
    }
    return out;
}

}  // namespace v0
}  // namespace coffer
