#include "support/catch.hpp"

#include <coffer/ledger/limit_record.hpp>
#include <coffer/ledger/post.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using coffer::counter_id;
using coffer::entry;
using coffer::entry_kind;
using coffer::errc;
using coffer::instant;
namespace ledger = coffer::detail;

namespace {

coffer::limit_terms limit_on(std::string_view member, coffer::window per = coffer::window::ever) {
    return {.member = member, .per = per, .amount = coffer::credits::from_micros(10)};
}

ledger::counter_changes some_changes() {
    return {
        .first = 7,
        .begun = {{1, instant::min(), coffer::never, "ann"}, {300, instant{}, coffer::never, ""}},
        .changed = {counter_id{2}, counter_id{500}},
        .dropped = {counter_id{1}}};
}

/// An entry that continues an account and says that of limits.
entry next(const coffer::account& a, entry_kind kind, std::string_view limits) {
    entry e{.id = coffer::entry_id{a.last.value() + 1}, .kind = kind};
    e.after = a.totals;
    e.limits = limits;
    return e;
}

bool follows(const coffer::account& a, entry_kind kind, std::string_view limits,
             std::int64_t amount = 0) {
    coffer::account copy = a;
    entry e = next(a, kind, limits);
    e.amount = coffer::credits::from_micros(amount);
    e.debt = e.amount;
    e.after.debt = (e.after.debt + e.amount).or_throw();
    return static_cast<bool>(apply(copy, e));
}

/// An account with a limit on "a" and one on each member, and a counter of each.
coffer::account limited() {
    coffer::account a;
    std::vector<std::string> kept;
    kept.reserve(3);
    const auto add = [&](entry_kind kind, std::string packed, std::int64_t amount = 0) {
        kept.push_back(std::move(packed));
        entry e = next(a, kind, kept.back());
        e.amount = e.debt = coffer::credits::from_micros(amount);
        e.after.debt = e.amount;
        apply(a, e).or_throw();
    };
    add(entry_kind::limit_set, pack(ledger::limit_placed{0, limit_on("a")}));
    add(entry_kind::limit_set, pack(ledger::limit_placed{1, limit_on("*", coffer::window::day)}));
    ledger::counter_changes begin{.first = 1};
    begin.begun = {{1, instant::min(), coffer::never, ""},
                   {2, instant{}, instant{} + std::chrono::hours{24}, "a"}};
    add(entry_kind::charged, pack(begin), 5);
    return a;
}

}  // namespace

TEST_CASE("what an entry says of limits reads back as it was written") {
    for (const char* path : {"a", "*", "a/b/c"}) {
        ledger::limit_placed placed{99, limit_on(path, coffer::window::week)};
        placed.terms.tag = std::string_view{"x=1"};
        placed.terms.warn = true;
        const auto read = ledger::read_limit(pack(placed));
        REQUIRE(read);
        CHECK(read->place == 99);
        CHECK(read->terms == placed.terms);
    }
    const ledger::counter_changes changes = some_changes();
    const std::string packed = pack(changes);
    const auto read = ledger::read_changes(packed);
    REQUIRE(read);
    CHECK(pack(*read) == packed);
    CHECK(read->changed == changes.changed);
    CHECK(read->dropped == changes.dropped);
    CHECK(read->begun[0].value == "ann");
    CHECK(read->counted().size() == 4);
    CHECK(read->counted()[2] == counter_id{7});
    CHECK(ledger::read_changes({})->empty());
    CHECK(pack(ledger::counter_changes{.first = 9}).empty());
    CHECK(ledger::read_place(ledger::pack_place(100)) == 100U);
    CHECK_FALSE(ledger::read_place(ledger::pack_place(201)));
}

TEST_CASE("rule 40: bytes that say nothing of limits are found, wherever they end or differ") {
    const std::vector<std::string> all{
        pack(some_changes()), pack(ledger::limit_placed{3, limit_on("a/b")}),
        pack(ledger::limit_refusal{"member:a", coffer::credits::from_micros(9), coffer::never})};
    std::mt19937 random{7};
    for (const std::string& whole : all) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const std::string cut = whole.substr(0, size);
            if (size > 0) CHECK_FALSE(ledger::read_changes(cut));
            CHECK_FALSE(ledger::read_limit(cut));
            if (&whole == &all.back()) CHECK_FALSE(ledger::read_refusal(cut));
        }
        for (int i = 0; i < 20'000; ++i) {
            std::string other = whole;
            for (auto n = 1 + random() % 3; n > 0; --n) {
                other[random() % other.size()] = static_cast<char>(random());
            }
            if (const auto read = ledger::read_changes(other)) {
                CHECK(pack(*read) == other);
                CHECK(read->counted().size() <= 2 * coffer::max_counters_of_spend);
            }
            if (const auto read = ledger::read_limit(other)) CHECK(pack(*read) == other);
        }
    }
}

TEST_CASE("rule 40: a number is written one way alone") {
    using namespace std::string_view_literals;
    CHECK(ledger::read_place("\x05"sv) == 5U);
    CHECK_FALSE(ledger::read_place("\x85\x00"sv));
    CHECK_FALSE(ledger::read_place("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"sv));
    CHECK_FALSE(ledger::read_place("\x05\x05"sv));
}

TEST_CASE("rule 36: what an entry says of limits has to fit the account") {
    const coffer::account a = limited();
    REQUIRE(a.counters.size() == 2);
    CHECK(a.counters[0].spent == coffer::credits::from_micros(5));
    using changes = ledger::counter_changes;
    const auto charged = [&](const changes& c, std::int64_t amount = 1) {
        return follows(a, entry_kind::charged, pack(c), amount);
    };
    CHECK(charged({.changed = {counter_id{1}, counter_id{2}}}));
    CHECK_FALSE(charged({.changed = {counter_id{3}}}));  // there is none
    CHECK_FALSE(charged({.dropped = {counter_id{3}}}));
    CHECK_FALSE(charged({.changed = {counter_id{2}}, .dropped = {counter_id{2}}}));
    CHECK(charged({.changed = {counter_id{1}}, .dropped = {counter_id{2}}}));
    const ledger::fresh_counter fresh{2, instant{}, coffer::never, "b"};
    CHECK(charged({.first = 3, .begun = {fresh}}));
    CHECK_FALSE(charged({.first = 4, .begun = {fresh}}));         // a number is left out
    CHECK_FALSE(charged({.first = 2, .begun = {fresh}}));         // one is used twice
    CHECK_FALSE(charged({.first = 3, .begun = {fresh, fresh}}));  // the same counter
    auto other = fresh;
    other.value = "a";
    CHECK_FALSE(charged({.first = 3, .begun = {other}}));  // there is one
    other.value = "";
    CHECK_FALSE(charged({.first = 3, .begun = {other}}));  // its limit counts each member
    other.value = "a//b";
    CHECK_FALSE(charged({.first = 3, .begun = {other}}));
    other = fresh;
    other.limit = 9;
    CHECK_FALSE(charged({.first = 3, .begun = {other}}));
    CHECK_FALSE(follows(a, entry_kind::granted, pack(changes{.changed = {counter_id{1}}})));
    CHECK_FALSE(follows(a, entry_kind::limit_set, {}));
    CHECK_FALSE(follows(a, entry_kind::limit_dropped, ledger::pack_place(2)));
    CHECK(follows(a, entry_kind::limit_dropped, ledger::pack_place(1)));
    CHECK_FALSE(follows(a, entry_kind::limit_set, pack(ledger::limit_placed{3, limit_on("b")})));
    CHECK(follows(a, entry_kind::limit_set, pack(ledger::limit_placed{2, limit_on("b")})));
}
