/// Purchases as plain data: what is offered, an order that waits to be paid, when a plan buys by
/// itself, and what an account remembers of that. Decisions are in `ledger/purchase.hpp`.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/id.hpp>
#include <coffer/time/instant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// An offer's name, kept in place.
using offer_name = detail::short_text<63>;

/// What a purchase brings, and what it costs.
struct offer_terms {
    offer_name name{};
    bucket_id into{};
    credits amount{};
    money price{};  ///< The cost basis of the amount.
    bucket_id bonus_into{};
    credits bonus{};  ///< A lot of its own, for free.

    friend bool operator==(const offer_terms&, const offer_terms&) = default;
};

/// Who placed an order.
enum class order_origin : std::uint8_t {
    manual,     ///< A customer.
    automatic,  ///< The plan's recharge.
};

constexpr std::string_view to_string(order_origin origin) noexcept {
    switch (origin) {
        case order_origin::manual: return "manual";
        case order_origin::automatic: return "automatic";
    }
    return "unknown";
}

/// What became of an order.
enum class order_state : std::uint8_t {
    open,       ///< Placed, and not yet paid.
    confirmed,  ///< Paid and granted.
    failed,     ///< Not paid; it may still be.
    expired,    ///< Not paid in time; it may still be.
};

constexpr std::string_view to_string(order_state state) noexcept {
    switch (state) {
        case order_state::open: return "open";
        case order_state::confirmed: return "confirmed";
        case order_state::failed: return "failed";
        case order_state::expired: return "expired";
    }
    return "unknown";
}

/// An order. It is granted by what stands in it, whatever the plan says by then.
struct purchase_order {
    order_id id{};
    order_origin origin = order_origin::manual;
    std::uint32_t number = 0;  ///< Of automatic ones: 1, 2, 3 … in their wallet.
    offer_terms what{};
    instant placed{};
    instant until = never;  ///< It expires then.

    bool is_automatic() const noexcept { return origin == order_origin::automatic; }

    friend bool operator==(const purchase_order&, const purchase_order&) = default;
};

/// The most orders of a wallet that customers have open. One that buys by itself comes on top.
inline constexpr std::size_t max_open_orders = 100;

/// After so many failures in a row nothing is bought by itself before a purchase is confirmed.
inline constexpr std::uint32_t failures_that_stop = 3;

/// When a plan buys by itself, and what.
struct recharge_terms {
    credits below{};           ///< An order is placed when the balance is strictly below.
    offer_terms what{};        ///< The price is that of the amount, of a pack, or of a credit.
    bool to_target = false;    ///< What is missing to the amount is bought.
    credits pack{};            ///< Whole packs of so many are bought; zero for no packs.
    bool whole_packs = false;  ///< Of an offer: it is a pack.
    bool per_credit = false;
    std::optional<money> monthly{};            ///< The most in a calendar month.
    std::optional<std::uint32_t> times{};      ///< The most orders in a calendar month.
    detail::inline_vector<bucket_id, 2> of{};  ///< Whose balance counts; empty for all.

    /// Whether it is still to be looked up what the offer brings.
    bool wants_offer() const noexcept { return !what.name.empty() && what.amount.is_zero(); }

    friend bool operator==(const recharge_terms&, const recharge_terms&) = default;
};

/// What an account remembers of purchases beside its open orders.
struct order_book {
    std::uint32_t placed = 0;           ///< So many orders were placed in all,
    std::uint32_t automatic = 0;        ///< of these by the plan.
    std::uint32_t failures = 0;         ///< Of the latter, the last in a row that were not paid.
    instant back_off = instant::min();  ///< None is placed before; `never` before a confirmation.
    /// The calendar month in which orders were counted last.
    instant month_from = instant::min();
    instant month_until = instant::min();
    std::uint32_t month_count = 0;     ///< In it, those that are open or confirmed,
    std::vector<money> month_spent{};  ///< and what they cost, one a currency.
    bool watched = false;              ///< Balances are compared with a plan's threshold.
    instant check = never;             ///< When an order may be placed that has to wait until then.

    /// Whether it is counted in the month that was counted last.
    bool counts(const purchase_order& o) const noexcept {
        return o.is_automatic() && o.placed >= month_from && o.placed < month_until;
    }
    /// What was spent in that month in a currency.
    money spent(currency in) const noexcept {
        for (const money& m : month_spent) {
            if (m.in() == in) return m;
        }
        return money::from_minor(0, in);
    }

    friend bool operator==(const order_book&, const order_book&) = default;
};

}  // namespace v0
}  // namespace coffer
