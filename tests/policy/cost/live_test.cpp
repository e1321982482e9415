#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/detail/price_pin.hpp>
#include <coffer/policy/cost/live.hpp>

#include <cstddef>
#include <memory>
#include <string>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::cost_table;
using coffer::usage;

static_assert(coffer::cost_policy<cost::live<>>);
static_assert(coffer::cost_policy<cost::live<cost::shared<>>>);

namespace {

cost_table post_at(coffer::credits price, std::string_view category = {}) {
    return {{"post", cost::flat{price}, category}};
}
cost_table crawl_at(coffer::credits size) {
    return {{"crawl", cost::package{.size = 10_units, .each = size}}};
}
coffer::credits crawl_cost(const cost::live<>& prices, std::uint64_t version) {
    return total(prices, usage{.action = "crawl", .quantity = 1_units, .version = version});
}

}  // namespace

TEST_CASE("a live list answers by what replaced it last, in all its copies") {
    const cost::live<> prices{{{"message", cost::between{.least = 1_cr, .most = 2_cr}, "talk"}}};
    const cost::live<> copy = prices;
    CHECK(range_of(copy, "message")->most == 2_cr);
    CHECK(coffer::category_of(copy, "message") == "talk");
    prices.replace({{"chat", cost::tokens{.rates = {.input = 1_cr_each}}}});
    CHECK_FALSE(range_of(copy, "message"));
    CHECK(coffer::token_kinds_of(copy, {.action = "chat"}).contains(coffer::token_kind::input));
    CHECK(copy.price({.action = "message"}) == coffer::errc::unknown_action);
    CHECK(copy.now()->contains("chat"));
    CHECK(copy.keep({.action = "chat"}).linear);
    const cost::live<> nothing;
    CHECK(nothing.price({.action = "post"}) == coffer::errc::unknown_action);
}

TEST_CASE("an operation sees one list, whole, though others replace it meanwhile") {
    const cost::live<> prices{post_at(1_cr, "old")};
    const cost::live<> others{post_at(7_cr)};
    {
        const coffer::detail::price_pin operation;
        CHECK(total(prices, usage{.action = "post"}) == 1_cr);
        for (int i = 0; i < 40; ++i) prices.replace(post_at(2_cr, "new"));
        CHECK(total(prices, usage{.action = "post"}) == 1_cr);
        CHECK(coffer::category_of(prices, "post") == "old");
        CHECK(total(others, usage{.action = "post"}) == 7_cr);
        {
            const coffer::detail::price_pin inner;  // of another wallet
            CHECK(total(prices, usage{.action = "post"}) == 2_cr);
        }
        CHECK(total(prices, usage{.action = "post"}) == 1_cr);
    }
    CHECK(total(prices, usage{.action = "post"}) == 2_cr);
}

TEST_CASE("so many of the last lists are kept for those who name a version, and no more") {
    const cost::live<> prices{crawl_at(1_cr), 2};
    const std::uint64_t first = prices.keep({.action = "crawl"}).version;
    const std::weak_ptr<const cost_table> list = prices.now();
    prices.replace(crawl_at(2_cr));
    prices.replace(crawl_at(3_cr));
    CHECK(crawl_cost(prices, first) == 1_cr);
    CHECK(prices.keep({.action = "crawl", .version = first}).version == first);
    CHECK(crawl_cost(prices, 0) == 3_cr);
    prices.replace(crawl_at(4_cr));
    CHECK(crawl_cost(prices, first) == 4_cr);  // it is gone, and `keep` says so
    CHECK(prices.keep({.action = "crawl", .version = first}).version != first);
    CHECK(list.expired());
}

TEST_CASE("layers, shared lists, dates and factors look for the version that a hold names") {
    const cost::live<> own{crawl_at(1_cr)};
    const cost::live<> base{crawl_at(5_cr)};
    using layers = cost::layered<cost::live<>, cost::scaled<cost::shared<cost::live<>>>>;
    const layers prices{
        .first = own, .then = {.list = {std::make_shared<const cost::live<>>(base)}, .by = {3, 5}}};
    const auto cost_of = [&](std::uint64_t version) {
        return total(prices, usage{.action = "crawl", .quantity = 1_units, .version = version});
    };
    const std::uint64_t by_own = prices.keep({.action = "crawl"}).version;
    own.replace({});
    const std::uint64_t by_base = prices.keep({.action = "crawl"}).version;
    CHECK(by_own != by_base);
    CHECK(cost_of(0) == 3_cr);
    base.replace(crawl_at(10_cr));
    CHECK(cost_of(0) == 6_cr);
    CHECK(cost_of(by_base) == 3_cr);
    CHECK(cost_of(by_own) == 1_cr);
    own.replace(crawl_at(2_cr));
    CHECK(cost_of(0) == 2_cr);
    CHECK(cost_of(by_base) == 3_cr);
    CHECK(prices.keep({.action = "crawl", .version = by_base}).version == by_base);
    const coffer::instant when{std::chrono::hours{1}};
    const cost::versions<cost::live<>> dated{.list = {{.from = when, .prices = own}}};
    CHECK(dated.keep({.action = "crawl", .at = when}).version != 0);
    CHECK(dated.keep({.action = "crawl"}).version == 0);
}
