/// The questions that a wallet answers from its journal: history, balances of the past, who paid
/// for what, why, and whether all of it agrees. None of them writes.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/charge.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/perform/refund.hpp>
#include <coffer/report/answers.hpp>
#include <coffer/report/balance.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether what stands for a resource is the name of the lot that the entry made.
inline bool names_a_lot(const entry& e) noexcept { return e.kind == entry_kind::granted; }

inline bool matches(const entry& e, const history_query& q) {
    auto is = [](std::string_view wanted, std::string_view has) {
        return wanted.empty() || wanted == has;
    };
    bool of_kind =
        q.kinds.empty() || std::find(q.kinds.begin(), q.kinds.end(), e.kind) != q.kinds.end();
    return of_kind && is(q.action, e.usage.action) && is(q.member, e.member) &&
           is(q.resource, names_a_lot(e) ? std::string_view{} : e.resource) &&
           (q.tag.empty() || has_tag(e.usage.tags, q.tag)) && (!q.from || e.at >= *q.from) &&
           (!q.until || e.at < *q.until);
}

/// Calls `f(page)` for one page of the journal after another until it returns false.
template <class Store, class F>
result<void> for_each_page(Store& store, const wallet_id& wallet, journal_query q, F&& f) {
    for (;;) {
        result<journal_page> page = store.entries(wallet, q);
        if (!page) return page.error();
        bool more = page->more;
        entry_id last = page->entries.empty() ? entry_id{} : page->entries.back().id;
        if (!f(*std::move(page)) || !more || !last) return {};
        (q.newest_first ? q.before : q.after) = last;
    }
}

/// Whether no later page can have anything more: entries are recorded in the order of time.
inline bool is_past(const entry& e, const history_query& q) noexcept {
    return q.newest_first ? q.from && e.at < *q.from : q.until && e.at >= *q.until;
}

template <class Store>
result<journal_page> history(Store& store, const wallet_id& wallet, const history_query& q) {
    journal_page found;
    auto texts = std::make_shared<std::vector<std::shared_ptr<const void>>>();
    journal_query pages{.after = q.after, .before = q.before, .newest_first = q.newest_first};
    auto read = for_each_page(store, wallet, pages, [&](journal_page page) {
        texts->push_back(std::move(page.texts));
        for (entry& e : page.entries) {
            if (is_past(e, q)) return false;
            if (!matches(e, q)) continue;
            if (found.entries.size() == q.limit) {
                found.more = true;
                return false;
            }
            found.entries.push_back(std::move(e));
        }
        return true;
    });
    if (!read) return read.error();
    found.texts = std::move(texts);
    return found;
}

/// One entry, or nothing.
template <class Store>
result<journal_page> entry_at(Store& store, const wallet_id& wallet, entry_id id) {
    if (!id) return journal_page{};
    return store.entries(
        wallet,
        {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}, .limit = 1});
}

/// A place in a journal: after one of its entries; before all of them without a number.
struct journal_place {
    entry_id last{};
    balance_totals totals{};
};

/// Where the journal stood at an instant, by when its entries were recorded.
/// Complexity: logarithmic in the length of the journal.
template <class Store>
result<journal_place> place_at(Store& store, const wallet_id& wallet, entry_id newest,
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

template <class Engine>
result<balance_totals> as_of(Engine& engine, const wallet_id& wallet, instant when) {
    if (const result<instant> clock = engine.clock(); !clock) return clock.error();
    result<account> now = engine.store().load(wallet);
    if (!now) return now.error();
    if (when >= now->time) {
        return engine.template look<balance_totals>(
            wallet, when,
            [](const session& s, const auto&) -> result<balance_totals> { return s.state.totals; });
    }
    result<journal_place> place = place_at(engine.store(), wallet, now->last, when);
    if (!place) return place.error();
    return place->totals;
}

/// What can still be refunded of the spends of a journal, which its account does not know.
class spends_of_journal {
public:
    /// Whether a refund speaks of an earlier spend, and of no more than is left of it.
    bool accounts_for(const entry& e) {
        if (e.kind == entry_kind::charged || e.kind == entry_kind::settled) {
            left_.emplace(e.id.value(), e.amount);
        }
        if (e.kind != entry_kind::refunded) return true;
        auto spend = left_.find(e.about.value());
        if (spend == left_.end() || e.amount > spend->second) return false;
        spend->second = credits::from_micros(spend->second.micros() - e.amount.micros());
        return true;
    }

private:
    std::unordered_map<std::uint32_t, credits> left_;
};

/// Replays the journal up to an entry onto an empty account, and notes what does not follow.
template <class Store>
result<account> replay_to(Store& store, const wallet_id& wallet, entry_id last, verification& v) {
    account rebuilt;
    spends_of_journal spent;
    if (!last) return rebuilt;
    auto read = for_each_page(store, wallet, {}, [&](const journal_page& page) {
        for (const entry& e : page.entries) {
            if (rebuilt.last == last && e.id > last) return false;  // others have gone on since
            bool follows = e.id.value() == rebuilt.last.value() + 1;
            if (!apply(rebuilt, e)) {
                v.first_wrong = e.id;
                v.wrong = follows ? "an entry does not follow" : "the numbering has a gap";
                return false;
            }
            if (!spent.accounts_for(e)) {
                v.first_wrong = e.id;
                v.wrong = "a refund exceeds its charge";
                return false;
            }
            ++v.entries;
        }
        return true;
    });
    if (!read) return read.error();
    return rebuilt;
}

/// The account after one of its entries, rebuilt from its journal. Errors: `corrupt_record`.
template <class Store>
result<account> account_after(Store& store, const wallet_id& wallet, entry_id last) {
    verification v;
    result<account> rebuilt = replay_to(store, wallet, last, v);
    if (rebuilt && v.first_wrong) return errc::corrupt_record;
    return rebuilt;
}

template <class Engine>
result<balance> balance_at(Engine& engine, const wallet_id& wallet, instant when) {
    if (const result<instant> clock = engine.clock(); !clock) return clock.error();
    result<account> now = engine.store().load(wallet);
    if (!now) return now.error();
    auto in_balance = [](const auto& by, const account& a) -> result<balance> {
        return balance_of(by, a);
    };
    if (when >= now->time) {
        return engine.template look<balance>(wallet, when, [&](const session& s, const auto& by) {
            return in_balance(by, s.state);
        });
    }
    result<journal_place> place = place_at(engine.store(), wallet, now->last, when);
    if (!place) return place.error();
    result<account> then = account_after(engine.store(), wallet, place->last);
    if (!then) return then.error();
    auto of_then = [&](const auto& by) { return in_balance(by, *then); };
    result<balance> found = engine.with_rules(*then, of_then);
    if (found == errc::unknown_plan) return engine.with_rules(*now, of_then);  // it is gone
    return found;
}

/// Adds to a payment, or makes one.
inline void add_payment(std::vector<payment>& all, const part& p, entry_id spend, bool of_debt) {
    for (payment& known : all) {
        if (known.lot != p.lot || known.spend != spend || known.of_debt != of_debt) continue;
        known.amount = credits::from_micros(known.amount.micros() + p.amount.micros());
        return;
    }
    all.push_back(
        {.spend = spend, .lot = p.lot, .bucket = p.bucket, .amount = p.amount, .of_debt = of_debt});
}

/// What each lot paid for a spend, net of refunds.
inline std::vector<payment> payments_of(const entry& spend, const std::vector<entry>& about) {
    std::vector<payment> paid;
    refund_sources left = sources_of(spend, about);
    for (auto p = left.paid.rbegin(); p != left.paid.rend(); ++p) {
        if (p->amount.is_positive()) add_payment(paid, *p, spend.id, false);
    }
    for (auto p = left.repaid.rbegin(); p != left.repaid.rend(); ++p) {
        if (p->amount.is_positive()) add_payment(paid, *p, spend.id, true);
    }
    return paid;
}

inline void price_payments(std::vector<payment>& paid, const account& a) {
    for (payment& p : paid) {
        if (const lot* of = find_record(a, p.lot)) p.share = cost_of(*of, p.amount);
    }
}

/// What paid for a spend, which is named by its entry, its hold or its request; without shares.
/// Errors: `unknown_charge`.
template <class Store>
result<std::vector<payment>> read_payments(Store& store, const wallet_id& wallet,
                                           const refund_request& which) {
    journal_page page;
    journal_page about_page;
    result<entry> spend = find_charge(store, wallet, which, page);
    if (!spend) return spend.error();
    auto about = entries_about(store, wallet, spend->id, about_page);
    if (!about) return about.error();
    return payments_of(*spend, *about);
}

template <class Store>
result<std::vector<payment>> payments_for(Store& store, const wallet_id& wallet,
                                          const refund_request& which) {
    auto paid = read_payments(store, wallet, which);
    if (!paid) return paid.error();
    result<account> a = store.load(wallet);
    if (!a) return a.error();
    price_payments(*paid, *a);
    return paid;
}

/// The spends that a lot may have paid for, in their order: those that took from it, and those of
/// which it repaid debt.
template <class Store>
result<std::vector<entry_id>> spends_from(Store& store, const wallet_id& wallet, lot_id lot) {
    std::vector<entry_id> spends;
    auto read = for_each_page(store, wallet, {.lot = lot}, [&](const journal_page& page) {
        for (const entry& e : page.entries) {
            bool spent = e.kind == entry_kind::charged || e.kind == entry_kind::settled;
            if (spent) spends.push_back(e.id);
            if (e.kind == entry_kind::repaid) spends.push_back(e.about);
        }
        return true;
    });
    if (!read) return read.error();
    std::sort(spends.begin(), spends.end());
    spends.erase(std::unique(spends.begin(), spends.end()), spends.end());
    return spends;
}

/// What a lot paid for, net of refunds, in the order of the spends.
template <class Store>
result<std::vector<payment>> payments_from(Store& store, const wallet_id& wallet, lot_id lot) {
    result<account> a = store.load(wallet);
    if (!a) return a.error();
    if (!find_record(*a, lot)) return errc::unknown_lot;
    auto spends = spends_from(store, wallet, lot);
    if (!spends) return spends.error();
    std::vector<payment> paid;
    for (entry_id spend : *spends) {
        auto all = read_payments(store, wallet, {.entry = spend});
        if (all == errc::unknown_charge) continue;  // it repaid what a claw-back was owed
        if (!all) return all.error();
        std::copy_if(all->begin(), all->end(), std::back_inserter(paid),
                     [&](const payment& p) { return p.lot == lot; });
    }
    price_payments(paid, *a);
    return paid;
}

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
template <class Rules, class Request>
void look_ahead(const Rules& by, const session& now, Request r, explanation& why) {
    constexpr int most_instants = 10'000;
    session later{now.state, now.now};
    r.at.reset();
    period_count periods;
    for (int i = 0; i < most_instants && !periods.suffice(later.state); ++i) {
        later.now = next_arrival(later.state);
        if (later.now == never) return;
        later.entries.clear();
        if (auto done = by.timeline_of(later).bring_up_to_date(); !done || !*done) return;
        const prepared_spend p = prepare_spend(by, r, later.now);
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
inline credits missing_for(const account& a, const prepared_spend& p, const error& refusal) {
    checked<credits> missing = refusal.required() - refusal.acceptable();
    credits beyond = (a.totals.debt - p.overdraft.limit).value_or(credits{});
    if (beyond.is_positive()) missing = missing + beyond;
    return missing.value_or(credits::max());
}

/// Why a charge or a hold would be carried out as it would, or refused.
template <class Rules, class Request>
explanation explain(const Rules& by, session& s, const Request& r, const prepared_spend& p) {
    explanation why;
    if (p.priced) why.price = *p.priced;
    if (!p.valid) {
        why.refused = p.valid.error();
        why.decided_by = rule_of(p.valid.error().code());
        return why;
    }
    if (auto ordered = by.put_in_order(s); !ordered) {
        why.refused = ordered.error();
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
        look_ahead(by, s, r, why);
    }
    return why;
}

/// As above, asked of a wallet now. The request's id is not looked at.
template <class Engine, class Request>
result<explanation> explain(Engine& engine, const wallet_id& wallet, const Request& r) {
    auto answer = [&](session& s, const auto& by) -> result<explanation> {
        prepared_spend p = prepare_spend(by, r, r.at ? *r.at : s.now);
        p.valid = gravest({p.valid, Engine::check_event(r.at, s.now, by)});
        if (r.at) s.event = *r.at;
        return explain(by, s, r, p);
    };
    return engine.template look<explanation>(wallet, engine.clock(), answer);
}

/// Why a request was refused for good.
inline explanation explain_refusal(const entry& refused) {
    explanation why{.refused =
                        error{refused.refusal}.with_amounts(refused.amount, refused.tolerance)};
    why.price.total = refused.amount;
    why.missing = (refused.amount - refused.tolerance).value_or(credits::max());
    return why;
}

/// Why a spend of the past came to what it came to, or why a request was refused for good.
template <class Engine>
result<explanation> explain_past(Engine& engine, const wallet_id& wallet, entry_id spend) {
    result<journal_page> asked = entry_at(engine.store(), wallet, spend);
    if (!asked) return asked.error();
    if (!asked->entries.empty() && asked->entries[0].kind == entry_kind::refused) {
        return explain_refusal(asked->entries[0]);
    }
    journal_page page;
    result<entry> found = find_charge(engine.store(), wallet, {.entry = spend}, page);
    if (!found) return found.error();
    result<account> a = engine.store().load(wallet);
    if (!a) return a.error();
    return engine.with_rules(*a, [&](const auto& by) -> result<explanation> {
        explanation why{.debt = found->debt};
        why.price.total = found->amount;
        usage used = found->usage;
        used.at = found->event;
        const bool settled = found->kind == entry_kind::settled;
        const bool stated =
            used.action.empty() || (settled && !used.quantity && !used.has_tokens());
        result<price> priced = errc::unknown_action;  // what was stated has no lines
        if (!stated) priced = price_of(by.plan, used);
        const bool went_without = priced && priced->total > found->amount &&
                                  overdraft_terms{by.plan.overdraft.terms()}.partial;
        if (priced && priced->total == found->amount) why.price = *std::move(priced);
        const bucket_filter allowed = by.filter(used.action);
        for (const part& p : found->parts) {
            why.lots.push_back({.lot = p.lot,
                                .bucket = p.bucket,
                                .taken = p.amount,
                                .allowed = allowed.allows(p.bucket)});
        }
        const bool beyond = found->debt.is_positive() || went_without;
        if (beyond) why.decided_by = deciding_rule::overdraft;
        return why;
    });
}

/// What is wrong with an account by itself, in a few words; empty if nothing.
inline std::string_view wrong_sums(const account& a) {
    std::int64_t available = 0;
    std::int64_t held = 0;
    for (const lot& l : lots_of(a)) {
        bool negative = l.available.is_negative() || l.held.is_negative() ||
                        l.spent.is_negative() || l.expired.is_negative() ||
                        l.voided.is_negative() || l.rolled.is_negative();
        if (negative) return "a lot has less than nothing";
        if (l.active) available += l.available.micros();
        held += l.held.micros();
    }
    std::int64_t owed = 0;
    for (const debt& d : a.rest->debts) owed += d.open.micros();
    const balance_totals sums{credits::from_micros(available), credits::from_micros(held),
                              credits::from_micros(owed)};
    return sums == a.totals ? std::string_view{} : "the totals are not the sums";
}

/// Whether the journal goes on after the newest entry that the account knows.
template <class Store>
result<bool> has_stray_entries(Store& store, const wallet_id& wallet, entry_id last) {
    result<journal_page> beyond = store.entries(wallet, {.after = last, .limit = 1});
    if (!beyond) return beyond.error();
    if (beyond->entries.empty()) return false;
    result<account> again = store.load(wallet);  // an operation in between takes both further
    if (!again) return again.error();
    return again->last == last;
}

/// Replays the journal and compares with what the store holds.
template <class Store>
result<verification> verify(Store& store, const wallet_id& wallet) {
    result<account> stored = store.load(wallet);
    if (!stored) return stored.error();
    verification v;
    result<account> rebuilt = replay_to(store, wallet, stored->last, v);
    if (!rebuilt) return rebuilt.error();
    if (v.first_wrong) return v;
    result<bool> stray = has_stray_entries(store, wallet, stored->last);
    if (!stray) return stray.error();
    if (*stray) {
        v.wrong = "the journal goes beyond the account";
    } else if (*rebuilt != *stored) {
        v.wrong = "the account is not what its journal says";
    } else {
        v.wrong = wrong_sums(*rebuilt);
    }
    v.sound = v.wrong.empty();
    return v;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
