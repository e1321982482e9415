/// The checks of a store's journals: what is read back, and how it is asked for. Include
/// `testing/store_conformance.hpp`.
#pragma once

#include <coffer/testing/store_checks.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

/// A wallet with some four hundred entries, about others and about lots, in commits of one to four.
template <class Probe>
auto write_journal(Probe& p, std::string_view id = "acme") {
    auto w = p.writer(id);
    std::mt19937_64 random{7};
    auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    for (int commits = 0; commits < 160; ++commits) {
        for (std::uint32_t n = 1 + below(4); n > 0; --n) {
            entry& e = w.now().burning.size() < 3 ? w.grant() : w.charge(1 + below(3));
            if (below(3) == 0) e.about = entry_id{1 + below(20)};
        }
        p.committed(w.commit());
    }
    return w;
}

template <class Suite>
void check_queries(Suite& suite) {
    suite.check("entries: after and before bound the numbers", [](auto p) {
        auto w = write_journal(p);
        std::uint32_t last = w.now().last.value();
        for (std::uint32_t after : {0u, 1u, 7u, 255u, last - 1, last, last + 1, ~0u}) {
            for (std::uint32_t before : {0u, 1u, 2u, 8u, 9u, 256u, last, last + 1, ~0u}) {
                p.same_answer(w, {.after = entry_id{after}, .before = entry_id{before}});
            }
        }
    });
    suite.check("entries: about selects what speaks of an entry", [](auto p) {
        auto w = write_journal(p);
        write_journal(p, "other");
        for (std::uint32_t about : {1u, 2u, 19u, 20u, 21u, 399u, ~0u}) {
            p.same_answer(w, {.about = entry_id{about}});
        }
    });
    suite.check("entries: lot selects what made or touched it", [](auto p) {
        auto w = write_journal(p);
        write_journal(p, "other");
        for (std::uint32_t lot : {1u, 2u, 3u, 4u, 50u, 51u, 52u, 300u, ~0u}) {
            p.same_answer(w, {.lot = lot_id{lot}});
        }
    });
    suite.check("entries: newest first turns the order round", [](auto p) {
        auto w = write_journal(p);
        p.same_answer(w, {.newest_first = true});
        p.same_answer(w, {.before = entry_id{100}, .newest_first = true});
        p.same_answer(w, {.about = entry_id{3}, .newest_first = true});
        p.same_answer(w, {.lot = lot_id{1}, .newest_first = true});
    });
    suite.check("entries: the limit cuts the answer, and more says so", [](auto p) {
        auto w = write_journal(p);
        const std::size_t size = w.journal().size();
        for (std::size_t limit :
             {std::size_t{0}, std::size_t{1}, size - 1, size, size + 1, ~std::size_t{0}}) {
            for (bool newest_first : {false, true}) {
                p.same_answer(w, {.limit = limit, .newest_first = newest_first});
                p.same_answer(w,
                              {.about = entry_id{3}, .limit = limit, .newest_first = newest_first});
            }
        }
    });
    suite.check("entries: all conditions hold together", [](auto p) {
        auto w = write_journal(p);
        write_journal(p, "other");
        std::mt19937_64 random{11};
        auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
        const std::uint32_t last = w.now().last.value();
        for (int i = 0; i < 500; ++i) {
            journal_query q;
            if (below(2) == 0) q.after = entry_id{below(last + 3)};
            if (below(2) == 0) q.before = entry_id{below(last + 3)};
            if (below(3) == 0) q.about = entry_id{below(25)};
            if (below(3) == 0) q.lot = lot_id{below(60)};
            if (below(2) == 0) q.limit = below(20);
            q.newest_first = below(2) == 0;
            p.same_answer(w, q);
        }
    });
    suite.check("entries: pages put together are the journal", [](auto p) {
        auto w = write_journal(p);
        for (std::size_t size : {1u, 7u, 400u}) {
            whole_journal up = read_whole(p.store(), w.id(), size);
            p.expect(up.readable, "pages that go on");
            p.same(up.entries, w.journal(), "the whole journal");
            whole_journal down = read_whole(p.store(), w.id(), size, true);
            std::reverse(down.entries.begin(), down.entries.end());
            p.expect(down.readable, "pages that go on");
            p.same(down.entries, w.journal(), "the whole journal, read from its end");
        }
    });
}

template <class Suite>
void check_entries(Suite& suite) {
    suite.check("entries: each field comes back as it was committed", [](auto p) {
        auto w = p.writer();
        random_entries random{3};
        for (int i = 0; i < 40; ++i) {
            for (int n = 0; n < 10; ++n) w.note(random.next(w));
            p.committed(w.commit());
        }
        p.same_wallet(w);
    });
    suite.check("entries: their texts stay as long as the page", [](auto p) {
        auto w = p.writer();
        for (int i = 0; i < 20; ++i) {
            entry& e = w.grant("request " + std::to_string(i));
            e.member = w.text("member " + std::string(static_cast<std::size_t>(i), '\0'));
        }
        p.committed(w.commit());
        result<journal_page> page = p.store().entries(w.id(), {});
        if (!p.answered(page, "entries")) return;
        auto other = p.writer("other");
        random_entries random{5};
        for (int i = 0; i < 20; ++i) {
            other.note(random.next(other), "request " + std::to_string(i));
            p.committed(other.commit());
            p.same_answer(other, {});
        }
        p.same(page->entries, w.journal(), "the same texts after other calls");
    });
    check_queries(suite);
}

template <class Suite>
void check_large_accounts(Suite& suite, std::size_t lots) {
    suite.check("load: an account with many lots comes back", [=](auto p) {
        auto w = p.writer();
        for (std::size_t i = 0; i < lots; ++i) w.grant();
        p.committed(w.commit());
        p.same_account(w.id(), w.now());
        w.charge(lots, "all");
        p.committed(w.commit());
        w.grant();
        p.committed(w.commit());
        p.same_wallet(w);
        p.same_answer(w, {.lot = lot_id{1}});
        p.same_answer(w, {.lot = lot_id{static_cast<std::uint32_t>(lots)}});
    });
}

// ---- Lives --------------------------------------------------------------------------------------

/// Wallets that are due at one instant come in any order.
inline std::vector<due_wallet> in_order(const result<std::vector<due_wallet>>& listed) {
    if (!listed) return {{}};
    std::vector<due_wallet> all = *listed;
    std::sort(all.begin(), all.end(), [](const due_wallet& a, const due_wallet& b) {
        return a.due != b.due ? a.due < b.due : a.wallet.text() < b.wallet.text();
    });
    return all;
}

/// Whether both stores hold the same of the wallets of lives: journals, accounts, what is due.
template <class Probe, class Store>
void expect_same_lives(Probe& p, Store& tried, memory_store& model) {
    for (std::string_view name : store_life<Store>::names) {
        whole_journal found = read_whole(tried, name, 50);
        whole_journal wanted = read_whole(model, name, 1'000);
        p.same(found.entries, wanted.entries, "the journal of the memory store");
        const result<account> kept = load(tried, name);
        if (p.answered(kept, "open")) p.same_account(*kept, load(model, name).value_or(account{}));
    }
    p.expect(in_order(tried.due(never, 10)) == in_order(model.due(never, 10)),
             "the same wallets due");
}

template <class Suite>
void check_lives(Suite& suite, std::size_t lives) {
    suite.check("life: wallets come to the same journals as in memory", [=](auto p) {
        using store_type = typename decltype(p)::store_type;
        for (std::uint64_t seed = 1; seed <= lives; ++seed) {
            auto made = p.another();
            store_type& store = store_in(made);
            memory_store memory;
            store_life<store_type> tried{store, seed};
            store_life<memory_store> model{memory, seed};
            for (int i = 0; i < 180; ++i) {
                tried.step();
                model.step();
            }
            p.expect(tried.answers() == model.answers(), "the same answers to each request");
            expect_same_lives(p, store, memory);
        }
    });
}

// ---- What a page tells --------------------------------------------------------------------------

/// A wallet with an entry of one request, entries that speak of it, and those that speak of these;
/// the same of another request; and between them what speaks of neither.
template <class Probe>
auto write_chains(Probe& p, std::string_view id = "acme") {
    auto w = p.writer(id);
    const auto speak_of = [&](entry_id about) {
        entry& e = w.grant();
        e.about = about;
        return e.id;
    };
    for (const std::string_view request : {"one", "two"}) {
        w.grant("beside " + std::string{request});
        const entry_id first = w.grant(request).id;
        p.committed(w.commit());
        const entry_id again = speak_of(first);
        w.grant();
        p.committed(w.commit());
        const entry_id last = speak_of(first);
        speak_of(again);
        p.committed(w.commit());
        speak_of(last);
        speak_of(last);
        p.committed(w.commit());
    }
    return w;
}

/// An entry, those that speak of it, and those that speak of these, by what a writer has written.
inline std::vector<entry> chain_of(const std::vector<entry>& journal, std::string_view request) {
    std::vector<entry> chain;
    for (const entry& e : journal) {
        if (e.request == request) chain.push_back(e);
    }
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const entry_id about = chain[i].id;
        for (const entry& e : journal) {
            if (e.about == about) chain.push_back(e);
        }
    }
    return chain;
}

/// After the first one, which a page has in front, entries come in any order.
inline std::vector<entry> behind_first(std::vector<entry> chain) {
    const auto by_number = [](const entry& a, const entry& b) { return a.id < b.id; };
    if (!chain.empty()) std::sort(chain.begin() + 1, chain.end(), by_number);
    return chain;
}

template <class Probe>
void expect_told(Probe& p, const page_request& wanted, const std::vector<entry>& known,
                 const std::vector<entry>& told) {
    page opened;
    if (!p.answered(p.store().open(wanted, opened), "open")) return;
    p.same(behind_first(opened.known), behind_first(known),
           "the request's entry, those that speak of it, and those that speak of these");
    p.same(behind_first(opened.told), behind_first(told),
           "of what else was asked for, its entry, those that speak of it, and those that speak of "
           "these");
}

template <class Suite>
void check_told(Suite& suite) {
    suite.check("open: a known request brings all that speaks of it", [](auto p) {
        const auto w = write_chains(p);
        write_chains(p, "other");
        const std::vector<entry> one = chain_of(w.journal(), "one");
        p.expect(one.size() == 6, "a chain of six");
        for (const bool whole : {true, false}) {
            expect_told(p, {.wallet = w.id(), .request = "one", .whole = whole}, one, {});
            expect_told(p, {.wallet = w.id(), .request = "new", .whole = whole}, {}, {});
            expect_told(p, {.wallet = w.id(), .request = {}, .whole = whole}, {}, {});
        }
    });
    suite.check("open: another request brings all that speaks of it", [](auto p) {
        const auto w = write_chains(p);
        write_chains(p, "other");
        const std::vector<entry> one = chain_of(w.journal(), "one");
        const std::vector<entry> two = chain_of(w.journal(), "two");
        const request_id named{"two"};
        const request_id unknown{"new"};
        for (const bool whole : {true, false}) {
            const auto asks = [&](const request_id& request, const request_id& told) {
                return page_request{
                    .wallet = w.id(), .request = request, .whole = whole, .told = &told};
            };
            expect_told(p, asks({"new"}, named), {}, two);
            expect_told(p, asks({"one"}, named), one, two);
            expect_told(p, asks({"two"}, named), two, two);
            expect_told(p, asks({"one"}, unknown), one, {});
        }
    });
    suite.check("open: another entry brings all that speaks of it", [](auto p) {
        const auto w = write_chains(p);
        write_chains(p, "other");
        const std::vector<entry> one = chain_of(w.journal(), "one");
        const std::vector<entry> two = chain_of(w.journal(), "two");
        const entry_id beyond{w.now().last.value() + 1};
        for (const bool whole : {true, false}) {
            const auto asks = [&](const request_id& request, entry_id told) {
                return page_request{
                    .wallet = w.id(), .request = request, .whole = whole, .told_entry = told};
            };
            expect_told(p, asks({"new"}, one[0].id), {}, one);
            expect_told(p, asks({"one"}, two[0].id), one, two);
            expect_told(p, asks({"one"}, w.journal()[0].id), one, {w.journal()[0]});
            expect_told(p, asks({"one"}, beyond), one, {});
        }
    });
}

// ---- The latest hour ----------------------------------------------------------------------------

template <class Suite>
void check_latest(Suite& suite) {
    suite.check("latest: it is the hour of the latest instant of any wallet", [](auto p) {
        const auto is_hour_of = [&](instant wanted) {
            const auto found = p.store().latest();
            if (!p.answered(found, "latest")) return;
            p.expect(*found && **found <= wanted && wanted - **found < std::chrono::hours{1},
                     "the hour of the latest instant");
        };
        const auto none = p.store().latest();
        if (p.answered(none, "latest")) p.expect(!*none, "no instant of an empty store");
        auto w = p.writer();
        auto other = p.writer("other");
        const auto commit_at = [&](auto& writer, instant when) {
            writer.at(when);
            writer.grant();
            p.committed(writer.commit());
        };
        commit_at(w, second(10'000'000));
        is_hour_of(second(10'000'000));
        commit_at(other, second(9'000'000));
        is_hour_of(second(10'000'000));
        commit_at(other, second(10'007'300));
        is_hour_of(second(10'007'300));
        auto late = w;
        late.at(second(20'000'000));
        late.grant();
        commit_at(w, second(10'000'001));
        p.came_to(late.commit(), commit_outcome::conflict);
        is_hour_of(second(10'007'300));
    });
}

// ---- What outlives the store's object -----------------------------------------------------------

template <class Suite, class Reopen>
void check_reopening(Suite& suite, Reopen& reopen, std::size_t lives) {
    suite.check("reopen: everything is there", [&](auto p) {
        auto w = write_journal(p);
        w.grant("the last", second(50));
        p.committed(w.commit({{.wallet = w.id(), .kind = "a"}, {.wallet = w.id(), .kind = "b"}}));
        std::vector<notice> notices = p.notices();
        if (!p.expect(notices.size() == 2, "two notices")) return;
        p.answered(p.store().acknowledge(notices[0].id), "acknowledge");
        notices.erase(notices.begin());
        for (int i = 0; i < 2; ++i) {
            reopen(p.made());
            p.same_wallet(w);
            p.expect(p.notices() == notices, "the notice that nobody acknowledged");
            p.expect(p.due(second(50)).size() == 1, "the wallet that is due");
            p.finds(w.id(), "the last", &w.journal().back(), "the entry of the request");
        }
    });
    suite.check("reopen: whole lives go on as if nothing had been closed", [&](auto p) {
        using store_type = typename decltype(p)::store_type;
        for (std::uint64_t seed = 1; seed <= lives; ++seed) {
            auto made = p.another();
            memory_store memory;
            store_life<store_type> tried{store_in(made), 1'000 + seed};
            store_life<memory_store> model{memory, 1'000 + seed};
            for (int closed = 0; closed < 8; ++closed) {
                for (int i = 0; i < 60; ++i) {
                    tried.step();
                    model.step();
                }
                reopen(made);
                tried.go_on_in(store_in(made));
                expect_same_lives(p, store_in(made), memory);
            }
            p.expect(tried.answers() == model.answers(), "the same answers to each request");
        }
    });
    suite.check("reopen: what was known stays known", [&](auto p) {
        auto w = p.writer();
        w.grant("known");
        p.committed(w.commit({{.wallet = w.id()}}));
        std::vector<notice> before = p.notices();
        if (!p.expect(before.size() == 1, "one notice")) return;
        p.answered(p.store().acknowledge(before[0].id), "acknowledge");
        reopen(p.made());
        auto again = w;
        again.move_to(p.store());
        again.grant("known");
        p.came_to(again.commit(), commit_outcome::duplicate);
        auto late = p.writer();
        late.grant("late");
        p.came_to(late.commit(), commit_outcome::conflict);
        again.reload();
        again.grant("next");
        p.committed(again.commit({{.wallet = w.id()}}));
        std::vector<notice> after = p.notices();
        p.expect(after.size() == 1 && after[0].id > before[0].id, "a notice with a higher id");
    });
}

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer
