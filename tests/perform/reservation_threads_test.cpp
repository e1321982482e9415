#include "support/wallet_fixture.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace coffer_test;

namespace {

/// Runs `work(i)` on that many threads, which begin together.
template <class Work>
void at_once(int threads, Work&& work) {
    std::atomic<int> ready{0};
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) {
        all.emplace_back([&, i] {
            ready.fetch_add(1);
            while (ready.load() < threads) std::this_thread::yield();
            work(i);
        });
    }
    for (std::thread& t : all) t.join();
}

constexpr int rounds = 50;
constexpr int callers = 6;
const coffer::hold_request once{.amount = 3_cr, .expires_in = 10min, .request = "h"};

}  // namespace

TEMPLATE_TEST_CASE("rule 21: of many callers with one request exactly one owns its hold", "",
                   lends_heads, gives_whole_pages) {
    const bool again = GENERATE(false, true);  // the hold was opened before, and ran out
    for (int round = 0; round < rounds; ++round) {
        lab<TestType> l;
        l.grant(10_cr);
        if (again) {
            (void)l.w.hold(once).or_throw().detach();
            l.clock.advance(10min);
        }
        std::atomic<int> owners{0};
        std::atomic<int> told_open{0};
        std::atomic<int> done{0};
        at_once(callers, [&](int) {
            auto hold = l.w.hold(once);
            if (hold) {
                ++owners;
                (void)hold->detach();
            } else if (hold == coffer::errc::hold_open) {
                ++told_open;
                if (auto other = l.w.resume("h")) ++done;  // and dropped
            }
        });
        CHECK(owners == 1);
        CHECK(told_open == callers - 1);
        CHECK(done == callers - 1);
        CHECK(l.balance().held == 3_cr);
        CHECK(l.entries().count(coffer::entry_kind::held) == (again ? 2u : 1u));
    }
}

TEMPLATE_TEST_CASE("rule 23: whoever works on a retried request, it is paid once", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < rounds; ++round) {
        lab<TestType> l;
        l.grant(10_cr);
        std::atomic<int> worked{0};
        std::atomic<int> answered{0};
        at_once(callers, [&](int i) {
            for (bool failing = i % 2 == 0;; failing = false) {
                auto hold = l.w.hold(once);
                if (hold == coffer::errc::hold_open) {
                    std::this_thread::yield();
                    continue;
                }
                if (hold == coffer::errc::hold_settled) {
                    if (l.w.receipt_of(hold.error().entry()).or_throw().cost == 2_cr) ++answered;
                    return;
                }
                if (!hold) return;
                if (failing) continue;  // the work throws: the hold is released
                ++worked;
                if (hold->settle({.amount = 2_cr})) ++answered;
                return;
            }
        });
        CHECK(worked == 1);
        CHECK(answered == callers);
        CHECK(l.available() == 8_cr);
        CHECK(l.balance().held == 0_cr);
    }
}
