// What the compiler holds about amounts: to build this file is to pass.
#include <coffer/amount/amount.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace {

using namespace coffer::literals;
using coffer::checked;
using coffer::credits;
using coffer::currency;
using coffer::errc;
using coffer::money;
using coffer::price_sum;
using coffer::quantity;
using coffer::rate;
using coffer::rounding;

// ---- Layout ---------------------------------------------------------------------------------

template <class T>
inline constexpr bool plain_value = std::is_trivially_copyable_v<T>&& std::is_standard_layout_v<T>&&
    std::is_nothrow_default_constructible_v<T>&& std::equality_comparable<T>;

static_assert(plain_value<credits> && sizeof(credits) == 8);
static_assert(plain_value<rate> && sizeof(rate) == 8);
static_assert(plain_value<quantity> && sizeof(quantity) == 8);
static_assert(plain_value<currency> && sizeof(currency) == 3);
static_assert(plain_value<money> && sizeof(money) <= 16);
static_assert(plain_value<price_sum>);
static_assert(std::totally_ordered<credits> && std::totally_ordered<rate> &&
              std::totally_ordered<quantity>);
static_assert(!std::totally_ordered<money>, "there is no order across currencies");
static_assert(std::is_trivially_copyable_v<checked<credits>> && sizeof(checked<credits>) <= 16);

// ---- No bare number becomes an amount -------------------------------------------------------

template <class Amount, class Number>
inline constexpr bool takes =
    std::is_constructible_v<Amount, Number> || std::is_convertible_v<Number, Amount> ||
    std::is_assignable_v<Amount&, Number> || std::is_convertible_v<Amount, Number>;

template <class Amount>
inline constexpr bool takes_a_number =
    takes<Amount, double> || takes<Amount, float> || takes<Amount, long double> ||
    takes<Amount, int> || takes<Amount, bool> || takes<Amount, char> ||
    takes<Amount, std::int64_t> || takes<Amount, std::uint64_t>;

static_assert(!takes_a_number<credits> && !takes_a_number<rate> && !takes_a_number<quantity> &&
              !takes_a_number<money> && !takes_a_number<currency> && !takes_a_number<price_sum>);
static_assert(!takes_a_number<checked<credits>>);

// Nor does one amount become another.
template <class A, class B>
inline constexpr bool mix = takes<A, B> || takes<B, A> || std::equality_comparable_with<A, B>;

static_assert(!mix<credits, rate> && !mix<credits, quantity> && !mix<credits, money> &&
              !mix<rate, quantity> && !mix<rate, money> && !mix<quantity, money>);

template <class Amount, class Number>
concept from_micros = requires(Number n) {
    Amount::from_micros(n);
};
template <class Amount, class Number>
concept whole = requires(Number n) {
    Amount::whole(n);
};
template <class Number>
concept from_picos = requires(Number n) {
    rate::from_picos(n);
};
template <class Number>
concept from_minor = requires(Number n) {
    money::from_minor(n, currency{});
};

template <class N>
inline constexpr bool exact_count =
    from_micros<credits, N>&& from_micros<quantity, N>&& from_picos<N>&& from_minor<N>;
template <class N>
inline constexpr bool no_count =
    !from_micros<credits, N> && !from_micros<quantity, N> && !from_picos<N> && !from_minor<N>;

static_assert(exact_count<int> && exact_count<std::int64_t> && exact_count<long long> &&
              exact_count<std::uint32_t> && exact_count<std::int8_t>);
static_assert(no_count<std::uint64_t>, "half of its values would change");
static_assert(no_count<double> && no_count<float> && no_count<long double>);
static_assert(no_count<bool> && no_count<char> && no_count<char32_t> && no_count<errc>);

static_assert(whole<credits, std::uint64_t> && whole<quantity, std::uint64_t>);
static_assert(!whole<credits, double> && !whole<quantity, float> && !whole<credits, bool>);

// ---- Arithmetic -----------------------------------------------------------------------------

template <class A, class B>
concept adds = requires(A a, B b) {
    a + b;
};
template <class A, class B>
concept multiplies = requires(A a, B b) {
    a* b;
    b* a;
};
template <class A, class B>
concept multiplies_either_way = requires(A a, B b) {
    a* b;
}
|| requires(A a, B b) { b* a; };
template <class N>
concept scales = requires(credits a, money m, N n) {
    scale(a, n, 2, rounding::up);
    scale(a, 2, n, rounding::up);
    scale(m, n, 2, rounding::up);
};
template <class N>
concept priced = requires(price_sum sum, rate each, N n) {
    sum.add(each, n);
};

static_assert(adds<credits, credits> && adds<credits, checked<credits>> &&
              adds<checked<credits>, credits> && adds<checked<credits>, checked<credits>>);
static_assert(!adds<credits, int> && !adds<int, credits> && !adds<credits, double>);
static_assert(!adds<credits, quantity> && !adds<credits, rate> && !adds<credits, money> &&
              !adds<rate, rate>);
static_assert(multiplies<credits, int> && multiplies<credits, std::uint64_t> &&
              multiplies<checked<credits>, int>);
static_assert(!multiplies_either_way<credits, double> && !multiplies_either_way<credits, float> &&
              !multiplies_either_way<checked<credits>, double> &&
              !multiplies_either_way<credits, bool> && !multiplies_either_way<credits, char> &&
              !multiplies_either_way<credits, credits> && !multiplies_either_way<money, double>);
static_assert(scales<int> && scales<std::int64_t> && !scales<double> && !scales<std::uint64_t>);
static_assert(priced<int> && priced<std::int64_t> && priced<quantity>);
static_assert(!priced<double> && !priced<std::uint64_t> && !priced<credits> && !priced<bool>);

static_assert(std::same_as<decltype(1_cr + 1_cr), checked<credits>>);
static_assert(std::same_as<decltype(-1_cr), checked<credits>>);
static_assert(std::same_as<decltype(1_cr + 1_cr - 1_cr), checked<credits>>);
static_assert(std::same_as<decltype(1_cr * 2), checked<credits>>);

// ---- Nothing throws -------------------------------------------------------------------------

constexpr credits a = 1_cr;
constexpr money dollars = money::from_minor(1, "USD");

static_assert(noexcept(a + a) && noexcept(a - a) && noexcept(-a) && noexcept(a * 2) && noexcept(
    2 * a) && noexcept(a == a) && noexcept(a < a));
static_assert(noexcept(credits::parse("")) && noexcept(rate::parse("")) && noexcept(
    quantity::parse("")) && noexcept(money::parse("")) && noexcept(currency::parse("")));
static_assert(noexcept(credits::from_micros(1)) && noexcept(credits::whole(1)) && noexcept(
    rate::per(a, 1)) && noexcept(a.micros()));
static_assert(noexcept(dollars + dollars) && noexcept(dollars - dollars) && noexcept(dollars * 2));
static_assert(
    noexcept(scale(a, 1, 2, rounding::up)) && noexcept(scale(a, a, a, rounding::up)) && noexcept(
        scale(dollars, a, a, rounding::up)) && noexcept(multiply(a, 1_units, rounding::up)));
static_assert(noexcept(price_sum{}.add(1_cr_each, 1).add(a).add(1_cr_each, 1_units).round()));

// ---- Literals -------------------------------------------------------------------------------

static_assert((12.5_cr).micros() == 12'500'000);
static_assert((2'000_cr).micros() == 2'000'000'000);
static_assert((0.000001_cr).micros() == 1);
static_assert((1'000.000'001_cr).micros() == 1'000'000'001);
static_assert((3.75e-6_cr_each).picos() == 3'750'000);
static_assert((1e3_cr).micros() == 1'000'000'000);
static_assert(9'223'372'036'854.775807_cr == credits::max());
static_assert((0.0000003_cr_each).picos() == 300'000);
static_assert((1.5_units).micros() == 1'500'000);
static_assert(-1.5_cr == credits::from_micros(-1'500'000));

// ---- Everything can be computed while compiling ----------------------------------------------

static_assert(credits::parse("12.5") == 12.5_cr);
static_assert(credits::parse("12.") == errc::invalid_argument);
static_assert(credits::whole(3) == 3_cr);
static_assert(credits::max() + 0.000001_cr == errc::amount_overflow);
static_assert(-credits::min() == errc::amount_overflow);
static_assert(a + 2 * a - a == 2_cr);
static_assert(rate::per(3_cr, 1'000'000) == 0.000003_cr_each);
static_assert(scale(10_cr, 1, 3, rounding::down) == 3.333333_cr);
static_assert(price_sum{}.add(0.0000003_cr_each, 1'840).add(0.5_cr).round() == 0.500552_cr);
static_assert(price_sum{}.add(1.247_cr).round(rounding::up, 2) == 1.25_cr);
static_assert(money::parse("5.00 USD") == money::from_minor(500, currency{"USD"}));
static_assert(money::from_minor(500, "JPY").in().decimals() == 0);
static_assert(to_string(12.5_cr).view() == "12.5");
static_assert(to_string(money::from_minor(499, "USD")).view() == "4.99 USD");
static_assert(coffer::error{errc::settle_exceeds}.with_amounts(5_cr, 3_cr).acceptable() == 3_cr);

// A default, an aggregate's member and a template's member may all name amounts.
template <class T>
struct pack {
    T name;
    money price = money::from_minor(499, "USD");
    currency in{"USD"};
    credits grants = 500_cr;
};
static_assert(pack<int>{.name = 1}.grants == 500_cr);
static_assert(pack<int>{.name = 1, .price = money::from_minor(1, "EUR")}.price.in().code() ==
              "EUR");

}  // namespace
