/// 128-bit integers and checked arithmetic: what stands under every amount. Private to coffer.
///
/// Everything that depends on the compiler's wide integers and overflow builtins is here, so that
/// another compiler needs another version of this file only.
#pragma once

#include <coffer/base/result.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

inline constexpr int128 int128_max = static_cast<int128>(~uint128{0} >> 1);
inline constexpr int128 int128_min = -int128_max - 1;

template <class T, class... Others>
concept one_of = (std::same_as<T, Others> || ...);

/// An integer that counts something: not `bool`, not a letter, at most 64 bits.
template <class N>
concept integer = std::integral<N> && sizeof(N) <= sizeof(std::int64_t) &&
                  !one_of<std::remove_cv_t<N>, bool, char, wchar_t, char8_t, char16_t, char32_t>;

/// An integer whose every value an `std::int64_t` has, too.
template <class N>
concept fits_int64 = integer<N> &&(std::signed_integral<N> || sizeof(N) < sizeof(std::int64_t));

template <class T>
concept arithmetic = std::is_arithmetic_v<T>;

constexpr checked<std::int64_t> narrow(int128 value) noexcept {
    if (value < std::numeric_limits<std::int64_t>::min() ||
        value > std::numeric_limits<std::int64_t>::max()) {
        return errc::amount_overflow;
    }
    return static_cast<std::int64_t>(value);
}

constexpr checked<std::int64_t> add(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t sum{};
    if (__builtin_add_overflow(a, b, &sum)) return errc::amount_overflow;
    return sum;
}

constexpr checked<std::int64_t> subtract(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t difference{};
    if (__builtin_sub_overflow(a, b, &difference)) return errc::amount_overflow;
    return difference;
}

template <integer N>
constexpr checked<std::int64_t> multiply(std::int64_t a, N b) noexcept {
    std::int64_t product{};
    if (__builtin_mul_overflow(a, b, &product)) return errc::amount_overflow;
    return product;
}

/// Always exact: the widest product of two 64-bit numbers is 2^126.
constexpr int128 wide_product(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<int128>(a) * b;
}

/// Requires: `factor` is positive. Checked by comparing, because the 128-bit multiply builtin
/// needs a run-time function that not every tool chain links.
constexpr bool multiply_overflows(int128 value, int128 factor, int128& product) noexcept {
    if (value > int128_max / factor || value < int128_min / factor) return true;
    product = value * factor;
    return false;
}

constexpr bool add_overflows(int128 a, int128 b, int128& sum) noexcept {
    return __builtin_add_overflow(a, b, &sum);
}

constexpr int128 power_of_ten(int exponent) noexcept {
    int128 power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

/// Two failed operands answer with the graver error, whichever comes first.
template <class A, class B>
constexpr errc graver_error(const checked<A>& a, const checked<B>& b) noexcept {
    if (a) return b.error();
    if (b) return a.error();
    return a.error() < b.error() ? a.error() : b.error();
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
