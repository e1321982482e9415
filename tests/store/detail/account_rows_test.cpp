#include "support/account_source.hpp"
#include "support/catch.hpp"
#include "support/effort.hpp"

#include <coffer/store/detail/account_rows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using coffer::account;
using coffer::credits;
using coffer::lot_id;
using coffer_test::account_source;
namespace codec = coffer::detail;

namespace {

constexpr std::string_view wallet = "acme";

/// The records of an account, as a store keeps them.
struct records {
    using key = std::pair<int, std::uint32_t>;

    codec::byte_list head{};
    std::map<key, codec::byte_list> rows{};
    codec::head_marks marks{};

    friend bool operator==(const records&, const records&) = default;
};

void finish(records& r) { codec::finish_head({wallet}, r.head.data(), r.head.size(), r.marks); }

/// What a store does with a commit. Returns how many rows were written.
std::size_t write(records& into, const account& before, const account& after) {
    codec::byte_list bytes;
    std::vector<codec::row_change> changes;
    codec::row_comparison compared{wallet, bytes, changes};
    REQUIRE(codec::is_sound_whole(after));
    REQUIRE(compared.compare(before, after));
    for (const codec::row_change& c : changes) {
        const records::key key{static_cast<int>(c.kind), c.id};
        const auto at = bytes.begin();
        const codec::byte_list was(at + static_cast<std::ptrdiff_t>(c.begin),
                                   at + static_cast<std::ptrdiff_t>(c.middle));
        const codec::byte_list is(at + static_cast<std::ptrdiff_t>(c.middle),
                                  at + static_cast<std::ptrdiff_t>(c.end));
        REQUIRE(into.rows[key] == was);
        into.rows[key] = is;
        if (is.empty()) into.rows.erase(key);
    }
    into.head.clear();
    REQUIRE(codec::pack_head({wallet}, after, into.head));
    into.marks = {.first_far = codec::first_far_of(after),
                  .rows = into.marks.rows + compared.sum()};
    finish(into);
    return changes.size();
}

records written(const account& a) {
    records r;
    write(r, account{}, a);
    return r;
}

/// The bytes in a block of their own, so that a sanitizer sees each step beyond them.
std::unique_ptr<std::byte[]> alone(const codec::byte_list& bytes) {
    std::unique_ptr<std::byte[]> copy{new std::byte[bytes.size()]};
    std::copy(bytes.begin(), bytes.end(), copy.get());
    return copy;
}

bool read(const records& r, account& into, std::string_view of = wallet) {
    codec::head_marks marks;
    if (!codec::unpack_head({of}, alone(r.head).get(), r.head.size(), into, marks)) return false;
    codec::row_assembly rows{of};
    for (const auto& [key, bytes] : r.rows) {
        if (!rows.add(static_cast<std::uint64_t>(key.first), key.second, alone(bytes).get(),
                      bytes.size())) {
            return false;
        }
    }
    return rows.finish(marks, into);
}

/// An account of many lots, all of which burn.
account many_lots(std::uint32_t count) {
    account a;
    a.last = coffer::entry_id{count};
    const auto bucket = coffer::bucket_id::of("package");
    for (std::uint32_t i = 1; i <= count; ++i) {
        coffer::lot l{.id = lot_id{i}};
        l.terms.bucket = bucket;
        l.granted = credits::from_micros(1'000);
        l.active = true;
        a.rest.edit().lots.push_back(l);
        a.burning.push_back({.available = l.granted, .lot = l.id, .bucket = bucket});
        a.totals.available = (a.totals.available + l.granted).or_throw();
    }
    return a;
}

}  // namespace

TEST_CASE("an account reads back from its head and its rows, which are a function of it") {
    account_source source{11};
    for (int i = 0; i < coffer_test::draws(3'000); ++i) {
        INFO("account " << i);
        const account a = source.next();
        const records r = written(a);
        account back;
        REQUIRE(read(r, back));
        REQUIRE(back == a);
        REQUIRE(written(back) == r);
    }
}

TEST_CASE("from one account to any other, the rows that differ lead to the rows of the other") {
    account_source source{12};
    records r;
    account now;
    for (int i = 0; i < coffer_test::draws(2'000); ++i) {
        INFO("account " << i);
        const account next = source.next();
        write(r, now, next);
        REQUIRE(r == written(next));
        now = next;
    }
}

TEST_CASE("the head alone is all of an account but its rest and the lots behind the first three") {
    const account a = many_lots(100);
    const records r = written(a);
    account head;
    codec::head_marks marks;
    REQUIRE(codec::unpack_head({wallet}, r.head.data(), r.head.size(), head, marks));
    CHECK(head.last == a.last);
    CHECK(head.totals == a.totals);
    CHECK(head.rest->lots.empty());
    CHECK(head.burning.size() == coffer::burn_list::near);
    CHECK(head.burning[2] == a.burning[2]);
    CHECK(head.burning.leaves_out_far());
    CHECK_FALSE(head.burning.is_near());
    CHECK(r.head.size() < 120);
    CHECK_FALSE(codec::is_sound_whole(head));
    account few;
    const records small = written(many_lots(3));
    REQUIRE(codec::unpack_head({wallet}, small.head.data(), small.head.size(), few, marks));
    CHECK(few.burning.is_near());
}

TEST_CASE("a change writes the rows of what changed, however many lots there are") {
    account before = many_lots(100'000);
    records r = written(before);
    account after = before;
    SECTION("a lot that is used up in part") {
        after.burning.edit(0).available = credits::from_micros(1);
        after.totals.available = (after.totals.available - credits::from_micros(999)).or_throw();
        CHECK(write(r, before, after) == 0);
    }
    SECTION("a lot that is used up") {
        after.burning.erase(0);
        after.totals.available = (after.totals.available - credits::from_micros(1'000)).or_throw();
        CHECK(write(r, before, after) <= 2);  // its piece has another first lot
    }
    SECTION("a new lot, which burns last") {
        coffer::lot l = before.rest->lots.back();
        l.id = lot_id{100'001};
        after.last = coffer::entry_id{100'001};
        after.rest.edit().lots.push_back(l);
        after.burning.push_back({.available = l.granted, .lot = l.id, .bucket = l.terms.bucket});
        after.totals.available = (after.totals.available + l.granted).or_throw();
        CHECK(write(r, before, after) <= 3);
    }
    SECTION("a new lot, which burns in the middle") {
        coffer::lot l = before.rest->lots.back();
        l.id = lot_id{100'001};
        after.last = coffer::entry_id{100'001};
        after.rest.edit().lots.push_back(l);
        after.burning.insert(50'000,
                             {.available = l.granted, .lot = l.id, .bucket = l.terms.bucket});
        after.totals.available = (after.totals.available + l.granted).or_throw();
        CHECK(write(r, before, after) <= 3);
    }
    SECTION("a hold, and its end") {
        coffer::hold h{.id = coffer::hold_id{100'001}, .amount = credits::from_micros(5)};
        h.parts.push_back({.lot = lot_id{1}, .amount = h.amount});
        after.rest.edit().holds.push_back(h);
        after.burning.edit(0).available = credits::from_micros(995);
        after.burning.edit(0).held = h.amount;
        after.totals.available = (after.totals.available - h.amount).or_throw();
        after.totals.held = h.amount;
        CHECK(write(r, before, after) == 1);
        CHECK(write(r, after, before) == 1);
        after = before;
    }
    account back;
    REQUIRE(read(r, back));
    CHECK(back == after);
}

TEST_CASE("a record that is missing, strange, of another time or of another wallet is noticed") {
    account_source source{13};
    std::mt19937_64 random{14};
    account back;
    for (int i = 0; i < 400; ++i) {
        INFO("account " << i);
        const account a = source.next();
        const records r = written(a);
        CHECK_FALSE(read(r, back, "acm"));
        if (r.rows.empty()) continue;
        auto any = r.rows.begin();
        std::advance(any, static_cast<std::ptrdiff_t>(random() % r.rows.size()));
        records missing = r;
        missing.rows.erase(any->first);
        CHECK_FALSE(read(missing, back));
        records moved = r;
        moved.rows[{any->first.first, any->first.second + 1}] = any->second;
        CHECK_FALSE(read(moved, back));
        records turned = r;
        turned.rows[any->first][random() % any->second.size()] ^= std::byte{1};
        CHECK_FALSE(read(turned, back));
        records older = r;
        older.head = written(source.next()).head;
        CHECK_FALSE((read(older, back) && older.head != r.head));
    }
}

TEST_CASE("a flipped bit of a head is noticed, and so is one that ends too soon") {
    account_source source{15};
    account back;
    codec::head_marks marks;
    for (int i = 0; i < 60; ++i) {
        codec::byte_list head = written(source.next()).head;
        for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
            const auto mask = static_cast<std::byte>(1u << (bit % 8));
            head[bit / 8] ^= mask;
            REQUIRE_FALSE(codec::unpack_head({wallet}, head.data(), head.size(), back, marks));
            REQUIRE_FALSE(codec::read_marks({wallet}, head.data(), head.size(), marks));
            head[bit / 8] ^= mask;
        }
        for (std::size_t size = 0; size < head.size(); ++size) {
            const codec::byte_list cut(head.begin(), head.begin() + static_cast<long>(size));
            REQUIRE_FALSE(codec::unpack_head({wallet}, alone(cut).get(), size, back, marks));
        }
    }
}

TEST_CASE("what forged records read as adds up and is written as these very records") {
    account_source source{16};
    std::mt19937_64 random{17};
    int taken = 0;
    for (int i = 0; i < coffer_test::draws(20'000); ++i) {
        records r = written(source.next());
        const bool head = r.rows.empty() || random() % 3 == 0;
        auto any = r.rows.begin();
        if (!head) std::advance(any, static_cast<std::ptrdiff_t>(random() % r.rows.size()));
        codec::byte_list& forged = head ? r.head : any->second;
        // Names stay as they are: a program keeps each that it meets.
        std::size_t names = 3;
        for (int left = std::to_integer<int>(forged[1]); left > 0; --left) {
            names += 1 + std::to_integer<std::size_t>(forged[names]);
        }
        const std::size_t end = forged.size() - codec::seal_size;
        if (names == end) continue;
        for (std::size_t n = random() % 3 + 1; n > 0; --n) {
            const std::size_t at = names + random() % (end - names);
            forged[at] = random() % 4 == 0 ? std::byte{0xff} : static_cast<std::byte>(random());
        }
        if (random() % 4 == 0) forged.insert(forged.begin() + static_cast<long>(end), std::byte{0});
        if (!head) {
            r.marks.rows -= codec::sum_in(forged.data(), forged.size());
            const codec::row_key key{wallet, static_cast<codec::row_kind>(any->first.first),
                                     any->first.second};
            forged.resize(forged.size() - codec::seal_size);
            codec::seal(forged, 0, key.seed());
            r.marks.rows += codec::sum_in(forged.data(), forged.size());
            finish(r);
        } else {
            forged.resize(forged.size() - codec::seal_size);
            codec::seal(forged, 0, codec::row_key{wallet}.seed());
        }
        account back;
        if (!read(r, back)) continue;
        ++taken;
        REQUIRE(codec::is_sound_whole(back));
        const records again = written(back);
        REQUIRE(again.head == r.head);
        REQUIRE(again.rows == r.rows);
    }
    CHECK(taken > coffer_test::draws(100));
}

TEST_CASE("a piece of the burn order that names no other piece, or the wrong one, is noticed") {
    const account a = many_lots(500);
    records r = written(a);
    account back;
    REQUIRE(read(r, back));
    SECTION("the head names another first piece") {
        for (const auto& [key, bytes] : r.rows) {
            if (key.first == static_cast<int>(codec::row_kind::burning)) {
                r.marks.first_far = key.second;
            }
        }
    }
    SECTION("the head names none") { r.marks.first_far = 0; }
    SECTION("the head names one that is not there") { r.marks.first_far = 499; }
    finish(r);
    CHECK_FALSE(read(r, back));
}

TEST_CASE("an account whose bucket has no name, or whose head contradicts itself, is not written") {
    codec::byte_list bytes;
    std::vector<codec::row_change> changes;
    account a = many_lots(5);
    SECTION("in the head") {
        a.burning.edit(0).bucket = coffer::bucket_id::stored(65'001);
        CHECK_FALSE(codec::pack_head({wallet}, a, bytes));
        CHECK(bytes.empty());
    }
    SECTION("in a piece of the burn order") {
        a.burning.edit(4).bucket = coffer::bucket_id::stored(65'001);
        codec::row_comparison rows{wallet, bytes, changes};
        CHECK_FALSE(rows.compare(account{}, a));
    }
    SECTION("in a lot") {
        a.rest.edit().lots.edit(4).terms.bucket = coffer::bucket_id::stored(65'001);
        codec::row_comparison rows{wallet, bytes, changes};
        CHECK_FALSE(rows.compare(account{}, a));
    }
    SECTION("more than there is") {
        a.burning.edit(0).available = credits::max();
        CHECK_FALSE(codec::is_sound_head(a));
    }
    SECTION("held, and by no hold") {
        a.burning.edit(0).held = credits::from_micros(1);
        CHECK_FALSE(codec::is_sound_whole(a));
    }
    SECTION("its first lots alone") {
        a.burning.leave_out_far();
        CHECK_FALSE(codec::is_sound_whole(a));
    }
}

TEST_CASE("a head takes no more than its bound, and a wallet with a lot few bytes") {
    account_source source{18};
    for (int i = 0; i < coffer_test::draws(2'000); ++i) {
        REQUIRE(written(source.next()).head.size() <= codec::head_bound);
    }
    CHECK(written(many_lots(1)).head.size() < 90);
    CHECK(written(account{}).head.size() < 50);
}
