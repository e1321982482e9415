#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"
#include "support/dice.hpp"

#include <coffer/policy/cost/cost.hpp>
#include <coffer/policy/cost/detail/exact_price.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::cost_table;
using coffer::discount;
using coffer::errc;
using coffer::factor;
using coffer::mark_up;
using coffer::percent;
using coffer::range_of;
using coffer::rounding;
using coffer::usage;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// A customer's factor, by the name of the wallet.
struct agreed {
    coffer::result<factor> operator()(std::string_view wallet) const {
        if (wallet == "acme") return discount(percent{25});
        if (wallet == "unreachable") return errc::unavailable;
        if (wallet == "nonsense") return factor{1, 0};
        return factor{};
    }
};

/// Says a total to which its lines do not come.
struct careless {
    coffer::result<coffer::price> price(const usage&) const {
        coffer::price p{.total = 5_cr};
        p.lines.push_back({.what = "units", .units = 3_units, .each = 1_cr_each});
        return p;
    }
};
/// Says no lines.
struct terse {
    coffer::credits total{};
    coffer::result<coffer::price> price(const usage&) const {
        return coffer::price{.total = total};
    }
};

using by_plan = cost::scaled<cost::shared<>>;
using by_customer = cost::scaled<by_plan, agreed>;

usage of_wallet(std::string_view wallet, std::string_view action,
                coffer::quantity units = 1_units) {
    return {.action = action, .quantity = units, .wallet = wallet};
}

cost_table some_table() {
    return {{"post", cost::flat{1.000001_cr}},
            {"search", cost::per_unit{.each = 2_cr_each, .per = 1'000_units}},
            {"seventh", cost::per_unit{.each = 1_cr_each, .per = 7_units, .places = 2}},
            {"crawl", cost::graduated{.tiers = {{.up_to = 10_units, .each = 0.01_cr_each},
                                                {.each = 0.008_cr_each, .flat = 0.3_cr}}}},
            {"emails", cost::package{.size = 10_units, .each = 1.5_cr, .free = 3_units}},
            {"call", cost::per_unit{.each = 3_cr_each, .minimum = 1_cr, .increment = 0.1_units}},
            {"message", cost::between{.least = 0.1_cr, .most = 1_cr}, "talk/message"},
            {"look", cost::free{}}};
}

}  // namespace

static_assert(coffer::cost_policy<by_customer>);
static_assert(std::is_aggregate_v<by_customer>);

TEST_CASE("rule 3: base, plan and customer multiply exactly and are rounded once, at the end") {
    fair_dice d{7};
    const auto base = std::make_shared<const cost_table>(some_table());
    static const std::vector<std::string_view> actions{"post",  "search", "seventh",
                                                       "crawl", "emails", "call"};
    for (int i = 0; i < 3'000; ++i) {
        const factor plan{d.below(500), 1 + d.below(300)};
        const factor customer{d.below(1'000'000), 1 + d.below(1'000'000)};
        const auto mode = static_cast<rounding>(d.below(4));
        const int places = static_cast<int>(d.below(7));
        const auto units = coffer::quantity::from_micros(d.below(40'000'000));
        const std::string_view action = d.of(actions);
        const cost::scaled<by_plan> prices{.list = {.list = {base}, .by = plan, .places = 0},
                                           .by = customer,
                                           .mode = mode,
                                           .places = places};
        const auto listed = base->price(of_wallet("", action, units)).or_throw();
        const fraction expected = sum_of(listed.lines) *
                                  fraction{plan.numerator, plan.denominator} *
                                  fraction{customer.numerator, customer.denominator};
        const auto scaled = prices.price(of_wallet("", action, units)).or_throw();
        CAPTURE(action, i);
        CHECK(scaled.total == *rounded(expected, mode, places));
        CHECK(scaled.lines == listed.lines);
        const fraction times{scaled.times.numerator, scaled.times.denominator};
        CHECK(*rounded(sum_of(scaled.lines) * times, mode, places) == scaled.total);
    }
}

TEST_CASE("token prices are scaled over all kinds at once") {
    const cost::scaled<cost::tokens> dearer{
        .list = {.rates = {.input = 0.0000001_cr_each, .output = 0.0000003_cr_each}}, .by = {4, 3}};
    const usage used{.action = "chat", .input_tokens = 7, .output_tokens = 3};
    CHECK(dearer.price(used)->total == 0.000003_cr);  // 0.0000016 * 4/3, rounded up once
    CHECK(coffer::token_kinds_of(dearer, used).contains(coffer::token_kind::output));
    const usage all{.action = "chat", .input_tokens = most / 1'000};
    CHECK(dearer.price(all).has_value());
}

TEST_CASE("each customer has the factor that is looked up by the wallet") {
    const auto base = std::make_shared<const cost_table>(some_table());
    const by_customer prices{.list = {.list = {base}, .by = mark_up(percent{20})}, .by = {}};
    CHECK(total(prices, of_wallet("other", "search", 500_units)) == 1.2_cr);
    CHECK(total(prices, of_wallet("acme", "search", 500_units)) == 0.9_cr);
    CHECK(prices.price(of_wallet("unreachable", "search")) == errc::unavailable);
    CHECK(prices.price(of_wallet("nonsense", "search")) == errc::policy_contract);
    CHECK(prices.price(of_wallet("acme", "fax")) == errc::unknown_action);
    CHECK(total(prices, of_wallet("acme", "look")) == 0_cr);
    CHECK(coffer::category_of(prices, "message") == "talk/message");
}

TEST_CASE("bounds within which an amount is stated are scaled and rounded once, too") {
    const auto base = std::make_shared<const cost_table>(some_table());
    const cost::scaled<by_plan> back_again{.list = {.list = {base}, .by = {1, 3}}, .by = {3, 1}};
    const auto same = range_of(back_again, "message");
    REQUIRE(same);
    CHECK((same->least == 0.1_cr && same->most == 1_cr));
    const by_customer prices{.list = {.list = {base}, .by = mark_up(percent{20})}, .by = {}};
    const auto agreed_range = range_of(prices, of_wallet("acme", "message"));
    REQUIRE(agreed_range);
    CHECK((agreed_range->least == 0.09_cr && agreed_range->most == 0.9_cr));
    CHECK(agreed_range->contains(0.9_cr));
    CHECK_FALSE(agreed_range->contains(0.900001_cr));
    CHECK_FALSE(range_of(prices, of_wallet("nonsense", "message")));
    CHECK_FALSE(range_of(prices, of_wallet("unreachable", "message")));
    CHECK_FALSE(range_of(prices, of_wallet("acme", "post")));
    const cost::scaled<cost::between> coarse{
        .list = {.least = 0.1_cr, .most = 1_cr}, .by = {1, 3}, .mode = rounding::down, .places = 2};
    CHECK((range_of(coarse, "")->least == 0.03_cr && range_of(coarse, "")->most == 0.33_cr));
}

TEST_CASE("a factor of nothing makes free, one of one changes nothing") {
    const cost::scaled<cost_table> free{.list = some_table(), .by = discount(percent{100})};
    CHECK(total(free, of_wallet("", "crawl", 15_units)) == 0_cr);
    CHECK((range_of(free, "message")->least == 0_cr && range_of(free, "message")->most == 0_cr));
    const cost::scaled<cost_table> same{.list = some_table()};
    CHECK(total(same, of_wallet("", "crawl", 15_units)) ==
          total(some_table(), of_wallet("", "crawl", 15_units)));
    CHECK(total(same, of_wallet("", "post")) == 1.000001_cr);
}

TEST_CASE("rule 2: what a factor brings beyond 64 bits is amount_overflow") {
    const cost::scaled<cost::flat> prices{.list = {coffer::credits::max()}, .by = {2, 1}};
    CHECK(prices.price(of_wallet("", "x")) == errc::amount_overflow);
    const cost::scaled<cost::flat> huge{.list = {1_cr}, .by = {most, 1}};
    CHECK(huge.price(of_wallet("", "x")) == errc::amount_overflow);
    const cost::scaled<cost::flat> tiny{.list = {1_cr}, .by = {1, most}};
    CHECK(tiny.price(of_wallet("", "x"))->total == coffer::credits::from_micros(1));
    const cost::scaled<cost::scaled<cost::flat>> both{.list = {.list = {1_cr}, .by = {1, most}},
                                                      .by = {1, most}};
    CHECK(both.price(of_wallet("", "x")) == errc::amount_overflow);
}

TEST_CASE(
    "a factor that is none, places that are none, and lines that come to nothing are refused") {
    for (const factor& by : {factor{-1, 1}, factor{1, 0}, factor{1, -1}, discount(percent{101})}) {
        const cost::scaled<cost_table> prices{.list = some_table(), .by = by};
        CHECK(prices.price(of_wallet("", "post")) == errc::policy_contract);
        CHECK_FALSE(range_of(prices, "message"));
    }
    for (int places : {-1, 7}) {
        const cost::scaled<cost_table> prices{.list = some_table(), .places = places};
        CHECK(prices.price(of_wallet("", "post")) == errc::policy_contract);
        CHECK_FALSE(range_of(prices, "message"));
    }
    const cost::scaled<careless> unclear{};
    CHECK(unclear.price({.action = "post"}) == errc::policy_contract);
    const cost::scaled<cost::per_unit> coarse{.list = {.each = 0.0000001_cr_each, .places = 0},
                                              .by = {3, 1}};
    CHECK(coarse.price(of_wallet("", "post", 30'000'001_units))->total == 9.000001_cr);
    const cost::scaled<terse> clear{.list = {3_cr}, .by = {1, 2}};
    CHECK(clear.price({.action = "post"})->total == 1.5_cr);
    const cost::scaled<cost::scaled<terse>> twice{.list = {.list = {1_cr}, .by = {1, 3}},
                                                  .by = {3, 1}};
    CHECK(twice.price({.action = "post"})->total == 1_cr);
}
