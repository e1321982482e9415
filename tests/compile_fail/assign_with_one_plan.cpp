// expect: coffer: these wallets have one plan; a 'plan_set' or a 'plan_book' has several
#include <coffer/plan_set.hpp>
#include <coffer/plans.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet.hpp>

using pro = coffer::plans::prepaid<>;

bool assign(coffer::memory_store& store) {
#ifdef COFFER_FIXED
    coffer::wallets wallets{coffer::plan_set{coffer::named{"pro", pro{}}}, store};
#else
    coffer::wallets wallets{pro{}, store};
#endif
    return bool{wallets["acme"].assign({.plan = "pro"})};
}
