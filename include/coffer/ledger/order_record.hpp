/// What entries say of orders, in bytes: the whole order, the month in which it counts, what the
/// provider calls it. Reading checks everything.
#pragma once

#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/packed.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The longest name that a provider gives to a payment, and the longest reason of a failure.
inline constexpr std::size_t max_reference_size = 255;

/// What an entry says of an order. The reference stands in the entry's text.
struct order_said {
    purchase_order order{};
    /// Where it was placed: the calendar month in which it counts.
    instant month_from = instant::min();
    instant month_until = instant::min();
    std::string_view reference{};  ///< The provider's name of the payment; why it failed.
};

namespace detail {

inline bucket_id read_bucket(packed_reader& in) noexcept {
    const std::string_view name = in.text();
    const bucket_id bucket = bucket_id::of(name);
    if (!name.empty() && !bucket) in.fail();
    return bucket;
}

inline std::string pack(const order_said& s) {
    const purchase_order& o = s.order;
    packed_writer out;
    out.number(o.id.value()).number(static_cast<std::uint64_t>(o.origin)).number(o.number);
    out.text(o.what.name).text(o.what.into.name()).whole(o.what.amount.micros());
    pack(out, o.what.price);
    out.text(o.what.bonus_into.name()).whole(o.what.bonus.micros());
    out.time(o.placed).time(o.until);
    return out.time(s.month_from).time(s.month_until).text(s.reference).take();
}

/// Whether the order makes sense: it brings something into a bucket and has a price.
inline bool is_order(const purchase_order& o) noexcept {
    const offer_terms& what = o.what;
    const bool bonus = !what.bonus.is_zero();
    return o.id && !what.name.too_long() && what.into && what.amount.is_positive() &&
           what.price.has_currency() && !what.price.is_negative() && !what.bonus.is_negative() &&
           bonus == static_cast<bool>(what.bonus_into) && o.placed < o.until &&
           o.is_automatic() == (o.number != 0);
}

inline std::optional<order_said> read_order(std::string_view packed) {
    packed_reader in{packed};
    order_said s;
    purchase_order& o = s.order;
    o.id = order_id{in.up_to()};
    o.origin = static_cast<order_origin>(in.up_to<std::uint8_t>(1));
    o.number = in.up_to();
    o.what.name = in.text();
    o.what.into = read_bucket(in);
    o.what.amount = credits::from_micros(in.whole());
    o.what.price = read_money(in);
    o.what.bonus_into = read_bucket(in);
    o.what.bonus = credits::from_micros(in.whole());
    o.placed = in.time();
    o.until = in.time();
    s.month_from = in.time();
    s.month_until = in.time();
    s.reference = in.text();
    const bool sound = in.complete() && is_order(o) && s.reference.size() <= max_reference_size;
    return sound ? std::optional{s} : std::nullopt;
}

/// The longest that an entry says of an order.
inline constexpr std::size_t max_said_of_order = 1'023;

/// Whether entries of that kind speak of an order.
constexpr bool speaks_of_order(entry_kind kind) noexcept {
    return kind == entry_kind::ordered || kind == entry_kind::purchased ||
           kind == entry_kind::order_failed || kind == entry_kind::order_expired;
}

}  // namespace detail

/// The order that an entry places, confirms or ends; none for one of another kind.
inline std::optional<order_said> order_of(const entry& e) {
    return detail::speaks_of_order(e.kind) ? detail::read_order(e.purchase) : std::nullopt;
}

}  // namespace v0
}  // namespace coffer
