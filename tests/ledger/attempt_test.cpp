#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/catch_up.hpp>

#include <cstdint>
#include <string>

using namespace coffer::literals;
using namespace coffer_test;
using coffer::entry;
using coffer::errc;
using coffer::lot_id;
using coffer::detail::attempt;

namespace {

/// Three lots of ten that burn by their number.
life three_lots() {
    life l;
    for (int i = 0; i < 3; ++i) REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    return l;
}

}  // namespace

TEST_CASE("an attempt begins at the clock, but never before the latest instant seen") {
    life l = three_lots();
    CHECK(attempt{l.now, sec(5)}.now == sec(5));
    CHECK(attempt{l.now, sec(5)}.event == sec(5));
    CHECK(attempt{l.now, sec(0)}.now == sec(1));
    const attempt whole{l.now, sec(5)};
    CHECK(&whole.opened == &l.now);
    CHECK(whole.state == l.now);
    CHECK(whole.whole);
    CHECK_FALSE(attempt{l.now, sec(5), false}.whole);
}

TEST_CASE("a refused decision adds no entry and changes nothing") {
    const life l = three_lots();
    attempt s{l.now, sec(5)};
    const coffer::account before = s.state;
    CHECK(s.add([](entry&) -> coffer::result<void> { return errc::invalid_argument; }) ==
          errc::invalid_argument);
    CHECK(s.entries.empty());
    CHECK(s.state == before);
}

TEST_CASE("an entry that does not fit the account is wallet_poisoned and not kept") {
    const life l = three_lots();
    attempt s{l.now, sec(5)};
    auto forged = [&](entry& e) {
        auto noted = coffer::decide_note(s.state, coffer::entry_kind::noted, s.now, e);
        e.after.available = 31_cr;
        return noted;
    };
    CHECK(s.add(forged) == errc::wallet_poisoned);
    CHECK(s.entries.empty());
}

TEST_CASE("what ends holds has their texts, however many end") {
    life l = three_lots();
    const std::string action(40, 'a');
    for (int i = 0; i < 30; ++i) {
        coffer::bucket_filter all;
        REQUIRE(l.add([&](entry& e) {
            auto held = coffer::decide_hold(l.now, {1_cr, {}, all}, {}, sec(9), sec(1), e);
            e.usage.action = action;
            return held;
        }));
    }
    attempt s{l.now, sec(9)};
    REQUIRE(coffer::detail::time_out_holds(s, sec(9)));
    CHECK(s.entries.size() == 30);
    for (const entry& e : s.entries) CHECK(e.usage.action == action);
    CHECK(s.state.rest->holds.empty());
    CHECK(l.now.rest->holds.size() == 30);
}

TEST_CASE("what an attempt lacks is no answer, and stays wanted") {
    const life l = three_lots();
    attempt s{l.now, sec(5), false};
    CHECK_FALSE(s.lacks);
    s.wanted.whole = true;
    const auto refused = s.add([&](entry&) -> coffer::result<void> { return s.lack(); });
    CHECK_FALSE(refused);
    CHECK(s.lacks);
    CHECK(s.wanted == coffer::detail::wanted_facts{.whole = true});
    CHECK(s.entries.empty());
}

TEST_CASE("entries stay where they belong, be it one or many, also when the last go again") {
    coffer::detail::entry_list list;
    CHECK(list.empty());
    for (std::uint32_t n = 1; n <= 5; ++n) {
        list.emplace_back().id = coffer::entry_id{n};
        CHECK(list.size() == n);
        CHECK(list.back().id.value() == n);
        const coffer::detail::entry_list& all = list;
        REQUIRE(all.size() == n);
        for (std::uint32_t i = 0; i < n; ++i) CHECK(all[i].id.value() == i + 1);
    }
    list.shrink_to(3);
    CHECK(list.back().id.value() == 3);
    list.shrink_to(1);
    REQUIRE(list.size() == 1);
    CHECK(list[0].id.value() == 1);
    CHECK(list.emplace_back() == entry{});
    CHECK(list[0].id.value() == 1);
    list.clear();
    CHECK(list.empty());
    CHECK(list.emplace_back() == entry{});
    CHECK(list.size() == 1);
}

TEST_CASE("a note is the operation itself, about its lot, and moves nothing") {
    const life l = three_lots();
    attempt s{l.now, sec(5)};
    const coffer::balance_totals before = s.state.totals;
    REQUIRE(s.note(*coffer::find_lot(s.state, lot_id{2})));
    REQUIRE(s.entries.size() == 1);
    CHECK(s.primary == 0);
    CHECK(s.state.totals == before);
    CHECK(s.entries[0].kind == coffer::entry_kind::noted);
    CHECK(s.entries[0].parts[0].lot == lot_id{2});
}
