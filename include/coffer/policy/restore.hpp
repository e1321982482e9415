/// Restore policies answer: a failed operation is refunded, but the lot that paid for it has ended.
/// Do its credits come back?
///
/// When to use which: `restore::forfeit` where an ended lot is gone; `restore::regrant` where the
/// customer must not lose by a failure that was not theirs.
#pragma once

#include <coffer/time/instant.hpp>

#include <concepts>

namespace coffer {
inline namespace v0 {

/// Answers for how long refunded credits of an ended lot are usable. Contract: not negative; zero
/// for not at all.
template <class P>
concept restore_policy = requires(const P& policy) {
    { policy.grace() } -> std::same_as<timespan>;
};

namespace restore {

/// They are lost, and journalled as breakage.
struct forfeit {
    constexpr timespan grace() const noexcept { return {}; }
};

/// They are granted anew for a while.
struct regrant {
    timespan length{};

    constexpr timespan grace() const noexcept { return length; }
};

}  // namespace restore
}  // namespace v0
}  // namespace coffer
