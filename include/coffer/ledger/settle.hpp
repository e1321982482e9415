/// Holds: reserving credits, and how a reservation ends: settled for the actual cost, released by
/// its holder, or timed out.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/charge.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// The most holds that one wallet may have open.
inline constexpr std::size_t max_holds = 10'000;

/// Reserves until an instant. A hold never uses the overdraft.
/// Errors: as `decide_charge`; `invalid_argument` too if it would be over at once.
inline result<void> decide_hold(const account& a, const spend& s, credits tolerance, instant until,
                                moment when, entry& e) {
    if (s.amount.is_negative() || tolerance.is_negative()) return errc::invalid_argument;
    detail::begin(e, a, entry_kind::held, when);
    if (until <= e.at) return errc::invalid_argument;
    if (refuses_spends(a)) return errc::wallet_paused;
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

namespace detail {

inline bool post_hold(account_editor& to, const entry& e) {
    if (!to.can_draw(e.parts) || total(e.parts) != e.amount.micros()) return false;
    if (e.prices.size() > price_text::max_size) return false;
    if (!to.fits(e, -e.amount.micros(), e.amount.micros(), 0)) return false;
    to.edit_rest().holds.push_back(hold{.id = hold_id{e.id.value()},
                                        .until = e.until,
                                        .amount = e.amount,
                                        .tolerance = e.tolerance,
                                        .action = e.usage.action,
                                        .tags = e.usage.tags,
                                        .member = e.member,
                                        .resource = e.resource,
                                        .prices = e.prices,
                                        .parts = e.parts});
    to.put_aside(e.parts);
    to.fall_due(e.until);
    return true;
}

inline bool post_settle(account_editor& to, const entry& e) {
    const hold* h = find_hold(to.now(), hold_id{e.about.value()});
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
    if (left != 0 || !to.can_draw(excess) || !to.can_return(h->parts) || !to.can_use(e))
        return false;
    std::int64_t drawn = total(excess);
    if (e.amount.micros() - from_hold - drawn != e.debt.micros()) return false;
    std::int64_t back = h->amount.micros() - from_hold;
    if (!to.fits(e, back - drawn, -h->amount.micros(), e.debt.micros())) return false;
    to.give_back(h->parts, from_hold);
    to.drop_exhausted(h->parts);
    to.close(h->id);
    if (e.debt.is_positive()) to.owe(e);
    to.draw(excess);
    if (e.counts) to.edit().used = plus(to.now().used, e.amount);
    return true;
}

inline bool post_release(account_editor& to, const entry& e) {
    const hold* h = find_hold(to.now(), hold_id{e.about.value()});
    if (!h || e.amount != h->amount || e.parts != h->parts) return false;
    if (!to.can_return(h->parts)) return false;
    if (!to.fits(e, h->amount.micros(), -h->amount.micros(), 0)) return false;
    to.give_back(h->parts, 0);
    to.close(h->id);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
