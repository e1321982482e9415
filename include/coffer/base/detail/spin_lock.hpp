/// A lock for a few hundred nanoseconds of work: it spins, then yields, and never parks its thread.
#pragma once

#include <atomic>
#include <thread>

namespace coffer {
inline namespace v0 {
namespace detail {

class spin_lock {
public:
    void lock() noexcept {
        if (taken_.exchange(true, std::memory_order_acquire)) wait();
    }
    void unlock() noexcept { taken_.store(false, std::memory_order_release); }

private:
    void wait() noexcept {
        constexpr int spins_before_yield = 4'000;
        int spins = 0;
        do {
            while (taken_.load(std::memory_order_relaxed)) {
                if (++spins > spins_before_yield) std::this_thread::yield();
            }
        } while (taken_.exchange(true, std::memory_order_acquire));
    }

    std::atomic<bool> taken_{false};
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
