// expect: deleted .*quantity
#include <coffer/amount/quantity.hpp>

using namespace coffer::literals;

#ifdef COFFER_FIXED
coffer::quantity amount = 2.5_units;
#else
coffer::quantity amount{2.5};
#endif
