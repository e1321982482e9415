/// Which parts a plan and its buckets have, by their names. For the checks of a plan.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
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
concept has_alerts = requires(const P& p) {
    p.alerts;
};
template <class P>
concept has_subscription = requires(const P& p) {
    p.subscription;
};
template <class P>
concept has_limits = requires(const P& p) {
    p.limits;
};
template <class P>
concept has_catalogue = requires(const P& p) {
    p.catalogue;
};
template <class P>
concept has_unnamed = requires(const P& p) {
    p.unnamed;
};
template <class P>
concept has_recharge = requires(const P& p) {
    p.recharge;
};
template <class P>
concept has_choices = requires(const P& p) {
    p.choices;
};
template <class P>
concept has_revision = requires(const P& p) {
    p.revision;
};
template <class P>
concept has_zone = requires(const P& p) {
    p.zone;
};
template <class P>
concept has_unit = requires(const P& p) {
    p.unit;
};

/// A bucket's own name, where buckets are a range.
template <class B>
concept has_name = requires(const B& b) {
    b.name;
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

}  // namespace detail
}  // namespace v0
}  // namespace coffer
