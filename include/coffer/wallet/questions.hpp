/// The questions that a wallet answers from its journal: history, balances of the past, who paid
/// for what, why, and whether all of it agrees. None of them writes.
#pragma once

#include <coffer/ledger.hpp>
#include <coffer/wallet/answers.hpp>
#include <coffer/wallet/balances.hpp>
#include <coffer/wallet/engine.hpp>
#include <coffer/wallet/refunding.hpp>
#include <coffer/wallet/spending.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

inline bool matches(const entry& e, const history_query& q) {
    auto is = [](std::string_view wanted, std::string_view has) {
        return wanted.empty() || wanted == has;
    };
    bool of_kind =
        q.kinds.empty() || std::find(q.kinds.begin(), q.kinds.end(), e.kind) != q.kinds.end();
    return of_kind && is(q.action, e.usage.action) && is(q.member, e.member) &&
           is(q.resource, e.resource) && (q.tag.empty() || has_tag(e.usage.tags, q.tag)) &&
           (!q.from || e.at >= *q.from) && (!q.until || e.at < *q.until);
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
        for (entry& e : page.entries) {
            if (is_past(e, q)) return false;
            if (!matches(e, q)) continue;
            if (found.entries.size() == q.limit) {
                found.more = true;
                return false;
            }
            found.entries.push_back(std::move(e));
        }
        texts->push_back(std::move(page.texts));
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

/// The last entry that was recorded at an instant or before it; none if there is none.
/// Complexity: logarithmic in the length of the journal.
template <class Store>
result<std::optional<entry>> last_entry_at(Store& store, const wallet_id& wallet, entry_id newest,
                                           instant when) {
    std::optional<entry> found;
    std::uint32_t low = 0;
    std::uint32_t high = newest.value();
    while (low < high) {
        std::uint32_t middle = low + (high - low + 1) / 2;
        result<journal_page> page = entry_at(store, wallet, entry_id{middle});
        if (!page) return page.error();
        if (page->entries.empty()) return errc::corrupt_record;
        if (page->entries[0].at <= when) {
            low = middle;
            found = page->entries[0];
        } else {
            high = middle - 1;
        }
    }
    return found;
}

template <class Engine>
result<balance_totals> as_of(Engine& engine, const wallet_id& wallet, instant when) {
    result<account> now = engine.store().load(wallet);
    if (!now) return now.error();
    if (when >= now->time) {
        return engine.template look<balance_totals>(
            wallet, when, [](const session& s, const auto&) -> result<balance_totals> {
                return s.state.totals;
            });
    }
    result<std::optional<entry>> last = last_entry_at(engine.store(), wallet, now->last, when);
    if (!last) return last.error();
    return *last ? (*last)->after : balance_totals{};
}

/// The account after one of its entries, rebuilt from its journal.
template <class Store>
result<account> account_after(Store& store, const wallet_id& wallet, entry_id last) {
    account rebuilt;
    result<void> applied;
    auto read = for_each_page(store, wallet, {.before = entry_id{last.value() + 1}},
                              [&](const journal_page& page) {
                                  for (const entry& e : page.entries) {
                                      applied = apply(rebuilt, e);
                                      if (!applied) return false;
                                  }
                                  return true;
                              });
    if (!read) return read.error();
    if (!applied) return applied.error();
    return rebuilt;
}

template <class Engine>
result<balance> balance_at(Engine& engine, const wallet_id& wallet, instant when) {
    result<account> now = engine.store().load(wallet);
    if (!now) return now.error();
    if (when >= now->time) {
        return engine.template look<balance>(wallet, when,
                                             [](const session& s, const auto& by) -> result<balance> {
                                                 return balance_of(by.buckets(), s.state);
                                             });
    }
    result<std::optional<entry>> last = last_entry_at(engine.store(), wallet, now->last, when);
    if (!last) return last.error();
    if (!*last) return balance{};
    result<account> then = account_after(engine.store(), wallet, (*last)->id);
    if (!then) return then.error();
    return engine.with_rules(*then, [&](const auto& by) -> result<balance> {
        return balance_of(by.buckets(), *then);
    });
}

inline money share_of(const lot& of, credits amount) {
    return scale(of.terms.paid, amount, of.granted, rounding::down).value_or(money{});
}

/// Adds to a payment, or makes one.
inline void add_payment(std::vector<payment>& all, const part& p, entry_id spend, bool of_debt) {
    for (payment& known : all) {
        if (known.lot != p.lot || known.spend != spend || known.of_debt != of_debt) continue;
        known.amount = credits::from_micros(known.amount.micros() + p.amount.micros());
        return;
    }
    all.push_back({.spend = spend,
                   .lot = p.lot,
                   .bucket = p.bucket,
                   .amount = p.amount,
                   .of_debt = of_debt});
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
        if (const lot* of = find_record(a, p.lot)) p.share = share_of(*of, p.amount);
    }
}

/// Reads a spend by the number of its entry or of its hold, and all entries that speak of it.
template <class Store>
result<std::vector<payment>> payments_for(Store& store, const wallet_id& wallet,
                                          const refund_request& which) {
    journal_page page;
    journal_page about_page;
    result<entry> spend = find_charge(store, wallet, which, page);
    if (!spend) return spend.error();
    auto about = entries_about(store, wallet, spend->id, about_page);
    if (!about) return about.error();
    result<account> a = store.load(wallet);
    if (!a) return a.error();
    std::vector<payment> paid = payments_of(*spend, *about);
    price_payments(paid, *a);
    return paid;
}

/// What a lot paid for, net of refunds, in the order of the spends.
template <class Store>
result<std::vector<payment>> payments_from(Store& store, const wallet_id& wallet, lot_id lot) {
    result<account> a = store.load(wallet);
    if (!a) return a.error();
    if (!find_record(*a, lot)) return errc::unknown_lot;
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
    std::vector<payment> paid;
    for (entry_id spend : spends) {
        auto all = payments_for(store, wallet, {.entry = spend});
        if (all == errc::unknown_charge) continue;  // it repaid what a claw-back was owed
        if (!all) return all.error();
        for (const payment& p : *all) {
            if (p.lot == lot) paid.push_back(p);
        }
    }
    return paid;
}

inline deciding_rule rule_of(errc code) noexcept {
    switch (code) {
        case errc::access_denied: return deciding_rule::access;
        case errc::unknown_action:
        case errc::policy_contract: return deciding_rule::cost;
        case errc::invalid_argument:
        case errc::too_late: return deciding_rule::request;
        case errc::insufficient_credits: return deciding_rule::credits;
        default: return deciding_rule::wallet;
    }
}

/// Which of the coming refills makes a refused charge possible, if one of the next ones does.
template <class Rules>
void find_refill(const Rules& by, const session& now, const charge_request& r,
                 const prepared_spend& p, explanation& why) {
    constexpr int periods_ahead = 12;
    account a = now.state;
    for (int i = 0; i < periods_ahead; ++i) {
        instant next = never;
        for (const cycle& c : a.rest->cycles) next = std::min(next, c.until);
        if (next == never) return;
        session later{a, next};
        if (auto current = by.timeline_of(later).bring_up_to_date(); !current || !*current) return;
        entry e;
        if (decide_charge(later.state, p.pay(), moment{next}, e)) {
            why.possible_at = next;
            for (const entry& due : later.entries) {
                if (due.kind == entry_kind::period_began && by.filter(r.action).allows(due.terms.bucket)) {
                    why.refill = (why.refill + due.amount).value_or(credits::max());
                }
            }
            return;
        }
        a = std::move(later.state);
    }
}

/// Why a charge would be carried out as it would, or refused.
template <class Rules>
explanation explain(const Rules& by, session& s, const charge_request& r,
                    const prepared_spend& p) {
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
    result<void> decided = decide_charge(s.state, p.pay(), s.when(), e);
    for (const spendable& hot : s.state.burning) {
        lot_in_question lot{.lot = hot.lot,
                            .bucket = hot.bucket,
                            .available = hot.available,
                            .allowed = p.buckets.allows(hot.bucket)};
        for (const part& taken : e.parts) {
            if (decided && taken.lot == hot.lot) lot.taken = taken.amount;
        }
        why.lots.push_back(lot);
    }
    if (decided) {
        why.debt = e.debt;
        why.decided_by = e.amount < p.priced->total || e.debt.is_positive()
                             ? deciding_rule::overdraft
                             : deciding_rule::credits;
        return why;
    }
    why.refused = decided.error();
    why.decided_by = rule_of(decided.error().code());
    if (decided == errc::insufficient_credits) {
        checked<credits> missing = decided.error().required() - decided.error().acceptable();
        why.missing = missing.value_or(credits{});
        find_refill(by, s, r, p, why);
    }
    return why;
}

/// Why a spend of the past came to what it came to.
template <class Engine>
result<explanation> explain_past(Engine& engine, const wallet_id& wallet, entry_id spend) {
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
        result<price> priced = price_of(by.plan, used);
        if (priced && priced->total == found->amount) why.price = *std::move(priced);
        const bucket_filter allowed = by.filter(used.action);
        for (const part& p : found->parts) {
            why.lots.push_back({.lot = p.lot,
                                .bucket = p.bucket,
                                .taken = p.amount,
                                .allowed = allowed.allows(p.bucket)});
        }
        if (found->debt.is_positive()) why.decided_by = deciding_rule::overdraft;
        return why;
    });
}

/// Replays the journal and compares with what the store holds.
template <class Store>
result<verification> verify(Store& store, const wallet_id& wallet) {
    result<account> stored = store.load(wallet);
    if (!stored) return stored.error();
    verification v;
    account rebuilt;
    auto read = for_each_page(store, wallet, {}, [&](const journal_page& page) {
        for (const entry& e : page.entries) {
            if (!apply(rebuilt, e)) {
                v.first_wrong = e.id;
                v.wrong = e.id.value() == rebuilt.last.value() + 1 ? "an entry does not follow"
                                                                   : "the numbering has a gap";
                return false;
            }
            ++v.entries;
            if (rebuilt.last == stored->last) return false;  // others may have gone on since
        }
        return true;
    });
    if (!read) return read.error();
    if (v.first_wrong) return v;
    if (rebuilt != *stored) {
        v.wrong = "the account is not what its journal says";
        return v;
    }
    std::int64_t available = 0;
    std::int64_t held = 0;
    for (const lot& l : lots_of(rebuilt)) {
        bool negative = l.available.is_negative() || l.held.is_negative() ||
                        l.spent.is_negative() || l.expired.is_negative() ||
                        l.voided.is_negative() || l.rolled.is_negative();
        if (negative) v.wrong = "a lot has less than nothing";
        if (l.active) available += l.available.micros();
        held += l.held.micros();
    }
    std::int64_t owed = 0;
    for (const debt& d : rebuilt.rest->debts) owed += d.open.micros();
    const balance_totals sums{credits::from_micros(available), credits::from_micros(held),
                              credits::from_micros(owed)};
    if (sums != rebuilt.totals) v.wrong = "the totals are not the sums";
    v.sound = v.wrong.empty();
    return v;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
