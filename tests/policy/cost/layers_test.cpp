#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/layers.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::category_of;
using coffer::cost_table;
using coffer::errc;
using coffer::range_of;
using coffer::usage;

namespace {

usage of_action(std::string_view action, coffer::instant at = {}) {
    usage used;
    used.action = action;
    used.at = at;
    return used;
}

const coffer::instant january = coffer::parse_instant("2026-01-01T00:00:00Z").or_throw();
const coffer::instant july = coffer::parse_instant("2026-07-01T00:00:00Z").or_throw();
constexpr std::chrono::microseconds least_time{1};

using list = std::shared_ptr<const cost_table>;
using own_then_base = cost::layered<cost_table, cost::shared<>>;

}  // namespace

static_assert(coffer::cost_policy<cost::shared<>> && coffer::cost_policy<own_then_base> &&
              coffer::cost_policy<cost::versions<>> &&
              coffer::cost_policy<cost::layered<cost::shared<>, cost::versions<own_then_base>>>);
static_assert(std::is_aggregate_v<own_then_base> && std::is_aggregate_v<cost::versions<>>);

TEST_CASE("a shared price list is used by several plans without a copy and freed by the last") {
    list base = std::make_shared<const cost_table>(
        cost_table{{"chat", cost::between{.least = 1_cr, .most = 2_cr}, "ai/fast"},
                   {"post", cost::flat{1_cr}}});
    const std::weak_ptr<const cost_table> alive = base;
    {
        const cost::shared<> pro{base};
        const cost::shared<> team = pro;
        base.reset();
        CHECK(team.list.get() == pro.list.get());
        CHECK(total(team, of_action("post")) == 1_cr);
        CHECK(category_of(pro, "chat") == "ai/fast");
        CHECK(range_of(pro, "chat")->most == 2_cr);
        CHECK_FALSE(range_of(pro, "post"));
        CHECK(alive.use_count() == 2);
    }
    CHECK(alive.expired());
}

TEST_CASE("without a list, a shared price list knows no action") {
    const cost::shared<> none{};
    const auto refused = none.price(of_action("post"));
    REQUIRE(refused == errc::unknown_action);
    CHECK(refused.error().subject() == "post");
    CHECK(category_of(none, "post").empty());
    CHECK_FALSE(range_of(none, "post"));
}

TEST_CASE("the first layer that knows an action prices it: customer, then plan, then base") {
    const list base = std::make_shared<const cost_table>(cost_table{
        {"chat", cost::flat{3_cr}}, {"image", cost::flat{8_cr}}, {"look", cost::free{}}});
    const cost::layered<cost_table, own_then_base> prices{
        .first = {{"chat", cost::flat{1_cr}}},
        .then = {.first = {{"chat", cost::flat{2_cr}}, {"image", cost::flat{6_cr}}},
                 .then = {base}}};
    CHECK(total(prices, of_action("chat")) == 1_cr);
    CHECK(total(prices, of_action("image")) == 6_cr);
    CHECK(total(prices, of_action("look")) == 0_cr);
    const auto refused = prices.price(of_action("voice"));
    REQUIRE(refused == errc::unknown_action);
    CHECK(refused.error().subject() == "voice");
}

TEST_CASE("a layer that refuses an action it knows is not passed over") {
    const own_then_base prices{
        .first = {{"chat", cost::flat{coffer::credits::from_micros(-1)}}},
        .then = {std::make_shared<const cost_table>(cost_table{{"chat", cost::free{}}})}};
    CHECK(prices.price(of_action("chat")) == errc::policy_contract);
}

TEST_CASE("an override of the price alone keeps the category of the layer below") {
    const own_then_base prices{
        .first = {{"chat", cost::flat{1_cr}}, {"image", cost::flat{2_cr}, "art"}},
        .then = {std::make_shared<const cost_table>(
            cost_table{{"chat", cost::flat{3_cr}, "ai/fast"}, {"image", cost::free{}, "other"}})}};
    CHECK(category_of(prices, "chat") == "ai/fast");
    CHECK(category_of(prices, "image") == "art");
    CHECK(category_of(prices, "voice").empty());
}

TEST_CASE("a computed price hides the range of the layers below, and a range their price") {
    const cost::between wide{.least = 0.1_cr, .most = 9_cr};
    const own_then_base prices{.first = {{"chat", cost::flat{1_cr}}, {"image", wide}},
                               .then = {std::make_shared<const cost_table>(cost_table{
                                   {"chat", wide}, {"image", cost::flat{1_cr}}, {"voice", wide}})}};
    CHECK_FALSE(range_of(prices, "chat"));
    CHECK(range_of(prices, "image")->most == 9_cr);
    CHECK(prices.price(of_action("image")) == errc::invalid_argument);
    CHECK(range_of(prices, "voice")->most == 9_cr);
    CHECK_FALSE(range_of(prices, "unknown"));
}

TEST_CASE("a usage costs what its own time says: from its first instant, not at the next one's") {
    const cost::versions<> prices{
        .list = {{.from = january, .prices = {{"post", cost::flat{1_cr}}}},
                 {.from = july, .prices = {{"post", cost::flat{2_cr}}}}}};
    CHECK(prices.price(of_action("post", january - least_time)) == errc::unknown_action);
    CHECK(prices.price(of_action("post")) == errc::unknown_action);
    CHECK(total(prices, of_action("post", january)) == 1_cr);
    CHECK(total(prices, of_action("post", july - least_time)) == 1_cr);
    CHECK(total(prices, of_action("post", july)) == 2_cr);
    CHECK(total(prices, of_action("post", coffer::never)) == 2_cr);
    CHECK(cost::versions<>{}.price(of_action("post", july)) == errc::unknown_action);
}

TEST_CASE("versions stand in any order, and of two from one instant the later holds") {
    const cost::versions<> prices{
        .list = {{.from = july, .prices = {{"post", cost::flat{2_cr}}}},
                 {.from = january, .prices = {{"post", cost::flat{1_cr}}}},
                 {.from = july, .prices = {{"post", cost::flat{3_cr}}}}}};
    CHECK(total(prices, of_action("post", january)) == 1_cr);
    CHECK(total(prices, of_action("post", july)) == 3_cr);
}

TEST_CASE("an action that a version drops is unknown from then on") {
    const cost::versions<> prices{.list = {{.from = january, .prices = {{"fax", cost::free{}}}},
                                           {.from = july, .prices = {}}}};
    CHECK(prices.price(of_action("fax", january)));
    CHECK(prices.price(of_action("fax", july)) == errc::unknown_action);
}

TEST_CASE("the kinds of tokens are those of the price that applies") {
    using coffer::token_kind;
    using coffer::token_kinds;
    const cost::tokens input{.rates = {.input = 1_cr_each}};
    const cost::tokens output{.rates = {.output = 1_cr_each}};
    const list base = std::make_shared<const cost_table>(
        cost_table{{"chat", output}, {"draw", output}, {"post", cost::flat{1_cr}}});
    const own_then_base prices{.first = {{"chat", input}}, .then = {base}};
    CHECK(token_kinds_of(prices, of_action("chat")) == token_kinds{token_kind::input});
    CHECK(token_kinds_of(prices, of_action("draw")) == token_kinds{token_kind::output});
    CHECK(token_kinds_of(prices, of_action("post")).empty());
    CHECK(token_kinds_of(prices, of_action("fax")).empty());
    CHECK(token_kinds_of(cost::shared<>{}, of_action("chat")).empty());
    const cost::versions<> dated{.list = {{.from = january, .prices = {{"chat", input}}},
                                          {.from = july, .prices = {{"chat", output}}}}};
    CHECK(token_kinds_of(dated, of_action("chat", january)) == token_kinds{token_kind::input});
    CHECK(token_kinds_of(dated, of_action("chat", july)) == token_kinds{token_kind::output});
    CHECK(token_kinds_of(dated, of_action("chat")).empty());
    const cost::by_tag tagged{.cases = {{"long", input}}, .otherwise = output};
    usage used = of_action("chat");
    CHECK(token_kinds_of(cost_table{{"chat", tagged}}, used) == token_kinds{token_kind::output});
    used.tags = "long";
    CHECK(token_kinds_of(cost_table{{"chat", tagged}}, used) == token_kinds{token_kind::input});
}

TEST_CASE("a range is that of the usage's own time, a category that of the newest version") {
    const cost::versions<> prices{
        .list = {{.from = july, .prices = {{"chat", cost::flat{1_cr}, "ai/fast"}}},
                 {.from = january,
                  .prices = {{"chat", cost::between{.least = 1_cr, .most = 2_cr}, "ai"},
                             {"fax", cost::free{}, "office"}}}}};
    CHECK(range_of(prices, of_action("chat", january))->most == 2_cr);
    CHECK_FALSE(range_of(prices, of_action("chat", july)));
    CHECK_FALSE(range_of(prices, of_action("chat")));
    CHECK(category_of(prices, "chat") == "ai/fast");
    CHECK(category_of(prices, "fax") == "office");
    CHECK(category_of(prices, "post").empty());
}

TEST_CASE("the version of any instant is the newest that has begun") {
    edgy_prices random{87};
    for (int round = 0; round < 500; ++round) {
        cost::versions<cost::flat> prices;
        for (std::uint64_t count = random.below(6); count > 0; --count) {
            prices.list.push_back(
                {.from = january + std::chrono::microseconds{random.below(12)},
                 .prices = {coffer::credits::from_micros(static_cast<std::int64_t>(count))}});
        }
        for (int offset = -1; offset < 13; ++offset) {
            const coffer::instant when = january + std::chrono::microseconds{offset};
            const cost::flat* expected = nullptr;
            for (int back = 0; back <= 13 && !expected; ++back) {
                for (const auto& v : prices.list) {
                    if (v.from == when - std::chrono::microseconds{back}) expected = &v.prices;
                }
            }
            REQUIRE(prices.at(when) == expected);
        }
    }
}

TEST_CASE("layers and versions nest: a new price list for all, the customer's own before it") {
    const list old = std::make_shared<const cost_table>(
        cost_table{{"chat", cost::flat{3_cr}}, {"image", cost::flat{8_cr}}});
    const list current = std::make_shared<const cost_table>(
        cost_table{{"chat", cost::flat{2_cr}}, {"image", cost::flat{9_cr}}});
    const cost::layered<cost_table, cost::versions<cost::shared<>>> prices{
        .first = {{"chat", cost::flat{1_cr}}},
        .then = {
            .list = {{.from = january, .prices = {old}}, {.from = july, .prices = {current}}}}};
    CHECK(total(prices, of_action("chat", january)) == 1_cr);
    CHECK(total(prices, of_action("image", january)) == 8_cr);
    CHECK(total(prices, of_action("image", july)) == 9_cr);
}
