// expect: coffer: these credits do not fit 64 bits
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
auto amount = 9223372036854_cr;
#else
auto amount = 9223372036855_cr;
#endif
