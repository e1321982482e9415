/// Why a spend costs what it costs and comes from where it comes from, or why it is refused and
/// what would make it possible.
#pragma once

#include <coffer/perform/charge.hpp>
#include <coffer/perform/refund.hpp>
#include <coffer/report/answers.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Which rule refused a request before the account was asked.
inline deciding_rule rule_of(errc code) noexcept {
    switch (code) {
        case errc::access_denied: return deciding_rule::access;
        case errc::invalid_argument:
        case errc::too_late: return deciding_rule::request;
        default: return deciding_rule::cost;  // nothing else is asked
    }
}

/// When time alone may next bring credits that can be spent: a period begins, a lot becomes
/// effective, or a hold runs out.
inline instant next_arrival(const account& a) noexcept {
    instant next = never;
    for (const cycle& c : a.rest->cycles) next = std::min(next, c.until);
    for (lot_id id : a.rest->pending) next = std::min(next, find_record(a, id)->terms.effective);
    for (const coffer::hold& h : a.rest->holds) next = std::min(next, h.until);
    return next;
}

/// How many periods of each bucket have begun while looking ahead.
class period_count {
public:
    void note(bucket_id bucket) {
        for (auto& [known, begun] : counts_) {
            if (known == bucket) {
                ++begun;
                return;
            }
        }
        counts_.emplace_back(bucket, 1);
    }
    /// Whether each bucket that still has periods has begun twelve.
    bool suffice(const account& a) const {
        constexpr int enough = 12;
        bool any = false;
        for (const cycle& c : a.rest->cycles) {
            if (c.until == never) continue;
            any = true;
            auto of_bucket = [&](const auto& count) { return count.first == c.bucket; };
            auto found = std::find_if(counts_.begin(), counts_.end(), of_bucket);
            if (found == counts_.end() || found->second < enough) return false;
        }
        return any;
    }

private:
    std::vector<std::pair<bucket_id, int>> counts_;
};

/// Looks for the first instant at which what was refused goes through, if nothing but time happens.
template <class Request>
void look_ahead(const compiled_plan& plan, const attempt& now, Request r, explanation& why) {
    constexpr int most_instants = 10'000;
    attempt later{now.state, now.now};
    r.at.reset();
    period_count periods;
    for (int i = 0; i < most_instants && !periods.suffice(later.state); ++i) {
        later.now = next_arrival(later.state);
        if (later.now == never) return;
        later.start_step();
        if (auto done = catch_up(later, plan); !done || !*done) return;
        const priced_spend p = ask(plan, r, later.now);
        credits refill;
        for (const entry& due : later.entries) {
            if (due.kind != entry_kind::period_began) continue;
            periods.note(due.terms.bucket);
            if (p.buckets.allows(due.terms.bucket)) {
                refill = (refill + due.amount).value_or(credits::max());
            }
        }
        entry e;
        if (!p.valid || !decide_spend(later.state, r, p, moment{later.now}, e)) continue;
        why.possible_at = later.now;
        why.refill = refill;
        return;
    }
}

/// The account's lots as a spend sees them; `parts` are what it takes, in burn order.
inline std::vector<lot_in_question> lots_in_question(const account& a, const bucket_filter& allowed,
                                                     const part_list& parts) {
    std::vector<lot_in_question> lots;
    lots.reserve(a.burning.size());
    std::size_t next = 0;
    for (const spendable& hot : a.burning) {
        lot_in_question lot{.lot = hot.lot,
                            .bucket = hot.bucket,
                            .available = hot.available,
                            .allowed = allowed.allows(hot.bucket)};
        if (next < parts.size() && parts[next].lot == hot.lot) lot.taken = parts[next++].amount;
        lots.push_back(lot);
    }
    return lots;
}

/// What has to arrive to pay in full: what the refusal is short of, after the debt that leaves no
/// room for more.
inline credits missing_for(const account& a, const priced_spend& p, const error& refusal) {
    checked<credits> missing = refusal.required() - refusal.acceptable();
    credits beyond = (a.totals.debt - p.overdraft.limit).value_or(credits{});
    if (beyond.is_positive()) missing = missing + beyond;
    return missing.value_or(credits::max());
}

/// Why a charge or a hold would be carried out as it would, or refused.
template <class Request>
explanation explain(const compiled_plan& plan, attempt& s, const Request& r,
                    const priced_spend& p) {
    explanation why;
    if (p.priced) why.price = *p.priced;
    if (!p.valid) {
        why.refused = p.valid.error();
        why.decided_by = rule_of(p.valid.error().code());
        return why;
    }
    if (auto followed = follow_plan(s, plan, s.now); !followed) {
        why.refused = followed.error();
        why.decided_by = deciding_rule::wallet;
        return why;
    }
    entry e;
    result<void> decided = decide_spend(s.state, r, p, s.when(), e);
    if (decided) {
        why.lots = lots_in_question(s.state, p.buckets, e.parts);
        why.debt = e.debt;
        bool beyond = e.amount < p.priced->total || e.debt.is_positive();
        why.decided_by = beyond ? deciding_rule::overdraft : deciding_rule::credits;
        return why;
    }
    why.lots = lots_in_question(s.state, p.buckets, {});
    why.refused = decided.error();
    why.decided_by = deciding_rule::wallet;
    if (decided == errc::insufficient_credits) {
        why.decided_by = deciding_rule::credits;
        why.missing = missing_for(s.state, p, decided.error());
        look_ahead(plan, s, r, why);
    }
    return why;
}

/// As above, asked of a wallet now. The request's id is not looked at.
template <class Request>
result<explanation> explain(const engine& by, const target& wallet, const Request& r) {
    constexpr verb asked = std::is_same_v<Request, hold_request> ? verb::hold : verb::charge;
    const asking who{asked, r, wallet};
    const auto answer = [&](attempt& s, const compiled_plan& plan) -> result<explanation> {
        priced_spend p = ask(plan, r, r.at ? *r.at : s.now);
        p.valid = gravest(p.valid, check_event(r.at, s.now, plan), who.check_texts(),
                          who.check_access(plan, wallet.id));
        if (r.at) s.event = *r.at;
        return explain(plan, s, r, p);
    };
    return look<explanation>(by, wallet.id, by.clock(), answer);
}

/// Who asked for an entry, and why.
inline void tell_signature(const entry& e, explanation& why) {
    why.actor = e.signature.actor();
    why.reason = e.signature.reason();
}

/// Why a request was refused for good.
inline explanation explain_refusal(const entry& refused) {
    explanation why{.refused =
                        error{refused.refusal}.with_amounts(refused.amount, refused.tolerance)};
    why.price.total = refused.amount;
    why.missing = (refused.amount - refused.tolerance).value_or(credits::max());
    tell_signature(refused, why);
    return why;
}

/// The lines of a spend of the past by the prices of then, where they come to what it cost.
inline void explain_price(const compiled_plan& plan, const entry& spent, explanation& why) {
    usage used = spent.usage;
    used.at = spent.event;
    const bool settled = spent.kind == entry_kind::settled;
    const bool stated = used.action.empty() || (settled && !used.quantity && !used.has_tokens());
    result<price> priced = errc::unknown_action;  // what was stated has no lines
    if (!stated) priced = price_of(plan, used);
    const bool went_without = priced && priced->total > spent.amount && plan.overdraft.partial;
    if (priced && priced->total == spent.amount) why.price = *std::move(priced);
    if (spent.debt.is_positive() || went_without) why.decided_by = deciding_rule::overdraft;
}

/// Why a spend of the past came to what it came to, or why a request was refused for good.
inline result<explanation> explain_past(const engine& by, const wallet_id& wallet, entry_id spend) {
    page opened;
    const request_id none;
    auto read = by.store().open({.wallet = wallet, .request = none, .told_entry = spend}, opened);
    if (!read) return read.error();
    if (!opened.told.empty() && opened.told[0].kind == entry_kind::refused) {
        return explain_refusal(opened.told[0]);
    }
    const result<known_spend> found = spend_of(opened.told);
    if (!found) return found.error();
    const result<plan_ref> plan = by.plan_of(opened.state);
    if (!plan) return plan.error();
    const entry& spent = found->charge;
    explanation why{.debt = spent.debt};
    why.price.total = spent.amount;
    tell_signature(spent, why);
    explain_price(**plan, spent, why);
    const bucket_filter allowed = (*plan)->filter(spent.usage.action);
    for (const part& p : spent.parts) {
        why.lots.push_back({.lot = p.lot,
                            .bucket = p.bucket,
                            .taken = p.amount,
                            .allowed = allowed.allows(p.bucket)});
    }
    return why;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
