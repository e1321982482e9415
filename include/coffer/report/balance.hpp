/// Balances, of now and of any instant of the past.
#pragma once

#include <coffer/perform/perform.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/report/history.hpp>
#include <coffer/report/verify.hpp>

#include <algorithm>
#include <cstdint>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The balance of an account, its buckets in burn order; lots of buckets that the plan does not
/// have come last.
inline balance balance_of(const account& a, const compiled_plan& plan) {
    balance b{.available = a.totals.available,
              .held = a.totals.held,
              .debt = a.totals.debt,
              .used = a.used};
    auto bucket = [&](bucket_id id) -> bucket_balance& {
        auto at = std::find_if(b.buckets.begin(), b.buckets.end(),
                               [&](const bucket_balance& known) { return known.bucket == id; });
        if (at == b.buckets.end()) {
            b.buckets.push_back({.bucket = id});
            at = b.buckets.end() - 1;
        }
        return *at;
    };
    for (const bucket_terms& each : plan.buckets) bucket(each.bucket);
    for (const spendable& s : a.burning) {
        bucket_balance& share = bucket(s.bucket);
        share.available = credits::from_micros(share.available.micros() + s.available.micros());
    }
    const bucket_id own = plan.account_bucket();
    for (const cycle& c : a.rest->cycles) {
        if (c.until == never) continue;
        period running{c.index, c.from, c.until};
        if (c.bucket == own || (c.from == a.period_from && !b.running)) b.running = running;
        if (!c.bucket) continue;
        bucket(c.bucket).running = running;
        if (is_over(a, c)) continue;
        bucket(c.bucket).allowance = c.allowance;
        b.allowance = (b.allowance + c.allowance).value_or(credits::max());
    }
    return b;
}

/// A place in a journal: after one of its entries; before all of them without a number.
struct journal_place {
    entry_id last{};
    balance_totals totals{};
};

/// Where the journal stood at an instant, by when its entries were recorded.
/// Complexity: logarithmic in the length of the journal.
inline result<journal_place> place_at(store_port& store, const wallet_id& wallet, entry_id newest,
                                      instant when) {
    journal_place found;
    std::uint32_t high = newest.value();
    while (found.last.value() < high) {
        const std::uint32_t low = found.last.value();
        const entry_id middle{low + (high - low + 1) / 2};
        result<journal_page> page = entry_at(store, wallet, middle);
        if (!page) return page.error();
        if (page->entries.empty()) return errc::corrupt_record;
        if (page->entries[0].at <= when) {
            found = {.last = middle, .totals = page->entries[0].after};
        } else {
            high = middle.value() - 1;
        }
    }
    return found;
}

inline result<balance_totals> as_of(const engine& by, const wallet_id& wallet, instant when) {
    if (const result<instant> clock = by.clock(); !clock) return clock.error();
    const result<account> now = load(by.store(), wallet);
    if (!now) return now.error();
    if (when >= now->time) {
        return look<balance_totals>(by, wallet, when, [](const attempt& s, const compiled_plan&) {
            return result<balance_totals>{s.state.totals};
        });
    }
    const result<journal_place> place = place_at(by.store(), wallet, now->last, when);
    if (!place) return place.error();
    return place->totals;
}

/// The whole balance as it was at an instant.
inline result<balance> balance_at(const engine& by, const wallet_id& wallet, instant when) {
    if (const result<instant> clock = by.clock(); !clock) return clock.error();
    const result<account> now = load(by.store(), wallet);
    if (!now) return now.error();
    if (when >= now->time) {
        return look<balance>(by, wallet, when, [](const attempt& s, const compiled_plan& plan) {
            return result<balance>{balance_of(s.state, plan)};
        });
    }
    const result<journal_place> place = place_at(by.store(), wallet, now->last, when);
    if (!place) return place.error();
    const result<account> then = account_after(by.store(), wallet, place->last);
    if (!then) return then.error();
    result<plan_ref> plan = by.plan_of(*then);
    if (plan == errc::unknown_plan) plan = by.plan_of(*now);  // it is gone
    if (!plan) return plan.error();
    return balance_of(*then, **plan);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
