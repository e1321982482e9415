#include "support/catch.hpp"

#include <coffer/detail/entry_codec.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using coffer::credits;
using coffer::entry;
using coffer::entry_kind;
using coffer::errc;
using coffer::instant;
using coffer::lot_id;
using coffer::request_id;
namespace codec = coffer::detail;

namespace {

constexpr entry_kind kinds[] = {
    entry_kind::started,   entry_kind::period_began,   entry_kind::granted,
    entry_kind::activated, entry_kind::rolled,         entry_kind::forfeited,
    entry_kind::expired,   entry_kind::charged,        entry_kind::held,
    entry_kind::settled,   entry_kind::released,       entry_kind::timed_out,
    entry_kind::refunded,  entry_kind::regranted,      entry_kind::purchase_refunded,
    entry_kind::voided,    entry_kind::expiry_changed, entry_kind::repaid,
    entry_kind::reordered};

/// Bytes in a block of their own, so that a sanitizer sees each step beyond them.
struct bytes {
    std::size_t size = 0;
    std::unique_ptr<std::byte[]> at{};

    explicit bytes(std::size_t n) : size{n}, at{new std::byte[n]} {}
    bytes(const std::byte* from, std::size_t n) : bytes{n} { std::copy(from, from + n, at.get()); }
};

bytes encoded(const entry& e) {
    bytes room{codec::encoded_bound(e)};
    const std::size_t size = codec::encode(e, room.at.get());
    REQUIRE(size <= room.size);
    return {room.at.get(), size};
}

/// Random entries in which every field that a kind can have is sometimes there, often at a limit.
class entry_source {
public:
    explicit entry_source(std::uint64_t seed) : random_{seed} {}

    /// The texts stand in `texts`.
    entry next(std::vector<std::string>& texts) {
        texts.reserve(5);
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
        if (flip()) e.tolerance = amount();
        if (flip()) e.owed = coffer::money::from_minor(number(), flip() ? "USD" : "JPY");
        e.zone = text(texts, 47);
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
        t.origin = static_cast<coffer::lot_origin>(index(4));
        t.ends_with_period = flip();
        t.ordinal = static_cast<std::uint16_t>(random_());
        t.cycle = u32();
        t.from = lot_id{u32()};
        t.priority = static_cast<std::int32_t>(random_());
        t.effective = time();
        t.expires = time();
        t.paid = coffer::money::from_minor(number(),
                                           flip() ? coffer::currency{"EUR"} : coffer::currency{});
        return t;
    }

    std::mt19937_64 random_;
};

/// All texts of a decoded entry lie inside the bytes that it was read from.
void check_texts(const entry& e, const bytes& from) {
    const char* begin = reinterpret_cast<const char*>(from.at.get());
    for (std::string_view text : {e.request, e.usage.action, e.member, e.resource, e.zone}) {
        if (text.empty()) continue;
        REQUIRE(text.data() >= begin);
        REQUIRE(text.data() + text.size() <= begin + from.size);
    }
}

}  // namespace

TEST_CASE("an entry of any kind with any fields reads back as it was written") {
    entry_source source{1};
    std::set<entry_kind> seen;
    for (int i = 0; i < 20'000; ++i) {
        std::vector<std::string> texts;
        const entry written = source.next(texts);
        const bytes form = encoded(written);
        entry read;
        INFO("entry " << i << " " << to_string(written.kind));
        REQUIRE(codec::decode(form.at.get(), form.size, read));
        REQUIRE(read == written);
        check_texts(read, form);
        seen.insert(read.kind);
    }
    CHECK(seen.size() == std::size(kinds));
}

TEST_CASE("reading replaces all that an entry held before") {
    entry_source source{2};
    std::vector<std::string> texts, other_texts;
    entry read = source.next(texts);
    const bytes form = encoded(entry{.id = coffer::entry_id{1}, .kind = entry_kind::started});
    REQUIRE(codec::decode(form.at.get(), form.size, read));
    CHECK(read == entry{.id = coffer::entry_id{1}, .kind = entry_kind::started});
}

TEST_CASE("a charge over a hundred thousand lots reads back") {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    for (std::uint32_t i = 1; i <= 100'000; ++i) {
        e.parts.push_back({.lot = lot_id{i}, .amount = credits::from_micros(i)});
    }
    const bytes form = encoded(e);
    entry read;
    REQUIRE(codec::decode(form.at.get(), form.size, read));
    CHECK(read == e);
}

TEST_CASE("the plainest charge is short") {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    e.amount = credits::from_micros(5);
    e.parts.push_back({.lot = lot_id{1}, .amount = e.amount});
    e.request = "0123456789abcdef";
    CHECK(encoded(e).size <= 80);
}

TEST_CASE("bytes that end too soon or too late are corrupt_record") {
    entry_source source{3};
    for (int i = 0; i < 200; ++i) {
        std::vector<std::string> texts;
        const bytes whole = encoded(source.next(texts));
        entry read;
        for (std::size_t size = 0; size < whole.size; ++size) {
            const bytes cut{whole.at.get(), size};
            INFO(size << " of " << whole.size);
            REQUIRE(codec::decode(cut.at.get(), cut.size, read) == errc::corrupt_record);
        }
        bytes longer{whole.size + 1};
        std::copy(whole.at.get(), whole.at.get() + whole.size, longer.at.get());
        longer.at[whole.size] = std::byte{0};
        REQUIRE(codec::decode(longer.at.get(), longer.size, read) == errc::corrupt_record);
    }
}

TEST_CASE("a flipped bit gives corrupt_record or an entry that can be written again") {
    entry_source source{4};
    for (int i = 0; i < 40; ++i) {
        std::vector<std::string> texts;
        const entry written = source.next(texts);
        bytes form = encoded(written);
        for (std::size_t bit = 0; bit < form.size * 8; ++bit) {
            const auto mask = static_cast<std::byte>(1u << (bit % 8));
            form.at[bit / 8] ^= mask;
            entry read;
            if (codec::decode(form.at.get(), form.size, read)) {
                check_texts(read, form);
                REQUIRE(to_string(read.kind) != "unknown");
                REQUIRE(to_string(read.terms.source) != "unknown");
                REQUIRE(read.requested_by <= request_id::scope::release);
                const bytes again = encoded(read);
                entry reread;
                REQUIRE(codec::decode(again.at.get(), again.size, reread));
                REQUIRE(reread == read);
            }
            form.at[bit / 8] ^= mask;
        }
    }
}

TEST_CASE("random bytes never do harm") {
    std::mt19937_64 random{5};
    entry_source source{6};
    for (int i = 0; i < 4'000; ++i) {
        std::vector<std::string> texts;
        bytes form = encoded(source.next(texts));
        for (int n = 0; n < 4; ++n) {
            form.at[random() % form.size] = static_cast<std::byte>(random());
        }
        entry read;
        if (codec::decode(form.at.get(), form.size, read)) check_texts(read, form);
        bytes noise{random() % 300};
        for (std::size_t k = 0; k < noise.size; ++k) noise.at[k] = static_cast<std::byte>(random());
        if (codec::decode(noise.at.get(), noise.size, read)) check_texts(read, noise);
    }
}

TEST_CASE("money in a currency that cannot be read is corrupt_record, not no money") {
    entry e{.id = coffer::entry_id{3}, .kind = entry_kind::purchase_refunded};
    e.owed = coffer::money::from_minor(500, "USD");
    bytes form = encoded(e);
    // The code's letters are the only ones in the bytes.
    const std::string_view text{reinterpret_cast<const char*>(form.at.get()), form.size};
    const std::size_t at = text.find("USD");
    REQUIRE(at != text.npos);
    form.at[at] = std::byte{'u'};
    entry read;
    CHECK(codec::decode(form.at.get(), form.size, read) == errc::corrupt_record);
}
