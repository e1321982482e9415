/// What every change of an account is made of: checking that an entry's totals follow, taking
/// credits out of lots and putting them back, keeping the burn order and the next due instant.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether parts that a journal states are no more than that together, and none is negative.
inline bool is_at_most(credits most, const part_list& parts, std::size_t from = 0) noexcept {
    std::int64_t left = most.micros();
    for (std::size_t i = from; i < parts.size(); ++i) {
        if (parts[i].amount.is_negative() || parts[i].amount.micros() > left) return false;
        left -= parts[i].amount.micros();
    }
    return true;
}
inline std::int64_t total(const part_list& parts, std::size_t from = 0) noexcept {
    std::int64_t sum = 0;
    for (std::size_t i = from; i < parts.size(); ++i) sum += parts[i].amount.micros();
    return sum;
}
// Both cannot overflow: what they add up was granted, and grants are checked together.
inline credits plus(credits a, credits b) noexcept {
    return credits::from_micros(a.micros() + b.micros());
}
inline credits minus(credits a, credits b) noexcept {
    return credits::from_micros(a.micros() - b.micros());
}

/// Takes the parts from the second on out of what lots have repaid, the latest first. Returns
/// whether they had repaid so much.
inline bool take_from_repaid(claim& c, const part_list& parts) {
    for (std::size_t i = 1; i < parts.size(); ++i) {
        std::int64_t left = parts[i].amount.micros();
        if (left <= 0) return false;
        for (std::size_t k = c.repaid.size(); k-- > 0;) {
            part& repaid = c.repaid.begin()[k];
            if (repaid.lot != parts[i].lot) continue;
            std::int64_t back = std::min(left, repaid.amount.micros());
            repaid.amount = credits::from_micros(repaid.amount.micros() - back);
            left -= back;
        }
        if (left != 0) return false;
    }
    c.repaid.shrink_to(std::remove_if(c.repaid.begin(), c.repaid.end(),
                                      [](const part& p) { return p.amount.is_zero(); }));
    return true;
}

/// The steps by which entries change an account. They do not know what kind of entry they serve.
class account_editor {
public:
    explicit account_editor(account& a) noexcept : a_{a} {}

    /// The account as it is by now.
    const account& now() const noexcept { return a_; }
    account& edit() noexcept { return a_; }
    account_details& edit_rest() { return a_.rest.edit(); }

    /// The next due instant is to be sought anew.
    void forget_due() noexcept { stale_ = true; }

    /// Ends what `e` does.
    void finish(const entry& e) noexcept {
        a_.last = e.id;
        a_.time = std::max(a_.time, e.at);
        a_.totals = e.after;
        if (stale_) a_.next_due = soonest_due();
    }

    /// Whether the totals that the entry states follow from what it does.
    bool fits(const entry& e, std::int64_t available, std::int64_t held, std::int64_t debt) const {
        checked<credits> free = a_.totals.available + credits::from_micros(available);
        checked<credits> reserved = a_.totals.held + credits::from_micros(held);
        checked<credits> owed = a_.totals.debt + credits::from_micros(debt);
        return free == e.after.available && reserved == e.after.held && owed == e.after.debt &&
               !free->is_negative() && !reserved->is_negative() && !owed->is_negative();
    }

    /// Whether each part can be taken: the lots burn in the order of the parts, and suffice.
    bool can_draw(const part_list& parts) const noexcept {
        auto hot = a_.burning.begin();
        for (const part& p : parts) {
            while (hot != a_.burning.end() && hot->lot != p.lot) ++hot;
            if (hot == a_.burning.end() || !p.amount.is_positive() || p.amount > hot->available) {
                return false;
            }
            ++hot;
        }
        return true;
    }

    /// Whether so much of the part's lot was spent, and the lot is in one part alone.
    bool was_spent(const part& p, const part_list& all) const {
        auto same = [&](const part& other) { return other.lot == p.lot; };
        std::optional<lot> of = find_lot(a_, p.lot);
        return of && p.amount <= of->spent && std::count_if(all.begin(), all.end(), same) == 1;
    }

    /// Whether the period's use, if the entry counts, is still a number.
    bool can_use(const entry& e) const noexcept { return !e.counts || (a_.used + e.amount); }

    bool can_return(const part_list& parts) const noexcept {
        return std::all_of(parts.begin(), parts.end(), [&](const part& p) {
            const spendable* hot = find_spendable(a_, p.lot);
            return hot && hot->held >= p.amount;
        });
    }

    /// Takes credits that are spent.
    void draw(const part_list& parts) {
        bool exhausted = false;
        take_from_piles(parts, true);
        each_lot(parts, [&](spendable& hot, credits amount) {
            hot.available = minus(hot.available, amount);
            exhausted = exhausted || hot.available.is_zero();
        });
        if (exhausted) drop_exhausted(parts);
    }
    /// Takes credits that are held.
    void put_aside(const part_list& parts) {
        take_from_piles(parts, false);
        each_lot(parts, [&](spendable& hot, credits amount) {
            hot.available = minus(hot.available, amount);
            hot.held = plus(hot.held, amount);
            if (hot.available.is_zero() && is_next_due(hot.expires)) stale_ = true;
        });
    }

    /// Those of the lots that are left without credits leave the burn order, unless a hold may
    /// still give some back.
    void drop_exhausted(const part_list& parts) {
        std::size_t at = 0;
        for (const part& p : parts) {
            const std::optional<std::size_t> found = place_of(p.lot, at);
            if (!found) continue;
            at = *found;
            const spendable s = a_.burning[at];
            if (!s.available.is_zero()) continue;
            if (is_next_due(s.expires)) stale_ = true;
            if (!s.held.is_zero()) continue;
            take_from_pile(s.lot, false, at);
            write_rolls(s);
            a_.burning.erase(at);
        }
    }

    /// Ends what a hold reserved: the first `spent` of it are gone, the rest returns.
    void give_back(const part_list& parts, std::int64_t spent) {
        std::size_t at = 0;
        for (const part& p : parts) {
            const std::int64_t taken = std::min(spent, p.amount.micros());
            spent -= taken;
            at = *place_of(p.lot, at);
            spendable& hot = a_.burning.edit(at);
            hot.held = minus(hot.held, p.amount);
            if (taken == p.amount.micros()) continue;
            hot.available =
                credits::from_micros(hot.available.micros() + p.amount.micros() - taken);
            fall_due(hot.expires);
            touch(p.lot);
        }
    }

    void close(hold_id id) {
        auto& holds = a_.rest.edit().holds;
        for (std::size_t i = 0; i < holds.size(); ++i) {
            if (holds[i].id != id) continue;
            if (holds[i].until == a_.next_due) stale_ = true;
            if (!holds[i].counted.empty()) count_no_longer(holds[i]);
            holds.erase(i);
            return;
        }
    }

    /// Limits do not count a hold any more; what they dropped meanwhile did not wait for it.
    void count_no_longer(const hold& h) {
        for (counter_id id : h.counted) {
            const auto at = find_counter(a_, id);
            if (!at) continue;
            limit_counter& counter = a_.counters.edit(*at);
            counter.held = minus(counter.held, h.amount);
        }
    }

    void owe(const entry& e, lot_id of = {}) {
        a_.rest.edit().debts.push_back(
            debt{.charge = e.id, .open = e.debt, .action = e.usage.action, .lot = of});
    }

    const debt* find_debt(entry_id charge) const noexcept {
        for (const debt& d : a_.rest->debts) {
            if (d.charge == charge) return &d;
        }
        return nullptr;
    }

    claim& edit_claim(lot_id of) {
        auto& claims = a_.rest.edit().claims;
        for (claim& c : claims) {
            if (c.lot == of) return c;
        }
        return claims.push_back(claim{.lot = of});
    }

    /// Lowers what claw-backs of a lot are owed. Requires: so much is owed.
    void lower_debts_of(lot_id lot, credits by, bool newest_first) {
        auto& debts = a_.rest.edit().debts;
        std::int64_t left = by.micros();
        const std::size_t count = debts.size();
        for (std::size_t n = 0; n < count && left > 0; ++n) {
            const std::size_t i = newest_first ? count - 1 - n : n;
            if (debts[i].lot != lot) continue;
            const std::int64_t lowered = std::min(left, debts[i].open.micros());
            debts.edit(i).open = credits::from_micros(debts[i].open.micros() - lowered);
            left -= lowered;
        }
        for (std::size_t i = count; i-- > 0;) {
            if (debts[i].open.is_zero()) debts.erase(i);
        }
    }

    bool lower_debt(entry_id charge, credits by) {
        auto& debts = a_.rest.edit().debts;
        const auto owed = std::find_if(debts.begin(), debts.end(),
                                       [&](const debt& d) { return d.charge == charge; });
        if (owed == debts.end() || by > owed->open) return false;
        const std::size_t at = owed.index();
        const credits left = minus(owed->open, by);
        if (left.is_zero()) {
            debts.erase(at);
        } else {
            debts.edit(at).open = left;
        }
        return true;
    }

    /// Writes into a lot's record how often it has rolled: it is not to roll silently any more.
    void write_rolls(const spendable& hot) {
        const lot* record = find_record(a_, hot.lot);
        if (!record || silent_rolls(a_, *record, &hot) == 0) return;
        const lot now = record_by_now(a_, *record, &hot);
        *edit_record(hot.lot) = now;
    }
    /// Notes that more happened to a lot than a spend. Of lots that were made before rolls could be
    /// silent nothing is noted.
    void touch(lot_id id) {
        const lot* record = find_record(a_, id);
        if (!record || record->touched || !record->terms.is_allowance()) return;
        if (!find_carried(a_, record->terms.bucket)) return;
        take_from_pile(id, false);
        edit_record(id)->touched = true;
    }

    /// A lot is not what the others of its pile are any more, unless it is the first of them, and
    /// only spent from.
    void take_from_pile(lot_id id, bool spent, std::size_t from = 0) {
        if (a_.rest->carries.empty()) return;
        const std::optional<std::size_t> at = place_of(id, from);
        if (at) part_pile(a_.burning[*at].bucket, *at, 1, spent);
    }
    void take_from_piles(const part_list& parts, bool spent) {
        if (a_.rest->carries.empty()) return;
        std::size_t at = 0;
        for (const part& p : parts) {
            at = place_of(p.lot, at).value_or(at);
            take_from_pile(p.lot, spent, at);
        }
    }

    /// A pile ends before a place, or begins behind so many lots from there on: the longer part
    /// stays one.
    void part_pile(bucket_id bucket, std::size_t at, std::size_t leaving, bool first_stays) {
        const carried* pile = find_carried(a_, bucket);
        if (!pile || pile->count == 0) return;
        const std::size_t begin = *place_of(pile->first);
        const std::size_t end = begin + pile->count;
        if (at < begin || at >= end || (at == begin && (first_stays || leaving == 0))) return;
        const bool keeps_front = at - begin >= end - at;
        const std::size_t from = keeps_front ? begin : at + leaving;
        const std::size_t until = keeps_front ? at : end;
        std::int64_t lost = 0;
        for (std::size_t i = begin; i < end; ++i) {
            if (i == from) i = until;
            if (i < end) lost += find_record(a_, a_.burning[i].lot)->granted.micros();
        }
        carried& changed = edit_carried(bucket);
        changed.count = static_cast<std::uint32_t>(until - from);
        changed.first = from < until ? a_.burning[from].lot : lot_id{};
        changed.granted = credits::from_micros(changed.granted.micros() - lost);
    }

    carried& edit_carried(bucket_id bucket) {
        auto& carries = a_.rest.edit().carries;
        return *std::find_if(carries.begin(), carries.end(),
                             [&](const carried& c) { return c.bucket == bucket; });
    }

    /// Puts a lot into the burn order.
    void enter(const lot& record, credits available, lot_id before, credits held = {}) {
        const instant expires = falls_due(record);
        const std::optional<std::size_t> where =
            before ? place_of(before) : std::optional<std::size_t>{};
        if (where) {
            const bucket_id around = a_.burning[*where].bucket;
            part_pile(around, *where, 0, true);
        }
        a_.burning.insert(where.value_or(a_.burning.size()), {.available = available,
                                                              .held = held,
                                                              .expires = expires,
                                                              .lot = record.id,
                                                              .bucket = record.terms.bucket});
        fall_due(expires);
    }
    /// Takes a lot out of the burn order. Requires: it stands there.
    spendable leave(lot_id lot) {
        take_from_pile(lot, false);
        const std::size_t at = *place_of(lot);
        const spendable left = a_.burning[at];
        a_.burning.erase(at);
        return left;
    }

    /// When what is available of a lot falls due: at once where it may not stay.
    instant falls_due(const lot& record) const noexcept {
        bool over = is_revoked(a_, record) || outlived_its_period(a_, record) ||
                    short_of(a_, record.id).is_positive();
        if (over) return instant::min();
        return record.terms.ends_with_period ? never : record.terms.expires;
    }

    /// Looks anew at when a lot falls due.
    void refresh(lot_id id) {
        if (spendable* hot = find_hot(id)) hot->expires = falls_due(*find_record(a_, id));
        stale_ = true;
    }

    /// Credits come back to lots, each to its place in burn order.
    void put_back(const part& p) {
        if (!p.amount.is_positive()) return;
        touch(p.lot);
        lot* record = edit_record(p.lot);
        if (!record->active) {
            record->available = plus(record->available, p.amount);
        } else if (spendable* hot = find_hot(p.lot)) {
            hot->available = plus(hot->available, p.amount);
            fall_due(hot->expires);
        } else {
            enter(*record, p.amount, p.before);
        }
    }

    void fall_due(instant when) noexcept { a_.next_due = std::min(a_.next_due, when); }

    instant soonest_due() const noexcept {
        instant due = never;
        each_pile(a_, [&](std::size_t at, std::size_t) {
            const spendable& s = a_.burning[at];
            if (!s.available.is_zero()) due = std::min(due, s.expires);
        });
        const account_details& rest = *a_.rest;
        for (lot_id id : rest.pending) due = std::min(due, find_record(a_, id)->terms.effective);
        for (const hold& h : rest.holds) due = std::min(due, h.until);
        for (const cycle& c : rest.cycles) due = std::min(due, c.until);
        for (const purchase_order& o : rest.orders) due = std::min(due, o.until);
        if (rest.subscription.has_value()) due = std::min(due, rest.subscription->next_due());
        return rest.purchases.has_value() ? std::min(due, rest.purchases->check) : due;
    }

    /// The stored record of a lot for writing; null if there is none.
    lot* edit_record(lot_id id) {
        const auto& lots = a_.rest->lots;
        auto at = std::lower_bound(lots.begin(), lots.end(), id,
                                   [](const lot& l, lot_id wanted) { return l.id < wanted; });
        if (at == lots.end() || at->id != id) return nullptr;
        return &a_.rest.edit().lots.edit(at.index());
    }
    spendable* find_hot(lot_id id) {
        const std::optional<std::size_t> at = place_of(id);
        return at ? &a_.burning.edit(*at) : nullptr;
    }

    /// Where a lot stands in burn order. `from`: where it is sought first; parts name their lots in
    /// burn order.
    std::optional<std::size_t> place_of(lot_id id, std::size_t from = 0) const noexcept {
        const burn_list& all = a_.burning;
        const std::size_t end = from == 0 ? std::min<std::size_t>(2, all.size()) : all.size();
        for (std::size_t i = from; i < end; ++i) {
            if (all[i].lot == id) return i;
        }
        const auto& carries = a_.rest->carries;
        const auto piled = [](const carried& c) { return c.count > 1; };
        if (std::none_of(carries.begin(), carries.end(), piled)) return find_place(a_, id);
        for (std::size_t i = 0; i < all.size();) {
            if (all[i].lot == id) return i;
            const carried* pile = pile_from(a_, all[i].lot);
            i += pile ? pile->count : 1;
        }
        return find_place(a_, id);
    }

private:
    bool is_next_due(instant when) const noexcept { return when == a_.next_due && when != never; }

    /// Calls `f(spendable&, amount)` for the lot of each part. Requires: `can_draw(parts)`.
    template <class F>
    void each_lot(const part_list& parts, F&& f) {
        std::size_t at = 0;
        for (const part& p : parts) {
            while (a_.burning[at].lot != p.lot) ++at;
            f(a_.burning.edit(at), p.amount);
        }
    }

    account& a_;
    bool stale_ = false;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
