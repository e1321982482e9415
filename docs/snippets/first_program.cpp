// [first_program]
#include <coffer/coffer.hpp>
#include <coffer/format.hpp>  // prints all that coffer answers with {fmt}

#include <fmt/core.h>

using namespace coffer::literals;  // 5_cr, 0.25_cr_each, 3_units

int main() {
    coffer::cost_table prices{{"image", coffer::cost::flat{4_cr}}};
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{.cost = prices}, store};

    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr, .request = "order-1"}).or_throw();

    auto receipt = acme.charge({.action = "image", .request = "image-1"});
    if (!receipt) return 1;
    fmt::print("{} credits, {} left\n", receipt->cost, receipt->after.available);
}
// [/first_program]
