/// Overdraft that is invoiced: the rule, and what was billed of a charge.
#pragma once

#include "number.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace model {

struct bill_later_rule {
    std::optional<wide> limit;   // of what is owed at once; none: no bound
    std::optional<money> price;  // none: credits alone are billed
    wide per = 1'000'000;        // of so many credits
};

struct bill_line {
    wide amount = 0;
    std::optional<money> price;
    wide refunded = 0;
};

bill_later_rule parse_bill_later(nlohmann::json const& source);

}  // namespace model
