// expect: coffer: a plan set has at least one plan
#include <coffer/plan/ready.hpp>
#include <coffer/plan/set.hpp>

#ifdef COFFER_FIXED
const coffer::plan_set plans{coffer::named{"pro", coffer::plans::prepaid<>{}}};
#else
const coffer::plan_set<> plans{};
#endif
