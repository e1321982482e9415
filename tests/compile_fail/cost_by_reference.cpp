// expect: coffer: the plan's 'cost' is no cost policy: it needs 'result<price> price
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    coffer::result<coffer::price> price(const coffer::usage&) const { return coffer::price{}; }
#else
    coffer::result<coffer::price> price(coffer::usage&) const { return coffer::price{}; }
#endif
};

struct pro {
    mine cost{};
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
