/// The order in which a wallet burns its lots: where a lot stands in it, where credits that come
/// back go, and what happens when a plan with another order begins to hold.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Where a lot goes in burn order: before another, or last; and the order that says so.
struct burn_position {
    lot_id before{};
    std::uint64_t order = 0;
};

namespace detail {

/// Whether one lot burns before another, by the plan.
inline bool burns_before(const plan_terms& plan, const lot& x, const lot& y) {
    const auto rank = [&](const lot& l) {
        return static_cast<std::uint32_t>(plan.rank(l.terms.bucket));
    };
    return plan.before({x, rank(x)}, {y, rank(y)});
}

/// Whether the account's lots stand in the plan's order.
inline bool is_in_order(const account& a, const plan_terms& plan) noexcept {
    return a.order == plan.order || a.rest->lots.empty();
}

inline burn_position position_at(const account& a, burn_list::const_iterator at,
                                 const plan_terms& plan) noexcept {
    return {.before = at == a.burning.end() ? lot_id{} : at->lot, .order = plan.order};
}

/// Where a lot goes. Requires: the account's lots stand in the plan's order; so below.
inline burn_position position_of(const account& a, const lot& candidate, const plan_terms& plan) {
    const auto at = std::lower_bound(a.burning.begin(), a.burning.end(), candidate,
                                     [&](const spendable& s, const lot& l) {
                                         return burns_before(plan, *find_record(a, s.lot), l);
                                     });
    return position_at(a, at, plan);
}

/// As above, for a lot that is rolled from all that is available of another, which leaves by it
/// unless a hold may still give some back.
inline burn_position position_of_rolled(const account& a, const lot& candidate, lot_id source,
                                        const plan_terms& plan) {
    auto at = std::upper_bound(a.burning.begin(), a.burning.end(), candidate,
                               [&](const lot& l, const spendable& s) {
                                   return burns_before(plan, l, *find_record(a, s.lot));
                               });
    if (at != a.burning.end() && at->lot == source && at->held.is_zero()) ++at;
    return position_at(a, at, plan);
}

/// As above, for a lot that is granted anew from one that has ended: such lots stand last, wherever
/// their terms would have them.
inline burn_position position_of_regranted(const account& a, const lot& candidate, lot_id source,
                                           const plan_terms& plan) {
    const auto at = std::find_if(a.burning.begin(), a.burning.end(), [&](const spendable& s) {
        const bool leaves = s.lot == source && s.held.is_zero();
        return !leaves && burns_before(plan, candidate, *find_record(a, s.lot));
    });
    return position_at(a, at, plan);
}

/// Credits that come back to lots: the parts of an entry, from `first` on.
struct returning {
    std::size_t first = 0;
    lot_id leaving{};  ///< A lot that leaves the burn order by the same entry.
    lot_id freed{};    ///< A lot that is no longer in dispute after it.
};

/// Sets where lots that have left the burn order come back into it, one after another.
inline void place_returning(const account& a, part_list& parts, instant now, const plan_terms& plan,
                            returning which = {}) {
    std::vector<lot_id> order;
    for (const spendable& s : a.burning) {
        if (s.lot != which.leaving) order.push_back(s.lot);
    }
    for (std::size_t i = which.first; i < parts.size(); ++i) {
        part& p = parts[i];
        if (p.amount.is_zero()) continue;
        if (std::find(order.begin(), order.end(), p.lot) != order.end()) continue;
        const lot& record = *find_record(a, p.lot);
        auto at = order.end();
        const bool revoked = p.lot == which.freed ? record.revoked : is_revoked(a, record);
        if (!has_ended(a, record, now) && !revoked) {
            at = std::find_if(order.begin(), order.end(), [&](lot_id other) {
                return burns_before(plan, record, *find_record(a, other));
            });
        }
        if (at != order.end()) p.before = *at;
        order.insert(at, p.lot);
    }
}

/// The lots of the account in the plan's order.
inline std::vector<lot_id> in_burn_order(const account& a, const plan_terms& plan) {
    std::vector<lot_id> ids;
    for (const spendable& s : a.burning) ids.push_back(s.lot);
    std::sort(ids.begin(), ids.end(), [&](lot_id x, lot_id y) {
        return burns_before(plan, *find_record(a, x), *find_record(a, y));
    });
    return ids;
}

}  // namespace detail

/// Puts the lots into another burn order.
inline result<void> decide_reorder(const account& a, std::span<const lot_id> order,
                                   std::uint64_t fingerprint, moment when, entry& e) {
    detail::begin(e, a, entry_kind::reordered, when);
    e.order = fingerprint;
    for (lot_id id : order) e.parts.push_back(part{.lot = id});
    return {};
}

namespace detail {

inline bool post_reorder(account_editor& to, const entry& e) {
    if (e.parts.size() != to.now().burning.size() || e.after != to.now().totals) return false;
    const auto by_lot = [](const spendable& x, const spendable& y) { return x.lot < y.lot; };
    std::vector<spendable> known{to.now().burning.begin(), to.now().burning.end()};
    std::sort(known.begin(), known.end(), by_lot);
    burn_list sorted;
    for (const part& p : e.parts) {
        const spendable wanted{.lot = p.lot};
        auto hot = std::lower_bound(known.begin(), known.end(), wanted, by_lot);
        if (hot == known.end() || hot->lot != p.lot) return false;
        if (hot->available.is_negative()) return false;  // taken: the order names a lot twice
        sorted.push_back(*hot);
        hot->available = credits::from_micros(-1);
    }
    to.edit().burning = sorted;
    to.edit().order = e.order;
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
