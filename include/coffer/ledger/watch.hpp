/// Alerts as plain data: at which levels of its balance a wallet's owner is told, and what an entry
/// changes of that. Decisions are in `ledger/alert.hpp`.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/id.hpp>
#include <coffer/time/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// An alert's name, kept in place.
using alert_name = detail::short_text<63>;

/// An alert of an account: it is raised when what is available, held and not owed falls to its
/// level.
struct alert_terms {
    alert_name name{};
    credits level{};
    bool is_share = false;  ///< The level is a share of the current allowances: 0.25 for 25 %.
    bool once_per_period = false;
    bool own = false;  ///< The customer's, by choice or by default: no part of the plan's list.
    detail::inline_vector<bucket_id, 2> of{};  ///< Which buckets it looks at; empty for all.

    friend bool operator==(const alert_terms&, const alert_terms&) = default;
};

/// The most alerts of a plan; an account has one more while it goes over to another list.
inline constexpr std::size_t max_alerts = 62;

/// What an entry changed of an account's alerts.
struct alert_change {
    bool any = false;
    bool recharges = false;   ///< The plan buys by itself; the floor goes by its threshold, too.
    std::uint64_t armed = 0;  ///< Which are armed from here on, a bit each.
    /// Down to this sum of available, held and not owed nothing is raised.
    credits floor = credits::min();
    std::string_view raised{};  ///< The names of those that were raised, one a line.
    instant check = never;      ///< When an order may be placed that has to wait until then.

    friend constexpr bool operator==(const alert_change&, const alert_change&) = default;
};

}  // namespace v0
}  // namespace coffer
