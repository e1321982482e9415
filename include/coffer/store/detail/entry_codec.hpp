/// Entries as bytes: a short head that all have, and after it only what an entry really says. The
/// texts of a decoded entry point into the bytes.
///
/// There are two forms. The local one (`encode`) is for memory: a bucket is its number in this
/// program. The portable one (`pack`) is for what outlives the program: it begins with a version,
/// carries the names of its buckets, and ends with a checksum. Numbers stand in the machine's byte
/// order; `account_codec.hpp`, without which nothing is kept, wants it to be little-endian. Kinds,
/// sources and origins stand in it as the numbers that their enumerators have.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit_record.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/ledger/settings_record.hpp>
#include <coffer/store/detail/byte_io.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

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
inline constexpr std::uint32_t all = (1u << 29) - 1;
/// What follows from lists, orders, choices and kept prices, which fewer still say.
inline constexpr std::uint32_t guarded =
    alerts | limits | allowance | purchase | recharge | settings | prices;
}  // namespace section

struct entry_head {
    std::uint32_t id;
    std::uint8_t kind;
    std::uint8_t flags;  // 1 counts, 2 revokes, from 4 on the request's scope
    std::uint16_t part_count_low;
    std::uint32_t sections;
    std::uint32_t about;
    std::int64_t at;
    std::int64_t amount;
    std::int64_t available;
    std::uint64_t content;
    std::uint8_t request_size;
    std::uint8_t action_size;
    std::uint8_t member_size;
    std::uint8_t resource_size;
    std::uint32_t part_count_high;
};
static_assert(sizeof(entry_head) == 56 && std::is_trivially_copyable_v<entry_head>);

inline constexpr std::size_t max_text = 255;
/// All names of alerts that one entry raises.
inline constexpr std::size_t max_raised = 65'535;

/// Room that encoding the entry takes at most. All sections together, without parts and texts, take
/// less than 402.
inline std::size_t encoded_bound(const entry& e) noexcept {
    return sizeof(entry_head) + 402 + e.parts.size() * 18 + e.request.size() +
           e.usage.action.size() + e.usage.tags.size() + e.member.size() + e.resource.size() +
           e.zone.size() + e.plan.size() + e.alerts.raised.size() + e.limits.size() +
           e.prices.size() + e.purchase.size() + e.settings.size();
}

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
    return s;
}

inline std::uint32_t sections_of(const entry& e) noexcept {
    const std::size_t texts =
        e.limits.size() | e.prices.size() | e.purchase.size() | e.settings.size();
    const bool guarded = texts != 0 || e.alerts.any || e.allowance.any;
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

/// What few entries say: the sections of `guarded`.
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
        out.put(static_cast<std::uint8_t>((a.by_other_plan ? 1 : 0) | (a.waits ? 2 : 0)));
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
        if (says > 3) in.fail();
        e.allowance = {.any = true, .by_other_plan = (says & 1) != 0, .waits = (says & 2) != 0};
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

/// Writes the entry; returns how many bytes it took. `usage.at` is not written.
/// Requires: `to` has room for `encoded_bound(e)`; no text is longer than `max_text`.
template <class Names = local_names>
std::size_t encode(const entry& e, std::byte* to, const Names& names = {}) noexcept {
    std::uint32_t s = sections_of(e);
    byte_writer out{to};
    std::uint8_t flags = static_cast<std::uint8_t>((e.counts ? 1 : 0) | (e.revokes ? 2 : 0) |
                                                   (static_cast<int>(e.requested_by) << 2));
    out.put(entry_head{.id = e.id.value(),
                       .kind = static_cast<std::uint8_t>(e.kind),
                       .flags = flags,
                       .part_count_low = static_cast<std::uint16_t>(e.parts.size() & 0xffff),
                       .sections = s,
                       .about = e.about.value(),
                       .at = ticks(e.at),
                       .amount = e.amount.micros(),
                       .available = e.after.available.micros(),
                       .content = e.content,
                       .request_size = static_cast<std::uint8_t>(e.request.size()),
                       .action_size = static_cast<std::uint8_t>(e.usage.action.size()),
                       .member_size = static_cast<std::uint8_t>(e.member.size()),
                       .resource_size = static_cast<std::uint8_t>(e.resource.size()),
                       .part_count_high = static_cast<std::uint32_t>(e.parts.size() >> 16)});
    out.put(e.request);
    if (s & section::one_part) {
        out.put(e.parts[0].lot.value());
        out.put(names.mark_of(e.parts[0].bucket));
    }
    out.put(e.usage.action);
    out.put(e.member);
    out.put(e.resource);
    if ((s & ~section::one_part) == 0) return out.size();  // most charges end here
    if (s & section::event) out.put(ticks(e.event));
    if (s & section::held) out.put(e.after.held.micros());
    if (s & section::owed_after) out.put(e.after.debt.micros());
    if (s & section::debt) out.put(e.debt.micros());
    if (s & section::parts) put_parts(out, e.parts, names);
    if (s & section::quantity) out.put(e.usage.quantity->micros());
    if (s & section::tokens) {
        out.put(e.usage.input_tokens);
        out.put(e.usage.output_tokens);
        out.put(e.usage.reasoning_tokens);
        out.put(e.usage.cached_tokens);
        out.put(e.usage.cache_write_tokens);
    }
    if (s & section::terms) put_terms(out, e.terms, names);
    put_rest(out, e, s);
    return out.size();
}

/// Reads an entry back. Errors: `corrupt_record` for bytes that no entry encodes to.
template <class Names = local_names>
result<void> decode(const std::byte* from, std::size_t size, entry& e, const Names& names = {}) {
    byte_reader in{from, size};
    auto head = in.get<entry_head>();
    if (!in.has(0) || (head.sections & ~section::all) != 0) return errc::corrupt_record;
    if (to_string(static_cast<entry_kind>(head.kind)) == "unknown") return errc::corrupt_record;
    std::uint32_t s = head.sections;
    e = entry{};
    e.id = entry_id{head.id};
    e.kind = static_cast<entry_kind>(head.kind);
    e.counts = (head.flags & 1) != 0;
    e.revokes = (head.flags & 2) != 0;
    e.requested_by = static_cast<request_id::scope>(head.flags >> 2);
    if (e.requested_by > request_id::scope::release) return errc::corrupt_record;
    e.at = from_ticks(head.at);
    e.event = e.at;
    e.amount = credits::from_micros(head.amount);
    e.after.available = credits::from_micros(head.available);
    e.about = entry_id{head.about};
    e.content = head.content;
    e.request = in.text(head.request_size);
    if (s & section::one_part) {
        part p{.lot = lot_id{in.get<std::uint32_t>()}, .amount = e.amount};
        p.bucket = get_bucket(in, names);
        e.parts.push_back(p);
    }
    e.usage.action = in.text(head.action_size);
    e.member = in.text(head.member_size);
    e.resource = in.text(head.resource_size);
    if (s & section::event) e.event = from_ticks(in.get<std::int64_t>());
    if (s & section::held) e.after.held = credits::from_micros(in.get<std::int64_t>());
    if (s & section::owed_after) e.after.debt = credits::from_micros(in.get<std::int64_t>());
    if (s & section::debt) e.debt = credits::from_micros(in.get<std::int64_t>());
    const std::size_t count = head.part_count_low | (std::size_t{head.part_count_high} << 16);
    if (s & section::parts) get_parts(in, count, e.parts, names);
    if (s & section::quantity) e.usage.quantity = quantity::from_micros(in.get<std::int64_t>());
    if (s & section::tokens) {
        e.usage.input_tokens = in.get<std::int64_t>();
        e.usage.output_tokens = in.get<std::int64_t>();
        e.usage.reasoning_tokens = in.get<std::int64_t>();
        e.usage.cached_tokens = in.get<std::int64_t>();
        e.usage.cache_write_tokens = in.get<std::int64_t>();
    }
    if (s & section::terms) e.terms = get_terms(in, names);
    get_rest(in, e, s);
    if (!in.complete() || sections_of(e) != s || e.parts.size() != count) {
        return errc::corrupt_record;
    }
    return {};
}

// ---- The portable form --------------------------------------------------------------------------

using byte_list = std::vector<std::byte>;

/// The checksum at the end of a portable record, and what it takes.
inline constexpr std::size_t seal_size = sizeof(std::uint64_t);

/// `seed`: says what the record is of, where it is not to be taken for another's.
inline std::uint64_t seal_of(const std::byte* from, std::size_t size,
                             std::uint64_t seed = 0) noexcept {
    return digest{seed}.add(std::string_view{reinterpret_cast<const char*>(from), size}).value();
}
/// Ends the record that begins at `from`.
inline void seal(byte_list& bytes, std::size_t from, std::uint64_t seed = 0) {
    std::uint64_t sum = seal_of(bytes.data() + from, bytes.size() - from, seed);
    bytes.resize(bytes.size() + seal_size);
    std::memcpy(bytes.data() + bytes.size() - seal_size, &sum, seal_size);
}
/// Whether these bytes are as they were sealed, with that version at their begin.
inline bool is_sealed(const std::byte* from, std::size_t size, std::uint8_t version,
                      std::uint64_t seed = 0) noexcept {
    if (size <= seal_size || std::to_integer<std::uint8_t>(*from) != version) return false;
    std::uint64_t sum = 0;
    std::memcpy(&sum, from + size - seal_size, seal_size);
    return sum == seal_of(from, size - seal_size, seed);
}

/// The names of the buckets that one record speaks of; a mark is a place in it, from 1.
class name_table {
public:
    void add(bucket_id bucket) {
        if (bucket && mark_of(bucket) == 0) buckets_.push_back(bucket);
    }
    std::uint16_t mark_of(bucket_id bucket) const noexcept {
        auto at = std::find(buckets_.begin(), buckets_.end(), bucket);
        return at == buckets_.end() ? std::uint16_t{0}
                                    : static_cast<std::uint16_t>(at - buckets_.begin() + 1);
    }
    bucket_id bucket_of(std::uint16_t mark) const noexcept {
        return mark == 0 || mark > buckets_.size() ? bucket_id{} : buckets_[mark - 1];
    }

    /// Writes the table. Returns false if a bucket has no name.
    bool write(byte_list& into) const {
        auto count = static_cast<std::uint16_t>(buckets_.size());
        std::size_t size = sizeof count;
        for (bucket_id b : buckets_) {
            if (b.name().empty()) return false;
            size += 1 + b.name().size();
        }
        into.resize(into.size() + size);
        byte_writer out{into.data() + into.size() - size};
        out.put(count);
        for (bucket_id b : buckets_) out.put_sized(b.name());
        return true;
    }
    void read(byte_reader& in) {
        std::size_t count = in.get<std::uint16_t>();
        if (!in.has(count * 2)) return;
        buckets_.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            bucket_id b = bucket_id::of(in.sized_text());
            if (!b) in.fail();
            if (!in.has(0)) return;
            buckets_.push_back(b);
        }
    }

    friend bool operator==(const name_table&, const name_table&) = default;

private:
    std::vector<bucket_id> buckets_;
};

/// The buckets that an entry speaks of.
inline name_table names_in(const entry& e) {
    name_table names;
    names.add(e.terms.bucket);
    for (const part& p : e.parts) names.add(p.bucket);
    return names;
}

inline constexpr std::uint8_t entry_version = 1;

/// Whether all that the entry says can be written: its texts are short, and its terms are those of
/// their kind of lot.
inline bool is_writable(const entry& e) noexcept {
    for (std::string_view text : {e.request, e.usage.action, e.usage.tags, e.member, e.resource,
                                  e.zone, e.plan, e.prices}) {
        if (text.size() > max_text) return false;
    }
    if (e.alerts.raised.size() > max_raised || e.limits.size() > max_said_of_limits) return false;
    if (e.purchase.size() > max_said_of_order || e.settings.size() > max_said_of_settings) {
        return false;
    }
    const lot_terms& t = e.terms;
    return (t.is_allowance() || t.lapses == never) &&
           (t.origin >= lot_origin::rolled || t.paid_for.is_zero());
}

/// Appends the entry in its portable form. Returns false, and appends nothing, for an entry that
/// cannot be written: with too long a text, say, or a bucket without a name.
inline bool pack(const entry& e, byte_list& into) {
    if (!is_writable(e)) return false;
    const name_table names = names_in(e);
    std::size_t begin = into.size();
    into.push_back(std::byte{entry_version});
    if (!names.write(into)) {
        into.resize(begin);
        return false;
    }
    std::size_t at = into.size();
    into.resize(at + encoded_bound(e));
    into.resize(at + encode(e, into.data() + at, names));
    seal(into, begin);
    return true;
}

/// Reads a packed entry back. Errors: `corrupt_record` for bytes that no entry packs to.
inline result<void> unpack(const std::byte* from, std::size_t size, entry& e) {
    if (!is_sealed(from, size, entry_version)) return errc::corrupt_record;
    byte_reader in{from + 1, size - 1 - seal_size};
    name_table names;
    names.read(in);
    if (!in.has(0)) return errc::corrupt_record;
    if (auto read = decode(in.position(), in.left(), e, names); !read) return read;
    return names == names_in(e) ? result<void>{} : result<void>{errc::corrupt_record};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
