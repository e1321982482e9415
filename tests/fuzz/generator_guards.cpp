// What watches a wallet and what changes its plan: alerts, limits, recharge, other allowances,
// pauses. Only where the options ask for it.
#include "fuzz/generator.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace lives {

namespace {

constexpr std::int64_t hour = 3'600;

}  // namespace

json generator::some_buckets() {
    json names = json::array();
    for (const std::string& name : buckets_) {
        if (dice_.one_in(2)) names.push_back(name);
    }
    if (names.empty()) names.push_back(buckets_.front());
    return names;
}

json generator::make_alerts() {
    json alerts = json::array();
    std::vector<std::string> names;
    for (std::int64_t i = dice_.between(1, 4); i > 0; --i) {
        std::string at =
            dice_.one_in(2) ? dice_.text_among({"0%", "12.5%", "25%", "50%", "110%"}) : amount(60);
        json alert = at;
        std::string name = at;
        if (dice_.one_in(2)) {
            alert = json{{"at", at}};
            if (dice_.one_in(2)) alert["name"] = name = dice_.text_among({"low", "lower", "out"});
            if (dice_.one_in(2)) alert["once_per_period"] = !dice_.one_in(4);
            if (dice_.one_in(3)) alert["of"] = some_buckets();
        }
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        names.push_back(name);
        alerts.push_back(alert);
    }
    return alerts;
}

/// A member, resource or tag; paths that lie below one another and one that only begins the same.
std::string generator::label(const char* key) {
    if (std::string{key} == "action") {
        return dice_.text_among({"post", "ai", "ai/fast", "ai/slow", "voice", "tokens", "ai/f"});
    }
    return dice_.text_among({"design", "design/ada", "design/ada/bot-7", "designers", "ann"});
}

json generator::make_limits() {
    json limits = json::array();
    for (std::int64_t i = dice_.between(1, 4); i > 0; --i) {
        const std::string key = dice_.text_among({"member", "member", "action", "resource", "tag"});
        json limit;
        limit[key] = dice_.one_in(3) ? std::string{"*"} : label(key.c_str());
        limit["per"] = dice_.text_among({"draw", "day", "week", "period", "ever", "period"});
        limit["amount"] = amount(limit["per"] == "draw" ? 40 : 120);
        if (dice_.one_in(3)) limit["warn"] = dice_.one_in(2);
        narrow(limit);
        limits.push_back(limit);
    }
    return limits;
}

/// Whether coffer counts, too, and by periods. There, what was counted before a start stays where
/// it was counted, even if the period that begins lies around it.
bool generator::counts_per_period() const {
    if (own_periods_) return true;
    if (!plan_.contains("limits")) return false;
    const json& all = plan_["limits"];
    return std::any_of(all.begin(), all.end(),
                       [](const json& limit) { return limit["per"] == "period"; });
}

/// A purchase before the start has no period to end with.
std::vector<std::string> generator::buckets_to_buy_into() const {
    std::vector<std::string> into;
    for (const json& bucket : plan_["buckets"]) {
        if (bucket.value("expiry", json{}) != "period_end") into.push_back(bucket["name"]);
    }
    return into;
}

json generator::make_recharge() {
    json recharge{{"threshold", amount(30)}};
    const std::vector<std::string> into = buckets_to_buy_into();
    if (into.empty()) return {};
    recharge["bucket"] = dice_.of(into);
    recharge["price"] =
        std::to_string(dice_.between(0, 9)) + dice_.text_among({".00", ".05"}) + " USD";
    const bool to_target = dice_.one_in(3);
    const std::string bought = amount(80, false);
    recharge["amount"] = to_target ? json{{"to", bought}} : json(bought);
    if (dice_.one_in(3)) recharge["multiple_of"] = amount(30, false);
    const bool needs_price = to_target && !recharge.contains("multiple_of");
    if (needs_price || dice_.one_in(4)) recharge["per_credit"] = true;
    if (dice_.one_in(3)) recharge["max_per_month"] = dice_.between(0, 4);
    if (dice_.one_in(3)) {
        recharge["monthly_limit"] = std::to_string(dice_.between(0, 60)) + ".00 USD";
    }
    if (dice_.one_in(4)) recharge["of"] = some_buckets();
    return recharge;
}

void generator::make_guards() {
    if (options_.alerts && !dice_.one_in(3)) plan_["alerts"] = make_alerts();
    if (options_.limits && dice_.one_in(2)) plan_["limits"] = make_limits();
    if (options_.limits && dice_.one_in(6)) {
        plan_["unnamed"] = dice_.text_among({"pass", "refuse"});
    }
    if (options_.recharge && dice_.one_in(2)) {
        json recharge = make_recharge();
        if (!recharge.is_null()) plan_["recharge"] = recharge;
    }
    if (options_.choices && dice_.one_in(3)) make_catalogue();
    if (options_.choices && dice_.one_in(2)) make_choices();
}

void generator::add_labels(json& content) {
    if (dice_.one_in(2)) content["member"] = label("member");
    if (dice_.one_in(90)) content["member"] = dice_.text_among({"a//b", "/a", "ann/"});
    if (dice_.one_in(4)) content["resource"] = label("resource");
    if (!dice_.one_in(4)) return;
    content["tags"] = json::array();
    for (std::int64_t i = dice_.between(0, 3); i > 0; --i) content["tags"].push_back(label("tag"));
}

/// What the last step came to.
void generator::learn(const json& seen) {
    const auto period = seen.find("period");
    subscribed_ = period != seen.end() && period->is_array();
    if (past_.empty() || !past_.back().contains("hold")) return;
    const json& content = past_.back()["hold"];
    const std::string id = content["id"];
    const bool known = std::any_of(opened_.begin(), opened_.end(),
                                   [&](const open_hold& hold) { return hold.id == id; });
    if (known || !seen.value("cost", json{}).is_string()) return;
    auto whole = [](const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); };
    opened_.push_back({id, whole(seen["cost"]), whole(content.value("tolerance", "0"))});
}

/// Most holds of a random life are refused or run out before they are settled.
json generator::settle_opened() {
    const open_hold hold = opened_.back();
    opened_.pop_back();
    json content{{"hold", hold.id}};
    switch (dice_.between(0, 3)) {
        case 0: break;
        case 1: content["amount"] = amount(40); break;
        default:
            content["amount"] = std::to_string(hold.reserved + dice_.between(0, hold.tolerance));
    }
    return json{{"settle", content}};
}

json generator::guard_verb() {
    const bool changes = options_.changes && subscribed_;
    if (changes && dice_.one_in(paused_ ? 2 : 8)) return state_of_subscription();
    if (may_recharge() && dice_.one_in(2)) return news_of_recharge();
    const bool adds = options_.add_ons && subscribed_;
    if (adds && (!changes || dice_.one_in(2))) return add_on();
    if (changes) return change_of_plan();
    return json{{"pass", json::object()}};
}

/// Whether a start would begin a plan that files cannot name: that to which the ended subscription
/// was changed.
bool generator::starts_another_plan() const { return changed_ && ended_; }

json generator::change_of_plan() {
    changed_ = true;
    json content = json::object();
    if (dice_.one_in(6)) {
        maybe_id(content, "x");
        return json{{"cancel_change", content}};
    }
    content["allowance"] = json::object();
    for (const json& bucket : plan_["buckets"]) {
        const bool refills = bucket.contains("refill");
        if (!refills && !dice_.one_in(25)) continue;
        if (dice_.one_in(4)) continue;
        // Often the one with which the life began, so that changes go back and forth.
        const bool first = refills && dice_.one_in(3);
        content["allowance"][bucket["name"].get<std::string>()] =
            first ? bucket["refill"]["amount"] : json(amount(150, false));
    }
    if (dice_.one_in(40)) content["allowance"]["nowhere"] = amount(9);
    if (!dice_.one_in(3)) content["when"] = dice_.text_among({"now", "now", "period_end"});
    if (!dice_.one_in(3)) content["how"] = dice_.text_among({"difference", "prorate", "full"});
    maybe_id(content, "x");
    return json{{"change_plan", content}};
}

/// Often of a size that it had before, so that sizes go back and forth.
json generator::add_on() {
    json content{{"bucket", dice_.one_in(40) ? "nowhere" : dice_.of(buckets_)}};
    switch (dice_.between(0, 3)) {
        case 0: content["allowance"] = "0"; break;
        case 1: content["allowance"] = dice_.text_among({"20", "50"}); break;
        default: content["allowance"] = amount(90);
    }
    if (dice_.one_in(2)) {
        content["price"] = std::to_string(dice_.between(0, 9)) + dice_.text_among({".00", ".99"}) +
                           (dice_.one_in(25) ? " EUR" : " USD");
    }
    if (!dice_.one_in(3)) content["when"] = dice_.text_among({"now", "now", "period_end"});
    if (!dice_.one_in(3)) {
        content["how"] = dice_.text_among({"difference", "prorate", "full", "later"});
    }
    maybe_id(content, "a");
    return json{{"add_on", content}};
}

/// A trial at whose end periods are counted anew: not where limits count by periods.
void generator::maybe_try(json& start) {
    if (!options_.trials || counts_per_period() || !dice_.one_in(3)) return;
    start["trial_until"] = instant(some_instant(dice_.one_in(12) ? 0 : 1, 40));
    const bool into_nothing = dice_.one_in(3);
    start["then"] = into_nothing ? "nothing" : "same";
    if (into_nothing) ended_ = true;
    if (dice_.one_in(25)) start.erase(dice_.one_in(2) ? "then" : "trial_until");
}

/// A confirmation or a failure, often of the latest intent.
json generator::news_of_recharge() {
    json content = json::object();
    if (dice_.one_in(3)) content["intent"] = dice_.between(1, 4);
    if (dice_.one_in(5)) content["reason"] = "card declined";
    const bool fails = dice_.one_in(3);
    if (fails) {
        expect_at(now_ + hour);
        expect_at(now_ + 2 * hour);
    }
    maybe_id(content, "i");
    return json{{fails ? "fail_recharge" : "confirm_recharge", content}};
}

json generator::state_of_subscription() {
    std::string verb = dice_.text_among({"pause", "unpause", "past_due", "paid", "past_due"});
    if (paused_) verb = dice_.text_among({"unpause", "unpause", "unpause", "paid", "past_due"});
    if (dice_.one_in(12)) verb = "end";
    if (verb == "end") ended_ = true;
    if (verb == "pause") paused_ = true;
    if (verb == "unpause" || verb == "end") paused_ = false;
    json content = json::object();
    maybe_id(content, "t");
    return json{{verb, content}};
}

}  // namespace lives
