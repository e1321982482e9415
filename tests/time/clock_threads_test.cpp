#include "support/catch.hpp"
#include "support/clock_pair.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using coffer::errc;

namespace {

/// Calls `ask()` from several threads at once, until `work` has ended.
template <class Ask, class Work>
void beside(Ask ask, Work work) {
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&ask, &over] {
            while (!over.load()) ask();
        });
    }
    work();
    over = true;
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("rule 49: many threads may ask a clock while time passes, and it never disagrees") {
    coffer_test::two_clocks clocks{coffer::instant{500'000h}};
    const coffer_test::injected_clock clock{{.leap = 20s}, {&clocks}};
    std::atomic<int> wrong{0};
    beside(
        [&] {
            if (!clock.now()) ++wrong;
        },
        [&] {
            for (int i = 0; i < 20'000; ++i) clocks.pass(700ms);
        });
    CHECK(wrong == 0);
}

TEST_CASE("rule 49: no thread believes a clock after it leapt, and all do once it is accepted") {
    coffer_test::two_clocks clocks{coffer::instant{500'000h}};
    coffer_test::injected_clock clock{{}, {&clocks}};
    const coffer::instant limit = clocks.world() + 24h * 300;
    std::atomic<int> wrong{0};
    const auto ask = [&] {
        const auto now = clock.now();
        if (now ? *now >= limit : now.error().code() != errc::clock_disagrees) ++wrong;
    };
    beside(ask, [&] {
        for (int i = 0; i < 2'000; ++i) {
            clocks.pass(700ms);
            clocks.leap(24h * 730);
            std::this_thread::yield();
            clocks.leap(-24h * 730);
        }
    });
    CHECK(wrong == 0);

    clocks.leap(24h * 730);
    clock.accept();
    beside(
        [&] {
            if (!clock.now()) ++wrong;
        },
        [&] {
            for (int i = 0; i < 2'000; ++i) clocks.pass(700ms);
        });
    CHECK(wrong == 0);
}
