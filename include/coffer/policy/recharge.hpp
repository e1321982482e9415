/// Recharge: a plan that buys credits by itself when they run low, with the payment method that the
/// customer has saved. What is bought waits to be paid like any order.
///
///     coffer::recharge recharge{.offer = "standard", .below = 500'000_cr, .of = {"packs"},
///                               .monthly = eur("50.00")};
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/id.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/policy/catalogue.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// When a plan buys by itself, and what: an offer of the catalogue, or what is said here. One with
/// nothing in it buys nothing.
struct recharge {
    std::string offer{};            ///< An offer of the catalogue, at the price of your own site;
    bool packs = false;             ///< so many at once as bring the balance to `below`.
    credits amount{};               ///< Or so many credits,
    credits to{};                   ///< or what is missing to so many,
    credits pack{};                 ///< in whole packs of so many,
    std::string into{};             ///< into this bucket,
    money price{};                  ///< at this price of the amount, or of a pack,
    money each{};                   ///< or of a credit, the sum rounded up to the minor unit.
    credits below{};                ///< Bought when the balance is strictly below.
    std::vector<std::string> of{};  ///< The buckets whose balance counts; empty for all.
    money monthly{};                ///< The most in a calendar month; none for no limit.
    std::optional<std::uint32_t> times{};  ///< The most orders in a calendar month.

    friend bool operator==(const recharge&, const recharge&) = default;
};

namespace detail {

/// What makes no sense on purpose, so that the wallet refuses it.
inline constexpr credits no_amount = credits::from_micros(-1);

}  // namespace detail

/// A pack as the ledger knows it, at a price.
inline offer_terms terms_of(const coffer::pack& p, const money& price) {
    offer_terms terms{.name = std::string_view{p.offer},
                      .into = bucket_id::of(p.into),
                      .amount = p.credits,
                      .price = price,
                      .bonus = p.bonus};
    if (!p.bonus.is_zero()) terms.bonus_into = bucket_id::of(p.bonus_bucket());
    return terms;
}

/// A recharge as the ledger knows it; none for one that buys nothing. What an offer brings is
/// filled in by `with_offer`. One that contradicts itself is refused by the wallet.
inline std::optional<recharge_terms> terms_of(const recharge& r) {
    if (r == recharge{}) return std::nullopt;
    recharge_terms t{.below = r.below, .times = r.times};
    for (const std::string& bucket : r.of) t.of.push_back(bucket_id::of(bucket));
    if (r.monthly.has_currency() || !r.monthly.is_zero()) t.monthly = r.monthly;
    const bool states = !r.amount.is_zero() || !r.to.is_zero() || !r.pack.is_zero() ||
                        !r.into.empty() || r.price != money{} || r.each != money{};
    if (!r.offer.empty()) {
        t.what.name = std::string_view{r.offer};
        t.whole_packs = r.packs;
        if (states) t.what.amount = detail::no_amount;
        return t;
    }
    t.to_target = !r.to.is_zero();
    t.pack = r.pack;
    t.per_credit = r.each != money{};
    t.what.into = bucket_id::of(r.into);
    t.what.amount = t.to_target ? r.to : r.amount;
    t.what.price = t.per_credit ? r.each : r.price;
    const bool twice =
        (t.to_target && !r.amount.is_zero()) || (t.per_credit && r.price != money{}) || r.packs;
    if (twice) t.what.amount = detail::no_amount;
    return t;
}

/// Fills in what an offer of the catalogue brings, for an account of a plan: of whichever plan,
/// where none is said. It stays as it is where that is not sold.
inline recharge_terms with_offer(recharge_terms t, const catalogue& shop,
                                 std::optional<std::string_view> plan = {}) {
    if (t.what.name.empty() || !t.what.amount.is_zero() || shop.fault()) return t;
    const pack* found = shop.find(t.what.name.view());
    if (!found || (plan && !found->is_for(*plan))) return t;
    const money price = found->price_in({});
    if (price.is_none()) return t;
    t.what = terms_of(*found, price);
    if (t.whole_packs) t.pack = t.what.amount;
    return t;
}

}  // namespace v0
}  // namespace coffer
