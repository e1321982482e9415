// expect: coffer: this plan has no member 'cost'
#include <coffer/plan/plan.hpp>

struct pro {
#ifdef COFFER_FIXED
    coffer::cost_table cost{};
#endif
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
