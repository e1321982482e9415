// expect: deleted .*credits
#include <coffer/amount/credits.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
coffer::credits amount = 1.5_cr;
#else
coffer::credits amount{1.5};
#endif
