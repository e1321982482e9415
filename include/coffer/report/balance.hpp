/// Putting a balance together from an account that is up to date.
#pragma once

#include <coffer/perform/perform.hpp>
#include <coffer/perform/receipt.hpp>

#include <algorithm>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The balance of an account, its buckets in burn order; lots of buckets that the plan does not
/// have come last.
template <class Rules>
balance balance_of(const Rules& by, const account& a) {
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
    for (bucket_id id : by.buckets()) bucket(id);
    for (const spendable& s : a.burning) {
        bucket_balance& share = bucket(s.bucket);
        share.available = credits::from_micros(share.available.micros() + s.available.micros());
    }
    const bucket_id own = account_periods_of(by.plan).bucket;
    for (const cycle& c : a.rest->cycles) {
        if (c.until == never) continue;
        period running{c.index, c.from, c.until};
        if (c.bucket == own || (c.from == a.period_from && !b.running)) b.running = running;
        if (!c.bucket) continue;
        bucket(c.bucket).running = running;
        bucket(c.bucket).allowance = c.allowance;
        b.allowance = (b.allowance + c.allowance).value_or(credits::max());
    }
    return b;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
