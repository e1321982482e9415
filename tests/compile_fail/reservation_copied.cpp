// expect: deleted
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{plan{}, store};
    auto hold = wallets["acme"].hold({.amount = coffer::credits::from_micros(1)});
#ifdef COFFER_FIXED
    auto other = std::move(*hold);
#else
    auto other = *hold;
#endif
    (void)other.id();
}
