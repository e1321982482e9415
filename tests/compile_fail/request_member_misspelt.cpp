// expect: 'amout'
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;

void charge(const coffer::charge_request&);

// A call alone has g++ say "cannot convert", and no name; so write the type before the brace.
void use() {
#ifdef COFFER_FIXED
    charge(coffer::charge_request{.amount = 1_cr});
#else
    charge(coffer::charge_request{.amout = 1_cr});
#endif
}
