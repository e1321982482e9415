// expect: deleted
#include <coffer/plans.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
#ifdef COFFER_FIXED
    coffer::manual_clock clock;
    coffer::wallets wallets{plan{}, store, clock};
#else
    coffer::wallets wallets{plan{}, store, coffer::manual_clock{}};
#endif
}
