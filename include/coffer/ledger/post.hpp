/// The one door by which an account changes: `apply`. The live path and replay both go through it,
/// so a replayed journal gives the same account.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/burn_order.hpp>
#include <coffer/ledger/change.hpp>
#include <coffer/ledger/charge.hpp>
#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/clawback.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/expiry.hpp>
#include <coffer/ledger/grant.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/period.hpp>
#include <coffer/ledger/purchase.hpp>
#include <coffer/ledger/refund.hpp>
#include <coffer/ledger/repayment.hpp>
#include <coffer/ledger/settle.hpp>

#include <span>

namespace coffer {
inline namespace v0 {

namespace detail {

/// Carries out one entry. Each subject first checks that the entry fits the account, so that a
/// corrupt journal is found. Returns whether it did.
inline bool post(account_editor& to, const entry& e) {
    switch (e.kind) {
        case entry_kind::started: return post_start(to, e);
        case entry_kind::period_began: return post_period(to, e);
        case entry_kind::granted: return post_lot(to, e);
        case entry_kind::activated: return post_activation(to, e);
        case entry_kind::rolled:
        case entry_kind::regranted: return post_move(to, e);
        case entry_kind::forfeited:
        case entry_kind::expired: return post_expiry(to, e);
        case entry_kind::charged: return post_charge(to, e);
        case entry_kind::held: return post_hold(to, e);
        case entry_kind::settled: return post_settle(to, e);
        case entry_kind::released:
        case entry_kind::timed_out: return post_release(to, e);
        case entry_kind::refunded: return post_refund(to, e);
        case entry_kind::voided: return post_void(to, e);
        case entry_kind::purchase_refunded:
        case entry_kind::disputed: return post_clawback(to, e);
        case entry_kind::dispute_won: return post_dispute_won(to, e);
        case entry_kind::dispute_lost: return post_dispute_lost(to, e);
        case entry_kind::collected: return post_collection(to, e);
        case entry_kind::debt_dropped: return post_debt_drop(to, e);
        case entry_kind::billed: return post_bill(to, e);
        case entry_kind::configured: return post_choice(to, e);
        case entry_kind::rules_adopted: return post_rules(to, e);
        case entry_kind::refused:
        case entry_kind::recharge_checked:
        case entry_kind::noted: return e.after == to.now().totals;
        case entry_kind::plan_assigned: return post_plan(to, e);
        case entry_kind::expiry_changed: return post_expiry_change(to, e);
        case entry_kind::repaid: return post_repayment(to, e);
        case entry_kind::reordered: return post_reorder(to, e);
        case entry_kind::alert_set: return post_alert(to, e);
        case entry_kind::alert_dropped: return post_alert_drop(to, e);
        case entry_kind::limit_set: return post_limit(to, e);
        case entry_kind::limit_dropped: return post_limit_drop(to, e);
        case entry_kind::change_pending: return post_pending(to, e);
        case entry_kind::change_revoked: return post_revocation(to, e);
        case entry_kind::allowance_raised: return post_raise(to, e);
        case entry_kind::refilled: return post_refill(to, e);
        case entry_kind::paused:
        case entry_kind::unpaused:
        case entry_kind::past_due:
        case entry_kind::paid:
        case entry_kind::ended: return post_status(to, e);
        case entry_kind::add_on_set: return post_add_on(to, e);
        case entry_kind::ordered: return post_order(to, e);
        case entry_kind::purchased: return post_purchase(to, e);
        case entry_kind::order_failed:
        case entry_kind::order_expired: return post_order_end(to, e);
    }
    return false;
}

/// Carries out what an entry says of limits. Returns whether one of its kind says that.
inline bool post_limits(account& a, const entry& e) {
    return is_counted(e.kind) ? post_counters(a, e) : says_limits(e);
}

}  // namespace detail

/// Changes the account by one entry.
/// Errors: `corrupt_record` if the entry does not continue this account; the account may then be
/// changed in part and must be thrown away.
inline result<void> apply(account& a, const entry& e) {
    if (e.id.value() != a.last.value() + 1 || e.at < a.time) return errc::corrupt_record;
    if (e.amount.is_negative() || e.debt.is_negative() || e.uncollected.is_negative()) {
        return errc::corrupt_record;
    }
    if (!e.purchase.empty() && !detail::speaks_of_order(e.kind)) return errc::corrupt_record;
    detail::account_editor editor{a};
    if (!detail::post(editor, e)) return errc::corrupt_record;
    editor.finish(e);
    if (!e.limits.empty() && !detail::post_limits(a, e)) return errc::corrupt_record;
    if (e.alerts.any) detail::post_alert_change(a, e);
    return {};
}

/// The account that a journal describes. Errors: `corrupt_record`.
inline result<account> replay(std::span<const entry> journal, account from = {}) {
    for (const entry& e : journal) {
        if (auto applied = apply(from, e); !applied) return applied.error();
    }
    return from;
}

}  // namespace v0
}  // namespace coffer
