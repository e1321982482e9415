// expect: coffer: the plan's 'order' is no spend order
#include <coffer/plan/plan.hpp>

struct mine {
    bool before(const coffer::burn_candidate& a, const coffer::burn_candidate& b) const {
        return a.what.id < b.what.id;
    }
#ifdef COFFER_FIXED
    std::uint64_t fingerprint() const { return 1; }
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
    mine order{};
};
static_assert(coffer::check_plan<pro>());
