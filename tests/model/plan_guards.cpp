/// The parts of a plan that watch a wallet: alerts, limits, recharge.
#include "plan.hpp"
#include "plan_values.hpp"

#include <algorithm>

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
                    std::vector<bucket_rules> const& buckets, figures const& read) {
    auto found = object.find("of");
    if (found == object.end()) return bucket_set(buckets.size(), true);
    if (!found->is_array()) invalid(path + ".of", "not a list");
    bucket_set of(buckets.size());
    for (json const& each : *found) {
        std::string const name = text_of(each, path + ".of");
        auto bucket = std::find_if(buckets.begin(), buckets.end(),
                                   [&](bucket_rules const& b) { return b.name == name; });
        if (bucket == buckets.end()) {
            read.refuse(errc::unknown_bucket, path + ".of", "unknown bucket " + name);
        } else {
            of[static_cast<std::size_t>(bucket - buckets.begin())] = true;
        }
    }
    return of;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }

alert_rule parse_alert(json const& source, std::string const& path,
                       std::vector<bucket_rules> const& buckets, figures const& read) {
    alert_rule rule;
    std::string at;
    if (source.is_string()) {
        at = source.get<std::string>();
        rule.of = bucket_set(buckets.size(), true);
    } else {
        check_keys(source, path, {"name", "at", "once_per_period", "of"});
        at = text_of(need(source, "at", path), path + ".at");
        rule.of = parse_of(source, path, buckets, read);
        if (source.contains("once_per_period")) {
            rule.once_per_period = flag_of(source["once_per_period"], path + ".once_per_period");
        }
    }
    rule.name = at;
    if (source.is_object() && source.contains("name")) {
        rule.name = text_of(source["name"], path + ".name");
    }
    bool is_taken = rule.name == "depleted" || rule.name == "resumed" ||
                    rule.name.rfind("limit:", 0) == 0 || rule.name.rfind("choice:", 0) == 0;
    bool is_name = !is_taken && !rule.name.empty() && rule.name.size() <= 63 &&
                   std::none_of(rule.name.begin(), rule.name.end(), is_control);
    if (!is_name) read.refuse(errc::invalid_argument, path + ".name", "is no name");
    rule.is_percent = !at.empty() && at.back() == '%';
    if (rule.is_percent) at.pop_back();
    rule.level = read.amount(at, source.is_string() ? path : path + ".at", !rule.is_percent);
    return rule;
}

limit_rule parse_limit(json const& source, std::string const& path, figures const& read) {
    check_keys(source, path, {"member", "action", "resource", "tag", "per", "amount", "warn"});
    limit_rule rule;
    using choice = std::pair<char const*, label>;
    for (auto [name, key] : {choice{"member", label::member}, choice{"action", label::action},
                             choice{"resource", label::resource}, choice{"tag", label::tag}}) {
        if (!source.contains(name)) continue;
        rule.paths[key] = text_of(source[name], path + "." + name);
        if (!is_path(rule.paths[key])) {
            read.refuse(errc::invalid_argument, path + "." + name, "is no path");
        }
    }
    if (rule.paths.empty()) {
        read.refuse(errc::invalid_argument, path, "needs one of member, action, resource, tag");
    }
    rule.per = window_of(need(source, "per", path), path + ".per");
    rule.amount = read.amount(need(source, "amount", path), path + ".amount");
    if (source.contains("warn")) rule.warns = flag_of(source["warn"], path + ".warn");
    return rule;
}

}  // namespace

std::vector<alert_rule> parse_alerts(json const& source, std::string const& path,
                                     std::vector<bucket_rules> const& buckets,
                                     figures const& read) {
    if (!source.is_array()) invalid(path, "not a list");
    std::vector<alert_rule> rules;
    for (std::size_t i = 0; i < source.size(); ++i) {
        std::string own = path + "[" + std::to_string(i) + "]";
        rules.push_back(parse_alert(source[i], own, buckets, read));
        for (std::size_t other = 0; other < i; ++other) {
            if (rules[other].name != rules[i].name) continue;
            read.refuse(errc::invalid_argument, own, "its name is used twice");
        }
    }
    return rules;
}

std::vector<limit_rule> parse_limits(json const& source, std::string const& path,
                                     figures const& read) {
    if (!source.is_array()) invalid(path, "not a list");
    std::vector<limit_rule> rules;
    for (std::size_t i = 0; i < source.size(); ++i) {
        rules.push_back(parse_limit(source[i], path + "[" + std::to_string(i) + "]", read));
    }
    return rules;
}

std::vector<offer> parse_catalogue(json const& source, std::vector<bucket_rules> const& buckets) {
    if (!source.is_array()) invalid("plan.catalogue", "not a list");
    std::vector<offer> all;
    for (std::size_t i = 0; i < source.size(); ++i) {
        std::string const path = "plan.catalogue[" + std::to_string(i) + "]";
        check_keys(source[i], path, {"offer", "credits", "price", "into"});
        offer pack;
        pack.name = text_of(need(source[i], "offer", path), path + ".offer");
        pack.credits = positive_of(need(source[i], "credits", path), path + ".credits");
        pack.price = money_of(need(source[i], "price", path), path + ".price");
        pack.into = bucket_of(need(source[i], "into", path), path + ".into", buckets);
        for (offer const& other : all) {
            if (other.name == pack.name) invalid(path + ".offer", "used twice");
        }
        all.push_back(pack);
    }
    return all;
}

offer const* plan::find_offer(std::string const& name) const {
    for (offer const& pack : catalogue) {
        if (pack.name == name) return &pack;
    }
    return nullptr;
}

/// In place of what it bought before.
void recharge_rule::buy(offer const& pack) {
    amount = pack.credits;
    is_to_target = false;
    bucket = pack.into;
    price = pack.price;
    is_per_credit = false;
    multiple_of.reset();
    if (is_of_packs) multiple_of = pack.credits;
}

static void parse_bought(recharge_rule& rule, json const& source, std::string const& path,
                         std::vector<bucket_rules> const& buckets) {
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
    if (source.contains("per_credit")) {
        rule.is_per_credit = flag_of(source["per_credit"], path + ".per_credit");
    }
    if (source.contains("multiple_of")) {
        rule.multiple_of = positive_of(source["multiple_of"], path + ".multiple_of");
    }
    if (rule.is_to_target && !rule.multiple_of && !rule.is_per_credit) {
        invalid(path + ".price", "a target has no pack: state the pack or a price per credit");
    }
}

recharge_rule parse_recharge(json const& source, plan const& of) {
    std::string const path = "plan.recharge";
    auto given = [&](char const* key) { return source.contains(key); };
    recharge_rule rule;
    if (given("offer")) {
        check_keys(source, path,
                   {"threshold", "offer", "packs", "monthly_limit", "max_per_month", "of"});
        if (given("packs")) rule.is_of_packs = flag_of(source["packs"], path + ".packs");
        offer const* pack = of.find_offer(text_of(source["offer"], path + ".offer"));
        if (pack == nullptr) invalid(path + ".offer", "is not sold");
        rule.buy(*pack);
    } else {
        check_keys(source, path,
                   {"threshold", "amount", "bucket", "price", "per_credit", "monthly_limit",
                    "max_per_month", "multiple_of", "of"});
        parse_bought(rule, source, path, of.buckets);
    }
    rule.threshold = amount_of(need(source, "threshold", path), path + ".threshold");
    if (given("monthly_limit")) {
        rule.monthly_limit = money_of(source["monthly_limit"], path + ".monthly_limit");
        if (rule.monthly_limit->currency != rule.price.currency) {
            invalid(path + ".monthly_limit", "another currency than the price's");
        }
    }
    if (given("max_per_month")) {
        rule.max_per_month = count_of(source["max_per_month"], path + ".max_per_month");
    }
    rule.of = parse_of(source, path, of.buckets, figures{});
    return rule;
}

}  // namespace model
