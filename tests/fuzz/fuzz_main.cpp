// Random lives of wallets, told step by step to the model of the rules and to coffer: what is to be
// seen after each step has to be the same. So it has to be for a wallet that is swept at other
// instants, and for one whose store fails now and then; all three come to equal journals. After
// every step an auditor adds the journal up lot by lot and replays it. A life in which anything
// differs is made as short as possible and printed as a scenario file, with what the model expects.
//
// With `--store sqlite` each life is lived in memory and in an SQLite file, which is closed and
// opened again on the way, in place of under sweeps and faults.
//
// fuzz [--seed S] [--lives N] [--steps N] [--store memory|sqlite]
#include "fuzz/generator.hpp"
#include "model/model.hpp"
#include "support/auditor.hpp"
#include "support/faulty_store.hpp"
#if COFFER_TEST_HAS_SQLITE
#include "support/filed_store.hpp"
#endif

#include <coffer/io/scenario.hpp>
#include <coffer/testing/conformance_report.hpp>

#include <algorithm>
#include <cstdint>
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
                            "buckets", "lots", "period", "alerts", "intents", "actor", "reason"}) {
        const nlohmann::json expected = model.value(key, nlohmann::json{});
        const nlohmann::json found = seen.value(key, nlohmann::json{});
        if (expected != found) {
            return difference{step, key, text_of(expected), text_of(found), model};
        }
    }
    return difference{step, "keys", model.dump(), seen.dump(), model};
}

/// Which faults a step meets, made from its text: so they stay with it when others are left out.
class luck {
public:
    explicit luck(std::string_view text) {
        for (char letter : text)
            bits_ = (bits_ ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    }
    std::uint64_t below(std::uint64_t n) {
        bits_ ^= bits_ >> 29;
        bits_ *= 0x9e3779b97f4a7c15;
        return (bits_ >> 32) % n;
    }

private:
    std::uint64_t bits_ = 0xcbf29ce484222325;
};

#if COFFER_TEST_HAS_SQLITE
using coffer_test::filed_store;
#else
using filed_store = coffer::memory_store;  // is never asked for
#endif

/// Whether lives are lived in an SQLite file, too.
bool in_files = false;

/// A wallet of coffer in a store of its own.
template <class Store>
struct stored_life {
    explicit stored_life(const json& plan)
        : life{coffer::scenario_life_in<Store>::begin(plan, store)} {}

    coffer::account account() { return coffer::load(store, "scenario").or_throw(); }
    coffer_test::journal journal() { return coffer_test::read_journal(store, "scenario"); }

    Store store;
    coffer::result<coffer::scenario_life_in<Store>, coffer::scenario_error> life;
};

/// One life told to the model and to coffer: to a plain wallet; to one that is swept at other
/// instants; and to one whose store lets it down, where the step is told again until it is done.
class parallel_lives {
public:
    explicit parallel_lives(const json& plan)
        : model_{nlohmann::json(plan)}, plain_{plan}, swept_{plan}, faulty_{plan} {
        for (const json& bucket : plan.value("buckets", json::array())) {
            if (bucket.contains("only")) auditor_.debt_beside_credits = true;
        }
        if (in_files) filed_.emplace(plan);
    }

    bool valid() const { return static_cast<bool>(plain_.life); }
    const nlohmann::json& seen() const { return seen_; }
    std::size_t faults() const {
        return faulty_.store.commits_asked - faulty_.store.commits_written;
    }

    /// Performs the step in all. Throws `model::bad_scenario` for what is no step.
    std::optional<difference> step(std::size_t number, const json& told) {
        const nlohmann::json plain(told);
        luck chance{plain.dump()};
        const nlohmann::json expected = model_.step(plain);
        auto found = plain_.life->step(plain);
        if (!found) return difference{number, "valid", "a step", found.error().text(), expected};
        seen_ = *found;
        if (auto differs = compare(number, expected, seen_)) return differs;
        if (auto wrong = auditor_.audit(plain_.store, "scenario"); !wrong.empty()) {
            return difference{number, "audit", "a journal that adds up", wrong, expected};
        }
        if (filed_) {
            if (auto differs = step_in_file(number, plain, expected)) return differs;
            return past(number, told["at"]);
        }
        sweep_on_the_way(told, chance);
        auto swept = swept_.life->step(plain);
        if (auto differs = compare_other(number, "swept", swept, swept_)) return differs;
        auto stubborn = step_until_done(plain, chance);
        if (auto differs = compare_other(number, "after faults", stubborn, faulty_)) return differs;
        return past(number, told["at"]);
    }

    /// The journals of all, and the plain one replayed.
    std::optional<difference> finish(std::size_t number) {
        if (!instants_.empty()) {
            const nlohmann::json end{{"at", coffer::iso8601(latest_)},
                                     {"pass", nlohmann::json::object()}};
            (void)plain_.life->step(end);
            (void)swept_.life->step(end);
            (void)faulty_.life->step(end);
            if (filed_) (void)filed_->life->step(end);
        }
        const coffer_test::journal plain = plain_.journal();
        auto differs = [&](const char* key, const char* found) {
            return difference{number, key, "the same journal", found, {}};
        };
        auto verified = (filed_ ? filed_->life->verify() : plain_.life->verify());
        if (!verified || !verified->sound) return differs("verify", "one that does not agree");
        if (filed_ && !(filed_->journal() == plain)) return differs("in a file", "another one");
        if (filed_) return std::nullopt;
        if (!(swept_.journal() == plain)) return differs("swept", "another one");
        if (!(faulty_.journal() == plain)) return differs("after faults", "another one");
        return std::nullopt;
    }

private:
    /// What is in a file shows what the model shows, alerts and orders included, and is the same
    /// account.
    std::optional<difference> step_in_file(std::size_t number, const nlohmann::json& told,
                                           const nlohmann::json& expected) {
        auto found = filed_->life->step(told);
        if (!found) return difference{number, "in a file", "a step", found.error().text(), {}};
        if (auto differs = compare(number, expected, *found)) {
            differs->key = "in a file: " + differs->key;
            return differs;
        }
        return compare_accounts(number, "in a file", filed_->account(), plain_.account());
    }

    /// Sweeps somewhere between the last step and this one.
    void sweep_on_the_way(const json& told, luck& chance) {
        const coffer::instant at = *coffer::parse_instant(told["at"].get<std::string>());
        if (at <= last_ || told.value("late", false)) return;
        if (last_ != coffer::instant::min() && chance.below(3) != 0) {
            const auto part =
                static_cast<std::int64_t>(chance.below(5));  // the end too, now and then
            const coffer::instant on_the_way = last_ + (at - last_) * part / 4;
            (void)swept_.life->step(
                {{"at", coffer::iso8601(on_the_way)}, {"pass", nlohmann::json::object()}});
        }
        last_ = at;
    }

    /// Tells the step to the faulty store until it answers for good.
    coffer::result<nlohmann::json, coffer::scenario_error> step_until_done(
        const nlohmann::json& told, luck& chance) {
        using coffer_test::fault;
        // What has no id cannot be told again once it may have been written; nor can a change that
        // comes to two requests, once the first was.
        const bool repeatable = is_repeatable(told);
        if (!repeatable && told.contains("change_plan")) return faulty_.life->step(told);
        if (told.contains("reprice")) return faulty_.life->step(told);  // once: lists are counted
        const bool about_order =
            told.contains("confirm_recharge") || told.contains("fail_recharge");
        if (about_order && !seen_["error"].is_null()) return faulty_.life->step(told);
        for (int tries = 0; tries < 3; ++tries) {
            if (chance.below(3) == 0) {
                const fault harmless[] = {fault::conflict, fault::unavailable, fault::full,
                                          fault::duplicate};
                const fault unknown[] = {fault::written_but_unknown, fault::lost_and_unknown};
                const fault one = repeatable && chance.below(2) == 0 ? unknown[chance.below(2)]
                                                                     : harmless[chance.below(4)];
                if (chance.below(3) == 0) {
                    faulty_.store.fail_commits({fault::none, one});
                } else {
                    faulty_.store.fail_commits({one});
                }
            }
            auto seen = faulty_.life->step(told);
            faulty_.store.heal();
            if (!seen || !is_of_the_store((*seen)["error"])) return with_order(told, seen);
        }
        return with_order(told, faulty_.life->step(told));
    }

    /// A refusal is the answer even if the order of the plan that follows it could not be written:
    /// told again, it is. What was refused about an order would then mean another one.
    coffer::result<nlohmann::json, coffer::scenario_error> with_order(
        const nlohmann::json& told,
        const coffer::result<nlohmann::json, coffer::scenario_error>& seen) {
        const bool refused = seen && !(*seen)["error"].is_null();
        const bool about_order =
            told.contains("confirm_recharge") || told.contains("fail_recharge");
        const bool again = refused && seen->contains("intents") && !about_order;
        return again ? faulty_.life->step(told) : seen;
    }

    static bool is_repeatable(const nlohmann::json& told) {
        for (const auto& [verb, content] : told.items()) {
            if (verb == "pass" || verb == "settle" || verb == "release") return true;
            if (content.is_object() && content.contains("id")) return true;
        }
        return false;
    }
    static bool is_of_the_store(const nlohmann::json& error) {
        return error == "unavailable" || error == "storage_full" || error == "outcome_unknown";
    }

    /// Alerts and intents belong to the step that found them: a sweep before, or one that failed.
    /// That they are the same is seen in the journals.
    static nlohmann::json without_news(nlohmann::json seen) {
        seen.erase("alerts");
        seen.erase("intents");
        return seen;
    }

    template <class Life>
    std::optional<difference> compare_other(
        std::size_t number, const char* key,
        const coffer::result<nlohmann::json, coffer::scenario_error>& found, Life& life) {
        if (!found || without_news(*found) != without_news(seen_)) {
            return difference{number, key, seen_.dump(), found ? found->dump() : "an error", {}};
        }
        const coffer::account here = life.account();
        const coffer::account there = plain_.account();
        // What is due is written by whoever does something first; a repeat does nothing.
        if (here.last != there.last) return std::nullopt;
        return compare_accounts(number, key, here, there);
    }

    static std::optional<difference> compare_accounts(std::size_t number, const char* key,
                                                      const coffer::account& here,
                                                      const coffer::account& there) {
        if (here == there) return std::nullopt;
        const std::string_view field = coffer::testing::detail::difference(here, there);
        return difference{number,
                          std::string{key} + ": account",
                          "the same",
                          std::string{field} + " differs",
                          {}};
    }

    /// The balance of some instant seen before.
    std::optional<difference> past(std::size_t number, const std::string& at) {
        instants_.push_back(at);
        latest_ = std::max(latest_, *coffer::parse_instant(at));
        const std::string& when = instants_[number * 7 % instants_.size()];
        const nlohmann::json expected = model_.as_of(when);
        const coffer::instant at_that = *coffer::parse_instant(when);
        auto found = filed_ ? filed_->life->as_of(at_that) : plain_.life->as_of(at_that);
        const std::string text =
            found ? std::string{to_string(*found).view()} : std::string{"an error"};
        if (expected == text) return std::nullopt;
        return difference{number, "as_of " + when, text_of(expected), text, {}};
    }

    model::life model_;
    stored_life<coffer::memory_store> plain_;
    stored_life<coffer::memory_store> swept_;
    stored_life<coffer_test::faulty_store> faulty_;
    std::optional<stored_life<filed_store>> filed_;
    coffer_test::auditor auditor_;
    coffer::instant last_ = coffer::instant::min();  // of a step that was not late
    coffer::instant latest_ = coffer::instant::min();
    nlohmann::json seen_ = nlohmann::json{{"lots", nlohmann::json::object()}};
    std::vector<std::string> instants_;
};

/// The first difference in a life that is known; nothing if there is none, or it is no life.
std::optional<difference> run(const json& plan, const std::vector<json>& steps) {
    try {
        parallel_lives all{plan};
        if (!all.valid()) return std::nullopt;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            auto differs = all.step(i, steps[i]);
            if (differs && differs->key == "valid") return std::nullopt;
            if (differs) return differs;
        }
        return all.finish(steps.size());
    } catch (const model::bad_scenario&) {}
    return std::nullopt;
}

/// Leaves out steps and parts of the plan as long as a difference of that kind stays.
class shrinker {
public:
    shrinker(json plan, std::vector<json> steps, std::string kind)
        : plan_(std::move(plan)), steps_(std::move(steps)), kind_(std::move(kind)) {}

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
    bool differs() const {
        const std::optional<difference> found = run(plan_, steps_);
        return found && found->key == kind_;
    }

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
    std::string kind_;
};

struct totals {
    std::size_t operations = 0;
    std::size_t faults = 0;  ///< Commits that were asked for and not answered as done.
};

/// Lives one life. Returns whether both agree; prints it if not.
bool agree(std::uint64_t seed, std::size_t length, totals& all_lives) {
    lives::generator made{seed, lives::everything};
    std::vector<json> steps;
    std::optional<difference> found;
    try {
        parallel_lives all{made.plan()};
        if (!all.valid()) {
            std::printf("seed %llu: a plan that is none\n", static_cast<unsigned long long>(seed));
            return false;
        }
        while (steps.size() < length && !found) {
            steps.push_back(made.next(all.seen()));
            found = all.step(steps.size() - 1, steps.back());
            ++all_lives.operations;
        }
        if (!found) found = all.finish(steps.size());
        all_lives.faults += all.faults();
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
    shrinker smaller{made.plan(), steps, found->key};
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
        if (word == "--store") in_files = std::string_view{arguments[i + 1]} == "sqlite";
    }
    if (in_files && COFFER_TEST_HAS_SQLITE == 0) {
        std::printf("fuzz was built without SQLite\n");
        return 4;
    }
    totals all;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < lives && failed < failures_shown; ++i) {
        if (!agree(seed + i, steps, all)) ++failed;
    }
    std::printf("%zu operations, %zu faults of the store, %zu lives differ\n", all.operations,
                all.faults, failed);
    return failed == 0 ? 0 : 1;
}
