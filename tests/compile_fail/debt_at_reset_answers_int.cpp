// expect: coffer: the plan's 'debt_at_reset' is no such policy: it needs 'bool
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    bool drops() const { return true; }
#else
    int drops() const { return 1; }
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
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    mine debt_at_reset{};
};
static_assert(coffer::check_plan<pro>());
