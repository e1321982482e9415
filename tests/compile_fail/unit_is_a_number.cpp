// expect: coffer: the plan's 'unit' is no text
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
    const char* unit = "tokens";
#else
    int unit = 1;
#endif
};
static_assert(coffer::check_plan<pro>());
