// expect: coffer: the plan's 'refusals' is no such policy: it needs 'bool stick()
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    bool stick() const { return true; }
#else
    bool stick() { return true; }
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
    mine refusals{};
};
static_assert(coffer::check_plan<pro>());
