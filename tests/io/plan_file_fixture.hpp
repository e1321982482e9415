/// What tests of plan files share: plans, buckets and prices read from JSON, and what is wrong in
/// them.
#pragma once

#include "support/wallet_fixture.hpp"

#include <coffer/io/plan_file.hpp>

#include <string>
#include <string_view>

namespace coffer_test {

inline coffer::any_plan plan_of(std::string_view json) {
    return coffer::read_plan(json).or_throw();
}
/// The plan with one bucket that has this besides its name.
inline coffer::any_bucket bucket_of(std::string_view members) {
    return plan_of("{\"buckets\": [{\"name\": \"b\", " + std::string{members} + "}]}").buckets[0];
}
/// The price of a usage of "a", where its cost is written so.
inline coffer::result<coffer::price> price_of(std::string_view cost,
                                              const coffer::usage& used = {}) {
    coffer::usage asked = used;
    asked.action = "a";
    return plan_of("{\"costs\": {\"a\": " + std::string{cost} + "}}").cost.price(asked);
}
inline coffer::credits cost_of(std::string_view cost, const coffer::usage& used = {}) {
    return price_of(cost, used).or_throw().total;
}
inline coffer::credits cost_of(std::string_view cost, coffer::quantity units) {
    return cost_of(cost, {.quantity = units});
}

/// "code path" of what is wrong; empty if nothing is.
inline std::string wrong(std::string_view json) {
    const auto plan = coffer::read_plan(json);
    if (plan) return {};
    CHECK_FALSE(plan.error().message.empty());
    return std::string{to_string(plan.error().code)} + " " + plan.error().path;
}
inline std::string wrong_bucket(std::string_view members) {
    return wrong("{\"buckets\": [{\"name\": \"b\", " + std::string{members} + "}]}");
}
inline std::string wrong_cost(std::string_view cost) {
    return wrong("{\"costs\": {\"a\": " + std::string{cost} + "}}");
}

}  // namespace coffer_test
