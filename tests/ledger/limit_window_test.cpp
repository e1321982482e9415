#include "support/catch.hpp"

#include <coffer/ledger/limit_window.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <string_view>

using coffer::detail::day_of;
using coffer::detail::week_of;

namespace {

coffer::instant utc(std::string_view text) { return coffer::parse_instant(text).or_throw(); }
coffer::zone zone_of(std::string_view name) { return coffer::zone::find(name).or_throw(); }

void check_window(const coffer::detail::time_window& w, std::string_view from,
                  std::string_view until) {
    CHECK(coffer::iso8601(w.from) == from);
    CHECK(coffer::iso8601(w.until) == until);
}

}  // namespace

TEST_CASE("rule 32: a day of a limit lies between midnights of the zone, however long it is") {
    const coffer::zone berlin = zone_of("Europe/Berlin");
    check_window(day_of(utc("2026-03-29T12:00:00Z"), berlin), "2026-03-28T23:00:00Z",
                 "2026-03-29T22:00:00Z");
    check_window(day_of(utc("2026-10-25T22:59:59.999999Z"), berlin), "2026-10-24T22:00:00Z",
                 "2026-10-25T23:00:00Z");
    check_window(day_of(utc("2026-10-25T23:00:00Z"), berlin), "2026-10-25T23:00:00Z",
                 "2026-10-26T23:00:00Z");
}

TEST_CASE("rule 32: a day without a midnight begins after the gap") {
    // In Havana the clocks went from 0:00 to 1:00 on 8 March 2026.
    check_window(day_of(utc("2026-03-08T05:00:00Z"), zone_of("America/Havana")),
                 "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
    // Samoa had no 30 December 2011.
    check_window(day_of(utc("2011-12-30T10:00:00Z"), zone_of("Pacific/Apia")),
                 "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
}

TEST_CASE("rule 32: a midnight that comes twice begins the day once") {
    // In St. John's the clocks went back from 0:01 to 23:01 on 29 October 2006.
    const coffer::zone newfoundland = zone_of("America/St_Johns");
    const auto w = day_of(utc("2006-10-29T02:45:00Z"), newfoundland);
    check_window(w, "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z");
    CHECK(day_of(utc("2006-10-29T03:00:00Z"), newfoundland) == w);
    CHECK(day_of(utc("2006-10-29T02:29:59Z"), newfoundland).until == w.from);
}

TEST_CASE("rule 32: a week of a limit begins on Monday") {
    const coffer::zone berlin = zone_of("Europe/Berlin");
    check_window(week_of(utc("2026-01-04T22:59:59Z"), berlin), "2025-12-28T23:00:00Z",
                 "2026-01-04T23:00:00Z");
    check_window(week_of(utc("2026-01-04T23:00:00Z"), berlin), "2026-01-04T23:00:00Z",
                 "2026-01-11T23:00:00Z");
    check_window(week_of(utc("2026-03-29T12:00:00Z"), berlin), "2026-03-22T23:00:00Z",
                 "2026-03-29T22:00:00Z");
}

TEST_CASE("rule 32: what no calendar can write lies in one window") {
    CHECK(day_of(coffer::instant::min(), {}) == coffer::detail::time_window{});
    CHECK(week_of(coffer::never, {}) == coffer::detail::time_window{});
    CHECK(day_of(coffer::detail::first_instant, {}).from == coffer::detail::first_instant);
}
