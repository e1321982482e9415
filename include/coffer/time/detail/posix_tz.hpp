/// The rule in the last line of a zone file ("CET-1CEST,M3.5.0,M10.5.0/3"), which says what a
/// zone does after its last listed transition. `zone.hpp` includes it; nobody else needs to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A stretch of UTC seconds, half-open, throughout which the clocks show UTC + `offset` seconds.
struct offset_span {
    std::int64_t from = std::numeric_limits<std::int64_t>::min();
    std::int64_t until = std::numeric_limits<std::int64_t>::max();
    std::int32_t offset = 0;
};

inline constexpr std::int64_t seconds_per_day = 86'400;

/// One day of each year and the local time on it, as such rules write it.
struct rule_day {
    enum class form : std::uint8_t {
        week_of_month,  ///< Mm.w.d: the w-th weekday d of month m; week 5 is the last.
        without_leap,   ///< Jn: day 1 to 365, 29 February never counted.
        with_leap,      ///< n: day 0 to 365, 29 February counted.
    };
    form kind = form::with_leap;
    int month = 1;
    int week = 1;
    int day = 0;
    std::int64_t time = 2 * 3'600;  ///< Seconds after midnight; may lie on another day.

    /// The local time of that moment in `year`, in seconds since 1970.
    constexpr std::int64_t in_year(int year) const noexcept {
        return date_in(std::chrono::year{year}).time_since_epoch().count() * seconds_per_day + time;
    }

private:
    constexpr std::chrono::sys_days date_in(std::chrono::year year) const noexcept {
        using namespace std::chrono;
        const sys_days new_year{year / January / 1};
        if (kind == form::with_leap) return new_year + std::chrono::days{day};
        if (kind == form::without_leap) {
            const bool past_leap_day = year.is_leap() && day >= 60;
            return new_year + std::chrono::days{day - (past_leap_day ? 0 : 1)};
        }
        const auto which = std::chrono::weekday{static_cast<unsigned>(day)};
        const auto in_month = year / std::chrono::month{static_cast<unsigned>(month)};
        if (week == 5) return sys_days{in_month / which[last]};
        return sys_days{in_month / which[static_cast<unsigned>(week)]};
    }
};

/// A parsed rule: standard time, and where there is one, daylight time between two rule days.
struct posix_rule {
    std::int32_t standard = 0;
    std::int32_t daylight = 0;
    bool has_daylight = false;
    rule_day start{};
    rule_day end{};

    /// The stretch around `t`, in UTC seconds. Where daylight time never ends, stretches overlap.
    constexpr offset_span span_at(std::int64_t t) const noexcept {
        if (!has_daylight) return {.offset = standard};
        // The calendar, weekdays included, repeats every 400 years: look into one such cycle.
        constexpr std::int64_t cycle = 146'097 * seconds_per_day;
        const std::int64_t shift = (t / cycle - (t % cycle < 0 ? 1 : 0)) * cycle;
        offset_span found = span_in_cycle(t - shift);
        if (found.from != offset_span{}.from) found.from += shift;
        if (found.until != offset_span{}.until) found.until += shift;
        return found;
    }

private:
    constexpr offset_span span_in_cycle(std::int64_t t) const noexcept {
        using namespace std::chrono;
        const sys_days today{std::chrono::days{t / seconds_per_day}};
        const int year = int{year_month_day{today}.year()};
        // Times of day reach a week into another year, and daylight time may span the new year:
        // the daylight time around `t` can have begun two years before.
        offset_span summer = daylight_of(year - 2);
        for (int next = year - 1; t >= summer.until; ++next) {
            const offset_span following = daylight_of(next);
            if (t < following.from) return {summer.until, following.from, standard};
            summer = following;
        }
        return summer;
    }

    /// Daylight time that begins in `year`; it ends in the next one south of the equator.
    constexpr offset_span daylight_of(int year) const noexcept {
        const std::int64_t from = start.in_year(year) - standard;
        const std::int64_t until = end.in_year(year) - daylight;
        if (from < until) return {from, until, daylight};
        return {from, end.in_year(year + 1) - daylight, daylight};
    }
};

/// Reads the parts of such a rule from the front of a text. After a failure it fails for good.
class rule_reader {
public:
    explicit constexpr rule_reader(std::string_view text) noexcept : rest_{text} {}

    constexpr bool ok() const noexcept { return ok_; }
    constexpr bool at_end() const noexcept { return rest_.empty(); }
    constexpr char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

    constexpr bool accept(char letter) noexcept {
        if (rest_.empty() || rest_.front() != letter) return false;
        rest_.remove_prefix(1);
        return true;
    }
    constexpr void expect(char letter) noexcept {
        if (!accept(letter)) ok_ = false;
    }

    /// A name of three letters or more, or of letters, digits and signs in angle brackets.
    constexpr void name() noexcept {
        const bool quoted = accept('<');
        std::size_t size = 0;
        while (!rest_.empty() && (is_letter(peek()) || (quoted && is_digit_or_sign(peek())))) {
            rest_.remove_prefix(1);
            ++size;
        }
        if (size < 3) ok_ = false;
        if (quoted) expect('>');
    }

    constexpr int number(int lowest, int highest) noexcept {
        int value = 0;
        std::size_t size = 0;
        for (; size < 3 && !rest_.empty() && peek() >= '0' && peek() <= '9'; ++size) {
            value = value * 10 + (peek() - '0');
            rest_.remove_prefix(1);
        }
        if (size == 0 || value < lowest || value > highest) ok_ = false;
        return value;
    }

    /// `[+-]hours[:minutes[:seconds]]` in seconds.
    constexpr std::int32_t time(int most_hours) noexcept {
        const bool negative = accept('-');
        if (!negative) accept('+');
        std::int32_t seconds = number(0, most_hours) * 3'600;
        if (accept(':')) {
            seconds += number(0, 59) * 60;
            if (accept(':')) seconds += number(0, 59);
        }
        return negative ? -seconds : seconds;
    }

    constexpr rule_day day() noexcept {
        rule_day day;
        if (accept('M')) {
            day.kind = rule_day::form::week_of_month;
            day.month = number(1, 12);
            expect('.');
            day.week = number(1, 5);
            expect('.');
            day.day = number(0, 6);
        } else if (accept('J')) {
            day.kind = rule_day::form::without_leap;
            day.day = number(1, 365);
        } else {
            day.day = number(0, 365);
        }
        if (accept('/')) day.time = time(167);
        return day;
    }

private:
    static constexpr bool is_letter(char letter) noexcept {
        return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    }
    static constexpr bool is_digit_or_sign(char letter) noexcept {
        return (letter >= '0' && letter <= '9') || letter == '+' || letter == '-';
    }

    std::string_view rest_;
    bool ok_ = true;
};

/// The rule that `text` writes, or nothing: also where it names daylight time without saying
/// when, which POSIX leaves to each system's taste.
constexpr std::optional<posix_rule> parse_posix_rule(std::string_view text) noexcept {
    // POSIX counts offsets westwards, everybody else eastwards.
    constexpr int most_offset_hours = 24;
    rule_reader reader{text};
    posix_rule rule;
    reader.name();
    rule.standard = -reader.time(most_offset_hours);
    if (reader.ok() && !reader.at_end()) {
        rule.has_daylight = true;
        reader.name();
        rule.daylight =
            reader.peek() == ',' ? rule.standard + 3'600 : -reader.time(most_offset_hours);
        reader.expect(',');
        rule.start = reader.day();
        reader.expect(',');
        rule.end = reader.day();
    }
    if (!reader.ok() || !reader.at_end()) return std::nullopt;
    return rule;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
