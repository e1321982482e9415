// expect: coffer: each bucket needs a name of its own, of 1 to 63 bytes
#include <coffer/plan/plan.hpp>

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{}, bonus{};
#ifdef COFFER_FIXED
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package},
                                                     coffer::bucket{"bonus", &pro::bonus});
#else
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package},
                                                     coffer::bucket{"package", &pro::bonus});
#endif
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
