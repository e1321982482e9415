// date's zones against coffer's own and against what date itself answers. `zdump_compare` asks
// zdump about them, too.
#include "support/catch.hpp"

#include <coffer/time/date_zones.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using coffer::errc;
using coffer::find_date_zone;
using coffer::instant;
using coffer::iso8601;
using coffer::zone;
using coffer::detail::read_system_zone;
using coffer::detail::zone_access;
using coffer::detail::zone_data;
using std::chrono::seconds;

constexpr std::int64_t from_1970 = 0;
constexpr std::int64_t until_2038 = 2'145'916'800;
constexpr std::int64_t until_2101 = 4'133'980'800;

instant utc(std::string_view text) { return coffer::parse_instant(text).or_throw(); }
instant at_second(std::int64_t count) { return instant{seconds{count}}; }
coffer::local_time wall(std::int64_t count) { return coffer::local_time{seconds{count}}; }

/// The names of the system's zone files but those that date leaves out, and the copies that count
/// leap seconds or say that they do not.
std::vector<std::string> zone_names() {
    std::vector<std::string> names;
    std::error_code failed;
    const fs::path directory{coffer::detail::system_zone_directory};
    for (fs::recursive_directory_iterator entry{directory, failed}, end; !failed && entry != end;
         entry.increment(failed)) {
        const std::string name = entry->path().lexically_relative(directory).generic_string();
        if (name == "right" || name == "posix") entry.disable_recursion_pending();
        if (name == "Factory" || !entry->is_regular_file(failed)) continue;
        if (read_system_zone(name)) names.push_back(name);
    }
    return names;
}

/// The instant that rule 6 asks for, from what date says about a local time.
instant by_rule_6(const date::time_zone& zone, std::int64_t local) {
    const date::local_info info = zone.get_info(date::local_seconds{seconds{local}});
    if (info.result == date::local_info::nonexistent)
        return at_second(0) + info.first.end.time_since_epoch();
    return at_second(local) - info.first.offset;
}

/// All instants and local times at which two zones may differ, compared; the first difference.
class comparison {
public:
    comparison(std::string_view name, const zone_data& own)
        : own_data_{own},
          own_{zone_access::of(own)},
          from_date_{find_date_zone(name).value_or(zone{})},
          date_{*date::locate_zone(std::string{name})} {}

    std::string first_difference() {
        for (std::int64_t t = from_1970; t < until_2101; t += 20 * 86'400 + 3'600) compare_at(t);
        std::int64_t next = from_1970;
        while ((next = own_data_.span_at(next).until) < until_2101) {
            for (const std::int64_t t : {next - 1, next, next + 1}) compare_at(t);
            for (const auto offset :
                 {own_.offset(at_second(next - 1)), own_.offset(at_second(next))}) {
                for (const std::int64_t around : {-1, 0, 1})
                    compare_local(next + offset.count() + around);
            }
        }
        return found_;
    }
    std::int64_t compared() const { return compared_; }

private:
    void compare_at(std::int64_t t) {
        const instant when = at_second(t);
        const auto offset = own_.offset(when);
        const bool date_agrees =
            t >= until_2038 || date_.get_info(date::sys_seconds{seconds{t}}).offset == offset;
        if (from_date_.offset(when) != offset || from_date_.local(when) != own_.local(when) ||
            !date_agrees) {
            found_at(when);
        }
        compare_local(t + offset.count());
    }
    void compare_local(std::int64_t local) {
        ++compared_;
        const instant when = own_.at(wall(local));
        const bool date_agrees = local >= until_2038 - 86'400 || by_rule_6(date_, local) == when;
        if (from_date_.at(wall(local)) != when || !date_agrees) found_at(when);
    }
    void found_at(instant when) {
        if (found_.empty()) found_ = iso8601(when);
    }

    const zone_data& own_data_;
    zone own_;
    zone from_date_;
    const date::time_zone& date_;
    std::string found_;
    std::int64_t compared_ = 0;
};

/// A zone that changes each year at the given UTC seconds, forward and back by an hour.
zone_data changing_at(std::vector<std::int64_t> transitions) {
    zone_data zone{
        .name = "Trial", .transitions = std::move(transitions), .offsets = {3'600}, .tail = {}};
    for (std::size_t i = 0; i < zone.transitions.size(); ++i) {
        zone.offsets.push_back(i % 2 == 0 ? 7'200 : 3'600);
    }
    return zone;
}

/// Berlin's changes from one year to another, as a file lists them.
zone_data listed(int from, int until) {
    const auto berlin = read_system_zone("Europe/Berlin");
    REQUIRE(berlin);
    std::vector<std::int64_t> transitions;
    std::int64_t next = utc(std::to_string(from) + "-01-01T00:00:00Z").time_since_epoch() / 1s;
    const std::int64_t end =
        utc(std::to_string(until + 1) + "-01-01T00:00:00Z").time_since_epoch() / 1s;
    while ((next = berlin->span_at(next).until) < end) transitions.push_back(next);
    return changing_at(std::move(transitions));
}

}  // namespace

TEST_CASE("each zone of date's is the system's, instants and local times, from 1970 to 2100") {
    std::int64_t compared = 0;
    std::size_t zones = 0;
    for (const std::string& name : zone_names()) {
        const auto own = read_system_zone(name);
        REQUIRE(own);
        CAPTURE(name);
        REQUIRE(find_date_zone(name));
        comparison both{name, *own};
        REQUIRE(both.first_difference().empty());
        compared += both.compared();
        ++zones;
    }
    CHECK(zones > 300);
    CHECK(compared > 1'000'000);
}

TEST_CASE("a zone of date's is a zone like any other, under the name that was asked for") {
    const zone berlin = find_date_zone("Europe/Berlin").or_throw();
    CHECK(berlin.name() == "Europe/Berlin");
    CHECK(berlin == find_date_zone("Europe/Berlin").or_throw());
    CHECK(berlin == zone::find("Europe/Berlin").or_throw());
    CHECK(find_date_zone("US/Eastern").or_throw().name() == "US/Eastern");
    CHECK(find_date_zone("UTC").or_throw() == zone::utc());
    STATIC_REQUIRE(noexcept(find_date_zone("")));
}

TEST_CASE("a name that date does not know is unknown_zone about that name") {
    const std::string name = GENERATE(as<std::string>{}, "", " ", "No/Such_Zone", "Europe",
                                      "../zoneinfo/Europe/Berlin", "/etc/passwd", "localtime",
                                      std::string("Europe/Berlin\0", 14), std::string(256, 'a'));
    const auto found = find_date_zone(name);
    REQUIRE(found == errc::unknown_zone);
    const std::string said = name.c_str();
    CHECK(found.error().subject() == (said.size() > 31 ? said.substr(0, 28) + "…" : said));
}

TEST_CASE("after the last year that date lists its zones go on by the rule of the last years") {
    const zone new_york = find_date_zone("America/New_York").or_throw();
    CHECK(new_york.offset(utc("2037-07-01T00:00:00Z")) == -4h);
    CHECK(new_york.offset(utc("2038-01-01T00:00:00Z")) == -5h);
    CHECK(new_york.offset(utc("2038-07-01T00:00:00Z")) == -4h);
    CHECK(new_york.offset(utc("2400-07-01T00:00:00Z")) == -4h);
    CHECK(find_date_zone("Australia/Sydney").or_throw().offset(utc("2099-01-01T00:00:00Z")) == 11h);
    CHECK(find_date_zone("Asia/Tokyo").or_throw().offset(utc("2099-01-01T00:00:00Z")) == 9h);
}

TEST_CASE("a list that ends in 2037 goes on by its rule, where eleven years show one") {
    zone_data zone = listed(2020, 2037);
    REQUIRE(add_tail(zone));
    REQUIRE(zone.tail.has_daylight);
    CHECK(zone.tail.standard == 3'600);
    CHECK(zone.tail.daylight == 7'200);
    CHECK(zone.tail.start.week == 5);
    CHECK(zone.tail.end.time == 3 * 3'600);
    CHECK(zone_access::of(zone).offset(utc("2050-07-01T00:00:00Z")) == 2h);

    zone_data just = listed(2027, 2037);
    CHECK(add_tail(just));
    zone_data too_few = listed(2028, 2037);
    CHECK_FALSE(add_tail(too_few));
}

TEST_CASE("a list that ends in 2037 without a rule is no zone, one that ends elsewhere is whole") {
    SECTION("a change on another day in one of the years") {
        zone_data zone = listed(2020, 2037);
        zone.transitions[20] += 7 * 86'400;
        CHECK_FALSE(add_tail(zone));
    }
    SECTION("an hour's difference in one of the years") {
        zone_data zone = listed(2020, 2037);
        zone.transitions[31] += 3'600;
        CHECK_FALSE(add_tail(zone));
    }
    SECTION("another offset in one of the years") {
        zone_data zone = listed(2020, 2037);
        zone.offsets[25] += 1'800;
        CHECK_FALSE(add_tail(zone));
    }
    SECTION("a year without a change") {
        zone_data zone = listed(2020, 2037);
        const auto year = zone.transitions.begin() + 20;
        zone.transitions.erase(year, year + 2);
        zone.offsets.pop_back();
        zone.offsets.pop_back();
        CHECK_FALSE(add_tail(zone));
    }
    SECTION("summer time was given up") {
        zone_data zone = listed(2000, 2016);
        REQUIRE(add_tail(zone));
        CHECK_FALSE(zone.tail.has_daylight);
        CHECK(zone_access::of(zone).offset(utc("2050-07-01T00:00:00Z")) == 1h);
    }
    SECTION("changes are listed one by one for longer") {
        zone_data zone = listed(2020, 2080);
        zone.transitions[110] += 7 * 86'400;
        REQUIRE(add_tail(zone));
        CHECK_FALSE(zone.tail.has_daylight);
    }
    SECTION("no change ever") {
        zone_data zone = changing_at({});
        REQUIRE(add_tail(zone));
        CHECK(zone.tail.standard == 3'600);
    }
}

TEST_CASE("a program that uses date's zones finds each zone by its name there, and only there") {
    struct back_to_the_system {
        ~back_to_the_system() {
            coffer::detail::zone_cache::of_program().read_by(read_system_zone);
        }
    };
    {
        const back_to_the_system at_end;
        coffer::use_date_zones();
        CHECK(zone::find("Factory") == errc::unknown_zone);  // the system has it, date has not
        CHECK(zone::find("Indian/Chagos").or_throw().offset(utc("2026-01-01T00:00:00Z")) == 6h);
        CHECK(zone::find("UTC"));
    }
    CHECK(zone::find("Factory").or_throw().offset(utc("2026-01-01T00:00:00Z")) == 0h);
}
