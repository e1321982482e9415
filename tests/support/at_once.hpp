/// Many threads that begin together.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace coffer_test {

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

}  // namespace coffer_test
