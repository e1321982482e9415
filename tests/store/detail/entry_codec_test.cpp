#include "store/detail/entry_source.hpp"
#include "support/effort.hpp"

#include <coffer/store/detail/byte_io.hpp>
#include <coffer/store/detail/entry_codec.hpp>
#include <coffer/store/detail/entry_sections.hpp>
#include <coffer/testing/store_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace coffer_test;

TEMPLATE_TEST_CASE("an entry of any kind with any fields reads back as it was written", "",
                   local_form, portable_form) {
    entry_source source{1};
    std::set<entry_kind> seen;
    for (int i = 0; i < draws(20'000); ++i) {
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
    for (int i = 0; i < draws(4'000); ++i) {
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
    for (int i = 0; i < draws(8'000); ++i) {
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
    SECTION("prices") { e.prices = long_text; }
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
