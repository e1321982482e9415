#include "support/catch.hpp"

#include <coffer/policy/cost/price.hpp>

#include <optional>
#include <string_view>

using namespace coffer::literals;
using coffer::usage;

namespace {

struct plain_policy {
    coffer::result<coffer::price> price(const usage&) const { return coffer::price{}; }
};
struct policy_of_actions : plain_policy {
    std::optional<coffer::price_range> range(std::string_view action) const {
        if (action != "message") return std::nullopt;
        return coffer::price_range{.least = 1_cr, .most = 2_cr};
    }
    std::string_view category(std::string_view action) const { return action.substr(0, 1); }
    coffer::token_kinds kinds(const usage& used) const {
        return used.action == "message" ? coffer::token_kinds{coffer::token_kind::output}
                                        : coffer::token_kinds{};
    }
};

}  // namespace

TEST_CASE("a policy without categories, ranges or kinds answers none, one with them is asked") {
    CHECK(coffer::token_kinds_of(plain_policy{}, {}).empty());
    CHECK(coffer::token_kinds_of(policy_of_actions{}, {.action = "message"}) ==
          coffer::token_kinds{coffer::token_kind::output});
    CHECK(coffer::category_of(plain_policy{}, "message").empty());
    CHECK_FALSE(coffer::range_of(plain_policy{}, "message"));
    CHECK(coffer::category_of(policy_of_actions{}, "message") == "m");
    CHECK(coffer::range_of(policy_of_actions{}, "message")->contains(1.5_cr));
    CHECK_FALSE(coffer::range_of(policy_of_actions{}, usage{.action = "other"}));
}
