/// Where the time comes from: the only header that reads a clock.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/leap.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <ctime>
#include <utility>

namespace coffer {
inline namespace v0 {

/// Answers what time it is. It may stand still or go backwards; the wallet copes.
///
/// One that answers `instant` is always believed. One that answers `result<instant>` may know that
/// it is wrong: then no operation goes ahead.
template <class C>
concept clock_policy = requires(const C& clock) {
    { clock.now() } -> std::same_as<instant>;
}
|| requires(const C& clock) {
    { clock.now() } -> std::same_as<result<instant>>;
};

/// What a `watched_clock` reads: the time of the world, and a clock that nobody can set.
template <class P>
concept clock_pair = requires(const P& pair) {
    { pair.world() } -> std::same_as<instant>;
    { pair.counted() } -> std::same_as<std::chrono::microseconds>;
};

/// How far a watched clock is believed.
struct clock_bounds {
    /// What it may gain at once on the clock that nobody can set.
    std::chrono::microseconds leap = std::chrono::hours{1};
    /// How far it may lie beyond the latest hour that a store recorded.
    std::chrono::microseconds pause = believable_pause;
};

/// A clock that notices when it leaps ahead, by a second clock that cannot.
///
/// Errors: `clock_disagrees` from a leap until the two agree again or `accept` is called.
/// Complexity: `now` reads one clock, and the second one at most once a second.
template <class Pair>
class watched_clock {
    static_assert(clock_pair<Pair>,
                  "coffer: a pair of clocks needs 'instant world() const' and "
                  "'std::chrono::microseconds counted() const'");

public:
    explicit watched_clock(const clock_bounds& bounds = {}, Pair pair = {})
        : pair_{std::move(pair)}, pause_{bounds.pause}, rule_{read(pair_.world()), bounds.leap} {}

    result<instant> now() const {
        const instant world = pair_.world();
        if (rule_.is_close_to_last(world) || rule_.believes(read(world))) return world;
        return errc::clock_disagrees;
    }

    /// Believes the clock as it is now, however far it leapt.
    void accept() {
        rule_.accept(read(pair_.world()));
        accepted_.store(true);
    }

    /// Whether an instant is believed as the first after the latest that a store recorded.
    bool believes_after(instant latest_recorded, instant now) const noexcept {
        return accepted_.load() || is_believable(latest_recorded, now, pause_);
    }

private:
    leap_rule::reading read(instant world) const { return {world, pair_.counted()}; }

    Pair pair_;
    std::chrono::microseconds pause_;
    mutable leap_rule rule_;
    std::atomic<bool> accepted_{false};
};

/// The system's clock in UTC, and the time since it was booted, which goes on in suspend.
///
/// Where there is no CLOCK_BOOTTIME, which is Linux's, the second is the standard's steady clock:
/// where that stands still in suspend, waking up after more than the bound is a leap.
struct system_clocks {
    instant world() const noexcept {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
    }
    std::chrono::microseconds counted() const noexcept {
        using std::chrono::microseconds;
#if defined(CLOCK_BOOTTIME)
        std::timespec since_boot{};
        if (clock_gettime(CLOCK_BOOTTIME, &since_boot) == 0) {
            return std::chrono::seconds{since_boot.tv_sec} +
                   microseconds{since_boot.tv_nsec / 1'000};
        }
#endif
        return std::chrono::duration_cast<microseconds>(
            std::chrono::steady_clock::now().time_since_epoch());
    }
};

/// The system's clock, in UTC. It notices when it leaps ahead.
class system_clock : public watched_clock<system_clocks> {
public:
    using watched_clock::watched_clock;

    /// The one of the program: that of all `wallets` that are given no clock.
    static system_clock& shared() {
        static system_clock clock;
        return clock;
    }
};

/// A clock that the host sets: for tests, simulations and imports. Threads may share it.
class manual_clock {
public:
    explicit manual_clock(instant start = instant{}) noexcept
        : ticks_{start.time_since_epoch().count()} {}

    instant now() const noexcept {
        return instant{std::chrono::microseconds{ticks_.load(std::memory_order_relaxed)}};
    }
    void set(instant t) noexcept {
        ticks_.store(t.time_since_epoch().count(), std::memory_order_relaxed);
    }
    void advance(std::chrono::microseconds by) noexcept {
        ticks_.fetch_add(by.count(), std::memory_order_relaxed);
    }

private:
    std::atomic<std::int64_t> ticks_;
};

namespace detail {

/// A clock behind one interface, so that what a wallet does is compiled once for all clocks.
class clock_port {
public:
    clock_port(const clock_port&) = delete;
    clock_port& operator=(const clock_port&) = delete;

    virtual result<instant> now() const = 0;
    /// Whether `now` is believed as the first instant after the latest that a store recorded.
    virtual bool believes_after(instant latest_recorded, instant now) const noexcept = 0;
    /// Whether that is ever not so.
    virtual bool is_watched() const noexcept = 0;

protected:
    clock_port() = default;
    ~clock_port() = default;
};

template <class Clock>
class clock_of final : public clock_port {
public:
    explicit clock_of(const Clock& clock) noexcept : clock_{clock} {}

    result<instant> now() const override { return clock_.now(); }
    bool believes_after([[maybe_unused]] instant latest_recorded,
                        [[maybe_unused]] instant now) const noexcept override {
        if constexpr (watched) {
            return clock_.believes_after(latest_recorded, now);
        } else {
            return true;
        }
    }
    bool is_watched() const noexcept override { return watched; }

private:
    static constexpr bool watched = requires(const Clock& c, instant t) {
        { c.believes_after(t, t) } -> std::same_as<bool>;
    };

    const Clock& clock_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
