// expect: deleted
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{plan{}, store}, others{plan{}, store};
#ifndef COFFER_FIXED
    others = wallets;
#endif
}
