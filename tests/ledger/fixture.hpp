/// What the tests of the ledger share: short ways to decide and apply, a naive second opinion on
/// what a journal means, and a random wallet life.
#pragma once

#include "ledger/naive_ledger.hpp"

#include <coffer/ledger/ledger.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer_test {

using coffer::account;
using coffer::errc;
using coffer::instant;
using coffer::lot_id;

/// So many seconds after the epoch.
inline instant sec(std::int64_t n) { return instant{std::chrono::seconds{n}}; }

inline coffer::lot_terms in_bucket(std::string_view name, instant effective = sec(0),
                                   instant expires = coffer::never) {
    coffer::lot_terms terms;
    terms.bucket = coffer::bucket_id::of(name);
    terms.effective = effective;
    terms.expires = expires;
    return terms;
}

/// A plan of which only the data matters: lots burn by their number, nothing refills or ends.
class plain_terms final : public coffer::plan_terms {
public:
    explicit plain_terms(std::initializer_list<std::string_view> names = {"package"}) {
        for (std::string_view name : names)
            buckets.push_back({.bucket = coffer::bucket_id::of(name)});
        order = 7;
    }

    credits allowance(std::size_t, const coffer::period&) const override { return {}; }
    credits carry(std::size_t, const coffer::ended_allowance&) const override { return {}; }
    coffer::result<coffer::lifetime> life(std::size_t, const coffer::lot_birth&) const override {
        return coffer::lifetime::unlimited();
    }
    coffer::result<coffer::money> worth(std::size_t, const coffer::purchase&) const override {
        return errc::not_refundable;
    }
    bool before(const coffer::burn_candidate& a, const coffer::burn_candidate& b) const override {
        return a.what.id < b.what.id;
    }
    coffer::bucket_filter filter(std::string_view) const override { return {}; }
};

/// A wallet's account and journal, grown one decided entry at a time.
struct life {
    account now{};
    std::vector<entry> journal{};
    /// Called after each entry with the account before it.
    std::function<void(const account&, const entry&)> seen{};

    /// Decides by `decide(entry&)`, applies, and returns the refusal if there was one.
    template <class Decide>
    coffer::result<void> add(Decide&& decide) {
        entry e;
        const account before = now;
        coffer::result<void> decided = decide(e);
        untouched_by_deciding = untouched_by_deciding && before == now;
        if (!decided) return decided;
        if (auto applied = coffer::apply(now, e); !applied) {
            contradicts_itself = true;
            return applied;
        }
        journal.push_back(e);
        if (seen) seen(before, e);
        return {};
    }

    coffer::result<void> grant(credits amount, coffer::lot_terms terms, instant at,
                               lot_id before = {}) {
        return add([&](entry& e) {
            return coffer::decide_grant(now, terms, amount, {.before = before, .order = 7}, at, e);
        });
    }
    coffer::result<void> charge(credits amount, instant at, coffer::overdraft_terms overdraft = {},
                                coffer::bucket_filter from = {}) {
        return add([&](entry& e) {
            return coffer::decide_charge(now, {amount, overdraft, from}, at, e);
        });
    }
    coffer::result<void> hold(credits amount, credits tolerance, instant until, instant at) {
        coffer::bucket_filter all;
        return add([&](entry& e) {
            return coffer::decide_hold(now, {amount, {}, all}, tolerance, until, at, e);
        });
    }
    coffer::result<void> settle(coffer::hold_id id, credits amount, instant at,
                                coffer::overdraft_terms overdraft = {}) {
        coffer::bucket_filter all;
        const coffer::hold h = *coffer::find_hold(now, id);
        return add([&](entry& e) {
            return coffer::decide_settle(now, h, {amount, overdraft, all}, at, e);
        });
    }
    coffer::result<void> release(coffer::hold_id id, instant at,
                                 entry_kind how = entry_kind::released) {
        const coffer::hold h = *coffer::find_hold(now, id);
        return add([&](entry& e) { return coffer::decide_release(now, h, how, at, e); });
    }
    coffer::result<void> refund(coffer::entry_id charge, std::optional<credits> amount,
                                instant at) {
        return add([&](entry& e) {
            return coffer::decide_refund(now, entry_of(charge), about(charge), amount, at, e);
        });
    }

    coffer::result<void> take_back(lot_id id, const coffer::clawback_terms& terms,
                                   coffer::money owed, instant at) {
        const coffer::lot of = *coffer::find_lot(now, id);
        return add(
            [&](entry& e) { return coffer::decide_purchase_refund(now, of, terms, owed, at, e); });
    }
    coffer::result<void> dispute(lot_id id, const coffer::clawback_terms& terms, instant at) {
        const coffer::lot of = *coffer::find_lot(now, id);
        return add([&](entry& e) { return coffer::decide_dispute(now, of, terms, at, e); });
    }
    coffer::result<void> win(lot_id id, instant at) {
        const coffer::lot of = *coffer::find_lot(now, id);
        return add([&](entry& e) { return coffer::decide_dispute_won(now, of, at, e); });
    }
    coffer::result<void> lose(lot_id id, instant at) {
        const coffer::lot of = *coffer::find_lot(now, id);
        return add([&](entry& e) { return coffer::decide_dispute_lost(now, of, at, e); });
    }
    coffer::result<void> collect(lot_id id, instant at) {
        const coffer::spendable hot = *coffer::find_spendable(now, id);
        return add([&](entry& e) { return coffer::decide_collection(now, hot, at, e); });
    }
    coffer::result<void> drop(const coffer::debt& owed, instant at) {
        return add([&](entry& e) { return coffer::decide_debt_drop(now, owed, at, e); });
    }
    coffer::result<void> repay(const coffer::debt& owed, instant at,
                               const coffer::bucket_filter& from = {}) {
        return add([&](entry& e) { return coffer::decide_repayment(now, owed, from, at, e); });
    }

    const entry& entry_of(coffer::entry_id id) const { return journal.at(id.value() - 1); }
    std::vector<entry> about(coffer::entry_id id) const {
        std::vector<entry> found;
        for (const entry& e : journal) {
            if (e.about == id) found.push_back(e);
        }
        return found;
    }
    bool untouched_by_deciding = true;
    bool contradicts_itself = false;  ///< Something was decided that does not apply.

    lot_id newest_lot() const { return lot_id{journal.back().id.value()}; }
    coffer::hold_id newest_hold() const { return coffer::hold_id{journal.back().id.value()}; }
    credits available(lot_id id) const { return coffer::find_lot(now, id)->available; }
};

/// A random life: every kind of entry, decided by the ledger on whatever account is there.
class random_life : public life {
public:
    explicit random_life(std::uint64_t seed) : random_{seed} {}

    /// Tries one random operation.
    void step() {
        if (chance(3)) clock_ += pick(1, 40);
        operate();
        follow_up();
    }

    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>{low, high}(random_);
    }
    bool chance(int in) { return pick(1, in) == 1; }

private:
    void operate() {
        instant at = sec(clock_);
        switch (pick(0, 19)) {
            case 0:
            case 1: some_grant(at); break;
            case 2: some_period(at); break;
            case 3:
            case 4:
            case 5: some_charge(at); break;
            case 6:
            case 7: (void)hold(amount(60), amount(9), sec(clock_ + pick(1, 99)), at); break;
            case 8: some_hold_end(at); break;
            case 9: some_settle(at); break;
            case 10: some_refund(at); break;
            case 11: some_repayment(at); break;
            case 12: some_end_of_lot(at); break;
            case 13: some_activation(at); break;
            case 14: some_change_of_lot(at); break;
            case 15: some_reorder(at); break;
            case 16:
            case 17: some_dispute(at); break;
            case 18: some_end_of_dispute(at); break;
            case 19: some_end_of_debt(at); break;
        }
    }

    /// What a wallet does at once: credits that came back to a lot make good what its claw-backs
    /// were short of, and nothing stays usable of a lot that was taken back whole.
    void follow_up() {
        instant at = sec(clock_);
        for (bool more = true; more;) {
            more = false;
            for (const coffer::spendable& each : now.burning) {
                const coffer::spendable hot = each;
                if (hot.available.is_zero()) continue;
                if (coffer::short_of(now, hot.lot).is_positive()) {
                    more = !!collect_somewhere(hot, at);
                } else if (coffer::is_revoked(now, *coffer::find_record(now, hot.lot))) {
                    const coffer::lot of = *coffer::find_lot(now, hot.lot);
                    more = !!add([&](entry& e) {
                        return coffer::decide_void(now, of, of.available, at, e);
                    });
                }
                if (more) break;
            }
        }
    }
    coffer::result<void> collect_somewhere(const coffer::spendable& hot, instant at) {
        return add([&](entry& e) {
            auto decided = coffer::decide_collection(now, hot, at, e);
            for (std::size_t i = 1; i < e.parts.size(); ++i) e.parts[i].before = some_place();
            return decided;
        });
    }

    credits amount(std::int64_t most) {
        return micros(pick(0, most) * (chance(2) ? 1'000'000 : 1));
    }
    lot_id some_place() {
        if (now.burning.empty() || chance(3)) return {};
        return now.burning[index(now.burning.size())].lot;
    }
    std::size_t index(std::size_t size) {
        return static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(size) - 1));
    }
    coffer::lot_terms some_terms() {
        coffer::lot_terms t = in_bucket(chance(2) ? "budget" : "package", sec(clock_));
        if (chance(4)) t.effective = sec(clock_ + pick(1, 50));
        if (chance(2)) t.expires = t.effective + std::chrono::seconds{pick(1, 300)};
        if (chance(3)) t.priority = static_cast<std::int32_t>(pick(-5, 5));
        if (chance(2)) t.paid = coffer::money::from_minor(pick(1, 9'999), "EUR");
        return t;
    }
    void some_grant(instant at) { (void)grant(amount(100), some_terms(), at, some_place()); }
    void some_period(instant at) {
        if (now.rest->cycles.empty() && chance(2)) {
            (void)add([&](entry& e) {
                return coffer::decide_start(now, at, "Europe/Berlin", {}, at, e);
            });
        }
        coffer::bucket_id bucket = coffer::bucket_id::of("allowance");
        const coffer::cycle* running = coffer::find_cycle(now, bucket);
        std::uint32_t next = running ? running->index + 1 : 0;
        for (const coffer::spendable& hot :
             std::vector<coffer::spendable>(now.burning.begin(), now.burning.end())) {
            if (hot.bucket == bucket && hot.available.is_positive()) end_allowance(hot, next, at);
        }
        coffer::lot_terms terms = in_bucket("allowance", at);
        terms.origin = coffer::lot_origin::refilled;
        terms.cycle = next;
        terms.ends_with_period = true;
        terms.expires = sec(clock_ + 30);
        (void)add([&](entry& e) {
            return coffer::decide_period(now, terms, {next, at, sec(clock_ + 30)}, next, amount(50),
                                         {some_place(), 7}, chance(2), at, e);
        });
    }
    void end_allowance(const coffer::spendable& hot, std::uint32_t next, instant at) {
        if (chance(2)) {
            coffer::lot_terms terms = coffer::find_record(now, hot.lot)->terms;
            terms.origin = coffer::lot_origin::rolled;
            terms.cycle = next;
            terms.effective = at;
            terms.from = hot.lot;
            (void)add([&](entry& e) {
                return coffer::decide_move(now, hot.lot, hot.available, entry_kind::rolled, terms,
                                           {{}, 7}, at, e);
            });
        } else {
            (void)add([&](entry& e) {
                return coffer::decide_expiry(now, hot, entry_kind::forfeited, hot.available, at, e);
            });
        }
    }
    void some_charge(instant at) {
        coffer::bucket_filter from;
        if (chance(4)) from.except.push_back(coffer::bucket_id::of("package"));
        (void)charge(amount(120), at, {.limit = micros(30'000'000), .partial = chance(2)}, from);
    }
    void some_hold_end(instant at) {
        if (now.rest->holds.empty()) return;
        (void)release(now.rest->holds[index(now.rest->holds.size())].id, at,
                      chance(2) ? entry_kind::released : entry_kind::timed_out);
    }
    void some_settle(instant at) {
        if (now.rest->holds.empty()) return;
        const coffer::hold& h = now.rest->holds[index(now.rest->holds.size())];
        credits cost = micros(pick(0, h.amount.micros() + h.tolerance.micros()));
        (void)settle(h.id, cost, at, {.limit = micros(5'000'000)});
    }
    void some_refund(instant at) {
        if (journal.empty()) return;
        const entry& of = journal[index(journal.size())];
        if (of.kind != entry_kind::charged && of.kind != entry_kind::settled) return;
        std::optional<credits> part;
        if (chance(2)) part = micros(pick(1, std::max<std::int64_t>(1, of.amount.micros())));
        (void)refund(of.id, part, at);
    }
    void some_repayment(instant at) {
        if (now.rest->debts.empty()) return;
        coffer::bucket_filter all;
        const coffer::debt owed = now.rest->debts[index(now.rest->debts.size())];
        if (now.totals.available.is_zero()) return;
        (void)repay(owed, at, all);
    }
    void some_end_of_lot(instant at) {
        if (now.burning.empty()) return;
        const coffer::spendable hot = now.burning[index(now.burning.size())];
        if (hot.available.is_zero()) return;
        credits part = chance(2) ? hot.available : micros(pick(1, hot.available.micros()));
        (void)add([&](entry& e) {
            return coffer::decide_expiry(now, hot, entry_kind::expired, part, at, e);
        });
    }
    void some_activation(instant at) {
        if (now.rest->pending.empty()) return;
        const coffer::lot record =
            *coffer::find_record(now, now.rest->pending[index(now.rest->pending.size())]);
        (void)add(
            [&](entry& e) { return coffer::decide_activation(now, record, some_place(), at, e); });
    }
    void some_change_of_lot(instant at) {
        if (now.rest->lots.empty()) return;
        const coffer::lot of =
            *coffer::find_lot(now, now.rest->lots[index(now.rest->lots.size())].id);
        switch (pick(0, 3)) {
            case 0:
                (void)add([&](entry& e) {
                    return coffer::decide_void(now, of, micros(pick(1, 20'000'000)), at, e);
                });
                break;
            case 1:
            case 3: some_purchase_refund(of, at); break;
            case 2:
                (void)add([&](entry& e) {
                    lot_id before = some_place();
                    if (before == of.id) before = {};
                    return coffer::decide_expiry_change(now, of, sec(clock_ + pick(1, 500)),
                                                        {before, 7}, at, e);
                });
                break;
        }
    }
    /// How much a total of money takes in addition, and what becomes of what is spent.
    coffer::clawback_terms some_terms_for(const coffer::lot& of, coffer::money total) {
        const std::int64_t paid = of.terms.paid.minor_units();
        auto all = coffer::scale(of.granted, total.minor_units(), paid, coffer::rounding::up);
        const coffer::claim* c = coffer::find_claim(now, of.id);
        std::int64_t more = all->micros() - (c ? c->taken.micros() : 0);
        return {.wanted = micros(std::max<std::int64_t>(0, more)),
                .of_spent = static_cast<coffer::shortfall>(pick(0, 5) % 3),
                .whole = total == of.terms.paid,
                .contested = total};
    }
    void some_purchase_refund(const coffer::lot& of, instant at) {
        const coffer::claim* c = coffer::find_claim(now, of.id);
        if (!of.terms.paid.has_currency() || of.revoked) return;
        if (c && c->dispute == coffer::dispute_state::opened) return;
        const std::int64_t paid = of.terms.paid.minor_units();
        const std::int64_t before = of.refunded.minor_units();
        coffer::money total =
            coffer::money::from_minor(chance(3) ? paid : pick(before, paid), of.terms.paid.in());
        coffer::money owed =
            coffer::money::from_minor(total.minor_units() - before, of.terms.paid.in());
        coffer::clawback_terms terms{.wanted = of.available, .whole = chance(2)};
        if (chance(2)) terms = some_terms_for(of, total);
        (void)take_back(of.id, terms, owed, at);
    }
    void some_dispute(instant at) {
        if (now.rest->lots.empty()) return;
        const coffer::lot of =
            *coffer::find_lot(now, now.rest->lots[index(now.rest->lots.size())].id);
        const coffer::claim* c = coffer::find_claim(now, of.id);
        if (!of.terms.paid.has_currency()) return;
        if (c && c->dispute == coffer::dispute_state::opened) return;
        coffer::money total = of.terms.paid;
        if (chance(2)) {
            total = coffer::money::from_minor(pick(0, total.minor_units()), total.in());
        }
        (void)dispute(of.id, some_terms_for(of, total), at);
    }
    void some_end_of_dispute(instant at) {
        for (const coffer::claim& c : now.rest->claims) {
            if (c.dispute != coffer::dispute_state::opened || chance(3)) continue;
            const lot_id id = c.lot;
            if (chance(3)) {
                (void)lose(id, at);
                return;
            }
            const coffer::lot of = *coffer::find_lot(now, id);
            (void)add([&](entry& e) {
                auto decided = coffer::decide_dispute_won(now, of, at, e);
                for (coffer::part& p : e.parts) p.before = some_place();
                return decided;
            });
            return;
        }
    }
    void some_end_of_debt(instant at) {
        if (now.rest->debts.empty() || chance(2)) {
            const entry_kind how = chance(2) ? entry_kind::refused : entry_kind::noted;
            (void)add([&](entry& e) { return coffer::decide_note(now, how, at, e); });
            return;
        }
        const coffer::debt owed = now.rest->debts[index(now.rest->debts.size())];
        if (owed.lot || chance(2)) {
            (void)drop(owed, at);
            return;
        }
        const coffer::money worth = coffer::money::from_minor(pick(0, 900), "USD");
        (void)add([&](entry& e) { return coffer::decide_bill(now, owed, worth, at, e); });
    }
    void some_reorder(instant at) {
        std::vector<lot_id> order;
        for (const coffer::spendable& s : now.burning) order.push_back(s.lot);
        std::shuffle(order.begin(), order.end(), random_);
        (void)add([&](entry& e) { return coffer::decide_reorder(now, order, 7, at, e); });
    }

    std::mt19937_64 random_;
    std::int64_t clock_ = 1;
};

}  // namespace coffer_test
