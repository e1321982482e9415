/// Time zones by name. Include it where local time matters: a plan's zone, a day that begins at
/// local midnight.
///
/// Zones come from the system's compiled zone files in /usr/share/zoneinfo, listed transitions
/// and the rule after the last of them alike, so that they are right in files of either kind
/// ("fat" and "slim") and far beyond 2037. Nothing else is asked: no environment variable, no
/// download. The machine needs the package `tzdata`, and for old names such as "US/Eastern" some
/// systems need `tzdata-legacy`. "UTC" is always there. Where the system has no such files,
/// `date_zones.hpp` is another source.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/time/detail/zone_file.hpp>
#include <coffer/time/instant.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// What a clock on the wall of some zone shows, to the microsecond.
using local_time = std::chrono::local_time<std::chrono::microseconds>;

namespace detail {
struct zone_access;
}  // namespace detail

/// A time zone: a cheap value that refers to data which lives as long as the program.
///
/// Guarantees: all but `find` are constant-time or logarithmic, without locks or allocations.
class zone {
public:
    /// UTC.
    constexpr zone() noexcept = default;
    static constexpr zone utc() noexcept { return zone{}; }

    /// The zone of that name, for example "Europe/Berlin".
    /// Errors: `unknown_zone` about the name, where there is no such zone or its file cannot be
    /// read in full; `advice()` says what to do. Nothing outside the zone directory is opened.
    /// Complexity: reads a file the first time; later linear in the known zones, with a lock.
    static result<zone> find(std::string_view name) noexcept {
        return find_in(&detail::zone_cache::of_program, name);
    }

    /// What to do about `unknown_zone`, in a sentence for people.
    static constexpr std::string_view advice() noexcept {
        return "no such time zone in /usr/share/zoneinfo: use a name such as Europe/Berlin, "
               "install tzdata, and tzdata-legacy for old names such as US/Eastern";
    }

    constexpr std::string_view name() const noexcept {
        return data_ == nullptr ? std::string_view{"UTC"} : std::string_view{data_->name};
    }

    /// How far local time is ahead of UTC at that instant.
    std::chrono::seconds offset(instant t) const noexcept {
        if (data_ == nullptr) return std::chrono::seconds{0};
        const auto second = std::chrono::floor<std::chrono::seconds>(t);
        return std::chrono::seconds{data_->span_at(second.time_since_epoch().count()).offset};
    }

    /// What the clocks of the zone show at that instant.
    coffer::local_time local(instant t) const noexcept {
        return coffer::local_time{sum(t.time_since_epoch(), offset(t))};
    }

    /// The instant at which the clocks show that local time: the first of two where they show it
    /// twice, the first instant after the gap where they skip it.
    instant at(coffer::local_time local) const noexcept {
        if (data_ == nullptr) return instant{local.time_since_epoch()};
        const auto second = std::chrono::floor<std::chrono::seconds>(local);
        const std::int64_t shown = second.time_since_epoch().count();
        const std::int64_t found = data_->first_at(shown);
        const bool is_skipped = data_->span_at(found).offset != shown - found;
        const coffer::local_time counted = is_skipped ? second : local;
        return instant{sum(counted.time_since_epoch(), std::chrono::seconds{found - shown})};
    }

    friend constexpr bool operator==(const zone& left, const zone& right) noexcept {
        return left.data_ == right.data_ || left.name() == right.name();
    }
    friend constexpr std::string_view to_string(const zone& where) noexcept { return where.name(); }

private:
    friend struct detail::zone_access;
    explicit constexpr zone(const detail::zone_data* data) noexcept : data_{data} {}

    static result<zone> find_in(detail::zone_cache& (*source)(), std::string_view name) noexcept {
        if (name == "UTC") return utc();
#if defined(__cpp_exceptions)
        try {
#endif
            if (detail::is_zone_name(name)) {
                const detail::zone_data* data = source().find(name);
                if (data != nullptr) return zone{data};
            }
#if defined(__cpp_exceptions)
        } catch (...) {
            // Out of memory: the zone cannot be read now.
        }
#endif
        return error{errc::unknown_zone}.about(name);
    }

    /// The sum, or the nearest that fits: the ends of time have no offset to spare.
    static constexpr std::chrono::microseconds sum(std::chrono::microseconds left,
                                                   std::chrono::microseconds right) noexcept {
        std::int64_t count = 0;
        if (!__builtin_add_overflow(left.count(), right.count(), &count)) {
            return std::chrono::microseconds{count};
        }
        return right.count() < 0 ? std::chrono::microseconds::min()
                                 : std::chrono::microseconds::max();
    }

    const detail::zone_data* data_ = nullptr;
};

namespace detail {

/// A zone over data from elsewhere, which has to outlive it: for tests with other zone files, and
/// for other sources.
struct zone_access {
    static constexpr zone of(const zone_data& data) noexcept { return zone{&data}; }
    static result<zone> find(zone_cache& (*source)(), std::string_view name) noexcept {
        return zone::find_in(source, name);
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
