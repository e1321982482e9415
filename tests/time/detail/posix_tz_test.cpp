#include "support/catch.hpp"

#include <coffer/time/detail/posix_tz.hpp>
#include <coffer/time/instant.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace {

using coffer::detail::offset_span;
using coffer::detail::parse_posix_rule;
using coffer::detail::posix_rule;

std::int64_t utc(std::string_view text) {
    const auto t = coffer::parse_instant(text);
    REQUIRE(t);
    return t->time_since_epoch().count() / 1'000'000;
}

posix_rule rule(std::string_view text) {
    const auto parsed = parse_posix_rule(text);
    REQUIRE(parsed);
    return *parsed;
}

/// The rule changes the offset at exactly that second.
void check_change(std::string_view text, std::string_view at, int before, int after) {
    CAPTURE(text, at);
    const posix_rule parsed = rule(text);
    const std::int64_t t = utc(at);
    CHECK(parsed.span_at(t - 1).offset == before);
    CHECK(parsed.span_at(t - 1).until == t);
    CHECK(parsed.span_at(t).offset == after);
    CHECK(parsed.span_at(t).from == t);
}

constexpr int hour = 3'600;

}  // namespace

TEST_CASE("a rule without daylight time has one offset for all time, counted westwards") {
    CHECK(rule("EST5").span_at(0).offset == -5 * hour);
    CHECK(rule("UTC0").span_at(0).offset == 0);
    CHECK(rule("<+03>-3").span_at(0).offset == 3 * hour);
    CHECK(rule("<-00>0").span_at(0).offset == 0);
    CHECK(rule("<+0545>-5:45").span_at(0).offset == 5 * hour + 45 * 60);
    CHECK(rule("XXX+1:02:03").span_at(0).offset == -(hour + 2 * 60 + 3));
    CHECK(rule("XXX-24:59:59").span_at(0).offset == 25 * hour - 1);
    CHECK(rule("EST5").span_at(utc("9999-12-31T00:00:00Z")).until == offset_span{}.until);
}

TEST_CASE("daylight time begins and ends on the weekdays that the rule names") {
    const std::string new_york = "EST5EDT,M3.2.0,M11.1.0";
    check_change(new_york, "2038-03-14T07:00:00Z", -5 * hour, -4 * hour);
    check_change(new_york, "2038-11-07T06:00:00Z", -4 * hour, -5 * hour);
    check_change(new_york, "2026-03-08T07:00:00Z", -5 * hour, -4 * hour);

    const std::string berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
    check_change(berlin, "2050-03-27T01:00:00Z", hour, 2 * hour);
    check_change(berlin, "2050-10-30T01:00:00Z", 2 * hour, hour);
}

TEST_CASE("south of the equator daylight time spans the new year") {
    const std::string sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
    check_change(sydney, "2040-03-31T16:00:00Z", 11 * hour, 10 * hour);
    check_change(sydney, "2040-10-06T16:00:00Z", 10 * hour, 11 * hour);
    CHECK(rule(sydney).span_at(utc("2040-12-31T23:59:59Z")).offset == 11 * hour);
    CHECK(rule(sydney).span_at(utc("2041-01-01T00:00:00Z")).offset == 11 * hour);
    CHECK(rule(sydney).span_at(utc("2041-01-01T00:00:00Z")).from == utc("2040-10-06T16:00:00Z"));
}

TEST_CASE("daylight time can be behind standard time") {
    const std::string dublin = "IST-1GMT0,M10.5.0,M3.5.0/1";
    check_change(dublin, "2030-03-31T01:00:00Z", 0, hour);
    check_change(dublin, "2030-10-27T01:00:00Z", hour, 0);
}

TEST_CASE("the time of a change can lie on another day than the rule's") {
    SECTION("below zero") {
        const std::string nuuk = "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1";
        check_change(nuuk, "2030-03-31T01:00:00Z", -3 * hour, -2 * hour);
        check_change(nuuk, "2030-10-27T01:00:00Z", -2 * hour, -3 * hour);
    }
    SECTION("beyond 24 hours") {
        // The fourth Thursday of March 2030 is the 28th; 26 and 50 hours after its midnight.
        check_change("IST-2IDT,M3.4.4/26,M10.5.0", "2030-03-29T00:00:00Z", 2 * hour, 3 * hour);
        check_change("EET-2EEST,M3.4.4/50,M10.4.4/50", "2030-03-30T00:00:00Z", 2 * hour, 3 * hour);
    }
    SECTION("at the bounds, almost a week away") {
        // 10 April 2030 less 6 d 23 h, and 19 July 2030 plus 6 d 23 h less an hour of summer.
        check_change("AAA0BBB,J100/-167,J200/167", "2030-04-03T01:00:00Z", 0, hour);
        check_change("AAA0BBB,J100/-167,J200/167", "2030-07-25T22:00:00Z", hour, 0);
    }
    SECTION("in another year") {
        check_change("AAA0BBB,J1/-48,J100", "2029-12-30T00:00:00Z", 0, hour);
        check_change("AAA0BBB,J100,J365/49", "2031-01-02T00:00:00Z", hour, 0);
        // Standard time from one hour of the first days of January to the next, and from
        // 27 December 19:00 to 25 December 01:00 a year later.
        check_change("AAA0BBB,J365/167,J365/166", "2030-01-06T21:00:00Z", hour, 0);
        check_change("AAA0BBB,J365/167,J365/166", "2030-01-06T23:00:00Z", 0, hour);
        const std::string december = "AAA0BBB,J1/-167,J1/-100";
        check_change(december, "2030-12-25T01:00:00Z", 0, hour);
        check_change(december, "2030-12-27T19:00:00Z", hour, 0);
        CHECK(rule(december).span_at(utc("2030-12-30T00:00:00Z")).until ==
              utc("2031-12-25T01:00:00Z"));
    }
}

TEST_CASE("day J60 is 1 March in every year, day 59 only where there is no 29 February") {
    check_change("AAA0BBB,J60/0,J200", "2031-03-01T00:00:00Z", 0, hour);
    check_change("AAA0BBB,J60/0,J200", "2032-03-01T00:00:00Z", 0, hour);
    check_change("AAA0BBB,J59/0,J200", "2032-02-28T00:00:00Z", 0, hour);
    check_change("AAA0BBB,59/0,J200", "2031-03-01T00:00:00Z", 0, hour);
    check_change("AAA0BBB,59/0,J200", "2032-02-29T00:00:00Z", 0, hour);
    check_change("AAA0BBB,J365/0,J100", "2032-12-31T00:00:00Z", 0, hour);
    check_change("AAA0BBB,365/0,J100", "2032-12-31T00:00:00Z", 0, hour);
    check_change("AAA0BBB,0/0,J100", "2032-01-01T00:00:00Z", 0, hour);
}

TEST_CASE("daylight time all year leaves no moment of standard time") {
    const posix_rule always = rule("XXX3EDT4,0/0,J365/25");
    for (int year = 2026; year <= 2040; ++year) {
        const std::int64_t new_year = utc(std::to_string(year) + "-01-01T00:00:00Z");
        for (std::int64_t hours = -30; hours <= 30; ++hours) {
            CHECK(always.span_at(new_year + hours * hour).offset == -4 * hour);
        }
        CHECK(always.span_at(new_year + 180 * 24 * hour).offset == -4 * hour);
    }
}

TEST_CASE("the rule holds in every cycle of 400 years") {
    check_change("EST5EDT,M3.2.0,M11.1.0", "2438-03-14T07:00:00Z", -5 * hour, -4 * hour);
    check_change("EST5EDT,M3.2.0,M11.1.0", "1638-03-14T07:00:00Z", -5 * hour, -4 * hour);
    check_change("EST5EDT,M3.2.0,M11.1.0", "9638-03-14T07:00:00Z", -5 * hour, -4 * hour);
}

TEST_CASE("stretches follow each other without gap or overlap") {
    const std::string text = GENERATE(
        "EST5EDT,M3.2.0,M11.1.0", "AEST-10AEDT,M10.1.0,M4.1.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1",
        "EET-2EEST,M3.4.4/50,M10.4.4/50", "AAA0BBB,J1/-48,J365/49", "AAA0BBB,J365/167,J365/166",
        "AAA0BBB,J1/-167,J1/-100", "XXX3EDT4,0/0,J365/25", "AAA0BBB,0,0");
    CAPTURE(text);
    const posix_rule parsed = rule(text);
    std::int64_t t = utc("1969-01-01T00:00:00Z");
    const std::int64_t end = utc("2400-01-01T00:00:00Z");
    for (int stretches = 0; t < end && stretches < 10'000; ++stretches) {
        const offset_span span = parsed.span_at(t);
        REQUIRE(span.from <= t);
        REQUIRE(t < span.until);
        REQUIRE(parsed.span_at(span.until - 1).offset == span.offset);
        t = span.until;
    }
    CHECK(t >= end);
}

TEST_CASE("a text that is no such rule is refused") {
    const std::string text = GENERATE(
        "", "E", "EST", "5", "ES5", "EST5 ", " EST5", "EST25", "EST5:60", "EST5:00:60", "EST--5",
        "<EST5", "<E>5", "<>5", "E1T5", ":EST5", "EST5EDT", "EST5EDT4", "EST5EDT,",
        "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,", "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.0.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2,M11.1.0", "EST5EDT,J0,J100", "EST5EDT,J366,J100",
        "EST5EDT,366,J100", "EST5EDT,M3.2.0/168,M11.1.0", "EST5EDT,M3.2.0/-168,M11.1.0",
        "EST5EDT,M3.2.0/2:60,M11.1.0", "EST5EDT,M3.2.0/,M11.1.0", "EST5EDT,-1,J100",
        "EST5,M3.2.0,M11.1.0", "EST99999999999999999999");
    CAPTURE(text);
    CHECK_FALSE(parse_posix_rule(text));
}

TEST_CASE("no bytes make the rule reader misbehave, and what it accepts has a sane offset") {
    std::mt19937_64 random{20260131};
    const std::string seed = "EST5EDT4:30,M3.2.0/-2:15,J300/167";
    int accepted = 0;
    for (int i = 0; i < 200'000; ++i) {
        std::string text = seed.substr(0, random() % (seed.size() + 1) | (i % 3 == 0 ? 32u : 0u));
        for (std::uint64_t changes = random() % 3; changes > 0 && !text.empty(); --changes) {
            const std::string_view letters = "EM<>J,./:+-0123456789";
            text[random() % text.size()] = random() % 8 == 0 ? static_cast<char>(random() % 256)
                                                             : letters[random() % letters.size()];
        }
        const auto parsed = parse_posix_rule(text);
        if (!parsed) continue;
        ++accepted;
        const auto t = static_cast<std::int64_t>(random() % 10'000'000'000'000) - 5'000'000'000'000;
        const offset_span span = parsed->span_at(t);
        REQUIRE(span.from <= t);
        REQUIRE(t < span.until);
        REQUIRE(span.offset > -25 * hour);
        REQUIRE(span.offset < 26 * hour);
    }
    CHECK(accepted > 1'000);
}
