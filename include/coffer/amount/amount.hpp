/// All amounts: credits, rates, quantities, money, and the exact sum of a price. Light: it needs
/// neither clocks nor formatting. `format.hpp` prints them.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/factor.hpp>
#include <coffer/amount/money.hpp>
#include <coffer/amount/price_sum.hpp>
#include <coffer/amount/quantity.hpp>
#include <coffer/amount/rate.hpp>
#include <coffer/amount/rounding.hpp>
