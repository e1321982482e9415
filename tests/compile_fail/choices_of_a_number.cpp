// expect: coffer: the plan's 'choices' are no 'coffer::choices'
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
    coffer::choices choices{.alerts = 3};
#else
    int choices = 3;
#endif
};
static_assert(coffer::check_plan<pro>());
