/// `apply`: the one function that changes an account. The live path and replay both go through it,
/// so a replayed journal gives the same account.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace coffer {
inline namespace v0 {

namespace detail {

/// Carries out one entry. Each rule first checks that the entry fits the account; only then does it
/// change anything, so that a corrupt journal is found and not half applied.
class entry_applier : account_editor {
public:
    explicit entry_applier(account& a) noexcept : account_editor{a} {}

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
            case entry_kind::voided: return take_back(e);
            case entry_kind::purchase_refunded:
            case entry_kind::disputed: return claw_back(e);
            case entry_kind::dispute_won: return win_dispute(e);
            case entry_kind::dispute_lost: return lose_dispute(e);
            case entry_kind::collected: return collect(e);
            case entry_kind::debt_dropped: return drop_debt(e);
            case entry_kind::refused:
            case entry_kind::noted: return e.after == a_.totals;
            case entry_kind::plan_assigned: return assign_plan(e);
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
        if (!e.plan.empty()) rest.plan = e.plan;
        for (cycle& c : rest.cycles) c.until = never;
        stale_ = true;
        a_.period_from = instant::min();
        a_.used = e.amount;
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
            // What was used already of a period that begins late came with the entry before.
            bool announced = a_.period_from == instant::min() || a_.period_from == e.from;
            if (!announced) a_.used = {};
            a_.period_from = e.from;
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
                 .made = e.at,
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
        if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
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
        if (record->active) {
            if (!can_draw(e.parts) || !fits(e, -e.amount.micros(), 0, 0)) return false;
            record->voided = sum(record->voided, e.amount);
            draw(e.parts);
            const claim* c = find_claim(a_, record->id);
            if (c && c->whole && !record->revoked) {
                edit_claim(record->id).returned = sum(c->returned, e.amount);
            }
            return true;
        }
        if (e.amount > record->available || e.after != a_.totals) return false;
        record->voided = sum(record->voided, e.amount);
        record->available = minus(record->available, e.amount);
        return true;
    }

    bool claw_back(const entry& e) {
        if (e.parts.size() != 1) return false;
        const credits found = e.parts[0].amount;
        std::optional<lot> of = find_lot(a_, e.parts[0].lot);
        if (!of || found.is_negative() || found > of->available) return false;
        checked<credits> missing = e.debt + e.uncollected;
        checked<credits> in_all = found + missing;
        if (!in_all || *in_all != e.amount) return false;
        if (*missing > unclaimed_of(a_, *of)) return false;
        if (!fits(e, of->active ? -found.micros() : 0, 0, e.debt.micros())) return false;
        const claim* known = find_claim(a_, of->id);
        bool disputes = e.kind == entry_kind::disputed;
        if ((disputes || e.contested.has_currency()) && !can_contest(e.contested, *of)) {
            return false;
        }
        if (disputes && known && known->dispute == dispute_state::opened) return false;
        // Debt that was dropped took nothing.
        std::int64_t before = known ? known->taken.micros() - known->dropped.micros() : 0;
        if (before > of->granted.micros() - e.amount.micros()) return false;
        lot* record = edit_record(of->id);
        if (!disputes && !note_purchase_refund(e, *record)) return false;

        record->voided = sum(record->voided, found);
        if (!of->active) {
            record->available = minus(record->available, found);
        } else if (found.is_positive()) {
            draw(e.parts);
        }
        claim& c = edit_claim(of->id);
        c.taken = sum(c.taken, e.amount);
        c.uncollected = sum(c.uncollected, e.uncollected);
        if (disputes) {
            c.dispute = dispute_state::opened;
            c.opened = e.id;
            c.contested = e.contested;
            c.whole = e.revokes;
            c.disputed = e.amount;
        }
        if (e.debt.is_positive()) owe(e, of->id);
        refresh(of->id);
        return true;
    }

    static bool can_contest(const money& total, const lot& of) noexcept {
        const money& paid = of.terms.paid;
        return total.in() == paid.in() && !total.is_negative() &&
               total.minor_units() <= paid.minor_units();
    }

    static bool note_purchase_refund(const entry& e, lot& record) noexcept {
        if (e.owed.has_currency() && !note_refunded(e.owed, record)) return false;
        record.revoked = record.revoked || e.revokes;
        record.closed = record.closed || !e.contested.has_currency();
        return true;
    }

    static bool note_refunded(const money& more, lot& record) noexcept {
        const money& paid = record.terms.paid;
        std::int64_t left = paid.minor_units() - record.refunded.minor_units();
        if (more.in() != paid.in() || more.is_negative() || more.minor_units() > left) {
            return false;
        }
        std::int64_t in_all = record.refunded.minor_units() + more.minor_units();
        record.refunded = money::from_minor(in_all, paid.in());
        return true;
    }

    /// Undoes all that the open dispute took: what is short first, then what was found.
    bool win_dispute(const entry& e) {
        const claim* open = e.parts.empty() ? nullptr : find_claim(a_, e.parts[0].lot);
        if (!open || open->dispute != dispute_state::opened || e.amount != open->disputed) {
            return false;
        }
        claim c = *open;
        lot* record = edit_record(c.lot);
        const checked<credits> most = e.amount + c.returned;
        if (!most || !is_at_most(*most, e.parts) || e.uncollected > c.uncollected ||
            e.debt > owed_for(a_, c.lot) || e.parts[0].amount > record->voided ||
            !take_from_repaid(c, e.parts)) {
            return false;
        }
        std::int64_t to_others = total(e.parts, 1);
        std::int64_t dropped =
            most->micros() - total(e.parts) - e.debt.micros() - e.uncollected.micros();
        if (dropped != c.disputed_dropped.micros()) return false;
        std::int64_t to_lot = record->active ? e.parts[0].amount.micros() : 0;
        if (!fits(e, to_lot + to_others, 0, -e.debt.micros())) return false;
        record->voided = minus(record->voided, e.parts[0].amount);
        c.taken = minus(c.taken, e.amount);
        c.uncollected = minus(c.uncollected, e.uncollected);
        c.dropped = credits::from_micros(c.dropped.micros() - dropped);
        c.dispute = dispute_state::none;
        close_dispute(c);
        edit_claim(c.lot) = c;
        lower_debts_of(c.lot, e.debt, true);
        for (const part& p : e.parts) put_back(p);
        refresh(c.lot);
        return true;
    }

    bool lose_dispute(const entry& e) {
        if (e.parts.size() != 1 || e.after != a_.totals) return false;
        const claim* open = find_claim(a_, e.parts[0].lot);
        if (!open || open->dispute != dispute_state::opened) return false;
        claim& c = edit_claim(open->lot);
        lot* record = edit_record(c.lot);
        std::int64_t more = c.contested.minor_units() - record->refunded.minor_units();
        if (more > 0 && !note_refunded(money::from_minor(more, c.contested.in()), *record)) {
            return false;
        }
        record->revoked = record->revoked || c.whole;
        c.dispute = dispute_state::lost;
        if (!c.lost.has_currency() || c.contested.minor_units() > c.lost.minor_units()) {
            c.lost = c.contested;
        }
        close_dispute(c);
        return true;
    }

    /// Forgets what could have been undone.
    static void close_dispute(claim& c) noexcept {
        c.opened = {};
        c.contested = {};
        c.whole = false;
        c.disputed = {};
        c.disputed_dropped = {};
        c.returned = {};
    }

    /// Credits came back to a lot of which a claw-back was short, and make it good.
    bool collect(const entry& e) {
        const claim* known = e.parts.empty() ? nullptr : find_claim(a_, e.parts[0].lot);
        if (!known || e.parts[0].amount != e.amount) return false;
        if (!is_at_most(e.amount, e.parts, 1) || e.uncollected > known->uncollected ||
            e.debt > owed_for(a_, known->lot)) {
            return false;
        }
        part_list from_lot;
        from_lot.push_back(e.parts[0]);
        claim c = *known;
        std::int64_t to_others = total(e.parts, 1);
        if (e.amount.micros() - e.debt.micros() - e.uncollected.micros() != to_others ||
            !can_draw(from_lot) || !take_from_repaid(c, e.parts) ||
            !fits(e, to_others - e.amount.micros(), 0, -e.debt.micros())) {
            return false;
        }
        lot* record = edit_record(c.lot);
        record->voided = sum(record->voided, e.amount);
        c.uncollected = minus(c.uncollected, e.uncollected);
        edit_claim(c.lot) = c;
        lower_debts_of(c.lot, e.debt, false);
        draw(from_lot);
        for (std::size_t i = 1; i < e.parts.size(); ++i) put_back(e.parts[i]);
        refresh(c.lot);
        return true;
    }

    bool drop_debt(const entry& e) {
        const debt* owed = find_debt(e.about);
        if (!owed || owed->open != e.debt || e.debt != e.amount || !e.parts.empty()) return false;
        if (!fits(e, 0, 0, -e.debt.micros())) return false;
        lot_id of = owed->lot;
        if (!lower_debt(e.about, e.debt)) return false;
        if (!of) return true;
        claim& c = edit_claim(of);
        c.dropped = sum(c.dropped, e.debt);
        if (c.opened == e.about) c.disputed_dropped = sum(c.disputed_dropped, e.debt);
        refresh(of);
        return true;
    }

    bool assign_plan(const entry& e) {
        if (e.after != a_.totals) return false;
        a_.rest.edit().plan = e.plan;
        if (e.counts) {
            a_.period_from = e.from;
            a_.used = e.amount;
        }
        return true;
    }

    bool change_expiry(const entry& e) {
        if (e.parts.size() != 1 || e.after != a_.totals) return false;
        lot* record = edit_record(e.parts[0].lot);
        if (!record) return false;
        record->terms = with_expiry(record->terms, e.until);
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
                                            .tags = e.usage.tags,
                                            .member = e.member,
                                            .resource = e.resource,
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
        if (!h || e.amount != h->amount || e.parts != h->parts) return false;
        if (!can_return(h->parts)) return false;
        if (!fits(e, h->amount.micros(), -h->amount.micros(), 0)) return false;
        give_back(h->parts, 0);
        close(*h);
        drop_exhausted();
        return true;
    }

    bool refund(const entry& e) {
        std::int64_t left = e.amount.micros() - e.debt.micros() - e.uncollected.micros();
        for (const part& p : e.parts) {
            if (!p.amount.is_positive() || p.amount.micros() > left) return false;
            if (!was_spent(p, e.parts)) return false;
            left -= p.amount.micros();
        }
        if (left != 0 || (e.counts && e.amount > a_.used)) return false;
        if (!fits(e, total(e.parts), 0, -e.debt.micros())) return false;
        if (e.debt.is_positive() && !lower_debt(e.about, e.debt)) return false;
        for (const part& p : e.parts) put_back(p);
        if (e.counts) a_.used = minus(a_.used, e.amount);
        return true;
    }

    bool repay(const entry& e) {
        if (!can_draw(e.parts) || total(e.parts) != e.amount.micros()) return false;
        if (e.debt != e.amount) return false;
        if (!fits(e, -e.amount.micros(), 0, -e.amount.micros())) return false;
        const debt* owed = find_debt(e.about);
        const lot_id of = owed ? owed->lot : lot_id{};
        if (!lower_debt(e.about, e.amount)) return false;
        if (of) {
            for (const part& p : e.parts) edit_claim(of).repaid.push_back(p);
        }
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
};

}  // namespace detail

/// Changes the account by one entry.
/// Errors: `corrupt_record` if the entry does not continue this account; the account may then be
/// changed in part and must be thrown away.
inline result<void> apply(account& a, const entry& e) {
    if (e.id.value() != a.last.value() + 1 || e.at < a.time) return errc::corrupt_record;
    if (e.amount.is_negative() || e.debt.is_negative() || e.uncollected.is_negative()) {
        return errc::corrupt_record;
    }
    detail::entry_applier applier{a};
    if (!applier.carry_out(e)) return errc::corrupt_record;
    applier.finish(e);
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
