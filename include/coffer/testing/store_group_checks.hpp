/// The checks of a store that writes several commits in one transaction. Include
/// `testing/store_conformance.hpp`.
#pragma once

#include <coffer/testing/store_checks.hpp>
#include <coffer/testing/store_races.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

/// Runs `body` in another thread, while a group is open in this one, and then `end`. A store may
/// let the other thread wait until the group is over.
template <class Body, class End>
void run_beside(Body&& body, End&& end) {
    std::atomic<bool> done{false};
    std::thread other{[&] {
        body();
        done = true;
    }};
    for (int i = 0; i < 50 && !done; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    end();
    other.join();
}

template <class Suite>
void check_ends_of_groups(Suite& suite) {
    suite.check("group: all of its commits are there when it ends", [](auto p) {
        auto w = p.writer();
        auto other = p.writer("other");
        for (int group = 0; group < 3; ++group) {
            if (!p.answered(p.store().begin_group(), "begin_group")) return;
            for (int i = 0; i < 4; ++i) {
                w.grant(std::to_string(group) + " " + std::to_string(i), second(100));
                p.committed(w.commit({{.wallet = w.id(), .kind = "k"}}));
                p.same_wallet(w);
                other.grant();
                p.committed(other.commit());
            }
            p.committed(p.store().end_group());
            p.same_wallet(w);
            p.same_wallet(other);
        }
        for (const entry& e : w.journal()) {
            p.finds(w.id(), e.request, &e, "the entry of the request");
        }
        p.expect(p.notices().size() == 12, "a notice of each commit");
        p.expect(p.due(never) == std::vector<due_wallet>{{w.id(), second(100)}},
                 "the wallet to be listed as due");
    });
    suite.check("group: one without commits is committed", [](auto p) {
        auto w = p.writer();
        for (int i = 0; i < 2; ++i) {
            if (!p.answered(p.store().begin_group(), "begin_group")) return;
            p.same_wallet(w);
            p.committed(p.store().end_group());
            w.grant();
            p.committed(w.commit());
        }
    });
    suite.check("group: a commit that is refused leaves the others", [](auto p) {
        auto w = p.writer();
        w.grant("before");
        p.committed(w.commit());
        auto late = w;
        late.grant("late");
        if (!p.answered(p.store().begin_group(), "begin_group")) return;
        w.grant("first", second(50));
        p.committed(w.commit());
        p.came_to(late.commit({{.wallet = w.id(), .kind = "late"}}), commit_outcome::conflict);
        p.same_wallet(w);
        for (std::string_view known : {"before", "first"}) {
            auto again = w;
            again.grant("fine");
            again.grant(known);
            p.came_to(again.commit({{.wallet = w.id()}}), commit_outcome::duplicate);
            p.same_wallet(w);
        }
        w.grant("last");
        p.committed(w.commit());
        p.committed(p.store().end_group());
        p.same_wallet(w);
        p.finds(w.id(), "fine", nullptr, "no entry of a commit that was refused");
        p.expect(p.notices().empty(), "no notice of a commit that was refused");
    });
    suite.check("group: nothing is left of one that is dropped", [](auto p) {
        auto w = p.writer();
        const entry_id former = w.grant("before").id;
        w.grant();
        p.committed(w.commit());
        auto kept = w;
        if (!p.answered(p.store().begin_group(), "begin_group")) return;
        for (int i = 0; i < 3; ++i) {
            w.grant("dropped " + std::to_string(i), second(50));
            w.charge(1);
            p.committed(w.commit({{.wallet = w.id(), .kind = "k"}}));
        }
        w.grant("before");
        w.reopen(former);
        p.committed(w.commit());
        auto other = p.writer("other");
        other.grant("before");
        p.committed(other.commit());
        p.store().drop_group();
        p.same_wallet(kept);
        p.same_wallet(p.writer("other"));
        p.finds(w.id(), "before", &kept.journal()[0], "the entry of the request");
        p.finds(w.id(), "dropped 0", nullptr, "no entry of a group that was dropped");
        p.expect(p.notices().empty(), "no notice of a group that was dropped");
        p.expect(p.due(never).empty(), "nothing due by a group that was dropped");
        kept.grant("dropped 0");
        p.committed(kept.commit());
        p.same_wallet(kept);
    });
}

template <class Suite>
void check_groups_of_threads(Suite& suite, std::size_t threads, std::size_t rounds) {
    suite.check("group: other threads see nothing of it before its end", [](auto p) {
        auto w = p.writer();
        w.grant("before");
        p.committed(w.commit());
        const account before = w.now();
        if (!p.answered(p.store().begin_group(), "begin_group")) return;
        w.grant("grouped", second(50));
        p.committed(w.commit());
        std::atomic<bool> ended{false};
        std::atomic<bool> early{false};  // what the other thread saw
        const auto look = [&] {
            const result<account> found = load(p.store(), w.id());
            if (found && !(*found == before) && !ended) early = true;
            const auto listed = p.store().due(never, 10);
            if (listed && !listed->empty() && !ended) early = true;
        };
        run_beside(look, [&] {
            ended = true;
            p.committed(p.store().end_group());
        });
        p.expect(!early, "nothing of a group that is open", "its commit");
        p.same_wallet(w);
    });
    suite.check("group: what other threads commit is no part of it", [](auto p) {
        auto w = p.writer();
        auto other = p.writer("other");
        other.grant();
        if (!p.answered(p.store().begin_group(), "begin_group")) return;
        w.grant();
        p.committed(w.commit());
        commit_outcome outcome = commit_outcome::unavailable;
        run_beside([&] { outcome = commit_at_last(other); }, [&] { p.store().drop_group(); });
        p.committed(outcome);
        other.keep_as_committed();
        p.same_wallet(other);
        p.same_wallet(p.writer());
    });
    suite.check("race: groups and single commits count once each", [=](auto p) {
        std::atomic<std::size_t> written{0};
        run_together(threads, [&](std::size_t role) {
            for (std::size_t n = 0; n < rounds; ++n) {
                const bool grouped = role % 2 == 0;
                const std::size_t commits = grouped ? 3 : 1;
                if (grouped && !p.store().begin_group()) continue;
                std::size_t done = 0;
                for (std::size_t i = 0; i < commits; ++i) {
                    auto w = p.writer();
                    if (!w.reload()) continue;
                    w.grant();
                    if (w.commit() == commit_outcome::committed) ++done;
                }
                if (grouped && n % 4 == 3) {
                    p.store().drop_group();
                } else if (!grouped || p.store().end_group() == commit_outcome::committed) {
                    written += done;
                }
            }
        });
        auto all = p.store().entries("acme", {.limit = 1'000'000});
        if (!p.answered(all, "entries")) return;
        p.expect(all->entries.size() == written, "an entry of each commit that was answered",
                 std::to_string(all->entries.size()) + " for " + std::to_string(written));
        const result<account> found = load(p.store(), "acme");
        if (p.answered(found, "load"))
            p.same_account(*found, replay(all->entries).value_or(account{}));
    });
}

template <class Suite>
void check_groups(Suite& suite, std::size_t threads, std::size_t rounds) {
    check_ends_of_groups(suite);
    check_groups_of_threads(suite, threads, rounds);
}

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer
