#include "support/catch.hpp"

#include <coffer/time/zone.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using coffer::errc;
using coffer::instant;
using coffer::iso8601;
using coffer::zone;
using coffer::detail::parse_zone_file;

instant utc(std::string_view text) {
    const auto t = coffer::parse_instant(text);
    REQUIRE(t);
    return *t;
}

/// The same text as in UTC, but what a clock on the wall shows.
coffer::local_time wall(std::string_view text) {
    return coffer::local_time{utc(std::string{text} + "Z").time_since_epoch()};
}

zone named(std::string_view name) {
    const auto found = zone::find(name);
    INFO(name << ": " << zone::advice());
    REQUIRE(found);
    return *found;
}

std::string number(std::int64_t value, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) {
        text += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xff);
    }
    return text;
}

/// The parts of a TZif file, as RFC 9636 lays them out.
struct file_parts {
    char version = '2';
    std::vector<std::int64_t> times{};
    std::vector<char> types_of_times{};
    std::vector<std::int32_t> offsets{};
    int leap_seconds = 0;
    std::string footer{};

    std::string header(bool counted) const {
        const auto count = [counted](std::size_t size) {
            return number(counted ? static_cast<std::int64_t>(size) : 0, 4);
        };
        return "TZif" + std::string(1, version) + std::string(15, '\0') + count(0) + count(0) +
               count(static_cast<std::size_t>(leap_seconds)) + count(times.size()) +
               count(offsets.size()) + count(4);
    }

    std::string bytes() const {
        std::string body;
        for (std::int64_t time : times) body += number(time, 8);
        body.append(types_of_times.begin(), types_of_times.end());
        for (std::int32_t offset : offsets) body += number(offset, 4) + std::string(2, '\0');
        body += std::string("XXX\0", 4);
        for (int i = 0; i < leap_seconds; ++i) body += number(78'796'800 + i, 8) + number(i + 1, 4);
        return header(false) + header(true) + body + "\n" + footer + "\n";
    }
};

/// Local mean time, then standard time from 1980, then a rule and nothing else: a slim file.
file_parts slim_berlin() {
    return {.times = {315'532'800},
            .types_of_times = {1},
            .offsets = {3'208, 3'600},
            .footer = "CET-1CEST,M3.5.0,M10.5.0/3"};
}

}  // namespace

TEST_CASE("UTC is the zone that is always there") {
    STATIC_REQUIRE(zone{}.name() == "UTC");
    STATIC_REQUIRE(zone{} == zone::utc());
    CHECK(zone::find("UTC") == zone::utc());
    CHECK(zone{}.offset(utc("2026-07-01T00:00:00Z")) == 0s);
    for (const instant t :
         {instant::min(), instant{}, utc("2026-07-01T00:00:00.5Z"), coffer::never}) {
        CHECK(zone{}.local(t).time_since_epoch() == t.time_since_epoch());
        CHECK(zone{}.at(zone{}.local(t)) == t);
    }
}

TEST_CASE("a zone is a cheap value, equal to every zone of its name") {
    STATIC_REQUIRE(std::is_trivially_copyable_v<zone>);
    STATIC_REQUIRE(sizeof(zone) == sizeof(void*));
    CHECK(named("Europe/Berlin").name() == "Europe/Berlin");
    CHECK(named("Europe/Berlin") == named("Europe/Berlin"));
    CHECK_FALSE(named("Europe/Berlin") == named("Europe/Paris"));
    CHECK_FALSE(named("Europe/Berlin") == zone::utc());
}

TEST_CASE("a name that is no zone of the system is unknown_zone about that name") {
    const std::string name = GENERATE(
        as<std::string>{}, "", " ", ".", "..", "/", "No/Such_Zone", "Europe", "Europe/",
        "/Europe/Berlin", "Europe//Berlin", "Europe/Berlin/", "Europe/Berlin ", "Europe/Berlin\n",
        "Europe/../Europe/Berlin", "../zoneinfo/Europe/Berlin", "./Europe/Berlin",
        "/usr/share/zoneinfo/Europe/Berlin", "/etc/passwd", "../../../etc/passwd", "Europe\\Berlin",
        "tzdata.zi", "zone.tab", "leapseconds", "localtime", "posixrules", "right/Europe/Berlin",
        std::string("Europe/Berlin\0", 14), std::string("\0", 1), std::string("Europe\0Berlin", 13),
        std::string(256, 'a'), std::string(100'000, 'a'));
    CAPTURE(name.substr(0, 40), name.size());
    const auto found = zone::find(name);
    REQUIRE(found == errc::unknown_zone);
    const std::string said = name.c_str();
    CHECK(found.error().subject() == (said.size() > 31 ? said.substr(0, 28) + "…" : said));
}

TEST_CASE("the advice names the packages to install") {
    CHECK_THAT(std::string{zone::advice()},
               Catch::Matchers::ContainsSubstring("tzdata") &&
                   Catch::Matchers::ContainsSubstring("tzdata-legacy"));
}

TEST_CASE("summer time is known far beyond the listed transitions") {
    const zone new_york = named("America/New_York");
    CHECK(new_york.offset(utc("2026-07-01T00:00:00Z")) == -4h);
    CHECK(new_york.offset(utc("2037-07-01T00:00:00Z")) == -4h);
    CHECK(new_york.offset(utc("2038-07-01T00:00:00Z")) == -4h);
    CHECK(new_york.offset(utc("2100-07-01T00:00:00Z")) == -4h);
    CHECK(new_york.offset(utc("2100-01-01T00:00:00Z")) == -5h);
    CHECK(named("Australia/Sydney").offset(utc("2099-01-01T00:00:00Z")) == 11h);
}

TEST_CASE("a local time that the clocks skip is the first instant after the gap") {
    const zone new_york = named("America/New_York");
    CHECK(iso8601(new_york.at(wall("2026-03-08T01:59:59.999999"))) ==
          "2026-03-08T06:59:59.999999Z");
    for (const auto* skipped : {"2026-03-08T02:00:00", "2026-03-08T02:30:00.5",
                                "2026-03-08T02:59:59.999999", "2026-03-08T03:00:00"}) {
        CHECK(iso8601(new_york.at(wall(skipped))) == "2026-03-08T07:00:00Z");
    }
    CHECK(iso8601(new_york.at(wall("2050-03-13T02:30:00"))) == "2050-03-13T07:00:00Z");
    CHECK(iso8601(named("Europe/Berlin").at(wall("2026-03-29T02:30:00"))) ==
          "2026-03-29T01:00:00Z");
}

TEST_CASE("a midnight that does not exist is the first instant of its day") {
    const zone santiago = named("America/Santiago");
    CHECK(iso8601(santiago.at(wall("2026-09-06T00:00:00"))) == "2026-09-06T04:00:00Z");
    CHECK(santiago.local(utc("2026-09-06T04:00:00Z")) == wall("2026-09-06T01:00:00"));
}

TEST_CASE("a day that does not exist is the first instant of the next") {
    const zone apia = named("Pacific/Apia");
    CHECK(iso8601(apia.at(wall("2011-12-29T23:59:59"))) == "2011-12-30T09:59:59Z");
    CHECK(iso8601(apia.at(wall("2011-12-30T00:00:00"))) == "2011-12-30T10:00:00Z");
    CHECK(iso8601(apia.at(wall("2011-12-30T23:00:00"))) == "2011-12-30T10:00:00Z");
    CHECK(iso8601(apia.at(wall("2011-12-31T00:00:00"))) == "2011-12-30T10:00:00Z");
}

TEST_CASE("a local time that the clocks show twice is the first of the two instants") {
    const zone new_york = named("America/New_York");
    CHECK(new_york.local(utc("2026-11-01T05:30:00Z")) == wall("2026-11-01T01:30:00"));
    CHECK(new_york.local(utc("2026-11-01T06:30:00Z")) == wall("2026-11-01T01:30:00"));
    CHECK(iso8601(new_york.at(wall("2026-11-01T01:30:00"))) == "2026-11-01T05:30:00Z");
    CHECK(iso8601(new_york.at(wall("2026-11-01T02:00:00"))) == "2026-11-01T07:00:00Z");
    CHECK(iso8601(named("Europe/Berlin").at(wall("2026-10-25T02:30:00"))) ==
          "2026-10-25T00:30:00Z");
    // Half an hour, in 2050, from the rule.
    CHECK(iso8601(named("Australia/Lord_Howe").at(wall("2050-04-03T01:45:00"))) ==
          "2050-04-02T14:45:00Z");
}

TEST_CASE("local time and back is the same instant, or the earlier one that looked the same") {
    const std::string name =
        GENERATE("America/New_York", "Europe/Berlin", "Europe/Dublin", "America/Santiago",
                 "Australia/Lord_Howe", "Pacific/Apia", "Asia/Gaza", "Africa/Casablanca",
                 "America/Nuuk", "Asia/Kathmandu", "Antarctica/Troll");
    const zone where = named(name);
    std::mt19937_64 random{7};
    std::uniform_int_distribution<std::int64_t> second{-3'000'000'000, 5'000'000'000};
    int earlier = 0;
    for (int i = 0; i < 20'000; ++i) {
        // Half of them next to a change of the offset.
        std::int64_t count = second(random);
        const auto offset = where.offset(instant{std::chrono::seconds{count}});
        if (i % 2 == 0) {
            for (std::int64_t step = 86'400 * 256; step > 0; step /= 2) {
                if (where.offset(instant{std::chrono::seconds{count + step}}) == offset) {
                    count += step;
                }
            }
            count += static_cast<std::int64_t>(random() % 20'000) - 10'000;
        }
        const instant t = instant{std::chrono::seconds{count}} + 250ms;
        const instant back = where.at(where.local(t));
        CAPTURE(name, iso8601(t), iso8601(back));
        REQUIRE(where.local(back) == where.local(t));
        REQUIRE(back <= t);
        if (back != t) {
            ++earlier;
            REQUIRE(where.offset(back) - where.offset(t) == t - back);
        }
    }
    if (name != "Asia/Kathmandu") CHECK(earlier > 0);
}

TEST_CASE("a later local time is never an earlier instant") {
    const std::string name = GENERATE("America/New_York", "America/Santiago", "Pacific/Apia",
                                      "Australia/Lord_Howe", "Africa/Casablanca");
    const zone where = named(name);
    instant last = where.at(wall("2009-01-01T00:00:00"));
    for (coffer::local_time local = wall("2009-01-01T00:00:00");
         local < wall("2013-01-01T00:00:00"); local += 10min) {
        const instant t = where.at(local);
        REQUIRE(last <= t);
        last = t;
    }
}

TEST_CASE("the ends of time neither wrap nor crash in any zone") {
    for (const auto* name : {"UTC", "Asia/Tokyo", "America/New_York", "Australia/Sydney"}) {
        const zone where = named(name);
        for (const instant t :
             {instant::min(), instant::min() + 1s, coffer::never - 1s, coffer::never}) {
            CAPTURE(name, iso8601(t));
            CHECK(where.offset(t) > -26h);
            CHECK(where.offset(t) < 26h);
            static_cast<void>(where.at(where.local(t)));
        }
    }
    CHECK(named("Asia/Tokyo").local(coffer::never) == coffer::local_time::max());
    CHECK(named("America/New_York").local(instant::min()) == coffer::local_time::min());
    CHECK(named("America/New_York").at(coffer::local_time::max()) == coffer::never);
    CHECK(named("Asia/Tokyo").at(coffer::local_time::min()) == instant::min());
}

TEST_CASE("many threads may look for zones and use them at once") {
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&wrong] {
            for (int round = 0; round < 200; ++round) {
                for (const auto* name : {"Asia/Tokyo", "Asia/Seoul", "Asia/Manila", "Nowhere"}) {
                    const auto found = zone::find(name);
                    const auto expected = std::string_view{name} == "Asia/Manila" ? 8h : 9h;
                    if (found ? found->offset(instant{} + 24h * 20'000) != expected
                              : std::string_view{name} != "Nowhere") {
                        ++wrong;
                    }
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("after the last listed transition of a slim file its rule holds") {
    const auto data = parse_zone_file(slim_berlin().bytes());
    REQUIRE(data);
    const zone berlin = coffer::detail::zone_access::of(*data);
    CHECK(berlin.offset(utc("1979-12-31T23:59:59.999999Z")) == 3'208s);
    CHECK(berlin.offset(utc("1980-01-01T00:00:00Z")) == 1h);
    CHECK(berlin.offset(utc("2026-01-31T00:00:00Z")) == 1h);
    CHECK(berlin.offset(utc("2026-07-31T00:00:00Z")) == 2h);
    CHECK(iso8601(berlin.at(wall("2026-03-29T02:30:00"))) == "2026-03-29T01:00:00Z");
    CHECK(iso8601(berlin.at(wall("2026-10-25T02:30:00"))) == "2026-10-25T00:30:00Z");
}

TEST_CASE("before the first transition of a file its first type holds, with none its rule") {
    file_parts parts = slim_berlin();
    parts.times = {};
    parts.types_of_times = {};
    const auto data = parse_zone_file(parts.bytes());
    REQUIRE(data);
    CHECK(coffer::detail::zone_access::of(*data).offset(utc("2026-07-31T00:00:00Z")) == 2h);
}

TEST_CASE("a zone file that is not whole, or not one, is refused") {
    const std::string whole = slim_berlin().bytes();
    REQUIRE(parse_zone_file(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        REQUIRE_FALSE(parse_zone_file(whole.substr(0, size)));
    }
    CHECK_FALSE(parse_zone_file(whole + "x"));
    CHECK_FALSE(parse_zone_file(whole + "\n"));

    file_parts parts = slim_berlin();
    SECTION("the old format, which ends in 2037 and has no rule") { parts.version = '\0'; }
    SECTION("a type that is not there") { parts.types_of_times = {2}; }
    SECTION("no types") { parts.offsets = {}; }
    SECTION("an offset beyond a day") { parts.offsets = {3'208, 26 * 3'600}; }
    SECTION("an offset beyond a day, westwards") { parts.offsets = {-25 * 3'600, 3'600}; }
    SECTION("leap seconds counted") { parts.leap_seconds = 1; }
    SECTION("no rule") { parts.footer = ""; }
    SECTION("a rule that makes no sense") { parts.footer = "CET-1CEST,M3.5.0"; }
    SECTION("transitions out of order") {
        parts.times = {315'532'800, 315'532'799};
        parts.types_of_times = {1, 0};
    }
    SECTION("a transition twice") {
        parts.times = {315'532'800, 315'532'800};
        parts.types_of_times = {1, 0};
    }
    CHECK_FALSE(parse_zone_file(parts.bytes()));
}

TEST_CASE("no bytes make the zone reader misbehave, and what it accepts has sane offsets") {
    std::mt19937_64 random{2026};
    file_parts parts = slim_berlin();
    parts.times = {-5'000'000'000, 0, 315'532'800};
    parts.types_of_times = {1, 0, 1};
    const std::string whole = parts.bytes();
    int accepted = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string bytes = whole;
        for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
            bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
        }
        const auto data = parse_zone_file(bytes);
        if (!data) continue;
        ++accepted;
        const zone where = coffer::detail::zone_access::of(*data);
        for (const instant t :
             {instant::min(), instant{}, utc("2026-07-31T00:00:00Z"), coffer::never}) {
            REQUIRE(where.offset(t) > -25h);
            REQUIRE(where.offset(t) < 26h);
            static_cast<void>(where.at(where.local(t)));
        }
    }
    CHECK(accepted > 100);
}

TEST_CASE("no file outside the zone directory is read, and none that is too large") {
    namespace fs = std::filesystem;
    std::string folder = (fs::temp_directory_path() / "coffer-zone-test-XXXXXX").string();
    REQUIRE(mkdtemp(folder.data()) != nullptr);
    const auto write = [&folder](const std::string& name, const std::string& bytes) {
        std::ofstream{folder + "/" + name, std::ios::binary} << bytes;
    };
    fs::create_directories(folder + "/zones/Inner");
    write("Outside", slim_berlin().bytes());
    write("zones/Inside", slim_berlin().bytes());
    write("zones/Inner/Inside", slim_berlin().bytes());
    write("zones/Cut", slim_berlin().bytes().substr(0, 100));
    write("zones/Huge", slim_berlin().bytes() + std::string(1'000'000, '\n'));

    using coffer::detail::read_zone;
    const std::string zones = folder + "/zones";
    CHECK(read_zone(zones, "Inside"));
    CHECK(read_zone(zones, "Inner/Inside"));
    CHECK(read_zone(folder, "Outside"));
    CHECK_FALSE(read_zone(zones, "../Outside"));
    CHECK_FALSE(read_zone(zones, folder + "/Outside"));
    CHECK_FALSE(read_zone(zones, "Inner/../Inside"));
    CHECK_FALSE(read_zone(zones, std::string("Inside\0x", 8)));
    CHECK_FALSE(read_zone(zones, "Inner"));
    CHECK_FALSE(read_zone(zones, "Cut"));
    CHECK_FALSE(read_zone(zones, "Huge"));
    CHECK_FALSE(read_zone(folder + "/missing", "Inside"));
    fs::remove_all(folder);
}
