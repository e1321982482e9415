// expect: (no match for|invalid operands)
#include <coffer/base/id.hpp>

#ifdef COFFER_FIXED
bool same = coffer::hold_id{3} == coffer::hold_id{3};
#else
bool same = coffer::hold_id{3} == coffer::lot_id{3};
#endif
