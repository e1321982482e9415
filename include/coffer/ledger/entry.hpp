/// One immutable line of the journal: everything that `apply` needs to change an account, and
/// everything that a reader needs to understand it.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/id.hpp>
#include <coffer/ledger/hold.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/ledger/signature.hpp>
#include <coffer/ledger/subscription.hpp>
#include <coffer/ledger/usage.hpp>
#include <coffer/ledger/watch.hpp>
#include <coffer/time/instant.hpp>

#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

enum class entry_kind : std::uint8_t {
    started = 1,   ///< The subscription began: anchor and zone.
    period_began,  ///< A period began: of a bucket with its allowance, or of the account alone.
    granted,       ///< Credits arrived: bought, given, corrected.
    activated,     ///< A future lot became effective.
    rolled,        ///< Unused allowance went on as a new lot.
    forfeited,     ///< Unused allowance ended with its period.
    expired,       ///< A lot ended unspent.
    charged,       ///< Credits were spent.
    held,          ///< Credits were reserved.
    settled,       ///< A reservation became a spend of the actual cost.
    released,      ///< A reservation was given back.
    timed_out,     ///< A reservation ran out.
    refunded,      ///< A charge was given back, in whole or in part.
    regranted,     ///< A refund into an ended lot went on as a new lot.
    purchase_refunded,  ///< A purchase was taken back for money.
    voided,             ///< A lot's unspent rest was taken back.
    expiry_changed,     ///< A lot's expiry was changed.
    repaid,             ///< Debt was repaid from what arrived.
    reordered,          ///< The plan's burn order changed.
    disputed,           ///< A payment is disputed, its credits were taken back.
    dispute_won,        ///< What a dispute took was given back.
    dispute_lost,       ///< A disputed payment is gone for good.
    collected,          ///< Credits came back to a lot of which a claw-back was short.
    debt_dropped,       ///< Debt ended with its period.
    refused,            ///< A request was refused for good.
    noted,              ///< A message that changed nothing, remembered for its request id.
    plan_assigned,      ///< The wallet went over to another plan.
    alert_set,          ///< An alert began to hold, or another level of it.
    alert_dropped,      ///< An alert holds no longer.
    limit_set,          ///< A limit began to hold, or another amount of it.
    limit_dropped,      ///< A limit holds no longer.
    change_pending,     ///< A change of plan waits for the period's end.
    change_revoked,     ///< What waited for the period's end was revoked.
    allowance_raised,   ///< An upgrade raised the allowance of a running period.
    refilled,           ///< A period's allowance came once it was paid.
    paused,             ///< The subscription was paused.
    unpaused,           ///< The subscription goes on after a pause.
    past_due,           ///< A payment of the subscription is due, and was not made.
    paid,               ///< The payment that was due was made.
    ended,              ///< The subscription ended.
    add_on_set,         ///< An add-on begins, changes or ends.
    ordered,            ///< A purchase was ordered, by a customer or by the plan's recharge.
    purchased,          ///< An order was paid, and is granted.
    order_failed,       ///< An order was not paid.
    order_expired,      ///< An order was not paid in time.
    recharge_checked,   ///< The plan's recharge was due, and is not to be placed now.
    billed,             ///< What a charge owed was closed: it is a line of the period's invoice.
    configured,         ///< A customer chose.
    rules_adopted,      ///< Other rules of choices, or another revision of the plan, hold.
};

/// Whether credits were spent with entries of that kind.
constexpr bool is_spend(entry_kind kind) noexcept {
    return kind == entry_kind::charged || kind == entry_kind::settled;
}
/// Whether limits count entries of that kind.
constexpr bool is_counted(entry_kind kind) noexcept {
    return is_spend(kind) || kind == entry_kind::held || kind == entry_kind::refunded;
}

constexpr std::string_view to_string(entry_kind kind) noexcept {
    switch (kind) {
        case entry_kind::started: return "started";
        case entry_kind::period_began: return "period_began";
        case entry_kind::granted: return "granted";
        case entry_kind::activated: return "activated";
        case entry_kind::rolled: return "rolled";
        case entry_kind::forfeited: return "forfeited";
        case entry_kind::expired: return "expired";
        case entry_kind::charged: return "charged";
        case entry_kind::held: return "held";
        case entry_kind::settled: return "settled";
        case entry_kind::released: return "released";
        case entry_kind::timed_out: return "timed_out";
        case entry_kind::refunded: return "refunded";
        case entry_kind::regranted: return "regranted";
        case entry_kind::purchase_refunded: return "purchase_refunded";
        case entry_kind::voided: return "voided";
        case entry_kind::expiry_changed: return "expiry_changed";
        case entry_kind::repaid: return "repaid";
        case entry_kind::reordered: return "reordered";
        case entry_kind::disputed: return "disputed";
        case entry_kind::dispute_won: return "dispute_won";
        case entry_kind::dispute_lost: return "dispute_lost";
        case entry_kind::collected: return "collected";
        case entry_kind::debt_dropped: return "debt_dropped";
        case entry_kind::refused: return "refused";
        case entry_kind::noted: return "noted";
        case entry_kind::plan_assigned: return "plan_assigned";
        case entry_kind::alert_set: return "alert_set";
        case entry_kind::alert_dropped: return "alert_dropped";
        case entry_kind::limit_set: return "limit_set";
        case entry_kind::limit_dropped: return "limit_dropped";
        case entry_kind::change_pending: return "change_pending";
        case entry_kind::change_revoked: return "change_revoked";
        case entry_kind::allowance_raised: return "allowance_raised";
        case entry_kind::refilled: return "refilled";
        case entry_kind::paused: return "paused";
        case entry_kind::unpaused: return "unpaused";
        case entry_kind::past_due: return "past_due";
        case entry_kind::paid: return "paid";
        case entry_kind::ended: return "ended";
        case entry_kind::add_on_set: return "add_on_set";
        case entry_kind::ordered: return "ordered";
        case entry_kind::purchased: return "purchased";
        case entry_kind::order_failed: return "order_failed";
        case entry_kind::order_expired: return "order_expired";
        case entry_kind::recharge_checked: return "recharge_checked";
        case entry_kind::billed: return "billed";
        case entry_kind::configured: return "configured";
        case entry_kind::rules_adopted: return "rules_adopted";
    }
    return "unknown";
}

/// The three totals of a wallet. A hold lowers available and raises held.
struct balance_totals {
    credits available{};
    credits held{};
    credits debt{};

    friend constexpr bool operator==(const balance_totals&, const balance_totals&) = default;
};

/// `available 11.5, held 8.5, debt 33`; what is held and owed only where there is any.
constexpr auto to_string(const balance_totals& totals) noexcept {
    detail::text_buffer<95> text;
    text.push("available ");
    text.push(to_string(totals.available));
    if (!totals.held.is_zero()) {
        text.push(", held ");
        text.push(to_string(totals.held));
    }
    if (!totals.debt.is_zero()) {
        text.push(", debt ");
        text.push(to_string(totals.debt));
    }
    return text;
}

/// One line of the journal. Its texts belong to whoever handed it out: a page of entries keeps its
/// own, a store that lives in memory keeps all.
struct entry {
    entry_id id{};
    entry_kind kind{};
    /// Spends, refunds: part of what the running period has used. Periods: the account's own period
    /// begins here. Starts, plans: the account's own period is another from here on, and `amount`
    /// was used in it already.
    /// Alerts: the level is a share of the allowances. Choices: they are to be looked at again.
    bool counts = false;
    /// Purchase refunds and disputes: nothing of the lot stays usable. Alerts: once per period.
    /// Starts: the trial goes on in the plan that `resource` names. Ends: purchases are locked.
    /// Refunds: `uncollected` was billed, and is a credit on the next invoice.
    bool revokes = false;
    errc refusal{};  ///< Why a request was refused; `amount` was required.
    request_id::scope requested_by = request_id::scope::none;

    instant at{};     ///< Recorded.
    instant event{};  ///< Happened; earlier than `at` for late events.
    credits amount{};
    credits debt{};  ///< Of the amount: incurred by a charge, lowered by a refund, repaid.
    /// Of the amount: spent credits that a claw-back does not get; dropped or billed debt that a
    /// refund does not give back.
    credits uncollected{};
    balance_totals after{};

    /// The entry that this one speaks of: the hold of a settle, the charge of a refund or
    /// repayment.
    entry_id about{};
    part_list parts{};  ///< Which lots, and how much of each.

    coffer::usage usage{};
    std::string_view member{};  ///< Of an alert: the buckets that it looks at, one a line.
    /// Of a grant or purchase: the name of its lot; of an alert: its own.
    std::string_view resource{};

    std::string_view request{};  ///< The caller's id; empty for what fell due by itself.
    std::uint64_t content = 0;   ///< Digest of the request's content.

    lot_terms terms{};  ///< Of the lot that a grant, refill, roll or re-grant makes.
    lot_id before{};    ///< Where that lot stands in burn order: before this one; none is last.
    std::uint64_t order = 0;  ///< The burn order under which it was put there.

    /// Periods: the newest entry when the last one ended, after which its allowance rolled.
    entry_id rolled_after{};
    std::uint32_t since_anchor = 0;  ///< Periods between the anchor and the one that begins.
    instant from{};  ///< A period's begin, also the account's own with a plan; a start's anchor.
    /// A period's, hold's, trial's or grace's end; a lot's new expiry. Of an order that failed:
    /// none is placed by the plan before.
    instant until{};
    credits
        tolerance{};  ///< Of a hold. Refusals: what would have been accepted. Alerts: the level.
    /// Money to return for a purchase refund; what a billed line comes to, or a refund of one.
    money owed{};
    money contested{};  ///< The total that a purchase refund or a dispute speaks of, if it says.
    std::string_view zone{};
    std::string_view plan{};  ///< The id of the plan that begins to hold.
    alert_change alerts{};
    /// What it says of limits and their counters, packed: see `ledger/limit_record.hpp`.
    std::string_view limits{};
    allowance_change allowance{};
    std::string_view prices{};  ///< Holds: the prices that they keep, packed.
    /// What it says of an order, packed: see `ledger/order_record.hpp`.
    std::string_view purchase{};
    /// What it says of choices, packed: see `ledger/settings_record.hpp`.
    std::string_view settings{};
    coffer::signature signature{};  ///< Who asked, and why.

    friend bool operator==(const entry&, const entry&) = default;
};

/// Whether the entry made a lot, which then carries the entry's number.
constexpr bool makes_lot(const entry& e) noexcept {
    switch (e.kind) {
        case entry_kind::period_began:
        case entry_kind::allowance_raised: return e.amount.is_positive();
        case entry_kind::granted:
        case entry_kind::purchased:
        case entry_kind::rolled:
        case entry_kind::refilled:
        case entry_kind::regranted: return true;
        default: return false;
    }
}

/// Whether the entry says the terms of a lot, be it one without credits.
constexpr bool has_lot_terms(const entry& e) noexcept {
    return makes_lot(e) || e.kind == entry_kind::period_began ||
           e.kind == entry_kind::allowance_raised;
}

/// Whether the entry made, touched or ended the lot.
inline bool concerns(const entry& e, lot_id lot) noexcept {
    if (makes_lot(e) && e.id.value() == lot.value()) return true;
    for (const part& p : e.parts) {
        if (p.lot == lot) return true;
    }
    return false;
}

}  // namespace v0
}  // namespace coffer
