/// What customers may choose by a plan, and how a choice is written.
#include "plan.hpp"
#include "plan_values.hpp"

namespace model {

namespace {

using namespace values;

limit_rule parse_budget(json const& source, std::string const& path, figures const& read) {
    check_keys(source, path, {"amount", "per", "warn"});
    limit_rule rule;
    rule.amount = read.amount(need(source, "amount", path), path + ".amount");
    rule.per = window::period;
    if (source.contains("per")) rule.per = window_of(source["per"], path + ".per");
    if (source.contains("warn")) rule.warns = flag_of(source["warn"], path + ".warn");
    return rule;
}

recharge_setting parse_setting(json const& source, std::string const& path, figures const& read) {
    check_keys(source, path, {"on", "offer", "threshold", "monthly_limit"});
    auto given = [&](char const* key) { return source.contains(key); };
    recharge_setting setting;
    if (given("on")) setting.is_on = flag_of(source["on"], path + ".on");
    if (given("offer")) setting.offer = text_of(source["offer"], path + ".offer");
    if (given("threshold")) {
        setting.threshold = read.amount(source["threshold"], path + ".threshold");
    }
    if (given("monthly_limit")) {
        setting.monthly_limit = read.sum(source["monthly_limit"], path + ".monthly_limit");
    }
    return setting;
}

void parse_recharge_choices(choice_rules& rules, json const& source, std::string const& path) {
    check_keys(source, path, {"offers", "most_threshold", "most_monthly_limit"});
    rules.recharge = true;
    if (source.contains("offers")) {
        if (!source["offers"].is_array()) invalid(path + ".offers", "not a list");
        for (json const& offer : source["offers"]) {
            rules.offers.push_back(text_of(offer, path + ".offers"));
        }
    }
    if (source.contains("most_threshold")) {
        rules.most_threshold = amount_of(source["most_threshold"], path + ".most_threshold");
    }
    if (source.contains("most_monthly_limit")) {
        rules.most_monthly = money_of(source["most_monthly_limit"], path + ".most_monthly_limit");
    }
}

}  // namespace

settings parse_settings(json const& source, std::string const& path,
                        std::vector<bucket_rules> const& buckets, figures const& read) {
    auto given = [&](char const* key) { return source.contains(key); };
    settings s;
    if (given("alerts")) {
        s.alerts = parse_alerts(source["alerts"], path + ".alerts", buckets, read);
    }
    if (given("limits")) s.limits = parse_limits(source["limits"], path + ".limits", read);
    if (given("budget")) s.budget = parse_budget(source["budget"], path + ".budget", read);
    if (given("recharge")) {
        s.recharge = parse_setting(source["recharge"], path + ".recharge", read);
    }
    return s;
}

choice_rules parse_choices(json const& source, plan const& of) {
    std::string const path = "plan.choices";
    check_keys(source, path, {"alerts", "limits", "budget", "recharge", "defaults"});
    auto given = [&](char const* key) { return source.contains(key); };
    auto count = [&](char const* key, std::size_t of_plan, std::size_t most) -> std::size_t {
        if (!given(key)) return 0;
        auto many = static_cast<std::size_t>(count_of(source[key], path + "." + key));
        if (many + of_plan > most) invalid(path + "." + key, "more than a wallet can have");
        return many;
    };
    choice_rules rules;
    rules.alerts = count("alerts", of.alerts.size(), 62);
    rules.limits = count("limits", of.limits.size(), 99);
    if (given("budget")) rules.budget = flag_of(source["budget"], path + ".budget");
    if (given("recharge")) {
        parse_recharge_choices(rules, source["recharge"], path + ".recharge");
    }
    if (!given("defaults")) return rules;
    json const& defaults = source["defaults"];
    check_keys(defaults, path + ".defaults", {"alerts", "limits", "budget", "recharge"});
    rules.defaults = parse_settings(defaults, path + ".defaults", of.buckets, figures{});
    for (alert_rule const& chosen : rules.defaults.alerts.value_or(std::vector<alert_rule>{})) {
        for (alert_rule const& own : of.alerts) {
            if (chosen.name == own.name) invalid(path + ".defaults.alerts", "a name twice");
        }
    }
    return rules;
}

}  // namespace model
