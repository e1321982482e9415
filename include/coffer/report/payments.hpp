/// Who paid for what: the lots behind a spend, and the spends behind a lot.
#pragma once

#include <coffer/perform/refund.hpp>
#include <coffer/report/answers.hpp>
#include <coffer/report/history.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

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
    for (std::size_t i = left.paid.size(); i-- > 0;) {
        const part& p = left.paid[i];
        if (p.amount.is_positive()) add_payment(paid, p, spend.id, false);
    }
    for (std::size_t i = left.repaid.size(); i-- > 0;) {
        const part& p = left.repaid[i];
        if (p.amount.is_positive()) add_payment(paid, p, spend.id, true);
    }
    return paid;
}

inline void price_payments(std::vector<payment>& paid, const account& a) {
    for (payment& p : paid) {
        if (const lot* of = find_record(a, p.lot)) p.share = cost_of(*of, p.amount);
    }
}

/// What paid for a spend, which is named by its entry, its hold or its request.
/// Errors: `unknown_charge`.
inline result<std::vector<payment>> payments_for(store_port& store, const wallet_id& wallet,
                                                 const refund_request& which) {
    page opened;
    const request_id none;
    auto read = store.open(
        {.wallet = wallet, .request = none, .told = &which.charge, .told_entry = which.entry},
        opened);
    if (!read) return read.error();
    const result<known_spend> spend = spend_of(opened.told);
    if (!spend) return spend.error();
    std::vector<payment> paid = payments_of(spend->charge, spend->about);
    price_payments(paid, opened.state);
    return paid;
}

/// The spends that a lot may have paid for, in their order: those that took from it, and those of
/// which it repaid debt.
inline result<std::vector<entry_id>> spends_from(store_port& store, const wallet_id& wallet,
                                                 lot_id lot) {
    std::vector<entry_id> spends;
    auto read = for_each_page(store, wallet, {.lot = lot}, [&](const journal_page& page) {
        for (const entry& e : page.entries) {
            bool spent = is_spend(e.kind);
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
inline result<std::vector<payment>> payments_from(store_port& store, const wallet_id& wallet,
                                                  lot_id lot) {
    result<account> a = load(store, wallet);
    if (!a) return a.error();
    if (!find_record(*a, lot)) return errc::unknown_lot;
    auto spends = spends_from(store, wallet, lot);
    if (!spends) return spends.error();
    std::vector<payment> paid;
    for (entry_id spend : *spends) {
        auto all = payments_for(store, wallet, {.entry = spend});
        if (all == errc::unknown_charge) continue;  // it repaid what a claw-back was owed
        if (!all) return all.error();
        std::copy_if(all->begin(), all->end(), std::back_inserter(paid),
                     [&](const payment& p) { return p.lot == lot; });
    }
    return paid;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
