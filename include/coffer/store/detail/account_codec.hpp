/// Accounts as bytes, for stores that outlive the program: a version, the names of the buckets, the
/// account, a checksum. Most numbers take as many bytes as they need, so that the record of a
/// wallet with a few lots stays small. Reading checks everything: what it gives is an account whose
/// totals are the sums of its parts.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/store/detail/account_io.hpp>
#include <coffer/store/detail/account_limits.hpp>
#include <coffer/store/detail/account_orders.hpp>
#include <coffer/store/detail/account_settings.hpp>
#include <coffer/store/detail/account_subscription.hpp>
#include <coffer/store/detail/entry_codec.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

static_assert(std::endian::native == std::endian::little,
              "coffer: records that outlive the program are little-endian");

inline constexpr std::uint8_t account_version = 1;

/// What of a lot is said only where it differs from most.
namespace lot_says {
inline constexpr std::uint8_t active = 1u << 0;
inline constexpr std::uint8_t revoked = 1u << 1;
inline constexpr std::uint8_t closed = 1u << 2;
inline constexpr std::uint8_t ends_with_period = 1u << 3;
inline constexpr std::uint8_t lineage = 1u
                                        << 4;  ///< Ordinal, period, origin lot, the bound of rolls.
inline constexpr std::uint8_t priority = 1u << 5;
inline constexpr std::uint8_t taken = 1u << 6;
inline constexpr std::uint8_t money = 1u << 7;
}  // namespace lot_says

/// Beside the origin.
inline constexpr std::uint8_t touched_mark = 0x80;

inline std::uint8_t said_of(const lot& l) noexcept {
    const lot_terms& t = l.terms;
    bool lineage = t.ordinal != 0 || t.cycle != 0 || t.from || t.kept_until != never;
    bool taken = l.held != credits{} || l.spent != credits{} || l.expired != credits{} ||
                 l.voided != credits{} || l.rolled != credits{};
    bool money =
        t.paid != coffer::money{} || !t.paid_for.is_zero() || l.refunded != coffer::money{};
    bool has_priority = t.priority != no_priority;
    return static_cast<std::uint8_t>(
        (l.active ? lot_says::active : 0) | (l.revoked ? lot_says::revoked : 0) |
        (l.closed ? lot_says::closed : 0) | (t.ends_with_period ? lot_says::ends_with_period : 0) |
        (lineage ? lot_says::lineage : 0) | (has_priority ? lot_says::priority : 0) |
        (taken ? lot_says::taken : 0) | (money ? lot_says::money : 0));
}

inline void write_lot(record_writer& out, const lot& l) {
    const lot_terms& t = l.terms;
    const std::uint8_t says = said_of(l);
    out.byte(says);
    out.number(l.id.value());
    out.bucket(t.bucket);
    out.byte(static_cast<std::uint8_t>(t.source));
    out.byte(static_cast<std::uint8_t>(static_cast<std::uint8_t>(t.origin) |
                                       (l.touched ? touched_mark : 0)));
    out.time(l.made);
    out.time(t.effective);
    out.time(t.expires);
    if (t.is_allowance()) out.time(t.lapses);
    out.amount(l.granted);
    out.amount(l.available);
    if (says & lot_says::lineage) {
        out.number(t.ordinal);
        out.number(t.cycle);
        out.number(t.from.value());
        out.time(t.kept_until);
    }
    if (says & lot_says::priority) out.whole(t.priority);
    if (says & lot_says::taken) {
        for (credits amount : {l.held, l.spent, l.expired, l.voided, l.rolled}) out.amount(amount);
    }
    if (says & lot_says::money) {
        out.price(t.paid);
        out.amount(t.paid_for);
        out.price(l.refunded);
    }
}

inline lot read_lot(record_reader& in) {
    lot l;
    lot_terms& t = l.terms;
    auto says = in.byte();
    l.active = (says & lot_says::active) != 0;
    l.revoked = (says & lot_says::revoked) != 0;
    l.closed = (says & lot_says::closed) != 0;
    t.ends_with_period = (says & lot_says::ends_with_period) != 0;
    l.id = in.id<lot_id>();
    t.bucket = in.bucket();
    t.source = static_cast<lot_source>(in.byte());
    const std::uint8_t origin = in.byte();
    l.touched = (origin & touched_mark) != 0;
    t.origin = static_cast<lot_origin>(origin & ~unsigned{touched_mark});
    if (to_string(t.source) == "unknown" || t.origin > lot_origin::upgraded) in.fail();
    l.made = in.time();
    t.effective = in.time();
    t.expires = in.time();
    if (t.is_allowance()) t.lapses = in.time();
    l.granted = in.amount();
    l.available = in.amount();
    if (says & lot_says::lineage) {
        t.ordinal = in.narrow<std::uint16_t>();
        t.cycle = in.narrow<std::uint32_t>();
        t.from = in.id<lot_id>();
        t.kept_until = in.time();
    }
    if (says & lot_says::priority) t.priority = in.short_whole();
    if (says & lot_says::taken) {
        for (credits* amount : {&l.held, &l.spent, &l.expired, &l.voided, &l.rolled}) {
            *amount = in.amount();
        }
    }
    if (says & lot_says::money) {
        t.paid = in.price();
        t.paid_for = in.amount();
        l.refunded = in.price();
    }
    if (said_of(l) != says) in.fail();
    return l;
}

inline void write_part(record_writer& out, const part& p) {
    out.number(p.lot.value());
    out.number(p.before.value());
    out.amount(p.amount);
    out.bucket(p.bucket);
}

inline part read_part(record_reader& in) {
    part p{.lot = in.id<lot_id>()};
    p.before = in.id<lot_id>();
    p.amount = in.amount();
    p.bucket = in.bucket();
    return p;
}

/// Beside the length of a hold's action, which has at most 63 bytes: after the hold's parts it says
/// which prices it keeps, and in which counters it is held.
inline constexpr std::uint8_t prices_mark = 0x40;
inline constexpr std::uint8_t counted_mark = 0x80;

inline void write_hold(record_writer& out, const coffer::hold& h) {
    out.number(h.id.value());
    out.time(h.until);
    out.amount(h.amount);
    out.amount(h.tolerance);
    out.text(h.action, static_cast<std::uint8_t>((h.prices.empty() ? 0 : prices_mark) |
                                                 (h.counted.empty() ? 0 : counted_mark)));
    out.text(h.tags);
    out.text(h.member);
    out.text(h.resource);
    out.list(h.parts, write_part);
    if (!h.prices.empty()) out.text(h.prices);
    if (h.counted.empty()) return;
    out.list(h.counted, [](record_writer& to, counter_id id) { to.number(id.value()); });
}

inline coffer::hold read_hold(record_reader& in) {
    coffer::hold h{.id = in.id<hold_id>()};
    h.until = in.time();
    h.amount = in.amount();
    h.tolerance = in.amount();
    const bool keeps = in.has_mark(prices_mark);
    const bool counted = in.has_mark(counted_mark);
    h.action = in.text<action_name>(prices_mark | counted_mark);
    h.tags = in.text<label_text>();
    h.member = in.text<label_text>();
    h.resource = in.text<label_text>();
    in.list(4, h.parts, read_part);
    if (keeps) h.prices = in.text<price_text>();
    if (keeps && h.prices.empty()) in.fail();
    if (!counted) return h;
    in.list(1, h.counted, [](record_reader& from) { return from.id<counter_id>(); });
    if (h.counted.empty()) in.fail();
    return h;
}

inline void write_debt(record_writer& out, const debt& d) {
    out.number(d.charge.value());
    out.amount(d.open);
    out.text(d.action);
    out.number(d.lot.value());
}

inline debt read_debt(record_reader& in) {
    debt d{.charge = in.id<entry_id>()};
    d.open = in.amount();
    d.action = in.text<action_name>();
    d.lot = in.id<lot_id>();
    return d;
}

inline void write_claim(record_writer& out, const claim& c) {
    out.number(c.lot.value());
    out.amount(c.taken);
    out.amount(c.uncollected);
    out.amount(c.dropped);
    out.list(c.repaid, write_part);
    out.byte(static_cast<std::uint8_t>(c.dispute));
    out.price(c.lost);
    out.number(c.opened.value());
    out.price(c.contested);
    out.byte(c.whole ? 1 : 0);
    out.amount(c.disputed);
    out.amount(c.disputed_dropped);
    out.amount(c.returned);
}

inline claim read_claim(record_reader& in) {
    claim c{.lot = in.id<lot_id>()};
    c.taken = in.amount();
    c.uncollected = in.amount();
    c.dropped = in.amount();
    in.list(4, c.repaid, read_part);
    c.dispute = static_cast<dispute_state>(in.byte());
    if (c.dispute > dispute_state::lost) in.fail();
    c.lost = in.price();
    c.opened = in.id<entry_id>();
    c.contested = in.price();
    c.whole = in.flag();
    c.disputed = in.amount();
    c.disputed_dropped = in.amount();
    c.returned = in.amount();
    return c;
}

inline void write_cycle(record_writer& out, const cycle& c) {
    out.bucket(c.bucket);
    out.number(c.index);
    out.number(c.since_anchor);
    out.time(c.from);
    out.time(c.until);
    out.amount(c.allowance);
}

inline cycle read_cycle(record_reader& in) {
    cycle c{.bucket = in.bucket()};
    c.index = in.narrow<std::uint32_t>();
    c.since_anchor = in.narrow<std::uint32_t>();
    c.from = in.time();
    c.until = in.time();
    c.allowance = in.amount();
    return c;
}

inline void write_carried(record_writer& out, const carried& c) {
    out.bucket(c.bucket);
    out.number(c.after.value());
    out.number(c.first.value());
    out.number(c.count);
    out.amount(c.granted);
}

inline carried read_carried(record_reader& in) {
    carried c{.bucket = in.bucket()};
    c.after = in.id<entry_id>();
    c.first = in.id<lot_id>();
    c.count = in.narrow<std::uint32_t>();
    c.granted = in.amount();
    return c;
}

/// What details end with, where there is any: records of older versions do not have it.
namespace details_say {
inline constexpr std::uint8_t started = 1u << 0;
inline constexpr std::uint8_t carries = 1u << 1;
inline constexpr std::uint8_t alerts = 1u << 2;
inline constexpr std::uint8_t limits = 1u << 3;  ///< There are some, or were.
inline constexpr std::uint8_t subscription = 1u << 4;
inline constexpr std::uint8_t purchases = 1u << 5;
inline constexpr std::uint8_t settings = 1u << 6;
inline constexpr std::uint8_t all = (1u << 7) - 1;
}  // namespace details_say

inline std::uint8_t said_of(const account_details& d) noexcept {
    return static_cast<std::uint8_t>(
        (d.started ? details_say::started : 0) | (d.carries.empty() ? 0 : details_say::carries) |
        (d.alerts.empty() ? 0 : details_say::alerts) |
        (d.limits_made == 0 ? 0 : details_say::limits) |
        (*d.subscription == subscription_state{} ? 0 : details_say::subscription) |
        (*d.purchases == order_book{} ? 0 : details_say::purchases) |
        (*d.settings == settings_state{} ? 0 : details_say::settings));
}

/// Whether there is a record of the details.
inline bool has_details(const account_details& d) noexcept {
    return d.started || d.anchor != instant{} || !d.zone.empty() || !d.plan.empty() ||
           !d.pending.empty() || !d.cycles.empty() || !d.carries.empty() || !d.alerts.empty() ||
           d.limits_made != 0 || *d.subscription != subscription_state{} ||
           *d.purchases != order_book{} || *d.settings != settings_state{};
}

/// Begins the details. Returns what they say.
inline std::uint8_t read_mark(record_reader& in, account_details& d) {
    const std::uint8_t says = in.byte();
    if ((says & ~unsigned{details_say::all}) != 0) in.fail();
    d.started = (says & details_say::started) != 0;
    return says;
}
inline void write_further(record_writer& out, const account_details& d) {
    if (!d.carries.empty()) out.list(d.carries, write_carried);
    if (!d.alerts.empty()) {
        out.list(d.alerts, write_alert);
        out.number(d.armed);
        out.number(d.raised);
    }
    if (d.limits_made != 0) {
        out.list(*d.limits, write_limit);
        out.number(d.limits_made);
        out.number(d.counters_made);
    }
    if (*d.subscription != subscription_state{}) write_subscription(out, *d.subscription);
    if (*d.purchases != order_book{}) write_book(out, *d.purchases);
    if (*d.settings != settings_state{}) write_settings(out, *d.settings);
}
inline void read_further(record_reader& in, std::uint8_t says, account_details& d) {
    if (says & details_say::carries) in.list(5, d.carries, read_carried);
    if (says & details_say::alerts) {
        in.list(4, d.alerts, read_alert);
        d.armed = in.number();
        d.raised = in.number();
    }
    if (says & details_say::limits) {
        in.list(7, d.limits.edit(), read_limit_in_force);
        d.limits_made = in.narrow<std::uint32_t>();
        d.counters_made = in.narrow<std::uint32_t>();
    }
    if (says & details_say::subscription) read_subscription(in, d.subscription.edit());
    if (says & details_say::purchases) read_book(in, d.purchases.edit());
    if (says & details_say::settings) read_settings(in, d.settings.edit());
    if (said_of(d) != says) in.fail();
}

inline void write_body(record_writer& out, const account_body& of) {
    const account_details& d = *of.rest;
    out.byte(said_of(d));
    out.time(d.anchor);
    out.text(d.zone);
    out.text(d.plan);
    out.list(d.lots, write_lot);
    out.list(d.pending, [](record_writer& to, lot_id id) { to.number(id.value()); });
    out.list(d.holds, write_hold);
    out.list(d.debts, write_debt);
    out.list(d.claims, write_claim);
    out.list(d.cycles, write_cycle);
    write_further(out, d);
    if (d.limits_made != 0) out.list(of.counters, write_counter);
    if (d.purchases->placed != 0) out.list(d.orders, write_order);
}

template <class Counters>
void read_body(record_reader& in, account_details& d, Counters& counters) {
    const std::uint8_t says = read_mark(in, d);
    d.anchor = in.time();
    d.zone = in.text<zone_name>();
    d.plan = in.text<plan_name>();
    in.list(10, d.lots, read_lot);
    in.list(1, d.pending, [](record_reader& from) { return from.id<lot_id>(); });
    in.list(7, d.holds, read_hold);
    in.list(4, d.debts, read_debt);
    in.list(13, d.claims, read_claim);
    in.list(6, d.cycles, read_cycle);
    read_further(in, says, d);
    if (d.limits_made != 0) in.list(least_counter, counters, read_counter);
    if (d.purchases->placed != 0) in.list(least_order, d.orders, read_order_record);
}

/// Whether the head has a floor of its own: without, it is the least there is, or the highest.
inline bool compares_balances(const account_details& d) noexcept {
    return !d.alerts.empty() || d.purchases->watched;
}

/// Whether marks are those of alerts alone, each with a name of its own.
inline bool are_sound_alerts(const account& a) noexcept {
    const account_details& d = *a.rest;
    const auto& all = d.alerts;
    const bool whole = is_decided_whole(a);
    if (whole && a.floor != credits::max()) return false;
    const credits least = whole ? credits::max() : credits::min();
    if (all.empty()) {
        return d.armed == 0 && d.raised == 0 && (a.floor == least || d.purchases->watched);
    }
    if (all.size() > max_alerts) return false;
    const std::uint64_t marks = depleted_mark | (mark_of(all.size()) - 1);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!is_alert(all[i]) || find_alert(a, all[i].name.view()) != i) return false;
    }
    return ((d.armed | d.raised) & ~marks) == 0;
}

/// Whether the lots of each pile stand side by side, and add up.
inline bool are_sound_piles(const account& a) noexcept {
    for (const carried& c : a.rest->carries) {
        std::size_t i = 0;
        if (c.count > 0) i = find_place(a, c.first).value_or(a.burning.size());
        if (c.count > a.burning.size() - i) return false;
        exact_sum granted;
        for (std::size_t end = i + c.count; i < end; ++i) {
            if (a.burning[i].bucket != c.bucket) return false;
            granted.add(find_record(a, a.burning[i].lot)->granted);
        }
        if (!granted.is(c.granted)) return false;
    }
    return true;
}

/// Whether the account adds up, its lists are in order, and what they name is there.
/// Complexity: n log n.
inline bool is_sound(const account& a) {
    const account_details& d = *a.rest;
    auto has_lot = [&](lot_id id) { return find_record(a, id) != nullptr; };
    auto by_id = [](const auto& x, const auto& y) { return x.id >= y.id; };
    if (std::adjacent_find(d.lots.begin(), d.lots.end(), by_id) != d.lots.end()) return false;
    if (!d.lots.empty() && (!d.lots.front().id || d.lots.back().id.value() > a.last.value())) {
        return false;
    }
    for (const lot& l : d.lots) {
        if (!l.terms.is_allowance() && l.terms.lapses != never) return false;
    }
    exact_sum available;
    for (const spendable& s : a.burning) {
        if (s.available.is_negative() || !has_lot(s.lot)) return false;
        available.add(s.available);
    }
    exact_sum held;
    for (const coffer::hold& h : d.holds) {
        exact_sum parts;
        for (const part& p : h.parts) {
            if (p.amount.is_negative() || !has_lot(p.lot)) return false;
            parts.add(p.amount);
        }
        if (!parts.is(h.amount)) return false;
        held.add(h.amount);
    }
    exact_sum owed;
    for (const debt& b : d.debts) {
        if (b.open.is_negative()) return false;
        owed.add(b.open);
    }
    return available.is(a.totals.available) && held.is(a.totals.held) && owed.is(a.totals.debt) &&
           are_sound_piles(a) && are_sound_alerts(a) && are_sound_limits(a) &&
           hold_what_is_counted(a) && is_sound_subscription(*d.subscription) &&
           are_sound_orders(a) && is_sound_settings(*d.settings) &&
           std::all_of(d.pending.begin(), d.pending.end(), has_lot) &&
           std::all_of(d.claims.begin(), d.claims.end(),
                       [&](const claim& c) { return has_lot(c.lot); });
}

inline name_table names_of(const account& a) {
    name_table names;
    auto add_parts = [&](const part_list& parts) {
        for (const part& p : parts) names.add(p.bucket);
    };
    for (const spendable& s : a.burning) names.add(s.bucket);
    for (const lot& l : a.rest->lots) names.add(l.terms.bucket);
    for (const coffer::hold& h : a.rest->holds) add_parts(h.parts);
    for (const claim& c : a.rest->claims) add_parts(c.repaid);
    for (const cycle& c : a.rest->cycles) names.add(c.bucket);
    for (const carried& c : a.rest->carries) names.add(c.bucket);
    for (const alert_terms& t : a.rest->alerts) {
        for (bucket_id b : t.of) names.add(b);
    }
    add_names(names, *a.rest->subscription);
    for (const purchase_order& o : a.rest->orders) add_names(names, o);
    return names;
}

/// Appends the account. Returns false, and appends nothing, for one that could not be read back:
/// with sums that are wrong, or a bucket without a name.
inline bool pack(const account& a, byte_list& into) {
    if (!is_sound(a)) return false;
    name_table names = names_of(a);
    std::size_t begin = into.size();
    into.push_back(std::byte{account_version});
    if (!names.write(into)) {
        into.resize(begin);
        return false;
    }
    record_writer out{into, names};
    out.number(a.last.value());
    out.time(a.time);
    out.time(a.next_due);
    out.time(a.period_from);
    for (credits total : {a.totals.available, a.totals.held, a.totals.debt}) out.amount(total);
    out.amount(a.used);
    out.number(a.order);
    out.list(a.burning, [](record_writer& to, const spendable& s) {
        to.amount(s.available);
        to.time(s.expires);
        to.number(s.lot.value());
        to.bucket(s.bucket);
    });
    write_body(out, a);
    if (compares_balances(*a.rest)) out.amount(a.floor);
    seal(into, begin);
    return true;
}

/// Notes in the burn order what the open holds have reserved. Returns whether it can be true.
inline bool put_aside_held(account& a, const account_details& details) {
    for (const coffer::hold& h : details.holds) {
        for (const part& p : h.parts) {
            std::size_t at = 0;
            while (at < a.burning.size() && a.burning[at].lot != p.lot) ++at;
            if (at == a.burning.size()) return false;
            spendable& hot = a.burning.edit(at);
            const checked<credits> held = hot.held + p.amount;
            if (!held || p.amount.is_negative()) return false;
            hot.held = *held;
        }
    }
    return true;
}

/// Reads a packed account back.
/// Errors: `corrupt_record` for bytes that are not sealed, or hold no account.
inline result<account> unpack_account(const std::byte* from, std::size_t size) {
    if (!is_sealed(from, size, account_version)) return errc::corrupt_record;
    byte_reader bytes{from + 1, size - 1 - seal_size};
    name_table names;
    names.read(bytes);
    record_reader in{bytes, names};
    account a;
    a.last = in.id<entry_id>();
    a.time = in.time();
    a.next_due = in.time();
    a.period_from = in.time();
    for (credits* total : {&a.totals.available, &a.totals.held, &a.totals.debt}) {
        *total = in.amount();
    }
    a.used = in.amount();
    a.order = in.number();
    in.list(4, a.burning, [](record_reader& record) {
        spendable s{.available = record.amount()};
        s.expires = record.time();
        s.lot = record.id<lot_id>();
        s.bucket = record.bucket();
        return s;
    });
    account_details details;
    read_body(in, details, a.counters);
    if (compares_balances(details)) a.floor = in.amount();
    if (!bytes.complete()) return errc::corrupt_record;
    if (!put_aside_held(a, details)) return errc::corrupt_record;
    if (details != account_details{}) a.rest.edit() = std::move(details);
    if (is_decided_whole(a)) a.floor = credits::max();
    if (!is_sound(a) || names != names_of(a)) return errc::corrupt_record;
    return a;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
