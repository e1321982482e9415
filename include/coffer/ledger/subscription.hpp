/// What an account remembers of its subscription beside its periods: how it stands, which change of
/// plan waits, by which plan a bucket goes that differs, and what it has added. Plain data.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/id.hpp>
#include <coffer/time/instant.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A plan's id, kept in place.
using plan_name = detail::short_text<63>;

/// How a subscription stands.
enum class subscription_status : std::uint8_t {
    none,      ///< Never started.
    active,    ///< Its periods refill.
    trial,     ///< As active, until it ends in a plan or in nothing.
    past_due,  ///< What begins is refilled once it is paid.
    paused,    ///< Nothing is refilled; charges and holds are `wallet_paused`.
    ended,     ///< Nothing is refilled any more.
};

constexpr std::string_view to_string(subscription_status status) noexcept {
    switch (status) {
        case subscription_status::none: return "none";
        case subscription_status::active: return "active";
        case subscription_status::trial: return "trial";
        case subscription_status::past_due: return "past_due";
        case subscription_status::paused: return "paused";
        case subscription_status::ended: return "ended";
    }
    return "unknown";
}

/// What an upgrade at once brings of the running period's allowance.
enum class upgrade : std::uint8_t {
    difference,  ///< What the new allowance has more than the highest of the period.
    prorate,     ///< That for the rest of the period, rounded down.
    full,        ///< The new allowance, once a period however often it is raised.
    later,       ///< Nothing: it comes with the next period, but prices begin now.
};

constexpr std::string_view to_string(upgrade how) noexcept {
    switch (how) {
        case upgrade::difference: return "difference";
        case upgrade::prorate: return "prorate";
        case upgrade::full: return "full";
        case upgrade::later: return "later";
    }
    return "unknown";
}

/// A bucket whose running period goes by another plan than the account's: what is left of it rolls
/// by that plan's rule.
struct bucket_course {
    bucket_id bucket{};
    plan_name plan{};    ///< Empty for the default plan.
    bool stays = false;  ///< It is refilled by that plan, too: what waited for it was revoked.

    friend bool operator==(const bucket_course&, const bucket_course&) = default;
};

/// What became of the running period's allowance of a bucket since it began.
struct period_raise {
    bucket_id bucket{};
    credits granted{};        ///< By upgrades of the plan.
    std::uint16_t count = 0;  ///< Upgrades that granted something.
    credits owed{};           ///< The refill that waits to be paid.

    friend constexpr bool operator==(const period_raise&, const period_raise&) = default;
};

/// A recurring grant beside the plan's.
struct add_on {
    bucket_id bucket{};
    credits allowance{};   ///< Of each period; zero for one that begins with the next period.
    money price{};         ///< Of each period.
    bool changes = false;  ///< From the bucket's next period on it is another one:
    credits next{};        ///< zero ends it.
    money next_price{};

    friend constexpr bool operator==(const add_on&, const add_on&) = default;
};

/// The most add-ons that an account has.
inline constexpr std::size_t max_add_ons = 100;

/// What an account remembers of its subscription.
struct subscription_state {
    bool paused = false;
    bool past_due = false;
    bool ended = false;
    bool locked = false;  ///< Ended, and what was bought stays locked up.
    instant ended_at = never;
    instant grace_until = never;  ///< Past due: it is paused from then on.
    instant trial_until = never;
    bool trial_goes_on = false;  ///< The trial ends in the plan `trial_then`, else in nothing.
    plan_name trial_then{};
    bool changes = false;  ///< The plan `next` waits for the end of the account's period.
    plan_name next{};
    std::vector<bucket_course> courses{};
    std::vector<period_raise> raises{};
    std::vector<add_on> add_ons{};

    /// Whether charges and holds are refused.
    bool refuses_spends() const noexcept { return ended ? locked : paused; }
    bool on_trial() const noexcept { return trial_until != never; }
    /// When it changes by itself.
    instant next_due() const noexcept {
        const bool waits = past_due && !paused && !ended;
        return waits && grace_until < trial_until ? grace_until : trial_until;
    }

    friend bool operator==(const subscription_state&, const subscription_state&) = default;
};

namespace detail {

/// The element of a list that is about a bucket; null if there is none.
template <class List>
auto find_about(List& all, bucket_id bucket) noexcept -> decltype(all.data()) {
    for (auto& each : all) {
        if (each.bucket == bucket) return &each;
    }
    return nullptr;
}
template <class List>
auto& edit_about(List& all, bucket_id bucket) {
    if (auto* known = find_about(all, bucket)) return *known;
    all.push_back({.bucket = bucket});
    return all.back();
}
template <class List>
void erase_about(List& all, bucket_id bucket) {
    for (std::size_t i = all.size(); i-- > 0;) {
        if (all[i].bucket == bucket) all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace detail

/// What an entry says of a period's allowance, or of an add-on.
struct allowance_change {
    bool any = false;
    bool by_other_plan = false;  ///< Periods: it goes by the entry's `plan`, not by the account's.
    bool waits = false;          ///< Add-ons: it holds from the bucket's next period on.
    bool by_add_on = false;      ///< Raises: the add-on is larger, not what the plan refills.
    credits allowance{};         ///< Of the period from here on; of the add-on.
    credits owed{};              ///< Periods: the refill that waits to be paid.
    money price{};               ///< Of the add-on.

    friend constexpr bool operator==(const allowance_change&, const allowance_change&) = default;
};

}  // namespace v0
}  // namespace coffer
