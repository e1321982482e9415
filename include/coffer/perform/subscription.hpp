/// The verbs that begin periods: start, and going over to another plan.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
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
template <class Plan>
result<std::vector<first_period>> first_periods(const Plan& plan, const account& a, instant anchor,
                                                const zone& where, instant now) {
    std::vector<first_period> periods;
    result<void> wrong;
    auto add = [&](bucket_id bucket, timespan cadence) {
        result<first_period> begun = period_at(a, bucket, cadence, anchor, where, now);
        if (!begun) {
            wrong = begun.error();
        } else {
            periods.push_back(*begun);
        }
    };
    for_each_bucket(plan, [&](std::string_view name, const auto& policies) {
        timespan cadence = policies.refill.cadence();
        if (!cadence.is_zero()) add(bucket_id::of(name), cadence);
    });
    if (periods.empty() && wrong) add(bucket_id{}, months{1});
    if (!wrong) return wrong.error();
    return periods;
}

/// Ends the periods that run, as at a period's end; those of `next` go on from there.
template <class Rules>
result<void> end_running(const Rules& by, session& s, const std::vector<first_period>& next) {
    auto line = by.timeline_of(s);
    const std::vector<cycle> running = s.state.rest->cycles;
    for (const cycle& c : running) {
        auto follows = std::find_if(next.begin(), next.end(),
                                    [&](const first_period& p) { return p.bucket == c.bucket; });
        result<void> ended;
        bool refills = false;
        if (follows != next.end()) {
            refills = with_bucket(by.plan, c.bucket.name(), [&](const auto& policies) {
                ended = line.end_period(c, &policies, follows->period, s.now);
            });
        }
        if (!refills && c.bucket && c.until != never) ended = line.close(c, s.now);
        if (!ended) return ended;
    }
    return running.empty() ? result<void>{} : line.drop_debt(s.now);
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
template <class Rules>
result<void> begin_periods(const Rules& by, session& s, const std::vector<first_period>& periods,
                           const money& paid, bool of_account) {
    if (auto ordered = by.put_in_order(s); !ordered) return ordered;
    auto line = by.timeline_of(s);
    for (const first_period& p : periods) {
        result<void> begun = errc::policy_contract;
        if (!p.bucket) {
            begun = s.add([&](entry& e) {
                return decide_period(s.state, lot_terms{.cycle = p.period.index}, p.period,
                                     p.since_anchor, {}, {}, true, s.now, e);
            });
        }
        with_bucket(by.plan, p.bucket.name(), [&](const auto& policies) {
            money price = of_account && paid.has_currency() ? paid : policies.refill.paid();
            begun = line.begin_period(p.bucket, policies, p.period, p.since_anchor, of_account,
                                      price, s.now);
        });
        if (!begun) return begun;
        of_account = false;
    }
    return {};
}

/// What was spent since `from` and not refunded: part of a period that begins may be past already.
/// Errors: those of the store; `amount_overflow`. Complexity: linear in the entries since.
template <class Store>
result<credits> used_since(Store& store, const wallet_id& wallet, const session& s, instant from) {
    std::map<entry_id, std::int64_t> refunded;  // of charges, which stand before their refunds
    credits used;
    for (entry_id before{s.base.value() + 1};;) {
        auto page = store.entries(wallet, {.before = before, .limit = 100, .newest_first = true});
        if (!page) return page.error();
        for (const entry& e : page->entries) {
            if (e.at < from) return used;
            if (e.kind == entry_kind::refunded) refunded[e.about] += e.amount.micros();
            const bool spent = e.kind == entry_kind::charged || e.kind == entry_kind::settled;
            if (!spent || e.event < from) continue;
            const std::int64_t kept = e.amount.micros() - refunded[e.id];
            const checked<credits> sum = used + credits::from_micros(kept);
            if (!sum) return sum.error();
            used = *sum;
        }
        if (!page->more) return used;
        before = page->entries.back().id;
    }
}

/// Ends what runs by the old plan, and begins the first periods of the new one from the anchor.
template <class Old, class New, class Store>
result<void> start_in(const Old& old, const New& by, Store& store, const wallet_id& wallet,
                      session& s, const start_request& r) {
    instant anchor = r.anchor.value_or(s.event);
    if (anchor > s.now) return errc::invalid_argument;
    const zone where = r.zone.value_or(default_zone_of(by.plan));
    auto periods = first_periods(by.plan, s.state, anchor, where, s.now);
    if (!periods) return periods.error();
    const auto used = used_since(store, wallet, s, periods->front().period.from);
    if (!used) return used.error();
    if (auto ended = end_running(old, s, *periods); !ended) return ended;
    auto started = s.add_primary([&](entry& e) {
        e.plan = r.plan;
        return decide_start(s.state, anchor, where.name(), *used, s.when(), e);
    });
    if (!started) return started;
    number_on(s.state, *periods);
    return begin_periods(by, s, *periods, r.paid, true);
}

template <class Engine, class Target>
result<receipt> start(Engine& engine, const Target& wallet, const start_request& r) {
    content said{"start"};
    said.add(r.anchor).add(r.zone ? r.zone->name() : std::string_view{}).add(r.paid);
    if (!r.plan.empty()) said.add(r.plan);
    request_info request{
        .id = r.request,
        .content = said.value(),
        .at = r.at,
        .valid = valid_if(!r.paid.is_negative() && (r.plan.empty() || !Engine::has_one_plan)),
        .plan = r.plan};
    auto begin = [&](session& s, const auto& old) -> result<void> {
        auto start_by = [&](const auto& by) {
            return start_in(old, by, engine.store(), wallet.id, s, r);
        };
        return r.plan.empty() ? start_by(old) : engine.with_rules(r.plan, start_by);
    };
    return engine.perform(wallet.id, request, operation{no_check{}, begin});
}

/// Goes over to another plan: what has no period yet begins one, everything else stays.
template <class Rules, class Store>
result<void> assign_in(const Rules& by, Store& store, const wallet_id& wallet, session& s,
                       const plan_request& r) {
    entry assigned;
    auto assign = [&] {
        return s.add_primary([&](entry& e) {
            e = assigned;
            e.plan = r.plan;
            return decide_note(s.state, entry_kind::plan_assigned, s.when(), e);
        });
    };
    if (!s.state.rest->started) return assign();
    result<zone> where = zone_of(by.plan, s.state);
    if (!where) return where.error();
    auto periods = first_periods(by.plan, s.state, s.state.rest->anchor, *where, s.now);
    if (!periods) return periods.error();
    auto runs = [&](const first_period& p) {
        const cycle* c = find_cycle(s.state, p.bucket);
        return c && c->until != never;
    };
    const first_period& own = periods->front();
    const bool begins = !runs(own);
    assigned.from = begins ? own.period.from : find_cycle(s.state, own.bucket)->from;
    assigned.counts = begins || assigned.from != s.state.period_from;
    if (assigned.counts) {
        const auto used = used_since(store, wallet, s, assigned.from);
        if (!used) return used.error();
        assigned.amount = *used;
    }
    if (auto done = assign(); !done) return done;
    periods->erase(std::remove_if(periods->begin(), periods->end(), runs), periods->end());
    return begin_periods(by, s, *periods, {}, begins);
}

template <class Engine, class Target>
result<receipt> assign(Engine& engine, const Target& wallet, const plan_request& r) {
    static_assert(!Engine::has_one_plan,
                  "coffer: these wallets have one plan; a 'plan_set' or a 'plan_book' has several");
    request_info request{.id = r.request,
                         .content = content{"plan"}.add(r.plan).value(),
                         .at = r.at,
                         .valid = valid_if(!r.plan.empty()),
                         .plan = r.plan};
    auto go_over = [&](session& s, const auto&) -> result<void> {
        return engine.with_rules(
            r.plan, [&](const auto& by) { return assign_in(by, engine.store(), wallet.id, s, r); });
    };
    return engine.perform(wallet.id, request, operation{no_check{}, go_over});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
