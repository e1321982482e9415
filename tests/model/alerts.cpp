/// Alerts: the balance compared with its levels.
#include "wallet.hpp"

#include <algorithm>

namespace model {

/// Available and held of some buckets, less all debt.
wide wallet::balance_of(bucket_set const& of) const {
    wide sum = -debt();
    for (std::size_t i : alive_) {
        if (of[lots_[i].bucket]) sum += available_of(lots_[i]);
    }
    for (std::size_t hold : open_holds_) {
        for (part const& p : holds_[hold].parts) {
            if (of[lots_[p.lot].bucket]) sum += p.amount;
        }
    }
    return sum;
}

/// None for a percentage where there is no allowance.
std::optional<wide> wallet::level_of(alert_rule const& rule) const {
    if (!rule.is_percent) return rule.level;
    wide allowance = 0;
    for (std::size_t i = 0; i < allowances_.size(); ++i) {
        bool stands = running_[i] && !allowances_[i].is_over;
        if (rule.of[i] && stands) allowance += allowances_[i].whole();
    }
    if (allowance == 0) return {};
    return floor_of_product(allowance, rule.level, 100'000'000);
}

/// Each that is armed and whose level the balance has come down to, highest first.
void wallet::compare_alerts() {
    std::vector<std::pair<wide, std::string>> fired;
    for (auto& [rule, alert] : alerts_) {
        if (has_new_period_) alert.has_fired = false;
        auto level = level_of(rule);
        bool is_above = level && balance_of(rule.of) > *level;
        bool crosses = level && alert.is_armed && !is_above && !has_new_period_;
        alert.is_armed = is_above;
        if (!crosses || (rule.once_per_period && alert.has_fired)) continue;
        alert.has_fired = true;
        fired.emplace_back(*level, rule.name);
    }
    has_new_period_ = false;
    std::stable_sort(fired.begin(), fired.end(),
                     [](auto const& a, auto const& b) { return a.first > b.first; });
    for (auto const& [level, name] : fired) alerts_raised_.push_back(name);
}

/// What limits warn of, before the alerts of the same operation.
void wallet::warn(std::vector<std::string> const& warnings) {
    alerts_raised_.insert(alerts_raised_.end(), warnings.begin(), warnings.end());
}

}  // namespace model
