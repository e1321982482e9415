/// The verbs that give back: the refund of a charge, and of a purchase.
#pragma once

#include <coffer/ledger.hpp>
#include <coffer/wallet/engine.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Reads all entries that speak of one.
template <class Store>
result<std::vector<entry>> entries_about(Store& store, const wallet_id& wallet, entry_id about,
                                         journal_page& page) {
    std::vector<entry> all;
    for (entry_id after = about;;) {
        auto read = store.entries(wallet, {.after = after, .about = about});
        if (!read) return read.error();
        all.insert(all.end(), read->entries.begin(), read->entries.end());
        page = *std::move(read);
        if (!page.more) return all;
        after = page.entries.back().id;
    }
}

/// The spend that a refund speaks of: a charge, or the settle of a hold.
template <class Store>
result<entry> find_charge(Store& store, const wallet_id& wallet, const refund_request& r,
                          journal_page& page) {
    result<journal_page> found = journal_page{};
    if (r.entry) {
        found = store.entries(wallet, {.after = entry_id{r.entry.value() - 1},
                                       .before = entry_id{r.entry.value() + 1}});
    } else if (!r.charge.empty()) {
        found = store.find(wallet, r.charge);
    }
    if (!found) return found.error();
    if (found->entries.empty()) return errc::unknown_charge;
    page = *std::move(found);
    entry charge = page.entries[0];
    if (charge.kind == entry_kind::held) {
        auto ended = store.entries(wallet, {.about = charge.id, .limit = 1});
        if (!ended) return ended.error();
        if (ended->entries.empty()) return errc::unknown_charge;
        page = *std::move(ended);
        charge = page.entries[0];
    }
    bool spent = charge.kind == entry_kind::charged || charge.kind == entry_kind::settled;
    if (!spent) return errc::unknown_charge;
    return charge;
}

/// Sets where lots that have left the burn order come back into it, one after another.
template <class Burn>
void place_returning(const account& a, const Burn& burn, part_list& parts, instant now) {
    std::vector<lot_id> order;
    for (const spendable& s : a.burning) order.push_back(s.lot);
    for (part& p : parts) {
        if (std::find(order.begin(), order.end(), p.lot) != order.end()) continue;
        const lot& record = *find_record(a, p.lot);
        auto at = order.end();
        if (!has_ended(a, record, now) && !record.revoked) {
            at = std::find_if(order.begin(), order.end(), [&](lot_id other) {
                return burn.before(record, *find_record(a, other));
            });
        }
        if (at != order.end()) p.before = *at;
        order.insert(at, p.lot);
    }
}

/// Grants anew what came back to lots that have ended, where their bucket has it so.
template <class Engine>
result<void> regrant_ended(Engine& engine, session& s, const part_list& returned) {
    for (const part& p : returned) {
        const lot record = *find_record(s.state, p.lot);
        if (record.revoked || !has_ended(s.state, record, s.now)) continue;
        timespan grace{};
        with_bucket(engine.plan(), record.terms.bucket.name(),
                    [&](const auto& policies) { grace = grace_of(policies); });
        if (grace.is_negative()) return errc::policy_contract;
        if (grace.is_zero()) continue;
        result<zone> where = zone_of(s.state);
        if (!where) return where.error();
        result<instant> expires = add(s.now, grace, *where);
        if (!expires) return expires.error();
        const auto& lots = s.state.rest->lots;
        auto earlier = std::count_if(lots.begin(), lots.end(), [&](const lot& other) {
            return other.terms.origin == lot_origin::regranted && other.terms.from == p.lot;
        });
        lot fresh = record;
        fresh.id = lot_id{s.state.last.value() + 1};
        fresh.granted = p.amount;
        fresh.terms.origin = lot_origin::regranted;
        fresh.terms.ordinal = static_cast<std::uint16_t>(earlier + 1);
        fresh.terms.from = p.lot;
        fresh.terms.effective = s.now;
        fresh.terms.expires = *expires;
        fresh.terms.ends_with_period = false;
        checked<money> share = scale(record.terms.paid, p.amount, record.granted, rounding::down);
        if (!share) return share.error();
        fresh.terms.paid = *share;
        burn_position place = engine.burning().position_of(s.state, fresh, p.lot);
        auto done = s.add([&](entry& e) {
            return decide_move(s.state, p.lot, p.amount, entry_kind::regranted, fresh.terms, place,
                               s.now, e);
        });
        if (!done) return done;
    }
    return {};
}

template <class Engine, class Target>
result<receipt> refund(Engine& engine, const Target& wallet, const refund_request& r) {
    request_info request{.id = r.request,
                         .content = content{"refund"}
                                        .add(r.charge.text())
                                        .add(std::uint64_t{r.entry.value()})
                                        .add(r.amount)
                                        .value(),
                         .at = r.at};
    journal_page page;
    journal_page about_page;
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        result<entry> charge = find_charge(engine.store(), wallet.id, r, page);
        if (!charge) return charge.error();
        auto about = entries_about(engine.store(), wallet.id, charge->id, about_page);
        if (!about) return about.error();
        for (const entry& e : s.entries) {
            if (e.about == charge->id) about->push_back(e);
        }
        part_list returned;
        auto refunded = s.add_primary([&](entry& e) {
            auto decided = decide_refund(s.state, *charge, *about, r.amount, s.when(), e);
            if (decided) place_returning(s.state, engine.burning(), e.parts, s.now);
            returned = e.parts;
            return decided;
        });
        if (!refunded) return refunded;
        return regrant_ended(engine, s, returned);
    });
}

/// Whether the lot is the first of its bucket that was paid for.
inline bool is_first_purchase(const account& a, const lot& of) noexcept {
    for (const lot& other : a.rest->lots) {
        if (other.id == of.id) return true;
        if (other.terms.bucket == of.terms.bucket && other.terms.paid.has_currency()) return false;
    }
    return true;
}

template <class Engine>
result<purchase_refund> judge_purchase(Engine& engine, const session& s, const lot& of) {
    bool derived =
        of.terms.origin == lot_origin::rolled || of.terms.origin == lot_origin::regranted;
    if (derived || !of.terms.paid.has_currency()) return errc::not_refundable;
    if (of.revoked) return errc::refund_exceeds;
    result<zone> where = zone_of(s.state);
    if (!where) return where.error();
    purchase bought{.paid = of.terms.paid,
                    .granted = of.granted,
                    .unspent = of.available,
                    .bought = of.made,
                    .now = s.event,
                    .first = is_first_purchase(s.state, of),
                    .where = *where};
    result<money> worth = errc::not_refundable;
    with_bucket(engine.plan(), of.terms.bucket.name(),
                [&](const auto& policies) { worth = policies.refund.worth(bought); });
    if (!worth) return worth.error();
    // Where some of the money stays, what it paid for stays too: a hold's or a charge's part.
    bool whole = worth->minor_units() >= of.terms.paid.minor_units() - of.refunded.minor_units();
    return purchase_refund{.revoked = of.available, .owed = *worth, .whole = whole};
}

template <class Engine, class Target>
result<receipt> refund_purchase(Engine& engine, const Target& wallet,
                                const purchase_refund_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"refund_purchase"}.add(std::uint64_t{r.lot.value()}).value(),
        .at = r.at};
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        result<purchase_refund> answer = judge_purchase(engine, s, *of);
        if (!answer) return answer.error();
        return s.add_primary(
            [&](entry& e) { return decide_purchase_refund(s.state, *of, *answer, s.when(), e); });
    });
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
