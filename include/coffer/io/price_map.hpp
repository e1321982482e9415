/// Reads a price map in the LiteLLM format: a JSON object of models, each with its prices in US
/// dollars. Include it to sell language models at their providers' list prices.
///
///     const auto map = coffer::price_map::load("model_prices.json");
///     if (!map) return map.error().text();
///     const auto cent = coffer::usd::parse("0.01").or_throw();  // what a credit is worth
///     plan.cost.set("chat", map->tokens("some-model", cent).or_throw());
///
/// Prices are read from the text of the file, digit by digit. What is priced by anything but the
/// token (images, seconds, queries), or for another service level, is listed in `other`; a price
/// per token that cannot be represented is listed in `unrepresented`, and its model is refused.
/// Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/amount/detail/decimal.hpp>
#include <coffer/amount/rate.hpp>
#include <coffer/base/detail/file.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/io/usd.hpp>
#include <coffer/policy/cost/cost.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Why a price map, or a price in it, cannot be used: a sentence and the place it speaks of.
struct price_map_error {
    std::string source{};  ///< The file's name.
    std::size_t line = 0;  ///< Counted from 1; zero where no line is concerned.
    std::string sentence{};

    /// `prices.json:12: the sentence`.
    std::string text() const {
        return source + (line == 0 ? "" : ":" + std::to_string(line)) + ": " + sentence;
    }

    /// For callers that only pass an `error` on.
    operator error() const {
        return error{errc::invalid_argument}.about(source).because(
            "has no such price: see price_map_error::text");
    }
};

/// A price as it stands in the file.
struct stated_price {
    usd each{};
    std::size_t line = 0;
};

/// Dollars per token of each kind; nothing where the file says nothing.
struct token_prices {
    std::optional<stated_price> input{};        ///< `input_cost_per_token`
    std::optional<stated_price> output{};       ///< `output_cost_per_token`
    std::optional<stated_price> reasoning{};    ///< `output_cost_per_reasoning_token`
    std::optional<stated_price> cached{};       ///< `cache_read_input_token_cost`
    std::optional<stated_price> cache_write{};  ///< `cache_creation_input_token_cost`
};

/// Prices that hold once the input of a call passes a bound, as in
/// `input_cost_per_token_above_200k_tokens`. What it leaves out costs what it costs below.
struct token_price_tier {
    std::int64_t above_input{};
    token_prices prices{};
};

/// A price per token that stands in the file but cannot be represented.
struct unrepresented_price {
    std::string key{};
    std::string problem{};  ///< "is negative: -1e-06"
    std::size_t line = 0;
};

/// All that a price map says of one model's prices.
struct model_prices {
    std::string name{};
    std::size_t line = 0;
    token_prices base{};
    std::vector<token_price_tier> tiers{};  ///< By rising bound.
    std::vector<unrepresented_price> unrepresented{};
    std::vector<std::string> other{};  ///< The keys of prices that are not per token, as written.
};

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
    {"cache_creation_input_token_cost", &token_prices::cache_write},
};

/// What a key of a model says.
struct read_price_key {
    std::optional<stated_price> token_prices::*price = nullptr;  // null: no price per token
    checked<std::int64_t> above_input = std::int64_t{0};         // zero: the base
};

inline read_price_key parse_price_key(std::string_view key) noexcept {
    constexpr std::string_view above = "_above_";
    constexpr std::string_view thousand_tokens = "k_tokens";
    for (const token_price_key& known : token_price_keys) {
        if (!key.starts_with(known.name)) continue;
        std::string_view rest = key.substr(known.name.size());
        if (rest.empty()) return {.price = known.price};
        if (!rest.starts_with(above) || !rest.ends_with(thousand_tokens)) continue;
        rest.remove_prefix(above.size());
        rest.remove_suffix(std::min(rest.size(), thousand_tokens.size()));
        const bool digits = std::all_of(rest.begin(), rest.end(), is_digit);
        if (rest.empty() || !digits) continue;
        checked<std::int64_t> bound = parse_decimal(rest, 3);
        if (bound == 0) bound = errc::invalid_argument;  // every call passes it: no tier
        return {.price = known.price, .above_input = bound};
    }
    return {};
}

/// A text from the file in one line, cut where it would fill the screen.
inline std::string shown(std::string_view text) {
    constexpr std::size_t enough = 60;
    std::string line{text.substr(0, enough)};
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, '?');
    return text.size() <= enough ? line : line + "…";
}

/// A pointer into the text that counts the lines it passes.
struct line_counting_iterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at = nullptr;
    std::size_t* lines = nullptr;

    reference operator*() const noexcept { return *at; }
    line_counting_iterator& operator++() noexcept {
        if (*at == '\n') ++*lines;
        ++at;
        return *this;
    }
    line_counting_iterator operator++(int) noexcept {
        line_counting_iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(line_counting_iterator a, line_counting_iterator b) noexcept {
        return a.at == b.at;
    }
};

/// Takes the events of the JSON parser, and numbers as the text that they were written in.
class price_map_reader {
    using json = nlohmann::json;

public:
    using number_integer_t = json::number_integer_t;
    using number_unsigned_t = json::number_unsigned_t;
    using number_float_t = json::number_float_t;
    using string_t = json::string_t;
    using binary_t = json::binary_t;

    price_map_reader(std::string_view text, const std::size_t& passed) noexcept
        : text_{text}, passed_{passed} {}

    std::vector<model_prices> models{};  // in the order of the file
    price_map_error wrong{};             // its sentence is empty as long as nothing is

    bool null() { return may_stand_here(); }  // says nothing of the price
    bool boolean(bool) { return not_a_number("is no number"); }
    bool string(string_t& text) {
        return not_a_number("is a text, not a number: \"" + shown(text) + "\"");
    }
    bool binary(binary_t&) { return not_a_number("is no number"); }
    bool number_integer(number_integer_t value) { return number(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) { return number(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) {
        string_t plain = text;  // the parser writes the decimal point of the program's locale
        std::replace_if(
            plain.begin(), plain.end(),
            [](char c) { return !is_digit(c) && c != '-' && c != '+' && c != 'e' && c != 'E'; },
            '.');
        return number(plain);
    }

    bool start_object(std::size_t) {
        if (depth_ == 1) models.push_back({.name = model_, .line = line_});
        if (depth_ >= 2) not_a_number("is no number");
        ++depth_;
        return true;
    }
    bool end_object() {
        --depth_;
        return true;
    }
    bool start_array(std::size_t) {
        if (!not_a_number("is no number")) return false;
        ++depth_;
        return true;
    }
    bool end_array() { return end_object(); }

    bool key(string_t& name) {
        if (depth_ == 1) model_ = name;
        if (depth_ <= 2) {
            key_ = name;
            line_ = passed_ + 1;
        }
        return true;
    }

    bool parse_error(std::size_t position, const std::string& near, const json::exception& why) {
        constexpr int number_too_large = 406;
        if (why.id == number_too_large) {
            return fail(passed_ + 1, "a number is larger than any price: " + shown(near));
        }
        const std::string sentence = "this is no JSON: ";
        if (position > text_.size()) return fail(passed_ + 1, sentence + "it ends too early");
        // The letter that is wrong has been read; where it ends a line, the line is that before.
        const std::size_t line = passed_ + (near.ends_with("<U+000A>") ? 0 : 1);
        return fail(line, sentence + shown(line_of_text(line)));
    }

private:
    bool fail(std::size_t line, std::string sentence) {
        wrong.line = line;
        wrong.sentence = std::move(sentence);
        return false;
    }
    /// A line of the text without its indentation.
    std::string_view line_of_text(std::size_t line) const noexcept {
        std::string_view rest = text_;
        for (; line > 1; --line) rest.remove_prefix(rest.find('\n') + 1);
        rest = rest.substr(0, rest.find_first_of("\r\n"));
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        return rest;
    }
    /// The map and its models have to be objects; within a model anything goes.
    bool may_stand_here() {
        if (depth_ == 0) return fail(1, "a price map is a JSON object of models");
        if (depth_ == 1) return fail(line_, "model '" + shown(model_) + "' is no JSON object");
        return true;
    }

    void report(std::string problem) {
        models.back().unrepresented.push_back(
            {.key = key_, .problem = std::move(problem), .line = line_});
    }
    bool not_a_number(std::string problem) {
        if (!may_stand_here()) return false;
        if (depth_ > 2) return true;
        if (parse_price_key(key_).price) {
            report(std::move(problem));
        } else {
            note_other();
        }
        return true;
    }
    void note_other() {
        const bool names_a_price =
            key_.find("cost") != std::string::npos || key_.find("pric") != std::string::npos;
        if (names_a_price) models.back().other.push_back(key_);
    }

    bool number(const std::string& text) {
        if (!may_stand_here()) return false;
        if (depth_ > 2) return true;
        const read_price_key known = parse_price_key(key_);
        if (!known.price) {
            note_other();
            return true;
        }
        const checked<usd> each = usd::parse(text);
        if (!known.above_input) {
            report("has a bound that is zero or does not fit 64 bits");
        } else if (!each) {
            report("has more digits than fit: " + shown(text));
        } else if (each->is_negative()) {
            report("is negative: " + shown(text));
        } else {
            state(prices_above(*known.above_input).*(known.price), *each);
        }
        return true;
    }
    void state(std::optional<stated_price>& price, usd each) {
        if (price) return report("stands twice, here and in line " + std::to_string(price->line));
        price = stated_price{each, line_};
    }
    token_prices& prices_above(std::int64_t bound) {
        model_prices& model = models.back();
        if (bound == 0) return model.base;
        auto at =
            std::find_if(model.tiers.begin(), model.tiers.end(),
                         [&](const token_price_tier& tier) { return tier.above_input >= bound; });
        if (at == model.tiers.end() || at->above_input != bound) {
            at = model.tiers.insert(at, token_price_tier{.above_input = bound});
        }
        return at->prices;
    }

    std::string_view text_;
    const std::size_t& passed_;  // line ends that the parser has read
    int depth_ = 0;              // 1: among the models, 2: within a model
    std::string model_;
    std::string key_;
    std::size_t line_ = 0;
};

/// How many letters have to change to make one name of the other.
inline std::size_t letters_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({replaced, row[k] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace detail

/// The prices of many models, by name.
class price_map {
public:
    /// Reads a map from its text; `source` is how errors call it.
    /// Errors: text that is no JSON object of models.
    static result<price_map, price_map_error> parse(std::string_view json,
                                                    std::string_view source = "price map") {
        std::size_t lines = 0;
        detail::price_map_reader reader{json, lines};
        const detail::line_counting_iterator begin{json.data(), &lines};
        const detail::line_counting_iterator end{json.data() + json.size(), &lines};
        if (!nlohmann::json::sax_parse(begin, end, &reader)) {
            reader.wrong.source = source;
            return reader.wrong;
        }
        price_map map;
        map.source_ = source;
        map.models_ = std::move(reader.models);
        map.sort();
        return map;
    }

    /// Reads a map from a file.
    /// Errors: as `parse`; a file that cannot be read.
    static result<price_map, price_map_error> load(const std::string& path) {
        const auto text = detail::read_file(path, std::string{}.max_size());
        if (text) return parse(*text, path);
        return price_map_error{path, 0, "the file cannot be read: " + text.error().message()};
    }

    /// All models, sorted by name.
    const std::vector<model_prices>& models() const noexcept { return models_; }

    /// The model of that name; null if there is none.
    const model_prices* find(std::string_view name) const noexcept {
        const auto at =
            std::lower_bound(models_.begin(), models_.end(), name,
                             [](const model_prices& m, std::string_view n) { return m.name < n; });
        return at != models_.end() && at->name == name ? &*at : nullptr;
    }

    /// The model whose name is most like `name`, for "did you mean …"; null if none is alike.
    const model_prices* nearest(std::string_view name) const {
        const model_prices* best = nullptr;
        std::size_t least = name.size() / 3 + 2;
        for (const model_prices& model : models_) {
            const std::size_t distance = detail::letters_between(name, model.name);
            if (distance >= least) continue;
            least = distance;
            best = &model;
        }
        return best;
    }

    /// A cost policy that charges the model's list prices in credits, each worth `per_credit`.
    ///
    /// Where the file states no price of their own, reasoning tokens cost what output costs, and
    /// tokens read from or written to a cache what input costs.
    /// Errors: an unknown model; one without prices of input and output; one with a price that
    /// cannot be represented, or is not exact to 10^-12 credits.
    result<cost::tokens, price_map_error> tokens(std::string_view model, usd per_credit) const {
        const model_prices* found = find(model);
        if (!found) return unknown(model);
        if (!found->unrepresented.empty()) {
            const unrepresented_price& first = found->unrepresented.front();
            return about(*found, first.line, first.key + " " + first.problem);
        }
        cost::tokens policy;
        const token_prices none;
        if (auto wrong = convert(*found, found->base, none, per_credit, policy.rates)) {
            return *wrong;
        }
        for (const token_price_tier& tier : found->tiers) {
            cost::token_rates rates;
            if (auto wrong = convert(*found, tier.prices, found->base, per_credit, rates)) {
                return *wrong;
            }
            policy.tiers.push_back({.above_input = tier.above_input, .rates = rates});
        }
        return policy;
    }

private:
    /// By name. Of models with the same name the first stays, and cannot be used.
    void sort() {
        std::stable_sort(
            models_.begin(), models_.end(),
            [](const model_prices& a, const model_prices& b) { return a.name < b.name; });
        for (std::size_t i = models_.size(); i-- > 1;) {
            model_prices& first = models_[i - 1];
            if (models_[i].name != first.name) continue;
            first.unrepresented.push_back(
                {.key = "the model",
                 .problem = "stands twice, here and in line " + std::to_string(first.line),
                 .line = models_[i].line});
            models_.erase(models_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    price_map_error unknown(std::string_view model) const {
        std::string sentence = "there is no model '" + detail::shown(model) + "' in it";
        if (const model_prices* alike = nearest(model)) {
            sentence += "; did you mean '" + detail::shown(alike->name) + "'?";
        }
        return {source_, 0, std::move(sentence)};
    }
    price_map_error about(const model_prices& model, std::size_t line, std::string problem) const {
        return {source_, line, "model '" + detail::shown(model.name) + "': " + std::move(problem)};
    }

    using price_choice = const std::optional<stated_price>&;

    static price_choice first_of(price_choice a, price_choice b) noexcept { return a ? a : b; }
    static price_choice first_of(price_choice a, price_choice b, price_choice c) noexcept {
        return first_of(first_of(a, b), c);
    }

    /// Writes the rates of a tier, or of the base itself, into `rates`; returns what is wrong.
    std::optional<price_map_error> convert(const model_prices& model, const token_prices& own,
                                           const token_prices& base, usd per_credit,
                                           cost::token_rates& rates) const {
        price_choice input = first_of(own.input, base.input);
        price_choice output = first_of(own.output, base.output);
        if (!input) return about(model, model.line, "it has no input_cost_per_token");
        if (!output) return about(model, model.line, "it has no output_cost_per_token");
        const struct {
            std::string_view what;
            price_choice price;
            rate& each;
        } all[] = {
            {"input tokens", input, rates.input},
            {"output tokens", output, rates.output},
            {"reasoning tokens", first_of(own.reasoning, base.reasoning, output), rates.reasoning},
            {"cached tokens", first_of(own.cached, base.cached, input), rates.cached},
            {"cache write tokens", first_of(own.cache_write, base.cache_write, input),
             rates.cache_write},
        };
        for (const auto& [what, price, each] : all) {
            const checked<rate> exact = to_credits(price->each, per_credit);
            if (!exact) {
                return about(model, price->line,
                             std::string{what} + inexact(price->each, per_credit));
            }
            each = *exact;
        }
        return std::nullopt;
    }
    static std::string inexact(usd price, usd per_credit) {
        return " cost " + price.text() + " dollars each; at " + per_credit.text() +
               " dollars a credit that is no rate of at most twelve decimals";
    }

    std::string source_;
    std::vector<model_prices> models_;
};

}  // namespace v0
}  // namespace coffer
