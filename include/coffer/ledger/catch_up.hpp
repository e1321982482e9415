/// Brings an account to an instant: everything that fell due on the way happens in its order and is
/// journalled with its own instant, whether or not a job ran.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/guards.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/ledger/turn.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The most entries that fall due before they are committed as a step of their own.
inline constexpr std::size_t max_step = 10'000;

/// Repays debt from whatever is available, the oldest first.
inline result<void> repay(attempt& s, const plan_terms& plan, instant at) {
    if (s.state.totals.debt.is_zero() || s.state.totals.available.is_zero()) return {};
    if (auto ordered = s.put_in_order(plan, at); !ordered) return ordered;
    const auto owed = s.state.rest->debts;
    for (const debt& d : owed) {
        entry e;
        auto decided = decide_repayment(s.state, d, plan.filter(d.action.view()), at, e);
        if (!decided) return decided;
        if (e.amount.is_zero()) continue;
        auto repaid = s.add([&](entry& into) {
            into = e;
            return result<void>{};
        });
        if (!repaid) return repaid;
    }
    return {};
}

/// Credits that are available in a lot make good what claw-backs of it were short of.
inline result<void> collect(attempt& s, const plan_terms& plan, lot_id id, instant at) {
    const spendable* hot = find_spendable(s.state, id);
    const bool to_collect =
        hot && hot->available.is_positive() && short_of(s.state, id).is_positive();
    if (!to_collect) return {};
    const spendable returned = *hot;
    return s.add([&](entry& e) {
        if (auto done = decide_collection(s.state, returned, at, e); !done) return done;
        const bool leaves = e.amount == returned.available && returned.held.is_zero();
        place_returning(s.state, e.parts, at, plan,
                        {.first = 1, .leaving = leaves ? id : lot_id{}});
        return result<void>{};
    });
}

inline result<void> time_out_holds(attempt& s, instant at) {
    std::vector<hold_id> over;
    for (const hold& h : s.state.rest->holds) {
        if (h.until <= at) over.push_back(h.id);
    }
    for (hold_id id : over) {
        const hold& h = *find_hold(s.opened, id);
        auto done = s.add(
            [&](entry& e) { return decide_release(s.state, h, entry_kind::timed_out, at, e); });
        if (!done) return done;
    }
    return {};
}

inline result<void> expire(attempt& s, const plan_terms& plan, lot_id id, instant at) {
    if (auto done = collect(s, plan, id, at); !done) return done;
    const spendable* left = find_spendable(s.state, id);
    if (!left || left->expires > at || left->available.is_zero()) return {};
    const spendable hot = *left;
    const bool revoked = is_revoked(s.state, *find_record(s.state, id));
    return s.add([&](entry& e) {
        if (revoked) {
            return decide_void(s.state, *find_lot(s.state, id), hot.available, at, e);
        }
        return decide_expiry(s.state, hot, entry_kind::expired, hot.available, at, e);
    });
}

/// What expires may make good a claw-back and so return credits to lots that have expired, too.
inline result<void> expire_lots(attempt& s, const plan_terms& plan, instant at) {
    for (;;) {
        std::vector<lot_id> over;
        each_pile(s.state, [&](std::size_t i, std::size_t) {
            const spendable& hot = s.state.burning[i];
            if (hot.expires <= at && hot.available.is_positive()) over.push_back(hot.lot);
        });
        if (over.empty()) return {};
        for (lot_id id : over) {
            if (auto done = expire(s, plan, id, at); !done) return done;
        }
    }
}

inline result<void> activate_lots(attempt& s, const plan_terms& plan, instant at) {
    std::vector<lot> effective;
    for (lot_id id : s.state.rest->pending) {
        const lot* record = find_record(s.state, id);
        if (record->terms.effective <= at) effective.push_back(*record);
    }
    for (const lot& l : effective) {
        auto done = s.add([&](entry& e) {
            const lot_id before = position_of(s.state, l, plan).before;
            return decide_activation(s.state, l, before, at, e);
        });
        if (!done) return done;
    }
    return {};
}

/// Orders that were not paid in time.
inline result<void> expire_orders(attempt& s, instant at) {
    const auto open = s.state.rest->orders;
    for (const purchase_order& o : open) {
        if (o.until > at) continue;
        const std::string_view packed = s.keep(pack(order_said{.order = o}));
        auto done = s.add([&](entry& e) {
            return decide_order_end(s.state, o, entry_kind::order_expired, packed, at, e);
        });
        if (!done) return done;
    }
    return {};
}

/// Everything that is due at one instant, in the order of the rules.
/// Another plan may begin by it: `plan` is then that one.
inline result<void> pass(attempt& s, const plan_terms*& plan, instant at) {
    if (auto done = follow_plan(s, *plan, at); !done) return done;
    if (auto done = time_out_holds(s, at); !done) return done;
    if (auto done = expire_lots(s, *plan, at); !done) return done;
    if (auto done = expire_orders(s, at); !done) return done;
    if (auto done = pause_unpaid(s, at); !done) return done;
    if (auto done = end_trial(s, plan, at); !done) return done;
    if (auto done = turn_periods(s, plan, at); !done) return done;
    if (auto done = activate_lots(s, *plan, at); !done) return done;
    if (auto done = repay(s, *plan, at); !done) return done;
    watch(s, *plan);
    return recharge_due(s, *plan, at);
}

/// Carries out everything due up to the attempt's now. Returns whether that was all: if not, the
/// step is to be committed first. The account may have gone over to a plan that waited; `s.shelf`
/// finds it.
inline result<bool> catch_up(attempt& s, const plan_terms& first) {
    const plan_terms* plan = &first;
    while (s.state.next_due <= s.now && s.state.next_due != never) {
        if (s.entries.size() >= max_step) return false;
        const entry_id last = s.state.last;
        const instant due = s.state.next_due;
        if (auto done = pass(s, plan, std::max(due, s.state.time)); !done) return done.error();
        if (s.state.last == last && s.state.next_due == due) return errc::wallet_poisoned;
    }
    // Where a plan was replaced, what is owed may be repaid from other buckets from now on.
    const instant now = std::max(s.now, s.state.time);
    if (auto repaid = repay(s, *plan, now); !repaid) return repaid.error();
    watch(s, *plan);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
