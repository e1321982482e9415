/// What the model's own tests share: a life told in short.
#pragma once

#include "model/model.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace model_test {

using nlohmann::json;
using texts = std::map<std::string, std::string>;

/// A life told in short: the plan and each step's verb as JSON text.
struct tale {
    explicit tale(std::string const& plan) : wallet(json::parse(plan)) {}

    json at(std::string const& when, std::string const& verb) {
        json step = json::parse("{" + verb + "}");
        step["at"] = when;
        return wallet.step(step);
    }

    model::life wallet;
};

inline std::string const packs = R"({"buckets": [{"name": "pack"}]})";

inline texts lots(json const& seen) { return seen["lots"].get<texts>(); }
inline texts took(json const& seen) { return seen["took"].get<texts>(); }

inline std::string const day1 = "2026-01-01T00:00:00Z";
inline std::string const day2 = "2026-01-02T00:00:00Z";
inline std::string const day3 = "2026-01-03T00:00:00Z";
inline std::string const day4 = "2026-01-04T00:00:00Z";
inline std::string const day5 = "2026-01-05T00:00:00Z";
inline std::string const pack_of_100 =
    R"("grant": {"lot": "P", "bucket": "pack", "amount": "100", "paid": "10.00 USD"})";

}  // namespace model_test
