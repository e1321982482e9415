// expect: deleted
#include <coffer/amount/amount.hpp>

#ifdef COFFER_FIXED
auto price = coffer::money::from_minor(499, "USD");
#else
auto price = coffer::money::from_minor(4.99, "USD");
#endif
