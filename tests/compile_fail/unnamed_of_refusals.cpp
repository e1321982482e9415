// expect: coffer: the plan's 'unnamed' is no such policy: it needs 'bool refuses()
#include <coffer/plan/plan.hpp>

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
#ifdef COFFER_FIXED
    coffer::unnamed::refuse unnamed{};
#else
    coffer::refusals::sticky unnamed{};
#endif
};
static_assert(coffer::check_plan<pro>());
