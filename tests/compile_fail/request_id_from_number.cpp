// expect: coffer: a request id is text
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void charge(const coffer::charge_request&);

void use() {
#ifdef COFFER_FIXED
    charge({.amount = 1_cr, .request = "order-42"});
#else
    charge({.amount = 1_cr, .request = 42});
#endif
}
