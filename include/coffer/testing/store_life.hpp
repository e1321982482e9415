/// A random life of two wallets, the same for each store that it runs on. Include
/// `testing/store_conformance.hpp`.
#pragma once

#include <coffer/plan/plan.hpp>
#include <coffer/store/store.hpp>
#include <coffer/testing/conformance_report.hpp>
#include <coffer/time/clock.hpp>
#include <coffer/wallet/wallets.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {
namespace detail {

/// Something of everything: an allowance that partly carries over, packages that end, debt.
struct life_plan {
    cost_table cost{{"chat", cost::flat{credits::from_micros(1'000'003)}}};

    struct {
        refill::monthly refill{.amount = credits::from_micros(40'000'000)};
        rollover::capped rollover{credits::from_micros(5'000'000)};
        expiry::at_period_end expiry{};
        refund::none refund{};
    } allowance{};

    struct {
        refill::none refill{};
        rollover::all rollover{};
        expiry::after expiry{days{45}};
        refund::unspent refund{};
    } package{};

    static constexpr auto buckets = in_order(bucket{"allowance", &life_plan::allowance},
                                             bucket{"package", &life_plan::package});

    overdraft::limit overdraft{.amount = credits::from_micros(3'000'000)};
    access::anyone access{};
};
static_assert(check_plan<life_plan>());

/// Not in the template below, where g++ 12 fails on it.
inline life_plan plan_of_lives() { return {}; }

/// Two lives of one seed do the same as long as the same happens to them.
template <class Store>
class store_life {
public:
    static constexpr std::string_view names[] = {"acme", "zeta"};

    store_life(Store& store, std::uint64_t seed)
        : random_{seed}, clock_{start_of_lives}, wallets_{plan_of_lives(), store, clock_} {
        for (std::string_view name : names) {
            note(wallets_[name].start({.zone = zone::utc(), .request = "start"}));
        }
    }

    void step() {
        constexpr std::int64_t hour = 3'600;
        std::int64_t pause = below(4) == 0 ? below(400) * hour : below(hour);
        clock_.set(clock_.now() + std::chrono::seconds{pause});
        auto w = wallets_[names[below(2)]];
        std::string id = "request " + std::to_string(++requests_ - (below(10) == 0 ? 1 : 0));
        switch (below(10)) {
            case 0:
            case 1: return grant(w, id);
            case 2:
            case 3:
            case 4: return charge(w, id);
            case 5:
            case 6: return hold(w, id);
            case 7: return close_hold(w);
            case 8: return give_back(w, id);
            default: note(below(2) == 0 ? w.sweep() : wallets_.sweep());
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
    credits amount() { return credits::from_micros(1 + below(12'000'000)); }

    template <class Answer>
    bool note(const Answer& answer) {
        answers_.push_back(answer ? errc{} : answer.error().code());
        return answer.has_value();
    }
    template <class Wallet>
    void grant(Wallet& w, const std::string& id) {
        grant_request r{.bucket = "package", .amount = amount(), .request = id};
        if (below(2) == 0) r.paid = money::from_minor(below(5'000), "EUR");
        if (below(3) == 0) r.effective = clock_.now() + std::chrono::hours{below(500)};
        note(w.grant(r));
    }
    template <class Wallet>
    void charge(Wallet& w, const std::string& id) {
        charge_request r{.action = below(2) == 0 ? "chat" : "", .request = id};
        if (r.action.empty()) r.amount = amount();
        if (note(w.charge(r))) charges_.push_back(id);
    }
    template <class Wallet>
    void hold(Wallet& w, const std::string& id) {
        auto held = w.hold(
            {.amount = amount(), .expires_in = std::chrono::hours{1 + below(300)}, .request = id});
        if (note(held)) holds_.push_back(held->detach());
    }
    template <class Wallet>
    void close_hold(Wallet& w) {
        if (holds_.empty()) return;
        hold_id id = holds_[static_cast<std::size_t>(below(std::ssize(holds_)))];
        if (below(3) == 0) {
            note(w.release(id));
        } else {
            settle_request r{};
            r.amount = amount();
            note(w.settle(id, r));
        }
    }
    template <class Wallet>
    void give_back(Wallet& w, const std::string& id) {
        if (charges_.empty()) return;
        const std::string& charge = charges_[static_cast<std::size_t>(below(std::ssize(charges_)))];
        note(w.refund({.charge = charge, .amount = amount(), .request = id}));
    }

    std::mt19937_64 random_;
    manual_clock clock_;
    wallets<life_plan, Store, manual_clock> wallets_;
    std::vector<errc> answers_;
    std::vector<hold_id> holds_;
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
