#include "access.hpp"

#include "plan_values.hpp"

#include <initializer_list>

namespace model {

namespace {

using namespace values;

constexpr char const* name_of_wallet = "scenario";

verb_groups all_groups() { return {"spend", "buy", "grant", "refund", "configure", "see"}; }

verb_groups all_but_spend() {
    verb_groups groups = all_groups();
    groups.erase("spend");
    return groups;
}

verb_groups parse_groups(json const& source, std::string const& path) {
    if (!source.is_array()) invalid(path, "not a list");
    verb_groups groups;
    for (json const& each : source) {
        std::string group = text_of(each, path);
        if (group == "everything") {
            groups.merge(all_groups());
        } else if (all_groups().count(group) != 0) {
            groups.insert(group);
        } else {
            invalid(path, "unknown group " + group);
        }
    }
    return groups;
}

/// Whether a list under that name holds in the wallet of scenarios.
bool is_of_wallet(std::string const& wallet) { return wallet == "*" || wallet == name_of_wallet; }

void add_members(access_rule& rule, json const& source, std::string const& path, bool holds) {
    if (!source.is_array()) invalid(path, "not a list");
    for (json const& each : source) {
        std::string name = text_of(each, path);
        if (holds) rule.by_name[name].merge(verb_groups{"spend", "see"});
    }
}

void add_roles(access_rule& rule, std::map<std::string, verb_groups> const& roles,
               json const& source, std::string const& path, bool holds) {
    if (!source.is_object()) invalid(path, "not an object");
    for (auto const& item : source.items()) {
        auto role = roles.find(text_of(item.value(), path + "." + item.key()));
        if (role == roles.end()) invalid(path + "." + item.key(), "unknown role");
        if (holds) rule.by_name[item.key()].merge(verb_groups(role->second));
    }
}

/// In which group a verb is.
std::string group_of(std::string const& verb) {
    static std::map<std::string, std::vector<std::string>> const groups{
        {"spend", {"charge", "hold", "settle", "release"}},
        {"grant", {"grant", "expire_at", "confirm_recharge", "fail_recharge", "paid", "past_due"}},
        {"refund", {"refund", "refund_purchase", "dispute", "void"}},
        {"configure",
         {"start", "change_plan", "add_on", "cancel_change", "pause", "unpause", "end",
          "configure"}},
    };
    for (auto const& [group, verbs] : groups) {
        if (std::find(verbs.begin(), verbs.end(), verb) != verbs.end()) return group;
    }
    return {};
}

/// What ends a hold or an order asks only of an actor who is named.
bool ends_something(std::string const& verb) {
    return verb == "settle" || verb == "release" || verb == "confirm_recharge" ||
           verb == "fail_recharge";
}

}  // namespace

access_rule parse_access(json const& source) {
    std::string const path = "plan.access";
    access_rule rule;
    if (source == "anyone") return rule;
    check_keys(source, path, {"members", "roles", "host"});
    rule.allows_anyone = false;
    rule.of_host = all_but_spend();
    json const& members = need(source, "members", path);
    std::map<std::string, verb_groups> roles;
    bool by_roles = source.contains("roles");
    if (by_roles) {
        if (!source["roles"].is_object()) invalid(path + ".roles", "not an object");
        for (auto const& item : source["roles"].items()) {
            roles[item.key()] = parse_groups(item.value(), path + ".roles." + item.key());
        }
    }
    if (source.contains("host")) {
        if (!by_roles) invalid(path + ".host", "belongs to roles");
        rule.of_host = parse_groups(source["host"], path + ".host");
    }
    if (!by_roles && members.is_array()) {
        add_members(rule, members, path + ".members", true);
        return rule;
    }
    if (!members.is_object()) invalid(path + ".members", "not an object");
    for (auto const& item : members.items()) {
        std::string own = path + ".members." + item.key();
        bool holds = is_of_wallet(item.key());
        if (by_roles) {
            add_roles(rule, roles, item.value(), own, holds);
        } else {
            add_members(rule, item.value(), own, holds);
        }
    }
    return rule;
}

bool access_rule::allows(std::string const& verb, std::string const& actor,
                         std::string const& member) const {
    if (allows_anyone) return true;
    std::string group = group_of(verb);
    if (group.empty()) return true;  // time passes by itself
    bool spends = verb == "charge" || verb == "hold";
    std::string const& who = actor.empty() && spends ? member : actor;
    if (who.empty()) return ends_something(verb) || of_host.count(group) != 0;
    auto known = by_name.find(who);
    return known != by_name.end() && known->second.count(group) != 0;
}

}  // namespace model
