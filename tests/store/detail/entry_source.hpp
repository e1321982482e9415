/// Entries of any kind with any fields, and the two forms in which they are written. Include it
/// where a test writes or reads entries.
#pragma once

#include "support/catch.hpp"

#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/testing/store_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace coffer_test {

using coffer::credits;
using coffer::entry;
using coffer::entry_kind;
using coffer::errc;
using coffer::instant;
using coffer::lot_id;
using coffer::request_id;
namespace codec = coffer::detail;

inline constexpr entry_kind kinds[] = {entry_kind::started,
                                       entry_kind::period_began,
                                       entry_kind::granted,
                                       entry_kind::activated,
                                       entry_kind::rolled,
                                       entry_kind::forfeited,
                                       entry_kind::expired,
                                       entry_kind::charged,
                                       entry_kind::held,
                                       entry_kind::settled,
                                       entry_kind::released,
                                       entry_kind::timed_out,
                                       entry_kind::refunded,
                                       entry_kind::regranted,
                                       entry_kind::purchase_refunded,
                                       entry_kind::voided,
                                       entry_kind::expiry_changed,
                                       entry_kind::repaid,
                                       entry_kind::reordered,
                                       entry_kind::disputed,
                                       entry_kind::dispute_won,
                                       entry_kind::dispute_lost,
                                       entry_kind::collected,
                                       entry_kind::debt_dropped,
                                       entry_kind::refused,
                                       entry_kind::noted,
                                       entry_kind::plan_assigned,
                                       entry_kind::alert_set,
                                       entry_kind::alert_dropped,
                                       entry_kind::change_pending,
                                       entry_kind::change_revoked,
                                       entry_kind::allowance_raised,
                                       entry_kind::refilled,
                                       entry_kind::paused,
                                       entry_kind::unpaused,
                                       entry_kind::past_due,
                                       entry_kind::paid,
                                       entry_kind::ended,
                                       entry_kind::add_on_set,
                                       entry_kind::ordered,
                                       entry_kind::purchased,
                                       entry_kind::order_failed,
                                       entry_kind::order_expired,
                                       entry_kind::recharge_checked,
                                       entry_kind::billed,
                                       entry_kind::configured,
                                       entry_kind::rules_adopted};

inline constexpr errc all_errors[] = {errc::corrupt_record, errc::unknown_plan,
                                      errc::limit_exceeded, errc::insufficient_credits};

/// A field that somebody adds does not compile here: the codec has to write it too, and the random
/// entries below have to have it.
[[maybe_unused]] void list_all_fields(const entry& e) {
    [[maybe_unused]] const auto& [id, kind, counts, revokes, refusal, by, at, event, amount, debt,
                                  uncollected, after, about, parts, usage, member, resource,
                                  request, content, terms, before, order, rolled_after,
                                  since_anchor, from, until, tolerance, owed, contested, zone, plan,
                                  alerts, limits, changed, prices, purchase, settings, signature] =
        e;
    [[maybe_unused]] const auto& [changes, other, waits, added, allowance, unpaid, price] = changed;
    [[maybe_unused]] const auto& [any, recharges, armed, floor, raised, check] = alerts;
    [[maybe_unused]] const auto& [action, quantity, input, output, reasoning, cached, cache_write,
                                  cache_write_1h, audio_input, audio_output, image_input,
                                  image_output, citation, tags, when, wallet, version] = usage;
}

/// Bytes in a block of their own, so that a sanitizer sees each step beyond them.
struct bytes {
    std::size_t size = 0;
    std::unique_ptr<std::byte[]> at{};

    explicit bytes(std::size_t n) : size{n}, at{new std::byte[n]} {}
    bytes(const std::byte* from, std::size_t n) : bytes{n} { std::copy(from, from + n, at.get()); }
};

inline bytes encoded(const entry& e) {
    bytes room{codec::encoded_bound(e)};
    const std::size_t size = codec::encode(e, room.at.get());
    REQUIRE(size <= room.size);
    return {room.at.get(), size};
}

inline bytes packed(const entry& e) {
    codec::byte_list list;
    REQUIRE(codec::pack(e, list));
    return {list.data(), list.size()};
}

inline codec::byte_list bytes_of(std::string_view hex) {
    codec::byte_list all;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        all.push_back(
            static_cast<std::byte>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
    }
    return all;
}

/// The two forms of an entry.
struct local_form {
    static bytes write(const entry& e) { return encoded(e); }
    static auto read(const bytes& from, entry& e) {
        return codec::decode(from.at.get(), from.size, e);
    }
};
struct portable_form {
    static bytes write(const entry& e) { return packed(e); }
    static auto read(const bytes& from, entry& e) {
        return codec::unpack(from.at.get(), from.size, e);
    }
};

/// Random entries in which every field that a kind can have is sometimes there, often at a limit.
class entry_source {
public:
    explicit entry_source(std::uint64_t seed) : random_{seed} {}

    /// The texts stand in `texts`.
    entry next(std::vector<std::string>& texts) {
        texts.reserve(14);
        entry e;
        e.id = coffer::entry_id{u32()};
        e.kind = kinds[index(std::size(kinds))];
        e.counts = flip();
        e.revokes = flip();
        e.requested_by = static_cast<request_id::scope>(index(4));
        e.at = e.event = time();
        if (flip()) e.event = time();
        e.amount = amount();
        if (flip()) e.debt = amount();
        e.after = {amount(), flip() ? amount() : credits{}, flip() ? amount() : credits{}};
        if (flip()) e.about = coffer::entry_id{u32()};
        for (std::size_t n = part_count(); n > 0; --n) e.parts.push_back(some_part(e));
        if (flip()) e.usage.quantity = coffer::quantity::from_micros(number());
        if (flip()) {
            e.usage.input_tokens = number();
            e.usage.output_tokens = number();
            e.usage.reasoning_tokens = flip() ? number() : 0;
            e.usage.cached_tokens = flip() ? number() : 0;
            e.usage.cache_write_tokens = flip() ? number() : 0;
        }
        if (flip()) {
            e.usage.cache_write_1h_tokens = flip() ? number() : 0;
            e.usage.audio_input_tokens = flip() ? number() : 0;
            e.usage.audio_output_tokens = flip() ? number() : 0;
            e.usage.image_input_tokens = flip() ? number() : 0;
            e.usage.image_output_tokens = flip() ? number() : 0;
            e.usage.citation_tokens = flip() ? number() : 0;
        }
        e.usage.action = text(texts, 63);
        e.member = text(texts, 255);
        e.resource = text(texts, 255);
        e.request = text(texts, 95);
        e.content = random_();
        if (codec::sections_of(e) & codec::section::terms) e.terms = some_terms();
        if (flip()) e.order = random_();
        if (flip()) e.before = lot_id{u32()};
        if (flip()) {
            e.from = time();
            e.until = flip() ? coffer::never : time();
            e.since_anchor = u32();
        }
        if (flip()) e.rolled_after = coffer::entry_id{u32()};
        if (flip()) e.tolerance = amount();
        if (flip()) e.owed = some_money();
        e.zone = text(texts, 47);
        e.plan = text(texts, 63);
        e.usage.tags = text(texts, 95);
        if (flip()) e.uncollected = amount();
        if (flip()) e.contested = some_money();
        if (flip()) e.refusal = all_errors[index(std::size(all_errors))];
        if (flip()) {
            e.allowance = {
                .any = true, .by_other_plan = flip(), .waits = flip(), .by_add_on = flip()};
            e.allowance.allowance = amount();
            e.allowance.owed = amount();
            e.allowance.price = some_money();
        }
        if (flip()) {
            e.alerts = {.any = true, .armed = random_(), .floor = amount()};
            e.alerts.raised = text(texts, index(20) == 0 ? codec::max_raised : 300);
            e.alerts.recharges = flip();
            if (e.alerts.recharges) e.alerts.check = time();
        }
        texts.push_back(coffer::testing::detail::random_order(e.kind, random_));
        e.purchase = texts.back();
        if (flip()) {
            texts.push_back(coffer::testing::detail::random_limits(e.kind, random_));
            e.limits = texts.back();
        }
        if (flip()) e.prices = text(texts, 255);
        const coffer::signature_text by{text(texts, coffer::max_actor_size),
                                        text(texts, coffer::max_reason_size)};
        e.signature = coffer::signature{texts.emplace_back(by.view().bytes())};
        return e;
    }

    bool flip() { return (random_() & 1) != 0; }
    std::size_t index(std::size_t size) { return static_cast<std::size_t>(random_() % size); }

private:
    std::int64_t number() {
        switch (index(5)) {
            case 0: return std::numeric_limits<std::int64_t>::max();
            case 1: return std::numeric_limits<std::int64_t>::min();
            case 2: return static_cast<std::int64_t>(index(3)) - 1;
            default: return static_cast<std::int64_t>(random_());
        }
    }
    std::uint32_t u32() { return flip() ? static_cast<std::uint32_t>(random_()) : ~0u; }
    credits amount() { return credits::from_micros(number()); }
    instant time() { return instant{std::chrono::microseconds{number()}}; }
    std::size_t part_count() {
        constexpr std::size_t counts[] = {0, 1, 1, 2, 3, 17};
        return counts[index(std::size(counts))];
    }
    coffer::part some_part(const entry& e) {
        return {.lot = lot_id{u32()},
                .before = flip() ? lot_id{} : lot_id{u32()},
                .amount = flip() ? e.amount : amount(),
                .bucket = coffer::bucket_id::of(flip() ? "budget" : "package")};
    }
    std::string_view text(std::vector<std::string>& texts, std::size_t most) {
        const std::size_t size = index(3) == 0 ? 0 : index(4) == 0 ? most : index(most + 1);
        std::string& made = texts.emplace_back();
        for (std::size_t i = 0; i < size; ++i) made += static_cast<char>(random_());
        return made;
    }
    coffer::lot_terms some_terms() {
        coffer::lot_terms t;
        constexpr const char* buckets[] = {"", "budget", "package"};
        t.bucket = coffer::bucket_id::of(buckets[index(3)]);
        t.source = static_cast<coffer::lot_source>(index(7));
        t.origin = static_cast<coffer::lot_origin>(index(5));
        t.ends_with_period = flip();
        t.ordinal = static_cast<std::uint16_t>(random_());
        t.cycle = u32();
        t.from = lot_id{u32()};
        t.priority = static_cast<std::int32_t>(random_());
        t.effective = time();
        t.expires = time();
        if (flip()) t.kept_until = time();
        t.paid = some_money();
        if (t.is_allowance()) t.lapses = time();
        if (t.origin >= coffer::lot_origin::rolled) t.paid_for = amount();
        return t;
    }
    coffer::money some_money() {
        constexpr coffer::currency currencies[] = {coffer::currency{}, "USD", "EUR", "JPY"};
        return coffer::money::from_minor(number(), currencies[index(std::size(currencies))]);
    }

    std::mt19937_64 random_;
};

/// All texts of a decoded entry lie inside the bytes that it was read from.
inline void check_texts(const entry& e, const bytes& from) {
    const char* begin = reinterpret_cast<const char*>(from.at.get());
    for (std::string_view text : {e.request, e.usage.action, e.usage.tags, e.member, e.resource,
                                  e.zone, e.plan, e.prices, e.signature.bytes()}) {
        if (text.empty()) continue;
        REQUIRE(text.data() >= begin);
        REQUIRE(text.data() + text.size() <= begin + from.size);
    }
}

}  // namespace coffer_test
