// expect: coffer: the bucket's 'refund' is no refund policy: it needs 'result<money> worth
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    coffer::result<coffer::money> worth(const coffer::purchase& p) const { return p.paid; }
#else
    coffer::result<coffer::credits> worth(const coffer::purchase& p) const { return p.unspent; }
#endif
};

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        mine refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
