/// Prices of language models: so much per token of each kind.
#pragma once

#include <coffer/policy/cost/price.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace cost {

/// Credits per token of each kind.
struct token_rates {
    rate input{};
    rate output{};
    rate reasoning{};
    rate cached{};
    rate cache_write{};
    rate cache_write_1h{};
    rate audio_input{};
    rate audio_output{};
    rate image_input{};
    rate image_output{};
    rate citation{};

    constexpr bool has_negative() const noexcept;
    friend constexpr bool operator==(const token_rates&, const token_rates&) = default;
};

}  // namespace cost

namespace detail {

/// A rate, what its line is called, and what it is a rate of.
struct token_rate_field {
    token_kind kind;
    std::string_view line;
    rate cost::token_rates::*each;
    std::int64_t usage::*count;
};

inline constexpr std::array<token_rate_field, token_kind_count> token_rate_fields = [] {
    using r = cost::token_rates;
    using u = usage;
    return std::array<token_rate_field, token_kind_count>{{
        {token_kind::input, "input tokens", &r::input, &u::input_tokens},
        {token_kind::output, "output tokens", &r::output, &u::output_tokens},
        {token_kind::reasoning, "reasoning tokens", &r::reasoning, &u::reasoning_tokens},
        {token_kind::cached, "cached tokens", &r::cached, &u::cached_tokens},
        {token_kind::cache_write, "cache write tokens", &r::cache_write, &u::cache_write_tokens},
        {token_kind::cache_write_1h, "1-hour cache write tokens", &r::cache_write_1h,
         &u::cache_write_1h_tokens},
        {token_kind::audio_input, "audio input tokens", &r::audio_input, &u::audio_input_tokens},
        {token_kind::audio_output, "audio output tokens", &r::audio_output,
         &u::audio_output_tokens},
        {token_kind::image_input, "image input tokens", &r::image_input, &u::image_input_tokens},
        {token_kind::image_output, "image output tokens", &r::image_output,
         &u::image_output_tokens},
        {token_kind::citation, "citation tokens", &r::citation, &u::citation_tokens},
    }};
}();

/// The counts that are input of a call, for the bounds of tiers.
inline constexpr std::int64_t usage::*input_counts[] = {
    &usage::input_tokens,          &usage::cached_tokens,      &usage::cache_write_tokens,
    &usage::cache_write_1h_tokens, &usage::audio_input_tokens, &usage::image_input_tokens,
};

}  // namespace detail

namespace cost {

constexpr bool token_rates::has_negative() const noexcept {
    for (const auto& field : detail::token_rate_fields) {
        if ((this->*field.each).is_negative()) return true;
    }
    return false;
}

/// Prices tokens: exact over all kinds, rounded once. A tier replaces all rates once the input of a
/// call (cached, audio and images too) passes its bound, so that splitting a call can be cheaper.
struct tokens {
    struct tier {
        std::int64_t above_input{};
        token_rates rates{};
    };

    token_rates rates{};
    std::vector<tier> tiers{};  ///< By rising bound.
    rounding mode = rounding::up;
    int places = 6;
    /// Kinds that the provider does not bill apart, but as part of another: their rates are that
    /// one's, and a settle may leave them out.
    token_kinds implied{};

    bool well_formed() const noexcept {
        std::int64_t lower = -1;
        for (const tier& t : tiers) {
            if (t.above_input <= lower || t.rates.has_negative()) return false;
            lower = t.above_input;
        }
        return !rates.has_negative() && detail::is_places(places);
    }

    /// Errors: a negative rate, where it would be used, and tiers that do not rise are
    /// `policy_contract`.
    result<coffer::price> price(const usage& used) const {
        if (used.has_negative()) return detail::refusal(detail::negative_usage(used), used);
        const bool would_be_free = used.quantity && !used.has_tokens();
        if (would_be_free) {
            const error uncounted = error{errc::invalid_argument}.in(
                "quantity", "prices nothing here: this action is priced by its tokens");
            return detail::refusal(uncounted, used);
        }
        const token_rates* r = rates_for(used);
        if (!r) return detail::refusal(detail::malformed_price(), used);
        return sum_at(*r, used);
    }

    /// The kinds that have a rate in any tier, but for the implied.
    token_kinds kinds(const usage&) const noexcept {
        token_kinds rated;
        for (const auto& field : detail::token_rate_fields) {
            bool has_rate = !(rates.*field.each).is_zero();
            for (const tier& t : tiers) has_rate = has_rate || !(t.rates.*field.each).is_zero();
            if (has_rate && !implied.contains(field.kind)) rated.add(field.kind);
        }
        return rated;
    }

    kept_price keep(const usage& used) const {
        detail::price_version version{"tokens"};
        const auto add_rates = [&](const token_rates& r) {
            for (const auto& field : detail::token_rate_fields) version.add(r.*field.each);
        };
        add_rates(rates);
        for (const tier& t : tiers) {
            version.add(t.above_input);
            add_rates(t.rates);
        }
        for (const auto& field : detail::token_rate_fields) {
            version.add(std::int64_t{implied.contains(field.kind)});
        }
        kept_price kept{.version = version.add(mode, places).value()};
        if (!tiers.empty() || !well_formed()) return kept;
        kept.linear = linear_price{
            .by = counted::tokens, .kinds = kinds(used), .mode = mode, .places = places};
        for (std::size_t i = 0; i < token_kind_count; ++i) {
            kept.linear->rates[i] = rates.*detail::token_rate_fields[i].each;
        }
        return kept;
    }

private:
    result<coffer::price> sum_at(const token_rates& r, const usage& used) const {
        result<coffer::price> answer{coffer::price{}};  // filled in place: a move costs more
        price_sum sum;
        bool negative = false;  // one negative rate could hide behind the others
        const std::size_t most =
            used.has_further_tokens() ? token_kind_count : detail::text_token_kinds;
        for (std::size_t i = 0; i < most; ++i) {
            const detail::token_rate_field& field = detail::token_rate_fields[i];
            const std::int64_t count = used.*field.count;
            if (count == 0) continue;
            const rate each = r.*field.each;
            negative = negative || each.is_negative();
            sum.add(each, count);
            answer->lines.push_back(line_of(field.line, count, each));
        }
        if (negative) {
            answer = detail::refusal(detail::malformed_price(), used);
        } else if (const checked<credits> total = sum.round(mode, places)) {
            answer->total = *total;
        } else {
            answer = detail::refusal(total.error(), used);
        }
        return answer;
    }

    /// A count beyond quantities is written in millionths of a unit, for a price per millionth.
    static price_line line_of(std::string_view what, std::int64_t count, rate each) noexcept {
        if (const auto units = quantity::whole(count)) {
            return {.what = what, .units = *units, .each = each};
        }
        constexpr quantity least = quantity::from_micros(1);
        return {.what = what, .units = quantity::from_micros(count), .each = each, .per = least};
    }

    /// Null where the tiers do not rise.
    const token_rates* rates_for(const usage& used) const noexcept {
        const token_rates* chosen = &rates;
        std::int64_t lower = -1;
        for (const tier& t : tiers) {
            if (t.above_input <= lower) return nullptr;
            lower = t.above_input;
            // Subtracting keeps the sum of the counts from overflowing.
            std::int64_t left = t.above_input;
            for (const auto count : detail::input_counts) {
                const std::int64_t n = used.*count;
                left = n > left ? -1 : left - n;
                if (left < 0) break;
            }
            if (left < 0) chosen = &t.rates;
        }
        return chosen;
    }
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
