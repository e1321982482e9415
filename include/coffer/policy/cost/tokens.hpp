/// Prices of language models: so much per token of each kind.
#pragma once

#include <coffer/policy/cost/price.hpp>

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

    constexpr bool has_negative() const noexcept {
        return input.is_negative() || output.is_negative() || reasoning.is_negative() ||
               cached.is_negative() || cache_write.is_negative();
    }
    friend constexpr bool operator==(const token_rates&, const token_rates&) = default;
};

/// Prices tokens: exact over all kinds, rounded once. A tier replaces all rates once the input of a
/// call (cached input too) passes its bound, so that splitting a call can be cheaper.
struct tokens {
    struct tier {
        std::int64_t above_input{};
        token_rates rates{};
    };

    token_rates rates{};
    std::vector<tier> tiers{};  ///< By rising bound.
    rounding mode = rounding::up;
    int places = 6;

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

private:
    result<coffer::price> sum_at(const token_rates& r, const usage& used) const {
        result<coffer::price> answer{coffer::price{}};  // filled in place: a move costs more
        price_sum sum;
        bool negative = false;  // one negative rate could hide behind the others
        auto line = [&](std::string_view what, std::int64_t count, rate each) {
            if (count == 0) return;
            negative = negative || each.is_negative();
            sum.add(each, count);
            answer->lines.push_back(line_of(what, count, each));
        };
        line("input tokens", used.input_tokens, r.input);
        line("output tokens", used.output_tokens, r.output);
        line("reasoning tokens", used.reasoning_tokens, r.reasoning);
        line("cached tokens", used.cached_tokens, r.cached);
        line("cache write tokens", used.cache_write_tokens, r.cache_write);
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
            // Subtracting keeps the sum of three counts from overflowing.
            std::int64_t left = t.above_input;
            for (std::int64_t n :
                 {used.input_tokens, used.cached_tokens, used.cache_write_tokens}) {
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
