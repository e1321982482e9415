/// Claw-back policies answer: a purchase is taken back, by a refund or a dispute, but a part of its
/// credits is spent already. What about that part?
///
/// When to use which: `clawback::clamp` where what is gone is the house's loss, as with most card
/// disputes; `clawback::negative` where the customer owes it; `clawback::refuse` where a person is
/// to look at it first.
#pragma once

#include <coffer/ledger/terms.hpp>

#include <concepts>

namespace coffer {
inline namespace v0 {

/// Answers what becomes of the spent part of a purchase that is taken back.
template <class P>
concept clawback_policy = requires(const P& policy) {
    { policy.of_spent() } -> std::same_as<shortfall>;
};

namespace clawback {

/// Nothing is taken back where not all of it is there.
struct refuse {
    constexpr shortfall of_spent() const noexcept { return shortfall::refused; }
};

/// Takes what is there and records what stays uncollected.
struct clamp {
    constexpr shortfall of_spent() const noexcept { return shortfall::uncollected; }
};

/// What is spent becomes debt.
struct negative {
    constexpr shortfall of_spent() const noexcept { return shortfall::owed; }
};

}  // namespace clawback
}  // namespace v0
}  // namespace coffer
