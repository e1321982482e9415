/// Answers what becomes of debt when a new period of the account begins. Debt falls before the new
/// period refills, so that a new allowance is whole where debt is dropped.
#pragma once

#include <concepts>

namespace coffer {
inline namespace v0 {

/// Answers whether debt ends with the period in which it stands.
template <class P>
concept debt_at_reset_policy = requires(const P& policy) {
    { policy.drops() } -> std::same_as<bool>;
};

namespace debt_at_reset {

/// Debt stays until it is repaid.
struct keep {
    constexpr bool drops() const noexcept { return false; }
};

/// Debt is dropped, which the journal records.
struct drop {
    constexpr bool drops() const noexcept { return true; }
};

}  // namespace debt_at_reset
}  // namespace v0
}  // namespace coffer
