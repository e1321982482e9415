// Pages of a memory store: what they tell, and what is committed on them.
#include "store/memory_writer.hpp"

#include <coffer/store/memory.hpp>
#include <coffer/store/page.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

using namespace coffer_test;

TEST_CASE("a head is all of an account but what a charge does not touch") {
    memory_store store;
    writer w{store, "acme"};
    w.grant(5_cr, "g", sec(50));
    w.grant(7_cr);
    w.charge(2_cr);
    REQUIRE(w.commit() == commit_outcome::committed);
    coffer::page head = head_of(store, "acme", "c");
    CHECK_FALSE(head.whole);
    CHECK(head.state.body() == coffer::account_body{});
    head.state.body() = w.now.body();
    CHECK(head.state == w.now);

    coffer::page whole;
    REQUIRE(store.open({.wallet = "acme", .request = "c"}, whole));
    CHECK(whole.whole);
    CHECK(whole.state == w.now);
}

TEST_CASE("a page is of its moment, whatever is committed after") {
    memory_store store;
    writer w{store, "acme"};
    w.grant(9_cr);
    REQUIRE(w.commit() == commit_outcome::committed);
    coffer::page first;
    REQUIRE(store.open({.wallet = "acme", .request = "c"}, first));
    const account as_it_was = w.now;
    w.grant(4_cr);
    REQUIRE(w.commit() == commit_outcome::committed);
    CHECK(first.state == as_it_was);
    CHECK(pay(store, "acme", "c", first, 1_cr) == commit_outcome::conflict);
    CHECK(coffer::load(store, "acme") == w.now);
}

TEST_CASE("a commit of a head leaves the rest as the store has it") {
    memory_store store;
    const auto none = head_of(store, "acme", "c");  // no such wallet yet
    CHECK(none.place.record == nullptr);
    CHECK(none.state == account{});

    writer w{store, "acme"};
    w.grant(5_cr);
    REQUIRE(w.commit() == commit_outcome::committed);
    const auto first = head_of(store, "acme", "c");
    CHECK(first.known.empty());
    REQUIRE(pay(store, "acme", "c", first, 4_cr) == commit_outcome::committed);
    CHECK(pay(store, "acme", "d", first, 4_cr) == commit_outcome::conflict);
    const auto again = head_of(store, "acme", "c");
    REQUIRE(again.known.size() == 1);
    CHECK(again.known[0].amount == 4_cr);
    CHECK(pay(store, "acme", "c", again, 1_cr) == commit_outcome::duplicate);
    const auto now = coffer::load(store, "acme");
    CHECK(now->last.value() == 2);
    CHECK(now->totals.available == 1_cr);
    CHECK(now->rest->lots.size() == 1);
    CHECK(store.entries("acme", {})->entries.size() == 2);
    CHECK(coffer::replay(store.entries("acme", {})->entries) == *now);
}

TEST_CASE("a page tells what became of a request, of another, or of an entry") {
    memory_store store{1};
    writer other{store, "other"};  // in the same shard
    writer w{store, "acme"};
    other.grant(5_cr, "h");
    other.charge(1_cr).about = entry_id{1};
    REQUIRE(other.commit() == commit_outcome::committed);
    coffer::bucket_filter all;
    w.grant(10_cr, "g");
    w.add(
        [&](entry& e) {
            return coffer::decide_hold(w.now, {3_cr, {}, all}, {}, sec(99), sec(1), e);
        },
        "h");
    w.charge(1_cr, "between");
    w.add(
        [&](entry& e) {
            const coffer::hold h = *coffer::find_hold(w.now, coffer::hold_id{2});
            return coffer::decide_settle(w.now, h, {2_cr, {}, all}, sec(1), e);
        },
        "s");
    REQUIRE(w.commit() == commit_outcome::committed);
    for (int i = 0; i < 2; ++i) {
        w.add([&](entry& e) {
            const std::vector<entry> before = w.read({.about = entry_id{4}});
            return coffer::decide_refund(w.now, w.journal[3], before, 0.5_cr, sec(1), e);
        });
        REQUIRE(w.commit() == commit_outcome::committed);
    }
    const std::vector<entry> hold_and_after{w.journal[1], w.journal[3], w.journal[4], w.journal[5]};
    const request_id hold{"h"}, settle{"s"}, unknown{"x"}, nobody;
    const auto opened = [&](coffer::page_request wanted) {
        coffer::page page;
        REQUIRE(store.open(wanted, page));
        return page;
    };
    CHECK(opened({.wallet = "acme", .request = hold}).known == hold_and_after);
    CHECK(opened({.wallet = "acme", .request = hold}).told.empty());
    CHECK(opened({.wallet = "acme", .request = unknown}).known.empty());
    CHECK(opened({.wallet = "acme", .request = nobody, .told = &hold}).told == hold_and_after);
    CHECK(opened({.wallet = "acme", .request = nobody, .told = &unknown}).told.empty());
    CHECK(opened({.wallet = "acme", .request = nobody, .told_entry = entry_id{2}}).told ==
          hold_and_after);
    CHECK(opened({.wallet = "acme", .request = nobody, .told_entry = entry_id{99}}).told.empty());
    const auto both = opened({.wallet = "acme", .request = settle, .told_entry = entry_id{1}});
    CHECK(both.known == std::vector<entry>{w.journal[3], w.journal[4], w.journal[5]});
    CHECK(both.told == std::vector<entry>{w.journal[0]});
    CHECK(opened({.wallet = "other", .request = hold}).known == other.journal);
}

TEST_CASE("a request that is taken over by a named entry is no duplicate, and is found there") {
    memory_store store;
    writer w{store, "acme"};
    w.grant(5_cr, "g");
    w.charge(1_cr, "r");
    REQUIRE(w.commit() == commit_outcome::committed);
    const auto again = [&](entry_id reopened) {
        writer next = w;
        next.charge(1_cr, "r");
        return store.commit({.wallet = "acme",
                             .expected = w.now.last,
                             .after = next.now,
                             .entries = next.fresh,
                             .reopened = reopened});
    };
    CHECK(again({}) == commit_outcome::duplicate);
    CHECK(again(entry_id{1}) == commit_outcome::duplicate);
    CHECK(again(entry_id{2}) == commit_outcome::committed);
    const auto found = coffer::find(store, "acme", "r");
    REQUIRE(found->entries.size() == 1);
    CHECK(found->entries[0].id == entry_id{3});
    CHECK(coffer::find(store, "acme", "g")->entries[0].id == entry_id{1});
}

TEST_CASE("committed by its head or whole, by place or by name, a journal is one") {
    memory_store store;
    writer w{store, "acme"};
    w.grant(100'000_cr);
    REQUIRE(w.commit() == commit_outcome::committed);
    const coffer::wallet_place place = store.locate("acme");
    for (int i = 0; i < 2'000; ++i) {
        const request_id request{"c" + std::to_string(i)};
        coffer::page page;
        REQUIRE(store.open({.wallet = "acme",
                            .place = i % 2 == 0 ? place : coffer::wallet_place{},
                            .request = request,
                            .whole = i % 3 == 0},
                           page));
        if (i % 5 == 0) page.place = {};
        const entry_id about = i % 3 != 2 ? entry_id{1} : entry_id{};
        REQUIRE(pay(store, "acme", request, page, 1_cr, about) == commit_outcome::committed);
    }
    const auto all = w.read({.limit = 10'000});
    REQUIRE(all.size() == 2'001);
    CHECK(coffer::replay(all) == *coffer::load(store, "acme"));
    CHECK(w.read({.about = entry_id{1}, .limit = 10'000}).size() == 1'334);
    for (int i = 0; i < 2'000; ++i) {
        REQUIRE(coffer::find(store, "acme", "c" + std::to_string(i))->entries.size() == 1);
    }
}
