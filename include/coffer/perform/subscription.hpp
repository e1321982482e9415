/// The verbs of a subscription's life: start, pause and unpause, past_due and paid, end.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether what a start says of a trial makes sense. Errors: `invalid_argument`, `unknown_plan`.
inline result<void> check_trial(const engine& by, const start_request& r, instant now) {
    if (!r.trial_until) {
        return r.then.is_said() ? error{errc::invalid_argument}.about("then") : result<void>{};
    }
    if (!r.then.is_said()) return error{errc::invalid_argument}.about("then");
    if (*r.trial_until <= now || !is_writable(*r.trial_until)) {
        return error{errc::invalid_argument}.about("trial_until");
    }
    if (r.then.plan().empty()) return {};
    if (by.plans().only()) return error{errc::invalid_argument}.about("then");
    const result<plan_ref> then = by.plans().find(r.then.plan());
    return then ? result<void>{} : result<void>{then.error()};
}

/// Ends what runs by the old plan, and begins the first periods of the new one from the anchor.
/// `begins`: the id of the plan that begins by it; empty where it stays the same.
inline result<void> decide_start_of(attempt& s, const plan_terms& old, const plan_terms& plan,
                                    const start_request& r, std::string_view begins) {
    const instant anchor = r.anchor.value_or(s.event);
    if (anchor > s.now) return errc::invalid_argument;
    const zone where = r.zone.value_or(plan.zone);
    auto periods = first_periods(s, plan, {anchor, where}, s.now);
    if (!periods) return periods.error();
    const result<credits> used = used_from(s, periods->front().period.from);
    if (!used) return used.error();
    if (auto ended = end_running(s, old, *periods, s.now); !ended) return ended;
    auto started = s.add_primary([&](entry& e) {
        e.plan = begins;
        if (r.trial_until) {
            e.until = *r.trial_until;
            e.revokes = r.then.goes_on();
            e.resource = r.then.plan();
        }
        return decide_start(s.state, anchor, where.name(), *used, s.when(), e);
    });
    if (!started) return started;
    number_on(s.state, *periods);
    return begin_periods(s, plan, *periods, {.paid = r.paid, .of_account = true}, s.now);
}

inline result<receipt> start(engine& by, const target& wallet, const start_request& r) {
    content said{"start"};
    said.add(r.anchor).add(r.zone ? r.zone->name() : std::string_view{}).add(r.paid);
    if (!r.plan.empty()) said.add(r.plan);
    if (r.trial_until) {
        said.add("trial").add(*r.trial_until).add(std::uint64_t{r.then.goes_on()});
        said.add(r.then.plan());
    }
    const bool sensible = !r.paid.is_negative() && (r.plan.empty() || !by.plans().only());
    const auto decide = [&](attempt& s, const compiled_plan& old) -> result<void> {
        if (auto trial = check_trial(by, r, s.now); !trial) return trial;
        const subscription_state& sub = *s.state.rest->subscription;
        const std::string_view waits = sub.changes ? s.keep(std::string{sub.next.view()}) : "";
        const std::string_view begins = r.plan.empty() ? waits : r.plan;
        if (begins.empty()) return decide_start_of(s, old, old, r, begins);
        const result<plan_ref> plan = by.plans().find(begins);
        if (!plan) return plan.error();
        return decide_start_of(s, old, **plan, r, begins);
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {verb::start, r, wallet},
                       .content = said.value(),
                       .at = r.at,
                       .valid = valid_if(sensible),
                       .plan = r.plan},
                      {understood, decide});
}

/// Remembers a request that changes nothing.
inline result<void> note_nothing(attempt& s) {
    return s.add_primary(
        [&](entry& e) { return decide_note(s.state, entry_kind::noted, s.when(), e); });
}

/// Whether there is a subscription that goes on. Errors: `invalid_argument`.
inline result<void> check_subscribed(const account& a) {
    const subscription_status now = status_of(a);
    if (now != subscription_status::none && now != subscription_status::ended) return {};
    return error{errc::invalid_argument}.because(
        "the wallet has no subscription that goes on: start it first");
}

/// Notes how the subscription stands, and grants what that lets go on.
inline result<void> decide_standing(attempt& s, const plan_terms& plan, entry_kind how) {
    const bool ends_again = how == entry_kind::ended && s.state.rest->subscription->ended;
    if (ends_again) return note_nothing(s);
    if (auto subscribed = check_subscribed(s.state); !subscribed) return subscribed;
    const subscription_state sub = *s.state.rest->subscription;
    const bool holds = how == entry_kind::paused     ? sub.paused
                       : how == entry_kind::unpaused ? !sub.paused
                       : how == entry_kind::past_due ? sub.past_due
                       : how == entry_kind::paid     ? !sub.past_due
                                                     : false;
    if (holds) return note_nothing(s);
    instant grace = instant{};
    if (how == entry_kind::past_due) {
        grace = never;
        if (!plan.payment_grace.is_zero()) {
            const result<zone> where = zone_of(s.state, plan);
            if (!where) return where.error();
            grace = coffer::add(s.now, plan.payment_grace, *where).value_or(never);
            if (grace <= s.now) return errc::policy_contract;
        }
    }
    auto noted = s.add_primary([&](entry& e) {
        e.until = grace;
        if (how == entry_kind::paid) e.revokes = sub.paused;
        if (how == entry_kind::ended) e.revokes = plan.locks_when_ended;
        return decide_status(s.state, how, s.when(), e);
    });
    if (!noted || how != entry_kind::paid || sub.paused) return noted;
    return refill_owed(s, plan, s.now);
}

/// The verb by which a subscription comes to stand so.
constexpr verb verb_of(entry_kind how) noexcept {
    switch (how) {
        case entry_kind::paused: return verb::pause;
        case entry_kind::unpaused: return verb::unpause;
        case entry_kind::past_due: return verb::past_due;
        case entry_kind::paid: return verb::paid;
        default: return verb::end;
    }
}

inline result<receipt> set_standing(engine& by, const target& wallet, const subscription_request& r,
                                    entry_kind how) {
    const auto decide = [&](attempt& s, const compiled_plan& plan) {
        return decide_standing(s, plan, how);
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {verb_of(how), r, wallet},
                       .content = content{to_string(how)}.value(),
                       .at = r.at},
                      {understood, decide});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
