/// What an encoded entry has besides its head: which sections an entry needs, and how each of them
/// stands in bytes. `entry_codec.hpp` puts them together.
#pragma once

#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit_record.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/ledger/settings_record.hpp>
#include <coffer/store/detail/byte_io.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What an encoded entry has besides its head.
namespace section {
inline constexpr std::uint32_t event = 1u << 0;
inline constexpr std::uint32_t held = 1u << 1;
inline constexpr std::uint32_t owed_after = 1u << 2;
inline constexpr std::uint32_t debt = 1u << 3;
inline constexpr std::uint32_t one_part = 1u << 4;  ///< A single part that takes the whole amount.
inline constexpr std::uint32_t parts = 1u << 5;
inline constexpr std::uint32_t quantity = 1u << 6;
inline constexpr std::uint32_t tokens = 1u << 7;
inline constexpr std::uint32_t terms = 1u << 8;
inline constexpr std::uint32_t order = 1u << 9;
inline constexpr std::uint32_t span = 1u << 10;
inline constexpr std::uint32_t tolerance = 1u << 11;
inline constexpr std::uint32_t owed = 1u << 12;
inline constexpr std::uint32_t zone = 1u << 13;
inline constexpr std::uint32_t uncollected = 1u << 14;
inline constexpr std::uint32_t contested = 1u << 15;
inline constexpr std::uint32_t kept_until = 1u << 16;
inline constexpr std::uint32_t refusal = 1u << 17;
inline constexpr std::uint32_t tags = 1u << 18;
inline constexpr std::uint32_t plan = 1u << 19;
inline constexpr std::uint32_t further_tokens = 1u << 20;
inline constexpr std::uint32_t rolled_after = 1u << 21;
inline constexpr std::uint32_t alerts = 1u << 22;
inline constexpr std::uint32_t limits = 1u << 23;
inline constexpr std::uint32_t allowance = 1u << 24;
inline constexpr std::uint32_t purchase = 1u << 25;
inline constexpr std::uint32_t recharge = 1u << 26;
inline constexpr std::uint32_t settings = 1u << 27;
inline constexpr std::uint32_t prices = 1u << 28;
inline constexpr std::uint32_t signature = 1u << 29;
inline constexpr std::uint32_t all = (1u << 30) - 1;
/// What follows from lists, orders, choices, kept prices and signatures, which fewer still say.
inline constexpr std::uint32_t guarded =
    alerts | limits | allowance | purchase | recharge | settings | prices | signature;
}  // namespace section

inline std::int64_t ticks(instant t) noexcept { return t.time_since_epoch().count(); }
inline instant from_ticks(std::int64_t t) noexcept { return instant{std::chrono::microseconds{t}}; }

/// Those of `guarded`.
inline std::uint32_t guarded_sections_of(const entry& e) noexcept {
    std::uint32_t s = 0;
    if (e.alerts.any) s |= section::alerts;
    if (!e.limits.empty()) s |= section::limits;
    if (e.allowance.any) s |= section::allowance;
    if (!e.prices.empty()) s |= section::prices;
    if (!e.purchase.empty()) s |= section::purchase;
    if (e.alerts.any && e.alerts.recharges) s |= section::recharge;
    if (!e.settings.empty()) s |= section::settings;
    if (!e.signature.empty()) s |= section::signature;
    return s;
}

inline std::uint32_t sections_of(const entry& e) noexcept {
    const std::size_t texts =
        e.limits.size() | e.prices.size() | e.purchase.size() | e.settings.size();
    const bool guarded = texts != 0 || e.alerts.any || e.allowance.any || !e.signature.empty();
    std::uint32_t s = guarded ? guarded_sections_of(e) : 0;
    if (e.event != e.at) s |= section::event;
    if (!e.after.held.is_zero()) s |= section::held;
    if (!e.after.debt.is_zero()) s |= section::owed_after;
    if (!e.debt.is_zero()) s |= section::debt;
    if (e.parts.size() == 1 && e.parts[0].amount == e.amount && !e.parts[0].before) {
        s |= section::one_part;
    } else if (!e.parts.empty()) {
        s |= section::parts;
    }
    if (e.usage.quantity) s |= section::quantity;
    if (e.usage.has_text_tokens()) s |= section::tokens;
    if (has_lot_terms(e)) s |= section::terms;
    if (e.order != 0 || e.before) s |= section::order;
    if (e.from != instant{} || e.until != instant{} || e.since_anchor != 0) s |= section::span;
    if (!e.tolerance.is_zero()) s |= section::tolerance;
    if (e.owed != money{}) s |= section::owed;
    if (!e.zone.empty()) s |= section::zone;
    if (!e.uncollected.is_zero()) s |= section::uncollected;
    if (e.contested != money{}) s |= section::contested;
    if ((s & section::terms) && e.terms.kept_until != never) s |= section::kept_until;
    if (e.refusal != errc{}) s |= section::refusal;
    if (!e.usage.tags.empty()) s |= section::tags;
    if (!e.plan.empty()) s |= section::plan;
    if (e.usage.has_further_tokens()) s |= section::further_tokens;
    if (e.rolled_after) s |= section::rolled_after;
    return s;
}

inline void put_money(byte_writer& out, const money& m) noexcept {
    out.put(m.minor_units());
    char code[4] = {};
    m.in().code().copy(code, 3);
    out.put(code);
}

inline money get_money(byte_reader& in) noexcept {
    auto minor = in.get<std::int64_t>();
    std::string_view code = in.text(4);
    if (code == std::string_view{"\0\0\0\0", 4}) return money::from_minor(minor, currency{});
    auto unit = currency::parse(code.substr(0, 3));
    if (!unit || code[3] != '\0') in.fail();
    return money::from_minor(minor, unit ? *unit : currency{});
}

/// Refusals stand by name: their numbers are an order of precedence, which may change.
inline errc error_named(std::string_view name) noexcept {
    for (unsigned code = 1; code < 256; ++code) {
        auto known = static_cast<errc>(code);
        if (to_string(known) == name && name != to_string(errc{})) return known;
    }
    return errc{};
}

/// Buckets by their number in this program.
struct local_names {
    std::uint16_t mark_of(bucket_id bucket) const noexcept { return bucket.value(); }
    bucket_id bucket_of(std::uint16_t mark) const noexcept { return bucket_id::stored(mark); }
};

template <class Names>
bucket_id get_bucket(byte_reader& in, const Names& names) noexcept {
    auto mark = in.get<std::uint16_t>();
    bucket_id bucket = names.bucket_of(mark);
    if (mark != 0 && !bucket) in.fail();
    return bucket;
}

template <class Names>
void put_terms(byte_writer& out, const lot_terms& t, const Names& names) noexcept {
    out.put(static_cast<std::uint8_t>(t.source));
    out.put(static_cast<std::uint8_t>(t.origin));
    out.put(static_cast<std::uint8_t>(t.ends_with_period));
    out.put(names.mark_of(t.bucket));
    out.put(t.ordinal);
    out.put(t.cycle);
    out.put(t.from.value());
    out.put(t.priority);
    out.put(ticks(t.effective));
    out.put(ticks(t.expires));
    if (t.is_allowance()) out.put(ticks(t.lapses));
    put_money(out, t.paid);
    if (t.origin >= lot_origin::rolled) out.put(t.paid_for.micros());
}

template <class Names>
lot_terms get_terms(byte_reader& in, const Names& names) noexcept {
    lot_terms t;
    t.source = static_cast<lot_source>(in.get<std::uint8_t>());
    t.origin = static_cast<lot_origin>(in.get<std::uint8_t>());
    auto ends = in.get<std::uint8_t>();
    t.ends_with_period = ends != 0;
    if (to_string(t.source) == "unknown" || t.origin > lot_origin::upgraded || ends > 1) in.fail();
    t.bucket = get_bucket(in, names);
    t.ordinal = in.get<std::uint16_t>();
    t.cycle = in.get<std::uint32_t>();
    t.from = lot_id{in.get<std::uint32_t>()};
    t.priority = in.get<std::int32_t>();
    t.effective = from_ticks(in.get<std::int64_t>());
    t.expires = from_ticks(in.get<std::int64_t>());
    if (t.is_allowance()) t.lapses = from_ticks(in.get<std::int64_t>());
    t.paid = get_money(in);
    if (t.origin >= lot_origin::rolled) t.paid_for = credits::from_micros(in.get<std::int64_t>());
    return t;
}

/// The sections of `guarded`.
inline void put_guarded(byte_writer& out, const entry& e, std::uint32_t s) noexcept {
    if (s & section::alerts) {
        out.put(e.alerts.armed);
        out.put(e.alerts.floor.micros());
        out.put(static_cast<std::uint16_t>(e.alerts.raised.size()));
        out.put(e.alerts.raised);
    }
    if (s & section::limits) {
        out.put(static_cast<std::uint16_t>(e.limits.size()));
        out.put(e.limits);
    }
    if (s & section::allowance) {
        const allowance_change& a = e.allowance;
        out.put(static_cast<std::uint8_t>((a.by_other_plan ? 1 : 0) | (a.waits ? 2 : 0) |
                                          (a.by_add_on ? 4 : 0)));
        out.put(a.allowance.micros());
        out.put(a.owed.micros());
        put_money(out, a.price);
    }
    if (s & section::purchase) {
        out.put(static_cast<std::uint16_t>(e.purchase.size()));
        out.put(e.purchase);
    }
    if (s & section::recharge) out.put(ticks(e.alerts.check));
    if (s & section::settings) {
        out.put(static_cast<std::uint16_t>(e.settings.size()));
        out.put(e.settings);
    }
    if (s & section::prices) out.put_sized(e.prices);
    if (s & section::signature) out.put(e.signature.bytes());
}

/// What few entries say.
inline void put_rest(byte_writer& out, const entry& e, std::uint32_t s) noexcept {
    if (s & section::order) {
        out.put(e.order);
        out.put(e.before.value());
    }
    if (s & section::span) {
        out.put(ticks(e.from));
        out.put(ticks(e.until));
        out.put(e.since_anchor);
    }
    if (s & section::tolerance) out.put(e.tolerance.micros());
    if (s & section::owed) put_money(out, e.owed);
    if (s & section::zone) out.put_sized(e.zone);
    if (s & section::uncollected) out.put(e.uncollected.micros());
    if (s & section::contested) put_money(out, e.contested);
    if (s & section::kept_until) out.put(ticks(e.terms.kept_until));
    if (s & section::refusal) out.put_sized(to_string(e.refusal));
    if (s & section::tags) out.put_sized(e.usage.tags);
    if (s & section::plan) out.put_sized(e.plan);
    if (s & section::further_tokens) {
        for (std::size_t i = text_token_kinds; i < token_kind_count; ++i) {
            out.put(e.usage.*token_fields<usage>[i].count);
        }
    }
    if (s & section::rolled_after) out.put(e.rolled_after.value());
    if (s & section::guarded) put_guarded(out, e, s);
}

inline signature get_signature(byte_reader& in) noexcept {
    const char* bytes = reinterpret_cast<const char*>(in.position());
    const std::size_t actor_size = in.get<std::uint8_t>();
    const std::size_t size = actor_size + in.get<std::uint8_t>();
    (void)in.text(size);
    return in.has(0) ? signature{{bytes, 2 + size}} : signature{};
}

inline void get_rest(byte_reader& in, entry& e, std::uint32_t s) noexcept {
    if (s & section::order) {
        e.order = in.get<std::uint64_t>();
        e.before = lot_id{in.get<std::uint32_t>()};
    }
    if (s & section::span) {
        e.from = from_ticks(in.get<std::int64_t>());
        e.until = from_ticks(in.get<std::int64_t>());
        e.since_anchor = in.get<std::uint32_t>();
    }
    if (s & section::tolerance) e.tolerance = credits::from_micros(in.get<std::int64_t>());
    if (s & section::owed) e.owed = get_money(in);
    if (s & section::zone) e.zone = in.sized_text();
    if (s & section::uncollected) e.uncollected = credits::from_micros(in.get<std::int64_t>());
    if (s & section::contested) e.contested = get_money(in);
    if (s & section::kept_until) e.terms.kept_until = from_ticks(in.get<std::int64_t>());
    if (s & section::refusal) e.refusal = error_named(in.sized_text());
    if (s & section::tags) e.usage.tags = in.sized_text();
    if (s & section::plan) e.plan = in.sized_text();
    if (s & section::further_tokens) {
        for (std::size_t i = text_token_kinds; i < token_kind_count; ++i) {
            e.usage.*token_fields<usage>[i].count = in.get<std::int64_t>();
        }
    }
    if (s & section::rolled_after) e.rolled_after = entry_id{in.get<std::uint32_t>()};
    if (s & section::alerts) {
        e.alerts.any = true;
        e.alerts.armed = in.get<std::uint64_t>();
        e.alerts.floor = credits::from_micros(in.get<std::int64_t>());
        e.alerts.raised = in.text(in.get<std::uint16_t>());
    }
    if (s & section::limits) {
        e.limits = in.text(in.get<std::uint16_t>());
        if (!says_limits(e)) in.fail();
    }
    if (s & section::allowance) {
        const auto says = in.get<std::uint8_t>();
        if (says > 7) in.fail();
        e.allowance = {.any = true,
                       .by_other_plan = (says & 1) != 0,
                       .waits = (says & 2) != 0,
                       .by_add_on = (says & 4) != 0};
        e.allowance.allowance = credits::from_micros(in.get<std::int64_t>());
        e.allowance.owed = credits::from_micros(in.get<std::int64_t>());
        e.allowance.price = get_money(in);
    }
    if (s & section::purchase) {
        e.purchase = in.text(in.get<std::uint16_t>());
        if (!order_of(e)) in.fail();
    }
    if (s & section::recharge) {
        e.alerts.recharges = true;
        e.alerts.check = from_ticks(in.get<std::int64_t>());
    }
    if (s & section::settings) {
        e.settings = in.text(in.get<std::uint16_t>());
        if (!says_settings(e)) in.fail();
    }
    if (s & section::prices) e.prices = in.sized_text();
    if (s & section::signature) e.signature = get_signature(in);
}

template <class Names>
void put_parts(byte_writer& out, const part_list& parts, const Names& names) noexcept {
    for (const part& p : parts) {
        out.put(p.lot.value());
        out.put(p.before.value());
        out.put(p.amount.micros());
        out.put(names.mark_of(p.bucket));
    }
}

template <class Names>
void get_parts(byte_reader& in, std::size_t count, part_list& parts, const Names& names) {
    if (!in.has(count * 18)) return;
    parts.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        part p{.lot = lot_id{in.get<std::uint32_t>()}};
        p.before = lot_id{in.get<std::uint32_t>()};
        p.amount = credits::from_micros(in.get<std::int64_t>());
        p.bucket = get_bucket(in, names);
        parts.push_back(p);
    }
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
