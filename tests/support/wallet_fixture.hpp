/// What tests of wallets share: a plan whose rules are values, a wallet with its store and clock,
/// and an auditor that follows the journal by rules of its own and says what is wrong.
#pragma once

#include "support/catch.hpp"
#include "support/load_commit_store.hpp"

#include <coffer/plan.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// How a failed comparison prints.
namespace Catch {

template <>
struct StringMaker<coffer::credits> {
    static std::string convert(coffer::credits amount) {
        return std::string{coffer::detail::to_text(amount).view()} + " cr";
    }
};
template <>
struct StringMaker<coffer::money> {
    static std::string convert(const coffer::money& amount) {
        return std::string{coffer::detail::to_text(amount).view()};
    }
};
template <>
struct StringMaker<coffer::errc> {
    static std::string convert(coffer::errc code) { return std::string{to_string(code)}; }
};
template <>
struct StringMaker<coffer::entry_kind> {
    static std::string convert(coffer::entry_kind kind) { return std::string{to_string(kind)}; }
};
template <class T>
struct StringMaker<coffer::result<T>> {
    static std::string convert(const coffer::result<T>& r) {
        return r ? "success" : std::string{to_string(r.error().code())};
    }
};
template <>
struct StringMaker<coffer::lot_id> {
    static std::string convert(coffer::lot_id id) { return "lot " + std::to_string(id.value()); }
};
template <>
struct StringMaker<coffer::instant> {
    static std::string convert(coffer::instant t) { return coffer::iso8601(t); }
};

}  // namespace Catch

namespace coffer_test {

using namespace coffer::literals;
using namespace std::chrono_literals;

using in_place = coffer::memory_store;
using load_commit = load_commit_store;

inline coffer::instant at(std::string_view text) { return coffer::parse_instant(text).or_throw(); }
inline coffer::zone in_zone(std::string_view name) { return coffer::zone::find(name).or_throw(); }
inline coffer::money usd(std::int64_t cents) { return coffer::money::from_minor(cents, "USD"); }
inline coffer::credits micros(std::int64_t count) { return coffer::credits::from_micros(count); }

// ---- A plan whose rules are values --------------------------------------------------------------

/// One of several ready-made policies.
template <class... Models>
struct one_of {
    std::variant<Models...> model{};

    template <class Question>
    auto ask(Question&& question) const {
        return std::visit(std::forward<Question>(question), model);
    }
};

struct any_rollover : one_of<coffer::rollover::none, coffer::rollover::all,
                             coffer::rollover::capped, coffer::rollover::fraction> {
    coffer::credits carry(const coffer::ended_allowance& ended) const {
        return ask([&](const auto& m) { return m.carry(ended); });
    }
};
struct any_expiry
    : one_of<coffer::expiry::never, coffer::expiry::after, coffer::expiry::at_period_end> {
    coffer::result<coffer::lifetime> life(const coffer::lot_birth& born) const {
        return ask([&](const auto& m) { return m.life(born); });
    }
};
struct any_refund : one_of<coffer::refund::none, coffer::refund::full, coffer::refund::unspent,
                           coffer::refund::within> {
    coffer::result<coffer::money> worth(const coffer::purchase& bought) const {
        return ask([&](const auto& m) { return m.worth(bought); });
    }
};
struct any_overdraft
    : one_of<coffer::overdraft::deny, coffer::overdraft::limit, coffer::overdraft::take_available> {
    coffer::overdraft_terms terms() const {
        return ask([](const auto& m) { return m.terms(); });
    }
};
/// The actions that may draw on a bucket; none named is everything.
struct any_only {
    std::vector<std::string> names{};
    bool allows(std::string_view action) const {
        return names.empty() || std::find(names.begin(), names.end(), action) != names.end();
    }
};

struct lab_bucket {
    coffer::refill::every refill{};
    any_rollover rollover{};
    any_expiry expiry{};
    any_refund refund{};
    any_only only{};
    coffer::restore::regrant restore{};
};

/// Three buckets in burn order; as it stands nothing refills, expires or is refundable.
struct lab_plan {
    coffer::cost_table cost{};
    lab_bucket budget{};
    lab_bucket bonus{};
    lab_bucket package{};

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"budget", &lab_plan::budget},
                                                     coffer::bucket{"bonus", &lab_plan::bonus},
                                                     coffer::bucket{"package", &lab_plan::package});

    any_overdraft overdraft{};
    coffer::access::anyone access{};
    coffer::spend_order::by order{coffer::spend_order::standard};
    coffer::late_events late{};
};
static_assert(coffer::check_plan<lab_plan>());

/// A monthly allowance in `budget` that is used or lost.
inline lab_plan monthly_plan(coffer::credits allowance) {
    lab_plan plan;
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    return plan;
}

// ---- The auditor --------------------------------------------------------------------------------

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
        auto stored = store.load(wallet);
        if (!stored) return "cannot load";
        return compare(*stored);
    }

private:
    using count = std::int64_t;
    struct tally {
        count granted = 0, available = 0, held = 0, spent = 0, expired = 0, voided = 0, rolled = 0;
        bool active = false;
    };

    std::string follow(const coffer::entry& e) {
        using coffer::entry_kind;
        if (e.id.value() != last_ + 1) return "the numbers have a gap";
        if (e.at < time_) return "recorded before the entry before it";
        if (e.amount.is_negative() || e.debt.is_negative()) return "a negative amount";
        for (const coffer::part& p : e.parts) {
            if (lots_.count(p.lot.value()) == 0) return "a part of a lot that is not there";
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
            case entry_kind::voided:
            case entry_kind::purchase_refunded: move(e, &tally::available, &tally::voided); break;
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
            if (wrong.empty()) wrong = check(p.lot.value(), lots_[p.lot.value()]);
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
        for (const coffer::part& p : e.parts) {
            tally& t = lots_[p.lot.value()];
            change(t, from, -p.amount.micros());
            change(t, to, p.amount.micros());
        }
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
        if (total(e) + e.debt.micros() != e.amount.micros()) return "parts and debt are not all";
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
        if (!owe(e.about.value(), -e.amount.micros())) return "more repaid than was owed";
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
    coffer::account replayed_;
};

// ---- A wallet with all it needs -----------------------------------------------------------------

/// One wallet of one plan in one store, under a clock of its own. It is audited at its end.
template <class Store = coffer::memory_store, class Plan = lab_plan>
class lab {
public:
    using wallets_type = coffer::wallets<Plan, Store, coffer::manual_clock>;

    explicit lab(Plan plan = {}, std::string_view now = "2026-01-01T00:00:00Z")
        : clock{at(now)}, wallets{std::move(plan), store, clock}, w{wallets[id]} {}
    ~lab() {
        if (audited && std::uncaught_exceptions() == 0) CHECK(audit() == "");
    }
    lab(const lab&) = delete;
    lab& operator=(const lab&) = delete;

    void go(std::string_view when) { clock.set(at(when)); }

    /// Begins the subscription now; answers the lot of its first allowance.
    coffer::lot_id start(std::string_view zone = "UTC") {
        w.start({.zone = in_zone(zone)}).or_throw();
        return newest(coffer::lot_origin::refilled);
    }
    coffer::lot_id grant(coffer::credits amount, coffer::grant_request r = {}) {
        r.amount = amount;
        if (r.bucket.empty()) r.bucket = "package";
        return w.grant(r).or_throw().lot;
    }
    coffer::receipt charge(coffer::credits amount) {
        return w.charge({.amount = amount}).or_throw();
    }
    coffer::balance balance() { return w.balance().or_throw(); }
    coffer::credits available() { return balance().available; }
    coffer::credits available_in(std::string_view bucket) {
        return balance().available_in(coffer::bucket_id::of(bucket));
    }
    coffer::lot lot(coffer::lot_id wanted) {
        for (const coffer::lot& l : w.lots().or_throw()) {
            if (l.id == wanted) return l;
        }
        return {};
    }
    /// The newest lot that came to be in that way, as of now; none if there is none.
    coffer::lot_id newest(coffer::lot_origin origin) {
        coffer::lot_id found;
        for (const coffer::lot& l : w.lots().or_throw()) {
            if (l.terms.origin == origin) found = l.id;
        }
        return found;
    }
    /// What a lot has available, as of now.
    coffer::credits left(coffer::lot_id wanted) { return lot(wanted).available; }

    journal entries() { return read_journal(store, id); }
    std::size_t entry_count() { return entries().size(); }
    coffer::account stored() { return store.load(id).or_throw(); }
    std::string audit() { return books.audit(store, id); }

    coffer::wallet_id id{"acme"};
    bool audited = true;
    Store store{};
    coffer::manual_clock clock;
    wallets_type wallets;
    typename wallets_type::wallet_type w;
    auditor books;
};

/// Nothing but refusals may happen between its beginning and its end.
template <class Lab>
class unchanged {
public:
    explicit unchanged(Lab& l) : lab_{l}, before_{l.stored()}, entries_{l.entry_count()} {}
    ~unchanged() {
        if (std::uncaught_exceptions() != 0) return;
        CHECK(lab_.entry_count() == entries_);
        CHECK(lab_.stored() == before_);
    }
    unchanged(const unchanged&) = delete;
    unchanged& operator=(const unchanged&) = delete;

private:
    Lab& lab_;
    coffer::account before_;
    std::size_t entries_;
};

/// The amounts that an operation took, lot by lot.
inline std::vector<std::pair<coffer::lot_id, coffer::credits>> taken(
    const coffer::part_list& parts) {
    std::vector<std::pair<coffer::lot_id, coffer::credits>> list;
    for (const coffer::part& p : parts) list.emplace_back(p.lot, p.amount);
    return list;
}
using taken_list = std::vector<std::pair<coffer::lot_id, coffer::credits>>;

}  // namespace coffer_test
