// The first instant of a watched clock is compared with the latest that the store recorded before
// the start: a clock that is two years ahead would expire everything.
#include "support/clock_pair.hpp"
#include "support/counting_store.hpp"
#include "support/wallet_fixture.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::instant;

namespace {

/// A store that outlives the program, and tells the latest hour that it recorded.
class lasting_store : public counting_store<whole_page_store> {
public:
    coffer::result<std::optional<instant>> latest() {
        ++asked;
        if (fails) return errc::unavailable;
        return recorded;
    }
    coffer::commit_outcome commit(const coffer::commit_batch& batch) {
        if (!recorded || batch.after.time > *recorded) recorded = batch.after.time;
        return counting_store::commit(batch);
    }

    std::optional<instant> recorded{};
    bool fails = false;
    int asked = 0;
};

const instant begin = at("2026-01-01T00:00:00Z");

lab_plan yearly_package() {
    lab_plan plan = monthly_plan(100_cr);
    plan.package.expiry = {coffer::expiry::after{coffer::months{12}}};
    return plan;
}

/// The program as it is started under some clock, on a store that was used before.
struct started {
    explicit started(lasting_store& store, instant now, coffer::clock_bounds bounds = {})
        : clocks{now}, clock{bounds, {&clocks}}, wallets{yearly_package(), store, clock} {}

    two_clocks clocks;
    injected_clock clock;
    coffer::wallets<lab_plan, lasting_store, injected_clock> wallets;
    coffer::wallet w = wallets["acme"];
};

void use(lasting_store& store) {
    started program{store, begin};
    program.w.start().or_throw();
    program.w.grant({.bucket = "package", .amount = 500_cr}).or_throw();
    store.asked = 0;
    store.counted();
}

}  // namespace

TEST_CASE(
    "rule 49: a program that starts two years ahead of its store disagrees, and changes nothing") {
    lasting_store store;
    use(store);
    started program{store, begin + 24h * 730};
    CHECK(program.w.charge({.amount = 1_cr, .request = "a"}) == errc::clock_disagrees);
    CHECK(program.w.grant({.bucket = "package", .amount = 1_cr}) == errc::clock_disagrees);
    CHECK(program.w.balance() == errc::clock_disagrees);
    CHECK(program.w.quote({.amount = 1_cr}) == errc::clock_disagrees);
    CHECK(program.w.sweep() == errc::clock_disagrees);
    CHECK(program.wallets.sweep() == errc::clock_disagrees);
    const std::vector<coffer::charge_by_id> charges{{"acme", {.amount = 1_cr}}};
    CHECK(program.wallets.charge(charges)[0] == errc::clock_disagrees);
    CHECK(store.counted() == store_calls{});
    // The clock is set right: nothing has happened.
    program.clocks.leap(-24h * 725);
    CHECK(program.w.charge({.amount = 1_cr, .request = "a"}).or_throw().after.available == 599_cr);
}

TEST_CASE("rule 49: what a wallet has itself seen last does not matter, only its store") {
    lasting_store store;
    use(store);
    started program{store, begin + 24h * 390};
    program.wallets["other"].grant({.bucket = "package", .amount = 1_cr}).or_throw();
    started later{store, begin + 24h * 780};
    CHECK(later.w.balance().or_throw().available == 100_cr);
}

TEST_CASE("rule 49: how far a first operation may lie after the latest can be set") {
    lasting_store store;
    use(store);
    CHECK(started{store, begin + 24h * 400}.w.balance());
    CHECK(started{store, begin + 24h * 400 + 1us}.w.balance() == errc::clock_disagrees);
    CHECK(started{store, begin + 25h, {.pause = 24h}}.w.balance() == errc::clock_disagrees);
    CHECK(started{store, begin + 24h * 4'000, {.pause = std::chrono::microseconds::max()}}
              .w.balance());
    CHECK(started{store, begin - 24h * 4'000}.w.balance());
}

TEST_CASE("rule 49: a store of which the host says that it rested is believed from then on") {
    lasting_store store;
    use(store);
    started program{store, begin + 24h * 500};
    CHECK(program.w.balance() == errc::clock_disagrees);
    program.clock.accept();
    CHECK(program.w.balance().or_throw().available == 100_cr);
}

TEST_CASE("rule 49: a store is asked for its latest instant once, by the first who asks the time") {
    lasting_store store;
    use(store);
    started program{store, begin + 1h};
    CHECK(store.asked == 0);
    CHECK(program.w.charge({.amount = 1_cr}));
    CHECK(program.w.charge({.amount = 1_cr}));
    CHECK(program.wallets.sweep());
    CHECK(store.asked == 1);
    // A program that goes on may rest as long as it likes.
    program.clocks.pass(24h * 600);
    CHECK(program.w.balance());
}

TEST_CASE(
    "rule 49: a store that cannot tell its latest instant is unavailable, and is asked again") {
    lasting_store store;
    use(store);
    store.fails = true;
    started program{store, begin};
    CHECK(program.w.charge({.amount = 1_cr}) == errc::unavailable);
    store.fails = false;
    CHECK(program.w.charge({.amount = 1_cr}));
}

TEST_CASE("rule 49: a new store, one that tells nothing, and a manual clock are believed") {
    lasting_store fresh;
    CHECK(started{fresh, begin + 24h * 4'000}.w.start());

    whole_page_store silent;
    two_clocks clocks{begin};
    const injected_clock clock{{}, {&clocks}};
    coffer::wallets of_silent{yearly_package(), silent, clock};
    CHECK(of_silent["acme"].start());

    lasting_store used;
    use(used);
    const coffer::manual_clock manual{begin + 24h * 4'000};
    coffer::wallets of_used{yearly_package(), used, manual};
    CHECK(of_used["acme"].balance());
    CHECK(used.asked == 0);
}
