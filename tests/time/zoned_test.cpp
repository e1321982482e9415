#include "support/catch.hpp"

#include <coffer/time/zoned.hpp>

#include <string>
#include <string_view>

using coffer::zone;
using coffer::zoned;

namespace {

std::string shown(std::string_view instant, std::string_view where) {
    const zoned t{coffer::parse_instant(instant).or_throw(), zone::find(where).or_throw()};
    return std::string{to_string(t).view()};
}

}  // namespace

TEST_CASE("an instant is shown as the clocks of a zone, with their distance and their name") {
    CHECK(shown("2026-01-31T10:00:00Z", "Europe/Berlin") ==
          "2026-01-31T11:00:00+01:00 Europe/Berlin");
    CHECK(shown("2026-07-31T22:30:00.25Z", "Europe/Berlin") ==
          "2026-08-01T00:30:00.250000+02:00 Europe/Berlin");
    CHECK(shown("2026-01-01T02:00:00Z", "America/St_Johns") ==
          "2025-12-31T22:30:00-03:30 America/St_Johns");
    CHECK(shown("1880-01-01T00:00:00Z", "Europe/Berlin") ==
          "1880-01-01T00:53:28+00:53:28 Europe/Berlin");
}

TEST_CASE("both of two equal local times are told apart by their distance to UTC") {
    CHECK(shown("2026-10-25T00:30:00Z", "Europe/Berlin") ==
          "2026-10-25T02:30:00+02:00 Europe/Berlin");
    CHECK(shown("2026-10-25T01:30:00Z", "Europe/Berlin") ==
          "2026-10-25T02:30:00+01:00 Europe/Berlin");
}

TEST_CASE("an instant in UTC is shown as ISO 8601 writes it, and never is never anywhere") {
    CHECK(shown("2026-01-31T10:00:00Z", "UTC") == "2026-01-31T10:00:00Z");
    const auto berlin = zone::find("Europe/Berlin").or_throw();
    CHECK(to_string(zoned{coffer::never, berlin}).view() == "never");
    CHECK(to_string(zoned{coffer::never - std::chrono::microseconds{1}, berlin})
              .view()
              .ends_with(" Europe/Berlin"));
}
