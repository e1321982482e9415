/// Settings as plain data: what customers may choose by their plan, what they chose, and which
/// revision of the plan an account follows. Decisions are in `ledger/choice.hpp`.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/money.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/watch.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// How a wallet is recharged by itself. What is left out is as the plan has it.
struct chosen_recharge {
    bool on = true;
    offer_name offer{};                    ///< Which pack is bought; empty: as the plan has it.
    std::optional<credits> threshold{};    ///< Below this balance one is bought.
    std::optional<money> monthly_limit{};  ///< The most that is paid in a calendar month.

    friend bool operator==(const chosen_recharge&, const chosen_recharge&) = default;
};

/// What a customer chose, or what a plan has where nothing was chosen. A list without its `says_…`
/// is empty.
struct choice_set {
    bool says_alerts = false;
    bool says_limits = false;
    bool says_budget = false;
    bool says_recharge = false;
    std::vector<alert_terms> alerts{};
    std::vector<limit_terms> limits{};
    std::optional<limit_terms> budget{};  ///< A limit on all that is spent.
    chosen_recharge recharge{};

    bool says_nothing() const noexcept {
        return !says_alerts && !says_limits && !says_budget && !says_recharge;
    }

    friend bool operator==(const choice_set&, const choice_set&) = default;
};

/// What the customers of a plan may choose.
struct choice_rules {
    std::size_t alerts = 0;  ///< So many alerts of their own.
    std::size_t limits = 0;  ///< So many limits of their own.
    bool budget = false;
    bool recharge = false;             ///< Whether it is on, and how it is done:
    std::vector<offer_name> offers{};  ///< one of these packs,
    std::optional<credits> most_threshold{};
    std::optional<money> most_monthly{};
    choice_set defaults{};  ///< Hold for who has not chosen.

    friend bool operator==(const choice_rules&, const choice_rules&) = default;
};

/// What an account remembers of choices and of its plan's revision.
struct settings_state {
    std::uint32_t revision = 0;  ///< Of the plan that the account follows, the highest it has met.
    std::uint64_t rules = 0;     ///< Identifies the rules by which choices were looked at last.
    choice_set chosen{};

    friend bool operator==(const settings_state&, const settings_state&) = default;
};

/// With these words begins what is raised where a choice is dropped; an alert's name does not.
inline constexpr std::string_view choice_alert = "choice:";

namespace detail {

/// The rules of nobody: all choices are to be looked at again.
inline constexpr std::uint64_t unknown_rules = 1;

}  // namespace detail
}  // namespace v0
}  // namespace coffer
