// expect: coffer: credits are written in decimal with at most six decimals
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
auto amount = 0.000001_cr;
#else
auto amount = 0.0000001_cr;
#endif
