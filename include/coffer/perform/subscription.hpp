/// The verbs that begin periods: start, and going over to another plan.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A first period of a bucket, still to be begun.
struct first_period {
    bucket_id bucket{};
    timespan cadence{};
    coffer::period period{};
    std::uint32_t since_anchor = 0;
    entry_id after{};  ///< The newest entry when the bucket's last period ended.
};

/// The period in which `now` lies, numbered on from the bucket's last one.
inline result<first_period> period_at(const account& a, bucket_id bucket, timespan cadence,
                                      instant anchor, const zone& where, instant now) {
    schedule periods{anchor, cadence, where};
    result<std::int64_t> index = periods.index_at(now);
    if (!index) return index.error();
    result<period> running = periods.period_of(*index);
    if (!running) return running.error();
    if (const cycle* last = find_cycle(a, bucket)) running->index = last->index + 1;
    return first_period{bucket, cadence, *running, static_cast<std::uint32_t>(*index)};
}

/// All periods that a start begins; the first is the account's own.
inline result<std::vector<first_period>> first_periods(const account& a, const compiled_plan& plan,
                                                       instant anchor, const zone& where,
                                                       instant now) {
    std::vector<first_period> periods;
    const auto add = [&](bucket_id bucket, timespan cadence) -> result<void> {
        const result<first_period> begun = period_at(a, bucket, cadence, anchor, where, now);
        if (!begun) return begun.error();
        periods.push_back(*begun);
        return {};
    };
    for (const bucket_terms& b : plan.buckets) {
        if (b.cadence.is_zero()) continue;
        if (auto added = add(b.bucket, b.cadence); !added) return added.error();
    }
    if (periods.empty()) {
        if (auto added = add(bucket_id{}, months{1}); !added) return added.error();
    }
    return periods;
}

/// Ends the periods that run, as at a period's end; those of `next` go on from there. Nothing
/// rolls silently.
inline result<void> end_running(attempt& s, const compiled_plan& plan,
                                std::vector<first_period>& next) {
    const auto running = s.state.rest->cycles;
    for (const cycle& c : running) {
        const auto follows = std::find_if(
            next.begin(), next.end(), [&](const first_period& p) { return p.bucket == c.bucket; });
        const std::optional<std::size_t> bucket =
            follows != next.end() ? plan.find(c.bucket) : std::nullopt;
        result<void> ended;
        if (bucket) {
            follows->after = s.state.last;
            ended = end_period(
                s, plan, bucket,
                {.ending = c, .ahead = {c.bucket, follows->period, follows->after}, .at = s.now});
        } else if (c.bucket && c.until != never) {
            ended = close_bucket(s, plan, c, s.now);
        }
        if (!ended) return ended;
    }
    return running.empty() ? result<void>{} : drop_debt(s, plan, s.now);
}

/// Numbers periods on from what ended without them.
inline void number_on(const account& a, std::vector<first_period>& periods) {
    for (first_period& p : periods) {
        const cycle* last = find_cycle(a, p.bucket);
        if (last && last->index >= p.period.index) p.period.index = last->index + 1;
    }
}

/// Begins first periods. The first of them is the account's own, if `of_account`; its lot is what
/// `paid` paid for.
inline result<void> begin_periods(attempt& s, const compiled_plan& plan,
                                  const std::vector<first_period>& periods, const money& paid,
                                  bool of_account) {
    if (auto gone = go_over(s, plan, s.now); !gone) return gone;
    for (const first_period& p : periods) {
        result<void> begun = errc::policy_contract;
        if (!p.bucket) {
            begun = s.add([&](entry& e) {
                return decide_period(s.state, lot_terms{.cycle = p.period.index}, p.period,
                                     p.since_anchor, {}, {}, true, s.now, e);
            });
        } else if (const std::optional<std::size_t> bucket = plan.find(p.bucket)) {
            const bool is_paid = of_account && paid.has_currency();
            const money& price = is_paid ? paid : plan.buckets[*bucket].price;
            const rolling ahead{p.bucket, p.period, p.after ? p.after : s.state.last};
            begun = begin_period(s, plan, *bucket, ahead, p.since_anchor, of_account, price, s.now);
        }
        if (!begun) return begun;
        of_account = false;
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

/// Ends what runs by the old plan, and begins the first periods of the new one from the anchor.
inline result<void> decide_start_of(attempt& s, const compiled_plan& old, const compiled_plan& plan,
                                    const start_request& r) {
    const instant anchor = r.anchor.value_or(s.event);
    if (anchor > s.now) return errc::invalid_argument;
    const zone where = r.zone.value_or(plan.zone);
    auto periods = first_periods(s.state, plan, anchor, where, s.now);
    if (!periods) return periods.error();
    const result<credits> used = used_from(s, periods->front().period.from);
    if (!used) return used.error();
    if (auto ended = end_running(s, old, *periods); !ended) return ended;
    auto started = s.add_primary([&](entry& e) {
        e.plan = r.plan;
        return decide_start(s.state, anchor, where.name(), *used, s.when(), e);
    });
    if (!started) return started;
    number_on(s.state, *periods);
    return begin_periods(s, plan, *periods, r.paid, true);
}

inline result<receipt> start(engine& by, const target& wallet, const start_request& r) {
    content said{"start"};
    said.add(r.anchor).add(r.zone ? r.zone->name() : std::string_view{}).add(r.paid);
    if (!r.plan.empty()) said.add(r.plan);
    const bool sensible = !r.paid.is_negative() && (r.plan.empty() || !by.plans().only());
    const auto decide = [&](attempt& s, const compiled_plan& old) -> result<void> {
        if (r.plan.empty()) return decide_start_of(s, old, old, r);
        const result<plan_ref> plan = by.plans().find(r.plan);
        if (!plan) return plan.error();
        return decide_start_of(s, old, **plan, r);
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {verb::start, r, wallet},
                       .content = said.value(),
                       .at = r.at,
                       .valid = valid_if(sensible),
                       .plan = r.plan},
                      {understood, decide});
}

/// Goes over to another plan: what has no period yet begins one, everything else stays.
inline result<void> decide_assignment(attempt& s, const compiled_plan& plan,
                                      const plan_request& r) {
    entry assigned;
    const auto assign = [&] {
        return s.add_primary([&](entry& e) {
            e = assigned;
            e.plan = r.plan;
            return decide_note(s.state, entry_kind::plan_assigned, s.when(), e);
        });
    };
    if (!s.state.rest->started) return assign();
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    auto periods = first_periods(s.state, plan, s.state.rest->anchor, *where, s.now);
    if (!periods) return periods.error();
    const auto runs = [&](const first_period& p) {
        const cycle* c = find_cycle(s.state, p.bucket);
        return c && c->until != never;
    };
    const first_period& own = periods->front();
    const bool begins = !runs(own);
    assigned.from = begins ? own.period.from : find_cycle(s.state, own.bucket)->from;
    assigned.counts = begins || assigned.from != s.state.period_from;
    if (assigned.counts) {
        const result<credits> used = used_from(s, assigned.from);
        if (!used) return used.error();
        assigned.amount = *used;
    }
    if (auto done = assign(); !done) return done;
    periods->erase(std::remove_if(periods->begin(), periods->end(), runs), periods->end());
    return begin_periods(s, plan, *periods, {}, begins);
}

inline result<receipt> assign(engine& by, const target& wallet, const plan_request& r) {
    const auto decide = [&](attempt& s, const compiled_plan&) -> result<void> {
        const result<plan_ref> plan = by.plans().find(r.plan);
        if (!plan) return plan.error();
        return decide_assignment(s, **plan, r);
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {verb::assign, r, wallet},
                       .content = content{"plan"}.add(r.plan).value(),
                       .at = r.at,
                       .valid = valid_if(!r.plan.empty() && !by.plans().only()),
                       .plan = r.plan},
                      {understood, decide});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
