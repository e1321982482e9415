/// The life of one wallet, told step by step in the scenario format. Include it to drive a wallet
/// by JSON and to see what it shows after each step; to check whole scenarios, `scenario.hpp`.
///
///     auto life = coffer::scenario_life::begin(plan);
///     if (!life) return life.error().text();
///     auto seen = life->step(step);              // {"available": "30", "error": null, …}
///
/// Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/io/plan_file.hpp>
#include <coffer/io/scenario/sight.hpp>
#include <coffer/io/scenario/step.hpp>
#include <coffer/io/scenario/wallet.hpp>
#include <coffer/store/memory.hpp>

#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace coffer {
inline namespace v0 {

/// The life of one wallet in a store of the host's, in which it is the wallet "scenario".
template <class Store>
class scenario_life_in {
public:
    /// Takes the "plan" object of a scenario. The store must live longer. Errors: those of
    /// `read_plan`.
    static result<scenario_life_in, scenario_error> begin(const nlohmann::json& plan,
                                                          Store& store) {
        result<any_plan, plan_error> read = read_plan(json_place{&plan, "plan"});
        if (!read) return read.error();
        return scenario_life_in{*std::move(read), store};
    }

    /// Performs one element of "steps", without regard to its "error" and "expect", and tells what
    /// is to be seen after it: error (or null), available, held, debt, used, buckets, lots, period
    /// (or null), and of this step cost and money (or null), took, actor, reason and alerts.
    /// Errors: what makes the step no step of a valid scenario; nothing has happened then.
    result<nlohmann::json, scenario_error> step(const nlohmann::json& step) {
        detail::step_reader reader;
        const detail::scenario_step read = reader.step({&step, "step"}, wallet_->now());
        if (!reader.good()) return reader.error();
        detail::step_outcome outcome = wallet_->perform(read);
        const result<detail::wallet_sight> seen = wallet_->look();
        if (seen) return detail::to_json(*wallet_, outcome, *seen);
        outcome.refusal = seen.error().code();
        outcome.parts = {};
        return detail::to_json(*wallet_, outcome, {});
    }

    /// What was available at that instant, by recorded time. Errors: those of the wallet.
    result<credits> as_of(instant when) const { return wallet_->as_of(when); }

    /// Replays the journal and compares it with the account.
    result<verification> verify() const { return wallet_->verify(); }

private:
    scenario_life_in(any_plan plan, Store& store)
        : wallet_{std::make_unique<detail::scenario_wallet<Store>>(std::move(plan), store)} {}

    std::unique_ptr<detail::scenario_wallet<Store>> wallet_;
};

/// The life of one wallet, in memory.
class scenario_life {
public:
    /// As `scenario_life_in::begin`.
    static result<scenario_life, scenario_error> begin(const nlohmann::json& plan) {
        auto store = std::make_unique<memory_store>(1);
        auto life = scenario_life_in<memory_store>::begin(plan, *store);
        if (!life) return life.error();
        return scenario_life{std::move(store), *std::move(life)};
    }

    /// As `scenario_life_in::step`.
    result<nlohmann::json, scenario_error> step(const nlohmann::json& step) {
        return life_.step(step);
    }
    /// As `scenario_life_in::as_of`.
    result<credits> as_of(instant when) const { return life_.as_of(when); }
    /// As `scenario_life_in::verify`.
    result<verification> verify() const { return life_.verify(); }

private:
    scenario_life(std::unique_ptr<memory_store> store, scenario_life_in<memory_store> life)
        : store_{std::move(store)}, life_{std::move(life)} {}

    std::unique_ptr<memory_store> store_;
    scenario_life_in<memory_store> life_;
};

}  // namespace v0
}  // namespace coffer
