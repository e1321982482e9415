/// All of coffer's core in one include: amounts, time, policies, plans, the ledger, wallets and the
/// memory store. Formatters (`format.hpp`), file formats (`io/`) and other stores are included by
/// themselves.
#pragma once

#include <coffer/account.hpp>
#include <coffer/amount.hpp>
#include <coffer/clock.hpp>
#include <coffer/entry.hpp>
#include <coffer/error.hpp>
#include <coffer/fwd.hpp>
#include <coffer/hold.hpp>
#include <coffer/id.hpp>
#include <coffer/ledger.hpp>
#include <coffer/lot.hpp>
#include <coffer/plan.hpp>
#include <coffer/plans.hpp>
#include <coffer/policy/access.hpp>
#include <coffer/policy/cost.hpp>
#include <coffer/policy/expiry.hpp>
#include <coffer/policy/late.hpp>
#include <coffer/policy/overdraft.hpp>
#include <coffer/policy/refill.hpp>
#include <coffer/policy/refund.hpp>
#include <coffer/policy/restore.hpp>
#include <coffer/policy/rollover.hpp>
#include <coffer/policy/spend_order.hpp>
#include <coffer/result.hpp>
#include <coffer/schedule.hpp>
#include <coffer/store.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/time.hpp>
#include <coffer/usage.hpp>
#include <coffer/version.hpp>
#include <coffer/wallet.hpp>
#include <coffer/zone.hpp>
