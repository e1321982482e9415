#include "support/catch.hpp"

#include <coffer/perform/operation.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/plan/set.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>

using namespace coffer::literals;

namespace {

/// A clock that goes on each time it is read, as real ones do.
class running_clock {
public:
    coffer::instant now() const noexcept {
        ++reads;
        return coffer::instant{std::chrono::microseconds{1'700'000'000'000'000 + reads}};
    }
    mutable std::atomic<std::int64_t> reads{0};
};

using monthly = coffer::plans::subscription<>;

monthly of(coffer::credits allowance) {
    monthly plan;
    plan.allowance.refill.amount = allowance;
    return plan;
}

}  // namespace

TEST_CASE("what has to know more is decided at the instant at which it was asked") {
    running_clock clock;
    coffer::memory_store store;
    coffer::wallets wallets{
        coffer::plan_set{coffer::named{"small", of(10_cr)}, coffer::named{"large", of(20_cr)}},
        store, clock};
    auto w = wallets["acme"];
    const auto started = w.start({.plan = "small"}).or_throw();
    const std::int64_t reads = clock.reads;
    CHECK(reads == 1);
    w.charge({.amount = 3_cr}).or_throw();
    // What was used since the anchor has to be looked up.
    CHECK(w.start({.anchor = started.at}).or_throw().at > started.at);
    CHECK(w.change({.plan = "large", .how = coffer::upgrade::later}));
    CHECK(clock.reads == reads + 3);
    CHECK(w.balance().or_throw().used == 3_cr);
    CHECK(w.verify().or_throw().sound);
}
