/// What the customers of a plan may choose for themselves, and what holds for those who have not
/// chosen: alerts and limits of their own, a budget, how they are recharged.
///
///     coffer::choices choices{.alerts = 5, .limits = 20, .budget = true};
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/money.hpp>
#include <coffer/ledger/settings.hpp>
#include <coffer/policy/alerts.hpp>
#include <coffer/policy/limits.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A limit on all that a wallet spends.
struct budget {
    credits amount{};
    window per = window::period;
    bool warn = false;  ///< What goes beyond is not refused but raises an alert.

    friend bool operator==(const budget&, const budget&) = default;
};

/// How a wallet is recharged by itself. What is left out is as the plan has it.
struct recharge_setting {
    bool on = true;
    std::string offer{};                   ///< Which pack is bought.
    std::optional<credits> threshold{};    ///< Below this balance one is bought.
    std::optional<money> monthly_limit{};  ///< The most that is paid in a calendar month.

    friend bool operator==(const recharge_setting&, const recharge_setting&) = default;
};

/// What holds for customers who have not chosen.
struct default_choices {
    coffer::alerts alerts{};
    coffer::limits limits{};
    std::optional<coffer::budget> budget{};
    std::optional<recharge_setting> recharge{};

    friend bool operator==(const default_choices&, const default_choices&) = default;
};

/// What customers may choose of being recharged.
struct recharge_choices {
    bool allowed = false;                       ///< Whether it is on, and how it is done:
    std::vector<std::string> offers{};          ///< one of these packs,
    std::optional<credits> most_threshold{};    ///< at most at this balance,
    std::optional<money> most_monthly_limit{};  ///< for at most so much in a month.

    friend bool operator==(const recharge_choices&, const recharge_choices&) = default;
};

/// What the customers of a plan may choose. Contract: a plan's own alerts and those that may be
/// chosen are at most 62, its limits and those that may be chosen fewer than 100.
struct choices {
    std::size_t alerts = 0;  ///< So many alerts of their own.
    std::size_t limits = 0;  ///< So many limits of their own; members and the like are then paths.
    bool budget = false;     ///< A budget for all that they spend.
    recharge_choices recharge{};
    default_choices defaults{};

    friend bool operator==(const choices&, const choices&) = default;
};

/// A budget as the ledger knows it.
inline limit_terms terms_of(const budget& b) noexcept {
    return {.per = b.per, .amount = b.amount, .warn = b.warn};
}

inline chosen_recharge terms_of(const recharge_setting& r) noexcept {
    return {.on = r.on,
            .offer = std::string_view{r.offer},
            .threshold = r.threshold,
            .monthly_limit = r.monthly_limit};
}

/// The rules as the ledger knows them.
inline choice_rules terms_of(const choices& c) {
    choice_rules rules{.alerts = c.alerts,
                       .limits = c.limits,
                       .budget = c.budget,
                       .recharge = c.recharge.allowed,
                       .most_threshold = c.recharge.most_threshold,
                       .most_monthly = c.recharge.most_monthly_limit};
    for (const std::string& offer : c.recharge.offers) {
        rules.offers.emplace_back(std::string_view{offer});
    }
    choice_set& defaults = rules.defaults;
    for (const alert& a : c.defaults.alerts) {
        defaults.alerts.push_back(terms_of(a));
        defaults.alerts.back().own = true;
    }
    for (const limit& l : c.defaults.limits) defaults.limits.push_back(terms_of(l));
    if (c.defaults.budget) defaults.budget = terms_of(*c.defaults.budget);
    if (c.defaults.recharge) defaults.recharge = terms_of(*c.defaults.recharge);
    defaults.says_alerts = !defaults.alerts.empty();
    defaults.says_limits = !defaults.limits.empty();
    defaults.says_budget = c.defaults.budget.has_value();
    defaults.says_recharge = c.defaults.recharge.has_value();
    return rules;
}

}  // namespace v0
}  // namespace coffer
