/// The wallet of a scenario: performs its steps, and knows the names that it gives to things.
/// `life.hpp` brings it.
#pragma once

#include <coffer/io/plan_file.hpp>
#include <coffer/io/scenario/changes.hpp>
#include <coffer/io/scenario/intents.hpp>
#include <coffer/io/scenario/lot_book.hpp>
#include <coffer/io/scenario/sight.hpp>
#include <coffer/io/scenario/step.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/wallet/wallets.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A wallet on a clock of its own, with the names that a scenario gives to things.
template <class Store>
class scenario_wallet {
public:
    scenario_wallet(any_plan plan, Store& store)
        : scenario_wallet{allowance_book{std::move(plan)}, store} {}
    scenario_wallet(allowance_book plans, Store& store)
        : store_{store}, plans_{std::move(plans)}, all_{plans_.plans(), store, clock_} {
        for (const any_bucket& b : plan().buckets) buckets_.push_back(bucket_id::of(b.name));
    }
    scenario_wallet(const scenario_wallet&) = delete;
    scenario_wallet& operator=(const scenario_wallet&) = delete;

    /// The instant of the latest step; none before the first.
    const std::optional<instant>& now() const noexcept { return now_; }
    const std::vector<bucket_id>& buckets() const noexcept { return buckets_; }
    const lot_book& lots() const noexcept { return book_; }

    /// Performs a step. Requires: it does not go backwards.
    step_outcome perform(const scenario_step& s) {
        pass_to(s);
        const result<receipt> done = request(s);
        step_outcome outcome;
        // What is due by then belongs to this step, though a repeat does not write it.
        if (!done || done->repeated) (void)sweep();
        const result<void> raised = note_news();
        outcome.alerts = std::exchange(alerts_, {});
        outcome.intents = std::exchange(ordered_, {});
        if (!done || !raised) {
            outcome.refusal = done ? raised.error().code() : done.error().code();
            return outcome;
        }
        remember(s, *done);
        note_signature(done->id, outcome);
        outcome.repeated = done->repeated;
        const bool spends = std::holds_alternative<charge_request>(s.request) ||
                            std::holds_alternative<hold_request>(s.request) ||
                            std::holds_alternative<settle_request>(s.request);
        if (spends) {
            outcome.cost = done->cost;
            auto parts = wallet().parts_of(done->id);
            if (!parts) {
                outcome.refusal = parts.error().code();
                return outcome;
            }
            outcome.parts = *std::move(parts);
        }
        if (std::holds_alternative<purchase_refund_request>(s.request)) {
            outcome.owed = done->owed.has_currency() ? done->owed : nothing_owed(s);
        } else if (std::holds_alternative<refund_request>(s.request) && done->owed.has_currency()) {
            outcome.owed = done->owed;  // what was billed
        }
        return outcome;
    }

    /// Moves the clock to the instant at which the step is told.
    void pass_to(const scenario_step& s) {
        now_ = now_ ? std::max(*now_, s.at) : s.at;
        clock_.set(*now_);
    }
    result<std::size_t> sweep() { return wallet().sweep(); }

    /// What is to be seen now.
    result<wallet_sight> look() {
        result<coffer::balance> balance = wallet().balance();
        if (!balance) return balance.error();
        result<std::vector<coffer::lot>> lots = wallet().lots();
        if (!lots) return lots.error();
        if (const auto named = book_.note(store_, id_, *lots); !named) return named.error();
        return wallet_sight{*std::move(balance), *std::move(lots)};
    }

    result<credits> as_of(instant when) {
        const result<balance_totals> totals = wallet().as_of(when);
        if (!totals) return totals.error();
        return totals->available;
    }

    /// All that is stored.
    result<account> stored() { return load(store_, id_); }
    result<verification> verify() { return wallet().verify(); }
    /// Whether the plan buys by itself, or its customers may have it.
    bool recharges() const noexcept {
        const choices& c = plan().choices;
        return !(plan().recharge == recharge{}) || c.recharge.allowed || c.defaults.recharge;
    }

private:
    template <class>
    friend class scenario_wallet;
    using wallets_type = wallets<plan_book, Store, manual_clock>;
    template <class Value>
    using by_name = std::map<std::string, Value, std::less<>>;

    typename wallets_type::wallet_type wallet() { return all_[id_]; }
    const any_plan& plan() const noexcept { return plans_.plan(); }

    /// Notes what was raised and ordered since the step before.
    result<void> note_news() {
        for (bool more = true; more;) {
            const auto page = store_.entries(id_, {.after = told_until_});
            if (!page) return page.error();
            for (const entry& e : page->entries) {
                each_raised(e, [&](std::string_view name) {
                    if (name == depleted_alert || name == resumed_alert) return;
                    alerts_.emplace_back(name);
                });
                const auto ordered = e.kind == entry_kind::ordered ? order_of(e) : std::nullopt;
                if (ordered && ordered->order.is_automatic()) {
                    ordered_.push_back(e.amount);
                    intents_.add(order_id{e.id.value()});
                }
                told_until_ = e.id;
            }
            more = page->more;
        }
        return {};
    }

    /// Who asked for an entry, and why: nothing where it cannot be read.
    void note_signature(entry_id id, step_outcome& outcome) {
        if (!id) return;
        const auto read = store_.entries(id_, {.after = entry_id{id.value() - 1}, .limit = 1});
        if (!read || read->entries.empty()) return;
        outcome.actor = read->entries[0].signature.actor();
        outcome.reason = read->entries[0].signature.reason();
    }

    // ---- Requests -------------------------------------------------------------------------------

    /// The step's request, as it is said to the library.
    result<receipt> request(const scenario_step& s) {
        if (!trial_) {
            if (const auto again = refused_before(s)) {
                // Nothing is graver, and a repeat asks nobody.
                if (*again == errc::request_mismatch) return refuse(s, *again);
                return *again;
            }
            const auto flaw = flaw_of(s);
            if (!flaw) return flaw.error();
            if (*flaw) return refuse(s, **flaw);
        }
        return std::visit([&](const auto& r) { return say(s, r); }, s.request);
    }

    /// What is wrong with a step that the library does not get to see. The name of a lot is given
    /// once; but a request that is known is answered as such.
    result<std::optional<errc>> flaw_of(const scenario_step& s) {
        const bool grants = std::holds_alternative<grant_request>(s.request);
        if (!grants || is_known(s.id)) return s.flaw;
        const auto taken = find_lot(s.about);
        if (!taken) return taken.error();
        if (!taken->lot) return s.flaw;
        return std::min(errc::invalid_argument, s.flaw.value_or(errc::invalid_argument));
    }
    /// Why a step about a lot is refused under a name that the lot had before it rolled: nothing is
    /// left under it.
    static std::optional<errc> refusal_of_former(const void_request& r) noexcept {
        if (!r.amount || r.amount->is_zero()) return std::nullopt;
        return r.amount->is_positive() ? errc::insufficient_credits : errc::invalid_argument;
    }
    static std::optional<errc> refusal_of_former(const expiry_request&) noexcept {
        return errc::invalid_argument;
    }
    template <class Request>
    static std::optional<errc> refusal_of_former(const Request&) noexcept {
        return std::nullopt;  // what has rolled is refunded to nobody, whatever its name
    }

    /// What a step is answered whose request was refused for good under such a name: the library
    /// was not told of it.
    std::optional<errc> refused_before(const scenario_step& s) const {
        const auto known = refused_.find(s.id);
        if (s.id.empty() || known == refused_.end()) return std::nullopt;
        const void_request* same = std::get_if<void_request>(&s.request);
        const auto& [about, amount] = known->second;
        const bool repeats = same && s.about == about && same->amount == amount;
        return repeats ? errc::insufficient_credits : errc::request_mismatch;
    }
    result<receipt> refuse_former(const scenario_step& s, const void_request& r, errc own) {
        result<receipt> refused = refuse(s, own);
        const bool for_good = refusals_stick(plan()) && refused == errc::insufficient_credits;
        if (for_good && !s.id.empty()) {
            refused_.emplace(s.id, std::pair{std::string{s.about}, r.amount});
        }
        return refused;
    }
    template <class Request>
    result<receipt> refuse_former(const scenario_step& s, const Request&, errc own) {
        return refuse(s, own);
    }

    template <class Request>
    Request signed_by(const scenario_step& s, Request r) const {
        if (!s.id.empty()) r.request = s.id;
        r.actor = s.actor;
        if (!s.reason.empty()) r.reason = s.reason;
        if (s.late && s.at < *now_) r.at = s.at;
        return r;
    }

    result<receipt> say(const scenario_step& s, const pass_request&) {
        const auto swept = wallet().sweep();
        if (!swept) return swept.error();
        const result<instant> last = add(s.at, plan().late.back, plan().zone);
        if (last && *last < *now_) return errc::too_late;
        return receipt{};
    }
    result<receipt> say(const scenario_step&, const reprice_request& r) {
        auto swept = wallet().sweep();
        if (!swept) return swept.error();
        plans_.reprice(r.prices);
        swept = wallet().sweep();  // what is owed may be repaid from other buckets now
        return swept ? result<receipt>{receipt{}} : swept.error();
    }
    result<receipt> say(const scenario_step& s, const start_request& r) {
        return wallet().start(signed_by(s, r));
    }
    result<receipt> say(const scenario_step& s, const grant_request& r) {
        grant_request grant = signed_by(s, r);
        grant.name = s.about;
        // A file may leave out what a purchase cost; nothing it expects depends on the source.
        const bool unpriced = grant.paid.is_none() && grant.source == lot_source::purchase;
        if (unpriced) grant.source = lot_source::adjustment;
        if (s.last_day) grant.expires = end_of(*s.last_day);
        return wallet().grant(grant);
    }
    result<receipt> say(const scenario_step& s, const charge_request& r) {
        charge_request charge = signed_by(s, r);
        charge.tags = s.tags;
        return wallet().charge(charge);
    }
    result<receipt> say(const scenario_step& s, const hold_request& r) {
        const result<std::chrono::microseconds> length = length_of(s);
        if (!length && !trial_) return refuse(s, length.error().code());
        hold_request hold = signed_by(s, r);
        hold.tags = s.tags;
        hold.expires_in = length.value_or(std::chrono::minutes{1});
        auto held = wallet().hold(hold);
        const bool remembered =
            held || (refusals_stick(plan()) && held.error() == errc::insufficient_credits);
        if (remembered && !s.id.empty()) {
            lengths_.emplace(s.id, std::pair{s.length, hold.expires_in});
        }
        if (!held) {
            const errc code = held.error().code();
            const bool again = code == errc::hold_open || code == errc::hold_settled;
            if (!again || s.id.empty()) return held.error();
            return first_of(s.id);
        }
        held->detach();
        return held->opened();
    }
    /// What a request came to when it was made.
    result<receipt> first_of(std::string_view id) {
        const auto known = find(store_, id_, id);
        if (!known) return known.error();
        if (known->entries.empty()) return errc::corrupt_record;
        return wallet().receipt_of(known->entries[0].id);
    }
    result<receipt> say(const scenario_step& s, const settle_request& r) {
        return wallet().settle(hold_meant_by(s), signed_by(s, r));
    }
    result<receipt> say(const scenario_step& s, const release_request& r) {
        return wallet().release(hold_meant_by(s), signed_by(s, r));
    }
    result<receipt> say(const scenario_step& s, const standing_request& r) {
        const auto told = signed_by(s, subscription_request{});
        if (r.how == entry_kind::change_revoked) return cancel(s, told);
        if (r.how == entry_kind::paused) return wallet().pause(told);
        if (r.how == entry_kind::unpaused) return wallet().unpause(told);
        if (r.how == entry_kind::past_due) return wallet().past_due(told);
        return r.how == entry_kind::paid ? wallet().paid(told) : wallet().end(told);
    }
    result<receipt> say(const scenario_step& s, const add_on_request& r) {
        return wallet().add_on(signed_by(s, r));
    }
    result<receipt> say(const scenario_step& s, const intent_request& r) {
        if (!is_known(s.id)) {  // one may be ordered just now
            if (const auto swept = sweep(); !swept) return swept.error();
            if (const auto noted = note_news(); !noted) return noted.error();
        }
        const order_id order = intents_.meant_by(s, r, is_known(s.id));
        if (r.news == order_state::confirmed) {
            return wallet().confirm(
                signed_by(s, confirm_request{.order = order, .reference = r.reason}));
        }
        return wallet().fail(signed_by(s, fail_request{.order = order, .reason = r.reason}));
    }
    result<receipt> say(const scenario_step& s, const configure_request& r) {
        return wallet().configure(signed_by(s, r));
    }
    result<receipt> cancel(const scenario_step& s, const subscription_request& told) {
        result<receipt> kept = wallet().keep(told);
        if (!kept) return kept;
        if (s.id.empty() || !std::exchange(changes_[std::string{s.id}].noted, true)) {
            plans_.forget();
        }
        return kept;
    }
    /// A change, as the requests of the library to which it comes. A repeat says them again, also
    /// after a store failed between them; nothing that was accepted is said in other words.
    result<receipt> say(const scenario_step& s, const allowance_request& r) {
        told_change said{.said = text_of(r)};
        if (is_known(s.id)) {
            const auto known = changes_.find(s.id);
            if (known == changes_.end() || known->second.said != said.said) {
                return errc::request_mismatch;
            }
            said = known->second;
        } else {
            if (const auto swept = sweep(); !swept) return swept.error();
            result<account> a = stored();
            if (!a) return a.error();
            result<allowance_plan> found = plans_.find(*a, r);
            if (!found) {
                if (!trial_) return refuse(s, found.error().code());
                const auto kept = wallet().keep(signed_by(s, subscription_request{}));
                return kept ? found.error() : kept;
            }
            said.comes_to = *std::move(found);
            if (!s.id.empty()) changes_[std::string{s.id}] = said;
        }
        result<receipt> done = tell(s, r, said.comes_to.changes);
        if (!done || said.noted) return done;
        const result<account> a = stored();
        if (!a) return a.error();
        plans_.note(*a, said.comes_to.waits);
        if (!s.id.empty()) changes_[std::string{s.id}].noted = true;
        return done;
    }
    result<receipt> tell(const scenario_step& s, const allowance_request& r,
                         const std::vector<book_change>& changes) {
        if (changes.empty()) return wallet().keep(signed_by(s, subscription_request{}));
        const result<receipt> done = wallet().change(signed_by(
            s, change_request{
                   .plan = changes.front().plan, .when = changes.front().when, .how = r.how}));
        if (!done || changes.size() == 1) return done;
        const std::string id = s.id.empty() ? std::string{} : std::string{s.id} + ", what waits";
        change_request later =
            signed_by(s, change_request{.plan = changes[1].plan, .when = changes[1].when});
        later.request = request_id{id};
        const result<receipt> waits = wallet().change(later);
        return waits ? done : waits;
    }
    result<receipt> say(const scenario_step& s, const refund_request& r) {
        refund_request refund = signed_by(s, r);
        refund.charge = s.about;
        return wallet().refund(refund);
    }
    template <class Request>
    result<receipt> say(const scenario_step& s, const Request& about_a_lot) {
        const result<named_lot> named = find_lot(s.about);
        if (!named) return named.error();
        Request r = signed_by(s, about_a_lot);
        r.lot = named->lot;
        if (named->rolled_on && !trial_ && !is_known(s.id)) {
            if (const auto own = refusal_of_former(r)) return refuse_former(s, r, *own);
        }
        if constexpr (std::is_same_v<Request, void_request>) {
            if (named->rolled_on && !r.amount) r.amount = credits{};
        }
        if constexpr (std::is_same_v<Request, expiry_request>) {
            if (s.last_day) r.expires = end_of(*s.last_day);
        }
        return tell(r);
    }
    result<receipt> tell(const purchase_refund_request& r) { return wallet().refund_purchase(r); }
    result<receipt> tell(const dispute_request& r) { return wallet().dispute(r); }
    result<receipt> tell(const void_request& r) { return wallet().void_lot(r); }
    result<receipt> tell(const expiry_request& r) { return wallet().expire_at(r); }

    /// Refuses a request that the library cannot be told of as it stands: by `own`, or by what is
    /// graver. What that is, a copy of the wallet finds out. It is an operation: the plan may buy
    /// by itself after it, as after another that is refused.
    result<receipt> refuse(const scenario_step& s, errc own) {
        errc gravest = own;
        memory_store scratch{1};
        scenario_wallet<memory_store> copy{plans_, scratch};
        if (auto copied = copy_to(copy); !copied) return copied.error();
        if (const result<receipt> tried = copy.request(s); !tried) {
            gravest = std::min(gravest, tried.error().code());
        } else if (tried->repeated && !s.id.empty()) {
            gravest = std::min(gravest, errc::request_mismatch);  // but for what stands in
        }
        if (recharges()) (void)wallet().void_lot({});
        if (const auto swept = sweep(); !swept) return swept.error();
        return gravest;
    }

    result<void> copy_to(scenario_wallet<memory_store>& copy) {
        copy.trial_ = true;
        copy.now_ = now_;
        copy.clock_.set(*now_);
        copy.book_ = book_;
        copy.holds_ = holds_;
        copy.changes_ = changes_;
        copy.meant_ = meant_;
        copy.intents_ = intents_;
        const result<account> state = stored();
        if (!state) return state.error();
        std::vector<entry> journal;
        std::vector<std::shared_ptr<const void>> texts;
        while (journal.size() < state->last.value()) {
            const entry_id last = journal.empty() ? entry_id{} : journal.back().id;
            auto page = store_.entries(id_, {.after = last});
            if (!page) return page.error();
            if (page->entries.empty()) return errc::corrupt_record;
            journal.insert(journal.end(), page->entries.begin(), page->entries.end());
            texts.push_back(std::move(page->texts));
        }
        if (journal.empty()) return {};
        keep_newest_of_each_request(journal);
        const commit_outcome written =
            copy.store_.commit({.wallet = id_, .after = *state, .entries = journal});
        if (written != commit_outcome::committed) return errc::unavailable;
        return {};
    }

    /// Holds that were opened anew lose their request to the newest, as in the store.
    static void keep_newest_of_each_request(std::vector<entry>& journal) {
        std::set<std::pair<request_id::scope, std::string_view>> newer;
        for (auto e = journal.rbegin(); e != journal.rend(); ++e) {
            if (e->request.empty() || newer.emplace(e->requested_by, e->request).second) continue;
            e->requested_by = {};
            e->request = {};
        }
    }

    /// The end of a local day, which is the first instant of the next. The zone of the account is
    /// the plan's: no step says another.
    instant end_of(std::chrono::local_days day) const {
        return plan().zone.at(day + std::chrono::days{1});
    }

    // ---- Names ----------------------------------------------------------------------------------

    /// What later steps call by a name.
    void remember(const scenario_step& s, const receipt& done) {
        if (std::holds_alternative<hold_request>(s.request) && !s.id.empty()) {
            holds_[std::string{s.id}] = done.hold;
        }
    }

    bool is_known(std::string_view id) {
        if (id.empty()) return false;
        const auto found = find(store_, id_, id);
        return found && !found->entries.empty();
    }

    hold_id find_hold(std::string_view id) const {
        const auto found = holds_.find(id);
        return found == holds_.end() ? hold_id{} : found->second;
    }

    /// The hold that a settle or release is about: the one that is called so now, but of a request
    /// that is known, the one that was called so when it was made.
    hold_id hold_meant_by(const scenario_step& s) {
        const hold_id now = find_hold(s.about);
        if (s.id.empty()) return now;
        auto& [name, hold] = meant_[std::string{s.id}];
        if (!is_known(s.id) || !hold) {
            name = s.about;
            hold = now;
        }
        return name == s.about ? hold : now;
    }

    /// The lot of that name, be it made by what falls due just now; no lot if there is none.
    result<named_lot> find_lot(std::string_view name) {
        if (const auto swept = wallet().sweep(); !swept) return swept.error();
        const auto lots = wallet().lots();
        if (!lots) return lots.error();
        if (const auto noted = book_.note(store_, id_, *lots); !noted) return noted.error();
        return book_.find(name).value_or(named_lot{});
    }

    /// How long a hold lasts. Calendar months are as long as they were when the request was first
    /// made, so that a repeat says the same.
    result<std::chrono::microseconds> length_of(const scenario_step& s) {
        const timespan& span = s.length;
        if (span.months() == 0) {
            std::int64_t length = 0;
            if (__builtin_mul_overflow(span.days(), microseconds_per_day, &length) ||
                __builtin_add_overflow(length, span.exact().count(), &length)) {
                return errc::amount_overflow;
            }
            return std::chrono::microseconds{length};
        }
        const auto known = lengths_.find(s.id);
        if (known != lengths_.end() && known->second.first == span) return known->second.second;
        const result<instant> end = add(*now_, span, plan().zone);
        if (!end) return end.error();
        return *end - *now_;
    }

    /// No money, in the currency of the lot that the step is about.
    money nothing_owed(const scenario_step& s) {
        const auto lots = wallet().lots();
        const std::optional<named_lot> about = book_.find(s.about);
        if (!lots || !about) return {};
        for (const coffer::lot& l : *lots) {
            if (l.id == about->lot) return money::from_minor(0, l.terms.paid.in());
        }
        return {};
    }

    const wallet_id id_{"scenario"};
    Store& store_;
    manual_clock clock_;
    allowance_book plans_;
    wallets_type all_;
    std::vector<bucket_id> buckets_;
    std::optional<instant> now_;
    entry_id told_until_{};            // what was raised and ordered up to here is noted
    std::vector<std::string> alerts_;  // raised since the last step,
    std::vector<credits> ordered_;     // and ordered by the plan
    bool trial_ = false;               // requests are told although something is wrong with them
    lot_book book_;
    by_name<told_change> changes_;
    by_name<hold_id> holds_;
    by_name<std::pair<std::string, given<credits>>> refused_;  // for good, by former names of lots
    by_name<std::pair<std::string, hold_id>> meant_;           // by settles and releases with an id
    intent_list intents_;
    by_name<std::pair<timespan, std::chrono::microseconds>> lengths_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
