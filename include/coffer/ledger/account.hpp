/// The state of one wallet, as plain data. Only `apply` (`post.hpp`) changes it; everybody else
/// reads. It is what a store loads and commits.
#pragma once

#include <coffer/base/detail/shared_box.hpp>
#include <coffer/base/detail/shared_list.hpp>
#include <coffer/base/detail/shared_vector.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/burn_list.hpp>
#include <coffer/ledger/debt.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/hold.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/ledger/order.hpp>
#include <coffer/ledger/settings.hpp>
#include <coffer/ledger/subscription.hpp>
#include <coffer/ledger/watch.hpp>
#include <coffer/time/instant.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A zone's name, kept in place.
using zone_name = detail::short_text<47>;

/// The running period of one bucket that refills.
struct cycle {
    bucket_id bucket{};
    std::uint32_t index = 0;
    std::uint32_t since_anchor = 0;  ///< Differs from the index after a second start.
    instant from{};
    instant until{};
    credits allowance{};  ///< The highest granted in this period.

    friend constexpr bool operator==(const cycle&, const cycle&) = default;
};

/// How the allowance of one bucket rolled into its running period. Lots that differ in their age
/// alone, fall due with their period alone and stand side by side in burn order are a pile: a
/// period's end looks at the first of them for all.
struct carried {
    bucket_id bucket{};
    /// The newest entry when its last period ended: what rolled is as old as what came next.
    entry_id after{};
    lot_id first{};           ///< Of the pile, the first to burn; a part of it may be spent.
    std::uint32_t count = 0;  ///< The lots of the pile.
    credits granted{};        ///< In all of them.

    friend constexpr bool operator==(const carried&, const carried&) = default;
};

/// The part of an account that a charge does not touch.
struct account_details {
    bool started = false;
    instant anchor{};
    zone_name zone{};
    plan_name plan{};  ///< Where several plans are on offer; else empty.
    /// By id. What is available or held stands in the burn order.
    detail::shared_list<lot, 16> lots{};
    detail::shared_vector<lot_id> pending{};   ///< Not yet effective.
    detail::shared_list<hold, 8> holds{};      ///< Open, by id.
    detail::shared_list<debt, 64> debts{};     ///< Oldest first.
    detail::shared_vector<claim> claims{};     ///< One a lot of which something was taken back.
    detail::shared_vector<cycle> cycles{};     ///< In the order of their first refill.
    detail::shared_vector<carried> carries{};  ///< One a bucket whose periods ended by themselves.
    detail::shared_vector<alert_terms> alerts{};
    std::uint64_t armed = 0;   ///< Which alerts are, a bit each.
    std::uint64_t raised = 0;  ///< Which were raised in the running period.
    detail::shared_box<std::vector<limit_in_force>> limits{};  ///< In the order of the plan.
    std::uint32_t limits_made = 0;    ///< So many numbers were given to limits,
    std::uint32_t counters_made = 0;  ///< and to counters.
    detail::shared_box<subscription_state> subscription{};
    detail::shared_list<purchase_order, 4> orders{};  ///< Open, by id.
    detail::shared_box<order_book> purchases{};
    detail::shared_box<settings_state> settings{};

    friend bool operator==(const account_details&, const account_details&) = default;
};

/// The part of an account that every operation reads: three lines of a processor's cache.
struct account_head {
    [[no_unique_address]] burn_list burning{};  ///< In burn order; spent lots are gone.
    entry_id last{};                ///< The newest entry; also the version that a commit builds on.
    instant time = instant::min();  ///< The latest instant seen.
    instant next_due = never;       ///< Nothing falls due before.
    instant period_from = instant::min();  ///< Begin of the account's running period.
    balance_totals totals{};
    credits used{};  ///< Spent in the running period, net of refunds.
    /// The burn order that `burning` is in, the alerts and limits of the plan that hold, and the
    /// rules of choices.
    std::uint64_t order = 0;
    /// Above this balance no alert is raised. The highest there is where charges and holds are
    /// refused, or a customer's own limits hold, so that none is decided by the head alone.
    credits floor = credits::min();

    friend bool operator==(const account_head&, const account_head&) = default;
};
static_assert(sizeof(void*) > 8 || sizeof(account_head) <= 184);

/// The part of an account that its head may do without. What changes more often than the rest, and
/// alone, stands beside it, so that the rest is not copied for it.
struct account_body {
    detail::shared_box<account_details> rest{};
    detail::shared_list<limit_counter, 8> counters{};  ///< Of limits, by id.

    friend bool operator==(const account_body&, const account_body&) = default;
};

/// The state of one wallet.
/// Guarantees: replaying its journal gives an equal account.
struct account : account_head, account_body {
    account_body& body() noexcept { return *this; }
    const account_body& body() const noexcept { return *this; }

    friend bool operator==(const account&, const account&) = default;
};

/// The stored record of a lot, without what is available, held and spent; null if there is none.
inline const lot* find_record(const account& a, lot_id id) noexcept {
    const auto& lots = a.rest->lots;
    auto at = std::lower_bound(lots.begin(), lots.end(), id,
                               [](const lot& l, lot_id wanted) { return l.id < wanted; });
    return at != lots.end() && at->id == id ? &*at : nullptr;
}

inline const hold* find_hold(const account& a, hold_id id) noexcept {
    for (const hold& h : a.rest->holds) {
        if (h.id == id) return &h;
    }
    return nullptr;
}

inline const purchase_order* find_order(const account& a, order_id id) noexcept {
    for (const purchase_order& o : a.rest->orders) {
        if (o.id == id) return &o;
    }
    return nullptr;
}

inline const cycle* find_cycle(const account& a, bucket_id bucket) noexcept {
    for (const cycle& c : a.rest->cycles) {
        if (c.bucket == bucket) return &c;
    }
    return nullptr;
}

inline const carried* find_carried(const account& a, bucket_id bucket) noexcept {
    for (const carried& c : a.rest->carries) {
        if (c.bucket == bucket) return &c;
    }
    return nullptr;
}

/// Where a lot stands in burn order.
inline std::optional<std::size_t> find_place(const account& a, lot_id id) noexcept {
    const std::size_t count = a.burning.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (a.burning[i].lot == id) return i;
    }
    return std::nullopt;
}

inline const spendable* find_spendable(const account& a, lot_id id) noexcept {
    const std::optional<std::size_t> place = find_place(a, id);
    return place ? &a.burning[*place] : nullptr;
}

/// Where a counter stands in the list. Complexity: logarithmic.
inline std::optional<std::size_t> find_counter(const account& a, counter_id id) noexcept {
    const auto& all = a.counters;
    const auto at =
        std::lower_bound(all.begin(), all.end(), id,
                         [](const limit_counter& c, counter_id wanted) { return c.id < wanted; });
    return at != all.end() && at->id == id ? std::optional{at.index()} : std::nullopt;
}

inline const claim* find_claim(const account& a, lot_id lot) noexcept {
    for (const claim& c : a.rest->claims) {
        if (c.lot == lot) return &c;
    }
    return nullptr;
}

/// How the subscription of an account stands.
inline subscription_status status_of(const account& a) noexcept {
    const subscription_state& s = *a.rest->subscription;
    if (s.ended) return subscription_status::ended;
    if (!a.rest->started) return subscription_status::none;
    if (s.paused) return subscription_status::paused;
    if (s.past_due) return subscription_status::past_due;
    return s.on_trial() ? subscription_status::trial : subscription_status::active;
}

/// Whether a period began only after the subscription had ended: it has no allowance.
inline bool is_over(const account& a, const cycle& c) noexcept {
    const subscription_state& s = *a.rest->subscription;
    return s.ended && c.from > s.ended_at;
}

/// Whether any limits hold. Requires: all of the account is there.
inline bool is_limited(const account& a) noexcept {
    return a.rest.has_value() && a.rest->limits.has_value() && !a.rest->limits->empty();
}
/// Whether charges and holds are refused. Requires: all of the account is there.
inline bool is_locked(const account& a) noexcept { return a.rest->subscription->refuses_spends(); }
/// Whether the head alone decides no spend. Requires: all of the account is there.
inline bool is_decided_whole(const account& a) noexcept {
    const auto& limits = *a.rest->limits;
    return is_locked(a) ||
           std::any_of(limits.begin(), limits.end(), [](const limit_in_force& l) { return l.own; });
}
/// Whether the account has met a higher revision of its plan: it does not go back to this one.
inline bool is_beyond(const account& a, std::uint32_t revision) noexcept {
    return a.rest->settings->revision > revision;
}
/// The same, by the head where that says no.
inline bool refuses_spends(const account& a) noexcept {
    return a.floor == credits::max() && is_locked(a);
}

/// What claw-backs of a lot are still owed.
inline credits owed_for(const account& a, lot_id lot) noexcept {
    std::int64_t sum = 0;
    for (const debt& d : a.rest->debts) {
        if (d.lot == lot) sum += d.open.micros();
    }
    return credits::from_micros(sum);
}

/// What claw-backs of a lot did not find in it, and credits that come back to it make good.
inline credits short_of(const account& a, lot_id lot) noexcept {
    const claim* c = lot ? find_claim(a, lot) : nullptr;
    if (!c) return {};
    std::int64_t sum = c->uncollected.micros() + owed_for(a, lot).micros();
    for (const part& p : c->repaid) sum += p.amount.micros();
    return credits::from_micros(sum);
}

/// What of a lot's spent or held credits no claw-back has claimed yet.
inline credits unclaimed_of(const account& a, const lot& of) noexcept {
    const claim* c = find_claim(a, of.id);
    std::int64_t claimed = short_of(a, of.id).micros() + (c ? c->dropped.micros() : 0);
    std::int64_t rest = of.spent.micros() + of.held.micros() - claimed;
    return credits::from_micros(std::max<std::int64_t>(0, rest));
}

/// Whether nothing of the lot stays usable: its money went back, or all of it is disputed.
inline bool is_revoked(const account& a, const lot& record) noexcept {
    if (record.revoked) return true;
    const claim* c = find_claim(a, record.id);
    return c && c->dispute == dispute_state::opened && c->whole;
}

/// What open holds have reserved of a lot.
inline credits held_of(const account& a, lot_id id) noexcept {
    const spendable* hot = find_spendable(a, id);
    return hot ? hot->held : credits{};
}

namespace detail {

/// The lot that a rolled one goes back to; of any other the lot itself.
inline lot_id first_of(const lot& l) noexcept {
    return l.terms.origin == lot_origin::rolled ? l.terms.from : l.id;
}

/// The pile that begins with a lot; null if none does.
inline const carried* pile_from(const account& a, lot_id first) noexcept {
    for (const carried& c : a.rest->carries) {
        if (c.count > 0 && c.first == first) return &c;
    }
    return nullptr;
}

/// Calls `f(place, count)` for the lots in burn order, for those of a pile once. Complexity: linear
/// in the others.
template <class F>
void each_pile(const account& a, F&& f) {
    for (std::size_t i = 0; i < a.burning.size();) {
        const carried* pile = pile_from(a, a.burning[i].lot);
        const std::size_t count = pile ? pile->count : 1;
        f(i, count);
        i += count;
    }
}

/// How often an allowance has rolled since its record was written: with its period, without an
/// entry or a lot of its own. `hot`: its part in the burn order, if it has one.
inline std::uint32_t silent_rolls(const account& a, const lot& record,
                                  const spendable* hot) noexcept {
    if (!hot || hot->expires == instant::min() || !record.terms.is_allowance()) return 0;
    const cycle* running = find_cycle(a, record.terms.bucket);
    const bool rolled = running && record.terms.cycle < running->index;
    return rolled ? running->index - record.terms.cycle : 0;
}

/// Writes into a lot that it has rolled so many times, the last time into a period.
inline void roll_on(lot& l, std::uint32_t times, const period& into) noexcept {
    if (times == 0) return;
    lot_terms& t = l.terms;
    if (t.origin != lot_origin::rolled) {
        t.origin = lot_origin::rolled;
        t.ordinal = 0;
        t.from = l.id;
    }
    t.ordinal = static_cast<std::uint16_t>(std::min<std::uint64_t>(
        std::uint64_t{t.ordinal} + times, std::numeric_limits<std::uint16_t>::max()));
    t.cycle = into.index;
    t.effective = into.from;
    t.lapses = into.until;
    if (t.ends_with_period) t.expires = into.until;
    l.made = into.from;
}

/// The record of a lot as it is by now, with the rolls that it does not tell of.
inline lot record_by_now(const account& a, const lot& record, const spendable* hot) noexcept {
    lot now = record;
    const std::uint32_t times = silent_rolls(a, record, hot);
    if (times == 0) return now;
    const cycle& running = *find_cycle(a, record.terms.bucket);
    roll_on(now, times, {running.index, running.from, running.until});
    return now;
}

}  // namespace detail

/// Whether the lot is an allowance that ended with an earlier period than the one that runs.
inline bool outlived_its_period(const account& a, const lot& record) noexcept {
    if (!record.terms.is_allowance()) return false;
    const cycle* running = find_cycle(a, record.terms.bucket);
    if (!running || record.terms.cycle >= running->index) return false;
    return detail::silent_rolls(a, record, find_spendable(a, record.id)) == 0;
}

/// Whether the lot has ended: what comes back to it cannot be spent.
inline bool has_ended(const account& a, const lot& record, instant now) noexcept {
    return outlived_its_period(a, record) ||
           (!record.terms.ends_with_period && record.terms.expires <= now);
}

namespace detail {

/// Fills in what the record of a lot leaves to the hot part of the account.
inline lot complete(const lot& record, credits available, credits held) {
    lot whole = record;
    if (record.active) whole.available = available;
    whole.held = held;
    whole.spent = credits::from_micros(record.granted.micros() - whole.available.micros() -
                                       whole.held.micros() - record.expired.micros() -
                                       record.voided.micros() - record.rolled.micros());
    return whole;
}

}  // namespace detail

/// One lot with all its amounts.
inline std::optional<lot> find_lot(const account& a, lot_id id) {
    const lot* record = find_record(a, id);
    if (!record) return std::nullopt;
    const spendable* hot = find_spendable(a, id);
    if (!hot) return detail::complete(*record, credits{}, credits{});
    return detail::complete(detail::record_by_now(a, *record, hot), hot->available, hot->held);
}

/// All lots with all their amounts, by id. Complexity: linear in lots, but for a logarithm.
inline std::vector<lot> lots_of(const account& a) {
    std::vector<lot> all;
    all.reserve(a.rest->lots.size());
    for (const lot& record : a.rest->lots) {
        all.push_back(detail::complete(record, credits{}, credits{}));
    }
    for (const spendable& s : a.burning) {
        auto at = std::lower_bound(all.begin(), all.end(), s.lot,
                                   [](const lot& l, lot_id wanted) { return l.id < wanted; });
        if (at == all.end() || at->id != s.lot) continue;
        *at = detail::complete(detail::record_by_now(a, *at, &s), s.available, s.held);
    }
    return all;
}

}  // namespace v0
}  // namespace coffer
