#include "support/catch.hpp"

#include <coffer/policy/cost.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace coffer::literals;
namespace cost = coffer::cost;
using coffer::credits;
using coffer::errc;
using coffer::price;
using coffer::quantity;
using coffer::rate;
using coffer::result;
using coffer::rounding;
using coffer::usage;

namespace {

usage units(quantity n) {
    usage u;
    u.action = "post";
    u.quantity = n;
    return u;
}
usage tokens(std::int64_t input, std::int64_t output) {
    usage u;
    u.action = "chat";
    u.input_tokens = input;
    u.output_tokens = output;
    return u;
}
template <class Policy>
credits total(const Policy& policy, const usage& used) {
    result<price> priced = policy.price(used);
    REQUIRE(priced);
    return priced->total;
}

}  // namespace

TEST_CASE("free costs nothing, whatever is used") {
    CHECK(total(cost::free{}, {}) == 0_cr);
    CHECK(total(cost::free{}, units(1'000'000_units)) == 0_cr);
    CHECK(cost::free{}.price({})->lines.empty());
}

TEST_CASE("a flat price counts once without a quantity, else times the quantity") {
    const cost::flat post{2.5_cr};
    CHECK(total(post, {}) == 2.5_cr);
    CHECK(total(post, units(0_units)) == 0_cr);
    CHECK(total(post, units(3_units)) == 7.5_cr);
    CHECK(total(post, units(0.5_units)) == 1.25_cr);
    CHECK(total(cost::flat{0.000001_cr}, units(0.1_units)) == 0.000001_cr);
    const auto priced = post.price(units(3_units));
    REQUIRE(priced->lines.size() == 1);
    CHECK(priced->lines[0].units == 3_units);
    CHECK(priced->lines[0].each == 2.5_cr_each);
}

TEST_CASE("a flat price that does not fit is amount_overflow") {
    CHECK(cost::flat{credits::max()}.price(units(2_units)) == errc::amount_overflow);
    CHECK(total(cost::flat{credits::max()}, units(1_units)) == credits::max());
    CHECK(cost::flat{1_cr}.price(
        units(quantity::from_micros(std::numeric_limits<std::int64_t>::max()))));
}

TEST_CASE("a rate per unit is exact, and rounded once by its mode to its places") {
    auto per_thousand = [](rounding mode, int places, quantity n) {
        return total(cost::per_unit{.each = 0.001_cr_each, .mode = mode, .places = places},
                     units(n));
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
    CHECK(total(per_hundred, units(245_units)) == 2.5_cr);
    CHECK(total(per_hundred, units(244_units)) == 2.4_cr);
}

TEST_CASE("by default a rate rounds up to the millionth") {
    const cost::per_unit tiny{.each = 0.000000000001_cr_each};
    CHECK(total(tiny, units(1_units)) == 0.000001_cr);
    CHECK(total(tiny, units(1'000'000_units)) == 0.000001_cr);
    CHECK(total(tiny, units(1'000'001_units)) == 0.000002_cr);
}

TEST_CASE("an increment raises the quantity to a multiple, and the line says so") {
    const cost::per_unit voice{.each = 3_cr_each, .increment = 0.5_units};
    CHECK(total(voice, units(0.1_units)) == 1.5_cr);
    CHECK(total(voice, units(0.5_units)) == 1.5_cr);
    CHECK(total(voice, units(0.500001_units)) == 3_cr);
    CHECK(total(voice, units(0_units)) == 0_cr);
    CHECK(voice.price({}) == coffer::errc::invalid_argument);  // it would pass for one unit
    CHECK(voice.price(units(0.1_units))->lines[0].units == 0.5_units);
    const quantity most = quantity::from_micros(std::numeric_limits<std::int64_t>::max());
    CHECK(voice.price(units(most)) == errc::amount_overflow);
}

TEST_CASE("a minimum is the least cost") {
    const cost::per_unit voice{.each = 3_cr_each, .minimum = 2_cr};
    CHECK(total(voice, units(0.5_units)) == 2_cr);
    CHECK(total(voice, units(0_units)) == 2_cr);
    CHECK(total(voice, units(1_units)) == 3_cr);
}

TEST_CASE("a negative rate never passes for a price of nothing") {
    const cost::per_unit wrong{.each = rate::from_picos(-1'618'800'000'000)};
    const auto priced = wrong.price(units(1'000_units));
    CHECK((!priced || priced->total.is_negative()));  // which the wallet refuses
    const auto whole = cost::flat{credits::from_micros(-1)}.price(units(1_units));
    CHECK((!whole || whole->total.is_negative()));
}

TEST_CASE("a negative rate for one kind of token does not hide behind the others") {
    const cost::tokens wrong{
        .rates = {.input = 5_cr_each, .output = rate::from_picos(-1'000'000'000'000)}};
    CHECK(wrong.price(tokens(10, 1)) == errc::policy_contract);
    CHECK(total(wrong, tokens(10, 0)) == 50_cr);
}

TEST_CASE("places that no credit has are refused") {
    for (int places : {-1, 7}) {
        const cost::per_unit wrong{.each = 1_cr_each, .places = places};
        CHECK(wrong.price(units(1_units)) == errc::invalid_argument);
    }
}

TEST_CASE("tokens are summed exactly over all kinds and rounded up once") {
    const cost::tokens model{.rates = {.input = 0.0000001_cr_each,
                                       .output = 0.0000002_cr_each,
                                       .reasoning = 0.0000003_cr_each,
                                       .cached = 0.00000001_cr_each,
                                       .cache_write = 0.00000002_cr_each}};
    usage u = tokens(1, 1);
    u.reasoning_tokens = 1;
    u.cached_tokens = 1;
    u.cache_write_tokens = 1;
    const auto priced = model.price(u);
    REQUIRE(priced);
    CHECK(priced->total == 0.000001_cr);  // each by itself would come to five millionths
    CHECK(priced->lines.size() == 5);
    CHECK(priced->lines[1].what == "output tokens");
    CHECK(priced->lines[1].each == 0.0000002_cr_each);
    CHECK(total(model, tokens(1'000'000, 500'000)) == 0.2_cr);
    CHECK(model.price(tokens(5, 0))->lines.size() == 1);
    CHECK(total(model, {}) == 0_cr);
}

TEST_CASE("a quantity where tokens are priced is refused: it would be free") {
    const cost::tokens model{.rates = {.input = 1_cr_each}};
    const auto refused = model.price(units(3_units));
    REQUIRE(refused == errc::invalid_argument);
    CHECK(refused.error().subject() == "post");
}

TEST_CASE("a tier replaces all rates above its bound of input, cached input included") {
    const cost::token_rates cheap{.input = 1_cr_each, .output = 2_cr_each, .cached = 0.5_cr_each};
    const cost::token_rates dear{.input = 3_cr_each, .output = 4_cr_each, .cached = 1_cr_each};
    const cost::token_rates dearest{.input = 9_cr_each, .output = 9_cr_each};
    const cost::tokens model{
        .rates = cheap,
        .tiers = {{.above_input = 100, .rates = dear}, {.above_input = 200, .rates = dearest}}};
    CHECK(total(model, tokens(100, 10)) == 120_cr);
    CHECK(total(model, tokens(101, 10)) == 343_cr);
    CHECK(total(model, tokens(200, 0)) == 600_cr);
    CHECK(total(model, tokens(201, 0)) == 1'809_cr);
    CHECK(total(model, tokens(0, 1'000)) == 2'000_cr);
    usage cached = tokens(60, 0);
    cached.cached_tokens = 40;
    CHECK(total(model, cached) == 80_cr);
    cached.cache_write_tokens = 1;
    CHECK(total(model, cached) == 220_cr);
}

TEST_CASE("counts at the end of 64 bits choose the highest tier and overflow as a price") {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const cost::tokens model{.rates = {},
                             .tiers = {{.above_input = most, .rates = {.input = 1_cr_each}}}};
    usage u = tokens(most, 0);
    CHECK(total(model, u) == 0_cr);
    u.cached_tokens = most;
    u.cache_write_tokens = most;
    CHECK(model.price(u) == errc::amount_overflow);
}

TEST_CASE("splitting tokens is never cheaper with the default rounding") {
    std::mt19937_64 random{7};
    const cost::tokens model{
        .rates = {.input = 0.000000123_cr_each, .output = 0.000000457_cr_each}};
    auto below = [&](std::int64_t limit) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
    };
    for (int i = 0; i < 1'000; ++i) {
        const std::int64_t in = below(10'000) + 1, out = below(10'000) + 1;
        const std::int64_t in_first = below(in), out_first = below(out);
        const credits whole = total(model, tokens(in, out));
        const credits parts = *(total(model, tokens(in_first, out_first)) +
                                total(model, tokens(in - in_first, out - out_first)));
        REQUIRE(parts >= whole);
    }
}

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
