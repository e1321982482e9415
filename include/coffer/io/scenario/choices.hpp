/// The verb `configure` of a scenario, which the format has no words for: what a customer chooses.
/// You need it only to write a runner of your own; `scenario.hpp` has one.
#pragma once

#include <coffer/io/json_reader.hpp>
#include <coffer/io/plan_file.hpp>
#include <coffer/perform/configure.hpp>

#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Reads choices as plans have them; "none" and "as_planned" stand for themselves.
class choice_reader : public plan_file_reader {
public:
    using plan_file_reader::flaw;

    configure_request chosen(const json_place& at) {
        configure_request r;
        let_values_be_wrong();  // they refuse the step
        if (!object(at, {"id", "alerts", "limits", "budget", "recharge"})) return r;
        knows_buckets_ = false;  // what is no bucket of the plan is refused by the wallet
        if (const auto p = at["alerts"]; p && !is_word(p, r.alerts)) {
            const coffer::alerts all = alerts_of(p, {});
            r.alerts = std::vector<alert>(all.begin(), all.end());
        }
        if (const auto p = at["limits"]; p && !is_word(p, r.limits)) {
            const coffer::limits all = limits_of(p);
            r.limits = std::vector<limit>(all.begin(), all.end());
        }
        if (const auto p = at["budget"]; p && !is_word(p, r.budget)) r.budget = budget_of(p);
        if (const auto p = at["recharge"]; p && !is_word(p, r.recharge)) {
            r.recharge = recharge_setting_of(p);
        }
        return r;
    }

private:
    template <class Member>
    bool is_word(const json_place& at, Member& into) {
        if (!at.is_text()) return false;
        if (choice<bool>(at, {{"none", true}, {"as_planned", false}})) {
            into = without;
        } else {
            into = as_planned;
        }
        return true;
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
