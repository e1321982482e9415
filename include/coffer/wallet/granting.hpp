/// The verbs that make and change lots: start, grant, void, expire_at.
#pragma once

#include <coffer/ledger.hpp>
#include <coffer/wallet/engine.hpp>

#include <algorithm>
#include <optional>
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

/// Ends what runs, as at a period's end, and begins the first periods from the new anchor.
template <class Engine>
result<void> start_in(Engine& engine, session& s, const start_request& r) {
    const auto& plan = engine.plan();
    instant anchor = r.anchor.value_or(s.event);
    if (anchor > s.now) return errc::invalid_argument;
    auto periods = first_periods(plan, s.state, anchor, r.zone, s.now);
    if (!periods) return periods.error();
    typename Engine::timeline_type line{plan, engine.burning(), s};

    std::vector<cycle> running = s.state.rest->cycles;
    for (const cycle& c : running) {
        auto next = std::find_if(periods->begin(), periods->end(),
                                 [&](const first_period& p) { return p.bucket == c.bucket; });
        result<void> ended;
        if (next == periods->end()) {
            if (c.bucket && c.until != never) ended = line.close(c, s.now);
        } else {
            with_bucket(plan, c.bucket.name(), [&](const auto& policies) {
                ended = line.end_period(c, &policies, next->period, s.now);
            });
        }
        if (!ended) return ended;
    }
    auto started = s.add_primary(
        [&](entry& e) { return decide_start(s.state, anchor, r.zone.name(), s.when(), e); });
    if (!started) return started;
    bool of_account = true;
    for (const first_period& p : *periods) {
        result<void> begun = errc::policy_contract;
        if (!p.bucket) {
            begun = s.add([&](entry& e) {
                return decide_period(s.state, lot_terms{.cycle = p.period.index}, p.period,
                                     p.since_anchor, {}, {}, true, s.now, e);
            });
        }
        with_bucket(plan, p.bucket.name(), [&](const auto& policies) {
            money paid = of_account && r.paid.has_currency() ? r.paid : policies.refill.paid();
            begun = line.begin_period(p.bucket, policies, p.period, p.since_anchor, of_account,
                                      paid, s.now);
        });
        if (!begun) return begun;
        of_account = false;
    }
    return {};
}

template <class Engine, class Target>
result<receipt> start(Engine& engine, const Target& wallet, const start_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"start"}.add(r.anchor).add(r.zone.name()).add(r.paid).value(),
        .at = r.at,
        .valid = r.paid.is_negative() ? result<void>{errc::invalid_argument} : result<void>{}};
    return engine.perform(wallet.id, request, [&](session& s) { return start_in(engine, s, r); });
}

/// The period of a bucket, or of the account, in which an instant lies.
template <class Plan>
result<std::optional<period>> period_around(const Plan& plan, const account& a,
                                            std::string_view bucket, instant t) {
    const account_details& rest = *a.rest;
    if (!rest.started) return std::optional<period>{};
    timespan cadence = months{1};
    bool found = false;
    for_each_bucket(plan, [&](std::string_view name, const auto& policies) {
        timespan own = policies.refill.cadence();
        if (own.is_zero() || (found && name != bucket)) return;
        cadence = own;
        found = true;
    });
    result<zone> where = zone_of(a);
    if (!where) return where.error();
    schedule periods{rest.anchor, cadence, *where};
    result<std::int64_t> index = periods.index_at(t);
    if (!index) return index.error();
    result<period> around = periods.period_of(*index);
    if (!around) return around.error();
    return std::optional<period>{*around};
}

template <class Engine>
result<void> grant_in(Engine& engine, session& s, const grant_request& r, bucket_id bucket) {
    const auto& plan = engine.plan();
    instant effective = r.effective.value_or(s.event);
    lot fresh{.id = lot_id{s.state.last.value() + 1}, .granted = r.amount};
    fresh.terms = {.bucket = bucket,
                   .source = r.source,
                   .priority = r.priority.value_or(no_priority),
                   .effective = effective,
                   .paid = r.paid};
    if (r.expires) {
        fresh.terms.expires = *r.expires;
    } else {
        result<zone> where = zone_of(s.state);
        if (!where) return where.error();
        auto around = period_around(plan, s.state, r.bucket, std::max(effective, s.now));
        if (!around) return around.error();
        result<lifetime> life = errc::unknown_bucket;
        with_bucket(plan, r.bucket, [&](const auto& policies) {
            life =
                policies.expiry.life({.effective = effective, .running = *around, .where = *where});
        });
        if (!life) return life.error();
        fresh.terms.expires = life->until;
    }
    burn_position place = engine.burning().position_of(s.state, fresh);
    return s.add_primary(
        [&](entry& e) { return decide_grant(s.state, fresh.terms, r.amount, place, s.when(), e); });
}

template <class Engine, class Target>
result<receipt> grant(Engine& engine, const Target& wallet, const grant_request& r) {
    bool known = with_bucket(engine.plan(), r.bucket, [](const auto&) {});
    request_info request{.id = r.request,
                         .content = content{"grant"}
                                        .add(r.bucket)
                                        .add(r.amount)
                                        .add(r.priority)
                                        .add(r.effective)
                                        .add(r.expires)
                                        .add(r.paid)
                                        .add(static_cast<std::uint64_t>(r.source))
                                        .value(),
                         .at = r.at};
    if (!known) {
        request.valid = error{errc::unknown_bucket}.about(r.bucket);
    } else if (!r.amount.is_positive() || r.paid.is_negative()) {
        request.valid = errc::invalid_argument;
    }
    bucket_id bucket = known ? bucket_id::of(r.bucket) : bucket_id{};
    return engine.perform(wallet.id, request,
                          [&](session& s) { return grant_in(engine, s, r, bucket); });
}

template <class Engine, class Target>
result<receipt> void_lot(Engine& engine, const Target& wallet, const void_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"void"}.add(std::uint64_t{r.lot.value()}).add(r.amount).value(),
        .at = r.at};
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        return s.add_primary([&](entry& e) {
            return decide_void(s.state, *of, r.amount.value_or(of->available), s.when(), e);
        });
    });
}

template <class Engine, class Target>
result<receipt> expire_at(Engine& engine, const Target& wallet, const expiry_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"expire_at"}.add(std::uint64_t{r.lot.value()}).add(r.expires).value(),
        .at = r.at};
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        lot changed = *of;
        changed.terms.expires = r.expires;
        account others = s.state;  // the lot's new place is sought among the other lots
        if (const spendable* hot = find_spendable(others, r.lot)) others.burning.erase(hot);
        burn_position place = engine.burning().position_of(others, changed);
        return s.add_primary([&](entry& e) {
            return decide_expiry_change(s.state, *of, r.expires, place, s.when(), e);
        });
    });
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
