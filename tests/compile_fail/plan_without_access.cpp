// expect: coffer: this plan has no member 'access'
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
#ifdef COFFER_FIXED
    coffer::access::anyone access{};
#endif
};
static_assert(coffer::check_plan<pro>());
