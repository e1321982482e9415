/// Cost policies answer one question: what does this usage cost?
///
/// When to use which: `cost::free` for what costs nothing but must be allowed; `cost::flat` for a
/// fixed price per call or piece; `cost::per_unit` for minutes, pages, seconds; `cost::between` for
/// an amount that the caller states; `cost::graduated`, `cost::volume` and `cost::package` for
/// prices that fall with the quantity; `cost::tokens` for language models; `cost::by_tag` for one
/// action at several prices; `cost_table` to price each action by one of them; `cost::shared`,
/// `cost::layered`, `cost::scaled`, `cost::live` and `cost::versions` for many price lists. A
/// host's own policy is a struct with one function, `result<price> price(const usage&) const`.
#pragma once

#include <coffer/policy/cost/by_tag.hpp>
#include <coffer/policy/cost/layers.hpp>
#include <coffer/policy/cost/live.hpp>
#include <coffer/policy/cost/price.hpp>
#include <coffer/policy/cost/scaled.hpp>
#include <coffer/policy/cost/simple.hpp>
#include <coffer/policy/cost/table.hpp>
#include <coffer/policy/cost/tiers.hpp>
#include <coffer/policy/cost/tokens.hpp>
