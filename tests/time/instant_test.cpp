#include "support/catch.hpp"

#include <coffer/time/instant.hpp>

#include <chrono>
#include <cstdint>
#include <random>
#include <ratio>
#include <string>
#include <type_traits>

namespace {

using namespace std::chrono_literals;
using coffer::errc;
using coffer::instant;
using coffer::iso8601;
using coffer::parse_instant;
using coffer::parse_timespan;
using coffer::timespan;

constexpr instant at(std::chrono::year_month_day date, std::chrono::microseconds time = 0us) {
    return instant{std::chrono::sys_days{date}} + time;
}

constexpr std::chrono::year_month_day date(int year, unsigned month, unsigned day) {
    return {std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
}

}  // namespace

TEST_CASE("a count of calendar units is no length of time, and no length is a calendar unit") {
    STATIC_REQUIRE_FALSE(std::is_convertible_v<int, coffer::months>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<std::chrono::seconds, coffer::months>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<std::chrono::seconds, coffer::days>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::months, std::chrono::months>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::days, std::chrono::days>);

    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, std::chrono::days>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, std::chrono::weeks>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, std::chrono::months>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, std::chrono::years>);
}

TEST_CASE("a span takes only whole numbers of microseconds") {
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, std::chrono::nanoseconds>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, std::chrono::duration<double>>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, int>);
    using thirds = std::chrono::duration<int, std::ratio<1, 3>>;
    STATIC_REQUIRE_FALSE(std::is_constructible_v<timespan, thirds>);
    STATIC_REQUIRE(std::is_convertible_v<std::chrono::microseconds, timespan>);
    STATIC_REQUIRE(std::is_convertible_v<std::chrono::milliseconds, timespan>);
    STATIC_REQUIRE(std::is_convertible_v<std::chrono::hours, timespan>);
    STATIC_REQUIRE(std::is_convertible_v<std::chrono::duration<short, std::ratio<60>>, timespan>);
}

TEST_CASE("a span keeps months, days and exact time apart") {
    constexpr timespan year = coffer::years{2};
    STATIC_REQUIRE(year.months() == 24);
    STATIC_REQUIRE(year.days() == 0);
    STATIC_REQUIRE(timespan{coffer::weeks{3}}.days() == 21);
    STATIC_REQUIRE(timespan{coffer::days{21}} == timespan{coffer::weeks{3}});
    STATIC_REQUIRE(timespan{coffer::months{12}} == timespan{coffer::years{1}});
    STATIC_REQUIRE(timespan{90min}.exact() == 5'400s);
    STATIC_REQUIRE_FALSE(timespan{coffer::days{1}} == timespan{24h});

    constexpr timespan mixed{coffer::months{1}, coffer::days{2}, 3us};
    STATIC_REQUIRE(mixed.months() == 1);
    STATIC_REQUIRE(mixed.days() == 2);
    STATIC_REQUIRE(mixed.exact() == 3us);
}

TEST_CASE("no calendar count overflows a span, and a longer exact one is the longest") {
    constexpr int most = 2'147'483'647;
    CHECK(timespan{coffer::years{most}}.months() == std::int64_t{most} * 12);
    CHECK(timespan{coffer::weeks{-most}}.days() == -std::int64_t{most} * 7);
    CHECK(timespan{std::chrono::hours::max()}.exact() == std::chrono::microseconds::max());
    CHECK(timespan{std::chrono::hours::min()}.exact() == std::chrono::microseconds::min());
    using unsigned_hours = std::chrono::duration<std::uint64_t, std::ratio<3600>>;
    CHECK(timespan{unsigned_hours::max()}.exact() == std::chrono::microseconds::max());
}

TEST_CASE("a span is negative if any part is, and zero only if all are") {
    CHECK(timespan{}.is_zero());
    CHECK(timespan{0h}.is_zero());
    CHECK_FALSE(timespan{1us}.is_zero());
    CHECK_FALSE(timespan{coffer::days{1}}.is_zero());
    CHECK_FALSE(timespan{coffer::months{1}}.is_negative());
    CHECK(timespan{coffer::months{-1}}.is_negative());
    CHECK(timespan{-1us}.is_negative());
    CHECK(timespan{coffer::months{1}, coffer::days{-1}, 0us}.is_negative());
}

TEST_CASE("a period contains its start and not its end") {
    constexpr coffer::period p{
        .index = 3, .from = at(date(2026, 1, 31)), .until = at(date(2026, 2, 28))};
    STATIC_REQUIRE(p.contains(p.from));
    STATIC_REQUIRE(p.contains(p.until - 1us));
    STATIC_REQUIRE_FALSE(p.contains(p.until));
    STATIC_REQUIRE_FALSE(p.contains(p.from - 1us));
}

TEST_CASE("an instant is written in UTC, with six digits of fraction where there is one") {
    CHECK(iso8601(at(date(2026, 1, 31), 10h)) == "2026-01-31T10:00:00Z");
    CHECK(iso8601(at(date(2026, 1, 31), 10h + 1us)) == "2026-01-31T10:00:00.000001Z");
    CHECK(iso8601(at(date(2026, 1, 31), 10h + 500ms)) == "2026-01-31T10:00:00.500000Z");
    CHECK(iso8601(instant{}) == "1970-01-01T00:00:00Z");
    CHECK(iso8601(instant{} - 1us) == "1969-12-31T23:59:59.999999Z");
    CHECK(iso8601(at(date(1, 1, 1))) == "0001-01-01T00:00:00Z");
    CHECK(iso8601(at(date(9999, 12, 31), 24h - 1us)) == "9999-12-31T23:59:59.999999Z");
    CHECK(iso8601(coffer::never) == "never");
}

TEST_CASE("an instant beyond four digits of year is written with a sign, to the ends of time") {
    CHECK(iso8601(at(date(10'000, 1, 1))) == "+10000-01-01T00:00:00Z");
    CHECK(iso8601(at(date(1, 1, 1)) - 1us) == "+0000-12-31T23:59:59.999999Z");
    CHECK(iso8601(at(date(-1, 12, 31))) == "-0001-12-31T00:00:00Z");
    // 2^63 microseconds are 106,751,991 days, 4 hours and 54.775808 seconds.
    CHECK(iso8601(coffer::never - 1us) == "+294247-01-10T04:00:54.775806Z");
    CHECK(iso8601(instant::min()) == "-290308-12-21T19:59:05.224192Z");
}

TEST_CASE("a text names the instant that it would be written as") {
    STATIC_REQUIRE(parse_instant("2026-01-31T10:00:00Z") == at(date(2026, 1, 31), 10h));
    CHECK(parse_instant("2026-01-31T10:00:00.5Z") == at(date(2026, 1, 31), 10h + 500ms));
    CHECK(parse_instant("2026-01-31T10:00:00.000001Z") == at(date(2026, 1, 31), 10h + 1us));
    CHECK(parse_instant("2026-01-31T10:00:00.123456Z") == at(date(2026, 1, 31), 10h + 123'456us));
    CHECK(parse_instant("2024-02-29T23:59:59Z") == at(date(2024, 2, 29), 24h - 1s));
    CHECK(parse_instant("0001-01-01T00:00:00Z") == at(date(1, 1, 1)));
    CHECK(parse_instant("9999-12-31T23:59:59.999999Z") == at(date(9999, 12, 31), 24h - 1us));
}

TEST_CASE("a date or time that no calendar has is invalid_argument") {
    const std::string text =
        GENERATE("2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "1900-02-29T00:00:00Z",
                 "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
                 "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "0000-01-01T00:00:00Z",
                 "2026-01-31T24:00:00Z", "2026-01-31T10:60:00Z", "2016-12-31T23:59:60Z");
    CAPTURE(text);
    CHECK(parse_instant(text) == errc::invalid_argument);
}

TEST_CASE("any other text than ISO 8601 in UTC is invalid_argument") {
    const std::string text =
        GENERATE("", "Z", "never", "2026", "2026-01-31", "2026-01-31T10:00Z", "2026-01-31T10:00:00",
                 "2026-01-31T10:00:00z", "2026-01-31t10:00:00Z", "2026-01-31 10:00:00Z",
                 "2026-01-31T10:00:00+00:00", "2026-01-31T10:00:00.Z",
                 "2026-01-31T10:00:00.1234567Z", "2026-01-31T10:00:00,5Z", "2026-01-31T10:00:00Z ",
                 " 2026-01-31T10:00:00Z", "+2026-01-31T10:00:00Z", "-2026-01-31T10:00:00Z",
                 "12026-01-31T10:00:00Z", "2026-1-31T10:00:00Z", "2026-01-31T10:00:0xZ",
                 "20260131T100000Z", "2026-01-31T10:00:00.+5Z", "2026-01-31T10:00:-1Z");
    CAPTURE(text);
    CHECK(parse_instant(text) == errc::invalid_argument);
    CHECK(parse_instant(std::string{"2026-01-31T10:00:00Z\0", 21}) == errc::invalid_argument);
}

TEST_CASE("writing and reading an instant gives the same instant") {
    std::mt19937_64 random{31};
    const std::int64_t first = at(date(1, 1, 1)).time_since_epoch().count();
    const std::int64_t last = at(date(9999, 12, 31)).time_since_epoch().count();
    std::uniform_int_distribution<std::int64_t> count{first, last};
    for (int i = 0; i < 50'000; ++i) {
        const instant t{std::chrono::microseconds{count(random)}};
        const instant whole = std::chrono::floor<std::chrono::seconds>(t);
        REQUIRE(parse_instant(iso8601(t)) == t);
        REQUIRE(parse_instant(iso8601(whole)) == whole);
    }
}

TEST_CASE("a text with any byte changed is refused or names an instant written alike") {
    const std::string text = "2026-01-31T10:20:30.405060Z";
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = text;
            changed[i] = static_cast<char>(byte);
            const auto t = parse_instant(changed);
            if (t) {
                REQUIRE(iso8601(*t) == changed);
            } else {
                REQUIRE(t.error() == errc::invalid_argument);
            }
        }
        REQUIRE(parse_instant(text.substr(0, i)) == errc::invalid_argument);
    }
}

TEST_CASE("a span is read from a number and a unit, singular or plural") {
    CHECK(parse_timespan("10 minutes") == timespan{10min});
    CHECK(parse_timespan("1 minute") == timespan{1min});
    CHECK(parse_timespan("0 seconds") == timespan{});
    CHECK(parse_timespan("90 seconds") == timespan{90s});
    CHECK(parse_timespan("1 hour") == timespan{1h});
    CHECK(parse_timespan("24 hours") == timespan{24h});
    CHECK(parse_timespan("14 days") == timespan{coffer::days{14}});
    CHECK(parse_timespan("2 weeks") == timespan{coffer::days{14}});
    CHECK(parse_timespan("12 months") == timespan{coffer::months{12}});
    CHECK(parse_timespan("1 month") == timespan{coffer::months{1}});
    CHECK(parse_timespan("1 year") == timespan{coffer::months{12}});
    CHECK(parse_timespan("2147483647 days") == timespan{coffer::days{2'147'483'647}});
    CHECK(parse_timespan("9223372036854 seconds") == timespan{9'223'372'036'854s});
}

TEST_CASE("a number that no span holds is amount_overflow") {
    CHECK(parse_timespan("2147483648 days") == errc::amount_overflow);
    CHECK(parse_timespan("4294967297 months") == errc::amount_overflow);
    CHECK(parse_timespan("9223372036855 seconds") == errc::amount_overflow);
    CHECK(parse_timespan("18446744073709551617 seconds") == errc::amount_overflow);
    CHECK(parse_timespan("99999999999999999999999999999999 years") == errc::amount_overflow);
}

TEST_CASE("any other text is no span") {
    const std::string text =
        GENERATE("", " ", "10", "minutes", " minutes", "10 ", "10minutes", "10  minutes",
                 "10 minutes ", " 10 minutes", "-1 days", "+1 days", "1.5 hours", "1e3 seconds",
                 "10 Minutes", "10 minutess", "10 s", "10 fortnights", "ten days", "1 day 2 hours",
                 "99999999999999999999999999999999 moons");
    CAPTURE(text);
    CHECK(parse_timespan(text) == errc::invalid_argument);
}

TEST_CASE("a text that is no instant or no span is repeated, with how one is written") {
    const auto said = [](const auto& refused) {
        return std::string{to_string(refused.error()).view()};
    };
    CHECK(
        said(parse_instant("yesterday")) ==
        "invalid_argument (yesterday): instant is written in UTC as 2026-01-31T10:00:00Z, with at "
        "most six decimals");
    CHECK(said(parse_instant("2026-02-29T10:00:00Z")) ==
          "invalid_argument (2026-02-29T10:00:00Z): instant has a date that no calendar has");
    CHECK(said(parse_instant("2026-02-28T24:00:00Z")) ==
          "invalid_argument (2026-02-28T24:00:00Z): instant has a time that no day has");
    CHECK(said(parse_timespan("a while")) ==
          "invalid_argument (a while): span is a whole number, a space, and a unit from seconds to "
          "years: 14 days");
}

TEST_CASE("a span prints its parts, and one part as it is read") {
    const auto shown = [](timespan span) { return std::string{to_string(span).view()}; };
    for (std::string_view text : {"1 month", "12 months", "14 days", "10 minutes", "36 hours",
                                  "1 second", "90 seconds", "0 seconds"}) {
        CHECK(shown(parse_timespan(text).or_throw()) == text);
    }
    CHECK(shown(timespan{coffer::months{1}, coffer::days{2}, 90min}) ==
          "1 month 2 days 90 minutes");
    CHECK(shown(timespan{1'500ms}) == "1500000 microseconds");
    CHECK(shown(timespan{coffer::days{-1}}) == "-1 days");
}
