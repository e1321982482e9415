/// The life of one wallet, told step by step in the scenario format. Include it to drive a wallet
/// by JSON and to see what it shows after each step; to check whole scenarios, `scenario.hpp`.
///
///     auto life = coffer::scenario_life::begin(plan);
///     if (!life) return life.error().text();
///     auto seen = life->step(step);              // {"available": "30", "error": null, …}
///
/// Needs nlohmann-json: link `coffer::json`.
#pragma once

#include <coffer/io/plan_file.hpp>
#include <coffer/io/scenario/lot_book.hpp>
#include <coffer/io/scenario/step.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/wallet/wallets.hpp>

#include <nlohmann/json.hpp>

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

/// What one step came to.
struct step_outcome {
    std::optional<errc> refusal{};
    bool repeated = false;          ///< The request was known: this is its first outcome.
    std::optional<credits> cost{};  ///< Of a charge, hold or settle.
    part_list parts{};              ///< Which lots paid for it.
    std::optional<money> owed{};    ///< By a purchase refund.
    /// The names of the plan's alerts that were raised since the step before.
    std::vector<std::string> alerts{};
    std::string actor{};   ///< Who asked for its entry,
    std::string reason{};  ///< and why.
};

/// What can be seen of a wallet.
struct wallet_sight {
    coffer::balance balance{};
    std::vector<coffer::lot> lots{};  ///< By number; their names are in the same order.
};

/// A wallet on a clock of its own, with the names that a scenario gives to things.
template <class Store>
class scenario_wallet {
public:
    scenario_wallet(any_plan plan, Store& store)
        : store_{store}, all_{std::move(plan), store, clock_} {
        for (const any_bucket& b : all_.plan().buckets) buckets_.push_back(bucket_id::of(b.name));
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
        const auto raised = raised_since(raised_until_);
        if (raised) outcome.alerts = *raised;
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

private:
    template <class>
    friend class scenario_wallet;
    using wallets_type = wallets<any_plan, Store, manual_clock>;
    template <class Value>
    using by_name = std::map<std::string, Value, std::less<>>;

    typename wallets_type::wallet_type wallet() { return all_[id_]; }

    /// The names of the plan's alerts that were raised after an entry, which becomes the newest.
    result<std::vector<std::string>> raised_since(entry_id& last) {
        std::vector<std::string> names;
        for (bool more = true; more;) {
            const auto page = store_.entries(id_, {.after = last});
            if (!page) return page.error();
            for (const entry& e : page->entries) {
                each_raised(e, [&](std::string_view name) {
                    if (name != depleted_alert && name != resumed_alert) names.emplace_back(name);
                });
                last = e.id;
            }
            more = page->more;
        }
        return names;
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
            if (const auto again = refused_before(s)) return refuse(s, *again);
            if (const auto flaw = flaw_of(s)) return refuse(s, *flaw);
        }
        return std::visit([&](const auto& r) { return say(s, r); }, s.request);
    }

    /// What is wrong with a step that the library does not get to see. The name of a lot is given
    /// once; but a request that is known is answered as such.
    std::optional<errc> flaw_of(const scenario_step& s) {
        const bool grants = std::holds_alternative<grant_request>(s.request);
        if (!grants || is_known(s.id)) return s.flaw;
        if (const auto taken = find_lot(s.about); !taken || !taken->lot) return s.flaw;
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
        const bool for_good = refusals_stick(all_.plan()) && refused == errc::insufficient_credits;
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
        r.reason = s.reason;
        if (s.late && s.at < *now_) r.at = s.at;
        return r;
    }

    result<receipt> say(const scenario_step& s, const pass_request&) {
        const auto swept = wallet().sweep();
        if (!swept) return swept.error();
        const result<instant> last = add(s.at, all_.plan().late.back, all_.plan().zone);
        if (last && *last < *now_) return errc::too_late;
        return receipt{};
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
            held || (refusals_stick(all_.plan()) && held.error() == errc::insufficient_credits);
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
    /// graver. What that is, a copy of the wallet finds out.
    result<receipt> refuse(const scenario_step& s, errc own) {
        errc gravest = own;
        memory_store scratch{1};
        scenario_wallet<memory_store> copy{all_.plan(), scratch};
        if (auto copied = copy_to(copy); !copied) return copied.error();
        if (const result<receipt> tried = copy.request(s); !tried) {
            gravest = std::min(gravest, tried.error().code());
        } else if (tried->repeated && !s.id.empty()) {
            gravest = std::min(gravest, errc::request_mismatch);  // but for what stands in
        }
        if (const auto swept = sweep(); !swept) return swept.error();
        return gravest;
    }

    result<void> copy_to(scenario_wallet<memory_store>& copy) {
        copy.trial_ = true;
        copy.now_ = now_;
        copy.clock_.set(*now_);
        copy.book_ = book_;
        copy.holds_ = holds_;
        copy.meant_ = meant_;
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
        return all_.plan().zone.at(day + std::chrono::days{1});
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
        const result<instant> end = add(*now_, span, all_.plan().zone);
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
    wallets_type all_;
    std::vector<bucket_id> buckets_;
    std::optional<instant> now_;
    entry_id raised_until_{};  // what was raised up to here, earlier steps have told
    bool trial_ = false;       // requests are told although something is wrong with them
    lot_book book_;
    by_name<hold_id> holds_;
    by_name<std::pair<std::string, given<credits>>> refused_;  // for good, by former names of lots
    by_name<std::pair<std::string, hold_id>> meant_;           // by settles and releases with an id
    by_name<std::pair<timespan, std::chrono::microseconds>> lengths_;
};

/// How much the step took, by the names of the lots. Requires: `look` has seen them.
template <class Store>
std::map<std::string_view, credits> taken_from(const scenario_wallet<Store>& wallet,
                                               const step_outcome& outcome) {
    std::map<std::string_view, credits> sums;
    for (const part& p : outcome.parts) {
        if (p.amount.is_zero()) continue;
        credits& sum = sums[wallet.lots().name_of(p.lot)];
        sum = credits::from_micros(sum.micros() + p.amount.micros());
    }
    return sums;
}

/// What can be spent of a lot.
inline credits spendable_of(const lot& l) noexcept { return l.active ? l.available : credits{}; }

/// What is seen after a step, as an object.
template <class Store>
nlohmann::json to_json(const scenario_wallet<Store>& wallet, const step_outcome& outcome,
                       const wallet_sight& seen) {
    using json = nlohmann::json;
    const auto text = [](const auto& amount) { return std::string{to_string(amount).view()}; };
    json::object_t buckets;
    for (bucket_id b : wallet.buckets()) {
        buckets.emplace(b.name(), text(seen.balance.available_in(b)));
    }
    json::object_t lots;
    for (std::size_t i = 0; i < seen.lots.size(); ++i) {
        lots.emplace(wallet.lots().names()[i], text(spendable_of(seen.lots[i])));
    }
    wallet.lots().each_former_name([&](const std::string& name) { lots.emplace(name, "0"); });
    json::object_t took;
    for (const auto& [name, amount] : taken_from(wallet, outcome)) {
        took.emplace(name, text(amount));
    }
    json period;
    if (const auto& running = seen.balance.running) {
        period = {iso8601(running->from), iso8601(running->until)};
    }
    const auto text_or_null = [&](const auto& amount) {
        return amount ? json(text(*amount)) : json();
    };
    json::object_t all;
    all.emplace("error", outcome.refusal ? json(to_string(*outcome.refusal)) : json());
    all.emplace("available", text(seen.balance.available));
    all.emplace("held", text(seen.balance.held));
    all.emplace("debt", text(seen.balance.debt));
    all.emplace("used", text(seen.balance.used));
    all.emplace("buckets", std::move(buckets));
    all.emplace("lots", std::move(lots));
    all.emplace("period", std::move(period));
    all.emplace("cost", text_or_null(outcome.cost));
    all.emplace("took", std::move(took));
    all.emplace("money", text_or_null(outcome.owed));
    all.emplace("alerts", outcome.alerts);
    return all;
}

}  // namespace detail

/// The life of one wallet in a store of the host's, in which it is the wallet "scenario".
template <class Store>
class scenario_life_in {
public:
    /// Takes the "plan" object of a scenario. The store must live longer. Errors: those of
    /// `read_plan`.
    static result<scenario_life_in, scenario_error> begin(const nlohmann::json& plan,
                                                          Store& store) {
        result<any_plan, plan_error> read = read_plan(json_place{&plan, "plan"});
        if (!read) return read.error();
        return scenario_life_in{*std::move(read), store};
    }

    /// Performs one element of "steps", without regard to its "error" and "expect", and tells what
    /// is to be seen after it: error (or null), available, held, debt, used, buckets, lots, period
    /// (or null), and of this step cost and money (or null), took and alerts.
    /// Errors: what makes the step no step of a valid scenario; nothing has happened then.
    result<nlohmann::json, scenario_error> step(const nlohmann::json& step) {
        detail::step_reader reader;
        const detail::scenario_step read = reader.step({&step, "step"}, wallet_->now());
        if (!reader.good()) return reader.error();
        detail::step_outcome outcome = wallet_->perform(read);
        const result<detail::wallet_sight> seen = wallet_->look();
        if (seen) return detail::to_json(*wallet_, outcome, *seen);
        outcome.refusal = seen.error().code();
        outcome.parts = {};
        return detail::to_json(*wallet_, outcome, {});
    }

    /// What was available at that instant, by recorded time. Errors: those of the wallet.
    result<credits> as_of(instant when) const { return wallet_->as_of(when); }

    /// Replays the journal and compares it with the account.
    result<verification> verify() const { return wallet_->verify(); }

private:
    scenario_life_in(any_plan plan, Store& store)
        : wallet_{std::make_unique<detail::scenario_wallet<Store>>(std::move(plan), store)} {}

    std::unique_ptr<detail::scenario_wallet<Store>> wallet_;
};

/// The life of one wallet, in memory.
class scenario_life {
public:
    /// As `scenario_life_in::begin`.
    static result<scenario_life, scenario_error> begin(const nlohmann::json& plan) {
        auto store = std::make_unique<memory_store>(1);
        auto life = scenario_life_in<memory_store>::begin(plan, *store);
        if (!life) return life.error();
        return scenario_life{std::move(store), *std::move(life)};
    }

    /// As `scenario_life_in::step`.
    result<nlohmann::json, scenario_error> step(const nlohmann::json& step) {
        return life_.step(step);
    }
    /// As `scenario_life_in::as_of`.
    result<credits> as_of(instant when) const { return life_.as_of(when); }
    /// As `scenario_life_in::verify`.
    result<verification> verify() const { return life_.verify(); }

private:
    scenario_life(std::unique_ptr<memory_store> store, scenario_life_in<memory_store> life)
        : store_{std::move(store)}, life_{std::move(life)} {}

    std::unique_ptr<memory_store> store_;
    scenario_life_in<memory_store> life_;
};

}  // namespace v0
}  // namespace coffer
