// [instance]
#pragma once

#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

using pro_plan = coffer::plans::prepaid<>;
using pro_wallets = coffer::wallets<pro_plan, coffer::memory_store>;

#ifndef BILLING_IN_EACH_FILE
extern template class coffer::wallets<pro_plan, coffer::memory_store>;  // compiled in billing.cpp
#endif
// [/instance]
