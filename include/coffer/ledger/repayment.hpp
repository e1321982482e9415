/// Debt: repaid from what arrives, dropped with its period, or billed.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

namespace coffer {
inline namespace v0 {

/// Repays debt from what is available, as far as it goes. The entry's amount is zero if nothing can
/// be repaid.
inline result<void> decide_repayment(const account& a, const debt& owed, const bucket_filter& from,
                                     moment when, entry& e) {
    detail::begin(e, a, entry_kind::repaid, when);
    e.about = owed.charge;
    e.amount = detail::take(a, owed.open, from, e.parts);
    e.debt = e.amount;
    e.after.available = credits::from_micros(e.after.available.micros() - e.amount.micros());
    e.after.debt = credits::from_micros(e.after.debt.micros() - e.amount.micros());
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

/// Ends what a charge owes: `worth` is what it comes to on the invoice.
inline result<void> decide_bill(const account& a, const debt& owed, const money& worth, moment when,
                                entry& e) {
    if (worth.is_negative()) return errc::policy_contract;
    detail::begin(e, a, entry_kind::billed, when);
    e.about = owed.charge;
    e.amount = owed.open;
    e.debt = owed.open;
    e.owed = worth;
    e.after.debt = credits::from_micros(e.after.debt.micros() - owed.open.micros());
    return {};
}

namespace detail {

inline bool post_bill(account_editor& to, const entry& e) {
    const debt* owed = to.find_debt(e.about);
    const bool fits = owed && !owed->lot && owed->open == e.debt && e.debt == e.amount &&
                      e.parts.empty() && !e.owed.is_negative();
    return fits && to.fits(e, 0, 0, -e.debt.micros()) && to.lower_debt(e.about, e.debt);
}

inline bool post_repayment(account_editor& to, const entry& e) {
    if (!to.can_draw(e.parts) || total(e.parts) != e.amount.micros()) return false;
    if (e.debt != e.amount) return false;
    if (!to.fits(e, -e.amount.micros(), 0, -e.amount.micros())) return false;
    const debt* owed = to.find_debt(e.about);
    const lot_id of = owed ? owed->lot : lot_id{};
    if (!to.lower_debt(e.about, e.amount)) return false;
    if (of) {
        for (const part& p : e.parts) to.edit_claim(of).repaid.push_back(p);
    }
    to.draw(e.parts);
    return true;
}

inline bool post_debt_drop(account_editor& to, const entry& e) {
    const debt* owed = to.find_debt(e.about);
    if (!owed || owed->open != e.debt || e.debt != e.amount || !e.parts.empty()) return false;
    if (!to.fits(e, 0, 0, -e.debt.micros())) return false;
    lot_id of = owed->lot;
    if (!to.lower_debt(e.about, e.debt)) return false;
    if (!of) return true;
    claim& c = to.edit_claim(of);
    c.dropped = plus(c.dropped, e.debt);
    if (c.opened == e.about) c.disputed_dropped = plus(c.disputed_dropped, e.debt);
    to.refresh(of);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
