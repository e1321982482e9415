// expect: (deleted .*credits|credits.*deleted)
#include <coffer/amount/amount.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
coffer::credits amount = 3_cr;
#else
coffer::credits amount = 3;
#endif
