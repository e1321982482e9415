// expect: (deleted|no match for|invalid operands)
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
bool same = 2_cr == 1_cr;
#else
bool same = 2_cr == 1;
#endif
