#include "time.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <memory>
#include <vector>

namespace model {

namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t longest_years = 10'000;

struct date {
    std::int64_t year;
    int month;
    int day;
};

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - ((a % b != 0 && (a % b < 0) != (b < 0)) ? 1 : 0);
}

bool is_leap(std::int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in(std::int64_t year, int month) {
    static constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

std::int64_t days_before_year(std::int64_t year) {
    std::int64_t y = year - 1;
    return 365 * y + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - 719'162;
}

std::int64_t days_of(date const& d) {
    std::int64_t days = days_before_year(d.year);
    for (int month = 1; month < d.month; ++month) days += days_in(d.year, month);
    return days + d.day - 1;
}

date date_of(std::int64_t days) {
    std::int64_t year = 1970 + floor_div(days, 366);
    while (days_before_year(year + 1) <= days) ++year;
    while (days_before_year(year) > days) --year;
    std::int64_t rest = days - days_before_year(year);
    int month = 1;
    while (rest >= days_in(year, month)) rest -= days_in(year, month++);
    return {year, month, static_cast<int>(rest) + 1};
}

/// Same day and time of day some months later, or the last day of a shorter month.
std::int64_t add_months(std::int64_t local, std::int64_t months) {
    std::int64_t days = floor_div(local, day);
    date d = date_of(days);
    std::int64_t month = d.year * 12 + d.month - 1 + months;
    date target{floor_div(month, 12), static_cast<int>(month - floor_div(month, 12) * 12) + 1, 1};
    target.day = std::min(d.day, days_in(target.year, target.month));
    return days_of(target) * day + (local - days * day);
}

bool take_digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
    if (at + count > text.size()) return false;
    value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

}  // namespace

std::optional<instant> parse_instant(std::string_view text) {
    int year = 0, month = 0, day_of_month = 0, hour = 0, minute = 0, sec = 0;
    bool shaped = take_digits(text, 0, 4, year) && take_digits(text, 5, 2, month) &&
                  take_digits(text, 8, 2, day_of_month) && take_digits(text, 11, 2, hour) &&
                  take_digits(text, 14, 2, minute) && take_digits(text, 17, 2, sec) &&
                  text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
                  text[16] == ':' && text.size() >= 20 && text.back() == 'Z';
    if (!shaped || month < 1 || month > 12 || hour > 23 || minute > 59 || sec > 59) return {};
    if (day_of_month < 1 || day_of_month > days_in(year, month)) return {};
    std::int64_t micros = 0;
    if (text.size() > 20) {
        if (text[19] != '.' || text.size() < 22 || text.size() > 27) return {};
        std::int64_t scale = 100'000;
        for (std::size_t i = 20; i + 1 < text.size(); ++i, scale /= 10) {
            if (text[i] < '0' || text[i] > '9') return {};
            micros += (text[i] - '0') * scale;
        }
    }
    std::int64_t seconds = (hour * 60 + minute) * 60 + sec;
    return days_of({year, month, day_of_month}) * day + seconds * second + micros;
}

std::string instant_text(instant at) {
    std::int64_t days = floor_div(at, day);
    std::int64_t rest = at - days * day;
    date d = date_of(days);
    std::array<char, 80> buffer{};
    std::snprintf(
        buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d", static_cast<int>(d.year),
        d.month, d.day, static_cast<int>(rest / (3600 * second)),
        static_cast<int>(rest / (60 * second) % 60), static_cast<int>(rest / second % 60));
    std::string text = buffer.data();
    if (rest % second != 0) {
        std::snprintf(buffer.data(), buffer.size(), ".%06d", static_cast<int>(rest % second));
        text += buffer.data();
    }
    return text + "Z";
}

std::optional<duration> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    std::size_t at = 0;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
        count = count * 10 + (text[at++] - '0');
        if (count > longest_years * 366 * 86'400) return {};
    }
    if (at == 0 || at >= text.size() || text[at] != ' ') return {};
    std::string unit(text.substr(at + 1));
    if (unit.size() > 1 && unit.back() == 's') unit.pop_back();

    static std::map<std::string, duration> const units{
        {"microsecond", {0, 0, 1}},
        {"millisecond", {0, 0, 1000}},
        {"second", {0, 0, second}},
        {"minute", {0, 0, 60 * second}},
        {"hour", {0, 0, 3600 * second}},
        {"day", {0, 1, 0}},
        {"week", {0, 7, 0}},
        {"month", {1, 0, 0}},
        {"year", {12, 0, 0}},
    };
    auto found = units.find(unit);
    if (found == units.end()) return {};
    duration const& one = found->second;
    std::int64_t limit = one.months != 0 ? longest_years * 12 / one.months
                         : one.days != 0 ? longest_years * 366 / one.days
                                         : longest_years * 366 * (day / one.exact);
    if (one.exact == 1) limit = longest_years * 366 * day / 1000;
    if (count > limit) return {};
    return duration{one.months * count, one.days * count, one.exact * count};
}

/// Per year: the offset at its start and each later change of it, both in seconds.
struct zone::tables {
    struct change {
        std::int64_t at;
        std::int64_t offset;
    };
    std::string name;
    std::map<std::int64_t, std::vector<change>> years;

    std::vector<change> const& year(std::int64_t y) {
        auto found = years.find(y);
        return found != years.end() ? found->second : years[y] = load(y);
    }

    std::vector<change> load(std::int64_t y) const {
        char const* outer = std::getenv("TZ");
        std::optional<std::string> kept;
        if (outer != nullptr) kept = outer;
        ::setenv("TZ", name.c_str(), 1);
        ::tzset();
        std::int64_t at = days_before_year(y) * 86'400;
        std::int64_t end = days_before_year(y + 1) * 86'400;
        std::vector<change> found{{at, offset(at)}};
        for (; at < end; at += 3600) {
            if (offset(at + 3600) == found.back().offset) continue;
            std::int64_t before = at, after = at + 3600;
            while (after - before > 1) {
                std::int64_t middle = before + (after - before) / 2;
                (offset(middle) == found.back().offset ? before : after) = middle;
            }
            if (after < end) found.push_back({after, offset(after)});
        }
        kept ? ::setenv("TZ", kept->c_str(), 1) : ::unsetenv("TZ");
        ::tzset();
        return found;
    }

    static std::int64_t offset(std::int64_t at) {
        auto t = static_cast<std::time_t>(at);
        std::tm broken_down{};
        ::localtime_r(&t, &broken_down);
        return broken_down.tm_gmtoff;
    }
};

zone const* zone::find(std::string const& name) {
    static std::map<std::string, std::unique_ptr<zone>> known;
    static std::map<std::string, std::unique_ptr<tables>> kept;
    auto found = known.find(name);
    if (found != known.end()) return found->second.get();
    if (name.empty() || name.front() == '/' || name.find("..") != std::string::npos) return nullptr;
    std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
    std::array<char, 4> magic{};
    if (!file.read(magic.data(), magic.size())) return nullptr;
    if (std::string_view(magic.data(), magic.size()) != "TZif") return nullptr;
    auto data = std::make_unique<tables>();
    data->name = name;
    auto made = std::unique_ptr<zone>(new zone(data.get()));
    kept[name] = std::move(data);
    return (known[name] = std::move(made)).get();
}

std::int64_t zone::to_local(instant at) const {
    std::int64_t seconds = floor_div(at, second);
    std::int64_t offset = 0;
    for (auto const& change : tables_->year(date_of(floor_div(at, day)).year)) {
        if (change.at <= seconds) offset = change.offset;
    }
    return at + offset * second;
}

instant zone::from_local(std::int64_t local) const {
    std::int64_t from = floor_div(local, second) - 2 * 86'400;
    std::int64_t until = from + 4 * 86'400;
    std::int64_t first_year = date_of(floor_div(from, 86'400)).year;
    std::int64_t last_year = date_of(floor_div(until, 86'400)).year;
    std::vector<tables::change> stretch;
    for (std::int64_t y = first_year; y <= last_year; ++y) {
        auto const& changes = tables_->year(y);
        stretch.insert(stretch.end(), changes.begin(), changes.end());
    }
    for (std::size_t i = 0; i + 1 < stretch.size(); ++i) {
        if (stretch[i + 1].at <= from) continue;
        instant first = std::max(stretch[i].at * second, local - stretch[i].offset * second);
        if (first < stretch[i + 1].at * second) return first;
    }
    return std::max(stretch.back().at * second, local - stretch.back().offset * second);
}

instant add(instant from, duration const& length, zone const& in) {
    if (length.months == 0) return from + length.days * day + length.exact;
    return in.from_local(add_months(in.to_local(from), length.months));
}

/// The last k whose begin, as the clocks of the zone say it, is not after `at`.
template <class Begin>
static stretch containing(instant at, std::int64_t k, zone const& in, Begin begin) {
    while (in.from_local(begin(k)) > at) --k;
    while (in.from_local(begin(k + 1)) <= at) ++k;
    return {in.from_local(begin(k)), in.from_local(begin(k + 1))};
}

stretch day_of(instant at, zone const& in) {
    return containing(at, floor_div(in.to_local(at), day), in,
                      [](std::int64_t k) { return k * day; });
}

stretch week_of(instant at, zone const& in) {
    constexpr std::int64_t first_monday = 4 * day;  // 1970-01-05
    auto begin = [](std::int64_t k) { return first_monday + k * 7 * day; };
    return containing(at, floor_div(in.to_local(at) - first_monday, 7 * day), in, begin);
}

stretch month_of(instant at, zone const& in) {
    date d = date_of(floor_div(in.to_local(at), day));
    auto begin = [](std::int64_t k) { return add_months(0, k); };
    return containing(at, (d.year - 1970) * 12 + d.month - 1, in, begin);
}

instant schedule::begin(std::int64_t k) const {
    if (k == 0) return anchor;
    if (every.exact != 0) return anchor + k * every.exact;
    std::int64_t local = in->to_local(anchor);
    if (every.days != 0) return in->from_local(local + k * every.days * day);
    return in->from_local(add_months(local, k * every.months));
}

std::int64_t schedule::index_at(instant at) const {
    std::int64_t shortest = every.exact != 0  ? every.exact
                            : every.days != 0 ? every.days * day
                                              : every.months * 28 * day;
    std::int64_t above = (at - anchor) / shortest + 3;
    std::int64_t below = 0;
    while (above - below > 1) {
        std::int64_t middle = below + (above - below) / 2;
        (begin(middle) <= at ? below : above) = middle;
    }
    return below;
}

}  // namespace model
