/// What a customer chooses within the plan, and what holds by that (rule 42).
#include "plan_values.hpp"
#include "wallet.hpp"

#include <algorithm>

namespace model {

/// Takes the words "none" and "as_planned" out of what is told; whether there was one.
static std::optional<bool> taken_word(nlohmann::json& told, char const* key,
                                      std::string const& path) {
    if (!told.contains(key) || !told[key].is_string()) return {};
    bool is_none =
        values::one_of<bool>(told[key], path + "." + key, {{"none", true}, {"as_planned", false}});
    told.erase(key);
    return is_none;
}

outcome wallet::configure(reader& r) {
    nlohmann::json told = r.body();
    told.erase("id");
    if (told.empty()) r.wrong.add(errc::invalid_argument);
    auto alerts = taken_word(told, "alerts", "configure");
    auto limits = taken_word(told, "limits", "configure");
    auto budget = taken_word(told, "budget", "configure");
    auto recharge = taken_word(told, "recharge", "configure");
    settings wanted = parse_settings(told, "configure", rules_->buckets, values::figures{r.wrong});
    if (alerts == true) wanted.alerts.emplace();
    if (limits == true) wanted.limits.emplace();
    if (budget == true) wanted.budget.emplace();
    if (recharge == true) wanted.recharge = recharge_setting{false, {}, {}, {}};
    check_allowed(r, wanted);
    r.wrong.refuse_if_any();

    if (wanted.alerts || alerts) chosen_.alerts = wanted.alerts;
    if (wanted.limits || limits) chosen_.limits = wanted.limits;
    if (wanted.budget || budget) chosen_.budget = wanted.budget;
    if (wanted.recharge || recharge) chosen_.recharge = wanted.recharge;
    bring_into_force();
    return {};
}

/// What the plan leaves to its customers: of what it leaves nothing, they cannot choose none.
void wallet::check_allowed(reader& r, settings const& wanted) const {
    choice_rules const& allowed = rules_->choices;
    auto refuse_unless = [&](bool is_allowed) {
        if (!is_allowed) r.wrong.add(errc::choice_refused);
    };
    if (wanted.alerts) {
        refuse_unless(allowed.alerts > 0 && wanted.alerts->size() <= allowed.alerts);
        for (alert_rule const& chosen : *wanted.alerts) {
            for (alert_rule const& own : rules_->alerts) refuse_unless(chosen.name != own.name);
        }
    }
    if (wanted.limits) {
        refuse_unless(allowed.limits > 0 && wanted.limits->size() <= allowed.limits);
    }
    if (wanted.budget) refuse_unless(allowed.budget);
    if (wanted.recharge) check_recharge_allowed(r, *wanted.recharge);
}

void wallet::check_recharge_allowed(reader& r, recharge_setting const& wanted) const {
    choice_rules const& allowed = rules_->choices;
    auto refuse_unless = [&](bool is_allowed) {
        if (!is_allowed) r.wrong.add(errc::choice_refused);
    };
    refuse_unless(allowed.recharge);
    if (!allowed.recharge) return;
    if (wanted.offer) {
        auto const& offers = allowed.offers;
        refuse_unless(std::find(offers.begin(), offers.end(), *wanted.offer) != offers.end());
    }
    if (wanted.threshold && allowed.most_threshold) {
        refuse_unless(*wanted.threshold <= *allowed.most_threshold);
    }
    if (wanted.monthly_limit && allowed.most_monthly) {
        refuse_unless(wanted.monthly_limit->currency == allowed.most_monthly->currency);
        refuse_unless(wanted.monthly_limit->minor <= allowed.most_monthly->minor);
    }
    if (!wanted.is_on) return;
    auto const& by_default = allowed.defaults.recharge;
    auto bought = recharge_by(by_default, wanted);
    refuse_unless(bought.has_value());  // there is something to buy, and for that money
    if (bought && bought->monthly_limit) {
        refuse_unless(bought->monthly_limit->currency == bought->price.currency);
    }
}

/// Brings the plan's lists and, behind them, what was chosen or holds by default, into force.
void wallet::bring_into_force() {
    bring_alerts_into_force();
    bring_limits_into_force();
    recharge_ = recharge_to_bring();
}

/// An alert keeps its state by its name; a new one is armed if the balance is above its level.
void wallet::bring_alerts_into_force() {
    std::vector<alert_rule> rules = rules_->alerts;
    auto const& own = chosen_.alerts ? chosen_.alerts : rules_->choices.defaults.alerts;
    if (own) rules.insert(rules.end(), own->begin(), own->end());
    std::vector<alert_in_force> next;
    for (alert_rule const& rule : rules) {
        auto known = std::find_if(alerts_.begin(), alerts_.end(), [&](alert_in_force const& old) {
            return old.rule.name == rule.name;
        });
        alert_in_force alert{rule, {}};
        auto level = level_of(rule);
        alert.state.is_armed = level && balance_of(rule.of) > *level;
        if (known != alerts_.end()) {
            alert.state = known->state;
            // Only a new period would have armed it.
            if (known->rule.once_per_period && known->state.has_fired) alert.state.is_armed = false;
        }
        next.push_back(alert);
    }
    alerts_ = next;
}

/// A limit that counts as one did goes on with what was counted, any other counts from now on.
void wallet::bring_limits_into_force() {
    settings const& defaults = rules_->choices.defaults;
    std::vector<limit_rule> rules = rules_->limits;
    auto const& own = chosen_.limits ? chosen_.limits : defaults.limits;
    if (own) rules.insert(rules.end(), own->begin(), own->end());
    auto const& budget = chosen_.budget ? chosen_.budget : defaults.budget;
    if (budget && *budget) rules.push_back(**budget);
    std::vector<limit_in_force> next;
    for (limit_rule const& rule : rules) {
        auto known = std::find_if(limits_.begin(), limits_.end(), [&](limit_in_force const& old) {
            return old.rule.counts_like(rule);
        });
        limit_in_force limit{rule, charges_.size(), holds_.size()};
        if (known != limits_.end()) {
            limit.first_charge = known->first_charge;
            limit.first_hold = known->first_hold;
        }
        next.push_back(limit);
    }
    limits_ = next;
}

/// The plan's recharge with what is set in its place, the last first; none if nothing is sold so.
std::optional<recharge_rule> wallet::recharge_by(std::optional<recharge_setting> const& by_default,
                                                 std::optional<recharge_setting> const& own) const {
    auto const& deciding = own ? own : by_default;
    if (deciding ? !deciding->is_on : !rules_->recharge) return {};
    recharge_rule rule;
    rule.of = bucket_set(rules_->buckets.size(), true);
    if (rules_->recharge) rule = *rules_->recharge;
    std::optional<std::string> offered;
    for (auto const* setting : {&by_default, &own}) {
        if (!*setting) continue;
        if ((*setting)->offer) offered = (*setting)->offer;
        if ((*setting)->threshold) rule.threshold = *(*setting)->threshold;
        if ((*setting)->monthly_limit) rule.monthly_limit = (*setting)->monthly_limit;
    }
    if (!offered) return rules_->recharge ? std::optional<recharge_rule>(rule) : std::nullopt;
    offer const* pack = rules_->find_offer(*offered);
    if (pack == nullptr) return {};
    rule.buy(*pack);
    return rule;
}

/// What a customer left out of a recharge holds as for those who have not chosen: by default, else
/// as the plan itself has it.
std::optional<recharge_rule> wallet::recharge_to_bring() const {
    return recharge_by(rules_->choices.defaults.recharge, chosen_.recharge);
}

}  // namespace model
