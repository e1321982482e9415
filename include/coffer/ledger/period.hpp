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

inline bool post_period(account_editor& to, const entry& e) {
    if (e.until <= e.from) return false;
    for (const spendable& s : to.now().burning) {
        if (s.available.is_positive() && ends_with(to.now(), s, e)) return false;
    }
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
    for (std::size_t i = 0; i < to.now().burning.size(); ++i) {
        if (ends_with(to.now(), to.now().burning[i], e)) {
            to.edit().burning.edit(i).expires = instant::min();
        }
    }
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
