// expect: (conversion from|could not convert|cannot convert|no viable conversion)
#include <coffer/base/id.hpp>

#ifdef COFFER_FIXED
coffer::lot_id lot{3};
#else
coffer::lot_id lot = 3;
#endif
