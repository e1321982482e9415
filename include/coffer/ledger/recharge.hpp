/// When a plan buys by itself, how much and for what, and until when it waits.
///
/// An order is placed when the balance is strictly below the plan's threshold, or after a refusal
/// for lack of credit that it would cure; never a second one while one is open.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/hash.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/rollover.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

namespace coffer {
inline namespace v0 {

/// Whether a recharge makes sense by itself: it buys something for a price, and its money is of one
/// currency.
inline bool is_recharge(const recharge_terms& r) noexcept {
    const offer_terms& what = r.what;
    const bool bonus = !what.bonus.is_zero();
    const bool price = what.price.has_currency() && !what.price.is_negative();
    const bool limit =
        !r.monthly || (r.monthly->in() == what.price.in() && !r.monthly->is_negative());
    const bool target = !r.to_target || r.per_credit || r.pack.is_positive();
    return price && limit && target && !r.below.is_negative() && !r.pack.is_negative() &&
           !what.name.too_long() && what.into && what.amount.is_positive() &&
           !what.bonus.is_negative() && bonus == static_cast<bool>(what.bonus_into);
}

namespace detail {

/// Identifies what a plan buys by itself; zero for a plan that does not.
inline std::uint64_t fingerprint_of(const std::optional<recharge_terms>& recharge) noexcept {
    if (!recharge) return 0;
    const recharge_terms& r = *recharge;
    digest all;
    all.add("recharge").add(r.below.micros()).add(r.what.name.view()).add(r.what.into.name());
    all.add(r.what.amount.micros()).add(r.what.price.minor_units()).add(r.what.price.in().code());
    all.add(r.what.bonus_into.name()).add(r.what.bonus.micros());
    all.add(std::uint64_t{r.to_target} | (std::uint64_t{r.per_credit} << 1) |
            (std::uint64_t{r.whole_packs} << 2));
    all.add(r.pack.micros());
    if (r.monthly) all.add("monthly").add(r.monthly->minor_units());
    if (r.times) all.add("times").add(std::uint64_t{*r.times});
    for (bucket_id b : r.of) all.add(b.name());
    return all.value();
}

/// A month by the clocks of a zone.
struct calendar_month {
    instant from = instant::min();
    instant until = instant::min();

    bool has(instant t) const noexcept { return from <= t && t < until; }
};

/// The calendar month in which an instant lies, by the clocks of a zone. It begins at midnight, or
/// at the first instant after a gap that has none. Errors: `amount_overflow`.
inline result<calendar_month> month_around(instant t, const zone& where) noexcept {
    if (!is_writable(t)) return errc::amount_overflow;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(where.local(t))};
    const std::chrono::local_days first{today.year() / today.month() / std::chrono::day{1}};
    const auto begin = [&](std::int64_t months) -> result<instant> {
        const auto day = calendar_sum(first, months, 0);
        if (!day) return day.error();
        return where.at(local_time{*day});
    };
    result<instant> from = begin(0);
    result<instant> until = begin(1);
    for (std::int64_t n = -1; from && *from > t; --n) {
        until = from;
        from = begin(n);
    }
    for (std::int64_t n = 2; until && *until <= t; ++n) {
        from = until;
        until = begin(n);
    }
    if (!from || !until) return (from ? until : from).error();
    return calendar_month{*from, *until};
}

/// The month in which an order counts that is placed at an instant. Months that were counted stay
/// as they were, whatever becomes of the zone.
inline result<calendar_month> month_of(const account& a, const plan_terms& plan, instant t) {
    const order_book& book = *a.rest->purchases;
    const calendar_month counted{book.month_from, book.month_until};
    if (counted.has(t)) return counted;
    const result<zone> where = zone_of(a, plan);
    if (!where) return where.error();
    result<calendar_month> month = month_around(t, *where);
    if (month && counted.until <= t) month->from = std::max(month->from, counted.until);
    return month;
}

/// What a recharge sees of the balance: what is available, held and not owed.
inline int128 balance_seen(const account& a, const recharge_terms& r) {
    const watched_balance balance{a};
    if (r.of.empty()) return balance.total();
    return balance.seen_by(alert_terms{.of = r.of});
}

/// Below this balance something is to be bought.
inline credits level_of(const recharge_terms& r) noexcept {
    return r.to_target ? std::min(r.below, r.what.amount) : r.below;
}

/// What would be bought now; nothing where that is not a positive amount, or does not fit.
inline std::optional<offer_terms> to_buy(const recharge_terms& r, int128 balance) {
    int128 amount = r.to_target ? r.what.amount.micros() - balance : r.what.amount.micros();
    if (amount <= 0) return std::nullopt;
    int128 packs = 1;
    if (r.pack.is_positive()) {
        if (!r.to_target) amount = std::max(amount, r.below.micros() - balance);
        packs = (amount + r.pack.micros() - 1) / r.pack.micros();
        amount = packs * r.pack.micros();
    }
    int128 price = r.what.price.minor_units() * packs;
    constexpr int128 most = std::numeric_limits<std::int64_t>::max();
    if (amount > most) return std::nullopt;
    if (r.per_credit) price = (r.what.price.minor_units() * amount + 999'999) / 1'000'000;
    const int128 bonus = r.what.bonus.micros() * packs;
    if (price > most || bonus > most) return std::nullopt;
    offer_terms bought = r.what;
    bought.amount = credits::from_micros(static_cast<std::int64_t>(amount));
    bought.price = money::from_minor(static_cast<std::int64_t>(price), r.what.price.in());
    bought.bonus = credits::from_micros(static_cast<std::int64_t>(bonus));
    return bought;
}

/// Whether an order of that price is within the limits of its month.
inline bool month_allows(const account& a, const recharge_terms& r, const calendar_month& month,
                         const money& price) noexcept {
    const order_book& book = *a.rest->purchases;
    const bool is_counted = month.from == book.month_from && month.until == book.month_until;
    const std::uint32_t count = is_counted ? book.month_count : 0;
    if (r.times && count >= *r.times) return false;
    if (!r.monthly) return true;
    const money spent = is_counted ? book.spent(price.in()) : money::from_minor(0, price.in());
    return int128{spent.minor_units()} + price.minor_units() <= r.monthly->minor_units();
}

/// Whether an order that the plan placed is open.
inline bool awaits_payment(const account& a) noexcept {
    const auto& orders = a.rest->orders;
    return std::any_of(orders.begin(), orders.end(),
                       [](const purchase_order& o) { return o.is_automatic(); });
}

/// Whether what would be bought could not be spent: nothing is bought by itself.
inline bool is_locked_for_good(const account& a) noexcept {
    const subscription_state& sub = *a.rest->subscription;
    return sub.ended && sub.locked;
}

/// When an order may be placed that may not be now: a month begins, or what followed a failure is
/// over; `never` if neither brings it. Requires: the balance is below the level.
inline instant next_check(const account& a, const plan_terms& plan, const recharge_terms& r,
                          const offer_terms& wanted, instant now) {
    const instant earliest = std::max(now, a.rest->purchases->back_off);
    if (earliest == never) return never;
    const result<calendar_month> month = month_of(a, plan, earliest);
    if (!month) return never;
    if (earliest > now && month_allows(a, r, *month, wanted.price)) return earliest;
    const result<calendar_month> next = month_of(a, plan, month->until);
    return next && month_allows(a, r, *next, wanted.price) ? month->until : never;
}

/// What a recharge sees of the account as it is.
inline recharge_sight look_at_recharge(const account& a, const plan_terms& plan,
                                       const recharge_terms& r) {
    recharge_sight sight{.on = true};
    const order_book& book = *a.rest->purchases;
    if (book.back_off == never || awaits_payment(a) || is_locked_for_good(a)) return sight;
    const int128 balance = balance_seen(a, r);
    const int128 above = balance - level_of(r).micros();
    if (above >= 0) {
        sight.room = above + 1;
        return sight;
    }
    const std::optional<offer_terms> wanted = to_buy(r, balance);
    if (!wanted) return sight;
    sight.check = next_check(a, plan, r, *wanted, a.time);
    const result<calendar_month> month = month_of(a, plan, a.time);
    const bool free = book.back_off <= a.time && month && month_allows(a, r, *month, wanted->price);
    if (free) sight.room = 0;  // the next operation places it
    return sight;
}

/// Whether the instant is one at which an order may be placed without an operation.
inline bool is_check(const account& a, const plan_terms& plan, instant at) {
    const order_book& book = *a.rest->purchases;
    if (book.check <= at) return true;
    if (!may_recharge(plan)) return false;
    if (book.back_off == at) return true;
    const result<calendar_month> month = month_of(a, plan, at);
    return month && month->from == at;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
