/// How a wallet's subscription stands: its plan, what waits, what was added, and until when.
#pragma once

#include <coffer/ledger/account.hpp>
#include <coffer/ledger/subscription.hpp>

#include <optional>
#include <string>
#include <vector>

namespace coffer {
inline namespace v0 {

/// How a subscription stands.
struct subscription_view {
    subscription_status status = subscription_status::none;
    std::string plan{};                      ///< Empty for the default plan.
    std::optional<std::string> next_plan{};  ///< It waits for the end of the account's period.
    /// Buckets whose periods go by another plan to their end, or for good once that was kept.
    std::vector<bucket_course> courses{};
    std::vector<add_on> add_ons{};
    std::optional<instant> trial_until{};
    std::optional<instant> grace_until{};  ///< Past due: it is paused from then on.
};

namespace detail {

inline subscription_view view_of(const account& a) {
    const subscription_state& s = *a.rest->subscription;
    subscription_view view{.status = status_of(a),
                           .plan = std::string{a.rest->plan.view()},
                           .courses = s.courses,
                           .add_ons = s.add_ons};
    if (s.changes) view.next_plan = std::string{s.next.view()};
    if (s.on_trial()) view.trial_until = s.trial_until;
    if (s.grace_until != never) view.grace_until = s.grace_until;
    return view;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
