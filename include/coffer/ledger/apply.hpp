/// `apply`: the one function that changes an account. The live path and replay both go through it,
/// so a replayed journal gives the same account.
#pragma once

#include <coffer/account.hpp>
#include <coffer/entry.hpp>
#include <coffer/result.hpp>

#include <algorithm>
#include <optional>
#include <span>

namespace coffer {
inline namespace v0 {

namespace detail {

/// Carries out one entry. Each rule first checks that the entry fits the account; only then does it
/// change anything, so that a corrupt journal is found and not half applied.
class account_editor {
public:
    explicit account_editor(account& a) noexcept : a_{a} {}

    bool carry_out(const entry& e) {
        switch (e.kind) {
            case entry_kind::started: return start(e);
            case entry_kind::period_began: return begin_period(e);
            case entry_kind::granted: return make_lot(e);
            case entry_kind::activated: return activate(e);
            case entry_kind::rolled:
            case entry_kind::regranted: return move_on(e);
            case entry_kind::forfeited:
            case entry_kind::expired: return expire(e);
            case entry_kind::charged: return charge(e);
            case entry_kind::held: return reserve(e);
            case entry_kind::settled: return settle(e);
            case entry_kind::released:
            case entry_kind::timed_out: return release(e);
            case entry_kind::refunded: return refund(e);
            case entry_kind::purchase_refunded:
            case entry_kind::voided: return take_back(e);
            case entry_kind::expiry_changed: return change_expiry(e);
            case entry_kind::repaid: return repay(e);
            case entry_kind::reordered: return reorder(e);
        }
        return false;
    }

    void finish(const entry& e) noexcept {
        a_.last = e.id;
        a_.time = std::max(a_.time, e.at);
        a_.totals = e.after;
        if (stale_) a_.next_due = soonest_due();
    }

private:
    bool start(const entry& e) {
        account_details& rest = a_.rest.edit();
        rest.started = true;
        rest.anchor = e.from;
        rest.zone = e.zone;
        for (cycle& c : rest.cycles) c.until = never;
        stale_ = true;
        return e.after == a_.totals;
    }

    bool begin_period(const entry& e) {
        if (e.until <= e.from) return false;
        for (const spendable& s : a_.burning) {
            if (s.available.is_positive() && ends_now(s, e)) return false;
        }
        if (e.amount.is_positive() ? !fits(e, e.amount.micros(), 0, 0) : e.after != a_.totals) {
            return false;
        }
        account_details& rest = a_.rest.edit();
        cycle begun{.bucket = e.terms.bucket,
                    .index = e.terms.cycle,
                    .since_anchor = e.since_anchor,
                    .from = e.from,
                    .until = e.until,
                    .allowance = e.amount};
        auto running = std::find_if(rest.cycles.begin(), rest.cycles.end(),
                                    [&](const cycle& c) { return c.bucket == begun.bucket; });
        if (running == rest.cycles.end()) {
            rest.cycles.push_back(begun);
        } else {
            *running = begun;
        }
        for (spendable& s : a_.burning) {
            if (ends_now(s, e)) s.expires = instant::min();
        }
        if (e.counts) {
            a_.period_from = e.from;
            rest.period_opened = e.id;
            a_.used = {};
        }
        stale_ = true;
        return e.amount.is_zero() || make_lot(e);
    }

    /// Whether the lot is an allowance of a period that `begun` brings to its end.
    bool ends_now(const spendable& s, const entry& begun) const noexcept {
        if (s.bucket != begun.terms.bucket) return false;
        const lot* record = find_record(a_, s.lot);
        return record && record->terms.is_allowance() && record->terms.cycle != begun.terms.cycle;
    }

    bool make_lot(const entry& e) {
        if (!e.amount.is_positive()) return false;
        bool active = e.terms.effective <= e.at;
        if (!fits(e, active ? e.amount.micros() : 0, 0, 0)) return false;
        account_details& rest = a_.rest.edit();
        lot made{.id = lot_id{e.id.value()},
                 .terms = e.terms,
                 .made = e.event,
                 .granted = e.amount,
                 .active = active};
        if (!active) made.available = e.amount;
        rest.lots.push_back(made);
        if (active) {
            enter(made, e.amount, e.before);
        } else {
            rest.pending.push_back(made.id);
            fall_due(e.terms.effective);
        }
        a_.order = e.order;
        return true;
    }

    bool activate(const entry& e) {
        if (e.parts.size() != 1) return false;
        lot* record = edit_record(e.parts[0].lot);
        if (!record || record->active || record->available != e.amount) return false;
        if (!fits(e, e.amount.micros(), 0, 0)) return false;
        auto& pending = a_.rest.edit().pending;
        pending.erase(std::remove(pending.begin(), pending.end(), record->id), pending.end());
        record->active = true;
        record->available = {};
        if (e.amount.is_positive()) enter(*record, e.amount, e.parts[0].before);
        stale_ = true;
        return true;
    }

    bool move_on(const entry& e) {
        if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
        if (!can_draw(e.parts)) return false;
        bool active = e.terms.effective <= e.at;
        if (!fits(e, active ? 0 : -e.amount.micros(), 0, 0)) return false;
        lot* source = edit_record(e.parts[0].lot);
        source->rolled = sum(source->rolled, e.amount);
        draw(e.parts);
        a_.totals.available = minus(a_.totals.available, e.amount);
        return make_lot(e);
    }

    bool expire(const entry& e) {
        if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
        if (!can_draw(e.parts) || !fits(e, -e.amount.micros(), 0, 0)) return false;
        lot* record = edit_record(e.parts[0].lot);
        record->expired = sum(record->expired, e.amount);
        draw(e.parts);
        return true;
    }

    bool take_back(const entry& e) {
        if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
        lot* record = edit_record(e.parts[0].lot);
        if (!record) return false;
        if (!record->active) return take_back_pending(e, *record);
        if (e.amount.is_positive() && !can_draw(e.parts)) return false;
        if (!fits(e, -e.amount.micros(), 0, 0)) return false;
        if (!note_purchase_refund(e, *record)) return false;
        record->voided = sum(record->voided, e.amount);
        if (e.amount.is_positive()) draw(e.parts);
        for (spendable& s : a_.burning) {
            if (record->revoked && s.lot == record->id) s.expires = instant::min();
        }
        return true;
    }

    bool take_back_pending(const entry& e, lot& record) const {
        if (e.amount > record.available || e.after != a_.totals) return false;
        if (!note_purchase_refund(e, record)) return false;
        record.voided = sum(record.voided, e.amount);
        record.available = minus(record.available, e.amount);
        return true;
    }

    static bool note_purchase_refund(const entry& e, lot& record) noexcept {
        if (e.kind != entry_kind::purchase_refunded) return true;
        record.revoked = record.revoked || e.revokes;
        if (!e.owed.has_currency()) return true;
        const money& paid = record.terms.paid;
        std::int64_t left = paid.minor_units() - record.refunded.minor_units();
        if (e.owed.in() != paid.in() || e.owed.is_negative() || e.owed.minor_units() > left) {
            return false;
        }
        std::int64_t in_all = record.refunded.minor_units() + e.owed.minor_units();
        record.refunded = money::from_minor(in_all, paid.in());
        return true;
    }

    bool change_expiry(const entry& e) {
        if (e.parts.size() != 1 || e.after != a_.totals) return false;
        lot* record = edit_record(e.parts[0].lot);
        if (!record) return false;
        record->terms.expires = e.until;
        record->terms.ends_with_period = false;
        const spendable* hot = find_spendable(a_, record->id);
        if (hot) {
            credits available = hot->available;
            a_.burning.erase(hot);
            enter(*record, available, e.parts[0].before);
        }
        a_.order = e.order;
        stale_ = true;
        return true;
    }

    bool charge(const entry& e) {
        if (!can_draw(e.parts) || !can_use(e)) return false;
        std::int64_t drawn = total(e.parts);
        if (e.amount.micros() - drawn != e.debt.micros()) return false;
        if (!fits(e, -drawn, 0, e.debt.micros())) return false;
        if (e.debt.is_positive()) owe(e);
        draw(e.parts);
        if (e.counts) a_.used = sum(a_.used, e.amount);
        return true;
    }

    bool reserve(const entry& e) {
        if (!can_draw(e.parts) || total(e.parts) != e.amount.micros()) return false;
        if (!fits(e, -e.amount.micros(), e.amount.micros(), 0)) return false;
        a_.rest.edit().holds.push_back(hold{.id = hold_id{e.id.value()},
                                            .until = e.until,
                                            .amount = e.amount,
                                            .tolerance = e.tolerance,
                                            .action = e.usage.action,
                                            .parts = e.parts});
        draw(e.parts);
        fall_due(e.until);
        return true;
    }

    bool settle(const entry& e) {
        hold* h = edit_hold(e.about);
        if (!h) return false;
        std::int64_t from_hold = std::min(e.amount.micros(), h->amount.micros());
        std::int64_t left = from_hold;
        std::size_t matched = 0;
        for (const part& p : h->parts) {  // the spent parts are the first of the hold's, in order
            std::int64_t taken = std::min(left, p.amount.micros());
            if (taken == 0) break;
            if (matched == e.parts.size() || e.parts[matched].lot != p.lot ||
                e.parts[matched].amount.micros() != taken) {
                return false;
            }
            ++matched;
            left -= taken;
        }
        part_list excess;
        for (std::size_t i = matched; i < e.parts.size(); ++i) excess.push_back(e.parts[i]);
        if (left != 0 || !can_draw(excess) || !can_return(h->parts) || !can_use(e)) return false;
        std::int64_t drawn = total(excess);
        if (e.amount.micros() - from_hold - drawn != e.debt.micros()) return false;
        std::int64_t back = h->amount.micros() - from_hold;
        if (!fits(e, back - drawn, -h->amount.micros(), e.debt.micros())) return false;
        give_back(h->parts, from_hold);
        close(*h);
        if (e.debt.is_positive()) owe(e);
        draw(excess);
        drop_exhausted();
        if (e.counts) a_.used = sum(a_.used, e.amount);
        return true;
    }

    bool release(const entry& e) {
        hold* h = edit_hold(e.about);
        if (!h || e.amount != h->amount || !can_return(h->parts)) return false;
        if (!fits(e, h->amount.micros(), -h->amount.micros(), 0)) return false;
        give_back(h->parts, 0);
        close(*h);
        drop_exhausted();
        return true;
    }

    bool refund(const entry& e) {
        std::int64_t left = e.amount.micros() - e.debt.micros();
        for (const part& p : e.parts) {
            if (!p.amount.is_positive() || p.amount.micros() > left) return false;
            if (!was_spent(p, e.parts)) return false;
            left -= p.amount.micros();
        }
        if (left != 0) return false;
        std::int64_t back = e.amount.micros() - e.debt.micros();
        if (!fits(e, back, 0, -e.debt.micros())) return false;
        if (e.debt.is_positive() && !lower_debt(e.about, e.debt)) return false;
        for (const part& p : e.parts) {
            if (spendable* hot = find_hot(p.lot)) {
                hot->available = sum(hot->available, p.amount);
                fall_due(hot->expires);
            } else {
                enter(*find_record(a_, p.lot), p.amount, p.before);
            }
        }
        if (e.counts) a_.used = minus(a_.used, e.amount);
        return true;
    }

    bool repay(const entry& e) {
        if (!can_draw(e.parts) || total(e.parts) != e.amount.micros()) return false;
        if (e.debt != e.amount) return false;
        if (!fits(e, -e.amount.micros(), 0, -e.amount.micros())) return false;
        if (!lower_debt(e.about, e.amount)) return false;
        draw(e.parts);
        return true;
    }

    bool reorder(const entry& e) {
        if (e.parts.size() != a_.burning.size() || e.after != a_.totals) return false;
        auto by_lot = [](const spendable& x, const spendable& y) { return x.lot < y.lot; };
        decltype(a_.burning) known = a_.burning;
        std::sort(known.begin(), known.end(), by_lot);
        decltype(a_.burning) sorted;
        sorted.reserve(known.size());
        for (const part& p : e.parts) {
            spendable wanted{.lot = p.lot};
            auto hot = std::lower_bound(known.begin(), known.end(), wanted, by_lot);
            if (hot == known.end() || hot->lot != p.lot) return false;
            if (hot->available.is_negative()) return false;  // taken: the order names a lot twice
            sorted.push_back(*hot);
            hot->available = credits::from_micros(-1);
        }
        a_.burning = std::move(sorted);
        a_.order = e.order;
        return true;
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
        const spendable* hot = a_.burning.begin();
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
        return std::all_of(parts.begin(), parts.end(),
                           [&](const part& p) { return find_spendable(a_, p.lot) != nullptr; });
    }

    void draw(const part_list& parts) noexcept {
        if (parts.empty()) return;
        spendable* hot = a_.burning.begin();
        bool exhausted = false;
        for (const part& p : parts) {
            while (hot->lot != p.lot) ++hot;
            hot->available = minus(hot->available, p.amount);
            exhausted = exhausted || hot->available.is_zero();
        }
        if (exhausted) drop_exhausted();
    }

    /// Lots without credits leave the burn order, unless a hold may still give some back.
    void drop_exhausted() noexcept {
        auto done = [&](const spendable& s) {
            if (!s.available.is_zero()) return false;
            if (s.expires == a_.next_due) stale_ = true;
            return a_.rest->holds.empty() || held_of(a_, s.lot).is_zero();
        };
        auto& burning = a_.burning;
        while (!burning.empty() && done(*burning.begin())) burning.erase(burning.begin());
        burning.shrink_to(std::remove_if(burning.begin(), burning.end(), done));
    }

    /// Returns what a hold reserved beyond the first `spent` of it.
    void give_back(const part_list& parts, std::int64_t spent) noexcept {
        for (const part& p : parts) {
            std::int64_t taken = std::min(spent, p.amount.micros());
            spent -= taken;
            if (taken == p.amount.micros()) continue;
            spendable* hot = find_hot(p.lot);
            hot->available =
                credits::from_micros(hot->available.micros() + p.amount.micros() - taken);
            fall_due(hot->expires);
        }
    }

    void close(hold& h) noexcept {
        if (h.until == a_.next_due) stale_ = true;
        auto& holds = a_.rest.edit().holds;
        holds.erase(holds.begin() + (&h - holds.data()));
    }

    void owe(const entry& e) {
        a_.rest.edit().debts.push_back(
            debt{.charge = e.id, .open = e.debt, .action = e.usage.action});
    }

    bool lower_debt(entry_id charge, credits by) {
        auto& debts = a_.rest.edit().debts;
        auto owed = std::find_if(debts.begin(), debts.end(),
                                 [&](const debt& d) { return d.charge == charge; });
        if (owed == debts.end() || by > owed->open) return false;
        owed->open = minus(owed->open, by);
        if (owed->open.is_zero()) debts.erase(owed);
        return true;
    }

    /// Puts a lot into the burn order.
    void enter(const lot& record, credits available, lot_id before) {
        bool over = record.revoked || outlived_its_period(a_, record);
        instant expires = over                            ? instant::min()
                          : record.terms.ends_with_period ? never
                                                          : record.terms.expires;
        const spendable* where = before ? find_spendable(a_, before) : nullptr;
        a_.burning.insert(where ? where : a_.burning.end(),
                          spendable{available, expires, record.id, record.terms.bucket});
        fall_due(expires);
    }

    void fall_due(instant when) noexcept { a_.next_due = std::min(a_.next_due, when); }

    instant soonest_due() const noexcept {
        instant due = never;
        for (const spendable& s : a_.burning) {
            if (!s.available.is_zero()) due = std::min(due, s.expires);
        }
        const account_details& rest = *a_.rest;
        for (lot_id id : rest.pending) due = std::min(due, find_record(a_, id)->terms.effective);
        for (const hold& h : rest.holds) due = std::min(due, h.until);
        for (const cycle& c : rest.cycles) due = std::min(due, c.until);
        return due;
    }

    lot* edit_record(lot_id id) {
        return const_cast<lot*>(find_record(a_, id));  // the account itself is not const
    }
    hold* edit_hold(entry_id opened) {
        return const_cast<hold*>(coffer::find_hold(a_, hold_id{opened.value()}));
    }
    spendable* find_hot(lot_id id) noexcept {
        return const_cast<spendable*>(find_spendable(a_, id));
    }

    static std::int64_t total(const part_list& parts) noexcept {
        std::int64_t sum = 0;
        for (const part& p : parts) sum += p.amount.micros();
        return sum;
    }
    // Both cannot overflow: what they add up was granted, and grants are checked together.
    static credits sum(credits a, credits b) noexcept {
        return credits::from_micros(a.micros() + b.micros());
    }
    static credits minus(credits a, credits b) noexcept {
        return credits::from_micros(a.micros() - b.micros());
    }

    account& a_;
    bool stale_ = false;
};

}  // namespace detail

/// Changes the account by one entry.
/// Errors: `corrupt_record` if the entry does not continue this account; the account may then be
/// changed in part and must be thrown away.
inline result<void> apply(account& a, const entry& e) {
    if (e.id.value() != a.last.value() + 1 || e.at < a.time) return errc::corrupt_record;
    if (e.amount.is_negative() || e.debt.is_negative()) return errc::corrupt_record;
    detail::account_editor editor{a};
    if (!editor.carry_out(e)) return errc::corrupt_record;
    editor.finish(e);
    return {};
}

/// The account that a journal describes. Errors: `corrupt_record`.
inline result<account> replay(std::span<const entry> journal, account from = {}) {
    for (const entry& e : journal) {
        if (auto applied = apply(from, e); !applied) return applied.error();
    }
    return from;
}

}  // namespace v0
}  // namespace coffer
