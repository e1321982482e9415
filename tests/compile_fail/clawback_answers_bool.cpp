// expect: coffer: the plan's 'clawback' is no claw-back policy: it needs 'shortfall
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    coffer::shortfall of_spent() const { return coffer::shortfall::owed; }
#else
    bool of_spent() const { return true; }
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
    mine clawback{};
};
static_assert(coffer::check_plan<pro>());
