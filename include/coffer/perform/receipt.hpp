/// What a wallet answers: receipts of what was done, and balances.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/policy/cost/cost.hpp>

#include <optional>
#include <type_traits>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What an operation did and what it left. Small, so that it is returned at no cost worth naming:
/// which lots paid is told by `wallet::paid_by(id)`, why it cost that by `wallet::explain(id)`.
struct receipt {
    entry_id id{};
    entry_kind kind{};
    bool repeated = false;  ///< The request was known: this is its first outcome.
    instant at{};
    instant until{};  ///< Of a hold: it is over from then on.
    credits cost{};   ///< Of a hold what it reserved, of a settle what was spent.
    credits debt{};   ///< The part of the cost that is owed.
    balance_totals after{};
    lot_id lot{};    ///< The lot that a grant made; of a spend, the first lot that paid.
    hold_id hold{};  ///< The hold that was opened or ended.
    /// The money to return for a purchase refund; of a refund of what was billed, the credit on the
    /// next invoice.
    money owed{};
};
static_assert(sizeof(receipt) <= 128 && std::is_trivially_copyable_v<receipt>);

/// What an operation would do: its receipt, if it were carried out now, with all that it comes
/// from.
struct quotation {
    coffer::receipt receipt{};
    part_list parts{};    ///< Which lots would pay, in burn order.
    price_lines lines{};  ///< How the price comes about; none for an amount that was stated.
    factor times{};       ///< The factors upon the lines.
    balance_totals before{};
};

/// One bucket's share of a balance.
struct bucket_balance {
    bucket_id bucket{};
    credits available{};
    credits allowance{};              ///< Granted for the running period; zero without a refill.
    std::optional<period> running{};  ///< The bucket's period; it refills at its end.
};

/// A balance is never one number.
struct balance {
    credits available{};
    credits held{};
    credits debt{};
    credits used{};                   ///< Spent in the running period, net of refunds.
    credits allowance{};              ///< Of all buckets, for their running periods.
    std::optional<period> running{};  ///< The account's period; the allowance resets at its end.
    std::vector<bucket_balance> buckets{};  ///< In burn order; buckets with credits or a refill.

    /// The bucket's available; zero if it has none.
    credits available_in(bucket_id bucket) const noexcept {
        for (const bucket_balance& b : buckets) {
            if (b.bucket == bucket) return b.available;
        }
        return {};
    }
};

namespace detail {

inline receipt receipt_of(const entry& e) noexcept {
    receipt r{.id = e.id,
              .kind = e.kind,
              .at = e.at,
              .cost = e.amount,
              .debt = e.debt,
              .after = e.after,
              .owed = e.owed};
    if (makes_lot(e)) {
        r.lot = lot_id{e.id.value()};
    } else if (!e.parts.empty()) {
        r.lot = e.parts[0].lot;
    }
    switch (e.kind) {
        case entry_kind::held:
            r.hold = hold_id{e.id.value()};
            r.until = e.until;
            break;
        case entry_kind::settled:
        case entry_kind::released: r.hold = hold_id{e.about.value()}; break;
        case entry_kind::started:
        case entry_kind::plan_assigned:
        case entry_kind::change_pending:
        case entry_kind::ordered:
        case entry_kind::order_failed:
        case entry_kind::order_expired: r.cost = {}; break;
        default: break;
    }
    return r;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
