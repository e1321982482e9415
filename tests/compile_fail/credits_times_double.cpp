// expect: deleted
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
auto tenth = scale(2_cr, 1, 10, coffer::rounding::down);
#else
auto tenth = 2_cr * 0.1;
#endif
