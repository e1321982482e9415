/// Time zones from the library `date` (Howard Hinnant), 3.0 or later. Include it, and link
/// `coffer::date`, where the system has no zone files, or where a program already lives by the
/// database of `date`. It needs exceptions.
///
/// A zone is copied when it is first asked for. Where `date` reads the system's zone files it
/// ignores the rule at their end. So the rule is taken from the last years that are listed, and
/// where they follow none, or where the files list too little, the zone is `unknown_zone`.
#pragma once

#include <coffer/time/zone.hpp>

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A moment at which a zone's clocks are put forward or back, in UTC seconds.
struct clock_change {
    std::int64_t at = 0;
    std::int32_t before = 0;  ///< The offset until then.
    std::int32_t after = 0;

    /// What the clocks have come to show, in seconds since 1970.
    std::int64_t shown() const noexcept { return at + before; }
    std::chrono::sys_days date() const noexcept {
        return std::chrono::floor<std::chrono::days>(
            std::chrono::sys_seconds{std::chrono::seconds{shown()}});
    }
    int year() const noexcept { return int{std::chrono::year_month_day{date()}.year()}; }
    bool changes_like(const clock_change& other) const noexcept {
        return before == other.before && after == other.after;
    }
};

/// The first and the last change of one year.
struct year_of_changes {
    clock_change first;
    clock_change last;
};

/// One day of the year and its time that give each of these changes, if there are such.
inline std::optional<rule_day> common_day(const std::vector<clock_change>& changes) {
    const clock_change& model = changes.front();
    // Rules reach beyond a day: "Thursday, 50 o'clock" is two in the night of a Saturday.
    for (int shift : {0, 1, -1, 2, -2}) {
        const std::chrono::sys_days from = model.date() - std::chrono::days{shift};
        const std::chrono::year_month_day date{from};
        for (int week : {5, 4, 3, 2, 1}) {
            const rule_day day{
                .kind = rule_day::form::week_of_month,
                .month = static_cast<int>(unsigned{date.month()}),
                .week = week,
                .day = static_cast<int>(std::chrono::weekday{from}.c_encoding()),
                .time = model.shown() - from.time_since_epoch().count() * seconds_per_day};
            const bool fits = std::all_of(
                changes.begin(), changes.end(),
                [&](const clock_change& c) { return day.in_year(c.year()) == c.shown(); });
            if (fits) return day;
        }
    }
    return std::nullopt;
}

/// The years in which a zone's clocks change, ascending.
inline std::vector<year_of_changes> years_of_changes(const zone_data& zone) {
    std::vector<year_of_changes> years;
    for (std::size_t i = 0; i < zone.transitions.size(); ++i) {
        const clock_change next{zone.transitions[i], zone.offsets[i], zone.offsets[i + 1]};
        if (years.empty() || years.back().last.year() != next.year()) years.push_back({next, next});
        years.back().last = next;
    }
    return years;
}

/// The rule that the first and the last change of each of the last years follow, if there is one.
/// Eleven years show a weekday on each of its seven dates: two rules that agree so long are one.
inline std::optional<posix_rule> rule_of_last_years(const zone_data& zone) {
    constexpr std::size_t enough = 11;
    std::vector<year_of_changes> years = years_of_changes(zone);
    if (years.size() < enough) return std::nullopt;
    years.erase(years.begin(), years.end() - enough);
    std::vector<clock_change> first;
    std::vector<clock_change> last;
    for (const year_of_changes& y : years) {
        const int next = first.empty() ? y.first.year() : first.back().year() + 1;
        if (y.first.year() != next || !y.first.changes_like(years.front().first) ||
            !y.last.changes_like(years.front().last) || y.first.before != y.last.after ||
            y.first.after != y.last.before) {
            return std::nullopt;
        }
        first.push_back(y.first);
        last.push_back(y.last);
    }
    const auto day_of_first = common_day(first);
    const auto day_of_last = common_day(last);
    if (!day_of_first || !day_of_last) return std::nullopt;
    const bool ends_in_summer_time = first.front().after < first.front().before;
    posix_rule rule{.standard = std::min(first.front().before, first.front().after),
                    .daylight = std::max(first.front().before, first.front().after),
                    .has_daylight = true,
                    .start = *day_of_first,
                    .end = *day_of_last};
    if (ends_in_summer_time) std::swap(rule.start, rule.end);
    return rule;
}

/// Adds what holds after the last listed change; false where that cannot be known.
inline bool add_tail(zone_data& zone) {
    zone.tail = {.standard = zone.offsets.back()};
    if (zone.transitions.empty()) return true;
    // Files that leave nothing to a rule list what the rule gives until the end of 2037.
    constexpr int last_year_of_files = 2037;
    const clock_change last{zone.transitions.back(), *(zone.offsets.end() - 2),
                            zone.offsets.back()};
    if (last.year() < last_year_of_files) return true;
    if (const auto rule = rule_of_last_years(zone)) {
        zone.tail = *rule;
        return true;
    }
    return last.year() > last_year_of_files;
}

/// What a zone of date's does until 2100; nothing where its answers make no sense.
inline std::optional<zone_data> listed_by_date(const date::time_zone& source) {
    const date::sys_seconds end{date::sys_days{date::year{2101} / 1 / 1}};
    date::sys_seconds at{date::sys_days{date::year{1800} / 1 / 1}};
    zone_data zone;
    for (;;) {
        const date::sys_info span = source.get_info(at);
        const std::int64_t offset = span.offset.count();
        if (span.end <= at || offset < zone_data::least_offset || offset > zone_data::most_offset) {
            return std::nullopt;
        }
        if (zone.offsets.empty()) {
            zone.offsets.push_back(static_cast<std::int32_t>(offset));
        } else if (offset != zone.offsets.back()) {
            zone.transitions.push_back(at.time_since_epoch().count());
            zone.offsets.push_back(static_cast<std::int32_t>(offset));
        }
        if (span.end >= end) return zone;
        at = span.end;
    }
}

/// Whether date knows a year that is not listed in files which leave it to the rule at their end.
/// Of such files it is wrong about today.
inline bool date_reads_whole_files() {
    const date::time_zone* const new_york = date::locate_zone("America/New_York");
    const auto offset_in = [&](date::year_month_day day) {
        return new_york->get_info(date::sys_seconds{date::sys_days{day}}).offset;
    };
    const date::year past{2020};
    return offset_in(past / 1 / 1) == std::chrono::hours{-5} &&
           offset_in(past / 7 / 1) == std::chrono::hours{-4};
}

/// The zone of that name in date's database, or nothing.
inline std::optional<zone_data> read_date_zone(std::string_view name) {
    if (!date_reads_whole_files()) return std::nullopt;
    const date::time_zone* const source = date::locate_zone(std::string{name});
    auto zone = listed_by_date(*source);
    if (!zone || !add_tail(*zone)) return std::nullopt;
    zone->name = name;
    return zone;
}

inline zone_cache& date_zone_cache() {
    static zone_cache* const cache = new zone_cache{read_date_zone};
    return *cache;
}

}  // namespace detail

/// The zone of that name in date's database.
/// Errors: `unknown_zone`, where date has no such zone, cannot read it, or leaves open what it does
/// after its last listed change.
inline result<zone> find_date_zone(std::string_view name) noexcept {
    return detail::zone_access::find(&detail::date_zone_cache, name);
}

/// From now on `zone::find`, and so whatever reads a zone by its name, asks date and nobody else.
/// Call it first of all: zones that were found before stay as they are.
inline void use_date_zones() { detail::zone_cache::of_program().read_by(detail::read_date_zone); }

}  // namespace v0
}  // namespace coffer
