/// Alerts: a plan's list of levels at which a wallet's owner is told that credits run low. Each
/// becomes a notice that the store hands out, committed together with what caused it.
///
///     coffer::alerts alerts{{.name = "low", .at = coffer::percent{25}, .of = {"allowance"}},
///                           {.name = "out", .at = 0_cr}};
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/amount/factor.hpp>
#include <coffer/ledger/watch.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A level of the balance: an amount, or a share of the current allowances, rounded down.
class alert_level {
public:
    constexpr alert_level() noexcept = default;
    constexpr alert_level(credits amount) noexcept : value_{amount} {}
    /// A share that makes no sense is refused as `policy_contract` by the wallet.
    constexpr alert_level(percent p) noexcept
        : value_{p.value < 0 || p.value > most_percent ? credits::from_micros(-1)
                                                       : credits::from_micros(p.value * 10'000)},
          is_share_{true} {}
    /// `share(0.125_cr)` are 12.5 %.
    static constexpr alert_level share(credits part) noexcept {
        alert_level level{part};
        level.is_share_ = true;
        return level;
    }

    constexpr credits value() const noexcept { return value_; }
    constexpr bool is_share() const noexcept { return is_share_; }

    friend constexpr bool operator==(const alert_level&, const alert_level&) = default;

private:
    static constexpr std::int64_t most_percent = 1'000'000;

    credits value_{};
    bool is_share_ = false;
};

/// An alert of a plan.
struct alert {
    std::string name{};             ///< 1 to 63 bytes without control characters.
    alert_level at{};               ///< Raised when the balance falls to this.
    std::vector<std::string> of{};  ///< The buckets that it looks at; empty for all.
    bool once_per_period = false;   ///< Not raised again before a new period.

    friend bool operator==(const alert&, const alert&) = default;
};

/// Answers which alerts a plan has.
template <class P>
concept alerts_policy = requires(const P& policy) {
    { *policy.begin() } -> std::convertible_to<const alert&>;
    policy.end();
};

/// A list of alerts. Those of equal levels are raised in the order in which they began to hold.
class alerts {
public:
    alerts() noexcept = default;
    alerts(std::initializer_list<alert> list) : list_(list) {}
    explicit alerts(std::vector<alert> list) noexcept : list_{std::move(list)} {}

    bool empty() const noexcept { return list_.empty(); }
    std::size_t size() const noexcept { return list_.size(); }
    const alert* begin() const noexcept { return list_.data(); }
    const alert* end() const noexcept { return list_.data() + list_.size(); }

    friend bool operator==(const alerts&, const alerts&) = default;

private:
    std::vector<alert> list_;
};

/// An alert as the ledger knows it.
inline alert_terms terms_of(const alert& a) {
    alert_terms terms{.name = std::string_view{a.name},
                      .level = a.at.value(),
                      .is_share = a.at.is_share(),
                      .once_per_period = a.once_per_period};
    for (const std::string& bucket : a.of) terms.of.push_back(bucket_id::of(bucket));
    return terms;
}

}  // namespace v0
}  // namespace coffer
