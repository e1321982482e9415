// expect: (deleted|no match for|invalid operands)
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
auto sum = 2_cr + 1_cr;
#else
auto sum = 2_cr + 1_units;
#endif
