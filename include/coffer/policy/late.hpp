/// How far an event may lie from the clock. An event that is told later than it happened counts at
/// its own time, but uses the credits of now.
#pragma once

#include <coffer/time/instant.hpp>

#include <chrono>

namespace coffer {
inline namespace v0 {

/// How far back and how far ahead of the clock a request's `.at` may lie. Months count by the
/// calendar of the plan's zone.
struct late_events {
    timespan back{};
    std::chrono::microseconds ahead{std::chrono::seconds{5}};
};

}  // namespace v0
}  // namespace coffer
