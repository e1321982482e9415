#include "fuzz/generator.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>

namespace lives {

namespace {

constexpr std::int64_t hour = 3'600;
constexpr std::int64_t day = 24 * hour;
/// 2025-01-01T00:00:00Z
constexpr std::int64_t beginning = 1'735'689'600;

const std::vector<std::pair<const char*, std::int64_t>> hold_lengths = {{"10 minutes", hour / 6},
                                                                        {"1 hour", hour},
                                                                        {"36 hours", 36 * hour},
                                                                        {"20 days", 20 * day},
                                                                        {"40 days", 40 * day}};

/// The seconds of "2026-01-31T10:00:00Z", and of what follows them nothing.
std::int64_t seconds_of(const std::string& text) {
    std::tm parts{};
    strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    return timegm(&parts);
}

}  // namespace

generator::generator(std::uint64_t seed, options wanted)
    : dice_{seed}, options_{wanted}, now_{beginning} {
    now_ += dice_.between(0, 500) * day + dice_.between(0, 23) * hour;
    fine_ = dice_.between(1, 6);
    rolls_ = dice_.one_in(12);  // one takes as long as five others
    make_plan();
    make_guards();
    make_bill_later();
    make_access();
    make_prices_change();
}

std::string generator::instant(std::int64_t seconds) const {
    std::time_t t = seconds;
    std::tm parts{};
    gmtime_r(&t, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::string generator::amount(std::int64_t most, bool with_zero) {
    std::string whole = std::to_string(dice_.between(with_zero && dice_.one_in(30) ? 0 : 1, most));
    if (!dice_.one_in(fine_ + 1)) return whole;
    return whole + dice_.text_among({".5", ".25", ".000001", ".999999", ".1", ".333333"});
}

std::string generator::fresh_id(const char* prefix) { return prefix + std::to_string(++ids_); }

void generator::maybe_id(json& content, const char* prefix) {
    if (!dice_.one_in(4)) content["id"] = fresh_id(prefix);
}

json generator::make_bucket(const std::string& name, bool refills) {
    json b{{"name", name}};
    if (refills) {
        std::string every = dice_.text_among(
            {"1 month", "1 month", "1 week", "7 days", "1 day", "1 year", "36 hours", "2 months"});
        if (rolls_) every = dice_.text_among({"1 day", "1 day", "2 days", "36 hours", "1 week"});
        if (every == "1 day" || every == "2 days" || every == "36 hours")
            longest_ = std::min(longest_, 4 * day);
        if (every == "1 week" || every == "7 days") longest_ = std::min(longest_, 20 * day);
        b["refill"] = json{{"every", every}, {"amount", amount(dice_.one_in(2) ? 100 : 20, false)}};
        if (dice_.one_in(3)) b["refill"]["paid"] = std::to_string(dice_.between(1, 20)) + ".00 USD";
    }
    json rollover;
    switch (dice_.between(rolls_ && !dice_.one_in(5) ? 2 : 0, 6)) {
        case 0: break;
        case 1: rollover = "none"; break;
        case 2: rollover = "all"; break;
        case 3: rollover = json{{"all", true}}; break;
        case 4: rollover = json{{"cap", amount(40)}}; break;
        case 5:
            rollover = json{{"fraction", dice_.text_among({"0.5", "0.25", "1", "0.333", "0.9"})}};
            break;
        case 6: rollover = json{{"cap_percent", dice_.text_among({"50", "100", "12.5", "33"})}};
    }
    if (rollover.is_object()) {
        if (dice_.one_in(3)) rollover["hops"] = dice_.between(1, 3);
        if (dice_.one_in(4)) {
            rollover["keeps"] = dice_.text_among({"14 days", "1 month", "45 days", "36 hours"});
        }
        if (dice_.one_in(3)) rollover["trim"] = dice_.text_among({"oldest", "newest"});
    }
    if (!rollover.is_null()) b["rollover"] = rollover;
    switch (dice_.between(0, 4)) {
        case 0: break;
        case 1: b["expiry"] = "never"; break;
        case 2: b["expiry"] = "period_end"; break;
        default:
            b["expiry"] = json{{"after", dice_.text_among({"12 months", "14 days", "1 month",
                                                           "36 hours", "45 days", "1 day"})}};
    }
    switch (dice_.between(0, 4)) {
        case 0: break;
        case 1: b["refund"] = "none"; break;
        case 2: b["refund"] = "full"; break;
        default:
            b["refund"] = json{{"within", dice_.text_among({"14 days", "1 year", "1 month"})}};
            if (!dice_.one_in(3)) b["refund"]["basis"] = dice_.text_among({"full", "unspent"});
            if (dice_.one_in(4)) b["refund"]["first_purchase_only"] = dice_.one_in(2);
    }
    if (dice_.one_in(3)) {
        b["restore"] = dice_.one_in(3)
                           ? json("forfeit")
                           : json{{"regrant", dice_.text_among({"7 days", "36 hours", "1 month"})}};
    }
    if (dice_.one_in(5)) {
        b["only"] = json::array();
        b["only"].push_back(dice_.text_among({"post", "ai", "ai/fast", "voice", "ai/slow"}));
        if (dice_.one_in(2)) b["only"].push_back("tokens");
    }
    return b;
}

json generator::make_tiers() {
    json tiers = json::array();
    std::int64_t bound = 0;
    for (std::int64_t i = dice_.between(0, 2); i > 0; --i) {
        bound += dice_.between(1, 10);
        json tier{{"up_to", std::to_string(bound)}, {"rate", amount(4)}};
        if (dice_.one_in(2)) tier["flat"] = amount(3);
        tiers.push_back(tier);
    }
    json last{{"rate", amount(3)}};
    if (dice_.one_in(3)) last["flat"] = amount(2);
    tiers.push_back(last);
    return tiers;
}

json generator::some_costs() {
    json costs = json::object();
    auto add = [&](const char* name, json price, const char* category) {
        if (dice_.one_in(3)) return;
        if (price.is_object() && dice_.one_in(2)) price["category"] = category;
        costs[name] = std::move(price);
        actions_.push_back(name);
    };
    add("post", dice_.one_in(2) ? json(amount(3)) : json{{"price", amount(3)}}, "ai/fast/post");
    add("free", "0", "ai");
    json voice{{"rate", dice_.text_among({"3", "0.7", "0.000001", "0.333333333333"})},
               {"per", dice_.text_among({"1 minute", "minute", "10 minutes", "60 seconds"})}};
    if (dice_.one_in(4)) voice.erase("per");
    if (dice_.one_in(3)) voice["minimum"] = amount(2);
    if (dice_.one_in(3)) voice["minimum_if_used"] = amount(2);
    if (dice_.one_in(3)) voice["increment"] = dice_.text_among({"0.1", "1", "0.25", "6"});
    if (dice_.one_in(3)) {
        voice["rounding"] = dice_.text_among({"up", "down", "half_up", "half_even"});
    }
    if (dice_.one_in(3)) voice["places"] = dice_.between(0, 6);
    add("voice", voice, "ai/slow");
    add("research", json{{"range", json::array({amount(3), std::to_string(dice_.between(5, 9))})}},
        "ai/faster");
    add("tokens",
        json{{"rates", json{{"input", "0.0000003"},
                            {"cache_write_1h", "0.0003"},
                            {"output", dice_.text_among({"0.0000012", "0.001", "0.25"})}}}},
        "ai/fast/model-x");
    add("tiers", json{{"graduated", make_tiers()}}, "ai/fast");
    add("volume", json{{"volume", make_tiers()}}, "ai");
    json pack{{"size", std::to_string(dice_.between(1, 10))}, {"price", amount(5)}};
    if (dice_.one_in(2)) pack["free"] = std::to_string(dice_.between(1, 10));
    add("pack", json{{"package", pack}}, "ai/slow/pack");
    return costs;
}

void generator::make_costs() {
    const json costs = some_costs();
    if (!costs.empty()) plan_["costs"] = costs;
}

void generator::make_plan() {
    plan_ = json::object();
    if (dice_.one_in(2)) {
        plan_["zone"] = dice_.text_among({"Europe/Berlin", "America/New_York", "Asia/Kolkata",
                                          "Australia/Lord_Howe", "UTC", "Africa/Casablanca"});
    }
    const std::vector<std::string> names{"budget", "package", "bonus", "promo"};
    plan_["buckets"] = json::array();
    for (std::int64_t i = 0, count = dice_.between(1, 4); i < count; ++i) {
        buckets_.push_back(names[static_cast<std::size_t>(i)]);
        bool refills = i == 0 ? rolls_ || !dice_.one_in(5) : dice_.one_in(rolls_ ? 2 : 3);
        plan_["buckets"].push_back(make_bucket(buckets_.back(), refills));
    }
    make_costs();
    if (dice_.one_in(3)) {
        std::vector<std::string> keys{"bucket",     "priority",  "expiry", "paid_last",
                                      "cost_basis", "effective", "newest", "id"};
        for (std::size_t i = keys.size(); i > 1; --i) {
            std::swap(
                keys[i - 1],
                keys[static_cast<std::size_t>(dice_.between(0, static_cast<std::int64_t>(i) - 1))]);
        }
        keys.resize(static_cast<std::size_t>(dice_.between(1, 8)));
        plan_["spend_order"] = keys;
    }
    switch (dice_.between(0, 5)) {
        case 0: plan_["overdraft"] = "deny"; break;
        case 1: plan_["overdraft"] = "take_available"; break;
        case 2: plan_["overdraft"] = json{{"limit", amount(50)}}; break;
        case 3: plan_["overdraft"] = json{{"limit", amount(50)}, {"partial", true}}; break;
        default: break;
    }
    if (dice_.one_in(3)) plan_["debt_at_reset"] = dice_.text_among({"keep", "drop", "drop"});
    if (dice_.one_in(4)) plan_["refusals"] = dice_.text_among({"retry", "sticky", "sticky"});
    if (dice_.one_in(4)) {
        plan_["late"] = dice_.text_among({"1 day", "36 hours", "40 days"});
        late_ = plan_["late"] == "1 day" ? day : plan_["late"] == "36 hours" ? 36 * hour : 40 * day;
    }
    if (!dice_.one_in(3)) plan_["clawback"] = dice_.text_among({"refuse", "clamp", "negative"});
}

void generator::pass_time() {
    const std::int64_t before = now_;
    switch (dice_.between(0, 9)) {
        case 0:
        case 1:
        case 2: break;
        case 3: now_ += dice_.between(1, 90); break;
        case 4: now_ += dice_.between(1, 36) * hour; break;
        case 5: now_ += dice_.between(1, 20) * day; break;
        case 6: now_ += dice_.between(1, 3) * 7 * day; break;
        case 7: now_ += dice_.between(25, 70) * day; break;
        case 8: now_ += 10 * 60 * dice_.between(1, 6); break;
        case 9: now_ = (now_ / hour + 1) * hour; break;
    }
    if (!due_.empty() && dice_.one_in(4)) {  // just before, at or just after what is due
        now_ = std::max(before, dice_.of(due_) + dice_.between(-1, 1));
    }
    if (rolls_ && dice_.one_in(4)) now_ = before + dice_.between(2, 14) * day;
    if (now_ - before > (rolls_ ? std::max(longest_, 14 * day) : longest_)) {
        now_ = before + dice_.between(1, longest_ / hour) * hour;
    }
}

void generator::expect_at(std::int64_t when) {
    constexpr std::size_t enough = 8;
    if (when < now_ || std::find(due_.begin(), due_.end(), when) != due_.end()) return;
    if (due_.size() == enough) due_.erase(due_.begin());
    due_.push_back(when);
}

/// Some days from now, or when something is due anyway.
std::int64_t generator::some_instant(std::int64_t first_day, std::int64_t last_day) {
    if (!due_.empty() && dice_.one_in(3)) return dice_.of(due_);
    const std::int64_t when = now_ + dice_.between(first_day, last_day) * day;
    expect_at(when);
    return when;
}

std::string generator::some_lot(const json& lot_names) {
    if (lot_names.empty() || dice_.one_in(25)) return "nowhere#1";
    if (!bought_.empty() && dice_.one_in(2)) return dice_.of(bought_);
    auto at = lot_names.begin();
    std::advance(at, dice_.between(0, static_cast<std::int64_t>(lot_names.size()) - 1));
    return at.key();
}

json generator::spend(bool hold) {
    json content;
    content["id"] = fresh_id(hold ? "h" : "c");
    if (!hold && dice_.one_in(5)) content.erase("id");
    std::string action;
    if (actions_.empty() || dice_.one_in(2)) {
        content["amount"] = amount(dice_.one_in(3) ? 150 : 30);
    } else {
        action = dice_.one_in(20) ? "nothing" : dice_.of(actions_);
        content["action"] = action;
        if (hold && dice_.one_in(3)) {
            content["at_most"] = amount(30);
        } else if (action == "research") {
            if (!dice_.one_in(12)) content["amount"] = amount(10);
        } else if (action == "tokens") {
            content["usage"] = json{{"input", std::to_string(dice_.between(0, 100'000))},
                                    {"output", std::to_string(dice_.between(0, 30))}};
            if (dice_.one_in(3))
                content["usage"]["cache_write_1h"] = std::to_string(dice_.between(0, 9'000));
        } else if (!dice_.one_in(4)) {
            content["quantity"] = amount(25);
        }
    }
    if (dice_.one_in(8)) content["member"] = dice_.text_among({"ann", "bob"});
    if (dice_.one_in(8)) content["resource"] = "doc-1";
    if (options_.limits) add_labels(content);
    if (hold) {
        const auto& [length, seconds] = dice_.of(hold_lengths);
        content["for"] = length;
        expect_at(now_ + seconds);
        if (dice_.one_in(3)) content["tolerance"] = amount(10);
        holds_.push_back(content["id"]);
    }
    if (content.contains("id")) spends_.push_back({content["id"], action});
    return json{{hold ? "hold" : "charge", content}};
}

/// One of the last few more often than another.
const std::string& generator::some_hold() {
    if (holds_.size() <= 3 || dice_.one_in(2)) return dice_.of(holds_);
    return holds_[holds_.size() - static_cast<std::size_t>(dice_.between(1, 3))];
}

json generator::settle() {
    json content{{"hold", holds_.empty() || dice_.one_in(25) ? "h0" : some_hold()}};
    if (dice_.one_in(3)) {
        maybe_id(content, "l");
        return json{{"release", content}};
    }
    switch (dice_.between(0, 4)) {
        case 0: break;
        case 1: content["quantity"] = amount(20); break;
        case 2:
            content["usage"] = json{{"input", std::to_string(dice_.between(0, 50'000))},
                                    {"output", std::to_string(dice_.between(0, 20))}};
            break;
        default: content["amount"] = amount(30);
    }
    if (dice_.one_in(5)) content["id"] = fresh_id("s");
    return json{{"settle", content}};
}

json generator::refund() {
    json content{{"charge", spends_.empty() || dice_.one_in(25) ? "c0" : dice_.of(spends_).id}};
    if (dice_.one_in(2)) content["amount"] = amount(20);
    maybe_id(content, "r");
    return json{{"refund", content}};
}

/// An instant, or the date on which it lies.
std::string generator::some_expiry(std::int64_t first_day, std::int64_t last_day) {
    const std::string at = instant(some_instant(first_day, last_day));
    return dice_.one_in(3) ? at.substr(0, 10) : at;
}

json generator::grant() {
    json content{{"lot", fresh_id("G")},
                 {"bucket", dice_.one_in(30) ? "nowhere" : dice_.of(buckets_)},
                 {"amount", amount(dice_.one_in(3) ? 200 : 40)}};
    if (dice_.one_in(3)) content["priority"] = dice_.between(1, 3);
    if (dice_.one_in(4)) content["effective"] = instant(some_instant(-5, 30));
    if (dice_.one_in(4)) {
        content["expires"] = dice_.one_in(4) ? std::string{"never"} : some_expiry(-1, 60);
    }
    if (dice_.one_in(2)) {
        content["paid"] = std::to_string(dice_.between(0, 50)) +
                          dice_.text_among({".00", ".99", ".01"}) +
                          (dice_.one_in(8) ? " EUR" : " USD");
        bought_.push_back(content["lot"]);
    }
    if (dice_.one_in(4)) {
        content["source"] =
            dice_.text_among({"purchase", "bonus", "promo", "referral", "adjustment", "refund"});
    }
    maybe_id(content, "g");
    return json{{"grant", content}};
}

json generator::purchase(const json& lot_names) {
    json content{{"lot", some_lot(lot_names)}};
    bool dispute = dice_.one_in(2);
    if (dispute) content["state"] = dice_.text_among({"opened", "won", "lost"});
    if (dice_.one_in(2)) {
        content["money"] = std::to_string(dice_.between(0, 30)) +
                           dice_.text_among({".00", ".50", ".01"}) +
                           (dice_.one_in(15) ? " EUR" : " USD");
    }
    maybe_id(content, "p");
    return json{{dispute ? "dispute" : "refund_purchase", content}};
}

json generator::change_lot(const json& lot_names) {
    json content{{"lot", some_lot(lot_names)}};
    if (dice_.one_in(2)) {
        if (dice_.one_in(2)) content["amount"] = amount(20);
        maybe_id(content, "v");
        return json{{"void", content}};
    }
    content["expires"] = dice_.one_in(5) ? std::string{"never"} : some_expiry(-2, 50);
    maybe_id(content, "e");
    return json{{"expire_at", content}};
}

json generator::some_verb(const json& lot_names) {
    if (bills_ && dice_.one_in(5)) return beyond_credits();
    if (reprices_ > 0 && dice_.one_in(bursts_ ? 2 : 4)) return of_prices();
    const bool changes = options_.changes || options_.recharge || options_.add_ons;
    if (changes && dice_.one_in(paused_ ? 3 : 6)) return guard_verb();
    if (options_.choices && dice_.one_in(plan_.contains("choices") ? 7 : 300)) return configure();
    std::int64_t roll = dice_.between(1, 100);
    if (roll <= 3 && (counts_per_period() || starts_another_plan()))
        return json{{"pass", json::object()}};
    if (roll <= 3) {
        json content = json::object();
        if (dice_.one_in(2)) content["anchor"] = instant(now_ - dice_.between(-1, 70) * day);
        if (dice_.one_in(3)) content["paid"] = std::to_string(dice_.between(1, 30)) + ".00 USD";
        maybe_try(content);
        maybe_id(content, "b");
        return json{{"start", content}};
    }
    if (roll <= 15) return grant();
    if (roll <= 40) return spend(false);
    if (roll <= 54) return spend(true);
    if (roll <= 68) return settle();
    if (roll <= 78) return refund();
    if (roll <= 87) return purchase(lot_names);
    if (roll <= 93) return change_lot(lot_names);
    return json{{"pass", json::object()}};
}

/// The same request again, now and then with other content.
json generator::repeat(json told) {
    if (told.contains("start") && counts_per_period()) told = {{"pass", json::object()}};
    told.erase("late");
    told["at"] = instant(now_);
    for (auto& [verb, content] : told.items()) {
        if (content.is_object() && content.contains("amount") && dice_.one_in(4)) {
            content["amount"] = amount(9);
        }
        if (verb == "grant" && !content.contains("id")) content["lot"] = fresh_id("G");
        if (verb != "hold") continue;
        for (const auto& [length, seconds] : hold_lengths) {
            if (content["for"] == length) expect_at(now_ + seconds);
        }
    }
    return told;
}

json generator::next(const json& seen) {
    json step = unsigned_next(seen);
    if (signs_) sign(step);
    return step;
}

json generator::unsigned_next(const json& seen) {
    due_.erase(std::remove_if(due_.begin(), due_.end(), [&](auto when) { return when < now_; }),
               due_.end());
    const auto period = seen.find("period");
    if (options_.limits) learn(seen);
    if (period != seen.end() && period->is_array()) expect_at(seconds_of((*period)[1]));
    const bool is_first = !std::exchange(begun_, true);
    const bool starts = past_.empty() && !dice_.one_in(6);
    if (starts && (is_first || !counts_per_period())) {
        json content = json::object();
        if (dice_.one_in(3)) content["anchor"] = instant(now_ - dice_.between(0, 70) * day);
        maybe_try(content);
        json first{{"at", instant(now_)}, {"start", content}};
        past_.push_back(first);
        return first;
    }
    if (burst_ > 0) return json{{"at", instant(now_)}, {"reprice", reprice()["reprice"]}};
    const bool settles = options_.limits && !opened_.empty() && dice_.one_in(2);
    if (!settles || dice_.one_in(3)) pass_time();
    json step;
    step["at"] = instant(now_);
    if (settles) {
        step.update(settle_opened());
        past_.push_back(step);
        return step;
    }
    if (!openings_.empty() && dice_.one_in(10)) {
        const std::size_t newest = openings_.size() - 1;
        const auto last_few = static_cast<std::int64_t>(std::min<std::size_t>(newest, 3));
        return repeat(openings_[newest - static_cast<std::size_t>(dice_.between(0, last_few))]);
    }
    if (!past_.empty() && dice_.one_in(12)) {
        const std::size_t recent = std::min<std::size_t>(past_.size(), 8);
        const bool any = dice_.one_in(2);
        return repeat(any ? dice_.of(past_)
                          : past_[past_.size() - static_cast<std::size_t>(dice_.between(
                                                     1, static_cast<std::int64_t>(recent)))]);
    }
    step.update(some_verb(seen["lots"]));
    const bool asks = !step.contains("pass") && !step.contains("reprice");
    if (late_ > 0 && dice_.one_in(4) && asks) {
        step["at"] = instant(now_ - dice_.between(0, late_ + late_ / 10));
        step["late"] = true;
    }
    past_.push_back(step);
    if (step.contains("hold")) openings_.push_back(step);
    return step;
}

}  // namespace lives
