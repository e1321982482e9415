/// What an action costs.
#pragma once

#include "errors.hpp"
#include "number.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace model {

/// How kinds of tokens are called.
inline constexpr char const* token_kinds[] = {
    "input",       "output",       "reasoning",   "cached",       "cache_write", "cache_write_1h",
    "audio_input", "audio_output", "image_input", "image_output", "citation",
};
bool is_token_kind(std::string const& name);

enum class rounding { up, down, half_up, half_even };

struct tier {
    std::optional<wide> up_to;  // millionths of the unit, inclusive
    wide rate = 0;              // 10^-12 credits per unit
    wide flat = 0;              // millionths of a credit
};

struct price {
    enum class form { flat, rate, range, rates, graduated, volume, package };

    form kind = form::flat;
    std::string category;

    wide flat = 0;

    wide rate = 0;
    wide per = 1'000'000;
    std::optional<wide> minimum;
    std::optional<wide> minimum_if_used;
    std::optional<wide> increment;
    rounding mode = rounding::up;
    int places = amount_places;

    wide low = 0;
    wide high = 0;

    std::map<std::string, wide> rates;

    std::vector<tier> tiers;

    wide size = 0;
    wide free = 0;
};

/// What a step says about the usage.
struct measure {
    std::optional<wide> amount;
    std::optional<wide> quantity;
    std::optional<std::map<std::string, wide>> usage;
    bool sound = true;  // every number in it could be read

    int stated() const { return int{!!amount} + int{!!quantity} + int{!!usage}; }
};

/// The cost in millionths, or a fault: invalid_argument or amount_overflow.
wide cost_of(price const& rule, measure const& used, faults& wrong);

}  // namespace model
