/// A test oracle: the rules and the meanings of the scenario format, implemented a second time from
/// the text alone. It shares no code with the library, does every due thing eagerly in order of
/// time, and is written to be read beside the rules. One `life` is the life of one wallet.
/// Besides the format's verbs it knows pause, unpause, past_due, paid and end (rule 43),
/// trials (`trial_until` and `then` of a start), add_on (rule 33), configure (rule 42), what is
/// billed later (rule 29), who asks and who may (`actor` and `reason` of a step, `access` of a
/// plan), and reprice: other prices, while open holds keep theirs.
#pragma once

#include <nlohmann/json.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace model {

/// What the runner answers with exit code 2: the file is not a valid scenario.
struct bad_scenario : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class life {
public:
    /// Takes the scenario's "plan" object.
    explicit life(nlohmann::json const& plan);
    ~life();
    life(life&&) noexcept;
    life& operator=(life&&) noexcept;

    /// Performs one step (its `expect` and `error` are ignored) and returns what is observed:
    /// error, available, held, debt, buckets, lots, period, cost, took, money, used, actor, reason,
    /// alerts; with recharge in the plan also intents.
    nlohmann::json step(nlohmann::json const& step);

    /// The available amount at that instant by recorded time: the last state at that instant.
    nlohmann::json as_of(std::string when) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace model
