// expect: coffer: the plan's 'catalogue' is no 'coffer::catalogue'
#include <coffer/plan/plan.hpp>

#include <string>
#include <vector>

using namespace coffer::literals;

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
    coffer::catalogue catalogue{
        {.offer = "standard", .credits = 5_cr, .price = eur("1.00"), .into = "package"}};
#else
    std::vector<std::string> catalogue{"standard"};
#endif
};
static_assert(coffer::check_plan<pro>());
