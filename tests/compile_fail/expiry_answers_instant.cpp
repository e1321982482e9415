// expect: coffer: the bucket's 'expiry' is no expiry policy: it needs 'result<lifetime> life
#include <coffer/plan/plan.hpp>

struct mine {
#ifdef COFFER_FIXED
    coffer::result<coffer::lifetime> life(const coffer::lot_birth&) const {
        return coffer::lifetime::unlimited();
    }
#else
    coffer::instant life(const coffer::lot_birth&) const { return coffer::never; }
#endif
};

struct pro {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        mine expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &pro::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<pro>());
