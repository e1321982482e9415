/// Why a spend costs what it costs and comes from where it comes from, or why it is refused and
/// what would make it possible.
#pragma once

#include <coffer/perform/charge.hpp>
#include <coffer/perform/refund.hpp>
#include <coffer/perform/settle.hpp>
#include <coffer/report/answers.hpp>
#include <coffer/report/offers.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
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

/// When the window of the limit ends that a refusal names, if that is still to come.
inline instant end_of_window(const error& refusal, instant now) noexcept {
    const instant end = refusal == errc::limit_exceeded ? until_of(refusal) : never;
    return end > now ? end : never;
}

/// Looks for the first instant at which what was refused goes through, if nothing but time happens.
template <class Request>
void look_ahead(const compiled_plan& plan, const attempt& now, const wallet_id& wallet, Request r,
                explanation& why) {
    constexpr int most_instants = 10'000;
    attempt later{now.state, now.now};
    later.shelf = now.shelf;
    const compiled_plan* by = &plan;
    r.at.reset();
    period_count periods;
    error last = *why.refused;
    for (int i = 0; i < most_instants && !periods.suffice(later.state); ++i) {
        if (last == errc::limit_exceeded && last.required() > last.level()) return;
        later.now = std::min(next_arrival(later.state), end_of_window(last, later.now));
        if (later.now == never) return;
        later.event = later.now;
        later.start_step();
        if (auto done = catch_up(later, *by); !done || !*done) return;
        if (later.shelf && !(later.state.rest->plan == now.state.rest->plan)) {
            const auto found = later.shelf->find(later.state.rest->plan.view());
            if (!found) return;
            by = static_cast<const compiled_plan*>(*found);
        }
        const auto p = ask(*by, r, later.now, wallet);
        credits refill;
        for (const entry& due : later.entries) {
            if (due.kind != entry_kind::period_began) continue;
            periods.note(due.terms.bucket);
            if (p.buckets.allows(due.terms.bucket)) {
                refill = (refill + due.amount).value_or(credits::max());
            }
        }
        entry e;
        const result<void> decided = decide_limited(later, *by, r, p, e);
        if (!decided) last = decided.error();
        if (!p.valid || !decided) continue;
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
explanation explain(const compiled_plan& plan, attempt& s, const wallet_id& wallet,
                    const Request& r, const priced_spend& p) {
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
    result<void> decided = decide_limited(s, plan, r, p, e);
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
    if (decided == errc::limit_exceeded) {
        why.decided_by = deciding_rule::limits;
        if (const auto by = read_refusal(s.limit_refused)) why.limit = by->name;
        look_ahead(plan, s, wallet, r, why);
    } else if (decided == errc::insufficient_credits) {
        why.decided_by = deciding_rule::credits;
        why.missing = missing_for(s.state, p, decided.error());
        look_ahead(plan, s, wallet, r, why);
    }
    return why;
}

/// The verb whose access a question about a request asks for.
template <class Request>
inline constexpr verb asked_by = std::is_same_v<Request, hold_request> ? verb::hold : verb::charge;

/// Asks the plan all that a request needs to know now, and whether it may be made.
template <class Request>
priced_spend ask_now(const compiled_plan& plan, attempt& s, const asking& who,
                     const wallet_id& wallet, const Request& r) {
    priced_spend p = ask(plan, r, r.at ? *r.at : s.now, wallet);
    p.valid = gravest(p.valid, check_event(r.at, s.now, plan), who.check_texts(),
                      who.check_access(plan, wallet));
    if (r.at) s.event = *r.at;
    return p;
}

/// As above, asked of a wallet now. The request's id is not looked at.
template <class Request>
result<explanation> explain(const engine& by, const target& wallet, const Request& r) {
    const asking who{asked_by<Request>, r, wallet};
    const auto answer = [&](attempt& s, const compiled_plan& plan) -> result<explanation> {
        const priced_spend p = ask_now(plan, s, who, wallet.id, r);
        explanation why = explain(plan, s, wallet.id, r, p);
        if (s.lacks) return s.lack();
        if (why.missing.is_positive()) {
            const offer_list offers = usable(offers_of(by, s.state, plan, {}), p.buckets);
            const auto pack = cheapest_of(offers.packs, why.missing);
            if (pack && *pack) {
                why.pack = offered_pack{(*pack)->pack->offer, (*pack)->brings, (*pack)->price};
            }
        }
        return why;
    };
    return look<explanation>(by, wallet.id, by.clock(), answer);
}

/// Who asked for an entry, and why.
inline void tell_signature(const entry& e, explanation& why) {
    why.actor = e.signature.actor();
    why.reason = e.signature.reason();
}

/// What to buy so that a request goes through, that is refused for lack of credit.
/// Errors: those of the request, but for that one; `purchase_refused` if nothing can be bought.
template <class Request>
result<purchase_advice> advise(const engine& by, const target& wallet, const Request& r,
                               std::string_view channel) {
    const asking who{asked_by<Request>, r, wallet};
    const auto answer = [&](attempt& s, const compiled_plan& plan) -> result<purchase_advice> {
        const priced_spend p = ask_now(plan, s, who, wallet.id, r);
        const explanation why = explain(plan, s, wallet.id, r, p);
        if (s.lacks) return s.lack();
        if (why.refused && *why.refused != errc::insufficient_credits) return *why.refused;
        return advise(usable(offers_of(by, s.state, plan, channel), p.buckets), why.missing);
    };
    return look<purchase_advice>(by, wallet.id, by.clock(), answer);
}

/// Why a request was refused for good.
inline explanation explain_refusal(const entry& refused) {
    explanation why{.refused = engine::refusal_of(refused)};
    why.price.total = refused.amount;
    if (const auto by = read_refusal(refused.limits)) {
        why.decided_by = deciding_rule::limits;
        why.limit = by->name;
    } else {
        why.missing = (refused.amount - refused.tolerance).value_or(credits::max());
    }
    tell_signature(refused, why);
    return why;
}

/// What a spend of the past would cost today by the prices of then: of a settle those that its
/// hold kept.
inline result<price> price_then(const engine& by, const compiled_plan& plan,
                                const wallet_id& wallet, const entry& spent, usage used) {
    if (spent.kind != entry_kind::settled) return price_of(plan, used);
    page opened;
    const request_id none;
    auto read =
        by.store().open({.wallet = wallet, .request = none, .told_entry = spent.about}, opened);
    if (!read) return read.error();
    if (opened.told.empty()) return errc::corrupt_record;
    const entry& first = opened.told[0];
    const coffer::hold held{
        .action = used.action, .tags = used.tags, .prices = std::string_view{first.prices}};
    settle_prices prices{.plan = plan_ref{plan}, .held = held, .wallet = wallet, .at = used.at};
    if (auto found = prices.look_up(by.plans()); !found) return found.error();
    used.at = prices.at;
    used.version = prices.version;
    return prices.price(used);
}

/// The lines of a spend of the past by the prices of then, where they come to what it cost.
inline void explain_price(const engine& by, const compiled_plan& plan, const wallet_id& wallet,
                          const entry& spent, explanation& why) {
    usage used = spent.usage;
    used.at = spent.event;
    used.wallet = wallet.text();
    const bool settled = spent.kind == entry_kind::settled;
    const bool stated = used.action.empty() || (settled && !used.quantity && !used.has_tokens());
    result<price> priced = errc::unknown_action;  // what was stated has no lines
    if (!stated) priced = price_then(by, plan, wallet, spent, used);
    const bool went_without = priced && priced->total > spent.amount && plan.overdraft.partial;
    if (priced && priced->total == spent.amount) why.price = *std::move(priced);
    if (spent.debt.is_positive() || went_without) why.decided_by = deciding_rule::overdraft;
}

/// Why a spend of the past came to what it came to, or why a request was refused for good.
inline result<explanation> explain_past(const engine& by, const wallet_id& wallet, entry_id spend) {
    const price_pin one_list;
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
    explain_price(by, **plan, wallet, spent, why);
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
