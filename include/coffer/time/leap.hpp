/// When a clock is not believed: it leapt ahead of another one, or it lies far beyond what a store
/// recorded. `clock.hpp` includes it; a host includes it to watch a pair of clocks of its own.
///
/// Time that leaps ahead does harm that nothing undoes: what was bought expires, and a wallet's
/// time never goes back. Time that leaps back does none.
#pragma once

#include <coffer/time/instant.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The difference, or the nearest that fits.
constexpr std::int64_t nearest_difference(std::int64_t left, std::int64_t right) noexcept {
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(left, right, &difference)) return difference;
    return right < 0 ? std::numeric_limits<std::int64_t>::max()
                     : std::numeric_limits<std::int64_t>::min();
}

}  // namespace detail

/// Whether a clock that tells the time of the world is believed, beside one that only counts on and
/// cannot be set.
///
/// The first may gain up to a bound on the second, and as much again each day: that is what slewing
/// and small corrections need. More is a leap. Threads may share it; it has no lock.
class leap_rule {
public:
    /// Both clocks at about the same time, the world's read first.
    struct reading {
        instant world;
        std::chrono::microseconds counted;
    };

    /// The first reading is believed. A bound of less than a second counts as one.
    leap_rule(const reading& first, std::chrono::microseconds bound) noexcept
        : bound_{std::max<std::int64_t>(bound.count(), one_second)} {
        accept(first);
    }

    /// Whether that is so shortly after an instant which was believed that the other clock need not
    /// be read. A leap is therefore noticed by the first who asks after it.
    bool is_close_to_last(instant world) const noexcept {
        const std::int64_t last = last_.load(std::memory_order_relaxed);
        const std::int64_t now = world.time_since_epoch().count();
        return last <= now && detail::nearest_difference(now, last) < one_second;
    }

    bool believes(const reading& now) noexcept {
        const std::int64_t world = now.world.time_since_epoch().count();
        std::int64_t lead = lead_.load(std::memory_order_relaxed);
        const std::int64_t gained = detail::nearest_difference(lead_of(now), lead);
        if (gained > bound_) return false;
        std::int64_t since = counted_.load(std::memory_order_relaxed);
        const std::int64_t counted = now.counted.count();
        // One thread alone lets the lead follow for a stretch of time.
        if (since < counted && counted_.compare_exchange_strong(since, counted) && gained > 0) {
            const std::int64_t allowed =
                detail::nearest_difference(counted, since) / std::max(one_day / bound_, one);
            lead_.compare_exchange_strong(lead, lead + std::min(gained, allowed));
        }
        last_.store(world, std::memory_order_relaxed);
        return true;
    }

    /// Believes the clocks as they are now.
    void accept(const reading& now) noexcept {
        counted_.store(now.counted.count());
        lead_.store(lead_of(now));
        last_.store(now.world.time_since_epoch().count());
    }

private:
    static constexpr std::int64_t one = 1;
    static constexpr std::int64_t one_second = 1'000'000;
    static constexpr std::int64_t one_day = 86'400 * one_second;

    static std::int64_t lead_of(const reading& r) noexcept {
        return detail::nearest_difference(r.world.time_since_epoch().count(), r.counted.count());
    }

    const std::int64_t bound_;
    std::atomic<std::int64_t> last_{};     ///< The world's time when it was believed last.
    std::atomic<std::int64_t> lead_{};     ///< How far the world's may be ahead of the other.
    std::atomic<std::int64_t> counted_{};  ///< Until when the lead has followed.
};

/// How far beyond the latest hour that a store recorded a clock is believed, unless a host says
/// otherwise; `std::chrono::microseconds::max()` is any distance.
inline constexpr std::chrono::microseconds believable_pause = std::chrono::hours{400 * 24};

/// Whether `now` lies no further than `bound` beyond the latest instant that a store recorded.
constexpr bool is_believable(instant latest_recorded, instant now,
                             std::chrono::microseconds bound = believable_pause) noexcept {
    return detail::nearest_difference(now.time_since_epoch().count(),
                                      latest_recorded.time_since_epoch().count()) <= bound.count();
}

}  // namespace v0
}  // namespace coffer
