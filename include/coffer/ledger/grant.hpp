/// Deciding what makes, moves and ends lots: starts, periods, grants, rollover, expiry, voids.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/entry.hpp>

#include <span>

namespace coffer {
inline namespace v0 {

/// Where a new lot goes in burn order: before another, or last; and the order that says so.
struct burn_position {
    lot_id before{};
    std::uint64_t order = 0;
};

/// The most lots with which a wallet still takes a grant. What falls due is never refused for it.
inline constexpr std::size_t max_lots = 1'000'000;

namespace detail {

/// Errors: `amount_overflow` if the wallet could not hold the sum of all its lots.
inline result<void> add_lot(const lot_terms& terms, credits amount, burn_position where, entry& e) {
    e.terms = terms;
    e.amount = amount;
    e.before = where.before;
    e.order = where.order;
    if (terms.effective > e.at) return {};
    if (auto fits = shift(e.after.available, amount); !fits) return fits.error();
    return {};
}

}  // namespace detail

/// Begins a subscription. Periods are opened after it, by `decide_period`; of the account's own
/// so much has been used already.
inline result<void> decide_start(const account& a, instant anchor, std::string_view zone,
                                 credits used, moment when, entry& e) {
    detail::begin(e, a, entry_kind::started, when);
    e.counts = true;
    e.amount = used;
    e.from = anchor;
    e.zone = zone;
    return {};
}

/// Opens a period of a bucket with its allowance.
inline result<void> decide_period(const account& a, const lot_terms& terms, const period& begun,
                                  std::uint32_t since_anchor, credits allowance,
                                  burn_position where, bool of_account, moment when, entry& e) {
    if (allowance.is_negative()) return errc::policy_contract;
    detail::begin(e, a, entry_kind::period_began, when);
    e.from = begun.from;
    e.until = begun.until;
    e.since_anchor = since_anchor;
    e.counts = of_account;
    if (allowance.is_zero()) {
        e.terms = terms;
        e.order = a.order;
        return {};
    }
    if (auto fits = detail::check_room(a, allowance); !fits) return fits.error();
    return detail::add_lot(terms, allowance, where, e);
}

/// Adds a lot. Errors: `invalid_argument` unless the amount is positive and the lot is effective
/// before it expires; `amount_overflow`, `too_many`.
inline result<void> decide_grant(const account& a, const lot_terms& terms, credits amount,
                                 burn_position where, moment when, entry& e) {
    if (!amount.is_positive() || terms.expires <= terms.effective) return errc::invalid_argument;
    if (a.rest->lots.size() >= max_lots) return errc::too_many;
    detail::begin(e, a, entry_kind::granted, when);
    if (auto fits = detail::check_room(a, amount); !fits) return fits.error();
    return detail::add_lot(terms, amount, where, e);
}

/// Brings a future lot into effect.
inline result<void> decide_activation(const account& a, const lot& record, lot_id before,
                                      moment when, entry& e) {
    detail::begin(e, a, entry_kind::activated, when);
    e.amount = record.available;
    e.parts.push_back(part{.lot = record.id,
                           .before = before,
                           .amount = record.available,
                           .bucket = record.terms.bucket});
    if (auto fits = detail::shift(e.after.available, e.amount); !fits) return fits.error();
    return {};
}

/// Moves available credits of one lot into a new one: rollover, or a re-grant after a refund.
inline result<void> decide_move(const account& a, lot_id from, credits amount, entry_kind how,
                                const lot_terms& terms, burn_position where, moment when,
                                entry& e) {
    detail::begin(e, a, how, when);
    e.parts.push_back(part{.lot = from, .amount = amount, .bucket = terms.bucket});
    e.after.available = credits::from_micros(e.after.available.micros() - amount.micros());
    return detail::add_lot(terms, amount, where, e);
}

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

/// Puts the lots into another burn order.
inline result<void> decide_reorder(const account& a, std::span<const lot_id> order,
                                   std::uint64_t fingerprint, moment when, entry& e) {
    detail::begin(e, a, entry_kind::reordered, when);
    e.order = fingerprint;
    for (lot_id id : order) e.parts.push_back(part{.lot = id});
    return {};
}

}  // namespace v0
}  // namespace coffer
