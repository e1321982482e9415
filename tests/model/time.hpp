/// Instants, durations, zones and the periods counted from an anchor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace model {

/// Microseconds since 1970-01-01T00:00:00Z.
using instant = std::int64_t;

/// Calendar months, whole days and an exact rest in microseconds; only one of them is not zero.
struct duration {
    std::int64_t months = 0;
    std::int64_t days = 0;
    std::int64_t exact = 0;

    bool is_zero() const { return months == 0 && days == 0 && exact == 0; }
};

std::optional<instant> parse_instant(std::string_view text);
std::string instant_text(instant at);
std::optional<duration> parse_duration(std::string_view text);

/// A named zone; answers come from the C library and are kept per year.
class zone {
public:
    /// Null if there is no such zone.
    static zone const* find(std::string const& name);

    /// The local time at an instant, as microseconds since 1970-01-01T00:00 local.
    std::int64_t to_local(instant at) const;

    /// The first instant whose local time is `local` or, in a gap, the first after the gap.
    instant from_local(std::int64_t local) const;

    struct tables;

private:
    explicit zone(tables* t) : tables_(t) {}
    tables* tables_;
};

/// A day is exactly 24 hours; months go by the calendar in the zone.
instant add(instant from, duration const& length, zone const& in);

/// The local day, week (from Monday) or month that contains an instant: where it begins and ends.
struct stretch {
    instant begin = 0;
    instant end = 0;
};
stretch day_of(instant at, zone const& in);
stretch week_of(instant at, zone const& in);
stretch month_of(instant at, zone const& in);

/// Period k starts `k` times `every` after the anchor; days and months by the calendar.
struct schedule {
    instant anchor = 0;
    duration every;
    zone const* in = nullptr;

    instant begin(std::int64_t k) const;
    instant end(std::int64_t k) const { return begin(k + 1); }
    /// The period that contains an instant at or after the anchor.
    std::int64_t index_at(instant at) const;
};

}  // namespace model
