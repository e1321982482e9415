/// What a key of a price map speaks of. It errs on the safe side: what looks like a price and is
/// not known to be harmless is an unknown price. You need it only through `price_map.hpp`.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/io/model_prices.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

namespace detail {

/// The keys of token prices. Each may be followed by `_above_<N>k_tokens`.
struct token_price_key {
    std::string_view name;
    std::optional<stated_price> token_prices::*price;
};

inline constexpr token_price_key token_price_keys[] = {
    {"input_cost_per_token", &token_prices::input},
    {"output_cost_per_token", &token_prices::output},
    {"output_cost_per_reasoning_token", &token_prices::reasoning},
    {"cache_read_input_token_cost", &token_prices::cached},
    {"input_cost_per_token_cache_hit", &token_prices::cached},  // the older name
    {"cache_creation_input_token_cost", &token_prices::cache_write},
    {"cache_creation_input_token_cost_above_1hr", &token_prices::cache_write_1h},
    {"input_cost_per_audio_token", &token_prices::audio_input},
    {"output_cost_per_audio_token", &token_prices::audio_output},
    {"input_cost_per_image_token", &token_prices::image_input},
    {"output_cost_per_image_token", &token_prices::image_output},
    {"citation_cost_per_token", &token_prices::citation},
};

/// What a key speaks of.
enum class price_topic : std::uint8_t {
    none,      ///< No price.
    tokens,    ///< A price per token of a known kind.
    tiers,     ///< `tiered_pricing`
    level,     ///< A price for another service level: batches, priority, a region.
    pieces,    ///< A price for each of something whole: an image, a query, a page.
    measured,  ///< A price for each second or character: costs what it says, in addition.
    unknown,   ///< A price of a kind that is not known.
};

/// What a key of a model says.
struct read_price_key {
    price_topic topic = price_topic::none;
    std::optional<stated_price> token_prices::*price = nullptr;  // of `tokens`
    checked<std::int64_t> above_input = std::int64_t{0};         // zero: the base
};

/// Takes `_above_200k_tokens` off the front, written with k, m or neither; zero is no bound.
inline std::optional<checked<std::int64_t>> take_bound(std::string_view& rest) noexcept {
    constexpr std::string_view above = "_above_";
    constexpr std::string_view unit = "_tokens";
    if (!rest.starts_with(above)) return std::nullopt;
    const std::size_t end = rest.find(unit);
    if (end == rest.npos || end <= above.size()) return std::nullopt;
    std::string_view number = rest.substr(above.size(), end - above.size());
    int places = 0;
    if (number.ends_with('k')) places = 3;
    if (number.ends_with('m')) places = 6;
    if (places > 0) number.remove_suffix(1);
    const auto is_part = [](char c) { return is_digit(c) || c == '.'; };
    if (number.empty() || !std::all_of(number.begin(), number.end(), is_part)) return std::nullopt;
    checked<std::int64_t> bound = parse_decimal(number, places);
    if (bound == errc::invalid_argument) return std::nullopt;
    if (bound == 0) bound = errc::invalid_argument;  // every call passes it: no tier
    rest.remove_prefix(end + unit.size());
    return bound;
}

inline constexpr std::string_view service_levels[] = {"_priority", "_flex", "_batches", "_batch"};

/// Takes the name of another service level off the end.
inline bool take_level(std::string_view& key) noexcept {
    for (std::string_view level : service_levels) {
        if (!key.ends_with(level)) continue;
        key.remove_suffix(level.size());
        return true;
    }
    return false;
}
/// The same at the front, before a bound.
inline bool take_first_level(std::string_view& rest) noexcept {
    for (std::string_view level : service_levels) {
        if (!rest.starts_with(level)) continue;
        rest.remove_prefix(level.size());
        return true;
    }
    return false;
}

/// The words of a key in lower case: `inputCostPer1k_tokens` has five.
inline std::vector<std::string> words_of(std::string_view key) {
    std::vector<std::string> words(1);
    char before = '\0';
    for (char letter : key) {
        const bool is_upper = letter >= 'A' && letter <= 'Z';
        const char lower = is_upper ? static_cast<char>(letter - 'A' + 'a') : letter;
        const bool is_letter = lower >= 'a' && lower <= 'z';
        const bool after_lower = before >= 'a' && before <= 'z';
        const bool begins = (is_upper && after_lower) || (is_digit(letter) && after_lower);
        if ((begins || !(is_letter || is_digit(letter))) && !words.back().empty()) {
            words.emplace_back();
        }
        if (is_letter || is_digit(letter)) words.back() += lower;
        before = letter;
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> all) noexcept {
    return std::find(all.begin(), all.end(), word) != all.end();
}

inline bool speaks_of_money(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word.find("cost") != word.npos || word.find("pric") != word.npos) return true;
        if (is_one_of(word, {"charge", "charges", "fee", "fees", "usd", "dollar", "dollars", "cent",
                             "cents", "tier", "tiers", "tiered", "discount", "discounts",
                             "surcharge", "multiplier", "multipliers", "uplift", "markup"})) {
            return true;
        }
        const bool limits = i + 1 < words.size() && words[i + 1].starts_with("limit");
        const bool samples =
            i > 0 && is_one_of(words[i - 1], {"sample", "frame", "bit", "refresh"});
        if (is_one_of(word, {"rate", "rates"}) && !limits && !samples) return true;
    }
    return false;
}

inline bool is_magnitude(std::string_view word) noexcept {
    if (is_one_of(word, {"k", "m", "mil", "million", "thousand", "hundred", "and", "x"})) {
        return true;
    }
    return is_digit(word.front()) && std::all_of(word.begin(), word.end(), [](char c) {
               return is_digit(c) || c == 'k' || c == 'm' || c == 'x';
           });
}

/// What is counted after the last `per`: whole pieces, or something that a call has a lot of.
inline price_topic topic_of_measure(const std::vector<std::string>& words) {
    const auto last = std::find(words.rbegin(), words.rend(), "per");
    if (last == words.rend() || last == words.rbegin()) return price_topic::unknown;
    bool is_measured = false;
    bool has_piece = false;
    for (auto word = words.begin(); word != words.end(); ++word) {
        const bool counts = word >= last.base();
        if (word->find("tok") != word->npos && counts) return price_topic::unknown;
        if (is_one_of(*word, {"tier", "tiers", "tiered"})) return price_topic::unknown;
        if (!counts) continue;
        const bool is_kind = is_one_of(
            *word, {"input",    "output",  "prompt",   "completion", "reasoning", "thinking",
                    "citation", "context", "cached",   "cache",      "hit",       "miss",
                    "read",     "write",   "creation", "text",       "audio",     "word",
                    "words",    "unit",    "units",    "byte",       "bytes"});
        is_measured = is_measured || word->starts_with("char") || word->starts_with("sec") ||
                      word->starts_with("minute") || word->starts_with("hour") ||
                      is_one_of(*word, {"s", "min", "mins", "hr", "hrs", "ms"});
        has_piece = has_piece || (!is_kind && !is_magnitude(*word));
    }
    if (is_measured) return price_topic::measured;
    return has_piece ? price_topic::pieces : price_topic::unknown;
}

/// Such as `input_mtok` or `per_1k_tokens`: a price that does not say that it is one.
inline bool is_per_token(const std::vector<std::string>& words) {
    if (words.front() == "max" || words.front() == "min") return false;
    bool per = false;
    for (const std::string& word : words) {
        if (is_one_of(word, {"mtok", "mtoks", "ktok", "ktoks"})) return true;
        if (per && (word.find("tok") != word.npos || word.starts_with("char"))) return true;
        per = per || word == "per";
    }
    return false;
}

inline read_price_key parse_price_key(std::string_view key) {
    if (key == "tiered_pricing") return {.topic = price_topic::tiers};
    if (key.starts_with("regional_processing_uplift_multiplier")) {
        return {.topic = price_topic::level};
    }
    std::string_view standard = key;
    const bool has_level = take_level(standard);
    for (const token_price_key& known : token_price_keys) {
        if (!standard.starts_with(known.name)) continue;
        std::string_view rest = standard.substr(known.name.size());
        const bool is_of_level = take_first_level(rest) || has_level;
        const auto bound = take_bound(rest);
        if (!rest.empty()) continue;
        if (is_of_level) return {.topic = price_topic::level};
        return {.topic = price_topic::tokens,
                .price = known.price,
                .above_input = bound.value_or(std::int64_t{0})};
    }
    const std::vector<std::string> words = words_of(standard);
    if (words.empty()) return {};
    if (!speaks_of_money(words)) {
        return {.topic = is_per_token(words) ? price_topic::unknown : price_topic::none};
    }
    return {.topic = has_level ? price_topic::level : topic_of_measure(words)};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
