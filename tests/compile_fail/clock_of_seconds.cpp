// expect: coffer: a clock needs 'instant now\(\) const'
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <utility>

using plan = coffer::plans::prepaid<>;

struct my_clock {
#ifdef COFFER_FIXED
    coffer::instant now() const { return {}; }
#else
    long now() const { return 0; }
#endif
};

void use() {
    coffer::memory_store store;
    my_clock clock;
    coffer::wallets<plan, coffer::memory_store, my_clock> wallets{plan{}, store, clock};
}
