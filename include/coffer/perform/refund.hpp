/// The verb that gives back: the refund of a charge.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

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

/// Grants a lot anew with what came back to it, if it has ended and its bucket has it so.
template <class Rules>
result<void> regrant(const Rules& by, session& s, lot_id id) {
    const lot record = *find_record(s.state, id);
    if (is_revoked(s.state, record) || !has_ended(s.state, record, s.now)) return {};
    timespan grace{};
    with_bucket(by.plan, record.terms.bucket.name(),
                [&](const auto& policies) { grace = grace_of(policies); });
    if (grace.is_negative()) return errc::policy_contract;
    const spendable* left = find_spendable(s.state, id);
    if (grace.is_zero() || !left || left->available.is_zero()) return {};
    const credits amount = left->available;
    result<zone> where = zone_of(by.plan, s.state);
    if (!where) return where.error();
    result<instant> expires = add(s.now, grace, *where);
    if (!expires) return expires.error();
    const auto& lots = s.state.rest->lots;
    auto earlier = std::count_if(lots.begin(), lots.end(), [&](const lot& other) {
        return other.terms.origin == lot_origin::regranted && other.terms.from == id;
    });
    lot fresh = record;
    fresh.id = lot_id{s.state.last.value() + 1};
    fresh.granted = amount;
    fresh.terms.origin = lot_origin::regranted;
    fresh.terms.ordinal = static_cast<std::uint16_t>(earlier + 1);
    fresh.terms.from = id;
    fresh.terms.effective = s.now;
    fresh.terms.expires = *expires;
    fresh.terms.lapses = never;
    fresh.terms.kept_until = never;
    fresh.terms.ends_with_period = false;
    fresh.terms.paid_for = record.terms.paid.has_currency() ? record.basis() : credits{};
    burn_position place = by.burning.position_of_regranted(s.state, fresh, id);
    return s.add([&](entry& e) {
        return decide_move(s.state, id, amount, entry_kind::regranted, fresh.terms, place, s.now,
                           e);
    });
}

/// Lists where credits that came back to a lot end: what claw-backs of it are short of may go on to
/// the lots that had repaid it, and so on; then the lot itself.
template <class Rules>
result<void> reach(const Rules& by, session& s, lot_id id, std::vector<lot_id>& reached) {
    const std::size_t known = s.entries.size();
    if (auto done = by.timeline_of(s).collect(id, s.now); !done) return done;
    if (s.entries.size() > known) {
        const part_list moved = s.entries.back().parts;
        for (std::size_t i = 1; i < moved.size(); ++i) {
            if (auto done = reach(by, s, moved[i].lot, reached); !done) return done;
        }
    }
    reached.push_back(id);
    return {};
}

/// Follows refunded credits to where they end. What is then in a lot that has ended is granted anew
/// or lost.
template <class Rules>
result<void> follow_returned(const Rules& by, session& s, const part_list& returned) {
    std::vector<lot_id> reached;
    for (const part& p : returned) {
        if (auto done = reach(by, s, p.lot, reached); !done) return done;
    }
    for (lot_id id : reached) {
        if (auto done = regrant(by, s, id); !done) return done;
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
    auto write = [&](session& s, const auto& by) -> result<void> {
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
            if (decided) by.burning.place(s.state, e.parts, s.now);
            returned = e.parts;
            return decided;
        });
        if (!refunded) return refunded;
        return follow_returned(by, s, returned);
    };
    return engine.perform(wallet.id, request, operation{no_check{}, write});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
