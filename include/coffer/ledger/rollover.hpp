/// What the end of a period does to its allowance: what rollover keeps goes on as new lots, the
/// rest is forfeited. Bought, bonus and compensation credits are none of its business.
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

/// The lots of a period's allowance with what is left of them, the oldest first.
inline std::vector<lot> allowance_left(const account& a, const cycle& ending) {
    std::vector<lot> lots;
    for (const spendable& hot : a.burning) {
        if (hot.bucket != ending.bucket || hot.available.is_zero()) continue;
        const lot* record = find_record(a, hot.lot);
        if (!record->terms.is_allowance() || record->terms.cycle != ending.index) continue;
        lots.push_back(*record);
        lots.back().available = hot.available;
    }
    std::sort(lots.begin(), lots.end(), [](const lot& x, const lot& y) { return x.id < y.id; });
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

inline result<void> roll(attempt& s, const plan_terms& plan, std::size_t bucket, const lot& l,
                         credits amount, const period& next, instant at) {
    if (amount.is_zero()) return {};
    const bool rolled_before = hops_of(l) > 0;
    lot fresh = l;
    fresh.id = lot_id{s.state.last.value() + 1};
    fresh.granted = amount;
    fresh.terms.origin = lot_origin::rolled;
    fresh.terms.ordinal = static_cast<std::uint16_t>(std::min(hops_of(l) + 1, 65'535));
    fresh.terms.from = rolled_before ? l.terms.from : l.id;
    fresh.terms.cycle = next.index;
    fresh.terms.effective = at;
    fresh.terms.lapses = next.until;
    auto bounded = set_expiry(s.state, plan, bucket, !rolled_before, next, at, fresh.terms);
    if (!bounded) return bounded;
    fresh.terms.paid_for = l.terms.paid.has_currency() ? l.basis() : credits{};
    const burn_position place = position_of_rolled(s.state, fresh, l.id, plan);
    return s.add([&](entry& e) {
        return decide_move(s.state, l.id, amount, entry_kind::rolled, fresh.terms, place, at, e);
    });
}

/// Ends the running period of a bucket: what rollover keeps goes on into `next`, the rest is
/// forfeited. Without a bucket of the plan all is.
inline result<void> end_period(attempt& s, const plan_terms& plan,
                               std::optional<std::size_t> bucket, const cycle& ending,
                               const period& next, instant at) {
    const rollover_terms terms = bucket ? plan.buckets[*bucket].rollover : rollover_terms{};
    const std::vector<lot> unused = allowance_left(s.state, ending);
    std::vector<std::int64_t> kept;
    std::int64_t sum = 0;
    for (const lot& l : unused) {
        kept.push_back(may_roll(l, terms) ? l.available.micros() : 0);
        sum += kept.back();
    }
    const result<credits> carried = carry_of(plan, bucket, ending, credits::from_micros(sum));
    if (!carried) return carried.error();
    std::int64_t trimmed = sum - carried->micros();
    const auto lose = [&](std::int64_t& rest) {
        const std::int64_t lost = std::min(trimmed, rest);
        trimmed -= lost;
        rest -= lost;
    };
    if (terms.trim == trim::oldest) {
        std::for_each(kept.begin(), kept.end(), lose);
    } else {
        std::for_each(kept.rbegin(), kept.rend(), lose);
    }
    for (std::size_t i = 0; i < unused.size(); ++i) {
        const credits lost = credits::from_micros(unused[i].available.micros() - kept[i]);
        if (auto done = forfeit(s, unused[i], lost, at); !done) return done;
        if (!bucket) continue;
        auto done = roll(s, plan, *bucket, unused[i], credits::from_micros(kept[i]), next, at);
        if (!done) return done;
    }
    return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
