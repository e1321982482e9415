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
#include <coffer/store/detail/entry_sections.hpp>

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
           e.prices.size() + e.purchase.size() + e.settings.size() + e.signature.bytes().size();
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
