/// What a plan has to have, and what it may have: `check_plan`, the sentences that it says, and the
/// concept `plan`. `plan/plan.hpp` brings it.
#pragma once

#include <coffer/plan/detail/members.hpp>
#include <coffer/plan/detail/parts.hpp>
#include <coffer/policy/access.hpp>
#include <coffer/policy/alerts.hpp>
#include <coffer/policy/catalogue.hpp>
#include <coffer/policy/choices.hpp>
#include <coffer/policy/clawback.hpp>
#include <coffer/policy/cost/cost.hpp>
#include <coffer/policy/debt_at_reset.hpp>
#include <coffer/policy/expiry.hpp>
#include <coffer/policy/late.hpp>
#include <coffer/policy/limits.hpp>
#include <coffer/policy/only.hpp>
#include <coffer/policy/overdraft.hpp>
#include <coffer/policy/recharge.hpp>
#include <coffer/policy/refill.hpp>
#include <coffer/policy/refund.hpp>
#include <coffer/policy/refusals.hpp>
#include <coffer/policy/restore.hpp>
#include <coffer/policy/rollover.hpp>
#include <coffer/policy/spend_order.hpp>
#include <coffer/policy/subscription.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

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

template <std::size_t Count>
struct members {};
template <std::size_t Count>
struct known_parts {};
template <std::size_t Count>
struct own_members {};

/// How many members a type says are its own.
template <class T>
consteval std::size_t own_members_of() {
    if constexpr (requires { std::integral_constant<std::size_t, T::own_members>{}; }) {
        return T::own_members;
    } else {
        return 0;
    }
}

/// One for a part that is a member, be it of any class or `From` one; none for a static one.
template <class From, class Part, class T>
consteval std::size_t member_count(Part T::*) {
    return std::is_void_v<From> || std::is_same_v<From, T> ? 1 : 0;
}
template <class From, class Part>
consteval std::size_t member_count(const Part*) {
    return 0;
}

/// The class that a part is a member of; of a static one, the one that was asked.
template <class Asked, class Part, class T>
std::type_identity<T> home_of(Part T::*);
template <class Asked, class Part>
std::type_identity<Asked> home_of(const Part*);

template <class B, class From = void>
consteval std::size_t parts_of_bucket() {
    std::size_t count = 0;
    if constexpr (has_refill<B>) count += member_count<From>(&B::refill);
    if constexpr (has_rollover<B>) count += member_count<From>(&B::rollover);
    if constexpr (has_expiry<B>) count += member_count<From>(&B::expiry);
    if constexpr (has_refund<B>) count += member_count<From>(&B::refund);
    if constexpr (has_name<B>) count += member_count<From>(&B::name);
    if constexpr (has_only<B>) count += member_count<From>(&B::only);
    if constexpr (has_restore<B>) count += member_count<From>(&B::restore);
    return count;
}

/// How many parts of a base another part of the same name hides; none of a base that was seen.
template <class B, class Base, class... Seen>
consteval std::size_t hidden_of_bucket(std::type_identity<Base>, Seen...) {
    if constexpr ((std::is_same_v<std::type_identity<Base>, Seen> || ...)) {
        return 0;
    } else {
        return parts_of_bucket<Base, Base>() - parts_of_bucket<B, Base>();
    }
}

template <class B>
consteval std::size_t known_of_bucket() {
    const std::type_identity<B> self;
    const decltype(home_of<B>(&B::refill)) refill;
    const decltype(home_of<B>(&B::rollover)) rollover;
    const decltype(home_of<B>(&B::expiry)) expiry;
    const decltype(home_of<B>(&B::refund)) refund;
    return parts_of_bucket<B>() + hidden_of_bucket<B>(refill, self) +
           hidden_of_bucket<B>(rollover, self, refill) +
           hidden_of_bucket<B>(expiry, self, refill, rollover) +
           hidden_of_bucket<B>(refund, self, refill, rollover, expiry);
}

/// The compiler shows the counts among the template arguments.
template <class Bucket, class Members, class KnownParts, class OwnMembers>
struct bucket_with;
template <class Bucket, std::size_t Members, std::size_t Known, std::size_t Own>
struct bucket_with<Bucket, members<Members>, known_parts<Known>, own_members<Own>> {
    static_assert(
        Members <= Known + Own,
        "coffer: this bucket has a member that is no part of a bucket: its parts are 'refill', "
        "'rollover', 'expiry', 'refund' and, optional, 'only' and 'restore'; mend its name, or "
        "allow one member more by 'static constexpr int own_members = 1;' in the bucket, whose "
        "struct then needs a name");
    static_assert(Members >= Known + Own,
                  "coffer: this bucket has fewer members of its own than its 'own_members' says");
};

template <class B>
consteval bool check_bucket_members() {
    if constexpr (has_refill<B> && has_rollover<B> && has_expiry<B> && has_refund<B>) {
        constexpr std::size_t known = known_of_bucket<B>();
        static_cast<void>(bucket_with<B, members<members_of<B, known>()>, known_parts<known>,
                                      own_members<own_members_of<B>()>>{});
    }
    return true;
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
    return check_bucket_members<B>();
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
    if constexpr (has_alerts<P>) {
        static_assert(alerts_policy<decltype(P::alerts)>,
                      "coffer: the plan's 'alerts' is no list of 'coffer::alert'");
    }
    if constexpr (has_limits<P>) {
        static_assert(limits_policy<decltype(P::limits)>,
                      "coffer: the plan's 'limits' is no list of 'coffer::limit'");
    }
    if constexpr (has_unnamed<P>) {
        static_assert(unnamed_policy<decltype(P::unnamed)>,
                      "coffer: the plan's 'unnamed' is no such policy: it needs 'bool refuses() "
                      "const'");
    }
    if constexpr (has_catalogue<P>) {
        static_assert(std::is_convertible_v<decltype(P::catalogue), coffer::catalogue>,
                      "coffer: the plan's 'catalogue' is no 'coffer::catalogue'");
    }
    if constexpr (has_subscription<P>) {
        static_assert(std::is_convertible_v<decltype(P::subscription), subscription_rules>,
                      "coffer: the plan's 'subscription' is no 'subscription_rules'");
    }
    if constexpr (has_recharge<P>) {
        static_assert(std::is_convertible_v<decltype(P::recharge), coffer::recharge>,
                      "coffer: the plan's 'recharge' is no 'coffer::recharge'");
    }
    if constexpr (has_choices<P>) {
        static_assert(std::is_convertible_v<decltype(P::choices), coffer::choices>,
                      "coffer: the plan's 'choices' are no 'coffer::choices'");
    }
    if constexpr (has_revision<P>) {
        static_assert(std::is_integral_v<std::remove_cvref_t<decltype(P::revision)>>,
                      "coffer: the plan's 'revision' is no whole number");
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

/// Whether two buckets have their policies in one member.
template <class One, class Other>
constexpr bool share_member(const One& one, const Other& other) {
    if constexpr (std::is_same_v<One, Other>) {
        return one.part == other.part;
    } else {
        return false;
    }
}

template <class P, std::size_t At, std::size_t... Before>
consteval bool is_new_member(std::index_sequence<Before...>) {
    return !(share_member(std::get<At>(P::buckets), std::get<Before>(P::buckets)) || ...);
}

template <class P, std::size_t... At>
consteval std::size_t count_bucket_members(std::index_sequence<At...>) {
    return (std::size_t{is_new_member<P, At>(std::make_index_sequence<At>{})} + ... + 0U);
}

/// How many of a plan's members are buckets; several names may share one.
template <class P>
consteval std::size_t bucket_members() {
    if constexpr (has_bucket_range<P>) {
        return member_count<void>(&P::buckets);
    } else {
        return count_bucket_members<P>(
            std::make_index_sequence<
                std::tuple_size_v<std::remove_cvref_t<decltype(P::buckets)>>>{});
    }
}

/// Without the buckets.
template <class P, class From = void>
consteval std::size_t parts_of_plan() {
    std::size_t count = 0;
    if constexpr (has_cost<P>) count += member_count<From>(&P::cost);
    if constexpr (has_overdraft<P>) count += member_count<From>(&P::overdraft);
    if constexpr (has_access<P>) count += member_count<From>(&P::access);
    if constexpr (has_order<P>) count += member_count<From>(&P::order);
    if constexpr (has_late<P>) count += member_count<From>(&P::late);
    if constexpr (has_clawback<P>) count += member_count<From>(&P::clawback);
    if constexpr (has_debt_at_reset<P>) count += member_count<From>(&P::debt_at_reset);
    if constexpr (has_refusals<P>) count += member_count<From>(&P::refusals);
    if constexpr (has_alerts<P>) count += member_count<From>(&P::alerts);
    if constexpr (has_limits<P>) count += member_count<From>(&P::limits);
    if constexpr (has_unnamed<P>) count += member_count<From>(&P::unnamed);
    if constexpr (has_subscription<P>) count += member_count<From>(&P::subscription);
    if constexpr (has_catalogue<P>) count += member_count<From>(&P::catalogue);
    if constexpr (has_recharge<P>) count += member_count<From>(&P::recharge);
    if constexpr (has_choices<P>) count += member_count<From>(&P::choices);
    if constexpr (has_revision<P>) count += member_count<From>(&P::revision);
    if constexpr (has_zone<P>) count += member_count<From>(&P::zone);
    if constexpr (has_unit<P>) count += member_count<From>(&P::unit);
    return count;
}

template <class P, class Base, class... Seen>
consteval std::size_t hidden_of_plan(std::type_identity<Base>, Seen...) {
    if constexpr ((std::is_same_v<std::type_identity<Base>, Seen> || ...)) {
        return 0;
    } else {
        return parts_of_plan<Base, Base>() - parts_of_plan<P, Base>();
    }
}

template <class P>
consteval auto home_of_buckets() {
    if constexpr (has_bucket_range<P>) {
        return std::type_identity<P>{};
    } else {
        return decltype(home_of<P>(std::get<0>(P::buckets).part)){};
    }
}

template <class P>
consteval std::size_t known_of_plan() {
    const std::type_identity<P> self;
    const decltype(home_of<P>(&P::cost)) cost;
    const decltype(home_of<P>(&P::overdraft)) overdraft;
    const decltype(home_of<P>(&P::access)) access;
    return parts_of_plan<P>() + bucket_members<P>() + hidden_of_plan<P>(cost, self) +
           hidden_of_plan<P>(overdraft, self, cost) +
           hidden_of_plan<P>(access, self, cost, overdraft) +
           hidden_of_plan<P>(home_of_buckets<P>(), self, cost, overdraft, access);
}

template <class Plan, class Members, class KnownParts, class OwnMembers>
struct plan_with;
template <class Plan, std::size_t Members, std::size_t Known, std::size_t Own>
struct plan_with<Plan, members<Members>, known_parts<Known>, own_members<Own>> {
    static_assert(
        Members <= Known + Own,
        "coffer: this plan has a member that is no part of a plan: its parts are 'cost', "
        "'overdraft', 'access', the buckets that 'buckets' lists and, optional, 'order', 'late', "
        "'clawback', 'debt_at_reset', 'refusals', 'alerts', 'limits', 'unnamed', 'subscription', "
        "'catalogue', 'recharge', 'choices', 'revision', 'zone' and 'unit'; mend its name, or "
        "allow one member more by 'static constexpr int own_members = 1;' in the plan");
    static_assert(Members >= Known + Own,
                  "coffer: this plan has fewer members of its own than its 'own_members' says");
};

template <class P>
consteval bool check_plan_members() {
    if constexpr (has_cost<P> && has_overdraft<P> && has_access<P> && has_buckets<P>) {
        constexpr std::size_t known = known_of_plan<P>();
        static_cast<void>(plan_with<P, members<members_of<P, known>()>, known_parts<known>,
                                    own_members<own_members_of<P>()>>{});
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
               detail::check_buckets<P>() && detail::check_plan_members<P>();
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
}  // namespace v0
}  // namespace coffer
