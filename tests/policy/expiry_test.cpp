#include "support/catch.hpp"

#include <coffer/policy/expiry.hpp>

#include <string_view>

namespace expiry = coffer::expiry;
using coffer::errc;
using coffer::instant;
using coffer::lot_birth;
using coffer::timespan;

namespace {

instant utc(std::string_view text) {
    const auto t = coffer::parse_instant(text);
    REQUIRE(t);
    return *t;
}
std::string end_after(timespan length, std::string_view effective,
                      coffer::zone where = coffer::zone::utc()) {
    const auto life =
        expiry::after{length}.life({.effective = utc(effective), .running = {}, .where = where});
    REQUIRE(life);
    CHECK_FALSE(life->with_period);
    return coffer::iso8601(life->until);
}

}  // namespace

TEST_CASE("never has no end") {
    const auto life = expiry::never{}.life({});
    REQUIRE(life);
    CHECK(life->until == coffer::never);
    CHECK_FALSE(life->with_period);
}

TEST_CASE("months and years count by the calendar; a month that is too short gives its last day") {
    CHECK(end_after(coffer::months{1}, "2026-01-31T10:00:00Z") == "2026-02-28T10:00:00Z");
    CHECK(end_after(coffer::months{1}, "2028-01-31T10:00:00Z") == "2028-02-29T10:00:00Z");
    CHECK(end_after(coffer::months{2}, "2026-01-31T10:00:00Z") == "2026-03-31T10:00:00Z");
    CHECK(end_after(coffer::months{12}, "2024-02-29T00:00:00Z") == "2025-02-28T00:00:00Z");
    CHECK(end_after(coffer::years{4}, "2024-02-29T00:00:00Z") == "2028-02-29T00:00:00Z");
    CHECK(end_after(coffer::years{1}, "2026-12-31T23:59:59.999999Z") ==
          "2027-12-31T23:59:59.999999Z");
}

TEST_CASE("months keep the local time of day, days are exactly 24 hours") {
    const auto berlin = coffer::zone::find("Europe/Berlin");
    REQUIRE(berlin);
    CHECK(end_after(coffer::months{1}, "2026-03-01T09:00:00Z", *berlin) == "2026-04-01T08:00:00Z");
    CHECK(end_after(coffer::days{31}, "2026-03-01T09:00:00Z", *berlin) == "2026-04-01T09:00:00Z");
}

TEST_CASE("a life beyond the calendar is amount_overflow") {
    const expiry::after age{coffer::years{9'000}};
    CHECK(age.life({.effective = utc("2026-01-01T00:00:00Z"), .running = {}, .where = {}}) ==
          errc::amount_overflow);
}

TEST_CASE("at_period_end needs a period and ends with it") {
    const lot_birth homeless{.effective = utc("2026-01-01T00:00:00Z"), .running = {}, .where = {}};
    const auto refused = expiry::at_period_end{}.life(homeless);
    REQUIRE(refused == errc::invalid_argument);
    CHECK(refused.error().sentence().ends_with("start the wallet first"));
    lot_birth born = homeless;
    born.running = coffer::period{3, utc("2025-12-15T00:00:00Z"), utc("2026-01-15T00:00:00Z")};
    const auto life = expiry::at_period_end{}.life(born);
    REQUIRE(life);
    CHECK(life->until == born.running->until);
    CHECK(life->with_period);
}
