/// Overdraft policies answer: when the credits do not suffice for a charge, what then? A hold never
/// uses the overdraft.
///
/// When to use which: `overdraft::deny` for prepaid; `overdraft::limit` for customers who may owe;
/// `overdraft::take_available` where the work is done and the rest is the house's loss.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/ledger/terms.hpp>

#include <concepts>

namespace coffer {
inline namespace v0 {

/// Answers how far a charge may go. Contract: the limit is not negative.
template <class P>
concept overdraft_policy = requires(const P& policy) {
    { policy.terms() } -> std::same_as<overdraft_terms>;
};

namespace overdraft {

/// The charge is refused.
struct deny {
    constexpr overdraft_terms terms() const noexcept { return {}; }
};

/// The wallet may owe up to an amount; a charge that would go beyond is refused, or with `partial`
/// takes what still fits.
struct limit {
    credits amount{};
    bool partial = false;

    constexpr overdraft_terms terms() const noexcept {
        return {.limit = amount, .partial = partial};
    }
};

/// The charge takes what is there and forgets the rest. With nothing there it is refused.
struct take_available {
    constexpr overdraft_terms terms() const noexcept { return {.limit = {}, .partial = true}; }
};

}  // namespace overdraft
}  // namespace v0
}  // namespace coffer
