// expect: coffer: '.expires_in' of a request is a duration
#include <coffer/perform/requests.hpp>

using namespace coffer::literals;
using namespace std::chrono_literals;

void hold(const coffer::hold_request&);

void use() {
#ifdef COFFER_FIXED
    hold({.at_most = 5_cr, .expires_in = 600s});
#else
    hold({.at_most = 5_cr, .expires_in = 600});
#endif
}
