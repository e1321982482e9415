/// Runs scenario files: a plan, the life of one wallet, and what is to be seen of it. Include it to
/// check your own plans in your own tests; how such a file is written is described in
/// docs/scenarios.md. The example `scenario` is the same as a program.
///
///     const auto report = coffer::run_scenario_file("scenarios/refund.json");
///     if (!report) return report.error().text();  // steps[3].charge.amuont: there is no such key
///     return report->text();  // steps[3].expect.available: expected 5, found 4; empty if it is ok
///
/// Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/base/detail/file.hpp>
#include <coffer/io/scenario/life.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What a scenario came to. Where it failed, the first step that did, and how.
struct scenario_report {
    std::string name{};
    bool ok = true;
    std::size_t step = 0;  ///< Counted from 0; after the last one the journal is compared.
    std::string key{};     ///< `error`, `expect.buckets.allowance`, `journal` …
    std::string expected{};
    std::string found{};

    /// `steps[3].expect.available: expected 5, found 4`; empty if it is ok.
    std::string text() const {
        if (ok) return {};
        const std::string where =
            key == "journal" ? key : detail::path_of("steps", step) + "." + key;
        return where + ": expected " + expected + ", found " + found;
    }
};

namespace detail {

/// Compares what is seen with what is expected.
class sight_check {
public:
    sight_check(scenario_wallet<memory_store>& wallet, const step_outcome& outcome,
                const wallet_sight& seen)
        : wallet_{wallet}, outcome_{outcome}, seen_{seen} {}

    /// What is found in place of what is expected; nothing where that is found.
    std::optional<std::string> difference(const expectation& e) {
        switch (e.what) {
            case observable::available: return differs(e, seen_.balance.available);
            case observable::held: return differs(e, seen_.balance.held);
            case observable::debt: return differs(e, seen_.balance.debt);
            case observable::used: return differs(e, seen_.balance.used);
            case observable::cost: return differs(e, outcome_.cost);
            case observable::bucket: return differs(e, in_bucket(e.name));
            case observable::lot: return differs(e, in_lot(e.name));
            case observable::taken: return differs(e, taken_from_lot(e.name));
            case observable::all_taken: return taken_besides(e.named);
            case observable::money: return money_differs(e);
            case observable::period: return period_differs(e);
            case observable::as_of: return as_of_differs(e);
            case observable::alerts: return alerts_differ(e);
            case observable::intents: return intents_differ(e);
            case observable::actor: return text_differs(e, outcome_.actor);
            case observable::reason: return text_differs(e, outcome_.reason);
        }
        return std::nullopt;
    }

private:
    static std::optional<std::string> differs(const expectation& e,
                                              const std::optional<credits>& found) {
        if (e.none ? !found : found && e.amount == found) return std::nullopt;
        return found ? std::string{to_string(*found).view()} : "none";
    }

    std::optional<credits> in_bucket(std::string_view name) const {
        for (bucket_id b : wallet_.buckets()) {
            if (b == name) return seen_.balance.available_in(b);
        }
        return std::nullopt;
    }
    std::optional<credits> in_lot(std::string_view name) const {
        const std::optional<named_lot> wanted = wallet_.lots().find(name);
        if (!wanted) return std::nullopt;
        for (const lot& l : seen_.lots) {
            if (l.id == wanted->lot) return wanted->rolled_on ? credits{} : spendable_of(l);
        }
        return std::nullopt;
    }

    std::map<std::string_view, credits> taken() const { return taken_from(wallet_, outcome_); }

    credits taken_from_lot(std::string_view name) const {
        const auto all = taken();
        const auto found = all.find(name);
        return found == all.end() ? credits{} : found->second;
    }
    std::optional<std::string> taken_besides(const std::vector<std::string_view>& named) const {
        for (const auto& [name, amount] : taken()) {
            if (std::find(named.begin(), named.end(), name) != named.end()) continue;
            return std::string{to_string(amount).view()} + " from " + std::string{name};
        }
        return std::nullopt;
    }

    std::optional<std::string> money_differs(const expectation& e) const {
        const std::optional<money>& found = outcome_.owed;
        if (e.none ? !found : found && e.sum == found) return std::nullopt;
        return found ? std::string{to_string(*found).view()} : "none";
    }

    std::optional<std::string> period_differs(const expectation& e) const {
        const std::optional<period>& found = seen_.balance.running;
        if (e.none ? !found : found && found->from == e.from && found->until == e.until) {
            return std::nullopt;
        }
        if (!found) return "none";
        return nlohmann::json{iso8601(found->from), iso8601(found->until)}.dump();
    }

    std::optional<std::string> alerts_differ(const expectation& e) const {
        const bool same = std::equal(e.named.begin(), e.named.end(), outcome_.alerts.begin(),
                                     outcome_.alerts.end());
        if (same) return std::nullopt;
        return nlohmann::json(outcome_.alerts).dump();
    }

    std::optional<std::string> intents_differ(const expectation& e) const {
        if (e.amounts == outcome_.intents) return std::nullopt;
        nlohmann::json found = nlohmann::json::array();
        for (credits amount : outcome_.intents) found.push_back(to_string(amount).view());
        return found.dump();
    }

    static std::optional<std::string> text_differs(const expectation& e, const std::string& found) {
        if (e.name == found) return std::nullopt;
        return found.empty() ? "none" : found;
    }

    std::optional<std::string> as_of_differs(const expectation& e) const {
        const result<credits> found = wallet_.as_of(e.from);
        if (!found) return std::string{to_string(found.error().code())};
        return differs(e, *found);
    }

    scenario_wallet<memory_store>& wallet_;
    const step_outcome& outcome_;
    const wallet_sight& seen_;
};

/// Whether nothing but the journal and the time differs, and what was ordered: a plan may buy by
/// itself after a refusal.
inline bool same_credits(account a, account b) {
    for (account* each : {&a, &b}) {
        account_details& rest = each->rest.edit();
        rest.orders.clear();
        rest.purchases = {};
    }
    return a.totals == b.totals && a.used == b.used && a.period_from == b.period_from &&
           a.burning == b.burning && *a.rest == *b.rest;
}

/// Performs the steps of one scenario and compares.
class scenario_runner {
public:
    explicit scenario_runner(any_plan plan) : wallet_{std::move(plan), store_} {}

    scenario_report run(const std::vector<scenario_step>& steps) {
        for (const scenario_step& s : steps) {
            if (!step(s)) return std::move(report_);
            ++report_.step;
        }
        const result<verification> verified = wallet_.verify();
        if (!verified) {
            fail("journal", "the account", to_string(verified.error().code()));
        } else if (!verified->sound) {
            fail("journal", "the account", verified->wrong);
        }
        return std::move(report_);
    }

private:
    bool step(const scenario_step& s) {
        // What is due by then is no change that a refusal or a repeat makes.
        const bool is_known = !s.id.empty() && !ids_.insert(s.id).second;
        account before;
        if (is_known || !s.error.empty()) {
            wallet_.pass_to(s);
            if (const auto swept = wallet_.sweep(); !swept) return fail_by(swept.error());
            result<account> stored = wallet_.stored();
            if (!stored) return fail_by(stored.error());
            before = *std::move(stored);
        }
        const step_outcome outcome = wallet_.perform(s);
        const std::string_view wanted = s.error.empty() ? "none" : s.error;
        const std::string_view refusal = outcome.refusal ? to_string(*outcome.refusal) : "none";
        if (refusal != wanted) return fail("error", wanted, refusal);
        if (outcome.refusal || (is_known && outcome.repeated)) {
            const result<account> after = wallet_.stored();
            if (!after) return fail_by(after.error());
            if (!same_credits(before, *after)) {
                return fail("error", std::string{wanted} + " and nothing changed", "a change");
            }
        }
        return s.expected.empty() || compare(s, outcome);
    }

    bool compare(const scenario_step& s, const step_outcome& outcome) {
        const result<wallet_sight> seen = wallet_.look();
        if (!seen) return fail_by(seen.error());
        sight_check check{wallet_, outcome, *seen};
        for (const expectation& e : s.expected) {
            if (const auto found = check.difference(e))
                return fail("expect." + e.key, e.text, *found);
        }
        return true;
    }

    bool fail_by(const error& why) { return fail("error", "none", to_string(why.code())); }

    bool fail(std::string key, std::string_view expected, std::string_view found) {
        report_.ok = false;
        report_.key = std::move(key);
        report_.expected = expected;
        report_.found = found;
        return false;
    }

    memory_store store_{1};
    scenario_wallet<memory_store> wallet_;
    std::set<std::string_view> ids_;
    scenario_report report_;
};

}  // namespace detail

/// Runs the scenario that a JSON object describes, such as `{&document}`. All of it is checked
/// before the first step is performed.
/// Errors: what makes it no valid scenario, with the path of where; those of `read_plan`.
inline result<scenario_report, scenario_error> run_scenario(const json_place& root) {
    detail::step_reader reader;
    std::string name;
    std::vector<detail::scenario_step> steps;
    if (reader.object(root, {"scenario", "plan", "steps"})) {
        if (const auto p = root["scenario"]) name = reader.text(p);
        if (const auto p = reader.need(root, "plan"); p && !p.value->is_object()) {
            reader.fail(p, "is no object");
        }
        std::optional<instant> now;
        for (const json_place& each : reader.elements(reader.need(root, "steps"))) {
            steps.push_back(reader.step(each, now));
            if (!reader.good()) break;
            now = now ? std::max(*now, steps.back().at) : steps.back().at;
        }
    }
    result<any_plan, plan_error> plan = plan_error{};
    if (const auto p = root["plan"]) plan = read_plan(p);
    if (!reader.good()) return reader.error();
    if (!plan) return plan.error();
    scenario_report report = detail::scenario_runner{*std::move(plan)}.run(steps);
    report.name = std::move(name);
    return report;
}

/// Runs the scenario that a JSON text writes. Errors: as above, and those of `read_json`.
inline result<scenario_report, scenario_error> run_scenario(std::string_view text) {
    const result<nlohmann::json, scenario_error> document = read_json(text);
    if (!document) return document.error();
    return run_scenario(json_place{&*document});
}

/// Runs the scenario in a file. Errors: as above; `unavailable` for a file that cannot be read.
inline result<scenario_report, scenario_error> run_scenario_file(const std::string& path) {
    const auto text = detail::read_file(path, max_json_size + 1);
    if (text) return run_scenario(std::string_view{*text});
    return scenario_error{errc::unavailable, {}, "cannot be read: " + text.error().message()};
}

}  // namespace v0
}  // namespace coffer
