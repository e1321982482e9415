/// Deciding the refund of a charge: its credits go back to where they came from.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace coffer {
inline namespace v0 {

namespace detail {

/// Where a charge's credits came from, in the order in which a refund gives them back: the latest
/// first, less what earlier refunds gave back.
struct refund_sources {
    std::vector<part> repaid;  ///< What repaid its debt.
    std::vector<part> paid;    ///< What it took itself.
};

inline void append_reversed(std::vector<part>& to, const part_list& parts) {
    for (std::size_t i = parts.size(); i-- > 0;) to.push_back(parts[i]);
}

/// Takes what an earlier refund gave back out of the sources; lowers `given` by it.
inline void subtract(std::vector<part>& sources, part& given) noexcept {
    for (part& source : sources) {
        if (source.lot != given.lot) continue;
        std::int64_t back = std::min(source.amount.micros(), given.amount.micros());
        source.amount = credits::from_micros(source.amount.micros() - back);
        given.amount = credits::from_micros(given.amount.micros() - back);
    }
}

inline refund_sources sources_of(const entry& charge, std::span<const entry> about) {
    refund_sources sources;
    for (std::size_t i = about.size(); i-- > 0;) {
        const entry& e = about[i];
        if (e.kind == entry_kind::repaid) append_reversed(sources.repaid, e.parts);
    }
    append_reversed(sources.paid, charge.parts);
    for (const entry& e : about) {
        if (e.kind != entry_kind::refunded) continue;
        for (part given : e.parts) {
            subtract(sources.repaid, given);
            subtract(sources.paid, given);
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

/// Gives back of the sources, in their order, at most `left`, and lowers it.
inline void give_back(const std::vector<part>& sources, std::int64_t& left, entry& e) {
    for (const part& source : sources) {
        std::int64_t back = std::min(left, source.amount.micros());
        if (back > 0) add_part(e.parts, source, credits::from_micros(back));
        left -= back;
    }
}

/// What of a charge's debt was closed without repayment, and has not been refunded yet.
struct closed_debt {
    std::int64_t rest = 0;
    const entry* bill = nullptr;  ///< It was billed by this; null if it was dropped.
};
inline closed_debt closed_debt_of(std::span<const entry> about) noexcept {
    closed_debt closed;
    for (const entry& e : about) {
        const bool billed = e.kind == entry_kind::billed;
        if (billed) closed.bill = &e;
        if (billed || e.kind == entry_kind::debt_dropped) closed.rest += e.debt.micros();
        if (e.kind == entry_kind::refunded) closed.rest -= e.uncollected.micros();
    }
    return closed;
}

/// What is credited of a billed line for the next part of it that is refunded: all parts together
/// come to what it was billed at. Errors: `amount_overflow`.
inline result<money> credit_of(const closed_debt& closed, std::int64_t refunded) {
    const entry& bill = *closed.bill;
    const std::int64_t before = bill.amount.micros() - closed.rest;
    const auto up_to = [&](std::int64_t part) {
        return scale(bill.owed, part, bill.amount.micros(), rounding::down);
    };
    const checked<money> known = up_to(before);
    const checked<money> now = up_to(before + refunded);
    if (!known || !now) return errc::amount_overflow;
    const checked<money> more = *now - *known;
    if (!more) return more.error();
    return *more;
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

/// Gives a charge back, all that is left of it or a part: first what is still owed for it, then
/// what repaid its debt, then what was dropped of it and returns to nobody, or was billed and is
/// credited on the next invoice, then what its lots paid; what was taken last returns first. The
/// caller sets where lots that left the burn order come back into it.
/// Errors: `invalid_argument` for a negative amount; `refund_exceeds`, with what is left;
/// `amount_overflow`.
inline result<void> decide_refund(const account& a, const entry& charge,
                                  std::span<const entry> about, std::optional<credits> amount,
                                  moment when, entry& e) {
    credits rest = refundable(charge, about);
    credits wanted = amount.value_or(rest);
    if (wanted.is_negative()) return errc::invalid_argument;
    if (wanted > rest) {
        return error{errc::refund_exceeds}.with_amounts(wanted, rest);
    }
    detail::begin(e, a, entry_kind::refunded, when);
    e.about = charge.id;
    e.amount = wanted;
    e.usage.action = charge.usage.action;
    e.usage.tags = charge.usage.tags;
    e.member = charge.member;
    e.resource = charge.resource;
    e.counts = detail::is_used_in_period(charge, a) && wanted <= a.used;

    std::int64_t left = wanted.micros();
    for (const debt& owed : a.rest->debts) {
        if (owed.charge != charge.id) continue;
        std::int64_t lowered = std::min(left, owed.open.micros());
        e.debt = credits::from_micros(lowered);
        left -= lowered;
    }
    detail::refund_sources sources = detail::sources_of(charge, about);
    detail::give_back(sources.repaid, left, e);
    const detail::closed_debt closed = detail::closed_debt_of(about);
    std::int64_t dropped = std::min(left, closed.rest);
    e.uncollected = credits::from_micros(dropped);
    left -= dropped;
    if (closed.bill && dropped > 0) {
        const result<money> credited = detail::credit_of(closed, dropped);
        if (!credited) return credited.error();
        e.revokes = true;
        e.owed = *credited;
    }
    detail::give_back(sources.paid, left, e);
    if (left != 0) return errc::corrupt_record;
    credits returned = credits::from_micros(wanted.micros() - e.debt.micros() - dropped);
    if (auto fits = detail::check_room(a, returned); !fits) return fits.error();
    e.after.available = credits::from_micros(e.after.available.micros() + returned.micros());
    e.after.debt = credits::from_micros(e.after.debt.micros() - e.debt.micros());
    return {};
}

namespace detail {

inline bool post_refund(account_editor& to, const entry& e) {
    std::int64_t left = e.amount.micros() - e.debt.micros() - e.uncollected.micros();
    for (const part& p : e.parts) {
        if (!p.amount.is_positive() || p.amount.micros() > left) return false;
        if (!to.was_spent(p, e.parts)) return false;
        left -= p.amount.micros();
    }
    if (left != 0 || (e.counts && e.amount > to.now().used)) return false;
    if (!to.fits(e, total(e.parts), 0, -e.debt.micros())) return false;
    if (e.debt.is_positive() && !to.lower_debt(e.about, e.debt)) return false;
    for (const part& p : e.parts) to.put_back(p);
    if (e.counts) to.edit().used = minus(to.now().used, e.amount);
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
