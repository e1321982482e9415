/// Overdraft policies answer: when the credits do not suffice for a charge, what then? A hold never
/// uses the overdraft.
///
/// When to use which: `overdraft::deny` for prepaid; `overdraft::limit` for customers who may owe;
/// `overdraft::take_available` where the work is done and the rest is the house's loss;
/// `overdraft::bill_later` where what goes beyond the credits is invoiced at the period's end.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/ledger/terms.hpp>

#include <concepts>
#include <optional>

namespace coffer {
inline namespace v0 {

/// Answers how far a charge may go. Contract: no limit and no price is negative, and a price is of
/// more than no credits.
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

/// What charges take beyond the credits is owed to the end of the account's period, as far as
/// nothing arrives that repays it, and is then invoiced: `wallet::invoice` reads what.
struct bill_later {
    std::optional<credits> limit{};  ///< The most that a wallet may owe in a period; else anything.
    money price{};  ///< Of `per` credits on the invoice; none where the host prices its lines.
    credits per = credits::from_micros(1'000'000);

    constexpr overdraft_terms terms() const noexcept {
        return {.limit = limit.value_or(credits::max()), .bills = true, .price = price, .per = per};
    }
};

}  // namespace overdraft
}  // namespace v0
}  // namespace coffer
