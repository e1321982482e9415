/// A pack that can be disputed, and the words of a dispute. Include it where a test disputes.
#pragma once

#include "support/wallet_fixture.hpp"

#include <optional>

namespace coffer_test {

using coffer::dispute_state;
using coffer::shortfall;

inline lab_plan disputable(shortfall of_spent = shortfall::uncollected) {
    lab_plan plan;
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback = {of_spent};
    return plan;
}

/// A pack of 100 credits for 10.00, of which some are spent by the charge "c".
template <class Lab>
coffer::lot_id buy_and_spend(Lab& l, coffer::credits spent = {}) {
    auto pack = l.grant(100_cr, {.priority = 1, .paid = usd(1000)});
    if (spent.is_positive()) l.w.charge({.amount = spent, .request = "c"}).or_throw();
    return pack;
}

template <class Lab>
coffer::receipt open(Lab& l, coffer::lot_id lot, std::optional<coffer::money> total = {}) {
    return l.w.dispute({.lot = lot, .state = dispute_state::opened, .money = total}).or_throw();
}
template <class Lab>
coffer::receipt win(Lab& l, coffer::lot_id lot) {
    return l.w.dispute({.lot = lot, .state = dispute_state::won}).or_throw();
}
template <class Lab>
coffer::receipt lose(Lab& l, coffer::lot_id lot, std::optional<coffer::money> total = {}) {
    return l.w.dispute({.lot = lot, .state = dispute_state::lost, .money = total}).or_throw();
}

}  // namespace coffer_test
