// expect: coffer: '.amount', '.at_most' and '.tolerance' of a request are credits
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void charge(const coffer::charge_request&);

void use() {
#ifdef COFFER_FIXED
    charge({.amount = 0.5_cr});
#else
    charge({.amount = 0.5});
#endif
}
