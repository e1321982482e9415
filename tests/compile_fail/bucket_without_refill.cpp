// expect: coffer: this bucket has no member 'refill'
#include <coffer/plan/plan.hpp>

struct pro {
    coffer::cost_table cost{};
    struct {
#ifdef COFFER_FIXED
        coffer::refill::none refill{};
#endif
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
