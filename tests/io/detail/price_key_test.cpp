#include "support/catch.hpp"

#include <coffer/io/detail/price_key.hpp>

using coffer::token_prices;
using coffer::detail::parse_price_key;
using coffer::detail::price_topic;

TEST_CASE("a price key says what is paid for, and from how many tokens on") {
    const auto input = parse_price_key("input_cost_per_token");
    CHECK(input.topic == price_topic::tokens);
    CHECK(input.price == &token_prices::input);
    CHECK(input.above_input == 0);
    const auto above = parse_price_key("input_cost_per_token_above_200k_tokens");
    CHECK(above.topic == price_topic::tokens);
    CHECK(above.price == &token_prices::input);
    CHECK(above.above_input == 200'000);
    CHECK(parse_price_key("output_cost_per_reasoning_token").price == &token_prices::reasoning);
    CHECK(parse_price_key("tiered_pricing").topic == price_topic::tiers);
    CHECK(parse_price_key("input_cost_per_token_batches").topic == price_topic::level);
    CHECK(parse_price_key("output_cost_per_image").topic == price_topic::pieces);
    CHECK(parse_price_key("input_cost_per_second").topic == price_topic::measured);
}

TEST_CASE("a key that prices in an unknown way is told from one without a price") {
    CHECK(parse_price_key("max_tokens").topic == price_topic::none);
    CHECK(parse_price_key("supports_vision").topic == price_topic::none);
    CHECK(parse_price_key("input_per_mtok").topic == price_topic::unknown);
    CHECK(parse_price_key("input_cost_per_blink").topic == price_topic::pieces);
    CHECK(parse_price_key("input_cost_per_token_above_0k_tokens").above_input ==
          coffer::errc::invalid_argument);
}
