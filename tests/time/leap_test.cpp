#include "support/catch.hpp"

#include <coffer/time/leap.hpp>

#include <chrono>

using namespace std::chrono_literals;
using coffer::instant;
using coffer::is_believable;
using coffer::leap_rule;
using std::chrono::microseconds;

namespace {

constexpr auto day = 24h;

/// Two clocks and the rule about them.
struct scene {
    explicit scene(microseconds bound = 1h) : rule{{world, counted}, bound} {}

    bool believes() { return rule.believes({world, counted}); }
    void accept() { rule.accept({world, counted}); }
    void pass(microseconds time) {
        world += time;
        counted += time;
    }

    instant world{500'000h};
    microseconds counted = 7h;
    leap_rule rule;
};

}  // namespace

TEST_CASE("rule 49: a leap ahead of more than the bound is not believed, until it is taken back") {
    scene s;
    s.world += 1h;
    CHECK(s.believes());
    s.pass(day);
    CHECK(s.believes());
    s.world += 1h + 1us;
    CHECK_FALSE(s.believes());
    s.pass(1'000 * day);
    CHECK_FALSE(s.believes());
    s.world -= 1us;
    CHECK(s.believes());
    s.world += 2 * 365 * day;
    CHECK_FALSE(s.believes());
    s.world -= 2 * 365 * day;
    CHECK(s.believes());
}

TEST_CASE("rule 49: a leap that the host accepts is the time from then on") {
    scene s;
    s.world += 2 * 365 * day;
    CHECK_FALSE(s.believes());
    s.accept();
    CHECK(s.believes());
    s.pass(day);
    s.world += 59min;
    CHECK(s.believes());
    s.world += day;
    CHECK_FALSE(s.believes());
}

TEST_CASE("rule 49: a leap back is believed, and so is the way back from there") {
    scene s;
    s.world -= 50 * 365 * day;
    CHECK(s.believes());
    s.pass(2 * day);
    CHECK(s.believes());
    s.world += 50 * 365 * day;
    CHECK(s.believes());
    s.world += 61min;
    CHECK_FALSE(s.believes());
    s.world -= 50 * 365 * day;
    s.accept();
    s.world += 61min;
    CHECK_FALSE(s.believes());
}

TEST_CASE("rule 49: time that passes for both clocks, as in suspend, is no leap") {
    scene s;
    for (const microseconds asleep :
         {microseconds{10s}, microseconds{8h}, 90 * microseconds{day}}) {
        s.pass(asleep);
        CHECK(s.believes());
    }
}

TEST_CASE("rule 49: a clock that is slewed or corrected a little each day does not leap") {
    // The most that NTP slews is 500 millionths; a day of it is 43 seconds.
    const microseconds each_day =
        GENERATE(microseconds{43s}, microseconds{20min}, -microseconds{43s});
    const microseconds asked_every = GENERATE(microseconds{1h}, microseconds{day});
    scene s;
    for (microseconds t{0}; t < 20 * 365 * day; t += asked_every) {
        s.pass(asked_every);
        s.world += each_day / (day / asked_every);
        REQUIRE(s.believes());
    }
}

TEST_CASE("rule 49: leaps that are small each and large together are one") {
    scene s;
    s.world += 40min;
    CHECK(s.believes());
    s.pass(1min);
    s.world += 40min;
    CHECK_FALSE(s.believes());

    scene a_day_apart;
    for (int i = 0; i < 10; ++i) {
        a_day_apart.world += 40min;
        CHECK(a_day_apart.believes());
        a_day_apart.pass(day);
        CHECK(a_day_apart.believes());
    }

    scene twice_as_fast;
    for (int i = 0; i < 62; ++i) {
        twice_as_fast.pass(1min);
        twice_as_fast.world += 1min;
        CHECK(twice_as_fast.believes());
    }
    twice_as_fast.pass(1min);
    twice_as_fast.world += 1min;
    CHECK_FALSE(twice_as_fast.believes());
}

TEST_CASE("rule 49: the bound of a leap can be set, from a second to any") {
    scene narrow{1min};
    narrow.world += 61s;
    CHECK_FALSE(narrow.believes());
    narrow.world -= 1s;
    CHECK(narrow.believes());

    scene least{-5h};
    least.world += 1s;
    CHECK(least.believes());
    least.world += 1us;
    CHECK_FALSE(least.believes());

    scene any{microseconds::max()};
    any.world = coffer::never;
    CHECK(any.believes());
}

TEST_CASE("rule 49: within a second of a believed instant the other clock need not be read") {
    scene s;
    CHECK(s.rule.is_close_to_last(s.world));
    CHECK(s.rule.is_close_to_last(s.world + 999'999us));
    CHECK_FALSE(s.rule.is_close_to_last(s.world + 1s));
    CHECK_FALSE(s.rule.is_close_to_last(s.world - 1us));
    CHECK_FALSE(s.rule.is_close_to_last(coffer::never));
    s.pass(1min);
    CHECK(s.believes());
    CHECK(s.rule.is_close_to_last(s.world));
    const instant believed = s.world;
    s.world += 2h;
    CHECK_FALSE(s.believes());
    CHECK_FALSE(s.rule.is_close_to_last(s.world));
    CHECK(s.rule.is_close_to_last(believed));
    s.accept();
    CHECK(s.rule.is_close_to_last(s.world));
}

TEST_CASE("rule 49: the ends of time neither wrap nor are believed by mistake") {
    scene s;
    s.world = coffer::never;
    CHECK_FALSE(s.believes());
    s.world = instant::min();
    CHECK(s.believes());
    s.counted = microseconds::min();
    s.world = instant{};
    CHECK_FALSE(s.believes());
    s.accept();
    s.counted = microseconds::max();
    s.world = instant::min();
    CHECK(s.believes());
}

TEST_CASE("rule 49: an instant far beyond what a store recorded is not believed") {
    const instant recorded{500'000h};
    CHECK(is_believable(recorded, recorded + 400 * day));
    CHECK_FALSE(is_believable(recorded, recorded + 400 * day + 1us));
    CHECK(is_believable(recorded, recorded - 9'000 * day));
    CHECK(is_believable(recorded, recorded + 1h, 1h));
    CHECK_FALSE(is_believable(recorded, recorded + 1h + 1us, 1h));
    CHECK(is_believable(instant::min(), coffer::never, microseconds::max()));
    CHECK_FALSE(is_believable(instant::min(), coffer::never));
    CHECK(is_believable(coffer::never, instant::min()));
}
