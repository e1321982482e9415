/// Brings an account to an instant: everything that fell due on the way happens in its order and is
/// journalled with its own instant, whether or not a job ran.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/guards.hpp>
#include <coffer/ledger/rollover.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
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

/// Drops all debt, where the plan has it so.
inline result<void> drop_debt(attempt& s, const plan_terms& plan, instant at) {
    if (s.state.totals.debt.is_zero() || !plan.drops_debt) return {};
    const auto owed = s.state.rest->debts;
    for (const debt& d : owed) {
        auto done = s.add([&](entry& e) { return decide_debt_drop(s.state, d, at, e); });
        if (!done) return done;
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

/// Opens a period of a bucket with its allowance, which cost `paid`.
inline result<void> begin_period(attempt& s, const plan_terms& plan, std::size_t bucket,
                                 const rolling& ahead, std::uint32_t since_anchor, bool of_account,
                                 const money& paid, instant at) {
    const period& begun = ahead.into;
    const credits allowance = plan.allowance(bucket, begun);
    if (allowance.is_negative()) return errc::policy_contract;
    lot fresh{.id = lot_id{s.state.last.value() + 1}, .granted = allowance};
    fresh.terms = {.bucket = plan.buckets[bucket].bucket,
                   .source = lot_source::plan,
                   .origin = lot_origin::refilled,
                   .cycle = begun.index,
                   .effective = at,
                   .lapses = begun.until,
                   .paid = paid};
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    const result<lifetime> life = life_of_allowance(plan, bucket, at, begun, *where);
    if (!life) return life.error();
    if (life->until <= at) return errc::policy_contract;
    fresh.terms.expires = life->until;
    fresh.terms.ends_with_period = life->with_period;
    const burn_position place = position_of(s.state, fresh, plan, {&ahead, 1});
    return s.add([&](entry& e) {
        e.rolled_after = ahead.after;
        return decide_period(s.state, fresh.terms, begun, since_anchor, allowance, place,
                             of_account, at, e);
    });
}

/// A period that ends now, and the one that follows it.
struct turn {
    cycle ending{};
    period next{};
    std::uint32_t since_anchor = 0;
    entry_id after{};     ///< The newest entry before it.
    bool silent = false;  ///< Lots may roll by the entry alone that begins the next period.

    rolling ahead() const noexcept { return {ending.bucket, next, after, silent}; }
};

/// The turn of a bucket after which no period follows.
inline turn last_turn(const cycle& c, instant at) noexcept {
    return {.ending = c, .next = {c.index + 1, at, never}, .since_anchor = c.since_anchor};
}

/// The period that follows. It begins where the last one was seen to end, so that new zone data
/// cannot open, skip or double a period; its end is computed from the anchor.
inline result<turn> next_turn(const cycle& c, const schedule& periods) {
    std::int64_t k = std::int64_t{c.since_anchor} + 1;
    const result<instant> begin = periods.start_of(k);
    constexpr std::chrono::hours most_that_a_zone_moves{26};
    const bool other_cadence = !begin || *begin > c.until + most_that_a_zone_moves ||
                               *begin < c.until - most_that_a_zone_moves;
    if (other_cadence) {
        const result<std::int64_t> index = periods.index_at(c.until);
        if (!index) return index.error();
        k = *index;
    }
    result<instant> end = periods.start_of(k + 1);
    while (end && *end <= c.until) end = periods.start_of(++k + 1);
    if (!end) return end.error();
    return turn{.ending = c,
                .next = {c.index + 1, c.until, *end},
                .since_anchor = static_cast<std::uint32_t>(k)};
}

/// Begins a period without an allowance: a plain month, or what follows the last one.
inline result<void> begin_nothing(attempt& s, const plan_terms& plan, const turn& t, instant at) {
    const bool of_account = !t.ending.bucket && !plan.account_bucket();
    return s.add([&](entry& e) {
        const lot_terms terms{.bucket = t.ending.bucket, .cycle = t.next.index};
        return decide_period(s.state, terms, t.next, t.since_anchor, {}, {}, of_account, at, e);
    });
}

/// A bucket that no longer refills: its last allowance ends, and no period follows.
inline result<void> close_bucket(attempt& s, const plan_terms& plan, const cycle& c, instant at) {
    const turn last = last_turn(c, at);
    const period_end end{.ending = c, .ahead = last.ahead(), .at = at};
    if (auto done = end_period(s, plan, std::nullopt, end); !done) return done;
    return begin_nothing(s, plan, last, at);
}

/// Ends a period. An account without a refilling bucket has plain months.
inline result<turn> end_turn(attempt& s, const plan_terms& plan, const cycle& c, instant at) {
    const std::optional<std::size_t> bucket = plan.find_refill(c.bucket);
    turn t = last_turn(c, at);
    if (bucket || !c.bucket) {
        const result<zone> where = zone_of(s.state, plan);
        if (!where) return where.error();
        const timespan cadence = bucket ? plan.buckets[*bucket].cadence : timespan{months{1}};
        const result<turn> next = next_turn(c, {s.state.rest->anchor, cadence, *where});
        if (!next) return next.error();
        t = *next;
    }
    if (!c.bucket) return t;
    t.after = s.state.last;
    t.silent = bucket && t.next.from == at;
    const period_end end{.ending = c, .ahead = t.ahead(), .at = at};
    if (auto ended = end_period(s, plan, bucket, end); !ended) return ended.error();
    return t;
}

/// Begins the period after one that ended. A bucket that no longer refills has none.
inline result<void> begin_turn(attempt& s, const plan_terms& plan, const turn& t, instant at) {
    const std::optional<std::size_t> bucket = plan.find_refill(t.ending.bucket);
    if (!bucket) return begin_nothing(s, plan, t, at);
    const bool of_account = t.ending.bucket == plan.account_bucket();
    return begin_period(s, plan, *bucket, t.ahead(), t.since_anchor, of_account,
                        plan.buckets[*bucket].price, at);
}

/// Lots that rolled silently stay where they are in burn order; they are put elsewhere where the
/// order has it so.
inline result<void> restore_order(attempt& s, const plan_terms& plan, instant at) {
    const burn_list& all = s.state.burning;
    const burn_comparison before{s.state, plan};
    std::optional<lot> last;
    bool sorted = true;
    each_pile(s.state, [&](std::size_t i, std::size_t count) {
        if (last && sorted) sorted = !before(before.standing(all[i]), *last);
        last = before.standing(all[i + count - 1]);
    });
    if (sorted) return {};
    return s.add([&](entry& e) {
        return decide_reorder(s.state, in_burn_order(s.state, plan), plan.order, at, e);
    });
}

/// All periods that end at an instant end before the first new one begins.
inline result<void> turn_periods(attempt& s, const plan_terms& plan, instant at) {
    std::vector<turn> turns;
    bool resets = false;
    const auto cycles = s.state.rest->cycles;
    for (const cycle& c : cycles) {
        if (c.until > at) continue;
        const result<turn> ended = end_turn(s, plan, c, at);
        if (!ended) return ended.error();
        resets = resets || c.bucket == plan.account_bucket();
        turns.push_back(*ended);
    }
    if (resets) {
        if (auto done = drop_debt(s, plan, at); !done) return done;
    }
    for (const turn& t : turns) {
        if (auto done = begin_turn(s, plan, t, at); !done) return done;
    }
    return turns.empty() ? result<void>{} : restore_order(s, plan, at);
}

/// Everything that is due at one instant, in the order of the rules.
inline result<void> pass(attempt& s, const plan_terms& plan, instant at) {
    if (auto done = follow_plan(s, plan, at); !done) return done;
    if (auto done = time_out_holds(s, at); !done) return done;
    if (auto done = expire_lots(s, plan, at); !done) return done;
    if (auto done = turn_periods(s, plan, at); !done) return done;
    if (auto done = activate_lots(s, plan, at); !done) return done;
    if (auto done = repay(s, plan, at); !done) return done;
    watch(s);
    return {};
}

/// Carries out everything due up to the attempt's now. Returns whether that was all: if not, the
/// step is to be committed first.
inline result<bool> catch_up(attempt& s, const plan_terms& plan) {
    while (s.state.next_due <= s.now && s.state.next_due != never) {
        if (s.entries.size() >= max_step) return false;
        const entry_id last = s.state.last;
        const instant due = s.state.next_due;
        if (auto done = pass(s, plan, std::max(due, s.state.time)); !done) return done.error();
        if (s.state.last == last && s.state.next_due == due) return errc::wallet_poisoned;
    }
    if (auto repaid = repay(s, plan, s.state.time); !repaid) return repaid.error();
    watch(s);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
