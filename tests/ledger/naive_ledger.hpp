/// A naive second opinion on what a journal means. Include it where a test compares it with an
/// account.
#pragma once

#include <coffer/ledger/ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <map>

namespace coffer_test {

using coffer::credits;
using coffer::entry;
using coffer::entry_kind;

inline credits micros(std::int64_t n) { return credits::from_micros(n); }

/// What a journal means, entry by entry, by the words of the rules alone: shares no code with
/// `apply`.
class naive_ledger {
public:
    struct amounts {
        bool active = false;
        std::int64_t granted = 0, available = 0, held = 0, spent = 0, expired = 0, voided = 0,
                     rolled = 0;
    };

    /// What was taken back of one lot. Each credit taken was found, is short, or was dropped.
    struct claimed {
        std::int64_t taken = 0, found = 0, uncollected = 0, owed = 0, dropped = 0;
        std::map<std::uint32_t, std::int64_t> repaid{};
        // What a won dispute gives back beyond what it took: it was voided for the dispute's sake.
        bool whole = false, revoked = false;
        std::int64_t returned = 0;

        std::int64_t repaid_in_all() const {
            std::int64_t sum = 0;
            for (const auto& [lot, amount] : repaid) sum += amount;
            return sum;
        }
    };

    void add(const entry& e) {
        if (coffer::makes_lot(e)) {
            if (e.kind == entry_kind::rolled || e.kind == entry_kind::regranted) {
                move(e, &amounts::available, &amounts::rolled);
            }
            amounts& made = lots[e.id.value()];
            made.active = e.terms.effective <= e.at;
            made.granted = made.available = e.amount.micros();
            return;
        }
        switch (e.kind) {
            case entry_kind::activated: lots[e.parts[0].lot.value()].active = true; break;
            case entry_kind::forfeited:
            case entry_kind::expired: move(e, &amounts::available, &amounts::expired); break;
            case entry_kind::charged:
                move(e, &amounts::available, &amounts::spent);
                debts[e.id.value()] = e.debt.micros();
                break;
            case entry_kind::held:
                move(e, &amounts::available, &amounts::held);
                holds[e.id.value()] = e;
                break;
            case entry_kind::settled:
                end_hold(e);
                move(e, &amounts::available, &amounts::spent);
                debts[e.id.value()] = e.debt.micros();
                break;
            case entry_kind::released:
            case entry_kind::timed_out: end_hold(e); break;
            case entry_kind::refunded:
                move(e, &amounts::spent, &amounts::available);
                debts[e.about.value()] -= e.debt.micros();
                break;
            case entry_kind::voided: void_rest(e); break;
            case entry_kind::dispute_lost: lose(claims[e.parts[0].lot.value()]); break;
            case entry_kind::purchase_refunded:
            case entry_kind::disputed: claw_back(e); break;
            case entry_kind::dispute_won: undo_dispute(e); break;
            case entry_kind::collected: collect(e); break;
            case entry_kind::repaid: repay(e); break;
            case entry_kind::billed:
            case entry_kind::debt_dropped: drop(e); break;
            default: break;
        }
    }

    coffer::balance_totals totals() const {
        std::int64_t available = 0, held = 0, debt = 0;
        for (const auto& [id, l] : lots) {
            if (l.active) available += l.available;
            held += l.held;
        }
        for (const auto& [id, open] : debts) debt += open;
        for (const auto& [id, c] : claims) debt += c.owed;
        return {micros(available), micros(held), micros(debt)};
    }

    std::map<std::uint32_t, amounts> lots{};
    std::map<std::uint32_t, claimed> claims{};

private:
    void move(const entry& e, std::int64_t amounts::*from, std::int64_t amounts::*to) {
        for (const coffer::part& p : e.parts) move(p, from, to);
    }
    void move(const coffer::part& p, std::int64_t amounts::*from, std::int64_t amounts::*to) {
        lots[p.lot.value()].*from -= p.amount.micros();
        lots[p.lot.value()].*to += p.amount.micros();
    }
    void claw_back(const entry& e) {
        move(e, &amounts::available, &amounts::voided);
        claimed& c = claims[e.parts[0].lot.value()];
        c.taken += e.amount.micros();
        c.found += e.parts[0].amount.micros();
        c.uncollected += e.uncollected.micros();
        c.owed += e.debt.micros();
        (e.kind == entry_kind::disputed ? c.whole : c.revoked) |= e.revokes;
        clawed[e.id.value()] = e.parts[0].lot.value();
    }
    /// The lots that had repaid get back what they gave; answers how much that was.
    std::int64_t return_to_others(const entry& e, claimed& c) {
        std::int64_t sum = 0;
        for (std::size_t i = 1; i < e.parts.size(); ++i) {
            move(e.parts[i], &amounts::spent, &amounts::available);
            c.repaid[e.parts[i].lot.value()] -= e.parts[i].amount.micros();
            sum += e.parts[i].amount.micros();
        }
        return sum;
    }
    void undo_dispute(const entry& e) {
        claimed& c = claims[e.parts[0].lot.value()];
        move(e.parts[0], &amounts::voided, &amounts::available);
        std::int64_t found = e.parts[0].amount.micros() - c.returned;
        std::int64_t to_others = return_to_others(e, c);
        c.taken -= e.amount.micros();
        c.found -= found;
        c.uncollected -= e.uncollected.micros();
        c.owed -= e.debt.micros();
        c.dropped -=
            e.amount.micros() - found - to_others - e.uncollected.micros() - e.debt.micros();
        c.whole = false;
        c.returned = 0;
    }
    void lose(claimed& c) {
        c.revoked |= c.whole;
        c.whole = false;
        c.returned = 0;
    }
    void void_rest(const entry& e) {
        move(e, &amounts::available, &amounts::voided);
        auto c = claims.find(e.parts[0].lot.value());
        if (c == claims.end() || !c->second.whole || c->second.revoked) return;
        c->second.returned += e.amount.micros();
    }
    void collect(const entry& e) {
        claimed& c = claims[e.parts[0].lot.value()];
        move(e.parts[0], &amounts::available, &amounts::voided);
        return_to_others(e, c);
        c.found += e.amount.micros();
        c.uncollected -= e.uncollected.micros();
        c.owed -= e.debt.micros();
    }
    void repay(const entry& e) {
        move(e, &amounts::available, &amounts::spent);
        auto of = clawed.find(e.about.value());
        if (of == clawed.end()) {
            debts[e.about.value()] -= e.amount.micros();
            return;
        }
        claims[of->second].owed -= e.amount.micros();
        for (const coffer::part& p : e.parts) {
            claims[of->second].repaid[p.lot.value()] += p.amount.micros();
        }
    }
    void drop(const entry& e) {
        auto of = clawed.find(e.about.value());
        if (of == clawed.end()) {
            debts[e.about.value()] -= e.debt.micros();
            return;
        }
        claims[of->second].owed -= e.debt.micros();
        claims[of->second].dropped += e.debt.micros();
    }
    void end_hold(const entry& e) {
        move(holds.at(e.about.value()), &amounts::held, &amounts::available);
        holds.erase(e.about.value());
    }

    std::map<std::uint32_t, std::int64_t> debts{};    ///< Of charges and settles.
    std::map<std::uint32_t, std::uint32_t> clawed{};  ///< Claw-back → its lot.
    std::map<std::uint32_t, entry> holds{};
};

}  // namespace coffer_test
