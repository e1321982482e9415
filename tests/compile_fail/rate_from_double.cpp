// expect: deleted .*rate
#include <coffer/amount/rate.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
coffer::rate amount = 0.000003_cr_each;
#else
coffer::rate amount{0.000003};
#endif
