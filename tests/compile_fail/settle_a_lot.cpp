// expect: (no matching function|cannot convert|could not convert|no viable conversion)
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{plan{}, store};
#ifdef COFFER_FIXED
    const coffer::hold_id id{3};
#else
    const coffer::lot_id id{3};
#endif
    (void)wallets["acme"].settle(id);
}
