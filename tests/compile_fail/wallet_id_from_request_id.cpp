// expect: (conversion from|could not convert|cannot convert|no viable conversion)
#include <coffer/base/id.hpp>

#ifdef COFFER_FIXED
coffer::wallet_id wallet = "acme";
#else
coffer::wallet_id wallet = coffer::request_id{"acme"};
#endif
