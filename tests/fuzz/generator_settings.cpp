// What customers may choose by a plan, and what they choose: alerts, limits, a budget and a
// recharge of their own, some of it more than the plan allows, some of it nonsense.
#include "fuzz/generator.hpp"

#include <algorithm>
#include <utility>

namespace lives {

namespace {

/// The name that an alert has: its own, or its level.
std::string name_of(const json& alert) {
    if (alert.is_string()) return alert;
    return alert.value("name", alert["at"].get<std::string>());
}

}  // namespace

/// Whether the plan itself has an alert of that name.
bool generator::has_own_alert(const std::string& name) const {
    if (!plan_.contains("alerts")) return false;
    const json& all = plan_["alerts"];
    return std::any_of(all.begin(), all.end(),
                       [&](const json& alert) { return name_of(alert) == name; });
}

/// A second thing at which a limit looks.
void generator::narrow(json& limit) {
    if (!dice_.one_in(4)) return;
    const std::string key = dice_.text_among({"member", "action", "resource", "tag"});
    limit[key] = dice_.one_in(3) ? std::string{"*"} : label(key.c_str());
}

json generator::own_alerts(std::int64_t most) {
    json alerts = json::array();
    std::vector<std::string> names;
    for (std::int64_t i = dice_.between(1, std::max<std::int64_t>(most, 1)); i > 0; --i) {
        const std::string at =
            dice_.one_in(2) ? dice_.text_among({"0%", "20%", "50%", "90%", "130%"}) : amount(90);
        json alert{{"at", at}};
        if (!dice_.one_in(5)) alert["name"] = dice_.text_among({"mine", "half", "ours", "soon"});
        if (dice_.one_in(3)) alert["once_per_period"] = !dice_.one_in(4);
        if (dice_.one_in(3)) alert["of"] = some_buckets();
        if (alert.size() == 1 && dice_.one_in(2)) alert = at;
        const std::string name = name_of(alert);
        const bool is_taken = std::find(names.begin(), names.end(), name) != names.end();
        if (is_taken || has_own_alert(name)) continue;
        names.push_back(name);
        alerts.push_back(alert);
    }
    return alerts;
}

/// Some of them count as one of the plan's does.
json generator::own_limits(std::int64_t most) {
    json limits = make_limits();
    while (static_cast<std::int64_t>(limits.size()) > std::max<std::int64_t>(most, 1)) {
        limits.erase(limits.size() - 1);
    }
    for (json& limit : limits) {
        if (plan_.contains("limits") && dice_.one_in(6)) {
            const json amount = limit["amount"];
            limit = dice_.of(plan_["limits"].get<std::vector<json>>());
            limit["amount"] = amount;
        }
        if (!own_periods_ && limit["per"] == "period") {
            limit["per"] = dice_.text_among({"day", "week", "ever"});
        }
    }
    return limits;
}

json generator::own_budget() {
    json budget{{"amount", amount(150)}};
    if (!own_periods_ || dice_.one_in(2)) {
        budget["per"] = dice_.text_among({"draw", "day", "week", "ever", "ever"});
    } else if (dice_.one_in(2)) {
        budget["per"] = "period";
    }
    if (dice_.one_in(3)) budget["warn"] = !dice_.one_in(3);
    return budget;
}

/// Packs, one of which the plan may buy.
void generator::make_catalogue() {
    const std::vector<std::string> into = buckets_to_buy_into();
    if (into.empty()) return;
    plan_["catalogue"] = json::array();
    for (const char* name : {"small", "large"}) {
        plan_["catalogue"].push_back(
            json{{"offer", name},
                 {"credits", amount(50, false)},
                 {"price", std::to_string(dice_.between(1, 15)) + ".00 USD"},
                 {"into", dice_.of(into)}});
    }
    if (!plan_.contains("recharge") || !dice_.one_in(2)) return;
    json& recharge = plan_["recharge"];
    for (const char* key : {"amount", "bucket", "price", "per_credit", "multiple_of"}) {
        recharge.erase(key);
    }
    recharge["offer"] = dice_.text_among({"small", "large"});
    if (dice_.one_in(2)) recharge["packs"] = dice_.one_in(2);
}

bool generator::may_recharge() const {
    if (plan_.contains("recharge")) return true;
    return plan_.contains("choices") && plan_["choices"].contains("recharge");
}

json generator::own_recharge() {
    json setting = json::object();
    if (plan_.contains("catalogue") && !dice_.one_in(3)) {
        setting["offer"] = dice_.text_among({"small", "large"});
    }
    if (dice_.one_in(2)) setting["on"] = !dice_.one_in(3);
    if (dice_.one_in(2)) setting["threshold"] = amount(60);
    if (dice_.one_in(3)) {
        setting["monthly_limit"] = std::to_string(dice_.between(0, 80)) + ".00 USD";
    }
    return setting;
}

json generator::make_defaults() {
    json defaults = json::object();
    if (dice_.one_in(2)) defaults["alerts"] = own_alerts(3);
    if (dice_.one_in(3)) defaults["limits"] = own_limits(2);
    if (dice_.one_in(4)) defaults["budget"] = own_budget();
    if (plan_.contains("recharge") && dice_.one_in(3)) defaults["recharge"] = own_recharge();
    return defaults;
}

void generator::make_choices() {
    own_periods_ = dice_.one_in(2);
    json choices = json::object();
    if (!dice_.one_in(3)) choices["alerts"] = dice_.between(0, 3);
    if (!dice_.one_in(3)) choices["limits"] = dice_.between(0, 3);
    if (dice_.one_in(2)) choices["budget"] = !dice_.one_in(6);
    const bool buys = plan_.contains("recharge") || plan_.contains("catalogue");
    if (buys && options_.recharge && !dice_.one_in(3)) {
        choices["recharge"] = json::object();
        if (plan_.contains("catalogue")) {
            choices["recharge"]["offers"] = json::array({"small"});
            if (!dice_.one_in(3)) choices["recharge"]["offers"].push_back("large");
        }
        if (dice_.one_in(2)) choices["recharge"]["most_threshold"] = amount(60);
        if (dice_.one_in(2)) {
            choices["recharge"]["most_monthly_limit"] =
                std::to_string(dice_.between(0, 90)) + ".00 USD";
        }
    }
    if (dice_.one_in(2)) choices["defaults"] = make_defaults();
    plan_["choices"] = choices;
    if (dice_.one_in(4)) plan_["revision"] = dice_.between(0, 3);
}

/// Something that no plan allows, or that makes no sense.
void generator::add_nonsense(json& content) {
    switch (dice_.between(0, 7)) {
        case 0: content = json::object(); break;
        case 1: content["alerts"] = json::array({json{{"at", "5"}, {"of", {"nowhere"}}}}); break;
        case 2: content["alerts"] = json::array({"1", "2", "3", "4"}); break;
        case 3:
            if (plan_.contains("alerts")) {
                content["alerts"] =
                    json::array({json{{"name", name_of(plan_["alerts"][0])}, {"at", "7"}}});
            }
            break;
        case 4:
            content["limits"] = json::array();
            for (int i = 0; i < 4; ++i) {
                content["limits"].push_back(
                    json{{"member", "ann"}, {"per", "ever"}, {"amount", amount(50)}});
            }
            break;
        case 5: content["recharge"] = json{{"offer", "nothing"}}; break;
        case 6: content["recharge"] = json{{"monthly_limit", "5.00 EUR"}}; break;
        case 7: content["recharge"] = json{{"threshold", "100000"}}; break;
    }
}

json generator::configure() {
    const json allowed = plan_.value("choices", json::object());
    const auto left = [&](const char* key, std::int64_t others) {
        return allowed.contains(key) || dice_.one_in(others);
    };
    json content = json::object();
    if (left("alerts", 20) && dice_.one_in(2)) {
        content["alerts"] = own_alerts(allowed.value("alerts", 1) + dice_.one_in(12));
    }
    if (left("limits", 20) && dice_.one_in(2)) {
        content["limits"] = own_limits(allowed.value("limits", 1) + dice_.one_in(12));
    }
    if (left("budget", 20) && dice_.one_in(3)) content["budget"] = own_budget();
    if (left("recharge", 20) && dice_.one_in(2)) content["recharge"] = own_recharge();
    for (const char* key : {"alerts", "limits", "budget", "recharge"}) {
        const bool is_asked = content.contains(key) || (left(key, 30) && dice_.one_in(6));
        if (is_asked && dice_.one_in(4)) content[key] = dice_.text_among({"none", "as_planned"});
    }
    if (content.empty()) content["alerts"] = own_alerts(allowed.value("alerts", 1));
    if (dice_.one_in(12)) add_nonsense(content);
    maybe_id(content, "o");
    return json{{"configure", content}};
}

}  // namespace lives
