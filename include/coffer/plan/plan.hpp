/// A plan is one aggregate of named parts: all that "pro" means. Include it where you declare one.
///
/// Required are `cost`, `overdraft`, `access` and `buckets`; each bucket has `refill`, `rollover`,
/// `expiry` and `refund`. Optional are `order`, `late`, `clawback`, `debt_at_reset`, `refusals`,
/// `zone` and `unit` of the plan, `only` and `restore` of a bucket. Write
/// `static_assert(coffer::check_plan<my_plan>());` beside your plan: a mistake is then a sentence
/// at the place where it was made. Plans that are put together at run time are in `plan/any.hpp`.
#pragma once

#include <coffer/base/detail/hash.hpp>
#include <coffer/policy/access.hpp>
#include <coffer/policy/clawback.hpp>
#include <coffer/policy/cost/cost.hpp>
#include <coffer/policy/debt_at_reset.hpp>
#include <coffer/policy/expiry.hpp>
#include <coffer/policy/late.hpp>
#include <coffer/policy/overdraft.hpp>
#include <coffer/policy/refill.hpp>
#include <coffer/policy/refund.hpp>
#include <coffer/policy/refusals.hpp>
#include <coffer/policy/restore.hpp>
#include <coffer/policy/rollover.hpp>
#include <coffer/policy/spend_order.hpp>

#include <array>
#include <concepts>
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

/// Whether a bucket's list means an action by that name: its own, or the beginning of its category
/// path by whole segments, so that "ai/fast" means "ai/fast/model-x" and not "ai/faster".
constexpr bool is_named(std::string_view name, std::string_view action,
                        std::string_view category) noexcept {
    if (name.empty()) return false;
    if (name == action) return true;
    return category.starts_with(name) &&
           (category.size() == name.size() || category[name.size()] == '/');
}

}  // namespace detail

/// Answers whether an action, of a category if its price has one, may draw on a bucket. A model may
/// leave the category out.
template <class P>
concept only_policy = requires(const P& policy, std::string_view action) {
    { policy.allows(action, action) } -> std::same_as<bool>;
}
|| requires(const P& policy, std::string_view action) {
    { policy.allows(action) } -> std::same_as<bool>;
};

/// The actions, or beginnings of category paths, that may draw on a bucket:
/// `coffer::only only{"chat", "ai/fast"};`. It keeps no copy of the texts: `any_only` does.
class only {
public:
    static constexpr std::size_t max_actions = 16;

    template <class... Names>
    constexpr explicit only(const Names&... names) noexcept : names_{std::string_view{names}...} {
        static_assert(sizeof...(Names) > 0 && sizeof...(Names) <= max_actions,
                      "coffer: 'only' names 1 to 16 actions");
        static_assert((!std::is_same_v<Names, std::string> && ...),
                      "coffer: 'only' keeps no copy of its names; 'any_only' takes a std::string");
    }

    /// The names, then empty ones.
    constexpr const std::array<std::string_view, max_actions>& names() const noexcept {
        return names_;
    }

    constexpr bool allows(std::string_view action, std::string_view category = {}) const noexcept {
        for (std::string_view name : names_) {
            if (detail::is_named(name, action, category)) return true;
        }
        return false;
    }

private:
    std::array<std::string_view, max_actions> names_;
};

namespace detail {

template <class P>
concept has_cost = requires(const P& p) {
    p.cost;
};
template <class P>
concept has_overdraft = requires(const P& p) {
    p.overdraft;
};
template <class P>
concept has_access = requires(const P& p) {
    p.access;
};
template <class P>
concept has_buckets = requires {
    P::buckets;
};
/// Buckets that are known at run time: a range of one type, each with its name.
template <class P>
concept has_bucket_range = requires(const P& p) {
    { p.buckets.begin()->name } -> std::convertible_to<std::string_view>;
};
template <has_bucket_range P>
using bucket_of_range = std::remove_cvref_t<decltype(*std::declval<const P&>().buckets.begin())>;
template <class P>
concept has_order = requires(const P& p) {
    p.order;
};
template <class P>
concept has_late = requires(const P& p) {
    p.late;
};
template <class P>
concept has_clawback = requires(const P& p) {
    p.clawback;
};
template <class P>
concept has_debt_at_reset = requires(const P& p) {
    p.debt_at_reset;
};
template <class P>
concept has_refusals = requires(const P& p) {
    p.refusals;
};
template <class P>
concept has_zone = requires(const P& p) {
    p.zone;
};
template <class P>
concept has_unit = requires(const P& p) {
    p.unit;
};

template <class B>
concept has_refill = requires(const B& b) {
    b.refill;
};
template <class B>
concept has_rollover = requires(const B& b) {
    b.rollover;
};
template <class B>
concept has_expiry = requires(const B& b) {
    b.expiry;
};
template <class B>
concept has_refund = requires(const B& b) {
    b.refund;
};
template <class B>
concept has_only = requires(const B& b) {
    b.only;
};
template <class B>
concept has_restore = requires(const B& b) {
    b.restore;
};

/// Plans of which each account has one, by its id: a `plan_set` or a `plan_book`.
template <class P>
inline constexpr bool chooses_by_account = false;

template <class Buckets>
constexpr bool bucket_names_differ(const Buckets& buckets) {
    return std::apply(
        [](const auto&... each) {
            std::string_view names[] = {each.name...};
            for (std::size_t i = 0; i < sizeof...(each); ++i) {
                if (names[i].empty() || names[i].size() > 63) return false;
                for (std::size_t k = 0; k < i; ++k) {
                    if (names[i] == names[k]) return false;
                }
            }
            return true;
        },
        buckets);
}

template <class B>
consteval bool check_bucket() {
    static_assert(has_refill<B>,
                  "coffer: this bucket has no member 'refill'; add e.g. "
                  "'coffer::refill::none refill{};'");
    static_assert(has_rollover<B>,
                  "coffer: this bucket has no member 'rollover'; add e.g. "
                  "'coffer::rollover::none rollover{};'");
    static_assert(has_expiry<B>,
                  "coffer: this bucket has no member 'expiry'; add e.g. "
                  "'coffer::expiry::never expiry{};'");
    static_assert(has_refund<B>,
                  "coffer: this bucket has no member 'refund'; add e.g. "
                  "'coffer::refund::none refund{};'");
    if constexpr (has_refill<B>) {
        static_assert(refill_policy<decltype(B::refill)>,
                      "coffer: the bucket's 'refill' is no refill policy: it needs 'timespan "
                      "cadence() const', 'credits allowance(const period&) const' and 'money "
                      "paid() const'");
    }
    if constexpr (has_rollover<B>) {
        static_assert(rollover_policy<decltype(B::rollover)>,
                      "coffer: the bucket's 'rollover' is no rollover policy: it needs 'credits "
                      "carry(const ended_allowance&) const'");
    }
    if constexpr (has_expiry<B>) {
        static_assert(expiry_policy<decltype(B::expiry)>,
                      "coffer: the bucket's 'expiry' is no expiry policy: it needs "
                      "'result<lifetime> life(const lot_birth&) const'");
    }
    if constexpr (has_refund<B>) {
        static_assert(refund_policy<decltype(B::refund)>,
                      "coffer: the bucket's 'refund' is no refund policy: it needs 'result<money> "
                      "worth(const purchase&) const'");
        using refund = decltype(B::refund);
        static_assert(
            !requires(refund & p) { p.returns_spent(); } ||
                requires(const refund& p) { p.returns_spent(); },
            "coffer: the bucket's 'refund' cannot be asked what it has: it needs 'bool "
            "returns_spent() const'");
    }
    if constexpr (has_restore<B>) {
        static_assert(restore_policy<decltype(B::restore)>,
                      "coffer: the bucket's 'restore' is no restore policy: it needs 'timespan "
                      "grace() const'");
    }
    if constexpr (has_only<B>) {
        static_assert(only_policy<decltype(B::only)>,
                      "coffer: the bucket's 'only' is no such policy: it needs 'bool "
                      "allows(std::string_view action, std::string_view category) const'");
    }
    return true;
}

template <class P, std::size_t... I>
consteval bool check_each_bucket(std::index_sequence<I...>) {
    return (check_bucket<std::remove_cvref_t<decltype(std::declval<const P&>().*
                                                      (std::get<I>(P::buckets).part))>>() &&
            ...);
}

template <class P>
consteval bool check_buckets() {
    if constexpr (has_bucket_range<P>) {
        return check_bucket<bucket_of_range<P>>();
    } else if constexpr (has_buckets<P>) {
        static_assert(bucket_names_differ(P::buckets),
                      "coffer: each bucket needs a name of its own, of 1 to 63 bytes");
        return check_each_bucket<P>(
            std::make_index_sequence<
                std::tuple_size_v<std::remove_cvref_t<decltype(P::buckets)>>>{});
    }
    return true;
}

template <class P>
consteval bool check_required_parts() {
    static_assert(has_cost<P>,
                  "coffer: this plan has no member 'cost'; add e.g. 'coffer::cost_table cost;'");
    static_assert(has_overdraft<P>,
                  "coffer: this plan has no member 'overdraft'; add e.g. "
                  "'coffer::overdraft::deny overdraft{};'");
    static_assert(has_access<P>,
                  "coffer: this plan has no member 'access'; add e.g. "
                  "'coffer::access::anyone access{};'");
    static_assert(has_buckets<P>,
                  "coffer: this plan has no static member 'buckets'; add 'static constexpr auto "
                  "buckets = coffer::in_order(…);'");
    if constexpr (has_cost<P>) {
        static_assert(cost_policy<decltype(P::cost)>,
                      "coffer: the plan's 'cost' is no cost policy: it needs 'result<price> "
                      "price(const usage&) const'");
    }
    if constexpr (has_overdraft<P>) {
        static_assert(overdraft_policy<decltype(P::overdraft)>,
                      "coffer: the plan's 'overdraft' is no overdraft policy: it needs "
                      "'overdraft_terms terms() const'");
    }
    if constexpr (has_access<P>) {
        static_assert(access_policy<decltype(P::access)>,
                      "coffer: the plan's 'access' is no access policy: it needs 'bool "
                      "allows(const access_question&) const'");
    }
    return true;
}

template <class P>
consteval bool check_optional_parts() {
    if constexpr (has_order<P>) {
        static_assert(spend_order_policy<decltype(P::order)>,
                      "coffer: the plan's 'order' is no spend order: it needs 'bool before(const "
                      "burn_candidate&, const burn_candidate&) const' and 'uint64_t "
                      "fingerprint() const'");
    }
    if constexpr (has_clawback<P>) {
        static_assert(clawback_policy<decltype(P::clawback)>,
                      "coffer: the plan's 'clawback' is no claw-back policy: it needs 'shortfall "
                      "of_spent() const'");
    }
    if constexpr (has_debt_at_reset<P>) {
        static_assert(debt_at_reset_policy<decltype(P::debt_at_reset)>,
                      "coffer: the plan's 'debt_at_reset' is no such policy: it needs 'bool "
                      "drops() const'");
    }
    if constexpr (has_refusals<P>) {
        static_assert(refusals_policy<decltype(P::refusals)>,
                      "coffer: the plan's 'refusals' is no such policy: it needs 'bool stick() "
                      "const'");
    }
    if constexpr (has_late<P>) {
        static_assert(std::is_convertible_v<decltype(P::late), late_events>,
                      "coffer: the plan's 'late' is no 'late_events'");
    }
    if constexpr (has_zone<P>) {
        static_assert(std::is_convertible_v<decltype(P::zone), coffer::zone>,
                      "coffer: the plan's 'zone' is no 'zone'");
    }
    if constexpr (has_unit<P>) {
        static_assert(std::is_convertible_v<decltype(P::unit), std::string_view>,
                      "coffer: the plan's 'unit' is no text");
    }
    return true;
}

}  // namespace detail

/// True, or a compile-time sentence that says what the plan lacks.
template <class P>
consteval bool check_plan() {
    if constexpr (detail::chooses_by_account<P>) {
        return P::check_plans();
    } else {
        return detail::check_required_parts<P>() && detail::check_optional_parts<P>() &&
               detail::check_buckets<P>();
    }
}

namespace detail {

template <class B>
concept bucket_part = has_refill<B> && has_rollover<B> && has_expiry<B> && has_refund<B> &&
    refill_policy<decltype(B::refill)> && rollover_policy<decltype(B::rollover)> &&
    expiry_policy<decltype(B::expiry)> && refund_policy<decltype(B::refund)>;

template <class P, std::size_t... I>
consteval bool are_buckets(std::index_sequence<I...>) {
    return (bucket_part<std::remove_cvref_t<decltype(std::declval<const P&>().*
                                                     (std::get<I>(P::buckets).part))>> &&
            ...);
}

template <class P>
consteval bool has_whole_buckets() {
    if constexpr (has_bucket_range<P>) {
        return bucket_part<bucket_of_range<P>>;
    } else {
        return bucket_names_differ(P::buckets) &&
               are_buckets<P>(std::make_index_sequence<
                              std::tuple_size_v<std::remove_cvref_t<decltype(P::buckets)>>>{});
    }
}

}  // namespace detail

/// Whether a type has all that a plan needs; `check_plan` says what is missing.
template <class P>
concept plan = detail::has_cost<P> && detail::has_overdraft<P> && detail::has_access<P> &&
    detail::has_buckets<P> && cost_policy<decltype(P::cost)> &&
    overdraft_policy<decltype(P::overdraft)> && access_policy<decltype(P::access)> &&
    detail::has_whole_buckets<P>();

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
