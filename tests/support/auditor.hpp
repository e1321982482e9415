/// An auditor that follows a wallet's journal by rules of its own and says what is wrong. Include
/// it where a test looks into journals.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/store/store.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace coffer_test {

/// All entries of a wallet, with the memory that their texts stand in.
struct journal {
    std::vector<coffer::entry> entries;
    std::vector<std::shared_ptr<const void>> texts;

    std::size_t size() const { return entries.size(); }
    std::size_t count(coffer::entry_kind kind) const {
        return static_cast<std::size_t>(
            std::count_if(entries.begin(), entries.end(),
                          [&](const coffer::entry& e) { return e.kind == kind; }));
    }
    std::vector<coffer::entry_kind> kinds(std::size_t from = 0) const {
        std::vector<coffer::entry_kind> all;
        for (std::size_t i = from; i < entries.size(); ++i) all.push_back(entries[i].kind);
        return all;
    }
    std::vector<coffer::entry> of(coffer::entry_kind kind) const {
        std::vector<coffer::entry> all;
        for (const coffer::entry& e : entries) {
            if (e.kind == kind) all.push_back(e);
        }
        return all;
    }
    friend bool operator==(const journal& a, const journal& b) { return a.entries == b.entries; }
};

template <class Store>
journal read_journal(Store& store, const coffer::wallet_id& wallet, coffer::entry_id after = {}) {
    journal whole;
    for (bool more = true; more;) {
        auto page = store.entries(wallet, {.after = after}).or_throw();
        for (coffer::entry& e : page.entries) {
            after = e.id;
            whole.entries.push_back(e);
        }
        whole.texts.push_back(page.texts);
        more = page.more;
    }
    return whole;
}

/// Follows a journal entry by entry with arithmetic of its own, and compares what it comes to with
/// what is stored. An answer is the first thing that is wrong; empty is all right.
class auditor {
public:
    /// Whether available credits and debt may stand together: only where some bucket is limited to
    /// some actions.
    bool debt_beside_credits = false;

    template <class Store>
    std::string audit(Store& store, const coffer::wallet_id& wallet) {
        journal fresh = read_journal(store, wallet, coffer::entry_id{last_});
        for (const coffer::entry& e : fresh.entries) {
            if (std::string wrong = follow(e); !wrong.empty()) {
                return "entry " + std::to_string(e.id.value()) + " (" +
                       std::string{to_string(e.kind)} + "): " + wrong;
            }
        }
        auto stored = coffer::load(store, wallet);
        if (!stored) return "cannot load";
        return compare(*stored);
    }

private:
    using count = std::int64_t;
    struct tally {
        count granted = 0, available = 0, held = 0, spent = 0, expired = 0, voided = 0, rolled = 0;
        bool active = false;
    };
    /// What was taken back of a lot: found in it, or short.
    struct claimed {
        count taken = 0, found = 0, uncollected = 0, owed = 0, dropped = 0;
        std::map<std::uint32_t, count> repaid;
        bool disputed = false;
        bool whole = false;    // the open dispute revokes all of the lot
        bool revoked = false;  // for good
        count returned = 0;    // came back to it meanwhile, and was voided
    };

    std::string follow(const coffer::entry& e) {
        using coffer::entry_kind;
        if (e.id.value() != last_ + 1) return "the numbers have a gap";
        if (e.at < time_) return "recorded before the entry before it";
        if (e.amount.is_negative() || e.debt.is_negative()) return "a negative amount";
        for (const coffer::part& p : e.parts) {
            if (p.lot && lots_.count(p.lot.value()) == 0) {
                return "a part of a lot that is not there";
            }
            if (p.amount.is_negative()) return "a negative part";
        }
        last_ = e.id.value();
        time_ = e.at;

        std::string wrong;
        switch (e.kind) {
            case entry_kind::charged: wrong = charge(e); break;
            case entry_kind::held: wrong = reserve(e); break;
            case entry_kind::settled: wrong = settle(e); break;
            case entry_kind::released:
            case entry_kind::timed_out: wrong = give_back(e); break;
            case entry_kind::refunded: wrong = refund(e); break;
            case entry_kind::repaid: wrong = repay(e); break;
            case entry_kind::rolled:
            case entry_kind::regranted: move(e, &tally::available, &tally::rolled); break;
            case entry_kind::forfeited:
            case entry_kind::expired: move(e, &tally::available, &tally::expired); break;
            case entry_kind::voided: void_rest(e); break;
            case entry_kind::purchase_refunded:
            case entry_kind::disputed: wrong = claw_back(e); break;
            case entry_kind::dispute_won: wrong = win(e); break;
            case entry_kind::dispute_lost: wrong = lose(e.parts[0].lot.value()); break;
            case entry_kind::collected: wrong = collect(e); break;
            case entry_kind::billed:
            case entry_kind::debt_dropped: wrong = drop(e); break;
            case entry_kind::activated: activate(lots_[e.parts[0].lot.value()]); break;
            default: break;
        }
        if (makes_lot(e)) {
            tally made;
            made.granted = made.available = e.amount.micros();
            if (e.terms.effective <= e.at) activate(made);
            lots_[last_] = made;
        }
        for (const coffer::part& p : e.parts) {
            if (p.lot && wrong.empty()) wrong = check(p.lot.value(), lots_[p.lot.value()]);
        }
        if (wrong.empty()) wrong = sums(e.after);
        if (wrong.empty() && !apply(replayed_, e)) wrong = "does not replay";
        return wrong;
    }

    void activate(tally& t) {
        t.active = true;
        available_ += t.available;
    }
    void move(const coffer::entry& e, count tally::*from, count tally::*to) {
        for (const coffer::part& p : e.parts) move(p, from, to);
    }
    void move(const coffer::part& p, count tally::*from, count tally::*to) {
        tally& t = lots_[p.lot.value()];
        change(t, from, -p.amount.micros());
        change(t, to, p.amount.micros());
    }
    void change(tally& t, count tally::*what, count by) {
        t.*what += by;
        if (what == &tally::available && t.active) available_ += by;
        if (what == &tally::held) held_ += by;
    }
    /// Changes what a charge owes; false if that would be less than nothing.
    bool owe(std::uint32_t charge, count by) {
        debt_ += by;
        return (owed_[charge] += by) >= 0;
    }
    static count total(const coffer::entry& e) {
        count sum = 0;
        for (const coffer::part& p : e.parts) sum += p.amount.micros();
        return sum;
    }

    std::string charge(const coffer::entry& e) {
        if (total(e) + e.debt.micros() != e.amount.micros()) return "parts and debt are not all";
        move(e, &tally::available, &tally::spent);
        owe(last_, e.debt.micros());
        refundable_[last_] = e.amount.micros();
        return {};
    }
    std::string reserve(const coffer::entry& e) {
        if (total(e) != e.amount.micros()) return "the parts are not the amount";
        if (!e.debt.is_zero()) return "a hold made debt";
        move(e, &tally::available, &tally::held);
        holds_[last_] = e;
        return {};
    }
    std::string settle(const coffer::entry& e) {
        auto opened = holds_.find(e.about.value());
        if (opened == holds_.end()) return "no such open hold";
        if (e.at >= opened->second.until) return "settled when the hold was over";
        move(opened->second, &tally::held, &tally::available);
        refundable_[opened->first] = e.amount.micros();
        refundable_[last_] = e.amount.micros();
        same_charge_[last_] = opened->first;
        holds_.erase(opened);
        if (total(e) + e.debt.micros() != e.amount.micros()) return "parts and debt are not all";
        move(e, &tally::available, &tally::spent);
        owe(last_, e.debt.micros());
        return {};
    }
    std::string give_back(const coffer::entry& e) {
        auto opened = holds_.find(e.about.value());
        if (opened == holds_.end()) return "no such open hold";
        bool over = e.at >= opened->second.until;
        if (over != (e.kind == coffer::entry_kind::timed_out)) return "wrong end of a hold";
        move(opened->second, &tally::held, &tally::available);
        holds_.erase(opened);
        return {};
    }
    std::string refund(const coffer::entry& e) {
        std::uint32_t charge = e.about.value();
        if (refundable_.count(charge) == 0) return "a refund of nothing";
        if (total(e) + e.debt.micros() + e.uncollected.micros() != e.amount.micros()) {
            return "parts and debt are not all";
        }
        dropped_[charge] -= e.uncollected.micros();
        if (dropped_[charge] < 0) return "more is lost by the refund than was dropped";
        move(e, &tally::spent, &tally::available);
        if (!owe(charge, -e.debt.micros())) return "more debt lowered than was open";
        auto same = same_charge_.find(charge);
        if (same != same_charge_.end()) charge = same->second;
        refundable_[charge] -= e.amount.micros();
        if (refundable_[charge] < 0) return "more refunded than was charged";
        return {};
    }
    std::string repay(const coffer::entry& e) {
        if (total(e) != e.amount.micros()) return "the parts are not the amount";
        move(e, &tally::available, &tally::spent);
        if (auto of = clawed_.find(e.about.value()); of != clawed_.end()) {
            claimed& c = claims_[of->second];
            for (const coffer::part& p : e.parts) c.repaid[p.lot.value()] += p.amount.micros();
            debt_ -= e.amount.micros();
            c.owed -= e.amount.micros();
            return check(c, of->second);
        }
        if (!owe(e.about.value(), -e.amount.micros())) return "more repaid than was owed";
        return {};
    }
    std::string drop(const coffer::entry& e) {
        if (e.amount != e.debt) return "other debt dropped than it says";
        if (auto of = clawed_.find(e.about.value()); of != clawed_.end()) {
            claimed& c = claims_[of->second];
            debt_ -= e.debt.micros();
            c.owed -= e.debt.micros();
            c.dropped += e.debt.micros();
            return check(c, of->second);
        }
        dropped_[e.about.value()] += e.debt.micros();
        if (!owe(e.about.value(), -e.debt.micros())) return "more dropped than was owed";
        return {};
    }

    void void_rest(const coffer::entry& e) {
        move(e, &tally::available, &tally::voided);
        auto claim = claims_.find(e.parts[0].lot.value());
        if (claim == claims_.end()) return;
        claimed& c = claim->second;
        if (c.disputed && c.whole && !c.revoked) c.returned += e.amount.micros();
    }
    std::string claw_back(const coffer::entry& e) {
        std::uint32_t of = e.parts[0].lot.value();
        claimed& c = claims_[of];
        if (c.disputed) return "taken back during a dispute";
        c.disputed = e.kind == coffer::entry_kind::disputed;
        (c.disputed ? c.whole : c.revoked) |= e.revokes;
        move(e, &tally::available, &tally::voided);
        c.taken += e.amount.micros();
        c.found += total(e);
        c.uncollected += e.uncollected.micros();
        c.owed += e.debt.micros();
        debt_ += e.debt.micros();
        clawed_[last_] = of;
        return check(c, of);
    }
    /// What had been repaid by other lots goes back to them.
    void return_repaid(const coffer::entry& e, claimed& c) {
        for (std::size_t i = 1; i < e.parts.size(); ++i) {
            move(e.parts[i], &tally::spent, &tally::available);
            c.repaid[e.parts[i].lot.value()] -= e.parts[i].amount.micros();
        }
    }
    std::string win(const coffer::entry& e) {
        std::uint32_t of = e.parts[0].lot.value();
        claimed& c = claims_[of];
        move(e.parts[0], &tally::voided, &tally::available);
        return_repaid(e, c);
        debt_ -= e.debt.micros();
        c.taken -= e.amount.micros();
        c.found -= e.parts[0].amount.micros() - c.returned;
        c.uncollected -= e.uncollected.micros();
        c.owed -= e.debt.micros();
        c.dropped -=
            e.amount.micros() + c.returned - total(e) - e.uncollected.micros() - e.debt.micros();
        if (std::string wrong = check(c, of); !wrong.empty()) return wrong;
        return end_dispute(of);
    }
    std::string lose(std::uint32_t of) {
        claims_[of].revoked |= claims_[of].whole;
        return end_dispute(of);
    }
    std::string end_dispute(std::uint32_t of) {
        claimed& c = claims_[of];
        if (!c.disputed) return "the end of no dispute";
        c.disputed = c.whole = false;
        c.returned = 0;
        return {};
    }
    std::string collect(const coffer::entry& e) {
        std::uint32_t of = e.parts[0].lot.value();
        claimed& c = claims_[of];
        move(e.parts[0], &tally::available, &tally::voided);
        return_repaid(e, c);
        debt_ -= e.debt.micros();
        c.found += e.amount.micros();
        c.uncollected -= e.uncollected.micros();
        c.owed -= e.debt.micros();
        return check(c, of);
    }
    std::string check(const claimed& c, std::uint32_t of) {
        count accounted = c.found + c.uncollected + c.owed + c.dropped;
        bool negative =
            c.taken < 0 || c.found < 0 || c.uncollected < 0 || c.owed < 0 || c.dropped < 0;
        for (const auto& [lot, amount] : c.repaid) {
            accounted += amount;
            negative = negative || amount < 0;
        }
        if (negative) return "more undone than was taken back";
        if (c.taken != accounted) return "what was taken back does not add up";
        if (c.taken > lots_[of].granted) return "more taken back than was granted";
        return {};
    }

    static std::string check(std::uint32_t id, const tally& t) {
        if (t.available < 0 || t.held < 0 || t.spent < 0 || t.rolled < 0) {
            return "lot " + std::to_string(id) + " gave more than it had";
        }
        if (t.granted != t.available + t.held + t.spent + t.expired + t.voided + t.rolled) {
            return "lot " + std::to_string(id) + " does not add up";
        }
        return {};
    }
    std::string sums(const coffer::balance_totals& stated) const {
        if (stated.available.micros() != available_) return "available after it is wrong";
        if (stated.held.micros() != held_) return "held after it is wrong";
        if (stated.debt.micros() != debt_) return "debt after it is wrong";
        return {};
    }

    std::string compare(const coffer::account& stored) const {
        if (stored.last.value() != last_) return "the account is not at its newest entry";
        if (!(stored == replayed_)) return "the journal does not replay to the account";
        if (std::string wrong = sums(stored.totals); !wrong.empty()) return "account: " + wrong;
        std::vector<coffer::lot> lots = lots_of(stored);
        if (lots.size() != lots_.size()) return "another number of lots";
        count available = 0;
        for (const coffer::lot& l : lots) {
            auto at = lots_.find(l.id.value());
            if (at == lots_.end()) return "a lot that no entry made";
            const tally& t = at->second;
            if (l.granted.micros() != t.granted || l.available.micros() != t.available ||
                l.held.micros() != t.held || l.spent.micros() != t.spent ||
                l.expired.micros() != t.expired || l.voided.micros() != t.voided ||
                l.rolled.micros() != t.rolled || l.active != t.active) {
                return "lot " + std::to_string(l.id.value()) + " is not what its entries say";
            }
            if (std::string wrong = check(l.id.value(), t); !wrong.empty()) return wrong;
            if (l.active) available += l.available.micros();
        }
        if (available != available_) return "the totals are not the sums";
        if (stored.rest->holds.size() != holds_.size()) return "another number of holds";
        if (!debt_beside_credits && stored.totals.available.is_positive() &&
            stored.totals.debt.is_positive()) {
            return "credits are available while there is debt";
        }
        return {};
    }

    std::uint32_t last_ = 0;
    coffer::instant time_ = coffer::instant::min();
    count available_ = 0;
    count held_ = 0;
    count debt_ = 0;
    std::map<std::uint32_t, tally> lots_;
    std::map<std::uint32_t, coffer::entry> holds_;
    std::map<std::uint32_t, count> owed_;
    std::map<std::uint32_t, count> refundable_;
    std::map<std::uint32_t, std::uint32_t> same_charge_;
    std::map<std::uint32_t, claimed> claims_;
    std::map<std::uint32_t, std::uint32_t> clawed_;  // a claw-back's debt → its lot
    std::map<std::uint32_t, count> dropped_;
    coffer::account replayed_;
};

}  // namespace coffer_test
