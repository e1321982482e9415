// expect: coffer: these wallets have one plan; a 'plan_set' or a 'plan_book' has several
#include <coffer/plan/ready.hpp>
#include <coffer/plan/set.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

using pro = coffer::plans::prepaid<>;

bool assign(coffer::memory_store& store) {
#ifdef COFFER_FIXED
    coffer::wallets wallets{coffer::plan_set{coffer::named{"pro", pro{}}}, store};
#else
    coffer::wallets wallets{pro{}, store};
#endif
    return bool{wallets["acme"].assign({.plan = "pro"})};
}
