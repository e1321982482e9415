// Random lives of wallets, told to coffer and to the model of the rules, step by step: what is to
// be seen after each step has to be the same. So has a life that is swept at other times; and after
// every step the journal has to give the account. A life in which they differ is made as short as
// possible and printed as a scenario file, with what the model expects.
//
// lives [--seed S] [--lives N] [--steps N]
#include "lives/generator.hpp"
#include "model/model.hpp"

#include <coffer/io/scenario.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using lives::json;

struct difference {
    std::size_t step = 0;
    std::string key{};
    std::string expected{};
    std::string found{};
    nlohmann::json model{};
};

std::string text_of(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What a caller would notice first: the error, then the rest.
std::optional<difference> compare(std::size_t step, const nlohmann::json& model,
                                  const nlohmann::json& seen) {
    if (model == seen) return std::nullopt;
    for (const char* key : {"error", "cost", "took", "money", "available", "held", "debt", "used",
                            "buckets", "lots", "period"}) {
        const nlohmann::json expected = model.value(key, nlohmann::json{});
        const nlohmann::json found = seen.value(key, nlohmann::json{});
        if (expected != found) {
            return difference{step, key, text_of(expected), text_of(found), model};
        }
    }
    return difference{step, "keys", model.dump(), seen.dump(), model};
}

/// A life in both, side by side, and in coffer once more with other sweeps.
class pair_of_lives {
public:
    explicit pair_of_lives(const json& plan)
        : model_{nlohmann::json(plan)},
          coffer_{coffer::scenario_life::begin(plan)},
          swept_{coffer::scenario_life::begin(plan)} {}

    bool valid() const { return static_cast<bool>(coffer_); }
    const nlohmann::json& seen() const { return seen_; }

    /// Performs the step in all. Throws `model::bad_scenario` for what is no step.
    std::optional<difference> step(std::size_t number, const json& told) {
        const nlohmann::json plain(told);
        const nlohmann::json expected = model_.step(plain);
        auto found = coffer_->step(plain);
        if (!found) return difference{number, "valid", "a step", found.error().text(), expected};
        seen_ = *found;
        if (auto differs = compare(number, expected, seen_)) return differs;
        if (number % 8 == 7) {
            if (auto wrong = verify(number)) return wrong;
        }
        const std::string at = told["at"];
        if (number % 3 == 1 && !told.value("late", false)) {  // now and then, sweep on the way
            (void)swept_->step({{"at", at}, {"pass", nlohmann::json::object()}});
        }
        auto swept = swept_->step(plain);
        if (!swept || *swept != seen_) {
            return difference{number, "swept", seen_.dump(), swept ? swept->dump() : "an error",
                              expected};
        }
        return past(number, at);
    }

    /// Replays the journal.
    std::optional<difference> verify(std::size_t number) const {
        auto answer = coffer_->verify();
        if (answer && answer->sound) return std::nullopt;
        return difference{
            number, "journal", "the account", answer ? std::string{answer->wrong} : "an error", {}};
    }

private:
    /// The balance of some instant seen before.
    std::optional<difference> past(std::size_t number, const std::string& at) {
        instants_.push_back(at);
        const std::string& when = instants_[number * 7 % instants_.size()];
        const nlohmann::json expected = model_.as_of(when);
        auto found = coffer_->as_of(*coffer::parse_instant(when));
        const std::string text =
            found ? std::string{coffer::detail::to_text(*found).view()} : std::string{"an error"};
        if (expected == text) return std::nullopt;
        return difference{number, "as_of " + when, text_of(expected), text, {}};
    }

    model::life model_;
    coffer::result<coffer::scenario_life, coffer::scenario_error> coffer_;
    coffer::result<coffer::scenario_life, coffer::scenario_error> swept_;
    nlohmann::json seen_ = nlohmann::json{{"lots", nlohmann::json::object()}};
    std::vector<std::string> instants_;
};

/// The first difference in a life that is known; nothing if there is none, or it is no life.
std::optional<difference> run(const json& plan, const std::vector<json>& steps) {
    try {
        pair_of_lives both{plan};
        if (!both.valid()) return std::nullopt;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (auto differs = both.step(i, steps[i])) return differs;
        }
        return both.verify(steps.size());
    } catch (const model::bad_scenario&) {}
    return std::nullopt;
}

/// Leaves out steps and parts of the plan as long as some difference stays.
class shrinker {
public:
    shrinker(json plan, std::vector<json> steps)
        : plan_(std::move(plan)), steps_(std::move(steps)) {}

    void shrink() {
        for (bool smaller = true; smaller;) {
            smaller = drop_steps() || drop_keys(plan_);
            for (std::size_t i = 0; i < steps_.size(); ++i) {
                for (auto& [verb, content] : steps_[i].items()) {
                    if (content.is_object() && drop_keys(content)) smaller = true;
                }
            }
        }
    }

    void print() const {
        const std::optional<difference> last = run(plan_, steps_);
        json scenario{{"scenario", "a random life"}, {"plan", plan_}, {"steps", steps_}};
        if (last && last->step < steps_.size() && last->model.is_object()) {
            json& step = scenario["steps"][last->step];
            const nlohmann::json error = last->model.value("error", nlohmann::json{});
            if (error.is_string()) step["error"] = error.get<std::string>();
            if (last->key != "error" && last->model.contains(last->key)) {
                step["expect"] = json{{last->key, json(last->model[last->key])}};
            }
        }
        std::printf("%s\n", scenario.dump(1).c_str());
        if (last) {
            std::printf("steps[%zu] %s: expected %s, found %s\n", last->step, last->key.c_str(),
                        last->expected.c_str(), last->found.c_str());
        }
    }

private:
    bool differs() const { return run(plan_, steps_).has_value(); }

    bool drop_steps() {
        bool any = false;
        if (auto d = run(plan_, steps_); d && d->step + 1 < steps_.size()) {
            steps_.resize(d->step + 1);
            any = true;
        }
        for (std::size_t length = steps_.size() / 2; length > 0; length /= 2) {
            for (std::size_t from = 0; from + length <= steps_.size();) {
                const std::vector<json> before = steps_;
                const auto begin = steps_.begin() + static_cast<std::ptrdiff_t>(from);
                steps_.erase(begin, begin + static_cast<std::ptrdiff_t>(length));
                if (differs()) {
                    any = true;
                } else {
                    steps_ = before;
                    ++from;
                }
            }
        }
        return any;
    }

    bool drop_keys(json& object) {
        bool any = false;
        if (object.is_array() && object.size() > 1) {
            for (std::size_t i = object.size(); i-- > 0;) {
                const json before = object;
                object.erase(i);
                if (!object.empty() && differs()) {
                    any = true;
                } else {
                    object = before;
                    any = drop_keys(object[i]) || any;
                }
            }
        } else if (object.is_object()) {
            std::vector<std::string> keys;
            for (const auto& [key, value] : object.items()) keys.push_back(key);
            for (const std::string& key : keys) {
                const json before = object;
                object.erase(key);
                if (differs()) {
                    any = true;
                } else {
                    object = before;
                    any = drop_keys(object[key]) || any;
                }
            }
        }
        return any;
    }

    json plan_;
    std::vector<json> steps_;
};

/// Lives one life. Returns whether both agree; prints it if not.
bool agree(std::uint64_t seed, std::size_t length, std::size_t& performed) {
    lives::generator made{seed};
    std::vector<json> steps;
    std::optional<difference> found;
    try {
        pair_of_lives both{made.plan()};
        if (!both.valid()) {
            std::printf("seed %llu: a plan that is none\n", static_cast<unsigned long long>(seed));
            return false;
        }
        while (steps.size() < length && !found) {
            steps.push_back(made.next(json(both.seen()["lots"])));
            found = both.step(steps.size() - 1, steps.back());
            ++performed;
        }
        if (!found) found = both.verify(steps.size());
    } catch (const std::logic_error& e) {  // an invariant of the model itself
        std::printf("seed %llu: the model: %s\n", static_cast<unsigned long long>(seed), e.what());
        std::printf("%s\n", json{{"plan", made.plan()}, {"steps", steps}}.dump(1).c_str());
        return false;
    } catch (const model::bad_scenario& e) {
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), e.what());
        return false;
    }
    if (!found) return true;
    std::printf("seed %llu: steps[%zu] %s: expected %s, found %s\n",
                static_cast<unsigned long long>(seed), found->step, found->key.c_str(),
                found->expected.c_str(), found->found.c_str());
    shrinker smaller{made.plan(), steps};
    smaller.shrink();
    smaller.print();
    return false;
}

}  // namespace

int main(int count, char** arguments) {
    std::uint64_t seed = 1;
    std::size_t lives = 1'000;
    std::size_t steps = 50;
    std::size_t failures_shown = 1;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view word = arguments[i];
        const std::uint64_t value = std::strtoull(arguments[i + 1], nullptr, 10);
        if (word == "--seed") seed = value;
        if (word == "--lives") lives = value;
        if (word == "--steps") steps = value;
        if (word == "--failures") failures_shown = value;
    }
    std::size_t performed = 0;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < lives && failed < failures_shown; ++i) {
        if (!agree(seed + i, steps, performed)) ++failed;
    }
    std::printf("%zu operations, %zu lives differ\n", performed, failed);
    return failed == 0 ? 0 : 1;
}
