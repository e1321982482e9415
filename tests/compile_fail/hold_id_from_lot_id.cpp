// expect: (conversion from|could not convert|cannot convert|no viable conversion)
#include <coffer/base/id.hpp>

#ifdef COFFER_FIXED
coffer::hold_id hold = coffer::hold_id{3};
#else
coffer::hold_id hold = coffer::lot_id{3};
#endif
