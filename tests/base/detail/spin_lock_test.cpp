#include "support/at_once.hpp"
#include "support/catch.hpp"

#include <coffer/base/detail/spin_lock.hpp>

#include <mutex>
#include <thread>

TEST_CASE("a spin lock lets one thread in at a time, and the next see what it did") {
    constexpr int threads = 4;
    constexpr int rounds = 20'000;
    coffer::detail::spin_lock lock;
    long count = 0;  // not atomic: two threads at once would lose some
    coffer_test::at_once(threads, [&](int) {
        for (int i = 0; i < rounds; ++i) {
            const std::lock_guard guard{lock};
            ++count;
        }
    });
    CHECK(count == long{threads} * rounds);
}

TEST_CASE("who waits long for a spin lock gets it once it is free") {
    coffer::detail::spin_lock lock;
    bool written = false;
    bool seen = false;
    lock.lock();
    std::thread other{[&] {
        const std::lock_guard guard{lock};
        seen = written;
    }};
    for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
    written = true;
    lock.unlock();
    other.join();
    CHECK(seen);
}
