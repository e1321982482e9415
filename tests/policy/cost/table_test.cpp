#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/detail/held_price.hpp>
#include <coffer/policy/cost/table.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::cost_table;
using coffer::credits;
using coffer::errc;
using coffer::price;
using coffer::quantity;
using coffer::rate;
using coffer::usage;

namespace {

usage units(quantity n) {
    usage used;
    used.action = "post";
    used.quantity = n;
    return used;
}

usage tagged(std::string_view action, std::string_view tags) {
    usage used;
    used.action = action;
    used.tags = tags;
    return used;
}

}  // namespace

static_assert(coffer::cost_policy<cost_table>);
static_assert(std::is_nothrow_move_constructible_v<coffer::action_price>, "never without a model");

TEST_CASE("a table prices each action by its own model and knows no others") {
    coffer::cost_table table{{"post", cost::flat{1_cr}},
                             {"voice", cost::per_unit{.each = 3_cr_each}},
                             {"look", cost::free{}}};
    auto of = [&](std::string_view action) {
        usage u = units(2_units);
        u.action = action;
        return table.price(u);
    };
    CHECK(of("post")->total == 2_cr);
    CHECK(of("voice")->total == 6_cr);
    CHECK(of("look")->total == 0_cr);
    const auto refused = of("Post");
    REQUIRE(refused == errc::unknown_action);
    CHECK(refused.error().subject() == "Post");
    CHECK(of("") == errc::unknown_action);
    CHECK(of("pos") == errc::unknown_action);
    CHECK(of("postt") == errc::unknown_action);
    CHECK(coffer::cost_table{}.price({}) == errc::unknown_action);
    CHECK(table.size() == 3);
    CHECK_FALSE(table.contains("pos"));
}

TEST_CASE("setting an action again replaces its price alone") {
    coffer::cost_table table;
    table.set("a", cost::flat{1_cr}).set("b", cost::flat{2_cr}).set("a", cost::flat{3_cr});
    CHECK(table.size() == 2);
    CHECK(table.price({.action = "a"})->total == 3_cr);
    CHECK(table.price({.action = "b"})->total == 2_cr);
    const coffer::cost_table copy = table;
    table.set("a", cost::free{});
    CHECK(copy.price({.action = "a"})->total == 3_cr);
}

TEST_CASE("a table of many thousand actions finds each of them") {
    coffer::cost_table table;
    constexpr int count = 20'000;
    for (int i = 0; i < count; ++i) {
        table.set("action-" + std::to_string(i), cost::flat{credits::from_micros(i)});
    }
    for (int i = 0; i < count; i += 2) {
        table.set("action-" + std::to_string(i), cost::flat{credits::from_micros(i + 1)});
    }
    CHECK(table.size() == count);
    for (int i = 0; i < count; ++i) {
        const std::string action = "action-" + std::to_string(i);
        const auto priced = table.price({.action = action});
        REQUIRE(priced);
        REQUIRE(priced->total.micros() == (i % 2 == 0 ? i + 1 : i));
    }
    for (int i = count; i < 2 * count; ++i) {
        REQUIRE_FALSE(table.contains("action-" + std::to_string(i)));
    }
}

TEST_CASE("an action may have any bytes for a name") {
    using namespace std::string_view_literals;
    coffer::cost_table table;
    const std::vector<std::string> names{std::string{"\0"sv},
                                         std::string{"a\0b"sv},
                                         "a",
                                         "",
                                         std::string(300, 'x'),
                                         "\xff\xfe",
                                         "ä/ö"};
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        table.set(names[i], cost::flat{credits::from_micros(i)});
    }
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        CHECK(table.price({.action = names[i]})->total.micros() == i);
    }
}

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

TEST_CASE("a price of an action is free by default, and keeps its model when it is moved") {
    coffer::action_price none;
    CHECK(none.price(units(2_units))->total == 0_cr);
    coffer::action_price one = cost::flat{1_cr};
    const coffer::action_price other = std::move(one);
    CHECK(one.price(units(2_units))->total == 2_cr);
    CHECK(other.price(units(2_units))->total == 2_cr);
    CHECK_FALSE(std::is_constructible_v<coffer::action_price, int>);
    CHECK_FALSE(std::is_constructible_v<cost::simple_price, cost::by_tag>);
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
