// expect: coffer: 'only' names 1 to 16 actions
#include <coffer/plan/plan.hpp>

#ifdef COFFER_FIXED
coffer::only actions{"chat"};
#else
coffer::only actions{};
#endif
