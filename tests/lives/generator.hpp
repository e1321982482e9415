/// Random scenarios: a plan and the steps of a life, as the JSON of a scenario file. Swarm style:
/// each life has only some of the features, so that rare ones meet each other often.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace lives {

using json = nlohmann::ordered_json;

/// The same numbers on every machine and with every compiler.
class dice {
public:
    explicit dice(std::uint64_t seed) : random_{seed} {}

    std::int64_t between(std::int64_t low, std::int64_t high) {
        auto width = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>(random_() % width);
    }
    bool one_in(std::int64_t n) { return between(1, n) == 1; }
    template <class T>
    const T& among(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(all.size()) - 1))];
    }
    std::string text_among(std::initializer_list<const char*> all) {
        return *(all.begin() + between(0, static_cast<std::int64_t>(all.size()) - 1));
    }

private:
    std::mt19937_64 random_;
};

class generator {
public:
    explicit generator(std::uint64_t seed);

    const json& plan() const { return plan_; }
    /// The next step, seeing which lots there are. Its instant never lies before the last one.
    json next(const json& lot_names);

private:
    struct known_spend {
        std::string id;
        std::string action;
    };

    void make_plan();
    json make_bucket(const std::string& name, bool refills);
    void make_costs();
    json make_tiers();

    void pass_time();
    json some_verb(const json& lot_names);
    json spend(bool hold);
    json settle();
    json refund();
    json grant();
    json purchase(const json& lot_names);
    json change_lot(const json& lot_names);

    std::string amount(std::int64_t most, bool with_zero = true);
    std::string some_lot(const json& lot_names);
    std::string fresh_id(const char* prefix);
    void maybe_id(json& content, const char* prefix);
    std::string instant(std::int64_t seconds) const;

    dice dice_;
    json plan_;
    std::vector<std::string> buckets_;
    std::vector<std::string> actions_;
    std::vector<std::string> holds_;
    std::vector<known_spend> spends_;
    std::vector<std::string> bought_;
    std::vector<json> past_;
    std::int64_t now_;
    std::int64_t late_ = 0;
    std::int64_t longest_ = 70 * 24 * 3'600;  ///< That passes at once: shorter, the more refills.
    std::uint32_t ids_ = 0;
    std::int64_t fine_ = 1;  ///< One in so many amounts has decimals.
};

}  // namespace lives
