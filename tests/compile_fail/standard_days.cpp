// expect: deleted
#include <coffer/policy/refund.hpp>

#ifdef COFFER_FIXED
coffer::refund::within fortnight{coffer::days{14}};
#else
coffer::refund::within fortnight{std::chrono::days{14}};
#endif
