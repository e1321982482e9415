/// What the end of a period does to its allowance: what rollover keeps goes on, the rest is
/// forfeited. A lot that is whole goes on silently, by the entry that begins the next period; what
/// is left of any other as a new lot. Bought, bonus and compensation credits are none of its
/// business.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The zone in which an account's calendar runs: that of its start, before it that of its plan.
inline result<zone> zone_of(const account& a, const plan_terms& plan) {
    if (!a.rest->started) return plan.zone;
    if (a.rest->zone.empty()) return zone::utc();
    return zone::find(a.rest->zone.view());
}

/// The lot that a rolled one goes back to; of any other the lot itself.
inline lot_id first_of(const lot& l) noexcept {
    return l.terms.origin == lot_origin::rolled ? l.terms.from : l.id;
}

/// What is left of a lot of a period's allowance.
struct remainder {
    lot of{};
    bool intact = false;
    std::int64_t kept = 0;  ///< What rollover keeps of it.
};

/// The lots of a period's allowance with what is left of them, the oldest first.
inline std::vector<remainder> allowance_left(const account& a, const cycle& ending) {
    std::vector<remainder> lots;
    for (const spendable& hot : a.burning) {
        if (hot.bucket != ending.bucket || hot.available.is_zero()) continue;
        const lot& record = *find_record(a, hot.lot);
        if (!record.terms.is_allowance()) continue;
        const lot now = record_by_now(a, record, &hot);
        if (now.terms.cycle != ending.index) continue;
        lots.push_back({now, is_intact(a, record, hot)});
        lots.back().of.available = hot.available;
    }
    std::sort(lots.begin(), lots.end(), [](const remainder& x, const remainder& y) {
        return first_of(x.of) < first_of(y.of);
    });
    return lots;
}

inline std::uint16_t hops_of(const lot& l) noexcept {
    return l.terms.origin == lot_origin::rolled ? l.terms.ordinal : std::uint16_t{0};
}

inline bool may_roll(const lot& l, const rollover_terms& terms) noexcept {
    return terms.hops == rollover_terms::any_number || hops_of(l) < terms.hops;
}

/// The life of an allowance. An end beyond the calendar is none: its period ends it anyhow.
inline result<lifetime> life_of_allowance(const plan_terms& plan, std::size_t bucket, instant at,
                                          const period& running, const zone& where) {
    result<lifetime> life =
        plan.life(bucket, {.effective = at, .running = running, .where = where});
    if (life == errc::amount_overflow) return lifetime::unlimited();
    return life;
}

/// How much of an allowance rollover keeps. A bucket that no longer refills keeps nothing.
inline result<credits> carry_of(const plan_terms& plan, std::optional<std::size_t> bucket,
                                const cycle& ending, credits unused) {
    if (!bucket) return credits{};
    const credits kept = plan.carry(*bucket, {.unused = unused,
                                              .granted = ending.allowance,
                                              .period = {ending.index, ending.from, ending.until}});
    if (kept.is_negative() || kept > unused) return errc::policy_contract;
    return kept;
}

inline result<void> forfeit(attempt& s, const lot& l, credits amount, instant at) {
    if (amount.is_zero()) return {};
    const spendable hot = *find_spendable(s.state, l.id);
    return s.add([&](entry& e) {
        return decide_expiry(s.state, hot, entry_kind::forfeited, amount, at, e);
    });
}

/// Sets until when a rolled lot is usable: to the end of the next period, for good, or to its first
/// lot's own end, whatever the bucket's expiry says of an allowance; and as long as it is kept from
/// its first roll.
inline result<void> set_expiry(const account& a, const plan_terms& plan, std::size_t bucket,
                               bool first_roll, const period& next, instant at, lot_terms& terms) {
    const result<zone> where = zone_of(a, plan);
    if (!where) return where.error();
    const result<lifetime> life = life_of_allowance(plan, bucket, at, next, *where);
    if (!life) return life.error();
    terms.ends_with_period = life->with_period;
    const bool of_first_lot = !life->with_period && life->until != never;
    if (!of_first_lot) terms.expires = life->until;
    const rollover_terms& rules = plan.buckets[bucket].rollover;
    if (first_roll && !rules.keeps.is_zero()) {
        const instant end = coffer::add(at, rules.keeps, *where).value_or(never);
        if (end <= at) return errc::policy_contract;
        terms.kept_until = end;
    }
    if (terms.kept_until <= terms.expires && terms.kept_until != never) {
        terms.expires = terms.kept_until;
        terms.ends_with_period = false;
    }
    return {};
}

/// The terms of a lot once it has rolled.
inline result<lot_terms> rolled_terms(const account& a, const plan_terms& plan, std::size_t bucket,
                                      const lot& l, const period& next, instant at) {
    const bool rolled_before = hops_of(l) > 0;
    lot_terms terms = l.terms;
    terms.origin = lot_origin::rolled;
    terms.ordinal = static_cast<std::uint16_t>(std::min(hops_of(l) + 1, 65'535));
    terms.from = first_of(l);
    terms.cycle = next.index;
    terms.effective = at;
    terms.lapses = next.until;
    auto bounded = set_expiry(a, plan, bucket, !rolled_before, next, at, terms);
    if (!bounded) return bounded.error();
    terms.paid_for = l.terms.paid.has_currency() ? l.basis() : credits{};
    return terms;
}

/// How the allowance of a bucket ends with a period.
struct period_end {
    const cycle& ending;
    rolling ahead{};
    instant at{};
    bool silent = false;  ///< Whether lots may roll by the entry alone that begins the next period.
};

/// Lets what is kept of a lot go on.
inline result<void> roll(attempt& s, const plan_terms& plan, std::size_t bucket,
                         const remainder& rest, const period_end& end) {
    if (rest.kept == 0) return {};
    const result<lot_terms> terms =
        rolled_terms(s.state, plan, bucket, rest.of, end.ahead.into, end.at);
    if (!terms) return terms.error();
    if (end.silent && rest.intact && rest.kept == rest.of.granted.micros()) {
        lot silent = rest.of;
        roll_on(silent, 1, end.ahead.into);
        if (silent.terms == *terms) return {};
    }
    lot fresh = rest.of;
    fresh.id = lot_id{s.state.last.value() + 1};
    fresh.granted = credits::from_micros(rest.kept);
    fresh.terms = *terms;
    const burn_position place =
        position_of_rolled(s.state, fresh, rest.of.id, plan, end.ahead);
    return s.add([&](entry& e) {
        return decide_move(s.state, rest.of.id, fresh.granted, entry_kind::rolled, fresh.terms,
                           place, end.at, e);
    });
}

/// Lowers what is kept by what rollover does not carry over.
inline void trim_kept(std::vector<remainder>& lots, std::int64_t trimmed, trim which) {
    const auto lose = [&](remainder& r) {
        const std::int64_t lost = std::min(trimmed, r.kept);
        trimmed -= lost;
        r.kept -= lost;
    };
    if (which == trim::oldest) {
        std::for_each(lots.begin(), lots.end(), lose);
    } else {
        std::for_each(lots.rbegin(), lots.rend(), lose);
    }
}

/// Ends the running period of a bucket: what rollover keeps goes on into the next one, the rest is
/// forfeited. Without a bucket of the plan all is.
inline result<void> end_period(attempt& s, const plan_terms& plan,
                               std::optional<std::size_t> bucket, const period_end& end) {
    const rollover_terms terms = bucket ? plan.buckets[*bucket].rollover : rollover_terms{};
    std::vector<remainder> unused = allowance_left(s.state, end.ending);
    std::int64_t sum = 0;
    for (remainder& r : unused) {
        r.kept = may_roll(r.of, terms) ? r.of.available.micros() : 0;
        sum += r.kept;
    }
    const result<credits> carried =
        carry_of(plan, bucket, end.ending, credits::from_micros(sum));
    if (!carried) return carried.error();
    trim_kept(unused, sum - carried->micros(), terms.trim);
    for (const remainder& r : unused) {
        const credits lost = credits::from_micros(r.of.available.micros() - r.kept);
        if (auto done = forfeit(s, r.of, lost, end.at); !done) return done;
        if (!bucket) continue;
        if (auto done = roll(s, plan, *bucket, r, end); !done) return done;
    }
    return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
