// expect: deleted
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
#ifdef COFFER_FIXED
    coffer::wallets wallets{plan{}, store};
    auto acme = wallets["acme"];
#else
    auto acme = coffer::wallets<plan, coffer::memory_store>{plan{}, store}["acme"];
#endif
    (void)acme;
}
