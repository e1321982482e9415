// How long the first charge takes after a wallet was left alone for years, while its allowance was
// refilled each minute, hour or day. Usage: idle
#include <coffer/coffer.hpp>
#include <coffer/store/memory.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace coffer::literals;

namespace {

struct workload {
    const char* name;
    coffer::timespan period;
    std::chrono::hours idle;
    coffer::any_rollover rollover;
    double goal_ms;
};

coffer::any_plan plan_of(const workload& w) {
    return {{.cost = coffer::cost_table{},
             .buckets = {{.name = "allowance",
                          .refill = coffer::refill::every{.length = w.period, .amount = 10_cr},
                          .rollover = w.rollover,
                          .expiry = coffer::expiry::never{},
                          .refund = coffer::refund::none{}}},
             .overdraft = coffer::overdraft::deny{},
             .access = coffer::access::anyone{}}};
}

/// The milliseconds of the first charge, and how many lots there are then.
double first_charge(const workload& w, std::size_t& lots) {
    const auto begin = coffer::parse_instant("2026-01-01T00:00:00Z").or_throw();
    coffer::memory_store store;
    coffer::manual_clock clock{begin};
    coffer::wallets wallets{plan_of(w), store, clock};
    auto wallet = wallets["idle"];
    wallet.start({}).or_throw();
    clock.set(begin + w.idle);
    const auto before = std::chrono::steady_clock::now();
    wallet.charge({.amount = 1_cr}).or_throw();
    const auto after = std::chrono::steady_clock::now();
    lots = wallet.lots().or_throw().size();
    return std::chrono::duration<double, std::milli>(after - before).count();
}

}  // namespace

int main() {
    using namespace std::chrono_literals;
    constexpr std::chrono::hours year{24 * 365};
    const workload all[] = {
        {"daily, adds up, two years", coffer::days{1}, 2 * year, coffer::rollover::all{}, 50},
        {"daily, adds up, four years", coffer::days{1}, 4 * year, coffer::rollover::all{}, 100},
        {"hourly, adds up, a year", 1h, year, coffer::rollover::all{}, 500},
        {"hourly, capped, a year", 1h, year, coffer::rollover::capped{.limit = 50_cr}, 500},
        {"minutely, none rolls, a year", 1min, year, coffer::rollover::none{}, 2'000},
    };
    for (const workload& w : all) {
        std::size_t lots = 0;
        double best = first_charge(w, lots);
        for (int i = 0; i < 2; ++i) best = std::min(best, first_charge(w, lots));
        std::printf("%-30s %9.1f ms (goal %.0f), %zu lots\n", w.name, best, w.goal_ms, lots);
    }
}
