// expect: coffer: the plan's 'limits' is no list of 'coffer::limit'
#include <coffer/plan/plan.hpp>

#include <string>
#include <vector>

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
    coffer::limits limits{{.member = "*", .amount = coffer::credits::from_micros(5)}};
#else
    std::vector<std::string> limits{"ann"};
#endif
};
static_assert(coffer::check_plan<pro>());
