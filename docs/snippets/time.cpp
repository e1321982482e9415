// The program of the page on time: clocks, leaps, zones.
#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <chrono>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// [host_clock]
/// Time as a simulation counts it.
struct turn_clock {
    const int* turn;
    coffer::instant now() const { return coffer::instant{} + 24h * *turn; }
};
// [/host_clock]

void clock_of_the_host() {
    int turn = 0;
    coffer::memory_store store;
    // [host_clock_used]
    const turn_clock clock{&turn};
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store, clock};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr, .expires = clock.now() + 24h * 30})
        .or_throw();
    turn = 30;
    holds(acme.balance().or_throw().available == 0_cr);
    // [/host_clock_used]
}

// [pair]
/// A pair of clocks that a test sets: what the world's clock tells, and for how long the machine
/// has been running.
struct clocks_of_a_test {
    const coffer::manual_clock* told;
    const coffer::manual_clock* run;

    coffer::instant world() const { return told->now(); }
    std::chrono::microseconds counted() const { return run->now().time_since_epoch(); }
};
// [/pair]

void leap() {
    coffer::memory_store store;
    // [leap]
    coffer::manual_clock told{at("2026-01-01T00:00:00Z")};
    coffer::manual_clock run;
    coffer::watched_clock<clocks_of_a_test> clock{{}, {&told, &run}};
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store, clock};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 500_cr, .expires = at("2027-01-01T00:00:00Z")})
        .or_throw();

    told.set(at("2028-01-10T00:00:00Z"));  // a wrong battery, a wrong time server
    holds(acme.charge({.amount = 1_cr}) == coffer::errc::clock_disagrees);
    holds(acme.balance() == coffer::errc::clock_disagrees);
    holds(wallets.sweep() == coffer::errc::clock_disagrees);

    told.set(at("2026-01-01T00:00:00Z"));  // it is set right: nothing has happened
    holds(acme.charge({.amount = 1_cr}).or_throw().after.available == 499_cr);
    // [/leap]

    // [accept]
    told.set(at("2026-01-03T00:00:00Z"));  // the machine was stopped for two days, and goes on
    holds(acme.balance() == coffer::errc::clock_disagrees);
    clock.accept();
    holds(acme.balance().or_throw().available == 499_cr);
    // [/accept]
}

// [shared_clock]
/// What the button in the administration does.
void believe_the_clock() { coffer::system_clock::shared().accept(); }
// [/shared_clock]

void bounds() {
    coffer::memory_store store;
    believe_the_clock();
    // [bounds]
    const coffer::system_clock clock{{.leap = 10min}};
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store, clock};
    // [/bounds]
    holds(wallets["acme"].balance().or_throw().available == 0_cr);
}

void zones() {
    // [zones]
    const coffer::zone berlin = coffer::zone::find("Europe/Berlin").or_throw();
    holds(berlin.offset(at("2026-07-01T00:00:00Z")) == 2h);
    holds(berlin.offset(at("2099-07-01T00:00:00Z")) == 2h);

    const auto missing = coffer::zone::find("Europe/Atlantis");
    holds(missing == coffer::errc::unknown_zone);
    holds(missing.error().subject() == "Europe/Atlantis");  // zone::advice() says what to install
    // [/zones]
}

}  // namespace

int main() {
    clock_of_the_host();
    leap();
    bounds();
    zones();
    return figures.verdict(12);
}
