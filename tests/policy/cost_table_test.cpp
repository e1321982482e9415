#include "policy/cost_oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost.hpp>

#include <string>
#include <type_traits>
#include <utility>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::cost_table;
using coffer::credits;
using coffer::errc;
using coffer::rate;
using coffer::usage;

namespace {

usage tagged(std::string_view action, std::string_view tags) {
    usage used;
    used.action = action;
    used.tags = tags;
    return used;
}

}  // namespace

static_assert(coffer::cost_policy<cost_table> && coffer::cost_policy<cost::by_tag> &&
              coffer::cost_policy<cost::simple_price>);
static_assert(std::is_nothrow_move_constructible_v<coffer::action_price>, "never without a model");
static_assert(!std::is_default_constructible_v<cost::simple_price>, "what is free says so");

TEST_CASE("a table has every model, and each keeps its own rule") {
    const cost_table prices{
        {"look", cost::free{}},
        {"post", cost::flat{1_cr}},
        {"voice", cost::per_unit{.each = 3_cr_each}},
        {"chat", cost::tokens{.rates = {.input = 1_cr_each}}},
        {"message", cost::between{.least = 0.1_cr, .most = 1_cr}},
        {"crawl",
         cost::graduated{.tiers = {{.up_to = 1_units, .each = 2_cr_each}, {.each = 1_cr_each}}}},
        {"render",
         cost::volume{.tiers = {{.up_to = 1_units, .each = 2_cr_each}, {.each = 1_cr_each}}}},
        {"seat", cost::package{.size = 5_units, .each = 10_cr}},
        {"publish", cost::by_tag{.cases = {{"api", cost::flat{2_cr}}}, .otherwise = cost::free{}}},
    };
    auto of_two = [&](std::string_view action) {
        usage used = of_units(2_units);
        used.action = action;
        return prices.price(used);
    };
    CHECK(of_two("look")->total == 0_cr);
    CHECK(of_two("post")->total == 2_cr);
    CHECK(of_two("voice")->total == 6_cr);
    CHECK(of_two("chat") == errc::invalid_argument);
    CHECK(of_two("message") == errc::invalid_argument);
    CHECK(of_two("crawl")->total == 3_cr);
    CHECK(of_two("render")->total == 2_cr);
    CHECK(of_two("seat")->total == 10_cr);
    CHECK(of_two("publish")->total == 0_cr);
    CHECK(prices.size() == 9);
    CHECK_FALSE(prices.first_malformed());
}

TEST_CASE("an action may have a category path, and lists only prices without one") {
    cost_table prices{{"swift-2", cost::flat{1_cr}, "ai/fast/swift-2"}, {"post", cost::free{}}};
    CHECK(coffer::category_of(prices, "swift-2") == "ai/fast/swift-2");
    CHECK(coffer::category_of(prices, "post").empty());
    CHECK(coffer::category_of(prices, "unknown").empty());
    prices.set("heron", cost::flat{5_cr}, "ai/advanced/heron");
    CHECK(prices.category("heron") == "ai/advanced/heron");
}

TEST_CASE("a price that is set again keeps its category, unless it gets another") {
    cost_table prices{{"chat", cost::flat{1_cr}, "ai/fast"}};
    prices.set("chat", cost::flat{2_cr});
    CHECK(prices.category("chat") == "ai/fast");
    prices.set("chat", cost::flat{2_cr}, "ai/slow");
    CHECK(prices.category("chat") == "ai/slow");
    CHECK(prices.size() == 1);
}

TEST_CASE("only what the caller states has a range") {
    const cost_table prices{{"message", cost::between{.least = 0.1_cr, .most = 1_cr}},
                            {"post", cost::flat{1_cr}},
                            {"voice", cost::per_unit{.each = 1_cr_each}}};
    const auto range = coffer::range_of(prices, "message");
    REQUIRE(range);
    CHECK(*range == coffer::price_range{.least = 0.1_cr, .most = 1_cr});
    CHECK_FALSE(coffer::range_of(prices, "post"));
    CHECK_FALSE(coffer::range_of(prices, "voice"));
    CHECK_FALSE(coffer::range_of(prices, "unknown"));
}

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

TEST_CASE("the first price of a table that makes no sense is found when it is loaded") {
    const coffer::action_price wrong[] = {
        cost::flat{credits::from_micros(-1)},
        cost::per_unit{.each = rate::from_picos(-1)},
        cost::tokens{.rates = {.cached = rate::from_picos(-1)}},
        cost::between{.least = 2_cr, .most = 1_cr},
        cost::graduated{},
        cost::volume{.tiers = {{.up_to = 1_units}}},
        cost::package{.each = 1_cr},
        cost::by_tag{.otherwise = cost::flat{credits::from_micros(-1)}},
        cost::by_tag{.cases = {{"", cost::free{}}}, .otherwise = cost::free{}},
        cost::by_tag{.cases = {{"a,b", cost::free{}}}, .otherwise = cost::free{}},
        cost::by_tag{.cases = {{"a", cost::volume{}}}, .otherwise = cost::free{}},
    };
    for (const coffer::action_price& model : wrong) {
        CAPTURE(&model - wrong);
        cost_table prices{{"post", cost::flat{1_cr}}};
        CHECK_FALSE(prices.first_malformed());
        prices.set("wrong", model).set("last", model);
        CHECK(prices.first_malformed() == "wrong");
        CHECK(total(prices, tagged("post", "")) == 1_cr);
    }
}
