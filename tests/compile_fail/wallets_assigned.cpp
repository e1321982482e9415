// expect: deleted
#include <coffer/plans.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{plan{}, store}, others{plan{}, store};
#ifndef COFFER_FIXED
    others = wallets;
#endif
}
