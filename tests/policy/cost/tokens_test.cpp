#include "policy/cost/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/tokens.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

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

/// A call to a model.
usage tokens(std::int64_t input, std::int64_t output) {
    usage used;
    used.action = "chat";
    used.input_tokens = input;
    used.output_tokens = output;
    return used;
}

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("a negative rate for one kind of token does not hide behind the others") {
    const cost::tokens wrong{
        .rates = {.input = 5_cr_each, .output = rate::from_picos(-1'000'000'000'000)}};
    CHECK(wrong.price(tokens(10, 1)) == errc::policy_contract);
    CHECK(total(wrong, tokens(10, 0)) == 50_cr);
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
    CHECK(total(model, usage{}) == 0_cr);
}

TEST_CASE("every kind of token has its own rate and its own line") {
    for (std::size_t i = 0; i < coffer::token_kind_count; ++i) {
        const auto& field = coffer::detail::token_rate_fields[i];
        CAPTURE(std::string{field.line});
        cost::tokens model;
        model.rates.*field.each = 2_cr_each;
        CHECK(model.kinds({}) == coffer::token_kinds{field.kind});
        usage used;
        used.*field.count = 7;
        const auto priced = model.price(used);
        REQUIRE(priced);
        CHECK(priced->total == 14_cr);
        REQUIRE(priced->lines.size() == 1);
        CHECK(priced->lines[0].what == field.line);
        model.rates.*field.each = rate::from_picos(-1);
        CHECK_FALSE(model.well_formed());
        CHECK(model.price(used) == errc::policy_contract);
    }
}

TEST_CASE("a call of all kinds of tokens is summed exactly, with a line for each") {
    cost::tokens model;
    usage used;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < coffer::token_kind_count; ++i) {
        const auto n = static_cast<std::int64_t>(i + 1);
        model.rates.*coffer::detail::token_rate_fields[i].each =
            rate::from_picos(n * 1'000'000'000'000);
        used.*coffer::detail::token_rate_fields[i].count = 10 * n;
        sum += 10 * n * n;
    }
    CHECK(total(model, used) == credits::whole(sum));
    CHECK(model.price(used)->lines.size() == coffer::token_kind_count);
}

TEST_CASE("the kinds of a price are those with a rate in any tier, but for the implied") {
    using coffer::token_kind;
    const cost::tokens model{
        .rates = {.input = 1_cr_each, .output = 1_cr_each, .reasoning = 1_cr_each},
        .tiers = {{.above_input = 10, .rates = {.input = 1_cr_each, .audio_input = 1_cr_each}}},
        .implied = {token_kind::reasoning, token_kind::image_input}};
    CHECK(model.kinds({}) ==
          coffer::token_kinds{token_kind::input, token_kind::output, token_kind::audio_input});
}

TEST_CASE("one-hour writes, audio and images are input of a call, citations are not") {
    const cost::tokens model{.rates = {.input = 1_cr_each},
                             .tiers = {{.above_input = 9, .rates = {.input = 2_cr_each}}}};
    auto cost_with = [&](std::int64_t usage::*count) {
        usage used = tokens(5, 0);
        used.*count = 5;
        return total(model, used);
    };
    for (auto count :
         {&usage::cached_tokens, &usage::cache_write_tokens, &usage::cache_write_1h_tokens,
          &usage::audio_input_tokens, &usage::image_input_tokens}) {
        CHECK(cost_with(count) == 10_cr);
    }
    for (auto count : {&usage::output_tokens, &usage::reasoning_tokens, &usage::audio_output_tokens,
                       &usage::image_output_tokens, &usage::citation_tokens}) {
        CHECK(cost_with(count) == 5_cr);
    }
}

TEST_CASE("a quantity where tokens are priced is refused: it would be free") {
    const cost::tokens model{.rates = {.input = 1_cr_each}};
    const auto refused = model.price({.action = "post", .quantity = 3_units});
    REQUIRE(refused == errc::invalid_argument);
    CHECK(refused.error().subject() == "post");
    CHECK(refused.error().field() == "quantity");
    CHECK(model.price({.output_tokens = -1}).error().field() == "output_tokens");
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

TEST_CASE("tokens are rounded once by their mode to their places") {
    usage used;
    used.input_tokens = 1'247;
    used.output_tokens = 3;
    cost::tokens model{.rates = {.input = 0.001_cr_each, .output = 0.01_cr_each}, .places = 2};
    CHECK(total(model, used) == 1.28_cr);
    model.mode = rounding::down;
    CHECK(total(model, used) == 1.27_cr);
    model.places = 7;
    CHECK(model.price(used) == errc::invalid_argument);
}

TEST_CASE("token prices are what fractions say, and their lines account for all of them") {
    edgy_prices random{81};
    for (int i = 0; i < 10'000; ++i) {
        const cost::tokens model{.rates = {.input = random.each(),
                                           .output = random.each(),
                                           .reasoning = random.each(),
                                           .cached = random.each(),
                                           .cache_write = random.each()},
                                 .mode = random.mode(),
                                 .places = random.places()};
        usage used;
        used.input_tokens = random.count();
        used.output_tokens = random.count();
        used.reasoning_tokens = random.count();
        used.cached_tokens = random.count();
        used.cache_write_tokens = random.count();
        const fraction cost = exact(model.rates.input) * used.input_tokens +
                              exact(model.rates.output) * used.output_tokens +
                              exact(model.rates.reasoning) * used.reasoning_tokens +
                              exact(model.rates.cached) * used.cached_tokens +
                              exact(model.rates.cache_write) * used.cache_write_tokens;
        REQUIRE(answers(model.price(used), cost, model.mode, model.places));
    }
}

TEST_CASE("token tiers that do not rise are policy_contract") {
    usage used;
    used.input_tokens = 10;
    const cost::token_rates one{.input = 1_cr_each};
    const cost::tokens falling{
        .rates = one,
        .tiers = {{.above_input = 200, .rates = one}, {.above_input = 100, .rates = one}}};
    CHECK(falling.price(used) == errc::policy_contract);
    CHECK_FALSE(falling.well_formed());
    const cost::tokens negative{.rates = one, .tiers = {{.above_input = -1, .rates = one}}};
    CHECK(negative.price(used) == errc::policy_contract);
    const cost::tokens hidden{
        .rates = one, .tiers = {{.above_input = 9, .rates = {.output = rate::from_picos(-1)}}}};
    CHECK_FALSE(hidden.well_formed());
}
