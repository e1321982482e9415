/// What a customer chose, and what holds by it and by the plan.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/settings.hpp>
#include <coffer/ledger/terms.hpp>

#include <cstdint>

namespace coffer {
inline namespace v0 {

/// The settings of a wallet.
struct settings_view {
    choice_set chosen{};         ///< What its customer chose.
    choice_set in_force{};       ///< What of the customer's own holds, by choice or by default.
    std::uint32_t revision = 0;  ///< Of its plan, that it follows.
};

namespace detail {

inline settings_view settings_of(const account& a, const plan_terms& plan) {
    const settings_state& s = *a.rest->settings;
    settings_view view{.chosen = s.chosen, .revision = s.revision};
    choice_set& held = view.in_force;
    held = {.says_alerts = true, .says_limits = true, .says_budget = true, .says_recharge = true};
    for (const alert_terms& t : a.rest->alerts) {
        if (t.own) held.alerts.push_back(t);
    }
    for (const limit_in_force& l : *a.rest->limits) {
        if (!l.own) continue;
        if (is_budget(l.terms)) {
            held.budget = l.terms;
        } else {
            held.limits.push_back(l.terms);
        }
    }
    held.recharge = recharge_in_force(a, plan);
    return view;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
