// Many threads under one observer.
#include "support/catch.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/perform/observer.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

using namespace coffer_test;

TEST_CASE("rule 46: of many threads' commits an observer sees each entry once") {
    lab<> l{monthly_plan(1'000_cr)};
    l.start();
    std::mutex lock;
    std::vector<std::uint32_t> seen;
    coffer::observing counting{[&](const coffer::committed& c) {
        const std::lock_guard guard{lock};
        for (const coffer::entry& e : c.entries) seen.push_back(e.id.value());
    }};
    l.wallets.observe(counting);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) (void)l.w.charge({.amount = 1_cr});
        });
    }
    for (std::thread& t : threads) t.join();
    std::sort(seen.begin(), seen.end());
    CHECK(seen.size() == 400);
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
    CHECK(seen.back() == l.stored().last.value());
}
