/// `result<T>`: a value, or the reason why there is none. Include it where you return one.
///
/// Expected outcomes come back as results and are never thrown. A host that prefers exceptions
/// writes `.or_throw()` at the end of the call; nothing else changes.
#pragma once

#include <coffer/base/detail/assert.hpp>
#include <coffer/base/error.hpp>

#include <concepts>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace coffer {
inline namespace v0 {

/// What `or_throw` throws. `what()` is the identifier of the error.
class failure : public std::exception {
public:
    explicit failure(const error& why) noexcept : why_{why} {}
    const char* what() const noexcept override { return to_string(why_.code()).data(); }
    const error& why() const noexcept { return why_; }

private:
    error why_;
};

namespace detail {

template <class E>
[[noreturn]] inline void throw_failure([[maybe_unused]] const E& why) {
#if defined(__cpp_exceptions)
    throw failure{error{why}};
#else
    static_assert(sizeof(E) == 0, "coffer: or_throw() needs exceptions; ask error() in this build");
#endif
}

}  // namespace detail

/// A value of type `T`, or an error of type `E`.
template <class T, class E = error>
class [[nodiscard]] result {
public:
    using value_type = T;
    using error_type = E;

    constexpr result(const T& value) : state_{std::in_place_index<0>, value} {}
    constexpr result(T&& value) : state_{std::in_place_index<0>, std::move(value)} {}
    constexpr result(const E& why) : state_{std::in_place_index<1>, why} {}
    constexpr result(errc why) requires(!std::is_same_v<E, errc>)
        : state_{std::in_place_index<1>, why} {}
    /// A result with a light error becomes one with a full error.
    /// A template, because it would be a copy constructor where `E` is `errc`.
    template <class Light>
        requires(std::is_same_v<Light, result<T, errc>> && !std::is_same_v<E, errc>)
    constexpr result(const Light& other)
        : state_{other ? state{std::in_place_index<0>, *other}
                       : state{std::in_place_index<1>, other.error()}} {}

    constexpr explicit operator bool() const noexcept { return state_.index() == 0; }
    constexpr bool has_value() const noexcept { return state_.index() == 0; }

    /// Requires: there is a value.
    constexpr T& operator*() & noexcept { return checked(); }
    constexpr const T& operator*() const& noexcept { return checked(); }
    constexpr T&& operator*() && noexcept { return std::move(checked()); }
    constexpr T* operator->() noexcept { return &checked(); }
    constexpr const T* operator->() const noexcept { return &checked(); }

    /// Requires: there is no value.
    constexpr const E& error() const noexcept {
        COFFER_ASSERT(!has_value());
        return std::get<1>(state_);
    }

    template <class U>
    constexpr T value_or(U&& otherwise) const& {
        return has_value() ? **this : static_cast<T>(std::forward<U>(otherwise));
    }

    /// The value, or `failure` thrown.
    constexpr T or_throw() && {
        if (!has_value()) detail::throw_failure(error());
        return std::move(checked());
    }
    constexpr const T& or_throw() const& {
        if (!has_value()) detail::throw_failure(error());
        return checked();
    }

    /// `next(value)`, which returns a result, or this error.
    template <class F>
    constexpr auto and_then(F&& next) const& -> std::invoke_result_t<F, const T&> {
        if (!has_value()) return error();
        return std::forward<F>(next)(**this);
    }

    friend constexpr bool operator==(const result& r,
                                     const T& value) requires std::equality_comparable<T> {
        return r.has_value() && *r == value;
    }
    friend constexpr bool operator==(const result& r, errc code) {
        return !r.has_value() && r.error() == code;
    }

private:
    using state = std::variant<T, E>;

    constexpr T& checked() noexcept {
        COFFER_ASSERT(has_value());
        return std::get<0>(state_);
    }
    constexpr const T& checked() const noexcept {
        COFFER_ASSERT(has_value());
        return std::get<0>(state_);
    }

    state state_;
};

/// Success without a value, or an error.
template <class E>
class [[nodiscard]] result<void, E> {
public:
    using value_type = void;
    using error_type = E;

    constexpr result() noexcept = default;
    constexpr result(const E& why) : error_{why}, failed_{true} {}
    constexpr result(errc why) requires(!std::is_same_v<E, errc>) : error_{why}, failed_{true} {}

    constexpr explicit operator bool() const noexcept { return !failed_; }
    constexpr bool has_value() const noexcept { return !failed_; }
    /// Requires: it failed.
    constexpr const E& error() const noexcept {
        COFFER_ASSERT(failed_);
        return error_;
    }
    constexpr void or_throw() const {
        if (failed_) detail::throw_failure(error_);
    }
    friend constexpr bool operator==(const result& r, errc code) {
        return r.failed_ && r.error_ == code;
    }

private:
    E error_{errc::invalid_argument};
    bool failed_ = false;
};

/// The result of exact arithmetic: light, and it becomes a `result<T>` by itself.
template <class T>
using checked = result<T, errc>;

}  // namespace v0
}  // namespace coffer
