// expect: coffer: the plan's 'overdraft' is no overdraft policy: it needs 'overdraft_terms terms
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    coffer::overdraft_terms terms() const { return {}; }
#else
    coffer::credits terms() const { return {}; }
#endif
};

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    mine overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
