/// What an operation may have to know of a wallet's past: it is read from the journal, the newest
/// entries first.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit_window.hpp>
#include <coffer/store/store.hpp>
#include <coffer/time/instant.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Calls `f(entry)` for the entries up to one, the newest first, until it returns false.
/// Errors: those of the store.
template <class F>
result<void> look_back(store_port& store, const wallet_id& wallet, entry_id last, F&& f) {
    for (entry_id before{last.value() + 1};;) {
        const auto read =
            store.entries(wallet, {.before = before, .limit = 100, .newest_first = true});
        if (!read) return read.error();
        for (const entry& e : read->entries) {
            if (!f(e)) return {};
        }
        if (!read->more) return {};
        before = read->entries.back().id;
    }
}

/// The account's period in which an instant lies, as far as the journal tells: from the earliest
/// instant if that is before all, to the next one that began.
/// Errors: those of the store.
inline result<time_window> period_around(store_port& store, const wallet_id& wallet, entry_id last,
                                         instant event) {
    time_window found{};
    const auto seen = look_back(store, wallet, last, [&](const entry& e) {
        const std::optional<instant> begin = begun_by(e);
        if (!begin) return true;
        const bool lies_before = *begin <= event;
        if (lies_before) found.from = *begin;
        if (!lies_before) found.until = std::min(found.until, *begin);
        return !lies_before;
    });
    if (!seen) return seen.error();
    return found;
}

/// An amount of a spend, or refunded of it.
struct spent_amount {
    entry_id spend{};
    bool refunded = false;
    std::int64_t micros = 0;
};

/// What is left of the spends among the amounts: refunds of other spends do not count.
inline result<credits> sum_of(std::vector<spent_amount>& amounts) {
    std::sort(amounts.begin(), amounts.end(), [](const spent_amount& a, const spent_amount& b) {
        return a.spend != b.spend ? a.spend < b.spend : a.refunded < b.refunded;
    });
    credits used;
    entry_id spend;  // of the amounts that are being added up
    for (const spent_amount& a : amounts) {
        if (!a.refunded) spend = a.spend;
        if (a.spend != spend) continue;
        const std::int64_t micros = a.refunded ? -a.micros : a.micros;
        const checked<credits> sum = used + credits::from_micros(micros);
        if (!sum) return sum.error();
        used = *sum;
    }
    return used;
}

/// What was spent since `from` and not refunded, up to an entry.
/// Errors: those of the store; `amount_overflow`. Complexity: that of sorting the entries since.
inline result<credits> used_since(store_port& store, const wallet_id& wallet, entry_id last,
                                  instant from) {
    std::vector<spent_amount> amounts;
    const auto seen = look_back(store, wallet, last, [&](const entry& e) {
        if (e.at < from) return false;
        const bool spent = is_spend(e.kind);
        if (e.kind == entry_kind::refunded) amounts.push_back({e.about, true, e.amount.micros()});
        if (spent && e.event >= from) amounts.push_back({e.id, false, e.amount.micros()});
        return true;
    });
    if (!seen) return seen.error();
    return sum_of(amounts);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
