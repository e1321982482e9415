#include "store/memory_writer.hpp"

#include <coffer/ledger/ledger.hpp>
#include <coffer/store/memory.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

using namespace coffer_test;

TEST_CASE("an unknown wallet is an empty account without entries") {
    memory_store store;
    CHECK(coffer::load(store, "acme") == account{});
    CHECK(store.entries("acme", {})->entries.empty());
    CHECK(store.entries("acme", {.about = entry_id{1}})->entries.empty());
    CHECK(coffer::find(store, "acme", "r")->entries.empty());
    CHECK(store.due(coffer::never, 10)->empty());
    CHECK(store.notices(10)->empty());
    CHECK(store.acknowledge(5));
}

TEST_CASE("a commit is there as a whole: account, entries and requests") {
    memory_store store;
    writer w{store, "acme"};
    w.grant(10_cr, "g");
    w.charge(3_cr, "c");
    REQUIRE(w.commit() == commit_outcome::committed);
    CHECK(coffer::load(store, "acme") == w.now);
    CHECK(w.read({}) == w.journal);
    const auto found = coffer::find(store, "acme", "c");
    REQUIRE(found);
    REQUIRE(found->entries.size() == 1);
    CHECK(found->entries[0] == w.journal[1]);
    CHECK(coffer::find(store, "other", "c")->entries.empty());
    CHECK(coffer::find(store, "acme", "x")->entries.empty());
    CHECK(coffer::find(store, "acme", {})->entries.empty());
}

TEST_CASE("a commit on any other than the newest entry is a conflict and writes nothing") {
    memory_store store;
    writer first{store, "acme"};
    first.grant(10_cr);
    REQUIRE(first.commit() == commit_outcome::committed);
    const account before = *coffer::load(store, "acme");

    writer late{store, "acme"};
    late.grant(5_cr, "late");
    CHECK(late.commit({{.kind = "k"}}) == commit_outcome::conflict);
    writer ahead = first;
    ahead.charge(1_cr);
    ahead.fresh.clear();  // pretends that its first entry is there
    ahead.charge(1_cr, "ahead");
    CHECK(ahead.commit() == commit_outcome::conflict);

    CHECK(coffer::load(store, "acme") == before);
    CHECK(store.entries("acme", {})->entries.size() == 1);
    CHECK(coffer::find(store, "acme", "late")->entries.empty());
    CHECK(store.notices(10)->empty());
    CHECK(store.due(coffer::never, 10)->empty());
}

TEST_CASE("a request that is known is a duplicate and writes nothing") {
    memory_store store;
    writer w{store, "acme"};
    w.grant(10_cr, "g");
    REQUIRE(w.commit() == commit_outcome::committed);
    writer again = w;
    again.charge(1_cr, "fine");
    again.charge(1_cr, "g");
    CHECK(again.commit({{.kind = "k"}}) == commit_outcome::duplicate);
    CHECK(coffer::load(store, "acme") == w.now);
    CHECK(coffer::find(store, "acme", "fine")->entries.empty());
    CHECK(store.notices(10)->empty());

    writer other{store, "other"};
    other.grant(10_cr, "g");
    CHECK(other.commit() == commit_outcome::committed);
}

TEST_CASE("a request is found by its text and by who made it") {
    memory_store store;
    writer w{store, "acme"};
    using scope = request_id::scope;
    w.grant(10_cr, "7");
    auto hold = [&](entry& e) {
        coffer::bucket_filter all;
        return coffer::decide_hold(w.now, {1_cr, {}, all}, {}, sec(99), sec(1), e);
    };
    w.add(hold);
    w.add(hold);
    auto release = [&](std::uint32_t id) {
        return [&w, id](entry& e) {
            const coffer::hold h = *coffer::find_hold(w.now, coffer::hold_id{id});
            return coffer::decide_release(w.now, h, entry_kind::released, sec(1), e);
        };
    };
    w.add(release(2), request_id::derived(scope::settle, 7).text(), scope::settle);
    w.add(release(3), request_id::derived(scope::release, 7).text(), scope::release);
    REQUIRE(w.commit() == commit_outcome::committed);
    auto number = [&](const request_id& request) {
        const auto page = coffer::find(store, "acme", request);
        REQUIRE(page->entries.size() == 1);
        return page->entries[0].id.value();
    };
    CHECK(number("7") == 1);
    CHECK(number(request_id::derived(scope::settle, 7)) == 4);
    CHECK(number(request_id::derived(scope::release, 7)) == 5);
    CHECK(coffer::find(store, "acme", request_id::derived(scope::release, 8))->entries.empty());
}

TEST_CASE("requests of any bytes and lengths are told apart") {
    memory_store store{1};
    writer w{store, "acme"};
    std::vector<std::string> requests;
    for (std::size_t size : {1u, 2u, 3u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 32u, 33u, 94u, 95u}) {
        requests.push_back(std::string(size, 'a'));
        requests.push_back(std::string(size, '\0'));
        requests.push_back(std::string(size - 1, 'a') + "b");
        requests.push_back("b" + std::string(size - 1, 'a'));
    }
    std::set<std::string> known;
    for (const std::string& r : requests) {
        const bool is_new = known.insert(r).second;
        w.grant(1_cr, r);
        const account sure = w.now;
        const auto outcome = w.commit();
        CHECK((outcome == commit_outcome::committed) == is_new);
        if (!is_new) w.now = *coffer::load(store, "acme");
    }
    for (const std::string& r : known) {
        const auto found = coffer::find(store, "acme", r);
        REQUIRE(found->entries.size() == 1);
        CHECK(found->entries[0].request == r);
    }
}

TEST_CASE("every query answers what a naive reading of the journal answers") {
    std::mt19937_64 random{1};
    auto pick = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
    memory_store store{1};  // one shard: the journals of both wallets mix
    writer w{store, "acme"};
    writer other{store, "other"};
    for (int i = 0; w.journal.size() < 1'700; ++i) {
        for (writer* some : {&w, &other}) {
            for (std::uint32_t n = pick(i % 50 == 0 ? 300 : 4) + 1; n > 0; --n) {
                if (some->now.totals.available < 5_cr) {
                    some->grant(100_cr);
                } else {
                    entry& e = some->charge(1_cr, pick(3) == 0 ? std::to_string(random()) : "");
                    if (pick(3) == 0) e.about = entry_id{pick(20) + 1};
                }
            }
            REQUIRE(some->commit() == commit_outcome::committed);
        }
    }
    const auto last = w.now.last.value();
    for (int i = 0; i < 4'000; ++i) {
        journal_query q;
        if (pick(2)) q.after = entry_id{pick(last + 3)};
        if (pick(2)) q.before = entry_id{pick(last + 3)};
        if (pick(3) == 0) q.about = entry_id{pick(25)};
        if (pick(3) == 0) q.lot = lot_id{pick(60)};
        if (pick(2)) q.limit = pick(40);
        q.newest_first = pick(2) == 0;
        INFO("after " << q.after.value() << " before " << q.before.value() << " about "
                      << q.about.value() << " lot " << q.lot.value() << " limit " << q.limit
                      << " newest first " << q.newest_first);
        bool more = false;
        const auto wanted = expected(w.journal, q, more);
        REQUIRE(w.read(q) == wanted);
        REQUIRE(w.more == more);
    }
    for (const entry& e : w.journal) {
        if (e.request.empty()) continue;
        const auto found = coffer::find(store, "acme", e.request);
        REQUIRE(found->entries.size() == 1);
        REQUIRE(found->entries[0] == e);
    }
    CHECK(coffer::replay(w.read({.limit = 10'000})) == *coffer::load(store, "acme"));
}

TEST_CASE("numbers that no entry has are asked for in vain") {
    memory_store store;
    writer w{store, "acme"};
    for (int i = 0; i < 300; ++i) w.grant(1_cr);
    REQUIRE(w.commit() == commit_outcome::committed);
    for (bool newest_first : {false, true}) {
        for (std::uint32_t n : {300u, 301u, 1'000u, ~0u - 1, ~0u}) {
            INFO(n << (newest_first ? " newest first" : ""));
            CHECK(w.read({.after = entry_id{n}, .newest_first = newest_first}).empty());
            CHECK(
                w.read({.after = entry_id{n}, .before = entry_id{n}, .newest_first = newest_first})
                    .empty());
            CHECK(w.read({.before = entry_id{n}, .newest_first = newest_first}).size() ==
                  (n == 300 ? 299 : 300));
            CHECK(w.read({.about = entry_id{n}, .newest_first = newest_first}).empty());
        }
        CHECK(w.read({.before = entry_id{1}, .newest_first = newest_first}).empty());
        CHECK(w.read({.limit = 0, .newest_first = newest_first}).empty());
        CHECK(w.more);
    }
}

TEST_CASE("an entry over thousands of lots is read back, and so is all that follows it") {
    memory_store store{1};
    writer w{store, "acme"};
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 3'000; ++i) w.grant(1_cr);
        w.charge(3'000_cr, "large" + std::to_string(round));
        w.grant(1_cr);
        w.charge(1_cr, "small" + std::to_string(round));
        REQUIRE(w.commit() == commit_outcome::committed);
        writer neighbour{store, "neighbour" + std::to_string(round)};
        for (int i = 0; i < 100; ++i) neighbour.grant(1_cr, "n" + std::to_string(i));
        REQUIRE(neighbour.commit() == commit_outcome::committed);
        CHECK(neighbour.read({}) == neighbour.journal);
        CHECK(w.read({.limit = 100'000}) == w.journal);
    }
}

TEST_CASE("due lists each wallet once, the soonest first, as often as it is asked") {
    memory_store store;
    for (int i = 0; i < 500; ++i) {
        writer w{store, "wallet" + std::to_string(i)};
        w.grant(1_cr, {}, sec(10 + (i * 37) % 1'000));
        REQUIRE(w.commit() == commit_outcome::committed);
    }
    for (int again = 0; again < 3; ++again) {
        auto all = store.due(sec(2'000), 10'000);
        REQUIRE(all);
        CHECK(all->size() == 500);
        CHECK(std::is_sorted(all->begin(), all->end(),
                             [](auto& a, auto& b) { return a.due < b.due; }));
        std::set<std::string> ids;
        for (const auto& d : *all) ids.insert(std::string{d.wallet.text()});
        CHECK(ids.size() == 500);
        for (std::size_t limit : {0u, 1u, 7u, 499u, 500u}) {
            auto some = store.due(sec(2'000), limit);
            REQUIRE(some->size() == limit);
            for (std::size_t i = 0; i < limit; ++i) REQUIRE((*some)[i].due == (*all)[i].due);
        }
    }
    CHECK(store.due(sec(9), 10)->empty());
    CHECK(store.due(sec(10), 10)->size() == 1);
}

TEST_CASE("what due answers is what a naive list of wallets answers, through all changes") {
    std::mt19937_64 random{4};
    auto pick = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
    memory_store store{2};
    std::deque<writer> wallets;
    for (int i = 0; i < 40; ++i) wallets.push_back({store, "w" + std::to_string(i)});
    for (int step = 0; step < 4'000; ++step) {
        writer& w = wallets[pick(40)];
        if (pick(2) && !w.now.burning.empty()) {  // makes what is due go away, or later
            w.charge(w.now.burning[0].available, {}, sec(1));
        } else {
            w.grant(1_cr, {}, pick(4) == 0 ? coffer::never : sec(10 + pick(300)));
        }
        REQUIRE(w.commit() == commit_outcome::committed);
        const instant until = sec(pick(320));
        const std::size_t limit = pick(12);
        std::vector<instant> wanted;
        for (const writer& each : wallets) {
            if (each.now.next_due <= until) wanted.push_back(each.now.next_due);
        }
        std::sort(wanted.begin(), wanted.end());
        if (wanted.size() > limit) wanted.resize(limit);
        const auto answer = store.due(until, limit);
        REQUIRE(answer->size() == wanted.size());
        std::set<std::string> ids;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            REQUIRE((*answer)[i].due == wanted[i]);
            REQUIRE(ids.insert(std::string{(*answer)[i].wallet.text()}).second);
            REQUIRE(coffer::load(store, (*answer)[i].wallet)->next_due == wanted[i]);
        }
    }
}

TEST_CASE("notices come in the order of their commits until they are acknowledged") {
    memory_store store;
    writer w{store, "acme"};
    for (int i = 0; i < 5; ++i) {
        w.grant(1_cr);
        const std::string text = std::to_string(i);
        REQUIRE(w.commit({{.wallet = "acme", .kind = "alert", .text = text + "a"},
                          {.wallet = "acme", .kind = "alert", .text = text + "b"}}) ==
                commit_outcome::committed);
    }
    auto texts = [&](std::size_t limit) {
        std::string all;
        std::uint64_t id = 0;
        const auto waiting = store.notices(limit);
        REQUIRE(waiting);
        for (const notice& n : *waiting) {
            CHECK(n.id > id);
            id = n.id;
            all += n.text + " ";
        }
        return all;
    };
    CHECK(texts(100) == "0a 0b 1a 1b 2a 2b 3a 3b 4a 4b ");
    CHECK(texts(3) == "0a 0b 1a ");
    CHECK(texts(0).empty());
    const auto waiting = *store.notices(100);
    REQUIRE(store.acknowledge(waiting[1].id));
    REQUIRE(store.acknowledge(waiting[1].id));
    REQUIRE(store.acknowledge(0));
    REQUIRE(store.acknowledge(~std::uint64_t{0}));
    CHECK(texts(2) == "0a 1a ");
    for (const notice& n : waiting) REQUIRE(store.acknowledge(n.id));
    CHECK(texts(100).empty());
}

TEST_CASE("a place stays good while wallets are added") {
    memory_store store{1};
    std::deque<writer> wallets;
    std::vector<coffer::wallet_place> places;
    for (int i = 0; i < 3'000; ++i) {
        wallets.push_back({store, "w" + std::to_string(i)});
        wallets.back().grant(10_cr);
        REQUIRE(wallets.back().commit() == commit_outcome::committed);
        places.push_back(store.locate(wallets.back().id));
    }
    for (std::size_t i = 0; i < wallets.size(); i += 7) {
        const wallet_id& id = wallets[i].id;
        const auto head = head_of(store, id, "c", places[i]);
        CHECK(head.place.record == places[i].record);
        REQUIRE(pay(store, id, "c", head, 4_cr) == commit_outcome::committed);
        REQUIRE(coffer::load(store, id)->totals.available == 6_cr);
        REQUIRE(coffer::find(store, id, "c")->entries.size() == 1);
    }
    CHECK(coffer::load(store, "w1")->totals.available == 10_cr);
}

TEST_CASE("a hundred thousand wallets with hostile names are found quickly") {
    memory_store store{4};
    // Names and requests of one length that begin, end and repeat alike.
    auto name = [](std::uint32_t i) {
        std::string text(63, '\0');
        for (std::size_t bit = 0; bit < 32; ++bit) {
            if (i >> bit & 1) text[62 - bit] = '\x80';
        }
        return text;
    };
    constexpr std::uint32_t count = 100'000;
    for (std::uint32_t i = 0; i < count; ++i) {
        writer w{store, name(i)};
        w.grant(credits::from_micros(i + 1), name(i));
        REQUIRE(w.commit() == commit_outcome::committed);
    }
    for (std::uint32_t i = 0; i < count; i += 3) {
        REQUIRE(coffer::load(store, name(i))->totals.available.micros() == i + 1);
        REQUIRE(coffer::find(store, name(i), name(i))->entries.size() == 1);
    }
    CHECK(coffer::load(store, name(count)) == account{});
}
