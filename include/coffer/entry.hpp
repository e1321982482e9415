/// One immutable line of the journal: everything that `apply` needs to change an account, and
/// everything that a reader needs to understand it.
#pragma once

#include <coffer/amount.hpp>
#include <coffer/hold.hpp>
#include <coffer/id.hpp>
#include <coffer/lot.hpp>
#include <coffer/time.hpp>
#include <coffer/usage.hpp>

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
};

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

/// One line of the journal. Its texts belong to whoever handed it out: a page of entries keeps its
/// own, a store that lives in memory keeps all.
struct entry {
    entry_id id{};
    entry_kind kind{};
    /// Spends, refunds: part of what the running period has used. Periods: the account's own period
    /// begins here.
    bool counts = false;
    /// Purchase refunds: nothing of the lot stays usable.
    bool revokes = false;
    request_id::scope requested_by = request_id::scope::none;

    instant at{};     ///< Recorded.
    instant event{};  ///< Happened; earlier than `at` for late events.
    credits amount{};
    credits debt{};  ///< Of the amount: incurred by a charge, lowered by a refund, repaid.
    balance_totals after{};

    /// The entry that this one speaks of: the hold of a settle, the charge of a refund or
    /// repayment.
    entry_id about{};
    part_list parts{};  ///< Which lots, and how much of each.

    coffer::usage usage{};
    std::string_view member{};
    std::string_view resource{};

    std::string_view request{};  ///< The caller's id; empty for what fell due by itself.
    std::uint64_t content = 0;   ///< Digest of the request's content.

    lot_terms terms{};  ///< Of the lot that a grant, refill, roll or re-grant makes.
    lot_id before{};    ///< Where that lot stands in burn order: before this one; none is last.
    std::uint64_t order = 0;  ///< The burn order under which it was put there.

    std::uint32_t since_anchor = 0;  ///< Periods between the anchor and the one that begins.
    instant from{};                  ///< A period's begin; the anchor of a start.
    instant until{};                 ///< A period's or hold's end; a lot's new expiry.
    credits tolerance{};
    money owed{};  ///< Money to return for a purchase refund.
    std::string_view zone{};

    friend bool operator==(const entry&, const entry&) = default;
};

/// Whether the entry made a lot, which then carries the entry's number.
constexpr bool makes_lot(const entry& e) noexcept {
    switch (e.kind) {
        case entry_kind::period_began: return e.amount.is_positive();
        case entry_kind::granted:
        case entry_kind::rolled:
        case entry_kind::regranted: return true;
        default: return false;
    }
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
