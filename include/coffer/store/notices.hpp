/// What an operation tells the world outside: the notices that are committed together with it.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/store/page.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a raised alert is as a notice: `depleted`, `resumed`, limits and choices are kinds of their
/// own.
inline std::string_view kind_of_notice(std::string_view raised) noexcept {
    if (raised.starts_with(limit_alert)) return limit_notice;
    if (raised.starts_with(choice_alert)) return choice_notice;
    return raised == depleted_alert || raised == resumed_alert ? raised : alert_notice;
}

/// What is told of an order that the plan placed: that it is to be paid, or that it was the last.
inline std::string_view told_of_order(const entry& e) {
    if (e.kind == entry_kind::ordered) {
        const auto said = order_of(e);
        return said && said->order.is_automatic() ? order_notice : std::string_view{};
    }
    const bool ends = e.kind == entry_kind::order_failed || e.kind == entry_kind::order_expired;
    return ends && e.until == never ? recharge_stopped_notice : std::string_view{};
}

/// What an entry tells, in order.
inline std::vector<notice> notices_of(const wallet_id& wallet, const entry& e) {
    std::vector<notice> all;
    each_raised(e, [&](std::string_view name) {
        all.push_back({.wallet = wallet,
                       .entry = e.id,
                       .ordinal = static_cast<std::uint32_t>(all.size()),
                       .kind = std::string{kind_of_notice(name)},
                       .text = std::string{name}});
    });
    if (const std::string_view kind = told_of_order(e); !kind.empty()) {
        const entry_id order = e.kind == entry_kind::ordered ? e.id : e.about;
        all.push_back({.wallet = wallet,
                       .entry = e.id,
                       .ordinal = static_cast<std::uint32_t>(all.size()),
                       .kind = std::string{kind},
                       .text = std::to_string(order.value())});
    }
    return all;
}

/// What the entries of an attempt tell, in order.
inline std::vector<notice> notices_of(const wallet_id& wallet, const attempt& s) {
    std::vector<notice> all;
    for (const entry& e : s.entries) {
        if (e.alerts.raised.empty() && e.purchase.empty()) continue;
        for (notice& n : notices_of(wallet, e)) all.push_back(std::move(n));
    }
    return all;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
