// expect: coffer: the plan's 'late' is no 'late_events'
#include <coffer/plan/plan.hpp>

#include <chrono>

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
    coffer::late_events late{.back = std::chrono::hours{1}};
#else
    std::chrono::hours late{1};
#endif
};
static_assert(coffer::check_plan<pro>());
