// expect: coffer: this plan has fewer members of its own
// shows: members<4>, [a-z0-9:]*known_parts<4>, [a-z0-9:]*own_members<1>
#include <coffer/plan/plan.hpp>

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
    static constexpr int own_members = 1;
#ifdef COFFER_FIXED
    int shade{};
#endif
};
static_assert(coffer::check_plan<pro>());
