/// Deciding what takes purchases back: refunds for money, disputes, and what follows where credits
/// of such a lot are spent already.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// What is to be taken back of a lot.
struct clawback_terms {
    credits wanted{};  ///< In addition to what was taken before.
    shortfall of_spent = shortfall::refused;
    bool whole = false;  ///< Nothing of the lot stays usable: what comes back to it is voided.
    money contested{};   ///< The total that this speaks of; none for a refund of all it is worth.
};

namespace detail {

/// Takes what is there of a lot, and what was spent of it as the terms have it.
/// Errors: `refund_exceeds`, with what is there; `amount_overflow`.
inline result<void> claw_back(const account& a, const lot& of, const clawback_terms& terms,
                              entry& e) {
    std::int64_t found = std::min(terms.wanted.micros(), of.available.micros());
    std::int64_t missing = std::min(terms.wanted.micros() - found, unclaimed_of(a, of).micros());
    credits there = credits::from_micros(found);
    if (missing > 0 && terms.of_spent == shortfall::refused) {
        return error{errc::refund_exceeds}.with_amounts(terms.wanted, there);
    }
    const claim* known = find_claim(a, of.id);
    std::int64_t before = known ? known->taken.micros() - known->dropped.micros() : 0;
    if (found + missing > of.granted.micros() - before) return errc::refund_exceeds;
    e.amount = credits::from_micros(found + missing);
    e.revokes = terms.whole;
    e.contested = terms.contested;
    (terms.of_spent == shortfall::owed ? e.debt : e.uncollected) = credits::from_micros(missing);
    e.parts.push_back(part{.lot = of.id, .amount = there, .bucket = of.terms.bucket});
    if (of.active) e.after.available = credits::from_micros(e.after.available.micros() - found);
    if (auto fits = shift(e.after.debt, e.debt); !fits) return fits.error();
    return {};
}

/// Lists what goes back to the lots that repaid the claw-back debt of a lot, the latest first, at
/// most `left`, which it lowers. The caller sets where they come back into the burn order.
inline void return_repaid(const claim& c, std::int64_t& left, part_list& parts) {
    for (std::size_t i = c.repaid.size(); i-- > 0 && left > 0;) {
        const part& repaid = c.repaid[i];
        std::int64_t back = std::min(left, repaid.amount.micros());
        left -= back;
        auto known = std::find_if(parts.begin() + 1, parts.end(),
                                  [&](const part& p) { return p.lot == repaid.lot; });
        if (known != parts.end()) {
            known->amount = credits::from_micros(known->amount.micros() + back);
        } else {
            parts.push_back(part{
                .lot = repaid.lot, .amount = credits::from_micros(back), .bucket = repaid.bucket});
        }
    }
}

inline std::int64_t lowered(std::int64_t& left, credits available) noexcept {
    std::int64_t by = std::min(left, available.micros());
    left -= by;
    return by;
}

}  // namespace detail

/// Takes a purchase back for money.
/// Errors: `policy_contract` if more is owed than was paid; `refund_exceeds`, `amount_overflow`.
inline result<void> decide_purchase_refund(const account& a, const lot& of,
                                           const clawback_terms& terms, money owed, moment when,
                                           entry& e) {
    checked<money> in_all = of.refunded.has_currency() ? of.refunded + owed : owed;
    if (!in_all || in_all->in() != of.terms.paid.in() || owed.is_negative() ||
        in_all->minor_units() > of.terms.paid.minor_units()) {
        return errc::policy_contract;
    }
    detail::begin(e, a, entry_kind::purchase_refunded, when);
    e.owed = owed;
    return detail::claw_back(a, of, terms, e);
}

/// Takes back what a dispute is about. Errors: `refund_exceeds`, `amount_overflow`.
inline result<void> decide_dispute(const account& a, const lot& of, const clawback_terms& terms,
                                   moment when, entry& e) {
    detail::begin(e, a, entry_kind::disputed, when);
    return detail::claw_back(a, of, terms, e);
}

/// Undoes all that the open dispute took: what is short first, then what was found in the lot. Of
/// what was owed for it and dropped nothing was taken.
/// Requires: the lot has an open dispute. The caller sets where lots come back into burn order.
/// Errors: `amount_overflow`.
inline result<void> decide_dispute_won(const account& a, const lot& of, moment when, entry& e) {
    const claim* open = find_claim(a, of.id);
    if (!open || open->dispute != dispute_state::opened) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::dispute_won, when);
    e.amount = open->disputed;
    e.parts.push_back(part{.lot = of.id, .bucket = of.terms.bucket});
    std::int64_t left = e.amount.micros() - open->disputed_dropped.micros();
    e.debt = credits::from_micros(detail::lowered(left, owed_for(a, of.id)));
    e.uncollected = credits::from_micros(detail::lowered(left, open->uncollected));
    detail::return_repaid(*open, left, e.parts);
    e.parts[0].amount = credits::from_micros(left + open->returned.micros());
    std::int64_t all = 0;
    for (const part& p : e.parts) all += p.amount.micros();
    if (auto fits = detail::check_room(a, credits::from_micros(all)); !fits) return fits.error();
    std::int64_t back = of.active ? all : all - e.parts[0].amount.micros();
    e.after.available = credits::from_micros(e.after.available.micros() + back);
    e.after.debt = credits::from_micros(e.after.debt.micros() - e.debt.micros());
    return {};
}

/// Keeps what the open dispute took, and counts its money as refunded.
inline result<void> decide_dispute_lost(const account& a, const lot& of, moment when, entry& e) {
    const claim* open = find_claim(a, of.id);
    if (!open || open->dispute != dispute_state::opened) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::dispute_lost, when);
    e.parts.push_back(part{.lot = of.id, .bucket = of.terms.bucket});
    e.contested = open->contested;
    return {};
}

/// Lets credits that came back to a lot make good what its claw-backs were short of: what is owed
/// or uncollected first, then what other lots repaid, which goes back to them.
/// Requires: something is short. The caller sets where lots come back into burn order.
inline result<void> decide_collection(const account& a, const spendable& hot, moment when,
                                      entry& e) {
    const claim* c = find_claim(a, hot.lot);
    if (!c) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::collected, when);
    e.parts.push_back(part{.lot = hot.lot, .bucket = hot.bucket});
    std::int64_t left = hot.available.micros();
    e.debt = credits::from_micros(detail::lowered(left, owed_for(a, hot.lot)));
    e.uncollected = credits::from_micros(detail::lowered(left, c->uncollected));
    std::int64_t before = left;
    detail::return_repaid(*c, left, e.parts);
    std::int64_t to_others = before - left;
    e.amount = credits::from_micros(hot.available.micros() - left);
    e.parts[0].amount = e.amount;
    e.after.available =
        credits::from_micros(e.after.available.micros() - e.amount.micros() + to_others);
    e.after.debt = credits::from_micros(e.after.debt.micros() - e.debt.micros());
    return {};
}

namespace detail {

inline bool can_contest(const money& total, const lot& of) noexcept {
    const money& paid = of.terms.paid;
    return total.in() == paid.in() && !total.is_negative() &&
           total.minor_units() <= paid.minor_units();
}

inline bool note_refunded(const money& more, lot& record) noexcept {
    const money& paid = record.terms.paid;
    std::int64_t left = paid.minor_units() - record.refunded.minor_units();
    if (more.in() != paid.in() || more.is_negative() || more.minor_units() > left) {
        return false;
    }
    std::int64_t in_all = record.refunded.minor_units() + more.minor_units();
    record.refunded = money::from_minor(in_all, paid.in());
    return true;
}

inline bool note_purchase_refund(const entry& e, lot& record) noexcept {
    if (e.owed.has_currency() && !note_refunded(e.owed, record)) return false;
    record.revoked = record.revoked || e.revokes;
    record.closed = record.closed || !e.contested.has_currency();
    return true;
}

inline bool post_clawback(account_editor& to, const entry& e) {
    if (e.parts.size() != 1) return false;
    const credits found = e.parts[0].amount;
    std::optional<lot> of = find_lot(to.now(), e.parts[0].lot);
    if (!of || found.is_negative() || found > of->available) return false;
    checked<credits> missing = e.debt + e.uncollected;
    checked<credits> in_all = found + missing;
    if (!in_all || *in_all != e.amount) return false;
    if (*missing > unclaimed_of(to.now(), *of)) return false;
    if (!to.fits(e, of->active ? -found.micros() : 0, 0, e.debt.micros())) return false;
    const claim* known = find_claim(to.now(), of->id);
    bool disputes = e.kind == entry_kind::disputed;
    if ((disputes || e.contested.has_currency()) && !can_contest(e.contested, *of)) {
        return false;
    }
    if (disputes && known && known->dispute == dispute_state::opened) return false;
    // Debt that was dropped took nothing.
    std::int64_t before = known ? known->taken.micros() - known->dropped.micros() : 0;
    if (before > of->granted.micros() - e.amount.micros()) return false;
    lot* record = to.edit_record(of->id);
    if (!disputes && !note_purchase_refund(e, *record)) return false;

    record->voided = plus(record->voided, found);
    if (!of->active) {
        record->available = minus(record->available, found);
    } else if (found.is_positive()) {
        to.draw(e.parts);
    }
    claim& c = to.edit_claim(of->id);
    c.taken = plus(c.taken, e.amount);
    c.uncollected = plus(c.uncollected, e.uncollected);
    if (disputes) {
        c.dispute = dispute_state::opened;
        c.opened = e.id;
        c.contested = e.contested;
        c.whole = e.revokes;
        c.disputed = e.amount;
    }
    if (e.debt.is_positive()) to.owe(e, of->id);
    to.refresh(of->id);
    return true;
}

/// Forgets what could have been undone.
inline void close_dispute(claim& c) noexcept {
    c.opened = {};
    c.contested = {};
    c.whole = false;
    c.disputed = {};
    c.disputed_dropped = {};
    c.returned = {};
}

/// Undoes all that the open dispute took: what is short first, then what was found.
inline bool post_dispute_won(account_editor& to, const entry& e) {
    const claim* open = e.parts.empty() ? nullptr : find_claim(to.now(), e.parts[0].lot);
    if (!open || open->dispute != dispute_state::opened || e.amount != open->disputed) {
        return false;
    }
    claim c = *open;
    lot* record = to.edit_record(c.lot);
    const checked<credits> most = e.amount + c.returned;
    if (!most || !is_at_most(*most, e.parts) || e.uncollected > c.uncollected ||
        e.debt > owed_for(to.now(), c.lot) || e.parts[0].amount > record->voided ||
        !take_from_repaid(c, e.parts)) {
        return false;
    }
    std::int64_t to_others = total(e.parts, 1);
    std::int64_t dropped =
        most->micros() - total(e.parts) - e.debt.micros() - e.uncollected.micros();
    if (dropped != c.disputed_dropped.micros()) return false;
    std::int64_t to_lot = record->active ? e.parts[0].amount.micros() : 0;
    if (!to.fits(e, to_lot + to_others, 0, -e.debt.micros())) return false;
    record->voided = minus(record->voided, e.parts[0].amount);
    c.taken = minus(c.taken, e.amount);
    c.uncollected = minus(c.uncollected, e.uncollected);
    c.dropped = credits::from_micros(c.dropped.micros() - dropped);
    c.dispute = dispute_state::none;
    close_dispute(c);
    to.edit_claim(c.lot) = c;
    to.lower_debts_of(c.lot, e.debt, true);
    for (const part& p : e.parts) to.put_back(p);
    to.refresh(c.lot);
    return true;
}

inline bool post_dispute_lost(account_editor& to, const entry& e) {
    if (e.parts.size() != 1 || e.after != to.now().totals) return false;
    const claim* open = find_claim(to.now(), e.parts[0].lot);
    if (!open || open->dispute != dispute_state::opened) return false;
    claim& c = to.edit_claim(open->lot);
    lot* record = to.edit_record(c.lot);
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

/// Credits came back to a lot of which a claw-back was short, and make it good.
inline bool post_collection(account_editor& to, const entry& e) {
    const claim* known = e.parts.empty() ? nullptr : find_claim(to.now(), e.parts[0].lot);
    if (!known || e.parts[0].amount != e.amount) return false;
    if (!is_at_most(e.amount, e.parts, 1) || e.uncollected > known->uncollected ||
        e.debt > owed_for(to.now(), known->lot)) {
        return false;
    }
    part_list from_lot;
    from_lot.push_back(e.parts[0]);
    claim c = *known;
    std::int64_t to_others = total(e.parts, 1);
    if (e.amount.micros() - e.debt.micros() - e.uncollected.micros() != to_others ||
        !to.can_draw(from_lot) || !take_from_repaid(c, e.parts) ||
        !to.fits(e, to_others - e.amount.micros(), 0, -e.debt.micros())) {
        return false;
    }
    lot* record = to.edit_record(c.lot);
    record->voided = plus(record->voided, e.amount);
    c.uncollected = minus(c.uncollected, e.uncollected);
    to.edit_claim(c.lot) = c;
    to.lower_debts_of(c.lot, e.debt, false);
    to.draw(from_lot);
    for (std::size_t i = 1; i < e.parts.size(); ++i) to.put_back(e.parts[i]);
    to.refresh(c.lot);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
