/// Orders: how one is placed, confirmed and ended, and what the account remembers of those that the
/// plan placed by itself.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/grant.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/order_record.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Until when nothing is bought by itself after so many failures in a row: one hour, two, then
/// until a purchase is confirmed.
constexpr instant back_off_after(std::uint32_t failures, instant at) noexcept {
    if (failures >= failures_that_stop) return never;
    const std::chrono::hours length{1 << (failures - 1)};
    return at > never - length ? never : at + length;
}

/// Places an order. `packed` says it, and lives as long as the entry.
inline result<void> decide_order(const account& a, const purchase_order& o, std::string_view packed,
                                 moment when, entry& e) {
    detail::begin(e, a, entry_kind::ordered, when);
    e.amount = o.what.amount;
    e.purchase = packed;
    return {};
}

/// Grants what was ordered, as a lot. Errors: those of a grant.
inline result<void> decide_purchase(const account& a, order_id order, std::string_view packed,
                                    const lot_terms& terms, credits amount, burn_position where,
                                    moment when, entry& e) {
    if (auto granted = decide_grant(a, terms, amount, where, when, e); !granted) return granted;
    e.kind = entry_kind::purchased;
    e.about = entry_id{order.value()};
    e.purchase = packed;
    return {};
}

/// Ends an open order that was not paid: the kind says how.
inline result<void> decide_order_end(const account& a, const purchase_order& o, entry_kind how,
                                     std::string_view packed, moment when, entry& e) {
    detail::begin(e, a, how, when);
    e.about = entry_id{o.id.value()};
    e.amount = o.what.amount;
    e.purchase = packed;
    if (o.is_automatic()) e.until = back_off_after(a.rest->purchases->failures + 1, e.at);
    return {};
}

namespace detail {

/// Counts an order in the month that is counted, or counts it no longer.
/// Returns whether all numbers fit.
inline bool count_order(order_book& book, const money& price, bool more) {
    const auto known = std::find_if(book.month_spent.begin(), book.month_spent.end(),
                                    [&](const money& m) { return m.in() == price.in(); });
    if (!more && (book.month_count == 0 || known == book.month_spent.end())) return false;
    if (known == book.month_spent.end()) {
        book.month_spent.push_back(price);
    } else {
        const checked<money> sum = more ? *known + price : *known - price;
        if (!sum || sum->is_negative()) return false;
        *known = *sum;
    }
    book.month_count += more ? 1U : ~0U;
    return book.month_count != 0 || !more;
}

inline bool post_order(account_editor& to, const entry& e) {
    const std::optional<order_said> said = read_order(e.purchase);
    if (!said || e.after != to.now().totals) return false;
    const purchase_order& o = said->order;
    if (o.id.value() != e.id.value() || o.what.amount != e.amount || o.placed != e.at) return false;
    account_details& rest = to.edit_rest();
    order_book& book = rest.purchases.edit();
    ++book.placed;
    if (o.is_automatic()) {
        const bool in_month = said->month_from <= e.at && e.at < said->month_until;
        if (o.number != book.automatic + 1 || !in_month) return false;
        if (said->month_from != book.month_from || said->month_until != book.month_until) {
            if (said->month_from < book.month_until) return false;
            book.month_from = said->month_from;
            book.month_until = said->month_until;
            book.month_count = 0;
            book.month_spent.clear();
        }
        book.automatic = o.number;
        if (!count_order(book, o.what.price, true)) return false;
    }
    rest.orders.push_back(o);
    to.fall_due(o.until);
    return true;
}

/// Takes an order out of those that are open. Returns whether it is one of them.
inline bool close_order(account_editor& to, const purchase_order& o) {
    auto& orders = to.edit_rest().orders;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (orders[i].id != o.id) continue;
        if (!(orders[i] == o)) return false;
        orders.erase(i);
        if (o.until == to.now().next_due) to.forget_due();
        return true;
    }
    return false;
}

inline bool post_purchase(account_editor& to, const entry& e) {
    const std::optional<order_said> said = read_order(e.purchase);
    if (!said || said->order.id.value() != e.about.value() ||
        said->order.id.value() >= e.id.value())
        return false;
    const purchase_order& o = said->order;
    if (o.what.amount != e.amount || o.what.into != e.terms.bucket ||
        o.what.price != e.terms.paid) {
        return false;
    }
    const bool was_open = find_order(to.now(), o.id) != nullptr;
    if (was_open && !close_order(to, o)) return false;
    const order_book& known = *to.now().rest->purchases;
    const bool counts_again = !was_open && known.counts(o);
    if (counts_again || known.failures != 0 || known.back_off != instant::min()) {
        order_book& book = to.edit_rest().purchases.edit();
        if (counts_again && !count_order(book, o.what.price, true)) return false;
        book.failures = 0;
        book.back_off = instant::min();
    }
    return post_lot(to, e);
}

inline bool post_order_end(account_editor& to, const entry& e) {
    const std::optional<order_said> said = read_order(e.purchase);
    if (!said || said->order.id.value() != e.about.value() || e.after != to.now().totals) {
        return false;
    }
    const purchase_order& o = said->order;
    if (o.what.amount != e.amount || !close_order(to, o)) return false;
    if (!o.is_automatic()) return e.until == instant{};
    order_book& book = to.edit_rest().purchases.edit();
    if (book.counts(o) && !count_order(book, o.what.price, false)) return false;
    ++book.failures;
    book.back_off = e.until;
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
