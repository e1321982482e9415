/// Rollover policies answer: of an allowance that was not used up, how much goes on into the next
/// period? They speak of allowances alone: what was bought or given is never touched.
///
/// When to use which: `rollover::none` for "use it or lose it"; `rollover::all` for allowances that
/// pile up; `rollover::capped` and `rollover::fraction` for a soft month end.
#pragma once

#include <coffer/amount.hpp>
#include <coffer/time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// The allowance of a period that ends.
struct ended_allowance {
    credits unused{};
    credits granted{};  ///< The period's allowance.
    coffer::period period{};
};

/// Answers how much is carried over. Contract: `0 <= carry <= unused`.
template <class P>
concept rollover_policy = requires(const P& policy, const ended_allowance& ended) {
    { policy.carry(ended) } -> std::same_as<credits>;
};

namespace rollover {

/// Carries nothing: the rest is forfeited.
struct none {
    constexpr credits carry(const ended_allowance&) const noexcept { return {}; }
};

/// Carries everything.
struct all {
    constexpr credits carry(const ended_allowance& ended) const noexcept { return ended.unused; }
};

/// Carries at most `limit`.
struct capped {
    credits limit{};

    constexpr credits carry(const ended_allowance& ended) const noexcept {
        return std::min(ended.unused, limit);
    }
};

/// Carries a share of what is unused, rounded down: `rollover::fraction{1, 2}` is one half.
struct fraction {
    std::int64_t numerator{};
    std::int64_t denominator{1};

    constexpr credits carry(const ended_allowance& ended) const noexcept {
        // A nonsensical share is answered out of contract, for the wallet to refuse.
        return scale(ended.unused, numerator, denominator, rounding::down)
            .value_or(credits::from_micros(-1));
    }
};

}  // namespace rollover
}  // namespace v0
}  // namespace coffer
