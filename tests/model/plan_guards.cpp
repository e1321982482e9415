/// The parts of a plan that watch a wallet: alerts, limits, recharge.
#include "plan.hpp"
#include "plan_values.hpp"

namespace model {

namespace {

using namespace values;

std::size_t bucket_of(json const& value, std::string const& path,
                      std::vector<bucket_rules> const& buckets) {
    std::string name = text_of(value, path);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        if (buckets[i].name == name) return i;
    }
    invalid(path, "unknown bucket " + name);
}

/// The buckets of a list under "of"; all without one.
bucket_set parse_of(json const& object, std::string const& path,
                    std::vector<bucket_rules> const& buckets) {
    auto found = object.find("of");
    if (found == object.end()) return bucket_set(buckets.size(), true);
    if (!found->is_array()) invalid(path + ".of", "not a list");
    bucket_set of(buckets.size());
    for (json const& name : *found) of[bucket_of(name, path + ".of", buckets)] = true;
    return of;
}

alert_rule parse_alert(json const& source, std::string const& path,
                       std::vector<bucket_rules> const& buckets) {
    alert_rule rule;
    std::string at;
    if (source.is_string()) {
        at = source.get<std::string>();
        rule.of = bucket_set(buckets.size(), true);
    } else {
        check_keys(source, path, {"name", "at", "once_per_period", "of"});
        at = text_of(need(source, "at", path), path + ".at");
        rule.of = parse_of(source, path, buckets);
        if (source.contains("once_per_period")) {
            rule.once_per_period = flag_of(source["once_per_period"], path + ".once_per_period");
        }
    }
    rule.name = at;
    if (source.is_object() && source.contains("name")) {
        rule.name = text_of(source["name"], path + ".name");
    }
    rule.is_percent = !at.empty() && at.back() == '%';
    if (rule.is_percent) at.pop_back();
    rule.level = amount_of(at, source.is_string() ? path : path + ".at");
    return rule;
}

limit_rule parse_limit(json const& source, std::string const& path) {
    check_keys(source, path, {"member", "action", "resource", "tag", "per", "amount", "warn"});
    limit_rule rule;
    int keys = 0;
    using choice = std::pair<char const*, label>;
    for (auto [name, key] : {choice{"member", label::member}, choice{"action", label::action},
                             choice{"resource", label::resource}, choice{"tag", label::tag}}) {
        if (!source.contains(name)) continue;
        ++keys;
        rule.key = key;
        rule.path = text_of(source[name], path + "." + name);
    }
    if (keys != 1) invalid(path, "needs one of member, action, resource, tag");
    rule.per = one_of<window>(need(source, "per", path), path + ".per",
                              {{"draw", window::draw},
                               {"day", window::day},
                               {"week", window::week},
                               {"period", window::period},
                               {"ever", window::ever}});
    rule.amount = amount_of(need(source, "amount", path), path + ".amount");
    if (source.contains("warn")) rule.warns = flag_of(source["warn"], path + ".warn");
    return rule;
}

}  // namespace

std::vector<alert_rule> parse_alerts(json const& source, std::vector<bucket_rules> const& buckets) {
    if (!source.is_array()) invalid("plan.alerts", "not a list");
    std::vector<alert_rule> rules;
    for (std::size_t i = 0; i < source.size(); ++i) {
        std::string path = "plan.alerts[" + std::to_string(i) + "]";
        rules.push_back(parse_alert(source[i], path, buckets));
        for (std::size_t other = 0; other < i; ++other) {
            if (rules[other].name == rules[i].name) invalid(path, "its name is used twice");
        }
    }
    return rules;
}

std::vector<limit_rule> parse_limits(json const& source) {
    if (!source.is_array()) invalid("plan.limits", "not a list");
    std::vector<limit_rule> rules;
    for (std::size_t i = 0; i < source.size(); ++i) {
        rules.push_back(parse_limit(source[i], "plan.limits[" + std::to_string(i) + "]"));
    }
    return rules;
}

recharge_rule parse_recharge(json const& source, std::vector<bucket_rules> const& buckets) {
    std::string const path = "plan.recharge";
    check_keys(source, path,
               {"threshold", "amount", "bucket", "price", "per_credit", "monthly_limit",
                "max_per_month", "multiple_of", "of"});
    recharge_rule rule;
    rule.threshold = amount_of(need(source, "threshold", path), path + ".threshold");
    json const& amount = need(source, "amount", path);
    if (amount.is_object()) {
        check_keys(amount, path + ".amount", {"to"});
        rule.is_to_target = true;
        rule.amount = positive_of(need(amount, "to", path + ".amount"), path + ".amount.to");
    } else {
        rule.amount = positive_of(amount, path + ".amount");
    }
    rule.bucket = bucket_of(need(source, "bucket", path), path + ".bucket", buckets);
    rule.price = money_of(need(source, "price", path), path + ".price");
    auto given = [&](char const* key) { return source.contains(key); };
    if (given("per_credit")) {
        rule.is_per_credit = flag_of(source["per_credit"], path + ".per_credit");
    }
    if (given("monthly_limit")) {
        money limit = money_of(source["monthly_limit"], path + ".monthly_limit");
        if (limit.currency != rule.price.currency) {
            invalid(path + ".monthly_limit", "another currency than the price's");
        }
        rule.monthly_limit = limit.minor;
    }
    if (given("max_per_month")) {
        rule.max_per_month = count_of(source["max_per_month"], path + ".max_per_month");
    }
    if (given("multiple_of")) {
        rule.multiple_of = positive_of(source["multiple_of"], path + ".multiple_of");
    }
    if (rule.is_to_target && !rule.multiple_of && !rule.is_per_credit) {
        invalid(path + ".price", "a target has no pack: state the pack or a price per credit");
    }
    rule.of = parse_of(source, path, buckets);
    return rule;
}

}  // namespace model
