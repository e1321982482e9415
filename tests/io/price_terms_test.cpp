#include "support/catch.hpp"

#include <coffer/io/price_map.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

using namespace coffer::literals;
using boost::multiprecision::cpp_int;
using coffer::errc;
using coffer::price_map;
using coffer::price_terms;
using coffer::rounding;
using coffer::token_kind;
using coffer::usage;
using coffer::usd;

namespace {

using priced = coffer::result<coffer::cost::tokens, coffer::price_map_error>;

constexpr std::string_view flat_prices = R"("input_cost_per_token": 1, "output_cost_per_token": 5)";

usd dollars(std::string_view text) { return usd::parse(text).or_throw(); }
coffer::rate each(std::string_view text) { return coffer::rate::parse(text).or_throw(); }

/// The model `m` with these keys, at one dollar a credit.
priced model_of(std::string_view keys, const price_terms& terms = {}) {
    const auto map = price_map::parse("{\"m\": {" + std::string{keys} + "}}", "p");
    REQUIRE(map);
    return map->tokens("m", dollars("1"), terms);
}
priced beside_flat(const std::string& keys, const price_terms& terms = {}) {
    return model_of(std::string{flat_prices} + ", " + keys, terms);
}
std::string complaint(const priced& p) { return p ? "" : p.error().text(); }

coffer::credits cost(const priced& p, const usage& used) {
    REQUIRE(complaint(p) == "");
    return p->price(used).or_throw().total;
}

const std::string two_ranges = R"("tiered_pricing": [
    {"range": [0, 256e3], "input_cost_per_token": 2, "output_cost_per_token": 3},
    {"range": [256e3, 1e6], "input_cost_per_token": 4, "output_cost_per_token": 6}])";

}  // namespace

TEST_CASE("a price under a key that is not known refuses its model, unless it may be left out") {
    for (const std::string key : {
             "input_cost_per_token_cached",
             "cached_input_cost_per_token",
             "input_token_cost_cache_hit",
             "cost_per_input_token_cached",
             "prompt_cost_per_token",
             "input_cost_per_tokens",
             "input_cost_per_1k_tokens",
             "input_cost_per_million",
             "input_mtok",
             "cacheHitCostPerToken",
             "INPUT_COST_PER_TOKEN_CACHE_HIT",
             "inputCostPer1MTokens",
             "input_cost_per_token_above_200k",
             "input_cost_per_token_over_200k_tokens",
             "input_cost_per_token_off_peak",
             "cache_creation_input_token_cost_above_5min",
             "cache_read_input_image_token_cost",
             "output_cost_per_thinking_token",
             "output_cost_per_char",
             "input_cost_per_character_above_128k_tokens",
             "input_cost_per_sec",
             "output_cost_per_second_1080p",
             "input_cost_per_video_per_second",
             "input_cost_per_minute",
             "input_cost_per_image_above_128k_tokens",
             "price_tiers",
             "tiered_pricing_v2",
             "token_rate",
             "input_price",
             "cache_discount",
             "usd_per_1k",
         }) {
        CAPTURE(key);
        const std::string row = "\"" + key + "\": 1.4e-08";
        const priced refused = beside_flat(row);
        REQUIRE(!refused);
        CHECK(refused.error().text().find("model 'm': " + key + " is ") != std::string::npos);
        CHECK(refused.error().text().find("'leave_out'") != std::string::npos);
        CHECK_FALSE(beside_flat(row, {.leave_out = {"another"}}));
        CHECK(cost(beside_flat(row, {.leave_out = {key}}), {.input_tokens = 3}) == 3_cr);
        CHECK(beside_flat("\"" + key + "\": null"));
        CHECK_FALSE(beside_flat("\"" + key + "\": \"1.4e-08\""));
        CHECK_FALSE(beside_flat("\"" + key + "\": {\"low\": 1}"));
        CHECK_FALSE(beside_flat("\"details\": [{\"" + key + "\": 1}]"));
    }
}

TEST_CASE("a price within another value refuses its model by its path") {
    CHECK(complaint(beside_flat(R"("standard": {"input_cost_per_token": 7})")) ==
          "p:1: model 'm': standard.input_cost_per_token is a price that is not known; name it in "
          "'leave_out' to sell without it");
    CHECK(beside_flat(R"("standard": {"input_cost_per_token": 7})",
                      {.leave_out = {"standard.input_cost_per_token"}}));
    CHECK(beside_flat(R"("provider_specific_entry": {"us": 1.1, "fast": 6.0},
                         "metadata": {"notes": ["cost per token: 3"]})"));
}

TEST_CASE("prices in another currency than dollars refuse their model") {
    CHECK(complaint(beside_flat(R"("currency": "CNY")")) ==
          "p:1: model 'm': currency is not USD: CNY");
    CHECK(beside_flat(R"("currency": "USD")"));
}

TEST_CASE("prices other than of tokens may be left out all at once, unknown ones by name only") {
    const price_terms terms{.tokens_only = true};
    CHECK(beside_flat(R"("input_cost_per_second": 1, "output_cost_per_character": 2)", terms));
    CHECK_FALSE(beside_flat(R"("input_cost_per_token_cached": 1)", terms));
    CHECK_FALSE(beside_flat(R"("cache_read_input_token_cost": -1)", terms));
}

TEST_CASE("the older name of the price of a cache hit is known") {
    const priced deep = beside_flat(R"("input_cost_per_token_cache_hit": 0.1)");
    CHECK(cost(deep, {.input_tokens = 1, .cached_tokens = 10}) == 2_cr);
    CHECK(beside_flat(R"("input_cost_per_token_cache_hit": 0.1,
                         "cache_read_input_token_cost": 0.1)"));
    CHECK(complaint(beside_flat(R"("input_cost_per_token_cache_hit": 0.1,
                                   "cache_read_input_token_cost": 0.2)")) ==
          "p:2: model 'm': cache_read_input_token_cost contradicts "
          "input_cost_per_token_cache_hit in line 1");
}

TEST_CASE("each kind of token has a price of its own") {
    const priced all = beside_flat(R"(
        "output_cost_per_reasoning_token": 6, "cache_read_input_token_cost": 0.1,
        "cache_creation_input_token_cost": 1.25, "cache_creation_input_token_cost_above_1hr": 2,
        "input_cost_per_audio_token": 7, "output_cost_per_audio_token": 8,
        "input_cost_per_image_token": 9, "output_cost_per_image_token": 10,
        "citation_cost_per_token": 11)");
    REQUIRE(complaint(all) == "");
    CHECK(all->rates == coffer::cost::token_rates{.input = each("1"),
                                                  .output = each("5"),
                                                  .reasoning = each("6"),
                                                  .cached = each("0.1"),
                                                  .cache_write = each("1.25"),
                                                  .cache_write_1h = each("2"),
                                                  .audio_input = each("7"),
                                                  .audio_output = each("8"),
                                                  .image_input = each("9"),
                                                  .image_output = each("10"),
                                                  .citation = each("11")});
    CHECK(all->implied.empty());
}

TEST_CASE("cache writes that live an hour have their own price, also above a bound") {
    const priced opus = beside_flat(R"(
        "cache_creation_input_token_cost": 1.25, "cache_creation_input_token_cost_above_1hr": 2,
        "cache_creation_input_token_cost_above_200k_tokens": 2.5,
        "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 4)");
    CHECK(cost(opus, {.cache_write_tokens = 4, .cache_write_1h_tokens = 1}) == 7_cr);
    CHECK(cost(opus, {.cache_write_1h_tokens = 300'000}) == 1'200'000_cr);
    CHECK(cost(opus, {.cache_write_tokens = 300'000}) == 750'000_cr);
    const priced without = beside_flat(R"("cache_creation_input_token_cost": 1.25)");
    CHECK(cost(without, {.cache_write_1h_tokens = 4}) == 5_cr);
}

TEST_CASE("ranges of tiered_pricing hold as prices above a number of tokens do") {
    const priced flash = model_of(two_ranges);
    CHECK(cost(flash, {.input_tokens = 256'000}) == 512'000_cr);
    CHECK(cost(flash, {.input_tokens = 256'001}) == 1'024'004_cr);
    CHECK(cost(flash, {.input_tokens = 2'000'000}) == 8'000'000_cr);  // beyond the last range
    CHECK(cost(flash, {.input_tokens = 256'001, .output_tokens = 1}) == 1'024'010_cr);
    // In any order, with bounds that begin one later, an open end, and a kind left out.
    const priced other = model_of(R"("tiered_pricing": [
        {"range": [101, null], "input_cost_per_token": 9},
        {"range": [1, 10], "input_cost_per_token": 1, "output_cost_per_token": 3},
        {"range": [11, 100], "input_cost_per_token": 5, "cache_read_input_token_cost": 2}])");
    CHECK(cost(other, {.input_tokens = 10, .output_tokens = 1}) == 13_cr);
    CHECK(cost(other, {.input_tokens = 11, .output_tokens = 1}) == 58_cr);
    CHECK(cost(other, {.input_tokens = 101, .output_tokens = 1}) == 912_cr);
    CHECK(cost(other, {.input_tokens = 100, .cached_tokens = 1}) == 902_cr);
}

TEST_CASE("a price without a range beside tiered_pricing never wins in silence") {
    const std::string same = R"("input_cost_per_token": 2, "output_cost_per_token": 3, )";
    CHECK(cost(model_of(same + two_ranges), {.input_tokens = 256'001}) == 1'024'004_cr);
    CHECK(complaint(model_of(R"("input_cost_per_token": 1, )" + two_ranges)) ==
          "p:1: model 'm': input_cost_per_token contradicts input_cost_per_token in line 2");
    const priced chosen = model_of(R"("input_cost_per_token": 1, )" + two_ranges,
                                   {.leave_out = {"input_cost_per_token"}});
    CHECK(cost(chosen, {.input_tokens = 10}) == 20_cr);
    CHECK(cost(chosen, {.input_tokens = 256'001}) == 1'024'004_cr);
    // What no range prices, the price without one does, below and above.
    const priced cached = model_of(R"("cache_read_input_token_cost": 1, )" + two_ranges);
    CHECK(cost(cached, {.cached_tokens = 300'000}) == 300'000_cr);
    // Below the first range it is all there is.
    const priced above =
        beside_flat(R"("tiered_pricing": [{"range": [100, 200], "input_cost_per_token": 3}])");
    CHECK(cost(above, {.input_tokens = 100}) == 100_cr);
    CHECK(cost(above, {.input_tokens = 101}) == 303_cr);
    CHECK_FALSE(model_of(R"("tiered_pricing": [{"range": [100, 200], "input_cost_per_token": 3,
                                               "output_cost_per_token": 3}])"));
}

TEST_CASE("ranges that cannot be told apart refuse their model") {
    for (const char* tiers : {
             R"([{"range": [0, 10], "input_cost_per_token": 1}, {"range": [20, 30]}])",
             R"([{"range": [0, 10], "input_cost_per_token": 1}, {"range": [5, 30]}])",
             R"([{"range": [0, 10], "input_cost_per_token": 1}, {"range": [0, 10]}])",
             R"([{"range": [10, 0], "input_cost_per_token": 1}])",
             R"([{"range": [0], "input_cost_per_token": 1}])",
             R"([{"range": [0, "10k"], "input_cost_per_token": 1}])",
             R"([{"range": [0, 1.5], "input_cost_per_token": 1}])",
             R"([{"range": [-1, 5], "input_cost_per_token": 1}])",
             R"([{"range": 7, "input_cost_per_token": 1}])",
             R"([{"input_cost_per_token": 1}])",
             R"([{"range": [0, 10], "input_cost_per_token": -1}])",
             R"([{"range": [0, 10], "input_cost_per_token": "1"}])",
             R"([{"range": [0, 10], "input_cost_per_token": 1, "output_cost_per_second": 1}])",
             R"([{"range": [0, 10], "input_cost_per_token": 1, "max_results_range": [0, 5]}])",
             R"([{"range": [0, 10], "input_cost_per_token_above_1k_tokens": 1}])",
             R"([3])",
             R"({"range": [0, 10]})",
             R"(3)",
         }) {
        CAPTURE(tiers);
        CHECK_FALSE(beside_flat("\"tiered_pricing\": " + std::string{tiers}));
    }
    CHECK(beside_flat(R"("tiered_pricing": [])"));
    CHECK(beside_flat(R"("tiered_pricing": null)"));
    const std::string both = R"("tiered_pricing": [{"range": [0, 10], "input_cost_per_token": 1}],
                                "input_cost_per_token_above_1k_tokens": 2)";
    CHECK(complaint(beside_flat(both)) ==
          "p:1: model 'm': tiered_pricing stands beside prices above a number of tokens");
    CHECK(beside_flat(both, {.leave_out = {"tiered_pricing"}}));
    CHECK_FALSE(beside_flat(both, {.tokens_only = true}));
}

TEST_CASE("a bound of tokens is written with k, m or as it is") {
    for (const char* bound : {"200k", "200000", "0.2m"}) {
        CAPTURE(bound);
        const priced p =
            beside_flat("\"input_cost_per_token_above_" + std::string{bound} + "_tokens\": 2");
        CHECK(cost(p, {.input_tokens = 200'000}) == 200'000_cr);
        CHECK(cost(p, {.input_tokens = 200'001}) == 400'002_cr);
    }
}

TEST_CASE("a model whose only prices are of other kinds is not sold for nothing") {
    const std::string free = R"("input_cost_per_token": 0, "output_cost_per_token": 0.0, )";
    for (const std::string key :
         {"input_cost_per_query", "output_cost_per_image", "ocr_cost_per_page",
          "input_cost_per_token_batches", "search_context_cost_per_query"}) {
        CAPTURE(key);
        const std::string row = "\"" + key + "\": 0.002";
        CHECK_FALSE(model_of(free + row));
        CHECK_FALSE(model_of(free + "\"" + key + "\": {\"low\": 0, \"high\": 0.01}"));
        CHECK(cost(model_of(free + row, {.leave_out = {key}}), {.input_tokens = 9}) == 0_cr);
        CHECK(model_of(free + row, {.tokens_only = true}));
        CHECK(model_of(free + "\"" + key + "\": 0.0"));
        CHECK(beside_flat(row));
    }
    CHECK(model_of(free + R"("mode": "chat")"));  // free, and says so
    CHECK_FALSE(model_of(R"("mode": "rerank", "input_cost_per_query": 0.002)"));
    CHECK(complaint(model_of(R"("input_cost_per_token": 1, "output_cost_per_token": 0,
                                "output_cost_per_image": 0.04)")) ==
          "p:2: model 'm': output_cost_per_image is not charged, and its tokens cost nothing; name "
          "it in 'leave_out' to sell without it");
    CHECK(model_of(R"("input_cost_per_token": 1, "output_cost_per_token": 0,
                      "input_cost_per_image": 0.04)"));
}

TEST_CASE("a price with a tail of a float is refused, and rounded by choice") {
    const std::string tails = R"("input_cost_per_token": 2.9999900000000002e-06,
                                 "output_cost_per_token": 1.5000020000000002e-05)";
    CHECK_FALSE(model_of(tails));
    const priced rounded = model_of(tails, {.rounding = rounding::half_even});
    REQUIRE(complaint(rounded) == "");
    CHECK(rounded->rates.input == each("0.00000299999"));
    CHECK(rounded->rates.output == each("0.00001500002"));
    CHECK(model_of(tails, {.rounding = rounding::up})->rates.input == each("0.000002999991"));
    const std::string tiny = R"("input_cost_per_token": 1e-13, "output_cost_per_token": 1)";
    CHECK(model_of(tiny, {.rounding = rounding::up})->rates.input == each("1e-12"));
    CHECK_FALSE(model_of(tiny, {.rounding = rounding::down}));  // never for nothing
    CHECK_FALSE(model_of(R"("input_cost_per_token": -1e-13, "output_cost_per_token": 1)",
                         {.rounding = rounding::up}));
}

TEST_CASE("a rounded price in credits is the quotient of integers of any size, rounded once") {
    std::mt19937_64 random{20260721};
    const auto below = [&](std::uint64_t n) { return random() % n; };
    int rounded = 0;
    for (int round = 0; round < 20'000; ++round) {
        const std::uint64_t price = 1 + below(std::uint64_t{1} << below(50));
        const std::uint64_t worth = 1 + below(std::uint64_t{1} << below(50));
        const int price_exponent = -static_cast<int>(below(40));
        const int worth_exponent = -static_cast<int>(below(30));
        const auto as_usd = [](std::uint64_t n, int e) {
            return dollars(std::to_string(n) + "e" + std::to_string(e));
        };
        const auto mode = static_cast<rounding>(below(4));
        const auto found =
            to_credits(as_usd(price, price_exponent), as_usd(worth, worth_exponent), mode);
        const auto ten_to = [](int e) -> cpp_int {
            return boost::multiprecision::pow(cpp_int{10}, static_cast<unsigned>(e));
        };
        const cpp_int dividend = cpp_int{price} * ten_to(12 + 40 + price_exponent);
        const cpp_int divisor = cpp_int{worth} * ten_to(40 + worth_exponent);
        cpp_int whole = dividend / divisor;
        const cpp_int twice = dividend % divisor * 2;
        const bool is_odd = whole % 2 != 0;
        if (mode == rounding::up && twice > 0) ++whole;
        if (mode == rounding::half_up && twice >= divisor) ++whole;
        if (mode == rounding::half_even && (twice > divisor || (twice == divisor && is_odd))) {
            ++whole;
        }
        CAPTURE(price, price_exponent, worth, worth_exponent, static_cast<int>(mode));
        if (whole > INT64_MAX) {
            CHECK(found == errc::amount_overflow);
        } else {
            REQUIRE(found);
            CHECK(cpp_int{found->picos()} == whole);
            ++rounded;
        }
    }
    CHECK(rounded > 5'000);
    CHECK(to_credits(dollars("1"), dollars("0"), rounding::up) == errc::invalid_argument);
    CHECK(to_credits(dollars("0"), dollars("3"), rounding::up) == coffer::rate{});
}

TEST_CASE("what stands beside the models is skipped and reported") {
    const auto map = price_map::parse(R"({
"m": {"input_cost_per_token": 1, "output_cost_per_token": 5},
"last_updated": "2026-07-24T18:23:43.215560+00:00",
"version": 3, "beta": false, "sources": ["a", {"b": 1}], "nothing": null,
"n": {"input_cost_per_token": 1, "output_cost_per_token": 5}})",
                                      "p");
    REQUIRE(map);
    CHECK(map->models().size() == 2);
    REQUIRE(map->skipped().size() == 5);
    CHECK(map->skipped()[0].key == "last_updated");
    CHECK(map->skipped()[0].line == 3);
    CHECK(map->skipped()[0].what == "a text: 2026-07-24T18:23:43.215560+00:00");
    CHECK(map->skipped()[1].what == "a number: 3");
    CHECK(map->skipped()[3].what == "a list");
    CHECK(complaint(map->tokens("version", dollars("1"))) ==
          "p:4: 'version' is no model but a number: 3");
    CHECK(map->tokens("n", dollars("1")));
}

TEST_CASE("a byte order mark before a price map is no part of it, and UTF-16 is named") {
    CHECK(price_map::parse("\xEF\xBB\xBF{\"m\": {}}")->models().size() == 1);
    const auto wide = price_map::parse(std::string_view{"\xFF\xFE{\0}\0", 6}, "p");
    REQUIRE(!wide);
    CHECK(wide.error().text() == "p:1: this is UTF-16: a price map is UTF-8");
}

TEST_CASE("values nested without end do not exhaust the stack") {
    const std::string deep(100'000, '[');
    const auto map = price_map::parse("{\"m\": {\"x\": " + deep, "p");
    REQUIRE(!map);
    CHECK(map.error().sentence == "it is nested too deeply");
}
