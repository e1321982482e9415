/// Counts the members of an aggregate: how many initialisers it takes. For the checks of a plan.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Stands for a member of whatever type, but for no base class: their members are counted instead.
/// None is ever made; a body keeps compilers from missing one.
template <class Aggregate>
struct any_member {
    constexpr explicit any_member(std::size_t) noexcept {}

    template <class Member>
        requires(!std::is_base_of_v<Member, Aggregate>)
    operator Member() const {
        for (;;) {}
    }
};

template <class Aggregate>
struct any_base {
    template <class Base>
        requires(std::is_base_of_v<Base, Aggregate>)
    operator Base() const {
        for (;;) {}
    }
};

template <class T, std::size_t... I>
consteval bool takes(std::index_sequence<I...>) {
    return requires { T{any_member<T>{I}...}; };
}
template <class T, std::size_t... Before, std::size_t... Inside, std::size_t... After>
consteval bool takes(std::index_sequence<Before...>, std::index_sequence<Inside...>,
                     std::index_sequence<After...>) {
    return requires {
        T{any_member<T>{Before}..., {any_member<T>{Inside}...}, any_member<T>{After}...};
    };
}
template <class T, std::size_t... Before>
consteval bool takes_base_after(std::index_sequence<Before...>) {
    return requires { T{any_member<T>{Before}..., any_base<T>{}}; };
}

/// Whether so many initialisers are not too many.
template <class T, std::size_t Count>
inline constexpr bool fits = takes<T>(std::make_index_sequence<Count>{});

/// The same, with some of them in braces of their own.
template <class T, std::size_t Before, std::size_t Inside, std::size_t After>
inline constexpr bool fits_braced = takes<T>(std::make_index_sequence<Before>{},
                                             std::make_index_sequence<Inside>{},
                                             std::make_index_sequence<After>{});

/// An aggregate with more members than this is not counted.
inline constexpr std::size_t most_members = 96;

/// How many initialisers an aggregate takes without inner braces, each element of an array being
/// one; zero if that cannot be told.
template <class T, std::size_t Count = 0, bool FewerFit = false>
consteval std::size_t initialisers_of() {
    constexpr bool fit = fits<T, Count>;
    if constexpr (FewerFit && !fit) {
        return Count - 1;
    } else if constexpr (Count > most_members) {
        return 0;
    } else {
        return initialisers_of<T, Count + 1, fit>();
    }
}

/// How many of `All` initialisers belong to the member that begins at one of them. Only an array
/// takes braces around its own, and then no further one outside.
template <class T, std::size_t All, std::size_t At, std::size_t Length = 2>
consteval std::size_t initialisers_of_member() {
    if constexpr (At + Length > All) {
        return 1;
    } else if constexpr (fits_braced<T, At, Length, All - At - Length> &&
                         !fits_braced<T, At, Length, All - At - Length + 1>) {
        return takes_base_after<T>(std::make_index_sequence<At>{}) ? 1 : Length;
    } else {
        return initialisers_of_member<T, All, At, Length + 1>();
    }
}

template <class T, std::size_t All, std::size_t At = 0>
consteval std::size_t count_members() {
    if constexpr (At >= All) {
        return 0;
    } else {
        return 1 + count_members<T, All, At + initialisers_of_member<T, All, At>()>();
    }
}

/// Whether there is nothing to count: `T` is no aggregate, or `Expected` initialisers are the most.
template <class T, std::size_t Expected>
concept answers_at_once = !std::is_aggregate_v<T> || (fits<T, Expected> && !fits<T, Expected + 1>);

/// How many members an aggregate has, with those of its bases; `Expected` is the answer that costs
/// least. It is `Expected`, too, if they cannot be counted: what is no aggregate, has a reference,
/// an empty base, or a member whose constructor takes anything at all.
template <class T, std::size_t Expected>
consteval std::size_t members_of() {
    if constexpr (answers_at_once<T, Expected>) {
        return Expected;
    } else {
        constexpr std::size_t all = initialisers_of<T>();
        return all == 0 ? Expected : count_members<T, all>();
    }
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
