/// A random life of two wallets, the same for each store that it runs on. Include
/// `testing/store_conformance.hpp`.
#pragma once

#include <coffer/plan/plan.hpp>
#include <coffer/plan/set.hpp>
#include <coffer/store/store.hpp>
#include <coffer/testing/conformance_report.hpp>
#include <coffer/time/clock.hpp>
#include <coffer/wallet/wallets.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

/// Spent credits of a purchase that is taken back are owed, or stay uncollected.
struct life_clawback {
    shortfall answer = shortfall::owed;
    shortfall of_spent() const noexcept { return answer; }
};

/// Something of everything: an allowance that partly carries over for a while, packages that end
/// and are refunded, debt, failed operations that are granted anew.
struct life_plan {
    cost_table cost{{"chat", cost::tokens{.rates = {.input = rate::from_picos(3'000'001),
                                                    .output = rate::from_picos(9'000'007),
                                                    .cache_write = rate::from_picos(5'000'003)}}},
                    {"image", cost::flat{credits::from_micros(1'000'003)}}};

    struct {
        refill::monthly refill{.amount = credits::from_micros(40'000'000)};
        rollover::capped rollover{credits::from_micros(5'000'000), {.hops = 3, .keeps = days{50}}};
        expiry::at_period_end expiry{};
        refund::none refund{};
        restore::regrant restore{days{7}};
    } allowance{};

    struct {
        refill::none refill{};
        rollover::all rollover{};
        expiry::after expiry{days{45}};
        refund::unspent refund{};
        restore::regrant restore{days{7}};
    } package{};

    static constexpr auto buckets = in_order(bucket{"allowance", &life_plan::allowance},
                                             bucket{"package", &life_plan::package});

    overdraft::limit overdraft{.amount = credits::from_micros(3'000'000)};
    access::anyone access{};
    life_clawback clawback{};
    coffer::choices choices{.alerts = 2, .limits = 1, .budget = true};
};
static_assert(check_plan<life_plan>());

using life_plans = plan_set<life_plan, life_plan>;

/// Not in the template below, where g++ 12 fails on it.
inline life_plans plans_of_lives() {
    life_plan clamping;
    clamping.clawback.answer = shortfall::uncollected;
    clamping.choices.alerts = 1;
    return {named{"owing", life_plan{}}, named{"clamping", clamping}};
}

/// Two lives of one seed do the same as long as the same happens to them.
template <class Store>
class store_life {
public:
    static constexpr std::string_view names[] = {"acme", "zeta"};

    store_life(Store& store, std::uint64_t seed) : random_{seed}, clock_{start_of_lives} {
        go_on_in(store);
        for (std::string_view name : names) {
            const std::string_view plan = name == names[0] ? "owing" : "clamping";
            note((*wallets_)[name].start({.zone = zone::utc(), .plan = plan, .request = "start"}));
        }
    }

    /// Goes on in a store that was opened again.
    void go_on_in(Store& store) { wallets_.emplace(plans_of_lives(), store, clock_); }

    void step() {
        constexpr std::int64_t hour = 3'600;
        std::int64_t pause = below(4) == 0 ? below(400) * hour : below(hour);
        clock_.set(clock_.now() + std::chrono::seconds{pause});
        auto w = (*wallets_)[names[below(2)]];
        std::string id = "request " + std::to_string(++requests_ - (below(10) == 0 ? 1 : 0));
        switch (below(18)) {
            case 0: return grant(w, id);
            case 1:
            case 2:
            case 3: return charge(w, id);
            case 4: return spend_all(w, id);
            case 5:
            case 6: return hold(w, id);
            case 7: return close_hold(w);
            case 8: return give_back(w, id);
            case 9: return dispute(w, id);
            case 10: return refund_purchase(w, id);
            case 11: return change_lot(w, id);
            case 12:
                note(w.change({.plan = below(2) == 0 ? "owing" : "clamping", .request = id}));
                return;
            case 13: return refund_any(w, id);
            case 14: return hold_again(w);
            case 15: return order(w, id);
            case 16: return configure(w, id);
            default: note(below(2) == 0 ? w.sweep() : wallets_->sweep());
        }
    }

    /// What each step came to.
    const std::vector<errc>& answers() const noexcept { return answers_; }

private:
    static constexpr instant start_of_lives{std::chrono::sys_days{
        std::chrono::year{2026} / std::chrono::January / std::chrono::day{31}}};

    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
    }
    template <class T>
    T one_of(const std::vector<T>& all) {
        return all[static_cast<std::size_t>(below(std::ssize(all)))];
    }
    credits amount() { return credits::from_micros(1 + below(12'000'000)); }

    template <class Answer>
    bool note(const Answer& answer) {
        answers_.push_back(answer ? errc{} : answer.error().code());
        return answer.has_value();
    }

    /// Orders, or says what became of an order that was placed before, perhaps long ago.
    template <class Wallet>
    void order(Wallet& w, const std::string& id) {
        if (orders_.empty() || below(2) == 0) {
            buy_request r{.bucket = "package", .amount = amount(), .request = id};
            r.price = money::from_minor(below(2'000), "USD");
            if (below(2) == 0) r.expires_in = std::chrono::hours{1 + below(300)};
            const auto placed = w.buy(r);
            if (note(placed)) orders_.push_back(placed->id);
            return;
        }
        const order_id about = one_of(orders_);
        if (below(3) == 0) {
            note(w.fail({.order = about, .expired = below(2) == 0, .request = id}));
        } else {
            note(w.confirm({.order = about, .reference = "pi_1", .request = id}));
        }
    }
    template <class Request>
    void label(Request& r) {
        if (below(2) == 0) r.member = "design/ada";
        if (below(2) == 0) r.resource = "project 7";
        if (below(2) == 0) r.tags = "api,batch";
        if (!r.member.empty()) r.actor = "ada";
        if (!r.resource.empty()) r.reason = "for the project";
    }
    void grant(wallet& w, const std::string& id) {
        grant_request r{.bucket = "package", .amount = amount(), .request = id};
        r.source = below(2) == 0 ? lot_source::bonus : lot_source::adjustment;
        if (below(3) != 0) {
            r.source = lot_source::purchase;
            r.paid = money::from_minor(1 + below(5'000), "EUR");
        }
        if (below(3) == 0) r.effective = clock_.now() + std::chrono::hours{below(500)};
        if (below(3) == 0) r.priority = static_cast<std::int32_t>(below(3));
        const std::string name = "pack " + id;
        if (below(2) == 0) r.name = name;
        const auto granted = w.grant(r);
        if (note(granted)) lots_.push_back(granted->lot);
    }
    void charge(wallet& w, const std::string& id) {
        charge_request r{.request = id};
        label(r);
        switch (below(3)) {
            case 0: r.amount = amount(); break;
            case 1: r.action = "image"; break;
            default:
                r.action = "chat";
                r.input_tokens = below(900);
                r.output_tokens = below(300);
                r.cache_write_tokens = below(300);
        }
        if (note(w.charge(r))) charges_.push_back(id);
    }
    /// All that is there, and a little more: what is owed is repaid by what comes next.
    void spend_all(wallet& w, const std::string& id) {
        const auto balance = w.balance();
        if (!note(balance)) return;
        const std::int64_t most = balance->available.micros() + below(3'000'000);
        if (note(w.charge({.amount = credits::from_micros(most), .request = id}))) {
            charges_.push_back(id);
        }
    }
    void hold(wallet& w, const std::string& id) {
        hold_request r{.expires_in = std::chrono::hours{1 + below(300)}, .request = id};
        label(r);
        if (below(2) == 0) {
            r.action = "chat";
            r.at_most = amount();
        } else {
            r.amount = amount();
        }
        if (below(2) == 0) r.tolerance = amount();
        asked_.emplace_back(id, r);
        open(w, r);
    }
    /// One of the last few, be it open, settled or over.
    void configure(const wallet& w, const std::string& id) {
        configure_request r{.request = id};
        const credits most = credits::from_micros(1'000'000 * below(60));
        if (below(2) == 0) r.alerts = {{.name = "mine", .at = most}};
        if (below(4) == 0) r.alerts = {{.name = "one", .at = most}, {.name = "two", .at = most}};
        if (below(3) == 0) r.limits = {{.member = "ada", .per = window::day, .amount = most}};
        if (below(3) == 0) r.budget = budget{.amount = most, .per = window::week};
        if (below(5) == 0) r.budget = without;
        note(w.configure(r));
    }
    void hold_again(wallet& w) {
        if (asked_.empty()) return;
        const auto back =
            static_cast<std::size_t>(1 + below(std::min<std::int64_t>(std::ssize(asked_), 3)));
        auto& [id, r] = asked_[asked_.size() - back];
        r.request = id;
        open(w, r);
    }
    void open(wallet& w, const hold_request& r) {
        auto held = w.hold(r);
        if (note(held)) holds_.push_back(held->detach());
    }
    void close_hold(wallet& w) {
        if (holds_.empty()) return;
        const hold_id id = one_of(holds_);
        if (below(3) == 0) {
            note(w.release(id));
        } else {
            note(w.settle(id, {.amount = amount()}));
        }
    }
    void give_back(wallet& w, const std::string& id) {
        if (charges_.empty()) return;
        note(w.refund({.charge = one_of(charges_), .amount = amount(), .request = id}));
    }
    void refund_any(wallet& w, const std::string& id) {
        if (charges_.empty()) return;
        note(w.refund({.charge = one_of(charges_), .request = id}));
    }
    void dispute(wallet& w, const std::string& id) {
        if (lots_.empty()) return;
        constexpr dispute_state states[] = {dispute_state::opened, dispute_state::opened,
                                            dispute_state::won, dispute_state::lost};
        dispute_request r{.lot = one_of(lots_), .state = states[below(4)], .request = id};
        if (below(2) == 0) r.money = money::from_minor(1 + below(2'000), "EUR");
        note(w.dispute(r));
    }
    void refund_purchase(wallet& w, const std::string& id) {
        if (lots_.empty()) return;
        purchase_refund_request r{.lot = one_of(lots_), .request = id};
        if (below(2) == 0) r.money = money::from_minor(1 + below(2'000), "EUR");
        note(w.refund_purchase(r));
    }
    void change_lot(wallet& w, const std::string& id) {
        if (lots_.empty()) return;
        const lot_id lot = one_of(lots_);
        if (below(3) == 0) {
            note(w.void_lot({.lot = lot, .amount = amount(), .request = id}));
        } else {
            note(w.expire_at({.lot = lot,
                              .expires = clock_.now() + std::chrono::hours{1 + below(2'000)},
                              .request = id}));
        }
    }

    std::mt19937_64 random_;
    manual_clock clock_;
    std::optional<wallets<life_plans, Store, manual_clock>> wallets_;
    std::vector<order_id> orders_;
    std::vector<errc> answers_;
    std::vector<hold_id> holds_;
    std::vector<std::pair<std::string, hold_request>> asked_;
    std::vector<lot_id> lots_;
    std::vector<std::string> charges_;
    int requests_ = 0;
};

/// A whole journal, with the memory that its texts stand in.
struct whole_journal {
    std::vector<entry> entries{};
    std::vector<std::shared_ptr<const void>> texts{};
    bool readable = true;
};

template <class Store>
whole_journal read_whole(Store& store, const wallet_id& wallet, std::size_t page_size,
                         bool newest_first = false) {
    whole_journal all;
    journal_query query{.limit = page_size, .newest_first = newest_first};
    for (bool more = true; more;) {
        result<journal_page> page = store.entries(wallet, query);
        if (!page) all.readable = false;
        if (!page || page->entries.empty()) break;
        entry_id last = page->entries.back().id;
        bool goes_on = newest_first ? !query.before || last < query.before : last > query.after;
        all.readable = goes_on;
        if (!goes_on) break;  // a wrong store could go on for ever
        all.entries.insert(all.entries.end(), page->entries.begin(), page->entries.end());
        all.texts.push_back(page->texts);
        more = page->more;
        (newest_first ? query.before : query.after) = last;
    }
    return all;
}

}  // namespace detail
}  // namespace testing
}  // namespace v0
}  // namespace coffer
