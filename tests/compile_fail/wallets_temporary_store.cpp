// expect: deleted
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
#ifdef COFFER_FIXED
    coffer::memory_store store;
    coffer::wallets wallets{plan{}, store};
#else
    coffer::wallets<plan, coffer::memory_store> wallets{plan{}, coffer::memory_store{}};
#endif
}
