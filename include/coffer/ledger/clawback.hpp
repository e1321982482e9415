/// Deciding what takes purchases back: refunds for money, disputes, and what follows where credits
/// of such a lot are spent already. Debt that ends with its period is here too.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
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

/// Ends a debt without repayment.
inline result<void> decide_debt_drop(const account& a, const debt& owed, moment when, entry& e) {
    detail::begin(e, a, entry_kind::debt_dropped, when);
    e.about = owed.charge;
    e.amount = owed.open;
    e.debt = owed.open;
    e.after.debt = credits::from_micros(e.after.debt.micros() - owed.open.micros());
    return {};
}

/// Remembers something that changes nothing: a refusal for good, or a message that said nothing
/// new.
inline result<void> decide_note(const account& a, entry_kind how, moment when, entry& e) {
    detail::begin(e, a, how, when);
    return {};
}

}  // namespace v0
}  // namespace coffer
