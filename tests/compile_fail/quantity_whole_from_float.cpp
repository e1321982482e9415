// expect: deleted
#include <coffer/amount/amount.hpp>

#ifdef COFFER_FIXED
auto units = coffer::quantity::whole(3);
#else
auto units = coffer::quantity::whole(3.0f);
#endif
