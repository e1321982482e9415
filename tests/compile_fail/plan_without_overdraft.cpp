// expect: coffer: this plan has no member 'overdraft'
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
#ifdef COFFER_FIXED
    coffer::overdraft::deny overdraft{};
#endif
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
