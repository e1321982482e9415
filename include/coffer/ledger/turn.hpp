/// The turn of periods: what ends with one, which plan begins then, and which periods follow; also
/// first periods, of a start, of a plan that begins, and after a trial.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/guards.hpp>
#include <coffer/ledger/refill.hpp>
#include <coffer/ledger/rollover.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What lines of an invoice come to, one after another: rounded up once, over all of them.
class bill_sum {
public:
    explicit bill_sum(const overdraft_terms& terms) noexcept : terms_{terms} {}

    /// The money of the next line. Errors: `policy_contract`, `amount_overflow`.
    result<money> next(credits amount) {
        if (!terms_.is_sound()) return errc::policy_contract;
        if (terms_.price.is_none()) return money{};
        const checked<credits> all = so_far_ + amount;
        if (!all) return all.error();
        const checked<money> now = scale(terms_.price, *all, terms_.per, rounding::up);
        const checked<money> before = scale(terms_.price, so_far_, terms_.per, rounding::up);
        if (!now || !before) return errc::amount_overflow;
        so_far_ = *all;
        const checked<money> line = *now - *before;
        if (!line) return line.error();
        return *line;
    }

private:
    const overdraft_terms& terms_;
    credits so_far_{};
};

/// Closes what charges owe, each by an entry of its own, where the plan has it invoiced. What
/// claw-backs are owed stays.
inline result<void> bill_debt(attempt& s, const plan_terms& plan, instant at) {
    if (s.state.totals.debt.is_zero() || !plan.overdraft.bills) return {};
    const auto owed = s.state.rest->debts;
    bill_sum sum{plan.overdraft};
    for (const debt& d : owed) {
        if (d.lot) continue;
        const result<money> worth = sum.next(d.open);
        if (!worth) return worth.error();
        const std::string_view action = s.keep(std::string{d.action.view()});
        auto done = s.add([&](entry& e) {
            e.usage.action = action;
            return decide_bill(s.state, d, *worth, at, e);
        });
        if (!done) return done;
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

/// What becomes of debt when the account's period ends.
inline result<void> close_debt(attempt& s, const plan_terms& plan, instant at) {
    if (auto done = bill_debt(s, plan, at); !done) return done;
    return drop_debt(s, plan, at);
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
    const period_end end{.ending = c, .ahead = last.ahead(), .at = at, .order = plan};
    if (auto done = end_period(s, plan, std::nullopt, end); !done) return done;
    return begin_nothing(s, plan, last, at);
}

/// Ends a period, by the plan by which it went. An account without a refilling bucket has plain
/// months. `begins`: the plan that waits begins now.
inline result<turn> end_turn(attempt& s, const plan_terms& plan, const cycle& c, bool begins,
                             instant at) {
    const result<course_of_bucket> next_course = course_next(s, plan, c.bucket, begins);
    if (!next_course) return next_course.error();
    const std::optional<refill_rule> rule =
        c.bucket ? rule_of(s.state, *next_course, c.bucket, true) : std::nullopt;
    turn t = last_turn(c, at);
    if (rule || !c.bucket) {
        const result<zone> where = zone_of(s.state, plan);
        if (!where) return where.error();
        const timespan cadence = rule ? rule->cadence : timespan{months{1}};
        const result<turn> next = next_turn(c, {s.state.rest->anchor, cadence, *where});
        if (!next) return next.error();
        t = *next;
    }
    if (!c.bucket) return t;
    const course_of_bucket ending = course_now(s, plan, c.bucket);
    const std::optional<std::size_t> bucket = rule ? ending.plan->find(c.bucket) : std::nullopt;
    t.after = s.state.last;
    t.silent = bucket && t.next.from == at;
    const period_end end{.ending = c, .ahead = t.ahead(), .at = at, .order = plan};
    if (auto ended = end_period(s, *ending.plan, bucket, end); !ended) return ended.error();
    return t;
}

/// Begins the period after one that ended. A bucket that no longer refills has none.
inline result<void> begin_turn(attempt& s, const plan_terms& plan, const turn& t, instant at) {
    const result<course_of_bucket> course = course_next(s, plan, t.ending.bucket);
    if (!course) return course.error();
    const std::optional<refill_rule> rule =
        t.next.until == never ? std::nullopt : rule_of(s.state, *course, t.ending.bucket, true);
    if (!rule) return begin_nothing(s, plan, t, at);
    const bool of_account = t.ending.bucket == plan.account_bucket();
    return begin_period(s, plan,
                        {.rule = *rule,
                         .ahead = t.ahead(),
                         .since_anchor = t.since_anchor,
                         .of_account = of_account},
                        at);
}

/// Lots that rolled silently stay where they are in burn order; they are put elsewhere where the
/// order has it so.
inline result<void> restore_order(attempt& s, const plan_terms& plan, instant at) {
    if (is_beyond(s.state, plan.revision)) return {};
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

// ---- First periods ------------------------------------------------------------------------------

/// A first period of a bucket, still to be begun.
struct first_period {
    bucket_id bucket{};
    coffer::period period{};
    std::uint32_t since_anchor = 0;
    entry_id after{};  ///< The newest entry when the bucket's last period ended.
};

/// The period in which `now` lies, numbered on from the bucket's last one.
inline result<first_period> period_at(const account& a, bucket_id bucket, const schedule& periods,
                                      instant now) {
    result<std::int64_t> index = periods.index_at(now);
    if (!index) return index.error();
    result<period> running = periods.period_of(*index);
    if (!running) return running.error();
    if (const cycle* last = find_cycle(a, bucket)) running->index = last->index + 1;
    return first_period{bucket, *running, static_cast<std::uint32_t>(*index)};
}

/// Where periods are counted from.
struct calendar {
    instant anchor{};
    const zone& where;
};

/// The first periods of all buckets that are refilled; the first is the account's own.
inline result<std::vector<first_period>> first_periods(attempt& s, const plan_terms& plan,
                                                       const calendar& from, instant now) {
    std::vector<first_period> periods;
    const auto add = [&](bucket_id bucket, timespan cadence) -> result<void> {
        const result<first_period> begun =
            period_at(s.state, bucket, {from.anchor, cadence, from.where}, now);
        if (!begun) return begun.error();
        periods.push_back(*begun);
        return {};
    };
    for (const bool of_plan : {true, false}) {
        for (const bucket_terms& b : plan.buckets) {
            const auto rule = rule_of(s.state, {.plan = &plan}, b.bucket, true);
            if (!rule || rule->of_plan != of_plan) continue;
            if (auto added = add(b.bucket, rule->cadence); !added) return added.error();
        }
        if (!periods.empty() || !of_plan) continue;
        if (auto added = add(bucket_id{}, months{1}); !added) return added.error();
    }
    return periods;
}

/// Ends the periods that run, as at a period's end; those of `next` go on from there. Nothing
/// rolls silently.
inline result<void> end_running(attempt& s, const plan_terms& plan, std::vector<first_period>& next,
                                instant at) {
    const auto running = s.state.rest->cycles;
    for (const cycle& c : running) {
        const auto follows = std::find_if(
            next.begin(), next.end(), [&](const first_period& p) { return p.bucket == c.bucket; });
        const course_of_bucket ending = course_now(s, plan, c.bucket);
        const std::optional<std::size_t> bucket =
            follows != next.end() ? ending.plan->find(c.bucket) : std::nullopt;
        result<void> ended;
        if (bucket) {
            follows->after = s.state.last;
            ended = end_period(s, *ending.plan, bucket,
                               {.ending = c,
                                .ahead = {c.bucket, follows->period, follows->after},
                                .at = at,
                                .order = plan});
        } else if (c.bucket && c.until != never) {
            ended = close_bucket(s, plan, c, at);
        }
        if (!ended) return ended;
    }
    return running.empty() ? result<void>{} : close_debt(s, plan, at);
}

/// Numbers periods on from what ended without them.
inline void number_on(const account& a, std::vector<first_period>& periods) {
    for (first_period& p : periods) {
        const cycle* last = find_cycle(a, p.bucket);
        if (last && last->index >= p.period.index) p.period.index = last->index + 1;
    }
}

/// How first periods begin.
struct first_terms {
    money paid{};             ///< The price of the first lot, if it says.
    bool of_account = false;  ///< The first of them is the account's own.
    upgrade how = upgrade::difference;
};

/// Begins first periods.
inline result<void> begin_periods(attempt& s, const plan_terms& plan,
                                  const std::vector<first_period>& periods, first_terms terms,
                                  instant at) {
    if (auto gone = go_over(s, plan, at); !gone) return gone;
    for (const first_period& p : periods) {
        result<void> begun = errc::policy_contract;
        if (!p.bucket) {
            begun = s.add([&](entry& e) {
                return decide_period(s.state, lot_terms{.cycle = p.period.index}, p.period,
                                     p.since_anchor, {}, {}, true, at, e);
            });
        } else {
            const result<course_of_bucket> course = course_next(s, plan, p.bucket);
            if (!course) return course.error();
            const auto rule = rule_of(s.state, *course, p.bucket, true);
            if (!rule) continue;
            opening o{.rule = *rule,
                      .ahead = {p.bucket, p.period, p.after ? p.after : s.state.last},
                      .since_anchor = p.since_anchor,
                      .of_account = terms.of_account,
                      .how = terms.how};
            if (terms.paid.has_currency()) o.paid = terms.paid;
            begun = begin_period(s, plan, o, at);
        }
        if (!begun) return begun;
        terms.of_account = false;
        terms.paid = {};
    }
    return {};
}

/// What was spent since an instant: part of a period that begins may be past already.
inline result<credits> used_from(attempt& s, instant from) {
    if (!s.opened.last || s.opened.time < from) return credits{};  // nothing was recorded since
    if (s.known.used_from == from) return s.known.used;
    s.wanted.used_from = from;
    return s.lack();
}

// ---- A plan that begins -------------------------------------------------------------------------

/// How an account goes over to a plan.
struct going_over {
    std::vector<bucket_id> waiting{};   ///< These go on as they are to their periods' ends.
    std::vector<first_period> first{};  ///< Periods that begin.
    account_period own{};
    bool own_begins = false;  ///< The first of `first` is the account's own.
    bool own_turns = false;   ///< The account's own begins by the turn of its bucket.
};

inline bool runs(const account& a, bucket_id bucket) noexcept {
    const cycle* c = find_cycle(a, bucket);
    return c && c->until != never;
}

/// Finds out which periods begin under a plan, and which is the account's own. Periods that end
/// now go on by their turn.
inline result<void> find_periods(attempt& s, const plan_terms& plan, instant at, going_over& g) {
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    auto periods = first_periods(s, plan, {s.state.rest->anchor, *where}, at);
    if (!periods) return periods.error();
    const first_period& own = periods->front();
    const cycle* running = find_cycle(s.state, own.bucket);
    g.own_begins = !runs(s.state, own.bucket);
    g.own_turns = !g.own_begins && running->until <= at;
    g.own.from = g.own_begins ? own.period.from : running->from;
    g.own.changes = !g.own_turns && (g.own_begins || g.own.from != s.state.period_from);
    if (g.own.changes) {
        const result<credits> used = used_from(s, g.own.from);
        if (!used) return used.error();
        g.own.used = *used;
    }
    periods->erase(std::remove_if(periods->begin(), periods->end(),
                                  [&](const first_period& p) { return runs(s.state, p.bucket); }),
                   periods->end());
    g.first = *std::move(periods);
    return {};
}

/// The running period whose end is that of the account's own: that of the plan's first bucket that
/// refills, or of another where that one has none.
inline const cycle* own_cycle(const account& a, const plan_terms& plan) noexcept {
    const cycle* own = find_cycle(a, plan.account_bucket());
    if (own && own->until != never) return own;
    for (const cycle& c : a.rest->cycles) {
        if (c.until != never && c.from == a.period_from) return &c;
    }
    for (const cycle& c : a.rest->cycles) {
        if (c.until != never) return &c;
    }
    return nullptr;
}

/// Whether what waits for the end of the account's period waits for that of a trial that goes on:
/// all periods end with it.
inline bool waits_for_trial(const account& a, const plan_terms& plan) noexcept {
    const subscription_state& sub = *a.rest->subscription;
    const cycle* own = own_cycle(a, plan);
    return sub.trial_goes_on && (!own || own->until >= sub.trial_until);
}

/// Lets the plan begin that waited. What runs beyond now goes on by the old one to its end.
inline result<void> begin_waiting(attempt& s, const plan_terms*& plan, going_over& g, instant at) {
    const plan_name id = s.state.rest->subscription->next;
    const result<const plan_terms*> next = plan_named(s, *plan, id.view());
    if (!next) return next.error();
    if (auto found = find_periods(s, **next, at, g); !found) return found;
    for (const cycle& c : s.state.rest->cycles) {
        if (!c.bucket || c.until <= at || c.until == never) continue;
        const course_of_bucket course = course_now(s, *plan, c.bucket);
        if (!(course.other && course.id == id)) g.waiting.push_back(c.bucket);
    }
    auto begun = s.add([&](entry& e) {
        return decide_plan(s.state, s.keep(std::string{id.view()}), g.waiting, g.own, at, e);
    });
    if (!begun) return begun;
    plan = *next;
    return go_over(s, *plan, at);
}

/// All periods that end at an instant end before the first new one begins; in between, a plan that
/// waited for the end of the account's period begins.
inline result<void> turn_periods(attempt& s, const plan_terms*& plan, instant at) {
    std::vector<turn> turns;
    bool resets = false;
    const auto cycles = s.state.rest->cycles;
    const cycle* own = own_cycle(s.state, *plan);
    const bool begins = s.state.rest->subscription->changes && own && own->until <= at;
    for (const cycle& c : cycles) {
        if (c.until > at) continue;
        const result<turn> ended = end_turn(s, *plan, c, begins, at);
        if (!ended) return ended.error();
        resets = resets || c.bucket == plan->account_bucket();
        turns.push_back(*ended);
    }
    if (resets) {
        if (auto done = close_debt(s, *plan, at); !done) return done;
    }
    going_over g;
    if (begins) {
        if (auto done = begin_waiting(s, plan, g, at); !done) return done;
    }
    for (const turn& t : turns) {
        if (auto done = begin_turn(s, *plan, t, at); !done) return done;
    }
    if (!g.first.empty()) {
        auto done = begin_periods(s, *plan, g.first, {.of_account = g.own_begins}, at);
        if (!done) return done;
    }
    return turns.empty() ? result<void>{} : restore_order(s, *plan, at);
}

// ---- What changes a subscription by itself ------------------------------------------------------

/// What was not paid for within its grace is paused.
inline result<void> pause_unpaid(attempt& s, instant at) {
    const subscription_state& sub = *s.state.rest->subscription;
    const bool over = sub.past_due && !sub.paused && !sub.ended && sub.grace_until <= at;
    if (!over) return {};
    return s.add([&](entry& e) { return decide_status(s.state, entry_kind::paused, at, e); });
}

/// Begins anew by a plan, from an anchor of now, as an entry of its own. Without an id the plan is
/// the one that the wallet has, and what was kept of others stays.
inline result<void> begin_anew(attempt& s, const plan_terms& old, const plan_terms& plan,
                               std::string_view id, instant at) {
    const result<zone> where = zone_of(s.state, old);
    if (!where) return where.error();
    auto periods = first_periods(s, plan, {at, *where}, at);
    if (!periods) return periods.error();
    if (auto ended = end_running(s, old, *periods, at); !ended) return ended;
    const std::string_view kept = s.keep(std::string{id});
    auto started = s.add([&](entry& e) {
        e.plan = kept;
        return decide_start(s.state, at, where->name(), {}, at, e);
    });
    if (!started) return started;
    number_on(s.state, *periods);
    return begin_periods(s, plan, *periods, {.of_account = true}, at);
}

/// In which plan a trial goes on: in one that waits for its end, else in what it says.
inline plan_name plan_after_trial(const account& a, const plan_terms& plan) noexcept {
    const subscription_state& sub = *a.rest->subscription;
    const bool same = sub.trial_then.empty();
    if (sub.changes && (same || waits_for_trial(a, plan))) return sub.next;
    return same ? a.rest->plan : sub.trial_then;
}

/// A trial that is over ends in a plan, which begins anew, or in nothing.
inline result<void> end_trial(attempt& s, const plan_terms*& plan, instant at) {
    const subscription_state& sub = *s.state.rest->subscription;
    if (sub.trial_until > at) return {};
    if (sub.trial_goes_on) {
        const plan_name id = plan_after_trial(s.state, *plan);
        const result<const plan_terms*> then = plan_named(s, *plan, id.view());
        if (!then) return then.error();
        const plan_terms& old = *plan;
        plan = *then;
        const bool stays = sub.trial_then.empty() && !sub.changes;
        return begin_anew(s, old, *plan, stays ? std::string_view{} : id.view(), at);
    }
    std::vector<first_period> none;
    if (auto ended = end_running(s, *plan, none, at); !ended) return ended;
    return s.add([&](entry& e) {
        e.revokes = plan->locks_when_ended;
        return decide_status(s.state, entry_kind::ended, at, e);
    });
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
