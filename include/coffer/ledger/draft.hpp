/// What all decisions of the ledger share: beginning an entry, and taking credits in burn order.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/terms.hpp>

#include <algorithm>
#include <cstdint>

namespace coffer {
inline namespace v0 {

/// When something is recorded, and when it happened.
struct moment {
    instant now;
    instant event;

    constexpr moment(instant at) noexcept : now{at}, event{at} {}
    constexpr moment(instant recorded, instant happened) noexcept
        : now{recorded}, event{happened} {}
};

namespace detail {

/// Begins an entry on top of the account. `e` must be fresh.
inline void begin(entry& e, const account& a, entry_kind kind, moment when) noexcept {
    e.id = entry_id{a.last.value() + 1};
    e.kind = kind;
    e.at = std::max(when.now, a.time);
    e.event = when.event;
    e.after = a.totals;
}

/// Whether what an entry spent is part of what the running period has used: it goes by when that
/// happened, but an event is never ahead of its record.
inline bool is_used_in_period(const entry& spend, const account& a) noexcept {
    return std::min(spend.event, spend.at) >= a.period_from;
}

/// Notes whether a spend counts as used in the running period. Errors: `amount_overflow`.
inline checked<void> count_use(entry& e, const account& a) noexcept {
    e.counts = is_used_in_period(e, a);
    if (checked<credits> used = a.used + e.amount; !used) return used.error();
    return {};
}

/// Whether the wallet could hold so much more, were all that it holds set free.
/// Errors: `amount_overflow`.
inline checked<void> check_room(const account& a, credits more) {
    checked<credits> sum = a.totals.available + a.totals.held + more;
    for (lot_id id : a.rest->pending) sum = sum + find_record(a, id)->available;
    if (!sum) return sum.error();
    return {};
}

/// Moves the totals that the entry leaves behind. Errors: `amount_overflow`.
inline checked<void> shift(credits& total, credits by, bool up = true) noexcept {
    checked<credits> moved = up ? total + by : total - by;
    if (!moved) return moved.error();
    total = *moved;
    return {};
}

/// Lists parts of at most `amount` in burn order; returns how much they come to.
inline credits take(const account& a, credits amount, const bucket_filter& from, part_list& parts) {
    std::int64_t left = amount.micros();
    for (const spendable& s : a.burning) {
        if (left == 0) break;
        if (s.available.is_zero() || !from.allows(s.bucket)) continue;
        std::int64_t taken = std::min(left, s.available.micros());
        parts.push_back(
            part{.lot = s.lot, .amount = credits::from_micros(taken), .bucket = s.bucket});
        left -= taken;
    }
    return credits::from_micros(amount.micros() - left);
}

}  // namespace detail

/// What the given buckets have available.
inline credits available_in(const account& a, const bucket_filter& buckets) noexcept {
    if (buckets.everything()) return a.totals.available;
    std::int64_t sum = 0;
    for (const spendable& s : a.burning) {
        if (buckets.allows(s.bucket)) sum += s.available.micros();
    }
    return credits::from_micros(sum);
}

/// The refusal for lack of credits, with what would be accepted.
inline error insufficient(credits required, credits acceptable) noexcept {
    return error{errc::insufficient_credits}.with_amounts(required, acceptable);
}

/// Remembers something that changes nothing: a refusal for good, or a message that said nothing
/// new.
inline result<void> decide_note(const account& a, entry_kind how, moment when, entry& e) {
    detail::begin(e, a, how, when);
    return {};
}

}  // namespace v0
}  // namespace coffer
