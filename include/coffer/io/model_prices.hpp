/// What a price map says of one model, as it stands in the file. You need it to look at a map;
/// `price_map.hpp`, which reads one, brings it.
#pragma once

#include <coffer/io/usd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A price as it stands in the file.
struct stated_price {
    usd each{};
    std::size_t line = 0;
    std::string key{};  ///< As written, such as `input_cost_per_token_cache_hit`.
};

/// Dollars per token of each kind; nothing where the file says nothing.
struct token_prices {
    std::optional<stated_price> input{};           ///< `input_cost_per_token`
    std::optional<stated_price> output{};          ///< `output_cost_per_token`
    std::optional<stated_price> reasoning{};       ///< `output_cost_per_reasoning_token`
    std::optional<stated_price> cached{};          ///< `cache_read_input_token_cost`
    std::optional<stated_price> cache_write{};     ///< `cache_creation_input_token_cost`
    std::optional<stated_price> cache_write_1h{};  ///< The same with `_above_1hr`.
    std::optional<stated_price> audio_input{};     ///< `input_cost_per_audio_token`
    std::optional<stated_price> audio_output{};    ///< `output_cost_per_audio_token`
    std::optional<stated_price> image_input{};     ///< `input_cost_per_image_token`
    std::optional<stated_price> image_output{};    ///< `output_cost_per_image_token`
    std::optional<stated_price> citation{};        ///< `citation_cost_per_token`
};

/// Prices that hold once the input of a call passes a bound, as in
/// `input_cost_per_token_above_200k_tokens` or a range of `tiered_pricing`. What it leaves out
/// costs what it costs in the tier below.
struct token_price_tier {
    std::int64_t above_input{};
    token_prices prices{};
};

/// A price that stands in the file and that tokens alone cannot charge as it stands.
struct unrepresented_price {
    std::string key{};      ///< As written; of a value within others, its path.
    std::string problem{};  ///< "is negative: -1e-06"
    std::size_t line = 0;
    bool is_of_tokens = false;  ///< As far as is known: it may be a price per token.
};

/// All that a price map says of one model's prices.
struct model_prices {
    std::string name{};
    std::size_t line = 0;
    token_prices base{};
    std::vector<token_price_tier> tiers{};  ///< By rising bound.
    /// Prices for which the model is refused, unless they may be left out.
    std::vector<unrepresented_price> unrepresented{};
    /// The keys, as written, of prices for pieces (images, queries) and for other service levels.
    std::vector<std::string> other{};
    /// Those of them above zero: a model without any other price is not sold for nothing.
    std::vector<unrepresented_price> other_above_zero{};
};

/// What stands in the file beside the models and is none, such as a time stamp.
struct skipped_value {
    std::string key{};
    std::string what{};  ///< "a text: 2026-07-24", "a number: 3"
    std::size_t line = 0;
};

}  // namespace v0
}  // namespace coffer
