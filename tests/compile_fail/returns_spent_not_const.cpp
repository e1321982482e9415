// expect: coffer: the bucket's 'refund' cannot be asked what it has
#include <coffer/plan/plan.hpp>

struct mine {
    coffer::result<coffer::money> worth(const coffer::purchase& bought) const {
        return bought.paid;
    }
#ifdef COFFER_FIXED
    bool returns_spent() const { return true; }
#else
    bool returns_spent() { return true; }
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
