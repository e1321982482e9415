// expect: nodiscard
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

// What a host gets as a warning.
#pragma GCC diagnostic error "-Wunused-result"

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
#ifdef COFFER_FIXED
    auto spent = wallets["acme"].charge({.action = "post"});
    (void)spent;
#else
    wallets["acme"].charge({.action = "post"});
#endif
}
