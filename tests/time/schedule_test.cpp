#include "support/catch.hpp"

#include <coffer/time/schedule.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using coffer::add;
using coffer::errc;
using coffer::instant;
using coffer::iso8601;
using coffer::schedule;
using coffer::timespan;
using coffer::zone;

instant utc(std::string_view text) {
    const auto t = coffer::parse_instant(text);
    REQUIRE(t);
    return *t;
}

zone named(std::string_view name) {
    const auto found = zone::find(name);
    INFO(name << ": " << zone::advice());
    REQUIRE(found);
    return *found;
}

/// When periods 0, 1, 2 ... begin.
std::vector<std::string> starts(const schedule& when, int count) {
    std::vector<std::string> texts;
    for (int k = 0; k < count; ++k) {
        const auto start = when.start_of(k);
        REQUIRE(start);
        texts.push_back(iso8601(*start));
    }
    return texts;
}

std::string sum(std::string_view from, timespan span, const zone& where) {
    const auto moved = add(utc(from), span, where);
    REQUIRE(moved);
    return iso8601(*moved);
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("monthly from the 31st falls on each month's last day and comes back to the 31st") {
    const schedule monthly{utc("2026-01-31T10:00:00Z"), coffer::months{1}, zone::utc()};
    CHECK(starts(monthly, 5) == texts{"2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z",
                                      "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z",
                                      "2026-05-31T10:00:00Z"});
    const schedule leap{utc("2028-01-31T10:00:00Z"), coffer::months{1}, zone::utc()};
    CHECK(starts(leap, 3) ==
          texts{"2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z", "2028-03-31T10:00:00Z"});
    const schedule over_the_year{utc("2026-11-30T00:00:00Z"), coffer::months{3}, zone::utc()};
    CHECK(starts(over_the_year, 4) == texts{"2026-11-30T00:00:00Z", "2027-02-28T00:00:00Z",
                                            "2027-05-30T00:00:00Z", "2027-08-30T00:00:00Z"});
}

TEST_CASE("yearly from 29 February falls on the 28th and comes back in leap years") {
    const schedule yearly{utc("2096-02-29T12:00:00Z"), coffer::years{1}, zone::utc()};
    const texts expected{"2096-02-29T12:00:00Z", "2097-02-28T12:00:00Z", "2098-02-28T12:00:00Z",
                         "2099-02-28T12:00:00Z", "2100-02-28T12:00:00Z", "2101-02-28T12:00:00Z",
                         "2102-02-28T12:00:00Z", "2103-02-28T12:00:00Z", "2104-02-29T12:00:00Z"};
    CHECK(starts(yearly, 9) == expected);
}

TEST_CASE("V29: a period begins at its start exactly, clamped from the anchor alone") {
    const schedule from_31{utc("2025-01-31T15:00:00Z"), coffer::months{1}, zone::utc()};
    const auto at = [](const schedule& when, std::string_view text) {
        const auto k = when.index_at(utc(text));
        REQUIRE(k);
        const auto period = when.period_of(*k);
        REQUIRE(period);
        REQUIRE(period->contains(utc(text)));
        return texts{iso8601(period->from), iso8601(period->until)};
    };
    CHECK(at(from_31, "2025-08-13T20:00:00Z") ==
          texts{"2025-07-31T15:00:00Z", "2025-08-31T15:00:00Z"});
    CHECK(at(from_31, "2025-09-30T15:00:00Z") ==
          texts{"2025-09-30T15:00:00Z", "2025-10-31T15:00:00Z"});
    const schedule from_30{utc("2025-01-30T15:00:00Z"), coffer::months{1}, zone::utc()};
    CHECK(at(from_30, "2025-02-13T20:00:00Z") ==
          texts{"2025-01-30T15:00:00Z", "2025-02-28T15:00:00Z"});
}

TEST_CASE("V31: after a short month a reset is back on its day, as the anchor alone decides") {
    const schedule monthly{utc("2026-05-31T15:13:09Z"), coffer::months{1}, zone::utc()};
    CHECK(starts(monthly, 3) ==
          texts{"2026-05-31T15:13:09Z", "2026-06-30T15:13:09Z", "2026-07-31T15:13:09Z"});
}

TEST_CASE("V33: a subscription from the 20th knows no boundary on the 1st") {
    const schedule monthly{utc("2026-01-20T09:00:00Z"), coffer::months{1}, named("Europe/Berlin")};
    for (instant t = utc("2026-01-20T09:00:00Z"); t < utc("2026-02-20T09:00:00Z"); t += 1h) {
        REQUIRE(monthly.index_at(t) == 0);
    }
    CHECK(monthly.index_at(utc("2026-02-20T09:00:00Z")) == 1);

    const schedule trial{utc("2026-01-25T09:00:00Z"), coffer::days{14}, named("Europe/Berlin")};
    CHECK(trial.index_at(utc("2026-02-01T00:00:00Z")) == 0);
    CHECK(trial.index_at(utc("2026-02-08T08:59:59.999999Z")) == 0);
    CHECK(trial.index_at(utc("2026-02-08T09:00:00Z")) == 1);
}

TEST_CASE("months, weeks and days keep the local time of day across clock changes") {
    const zone new_york = named("America/New_York");
    const instant nine = utc("2026-03-07T14:00:00Z");
    CHECK(starts(schedule{nine, coffer::days{1}, new_york}, 3) ==
          texts{"2026-03-07T14:00:00Z", "2026-03-08T13:00:00Z", "2026-03-09T13:00:00Z"});
    CHECK(starts(schedule{nine, coffer::weeks{1}, new_york}, 2) ==
          texts{"2026-03-07T14:00:00Z", "2026-03-14T13:00:00Z"});
    CHECK(starts(schedule{nine, coffer::months{4}, new_york}, 3) ==
          texts{"2026-03-07T14:00:00Z", "2026-07-07T13:00:00Z", "2026-11-07T14:00:00Z"});
    CHECK(starts(schedule{nine, coffer::years{1}, named("Europe/Berlin")}, 2) ==
          texts{"2026-03-07T14:00:00Z", "2027-03-07T14:00:00Z"});
}

TEST_CASE("hours and below are exact across clock changes") {
    const zone new_york = named("America/New_York");
    CHECK(starts(schedule{utc("2026-03-08T05:30:00Z"), 1h, new_york}, 4) ==
          texts{"2026-03-08T05:30:00Z", "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z",
                "2026-03-08T08:30:00Z"});
    CHECK(starts(schedule{utc("2026-03-07T14:00:00Z"), 24h, new_york}, 3) ==
          texts{"2026-03-07T14:00:00Z", "2026-03-08T14:00:00Z", "2026-03-09T14:00:00Z"});
    CHECK(starts(schedule{utc("2026-01-01T00:00:00Z"), 1us, new_york}, 3) ==
          texts{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z",
                "2026-01-01T00:00:00.000002Z"});
}

TEST_CASE("a period that would begin in a gap begins right after it") {
    // 02:30 on the 8th in New York, on the 29th in Berlin.
    CHECK(
        starts(schedule{utc("2026-01-08T07:30:00Z"), coffer::months{1}, named("America/New_York")},
               4) == texts{"2026-01-08T07:30:00Z", "2026-02-08T07:30:00Z", "2026-03-08T07:00:00Z",
                           "2026-04-08T06:30:00Z"});
    CHECK(starts(schedule{utc("2026-01-29T01:30:00Z"), coffer::months{1}, named("Europe/Berlin")},
                 4) == texts{"2026-01-29T01:30:00Z", "2026-02-28T01:30:00Z", "2026-03-29T01:00:00Z",
                             "2026-04-29T00:30:00Z"});
}

TEST_CASE("a period that could begin twice begins at the first") {
    CHECK(
        starts(schedule{utc("2026-08-01T05:30:00Z"), coffer::months{3}, named("America/New_York")},
               3) == texts{"2026-08-01T05:30:00Z", "2026-11-01T05:30:00Z", "2027-02-01T06:30:00Z"});
    CHECK(starts(schedule{utc("2026-09-25T00:30:00Z"), coffer::months{1}, named("Europe/Berlin")},
                 3) ==
          texts{"2026-09-25T00:30:00Z", "2026-10-25T00:30:00Z", "2026-11-25T01:30:00Z"});
}

TEST_CASE("an anchor that is the second of two equal local times stays as it was given") {
    const zone new_york = named("America/New_York");
    const instant second = utc("2026-11-01T06:30:00Z");
    CHECK(starts(schedule{second, coffer::days{1}, new_york}, 2) ==
          texts{"2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z"});
    CHECK(starts(schedule{second, 1h, new_york}, 2) ==
          texts{"2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"});
    CHECK(schedule{second, coffer::days{1}, new_york}.index_at(second) == 0);
    CHECK(schedule{second, coffer::days{1}, new_york}.index_at(second - 1us) ==
          errc::invalid_argument);
}

TEST_CASE("a day whose midnight does not exist begins right after the gap") {
    const zone santiago = named("America/Santiago");
    CHECK(starts(schedule{utc("2026-09-05T04:00:00Z"), coffer::days{1}, santiago}, 3) ==
          texts{"2026-09-05T04:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z"});
    CHECK(starts(schedule{utc("2026-07-06T04:00:00Z"), coffer::months{1}, santiago}, 4) ==
          texts{"2026-07-06T04:00:00Z", "2026-08-06T04:00:00Z", "2026-09-06T04:00:00Z",
                "2026-10-06T03:00:00Z"});
}

TEST_CASE("on a date that its zone skips a daily period is empty and nothing is in it") {
    const schedule daily{utc("2011-12-28T10:00:00Z"), coffer::days{1}, named("Pacific/Apia")};
    CHECK(starts(daily, 5) == texts{"2011-12-28T10:00:00Z", "2011-12-29T10:00:00Z",
                                    "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z",
                                    "2011-12-31T10:00:00Z"});
    CHECK(daily.index_at(utc("2011-12-30T09:59:59.999999Z")) == 1);
    CHECK(daily.index_at(utc("2011-12-30T10:00:00Z")) == 3);
}

TEST_CASE("months, days and an exact part count together, each from the anchor") {
    const schedule mixed{utc("2026-01-31T10:00:00Z"),
                         timespan{coffer::months{1}, coffer::days{1}, 30min}, zone::utc()};
    CHECK(starts(mixed, 4) == texts{"2026-01-31T10:00:00Z", "2026-03-01T10:30:00Z",
                                    "2026-04-02T11:00:00Z", "2026-05-03T11:30:00Z"});
    CHECK(mixed.index_at(utc("2026-04-02T10:59:59Z")) == 1);
    CHECK(mixed.index_at(utc("2026-04-02T11:00:00Z")) == 2);
}

TEST_CASE("a schedule that goes nowhere answers invalid_argument") {
    const instant anchor = utc("2026-01-31T10:00:00Z");
    for (const timespan every : {timespan{}, timespan{-1h}, timespan{coffer::months{-1}},
                                 timespan{coffer::months{1}, coffer::days{-1}, 0us}}) {
        const schedule when{anchor, every, zone::utc()};
        CHECK(when.start_of(0) == errc::invalid_argument);
        CHECK(when.period_of(0) == errc::invalid_argument);
        CHECK(when.index_at(anchor) == errc::invalid_argument);
    }
    const schedule monthly{anchor, coffer::months{1}, zone::utc()};
    CHECK(monthly.start_of(-1) == errc::invalid_argument);
    CHECK(monthly.period_of(-1) == errc::invalid_argument);
    CHECK(monthly.index_at(anchor - 1us) == errc::invalid_argument);
    CHECK(schedule{coffer::never, coffer::months{1}, zone::utc()}.start_of(0) ==
          errc::invalid_argument);
    CHECK(schedule{instant::min(), coffer::months{1}, zone::utc()}.index_at(anchor) ==
          errc::invalid_argument);
}

TEST_CASE("a schedule says which of its parts, or of a question, makes no sense") {
    const instant anchor = utc("2026-01-31T10:00:00Z");
    const schedule monthly{anchor, coffer::months{1}, zone::utc()};
    CHECK(monthly.start_of(-1).error().field() == "k");
    CHECK(monthly.index_at(anchor - 1us).error().field() == "t");
    CHECK(schedule{anchor, coffer::months{0}, zone::utc()}.start_of(0).error().field() == "every");
    CHECK(schedule{coffer::never, coffer::months{1}, zone::utc()}.start_of(0).error().field() ==
          "anchor");
}

TEST_CASE("what lies beyond the year 9999 or does not fit is amount_overflow") {
    const instant anchor = utc("9999-11-30T10:00:00Z");
    const schedule monthly{anchor, coffer::months{1}, zone::utc()};
    CHECK(monthly.start_of(1) == utc("9999-12-30T10:00:00Z"));
    CHECK(monthly.start_of(2) == errc::amount_overflow);
    CHECK(monthly.period_of(0));
    CHECK(monthly.period_of(1) == errc::amount_overflow);
    CHECK(monthly.index_at(utc("9999-12-31T23:59:59Z")) == 1);
    CHECK(monthly.index_at(coffer::never) == errc::amount_overflow);

    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr int most_count = std::numeric_limits<int>::max();
    for (const timespan every : {timespan{coffer::years{1}}, timespan{coffer::years{most_count}},
                                 timespan{coffer::days{1}}, timespan{coffer::weeks{most_count}},
                                 timespan{1us}, timespan{std::chrono::hours::max()}}) {
        const schedule when{utc("2026-01-31T10:00:00Z"), every, named("America/New_York")};
        CHECK(when.start_of(most) == errc::amount_overflow);
        CHECK(when.start_of(0) == utc("2026-01-31T10:00:00Z"));
    }
    for (const timespan every :
         {timespan{coffer::years{most_count}}, timespan{coffer::weeks{most_count}},
          timespan{std::chrono::hours::max()}}) {
        const schedule when{utc("2026-01-31T10:00:00Z"), every, named("America/New_York")};
        CHECK(when.index_at(utc("9999-12-31T23:59:59Z")) == 0);
    }
}

TEST_CASE("a period's index has 32 bits, a larger one is amount_overflow") {
    const schedule fine{utc("2026-01-31T10:00:00Z"), 1us, zone::utc()};
    CHECK(fine.period_of(4'294'967'295));
    CHECK(fine.period_of(4'294'967'296) == errc::amount_overflow);
    CHECK(fine.index_at(utc("2026-02-28T10:00:00Z")) == std::int64_t{28} * 86'400 * 1'000'000);
}

TEST_CASE("any schedule is contiguous, never goes back, and finds its own periods") {
    const std::vector<std::string> zones{
        "UTC",           "America/New_York", "Europe/Berlin",      "America/Santiago",
        "Pacific/Apia",  "Asia/Gaza",        "Africa/Casablanca",  "Australia/Lord_Howe",
        "Europe/Dublin", "Asia/Kathmandu",   "Pacific/Kiritimati", "America/Nuuk"};
    const std::vector<timespan> spans{30min,
                                      1h,
                                      24h,
                                      25h,
                                      coffer::days{1},
                                      coffer::days{3},
                                      coffer::weeks{1},
                                      coffer::weeks{2},
                                      coffer::months{1},
                                      coffer::months{3},
                                      coffer::months{7},
                                      coffer::years{1},
                                      coffer::years{4},
                                      timespan{coffer::months{1}, coffer::days{1}, 1h}};
    std::mt19937_64 random{1969};
    std::uniform_int_distribution<std::int64_t> minute{0, 2'000'000'000 / 60};
    for (int i = 0; i < 4'000; ++i) {
        const std::string& name = zones[random() % zones.size()];
        const timespan every = spans[random() % spans.size()];
        // On the quarter of an hour, where clocks change, and often at the end of a month.
        const auto anchor =
            utc("1990-01-31T00:00:00Z") + std::chrono::minutes{minute(random) / 15 * 15};
        const schedule when{anchor, every, named(name)};
        const auto first = static_cast<std::int64_t>(random() % 1'000);
        CAPTURE(name, iso8601(anchor), every.months(), every.days(), every.exact().count(), first);
        for (std::int64_t k = first; k < first + 8; ++k) {
            const auto period = when.period_of(k);
            REQUIRE(period);
            REQUIRE(period->index == k);
            REQUIRE(when.start_of(k) == period->from);
            REQUIRE(when.start_of(k + 1) == period->until);
            REQUIRE(period->from <= period->until);
            const auto found = when.index_at(period->from);
            REQUIRE(found);
            if (period->from < period->until) {
                REQUIRE(*found == k);
                REQUIRE(when.index_at(period->until - 1us) == k);
            } else {
                REQUIRE(*found > k);
                REQUIRE(name == "Pacific/Apia");
            }
        }
    }
}

TEST_CASE("each period of the calendar begins at the anchor's local time of day, or after a gap") {
    std::mt19937_64 random{1582};
    for (const auto* name : {"America/New_York", "Europe/Berlin", "America/Santiago"}) {
        const zone where = named(name);
        for (int i = 0; i < 300; ++i) {
            const instant anchor =
                utc("2000-01-01T00:00:00Z") + 30min * static_cast<int>(random() % 500'000);
            const auto time_of_day = [&where](instant t) {
                const auto local = where.local(t);
                return local - std::chrono::floor<std::chrono::days>(local);
            };
            const schedule daily{anchor, coffer::days{1}, where};
            for (std::int64_t k = 1; k < 400; ++k) {
                const auto start = daily.start_of(k);
                REQUIRE(start);
                if (time_of_day(*start) == time_of_day(anchor)) continue;
                REQUIRE(where.offset(*start) - where.offset(*start - 1us) == 1h);
                REQUIRE(time_of_day(*start) - time_of_day(anchor) <= 1h);
            }
        }
    }
}

TEST_CASE("the index is found at once however many periods lie between") {
    const schedule daily{utc("0001-01-02T00:00:00Z"), coffer::days{1}, named("Europe/Berlin")};
    const auto k = daily.index_at(utc("9999-12-30T12:00:00Z"));
    REQUIRE(k);
    // 9999 years are 3,652,059 days; less the first and the two last.
    CHECK(*k == 3'652'059 - 3);
}

TEST_CASE("months are added by the calendar of the zone, to the month's end at most") {
    CHECK(sum("2026-01-31T10:00:00Z", coffer::months{1}, zone::utc()) == "2026-02-28T10:00:00Z");
    CHECK(sum("2027-08-31T10:00:00Z", coffer::months{6}, zone::utc()) == "2028-02-29T10:00:00Z");
    CHECK(sum("2024-02-29T10:00:00Z", coffer::years{1}, zone::utc()) == "2025-02-28T10:00:00Z");
    CHECK(sum("2026-03-31T10:00:00Z", coffer::months{-1}, zone::utc()) == "2026-02-28T10:00:00Z");
    // 31 January 23:30 in New York is 1 February in UTC.
    CHECK(sum("2026-02-01T04:30:00Z", coffer::months{1}, named("America/New_York")) ==
          "2026-03-01T04:30:00Z");
    CHECK(sum("2026-02-01T04:30:00Z", coffer::months{2}, named("America/New_York")) ==
          "2026-04-01T03:30:00Z");
    CHECK(sum("2026-01-08T07:30:00Z", coffer::months{2}, named("America/New_York")) ==
          "2026-03-08T07:00:00Z");
    CHECK(sum("2026-10-01T05:30:00Z", coffer::months{1}, named("America/New_York")) ==
          "2026-11-01T05:30:00Z");
}

TEST_CASE("days are added as exactly 24 hours, and the exact part exactly") {
    const zone new_york = named("America/New_York");
    CHECK(sum("2026-03-07T14:00:00Z", coffer::days{14}, new_york) == "2026-03-21T14:00:00Z");
    CHECK(sum("2026-03-07T14:00:00Z", 10min, new_york) == "2026-03-07T14:10:00Z");
    CHECK(sum("2026-11-01T06:30:00Z", timespan{}, new_york) == "2026-11-01T06:30:00Z");
    CHECK(sum("2026-01-31T10:00:00Z", timespan{coffer::months{1}, coffer::days{1}, 1us},
              zone::utc()) == "2026-03-01T10:00:00.000001Z");
}

TEST_CASE("a sum beyond the years 0001 to 9999 is amount_overflow") {
    const instant t = utc("2026-01-31T10:00:00Z");
    constexpr int most = std::numeric_limits<int>::max();
    for (const timespan span :
         {timespan{coffer::years{8'000}}, timespan{coffer::years{-2'026}},
          timespan{coffer::years{most}}, timespan{coffer::years{-most}},
          timespan{coffer::weeks{most}}, timespan{coffer::days{-most}},
          timespan{std::chrono::hours::max()}, timespan{std::chrono::hours::min()}}) {
        CHECK(add(t, span, zone::utc()) == errc::amount_overflow);
        CHECK(add(t, span, named("America/New_York")) == errc::amount_overflow);
    }
    CHECK(add(coffer::never, 1h, zone::utc()) == errc::amount_overflow);
    CHECK(add(coffer::never, coffer::months{-1}, zone::utc()) == errc::amount_overflow);
    CHECK(add(t, coffer::years{7'973}, zone::utc()) == utc("9999-01-31T10:00:00Z"));
}
