/// The verbs that change what a subscription brings: change and keep, add_on, and their preview.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/perform/subscription.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// An allowance that waits for the end of its bucket's period.
struct waiting_allowance {
    bucket_id bucket{};
    credits now{};
    credits then{};
    instant at{};
};

/// What a change would bring and cost.
struct change_preview {
    money due_today{};                 ///< None where no price is known.
    money next_payment{};              ///< Of all that is refilled then.
    std::optional<instant> next_at{};  ///< None where nothing is refilled any more.
    credits granted{};                 ///< Now.
    bool begins_now = false;           ///< The plan's id and its prices.
    std::vector<waiting_allowance> waits{};
};

namespace detail {

/// A bucket whose running allowance another plan raises or lowers.
struct changed_allowance {
    refill_rule rule{};
    cycle running{};
    credits wanted{};
};

/// What a plan changes of the periods that run.
struct plan_comparison {
    std::vector<changed_allowance> higher{};  ///< In burn order.
    std::vector<waiting_allowance> lower{};
    bool brings_bucket = false;  ///< It refills a bucket that has no period yet.
};

/// Compares what a plan refills with what runs. A bucket that it refills at another distance is
/// neither higher nor lower.
inline result<plan_comparison> compare_plans(attempt& s, const plan_terms& old,
                                             const plan_terms& next) {
    plan_comparison found;
    for (const bucket_terms& b : next.buckets) {
        const auto rule = rule_of(s.state, {.plan = &next}, b.bucket, false);
        if (!rule) continue;
        if (!runs(s.state, b.bucket)) {
            found.brings_bucket = true;
            continue;
        }
        const cycle c = *find_cycle(s.state, b.bucket);
        const auto now = rule_of(s.state, course_now(s, old, b.bucket), b.bucket, false);
        if (now && now->cadence != rule->cadence) continue;
        const result<credits> wanted = allowance_of(*rule, {c.index, c.from, c.until});
        if (!wanted) return wanted.error();
        if (*wanted > c.allowance) found.higher.push_back({*rule, c, *wanted});
        if (*wanted < c.allowance) {
            found.lower.push_back({b.bucket, c.allowance, *wanted, c.until});
        }
    }
    for (const cycle& c : s.state.rest->cycles) {
        if (!c.bucket || !runs(s.state, c.bucket) || !c.allowance.is_positive()) continue;
        if (rule_of(s.state, {.plan = &next}, c.bucket, false)) continue;
        found.lower.push_back({c.bucket, c.allowance, {}, c.until});
    }
    return found;
}

/// The price of one period of all that a plan refills.
inline result<money> price_of(const plan_terms& plan) {
    result<money> all = money{};
    for (const bucket_terms& b : plan.buckets) {
        if (all && !b.cadence.is_zero()) all = sum_of_prices(*all, b.price);
    }
    return all;
}

/// What going over from one price of a period to another costs today: never less than nothing.
/// Errors: `policy_contract` for two currencies.
inline result<money> due_for(const cycle* own, const money& old, const money& next, upgrade how,
                             instant at) {
    if (next.is_none()) return old.is_none() ? money{} : money::from_minor(0, old.in());
    if (how == upgrade::full) return next;
    const money none = money::from_minor(0, next.in());
    if (!old.is_none() && old.in() != next.in()) return errc::policy_contract;
    const checked<money> more = old.is_none() ? checked<money>{next} : next - old;
    if (!more) return more.error();
    if (!more->is_positive() || how == upgrade::later) return none;
    if (how == upgrade::difference || !own) return *more;
    const checked<money> part =
        scale(*more, (own->until - at).count(), (own->until - own->from).count(), rounding::up);
    if (!part) return part.error();
    return *part;
}

/// Looks up what a change has to say of money. Errors: `invalid_argument` about `paid`.
inline result<void> check_paid(const money& paid, const money& price, bool brings_lot) {
    const bool wrong = paid.is_negative() ||
                       (paid.has_currency() && price.has_currency() && paid.in() != price.in());
    if (wrong || (paid.is_positive() && !brings_lot)) {
        return error{errc::invalid_argument}.about("paid");
    }
    return {};
}

/// A change of plan, once its plan is found.
struct plan_change {
    const plan_terms& old;
    const plan_terms& next;
    const change_request& asked;
    change_preview* shown = nullptr;  ///< Told what it comes to.
    bool old_is_gone = false;         ///< Nobody can wait under it.

    upgrade how() const noexcept { return asked.how.value_or(next.how); }
};

/// Lets the plan wait for the period's end. One that is the account's own leaves nothing to wait.
inline result<void> wait_for(attempt& s, const plan_change& c) {
    if (c.asked.paid.is_positive()) return error{errc::invalid_argument}.about("paid");
    return s.add_primary(
        [&](entry& e) { return decide_pending(s.state, c.asked.plan, s.when(), e); });
}

/// Goes on with the plan that the account has: no other waits any more, and what goes by another
/// does so to the end of its period.
inline result<void> go_on(attempt& s, const plan_change& c) {
    if (c.asked.paid.is_positive()) return error{errc::invalid_argument}.about("paid");
    std::vector<bucket_id> waiting;
    for (const bucket_course& each : s.state.rest->subscription->courses) {
        waiting.push_back(each.bucket);
    }
    return s.add_primary(
        [&](entry& e) { return decide_plan(s.state, c.asked.plan, waiting, {}, s.when(), e); });
}

/// Lets the plan begin now: what is higher rises, what is lower waits.
inline result<void> begin_now(attempt& s, const plan_change& c, const plan_comparison& found) {
    const bool later = c.how() == upgrade::later;
    std::vector<credits> amounts;
    bool brings_lot = false;
    for (const changed_allowance& h : found.higher) {
        const auto amount = raise_by(s.state, h.rule, h.running, h.wanted, c.how(), s.now);
        if (!amount) return amount.error();
        amounts.push_back(*amount);
        brings_lot = brings_lot || amount->is_positive();
    }
    const result<money> price = price_of(c.next);
    if (!price) return price.error();
    auto sound = check_paid(c.asked.paid, *price, brings_lot || found.brings_bucket);
    if (!sound) return sound;
    going_over g;
    if (auto periods = find_periods(s, c.next, s.now, g); !periods) return periods;
    if (!c.old_is_gone && !(c.old.overdraft == c.next.overdraft)) {
        if (auto billed = bill_debt(s, c.old, s.now); !billed) return billed;  // at its prices
    }
    for (const waiting_allowance& w : found.lower) {
        if (!later) g.waiting.push_back(w.bucket);
    }
    auto begun = s.add_primary([&](entry& e) {
        return decide_plan(s.state, c.asked.plan, g.waiting, g.own, s.when(), e);
    });
    if (!begun) return begun;
    first_terms first{.of_account = g.own_begins, .how = c.how()};
    if (!brings_lot) first.paid = c.asked.paid;
    if (auto opened = begin_periods(s, c.next, g.first, first, s.now); !opened) return opened;
    money paid = brings_lot ? money{c.asked.paid} : money{};
    for (std::size_t i = 0; i < found.higher.size() && !later; ++i) {
        const changed_allowance& h = found.higher[i];
        const money own = amounts[i].is_positive() ? std::exchange(paid, money{}) : money{};
        auto raised = raise(s, c.next, h.rule, h.wanted, {.how = c.how(), .paid = own}, s.now);
        if (!raised) return raised;
    }
    return {};
}

/// What is to be paid when a trial goes on in a plan: all that is refilled begins with it.
inline result<void> show_payment_after_trial(attempt& s, const plan_terms& plan,
                                             change_preview& shown) {
    const subscription_state& sub = *s.state.rest->subscription;
    if (!sub.trial_goes_on) return {};
    const plan_name id = plan_after_trial(s.state, plan);
    const result<const plan_terms*> then = plan_named(s, plan, id.view());
    if (!then) return then.error();
    result<money> all = money{};
    for (const bucket_terms& b : (*then)->buckets) {
        const auto rule = rule_of(s.state, {.plan = *then}, b.bucket, true);
        if (!rule) continue;
        const result<money> price = price_of(*rule);
        if (!price) return price.error();
        all = sum_of_prices(*all, *price);
        if (!all) return all.error();
    }
    shown.next_at = sub.trial_until;
    shown.next_payment = *all;
    return {};
}

/// When and how much is to be paid next, if nothing else changes.
inline result<void> show_next_payment(attempt& s, const plan_terms& plan, change_preview& shown) {
    const subscription_state& sub = *s.state.rest->subscription;
    if (!s.state.rest->started || sub.ended || sub.paused) return {};
    if (sub.on_trial()) return show_payment_after_trial(s, plan, shown);
    for (const cycle& c : s.state.rest->cycles) {
        if (!c.bucket || c.until == never) continue;
        const bool begins = sub.changes && own_cycle(s.state, plan)->until == c.until;
        const auto course = course_next(s, plan, c.bucket, begins);
        if (!course) return course.error();
        const auto rule = rule_of(s.state, *course, c.bucket, true);
        if (!rule) continue;
        const result<money> price = price_of(*rule);
        if (!price) return price.error();
        if (price->is_none() || (shown.next_at && *shown.next_at < c.until)) continue;
        if (!shown.next_at || c.until < *shown.next_at) {
            shown.next_at = c.until;
            shown.next_payment = *price;
            continue;
        }
        const result<money> sum = sum_of_prices(shown.next_payment, *price);
        if (!sum) return sum.error();
        shown.next_payment = *sum;
    }
    return {};
}

/// With the end of a trial all periods end: what waits for later comes then, or not at all.
inline void end_with_trial(const account& a, bool comes, std::vector<waiting_allowance>& waits) {
    const subscription_state& sub = *a.rest->subscription;
    if (!sub.on_trial()) return;
    const instant end = sub.trial_until;
    if (!comes) {
        const auto is_beyond = [&](const waiting_allowance& w) { return w.at >= end; };
        waits.erase(std::remove_if(waits.begin(), waits.end(), is_beyond), waits.end());
    }
    for (waiting_allowance& w : waits) w.at = std::min(w.at, end);
}

/// What the entries from one on have granted.
inline credits granted_from(const attempt& s, std::size_t first) {
    credits sum;
    for (std::size_t i = first; i < s.entries.size(); ++i) {
        const entry& e = s.entries[i];
        const bool grants =
            e.kind == entry_kind::allowance_raised || e.kind == entry_kind::period_began;
        if (grants) sum = (sum + e.amount).value_or(credits::max());
    }
    return sum;
}

/// Changes the plan of a subscription that runs.
inline result<void> decide_change(attempt& s, const plan_change& c) {
    const bool same = s.state.rest->plan == c.asked.plan;
    const result<plan_comparison> found = compare_plans(s, c.old, c.next);
    if (!found) return found.error();
    const bool rises = !found->higher.empty() || found->brings_bucket;
    const bool lowers = !rises && !found->lower.empty() && c.how() != upgrade::later;
    const bool waits = !same && !c.old_is_gone && (c.asked.when == at::period_end || lowers);
    const std::size_t first = s.entries.size();
    const result<money> old_price = price_of(c.old);
    const result<money> next_price = price_of(c.next);
    if (!old_price || !next_price) return (old_price ? next_price : old_price).error();
    const upgrade how = c.how() == upgrade::full && !rises ? upgrade::difference : c.how();
    const result<money> due =
        waits || same ? result<money>{money::from_minor(0, next_price->in())}
                      : due_for(own_cycle(s.state, c.old), *old_price, *next_price, how, s.now);
    if (!due) return due.error();
    const bool goes_on = same && c.asked.when == at::period_end;
    auto done = goes_on ? go_on(s, c) : waits ? wait_for(s, c) : begin_now(s, c, *found);
    if (!done || !c.shown) return done;
    *c.shown = {.due_today = *due, .begins_now = !waits, .waits = found->lower};
    if (waits || goes_on) {
        for (const changed_allowance& h : found->higher) {
            c.shown->waits.push_back(
                {h.running.bucket, h.running.allowance, h.wanted, h.running.until});
        }
    }
    c.shown->granted = granted_from(s, first);
    const plan_terms& now = waits ? c.old : c.next;
    const bool goes_on_in_it =
        s.state.rest->subscription->trial_goes_on && plan_after_trial(s.state, now) == c.asked.plan;
    end_with_trial(s.state, goes_on_in_it, c.shown->waits);
    return show_next_payment(s, now, *c.shown);
}

inline result<void> decide_change_of(attempt& s, const plan_change& c) {
    if (status_of(s.state) == subscription_status::ended) return check_subscribed(s.state);
    if (s.state.rest->started) return decide_change(s, c);
    if (c.asked.paid.is_positive()) return error{errc::invalid_argument}.about("paid");
    return s.add_primary(
        [&](entry& e) { return decide_plan(s.state, c.asked.plan, {}, {}, s.when(), e); });
}

inline result<receipt> change(engine& by, const target& wallet, const change_request& r,
                              change_preview* shown = nullptr) {
    content said{"change"};
    said.add(r.plan).add(static_cast<std::uint64_t>(r.when)).add(r.paid);
    said.add(std::uint64_t{r.how.has_value()});
    if (r.how) said.add(static_cast<std::uint64_t>(*r.how));
    const bool known = to_string(r.how.value_or(upgrade::full)) != "unknown" &&
                       (r.when == at::once || r.when == at::period_end);
    const bool sensible = known && !r.plan.empty() && !r.paid.is_negative() && !by.plans().only();
    const auto decide = [&](attempt& s, const compiled_plan& old) -> result<void> {
        const result<plan_ref> plan = by.plans().find(r.plan);
        if (!plan) return plan.error();
        if (!sensible) return errc::invalid_argument;
        const bool gone = !by.plans().find(s.state.rest->plan.view());
        return decide_change_of(s, {old, **plan, r, shown, gone});
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {shown ? verb::see : verb::change, r, wallet},
                       .content = said.value(),
                       .at = r.at,
                       .valid = valid_if(sensible),
                       .plan = r.plan},
                      {understood, decide}, {.dry = shown != nullptr});
}

inline result<receipt> keep(engine& by, const target& wallet, const subscription_request& r) {
    const auto decide = [&](attempt& s, const compiled_plan&) -> result<void> {
        const subscription_state& sub = *s.state.rest->subscription;
        const auto waits = [](const bucket_course& c) { return !c.stays; };
        const auto changes = [](const add_on& a) { return a.changes; };
        const bool any = sub.changes ||
                         std::any_of(sub.courses.begin(), sub.courses.end(), waits) ||
                         std::any_of(sub.add_ons.begin(), sub.add_ons.end(), changes);
        if (!any) return note_nothing(s);
        return s.add_primary([&](entry& e) {
            return decide_status(s.state, entry_kind::change_revoked, s.when(), e);
        });
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {verb::keep, r, wallet},
                       .content = content{"keep"}.value(),
                       .at = r.at},
                      {understood, decide});
}

// ---- Add-ons ------------------------------------------------------------------------------------

/// An add-on that begins, changes or ends.
struct add_on_change {
    const plan_terms& plan;
    const add_on_request& asked;
    bucket_id bucket{};
    upgrade how = upgrade::difference;
    money old_price{};

    allowance_change set(bool waits) const noexcept {
        return {.any = true,
                .waits = waits,
                .allowance = asked.allowance,
                .price = asked.allowance.is_zero() ? money{} : money{asked.price}};
    }
};

inline result<void> set_add_on(attempt& s, const add_on_change& c, bool waits) {
    return s.add_primary(
        [&](entry& e) { return decide_add_on(s.state, c.bucket, c.set(waits), s.when(), e); });
}

/// The period that runs for a bucket that has none of its own: as long as its plan has it, or as
/// the account's.
inline result<first_period> period_for(const attempt& s, const add_on_change& c) {
    const bucket_terms& b = c.plan.buckets[*c.plan.find(c.bucket)];
    const timespan cadence = b.cadence.is_zero() ? c.plan.account_cadence() : b.cadence;
    const result<zone> where = zone_of(s.state, c.plan);
    if (!where) return where.error();
    return period_at(s.state, c.bucket, {s.state.rest->anchor, cadence, *where}, s.now);
}

/// The running period of its bucket, or of the account where the bucket has none.
inline const cycle* period_of_add_on(const account& a, const add_on_change& c) noexcept {
    return runs(a, c.bucket) ? find_cycle(a, c.bucket) : own_cycle(a, c.plan);
}

/// Lets an add-on that is larger begin now.
inline result<void> enlarge(attempt& s, const add_on_change& c, const money& due) {
    std::optional<first_period> first;
    if (!runs(s.state, c.bucket)) {
        const result<first_period> begun = period_for(s, c);
        if (!begun) return begun.error();
        first = *begun;
    }
    if (auto set = set_add_on(s, c, false); !set) return set;
    const auto rule = rule_of(s.state, course_now(s, c.plan, c.bucket), c.bucket, false);
    if (!rule) return errc::policy_contract;
    if (first) {
        return begin_period(s, c.plan,
                            {.rule = *rule,
                             .ahead = {c.bucket, first->period, s.state.last},
                             .since_anchor = first->since_anchor,
                             .paid = due,
                             .how = c.how,
                             .ordered = true},
                            s.now);
    }
    const cycle running = *find_cycle(s.state, c.bucket);
    const result<credits> wanted =
        allowance_of(*rule, {running.index, running.from, running.until});
    if (!wanted) return wanted.error();
    if (*wanted <= running.allowance) return {};
    // In full, an add-on brings its own allowance once, not that of the plan beside it.
    const upgrade how = c.how == upgrade::full ? upgrade::difference : c.how;
    return raise(s, c.plan, *rule, *wanted, {.how = how, .by_add_on = true, .paid = due}, s.now);
}

/// Lets an add-on wait for the end of its bucket's period, which may have to begin for it.
inline result<void> let_wait(attempt& s, const add_on_change& c) {
    if (!runs(s.state, c.bucket)) {
        const result<first_period> first = period_for(s, c);
        if (!first) return first.error();
        auto begun = s.add([&](entry& e) {
            const lot_terms terms{.bucket = c.bucket, .cycle = first->period.index};
            return decide_period(s.state, terms, first->period, first->since_anchor, {}, {}, false,
                                 s.now, e);
        });
        if (!begun) return begun;
    }
    return set_add_on(s, c, true);
}

inline result<void> decide_add_on_of(attempt& s, add_on_change c, change_preview* shown) {
    if (auto subscribed = check_subscribed(s.state); !subscribed) return subscribed;
    const std::vector<add_on>& all = s.state.rest->subscription->add_ons;
    const add_on* known = find_about(all, c.bucket);
    if (!known && all.size() == max_add_ons) return errc::too_many;
    const credits now = known ? known->allowance : credits{};
    if (known) c.old_price = known->price;
    const credits wanted = c.asked.allowance;
    const result<money> plan_price = price_of(c.plan);
    if (!plan_price) return plan_price.error();
    for (const money& other : {*plan_price, c.old_price}) {
        const bool differ = other.has_currency() && c.asked.price.has_currency() &&
                            other.in() != c.asked.price.in();
        if (differ) return error{errc::invalid_argument}.about("price");
    }
    const bool at_once = c.asked.when == at::once && c.how != upgrade::later;
    const bool rises = at_once && wanted > now;
    const bool same = wanted == now && (!known || known->price == c.asked.price);
    const result<money> due =
        rises ? due_for(period_of_add_on(s.state, c), c.old_price, c.asked.price, c.how, s.now)
              : result<money>{money::from_minor(0, c.asked.price.in())};
    if (!due) return due.error();
    const std::size_t first = s.entries.size();
    auto done = rises           ? enlarge(s, c, *due)
                : same && known ? set_add_on(s, c, false)
                : same          ? note_nothing(s)
                                : let_wait(s, c);
    if (!done || !shown) return done;
    *shown = {.due_today = *due, .granted = granted_from(s, first), .begins_now = rises};
    if (!rises && !same) {
        shown->waits.push_back({c.bucket, now, wanted, find_cycle(s.state, c.bucket)->until});
        end_with_trial(s.state, s.state.rest->subscription->trial_goes_on, shown->waits);
    }
    return show_next_payment(s, c.plan, *shown);
}

inline result<receipt> set_add_on(engine& by, const target& wallet, const add_on_request& r,
                                  change_preview* shown = nullptr) {
    content said{"add_on"};
    said.add(r.bucket).add(r.allowance).add(r.price).add(static_cast<std::uint64_t>(r.when));
    said.add(std::uint64_t{r.how.has_value()});
    if (r.how) said.add(static_cast<std::uint64_t>(*r.how));
    const bool known = to_string(r.how.value_or(upgrade::full)) != "unknown" &&
                       (r.when == at::once || r.when == at::period_end);
    const bool sensible = known && !r.allowance.is_negative() && !r.price.is_negative();
    const auto check = [&](const compiled_plan& plan, instant) -> result<void> {
        if (!plan.find(r.bucket)) return error{errc::unknown_bucket}.about(r.bucket);
        return {};
    };
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        const std::optional<std::size_t> bucket = plan.find(r.bucket);
        if (!bucket) return errc::unknown_bucket;
        if (!sensible) return errc::invalid_argument;
        return decide_add_on_of(
            s, {plan, r, plan.buckets[*bucket].bucket, r.how.value_or(plan.how)}, shown);
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {shown ? verb::see : verb::add_on, r, wallet},
                       .content = said.value(),
                       .at = r.at,
                       .valid = valid_if(sensible)},
                      {check, decide}, {.dry = shown != nullptr});
}

/// What a request would come to: the same with the commit left out.
inline result<change_preview> preview(engine& by, const target& wallet, change_request r) {
    change_preview shown;
    r.request = {};
    const result<receipt> done = change(by, wallet, r, &shown);
    if (!done) return done.error();
    return shown;
}
inline result<change_preview> preview(engine& by, const target& wallet, add_on_request r) {
    change_preview shown;
    r.request = {};
    const result<receipt> done = set_add_on(by, wallet, r, &shown);
    if (!done) return done.error();
    return shown;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
