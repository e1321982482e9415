/// What changes a subscription: plans that begin or wait, allowances that rise within their period,
/// add-ons, pauses, payments that are due, and its end.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/grant.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/subscription.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What the running period of the account is from here on, where another plan makes it another.
struct account_period {
    bool changes = false;
    instant from{};
    credits used{};  ///< In it already.
};

/// Lets another plan begin. The buckets in `waiting` go on as they are to the end of their periods.
inline result<void> decide_plan(const account& a, std::string_view plan,
                                std::span<const bucket_id> waiting, const account_period& own,
                                moment when, entry& e) {
    detail::begin(e, a, entry_kind::plan_assigned, when);
    e.plan = plan;
    e.from = own.from;
    e.counts = own.changes;
    if (own.changes) e.amount = own.used;
    for (bucket_id b : waiting) e.parts.push_back(part{.bucket = b});
    return {};
}

/// Lets a plan wait for the end of the account's period, in place of the one that waits.
inline result<void> decide_pending(const account& a, std::string_view plan, moment when, entry& e) {
    detail::begin(e, a, entry_kind::change_pending, when);
    e.plan = plan;
    return {};
}

/// Raises the allowance of a running period to what `to` says; `amount` of it comes as a lot,
/// unless it is nothing. Errors: `amount_overflow`.
inline result<void> decide_raise(const account& a, const lot_terms& terms,
                                 const allowance_change& to, credits amount, burn_position where,
                                 moment when, entry& e) {
    detail::begin(e, a, entry_kind::allowance_raised, when);
    e.allowance = to;
    e.allowance.any = true;
    if (amount.is_zero()) {
        e.terms = terms;
        e.order = a.order;
        return {};
    }
    if (auto fits = detail::check_room(a, amount); !fits) return fits.error();
    return detail::add_lot(terms, amount, where, e);
}

/// Grants the allowance of a running period that waited to be paid. Errors: `amount_overflow`.
inline result<void> decide_refill(const account& a, const lot_terms& terms, credits amount,
                                  burn_position where, moment when, entry& e) {
    detail::begin(e, a, entry_kind::refilled, when);
    if (auto fits = detail::check_room(a, amount); !fits) return fits.error();
    return detail::add_lot(terms, amount, where, e);
}

/// Notes how the subscription stands from here on: the kind says it.
inline result<void> decide_status(const account& a, entry_kind how, moment when, entry& e) {
    detail::begin(e, a, how, when);
    return {};
}

/// Lets an add-on of a bucket be another one, at once or from its next period on; an allowance of
/// zero ends it.
inline result<void> decide_add_on(const account& a, bucket_id bucket, const allowance_change& to,
                                  moment when, entry& e) {
    detail::begin(e, a, entry_kind::add_on_set, when);
    e.allowance = to;
    e.allowance.any = true;
    e.parts.push_back(part{.bucket = bucket});
    return {};
}

namespace detail {

/// The subscription as a start leaves it: what was added goes on, and what was kept of other plans
/// where the start names none; pauses and payments that are due only where a trial ends by it.
inline void start_subscription(account_editor& to, const entry& e) {
    const bool trial = e.until != instant{};
    const subscription_state& known = *to.now().rest->subscription;
    if (!trial && known == subscription_state{}) return;
    subscription_state fresh;
    fresh.add_ons = known.add_ons;
    if (known.on_trial() && known.trial_until <= e.at) {
        fresh.paused = known.paused;
        fresh.past_due = known.past_due;
        fresh.grace_until = known.grace_until;
    }
    if (e.plan.empty()) {
        for (const bucket_course& c : known.courses) {
            if (c.stays) fresh.courses.push_back(c);
        }
    }
    if (trial) {
        fresh.trial_until = e.until;
        fresh.trial_goes_on = e.revokes;
        if (e.revokes) fresh.trial_then = e.resource;
    }
    to.edit_rest().subscription.edit() = std::move(fresh);
    mark_lock(to);
}

inline bool post_plan(account_editor& to, const entry& e) {
    if (e.after != to.now().totals) return false;
    const plan_name old = to.now().rest->plan;
    const subscription_state& known = *to.now().rest->subscription;
    std::vector<bucket_course> courses;
    for (const part& p : e.parts) {
        if (!p.bucket || find_about(courses, p.bucket)) return false;
        const bucket_course* course = find_about(known.courses, p.bucket);
        courses.push_back({.bucket = p.bucket, .plan = course ? course->plan : old});
    }
    to.edit_rest().plan = e.plan;
    if (to.now().rest->plan.too_long()) return false;
    if (!(to.now().rest->plan == old)) forget_rules(to);
    if (known.changes || !known.courses.empty() || !courses.empty()) {
        subscription_state& now = to.edit_rest().subscription.edit();
        now.changes = false;
        now.next = {};
        now.courses = std::move(courses);
    }
    if (e.counts) {
        to.edit().period_from = e.from;
        to.edit().used = e.amount;
    }
    return true;
}

inline bool post_pending(account_editor& to, const entry& e) {
    const plan_name next = e.plan;
    if (e.after != to.now().totals || next.empty() || next.too_long()) return false;
    subscription_state& now = to.edit_rest().subscription.edit();
    now.changes = true;
    now.next = next;
    return true;
}

/// What waits is revoked: buckets that go by another plan than the account's go on so.
inline void stay_on(std::vector<bucket_course>& courses) noexcept {
    for (bucket_course& c : courses) c.stays = true;
}

inline bool post_revocation(account_editor& to, const entry& e) {
    if (e.after != to.now().totals) return false;
    subscription_state& now = to.edit_rest().subscription.edit();
    now.changes = false;
    now.next = {};
    stay_on(now.courses);
    for (add_on& a : now.add_ons) {
        a.changes = false;
        a.next = {};
        a.next_price = {};
    }
    const auto begins_later = [](const add_on& a) { return a.allowance.is_zero(); };
    now.add_ons.erase(std::remove_if(now.add_ons.begin(), now.add_ons.end(), begins_later),
                      now.add_ons.end());
    return true;
}

/// The running period of which an entry makes an allowance; null if it is none.
inline cycle* running_period_of(account_editor& to, const entry& e) {
    for (cycle& c : to.edit_rest().cycles) {
        if (c.bucket == e.terms.bucket && c.index == e.terms.cycle && c.until != never) return &c;
    }
    return nullptr;
}

inline bool post_raise(account_editor& to, const entry& e) {
    cycle* running = running_period_of(to, e);
    if (!running || e.terms.origin != lot_origin::upgraded || !e.allowance.any) return false;
    if (e.allowance.allowance < running->allowance) return false;
    if (e.amount.is_zero() && e.after != to.now().totals) return false;
    running->allowance = e.allowance.allowance;
    if (e.amount.is_zero()) return true;
    period_raise& raised = edit_about(to.edit_rest().subscription.edit().raises, e.terms.bucket);
    const credits by_plan = e.allowance.by_add_on ? credits{} : e.amount;
    const checked<credits> granted = raised.granted + by_plan;
    if (!granted || e.terms.ordinal != raised.count + 1) return false;
    raised.granted = *granted;
    raised.count = e.terms.ordinal;
    return post_lot(to, e);
}

inline bool post_refill(account_editor& to, const entry& e) {
    const period_raise* owed = find_about(to.now().rest->subscription->raises, e.terms.bucket);
    if (!owed || owed->owed != e.amount || !running_period_of(to, e)) return false;
    period_raise& rest = edit_about(to.edit_rest().subscription.edit().raises, e.terms.bucket);
    rest.owed = {};
    if (rest.count == 0) erase_about(to.edit_rest().subscription.edit().raises, e.terms.bucket);
    return post_lot(to, e);
}

/// Nothing waits to be paid any more.
inline void forget_owed(subscription_state& now) {
    for (period_raise& r : now.raises) r.owed = {};
    const auto says_nothing = [](const period_raise& r) { return r.count == 0; };
    now.raises.erase(std::remove_if(now.raises.begin(), now.raises.end(), says_nothing),
                     now.raises.end());
}

inline bool post_status(account_editor& to, const entry& e) {
    if (e.after != to.now().totals) return false;
    subscription_state& now = to.edit_rest().subscription.edit();
    switch (e.kind) {
        case entry_kind::paused: now.paused = true; break;
        case entry_kind::unpaused: now.paused = false; break;
        case entry_kind::past_due:
            now.past_due = true;
            now.grace_until = e.until;
            break;
        case entry_kind::paid:
            now.past_due = false;
            now.grace_until = never;
            if (e.revokes) forget_owed(now);
            break;
        default: {
            subscription_state over;
            over.ended = true;
            over.ended_at = e.at;
            over.locked = e.revokes;
            over.raises = now.raises;
            forget_owed(over);
            over.courses = now.courses;
            stay_on(over.courses);
            now = std::move(over);
        }
    }
    mark_lock(to);
    to.forget_due();
    return true;
}

inline bool post_add_on(account_editor& to, const entry& e) {
    const allowance_change& set = e.allowance;
    if (e.after != to.now().totals || e.parts.size() != 1 || !e.parts[0].bucket || !set.any ||
        set.allowance.is_negative() || set.price.is_negative()) {
        return false;
    }
    auto& all = to.edit_rest().subscription.edit().add_ons;
    add_on& changed = edit_about(all, e.parts[0].bucket);
    if (all.size() > max_add_ons) return false;
    changed.changes = set.waits;
    changed.next = set.waits ? set.allowance : credits{};
    changed.next_price = set.waits ? set.price : money{};
    if (!set.waits) {
        changed.allowance = set.allowance;
        changed.price = set.price;
    }
    if (changed.allowance.is_zero() && changed.next.is_zero()) {
        erase_about(all, e.parts[0].bucket);
    }
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
