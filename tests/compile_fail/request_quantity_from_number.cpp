// expect: coffer: '.quantity' of a request is a quantity: write 3_units
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void charge(const coffer::charge_request&);

void use() {
#ifdef COFFER_FIXED
    charge({.action = "image", .quantity = 3_units});
#else
    charge({.action = "image", .quantity = 3});
#endif
}
