/// The verb that gives back: the refund of a charge.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A spend, and the entries that speak of it.
struct known_spend {
    entry charge{};
    std::vector<entry> about{};
};

/// The spend that a page tells of: a charge, or the settle of a hold.
/// Errors: `unknown_charge`.
inline result<known_spend> spend_of(std::span<const entry> told) {
    if (told.empty()) return errc::unknown_charge;
    const entry* charge = told.data();
    if (charge->kind == entry_kind::held) {
        const auto ends = [&](const entry& e) { return e.about == told[0].id; };
        const auto ended = std::find_if(told.begin(), told.end(), ends);
        if (ended == told.end()) return errc::unknown_charge;
        charge = &*ended;
    }
    const bool spent = is_spend(charge->kind);
    if (!spent) return errc::unknown_charge;
    known_spend known{.charge = *charge};
    for (const entry& e : told) {
        if (e.about == charge->id) known.about.push_back(e);
    }
    return known;
}

/// Grants a lot anew with what came back to it, if it has ended and its bucket has it so.
inline result<void> regrant(attempt& s, const compiled_plan& plan, lot_id id) {
    const lot record = *find_record(s.state, id);
    if (is_revoked(s.state, record) || !has_ended(s.state, record, s.now)) return {};
    const std::optional<std::size_t> bucket = plan.find(record.terms.bucket);
    const timespan grace = bucket ? plan.buckets[*bucket].grace : timespan{};
    if (grace.is_negative()) return errc::policy_contract;
    const spendable* left = find_spendable(s.state, id);
    if (grace.is_zero() || !left || left->available.is_zero()) return {};
    const credits amount = left->available;
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    const result<instant> expires = coffer::add(s.now, grace, *where);
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
    burn_position place = position_of_regranted(s.state, fresh, id, plan);
    return s.add([&](entry& e) {
        return decide_move(s.state, id, amount, entry_kind::regranted, fresh.terms, place, s.now,
                           e);
    });
}

/// Lists where credits that came back to a lot end: what claw-backs of it are short of may go on to
/// the lots that had repaid it, and so on; then the lot itself.
inline result<void> reach(attempt& s, const compiled_plan& plan, lot_id id,
                          std::vector<lot_id>& reached) {
    const std::size_t known = s.entries.size();
    if (auto done = collect(s, plan, id, s.now); !done) return done;
    if (s.entries.size() > known) {
        const part_list moved = s.entries.back().parts;
        for (std::size_t i = 1; i < moved.size(); ++i) {
            if (auto done = reach(s, plan, moved[i].lot, reached); !done) return done;
        }
    }
    reached.push_back(id);
    return {};
}

/// Follows refunded credits to where they end. What is then in a lot that has ended is granted anew
/// or lost.
inline result<void> follow_returned(attempt& s, const compiled_plan& plan,
                                    const part_list& returned) {
    std::vector<lot_id> reached;
    for (const part& p : returned) {
        if (auto done = reach(s, plan, p.lot, reached); !done) return done;
    }
    for (lot_id id : reached) {
        if (auto done = regrant(s, plan, id); !done) return done;
    }
    return {};
}

inline result<receipt> refund(engine& by, const target& wallet, const refund_request& r) {
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        result<known_spend> spend = spend_of(s.known.told);
        if (!spend) return spend.error();
        for (const entry& e : s.entries) {
            if (e.about == spend->charge.id) spend->about.push_back(e);
        }
        part_list returned;
        auto refunded = s.add_primary([&](entry& e) {
            auto decided =
                decide_refund(s.state, spend->charge, spend->about, r.amount, s.when(), e);
            if (decided) place_returning(s.state, e.parts, s.now, plan);
            if (decided && !spend->charge.limits.empty()) {
                e.limits = s.keep(give_back_counted(s.state, spend->charge));
            }
            returned = e.parts;
            return decided;
        });
        if (!refunded) return refunded;
        return follow_returned(s, plan, returned);
    };
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {verb::refund, r, wallet},
                       .content = content{"refund"}
                                      .add(r.charge.text())
                                      .add(std::uint64_t{r.entry.value()})
                                      .add(r.amount)
                                      .value(),
                       .at = r.at,
                       .told = &r.charge,
                       .told_entry = r.entry},
                      {understood, decide});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
