/// Reads a price map in the LiteLLM format: a JSON object of models, each with its prices in US
/// dollars. Include it to sell language models at their providers' list prices.
///
///     const auto map = coffer::price_map::load("model_prices.json");
///     if (!map) return map.error().text();
///     const auto cent = coffer::usd::parse("0.01").or_throw();  // what a credit is worth
///     plan.cost.set("chat", map->tokens("some-model", cent).or_throw());
///
/// Prices are read from the text of the file, digit by digit. A price per token that cannot be
/// represented, and any price that is not known (per second, per character, a tier of another
/// form), is listed in `unrepresented`, and its model is refused unless the host leaves it out.
/// What is priced by the piece (images, queries), or for another service level, stands in `other`.
/// Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/amount/rate.hpp>
#include <coffer/amount/rounding.hpp>
#include <coffer/base/detail/file.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/io/detail/model_reader.hpp>
#include <coffer/io/detail/price_source.hpp>
#include <coffer/io/model_prices.hpp>
#include <coffer/io/usd.hpp>
#include <coffer/policy/cost/cost.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
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

/// What a host says to the prices of a model that tokens cannot charge as they stand.
struct price_terms {
    /// The keys of prices that may be left out, as written: `input_cost_per_second`.
    std::vector<std::string> leave_out{};
    /// Whatever is not priced by the token may be left out: images, seconds, queries.
    bool tokens_only = false;
    /// How a price becomes a rate of twelve decimals; by default only one that is exact does.
    std::optional<coffer::rounding> rounding{};
};

namespace detail {

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
    /// Errors: text that is no JSON object of models. What stands beside models is skipped.
    static result<price_map, price_map_error> parse(std::string_view json,
                                                    std::string_view source = "price map") {
        price_map map;
        map.source_ = source;
        if (json.starts_with("\xFF\xFE") || json.starts_with("\xFE\xFF")) {
            return price_map_error{map.source_, 1, "this is UTF-16: a price map is UTF-8"};
        }
        std::size_t lines = 0;
        detail::price_source reader{json, lines, map};
        const detail::line_counting_iterator begin{json.data(), &lines};
        const detail::line_counting_iterator end{json.data() + json.size(), &lines};
        if (!nlohmann::json::sax_parse(begin, end, &reader)) {
            return price_map_error{map.source_, reader.wrong_line, std::move(reader.wrong)};
        }
        if (map.models_.empty() && !map.skipped_.empty()) {
            const skipped_value& first = map.skipped_.front();
            return price_map_error{map.source_, first.line,
                                   "model '" + detail::shown(first.key) + "' is no JSON object"};
        }
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

    /// What stands in the file beside the models, in its order.
    const std::vector<skipped_value>& skipped() const noexcept { return skipped_; }

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
    /// Where the file states no price of their own, reasoning, audio and image output tokens cost
    /// what output costs, one-hour cache writes what other writes cost, and all else what input
    /// costs; a settle may leave these kinds out.
    /// Errors: an unknown model; one without prices of input and output; one with a price that
    /// cannot be represented, or is not exact to 10^-12 credits, unless the terms say otherwise;
    /// one that would be sold for nothing although it has prices of other kinds.
    result<cost::tokens, price_map_error> tokens(std::string_view model, usd per_credit,
                                                 const price_terms& terms = {}) const {
        const model_prices* found = find(model);
        if (!found) return unknown(model);
        for (const unrepresented_price& p : found->unrepresented) {
            if (may_leave_out(terms, p)) continue;
            return about(*found, p.line, p.key + " " + p.problem);
        }
        const money_terms by{per_credit, terms.rounding};
        cost::tokens policy;
        token_prices prices = found->base;
        if (auto wrong = convert(*found, prices, by, policy.rates)) return *wrong;
        for (const token_price_tier& tier : found->tiers) {
            for (const auto& known : detail::token_price_keys) {
                const auto& own = tier.prices.*(known.price);
                if (own) prices.*(known.price) = own;
            }
            cost::token_rates rates;
            if (auto wrong = convert(*found, prices, by, rates)) return *wrong;
            policy.tiers.push_back({.above_input = tier.above_input, .rates = rates});
        }
        policy.implied = kinds_without_price(prices);
        if (auto wrong = sold_for_nothing(*found, policy, terms)) return *wrong;
        return policy;
    }

private:
    friend class detail::price_source<price_map>;

    struct money_terms {
        usd per_credit{};
        std::optional<coffer::rounding> rounding{};
    };

    /// Takes a member of the outermost object.
    void take(detail::written_value value) {
        using form = detail::written_value::form;
        if (value.is_a(form::object)) {
            models_.push_back(std::move(detail::model_reader{value}.model()));
            return;
        }
        std::string what = "no value";
        if (value.is_a(form::boolean)) what = "a flag";
        if (value.is_a(form::number)) what = "a number: " + value.text;
        if (value.is_a(form::text)) what = "a text: " + detail::shown(value.text);
        if (value.is_a(form::list)) what = "a list";
        skipped_.push_back({std::move(value.key), std::move(what), value.line});
    }

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
                 .line = models_[i].line,
                 .is_of_tokens = true});
            models_.erase(models_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    price_map_error unknown(std::string_view model) const {
        for (const skipped_value& s : skipped_) {
            if (s.key != model) continue;
            return {source_, s.line, "'" + detail::shown(model) + "' is no model but " + s.what};
        }
        std::string sentence = "there is no model '" + detail::shown(model) + "' in it";
        if (const model_prices* alike = nearest(model)) {
            sentence += "; did you mean '" + detail::shown(alike->name) + "'?";
        }
        return {source_, 0, std::move(sentence)};
    }
    price_map_error about(const model_prices& model, std::size_t line, std::string problem) const {
        return {source_, line, "model '" + detail::shown(model.name) + "': " + std::move(problem)};
    }

    static bool is_left_out(const price_terms& terms, std::string_view key) noexcept {
        return std::find(terms.leave_out.begin(), terms.leave_out.end(), key) !=
               terms.leave_out.end();
    }
    static bool may_leave_out(const price_terms& terms, const unrepresented_price& p) noexcept {
        return (terms.tokens_only && !p.is_of_tokens) || is_left_out(terms, p.key);
    }
    using price_choice = const std::optional<stated_price>&;

    static price_choice first_of(price_choice a, price_choice b) noexcept { return a ? a : b; }

    /// Writes the rates of these prices into `rates`; returns what is wrong.
    std::optional<price_map_error> convert(const model_prices& model, const token_prices& p,
                                           const money_terms& by, cost::token_rates& rates) const {
        if (!p.input) return about(model, model.line, "it has no input_cost_per_token");
        if (!p.output) return about(model, model.line, "it has no output_cost_per_token");
        price_choice cache_write = first_of(p.cache_write, p.input);
        const struct {
            std::string_view what;
            price_choice price;
            rate& each;
        } all[] = {
            {"input tokens", p.input, rates.input},
            {"output tokens", p.output, rates.output},
            {"reasoning tokens", first_of(p.reasoning, p.output), rates.reasoning},
            {"cached tokens", first_of(p.cached, p.input), rates.cached},
            {"cache write tokens", cache_write, rates.cache_write},
            {"1-hour cache write tokens", first_of(p.cache_write_1h, cache_write),
             rates.cache_write_1h},
            {"audio input tokens", first_of(p.audio_input, p.input), rates.audio_input},
            {"audio output tokens", first_of(p.audio_output, p.output), rates.audio_output},
            {"image input tokens", first_of(p.image_input, p.input), rates.image_input},
            {"image output tokens", first_of(p.image_output, p.output), rates.image_output},
            {"citation tokens", first_of(p.citation, p.input), rates.citation},
        };
        for (const auto& [what, price, each] : all) {
            const checked<rate> exact = rate_of(price->each, by);
            if (!exact) {
                return about(model, price->line, std::string{what} + inexact(price->each, by));
            }
            each = *exact;
        }
        return std::nullopt;
    }
    /// A price above zero never becomes a rate of zero.
    static checked<rate> rate_of(usd price, const money_terms& by) noexcept {
        if (!by.rounding) return to_credits(price, by.per_credit);
        const checked<rate> each = to_credits(price, by.per_credit, *by.rounding);
        if (each && each->is_zero() && !price.is_zero()) return errc::invalid_argument;
        return each;
    }
    static std::string inexact(usd price, const money_terms& by) {
        return " cost " + price.text() + " dollars each; at " + by.per_credit.text() +
               " dollars a credit that is no rate of at most twelve decimals";
    }

    /// The kinds whose rates are those of another kind, in every tier. Requires: the prices of the
    /// highest tier, into which those of all others have gone.
    static token_kinds kinds_without_price(const token_prices& p) noexcept {
        const std::pair<token_kind, price_choice> all[] = {
            {token_kind::reasoning, p.reasoning},
            {token_kind::cached, p.cached},
            {token_kind::cache_write, p.cache_write},
            {token_kind::cache_write_1h, p.cache_write_1h},
            {token_kind::audio_input, p.audio_input},
            {token_kind::audio_output, p.audio_output},
            {token_kind::image_input, p.image_input},
            {token_kind::image_output, p.image_output},
            {token_kind::citation, p.citation},
        };
        token_kinds none;
        for (const auto& [kind, price] : all) {
            if (!price) none.add(kind);
        }
        return none;
    }

    /// A price by the piece for input, beside tokens of input that cost nothing, is all that input
    /// costs; the same for output, and for the model as a whole.
    std::optional<price_map_error> sold_for_nothing(const model_prices& model,
                                                    const cost::tokens& policy,
                                                    const price_terms& terms) const {
        const token_kinds output{token_kind::output, token_kind::reasoning,
                                 token_kind::audio_output, token_kind::image_output};
        for (const unrepresented_price& p : model.other_above_zero) {
            if (may_leave_out(terms, p)) continue;
            bool is_free = true;
            for (const auto& field : detail::token_rate_fields) {
                const bool is_output = output.contains(field.kind);
                if (p.key.starts_with("input_") && is_output) continue;
                if (p.key.starts_with("output_") && !is_output) continue;
                is_free = is_free && (policy.rates.*field.each).is_zero();
                for (const auto& tier : policy.tiers) {
                    is_free = is_free && (tier.rates.*field.each).is_zero();
                }
            }
            if (!is_free) continue;
            return about(model, p.line, p.key + " " + p.problem);
        }
        return std::nullopt;
    }

    std::string source_;
    std::vector<model_prices> models_;
    std::vector<skipped_value> skipped_;
};

}  // namespace v0
}  // namespace coffer
