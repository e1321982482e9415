/// Open orders and what an account remembers of purchases, as bytes, and whether they make sense.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/store/detail/account_io.hpp>
#include <coffer/store/detail/entry_codec.hpp>

#include <cstddef>
#include <cstdint>

namespace coffer {
inline namespace v0 {
namespace detail {

inline constexpr std::size_t least_order = 13;

inline void write_order(record_writer& out, const purchase_order& o) {
    out.number(o.id.value());
    out.number(o.number);  // those of customers have none
    out.text(o.what.name);
    out.bucket(o.what.into);
    out.amount(o.what.amount);
    out.price(o.what.price);
    out.bucket(o.what.bonus_into);
    out.amount(o.what.bonus);
    out.time(o.placed);
    out.time(o.until);
}

inline purchase_order read_order_record(record_reader& in) {
    purchase_order o{.id = in.id<order_id>()};
    o.number = in.narrow<std::uint32_t>();
    o.origin = o.number != 0 ? order_origin::automatic : order_origin::manual;
    o.what.name = in.text<offer_name>();
    o.what.into = in.bucket();
    o.what.amount = in.amount();
    o.what.price = in.price();
    o.what.bonus_into = in.bucket();
    o.what.bonus = in.amount();
    o.placed = in.time();
    o.until = in.time();
    if (!is_order(o)) in.fail();
    return o;
}

inline void write_book(record_writer& out, const order_book& b) {
    out.number(b.placed);
    out.number(b.automatic);
    out.number(b.failures);
    out.time(b.back_off);
    out.time(b.month_from);
    out.time(b.month_until);
    out.number(b.month_count);
    out.list(b.month_spent, [](record_writer& to, const money& m) { to.price(m); });
    out.byte(b.watched ? 1 : 0);
    out.time(b.check);
}

inline void read_book(record_reader& in, order_book& b) {
    b.placed = in.narrow<std::uint32_t>();
    b.automatic = in.narrow<std::uint32_t>();
    b.failures = in.narrow<std::uint32_t>();
    b.back_off = in.time();
    b.month_from = in.time();
    b.month_until = in.time();
    b.month_count = in.narrow<std::uint32_t>();
    in.list(2, b.month_spent, [](record_reader& from) { return from.price(); });
    b.watched = in.flag();
    b.check = in.time();
}

/// Whether what is remembered can have come about, and the orders are the account's.
inline bool are_sound_orders(const account& a) noexcept {
    const account_details& d = *a.rest;
    const order_book& b = *d.purchases;
    if (b.month_from > b.month_until || b.month_count > b.automatic || b.automatic > b.placed) {
        return false;
    }
    if (!b.watched && b.check != never) return false;
    for (std::size_t i = 0; i < b.month_spent.size(); ++i) {
        const money& m = b.month_spent[i];
        if (!m.has_currency() || m.is_negative() || b.spent(m.in()) != m) return false;
        for (std::size_t k = 0; k < i; ++k) {
            if (b.month_spent[k].in() == m.in()) return false;
        }
    }
    std::size_t automatic = 0;
    std::size_t manual = 0;
    order_id last{};
    for (const purchase_order& o : d.orders) {
        if (!is_order(o) || o.id <= last || o.id.value() > a.last.value()) return false;
        if (o.is_automatic() && o.number > b.automatic) return false;
        ++(o.is_automatic() ? automatic : manual);
        last = o.id;
    }
    return automatic <= 1 && manual <= max_open_orders && d.orders.size() <= b.placed;
}

/// The names of the buckets that it speaks of.
inline void add_names(name_table& names, const purchase_order& o) {
    names.add(o.what.into);
    names.add(o.what.bonus_into);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
