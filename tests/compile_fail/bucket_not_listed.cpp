// expect: coffer: this plan has a member that is no part of a plan
// shows: members<5>, [a-z0-9:]*known_parts<4>, [a-z0-9:]*own_members<0>
#include <coffer/plan/plan.hpp>

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    struct {
        coffer::refill::monthly refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};
#ifdef COFFER_FIXED
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"allowance", &pro::allowance},
                                                     coffer::bucket{"package", &pro::package});
#else
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
#endif
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
