/// Calendar arithmetic in a zone: a span after an instant, and the periods of a schedule. Include
/// it where something expires after "12 months" or begins anew "every month".
///
/// A period is always computed from the anchor, never from the period before it: monthly from
/// 31 January means 28 or 29 February, then 31 March. A local time that the clocks skip becomes
/// the first instant after the gap; of two equal local times the first counts.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>

#include <chrono>
#include <cstdint>
#include <limits>

namespace coffer {
inline namespace v0 {
namespace detail {

inline constexpr std::int64_t microseconds_per_day = 86'400'000'000;

/// The date that many months and days later; a month that is too short gives its last day.
constexpr checked<std::chrono::local_days> calendar_sum(std::chrono::local_days from,
                                                        std::int64_t months,
                                                        std::int64_t days) noexcept {
    using namespace std::chrono;
    const year_month_day date{from};
    std::int64_t month_count = int{date.year()} * 12 + static_cast<int>(unsigned{date.month()}) - 1;
    constexpr std::int64_t end_of_months = 10'000 * 12;
    if (__builtin_add_overflow(month_count, months, &month_count) || month_count < 0 ||
        month_count >= end_of_months) {
        return errc::amount_overflow;
    }
    const year_month_day_last month_end{
        year{static_cast<int>(month_count / 12)},
        month_day_last{month{static_cast<unsigned>(month_count % 12 + 1)}}};
    const day of_month = date.day() < month_end.day() ? date.day() : month_end.day();
    const local_days moved{month_end.year() / month_end.month() / of_month};

    constexpr std::int64_t most_days = 10'000 * 366;
    if (days < -most_days || days > most_days) return errc::amount_overflow;
    return moved + std::chrono::days{days};
}

/// The sum, where it is an instant with a year of four digits.
constexpr checked<instant> writable_sum(instant from, std::int64_t microseconds) noexcept {
    std::int64_t count = 0;
    if (__builtin_add_overflow(from.time_since_epoch().count(), microseconds, &count)) {
        return errc::amount_overflow;
    }
    const instant sum{std::chrono::microseconds{count}};
    if (!is_writable(sum)) return errc::amount_overflow;
    return sum;
}

}  // namespace detail

/// The instant that lies `span` after `from`: months by the calendar of the zone at the same local
/// time of day, a date that the month lacks becoming its last; then days of exactly 24 hours and
/// the exact part.
/// Errors: `amount_overflow` where that, or `from`, leaves the years 0001 to 9999.
inline result<instant> add(instant from, timespan span, const zone& where) noexcept {
    if (!detail::is_writable(from)) return errc::amount_overflow;
    instant moved = from;
    if (span.months() != 0) {
        const local_time local = where.local(from);
        const auto today = std::chrono::floor<std::chrono::days>(local);
        const auto day = detail::calendar_sum(today, span.months(), 0);
        if (!day) return day.error();
        moved = where.at(*day + (local - today));
    }
    std::int64_t exact = 0;
    if (__builtin_mul_overflow(span.days(), detail::microseconds_per_day, &exact) ||
        __builtin_add_overflow(exact, span.exact().count(), &exact)) {
        return errc::amount_overflow;
    }
    return detail::writable_sum(moved, exact);
}

/// Periods from an anchor, one every so often: "monthly from 31 January 10:00 in Berlin".
///
/// Guarantees: periods are half-open and leave no gap and no overlap. One may be empty: a daily
/// one from midnight on a date that its zone skips whole, as Samoa did on 30 December 2011.
class schedule {
public:
    /// Months, days and their multiples count on the calendar of the zone at the anchor's local
    /// time of day; hours and below are exact.
    /// Requires: a span above zero, and an anchor in the years 0001 to 9999; with others every
    /// question is `invalid_argument`.
    constexpr schedule(instant anchor, timespan every, zone where) noexcept
        : anchor_{anchor}, every_{every}, where_{where} {}

    constexpr instant anchor() const noexcept { return anchor_; }
    constexpr timespan every() const noexcept { return every_; }
    constexpr zone where() const noexcept { return where_; }

    /// When period k begins; period 0 at the anchor exactly as it was given.
    /// Errors: `invalid_argument` for k < 0; `amount_overflow` beyond the year 9999.
    result<instant> start_of(std::int64_t k) const noexcept {
        if (!is_usable()) return unusable();
        if (k < 0) return error{errc::invalid_argument}.in("k", "must not be negative");
        std::int64_t months = 0;
        std::int64_t days = 0;
        std::int64_t exact = 0;
        if (__builtin_mul_overflow(every_.months(), k, &months) ||
            __builtin_mul_overflow(every_.days(), k, &days) ||
            __builtin_mul_overflow(every_.exact().count(), k, &exact)) {
            return errc::amount_overflow;
        }
        instant start = anchor_;
        // Through local time only where it counts: the anchor may be the second of two equal
        // local times, and exact steps from there must not jump back to the first.
        if (months != 0 || days != 0) {
            const local_time local = where_.local(anchor_);
            const auto today = std::chrono::floor<std::chrono::days>(local);
            const auto day = detail::calendar_sum(today, months, days);
            if (!day) return day.error();
            start = where_.at(*day + (local - today));
        }
        return detail::writable_sum(start, exact);
    }

    /// Period k, from its start to the start of the next.
    /// Errors: as `start_of`; `amount_overflow` for an index above 32 bits too.
    result<period> period_of(std::int64_t k) const noexcept {
        const auto from = start_of(k);
        if (!from) return from.error();
        if (k > std::numeric_limits<std::uint32_t>::max()) return errc::amount_overflow;
        const auto until = start_of(k + 1);
        if (!until) return until.error();
        return period{static_cast<std::uint32_t>(k), *from, *until};
    }

    /// The last period that has begun at `t`.
    /// Errors: `invalid_argument` before the anchor; `amount_overflow` beyond the year 9999.
    /// Complexity: constant, however many periods lie between.
    result<std::int64_t> index_at(instant t) const noexcept {
        if (!is_usable()) return unusable();
        if (t < anchor_) return error{errc::invalid_argument}.in("t", "lies before the anchor");
        if (!detail::is_writable(t)) return errc::amount_overflow;
        // The mean length lands at most a few periods off: a date is never more than some days
        // away from where the mean puts it, and no period of the calendar is shorter than a day.
        std::int64_t k = (t - anchor_).count() / mean_length();
        while (k > 0 && !has_begun(k, t)) --k;
        while (has_begun(k + 1, t)) ++k;
        return k;
    }

    friend constexpr bool operator==(const schedule&, const schedule&) = default;

private:
    constexpr bool is_usable() const noexcept {
        return !every_.is_zero() && !every_.is_negative() && detail::is_writable(anchor_);
    }

    error unusable() const noexcept {
        error why = errc::invalid_argument;
        if (detail::is_writable(anchor_)) return why.in("every", "has to be a span above zero");
        return why.in("anchor", "has to lie in the years 0001 to 9999");
    }

    bool has_begun(std::int64_t k, instant t) const noexcept {
        const auto start = start_of(k);
        return start && *start <= t;
    }

    /// The mean length of a period in microseconds; of one too long to count, the longest.
    constexpr std::int64_t mean_length() const noexcept {
        constexpr std::int64_t mean_month = 2'629'746'000'000;
        constexpr std::int64_t longest = std::numeric_limits<std::int64_t>::max();
        std::int64_t months = 0;
        std::int64_t days = 0;
        std::int64_t length = 0;
        if (__builtin_mul_overflow(every_.months(), mean_month, &months) ||
            __builtin_mul_overflow(every_.days(), detail::microseconds_per_day, &days) ||
            __builtin_add_overflow(months, days, &length) ||
            __builtin_add_overflow(length, every_.exact().count(), &length)) {
            return longest;
        }
        return length;
    }

    instant anchor_{};
    timespan every_{};
    zone where_{};
};

}  // namespace v0
}  // namespace coffer
