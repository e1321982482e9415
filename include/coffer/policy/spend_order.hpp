/// The spend order says which of two lots burns first. It is a list of keys, compared one after
/// another; the lot's number decides at last, so that the order is total.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/hash.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Answers which of two lots burns first. Contract: a strict total order, which only changes with
/// its fingerprint.
template <class P>
concept spend_order_policy = requires(const P& policy, const burn_candidate& a,
                                      const burn_candidate& b) {
    { policy.before(a, b) } -> std::same_as<bool>;
    { policy.fingerprint() } -> std::same_as<std::uint64_t>;
};

/// A key of a spend order.
enum class order_key : std::uint8_t {
    bucket,      ///< As the plan lists them.
    priority,    ///< Lower numbers first, lots without one last.
    expiry,      ///< Soonest first, never last; an allowance ends with its period.
    cost_basis,  ///< Cheaper first, unpaid before paid.
    effective,   ///< The earlier effective first.
    paid_last,   ///< Unpaid before paid, whatever it cost.
    newest,      ///< The later effective first.
    id,          ///< In the order in which they were made.
};

constexpr std::string_view to_string(order_key which) noexcept {
    switch (which) {
        case order_key::bucket: return "bucket";
        case order_key::priority: return "priority";
        case order_key::expiry: return "expiry";
        case order_key::cost_basis: return "cost_basis";
        case order_key::effective: return "effective";
        case order_key::paid_last: return "paid_last";
        case order_key::newest: return "newest";
        case order_key::id: return "id";
    }
    return "unknown";
}

namespace spend_order {

/// Orders by the keys given.
class by {
public:
    static constexpr std::size_t max_keys = 8;

    constexpr by(std::initializer_list<order_key> keys) noexcept {
        for (order_key key : keys) {
            if (count_ < max_keys) keys_[count_++] = key;
        }
    }

    bool before(const burn_candidate& a, const burn_candidate& b) const noexcept {
        for (std::size_t i = 0; i < count_; ++i) {
            std::strong_ordering order = compare(keys_[i], a, b);
            if (order != 0) return order < 0;
        }
        return a.what.id < b.what.id;
    }

    std::uint64_t fingerprint() const noexcept {
        detail::digest digest;
        for (std::size_t i = 0; i < count_; ++i) {
            digest.add(static_cast<std::uint64_t>(keys_[i]) + 1);
        }
        return digest.value();
    }

private:
    static std::strong_ordering compare(order_key key, const burn_candidate& a,
                                        const burn_candidate& b) noexcept {
        const lot_terms& x = a.what.terms;
        const lot_terms& y = b.what.terms;
        switch (key) {
            case order_key::bucket: return a.bucket_rank <=> b.bucket_rank;
            case order_key::priority: return x.priority <=> y.priority;
            case order_key::expiry: return ticks(end_of(x)) <=> ticks(end_of(y));
            case order_key::cost_basis: return by_cost(a.what, b.what);
            case order_key::effective: return ticks(x.effective) <=> ticks(y.effective);
            case order_key::paid_last: return x.paid.has_currency() <=> y.paid.has_currency();
            case order_key::newest: return ticks(y.effective) <=> ticks(x.effective);
            case order_key::id: return a.what.id <=> b.what.id;
        }
        return std::strong_ordering::equal;
    }

    static instant end_of(const lot_terms& terms) noexcept {
        return std::min(terms.expires, terms.lapses);
    }
    static std::int64_t ticks(instant t) noexcept { return t.time_since_epoch().count(); }

    /// Minor units per credit, compared without a division.
    static std::strong_ordering by_cost(const lot& a, const lot& b) noexcept {
        const money& x = a.terms.paid;
        const money& y = b.terms.paid;
        if (!x.has_currency() || !y.has_currency()) return x.has_currency() <=> y.has_currency();
        if (int order = x.in().code().compare(y.in().code())) return order <=> 0;
        auto left = static_cast<detail::int128>(x.minor_units()) * b.basis().micros();
        auto right = static_cast<detail::int128>(y.minor_units()) * a.basis().micros();
        return left < right   ? std::strong_ordering::less
               : left > right ? std::strong_ordering::greater
                              : std::strong_ordering::equal;
    }

    std::array<order_key, max_keys> keys_{};
    std::size_t count_ = 0;
};

/// Bucket, then priority, then soonest expiry, then cheaper cost basis, then effective, then id.
inline constexpr by standard{order_key::bucket,     order_key::priority,  order_key::expiry,
                             order_key::cost_basis, order_key::effective, order_key::id};

}  // namespace spend_order
}  // namespace v0
}  // namespace coffer
