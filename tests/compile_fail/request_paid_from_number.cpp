// expect: coffer: '.paid', '.price' and '.money' of a request are money
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void grant(const coffer::grant_request&);

void use() {
#ifdef COFFER_FIXED
    grant({.amount = 100_cr, .paid = coffer::money::from_minor(900, "EUR")});
#else
    grant({.amount = 100_cr, .paid = 9});
#endif
}
