// expect: coffer: this plan has a member that is no part of a plan
// shows: members<5>, [a-z0-9:]*known_parts<4>, [a-z0-9:]*own_members<0>
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
#ifdef COFFER_FIXED
    coffer::clawback::negative clawback{};
#else
    coffer::clawback::negative claw_back{};
#endif
};
static_assert(coffer::check_plan<pro>());
