/// Periods: starts, and periods that begin with an allowance.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/change.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/grant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Begins a subscription. Periods are opened after it, by `decide_period`; of the account's own
/// so much has been used already.
inline result<void> decide_start(const account& a, instant anchor, std::string_view zone,
                                 credits used, moment when, entry& e) {
    detail::begin(e, a, entry_kind::started, when);
    e.counts = true;
    e.amount = used;
    e.from = anchor;
    e.zone = zone;
    return {};
}

/// Opens a period of a bucket with its allowance.
inline result<void> decide_period(const account& a, const lot_terms& terms, const period& begun,
                                  std::uint32_t since_anchor, credits allowance,
                                  burn_position where, bool of_account, moment when, entry& e) {
    if (allowance.is_negative()) return errc::policy_contract;
    detail::begin(e, a, entry_kind::period_began, when);
    e.from = begun.from;
    e.until = begun.until;
    e.since_anchor = since_anchor;
    e.counts = of_account;
    if (allowance.is_zero()) {
        e.terms = terms;
        e.order = a.order;
        return {};
    }
    if (auto fits = detail::check_room(a, allowance); !fits) return fits.error();
    return detail::add_lot(terms, allowance, where, e);
}

namespace detail {

inline bool post_start(account_editor& to, const entry& e) {
    // What a hold has of earlier periods keeps the end that it had: that of the periods goes.
    for (std::size_t i = 0; i < to.now().burning.size(); ++i) {
        to.write_rolls(spendable{to.now().burning[i]});
    }
    const bool other_plan = !e.plan.empty() && !(to.now().rest->plan == e.plan);
    account_details& rest = to.edit_rest();
    rest.started = true;
    rest.anchor = e.from;
    rest.zone = e.zone;
    if (!e.plan.empty()) rest.plan = e.plan;
    for (cycle& c : rest.cycles) c.until = never;
    if (other_plan) forget_rules(to);
    start_subscription(to, e);
    to.forget_due();
    to.edit().period_from = instant::min();
    to.edit().used = e.amount;
    return e.after == to.now().totals;
}

/// Whether the lot is an allowance of a period that `begun` brings to its end.
inline bool ends_with(const account& a, const spendable& s, const entry& begun) noexcept {
    if (s.bucket != begun.terms.bucket) return false;
    const lot* record = find_record(a, s.lot);
    return record && record->terms.is_allowance() && record->terms.cycle != begun.terms.cycle;
}

/// Whether all that was granted of a lot is there, and nothing else ever happened to it.
inline bool is_intact(const account& a, const lot& record, const spendable& hot) noexcept {
    return hot.available == record.granted && !record.touched && hot.expires != instant::min() &&
           record.terms.origin != lot_origin::upgraded && !find_claim(a, record.id) &&
           !record.refunded.has_currency() && !record.closed;
}

/// Whether what is left of a bucket's allowance may roll by the entry that begins its period alone.
inline bool may_roll_silently(const account& a, const entry& begun) noexcept {
    const cycle* ending = find_cycle(a, begun.terms.bucket);
    return begun.rolled_after && begun.at == begun.from && ending &&
           ending->index + 1 == begun.terms.cycle;
}

/// Whether what is available of a lot is all of an allowance that falls due with its period alone.
inline bool can_be_piled(const account& a, const lot& record, const spendable& hot) noexcept {
    return record.terms.is_allowance() && hot.expires == never && hot.held.is_zero() &&
           is_intact(a, record, hot);
}

/// Whether two such lots of a bucket, of which the one stands before the other, differ in nothing
/// but their age.
inline bool pile_up(const lot& x, const lot& y) noexcept {
    return first_of(x) < first_of(y) && x.terms.source == y.terms.source &&
           x.terms.ends_with_period == y.terms.ends_with_period &&
           x.terms.priority == y.terms.priority && x.terms.kept_until == y.terms.kept_until &&
           x.terms.paid == y.terms.paid && !x.terms.paid.has_currency();
}

/// Lets the lots that stand before and behind a pile join it, or two lots begin one, where they
/// differ from its lots in nothing but their age. Requires: what is left of the ended period has
/// rolled. `from`: where the first lot stands that may begin one.
inline void grow_pile(account_editor& to, bucket_id bucket, std::size_t from) {
    const account& a = to.now();
    carried grown = *find_carried(a, bucket);
    const auto record_at = [&](std::size_t i) -> const lot& {
        return *find_record(a, a.burning[i].lot);
    };
    const auto joins = [&](std::size_t i) {
        return a.burning[i].bucket == bucket && can_be_piled(a, record_at(i), a.burning[i]);
    };
    std::size_t begin = grown.count > 0 ? to.place_of(grown.first).value_or(from) : from;
    std::size_t end = begin + grown.count;
    const auto count_in = [&](std::size_t i) {
        grown.granted = plus(grown.granted, record_at(i).granted);
    };
    if (grown.count == 0) {
        if (!joins(end)) return;
        count_in(end++);
    }
    while (end < a.burning.size() && joins(end) && pile_up(record_at(end - 1), record_at(end))) {
        count_in(end++);
    }
    while (begin > 0 && joins(begin - 1) && pile_up(record_at(begin - 1), record_at(begin))) {
        count_in(--begin);
    }
    grown.first = a.burning[begin].lot;
    grown.count = static_cast<std::uint32_t>(end - begin);
    if (grown != *find_carried(a, bucket)) to.edit_carried(bucket) = grown;
}

/// Ends the lots of the period before: what has not gone on is intact, and rolls silently.
inline bool end_lots(account_editor& to, const entry& e) {
    const bool silent = may_roll_silently(to.now(), e);
    bool follows = true;
    std::vector<std::size_t> held;
    each_pile(to.now(), [&](std::size_t i, std::size_t) {
        const spendable& hot = to.now().burning[i];
        if (!ends_with(to.now(), hot, e)) return;
        if (hot.available.is_zero()) {
            held.push_back(i);
        } else if (!silent || !is_intact(to.now(), *find_record(to.now(), hot.lot), hot)) {
            follows = false;
        }
    });
    for (std::size_t i : held) {
        to.write_rolls(spendable{to.now().burning[i]});
        to.edit().burning.edit(i).expires = instant::min();
    }
    return follows;
}

/// Remembers after which entry the allowance rolled.
inline void note_roll(account_editor& to, const entry& e) {
    auto& carries = to.edit_rest().carries;
    auto known = std::find_if(carries.begin(), carries.end(),
                              [&](const carried& c) { return c.bucket == e.terms.bucket; });
    if (known != carries.end()) {
        known->after = e.rolled_after;
    } else if (e.rolled_after) {
        carries.push_back({.bucket = e.terms.bucket, .after = e.rolled_after});
    } else {
        return;
    }
    std::optional<std::size_t> first;
    each_pile(to.now(), [&](std::size_t i, std::size_t) {
        const spendable& hot = to.now().burning[i];
        if (first || hot.bucket != e.terms.bucket) return;
        if (can_be_piled(to.now(), *find_record(to.now(), hot.lot), hot)) first = i;
    });
    if (first) grow_pile(to, e.terms.bucket, *first);
}

/// What is remembered of a bucket's period besides: by which plan it goes, what of its allowance
/// waits to be paid, and its add-on.
inline void note_period(account_editor& to, const entry& e) {
    const subscription_state& known = *to.now().rest->subscription;
    const bucket_id bucket = e.terms.bucket;
    const bool any = e.allowance.any || find_about(known.courses, bucket) ||
                     find_about(known.raises, bucket) || find_about(known.add_ons, bucket);
    if (!any) return;
    subscription_state& now = to.edit_rest().subscription.edit();
    erase_about(now.raises, bucket);
    if (e.allowance.owed.is_positive()) edit_about(now.raises, bucket).owed = e.allowance.owed;
    if (e.allowance.by_other_plan) {
        bucket_course& course = edit_about(now.courses, bucket);
        course.stays = course.stays && course.plan == e.plan;
        course.plan = e.plan;
    } else {
        erase_about(now.courses, bucket);
    }
    add_on* added = find_about(now.add_ons, bucket);
    if (!added || !added->changes) return;
    *added = {.bucket = bucket, .allowance = added->next, .price = added->next_price};
    if (added->allowance.is_zero()) erase_about(now.add_ons, bucket);
}

inline bool post_period(account_editor& to, const entry& e) {
    if (e.until <= e.from || !end_lots(to, e)) return false;
    if (e.amount.is_positive() ? !to.fits(e, e.amount.micros(), 0, 0)
                               : e.after != to.now().totals) {
        return false;
    }
    if (e.allowance.owed.is_negative() || e.allowance.allowance.is_negative()) return false;
    account_details& rest = to.edit_rest();
    cycle begun{.bucket = e.terms.bucket,
                .index = e.terms.cycle,
                .since_anchor = e.since_anchor,
                .from = e.from,
                .until = e.until,
                .allowance = e.allowance.any ? e.allowance.allowance : e.amount};
    auto running = std::find_if(rest.cycles.begin(), rest.cycles.end(),
                                [&](const cycle& c) { return c.bucket == begun.bucket; });
    if (running == rest.cycles.end()) {
        rest.cycles.push_back(begun);
    } else {
        *running = begun;
    }
    note_roll(to, e);
    note_period(to, e);
    if (e.counts) {
        // What was used already of a period that begins late came with the entry before.
        bool announced = to.now().period_from == instant::min() || to.now().period_from == e.from;
        if (!announced) to.edit().used = {};
        to.edit().period_from = e.from;
        to.edit_rest().raised &= depleted_mark;
    }
    to.forget_due();
    return e.amount.is_zero() || post_lot(to, e);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
