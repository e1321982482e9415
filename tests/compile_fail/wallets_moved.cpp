// expect: deleted
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{plan{}, store};
#ifdef COFFER_FIXED
    auto& same = wallets;
#else
    auto same = std::move(wallets);
#endif
    (void)same;
}
