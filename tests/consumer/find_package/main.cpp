#include <coffer/coffer.hpp>
#include <coffer/format.hpp>

#include <fmt/core.h>

// A little of everything that the package has to bring along: a wallet, zones and fmt.
int main() {
    using namespace coffer::literals;
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    auto granted = acme.grant({.bucket = "package", .amount = 12.5_cr});
    fmt::print("{} credits in {}\n", granted->after.available, coffer::zone::utc().name());
    return granted->after.available == 12.5_cr ? 0 : 1;
}
