/// Choices of customers: what a plan allows of them, what holds for an account by the plan and by
/// them together, and how entries change what was chosen.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/settings.hpp>
#include <coffer/ledger/settings_record.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Identifies what a plan's customers may choose, and its revision; zero for nothing and none.
inline std::uint64_t fingerprint_of(const choice_rules& rules, std::uint32_t revision) {
    if (rules == choice_rules{} && revision == 0) return 0;
    digest all;
    all.add(std::uint64_t{revision}).add(std::uint64_t{rules.alerts});
    all.add(std::uint64_t{rules.limits});
    all.add(std::uint64_t{rules.budget} | (std::uint64_t{rules.recharge} << 1));
    for (const offer_name& offer : rules.offers) all.add(offer.view());
    choice_set most{.says_recharge = true};
    most.recharge.threshold = rules.most_threshold;
    most.recharge.monthly_limit = rules.most_monthly;
    all.add(pack(most)).add(pack(rules.defaults));
    return std::max(all.value(), unknown_rules + 1);
}

// ---- What a plan allows -------------------------------------------------------------------------

inline bool allows_alert(const plan_terms& plan, const alert_terms& t) noexcept {
    const auto same = [&](const alert_terms& other) { return other.name == t.name; };
    const auto is_known = [&](bucket_id b) { return plan.find(b).has_value(); };
    return std::none_of(plan.alerts.begin(), plan.alerts.end(), same) &&
           std::all_of(t.of.begin(), t.of.end(), is_known);
}

inline bool allows_recharge(const choice_rules& rules, const chosen_recharge& r) noexcept {
    if (!rules.recharge) return false;
    const auto& offers = rules.offers;
    if (!r.offer.empty() && std::find(offers.begin(), offers.end(), r.offer) == offers.end()) {
        return false;
    }
    if (r.threshold && rules.most_threshold && *r.threshold > *rules.most_threshold) return false;
    if (!r.monthly_limit || !rules.most_monthly) return true;
    return r.monthly_limit->in() == rules.most_monthly->in() &&
           r.monthly_limit->minor_units() <= rules.most_monthly->minor_units();
}

/// What a plan allows of choices. Calls `gone(name)` for each that it does not: of a list that is
/// empty, the name of the list.
template <class Gone>
choice_set allowed_by(const plan_terms& plan, const choice_set& chosen, Gone&& gone) {
    const choice_rules& rules = plan.choices;
    choice_set left;
    left.says_alerts = chosen.says_alerts && rules.alerts > 0;
    if (chosen.says_alerts && !left.says_alerts && chosen.alerts.empty()) gone("alerts");
    for (const alert_terms& t : chosen.alerts) {
        if (left.alerts.size() < rules.alerts && allows_alert(plan, t)) {
            left.alerts.push_back(t);
        } else {
            gone("alert:" + std::string{t.name.view()});
        }
    }
    left.says_limits = chosen.says_limits && rules.limits > 0;
    if (chosen.says_limits && !left.says_limits && chosen.limits.empty()) gone("limits");
    for (const limit_terms& t : chosen.limits) {
        if (left.limits.size() < rules.limits) {
            left.limits.push_back(t);
        } else {
            gone("limit:" + label_of(t));
        }
    }
    left.says_budget = chosen.says_budget && rules.budget;
    if (left.says_budget) {
        left.budget = chosen.budget;
    } else if (chosen.says_budget) {
        gone(std::string{"budget"});
    }
    left.says_recharge = chosen.says_recharge && allows_recharge(rules, chosen.recharge);
    if (left.says_recharge) {
        left.recharge = chosen.recharge;
    } else if (chosen.says_recharge) {
        gone(std::string{"recharge"});
    }
    return left;
}

/// Whether what a plan says of choices makes sense: there is room for them beside its own lists,
/// and its defaults are such. Errors: `policy_contract`.
inline result<void> check_choices(const plan_terms& plan) {
    const choice_rules& rules = plan.choices;
    const choice_set& defaults = rules.defaults;
    const std::size_t own_alerts = std::max(rules.alerts, defaults.alerts.size());
    const std::size_t own_limits = std::max(rules.limits, defaults.limits.size());
    const auto wrong = [](const offer_name& o) { return o.empty() || o.too_long(); };
    const bool room = own_alerts <= max_alerts && own_limits < max_limits &&
                      plan.alerts.size() <= max_alerts - own_alerts &&
                      plan.limits.size() < max_limits - own_limits;
    const bool most = !(rules.most_monthly && rules.most_monthly->is_none());
    const bool sound = room && most && read_choices(pack(defaults)) == defaults &&
                       std::none_of(rules.offers.begin(), rules.offers.end(), wrong) &&
                       std::all_of(defaults.alerts.begin(), defaults.alerts.end(),
                                   [&](const alert_terms& t) { return allows_alert(plan, t); });
    return sound ? result<void>{} : result<void>{errc::policy_contract};
}

// ---- What holds ---------------------------------------------------------------------------------

/// The alerts and limits that are to hold for an account.
struct lists_to_hold {
    std::vector<alert_terms> alerts{};
    std::vector<limit_in_force> limits{};  ///< Without numbers.
};

/// Adds the customer's own: what was chosen, else the defaults; where the account is beyond the
/// plan's revision, what holds.
inline void add_own(const account& a, const plan_terms& plan, bool beyond, lists_to_hold& lists) {
    const choice_set& chosen = a.rest->settings->chosen;
    const choice_set& defaults = plan.choices.defaults;
    const auto add = [&](const limit_terms& t) {
        lists.limits.push_back({.terms = t, .own = true});
    };
    if (beyond && !chosen.says_alerts) {
        for (const alert_terms& t : a.rest->alerts) {
            if (t.own) lists.alerts.push_back(t);
        }
    } else {
        for (alert_terms t : (chosen.says_alerts ? chosen : defaults).alerts) {
            t.own = true;
            lists.alerts.push_back(std::move(t));
        }
    }
    if (beyond && !chosen.says_limits) {
        for (const limit_in_force& l : *a.rest->limits) {
            if (l.own && !is_budget(l.terms)) add(l.terms);
        }
    } else {
        for (const limit_terms& t : (chosen.says_limits ? chosen : defaults).limits) add(t);
    }
    if (beyond && !chosen.says_budget) {
        for (const limit_in_force& l : *a.rest->limits) {
            if (l.own && is_budget(l.terms)) add(l.terms);
        }
    } else if (const auto& budget = (chosen.says_budget ? chosen : defaults).budget) {
        add(*budget);
    }
}

/// The plan's lists and the customer's own behind them. An account that is beyond the plan's
/// revision keeps those of the plan that hold.
inline lists_to_hold lists_for(const account& a, const plan_terms& plan) {
    lists_to_hold lists;
    const bool beyond = is_beyond(a, plan.revision);
    if (beyond) {
        for (const alert_terms& t : a.rest->alerts) {
            if (!t.own) lists.alerts.push_back(t);
        }
        for (const limit_in_force& l : *a.rest->limits) {
            if (!l.own) lists.limits.push_back({.terms = l.terms});
        }
    } else {
        lists.alerts = plan.alerts;
        for (const limit_terms& t : plan.limits) lists.limits.push_back({.terms = t});
    }
    add_own(a, plan, beyond, lists);
    return lists;
}

}  // namespace detail

/// Whether a plan may buy by itself: it does, or lets its customers have it.
inline bool may_recharge(const plan_terms& plan) noexcept {
    return plan.recharge || plan.choices.recharge || plan.choices.defaults.says_recharge;
}

/// How a wallet is recharged: as its plan says, with what its customer chose in place of it. The
/// one place where both meet.
inline chosen_recharge recharge_in_force(const account& a, const plan_terms& plan) noexcept {
    chosen_recharge in_force = plan.choices.defaults.recharge;
    if (!plan.choices.defaults.says_recharge) in_force.on = plan.recharge.has_value();
    const choice_set& chosen = a.rest->settings->chosen;
    if (!chosen.says_recharge) return in_force;
    in_force.on = chosen.recharge.on;
    if (!chosen.recharge.offer.empty()) in_force.offer = chosen.recharge.offer;
    if (chosen.recharge.threshold) in_force.threshold = chosen.recharge.threshold;
    if (chosen.recharge.monthly_limit) in_force.monthly_limit = chosen.recharge.monthly_limit;
    return in_force;
}

/// Lets these be the choices of an account's customer. `anew`: they are to be looked at again, by a
/// plan of a higher revision.
inline result<void> decide_choice(const account& a, std::string_view packed, bool anew, moment when,
                                  entry& e) {
    detail::begin(e, a, entry_kind::configured, when);
    e.settings = packed;
    e.counts = anew;
    return {};
}

/// Lets the rules of a plan hold for choices.
inline result<void> decide_rules(const account& a, std::string_view packed, moment when, entry& e) {
    detail::begin(e, a, entry_kind::rules_adopted, when);
    e.settings = packed;
    return {};
}

namespace detail {

inline void set_rules(account_editor& to, std::uint64_t rules) {
    settings_state& s = to.edit_rest().settings.edit();
    to.edit().order ^= s.rules ^ rules;
    s.rules = rules;
}

/// Another plan begins: its revisions are others, and choices are to be looked at again.
inline void forget_rules(account_editor& to) {
    if (*to.now().rest->settings == settings_state{}) return;
    set_rules(to, unknown_rules);
    to.edit_rest().settings.edit().revision = 0;
}

inline bool post_choice(account_editor& to, const entry& e) {
    auto chosen = read_choices(e.settings);
    if (!chosen || e.after != to.now().totals) return false;
    to.edit_rest().settings.edit().chosen = *std::move(chosen);
    if (e.counts) set_rules(to, unknown_rules);
    return true;
}

inline bool post_rules(account_editor& to, const entry& e) {
    auto rules = read_rules(e.settings);
    if (!rules || e.after != to.now().totals || is_beyond(to.now(), rules->revision)) return false;
    set_rules(to, rules->rules);
    settings_state& s = to.edit_rest().settings.edit();
    s.revision = rules->revision;
    if (rules->left) s.chosen = *std::move(rules->left);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
