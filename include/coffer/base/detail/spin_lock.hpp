/// A lock for a few hundred nanoseconds of work: it spins, then yields, and never parks its thread.
#pragma once

#include <atomic>
#if __has_include(<sched.h>)
#include <sched.h>  // far lighter to compile than <thread>
#else
#include <thread>
#endif

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
                if (++spins > spins_before_yield) yield();
            }
        } while (taken_.exchange(true, std::memory_order_acquire));
    }

    static void yield() noexcept {
#if __has_include(<sched.h>)
        ::sched_yield();
#else
        std::this_thread::yield();
#endif
    }

    std::atomic<bool> taken_{false};
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
