/// The rules of a plan about its subscriptions: what upgrades bring, for how long a payment may be
/// due, and what becomes of purchases after the end.
#pragma once

#include <coffer/ledger/subscription.hpp>
#include <coffer/time/instant.hpp>

#include <cstdint>

namespace coffer {
inline namespace v0 {

/// What becomes of bought credits once a subscription has ended.
enum class after_end : std::uint8_t {
    usable,  ///< They can be spent.
    locked,  ///< Charges and holds are `wallet_paused` until it is started again.
};

/// A plan's rules about its subscriptions.
struct subscription_rules {
    upgrade upgrades = upgrade::difference;  ///< How a change to it is made that does not say.
    timespan grace{};  ///< Past due for so long, a subscription is paused; zero for never.
    after_end purchases = after_end::usable;
};

}  // namespace v0
}  // namespace coffer
