// expect: deleted
#include <coffer/policy/expiry.hpp>

#ifdef COFFER_FIXED
coffer::expiry::after year{coffer::months{12}};
#else
coffer::expiry::after year{std::chrono::months{12}};
#endif
