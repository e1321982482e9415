// expect: (could not convert|cannot convert|no viable conversion|conversion from)
#include <coffer/policy/refund.hpp>

#ifdef COFFER_FIXED
coffer::timespan fortnight = coffer::days{14};
#else
coffer::timespan fortnight = 14;
#endif
