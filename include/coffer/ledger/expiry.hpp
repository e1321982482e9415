/// What ends lots: their expiry or their period, a void; and what moves that end.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/burn_order.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

namespace coffer {
inline namespace v0 {

/// Ends what is available of a lot: by its expiry (`expired`), or with its period (`forfeited`).
inline result<void> decide_expiry(const account& a, const spendable& hot, entry_kind how,
                                  credits amount, moment when, entry& e) {
    detail::begin(e, a, how, when);
    e.amount = amount;
    e.parts.push_back(part{.lot = hot.lot, .amount = amount, .bucket = hot.bucket});
    e.after.available = credits::from_micros(e.after.available.micros() - amount.micros());
    return {};
}

/// Takes back a lot's unspent rest, or a part of it. Errors: `insufficient_credits` if less is
/// there; `invalid_argument` unless the amount is positive.
inline result<void> decide_void(const account& a, const lot& of, credits amount, moment when,
                                entry& e) {
    if (!amount.is_positive()) return errc::invalid_argument;
    if (amount > of.available) return insufficient(amount, of.available);
    detail::begin(e, a, entry_kind::voided, when);
    e.amount = amount;
    e.parts.push_back(part{.lot = of.id, .amount = amount, .bucket = of.terms.bucket});
    if (of.active) {
        e.after.available = credits::from_micros(e.after.available.micros() - amount.micros());
    }
    return {};
}

/// Changes when a lot expires. Errors: `invalid_argument` for a lot that has ended or was revoked,
/// and for an expiry before the lot is effective.
inline result<void> decide_expiry_change(const account& a, const lot& of, instant expires,
                                         burn_position where, moment when, entry& e) {
    if (has_ended(a, of, when.now) || is_revoked(a, of) || expires <= of.terms.effective) {
        return errc::invalid_argument;
    }
    detail::begin(e, a, entry_kind::expiry_changed, when);
    e.until = expires;
    e.order = where.order;
    e.parts.push_back(part{.lot = of.id, .before = where.before, .bucket = of.terms.bucket});
    return {};
}

namespace detail {

inline bool post_expiry(account_editor& to, const entry& e) {
    if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
    if (!to.can_draw(e.parts) || !to.fits(e, -e.amount.micros(), 0, 0)) return false;
    lot* record = to.edit_record(e.parts[0].lot);
    record->expired = plus(record->expired, e.amount);
    to.draw(e.parts);
    return true;
}

inline bool post_void(account_editor& to, const entry& e) {
    if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
    lot* record = to.edit_record(e.parts[0].lot);
    if (!record) return false;
    if (record->active) {
        if (!to.can_draw(e.parts) || !to.fits(e, -e.amount.micros(), 0, 0)) return false;
        record->voided = plus(record->voided, e.amount);
        to.draw(e.parts);
        const claim* c = find_claim(to.now(), record->id);
        if (c && c->whole && !record->revoked) {
            to.edit_claim(record->id).returned = plus(c->returned, e.amount);
        }
        return true;
    }
    if (e.amount > record->available || e.after != to.now().totals) return false;
    record->voided = plus(record->voided, e.amount);
    record->available = minus(record->available, e.amount);
    return true;
}

inline bool post_expiry_change(account_editor& to, const entry& e) {
    if (e.parts.size() != 1 || e.after != to.now().totals) return false;
    if (const spendable* hot = find_spendable(to.now(), e.parts[0].lot)) to.write_rolls(*hot);
    to.touch(e.parts[0].lot);
    lot* record = to.edit_record(e.parts[0].lot);
    if (!record) return false;
    record->terms = with_expiry(record->terms, e.until);
    if (find_spendable(to.now(), record->id)) {
        const spendable hot = to.leave(record->id);
        to.enter(*record, hot.available, e.parts[0].before, hot.held);
    }
    to.edit().order = e.order;
    to.forget_due();
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
