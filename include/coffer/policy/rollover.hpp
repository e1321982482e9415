/// Rollover policies answer: of an allowance that was not used up, how much goes on into the next
/// period? They speak of allowances alone: what was bought or given is never touched.
///
/// When to use which: `rollover::none` for "use it or lose it"; `rollover::all` for allowances that
/// pile up; `rollover::capped`, `rollover::capped_share` and `rollover::fraction` for a soft month
/// end.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/instant.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Answers how much is carried over. Contract: `0 <= carry <= unused`.
template <class P>
concept rollover_policy = requires(const P& policy, const ended_allowance& ended) {
    { policy.carry(ended) } -> std::same_as<credits>;
};

/// The terms of a rollover policy; without any, credits roll as often and as long as they last.
template <class P>
constexpr rollover_terms terms_of(const P& policy) {
    if constexpr (requires { rollover_terms{policy.terms}; }) {
        return policy.terms;
    } else {
        return {};
    }
}

namespace rollover {

/// Carries nothing: the rest is forfeited.
struct none {
    constexpr credits carry(const ended_allowance&) const noexcept { return {}; }
};

/// Carries everything.
struct all {
    rollover_terms terms{};

    constexpr credits carry(const ended_allowance& ended) const noexcept { return ended.unused; }
};

/// Carries at most `limit`.
struct capped {
    credits limit{};
    rollover_terms terms{};

    constexpr credits carry(const ended_allowance& ended) const noexcept {
        return std::min(ended.unused, limit);
    }
};

/// Carries a share of what is unused, rounded down: `rollover::fraction{1, 2}` is one half.
struct fraction {
    std::int64_t numerator{};
    std::int64_t denominator{1};
    rollover_terms terms{};

    constexpr credits carry(const ended_allowance& ended) const noexcept {
        // A nonsensical share is answered out of contract, for the wallet to refuse.
        return scale(ended.unused, numerator, denominator, rounding::down)
            .value_or(credits::from_micros(-1));
    }
};

/// Carries at most a share of the ended period's allowance, rounded down: `capped_share{1, 2}` of
/// an allowance of 100 carries at most 50.
struct capped_share {
    std::int64_t numerator{};
    std::int64_t denominator{1};
    rollover_terms terms{};

    constexpr credits carry(const ended_allowance& ended) const noexcept {
        checked<credits> limit = scale(ended.granted, numerator, denominator, rounding::down);
        if (limit) return std::min(ended.unused, *limit);
        const bool beyond_all = limit == errc::amount_overflow && numerator > 0 && denominator > 0;
        return beyond_all ? ended.unused : credits::from_micros(-1);
    }
};

}  // namespace rollover
}  // namespace v0
}  // namespace coffer
