/// Refill policies answer: how often does a bucket get its allowance, and how much?
///
/// When to use which: `refill::none` for what is bought or given; `refill::monthly` for
/// subscriptions; `refill::every` for any other length.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/time/instant.hpp>

#include <concepts>

namespace coffer {
inline namespace v0 {

/// Answers when periods begin and what each brings. Contract: an allowance is not negative; a
/// cadence of zero means never.
template <class P>
concept refill_policy = requires(const P& policy, const period& begun) {
    { policy.cadence() } -> std::same_as<timespan>;
    { policy.allowance(begun) } -> std::same_as<credits>;
    { policy.paid() } -> std::same_as<money>;
};

namespace refill {

/// Never refills.
struct none {
    constexpr timespan cadence() const noexcept { return {}; }
    constexpr credits allowance(const period&) const noexcept { return {}; }
    constexpr money paid() const noexcept { return {}; }
};

/// Refills at a fixed distance from the anchor. Days, months and years are calendar units.
struct every {
    timespan length{};
    credits amount{};
    money price{};  ///< What a period costs, if it is to be refundable.

    constexpr timespan cadence() const noexcept { return length; }
    constexpr credits allowance(const period&) const noexcept { return amount; }
    constexpr money paid() const noexcept { return price; }
};

/// Refills on the anchor's day of each month, at its local time of day.
struct monthly {
    credits amount{};
    money price{};  ///< What a month costs, if it is to be refundable.

    constexpr timespan cadence() const noexcept { return months{1}; }
    constexpr credits allowance(const period&) const noexcept { return amount; }
    constexpr money paid() const noexcept { return price; }
};

}  // namespace refill
}  // namespace v0
}  // namespace coffer
