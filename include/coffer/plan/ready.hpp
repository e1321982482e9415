/// Two whole plans for the common cases, every part in sight. A plan that differs in one part is
/// best written out: copy the one that is nearest.
#pragma once

#include <coffer/plan/plan.hpp>

namespace coffer {
inline namespace v0 {
namespace plans {

/// Buy first, use later: one bucket of credits that never expire; no refill, no debt. Purchases are
/// refundable for 14 days, for what is unspent.
template <class Cost = cost_table>
struct prepaid {
    Cost cost{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::within refund{.window = days{14}};
    } package{};

    static constexpr auto buckets = in_order(bucket{"package", &prepaid::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

/// A monthly allowance that is used or lost, then bought packages that last. Nothing is refundable,
/// nothing can be owed.
template <class Cost = cost_table>
struct subscription {
    Cost cost{};

    struct {
        coffer::refill::monthly refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets = in_order(bucket{"allowance", &subscription::allowance},
                                             bucket{"package", &subscription::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

}  // namespace plans
}  // namespace v0
}  // namespace coffer
