/// A plan that is put together at run time: by an administrator, from a file, from a database. It
/// is made member by member, or from any static plan, and behaves as its static twin does.
///
///     coffer::any_plan basic{{.cost = prices,
///                             .buckets = {{.name = "allowance",
///                                          .refill = coffer::refill::monthly{…}, …}},
///                             .overdraft = coffer::overdraft::deny{},
///                             .access = coffer::access::anyone{}}};
///     if (auto sound = basic.check(); !sound) return sound.error().text();
#pragma once

#include <coffer/plan/any_policy.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/plan/plan.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What is wrong with a plan, and where: `plan.buckets[0].name`.
struct plan_error {
    errc code = errc::invalid_argument;
    std::string path{};
    std::string message{};

    /// `plan.buckets[0].name: the message`.
    std::string text() const { return path.empty() ? message : path + ": " + message; }

    /// For callers that only pass an `error` on.
    operator error() const { return error{code}.about(path); }

    friend bool operator==(const plan_error& e, errc other) noexcept { return e.code == other; }
};

/// Says what makes no sense in a catalogue; `path` names it.
/// Errors: `invalid_argument`, `too_many`, `amount_overflow`.
inline result<void, plan_error> check_catalogue(const catalogue& shop,
                                                std::string_view path = "catalogue") {
    const std::optional<catalogue_fault>& fault = shop.fault();
    if (!fault) return {};
    return plan_error{
        fault->code,
        std::string{path} + "[" + std::to_string(fault->pack) + "]." + std::string{fault->field},
        std::string{fault->sentence}};
}

/// The most buckets of a plan that is put together at run time.
inline constexpr std::size_t max_buckets = 1'000;

/// A bucket of an `any_plan`: its name, which is what stored lots remember, and its policies.
struct any_bucket {
    std::string name;
    any_refill refill;
    any_rollover rollover;
    any_expiry expiry;
    any_refund refund;
    any_restore restore{};
    any_only only{};

    /// The bucket of a static plan under a name.
    template <class Policies>
    static any_bucket of(std::string_view name, const Policies& policies);
};

/// The members of an `any_plan`.
struct any_plan_parts {
    any_cost cost;
    std::vector<any_bucket> buckets;  ///< In burn order.
    any_overdraft overdraft;
    any_access access;
    any_spend_order order{};
    late_events late{};
    any_clawback clawback{};
    any_debt_at_reset debt_at_reset{};
    any_refusals refusals{};
    coffer::alerts alerts{};
    coffer::limits limits{};
    any_unnamed unnamed{};
    subscription_rules subscription{};
    coffer::catalogue catalogue{};
    coffer::recharge recharge{};
    coffer::choices choices{};
    std::uint32_t revision = 0;
    coffer::zone zone{};          ///< Where a start names none.
    std::string unit{"credits"};  ///< Shown after amounts.
};

/// A plan of which nothing is known before it runs.
struct any_plan : any_plan_parts {
    any_plan(any_plan_parts parts) : any_plan_parts(std::move(parts)) {}

    /// A static plan, each of its parts erased.
    template <class Plan>
        requires(!std::derived_from<Plan, any_plan_parts> && plan<Plan>)
    any_plan(const Plan& twin);

    /// Says what makes no sense in it; `path` names the plan itself.
    /// Errors: `invalid_argument`, `policy_contract`, `too_many`.
    result<void, plan_error> check(std::string_view path = "plan") const;
};

namespace detail {

template <class B>
any_restore restore_of(const B& policies) {
    if constexpr (has_restore<B>) {
        return policies.restore;
    } else {
        return {};
    }
}

template <class B>
any_only only_of(const B& policies) {
    if constexpr (has_only<B>) {
        return policies.only;
    } else {
        return {};
    }
}

template <class P>
any_clawback clawback_of(const P& p) {
    if constexpr (has_clawback<P>) {
        return p.clawback;
    } else {
        return {};
    }
}

template <class P>
any_debt_at_reset debt_at_reset_of(const P& p) {
    if constexpr (has_debt_at_reset<P>) {
        return p.debt_at_reset;
    } else {
        return {};
    }
}

template <class P>
any_refusals refusals_of(const P& p) {
    if constexpr (has_refusals<P>) {
        return p.refusals;
    } else {
        return {};
    }
}

template <class P>
coffer::alerts alerts_in(const P& p) {
    if constexpr (has_alerts<P>) {
        return coffer::alerts{std::vector<alert>(p.alerts.begin(), p.alerts.end())};
    } else {
        return {};
    }
}

template <class P>
coffer::limits limits_in(const P& p) {
    if constexpr (has_limits<P>) {
        return coffer::limits{std::vector<limit>(p.limits.begin(), p.limits.end())};
    } else {
        return {};
    }
}

template <class P>
coffer::recharge recharge_in(const P& p) {
    if constexpr (has_recharge<P>) {
        return p.recharge;
    } else {
        return {};
    }
}

template <class P>
coffer::choices choices_in(const P& p) {
    if constexpr (has_choices<P>) {
        return p.choices;
    } else {
        return {};
    }
}

/// What makes no sense in the choices of a plan that has so many alerts and limits; empty if all
/// does.
inline std::string_view wrong_choices(const coffer::choices& c, std::size_t alerts,
                                      std::size_t limits) {
    const choice_rules rules = terms_of(c);
    const choice_set& defaults = rules.defaults;
    if (std::max(rules.alerts, defaults.alerts.size()) + alerts > max_alerts) {
        return "a plan's alerts and those that may be chosen are at most 62";
    }
    if (std::max(rules.limits, defaults.limits.size()) + limits >= max_limits) {
        return "a plan's limits and those that may be chosen are fewer than 100";
    }
    if (read_choices(pack(defaults)) != defaults) return "a default makes no sense";
    for (const offer_name& o : rules.offers) {
        if (o.empty() || o.too_long()) return "an offer's name has 1 to 63 bytes";
    }
    return {};
}

template <class P>
any_unnamed unnamed_of(const P& p) {
    if constexpr (has_unnamed<P>) {
        return p.unnamed;
    } else {
        return {};
    }
}

template <class P>
std::vector<any_bucket> any_buckets_of(const P& p) {
    std::vector<any_bucket> list;
    for_each_bucket(p, [&](std::string_view name, const auto& policies) {
        list.push_back(any_bucket::of(name, policies));
    });
    return list;
}

}  // namespace detail

template <class Policies>
any_bucket any_bucket::of(std::string_view name, const Policies& policies) {
    return {.name = std::string{name},
            .refill = policies.refill,
            .rollover = policies.rollover,
            .expiry = policies.expiry,
            .refund = policies.refund,
            .restore = detail::restore_of(policies),
            .only = detail::only_of(policies)};
}

template <class Plan>
    requires(!std::derived_from<Plan, any_plan_parts> && plan<Plan>)
any_plan::any_plan(const Plan& twin)
    : any_plan_parts{.cost = twin.cost,
                     .buckets = detail::any_buckets_of(twin),
                     .overdraft = twin.overdraft,
                     .access = twin.access,
                     .order = detail::order_of(twin),
                     .late = detail::late_of(twin),
                     .clawback = detail::clawback_of(twin),
                     .debt_at_reset = detail::debt_at_reset_of(twin),
                     .refusals = detail::refusals_of(twin),
                     .alerts = detail::alerts_in(twin),
                     .limits = detail::limits_in(twin),
                     .unnamed = detail::unnamed_of(twin),
                     .subscription = detail::subscription_of(twin),
                     .catalogue = detail::catalogue_of(twin),
                     .recharge = detail::recharge_in(twin),
                     .choices = detail::choices_in(twin),
                     .revision = detail::revision_of(twin),
                     .zone = detail::default_zone_of(twin),
                     .unit = std::string{detail::unit_of(twin)}} {}

inline result<void, plan_error> any_plan::check(std::string_view path) const {
    auto wrong = [&](errc code, const std::string& where, std::string_view message) {
        return plan_error{code, std::string{path} + where, std::string{message}};
    };
    if (buckets.size() > max_buckets) {
        return wrong(errc::too_many, ".buckets", "a plan has at most 1000 buckets");
    }
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const any_bucket& b = buckets[i];
        const std::string here = ".buckets[" + std::to_string(i) + "]";
        if (b.name.empty() || b.name.size() > detail::name_registry::max_size) {
            return wrong(errc::invalid_argument, here + ".name",
                         "a bucket's name has 1 to 63 bytes");
        }
        for (std::size_t k = 0; k < i; ++k) {
            if (buckets[k].name == b.name) {
                return wrong(errc::invalid_argument, here + ".name",
                             "each bucket needs a name of its own");
            }
        }
        if (b.refill.cadence().is_negative()) {
            return wrong(errc::policy_contract, here + ".refill", "a period is not negative");
        }
        if (b.restore.grace().is_negative()) {
            return wrong(errc::policy_contract, here + ".restore", "a grace is not negative");
        }
    }
    if (!overdraft.terms().is_sound()) {
        return wrong(errc::policy_contract, ".overdraft",
                     "a limit and a price are not negative, and a price is of some credits");
    }
    if (limits.size() > max_limits) {
        return wrong(errc::too_many, ".limits", "a plan has at most 100 limits");
    }
    for (std::size_t i = 0; i < limits.size(); ++i) {
        if (is_limit(terms_of(limits.begin()[i]))) continue;
        return wrong(errc::invalid_argument, ".limits[" + std::to_string(i) + "]",
                     "a limit names at least one path, and an amount that is not negative");
    }
    if (auto sound = check_catalogue(catalogue, std::string{path} + ".catalogue"); !sound) {
        return sound;
    }
    for (std::size_t i = 0; i < catalogue.size(); ++i) {
        const pack& p = catalogue.begin()[i];
        const auto has = [&](std::string_view name) {
            return std::any_of(buckets.begin(), buckets.end(),
                               [&](const any_bucket& b) { return b.name == name; });
        };
        if (has(p.into) && has(p.bonus_bucket())) continue;
        return wrong(errc::unknown_bucket,
                     ".catalogue[" + std::to_string(i) + (has(p.into) ? "].bonus_into" : "].into"),
                     "is no bucket of the plan");
    }
    if (std::optional<recharge_terms> buys = terms_of(recharge)) {
        const recharge_terms known = with_offer(*buys, catalogue);
        if (!known.wants_offer() && !is_recharge(known)) {
            return wrong(errc::invalid_argument, ".recharge",
                         "buys an offer, or a positive amount at a price, in one currency");
        }
    }
    if (subscription.grace.is_negative()) {
        return wrong(errc::policy_contract, ".subscription", "a grace is not negative");
    }
    if (auto wrong_choice = detail::wrong_choices(choices, alerts.size(), limits.size());
        !wrong_choice.empty()) {
        return wrong(errc::policy_contract, ".choices", wrong_choice);
    }
    if (late.back.is_negative() || late.ahead.count() < 0) {
        return wrong(errc::invalid_argument, ".late", "a tolerance is not negative");
    }
    return {};
}

static_assert(plan<any_plan> && check_plan<any_plan>());

}  // namespace v0
}  // namespace coffer
