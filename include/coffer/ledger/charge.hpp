/// Deciding charges, holds, settles and releases: which lots pay, and whether they suffice. Each
/// function writes the entry that would carry it out and changes nothing.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>

namespace coffer {
inline namespace v0 {

/// The most holds that one wallet may have open.
inline constexpr std::size_t max_holds = 10'000;

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

/// Spends now.
/// Errors: `invalid_argument` for a negative amount, `insufficient_credits`, `amount_overflow`.
inline result<void> decide_charge(const account& a, const spend& s, moment when, entry& e) {
    if (s.amount.is_negative()) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::charged, when);
    if (auto paid = detail::pay(a, s, e); !paid) return paid;
    if (auto fits = detail::count_use(e, a); !fits) return fits.error();
    return {};
}

/// Reserves until an instant. A hold never uses the overdraft.
/// Errors: as `decide_charge`; `invalid_argument` too if it would be over at once.
inline result<void> decide_hold(const account& a, const spend& s, credits tolerance, instant until,
                                moment when, entry& e) {
    if (s.amount.is_negative() || tolerance.is_negative()) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::held, when);
    if (until <= e.at) return errc::invalid_argument;
    auto paid = detail::pay(a, spend{.amount = s.amount, .overdraft = {}, .from = s.from}, e);
    if (!paid) return paid;
    e.until = until;
    e.tolerance = tolerance;
    if (auto fits = detail::shift(e.after.held, e.amount); !fits) return fits.error();
    return {};
}

namespace detail {

/// Notes for whom and what a hold was opened. The texts stay the hold's own.
inline void label(entry& e, const hold& h) noexcept {
    e.about = entry_id{h.id.value()};
    e.usage.action = h.action.view();
    e.usage.tags = h.tags.view();
    e.member = h.member.view();
    e.resource = h.resource.view();
}

}  // namespace detail

/// Turns a reservation into a spend of the actual cost; the rest returns, last reserved first.
/// More than the hold is refused beyond its tolerance; the excess is then paid like a charge.
/// Errors: `settle_exceeds` and `insufficient_credits`, both with the most that would be accepted;
/// `invalid_argument` for a negative amount.
/// Requires: the hold outlives the entry, whose texts are the hold's; so for `decide_release`.
inline result<void> decide_settle(const account& a, const hold& h, const spend& s, moment when,
                                  entry& e) {
    if (s.amount.is_negative()) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::settled, when);
    detail::label(e, h);
    std::int64_t from_hold = std::min(s.amount.micros(), h.amount.micros());
    std::int64_t excess = s.amount.micros() - from_hold;
    std::int64_t left = from_hold;
    for (const part& p : h.parts) {
        std::int64_t taken = std::min(left, p.amount.micros());
        if (taken == 0) break;
        e.parts.push_back(
            part{.lot = p.lot, .amount = credits::from_micros(taken), .bucket = p.bucket});
        left -= taken;
    }
    e.after.held = credits::from_micros(e.after.held.micros() - h.amount.micros());
    e.amount = s.amount;
    if (excess == 0) {
        credits back = credits::from_micros(h.amount.micros() - from_hold);
        if (auto fits = detail::shift(e.after.available, back); !fits) return fits.error();
        if (auto fits = detail::count_use(e, a); !fits) return fits.error();
        return {};
    }
    credits affordable = available_in(a, s.from);
    std::int64_t room =
        std::max<std::int64_t>(0, s.overdraft.limit.micros() - a.totals.debt.micros());
    credits beyond = (affordable + credits::from_micros(room)).value_or(credits::max());
    bool takes_what_fits = s.overdraft.partial && beyond.is_positive();
    checked<credits> most =
        h.amount + (takes_what_fits ? h.tolerance : std::min(h.tolerance, beyond));
    credits acceptable = most.value_or(credits::max());
    if (excess > h.tolerance.micros()) {
        return error{errc::settle_exceeds}.with_amounts(s.amount, acceptable);
    }
    spend rest{credits::from_micros(excess), s.overdraft, s.from};
    if (auto paid = detail::pay(a, rest, e); !paid) return insufficient(s.amount, acceptable);
    e.amount = credits::from_micros(from_hold + e.amount.micros());
    if (auto fits = detail::count_use(e, a); !fits) return fits.error();
    return {};
}

/// Gives a reservation back: by its holder (`released`), or because it ran out (`timed_out`).
inline result<void> decide_release(const account& a, const hold& h, entry_kind how, moment when,
                                   entry& e) {
    detail::begin(e, a, how, when);
    detail::label(e, h);
    e.amount = h.amount;
    e.parts = h.parts;
    e.after.held = credits::from_micros(e.after.held.micros() - h.amount.micros());
    if (auto fits = detail::shift(e.after.available, h.amount); !fits) return fits.error();
    return {};
}

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

}  // namespace v0
}  // namespace coffer
