#include "support/catch.hpp"
#include "support/clock_pair.hpp"

#include <coffer/time/clock.hpp>

#include <chrono>
#include <concepts>
#include <type_traits>

using namespace std::chrono_literals;
using coffer::errc;
using coffer_test::injected_clock;
using coffer_test::two_clocks;

namespace {

struct clock_of_seconds {
    long now() const { return 0; }
};
struct clock_that_changes {
    coffer::instant now() { return {}; }
};

}  // namespace

TEST_CASE("a clock answers an instant and is always believed, or a result and may not be") {
    STATIC_REQUIRE(coffer::clock_policy<coffer::manual_clock>);
    STATIC_REQUIRE(coffer::clock_policy<coffer::system_clock>);
    STATIC_REQUIRE(coffer::clock_policy<injected_clock>);
    STATIC_REQUIRE_FALSE(coffer::clock_policy<clock_of_seconds>);
    STATIC_REQUIRE_FALSE(coffer::clock_policy<clock_that_changes>);
    STATIC_REQUIRE(std::same_as<decltype(coffer::manual_clock{}.now()), coffer::instant>);
}

TEST_CASE("a manual clock stands still until it is set or advanced, either way") {
    coffer::manual_clock clock{coffer::instant{5s}};
    CHECK(clock.now() == coffer::instant{5s});
    CHECK(clock.now() == coffer::instant{5s});
    clock.advance(2us);
    CHECK(clock.now() == coffer::instant{5s + 2us});
    clock.advance(-1s);
    CHECK(clock.now() == coffer::instant{4s + 2us});
    clock.set(coffer::instant{-9s});
    CHECK(clock.now() == coffer::instant{-9s});
    CHECK(coffer::manual_clock{}.now() == coffer::instant{});
}

TEST_CASE("the system's clock tells the time of the world") {
    const coffer::system_clock clock;
    const auto before = std::chrono::system_clock::now();
    const coffer::instant told = clock.now().or_throw();
    const auto after = std::chrono::system_clock::now();
    CHECK(told >= std::chrono::floor<std::chrono::microseconds>(before));
    CHECK(told <= after);
}

TEST_CASE("the system's second clock goes on") {
    const coffer::system_clocks clocks;
    const auto before = clocks.counted();
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < 2ms) {}
    CHECK(clocks.counted() - before >= 1ms);
    CHECK(before > 0us);
}

TEST_CASE("the program has one system clock, and the host may accept it at any time") {
    coffer::system_clock& shared = coffer::system_clock::shared();
    CHECK(&shared == &coffer::system_clock::shared());
    shared.accept();
    CHECK(shared.now());
}

TEST_CASE("rule 49: a clock that leaps ahead disagrees until it agrees again or is accepted") {
    two_clocks clocks{coffer::instant{500'000h}};
    injected_clock clock{{}, {&clocks}};
    clocks.pass(90min);
    CHECK(clock.now() == clocks.world());
    clocks.leap(24h * 730);
    for (int i = 0; i < 3; ++i) {
        CHECK(clock.now() == errc::clock_disagrees);
        clocks.pass(1h);
    }
    clocks.leap(-24h * 730);
    CHECK(clock.now() == clocks.world());

    clocks.leap(24h * 730);
    CHECK(clock.now() == errc::clock_disagrees);
    clock.accept();
    CHECK(clock.now() == clocks.world());
    clocks.leap(-24h * 9'000);
    CHECK(clock.now() == clocks.world());
}

TEST_CASE(
    "rule 49: the first who asks after a leap notices it, however short before all was well") {
    two_clocks clocks{coffer::instant{500'000h}};
    const injected_clock clock{{.leap = 10s}, {&clocks}};
    for (int i = 0; i < 1'000; ++i) {
        clocks.pass(1ms);
        REQUIRE(clock.now());
    }
    clocks.leap(11s);
    CHECK(clock.now() == errc::clock_disagrees);
}

TEST_CASE("rule 49: the second clock is read once a second, not at each question") {
    two_clocks clocks{coffer::instant{500'000h}};
    const injected_clock clock{{}, {&clocks}};
    const int at_first = clocks.readings();
    for (int i = 0; i < 10'000; ++i) {
        clocks.pass(1ms);
        REQUIRE(clock.now());
    }
    CHECK(clocks.readings() - at_first == 10);
}

TEST_CASE("rule 49: how far a clock may lie beyond what a store recorded is set with it") {
    two_clocks clocks{coffer::instant{500'000h}};
    const coffer::instant recorded = clocks.world();
    injected_clock clock{{}, {&clocks}};
    CHECK(clock.believes_after(recorded, recorded + 24h * 400));
    CHECK_FALSE(clock.believes_after(recorded, recorded + 24h * 401));
    clock.accept();
    CHECK(clock.believes_after(recorded, recorded + 24h * 401));
    const injected_clock strict{{.pause = 48h}, {&clocks}};
    CHECK_FALSE(strict.believes_after(recorded, recorded + 49h));
    const injected_clock any{{.pause = std::chrono::microseconds::max()}, {&clocks}};
    CHECK(any.believes_after(coffer::instant::min(), coffer::never));
}
