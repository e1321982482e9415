/// What a wallet owes, and what was taken back of its purchases.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/id.hpp>
#include <coffer/ledger/hold.hpp>

#include <cstdint>

namespace coffer {
inline namespace v0 {

/// Credits that were taken beyond those that were there, and are still to be repaid.
struct debt {
    entry_id charge{};  ///< The entry that incurred it: a charge, a settle or a claw-back.
    credits open{};
    action_name action{};  ///< Repaid only from buckets that this action may use.
    lot_id lot{};          ///< Of a claw-back: the lot whose spent credits are owed.

    friend constexpr bool operator==(const debt&, const debt&) = default;
};

/// How a payment dispute stands, as the card network tells it.
enum class dispute_state : std::uint8_t {
    none,
    opened,  ///< The money is gone until it is decided.
    won,     ///< The money came back.
    lost,    ///< The money is gone for good.
};

constexpr std::string_view to_string(dispute_state state) noexcept {
    switch (state) {
        case dispute_state::none: return "none";
        case dispute_state::opened: return "opened";
        case dispute_state::won: return "won";
        case dispute_state::lost: return "lost";
    }
    return "unknown_state";
}

/// What refunds and disputes took back of one lot. What was spent already stays short: it is owed,
/// was repaid by other lots, or is uncollected.
/// Guarantees: `taken` less `dropped` never exceeds what was granted.
struct claim {
    lot_id lot{};
    credits taken{};        ///< In all, from what was there and of what is short.
    credits uncollected{};  ///< Short, and never repaid.
    credits dropped{};      ///< Was owed, until debt was dropped.
    part_list repaid{};     ///< Was owed, and repaid by these lots in this order.
    dispute_state dispute = dispute_state::none;  ///< Opened, lost, or none that counts.
    money lost{};                                 ///< The highest total of a lost dispute.
    // Of the open dispute, to be undone when it is won:
    entry_id opened{};
    money contested{};           ///< The total that it speaks of.
    bool whole = false;          ///< It revokes all of the lot.
    credits disputed{};          ///< Of `taken`: by the dispute.
    credits disputed_dropped{};  ///< Of `dropped`: what was owed for it.
    credits returned{};          ///< Came back to the revoked lot and was voided.

    friend bool operator==(const claim&, const claim&) = default;
};

}  // namespace v0
}  // namespace coffer
