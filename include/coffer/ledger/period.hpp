/// Subscriptions and their periods: starts, plans, and periods that begin with an allowance.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/grant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

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
    account_details& rest = to.edit_rest();
    rest.started = true;
    rest.anchor = e.from;
    rest.zone = e.zone;
    if (!e.plan.empty()) rest.plan = e.plan;
    for (cycle& c : rest.cycles) c.until = never;
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
           !find_claim(a, record.id) && !record.refunded.has_currency() && !record.closed;
}

/// Whether what is left of a bucket's allowance may roll by the entry that begins its period alone.
inline bool may_roll_silently(const account& a, const entry& begun) noexcept {
    const cycle* ending = find_cycle(a, begun.terms.bucket);
    return begun.rolled_after && begun.at == begun.from && ending &&
           ending->index + 1 == begun.terms.cycle;
}

/// Ends the lots of the period before: what has not gone on is intact, and rolls silently.
inline bool end_lots(account_editor& to, const entry& e) {
    const bool silent = may_roll_silently(to.now(), e);
    for (std::size_t i = 0; i < to.now().burning.size(); ++i) {
        const spendable hot = to.now().burning[i];
        if (!ends_with(to.now(), hot, e)) continue;
        if (hot.available.is_positive()) {
            if (!silent || !is_intact(to.now(), *find_record(to.now(), hot.lot), hot)) return false;
            continue;
        }
        to.write_rolls(hot);
        to.edit().burning.edit(i).expires = instant::min();
    }
    return true;
}

/// Remembers after which entry the allowance rolled.
inline void note_roll(account_details& rest, const entry& e) {
    auto known = std::find_if(rest.carries.begin(), rest.carries.end(),
                              [&](const carried& c) { return c.bucket == e.terms.bucket; });
    if (known != rest.carries.end()) {
        known->after = e.rolled_after;
    } else if (e.rolled_after) {
        rest.carries.push_back({.bucket = e.terms.bucket, .after = e.rolled_after});
    }
}

inline bool post_period(account_editor& to, const entry& e) {
    if (e.until <= e.from || !end_lots(to, e)) return false;
    if (e.amount.is_positive() ? !to.fits(e, e.amount.micros(), 0, 0)
                               : e.after != to.now().totals) {
        return false;
    }
    account_details& rest = to.edit_rest();
    cycle begun{.bucket = e.terms.bucket,
                .index = e.terms.cycle,
                .since_anchor = e.since_anchor,
                .from = e.from,
                .until = e.until,
                .allowance = e.amount};
    auto running = std::find_if(rest.cycles.begin(), rest.cycles.end(),
                                [&](const cycle& c) { return c.bucket == begun.bucket; });
    if (running == rest.cycles.end()) {
        rest.cycles.push_back(begun);
    } else {
        *running = begun;
    }
    note_roll(rest, e);
    if (e.counts) {
        // What was used already of a period that begins late came with the entry before.
        bool announced = to.now().period_from == instant::min() || to.now().period_from == e.from;
        if (!announced) to.edit().used = {};
        to.edit().period_from = e.from;
    }
    to.forget_due();
    return e.amount.is_zero() || post_lot(to, e);
}

inline bool post_plan(account_editor& to, const entry& e) {
    if (e.after != to.now().totals) return false;
    to.edit_rest().plan = e.plan;
    if (e.counts) {
        to.edit().period_from = e.from;
        to.edit().used = e.amount;
    }
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
