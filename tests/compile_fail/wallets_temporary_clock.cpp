// expect: deleted
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

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
