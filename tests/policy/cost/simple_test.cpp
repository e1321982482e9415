#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/simple.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

using namespace coffer::literals;
using namespace coffer_test;
namespace cost = coffer::cost;
using coffer::credits;
using coffer::errc;
using coffer::price;
using coffer::quantity;
using coffer::rate;
using coffer::rounding;
using coffer::usage;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// The text of the rule, step by step.
fraction by_definition(const cost::per_unit& model, quantity units) {
    fraction raised = exact(units);
    if (model.increment.is_positive()) {
        raised = exact(model.increment) *
                 rounded_quotient(units.micros(), model.increment.micros(), rounding::up);
    }
    const fraction product = exact(model.each) * raised / exact(model.per);
    fraction least = exact(model.minimum);
    if (units.is_positive()) least = std::max(least, exact(model.minimum_if_used));
    return std::max(product, least);
}

bool is_raised_beyond_64_bits(quantity step, quantity units) {
    if (!step.is_positive()) return false;
    const big steps = rounded_quotient(units.micros(), step.micros(), rounding::up);
    return steps * step.micros() > int64_max;
}

}  // namespace

static_assert(coffer::cost_policy<cost::between>);
static_assert(std::is_aggregate_v<cost::per_unit> && std::is_aggregate_v<cost::between>);

TEST_CASE("free costs nothing, whatever is used") {
    CHECK(total(cost::free{}, usage{}) == 0_cr);
    CHECK(total(cost::free{}, of_units(1'000'000_units)) == 0_cr);
    CHECK(cost::free{}.price({})->lines.empty());
}

TEST_CASE("a flat price counts once without a quantity, else times the quantity") {
    const cost::flat post{2.5_cr};
    CHECK(total(post, usage{}) == 2.5_cr);
    CHECK(total(post, of_units(0_units)) == 0_cr);
    CHECK(total(post, of_units(3_units)) == 7.5_cr);
    CHECK(total(post, of_units(0.5_units)) == 1.25_cr);
    CHECK(total(cost::flat{0.000001_cr}, of_units(0.1_units)) == 0.000001_cr);
    const auto priced = post.price(of_units(3_units));
    REQUIRE(priced->lines.size() == 1);
    CHECK(priced->lines[0].units == 3_units);
    CHECK(priced->lines[0].each == 2.5_cr_each);
}

TEST_CASE("a flat price that does not fit is amount_overflow") {
    CHECK(cost::flat{credits::max()}.price(of_units(2_units)) == errc::amount_overflow);
    CHECK(total(cost::flat{credits::max()}, of_units(1_units)) == credits::max());
    CHECK(cost::flat{1_cr}.price(
        of_units(quantity::from_micros(std::numeric_limits<std::int64_t>::max()))));
}

TEST_CASE("a rate per unit is exact, and rounded once by its mode to its places") {
    auto per_thousand = [](rounding mode, int places, quantity n) {
        return total(cost::per_unit{.each = 0.001_cr_each, .mode = mode, .places = places},
                     of_units(n));
    };
    CHECK(per_thousand(rounding::up, 6, 1'247_units) == 1.247_cr);
    CHECK(per_thousand(rounding::up, 0, 1'247_units) == 2_cr);
    CHECK(per_thousand(rounding::up, 2, 1'247_units) == 1.25_cr);
    CHECK(per_thousand(rounding::down, 0, 1'999_units) == 1_cr);
    CHECK(per_thousand(rounding::half_up, 0, 2'400_units) == 2_cr);
    CHECK(per_thousand(rounding::half_up, 0, 2'500_units) == 3_cr);
    CHECK(per_thousand(rounding::half_up, 0, 3'500_units) == 4_cr);
    CHECK(per_thousand(rounding::half_even, 0, 2'500_units) == 2_cr);
    CHECK(per_thousand(rounding::half_even, 0, 3'500_units) == 4_cr);

    const cost::per_unit per_hundred{.each = 0.01_cr_each, .mode = rounding::half_up, .places = 1};
    CHECK(total(per_hundred, of_units(245_units)) == 2.5_cr);
    CHECK(total(per_hundred, of_units(244_units)) == 2.4_cr);
}

TEST_CASE("by default a rate rounds up to the millionth") {
    const cost::per_unit tiny{.each = 0.000000000001_cr_each};
    CHECK(total(tiny, of_units(1_units)) == 0.000001_cr);
    CHECK(total(tiny, of_units(1'000'000_units)) == 0.000001_cr);
    CHECK(total(tiny, of_units(1'000'001_units)) == 0.000002_cr);
}

TEST_CASE("an increment raises the quantity to a multiple, and the line says so") {
    const cost::per_unit voice{.each = 3_cr_each, .increment = 0.5_units};
    CHECK(total(voice, of_units(0.1_units)) == 1.5_cr);
    CHECK(total(voice, of_units(0.5_units)) == 1.5_cr);
    CHECK(total(voice, of_units(0.500001_units)) == 3_cr);
    CHECK(total(voice, of_units(0_units)) == 0_cr);
    CHECK(voice.price({}) == coffer::errc::invalid_argument);  // it would pass for one unit
    CHECK(voice.price(of_units(0.1_units))->lines[0].units == 0.5_units);
    const quantity longest = quantity::from_micros(most);
    CHECK(voice.price(of_units(longest)) == errc::amount_overflow);
}

TEST_CASE("a minimum is the least cost") {
    const cost::per_unit voice{.each = 3_cr_each, .minimum = 2_cr};
    CHECK(total(voice, of_units(0.5_units)) == 2_cr);
    CHECK(total(voice, of_units(0_units)) == 2_cr);
    CHECK(total(voice, of_units(1_units)) == 3_cr);
}

TEST_CASE("a minimum of what was used leaves a usage of nothing free") {
    const cost::per_unit call{
        .each = 0.06_cr_each, .per = 60_units, .minimum_if_used = 0.03_cr, .increment = 6_units};
    CHECK(total(call, of_units(0_units)) == 0_cr);
    CHECK(total(call, of_units(quantity::from_micros(1))) == 0.03_cr);
    CHECK(total(call, of_units(30_units)) == 0.03_cr);
    CHECK(total(call, of_units(31_units)) == 0.036_cr);
    CHECK(call.price(of_units(1_units))->lines[0].what == "minimum");
    const cost::per_unit both{
        .each = 1_cr_each, .minimum = 2_cr, .minimum_if_used = 5_cr, .places = 0};
    CHECK(total(both, of_units(0_units)) == 2_cr);
    CHECK(total(both, of_units(1_units)) == 5_cr);
    const cost::per_unit lower{.each = 1_cr_each, .minimum = 2_cr, .minimum_if_used = 1_cr};
    CHECK(total(lower, of_units(1_units)) == 2_cr);
}

TEST_CASE("a negative rate never passes for a price of nothing") {
    const cost::per_unit wrong{.each = rate::from_picos(-1'618'800'000'000)};
    CHECK(wrong.price(of_units(1'000_units)) == errc::policy_contract);
    const cost::flat below{credits::from_micros(-1)};
    CHECK(below.price(of_units(1_units)) == errc::policy_contract);
}

TEST_CASE("places that no credit has are refused") {
    for (int places : {-1, 7}) {
        const cost::per_unit wrong{.each = 1_cr_each, .places = places};
        CHECK(wrong.price(of_units(1_units)) == errc::invalid_argument);
    }
}

TEST_CASE("a rate per unit is what fractions of any size say, over all its members") {
    edgy_prices random{79};
    int fits = 0;
    for (int i = 0; i < 40'000; ++i) {
        cost::per_unit model{.each = random.each(), .mode = random.mode()};
        if (random.below(2) == 0) model.per = random.some_units();
        if (random.below(2) == 0) model.minimum = random.amount();
        if (random.below(4) == 0) model.minimum_if_used = random.amount();
        if (random.below(2) == 0) model.increment = random.units();
        if (random.below(2) == 0) model.places = random.places();
        const quantity units = random.units();
        CAPTURE(model.each.picos(), model.per.micros(), model.minimum.micros());
        CAPTURE(model.increment.micros(), to_string(model.mode), model.places, units.micros());
        const auto priced = model.price(of_units(units));
        if (is_raised_beyond_64_bits(model.increment, units)) {
            REQUIRE(priced == errc::amount_overflow);
            continue;
        }
        REQUIRE(answers(priced, by_definition(model, units), model.mode, model.places));
        fits += priced ? 1 : 0;
    }
    CHECK(fits > 10'000);
}

TEST_CASE("a flat price times the quantity is what fractions say, also beyond any rate") {
    edgy_prices random{80};
    for (int i = 0; i < 20'000; ++i) {
        const cost::flat model{random.amount()};
        const quantity units = random.units();
        CAPTURE(model.each.micros(), units.micros());
        const auto priced = model.price(of_units(units));
        REQUIRE(answers(priced, exact(model.each) * exact(units)));
    }
}

TEST_CASE("a rate for so many units is exact where one unit has no exact rate") {
    const cost::per_unit third{.each = 1_cr_each, .per = 3_units};
    CHECK(total(third, 1_units) == 0.333334_cr);
    CHECK(total(third, 3_units) == 1_cr);
    CHECK(total(third, 3'000'000_units) == 1'000'000_cr);
    const cost::per_unit per_thousand{.each = 0.000000000001_cr_each, .per = 1'000_units};
    CHECK(total(per_thousand, 1'000'000'000_units) == 0.000001_cr);
    CHECK(total(per_thousand, 1'000'000'001_units) == 0.000002_cr);
    const auto priced = third.price(of_units(2_units));
    REQUIRE(priced->lines.size() == 1);
    CHECK(priced->lines[0].each == 1_cr_each);
    CHECK(priced->lines[0].per == 3_units);
}

TEST_CASE("V83: units are converted by a divisor and the cost is rounded by its mode") {
    auto thousand = [](rounding mode, int places) {
        return cost::per_unit{
            .each = 1_cr_each, .per = 1'000_units, .mode = mode, .places = places};
    };
    CHECK(total(thousand(rounding::up, 6), 1'247_units) == 1.247_cr);
    CHECK(total(thousand(rounding::up, 0), 1'247_units) == 2_cr);
    CHECK(total(thousand(rounding::up, 2), 1'247_units) == 1.25_cr);
    CHECK(total(thousand(rounding::down, 0), 1'999_units) == 1_cr);
    CHECK(total(thousand(rounding::half_up, 0), 2'400_units) == 2_cr);
    CHECK(total(thousand(rounding::half_up, 0), 2'500_units) == 3_cr);
    CHECK(total(thousand(rounding::half_up, 0), 3'500_units) == 4_cr);
    const cost::per_unit hundred{
        .each = 1_cr_each, .per = 100_units, .mode = rounding::half_up, .places = 1};
    CHECK(total(hundred, 245_units) == 2.5_cr);
    CHECK(total(hundred, 244_units) == 2.4_cr);
    // Where they count down there, they are refused here: no usage is negative.
    const auto negative = quantity::from_micros(-2'500'000'000);
    CHECK(thousand(rounding::half_up, 0).price(of_units(negative)) == errc::invalid_argument);
}

TEST_CASE("the least cost is applied before the rounding, which is of the final cost") {
    cost::per_unit model{.each = 0.0001_cr_each, .minimum = 0.0005_cr, .places = 2};
    CHECK(total(model, 1_units) == 0.01_cr);
    CHECK(total(model, 0_units) == 0.01_cr);
    model.mode = rounding::down;
    CHECK(total(model, 1_units) == 0_cr);
    model = {.each = 1_cr_each, .minimum = 1.5_cr, .mode = rounding::half_even, .places = 0};
    CHECK(total(model, 1_units) == 2_cr);
}

TEST_CASE("a minimum decides by the exact cost, and the line says that it did") {
    const cost::per_unit third{.each = 1_cr_each, .per = 3_units, .minimum = 0.333334_cr};
    const auto raised = third.price(of_units(1_units));  // exactly one third is less
    REQUIRE(raised);
    CHECK(raised->lines[0].what == "minimum");
    CHECK(raised->lines[0].units == 1_units);
    CHECK(raised->lines[0].fixed == 0.333334_cr);
    const cost::per_unit equal{.each = 1_cr_each, .minimum = 2_cr};
    CHECK(equal.price(of_units(2_units))->lines[0].what == "units");  // not raised
    const auto above = third.price(of_units(1.01_units));
    REQUIRE(above);
    CHECK(above->lines[0].what == "units");
    CHECK(above->total == 0.336667_cr);
}

TEST_CASE("V85: a price has no digit that a balance could not show") {
    CHECK(rate::parse("17.9699999999999988631316") == errc::invalid_argument);
    CHECK(quantity::parse("14.28444999") == errc::invalid_argument);
    edgy_prices random{85};
    for (int places = 0; places <= 6; ++places) {
        const cost::per_unit model{.each = 0.142844499999_cr_each, .places = places};
        const auto step = static_cast<std::int64_t>(ten_to(6 - places));
        for (int i = 0; i < 100; ++i) {
            const auto units =
                quantity::from_micros(static_cast<std::int64_t>(random.below(1u << 30)));
            const credits cost = total(model, units);
            REQUIRE(cost.micros() % step == 0);
            REQUIRE(*(100_cr - cost) + cost == 100_cr);
        }
    }
}

TEST_CASE("V87: a hundred at a half are fifty, a hundred at a fifth are twenty") {
    CHECK(total(cost::per_unit{.each = 0.5_cr_each}, 100_units) == 50_cr);
    CHECK(total(cost::flat{0.2_cr}, 100_units) == 20_cr);
}

TEST_CASE("with the default rounding, splitting units never makes them cheaper") {
    edgy_prices random{3};
    for (int i = 0; i < 10'000; ++i) {
        cost::per_unit model{
            .each = rate::from_picos(static_cast<std::int64_t>(random.below(1u << 31)))};
        if (random.below(2) == 0)
            model.per =
                quantity::from_micros(1 + static_cast<std::int64_t>(random.below(1u << 31)));
        if (random.below(3) == 0)
            model.minimum = credits::from_micros(static_cast<std::int64_t>(random.below(1u << 20)));
        if (random.below(3) == 0)
            model.increment =
                quantity::from_micros(static_cast<std::int64_t>(random.below(1u << 28)));
        const auto whole = static_cast<std::int64_t>(random.below(1u << 31));
        const auto part =
            static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(whole) + 1));
        const auto parts = total(model, quantity::from_micros(part)) +
                           total(model, quantity::from_micros(whole - part));
        REQUIRE(*parts >= total(model, quantity::from_micros(whole)));
        const cost::flat flat{credits::from_micros(model.each.picos())};
        REQUIRE(*(total(flat, quantity::from_micros(part)) +
                  total(flat, quantity::from_micros(whole - part))) >=
                total(flat, quantity::from_micros(whole)));
    }
}

TEST_CASE("splitting can be cheaper where a rate is rounded to the nearest or down") {
    const cost::per_unit nearest{.each = 0.4_cr_each, .mode = rounding::half_up, .places = 0};
    CHECK(total(nearest, 2_units) == 1_cr);
    CHECK(total(nearest, 1_units) == 0_cr);
}

TEST_CASE("a figure that makes no sense is policy_contract at any quantity") {
    const quantity units = GENERATE(0_units, 1_units, 1'000'000_units);
    const cost::per_unit wrong[] = {
        {.each = rate::from_picos(-1)},
        {.each = rate::from_picos(-1), .minimum = 5_cr},
        {.each = 1_cr_each, .per = 0_units},
        {.each = 1_cr_each, .per = quantity::from_micros(-1)},
        {.each = 1_cr_each, .minimum = credits::from_micros(-1)},
        {.each = 1_cr_each, .minimum_if_used = credits::from_micros(-1)},
        {.each = 1_cr_each, .increment = quantity::from_micros(-1)},
    };
    for (const cost::per_unit& model : wrong) {
        CHECK(model.price(of_units(units)) == errc::policy_contract);
        CHECK_FALSE(model.well_formed());
    }
    const cost::flat negative{credits::from_micros(-1)};
    CHECK(negative.price(of_units(units)) == errc::policy_contract);
    CHECK_FALSE(negative.well_formed());
    CHECK_FALSE(cost::per_unit{.each = 1_cr_each, .places = 7}.well_formed());
    CHECK(cost::per_unit{.each = 1_cr_each, .places = 0}.well_formed());
}

TEST_CASE("a negative usage is refused, whatever the model") {
    const usage below = of_units(quantity::from_micros(-1));
    CHECK(cost::flat{1_cr}.price(below) == errc::invalid_argument);
    CHECK(cost::flat{credits::from_micros(-1)}.price(below) == errc::invalid_argument);
    CHECK(cost::per_unit{.each = 1_cr_each}.price(below) == errc::invalid_argument);
    usage tokens;
    tokens.input_tokens = 100;
    tokens.output_tokens = -1;
    const cost::tokens model{.rates = {.input = 1_cr_each, .output = 5_cr_each}};
    CHECK(model.price(tokens) == errc::invalid_argument);
}

TEST_CASE("tokens where a quantity is priced are refused: they would pass for one unit") {
    usage tokens;
    tokens.action = "chat";
    tokens.input_tokens = 5'000'000;
    CHECK(cost::per_unit{.each = 1_cr_each}.price(tokens) == errc::invalid_argument);
    CHECK(total(cost::flat{1_cr}, tokens) == 1_cr);  // a fixed price does not go by a count
    tokens.quantity = 3_units;
    CHECK(total(cost::per_unit{.each = 1_cr_each}, tokens) == 3_cr);
}

TEST_CASE("quantities and prices at the end of 64 bits are exact or amount_overflow") {
    const quantity all = quantity::from_micros(most);
    CHECK(total(cost::flat{0.000001_cr}, all).micros() == most / 1'000'000 + 1);
    CHECK(total(cost::per_unit{.each = 1_cr_each}, all) == credits::max());
    CHECK(cost::per_unit{.each = 1.000001_cr_each}.price(of_units(all)) == errc::amount_overflow);
    CHECK(total(cost::per_unit{.each = rate::from_picos(most), .per = all}, all).micros() ==
          most / 1'000'000 + 1);
    const cost::per_unit rounded_up{.each = 1_cr_each, .mode = rounding::up, .places = 0};
    CHECK(rounded_up.price(of_units(all)) == errc::amount_overflow);
    const cost::per_unit least{.each = 0_cr_each, .per = all, .minimum = credits::max()};
    CHECK(total(least, 0_units) == credits::max());
}

TEST_CASE("a usage that cannot be priced says which of its figures is wrong") {
    const auto wrong = [](const coffer::result<price>& r) {
        CHECK(r == errc::invalid_argument);
        CHECK(r.error().subject() == "work");
        return r.error().field();
    };
    const cost::per_unit model{.each = 1_cr_each};
    CHECK(wrong(model.price({.action = "work"})) == "quantity");
    CHECK(wrong(model.price(of_units(quantity::from_micros(-1)))) == "quantity");
    CHECK(wrong(cost::flat{1_cr}.price({.action = "work", .input_tokens = -1})) == "input_tokens");
    CHECK(wrong(cost::flat{1_cr}.price({.action = "work", .cached_tokens = -1})) ==
          "cached_tokens");
    CHECK(wrong(cost::per_unit{.places = 7}.price(of_units(1_units))) == "places");
    CHECK(model.price({.action = "work"}).error().sentence() ==
          "is missing: this price is by the unit");
    const auto malformed = cost::flat{credits::from_micros(-1)}.price(of_units(1_units));
    REQUIRE(malformed == errc::policy_contract);
    CHECK(malformed.error().sentence() == "the price of this action is not well formed");
}

TEST_CASE("a price between bounds is stated by the caller, never computed") {
    const cost::between message{.least = 0.1_cr, .most = 1_cr};
    const auto refused = message.price(of_units(1_units));
    REQUIRE(refused == errc::invalid_argument);
    CHECK(refused.error().subject() == "work");
    CHECK(refused.error().field() == "amount");
    const auto range = coffer::range_of(message, "message");
    REQUIRE(range);
    CHECK(range->contains(0.1_cr));
    CHECK(range->contains(1_cr));
    CHECK_FALSE(range->contains(0.099999_cr));
    CHECK_FALSE(range->contains(1.000001_cr));
    CHECK_FALSE(range->contains(0_cr));
    CHECK(coffer::range_of(cost::between{.least = 2_cr, .most = 2_cr}, "x")->contains(2_cr));
}

TEST_CASE("bounds that make no sense let no amount pass") {
    CHECK_FALSE(coffer::range_of(cost::between{.least = 2_cr, .most = 1_cr}, "x"));
    CHECK_FALSE(
        coffer::range_of(cost::between{.least = credits::from_micros(-1), .most = 1_cr}, "x"));
    CHECK_FALSE(cost::between{.least = 2_cr, .most = 1_cr}.well_formed());
}
