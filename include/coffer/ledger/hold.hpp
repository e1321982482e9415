/// A reservation of credits from named lots.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/id.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/time/instant.hpp>

namespace coffer {
inline namespace v0 {

/// Credits taken from, or given back to, one lot.
struct part {
    lot_id lot{};
    /// Where a lot that has left the burn order comes back into it: before this lot; none is last.
    lot_id before{};
    credits amount{};
    bucket_id bucket{};

    friend constexpr bool operator==(const part&, const part&) = default;
};

/// The parts of one operation, in burn order.
using part_list = detail::inline_vector<part, 2>;

/// An action's name, kept in place.
using action_name = detail::short_text<63>;

/// A member, a resource or tags, kept in place.
using label_text = detail::short_text<95>;

/// The prices that a hold keeps, packed: see `perform/held_prices.hpp`.
using price_text = detail::short_text<143>;

/// An open hold. What ends it is journalled for the same action, member and resource.
struct hold {
    hold_id id{};
    instant until{};  ///< Over from this instant on, without any job.
    credits amount{};
    credits tolerance{};  ///< How far a settle may exceed the amount.
    action_name action{};
    label_text tags{};
    label_text member{};
    label_text resource{};
    price_text prices{};     ///< With which it was opened; none for an amount.
    part_list parts{};       ///< In burn order; their sum is the amount.
    counter_list counted{};  ///< The counters of limits in which it is held, where still there.

    friend bool operator==(const hold&, const hold&) = default;
};

}  // namespace v0
}  // namespace coffer
