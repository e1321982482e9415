/// Refund policies answer: when a customer wants the money of a purchase back, how much is it?
/// Refunding a failed operation is another matter, see `policy/restore.hpp`.
///
/// When to use which: `refund::none` for "non-refundable"; `refund::unspent` for a fair share of
/// what is left; `refund::within` for a cooling-off period; `refund::full` for goodwill.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/print.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Answers how much money may still go back. Contract: in the purchase's currency,
/// `0 <= money <= paid - refunded`. Errors: `not_refundable`. Optional: `bool returns_spent()
/// const` for one that gives back the money of what was spent, too, so that nothing of the lot
/// stays.
template <class P>
concept refund_policy = requires(const P& policy, const purchase& bought) {
    { policy.worth(bought) } -> std::same_as<result<money>>;
};

/// Whether a policy gives back the money of what was spent, too.
template <refund_policy P>
bool returns_spent([[maybe_unused]] const P& policy) noexcept {
    if constexpr (requires { policy.returns_spent(); }) {
        return policy.returns_spent();
    } else {
        return false;
    }
}

namespace refund {

/// What a refund is measured by.
enum class basis : std::uint8_t {
    unspent,  ///< The share of the money that the unspent credits are worth, rounded down.
    full,     ///< All the money, whatever was spent.
};

using coffer::operator<<;  // prints `basis`

constexpr std::string_view to_string(basis which) noexcept {
    switch (which) {
        case basis::unspent: return "unspent";
        case basis::full: return "full";
    }
    return "unknown";
}

/// Never refundable.
struct none {
    result<money> worth(const purchase&) const { return errc::not_refundable; }
};

/// All the money that was not refunded before, whatever was spent.
struct full {
    result<money> worth(const purchase& bought) const {
        if (!bought.refunded.has_currency()) return bought.paid;
        return result<money>{bought.paid - bought.refunded};
    }
    bool returns_spent() const noexcept { return true; }
};

/// The unspent share of the money, rounded down to the minor unit.
struct unspent {
    result<money> worth(const purchase& bought) const {
        checked<money> share = scale(bought.paid, bought.unspent, bought.granted, rounding::down);
        result<money> left = full{}.worth(bought);
        if (!share) return result<money>{share};
        if (!left) return left;
        return share->minor_units() < left->minor_units() ? *share : *left;
    }
};

/// Refundable for a length of time from the grant, not at its last instant.
struct within {
    timespan window{};
    basis of = basis::unspent;
    bool first_purchase_only = false;

    result<money> worth(const purchase& bought) const {
        result<instant> end = add(bought.bought, window, bought.where);
        if (!end) return end.error();
        if (bought.now >= *end || (first_purchase_only && !bought.first)) {
            return errc::not_refundable;
        }
        return of == basis::full ? full{}.worth(bought) : unspent{}.worth(bought);
    }
    bool returns_spent() const noexcept { return of == basis::full; }
};

}  // namespace refund
}  // namespace v0
}  // namespace coffer
