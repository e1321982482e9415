/// The gateway: how a payer reaches the host's payment provider. Include it where you write one; a
/// scripted one for tests is in `testing/scripted_gateway.hpp`.
///
///     struct provider {
///         coffer::result<std::optional<coffer::payment_answer>> find(std::string_view key);
///         coffer::result<coffer::payment_answer> charge(const coffer::payment_request& r);
///     };
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/money.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/order.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// What a provider is asked to charge, to the method that the wallet's owner has saved.
struct payment_request {
    std::string key{};  ///< The same for each attempt: `WALLET/order/NUMBER`, at most 81 bytes.
    wallet_id wallet{};
    order_id order{};
    order_origin origin = order_origin::automatic;
    std::string offer{};  ///< The name of what is bought; may be empty.
    credits amount{};
    money price{};
};

/// What became of a payment.
enum class payment_state : std::uint8_t {
    succeeded,
    failed,   ///< Declined, and for good: this key is not charged any more.
    pending,  ///< The provider knows it, and doesn't know yet.
};

constexpr std::string_view to_string(payment_state state) noexcept {
    switch (state) {
        case payment_state::succeeded: return "succeeded";
        case payment_state::failed: return "failed";
        case payment_state::pending: return "pending";
    }
    return "unknown";
}

/// What a provider says of a payment.
struct payment_answer {
    payment_state state = payment_state::pending;
    std::string reference{};  ///< What the provider calls it.
    std::string reason{};     ///< Why it failed.
    money paid{};             ///< If the provider says it; else the price of the order.

    friend bool operator==(const payment_answer&, const payment_answer&) = default;
};

/// Reaches a payment provider. Both may be called by several threads and processes at once, may
/// answer any error where the outcome is not known, and may throw: both mean "ask again later".
///
/// Requires: `charge` with a key that it has, or had within a day, answers as the first time and
/// charges nothing. `find` finds a payment by its key for as long as the provider remembers it, not
/// only for that day; nothing where it never came to one. A payment that began less than a day ago
/// it may not find yet.
template <class G>
concept payment_gateway = requires(G& gateway, std::string_view key, const payment_request& r) {
    { gateway.find(key) } -> std::same_as<result<std::optional<payment_answer>>>;
    { gateway.charge(r) } -> std::same_as<result<payment_answer>>;
};

}  // namespace v0
}  // namespace coffer
