/// Instants, spans and periods of time. Include it to name a moment or a duration.
///
/// An instant is UTC with microseconds. A calendar count (`months{1}`) is a type of its own and
/// never a fixed length: the standard's `std::chrono::months` is 30.436875 days, which is no
/// month anybody was ever billed for. This header neither reads a clock nor knows a time zone;
/// `zone.hpp` and `schedule.hpp` do the calendar.
#pragma once

#include <coffer/base/detail/text_buffer.hpp>
#include <coffer/base/print.hpp>
#include <coffer/base/result.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// A moment in UTC, to the microsecond.
using instant = std::chrono::sys_time<std::chrono::microseconds>;

/// The end of what does not end; later than every other instant.
inline constexpr instant never = instant::max();

namespace detail {

/// Appends `1 month`, `12 months`.
template <std::size_t Capacity>
constexpr void push_count(text_buffer<Capacity>& text, std::int64_t count,
                          std::string_view unit) noexcept {
    push_decimal(text, count, 0, 0);
    text.push(' ');
    text.push(unit);
    if (count != 1) text.push('s');
}

constexpr text_buffer<23> count_text(int count, std::string_view unit) noexcept {
    text_buffer<23> text;
    push_count(text, count, unit);
    return text;
}

}  // namespace detail

/// A count of calendar days.
struct days {
    int count;
    explicit constexpr days(int n) noexcept : count{n} {}
    friend constexpr auto operator<=>(const days&, const days&) = default;
    friend constexpr auto to_string(days n) noexcept { return detail::count_text(n.count, "day"); }
};

/// A count of calendar weeks.
struct weeks {
    int count;
    explicit constexpr weeks(int n) noexcept : count{n} {}
    friend constexpr auto operator<=>(const weeks&, const weeks&) = default;
    friend constexpr auto to_string(weeks n) noexcept {
        return detail::count_text(n.count, "week");
    }
};

/// A count of calendar months.
struct months {
    int count;
    explicit constexpr months(int n) noexcept : count{n} {}
    friend constexpr auto operator<=>(const months&, const months&) = default;
    friend constexpr auto to_string(months n) noexcept {
        return detail::count_text(n.count, "month");
    }
};

/// A count of calendar years.
struct years {
    int count;
    explicit constexpr years(int n) noexcept : count{n} {}
    friend constexpr auto operator<=>(const years&, const years&) = default;
    friend constexpr auto to_string(years n) noexcept {
        return detail::count_text(n.count, "year");
    }
};

namespace detail {

template <class Period>
concept calendar_period = std::ratio_greater_equal_v<Period, std::chrono::days::period>;

/// Shorter than a day, and whole microseconds.
template <class Period>
concept exact_period = !calendar_period<Period> && std::ratio_divide<Period, std::micro>::den == 1;

}  // namespace detail

/// A span of time: calendar months, calendar days, and an exact rest.
///
/// What a calendar day is, is said where the span is used: for a `schedule` the same local time
/// on another date, for `add` exactly 24 hours.
class timespan {
public:
    constexpr timespan() noexcept = default;
    constexpr timespan(coffer::days span) noexcept : days_{span.count} {}
    constexpr timespan(coffer::weeks span) noexcept : days_{std::int64_t{span.count} * 7} {}
    constexpr timespan(coffer::months span) noexcept : months_{span.count} {}
    constexpr timespan(coffer::years span) noexcept : months_{std::int64_t{span.count} * 12} {}
    constexpr timespan(coffer::months months, coffer::days days,
                       std::chrono::microseconds exact) noexcept
        : months_{months.count}, days_{days.count}, exact_{exact} {}

    /// An exact length: hours, minutes, seconds and below, down to microseconds. One that does
    /// not fit into 64 bits of microseconds counts as the longest that does.
    template <std::integral Rep, detail::exact_period Period>
    constexpr timespan(std::chrono::duration<Rep, Period> exact) noexcept
        : exact_{to_microseconds(exact)} {}

    /// Not a day, week, month or year of the standard: those are fixed lengths. Say which is
    /// meant: `coffer::days{1}` for the calendar's, `24h` for the exact length.
    template <class Rep, detail::calendar_period Period>
    timespan(std::chrono::duration<Rep, Period>) = delete;

    constexpr std::int64_t months() const noexcept { return months_; }
    constexpr std::int64_t days() const noexcept { return days_; }
    constexpr std::chrono::microseconds exact() const noexcept { return exact_; }

    constexpr bool is_zero() const noexcept { return *this == timespan{}; }
    /// Whether any part of it is below zero.
    constexpr bool is_negative() const noexcept {
        return months_ < 0 || days_ < 0 || exact_.count() < 0;
    }

    friend constexpr bool operator==(const timespan&, const timespan&) = default;

    /// Its parts, as `parse_timespan` reads one of them: `1 month 14 days 10 minutes`.
    friend constexpr auto to_string(const timespan& span) noexcept {
        detail::text_buffer<95> text;
        const auto part = [&text](std::int64_t count, std::string_view unit) {
            if (!text.view().empty()) text.push(' ');
            detail::push_count(text, count, unit);
        };
        if (span.months_ != 0) part(span.months_, "month");
        if (span.days_ != 0) part(span.days_, "day");
        const std::int64_t exact = span.exact_.count();
        if (exact == 0 && !text.view().empty()) return text;
        if (exact != 0 && exact % 3'600'000'000 == 0) {
            part(exact / 3'600'000'000, "hour");
        } else if (exact != 0 && exact % 60'000'000 == 0) {
            part(exact / 60'000'000, "minute");
        } else if (exact % 1'000'000 == 0) {
            part(exact / 1'000'000, "second");
        } else {
            part(exact, "microsecond");
        }
        return text;
    }

private:
    template <class Rep, class Period>
    static constexpr std::chrono::microseconds to_microseconds(
        std::chrono::duration<Rep, Period> exact) noexcept {
        using std::chrono::microseconds;
        std::int64_t count = 0;
        if (!__builtin_mul_overflow(exact.count(), std::ratio_divide<Period, std::micro>::num,
                                    &count)) {
            return microseconds{count};
        }
        return exact.count() < Rep{} ? microseconds::min() : microseconds::max();
    }

    std::int64_t months_ = 0;
    std::int64_t days_ = 0;
    std::chrono::microseconds exact_{0};
};

namespace detail {

/// The instants that ISO 8601 can write with a year of four digits, 0001 to 9999.
inline constexpr instant first_instant{
    std::chrono::sys_days{std::chrono::year{1} / std::chrono::January / 1}};
inline constexpr instant end_of_instants{
    std::chrono::sys_days{std::chrono::year{10000} / std::chrono::January / 1}};

constexpr bool is_writable(instant t) noexcept { return first_instant <= t && t < end_of_instants; }

constexpr bool is_time_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

/// The number that the digits of `text` write. Requires: digits only, at most 18.
constexpr std::int64_t digits_value(std::string_view text) noexcept {
    std::int64_t value = 0;
    for (char letter : text) value = value * 10 + (letter - '0');
    return value;
}

/// Whether each letter of `text` is as in `shape`, where 'd' stands for a digit.
constexpr bool has_shape(std::string_view text, std::string_view shape) noexcept {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 'd' ? !is_time_digit(text[i]) : text[i] != shape[i]) return false;
    }
    return true;
}

/// Appends date and time of day, to the microsecond where there is a fraction:
/// `2026-01-31T10:00:00`. A year beyond 0001 to 9999 has a sign.
template <std::size_t Capacity>
constexpr void push_date_and_time(text_buffer<Capacity>& text,
                                  std::chrono::microseconds since_1970) noexcept {
    using namespace std::chrono;
    // Whole seconds first: at the ends of time a whole day in microseconds would not fit.
    const auto second = floor<seconds>(since_1970);
    const auto day = floor<std::chrono::days>(second);
    const hh_mm_ss<seconds> time{second - day};
    const std::int64_t rest = since_1970.count() % 1'000'000;
    const std::int64_t fraction = rest < 0 ? rest + 1'000'000 : rest;
    // The standard's years end at 32767; the calendar repeats every 400 years, so the date is
    // looked up in the cycle that begins in 1970.
    constexpr std::int64_t cycle = 146'097;
    const std::int64_t day_count = day.count();
    const std::int64_t cycles = day_count / cycle - (day_count % cycle < 0 ? 1 : 0);
    const year_month_day date{sys_days{day - std::chrono::days{cycles * cycle}}};
    const std::int64_t year = int{date.year()} + cycles * 400;

    if (year < 1 || year > 9999) text.push(year < 0 ? '-' : '+');
    push_number(text, year < 0 ? -year : year, 4);
    text.push('-');
    push_number(text, unsigned{date.month()}, 2);
    text.push('-');
    push_number(text, unsigned{date.day()}, 2);
    text.push('T');
    push_number(text, time.hours().count(), 2);
    text.push(':');
    push_number(text, time.minutes().count(), 2);
    text.push(':');
    push_number(text, time.seconds().count(), 2);
    if (fraction == 0) return;
    text.push('.');
    push_number(text, fraction, 6);
}

/// Appends an instant as `iso8601` writes it.
template <std::size_t Capacity>
constexpr void push_instant(text_buffer<Capacity>& text, instant t) noexcept {
    if (t == never) return text.push("never");
    push_date_and_time(text, t.time_since_epoch());
    text.push('Z');
}

}  // namespace detail

/// The instant as ISO 8601 in UTC: `2026-01-31T10:00:00Z`, with six digits of fraction where
/// there is one; `never` is "never", and a year beyond 0001 to 9999 has a sign.
inline std::string iso8601(instant t) {
    detail::text_buffer<31> text;
    detail::push_instant(text, t);
    return std::string{text.view()};
}

/// One period of a schedule: from `from` up to, but not including, `until`.
struct period {
    std::uint32_t index = 0;
    instant from{};
    instant until{};

    constexpr bool contains(instant t) const noexcept { return from <= t && t < until; }
    friend constexpr bool operator==(const period&, const period&) = default;

    /// `#3 2026-01-31T10:00:00Z to 2026-02-28T10:00:00Z`
    friend constexpr auto to_string(const period& p) noexcept {
        detail::text_buffer<95> text;
        text.push('#');
        detail::push_number(text, p.index);
        text.push(' ');
        detail::push_instant(text, p.from);
        text.push(" to ");
        detail::push_instant(text, p.until);
        return text;
    }
};

namespace detail {

constexpr error no_instant(std::string_view text) noexcept {
    return error{errc::invalid_argument}.about(text).in(
        "instant", "is written in UTC as 2026-01-31T10:00:00Z, with at most six decimals");
}
constexpr error no_timespan(std::string_view text) noexcept {
    return error{errc::invalid_argument}.about(text).in(
        "span", "is a whole number, a space, and a unit from seconds to years: 14 days");
}

}  // namespace detail

/// The instant that an ISO 8601 text in UTC names: `2026-01-31T10:00:00Z`, with at most six
/// digits of fraction. Errors: `invalid_argument` for any other text, for a date or time that no
/// calendar has (leap seconds and 24:00 among them), and for years beyond 0001 to 9999.
constexpr result<instant> parse_instant(std::string_view text) noexcept {
    using namespace std::chrono;
    constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
    if (!detail::has_shape(text.substr(0, shape.size()), shape)) return detail::no_instant(text);
    const auto number = [text](std::size_t from, std::size_t size) {
        return detail::digits_value(text.substr(from, size));
    };
    const year_month_day date{year{static_cast<int>(number(0, 4))},
                              month{static_cast<unsigned>(number(5, 2))},
                              day{static_cast<unsigned>(number(8, 2))}};
    const hours hour{number(11, 2)};
    const minutes minute{number(14, 2)};
    const seconds second{number(17, 2)};
    if (!date.ok() || date.year() < year{1}) {
        return error{errc::invalid_argument}.about(text).in("instant",
                                                            "has a date that no calendar has");
    }
    if (hour >= 24h || minute >= 60min || second >= 60s) {
        return error{errc::invalid_argument}.about(text).in("instant",
                                                            "has a time that no day has");
    }

    std::string_view rest = text.substr(shape.size());
    microseconds fraction{0};
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        microseconds unit{1'000'000};
        while (!rest.empty() && detail::is_time_digit(rest.front()) && unit > 1us) {
            unit /= 10;
            fraction += unit * (rest.front() - '0');
            rest.remove_prefix(1);
        }
        if (unit == 1s) return detail::no_instant(text);
    }
    if (rest != "Z") return detail::no_instant(text);
    return instant{sys_days{date}} + hour + minute + second + fraction;
}

/// The span that a text such as "10 minutes", "14 days" or "1 year" names: a whole number, one
/// space, and seconds, minutes, hours, days, weeks, months or years.
/// Errors: `amount_overflow` for a number that no span holds, `invalid_argument` for other texts.
constexpr result<timespan> parse_timespan(std::string_view text) noexcept {
    const std::size_t space = text.find(' ');
    if (space == 0 || space == std::string_view::npos) return detail::no_timespan(text);
    const std::string_view digits = text.substr(0, space);
    for (char letter : digits) {
        if (!detail::is_time_digit(letter)) return detail::no_timespan(text);
    }
    std::string_view unit = text.substr(space + 1);
    if (unit.ends_with('s')) unit.remove_suffix(1);

    // A count beyond this is refused below for every unit; it must not overflow on the way.
    const std::int64_t count =
        digits.size() > 18 ? std::int64_t{1'000'000'000'000'000'000} : detail::digits_value(digits);
    const auto calendar = [count](auto make) -> result<timespan> {
        if (count > 2'147'483'647) return errc::amount_overflow;
        return timespan{make(static_cast<int>(count))};
    };
    const auto exact = [count](std::int64_t seconds) -> result<timespan> {
        std::int64_t microseconds = 0;
        if (__builtin_mul_overflow(count, seconds * 1'000'000, &microseconds)) {
            return errc::amount_overflow;
        }
        return timespan{std::chrono::microseconds{microseconds}};
    };
    if (unit == "second") return exact(1);
    if (unit == "minute") return exact(60);
    if (unit == "hour") return exact(3'600);
    if (unit == "day") return calendar([](int n) { return days{n}; });
    if (unit == "week") return calendar([](int n) { return weeks{n}; });
    if (unit == "month") return calendar([](int n) { return months{n}; });
    if (unit == "year") return calendar([](int n) { return years{n}; });
    return detail::no_timespan(text);
}

/// When the hold of a `hold_open` is over, or the window of the limit of a `limit_exceeded`: a
/// repeat before then is told the same.
constexpr instant until_of(const error& e) noexcept {
    return instant{std::chrono::microseconds{e.until_micros()}};
}

}  // namespace v0
}  // namespace coffer
