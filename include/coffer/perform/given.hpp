/// The types of a request's members, which say what they take: `{.amount = 0.5}` is a sentence on
/// `.amount`, where a compiler would else say that the call does not fit. `requests.hpp` brings it.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether a value may stand for a `T` in a request. A fraction is no count.
template <class Value, class T>
concept given_for = std::is_convertible_v<Value, std::optional<T>> &&
    !(std::integral<T> && std::floating_point<Value>);

template <class T>
inline constexpr bool takes_anything = false;

/// Says what a member of that type takes instead.
template <class T>
constexpr void refuse_value() {
    if constexpr (std::is_same_v<T, credits>) {
        static_assert(takes_anything<T>,
                      "coffer: '.amount', '.at_most' and '.tolerance' of a request are credits: "
                      "write 12.5_cr, or read text by 'coffer::credits::parse'");
    } else if constexpr (std::is_same_v<T, quantity>) {
        static_assert(takes_anything<T>,
                      "coffer: '.quantity' of a request is a quantity: write 3_units, or say "
                      "'coffer::quantity::whole(count)'");
    } else if constexpr (std::is_same_v<T, money>) {
        static_assert(takes_anything<T>,
                      "coffer: '.paid', '.price' and '.money' of a request are money: write "
                      "'coffer::money::from_minor(499, \"USD\")', or read text by "
                      "'coffer::money::parse'");
    } else if constexpr (std::is_same_v<T, zone>) {
        static_assert(takes_anything<T>,
                      "coffer: '.zone' of a request is a zone: say "
                      "'coffer::zone::find(\"Europe/Berlin\")' and look whether there is one");
    } else if constexpr (std::is_same_v<T, instant>) {
        static_assert(takes_anything<T>,
                      "coffer: '.at', '.anchor', '.effective' and '.expires' of a request are "
                      "instants: read text by 'coffer::parse_instant', or make one of a "
                      "'std::chrono::sys_time'");
    } else if constexpr (std::is_same_v<T, lot_source>) {
        static_assert(takes_anything<T>,
                      "coffer: '.source' of a request is a 'coffer::lot_source', such as "
                      "'coffer::lot_source::bonus'");
    } else if constexpr (std::is_same_v<T, std::chrono::microseconds>) {
        static_assert(takes_anything<T>,
                      "coffer: '.expires_in' of a request is a duration: write 10min");
    } else {
        static_assert(takes_anything<T>,
                      "coffer: '.input_tokens' and the like, and '.priority', are whole numbers");
    }
}

}  // namespace detail

/// A member of a request that may be left out: a `std::optional` that says what it takes. The
/// constructor that refuses is not constexpr: clang would look into it wherever somebody asks
/// whether a request can be made of something else, as `std::variant` does.
template <class T>
class given : public std::optional<T> {
public:
    constexpr given() noexcept = default;
    constexpr given(std::nullopt_t) noexcept {}
    template <detail::given_for<T> Value>
    constexpr given(Value&& value) : std::optional<T>(std::forward<Value>(value)) {}
    template <class Value>
        requires(!detail::given_for<Value, T>)
    given(const Value&) { detail::refuse_value<T>(); }

    constexpr const std::optional<T>& as_optional() const noexcept { return *this; }

    friend constexpr bool operator==(const given& a, const given& b) {
        return a.as_optional() == b.as_optional();
    }
    friend constexpr bool operator==(const given& a, const std::optional<T>& b) {
        return a.as_optional() == b;
    }
    template <class Value>
    friend constexpr bool operator==(const given& a, const Value& b) {
        return a.as_optional() == b;
    }
};

/// A member of a request that is there in any case: a `T` that says what it takes.
template <class T>
class stated : public T {
public:
    constexpr stated() noexcept = default;
    template <std::convertible_to<T> Value>
    constexpr stated(Value&& value) : T(std::forward<Value>(value)) {}
    template <class Value>
        requires(!std::convertible_to<Value, T>)
    stated(const Value&) { detail::refuse_value<T>(); }
};

}  // namespace v0
}  // namespace coffer
