/// `wallets` and `wallet`: what a program uses. A plan says what the rules are, a store keeps the
/// state; the wallet asks the one, calls the ledger and commits to the other.
#pragma once

#include <coffer/perform/batch.hpp>
#include <coffer/perform/charge.hpp>
#include <coffer/perform/clawback.hpp>
#include <coffer/perform/grant.hpp>
#include <coffer/perform/observer.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/perform/refund.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/perform/reservation.hpp>
#include <coffer/perform/settle.hpp>
#include <coffer/perform/subscription.hpp>
#include <coffer/report/balance.hpp>
#include <coffer/report/explain.hpp>
#include <coffer/report/history.hpp>
#include <coffer/report/lot_name.hpp>
#include <coffer/report/payments.hpp>
#include <coffer/report/print.hpp>
#include <coffer/report/verify.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// One wallet: a cheap handle that knows its id. It must not outlive its `wallets`.
class wallet {
public:
    const wallet_id& id() const noexcept { return target_.id; }

    /// A handle on the same wallet in somebody's name: verbs that name no actor are theirs, and for
    /// questions the access policy is asked whether they may see.
    wallet as(std::string_view actor) const {
        wallet theirs = *this;
        theirs.target_.actor.reset();
        if (!actor.empty()) theirs.target_.actor = std::make_shared<const std::string>(actor);
        return theirs;
    }
    std::string_view actor() const noexcept { return target_.who(); }

    /// Begins the subscription: the first periods, with their allowances. Again: anew.
    /// Errors: `invalid_argument` for an anchor that lies ahead, `unknown_plan`.
    result<receipt> start(const start_request& r = {}) const {
        return detail::start(*engine_, target_, r);
    }

    /// Adds credits to a bucket.
    /// Errors: `unknown_bucket`, `invalid_argument`, `amount_overflow`, `too_many`.
    result<receipt> grant(const grant_request& r) const {
        return detail::grant(*engine_, target_, r);
    }

    /// Spends credits now: price, access, funds and journal are one step.
    /// Errors: `access_denied`, `unknown_action`, `invalid_argument`, `insufficient_credits`.
    result<receipt> charge(const charge_request& r) const {
        return detail::charge(*engine_, target_, r);
    }

    /// What `charge` would answer, without doing it, with the lots that would pay and the lines of
    /// its price.
    result<quotation> quote(const charge_request& r) const {
        return detail::quote(*engine_, target_, r);
    }

    /// Reserves credits until they are settled or released, or the time is up. The request of a
    /// hold that was released or ran out opens it anew, at the price and funds of now.
    /// Errors: as `charge`. Of a request that was made before: `hold_open`, while somebody is at
    /// it, with the hold and its end; `hold_settled`, with the settle, whose receipt is
    /// `receipt_of(error.entry())`.
    result<reservation> hold(const hold_request& r) const {
        result<receipt> held = detail::hold(*engine_, target_, r);
        if (!held) return held.error();
        return reservation{*engine_, target_, *held, true};
    }

    /// Takes up an open hold again, after `detach` or a restart, by a handle that does not own it.
    /// Errors: `unknown_hold`, `hold_closed`, `hold_expired`.
    result<reservation> resume(hold_id id) const {
        if (auto seen = see(); !seen) return seen.error();
        const auto take_up = [&](detail::attempt& s,
                                 const compiled_plan&) -> result<std::optional<reservation>> {
            const coffer::hold* open = find_hold(s.state, id);
            if (!open) return detail::why_not_open(s, id);
            const receipt opened{.id = entry_id{id.value()},
                                 .kind = entry_kind::held,
                                 .until = open->until,
                                 .cost = open->amount,
                                 .hold = id};
            return std::optional{reservation{*engine_, target_, opened, false}};
        };
        auto taken = detail::look<std::optional<reservation>>(*engine_, target_.id,
                                                              engine_->clock(), take_up);
        if (!taken) return taken.error();
        return **std::move(taken);
    }

    /// As above, by the request that opened the hold.
    result<reservation> resume(const request_id& request) const {
        if (auto seen = see(); !seen) return seen.error();
        const result<journal_page> opened = find(engine_->store(), target_.id, request);
        if (!opened) return opened.error();
        if (opened->entries.empty()) return errc::unknown_hold;
        return resume(hold_id{opened->entries[0].id.value()});
    }

    /// The receipt of an operation of the past. Errors: `invalid_argument` for an entry that is not
    /// there.
    result<receipt> receipt_of(entry_id id) const {
        if (auto seen = see(); !seen) return seen.error();
        const result<journal_page> read = detail::entry_at(engine_->store(), target_.id, id);
        if (!read) return read.error();
        if (read->entries.empty()) {
            return error{errc::invalid_argument}.in("id", "is no entry of this wallet");
        }
        receipt first = detail::receipt_of(read->entries[0]);
        first.repeated = true;
        return first;
    }

    /// Turns a hold into a spend of what was really used; the rest goes back.
    /// Errors: `unknown_hold`, `hold_expired`, `hold_closed`, `settle_exceeds`,
    /// `insufficient_credits`; those with the most that would be accepted.
    result<receipt> settle(hold_id id, const settle_request& r = {}) const {
        return detail::settle(*engine_, target_, id, r);
    }
    /// Gives a hold back. Errors: `unknown_hold`, `hold_expired`, `hold_closed`.
    result<receipt> release(hold_id id, const release_request& r = {}) const {
        return detail::release(*engine_, target_, id, r);
    }

    /// Gives a charge back to where its credits came from, in whole or in part.
    /// Errors: `unknown_charge`, `refund_exceeds`.
    result<receipt> refund(const refund_request& r) const {
        return detail::refund(*engine_, target_, r);
    }

    /// Takes a purchase back: revokes the lot's rest and says how much money to return.
    /// Errors: `unknown_lot`, `not_refundable`, `refund_exceeds`.
    result<receipt> refund_purchase(const purchase_refund_request& r) const {
        return detail::refund_purchase(*engine_, target_, r);
    }

    /// Tells how a payment dispute stands: opened or lost it takes credits back, won it returns
    /// them. Errors: `unknown_lot`, `not_refundable`, `refund_exceeds`.
    result<receipt> dispute(const dispute_request& r) const {
        return detail::dispute(*engine_, target_, r);
    }

    /// Goes over to another plan of a set or a book.
    /// Errors: `unknown_plan`; `invalid_argument` where one plan holds for all wallets.
    result<receipt> assign(const plan_request& r) const {
        return detail::assign(*engine_, target_, r);
    }

    /// Takes back a lot's unspent rest. What is held or spent stays.
    /// Errors: `unknown_lot`, `insufficient_credits`.
    result<receipt> void_lot(const void_request& r) const {
        return detail::void_lot(*engine_, target_, r);
    }

    /// Changes when a lot expires. Errors: `unknown_lot`, `invalid_argument`.
    result<receipt> expire_at(const expiry_request& r) const {
        return detail::expire_at(*engine_, target_, r);
    }

    /// Moves credits to another wallet. No plan allows it. Errors: `transfer_refused`.
    result<receipt> transfer(const transfer_request&) const { return errc::transfer_refused; }

    /// The balance as of now, with everything due already counted; writes nothing.
    result<coffer::balance> balance() const {
        return look<coffer::balance>([](const account& a, const compiled_plan& plan) {
            return detail::balance_of(a, plan);
        });
    }

    /// All lots the wallet ever had, by number, as of now.
    result<std::vector<lot>> lots() const {
        return look<std::vector<lot>>(
            [](const account& a, const compiled_plan&) { return lots_of(a); });
    }

    /// What a lot is called: the name that its grant gave it, or "budget#3", the allowance of the
    /// fourth period; with "~1" when it has rolled over, with "!1" when it was granted anew.
    /// Errors: `unknown_lot`.
    result<std::string> name_of(lot_id id) const {
        return look<std::string>([&](const account& a, const compiled_plan&) {
            return detail::lot_name(engine_->store(), target_.id, a, id);
        });
    }

    /// The open holds, as of now.
    result<std::vector<coffer::hold>> holds() const {
        return look<std::vector<coffer::hold>>([](const account& a, const compiled_plan&) {
            return std::vector<coffer::hold>{a.rest->holds.begin(), a.rest->holds.end()};
        });
    }

    /// The totals as they were at an instant, by when things were recorded; later than all that is
    /// recorded, as they will be if nothing but time happens.
    /// Complexity: logarithmic in the length of the journal.
    result<balance_totals> as_of(instant when) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::as_of(*engine_, target_.id, when);
    }
    /// The whole balance as it was at an instant. Complexity: linear in the journal before it.
    result<coffer::balance> balance(instant when) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::balance_at(*engine_, target_.id, when);
    }

    /// A page of the history, by what it says. For the next page pass on the last entry's number.
    result<journal_page> history(const history_query& query = {}) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::history(engine_->store(), target_.id, query);
    }

    /// Which lots an operation took from, or gave back to, as its entry says: what each paid since,
    /// net of refunds, says `paid_by`. Errors: `invalid_argument` for an entry that is not there.
    result<part_list> parts_of(entry_id id) const {
        if (auto seen = see(); !seen) return seen.error();
        const result<journal_page> read = detail::entry_at(engine_->store(), target_.id, id);
        if (!read) return read.error();
        if (read->entries.empty()) {
            return error{errc::invalid_argument}.in("id", "is no entry of this wallet");
        }
        return read->entries[0].parts;
    }

    /// Which lots paid for a charge or a settled hold, net of refunds. Errors: `unknown_charge`.
    result<std::vector<payment>> paid_by(entry_id spend) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::payments_for(engine_->store(), target_.id, {.entry = spend});
    }
    /// As above, by the request id of the charge or hold.
    result<std::vector<payment>> paid_by(const request_id& spend) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::payments_for(engine_->store(), target_.id, {.charge = spend});
    }
    /// What a lot paid for, net of refunds. Errors: `unknown_lot`.
    result<std::vector<payment>> paid_from(lot_id lot) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::payments_from(engine_->store(), target_.id, lot);
    }

    /// Why a charge would cost what it costs and come from where it comes from, or why it would be
    /// refused and what would make it possible.
    result<explanation> explain(const charge_request& r) const {
        return detail::explain(*engine_, target_, r);
    }
    /// As above, for a hold, which never uses the overdraft.
    result<explanation> explain_hold(const hold_request& r) const {
        return detail::explain(*engine_, target_, r);
    }
    /// The priced lines of a charge or settle of the past, by the plan of today and the prices of
    /// then, with the lots that paid. Errors: `unknown_charge`.
    result<explanation> explain(entry_id spend) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::explain_past(*engine_, target_.id, spend);
    }

    /// Replays the journal and compares it with the account: numbering, every entry, every total.
    result<verification> verify() const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::verify(engine_->store(), target_.id);
    }

    /// A page of the journal.
    result<journal_page> entries(const journal_query& query = {}) const {
        if (auto seen = see(); !seen) return seen.error();
        return engine_->store().entries(target_.id, query);
    }

    /// Writes what has fallen due; answers how many entries that were. Nothing is ever wrong
    /// because nobody called it.
    result<std::size_t> sweep() const { return engine_->sweep(target_.id); }

private:
    template <class, class, class>
    friend class wallets;

    wallet(detail::engine& by, const wallet_id& id)
        : engine_{&by}, target_{id, by.store().locate(id), {}} {}

    /// Whether this handle's actor, if it has one, may look at the wallet.
    result<void> see() const {
        if (!target_.actor) return {};
        struct {
            std::string_view actor{};
            std::string_view reason{};
        } question;
        const detail::asking who{verb::see, question, target_};
        if (auto sized = who.check_texts(); !sized) return sized;
        const compiled_plan* only = engine_->plans().only();
        if (only && only->open_to_all) return {};
        const auto ask = [&](detail::attempt&, const compiled_plan& plan) {
            return who.check_access(plan, target_.id);
        };
        return engine_->look(target_.id, engine_->clock(), ask);
    }

    template <class Answer, class F>
    result<Answer> look(F&& f) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::look<Answer>(
            *engine_, target_.id, engine_->clock(),
            [&](const detail::attempt& s, const compiled_plan& plan) -> result<Answer> {
                return f(s.state, plan);
            });
    }

    detail::engine* engine_;
    detail::target target_;
};

/// A charge of a batch: of a wallet by its id,
struct charge_by_id {
    wallet_id wallet{};
    charge_request charge{};
};
/// or of a wallet by its handle, which outlives the call.
struct charge_by_handle {
    const coffer::wallet& wallet;
    charge_request charge{};
};

/// All wallets of a store, by one plan or by several: long-lived, shared by threads, never moved.
template <class Plan, class Store, class Clock = system_clock>
class wallets {
    static_assert(check_plan<Plan>());
    static_assert(check_store<Store>());
    static_assert(clock_policy<Clock>,
                  "coffer: a clock needs 'instant now() const' or 'result<instant> now() const'");

public:
    using wallet_type = wallet;
    using reservation_type = reservation;  ///< What `hold` answers.

    /// Store and clock are kept by reference and must live longer.
    wallets(Plan plan, Store& store) : wallets{std::move(plan), store, default_clock()} {}
    wallets(Plan plan, Store& store, const Clock& clock)
        : plans_{std::move(plan)}, store_{store}, clock_{clock}, engine_{plans_, store_, clock_} {}
    wallets(Plan, Store&&) = delete;
    wallets(Plan, Store&&, const Clock&) = delete;
    wallets(Plan, Store&, const Clock&&) = delete;
    wallets(const wallets&) = delete;
    wallets& operator=(const wallets&) = delete;

    /// A handle on one wallet, which need not exist yet.
    wallet operator[](const wallet_id& id) & { return wallet{engine_, id}; }
    wallet operator[](const wallet_id&) && = delete;

    /// Charges one after another, each decided and answered by itself, in their order. A store that
    /// can write them together does so in one transaction: if that fails, its error is the answer
    /// to all of them, and none was made. It takes less time than as many calls.
    std::vector<result<receipt>> charge(std::span<const charge_by_handle> charges) {
        return detail::charge_each(engine_, charges.size(), [&](std::size_t i) {
            return detail::aimed_charge{charges[i].wallet.target_, charges[i].charge};
        });
    }
    std::vector<result<receipt>> charge(std::span<const charge_by_id> charges) {
        std::vector<detail::target> found;
        found.reserve(charges.size());
        for (const charge_by_id& c : charges) {
            found.push_back({c.wallet, store_.locate(c.wallet), {}});
        }
        return detail::charge_each(engine_, charges.size(), [&](std::size_t i) {
            return detail::aimed_charge{found[i], charges[i].charge};
        });
    }

    const Plan& plan() const noexcept { return plans_.plans(); }

    /// Lets an observer, which lives longer, see each commit from now on, in place of any before.
    void observe(observer& by) noexcept { engine_.observe(&by); }

    /// Writes what has fallen due in at most `limit` wallets, the soonest first; answers how many
    /// wallets that were. Call it as often as you like, from any thread, or never.
    /// Errors: the first of any wallet. One that is not transient does not keep it from the others.
    result<std::size_t> sweep(std::size_t limit = 1'000) {
        const result<instant> now = engine_.clock();
        if (!now) return now.error();
        result<std::vector<due_wallet>> due = engine_.store().due(*now, limit);
        if (!due) return due.error();
        std::optional<error> first;
        for (const due_wallet& d : *due) {
            result<std::size_t> swept = engine_.sweep(d.wallet);
            if (!swept && !first) first = swept.error();
            if (!swept && is_transient(swept.error())) break;
        }
        if (first) return *first;
        return due->size();
    }

private:
    static const Clock& default_clock() {
        if constexpr (std::same_as<Clock, system_clock>) {
            return system_clock::shared();
        } else {
            static const Clock clock{};
            return clock;
        }
    }

    detail::plans_of<Plan> plans_;
    detail::port_of<Store> store_;
    detail::clock_of<Clock> clock_;
    detail::engine engine_;
};

template <class Plan, class Store>
wallets(Plan, Store&) -> wallets<Plan, Store>;
template <class Plan, class Store, class Clock>
wallets(Plan, Store&, const Clock&) -> wallets<Plan, Store, Clock>;

}  // namespace v0
}  // namespace coffer
