/// Deciding refunds: of charges, back to where the credits came from; and of purchases, which takes
/// a lot's rest back against money.
#pragma once

#include <coffer/account.hpp>
#include <coffer/entry.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/result.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace coffer {
inline namespace v0 {

namespace detail {

/// Where a charge's credits came from, in the order in which a refund gives them back: what repaid
/// its debt, last first, then the lots that it took from, last first; less what earlier refunds
/// gave back.
inline std::vector<part> refundable_parts(const entry& charge, std::span<const entry> about) {
    std::vector<part> sources;
    for (auto e = about.rbegin(); e != about.rend(); ++e) {
        if (e->kind != entry_kind::repaid) continue;
        sources.insert(sources.end(), std::make_reverse_iterator(e->parts.end()),
                       std::make_reverse_iterator(e->parts.begin()));
    }
    sources.insert(sources.end(), std::make_reverse_iterator(charge.parts.end()),
                   std::make_reverse_iterator(charge.parts.begin()));
    for (const entry& e : about) {
        if (e.kind != entry_kind::refunded) continue;
        for (part given : e.parts) {
            for (part& source : sources) {
                if (source.lot != given.lot) continue;
                std::int64_t back = std::min(source.amount.micros(), given.amount.micros());
                source.amount = credits::from_micros(source.amount.micros() - back);
                given.amount = credits::from_micros(given.amount.micros() - back);
            }
        }
    }
    return sources;
}

inline void add_part(part_list& parts, const part& source, credits amount) {
    for (part& p : parts) {
        if (p.lot != source.lot) continue;
        p.amount = credits::from_micros(p.amount.micros() + amount.micros());
        return;
    }
    parts.push_back(part{.lot = source.lot, .amount = amount, .bucket = source.bucket});
}

}  // namespace detail

/// What of a charge has not been refunded yet. `about` are the entries that speak of the charge.
inline credits refundable(const entry& charge, std::span<const entry> about) noexcept {
    std::int64_t rest = charge.amount.micros();
    for (const entry& e : about) {
        if (e.kind == entry_kind::refunded) rest -= e.amount.micros();
    }
    return credits::from_micros(rest);
}

/// Gives a charge back, all that is left of it or a part. Its debt is lowered first; what was taken
/// last returns first. The caller sets where lots that left the burn order come back into it.
/// Errors: `invalid_argument` for an amount that is not positive; `refund_exceeds`, with what is
/// left; `amount_overflow`.
inline result<void> decide_refund(const account& a, const entry& charge,
                                  std::span<const entry> about, std::optional<credits> amount,
                                  moment when, entry& e) {
    credits rest = refundable(charge, about);
    bool refunded_before = std::any_of(about.begin(), about.end(), [](const entry& other) {
        return other.kind == entry_kind::refunded;
    });
    bool free_of_charge = charge.amount.is_zero() && !refunded_before;
    credits wanted = amount.value_or(rest);
    if (amount && !amount->is_positive()) return errc::invalid_argument;
    if (wanted > rest || (rest.is_zero() && !free_of_charge)) {
        return error{errc::refund_exceeds}.with_amounts(wanted, rest);
    }
    detail::begin(e, a, entry_kind::refunded, when);
    e.about = charge.id;
    e.amount = wanted;
    e.usage.action = charge.usage.action;
    e.counts = charge.counts && charge.id > a.rest->period_opened;  // else it was never in `used`

    std::int64_t left = wanted.micros();
    for (const debt& owed : a.rest->debts) {
        if (owed.charge != charge.id) continue;
        std::int64_t lowered = std::min(left, owed.open.micros());
        e.debt = credits::from_micros(lowered);
        left -= lowered;
    }
    for (const part& source : detail::refundable_parts(charge, about)) {
        std::int64_t back = std::min(left, source.amount.micros());
        if (back > 0) detail::add_part(e.parts, source, credits::from_micros(back));
        left -= back;
    }
    if (left != 0) return errc::corrupt_record;
    credits returned = credits::from_micros(wanted.micros() - e.debt.micros());
    if (auto fits = detail::check_room(a, returned); !fits) return fits.error();
    e.after.available = credits::from_micros(e.after.available.micros() + returned.micros());
    e.after.debt = credits::from_micros(e.after.debt.micros() - e.debt.micros());
    return {};
}

/// What a purchase refund takes and owes, as the bucket's policy has it.
struct purchase_refund {
    credits revoked{};   ///< Of the lot's available rest.
    money owed{};        ///< In addition to what was refunded before.
    bool whole = false;  ///< Nothing of the lot stays usable: what comes back to it is voided.
};

/// Takes a purchase back for money.
/// Errors: `policy_contract` if more is revoked than is there, or more is owed than was paid.
inline result<void> decide_purchase_refund(const account& a, const lot& of,
                                           const purchase_refund& answer, moment when, entry& e) {
    if (answer.revoked.is_negative() || answer.revoked > of.available) return errc::policy_contract;
    checked<money> in_all = of.refunded.has_currency() ? of.refunded + answer.owed : answer.owed;
    if (!in_all || in_all->in() != of.terms.paid.in() || answer.owed.minor_units() < 0 ||
        in_all->minor_units() > of.terms.paid.minor_units()) {
        return errc::policy_contract;
    }
    detail::begin(e, a, entry_kind::purchase_refunded, when);
    e.amount = answer.revoked;
    e.owed = answer.owed;
    e.revokes = answer.whole;
    e.parts.push_back(part{.lot = of.id, .amount = answer.revoked, .bucket = of.terms.bucket});
    if (of.active) {
        e.after.available =
            credits::from_micros(e.after.available.micros() - answer.revoked.micros());
    }
    return {};
}

}  // namespace v0
}  // namespace coffer
