// expect: deleted
#include <coffer/amount/amount.hpp>

#ifdef COFFER_FIXED
auto each = coffer::rate::from_picos(3);
#else
auto each = coffer::rate::from_picos(3.0f);
#endif
