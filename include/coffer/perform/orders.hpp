/// Questions about purchases: the orders of a wallet, and what became of each.
#pragma once

#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/store/store.hpp>

#include <optional>
#include <string>
#include <vector>

namespace coffer {
inline namespace v0 {

/// An order as its wallet tells of it.
struct placed_order : purchase_order {
    wallet_id wallet{};
    order_state state = order_state::open;
    lot_id lot{};             ///< The lot that it became; none before it is confirmed.
    std::string reference{};  ///< What the provider calls the payment; why it failed.

    /// `WALLET/order/NUMBER`: the same whenever and by whomever it is asked, for a provider that is
    /// to take each payment once. At most 81 bytes.
    std::string key() const {
        return std::string{wallet.text()} + "/order/" + std::to_string(id.value());
    }
};

namespace detail {

/// The orders of an account that are open. What is due but not yet written is none: its number may
/// become that of something else, and nobody is to pay under it.
inline std::vector<placed_order> open_orders(const wallet_id& wallet, const attempt& s) {
    std::vector<placed_order> all;
    for (const purchase_order& o : s.state.rest->orders) {
        if (o.id.value() <= s.opened.last.value()) all.push_back({o, wallet});
    }
    return all;
}

/// Calls `f(entry)` for each entry that speaks of an order, until it returns false.
template <class F>
result<void> each_told_of_order(store_port& store, const wallet_id& wallet, order_id id, F&& f) {
    journal_query told{.about = entry_id{id.value()}};
    for (bool more = true; more;) {
        const result<journal_page> page = store.entries(wallet, told);
        if (!page) return page.error();
        for (const entry& e : page->entries) {
            if (!f(e)) return {};
            told.after = e.id;
        }
        more = page->more && !page->entries.empty();
    }
    return {};
}

/// What an entry makes of an order; none for one that says something else of it.
inline std::optional<order_state> state_after(const entry& e) noexcept {
    switch (e.kind) {
        case entry_kind::purchased: return order_state::confirmed;
        case entry_kind::order_failed: return order_state::failed;
        case entry_kind::order_expired: return order_state::expired;
        default: return std::nullopt;
    }
}

/// An order by its number, be it one that has ended long ago.
/// Errors: `invalid_argument` about an order that is none; those of the store.
inline result<placed_order> order_by_id(store_port& store, const wallet_id& wallet, order_id id) {
    const error unknown = error{errc::invalid_argument}.in("order", "is no order of this wallet");
    if (!id) return unknown;
    const result<journal_page> first = store.entries(
        wallet,
        {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}, .limit = 1});
    if (!first) return first.error();
    const bool placed = !first->entries.empty() && first->entries[0].kind == entry_kind::ordered;
    if (!placed) return unknown;
    const std::optional<order_said> said = order_of(first->entries[0]);
    if (!said) return errc::corrupt_record;
    placed_order found{said->order, wallet};
    auto told = each_told_of_order(store, wallet, id, [&](const entry& e) {
        const std::optional<order_state> state = state_after(e);
        const std::optional<order_said> news = order_of(e);
        if (!state || !news) return true;
        found.state = *state;
        found.reference = news->reference;
        if (state != order_state::confirmed) return true;
        found.lot = lot_id{e.id.value()};
        return false;
    });
    if (!told) return told.error();
    return found;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
