/// By what a bucket is refilled: its plan, which need not be the account's, and the account's
/// add-on; and what the beginning of a period brings.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/rollover.hpp>
#include <coffer/ledger/subscription.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The plan by which a bucket goes.
struct course_of_bucket {
    const plan_terms* plan = nullptr;
    plan_name id{};
    bool other = false;  ///< It is not the account's.
};

/// The plan of that id. `plan` is the account's. Errors: `unknown_plan`.
inline result<const plan_terms*> plan_named(attempt& s, const plan_terms& plan,
                                            std::string_view id) {
    if (!s.shelf || s.state.rest->plan == id) return &plan;
    return s.shelf->find(id);
}

inline course_of_bucket course_by(attempt& s, const plan_terms& plan, const bucket_course& c) {
    const result<const plan_terms*> named = plan_named(s, plan, c.plan.view());
    if (!named) return {.plan = &plan};  // it is gone: the account's holds
    return {.plan = *named, .id = c.plan, .other = !(s.state.rest->plan == c.plan)};
}

/// By which plan the running period of a bucket goes.
inline course_of_bucket course_now(attempt& s, const plan_terms& plan, bucket_id bucket) {
    const bucket_course* c = find_about(s.state.rest->subscription->courses, bucket);
    return c ? course_by(s, plan, *c) : course_of_bucket{.plan = &plan};
}

/// By which plan the next period of a bucket goes: by the one that waits, if it refills the bucket
/// or begins now; by one that was kept for the bucket; by the account's.
/// Errors: `unknown_plan`.
inline result<course_of_bucket> course_next(attempt& s, const plan_terms& plan, bucket_id bucket,
                                            bool begins = false) {
    const subscription_state& sub = *s.state.rest->subscription;
    if (sub.changes) {
        const plan_name next = sub.next;
        const result<const plan_terms*> waits = plan_named(s, plan, next.view());
        if (!waits) return waits.error();
        if (begins || (*waits)->find_refill(bucket)) {
            return course_of_bucket{*waits, next, !(s.state.rest->plan == next)};
        }
    }
    const bucket_course* c = find_about(sub.courses, bucket);
    return c && c->stays ? course_by(s, plan, *c) : course_of_bucket{.plan = &plan};
}

/// By what a bucket is refilled.
struct refill_rule {
    course_of_bucket by{};
    std::size_t bucket = 0;  ///< Its place in that plan.
    timespan cadence{};
    bool of_plan = false;  ///< The plan itself refills it.
    credits added{};       ///< By the add-on.
    money added_price{};
};

/// The rule of a bucket; none for one that is not refilled. `turns`: its period begins now, so that
/// what waits of the add-on begins.
inline std::optional<refill_rule> rule_of(const account& a, const course_of_bucket& by,
                                          bucket_id bucket, bool turns) {
    const std::optional<std::size_t> place = by.plan->find(bucket);
    if (!place) return std::nullopt;
    refill_rule rule{.by = by, .bucket = *place, .cadence = by.plan->buckets[*place].cadence};
    rule.of_plan = !rule.cadence.is_zero();
    if (const add_on* added = find_about(a.rest->subscription->add_ons, bucket)) {
        const bool next = turns && added->changes;
        rule.added = next ? added->next : added->allowance;
        rule.added_price = next ? added->next_price : added->price;
        if (!rule.of_plan && rule.added.is_positive()) rule.cadence = by.plan->account_cadence();
    }
    if (rule.cadence.is_zero()) return std::nullopt;
    return rule;
}

/// The allowance of a period. Errors: `policy_contract`, `amount_overflow`.
inline result<credits> allowance_of(const refill_rule& rule, const period& begun) {
    const credits own = rule.of_plan ? rule.by.plan->allowance(rule.bucket, begun) : credits{};
    if (own.is_negative()) return errc::policy_contract;
    const checked<credits> all = own + rule.added;
    if (!all) return all.error();
    return *all;
}

/// The sum of two prices, of which one may be none.
/// Errors: `policy_contract` for two currencies; `amount_overflow`.
inline result<money> sum_of_prices(const money& a, const money& b) {
    if (a.is_none()) return b;
    if (b.is_none()) return a;
    if (a.in() != b.in()) return errc::policy_contract;
    const checked<money> sum = a + b;
    if (!sum) return sum.error();
    return *sum;
}

/// The price of a period.
inline result<money> price_of(const refill_rule& rule) {
    const money own = rule.of_plan ? rule.by.plan->buckets[rule.bucket].price : money{};
    return sum_of_prices(own, rule.added_price);
}

/// The part of something that is due for the rest of a period.
inline result<credits> prorated(credits whole, const period& of, instant at) {
    const checked<credits> part =
        scale(whole, (of.until - at).count(), (of.until - of.from).count(), rounding::down);
    if (!part) return part.error();
    return *part;
}

/// The terms of a lot that belongs to a bucket's period and becomes effective now.
/// Errors: those of the plan's expiry; `policy_contract`.
inline result<lot_terms> allowance_terms(const account& a, const refill_rule& rule,
                                         const period& of, instant at) {
    lot_terms terms{.bucket = rule.by.plan->buckets[rule.bucket].bucket,
                    .source = lot_source::plan,
                    .origin = lot_origin::refilled,
                    .cycle = of.index,
                    .effective = at,
                    .lapses = of.until};
    const result<zone> where = zone_of(a, *rule.by.plan);
    if (!where) return where.error();
    const result<lifetime> life = life_of_allowance(*rule.by.plan, rule.bucket, at, of, *where);
    if (!life) return life.error();
    if (life->until <= at) return errc::policy_contract;
    terms.expires = life->until;
    terms.ends_with_period = life->with_period;
    return terms;
}

/// A period that begins.
struct opening {
    const refill_rule& rule;
    rolling ahead{};
    std::uint32_t since_anchor = 0;
    bool of_account = false;
    std::optional<money> paid{};        ///< In place of the price of its rule.
    upgrade how = upgrade::difference;  ///< It begins within its bounds: prorated, if so.
    bool ordered = false;  ///< Somebody had it begin: not what waits to be paid, or is skipped.
};

/// Opens a period of a bucket with its allowance: none while the subscription is paused or has
/// ended, once it is paid while it is past due. A trial is for free.
inline result<void> begin_period(attempt& s, const plan_terms& plan, const opening& o, instant at) {
    const period& begun = o.ahead.into;
    const result<credits> nominal = allowance_of(o.rule, begun);
    if (!nominal) return nominal.error();
    const subscription_state& sub = *s.state.rest->subscription;
    result<credits> granted = *nominal;
    if (o.how == upgrade::prorate) granted = prorated(*nominal, begun, at);
    if (!granted) return granted.error();
    allowance_change change{.allowance = *nominal};
    if (!o.ordered && (sub.ended || sub.paused || sub.past_due)) {
        if (!sub.ended && !sub.paused) change.owed = *granted;
        granted = credits{};
    }
    change.by_other_plan = o.rule.by.other;
    change.any = change.by_other_plan || *granted != *nominal;
    result<lot_terms> terms = allowance_terms(s.state, o.rule, begun, at);
    if (!terms) return terms.error();
    const result<money> price = o.paid           ? result<money>{*o.paid}
                                : sub.on_trial() ? result<money>{money{}}
                                                 : price_of(o.rule);
    if (!price) return price.error();
    terms->paid = *price;
    const lot fresh{.id = lot_id{s.state.last.value() + 1}, .terms = *terms, .granted = *granted};
    const burn_position place = position_of(s.state, fresh, plan, {&o.ahead, 1});
    const plan_name id = o.rule.by.id;
    return s.add([&](entry& e) {
        e.rolled_after = o.ahead.after;
        if (change.any) e.allowance = change;
        if (change.by_other_plan) e.plan = s.keep(std::string{id.view()});
        return decide_period(s.state, fresh.terms, begun, o.since_anchor, *granted, place,
                             o.of_account, at, e);
    });
}

/// Grants what of running periods waited to be paid, in the plan's order.
inline result<void> refill_owed(attempt& s, const plan_terms& plan, instant at) {
    std::vector<period_raise> raises = s.state.rest->subscription->raises;
    std::sort(raises.begin(), raises.end(), [&](const period_raise& x, const period_raise& y) {
        return plan.rank(x.bucket) < plan.rank(y.bucket);
    });
    for (const period_raise& r : raises) {
        const cycle* c = find_cycle(s.state, r.bucket);
        if (r.owed.is_zero() || !c) continue;
        const auto rule = rule_of(s.state, course_now(s, plan, r.bucket), r.bucket, false);
        if (!rule) continue;
        const period running{c->index, c->from, c->until};
        result<lot_terms> terms = allowance_terms(s.state, *rule, running, at);
        if (!terms) return terms.error();
        const result<money> price = price_of(*rule);
        if (!price) return price.error();
        terms->paid = *price;
        const lot fresh{.id = lot_id{s.state.last.value() + 1}, .terms = *terms, .granted = r.owed};
        const burn_position place = position_of(s.state, fresh, plan);
        auto done =
            s.add([&](entry& e) { return decide_refill(s.state, *terms, r.owed, place, at, e); });
        if (!done) return done;
    }
    return {};
}

/// What raising the allowance of a running period to `wanted` brings at once. In full a plan brings
/// its own allowance, not that of the add-on beside it.
inline result<credits> raise_by(const account& a, const refill_rule& rule, const cycle& c,
                                credits wanted, upgrade how, instant at) {
    const period_raise* before = find_about(a.rest->subscription->raises, c.bucket);
    const std::int64_t granted = before ? before->granted.micros() : 0;
    const std::int64_t known =
        how == upgrade::full ? rule.added.micros() + granted : c.allowance.micros();
    const credits more = credits::from_micros(std::max<std::int64_t>(0, wanted.micros() - known));
    if (how == upgrade::later) return credits{};
    return how == upgrade::prorate ? prorated(more, {c.index, c.from, c.until}, at) : more;
}

/// Who raises the allowance of a running period, how, and what the upgrade cost.
struct raise_terms {
    upgrade how = upgrade::difference;
    bool by_add_on = false;  ///< Not the plan.
    money paid{};
};

/// Raises the allowance of a running period.
inline result<void> raise(attempt& s, const plan_terms& plan, const refill_rule& rule,
                          credits wanted, const raise_terms& by, instant at) {
    const cycle c = *find_cycle(s.state, rule.by.plan->buckets[rule.bucket].bucket);
    const result<credits> amount = raise_by(s.state, rule, c, wanted, by.how, at);
    if (!amount) return amount.error();
    result<lot_terms> terms = allowance_terms(s.state, rule, {c.index, c.from, c.until}, at);
    if (!terms) return terms.error();
    const period_raise* before = find_about(s.state.rest->subscription->raises, c.bucket);
    const unsigned ordinal = before ? before->count + 1U : 1U;
    if (ordinal > 0xffffU) return errc::too_many;
    terms->origin = lot_origin::upgraded;
    terms->ordinal = static_cast<std::uint16_t>(ordinal);
    terms->paid = by.paid;
    const lot fresh{.id = lot_id{s.state.last.value() + 1}, .terms = *terms, .granted = *amount};
    const burn_position place = position_of(s.state, fresh, plan);
    const allowance_change to{.by_add_on = by.by_add_on, .allowance = wanted};
    return s.add(
        [&](entry& e) { return decide_raise(s.state, *terms, to, *amount, place, at, e); });
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
