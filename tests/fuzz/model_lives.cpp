// Random lives with all that the model knows, lived by the model alone. Each step has to leave its
// books in balance, and a wallet that is swept at other instants has to see the same (rule 7).
//
// model_lives [--seed S] [--lives N] [--steps N]
#include "fuzz/generator.hpp"
#include "model/model.hpp"
#include "model/time.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using lives::json;

/// What happened in all lives, by name.
using tally = std::map<std::string, std::size_t>;

/// A life that is swept between its steps.
class swept_life {
public:
    explicit swept_life(const nlohmann::json& plan) : life_{plan} {}

    nlohmann::json step(const nlohmann::json& told, std::uint64_t chance) {
        const model::instant at = *model::parse_instant(told["at"].get<std::string>());
        nlohmann::json before = nlohmann::json::object();
        if (has_begun_ && at > last_ && !told.value("late", false)) {
            const auto part = static_cast<std::int64_t>(chance % 5);  // its end too, now and then
            const model::instant on_the_way = last_ + (at - last_) / 4 * part;
            before = life_.step(
                {{"at", model::instant_text(on_the_way)}, {"pass", nlohmann::json::object()}});
        }
        has_begun_ = true;
        last_ = std::max(last_, at);
        nlohmann::json seen = life_.step(told);
        for (const char* key : {"alerts", "intents"}) {
            if (!before.contains(key)) continue;
            nlohmann::json all = before[key];
            all.insert(all.end(), seen[key].begin(), seen[key].end());
            seen[key] = all;
        }
        return seen;
    }

private:
    model::life life_;
    bool has_begun_ = false;
    model::instant last_ = INT64_MIN;
};

void count(tally& all, const json& told, const nlohmann::json& seen) {
    for (const auto& [verb, content] : told.items()) {
        if (!content.is_object()) continue;
        ++all[verb + (seen["error"].is_null() ? "" : ": " + seen["error"].get<std::string>())];
    }
    for (const auto& alert : seen.value("alerts", nlohmann::json::array())) {
        const bool of_limit = alert.get<std::string>().rfind("limit:", 0) == 0;
        ++all[of_limit ? "= warnings of limits" : "= alerts"];
    }
    if (told.contains("refund") && !seen["money"].is_null()) ++all["= refunds of what was billed"];
    all["= intents"] += seen.value("intents", nlohmann::json::array()).size();
    for (const auto& [name, amount] : seen["took"].items()) {
        if (name.find('+') != std::string::npos) ++all["= paid by an upgrade"];
        if (name.rfind("recharge#", 0) == 0) ++all["= paid by a recharge"];
    }
}

/// Lives one life; prints it if anything is wrong with it.
bool is_sound(std::uint64_t seed, std::size_t length, tally& all) {
    lives::generator made{seed, lives::everything};
    std::vector<json> steps;
    std::string wrong;
    try {
        model::life plain{nlohmann::json(made.plan())};
        swept_life swept{nlohmann::json(made.plan())};
        nlohmann::json seen{{"lots", nlohmann::json::object()}};
        while (steps.size() < length && wrong.empty()) {
            steps.push_back(made.next(seen));
            seen = plain.step(nlohmann::json(steps.back()));
            count(all, steps.back(), seen);
            const nlohmann::json other =
                swept.step(nlohmann::json(steps.back()), seed + steps.size());
            if (seen != other) wrong = "swept, it is another: " + other.dump() + seen.dump();
        }
    } catch (const std::exception& e) {
        wrong = e.what();
    }
    if (wrong.empty()) return true;
    std::printf("seed %llu, steps[%zu]: %s\n%s\n", static_cast<unsigned long long>(seed),
                steps.size() - 1, wrong.c_str(),
                json{{"plan", made.plan()}, {"steps", steps}}.dump(1).c_str());
    return false;
}

}  // namespace

int main(int arguments_given, char** arguments) {
    std::uint64_t seed = 1;
    std::size_t lives = 1'000;
    std::size_t steps = 50;
    for (int i = 1; i + 1 < arguments_given; i += 2) {
        const std::string_view word = arguments[i];
        const std::uint64_t value = std::strtoull(arguments[i + 1], nullptr, 10);
        if (word == "--seed") seed = value;
        if (word == "--lives") lives = value;
        if (word == "--steps") steps = value;
    }
    tally all;
    for (std::size_t i = 0; i < lives; ++i) {
        if (!is_sound(seed + i, steps, all)) return 1;
    }
    for (const auto& [what, times] : all) std::printf("%8zu %s\n", times, what.c_str());
    return 0;
}
