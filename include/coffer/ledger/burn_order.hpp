/// The order in which a wallet burns its lots: where a lot stands in it, where credits that come
/// back go, and what happens when a plan with another order begins to hold.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <compare>
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

/// The period into which a bucket's allowance is rolling.
struct rolling {
    bucket_id bucket{};
    period into{};
    entry_id after{};     ///< The newest entry when the last period ended.
    bool silent = false;  ///< Lots may roll by the entry alone that begins the period.
};

/// Which lots burn first, by the plan and as the account is by now; of one bucket, as it is going
/// to be once its allowance has rolled.
class burn_comparison {
public:
    burn_comparison(const account& a, const plan_terms& plan,
                    std::span<const rolling> ahead = {}) noexcept
        : a_{a}, plan_{plan}, ahead_{ahead} {}

    /// A lot that stands in the burn order.
    lot standing(const spendable& hot) const {
        const lot& record = *find_record(a_, hot.lot);
        lot now = record_by_now(a_, record, &hot);
        if (!now.terms.is_allowance() || hot.available != now.granted) return now;
        const rolling* next = find_ahead(hot.bucket);
        const bool rolls = next && next->silent && hot.expires != instant::min() &&
                           now.terms.cycle < next->into.index;
        if (rolls) roll_on(now, next->into.index - now.terms.cycle, next->into);
        return now;
    }
    bool operator()(const lot& x, const lot& y) const {
        lot older = x;
        lot other = y;
        if (x.terms.origin == lot_origin::rolled || y.terms.origin == lot_origin::rolled) {
            // Their numbers say when they were first made, not when they rolled.
            const bool first = age_of(x) < age_of(y);
            older.id = lot_id{first ? 1u : 2u};
            other.id = lot_id{first ? 2u : 1u};
        }
        const auto rank = [&](const lot& l) {
            return static_cast<std::uint32_t>(plan_.rank(l.terms.bucket));
        };
        return plan_.before({older, rank(x)}, {other, rank(y)});
    }
    bool operator()(const spendable& x, const lot& y) const { return (*this)(standing(x), y); }
    bool operator()(const lot& x, const spendable& y) const { return (*this)(x, standing(y)); }
    bool operator()(const spendable& x, const spendable& y) const {
        return (*this)(standing(x), standing(y));
    }

private:
    /// When a lot came to be what it is. What rolls together is as old as its first lots.
    struct age {
        std::uint32_t entry = 0;
        std::ptrdiff_t bucket = -1;
        std::uint32_t first = 0;

        friend constexpr auto operator<=>(const age&, const age&) = default;
    };

    age age_of(const lot& l) const noexcept {
        const entry_id rolled_after = roll_of(l);
        if (!rolled_after) return {.entry = l.id.value()};
        const auto& cycles = a_.rest->cycles;
        const auto own = std::find_if(cycles.begin(), cycles.end(),
                                      [&](const cycle& c) { return c.bucket == l.terms.bucket; });
        return {rolled_after.value(), own - cycles.begin(), l.terms.from.value()};
    }
    /// After which entry a lot rolled into the period that runs or is to come.
    entry_id roll_of(const lot& l) const noexcept {
        if (l.terms.origin != lot_origin::rolled) return {};
        const rolling* next = find_ahead(l.terms.bucket);
        if (next && l.terms.cycle == next->into.index) return next->after;
        const cycle* running = find_cycle(a_, l.terms.bucket);
        const carried* last = find_carried(a_, l.terms.bucket);
        return running && last && l.terms.cycle == running->index ? last->after : entry_id{};
    }

    const rolling* find_ahead(bucket_id bucket) const noexcept {
        for (const rolling& r : ahead_) {
            if (r.bucket == bucket) return &r;
        }
        return nullptr;
    }

    const account& a_;
    const plan_terms& plan_;
    std::span<const rolling> ahead_;
};

/// Whether the account's lots stand in the plan's order, or are not to be put into it: the account
/// is beyond the plan's revision.
inline bool is_in_order(const account& a, const plan_terms& plan) noexcept {
    return a.order == plan.order || a.rest->lots.empty() || is_beyond(a, plan.revision);
}

/// What identifies the order where a plan puts a lot into it. An account that is beyond the plan's
/// revision goes on with the lists that hold; if its lots burn in another order, that has to be
/// noticed by who knows it.
inline std::uint64_t order_under(const account& a, const plan_terms& plan) noexcept {
    if (!is_beyond(a, plan.revision)) return plan.order;
    const account_details& rest = *a.rest;
    return plan.burn ^ fingerprint_of(rest.alerts) ^ fingerprint_of(*rest.limits) ^
           rest.settings->rules;
}

inline burn_position position_at(const account& a, burn_list::const_iterator at,
                                 const plan_terms& plan) noexcept {
    return {.before = at == a.burning.end() ? lot_id{} : at->lot, .order = order_under(a, plan)};
}

/// Where a lot goes. `ahead`: what rolls by the same entries.
/// Requires: the account's lots stand in the plan's order; so below.
inline burn_position position_of(const account& a, const lot& candidate, const plan_terms& plan,
                                 std::span<const rolling> ahead = {}) {
    const auto at = std::lower_bound(a.burning.begin(), a.burning.end(), candidate,
                                     burn_comparison{a, plan, ahead});
    return position_at(a, at, plan);
}

/// As above, for a lot that is rolled from all that is available of another, which leaves by it
/// unless a hold may still give some back.
inline burn_position position_of_rolled(const account& a, const lot& candidate, lot_id source,
                                        const plan_terms& plan,
                                        std::span<const rolling> ahead = {}) {
    auto at = std::upper_bound(a.burning.begin(), a.burning.end(), candidate,
                               burn_comparison{a, plan, ahead});
    if (at != a.burning.end() && at->lot == source && at->held.is_zero()) ++at;
    return position_at(a, at, plan);
}

/// As above, for a lot that is granted anew from one that has ended: such lots stand last, wherever
/// their terms would have them.
inline burn_position position_of_regranted(const account& a, const lot& candidate, lot_id source,
                                           const plan_terms& plan) {
    const burn_comparison before{a, plan};
    const auto at = std::find_if(a.burning.begin(), a.burning.end(), [&](const spendable& s) {
        const bool leaves = s.lot == source && s.held.is_zero();
        return !leaves && before(candidate, s);
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
    std::vector<spendable> order;
    for (const spendable& s : a.burning) {
        if (s.lot != which.leaving) order.push_back(s);
    }
    const burn_comparison before{a, plan};
    for (std::size_t i = which.first; i < parts.size(); ++i) {
        part& p = parts[i];
        if (p.amount.is_zero()) continue;
        const auto stands = [&](const spendable& s) { return s.lot == p.lot; };
        if (std::any_of(order.begin(), order.end(), stands)) continue;
        const lot& record = *find_record(a, p.lot);
        auto at = order.end();
        const bool revoked = p.lot == which.freed ? record.revoked : is_revoked(a, record);
        if (!has_ended(a, record, now) && !revoked) {
            at = std::find_if(order.begin(), order.end(),
                              [&](const spendable& other) { return before(record, other); });
        }
        if (at != order.end()) p.before = at->lot;
        order.insert(at, spendable{.expires = instant::min(), .lot = p.lot});
    }
}

/// The lots of the account in the plan's order.
inline std::vector<lot_id> in_burn_order(const account& a, const plan_terms& plan) {
    const burn_comparison before{a, plan};
    std::vector<lot> lots;
    for (const spendable& s : a.burning) lots.push_back(before.standing(s));
    std::sort(lots.begin(), lots.end(), before);
    std::vector<lot_id> ids;
    ids.reserve(lots.size());
    for (const lot& l : lots) ids.push_back(l.id);
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
    if (!to.now().rest->carries.empty()) {
        for (carried& c : to.edit_rest().carries) {
            c = {.bucket = c.bucket, .after = c.after};  // its lots need not stand together
        }
    }
    to.edit().order = e.order;
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
