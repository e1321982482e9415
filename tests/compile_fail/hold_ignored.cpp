// expect: nodiscard
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

// What a host gets as a warning.
#pragma GCC diagnostic error "-Wunused-result"

void use() {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    const coffer::credits one = coffer::credits::from_micros(1);
#ifdef COFFER_FIXED
    auto held = wallets["acme"].hold({.amount = one});
    (void)held;
#else
    wallets["acme"].hold({.amount = one});
#endif
}
