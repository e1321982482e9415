/// A plan is one aggregate of named parts: all that "pro" means. Include it where you declare one.
///
/// Required are `cost`, `overdraft`, `access` and `buckets`; each bucket has `refill`, `rollover`,
/// `expiry` and `refund`. Optional are `order`, `late`, `clawback`, `debt_at_reset`, `refusals`,
/// `alerts`, `limits`, `unnamed`, `subscription`, `catalogue`, `recharge`, `choices`, `revision`,
/// `zone` and `unit` of the plan, `only` and `restore` of a bucket.
///
/// Write `static_assert(coffer::check_plan<my_plan>());` beside your plan: a mistake is then a
/// sentence at the place where it was made. Plans that are put together at run time are in
/// `plan/any.hpp`.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/plan/check.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A bucket of a plan: its name, which is what stored lots remember, and the member that has its
/// policies.
template <class Plan, class Part>
struct bucket {
    constexpr bucket(std::string_view bucket_name, Part Plan::*policies) noexcept
        : name{bucket_name}, part{policies} {}

    std::string_view name;
    Part Plan::*part;
};

/// Lists a plan's buckets in burn order.
template <class... Buckets>
constexpr std::tuple<Buckets...> in_order(Buckets... buckets) noexcept {
    return {buckets...};
}

namespace detail {

/// Calls `f(name, policies)` for each bucket, in burn order.
template <class P, class F>
constexpr void for_each_bucket(const P& p, F&& f) {
    if constexpr (has_bucket_range<P>) {
        for (const auto& each : p.buckets) f(std::string_view{each.name}, each);
    } else {
        std::apply([&](const auto&... each) { (f(each.name, p.*(each.part)), ...); }, P::buckets);
    }
}

/// Calls `f(policies)` for the bucket of that name, and returns whether there is one.
template <class P, class F>
constexpr bool with_bucket(const P& p, std::string_view name, F&& f) {
    bool found = false;
    for_each_bucket(p, [&](std::string_view each, const auto& policies) {
        if (found || each != name) return;
        found = true;
        f(policies);
    });
    return found;
}

template <class P>
constexpr late_events late_of(const P& p) noexcept {
    if constexpr (has_late<P>) {
        return p.late;
    } else {
        return {};
    }
}

template <class P>
constexpr const auto& order_of(const P& p) noexcept {
    if constexpr (has_order<P>) {
        return p.order;
    } else {
        return spend_order::standard;
    }
}

template <class P>
constexpr shortfall shortfall_of(const P& p) noexcept {
    if constexpr (has_clawback<P>) {
        return p.clawback.of_spent();
    } else {
        return clawback::clamp{}.of_spent();
    }
}

template <class P>
constexpr bool drops_debt(const P& p) noexcept {
    if constexpr (has_debt_at_reset<P>) {
        return p.debt_at_reset.drops();
    } else {
        return debt_at_reset::keep{}.drops();
    }
}

template <class P>
constexpr bool refusals_stick(const P& p) noexcept {
    if constexpr (has_refusals<P>) {
        return p.refusals.stick();
    } else {
        return refusals::retry{}.stick();
    }
}

/// The plan's alerts. A name that is too long, or a bucket that is none, is found by the wallet.
template <class P>
std::vector<alert_terms> alerts_of(const P& p) {
    std::vector<alert_terms> all;
    if constexpr (has_alerts<P>) {
        for (const alert& a : p.alerts) all.push_back(terms_of(a));
    }
    return all;
}

/// The plan's limits. One that makes no sense is found by the wallet.
template <class P>
std::vector<limit_terms> limits_of(const P& p) {
    std::vector<limit_terms> all;
    if constexpr (has_limits<P>) {
        for (const limit& l : p.limits) all.push_back(terms_of(l));
    }
    return all;
}

/// What the plan buys by itself.
template <class P>
std::optional<recharge_terms> recharge_of(const P& p) {
    if constexpr (has_recharge<P>) {
        return terms_of(static_cast<const recharge&>(p.recharge));
    } else {
        return std::nullopt;
    }
}

template <class P>
constexpr bool refuses_unnamed(const P& p) noexcept {
    if constexpr (has_unnamed<P>) {
        return p.unnamed.refuses();
    } else {
        return unnamed::pass{}.refuses();
    }
}

template <class P>
constexpr subscription_rules subscription_of(const P& p) noexcept {
    if constexpr (has_subscription<P>) {
        return p.subscription;
    } else {
        return {};
    }
}

template <class P>
coffer::catalogue catalogue_of(const P& p) {
    if constexpr (has_catalogue<P>) {
        return p.catalogue;
    } else {
        return {};
    }
}

template <class P>
choice_rules choices_of(const P& p) {
    if constexpr (has_choices<P>) {
        return terms_of(p.choices);
    } else {
        return {};
    }
}

/// The plan's revision; zero where it has none, or one below zero.
template <class P>
constexpr std::uint32_t revision_of(const P& p) noexcept {
    if constexpr (has_revision<P>) {
        return p.revision > 0 ? static_cast<std::uint32_t>(p.revision) : 0;
    } else {
        return 0;
    }
}

template <class B>
constexpr timespan grace_of(const B& policies) noexcept {
    if constexpr (has_restore<B>) {
        return policies.restore.grace();
    } else {
        return restore::forfeit{}.grace();
    }
}

/// The zone in which a subscription's calendar runs, where its start names none.
template <class P>
constexpr coffer::zone default_zone_of(const P& p) noexcept {
    if constexpr (has_zone<P>) {
        return p.zone;
    } else {
        return {};
    }
}

/// Whether an access policy is an erased one, which knows what it was made of.
template <class Access>
inline constexpr bool is_erased_access = false;

/// Whether an access policy lets everybody do everything, so that nobody has to ask it.
template <class Access>
constexpr bool is_open_access([[maybe_unused]] const Access& policy) noexcept {
    if constexpr (is_erased_access<Access>) {
        return policy.is_open();
    } else {
        return std::is_same_v<Access, access::anyone>;
    }
}

/// The text shown after amounts.
template <class P>
constexpr std::string_view unit_of(const P& p) noexcept {
    if constexpr (has_unit<P>) {
        return p.unit;
    } else {
        return "credits";
    }
}

/// Whether a bucket of the plan may be limited to some actions.
template <class P>
consteval bool has_limited_buckets() {
    if constexpr (has_bucket_range<P>) {
        return has_only<bucket_of_range<P>>;
    } else {
        return std::apply(
            [](const auto&... each) {
                return (has_only<
                            std::remove_cvref_t<decltype(std::declval<const P&>().*(each.part))>> ||
                        ...);
            },
            P::buckets);
    }
}

template <class Only>
bool is_served(const Only& by, std::string_view action, std::string_view category) {
    if constexpr (requires { by.allows(action, category); }) {
        return by.allows(action, category);
    } else {
        return by.allows(action);
    }
}

/// The buckets that an action may draw on. An action without a name draws on unlimited ones only.
/// `known` may have the ids of the plan's buckets, in burn order.
template <class P>
bucket_filter filter_for([[maybe_unused]] const P& p, [[maybe_unused]] std::string_view action,
                         [[maybe_unused]] const std::vector<bucket_id>* known = nullptr) {
    bucket_filter allowed;
    if constexpr (has_limited_buckets<P>()) {
        std::optional<std::string_view> category;  // sought once a bucket asks
        std::size_t index = 0;
        for_each_bucket(p, [&](std::string_view name, const auto& policies) {
            std::size_t at = index++;
            if constexpr (has_only<std::remove_cvref_t<decltype(policies)>>) {
                if constexpr (requires { policies.only.is_open(); }) {
                    if (policies.only.is_open()) return;
                }
                if (!category) category = category_of(p.cost, action);
                if (is_served(policies.only, action, *category)) return;
                allowed.except.push_back(known ? (*known)[at] : bucket_id::of(name));
            }
        });
    }
    return allowed;
}

/// Identifies the order in which the plan burns lots.
template <class P>
std::uint64_t burn_fingerprint(const P& p) {
    digest names{order_of(p).fingerprint()};
    for_each_bucket(p, [&](std::string_view name, const auto&) { names.add(name); });
    return names.value();
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
