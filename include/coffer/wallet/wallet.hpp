/// `wallet`: one wallet, as a program sees it. The verbs change it, the questions are answered of
/// it. `wallets.hpp` brings it.
#pragma once

#include <coffer/perform/change.hpp>
#include <coffer/perform/charge.hpp>
#include <coffer/perform/clawback.hpp>
#include <coffer/perform/configure.hpp>
#include <coffer/perform/grant.hpp>
#include <coffer/perform/orders.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/perform/purchase.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/perform/refund.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/perform/reservation.hpp>
#include <coffer/perform/settle.hpp>
#include <coffer/perform/subscription.hpp>
#include <coffer/report/balance.hpp>
#include <coffer/report/cover.hpp>
#include <coffer/report/estimate.hpp>
#include <coffer/report/explain.hpp>
#include <coffer/report/history.hpp>
#include <coffer/report/invoice.hpp>
#include <coffer/report/lot_name.hpp>
#include <coffer/report/offers.hpp>
#include <coffer/report/payments.hpp>
#include <coffer/report/settings.hpp>
#include <coffer/report/subscription.hpp>
#include <coffer/report/verify.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
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

    /// Orders an offer: nothing is granted before it is confirmed. `key()` of what it answers names
    /// the payment to the provider.
    /// Errors: `purchase_refused`, where the plan does not sell it; `unknown_bucket`,
    /// `invalid_argument`; `too_many` open orders.
    result<placed_order> buy(const buy_request& r) const {
        return detail::buy(*engine_, target_, r);
    }
    /// Says that an order was paid: grants its credits with their price, and its bonus. Twice, late
    /// or after a failure it grants once; the first outcome is the answer.
    /// Errors: `invalid_argument` about an order that is none, or about `paid`.
    result<receipt> confirm(const confirm_request& r) const {
        return detail::confirm(*engine_, target_, r);
    }
    /// Says that an order was not paid. It can be confirmed all the same; one that is confirmed
    /// stays so. Errors: `invalid_argument` about an order that is none.
    result<receipt> fail(const fail_request& r) const { return detail::fail(*engine_, target_, r); }
    /// The orders that wait to be paid, those of the plan's recharge among them. One that falls due
    /// with time alone is there once it is written: `sweep` first.
    result<std::vector<placed_order>> orders() const {
        using answer = result<std::vector<placed_order>>;
        return ask<std::vector<placed_order>>(
            [&](const detail::attempt& s, const compiled_plan&) -> answer {
                return detail::open_orders(target_.id, s);
            });
    }
    /// An order and what became of it. Errors: `invalid_argument` about an order that is none.
    result<placed_order> order(order_id id) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::order_by_id(engine_->store(), target_.id, id);
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
        auto taken = ask<std::optional<reservation>>(take_up);
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

    /// Goes over to another plan of a set or a book: what is higher rises now, what is lower waits
    /// for the period's end, and a plan in which nothing is higher waits whole.
    /// Errors: `unknown_plan`; `invalid_argument` where one plan holds for all wallets, about
    /// `paid`, and after the end.
    result<receipt> change(const change_request& r) const {
        return detail::change(*engine_, target_, r);
    }
    /// Revokes what waits for the period's end; what has begun stays.
    result<receipt> keep(const subscription_request& r = {}) const {
        return detail::keep(*engine_, target_, r);
    }
    /// Adds a recurring grant to a bucket, beside what its plan refills; a larger one brings the
    /// difference now, a smaller one or none waits for the period's end.
    /// Errors: `unknown_bucket`, `invalid_argument`, `too_many`.
    result<receipt> add_on(const add_on_request& r) const {
        return detail::set_add_on(*engine_, target_, r);
    }
    /// What a change, or an add-on, would cost and bring; writes nothing. Errors: its own.
    result<change_preview> preview(const change_request& r) const {
        return detail::preview(*engine_, target_, r);
    }
    result<change_preview> preview(const add_on_request& r) const {
        return detail::preview(*engine_, target_, r);
    }

    /// Pauses the subscription: charges and holds are `wallet_paused`, refills are skipped.
    /// Errors: `invalid_argument` without a subscription that goes on; so for those below.
    result<receipt> pause(const subscription_request& r = {}) const {
        return detail::set_standing(*engine_, target_, r, entry_kind::paused);
    }
    /// Lets it go on; the next period is refilled again.
    result<receipt> unpause(const subscription_request& r = {}) const {
        return detail::set_standing(*engine_, target_, r, entry_kind::unpaused);
    }
    /// Says that a payment is due: periods that begin are refilled once it is made.
    result<receipt> past_due(const subscription_request& r = {}) const {
        return detail::set_standing(*engine_, target_, r, entry_kind::past_due);
    }
    /// Says that it was made: the running period gets its whole allowance, if that waited.
    result<receipt> paid(const subscription_request& r = {}) const {
        return detail::set_standing(*engine_, target_, r, entry_kind::paid);
    }
    /// Ends the subscription: what runs goes on to its period's end, and nothing is refilled.
    result<receipt> end(const subscription_request& r = {}) const {
        return detail::set_standing(*engine_, target_, r, entry_kind::ended);
    }

    /// Lets a customer choose what the plan leaves to them: alerts and limits of their own, a
    /// budget, how they are recharged. What is left out stays as it is.
    /// Errors: `unknown_bucket`, `invalid_argument`; `choice_refused` about what is not allowed.
    result<receipt> configure(const configure_request& r) const {
        return detail::configure(*engine_, target_, r);
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

    /// How the subscription stands now: its plan, what waits for the period's end, its add-ons.
    result<subscription_view> subscription() const {
        return look<subscription_view>(
            [](const account& a, const compiled_plan&) { return detail::view_of(a); });
    }

    /// What the customer chose, and what holds now by that and by default.
    result<settings_view> settings() const {
        return ask<settings_view>(
            [](detail::attempt& s, const compiled_plan& plan) -> result<settings_view> {
                if (auto done = detail::follow_plan(s, plan, s.now); !done) return done.error();
                return detail::settings_of(s.state, plan);
            });
    }

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

    /// What a period of the account, the first of which is 0, is to pay beyond its credits; of the
    /// running one, what it would if it ended now. Errors: `invalid_argument` for one that has not
    /// begun; `too_many` where so much is due that it has to be swept first.
    result<coffer::invoice> invoice(std::uint32_t period) const {
        auto all = all_invoices();
        if (!all) return all.error();
        if (period >= all->size()) {
            return error{errc::invalid_argument}.in("period", "has not begun");
        }
        return std::move((*all)[period]);
    }
    /// The invoices of the periods that have ended, but for those that say nothing. Errors: as
    /// above. Complexity: linear in the journal.
    result<std::vector<coffer::invoice>> invoices() const {
        auto all = all_invoices();
        if (!all) return all.error();
        std::vector<coffer::invoice> closed;
        for (coffer::invoice& i : *all) {
            const bool says = !i.lines.empty() || !i.refunds.empty();
            if (i.closed && says) closed.push_back(std::move(i));
        }
        return closed;
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

    /// What a list of actions would cost together, at least and at most, beside what is there: what
    /// would be missing, and when time alone brings it.
    /// Errors: as `charge`, but for a lack of credits; `too_many` lines; `amount_overflow`.
    result<estimation> estimate(std::span<const estimate_line> lines) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::estimate(*engine_, target_, lines);
    }
    result<estimation> estimate(std::initializer_list<estimate_line> lines) const {
        return estimate(std::span<const estimate_line>{lines.begin(), lines.size()});
    }

    /// What the wallet may buy now, at the prices of a sales channel; without one, of your site.
    result<offer_list> offers(std::string_view channel = {}) const {
        return ask<offer_list>(
            [&](const detail::attempt& s, const compiled_plan& plan) -> result<offer_list> {
                return detail::offers_of(*engine_, s.state, plan, channel);
            });
    }
    /// The cheapest that brings so many credits, as one pack and as several.
    /// Errors: `invalid_argument` for an amount that is not positive; `purchase_refused` if there
    /// is nothing that may be bought.
    result<purchase_advice> cover(credits missing, std::string_view channel = {}) const {
        if (!missing.is_positive()) {
            return error{errc::invalid_argument}.in("missing", "has to be positive");
        }
        result<offer_list> packs = offers(channel);
        if (!packs) return packs.error();
        return detail::advise(*std::move(packs), missing);
    }
    /// The cheapest that lets a charge go through that lacks credit; nothing, if it lacks none.
    /// Errors: as above; those of the charge, but for `insufficient_credits`.
    result<purchase_advice> cover(const charge_request& r, std::string_view channel = {}) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::advise(*engine_, target_, r, channel);
    }
    /// As above, for a hold.
    result<purchase_advice> cover_hold(const hold_request& r, std::string_view channel = {}) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::advise(*engine_, target_, r, channel);
    }

    /// The cheapest packs of one kind that let all lines of an estimate be charged at their most;
    /// nothing, if they can be. Packs are of one kind if the same lines may spend what they bring.
    /// Errors: as `estimate`; `purchase_refused` if no packs of one kind suffice;
    /// `amount_overflow`.
    result<purchase_advice> cover(std::span<const estimate_line> lines,
                                  std::string_view channel = {}) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::advise(*engine_, target_, lines, channel);
    }
    result<purchase_advice> cover(std::initializer_list<estimate_line> lines,
                                  std::string_view channel = {}) const {
        return cover(std::span<const estimate_line>{lines.begin(), lines.size()}, channel);
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

    result<std::vector<coffer::invoice>> all_invoices() const {
        return ask<std::vector<coffer::invoice>>(
            [&](detail::attempt& s, const compiled_plan& plan) {
                return detail::invoices_of(*engine_, s, plan, target_.id);
            });
    }

    /// What `f(attempt&, plan)` answers of the account as it is now, to who may see it.
    template <class Answer, class F>
    result<Answer> ask(F&& f) const {
        if (auto seen = see(); !seen) return seen.error();
        return detail::look<Answer>(*engine_, target_.id, engine_->clock(), f);
    }

    /// As above, where the account alone tells.
    template <class Answer, class F>
    result<Answer> look(F&& f) const {
        return ask<Answer>(
            [&](const detail::attempt& s, const compiled_plan& plan) -> result<Answer> {
                return f(s.state, plan);
            });
    }

    detail::engine* engine_;
    detail::target target_;
};

}  // namespace v0
}  // namespace coffer
