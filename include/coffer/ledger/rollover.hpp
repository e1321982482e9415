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

/// What is left of a lot of a period's allowance.
struct remainder {
    lot of{};
    bool intact = false;
    std::int64_t kept = 0;  ///< What rollover keeps of it.
};

/// What is left of a period's allowance.
struct allowance_rest {
    std::vector<remainder> apart{};  ///< Lots that are looked at one by one, the oldest first.
    std::size_t begin = 0;           ///< Where the lots stand that are looked at together,
    std::size_t end = 0;             ///< all of them whole and of one pile, the oldest first.
    std::int64_t together = 0;       ///< What they come to.

    bool has_more() const noexcept { return begin < end; }
};

inline std::optional<remainder> remainder_of(const account& a, const spendable& hot,
                                             const cycle& ending) {
    const lot& record = *find_record(a, hot.lot);
    if (hot.available.is_zero() || !record.terms.is_allowance()) return std::nullopt;
    remainder r{record_by_now(a, record, &hot), is_intact(a, record, hot)};
    if (r.of.terms.cycle != ending.index) return std::nullopt;
    r.of.available = hot.available;
    return r;
}

/// Takes one of the lots that are looked at together, the oldest or the newest, to those that are
/// looked at one by one.
inline void take_apart(const account& a, const cycle& ending, allowance_rest& rest, bool oldest) {
    const std::size_t at = oldest ? rest.begin++ : --rest.end;
    const auto one = remainder_of(a, a.burning[at], ending);
    if (!one) return;  // the pile is sound
    rest.together -= one->of.available.micros();
    rest.apart.push_back(*one);
    rest.apart.back().kept = one->of.available.micros();
}

inline void sort_by_age(std::vector<remainder>& lots) {
    std::sort(lots.begin(), lots.end(), [](const remainder& x, const remainder& y) {
        return first_of(x.of) < first_of(y.of);
    });
}

/// What is left of a period's allowance. Of a pile the first lot is looked at by itself: a part of
/// it may be spent.
inline allowance_rest allowance_left(const account& a, const cycle& ending) {
    allowance_rest rest;
    each_pile(a, [&](std::size_t i, std::size_t count) {
        const spendable& hot = a.burning[i];
        if (hot.bucket != ending.bucket) return;
        if (const auto one = remainder_of(a, hot, ending)) rest.apart.push_back(*one);
        if (count == 1) return;
        rest.begin = i + 1;
        rest.end = i + count;
        rest.together = find_carried(a, ending.bucket)->granted.micros() -
                        find_record(a, hot.lot)->granted.micros();
    });
    return rest;
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
    const plan_terms& order;  ///< The plan in whose order the lots stand.
};

/// Whether a whole lot comes to the same by rolling silently: its terms are then what can be told
/// without a record of the roll.
inline result<bool> rolls_silently(const account& a, const plan_terms& plan, std::size_t bucket,
                                   const lot& l, const period_end& end) {
    const result<lot_terms> terms = rolled_terms(a, plan, bucket, l, end.ahead.into, end.at);
    if (!terms) return terms.error();
    lot silent = l;
    roll_on(silent, 1, end.ahead.into);
    return silent.terms == *terms;
}

/// Lets what is kept of a lot go on.
inline result<void> roll(attempt& s, const plan_terms& plan, std::size_t bucket,
                         const remainder& rest, const period_end& end) {
    if (rest.kept == 0) return {};
    if (end.ahead.silent && rest.intact && rest.kept == rest.of.granted.micros()) {
        const result<bool> silent = rolls_silently(s.state, plan, bucket, rest.of, end);
        if (!silent) return silent.error();
        if (*silent) return {};
    }
    const result<lot_terms> terms =
        rolled_terms(s.state, plan, bucket, rest.of, end.ahead.into, end.at);
    if (!terms) return terms.error();
    lot fresh = rest.of;
    fresh.id = lot_id{s.state.last.value() + 1};
    fresh.granted = credits::from_micros(rest.kept);
    fresh.terms = *terms;
    const burn_position place =
        position_of_rolled(s.state, fresh, rest.of.id, end.order, {&end.ahead, 1});
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

/// Whether all lots that are looked at together roll silently if rollover keeps them: whether the
/// oldest does.
inline result<bool> roll_together(const account& a, const plan_terms& plan,
                                  std::optional<std::size_t> bucket, const allowance_rest& rest,
                                  const period_end& end) {
    if (!bucket || !end.ahead.silent) return false;
    const auto oldest = remainder_of(a, a.burning[rest.begin], end.ending);
    if (!oldest || !may_roll(oldest->of, plan.buckets[*bucket].rollover)) return false;
    return rolls_silently(a, plan, *bucket, oldest->of, end);
}

/// Takes lots apart until those that rollover does not keep are all among those that are looked at
/// one by one.
inline void take_trimmed_apart(const account& a, const cycle& ending, allowance_rest& rest,
                               std::int64_t trimmed, trim which) {
    const bool oldest = which == trim::oldest;
    while (trimmed > 0 && rest.has_more()) {
        const std::size_t next = oldest ? rest.begin : rest.end - 1;
        const lot_id bound = first_of(*find_record(a, a.burning[next].lot));
        std::int64_t reached = 0;  // by what is lost before the next of the others
        for (const remainder& r : rest.apart) {
            if (oldest ? first_of(r.of) < bound : bound < first_of(r.of)) reached += r.kept;
        }
        if (reached >= trimmed) return;
        take_apart(a, ending, rest, oldest);
    }
}

/// Ends the running period of a bucket, by the plan by which it went: what rollover keeps goes on
/// into the next one, the rest is forfeited. Without a bucket of the plan all is.
inline result<void> end_period(attempt& s, const plan_terms& plan,
                               std::optional<std::size_t> bucket, const period_end& end) {
    const rollover_terms terms = bucket ? plan.buckets[*bucket].rollover : rollover_terms{};
    allowance_rest rest = allowance_left(s.state, end.ending);
    if (rest.has_more()) {
        const result<bool> together = roll_together(s.state, plan, bucket, rest, end);
        if (!together) return together.error();
        while (!*together && rest.has_more()) take_apart(s.state, end.ending, rest, true);
    }
    std::int64_t sum = rest.together;
    for (remainder& r : rest.apart) {
        r.kept = may_roll(r.of, terms) ? r.of.available.micros() : 0;
        sum += r.kept;
    }
    const result<credits> carried = carry_of(plan, bucket, end.ending, credits::from_micros(sum));
    if (!carried) return carried.error();
    const std::int64_t trimmed = sum - carried->micros();
    take_trimmed_apart(s.state, end.ending, rest, trimmed, terms.trim);
    sort_by_age(rest.apart);
    trim_kept(rest.apart, trimmed, terms.trim);
    for (const remainder& r : rest.apart) {
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
