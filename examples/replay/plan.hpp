/// The plan that replay sells: what a pricing page would say.
#pragma once

#include <coffer/plan/plan.hpp>

// clang-format off
/// A monthly allowance that is used or lost, then a package that lasts.
struct assistant_plan {
    coffer::cost_table cost;                                    // "chat" by the token

    struct {                                                    // burned first
        coffer::refill::monthly       refill{};
        coffer::rollover::none        rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none          refund{};
    } allowance{};

    struct {                                                    // burned last
        coffer::refill::none          refill{};
        coffer::rollover::all         rollover{};
        coffer::expiry::never         expiry{};
        coffer::refund::none          refund{};
    } package{};

    static constexpr auto buckets = coffer::in_order(
        coffer::bucket{"allowance", &assistant_plan::allowance},
        coffer::bucket{"package", &assistant_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone  access{};
};
static_assert(coffer::check_plan<assistant_plan>());
// clang-format on
