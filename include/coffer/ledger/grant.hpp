/// What makes lots: grants, lots that become effective, and credits that go on as another lot.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/burn_order.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstddef>

namespace coffer {
inline namespace v0 {

/// The most lots that a host makes in one wallet. What the plan makes does not count.
inline constexpr std::size_t max_lots = 1'000'000;

namespace detail {

/// Whether the host may make another lot. Complexity: constant below the most lots there may be.
inline bool has_room_for_lot(const account& a) noexcept {
    const auto& lots = a.rest->lots;
    if (lots.size() < max_lots) return true;
    const auto granted = std::count_if(lots.begin(), lots.end(), [](const lot& l) {
        return l.terms.origin == lot_origin::granted;
    });
    return static_cast<std::size_t>(granted) < max_lots;
}

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

/// Adds a lot. Errors: `invalid_argument` unless the amount is positive and the lot is effective
/// before it expires; `amount_overflow`, `too_many`.
inline result<void> decide_grant(const account& a, const lot_terms& terms, credits amount,
                                 burn_position where, moment when, entry& e) {
    if (!amount.is_positive() || terms.expires <= terms.effective) return errc::invalid_argument;
    if (!detail::has_room_for_lot(a)) return errc::too_many;
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

namespace detail {

inline bool post_lot(account_editor& to, const entry& e) {
    if (!e.amount.is_positive()) return false;
    bool active = e.terms.effective <= e.at;
    if (!to.fits(e, active ? e.amount.micros() : 0, 0, 0)) return false;
    account_details& rest = to.edit_rest();
    lot made{.id = lot_id{e.id.value()},
             .active = active,
             .terms = e.terms,
             .made = e.at,
             .granted = e.amount};
    if (!active) made.available = e.amount;
    rest.lots.push_back(made);
    if (active) {
        to.enter(made, e.amount, e.before);
    } else {
        rest.pending.push_back(made.id);
        to.fall_due(e.terms.effective);
    }
    to.edit().order = e.order;
    return true;
}

inline bool post_activation(account_editor& to, const entry& e) {
    if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
    lot* record = to.edit_record(e.parts[0].lot);
    if (!record || record->active || record->available != e.amount) return false;
    if (!to.fits(e, e.amount.micros(), 0, 0)) return false;
    auto& pending = to.edit_rest().pending;
    pending.erase(std::remove(pending.begin(), pending.end(), record->id), pending.end());
    record->active = true;
    record->available = {};
    if (e.amount.is_positive()) to.enter(*record, e.amount, e.parts[0].before);
    to.forget_due();
    return true;
}

inline bool post_move(account_editor& to, const entry& e) {
    if (e.parts.size() != 1 || e.parts[0].amount != e.amount) return false;
    if (!to.can_draw(e.parts)) return false;
    bool active = e.terms.effective <= e.at;
    if (!to.fits(e, active ? 0 : -e.amount.micros(), 0, 0)) return false;
    lot* source = to.edit_record(e.parts[0].lot);
    source->rolled = plus(source->rolled, e.amount);
    to.draw(e.parts);
    to.edit().totals.available = minus(to.now().totals.available, e.amount);
    return post_lot(to, e);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
