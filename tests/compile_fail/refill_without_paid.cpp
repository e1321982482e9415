// expect: coffer: the bucket's 'refill' is no refill policy: it needs 'timespan cadence
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    coffer::timespan cadence() const { return coffer::days{1}; }
    coffer::credits allowance(const coffer::period&) const { return {}; }
    coffer::money paid() const { return {}; }
#else
    coffer::timespan cadence() const { return coffer::days{1}; }
    coffer::credits allowance(const coffer::period&) const { return {}; }
#endif
};

struct pro {
    coffer::cost_table cost{};
    struct {
        mine refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
