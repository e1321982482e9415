/// The checks of a store that one thread can make. Include `testing/store_conformance.hpp`.
#pragma once

#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>
#include <coffer/testing/conformance_report.hpp>
#include <coffer/testing/store_life.hpp>
#include <coffer/testing/store_writer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

struct no_reopening {
    void operator()(auto&) const noexcept {}
};

/// The store itself, where it was made or pointed to.
template <class Made>
auto& store_in(Made& made) noexcept {
    if constexpr (coffer::store<Made>) {
        return made;
    } else {
        return *made;
    }
}

/// One check on one store: what the checks below write to and ask.
template <class Make>
class store_probe {
    using Made = std::invoke_result_t<Make&>;

public:
    using store_type = std::remove_reference_t<decltype(store_in(std::declval<Made&>()))>;

    store_probe(Made& made, conformance_check& check, Make& make)
        : made_{made}, check_{check}, make_{make} {}

    Made& made() const noexcept { return made_; }
    /// One more store, new and empty.
    Made another() const { return make_(); }
    store_type& store() const noexcept { return store_in(made_); }
    store_writer<store_type> writer(const wallet_id& id = "acme") const { return {store(), id}; }

    bool expect(bool holds, std::string_view what, std::string_view instead = "something else") {
        return check_.expect(holds, what, instead);
    }
    bool committed(commit_outcome outcome) { return came_to(outcome, commit_outcome::committed); }
    bool came_to(commit_outcome found, commit_outcome wanted) {
        return expect(found == wanted,
                      "a commit that is answered " + std::string{to_string(wanted)},
                      std::string{to_string(found)});
    }

    void same_account(const wallet_id& id, const account& wanted) {
        result<account> found = load(store(), id);
        if (answered(found, "load")) same_account(*found, wanted);
    }
    void same_account(const account& found, const account& wanted) {
        std::string_view field = difference(found, wanted);
        expect(field.empty(), "the account of the last commit",
               "another one, other in '" + std::string{field} + "'");
    }
    void same_entries(const wallet_id& id, const journal_query& query,
                      const std::vector<entry>& wanted, bool more) {
        result<journal_page> found = store().entries(id, query);
        if (!answered(found, "entries")) return;
        same(found->entries, wanted, "the entries that " + text_of(query));
        expect(found->more == more, more ? "more entries than the limit" : "no more entries",
               "'more' says otherwise, for entries that " + text_of(query));
    }
    template <class Writer>
    void same_answer(const Writer& w, const journal_query& query) {
        bool more = false;
        std::vector<entry> wanted = w.expected(query, more);
        same_entries(w.id(), query, wanted, more);
    }
    template <class Writer>
    void same_wallet(const Writer& w) {
        same_account(w.id(), w.now());
        same_entries(w.id(), {.limit = 1'000'000}, w.journal(), false);
    }
    void same(const std::vector<entry>& found, const std::vector<entry>& wanted,
              std::string_view what) {
        expect(detail::difference(found, wanted).empty(), what, detail::difference(found, wanted));
    }
    /// That the request was or was not journalled.
    void finds(const wallet_id& id, const request_id& request, const entry* wanted,
               std::string_view what) {
        result<journal_page> found = find(store(), id, request);
        if (!answered(found, "find")) return;
        std::vector<entry> all;
        if (wanted) all.push_back(*wanted);
        same(found->entries, all, what);
    }
    std::vector<due_wallet> due(instant until, std::size_t limit = 1'000) {
        auto found = store().due(until, limit);
        return answered(found, "due") ? *found : std::vector<due_wallet>{};
    }
    std::vector<notice> notices(std::size_t limit = 1'000) {
        auto found = store().notices(limit);
        return answered(found, "notices") ? *found : std::vector<notice>{};
    }
    template <class Answer>
    bool answered(const Answer& answer, std::string_view call) {
        return expect(answer.has_value(), "an answer of " + std::string{call},
                      answer ? "" : to_string(answer.error().code()));
    }

private:
    static std::string text_of(const journal_query& q) {
        std::string text = "are after " + std::to_string(q.after.value());
        if (q.before) text += ", before " + std::to_string(q.before.value());
        if (q.about) text += ", about " + std::to_string(q.about.value());
        if (q.lot) text += ", of lot " + std::to_string(q.lot.value());
        text += ", at most " + std::to_string(q.limit);
        return text + (q.newest_first ? ", the newest first" : "");
    }

    Made& made_;
    conformance_check& check_;
    Make& make_;
};

/// Runs checks, each on a store of its own.
template <class Make>
class store_suite {
public:
    using made_type = std::invoke_result_t<Make&>;
    using probe = store_probe<Make>;

    static_assert(coffer::store<typename probe::store_type>,
                  "coffer: what is to be checked has to give stores, or what points to them");

    explicit store_suite(Make& make) : make_{make} {}

    template <class Body>
    void check(std::string_view name, Body&& body) {
        conformance_check outcome{.name = std::string{name}};
        made_type made = make_();
        body(probe{made, outcome, make_});
        report_.checks.push_back(std::move(outcome));
    }
    conformance_report report() && { return std::move(report_); }

private:
    Make& make_;
    conformance_report report_;
};

// ---- Accounts and commits -----------------------------------------------------------------------

template <class Suite>
void check_loads_and_commits(Suite& suite) {
    using commit_outcome::committed;
    suite.check("load: a wallet that was never written is an empty account", [](auto p) {
        p.same_account("acme", {});
        p.same_entries("acme", {}, {}, false);
        p.same_entries("acme", {.about = entry_id{1}}, {}, false);
        p.finds("acme", "r", nullptr, "no entry of a wallet that was never written");
    });
    suite.check("commit: all of a batch is there afterwards", [](auto p) {
        auto w = p.writer();
        for (int round = 0; round < 3; ++round) {
            w.grant("grant " + std::to_string(round), second(100 + round));
            w.charge(1, "charge " + std::to_string(round));
            w.grant({}, second(200));
            p.committed(w.commit({{.wallet = w.id(), .kind = "k"}}));
            p.same_wallet(w);
        }
        for (const entry& e : w.journal()) {
            if (!e.request.empty()) p.finds(w.id(), e.request, &e, "the entry of the request");
        }
        p.expect(p.due(never) == std::vector<due_wallet>{{w.id(), second(102)}},
                 "the wallet to be listed as due");
        p.expect(p.notices().size() == 3, "three notices");
    });
    suite.check("commit: the texts of the entries are copied", [](auto p) {
        auto w = p.writer();
        const std::string_view said = "a text that the caller has no longer";
        std::string request{said};
        std::string member{said};
        entry& e = w.note({.kind = entry_kind::noted, .member = member});
        e.request = request;
        e.requested_by = request_id::scope::caller;
        p.committed(w.commit());
        std::fill(request.begin(), request.end(), '?');
        std::fill(member.begin(), member.end(), '?');
        result<journal_page> found = p.store().entries(w.id(), {});
        if (!p.answered(found, "entries")) return;
        p.expect(found->entries.size() == 1, "one entry", std::to_string(found->entries.size()));
        for (const entry& read : found->entries) {
            p.expect(read.request == said, "the request as it was committed", read.request);
            p.expect(read.member == said, "the member as it was committed", read.member);
        }
    });
    suite.check("commit: another newest entry is a conflict", [](auto p) {
        auto w = p.writer();
        auto late = p.writer();
        w.grant();
        p.committed(w.commit());
        w.grant();
        p.committed(w.commit());
        late.grant("late");
        p.came_to(late.commit(), commit_outcome::conflict);
        w.grant("not there");
        for (std::uint32_t expected : {0u, 1u, 3u, ~0u}) {
            p.came_to(w.commit_on(entry_id{expected}), commit_outcome::conflict);
        }
        p.came_to(p.writer("other").commit_on(entry_id{1}), commit_outcome::conflict);
    });
    suite.check("commit: a conflict leaves nothing", [](auto p) {
        auto w = p.writer();
        w.grant("first");
        p.committed(w.commit());
        auto late = p.writer();
        late.grant("late", second(50));
        late.grant("later", second(40));
        p.came_to(late.commit({{.wallet = w.id(), .kind = "late"}}), commit_outcome::conflict);
        p.same_wallet(w);
        p.finds(w.id(), "late", nullptr, "no entry of a commit that was refused");
        p.expect(p.notices().empty(), "no notice of a commit that was refused");
        p.expect(p.due(never).empty(), "nothing due by a commit that was refused");
        w.charge(1, "late");
        p.committed(w.commit());
        p.same_wallet(w);
    });
    suite.check("commit: a known request is a duplicate", [](auto p) {
        auto w = p.writer();
        w.grant("known");
        p.committed(w.commit());
        for (int place = 0; place < 3; ++place) {
            auto again = w;
            for (int i = 0; i < 3; ++i) {
                again.grant(i == place ? "known" : "new " + std::to_string(i));
            }
            p.came_to(again.commit(), commit_outcome::duplicate);
        }
    });
    suite.check("commit: a duplicate leaves nothing", [](auto p) {
        auto w = p.writer();
        w.grant("known");
        p.committed(w.commit());
        auto again = w;
        again.grant("fine", second(50));
        again.grant("known");
        p.came_to(again.commit({{.wallet = w.id(), .kind = "k"}}), commit_outcome::duplicate);
        p.same_wallet(w);
        p.finds(w.id(), "fine", nullptr, "no entry of a commit that was refused");
        p.expect(p.notices().empty(), "no notice of a commit that was refused");
        p.expect(p.due(never).empty(), "nothing due by a commit that was refused");
        w.grant("fine");
        p.committed(w.commit());
        p.same_wallet(w);
    });
    suite.check("commit: an entry takes over the request of the one that is reopened", [](auto p) {
        auto w = p.writer();
        w.grant("other");
        entry_id former = w.grant("known").id;
        if (!p.committed(w.commit())) return;
        for (int round = 0; round < 3; ++round) {
            const entry_id newest = w.grant("known").id;
            w.charge(1);
            w.reopen(former);
            if (!p.committed(w.commit())) return;
            p.same_wallet(w);
            p.finds(w.id(), "known", &w.journal()[newest.value() - 1], "the newest of them");
            auto stale = w;  // the request is no longer the former's
            stale.grant("known");
            stale.reopen(former);
            p.came_to(stale.commit(), commit_outcome::duplicate);
            former = newest;
        }
        p.finds(w.id(), "other", &w.journal().front(), "the entry of another request");
    });
    suite.check("commit: a request that was not taken over stays whose it was", [](auto p) {
        auto w = p.writer();
        w.grant("other");
        const entry_id former = w.grant("known").id;
        if (!p.committed(w.commit())) return;
        auto refused = w;
        refused.grant("known");
        refused.grant("other");
        refused.reopen(former);
        p.came_to(refused.commit(), commit_outcome::duplicate);
        p.finds(w.id(), "known", &w.journal().back(), "the entry of the request");
        auto late = w;
        w.charge(1);
        if (!p.committed(w.commit())) return;
        late.grant("known");
        late.reopen(former);
        p.came_to(late.commit(), commit_outcome::conflict);
        p.finds(w.id(), "known", &w.journal()[former.value() - 1], "the entry of the request");
        p.same_wallet(w);
    });
    suite.check("wallets: ids differ in any byte", [](auto p) {
        std::vector<std::string> ids{"acme",
                                     "Acme",
                                     "acme ",
                                     " acme",
                                     "acm",
                                     "acmf",
                                     std::string{"acme\0", 5},
                                     std::string(1, '\0'),
                                     std::string(63, 'x'),
                                     std::string(62, 'x') + "y",
                                     "\xff\xfe",
                                     "\xc3\xa9",
                                     "e\xcc\x81",
                                     "%",
                                     "_",
                                     "'",
                                     "\""};
        for (std::size_t i = 0; i < ids.size(); ++i) {
            auto w = p.writer(ids[i]);
            w.grant("first", second(10 + static_cast<std::int64_t>(i)));
            p.committed(w.commit());
        }
        std::size_t i = 0;
        for (const due_wallet& each : p.due(never)) {
            p.expect(i < ids.size() && each.wallet == wallet_id{ids[i]}, "the wallets as written");
            ++i;
        }
        for (const std::string& id : ids) {
            result<account> found = load(p.store(), id);
            if (p.answered(found, "load")) p.expect(found->last.value() == 1, "a wallet each");
        }
    });
}

// ---- Requests -----------------------------------------------------------------------------------

template <class Suite>
void check_requests(Suite& suite) {
    suite.check("find: what a caller, a settle and a release ask for is told apart", [](auto p) {
        using scope = request_id::scope;
        auto w = p.writer();
        const request_id made[] = {request_id{"7"}, request_id::derived(scope::settle, 7),
                                   request_id::derived(scope::release, 7)};
        for (const request_id& id : made) {
            entry& e = w.grant(id.text());
            e.requested_by = id.made_by();
            p.finds(w.id(), id, nullptr, "no entry before it was committed");
            p.committed(w.commit());
        }
        for (std::size_t i = 0; i < 3 && i < w.journal().size(); ++i) {
            p.finds(w.id(), made[i], &w.journal()[i], "the entry of the one who made the id");
        }
    });
    suite.check("find: requests differ in any byte", [](auto p) {
        auto w = p.writer();
        std::set<std::string> known;
        for (std::size_t size : {1u, 2u, 3u, 7u, 8u, 9u, 16u, 17u, 32u, 33u, 94u, 95u}) {
            for (std::string id :
                 {std::string(size, 'a'), std::string(size, 'A'), std::string(size, '\0'),
                  std::string(size, '\xff'), std::string(size - 1, 'a') + "b",
                  "b" + std::string(size - 1, 'a'), std::string(size - 1, 'a') + " "}) {
                bool is_new = known.insert(id).second;
                w.grant(id);
                p.came_to(w.commit(),
                          is_new ? commit_outcome::committed : commit_outcome::duplicate);
                if (!is_new) w.reload();
            }
        }
        for (const entry& e : w.journal()) {
            p.finds(w.id(), e.request, &e, "the entry of the request");
        }
        p.finds(w.id(), "aaaab", nullptr, "no entry of a request that nobody made");
    });
    suite.check("find: requests belong to their wallet", [](auto p) {
        for (std::string_view id : {"acme", "zeta"}) {
            auto w = p.writer(id);
            w.grant("same");
            p.committed(w.commit());
            p.finds(w.id(), "same", &w.journal()[0], "the wallet's own entry");
        }
        p.finds("other", "same", nullptr, "no entry of another wallet");
    });
    suite.check("find: what has no request is no duplicate, and is not found", [](auto p) {
        auto w = p.writer();
        for (int i = 0; i < 3; ++i) {
            w.grant();
            w.grant();
            p.committed(w.commit());
        }
        p.finds(w.id(), {}, nullptr, "no entry for no request");
        p.same_wallet(w);
    });
    suite.check("find: a request stays known, however long the journal", [](auto p) {
        auto w = p.writer();
        w.grant("old");
        p.committed(w.commit());
        for (int i = 0; i < 5; ++i) {
            for (int n = 0; n < 200; ++n) w.grant("r" + std::to_string(i * 200 + n));
            p.committed(w.commit());
        }
        p.finds(w.id(), "old", &w.journal()[0], "the first entry");
        p.finds(w.id(), "r500", &w.journal()[501], "an entry in the middle");
        w.grant("old");
        p.came_to(w.commit(), commit_outcome::duplicate);
    });
}

// ---- Due wallets --------------------------------------------------------------------------------

template <class Suite>
void check_due(Suite& suite) {
    suite.check("due: a wallet is listed from its instant on", [](auto p) {
        auto w = p.writer();
        w.grant({}, second(10));
        p.committed(w.commit());
        const std::vector<due_wallet> listed{{w.id(), second(10)}};
        p.expect(p.due(second(10) - std::chrono::microseconds{1}).empty(),
                 "nothing a microsecond before it is due");
        p.expect(p.due(second(10)) == listed, "the wallet at the instant when it is due");
        p.expect(p.due(second(11)) == listed, "the wallet after the instant when it is due");
        p.expect(p.due(second(11)) == listed, "the wallet as often as it is asked for");
        p.expect(p.due(never) == listed, "the wallet at any time after that");
    });
    suite.check("due: a wallet with nothing due is not listed", [](auto p) {
        auto w = p.writer();
        w.grant();
        p.committed(w.commit());
        p.expect(p.due(never).empty(), "nothing, not even at the end of time");
    });
    suite.check("due: the soonest come first, up to the limit", [](auto p) {
        constexpr std::int64_t count = 60;
        for (std::int64_t i = 0; i < count; ++i) {
            auto w = p.writer("wallet " + std::to_string(i));
            w.grant({}, second(10 + (i * 37) % count));
            p.committed(w.commit());
        }
        for (std::size_t limit : {0u, 1u, 7u, 60u, 100u}) {
            std::vector<due_wallet> all = p.due(second(1'000), limit);
            p.expect(all.size() == std::min<std::size_t>(limit, count), "as many as the limit");
            for (std::size_t i = 0; i < all.size(); ++i) {
                p.expect(all[i].due == second(10 + static_cast<std::int64_t>(i)),
                         "the soonest first");
            }
        }
        p.expect(p.due(second(29)).size() == 20, "those that are due, and no others");
    });
    suite.check("due: each wallet once, as its newest commit says", [](auto p) {
        auto w = p.writer();
        auto other = p.writer("other");
        other.grant({}, second(35));
        p.committed(other.commit());
        auto listed = [&](instant due) {
            std::vector<due_wallet> all{{other.id(), second(35)}};
            if (due != never) all.insert(due < second(35) ? all.begin() : all.end(), {w.id(), due});
            p.expect(p.due(second(1'000)) == all, "each wallet once, at its newest instant");
        };
        for (std::int64_t due : {50, 40}) {  // earlier
            w.grant({}, second(due));
            p.committed(w.commit());
            listed(second(due));
        }
        w.charge(2);
        p.committed(w.commit());
        listed(never);
        for (std::int64_t due : {20, 30, 50}) w.grant({}, second(due));
        p.committed(w.commit());
        listed(second(20));
        for (std::int64_t due : {30, 50}) {  // later
            w.charge(1);
            p.committed(w.commit());
            listed(second(due));
        }
        w.charge(1);
        p.committed(w.commit());
        listed(never);
    });
}

// ---- Notices ------------------------------------------------------------------------------------

template <class Suite>
void check_notices(Suite& suite) {
    auto texts = [](const std::vector<notice>& all) {
        std::string text;
        for (const notice& n : all) text += n.text + " ";
        return text;
    };
    auto commit = [](auto& p, auto& w, std::vector<notice> notices) {
        for (notice& n : notices) n.wallet = w.id();
        w.grant();
        p.committed(w.commit(notices));
    };
    suite.check("notices: they come in the order of their commits, with rising ids", [=](auto p) {
        auto w = p.writer();
        auto other = p.writer("other");
        for (const char* text : {"a", "c", "e"}) {
            commit(p, w, {{.text = text}, {.text = std::string(1, static_cast<char>(*text + 1))}});
            commit(p, other, {});
        }
        std::vector<notice> all = p.notices();
        p.expect(texts(all) == "a b c d e f ", "a b c d e f", texts(all));
        for (std::size_t i = 1; i < all.size(); ++i) {
            p.expect(all[i - 1].id < all[i].id, "rising ids");
        }
        p.expect(all == p.notices(), "the same answer until something is acknowledged");
    });
    suite.check("notices: the limit gives the oldest", [=](auto p) {
        auto w = p.writer();
        commit(p, w, {{.text = "a"}, {.text = "b"}, {.text = "c"}});
        p.expect(texts(p.notices(2)) == "a b ", "the two oldest", texts(p.notices(2)));
        p.expect(p.notices(0).empty(), "none for a limit of none");
    });
    suite.check("notices: an acknowledged one is gone, an unknown id is fine", [=](auto p) {
        auto w = p.writer();
        commit(p, w, {{.text = "a"}, {.text = "b"}, {.text = "c"}});
        std::vector<notice> all = p.notices();
        if (!p.expect(all.size() == 3, "three notices")) return;
        for (std::uint64_t id : {all[1].id, all[1].id, std::uint64_t{0}, ~std::uint64_t{0}}) {
            p.answered(p.store().acknowledge(id), "acknowledge");
        }
        p.expect(texts(p.notices()) == "a c ", "the others", texts(p.notices()));
    });
    suite.check("notices: ids are never given twice", [=](auto p) {
        auto w = p.writer();
        std::uint64_t last = 0;
        for (int i = 0; i < 3; ++i) {
            commit(p, w, {{.text = "a"}, {.text = "b"}});
            for (const notice& n : p.notices()) {
                p.expect(n.id > last, "ids above all before", std::to_string(n.id));
                last = std::max(last, n.id);
                p.answered(p.store().acknowledge(n.id), "acknowledge");
            }
        }
    });
    suite.check(
        "notices: more than may wait are one that stands for them, or are all there", [=](auto p) {
            auto w = p.writer();
            auto other = p.writer("other");
            commit(p, other, {{.text = "x"}});
            std::vector<notice> many(max_waiting_notices,
                                     {.wallet = w.id(), .entry = entry_id{7}, .kind = "k"});
            commit(p, w, many);
            p.expect(p.notices(5'000).size() == many.size() + 1, "as many as may wait");
            std::uint64_t last = 0;
            for (int more = 1; more < 3; ++more) {
                commit(p, w,
                       {{.wallet = w.id(), .entry = entry_id{9}, .kind = "k", .text = "last"}});
                const std::vector<notice> all = p.notices(5'000);
                const bool bounded = all.size() < many.size();
                const std::size_t wanted =
                    bounded ? 2 : many.size() + 1 + static_cast<unsigned>(more);
                if (!p.expect(all.size() == wanted, "one of each wallet, or all")) return;
                p.expect(all.front().text == "x", "that of the other wallet");
                const notice& one = all.back();
                p.expect(one.id > last, "a new id, so that no late acknowledgement drops it");
                last = one.id;
                if (!bounded) continue;
                p.expect(
                    one.kind == overflow_notice && one.entry == entry_id{7} && one.text.empty(),
                    "an overflow from the first of them on");
            }
        });
    suite.check("notices: they come back as they were committed", [](auto p) {
        auto w = p.writer();
        random_entries random{1};
        std::vector<notice> all;
        for (std::uint32_t i = 0; i < 20; ++i) {
            all.push_back({.wallet = w.id(),
                           .entry = entry_id{i % 2 ? i : ~i},
                           .ordinal = i % 3 ? i : ~i,
                           .kind = random.bytes(60),
                           .text = random.bytes(i == 7 ? 100'000 : 300)});
        }
        w.grant();
        p.committed(w.commit(all));
        std::vector<notice> found = p.notices();
        if (!p.expect(found.size() == all.size(), "all of them")) return;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].id = found[i].id;
            p.expect(found[i] == all[i], "wallet, entry, ordinal, kind and text as they were");
        }
    });
}

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer
