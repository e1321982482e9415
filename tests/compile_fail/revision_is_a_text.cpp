// expect: coffer: the plan's 'revision' is no whole number
#include <coffer/plan/plan.hpp>

#include <string_view>

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
    int revision = 2;
#else
    std::string_view revision = "2";
#endif
};
static_assert(coffer::check_plan<pro>());
