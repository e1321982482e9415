#include "io/plan_file_fixture.hpp"

#include <coffer/io/detail/cost_reader.hpp>

using namespace coffer_test;
using coffer::errc;

TEST_CASE("a plan file says prices of one figure") {
    CHECK(cost_of(R"("1")") == 1_cr);
    CHECK(cost_of(R"("1.5")", 3_units) == 4.5_cr);
    CHECK(cost_of(R"("0")") == 0_cr);
    CHECK(cost_of(R"({"price": "1", "category": "a/b"})") == 1_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "1 minute"})", 1.5_units) == 4.5_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "minute"})", 2_units) == 6_cr);
    CHECK(cost_of(R"({"rate": "0.003", "per": "1000 tokens"})", 500_units) == 0.0015_cr);
    CHECK(cost_of(R"({"rate": "1", "per": "3 pages"})", 3_units) == 1_cr);
    CHECK(cost_of(R"({"rate": "1", "per": "3 pages"})", 1_units) == 0.333334_cr);
    CHECK(cost_of(R"({"rate": "1", "per": "0.5 hours"})", 2_units) == 4_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "1 minute", "increment": "1", "minimum": "5"})",
                  1.1_units) == 6_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "1 minute", "increment": "1", "minimum": "5"})",
                  0.1_units) == 5_cr);
    CHECK(cost_of(R"({"rate": "3"})", 1.5_units) == 4.5_cr);
    CHECK(cost_of(R"({"rate": "3", "minimum_if_used": "2"})", 0.1_units) == 2_cr);
    CHECK(cost_of(R"({"rate": "3", "minimum_if_used": "2"})", 0_units) == 0_cr);
    CHECK(cost_of(R"({"rate": "3", "minimum": "1", "minimum_if_used": "2"})", 0_units) == 1_cr);
    auto rounded = [](std::string_view mode) {
        return cost_of(R"({"rate": "0.5", "per": "1 unit", "places": 0, "rounding": ")" +
                           std::string{mode} + "\"}",
                       5_units);
    };
    CHECK(rounded("up") == 3_cr);
    CHECK(rounded("down") == 2_cr);
    CHECK(rounded("half_up") == 3_cr);
    CHECK(rounded("half_even") == 2_cr);
}

TEST_CASE("a plan file says prices of tokens, tiers, packages and ranges") {
    CHECK(cost_of(R"({"rates": {"input": "0.001", "output": "0.005", "reasoning": "0.004",
                                "cached": "0.0001"}})",
                  {.input_tokens = 1'000,
                   .output_tokens = 100,
                   .reasoning_tokens = 10,
                   .cached_tokens = 50}) == 1.545_cr);
    CHECK(cost_of(R"({"rates": {"cache_write": "1.25", "cache_write_1h": "2", "audio_input": "4",
                                "audio_output": "5", "image_input": "6", "image_output": "7",
                                "citation": "8"}})",
                  {.cache_write_tokens = 4,
                   .cache_write_1h_tokens = 1,
                   .audio_input_tokens = 1,
                   .audio_output_tokens = 1,
                   .image_input_tokens = 1,
                   .image_output_tokens = 1,
                   .citation_tokens = 1}) == 37_cr);
    const std::string_view tiers = R"([{"up_to": "10", "rate": "2", "flat": "1"},
                                       {"up_to": "20", "rate": "1"}, {"rate": "0.5"}])";
    CHECK(cost_of("{\"graduated\": " + std::string{tiers} + "}", 25_units) == 33.5_cr);
    CHECK(cost_of("{\"volume\": " + std::string{tiers} + "}", 20_units) == 20_cr);
    const std::string_view pack = R"({"package": {"size": "10", "price": "4", "free": "5"}})";
    CHECK(cost_of(pack, 5_units) == 0_cr);
    CHECK(cost_of(pack, 16_units) == 8_cr);
    CHECK(cost_of(R"({"package": {"size": "10", "price": "4"}})", 10_units) == 4_cr);

    const coffer::any_plan plan = plan_of(R"({"costs": {"a": {"range": ["0.1", "1"]}}})");
    CHECK(plan.cost.range({.action = "a"}) == coffer::price_range{0.1_cr, 1_cr});
}

TEST_CASE("a price that makes no sense is refused at its place") {
    CHECK(wrong_cost(R"("-1")") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost("1") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost("{}") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"category": "x"})") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"per": "1 x"})") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"price": "1", "minimum_if_used": "2"})") ==
          "invalid_argument plan.costs.a.minimum_if_used");
    CHECK(wrong_cost(R"({"rate": "1", "minimum_if_used": "-2"})") ==
          "invalid_argument plan.costs.a.minimum_if_used");
    CHECK(wrong_cost(R"({"rate": "1", "price": "1", "per": "1 x"})") ==
          "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"rate": "-1", "per": "1 x"})") == "invalid_argument plan.costs.a.rate");
    CHECK(wrong_cost(R"({"price": "1", "places": 2})") == "invalid_argument plan.costs.a.places");
    CHECK(wrong_cost(R"({"rate": "1", "per": "1 x", "places": 7})") ==
          "invalid_argument plan.costs.a.places");
    CHECK(wrong_cost(R"({"rate": "1", "per": "1 x", "rounding": "off"})") ==
          "invalid_argument plan.costs.a.rounding");
    CHECK(wrong_cost(R"({"price": "1", "category": ""})") ==
          "invalid_argument plan.costs.a.category");
    for (std::string_view per : {"", "0 pages", "-1 page", "1", "10", "1 ", "1.0000001 pages"}) {
        CAPTURE(per);
        CHECK(wrong_cost(R"({"rate": "1", "per": ")" + std::string{per} + "\"}") ==
              "invalid_argument plan.costs.a.per");
    }
    CHECK(wrong_cost(R"({"rate": "1", "per": "99999999999999 pages"})") ==
          "amount_overflow plan.costs.a.per");
    CHECK(wrong_cost(R"({"range": ["2", "1"]})") == "invalid_argument plan.costs.a.range");
    CHECK(wrong_cost(R"({"range": ["1"]})") == "invalid_argument plan.costs.a.range");
    CHECK(wrong_cost(R"({"range": ["1", "x"]})") == "invalid_argument plan.costs.a.range[1]");
    CHECK(wrong_cost(R"({"rates": {"inputs": "1"}})") ==
          "invalid_argument plan.costs.a.rates.inputs");
    CHECK(wrong_cost(R"({"graduated": []})") == "invalid_argument plan.costs.a.graduated");
    CHECK(wrong_cost(R"({"graduated": [{"up_to": "5", "rate": "1"}]})") ==
          "invalid_argument plan.costs.a.graduated");
    CHECK(wrong_cost(R"({"volume": [{"up_to": "5", "rate": "1"}, {"up_to": "5", "rate": "1"},
                                    {"rate": "1"}]})") == "invalid_argument plan.costs.a.volume");
    CHECK(wrong_cost(R"({"volume": [{"up_to": "5"}, {"rate": "1"}]})") ==
          "invalid_argument plan.costs.a.volume[0]");
    CHECK(wrong_cost(R"({"package": {"size": "0", "price": "1"}})") ==
          "invalid_argument plan.costs.a.package");
    CHECK(wrong_cost(R"({"package": {"size": "1", "price": "1", "free": "-1"}})") ==
          "invalid_argument plan.costs.a.package.free");
    CHECK(wrong(R"({"costs": {"": "1"}})").starts_with("invalid_argument plan.costs"));
    CHECK(wrong("{\"costs\": {\"" + std::string(64, 'a') + "\": \"1\"}}")
              .starts_with("invalid_argument plan.costs.aaa"));
}
