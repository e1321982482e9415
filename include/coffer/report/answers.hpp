/// What the questions about a wallet are answered with: explanations, estimates, payments,
/// verifications.
#pragma once

#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/error.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/policy/cost/cost.hpp>
#include <coffer/store/store.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Which part of the history to read. All conditions hold together; what is empty says nothing.
struct history_query {
    std::vector<entry_kind> kinds{};  ///< Any of these.
    std::string_view action{};
    std::string_view member{};
    std::string_view resource{};
    std::string_view tag{};
    std::string_view actor{};              ///< Who asked.
    std::string_view reference{};          ///< Of orders: what the provider calls the payment.
    std::optional<order_origin> origin{};  ///< Of orders: who placed it.
    std::optional<instant> from{};         ///< Recorded then or later.
    std::optional<instant> until{};        ///< Recorded before.
    entry_id after{};                      ///< Where the page before ended; newest first: `before`.
    entry_id before{};
    std::size_t limit = 100;
    bool newest_first = false;
};

/// What one lot had to do with a spend.
struct payment {
    entry_id spend{};  ///< The charge or settle.
    lot_id lot{};
    bucket_id bucket{};
    credits amount{};      ///< Net of what was refunded into the lot.
    money share{};         ///< Of what the lot cost, rounded down; none for a free lot.
    bool of_debt = false;  ///< It repaid debt of the spend later.

    friend bool operator==(const payment&, const payment&) = default;
};

/// Which rule decided about a request, the first in the order in which they are asked.
enum class deciding_rule : std::uint8_t {
    request,    ///< It makes no sense as it is written, or comes too late.
    access,     ///< The plan's access policy.
    cost,       ///< The plan's price list.
    limits,     ///< A spending limit of the plan.
    credits,    ///< The credits that are there suffice, or not.
    overdraft,  ///< What the plan lets a wallet owe.
    wallet,     ///< The state of the wallet or of its store.
};

constexpr std::string_view to_string(deciding_rule rule) noexcept {
    switch (rule) {
        case deciding_rule::request: return "request";
        case deciding_rule::access: return "access";
        case deciding_rule::cost: return "cost";
        case deciding_rule::limits: return "limits";
        case deciding_rule::credits: return "credits";
        case deciding_rule::overdraft: return "overdraft";
        case deciding_rule::wallet: return "wallet";
    }
    return "unknown";
}

/// A lot as a spend sees it, in burn order.
struct lot_in_question {
    lot_id lot{};
    bucket_id bucket{};
    credits available{};
    credits taken{};
    bool allowed = true;  ///< Whether the action may draw on the lot's bucket.
};

/// A pack that would bring what is missing.
struct offered_pack {
    std::string offer{};
    credits brings{};
    money price{};
};

/// Why a charge costs what it costs, comes from where it comes from, or is refused.
struct explanation {
    std::optional<error> refused{};
    deciding_rule decided_by = deciding_rule::credits;
    std::string limit{};    ///< The whole name of the limit that refuses: an error has cut it.
    coffer::price price{};  ///< Total and lines; zero where nothing could be priced.
    std::vector<lot_in_question> lots{};
    credits debt{};     ///< What would be owed.
    credits missing{};  ///< What has to arrive, in a bucket without `only`, to pay in full.
    /// When the charge first goes through if nothing but time happens: a period begins, a lot
    /// becomes effective, a hold runs out. None if twelve periods of each bucket do not bring it.
    std::optional<instant> possible_at{};
    credits refill{};  ///< What the periods that begin then bring.
    /// The cheapest single pack that brings what is missing, at your own site's price; none if the
    /// plan sells none that large.
    std::optional<offered_pack> pack{};
    std::string actor{};   ///< Of a spend of the past: who asked for it,
    std::string reason{};  ///< and why.
};

/// Whether credits suffice for an estimate.
enum class affordability : std::uint8_t {
    surely,   ///< For the most that it may cost.
    perhaps,  ///< For the least.
    no,       ///< Not even for the least.
};

constexpr std::string_view to_string(affordability a) noexcept {
    switch (a) {
        case affordability::surely: return "surely";
        case affordability::perhaps: return "perhaps";
        case affordability::no: return "no";
    }
    return "unknown";
}

/// A cost that is not yet exact: two bounds, both included.
struct cost_bounds {
    credits least{};
    credits most{};

    friend constexpr bool operator==(const cost_bounds&, const cost_bounds&) = default;
};

/// The costs of several lines.
using cost_list = detail::inline_vector<cost_bounds, 4>;

/// What a list of actions would cost now, and whether that can be paid.
struct estimation {
    credits least{};
    credits most{};
    credits available{};  ///< Of the wallet, as its balance says.
    /// What has to arrive, in the plan's last bucket without `only`, to pay all in full.
    cost_bounds missing{};
    /// When the least, and the most, can first be paid if nothing but time happens: now, or as
    /// `explanation::possible_at` has it.
    std::optional<instant> perhaps_at{};
    std::optional<instant> surely_at{};
    cost_list lines{};  ///< Of each line, all its charges together.

    constexpr affordability affordable() const noexcept {
        if (!missing.most.is_positive()) return affordability::surely;
        return missing.least.is_positive() ? affordability::no : affordability::perhaps;
    }
};

/// Whether a wallet's records agree with each other.
struct verification {
    std::size_t entries = 0;  ///< How many were replayed.
    bool sound = false;
    entry_id first_wrong{};    ///< The entry that does not continue the account; none if all do.
    std::string_view wrong{};  ///< What does not agree, in a few words; empty if sound.
};

}  // namespace v0
}  // namespace coffer
