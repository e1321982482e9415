// expect: coffer: the plan's 'access' is no access policy: it needs 'bool allows
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    bool allows(const coffer::access_question&) const { return true; }
#else
    bool allows(const coffer::access_question&) { return true; }
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
    mine access{};
};
static_assert(coffer::check_plan<pro>());
