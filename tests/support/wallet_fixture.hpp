/// What tests of wallets share: a plan whose rules are values, and a wallet with its store and
/// clock, which is audited at its end.
#pragma once

#include "support/auditor.hpp"
#include "support/catch.hpp"
#include "support/whole_page_store.hpp"

#include <coffer/plan/plan.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// How a failed comparison prints an instant, which is a type of the standard's.
namespace Catch {

template <>
struct StringMaker<coffer::instant> {
    static std::string convert(coffer::instant t) { return coffer::iso8601(t); }
};

}  // namespace Catch

namespace coffer_test {

using namespace coffer::literals;
using namespace std::chrono_literals;

// The two ways in which a store answers a page; what holds on both is tested on both.
using lends_heads = coffer::memory_store;
using gives_whole_pages = whole_page_store;

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

class any_rollover {
public:
    any_rollover() = default;
    template <coffer::rollover_policy Model>
    any_rollover(const Model& model) : terms{coffer::terms_of(model)}, model_{{model}} {}

    coffer::credits carry(const coffer::ended_allowance& ended) const {
        return model_.ask([&](const auto& m) { return m.carry(ended); });
    }

    coffer::rollover_terms terms{};

private:
    one_of<coffer::rollover::none, coffer::rollover::all, coffer::rollover::capped,
           coffer::rollover::fraction, coffer::rollover::capped_share>
        model_{};
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
    bool returns_spent() const {
        return ask([](const auto& m) { return coffer::returns_spent(m); });
    }
};
struct any_overdraft : one_of<coffer::overdraft::deny, coffer::overdraft::limit,
                              coffer::overdraft::take_available, coffer::overdraft::bill_later> {
    coffer::overdraft_terms terms() const {
        return ask([](const auto& m) { return m.terms(); });
    }
};
struct any_clawback {
    coffer::shortfall answer = coffer::shortfall::uncollected;
    coffer::shortfall of_spent() const { return answer; }
};
struct any_debt_at_reset {
    bool drop = false;
    bool drops() const { return drop; }
};
struct any_refusals {
    bool sticky = false;
    bool stick() const { return sticky; }
};
struct any_unnamed {
    bool refuse = false;
    bool refuses() const { return refuse; }
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
    any_clawback clawback{};
    any_debt_at_reset debt_at_reset{};
    any_refusals refusals{};
    coffer::alerts alerts{};
    coffer::limits limits{};
    any_unnamed unnamed{};
    coffer::choices choices{};
    coffer::catalogue catalogue{};
    std::uint32_t revision = 0;
};
static_assert(coffer::check_plan<lab_plan>());

/// A monthly allowance in `budget` that is used or lost.
inline lab_plan monthly_plan(coffer::credits allowance) {
    lab_plan plan;
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    return plan;
}

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
    coffer::account stored() { return coffer::load(store, id).or_throw(); }
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

/// All that counts of a wallet now, as a text: each lot in the order in which they were made, the
/// burn order, the totals. Wallets of one picture cannot be told apart but by their journals.
template <class Lab>
std::string picture(Lab& l) {
    l.w.sweep().or_throw();
    const coffer::account now = l.stored();
    const std::vector<coffer::lot> lots = lots_of(now);
    std::string text;
    auto say = [&](std::string_view what, coffer::credits amount) {
        if (amount.is_zero()) return;
        text += std::string{what} + " " + std::string{to_string(amount).view()} + "  ";
    };
    for (const coffer::lot& each : lots) {
        say("granted", each.granted);
        say("available", each.available);
        say("held", each.held);
        say("spent", each.spent);
        say("expired", each.expired);
        say("voided", each.voided);
        say("rolled", each.rolled);
        text += "\n";
    }
    text += "burns:";
    for (const coffer::spendable& hot : now.burning) {
        if (hot.available.is_zero()) continue;
        auto at = std::find_if(lots.begin(), lots.end(),
                               [&](const coffer::lot& each) { return each.id == hot.lot; });
        text += " " + std::to_string(at - lots.begin());
    }
    text += "\n";
    say("available", now.totals.available);
    say("held", now.totals.held);
    say("debt", now.totals.debt);
    say("used", now.used);
    return text;
}

/// The amounts that an operation took, lot by lot.
inline std::vector<std::pair<coffer::lot_id, coffer::credits>> taken(
    const coffer::part_list& parts) {
    std::vector<std::pair<coffer::lot_id, coffer::credits>> list;
    for (const coffer::part& p : parts) list.emplace_back(p.lot, p.amount);
    return list;
}
/// The lots that an operation drew on or gave to, as its entry in the journal has them.
inline coffer::part_list parts_of(const coffer::wallet& w, const coffer::receipt& done) {
    const coffer::entry_id before{done.id.value() - 1};
    return w.entries({.after = before, .limit = 1}).or_throw().entries.at(0).parts;
}
inline auto taken(const coffer::wallet& w, const coffer::receipt& done) {
    return taken(parts_of(w, done));
}
/// The totals that an operation found, as the entry before its own has them.
inline coffer::balance_totals totals_before(const coffer::wallet& w, const coffer::receipt& done) {
    const auto page = w.entries({.before = done.id, .limit = 1, .newest_first = true}).or_throw();
    return page.entries.empty() ? coffer::balance_totals{} : page.entries[0].after;
}
using taken_list = std::vector<std::pair<coffer::lot_id, coffer::credits>>;

}  // namespace coffer_test
