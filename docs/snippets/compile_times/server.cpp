// [instance_user]
#include "billing.hpp"

using namespace coffer::literals;

int main() {
    coffer::memory_store store;
    pro_wallets wallets{{.cost = {{"image", coffer::cost::flat{4_cr}}}}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr, .request = "order-1"}).or_throw();
    return acme.charge({.action = "image", .request = "image-1"}) ? 0 : 1;
}
// [/instance_user]
