#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/by_tag.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::cost_table;
using coffer::price;
using coffer::usage;

namespace {

usage tagged(std::string_view action, std::string_view tags) {
    usage used;
    used.action = action;
    used.tags = tags;
    return used;
}

}  // namespace

static_assert(coffer::cost_policy<cost::by_tag> && coffer::cost_policy<cost::simple_price>);
static_assert(!std::is_default_constructible_v<cost::simple_price>, "what is free says so");

TEST_CASE("a tag chooses the price, the first case before the others, else the base") {
    const cost::by_tag post{.cases = {{"automation", cost::free{}}, {"api", cost::flat{2_cr}}},
                            .otherwise = cost::flat{1_cr}};
    CHECK(total(post, tagged("post", "")) == 1_cr);
    CHECK(total(post, tagged("post", "api")) == 2_cr);
    CHECK(total(post, tagged("post", "automation")) == 0_cr);
    CHECK(total(post, tagged("post", "api,automation")) == 0_cr);
    CHECK(total(post, tagged("post", "night,api")) == 2_cr);
    for (const char* other : {"ap", "apis", "API", "api2,capi", ","}) {
        CHECK(total(post, tagged("post", other)) == 1_cr);
    }
}

TEST_CASE("a batch at half the price is a case with half the rates") {
    const cost::by_tag chat{
        .cases = {{"batch", cost::tokens{.rates = {.input = 0.5_cr_each, .output = 2_cr_each}}}},
        .otherwise = cost::tokens{.rates = {.input = 1_cr_each, .output = 4_cr_each}}};
    usage used = tagged("chat", "");
    used.input_tokens = 100;
    used.output_tokens = 10;
    CHECK(total(chat, used) == 140_cr);
    used.tags = "batch";
    CHECK(total(chat, used) == 70_cr);
}

TEST_CASE("the range of a price by tag is that of the case which applies") {
    const cost_table prices{
        {"message", cost::by_tag{.cases = {{"api", cost::flat{2_cr}},
                                           {"long", cost::between{.least = 1_cr, .most = 5_cr}}},
                                 .otherwise = cost::between{.least = 0.1_cr, .most = 1_cr}}}};
    CHECK(coffer::range_of(prices, tagged("message", ""))->most == 1_cr);
    CHECK(coffer::range_of(prices, tagged("message", "long"))->most == 5_cr);
    // The caller cannot state an amount to get around a computed price.
    CHECK_FALSE(coffer::range_of(prices, tagged("message", "api")));
}

TEST_CASE("copies of a table with prices by tag are independent") {
    cost_table prices{{"post", cost::by_tag{.cases = {{"api", cost::flat{2_cr}}},
                                            .otherwise = cost::flat{1_cr}}}};
    const cost_table copy = prices;
    cost_table moved = std::move(prices);
    moved.set("post", cost::free{});
    CHECK(total(copy, tagged("post", "api")) == 2_cr);
    CHECK(total(moved, tagged("post", "api")) == 0_cr);
    cost::simple_price one{cost::flat{1_cr}};
    const cost::simple_price other = std::move(one);
    CHECK(total(one, tagged("post", "")) == 1_cr);  // also the one that was moved from
    CHECK(total(other, tagged("post", "")) == 1_cr);
}
