/// Where the time comes from: the only header that reads a clock.
#pragma once

#include <coffer/time/instant.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// Answers what time it is. It may stand still or go backwards; the wallet copes.
template <class C>
concept clock_policy = requires(const C& clock) {
    { clock.now() } -> std::same_as<instant>;
};

/// The system's clock, in UTC.
struct system_clock {
    instant now() const noexcept {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
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

    virtual instant now() const = 0;

protected:
    clock_port() = default;
    ~clock_port() = default;
};

template <class Clock>
class clock_of final : public clock_port {
public:
    explicit clock_of(const Clock& clock) noexcept : clock_{clock} {}

    instant now() const override { return clock_.now(); }

private:
    const Clock& clock_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
