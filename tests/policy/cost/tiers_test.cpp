#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/tiers.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::credits;
using coffer::errc;
using coffer::quantity;
using coffer::rate;
using coffer::rounding;
using coffer::usage;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
const quantity all_there_are = quantity::from_micros(most);

fraction in_tiers(const std::vector<cost::tier>& tiers, quantity units) {
    fraction sum = 0;
    fraction lower = 0;
    for (std::size_t i = 0; i < tiers.size(); ++i) {
        const bool is_reached = i == 0 || exact(units) > lower;
        if (is_reached) sum += exact(tiers[i].flat);
        fraction upper = exact(units);
        if (tiers[i].up_to && exact(*tiers[i].up_to) < upper) upper = exact(*tiers[i].up_to);
        if (upper > lower) sum += exact(tiers[i].each) * (upper - lower);
        if (tiers[i].up_to) lower = exact(*tiers[i].up_to);
    }
    return sum;
}

fraction by_volume(const std::vector<cost::tier>& tiers, quantity units) {
    for (const cost::tier& t : tiers) {
        if (!t.up_to || exact(units) <= exact(*t.up_to)) {
            return exact(t.each) * exact(units) + exact(t.flat);
        }
    }
    return -1;
}

std::vector<cost::tier> random_tiers(edgy_prices& random) {
    std::vector<cost::tier> tiers;
    std::int64_t bound = 0;
    for (std::uint64_t count = random.below(7); count > 0; --count) {
        bound += 1 + static_cast<std::int64_t>(random.bits() >> (8 + random.below(50))) / 8;
        tiers.push_back({.up_to = quantity::from_micros(bound)});
    }
    tiers.push_back({});
    for (cost::tier& t : tiers) {
        if (random.below(4) != 0) t.each = random.each();
        if (random.below(3) == 0) t.flat = random.amount();
    }
    return tiers;
}

/// A quantity at a bound, beside one, or anywhere.
quantity near_a_bound(edgy_prices& random, const std::vector<cost::tier>& tiers) {
    const auto& chosen = tiers[random.below(tiers.size())].up_to;
    if (!chosen || random.below(3) == 0) return random.units();
    return quantity::from_micros(chosen->micros() + static_cast<std::int64_t>(random.below(3)) - 1);
}

}  // namespace

static_assert(coffer::cost_policy<cost::graduated> && coffer::cost_policy<cost::volume> &&
              coffer::cost_policy<cost::package>);
static_assert(std::is_aggregate_v<cost::graduated> && std::is_aggregate_v<cost::volume> &&
              std::is_aggregate_v<cost::package>);

TEST_CASE("V79: a graduated flat is due once its tier is entered, the first one always") {
    const cost::graduated steps{.tiers = {{.up_to = 10_units, .each = 10_cr_each, .flat = 2_cr},
                                          {.up_to = 20_units, .each = 5_cr_each, .flat = 3_cr},
                                          {.each = 5_cr_each, .flat = 3_cr}}};
    CHECK(total(steps, 0_units) == 2_cr);
    CHECK(total(steps, 1_units) == 12_cr);
    CHECK(steps.price({}) == coffer::errc::invalid_argument);
    CHECK(total(steps, 10_units) == 102_cr);
    CHECK(total(steps, 10.000001_units) == 105.000005_cr);
    CHECK(total(steps, 11_units) == 110_cr);
    CHECK(total(steps, 20_units) == 155_cr);
    CHECK(total(steps, 21_units) == 163_cr);

    const cost::graduated fees{.tiers = {{.up_to = 5_units, .flat = 100_cr},
                                         {.up_to = 10_units, .flat = 50_cr},
                                         {.up_to = 15_units, .each = 5_cr_each},
                                         {.each = 1_cr_each}}};
    CHECK(total(fees, 22_units) == 182_cr);
    CHECK(total(fees, 5_units) == 100_cr);
    CHECK(total(fees, 6_units) == 150_cr);

    const cost::graduated falling{.tiers = {{.up_to = 1'000_units, .each = 0.01_cr_each},
                                            {.up_to = 10'000_units, .each = 0.008_cr_each},
                                            {.each = 0.005_cr_each}}};
    CHECK(total(falling, 15'000_units) == 107_cr);
}

TEST_CASE("each graduated tier that is entered has one line") {
    const cost::graduated steps{.tiers = {{.up_to = 10_units, .each = 1_cr_each, .flat = 2_cr},
                                          {.up_to = 20_units, .each = 0.5_cr_each, .flat = 3_cr},
                                          {.each = 0.1_cr_each}}};
    const auto priced = steps.price(of_units(12_units));
    REQUIRE(priced);
    REQUIRE(priced->lines.size() == 2);
    CHECK(priced->lines[0].what == "tier 1");
    CHECK(priced->lines[0].units == 10_units);
    CHECK(priced->lines[0].each == 1_cr_each);
    CHECK(priced->lines[0].fixed == 2_cr);
    CHECK(priced->lines[1].what == "tier 2");
    CHECK(priced->lines[1].units == 2_units);
    CHECK(priced->lines[1].fixed == 3_cr);
    CHECK(steps.price(of_units(0_units))->lines.size() == 1);
}

TEST_CASE("dozens of tiers are priced and explained one by one") {
    cost::graduated steps;
    for (int i = 1; i <= 40; ++i) {
        steps.tiers.push_back({.up_to = *quantity::whole(i), .each = 1_cr_each});
    }
    steps.tiers.push_back({.each = 1_cr_each});
    const auto priced = steps.price(of_units(100_units));
    REQUIRE(priced);
    CHECK(priced->total == 100_cr);
    REQUIRE(priced->lines.size() == 41);
    CHECK(priced->lines[7].what == "tier 8");
    CHECK(priced->lines[40].what == "later tier");
    CHECK(priced->lines[40].units == 60_units);
}

TEST_CASE("graduated tiers cost what fractions of any size say") {
    edgy_prices random{790};
    int fits = 0;
    for (int i = 0; i < 30'000; ++i) {
        const cost::graduated model{
            .tiers = random_tiers(random), .mode = random.mode(), .places = random.places()};
        const quantity units = near_a_bound(random, model.tiers);
        CAPTURE(units.micros(), model.tiers.size());
        const auto priced = model.price(of_units(units));
        REQUIRE(answers(priced, in_tiers(model.tiers, units), model.mode, model.places));
        fits += priced ? 1 : 0;
    }
    CHECK(fits > 10'000);
}

TEST_CASE("graduated tiers cost the sum of their single units") {
    edgy_prices random{791};
    for (int i = 0; i < 500; ++i) {
        const std::int64_t first = 1 + static_cast<std::int64_t>(random.below(9));
        const std::int64_t second = first + 1 + static_cast<std::int64_t>(random.below(9));
        const std::int64_t prices[] = {static_cast<std::int64_t>(random.below(100)),
                                       static_cast<std::int64_t>(random.below(100)),
                                       static_cast<std::int64_t>(random.below(100))};
        auto each = [&](int t) { return rate::from_picos(prices[t] * 1'000'000'000'000); };
        const cost::graduated model{.tiers = {{.up_to = *quantity::whole(first), .each = each(0)},
                                              {.up_to = *quantity::whole(second), .each = each(1)},
                                              {.each = each(2)}}};
        std::int64_t sum = 0;
        for (std::int64_t unit = 1; unit <= 30; ++unit) {
            sum += prices[unit <= first ? 0 : unit <= second ? 1 : 2];
            REQUIRE(total(model, *quantity::whole(unit)) == *credits::whole(sum));
        }
    }
}

TEST_CASE("by volume, the tier of the whole quantity prices all of it, its bound included") {
    const cost::volume model{.tiers = {{.up_to = 10_units, .each = 1_cr_each, .flat = 5_cr},
                                       {.up_to = 100_units, .each = 0.5_cr_each, .flat = 1_cr},
                                       {.each = 0.1_cr_each, .flat = 7_cr}}};
    CHECK(total(model, 0_units) == 5_cr);
    CHECK(total(model, 10_units) == 15_cr);
    CHECK(total(model, 10.000001_units) == 6.000001_cr);
    CHECK(total(model, 11_units) == 6.5_cr);
    CHECK(total(model, 100_units) == 51_cr);
    CHECK(total(model, 101_units) == 17.1_cr);
    const auto priced = model.price(of_units(11_units));
    REQUIRE(priced->lines.size() == 1);
    CHECK(priced->lines[0].what == "tier 2");
    CHECK(priced->lines[0].units == 11_units);
    CHECK(priced->lines[0].fixed == 1_cr);
}

TEST_CASE("volume tiers cost what fractions of any size say") {
    edgy_prices random{792};
    int fits = 0;
    for (int i = 0; i < 30'000; ++i) {
        const cost::volume model{
            .tiers = random_tiers(random), .mode = random.mode(), .places = random.places()};
        const quantity units = near_a_bound(random, model.tiers);
        const auto priced = model.price(of_units(units));
        REQUIRE(answers(priced, by_volume(model.tiers, units), model.mode, model.places));
        fits += priced ? 1 : 0;
    }
    CHECK(fits > 10'000);
}

TEST_CASE("one tier alone is a rate with a flat, graduated or by volume") {
    const std::vector<cost::tier> one{{.each = 2_cr_each, .flat = 1_cr}};
    CHECK(total(cost::graduated{.tiers = one}, 3_units) == 7_cr);
    CHECK(total(cost::volume{.tiers = one}, 3_units) == 7_cr);
}

TEST_CASE("a first tier up to nothing prices a charge of nothing") {
    const std::vector<cost::tier> tiers{{.up_to = 0_units}, {.each = 1_cr_each, .flat = 5_cr}};
    REQUIRE(cost::well_formed(tiers));
    CHECK(total(cost::graduated{.tiers = tiers}, 0_units) == 0_cr);
    CHECK(total(cost::graduated{.tiers = tiers}, 1_units) == 6_cr);
    CHECK(total(cost::volume{.tiers = tiers}, 0_units) == 0_cr);
    CHECK(total(cost::volume{.tiers = tiers}, 1_units) == 6_cr);
}

TEST_CASE("tiers that make no sense are policy_contract at any quantity") {
    const std::vector<cost::tier> wrong[] = {
        {},
        {{.up_to = 10_units, .each = 1_cr_each}},                         // nothing above
        {{.each = 1_cr_each}, {.each = 1_cr_each}},                       // two without end
        {{.each = 1_cr_each}, {.up_to = 10_units, .each = 1_cr_each}},    // the end first
        {{.up_to = 10_units}, {.up_to = 10_units}, {.each = 1_cr_each}},  // does not rise
        {{.up_to = 20_units}, {.up_to = 10_units}, {.each = 1_cr_each}},  // falls
        {{.up_to = quantity::from_micros(-1)}, {.each = 1_cr_each}},      // below zero
        {{.up_to = 10_units, .each = rate::from_picos(-1)},
         {.each = 9_cr_each}},  // would be cheaper
        {{.up_to = 10_units, .each = 9_cr_each}, {.each = rate::from_picos(-1)}},
        {{.up_to = 10_units, .flat = credits::from_micros(-1)}, {.each = 1_cr_each}},
        {{.up_to = 10_units}, {.each = 1_cr_each, .flat = credits::from_micros(-1)}},
    };
    for (const auto& tiers : wrong) {
        CAPTURE(&tiers - wrong);
        CHECK_FALSE(cost::well_formed(tiers));
        CHECK_FALSE(cost::graduated{.tiers = tiers}.well_formed());
        CHECK_FALSE(cost::volume{.tiers = tiers}.well_formed());
        for (const quantity units : {0_units, 1_units, 10_units, 15_units, all_there_are}) {
            CHECK(cost::graduated{.tiers = tiers}.price(of_units(units)) == errc::policy_contract);
            CHECK(cost::volume{.tiers = tiers}.price(of_units(units)) == errc::policy_contract);
        }
    }
}

TEST_CASE("V81: each started package is paid for, beyond the free units") {
    cost::package seats{.size = 10_units, .each = 100_cr};
    CHECK(total(seats, 121_units) == 1'300_cr);
    CHECK(total(seats, 120_units) == 1'200_cr);
    CHECK(total(seats, 120.000001_units) == 1'300_cr);
    CHECK(total(seats, 0_units) == 0_cr);
    CHECK(seats.price({}) == coffer::errc::invalid_argument);
    seats.free = 10_units;
    CHECK(total(seats, 121_units) == 1'200_cr);
    CHECK(total(seats, 10_units) == 0_cr);
    CHECK(total(seats, 10.000001_units) == 100_cr);
    seats.free = 200_units;
    CHECK(total(seats, 121_units) == 0_cr);
}

TEST_CASE("the lines of a package count the free units and the packages") {
    const cost::package seats{.size = 10_units, .each = 100_cr, .free = 10_units};
    const auto priced = seats.price(of_units(121_units));
    REQUIRE(priced);
    REQUIRE(priced->lines.size() == 2);
    CHECK(priced->lines[0].what == "free units");
    CHECK(priced->lines[0].units == 10_units);
    CHECK(priced->lines[0].each == 0_cr_each);
    CHECK(priced->lines[1].what == "packages");
    CHECK(priced->lines[1].units == 12_units);
    CHECK(priced->lines[1].each == 100_cr_each);
    const cost::package paid{.size = 10_units, .each = 100_cr};
    CHECK(paid.price(of_units(121_units))->lines.size() == 1);
}

TEST_CASE("packages cost what fractions of any size say") {
    edgy_prices random{810};
    int fits = 0;
    for (int i = 0; i < 30'000; ++i) {
        cost::package model{.size = random.some_units(), .each = random.amount()};
        if (random.below(2) == 0) model.free = random.units();
        const quantity units = random.units();
        const big rest = units < model.free ? 0 : big{units.micros()} - model.free.micros();
        const fraction cost =
            exact(model.each) * rounded_quotient(rest, model.size.micros(), rounding::up);
        CAPTURE(units.micros(), model.size.micros(), model.each.micros(), model.free.micros());
        const auto priced = model.price(of_units(units));
        REQUIRE(answers(priced, cost));
        fits += priced ? 1 : 0;
    }
    CHECK(fits > 10'000);
}

TEST_CASE("a package that makes no sense is policy_contract at any quantity") {
    const cost::package wrong[] = {
        {.each = 1_cr},
        {.size = quantity::from_micros(-1), .each = 1_cr},
        {.size = 10_units, .each = credits::from_micros(-1)},
        {.size = 10_units, .each = 1_cr, .free = quantity::from_micros(-1)},
    };
    for (const cost::package& model : wrong) {
        CHECK_FALSE(model.well_formed());
        for (const quantity units : {0_units, 1_units, all_there_are}) {
            CHECK(model.price(of_units(units)) == errc::policy_contract);
        }
    }
}

TEST_CASE("tiers and packages at the end of 64 bits are exact or amount_overflow") {
    const std::vector<cost::tier> dear{{.up_to = 1_units, .each = rate::from_picos(most)},
                                       {.each = rate::from_picos(most), .flat = credits::max()}};
    CHECK(cost::graduated{.tiers = dear}.price(of_units(all_there_are)) == errc::amount_overflow);
    CHECK(cost::volume{.tiers = dear}.price(of_units(all_there_are)) == errc::amount_overflow);
    const std::vector<cost::tier> cheap{{.up_to = all_there_are, .each = 1_cr_each}, {}};
    CHECK(total(cost::graduated{.tiers = cheap}, all_there_are) == credits::max());
    CHECK(total(cost::volume{.tiers = cheap}, all_there_are) == credits::max());
    const cost::package least{.size = quantity::from_micros(1), .each = 0.000001_cr};
    CHECK(total(least, all_there_are) == credits::max());
    const cost::package more{.size = quantity::from_micros(1), .each = 0.000002_cr};
    CHECK(more.price(of_units(all_there_are)) == errc::amount_overflow);
}

TEST_CASE("what goes by quantity refuses negative ones and tokens alone") {
    usage tokens;
    tokens.input_tokens = 5;
    const usage below = of_units(quantity::from_micros(-1));
    const cost::graduated steps{.tiers = {{.each = 1_cr_each}}};
    const cost::volume volume{.tiers = {{.each = 1_cr_each}}};
    const cost::package package{.size = 1_units, .each = 1_cr};
    for (const usage& used : {tokens, below}) {
        CHECK(steps.price(used) == errc::invalid_argument);
        CHECK(volume.price(used) == errc::invalid_argument);
        CHECK(package.price(used) == errc::invalid_argument);
    }
}

TEST_CASE("tiers have modes and places like any rate") {
    const std::vector<cost::tier> tiers{{.each = 0.123456_cr_each}};
    for (const int places : {-1, 7}) {
        CHECK(cost::graduated{.tiers = tiers, .places = places}.price(of_units(1_units)) ==
              errc::invalid_argument);
        CHECK(cost::volume{.tiers = tiers, .places = places}.price(of_units(1_units)) ==
              errc::invalid_argument);
    }
    CHECK(total(cost::graduated{.tiers = tiers, .places = 2}, 1_units) == 0.13_cr);
    CHECK(total(cost::volume{.tiers = tiers, .mode = rounding::down, .places = 2}, 1_units) ==
          0.12_cr);
}

TEST_CASE("splitting packages without free units never makes them cheaper") {
    edgy_prices random{30};
    const cost::package model{.size = 7.3_units, .each = 1.1_cr};
    for (int i = 0; i < 5'000; ++i) {
        const auto whole = static_cast<std::int64_t>(random.below(1u << 31));
        const auto part =
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(whole) + 1));
        const auto parts = total(model, quantity::from_micros(part)) +
                           total(model, quantity::from_micros(whole - part));
        REQUIRE(*parts >= total(model, quantity::from_micros(whole)));
    }
}

TEST_CASE("splitting can be cheaper with free units, rising tiers and volume tiers") {
    const cost::package free_units{.size = 10_units, .each = 1_cr, .free = 5_units};
    CHECK(total(free_units, 10_units) == 1_cr);
    CHECK(total(free_units, 5_units) == 0_cr);
    const std::vector<cost::tier> rising{{.up_to = 5_units, .each = 1_cr_each},
                                         {.each = 2_cr_each}};
    CHECK(total(cost::graduated{.tiers = rising}, 10_units) == 15_cr);
    CHECK(total(cost::graduated{.tiers = rising}, 5_units) == 5_cr);
    CHECK(total(cost::volume{.tiers = rising}, 10_units) == 20_cr);
    CHECK(total(cost::volume{.tiers = rising}, 5_units) == 5_cr);
}
