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
        constexpr int spins_before_yield = 4'000;
        for (int spins = 0; taken_.exchange(true, std::memory_order_acquire);) {
            while (taken_.load(std::memory_order_relaxed)) {
                if (++spins > spins_before_yield) std::this_thread::yield();
            }
        }
    }
    void unlock() noexcept { taken_.store(false, std::memory_order_release); }

private:
    std::atomic<bool> taken_{false};
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
