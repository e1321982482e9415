/// What guards the credits of an account: lets the plan's alerts and limits hold, and those of its
/// customer's choice, compares the balance with the levels of the alerts, and orders more where the
/// plan buys by itself.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/limit_record.hpp>
#include <coffer/ledger/recharge.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether a spend may have raised an alert, or is to be followed by an order, by the head of the
/// account.
inline bool may_raise(const account& a) noexcept {
    return a.floor != credits::min() && watched_balance{a}.total() <= a.floor.micros();
}

/// Whether an entry raises no balance, and lowers that of each bucket by no more than the total.
constexpr bool only_spends(entry_kind kind) noexcept {
    switch (kind) {
        case entry_kind::charged:
        case entry_kind::held:
        case entry_kind::settled:
        case entry_kind::released:
        case entry_kind::timed_out:
        case entry_kind::refused:
        case entry_kind::noted: return true;
        default: return false;
    }
}

/// With what an offer brings, where that is still to be looked up.
inline recharge_terms with_offer(const attempt& s, const plan_terms& plan, recharge_terms t) {
    if (!t.wants_offer()) return t;
    if (!s.shelf) return plan.with_offer(std::move(t));
    return s.shelf->with_offer(plan, std::move(t), s.state.rest->plan.view());
}

/// What the plan buys by itself for the account, as far as its customer lets it.
/// Requires: the whole account is there.
inline std::optional<recharge_terms> recharge_for(const attempt& s, const plan_terms& plan) {
    if (!may_recharge(plan)) return std::nullopt;
    const chosen_recharge chosen = recharge_in_force(s.state, plan);
    if (!chosen.on) return std::nullopt;
    recharge_terms t = plan.recharge.value_or(recharge_terms{});
    if (!chosen.offer.empty() && !(t.what.name == chosen.offer.view())) {
        t.what = {.name = chosen.offer};
        t.to_target = t.per_credit = false;
        t.pack = {};
    }
    if (chosen.threshold) t.below = *chosen.threshold;
    if (chosen.monthly_limit) t.monthly = *chosen.monthly_limit;
    return with_offer(s, plan, std::move(t));
}

/// What a recharge sees. An account that has met a higher revision of the plan is looked at by a
/// program with that: this one leaves it what is watched, and lets the head decide nothing alone.
inline recharge_sight sight_of_recharge(const attempt& s, const plan_terms& plan) {
    if (is_beyond(s.state, plan.revision)) {
        const order_book& book = *s.state.rest->purchases;
        recharge_sight sight{.on = book.watched};
        if (book.watched) sight.room = 0;
        if (book.check > s.state.time) sight.check = book.check;
        return sight;
    }
    const std::optional<recharge_terms> buys = recharge_for(s, plan);
    const bool sound = buys && is_recharge(*buys);
    return sound ? look_at_recharge(s.state, plan, *buys) : recharge_sight{};
}

/// Compares the balance with the levels of the alerts, if something has happened since the last
/// time. What changed, and what is raised, stands in the last entry.
inline void watch(attempt& s, const plan_terms& plan) {
    const std::size_t from = std::exchange(s.watched, s.entries.size());
    if (from == s.entries.size()) return;
    const account_details& rest = *s.state.rest;
    const bool recharges =
        may_recharge(plan) || (rest.purchases.has_value() && rest.purchases->watched);
    if (rest.alerts.empty() && !recharges) return;
    const auto is_spend = [](const entry& e) { return only_spends(e.kind); };
    const bool lowers = std::all_of(s.entries.begin() + from, s.entries.end(), is_spend);
    if (lowers && !may_raise(s.state)) return;  // as the head alone decides
    const auto begins_period = [](const entry& e) {
        return e.kind == entry_kind::period_began && e.counts;
    };
    const bool new_period = std::any_of(s.entries.begin() + from, s.entries.end(), begins_period);
    const auto in_order = [&] { return lists_for(s.state, plan).alerts; };
    comparison found = compare_alerts(s.state, new_period, sight_of_recharge(s, plan), in_order);
    if (changes_nothing(s.state, found)) return;
    entry& last = s.entries.back();
    std::string raised{last.alerts.raised};  // by limits
    if (!raised.empty() && !found.raised.empty()) raised += '\n';
    raised += found.raised;
    last.alerts = found.change;
    last.alerts.raised = s.keep(std::move(raised));
    post_alert_change(s.state, last);
}

/// Whether what the plan buys by itself makes sense. Errors: `policy_contract`.
inline result<void> check_recharge(const attempt& s, const plan_terms& plan) {
    if (!plan.recharge) return {};
    const recharge_terms r = with_offer(s, plan, *plan.recharge);
    const auto is_known = [&](bucket_id b) { return plan.find(b).has_value(); };
    const bool sound = is_recharge(r) && is_known(r.what.into) &&
                       (!r.what.bonus_into || is_known(r.what.bonus_into)) &&
                       std::all_of(r.of.begin(), r.of.end(), is_known);
    return sound ? result<void>{} : result<void>{errc::policy_contract};
}

/// Notes what a spend lacked that was refused for lack of credit: so much more, beside what repays
/// debt, would let it go ahead. Nothing where credit in the bucket of the recharge would not.
inline void note_lack(attempt& s, const plan_terms& plan, credits cost, const bucket_filter& from,
                      const overdraft_terms& overdraft) {
    if (!may_recharge(plan)) return;
    if (!s.whole) {
        s.lacked = 0;  // what its customer chose is not seen yet: it is decided anew
        return;
    }
    const std::optional<recharge_terms> buys = recharge_for(s, plan);
    if (!buys || !from.allows(buys->what.into)) return;
    const int128 missing = int128{cost.micros()} - available_in(s.state, from).micros();
    s.lacked = (overdraft.partial ? int128{1} : missing) - overdraft.limit.micros();
}

/// Places the order that the plan's recharge asks for, if it does and nothing stands against it.
/// `lacked`: what a refused operation lacked. Returns whether it did.
inline result<bool> order_more(attempt& s, const plan_terms& plan, instant at,
                               std::optional<int128> lacked = {}) {
    const account& a = s.state;
    if (is_beyond(a, plan.revision)) return false;  // not by terms that hold no longer
    const std::optional<recharge_terms> buys = recharge_for(s, plan);
    if (!buys || !is_recharge(*buys)) return false;
    const recharge_terms& r = *buys;
    if (a.rest->purchases->back_off > at || awaits_payment(a)) return false;
    if (is_locked_for_good(a)) return false;
    const int128 balance = balance_seen(a, r);
    const std::optional<offer_terms> wanted = to_buy(r, balance);
    if (!wanted) return false;
    const int128 gain = int128{wanted->amount.micros()} - a.totals.debt.micros();
    const bool cures = lacked && !plan.refusals_stick && gain >= *lacked;
    if (balance >= r.below.micros() && !cures) return false;
    const result<calendar_month> month = month_of(a, plan, at);
    if (!month || !month_allows(a, r, *month, wanted->price)) return false;
    const purchase_order o{.id = order_id{a.last.value() + 1},
                           .origin = order_origin::automatic,
                           .number = a.rest->purchases->automatic + 1,
                           .what = *wanted,
                           .placed = std::max(at, a.time)};
    const std::string_view packed = s.keep(
        pack(order_said{.order = o, .month_from = month->from, .month_until = month->until}));
    auto placed = s.add([&](entry& e) { return decide_order(s.state, o, packed, at, e); });
    if (!placed) return placed.error();
    watch(s, plan);
    return true;
}

/// The same after an operation. What the head tells is not looked at again.
inline result<void> recharge_after(attempt& s, const plan_terms& plan,
                                   std::optional<int128> lacked = {}) {
    if (!may_recharge(plan)) return {};
    const account& a = s.state;
    const bool is_watched = a.order == plan.order && a.rest->purchases->watched;
    if (is_watched && !lacked && !may_raise(a)) return {};
    const result<bool> placed = order_more(s, plan, s.now, lacked);
    return placed ? result<void>{} : result<void>{placed.error()};
}

/// What was to be bought by itself at an instant, if it is still to be.
inline result<void> recharge_due(attempt& s, const plan_terms& plan, instant at) {
    if (!is_check(s.state, plan, at)) return {};
    const result<bool> placed = order_more(s, plan, at);
    if (!placed) return placed.error();
    if (*placed || s.state.rest->purchases->check > at) return {};
    auto noted =
        s.add([&](entry& e) { return decide_note(s.state, entry_kind::recharge_checked, at, e); });
    watch(s, plan);
    return noted;
}

/// What lists are that make no sense: the plan's mistake, but what a customer chose where the rest
/// is of a higher revision.
inline errc wrong_lists(const account& a, const plan_terms& plan) noexcept {
    return is_beyond(a, plan.revision) ? errc::choice_refused : errc::policy_contract;
}

/// Whether alerts of an account make sense together. Of an account that has met a higher revision
/// of the plan the buckets need not be the plan's. Errors: `wrong_lists`.
inline result<void> check_alerts(const account& a, const std::vector<alert_terms>& all,
                                 const plan_terms& plan) {
    const bool beyond = is_beyond(a, plan.revision);
    if (all.size() > max_alerts) return wrong_lists(a, plan);
    for (const alert_terms& t : all) {
        const auto same = [&](const alert_terms& other) { return other.name == t.name; };
        const auto is_known = [&](bucket_id b) { return beyond || plan.find(b).has_value(); };
        const bool sound = is_alert(t) && std::count_if(all.begin(), all.end(), same) == 1 &&
                           std::all_of(t.of.begin(), t.of.end(), is_known);
        if (!sound) return wrong_lists(a, plan);
    }
    return {};
}

inline result<void> drop_alert(attempt& s, std::string_view name, instant at) {
    const std::string_view kept = s.keep(std::string{name});
    return s.add([&](entry& e) { return decide_alert_drop(s.state, kept, at, e); });
}
inline result<void> set_alert(attempt& s, const alert_terms& t, instant at) {
    const std::string_view name = s.keep(std::string{t.name.view()});
    const std::string_view of = s.keep(lines_of(t.of));
    return s.add([&](entry& e) { return decide_alert(s.state, t, {name, of}, at, e); });
}

/// Lets alerts hold in place of those that held. One of the same name keeps its state; a new one is
/// armed if the balance is above its level.
inline result<void> adopt_alerts(attempt& s, const std::vector<alert_terms>& wanted,
                                 const plan_terms& plan, instant at) {
    if (auto sound = check_alerts(s.state, wanted, plan); !sound) return sound;
    const auto held = s.state.rest->alerts;
    const alert_terms* last = nullptr;  // goes when others are there: that nothing is left is kept
    for (const alert_terms& t : held) {
        const auto same = [&](const alert_terms& other) { return other.name == t.name; };
        if (std::any_of(wanted.begin(), wanted.end(), same)) continue;
        if (const alert_terms* before = std::exchange(last, &t)) {
            if (auto done = drop_alert(s, before->name.view(), at); !done) return done;
        }
    }
    for (const alert_terms& t : wanted) {
        if (std::find(held.begin(), held.end(), t) != held.end()) continue;
        if (auto done = set_alert(s, t, at); !done) return done;
    }
    return last ? drop_alert(s, last->name.view(), at) : result<void>{};
}

/// Whether these alerts hold, in whatever order.
inline bool holds_alerts(const account& a, const std::vector<alert_terms>& wanted) noexcept {
    const auto& held = a.rest->alerts;
    const auto holds = [&](const alert_terms& t) {
        return std::find(held.begin(), held.end(), t) != held.end();
    };
    return held.size() == wanted.size() && std::all_of(wanted.begin(), wanted.end(), holds);
}

/// Whether a limit that holds is that one.
inline bool is_same(const limit_in_force& held, const limit_in_force& wanted) noexcept {
    return held.own == wanted.own && held.terms == wanted.terms;
}

/// Lets the limit of a place hold at the same place, after those before it.
inline result<void> adopt_limit(attempt& s, const limit_list& wanted, std::size_t place,
                                instant at) {
    const auto from = wanted.begin() + static_cast<std::ptrdiff_t>(place);
    const auto is_wanted = [&](const limit_in_force& l) {
        return std::any_of(from, wanted.end(),
                           [&](const limit_in_force& w) { return count_alike(w.terms, l.terms); });
    };
    const auto number = static_cast<std::uint32_t>(place);
    while (place < s.state.rest->limits->size() && !is_wanted((*s.state.rest->limits)[place])) {
        const std::string_view packed = s.keep(pack_place(number));
        auto gone = s.add([&](entry& e) { return decide_limit_drop(s.state, packed, at, e); });
        if (!gone) return gone;
    }
    const limit_list& all = *s.state.rest->limits;
    if (place < all.size() && is_same(all[place], *from)) return {};
    const std::string_view packed = s.keep(pack(limit_placed{number, from->terms, from->own}));
    return s.add([&](entry& e) { return decide_limit(s.state, packed, at, e); });
}

/// Lets limits hold in place of those that held, in their order. What they count goes on where a
/// limit counts as one before did, whatever its amount; a new one counts from here on.
inline result<void> adopt_limits(attempt& s, const limit_list& wanted, const plan_terms& plan,
                                 instant at) {
    const bool sound =
        wanted.size() <= max_limits && std::all_of(wanted.begin(), wanted.end(), is_limit_in_force);
    if (!sound) return wrong_lists(s.state, plan);
    for (std::size_t place = 0; place < wanted.size(); ++place) {
        if (auto done = adopt_limit(s, wanted, place, at); !done) return done;
    }
    while (s.state.rest->limits->size() > wanted.size()) {
        const auto last = static_cast<std::uint32_t>(s.state.rest->limits->size() - 1);
        const std::string_view packed = s.keep(pack_place(last));
        auto gone = s.add([&](entry& e) { return decide_limit_drop(s.state, packed, at, e); });
        if (!gone) return gone;
    }
    return {};
}

inline bool holds_limits(const account& a, const limit_list& wanted) noexcept {
    return std::equal(a.rest->limits->begin(), a.rest->limits->end(), wanted.begin(), wanted.end(),
                      is_same);
}

/// Lets the alerts and limits hold that the plan and its customer's choices have.
inline result<void> adopt_lists(attempt& s, const plan_terms& plan, instant at) {
    const lists_to_hold wanted = lists_for(s.state, plan);
    if (!holds_limits(s.state, wanted.limits)) {
        if (auto adopted = adopt_limits(s, wanted.limits, plan, at); !adopted) return adopted;
    }
    if (!holds_alerts(s.state, wanted.alerts)) return adopt_alerts(s, wanted.alerts, plan, at);
    return {};
}

/// Lets the plan's rules hold for choices. What it does not allow is dropped, with a notice.
inline result<void> adopt_rules(attempt& s, const plan_terms& plan, instant at) {
    const settings_state& now = *s.state.rest->settings;
    if (now.rules == plan.rules && now.revision == plan.revision) return {};
    if (auto sound = check_choices(plan); !sound) return sound;
    std::string dropped;
    const auto drop = [&](const std::string& name) {
        if (!dropped.empty()) dropped += '\n';
        dropped.append(choice_alert).append(name);
    };
    choice_set left = allowed_by(plan, now.chosen, drop);
    adopted_rules rules{.revision = plan.revision, .rules = plan.rules};
    if (!(left == now.chosen)) rules.left = std::move(left);
    const std::string_view packed = s.keep(pack(rules));
    const std::string_view raised = s.keep(std::move(dropped));
    return s.add([&](entry& e) {
        if (!raised.empty()) e.alerts = raising(s.state, raised);
        return decide_rules(s.state, packed, at, e);
    });
}

/// Lets the account go over to a plan: its rules, alerts and limits hold, its lots stand in the
/// plan's order. An account that has met a higher revision of it stays as it is.
inline result<void> go_over(attempt& s, const plan_terms& plan, instant at) {
    if (s.state.order == plan.order || is_beyond(s.state, plan.revision)) return {};
    if (auto sound = check_recharge(s, plan); !sound) return sound;
    if (auto adopted = adopt_rules(s, plan, at); !adopted) return adopted;
    if (auto adopted = adopt_lists(s, plan, at); !adopted) return adopted;
    return s.put_in_order(plan, at);
}

/// The same before anything happens under the plan: what its alerts see is the balance of now.
inline result<void> follow_plan(attempt& s, const plan_terms& plan, instant at) {
    const std::size_t before = s.entries.size();
    if (auto done = go_over(s, plan, at); !done) return done;
    if (s.entries.size() != before) watch(s, plan);
    return {};
}

/// After a refusal: lets the plan buy by itself what the account is short of, as an entry of the
/// system's own.
inline result<void> recharge_refused(attempt& s, const plan_terms& plan) {
    if (!may_recharge(plan)) return {};
    if (!s.whole) {
        s.wanted.whole = s.lacked || may_raise(s.state);
        return s.wanted.whole ? result<void>{s.lack()} : result<void>{};
    }
    const std::size_t before = s.entries.size();
    if (auto followed = follow_plan(s, plan, s.now); !followed) {
        return s.go_back_to(before);  // the plan makes no sense: it buys nothing
    }
    const std::size_t followed = s.entries.size();
    if (auto done = recharge_after(s, plan, s.lacked); !done) return done;
    return s.entries.size() == followed ? s.go_back_to(before) : result<void>{};
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
