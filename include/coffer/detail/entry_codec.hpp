/// Entries as bytes: a short head that all have, and after it only what an entry really says. The
/// texts of a decoded entry point into the bytes.
#pragma once

#include <coffer/detail/short_text.hpp>
#include <coffer/entry.hpp>
#include <coffer/result.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

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
inline constexpr std::uint32_t all = (1u << 14) - 1;
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

class byte_writer {
public:
    explicit byte_writer(std::byte* to) noexcept : begin_{to}, at_{to} {}

    template <class T>
    void put(const T& value) noexcept {
        static_assert(std::is_trivially_copyable_v<T>);
        std::memcpy(at_, &value, sizeof value);
        at_ += sizeof value;
    }
    void put(std::string_view text) noexcept {
        copy_text(at_, text);
        at_ += text.size();
    }
    std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

private:
    std::byte* begin_;
    std::byte* at_;
};

class byte_reader {
public:
    byte_reader(const std::byte* from, std::size_t size) noexcept : at_{from}, end_{from + size} {}

    template <class T>
    T get() noexcept {
        T value{};
        if (!has(sizeof value)) return value;
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        return value;
    }
    std::string_view text(std::size_t size) noexcept {
        if (!has(size)) return {};
        std::string_view read{reinterpret_cast<const char*>(at_), size};
        at_ += size;
        return read;
    }
    bool has(std::size_t size) noexcept {
        if (static_cast<std::size_t>(end_ - at_) < size) failed_ = true;
        return !failed_;
    }
    /// What was read makes no sense.
    void fail() noexcept { failed_ = true; }
    bool complete() const noexcept { return !failed_ && at_ == end_; }

private:
    const std::byte* at_;
    const std::byte* end_;
    bool failed_ = false;
};

inline constexpr std::size_t max_text = 255;

/// Room that encoding the entry takes at most. All sections together, with a bucket's name of 63
/// bytes and without parts and texts, take less than 400.
inline std::size_t encoded_bound(const entry& e) noexcept {
    return sizeof(entry_head) + 400 + e.parts.size() * 24 + e.request.size() +
           e.usage.action.size() + e.member.size() + e.resource.size() + e.zone.size();
}

inline std::int64_t ticks(instant t) noexcept { return t.time_since_epoch().count(); }
inline instant from_ticks(std::int64_t t) noexcept { return instant{std::chrono::microseconds{t}}; }

inline std::uint32_t sections_of(const entry& e) noexcept {
    std::uint32_t s = 0;
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
    if (e.usage.has_tokens()) s |= section::tokens;
    if (makes_lot(e) || e.kind == entry_kind::period_began) s |= section::terms;
    if (e.order != 0 || e.before) s |= section::order;
    if (e.from != instant{} || e.until != instant{} || e.since_anchor != 0) s |= section::span;
    if (!e.tolerance.is_zero()) s |= section::tolerance;
    if (e.owed.has_currency()) s |= section::owed;
    if (!e.zone.empty()) s |= section::zone;
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
    std::string_view code = in.text(4).substr(0, 3);
    if (code == std::string_view{"\0\0\0", 3}) return money::from_minor(minor, currency{});
    auto unit = currency::parse(code);
    if (!unit) in.fail();
    return money::from_minor(minor, unit ? *unit : currency{});
}

inline void put_terms(byte_writer& out, const lot_terms& t) noexcept {
    out.put(static_cast<std::uint8_t>(t.source));
    out.put(static_cast<std::uint8_t>(t.origin));
    out.put(static_cast<std::uint8_t>(t.ends_with_period));
    std::string_view bucket = t.bucket.name();
    out.put(static_cast<std::uint8_t>(bucket.size()));
    out.put(bucket);
    out.put(t.ordinal);
    out.put(t.cycle);
    out.put(t.from.value());
    out.put(t.priority);
    out.put(ticks(t.effective));
    out.put(ticks(t.expires));
    put_money(out, t.paid);
}

inline lot_terms get_terms(byte_reader& in) noexcept {
    lot_terms t;
    t.source = static_cast<lot_source>(in.get<std::uint8_t>());
    t.origin = static_cast<lot_origin>(in.get<std::uint8_t>());
    t.ends_with_period = in.get<std::uint8_t>() != 0;
    auto size = in.get<std::uint8_t>();
    t.bucket = bucket_id::of(in.text(size));
    if (to_string(t.source) == "unknown" || t.origin > lot_origin::regranted ||
        (size > 0 && !t.bucket)) {
        in.fail();
    }
    t.ordinal = in.get<std::uint16_t>();
    t.cycle = in.get<std::uint32_t>();
    t.from = lot_id{in.get<std::uint32_t>()};
    t.priority = in.get<std::int32_t>();
    t.effective = from_ticks(in.get<std::int64_t>());
    t.expires = from_ticks(in.get<std::int64_t>());
    t.paid = get_money(in);
    return t;
}

/// Writes the entry; returns how many bytes it took. `to` has room for `encoded_bound(e)`.
inline std::size_t encode(const entry& e, std::byte* to) noexcept {
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
        out.put(e.parts[0].bucket.value());
    }
    out.put(e.usage.action);
    out.put(e.member);
    out.put(e.resource);
    if ((s & ~section::one_part) == 0) return out.size();  // most charges end here
    if (s & section::event) out.put(ticks(e.event));
    if (s & section::held) out.put(e.after.held.micros());
    if (s & section::owed_after) out.put(e.after.debt.micros());
    if (s & section::debt) out.put(e.debt.micros());
    if (s & section::parts) {
        for (const part& p : e.parts) {
            out.put(p.lot.value());
            out.put(p.before.value());
            out.put(p.amount.micros());
            out.put(p.bucket.value());
        }
    }
    if (s & section::quantity) out.put(e.usage.quantity->micros());
    if (s & section::tokens) {
        out.put(e.usage.input_tokens);
        out.put(e.usage.output_tokens);
        out.put(e.usage.reasoning_tokens);
        out.put(e.usage.cached_tokens);
        out.put(e.usage.cache_write_tokens);
    }
    if (s & section::terms) put_terms(out, e.terms);
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
    if (s & section::zone) {
        out.put(static_cast<std::uint8_t>(e.zone.size()));
        out.put(e.zone);
    }
    return out.size();
}

/// Reads an entry back. Errors: `corrupt_record` for bytes that no entry encodes to.
inline result<void> decode(const std::byte* from, std::size_t size, entry& e) {
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
        p.bucket = bucket_id::stored(in.get<std::uint16_t>());
        e.parts.push_back(p);
    }
    e.usage.action = in.text(head.action_size);
    e.member = in.text(head.member_size);
    e.resource = in.text(head.resource_size);
    if (s & section::event) e.event = from_ticks(in.get<std::int64_t>());
    if (s & section::held) e.after.held = credits::from_micros(in.get<std::int64_t>());
    if (s & section::owed_after) e.after.debt = credits::from_micros(in.get<std::int64_t>());
    if (s & section::debt) e.debt = credits::from_micros(in.get<std::int64_t>());
    if (s & section::parts) {
        std::size_t count = head.part_count_low | (std::size_t{head.part_count_high} << 16);
        if (!in.has(count * 18)) return errc::corrupt_record;
        e.parts.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            part p{.lot = lot_id{in.get<std::uint32_t>()}};
            p.before = lot_id{in.get<std::uint32_t>()};
            p.amount = credits::from_micros(in.get<std::int64_t>());
            p.bucket = bucket_id::stored(in.get<std::uint16_t>());
            e.parts.push_back(p);
        }
    }
    if (s & section::quantity) e.usage.quantity = quantity::from_micros(in.get<std::int64_t>());
    if (s & section::tokens) {
        e.usage.input_tokens = in.get<std::int64_t>();
        e.usage.output_tokens = in.get<std::int64_t>();
        e.usage.reasoning_tokens = in.get<std::int64_t>();
        e.usage.cached_tokens = in.get<std::int64_t>();
        e.usage.cache_write_tokens = in.get<std::int64_t>();
    }
    if (s & section::terms) e.terms = get_terms(in);
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
    if (s & section::zone) e.zone = in.text(in.get<std::uint8_t>());
    if (!in.complete() || sections_of(e) != s) return errc::corrupt_record;
    return {};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
