/// Charges: which lots pay, whether they suffice, and what becomes of them.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// A price that is to be paid.
struct spend {
    credits amount{};
    overdraft_terms overdraft{};
    const bucket_filter& from;
};

namespace detail {

/// Takes the amount from lots, then from the overdraft, into the entry.
/// Errors: `insufficient_credits`, with what would have been accepted; `amount_overflow`.
inline result<void> pay(const account& a, const spend& s, entry& e) {
    credits taken = take(a, s.amount, s.from, e.parts);
    std::int64_t missing = s.amount.micros() - taken.micros();
    std::int64_t room =
        std::max<std::int64_t>(0, s.overdraft.limit.micros() - a.totals.debt.micros());
    std::int64_t owed = std::min(missing, room);
    bool nothing = taken.is_zero() && owed == 0;
    if (missing > owed && (!s.overdraft.partial || nothing)) {
        checked<credits> most = taken + credits::from_micros(room);
        return insufficient(s.amount, most.value_or(credits::max()));
    }
    e.debt = credits::from_micros(owed);
    e.amount = credits::from_micros(taken.micros() + owed);
    if (auto fits = shift(e.after.available, taken, false); !fits) return fits.error();
    if (auto fits = shift(e.after.debt, e.debt); !fits) return fits.error();
    return {};
}

}  // namespace detail

/// Whether the head of an account tells all about a spend: lots that stand in it pay, none of them
/// is used up, and nothing is owed; or it is short of credits, whatever the rest says.
inline bool is_decided_by_head(const account& a, const spend& s) noexcept {
    if (a.floor == credits::max()) return false;  // it may refuse spends
    std::int64_t left = s.amount.micros();
    if (left < 0) return true;
    for (std::size_t i = 0; i < std::min(a.burning.size(), burn_list::near); ++i) {
        const spendable& lot = a.burning[i];
        if (!s.from.allows(lot.bucket)) continue;
        if (lot.available.micros() > left) return true;
        if (lot.available.micros() > 0) break;
    }
    const bool owes = s.overdraft.limit.is_positive() || s.overdraft.partial;
    return left == 0 || (!owes && a.burning.is_near() && s.amount > available_in(a, s.from));
}

/// Spends now.
/// Errors: `invalid_argument` for a negative amount, `wallet_paused`, `insufficient_credits`,
/// `amount_overflow`.
inline result<void> decide_charge(const account& a, const spend& s, moment when, entry& e) {
    if (s.amount.is_negative()) return errc::invalid_argument;
    if (refuses_spends(a)) return errc::wallet_paused;
    detail::begin(e, a, entry_kind::charged, when);
    if (auto paid = detail::pay(a, s, e); !paid) return paid;
    if (auto fits = detail::count_use(e, a); !fits) return fits.error();
    return {};
}

namespace detail {

inline bool post_charge(account_editor& to, const entry& e) {
    if (!to.can_draw(e.parts) || !to.can_use(e)) return false;
    std::int64_t drawn = total(e.parts);
    if (e.amount.micros() - drawn != e.debt.micros()) return false;
    if (!to.fits(e, -drawn, 0, e.debt.micros())) return false;
    if (e.debt.is_positive()) to.owe(e);
    to.draw(e.parts);
    if (e.counts) to.edit().used = plus(to.now().used, e.amount);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
