// expect: coffer: this bucket has no member 'expiry'
#include <coffer/plan/plan.hpp>

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
#ifdef COFFER_FIXED
        coffer::expiry::never expiry{};
#endif
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
