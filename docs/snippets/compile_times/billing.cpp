// [instance_definition]
#include "billing.hpp"

template class coffer::wallets<pro_plan, coffer::memory_store>;
// [/instance_definition]
