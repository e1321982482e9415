#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/perform/session.hpp>
#include <coffer/policy/spend_order.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace coffer_test;
using coffer::entry;
using coffer::errc;
using coffer::lot_id;
using coffer::detail::session;

namespace {

/// Three lots of ten that burn by their number.
life three_lots() {
    life l;
    for (int i = 0; i < 3; ++i) REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    return l;
}

const std::vector<coffer::bucket_id> buckets{coffer::bucket_id::of("package")};
const coffer::detail::burn_order by_number{coffer::spend_order::standard, buckets, 7};

}  // namespace

TEST_CASE("a session begins at the clock, but never before the latest instant seen") {
    life l = three_lots();
    CHECK(session{l.now, sec(5)}.now == sec(5));
    CHECK(session{l.now, sec(5)}.event == sec(5));
    CHECK(session{l.now, sec(0)}.now == sec(1));
    CHECK(session{l.now, sec(5)}.base == l.now.last);
}

TEST_CASE("a refused decision adds no entry and changes nothing") {
    session s{three_lots().now, sec(5)};
    const coffer::account before = s.state;
    CHECK(s.add([](entry&) -> coffer::result<void> { return errc::invalid_argument; }) ==
          errc::invalid_argument);
    CHECK(s.entries.empty());
    CHECK(s.state == before);
}

TEST_CASE("an entry that does not fit the account is wallet_poisoned and not kept") {
    session s{three_lots().now, sec(5)};
    auto forged = [&](entry& e) {
        auto noted = coffer::decide_note(s.state, coffer::entry_kind::noted, s.now, e);
        e.after.available = 31_cr;
        return noted;
    };
    CHECK(s.add(forged) == errc::wallet_poisoned);
    CHECK(s.entries.empty());
}

TEST_CASE("a kept hold lasts as long as the session, however many are kept") {
    session s{three_lots().now, sec(5)};
    const std::string member(95, 'm');
    const coffer::hold& first = s.keep({.amount = 3_cr, .member = std::string_view{member}});
    for (int i = 0; i < 100; ++i) (void)s.keep({.amount = 1_cr});
    CHECK(first.amount == 3_cr);
    CHECK(first.member == member);
}

TEST_CASE("a note is the operation itself, about its lot, and moves nothing") {
    session s{three_lots().now, sec(5)};
    const coffer::balance_totals before = s.state.totals;
    REQUIRE(s.note(*coffer::find_lot(s.state, lot_id{2})));
    REQUIRE(s.entries.size() == 1);
    CHECK(s.primary == 0);
    CHECK(s.before == before);
    CHECK(s.state.totals == before);
    CHECK(s.entries[0].kind == coffer::entry_kind::noted);
    CHECK(s.entries[0].parts[0].lot == lot_id{2});
}

TEST_CASE("what comes back to spent lots stands again where their order has it") {
    life l = three_lots();
    REQUIRE(l.charge(25_cr, sec(2)));  // lots 1 and 2 are gone, lot 3 has five left
    REQUIRE(l.now.burning.size() == 1);
    coffer::part_list parts;
    parts.push_back({.lot = lot_id{2}, .amount = 1_cr});
    parts.push_back({.lot = lot_id{1}, .amount = 1_cr});
    SECTION("one before the other") {
        by_number.place(l.now, parts, sec(3));
        CHECK(parts[0].before == lot_id{3});
        CHECK(parts[1].before == lot_id{2});
    }
    SECTION("only from the first part that comes back on") {
        by_number.place(l.now, parts, sec(3), {.first = 1});
        CHECK_FALSE(parts[0].before);
        CHECK(parts[1].before == lot_id{3});
    }
    SECTION("not before a lot that leaves") {
        by_number.place(l.now, parts, sec(3), {.leaving = lot_id{3}});
        CHECK_FALSE(parts[0].before);
        CHECK(parts[1].before == lot_id{2});
    }
    SECTION("nothing that comes back has no place") {
        parts[0].amount = 0_cr;
        by_number.place(l.now, parts, sec(3));
        CHECK_FALSE(parts[0].before);
        CHECK(parts[1].before == lot_id{3});
    }
}
