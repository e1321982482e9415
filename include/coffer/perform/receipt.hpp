/// What a wallet answers: receipts of what was done, and balances.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/policy/cost/cost.hpp>

#include <optional>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What an operation did, and why it cost what it cost.
struct receipt {
    entry_id id{};
    entry_kind kind{};
    instant at{};
    credits cost{};     ///< Of a hold what it reserved, of a settle what was spent.
    credits debt{};     ///< The part of the cost that is owed.
    part_list parts{};  ///< Which lots paid, or got back, in burn order.
    detail::inline_vector<price_line, 5> lines{};  ///< How the price came about.
    balance_totals before{};
    balance_totals after{};
    lot_id lot{};           ///< The lot that a grant made.
    hold_id hold{};         ///< The hold that was opened or ended.
    money owed{};           ///< The money to return for a purchase refund.
    bool repeated = false;  ///< The request was known: this is its first outcome.
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

inline receipt receipt_of(const entry& e, const balance_totals& before) {
    receipt r{.id = e.id,
              .kind = e.kind,
              .at = e.at,
              .cost = e.amount,
              .debt = e.debt,
              .parts = e.parts,
              .before = before,
              .after = e.after,
              .owed = e.owed};
    if (makes_lot(e)) r.lot = lot_id{e.id.value()};
    switch (e.kind) {
        case entry_kind::held: r.hold = hold_id{e.id.value()}; break;
        case entry_kind::settled:
        case entry_kind::released: r.hold = hold_id{e.about.value()}; break;
        case entry_kind::voided:
        case entry_kind::expiry_changed:
        case entry_kind::purchase_refunded: r.lot = e.parts[0].lot; break;
        case entry_kind::started:
        case entry_kind::plan_assigned: r.cost = {}; break;
        default: break;
    }
    return r;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
