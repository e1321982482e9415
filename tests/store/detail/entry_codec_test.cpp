#include "support/catch.hpp"

#include <coffer/store/detail/entry_codec.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
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
    entry_kind::started,      entry_kind::period_began,   entry_kind::granted,
    entry_kind::activated,    entry_kind::rolled,         entry_kind::forfeited,
    entry_kind::expired,      entry_kind::charged,        entry_kind::held,
    entry_kind::settled,      entry_kind::released,       entry_kind::timed_out,
    entry_kind::refunded,     entry_kind::regranted,      entry_kind::purchase_refunded,
    entry_kind::voided,       entry_kind::expiry_changed, entry_kind::repaid,
    entry_kind::reordered,    entry_kind::disputed,       entry_kind::dispute_won,
    entry_kind::dispute_lost, entry_kind::collected,      entry_kind::debt_dropped,
    entry_kind::refused,      entry_kind::noted,          entry_kind::plan_assigned,
    entry_kind::alert_set,    entry_kind::alert_dropped};

constexpr errc errors[] = {errc::corrupt_record, errc::unknown_plan, errc::limit_exceeded,
                           errc::insufficient_credits};

/// A field that somebody adds does not compile here: the codec has to write it too, and the random
/// entries below have to have it.
[[maybe_unused]] void list_all_fields(const entry& e) {
    [[maybe_unused]] const auto& [id, kind, counts, revokes, refusal, by, at, event, amount, debt,
                                  uncollected, after, about, parts, usage, member, resource,
                                  request, content, terms, before, order, rolled_after,
                                  since_anchor, from, until, tolerance, owed, contested, zone, plan,
                                  alerts, signature] = e;
    [[maybe_unused]] const auto& [any, armed, floor, raised] = alerts;
    [[maybe_unused]] const auto& [action, quantity, input, output, reasoning, cached, cache_write,
                                  cache_write_1h, audio_input, audio_output, image_input,
                                  image_output, citation, tags, when] = usage;
}

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

bytes packed(const entry& e) {
    codec::byte_list list;
    REQUIRE(codec::pack(e, list));
    return {list.data(), list.size()};
}

codec::byte_list bytes_of(std::string_view hex) {
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
        texts.reserve(11);
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
        if (flip()) e.refusal = errors[index(std::size(errors))];
        if (flip()) {
            e.alerts = {.any = true, .armed = random_(), .floor = amount()};
            e.alerts.raised = text(texts, index(20) == 0 ? codec::max_raised : 300);
        }
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
        t.origin = static_cast<coffer::lot_origin>(index(4));
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
void check_texts(const entry& e, const bytes& from) {
    const char* begin = reinterpret_cast<const char*>(from.at.get());
    for (std::string_view text : {e.request, e.usage.action, e.usage.tags, e.member, e.resource,
                                  e.zone, e.plan, e.signature.bytes()}) {
        if (text.empty()) continue;
        REQUIRE(text.data() >= begin);
        REQUIRE(text.data() + text.size() <= begin + from.size);
    }
}

}  // namespace

TEMPLATE_TEST_CASE("an entry of any kind with any fields reads back as it was written", "",
                   local_form, portable_form) {
    entry_source source{1};
    std::set<entry_kind> seen;
    for (int i = 0; i < 20'000; ++i) {
        std::vector<std::string> texts;
        const entry written = source.next(texts);
        const bytes form = TestType::write(written);
        entry read;
        INFO("entry " << i << " " << to_string(written.kind));
        REQUIRE(TestType::read(form, read));
        REQUIRE(read == written);
        check_texts(read, form);
        seen.insert(read.kind);
    }
    CHECK(seen.size() == std::size(kinds));
}

TEMPLATE_TEST_CASE("reading replaces all that an entry held before", "", local_form,
                   portable_form) {
    entry_source source{2};
    std::vector<std::string> texts;
    entry read = source.next(texts);
    const bytes form =
        TestType::write(entry{.id = coffer::entry_id{1}, .kind = entry_kind::started});
    REQUIRE(TestType::read(form, read));
    CHECK(read == entry{.id = coffer::entry_id{1}, .kind = entry_kind::started});
}

TEMPLATE_TEST_CASE("a charge over a hundred thousand lots reads back", "", local_form,
                   portable_form) {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    for (std::uint32_t i = 1; i <= 100'000; ++i) {
        e.parts.push_back({.lot = lot_id{i},
                           .amount = credits::from_micros(i),
                           .bucket = coffer::bucket_id::of(i % 2 ? "budget" : "package")});
    }
    const bytes form = TestType::write(e);
    entry read;
    REQUIRE(TestType::read(form, read));
    CHECK(read == e);
}

TEST_CASE("the plainest charge is short") {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    e.amount = credits::from_micros(5);
    e.parts.push_back({.lot = lot_id{1}, .amount = e.amount});
    e.request = "0123456789abcdef";
    CHECK(encoded(e).size == 78);
    e.usage.action = "chat";
    e.usage.at = instant{std::chrono::seconds{5}};
    CHECK(encoded(e).size == 82);
    e.parts[0].bucket = coffer::bucket_id::of("package");
    CHECK(packed(e).size <= 101);
}

TEMPLATE_TEST_CASE("when usage happened for its price is not written", "", local_form,
                   portable_form) {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    e.usage.at = instant{std::chrono::seconds{5}};
    entry read;
    REQUIRE(TestType::read(TestType::write(e), read));
    CHECK(read.usage.at == instant{});
    e.usage.at = {};
    CHECK(read == e);
}

TEMPLATE_TEST_CASE("bytes that end too soon or too late are corrupt_record", "", local_form,
                   portable_form) {
    entry_source source{3};
    for (int i = 0; i < 200; ++i) {
        std::vector<std::string> texts;
        const bytes whole = TestType::write(source.next(texts));
        entry read;
        for (std::size_t size = 0; size < whole.size; ++size) {
            const bytes cut{whole.at.get(), size};
            INFO(size << " of " << whole.size);
            REQUIRE(TestType::read(cut, read) == errc::corrupt_record);
        }
        bytes longer{whole.size + 1};
        std::copy(whole.at.get(), whole.at.get() + whole.size, longer.at.get());
        longer.at[whole.size] = std::byte{0};
        REQUIRE(TestType::read(longer, read) == errc::corrupt_record);
    }
}

TEST_CASE("a flipped bit gives corrupt_record or an entry that is written as those bytes") {
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
                REQUIRE(again.size == form.size);
                REQUIRE(std::memcmp(again.at.get(), form.at.get(), form.size) == 0);
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

TEST_CASE("a flipped bit of a portable entry is corrupt_record") {
    entry_source source{7};
    for (int i = 0; i < 40; ++i) {
        std::vector<std::string> texts;
        bytes form = packed(source.next(texts));
        for (std::size_t bit = 0; bit < form.size * 8; ++bit) {
            const auto mask = static_cast<std::byte>(1u << (bit % 8));
            form.at[bit / 8] ^= mask;
            entry read;
            REQUIRE(codec::unpack(form.at.get(), form.size, read) == errc::corrupt_record);
            form.at[bit / 8] ^= mask;
        }
    }
}

TEST_CASE("random bytes under a right checksum never do harm") {
    std::mt19937_64 random{8};
    entry_source source{9};
    int taken = 0;
    for (int i = 0; i < 8'000; ++i) {
        std::vector<std::string> texts;
        codec::byte_list list;
        REQUIRE(codec::pack(source.next(texts), list));
        list.resize(list.size() - codec::seal_size);
        for (int n = 0; n < 2; ++n) {
            // Names stay as they are: a program keeps each that it meets.
            const std::size_t head = 1 + 2 + 2 * 8;
            list[head + random() % (list.size() - head)] = static_cast<std::byte>(random());
        }
        codec::seal(list, 0);
        const bytes form{list.data(), list.size()};
        entry read;
        if (!codec::unpack(form.at.get(), form.size, read)) continue;
        ++taken;
        check_texts(read, form);
        const bytes again = packed(read);
        entry reread;
        REQUIRE(codec::unpack(again.at.get(), again.size, reread));
        REQUIRE(reread == read);
    }
    CHECK(taken > 0);
}

TEST_CASE("a portable entry says its buckets by name") {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::granted};
    e.terms.bucket = coffer::bucket_id::of("some bucket of its own");
    e.parts.push_back({.lot = lot_id{1}, .bucket = coffer::bucket_id::of("package")});
    const bytes form = packed(e);
    const std::string_view text{reinterpret_cast<const char*>(form.at.get()), form.size};
    CHECK(text.find("some bucket of its own") != text.npos);
    CHECK(text.find("package") != text.npos);

    // Another program may know other names by other numbers: what counts is the text.
    codec::byte_list other{form.at.get(), form.at.get() + form.size - codec::seal_size};
    const auto at = text.find("package");
    std::memcpy(other.data() + at, "voucher", 7);
    codec::seal(other, 0);
    entry read;
    REQUIRE(codec::unpack(other.data(), other.size(), read));
    CHECK(read.parts[0].bucket == "voucher");
    CHECK(read.terms.bucket == e.terms.bucket);
}

TEST_CASE("an entry that cannot be written is refused, and nothing is appended") {
    const std::string long_text(256, 'x');
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    SECTION("a request") { e.request = long_text; }
    SECTION("an action") { e.usage.action = long_text; }
    SECTION("tags") { e.usage.tags = long_text; }
    SECTION("a member") { e.member = long_text; }
    SECTION("a resource") { e.resource = long_text; }
    SECTION("a zone") { e.zone = long_text; }
    SECTION("a plan") { e.plan = long_text; }
    SECTION("a period's end of what is no allowance") {
        e.kind = entry_kind::granted;
        e.terms.lapses = instant{std::chrono::seconds{5}};
    }
    SECTION("a cost basis of other credits in a lot of its own") {
        e.kind = entry_kind::granted;
        e.terms.paid_for = credits::from_micros(1);
    }
    SECTION("a bucket that nobody named") {
        e.parts.push_back({.bucket = coffer::bucket_id::stored(65'001)});
    }
    codec::byte_list list(3);
    CHECK_FALSE(codec::pack(e, list));
    CHECK(list.size() == 3);
}

TEST_CASE("an entry of another version is corrupt_record") {
    codec::byte_list list;
    REQUIRE(codec::pack(entry{.id = coffer::entry_id{1}, .kind = entry_kind::started}, list));
    list.resize(list.size() - codec::seal_size);
    list[0] = std::byte{codec::entry_version + 1};
    codec::seal(list, 0);
    entry read;
    CHECK(codec::unpack(list.data(), list.size(), read) == errc::corrupt_record);
}

TEST_CASE("a portable entry of version 1 reads as it always has") {
    // A file that was written once is read for ever: these bytes do not change.
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    e.at = e.event = instant{std::chrono::seconds{1'700'000'000}};
    e.amount = credits::from_micros(1'500'000);
    e.after.available = credits::from_micros(8'500'000);
    e.parts.push_back(
        {.lot = lot_id{3}, .amount = e.amount, .bucket = coffer::bucket_id::of("package")});
    e.request = "r-1";
    e.requested_by = request_id::scope::caller;
    e.content = 0x0123456789abcdef;
    e.usage.action = "chat";
    e.refusal = errc::limit_exceeded;
    constexpr std::string_view hex =
        "010100077061636b6167650700000008040100100002000000000000401e18240a060060e3160000"
        "00000020b3810000000000efcdab89674523010304000000000000722d3103000000010063686174"
        "0e6c696d69745f65786365656465644ce48bf5e6f2fb17";
    const codec::byte_list golden = bytes_of(hex);
    entry read;
    REQUIRE(codec::unpack(golden.data(), golden.size(), read));
    CHECK(read == e);
    codec::byte_list again;
    REQUIRE(codec::pack(e, again));
    CHECK(again == golden);
}

TEST_CASE("an entry from before there were more than five kinds of tokens reads as it was") {
    entry e{.id = coffer::entry_id{7}, .kind = entry_kind::charged};
    e.at = e.event = instant{std::chrono::seconds{1'700'000'000}};
    e.amount = credits::from_micros(1'500'000);
    e.after.available = credits::from_micros(8'500'000);
    e.parts.push_back(
        {.lot = lot_id{3}, .amount = e.amount, .bucket = coffer::bucket_id::of("package")});
    e.request = "r-1";
    e.requested_by = request_id::scope::caller;
    e.content = 0x0123456789abcdef;
    e.usage = {.action = "chat",
               .quantity = coffer::quantity::from_micros(9),
               .input_tokens = 1,
               .output_tokens = -2,
               .reasoning_tokens = 3,
               .cached_tokens = 4,
               .cache_write_tokens = 5};
    const codec::byte_list golden = bytes_of(
        "010100077061636b6167650700000008040100d00000000000000000401e18240a060060e3160000"
        "00000020b3810000000000efcdab89674523010304000000000000722d3103000000010063686174"
        "09000000000000000100000000000000feffffffffffffff03000000000000000400000000000000"
        "05000000000000006717abc573392fb7");
    entry read;
    REQUIRE(codec::unpack(golden.data(), golden.size(), read));
    CHECK(read == e);
    codec::byte_list again;
    REQUIRE(codec::pack(e, again));
    CHECK(again == golden);
    e.usage.citation_tokens = 6;
    again.clear();
    REQUIRE(codec::pack(e, again));
    CHECK(again.size() == golden.size() + 48);
    REQUIRE(codec::unpack(again.data(), again.size(), read));
    CHECK(read == e);
}

TEST_CASE("the numbers that stand in records never change") {
    int next = 1;
    for (const char* name :
         {"started",     "period_began",   "granted",   "activated",    "rolled",
          "forfeited",   "expired",        "charged",   "held",         "settled",
          "released",    "timed_out",      "refunded",  "regranted",    "purchase_refunded",
          "voided",      "expiry_changed", "repaid",    "reordered",    "disputed",
          "dispute_won", "dispute_lost",   "collected", "debt_dropped", "refused",
          "noted",       "plan_assigned"}) {
        CHECK(to_string(static_cast<entry_kind>(next++)) == name);
    }
    next = 0;
    for (const char* name :
         {"plan", "purchase", "bonus", "promo", "referral", "adjustment", "refund"}) {
        CHECK(to_string(static_cast<coffer::lot_source>(next++)) == name);
    }
    using coffer::lot_origin;
    CHECK(static_cast<int>(lot_origin::granted) == 0);
    CHECK(static_cast<int>(lot_origin::refilled) == 1);
    CHECK(static_cast<int>(lot_origin::rolled) == 2);
    CHECK(static_cast<int>(lot_origin::regranted) == 3);
    using scope = request_id::scope;
    CHECK(static_cast<int>(scope::caller) == 1);
    CHECK(static_cast<int>(scope::settle) == 2);
    CHECK(static_cast<int>(scope::release) == 3);
}

TEST_CASE("every error is journalled by a name that reads back") {
    int known = 0;
    for (int code = 1; code < 256; ++code) {
        const auto refusal = static_cast<errc>(code);
        if (to_string(refusal) == "unknown_error") continue;
        ++known;
        entry e{.id = coffer::entry_id{7}, .kind = entry_kind::refused, .refusal = refusal};
        entry read;
        REQUIRE(portable_form::read(packed(e), read));
        CHECK(read == e);
    }
    CHECK(known >= 31);
}
