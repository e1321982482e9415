/// The limits that hold for an account and their counters: how entries change both.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/limit_record.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

using limit_list = std::vector<limit_in_force>;

/// Identifies a list of limits, with its order; zero for none. `terms_of`: null for one that is
/// left out.
template <class List, class TermsOf>
std::uint64_t fingerprint_of_limits(const List& all, TermsOf&& terms_of) noexcept {
    digest sum;
    bool any = false;
    for (const auto& each : all) {
        const limit_terms* t = terms_of(each);
        if (!t) continue;
        any = true;
        for (const limit_key& key : limit_keys) sum.add((t->*key.path).view());
        sum.add(static_cast<std::uint64_t>(t->per)).add(t->amount.micros());
        sum.add(std::uint64_t{t->warn});
    }
    return any ? sum.value() : 0;
}
inline std::uint64_t fingerprint_of(const std::vector<limit_terms>& all) noexcept {
    return fingerprint_of_limits(all, [](const limit_terms& t) { return &t; });
}
/// Those of the plan in a list.
inline std::uint64_t fingerprint_of(const limit_list& all) noexcept {
    return fingerprint_of_limits(
        all, [](const limit_in_force& l) { return l.own ? nullptr : &l.terms; });
}

/// The limit of that number; null if none holds.
inline const limit_in_force* find_limit(const account& a, std::uint32_t number) noexcept {
    for (const limit_in_force& l : *a.rest->limits) {
        if (l.number == number) return &l;
    }
    return nullptr;
}

/// The counter of a value in a window; null if nothing was counted there. Complexity: linear in
/// counters, the newest first.
inline const limit_counter* find_counter(const account& a, std::uint32_t limit, instant from,
                                         std::string_view value) noexcept {
    const auto& all = a.counters;
    for (std::size_t i = all.size(); i-- > 0;) {
        const limit_counter& c = all[i];
        if (c.limit == limit && c.from == from && c.value == value) return &c;
    }
    return nullptr;
}

/// Whether a value is one of a limit: a path for each "*".
inline bool is_value_of(const limit_terms& t, std::string_view value) noexcept {
    std::size_t left = values_of(t);
    if (left == 0) return value.empty();
    for (; left > 0; --left) {
        const std::size_t end = left > 1 ? value.find('\n') : value.size();
        if (end > value.size() || end > limit_path::max_size || !is_path(value.substr(0, end))) {
            return false;
        }
        value.remove_prefix(left > 1 ? end + 1 : end);
    }
    return true;
}

/// Lets the head say that it decides no spend alone, or does again. Where there are alerts, their
/// next comparison says from which balance on they are to be looked at.
inline void mark_lock(account_editor& to) {
    if (is_decided_whole(to.now())) {
        to.edit().floor = credits::max();
    } else if (to.now().floor == credits::max() && to.now().rest->alerts.empty()) {
        to.edit().floor = credits::min();
    }
}

/// Drops the counters for which `over(counter)`; the first ones, the rule, without a copy of the
/// others.
template <class Over>
void drop_counters(account_body& of, Over&& over) {
    auto& all = of.counters;
    while (!all.empty() && over(all.front())) all.pop_front();
    if (std::none_of(all.begin(), all.end(), over)) return;
    std::remove_cvref_t<decltype(all)> kept;
    for (const limit_counter& c : all) {
        if (!over(c)) kept.push_back(c);
    }
    all = kept;
}

inline bool add_to(credits& sum, credits amount) noexcept {
    const checked<credits> added = sum + amount;
    if (added) sum = *added;
    return static_cast<bool>(added);
}
inline bool take_from(credits& sum, credits amount) noexcept {
    if (amount > sum) return false;
    sum = minus(sum, amount);
    return true;
}

}  // namespace detail

/// Lets a limit hold at its place in the list. What stands there is replaced if it counts the same,
/// and else moves up.
inline result<void> decide_limit(const account& a, std::string_view packed, moment when, entry& e) {
    detail::begin(e, a, entry_kind::limit_set, when);
    e.limits = packed;
    return {};
}

/// Lets the limit at a place hold no longer.
inline result<void> decide_limit_drop(const account& a, std::string_view packed, moment when,
                                      entry& e) {
    detail::begin(e, a, entry_kind::limit_dropped, when);
    e.limits = packed;
    return {};
}

namespace detail {

inline bool post_limit(account_editor& to, const entry& e) {
    const auto set = read_limit(e.limits);
    if (!set || e.after != to.now().totals) return false;
    account_details& rest = to.edit_rest();
    limit_list& all = rest.limits.edit();
    if (set->place > all.size() || all.size() >= 2 * max_limits) return false;
    const auto alike = [&](const limit_in_force& l) { return count_alike(l.terms, set->terms); };
    const auto known = std::find_if(all.begin(), all.end(), alike);
    limit_in_force fresh{.number = 0, .terms = set->terms, .own = set->own};
    if (known != all.end()) {
        fresh.number = known->number;
    } else if (rest.limits_made == std::numeric_limits<std::uint32_t>::max()) {
        return false;
    } else {
        fresh.number = ++rest.limits_made;
    }
    to.edit().order ^= fingerprint_of(all);
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(set->place);
    if (at != all.end() && at->number == fresh.number) {
        *at = fresh;
    } else {
        all.insert(at, fresh);
    }
    to.edit().order ^= fingerprint_of(all);
    mark_lock(to);
    return true;
}

inline bool post_limit_drop(account_editor& to, const entry& e) {
    const auto place = read_place(e.limits);
    if (!place || e.after != to.now().totals || *place >= to.now().rest->limits->size()) {
        return false;
    }
    account_details& rest = to.edit_rest();
    limit_list& all = rest.limits.edit();
    const std::uint32_t number = all[*place].number;
    to.edit().order ^= fingerprint_of(all);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(*place));
    to.edit().order ^= fingerprint_of(all);
    mark_lock(to);
    if (find_limit(to.now(), number)) return true;
    drop_counters(to.edit(), [&](const limit_counter& c) { return c.limit == number; });
    return true;
}

/// Begins the counters that an entry begins.
inline bool begin_counters(account& a, const counter_changes& c) {
    if (c.begun.empty()) return true;
    account_details& rest = a.rest.edit();
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    if (c.begun.size() > most - rest.counters_made || c.first != rest.counters_made + 1 ||
        a.counters.size() + c.begun.size() > max_counters) {
        return false;
    }
    for (const fresh_counter& f : c.begun) {
        const limit_in_force* limit = find_limit(a, f.limit);
        const bool sound =
            limit && limit->terms.per != window::draw && is_value_of(limit->terms, f.value);
        if (!sound || find_counter(a, f.limit, f.from, f.value)) return false;
        a.counters.push_back({.id = counter_id{++rest.counters_made},
                              .limit = f.limit,
                              .from = f.from,
                              .until = f.until,
                              .value = std::string{f.value}});
    }
    return true;
}

/// Drops the counters that an entry drops: nothing is held in them.
inline bool end_counters(account& a, const counter_list& dropped) {
    if (dropped.empty()) return true;
    for (counter_id id : dropped) {
        const auto at = find_counter(a, id);
        if (!at || !a.counters[*at].held.is_zero()) return false;
    }
    drop_counters(a, [&](const limit_counter& c) {
        return std::binary_search(dropped.begin(), dropped.end(), c.id);
    });
    return true;
}

/// Counts an entry where it says. Returns whether it fits.
inline bool count_entry(limit_counter& c, const entry& e) noexcept {
    switch (e.kind) {
        case entry_kind::charged:
        case entry_kind::settled: return add_to(c.spent, e.amount);
        case entry_kind::held: return add_to(c.held, e.amount);
        case entry_kind::refunded: return take_from(c.spent, e.amount);
        default: return false;
    }
}

/// Carries out what a spend or a refund changed of the counters.
inline bool post_counters(account& a, const entry& e) {
    const auto changes = read_changes(e.limits);
    if (!changes || (e.kind == entry_kind::refunded && !changes->begun.empty())) return false;
    if (!end_counters(a, changes->dropped) || !begin_counters(a, *changes)) return false;
    const counter_list counted = changes->counted();
    for (counter_id id : counted) {
        const auto at = find_counter(a, id);
        if (!at || !count_entry(a.counters.edit(*at), e)) return false;
    }
    if (e.kind != entry_kind::held) return true;
    auto& holds = a.rest.edit().holds;
    holds.edit(holds.size() - 1).counted = counted;
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
