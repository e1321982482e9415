/// A pair of clocks that tests set, for a `watched_clock`.
#pragma once

#include <coffer/time/clock.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

namespace coffer_test {

/// What the world's clock tells and how long the machine has been up. Time passes for both; what
/// happens to the world's clock alone is a leap.
class two_clocks {
public:
    explicit two_clocks(coffer::instant start) : world_{start} {}

    void pass(std::chrono::microseconds time) {
        counted_.advance(time);
        world_.advance(time);
    }
    void leap(std::chrono::microseconds by) { world_.advance(by); }

    coffer::instant world() const { return world_.now(); }
    std::chrono::microseconds counted() const {
        ++readings_;
        return counted_.now().time_since_epoch();
    }
    /// How often the second clock was read.
    int readings() const { return readings_; }

private:
    coffer::manual_clock world_;
    coffer::manual_clock counted_{coffer::instant{std::chrono::hours{5}}};
    mutable std::atomic<int> readings_{0};
};

/// The pair as a clock owns it.
struct injected_pair {
    const two_clocks* clocks;
    coffer::instant world() const { return clocks->world(); }
    std::chrono::microseconds counted() const { return clocks->counted(); }
};

using injected_clock = coffer::watched_clock<injected_pair>;

}  // namespace coffer_test
