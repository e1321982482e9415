/// The checks of a store that several threads use at once. Include `testing/store_conformance.hpp`.
#pragma once

#include <coffer/testing/store_checks.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

/// Runs `body(i)` in so many threads, which begin together.
template <class Body>
void run_together(std::size_t threads, Body&& body) {
    std::atomic<std::size_t> waiting{threads};
    std::vector<std::thread> all;
    all.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        all.emplace_back([&, i] {
            --waiting;
            while (waiting > 0) std::this_thread::yield();
            body(i);
        });
    }
    for (std::thread& each : all) each.join();
}

/// Enough for any store that is right; a wrong one could go on for ever.
inline constexpr int most_tries = 1'000;

/// Commits until it is decided: a store may be unavailable while others write.
template <class Writer>
commit_outcome commit_at_last(const Writer& writer) {
    commit_outcome outcome = commit_outcome::unavailable;
    for (int i = 0; i < most_tries && outcome == commit_outcome::unavailable; ++i) {
        Writer attempt = writer;
        outcome = attempt.commit();
        if (outcome == commit_outcome::unavailable) std::this_thread::yield();
    }
    return outcome;
}

template <class Suite>
void check_races(Suite& suite, std::size_t threads, std::size_t rounds) {
    using commit_outcome::committed;
    suite.check("race: of commits on one version, exactly one wins", [=](auto p) {
        auto w = p.writer();
        for (std::size_t round = 0; round < rounds; ++round) {
            std::vector<decltype(w)> writers(threads, w);
            std::vector<commit_outcome> outcomes(threads);
            for (std::size_t i = 0; i < threads; ++i) {
                writers[i].grant(std::to_string(round) + " of " + std::to_string(i));
            }
            run_together(threads, [&](std::size_t i) { outcomes[i] = commit_at_last(writers[i]); });
            std::size_t winners = 0;
            for (std::size_t i = 0; i < threads; ++i) {
                if (outcomes[i] == committed) {
                    ++winners;
                    w = writers[i];
                } else {
                    p.came_to(outcomes[i], commit_outcome::conflict);
                }
            }
            if (!p.expect(winners == 1, "one winner", std::to_string(winners))) return;
            w.keep_as_committed();
        }
        p.same_wallet(w);
    });
    suite.check("race: one request from several threads is committed once", [=](auto p) {
        for (std::size_t round = 0; round < rounds; ++round) {
            std::atomic<std::size_t> winners{0};
            std::string request = "request " + std::to_string(round);
            run_together(threads, [&](std::size_t) {
                auto w = p.writer();
                commit_outcome outcome = commit_outcome::conflict;
                for (int i = 0; i < most_tries && outcome == commit_outcome::conflict; ++i) {
                    if (!w.reload()) continue;
                    w.grant(request);
                    outcome = commit_at_last(w);
                }
                if (outcome == committed) ++winners;
            });
            p.expect(winners == 1, "one winner", std::to_string(winners));
        }
        auto all = p.store().entries("acme", {.limit = 1'000'000});
        if (!p.answered(all, "entries")) return;
        p.expect(all->entries.size() == rounds, "one entry for each request",
                 std::to_string(all->entries.size()));
    });
    suite.check("race: wallets do not disturb each other", [=](auto p) {
        auto w = p.writer();
        std::vector<decltype(w)> writers;
        for (std::size_t i = 0; i < threads; ++i) {
            writers.push_back(p.writer("wallet " + std::to_string(i)));
        }
        std::atomic<std::size_t> refused{0};
        run_together(threads, [&](std::size_t i) {
            for (std::size_t n = 0; n < rounds; ++n) {
                writers[i].grant("request " + std::to_string(n));
                if (commit_at_last(writers[i]) != committed) ++refused;
                writers[i].keep_as_committed();
            }
        });
        p.expect(refused == 0, "every commit to succeed",
                 std::to_string(refused) + " that did not");
        for (const auto& each : writers) p.same_wallet(each);
    });
    suite.check("race: an account is never ahead of its journal", [=](auto p) {
        std::atomic<bool> done{false};
        std::atomic<std::size_t> wrong{0};
        run_together(2, [&](std::size_t role) {
            auto w = p.writer();
            if (role == 0) {
                for (std::size_t n = 0; n < rounds * 4; ++n) {
                    w.grant();
                    w.grant();
                    commit_at_last(w);
                    w.keep_as_committed();
                }
                done = true;
            }
            while (!done) {
                if (!w.reload() || !w.now().last) continue;
                auto page = p.store().entries(w.id(), {.limit = 1, .newest_first = true});
                if (!page) continue;
                bool there = !page->entries.empty() && page->entries[0].id >= w.now().last;
                if (!there || w.now().last.value() % 2 != 0) ++wrong;
            }
        });
        p.expect(wrong == 0, "each account that was read to have all its entries",
                 std::to_string(wrong) + " that had not");
    });
}

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer
