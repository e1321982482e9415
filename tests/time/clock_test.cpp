#include "support/catch.hpp"

#include <coffer/time/clock.hpp>

#include <chrono>

using namespace std::chrono_literals;

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
    const auto before = std::chrono::system_clock::now();
    const coffer::instant told = coffer::system_clock{}.now();
    const auto after = std::chrono::system_clock::now();
    CHECK(told >= std::chrono::floor<std::chrono::microseconds>(before));
    CHECK(told <= after);
}
