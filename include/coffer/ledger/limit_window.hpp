/// The windows in which limits count: days, weeks and periods of an account, by when something
/// happened; and which of them no event can reach any more.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/rollover.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/schedule.hpp>
#include <coffer/time/zone.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A stretch of time in which a limit counts.
struct time_window {
    instant from = instant::min();
    instant until = never;

    friend bool operator==(const time_window&, const time_window&) = default;
};

/// The stretch of so many local days in which an event lies; they begin at midnight, or at the
/// first instant after a gap that has none.
inline time_window days_around(instant event, const zone& where, std::chrono::local_days first,
                               std::chrono::days length) noexcept {
    const auto begin = [&](std::chrono::local_days day) { return where.at(local_time{day}); };
    time_window w{begin(first), begin(first + length)};
    while (w.from > event) {
        first -= length;
        w = {begin(first), w.from};
    }
    while (w.until <= event) {
        first += length;
        w = {w.until, begin(first + length)};
    }
    return w;
}

/// The day, or the week from Monday on, in which an event lies by the clocks of a zone.
inline time_window day_of(instant event, const zone& where) noexcept {
    if (!is_writable(event)) return {};
    const auto today = std::chrono::floor<std::chrono::days>(where.local(event));
    return days_around(event, where, today, std::chrono::days{1});
}
inline time_window week_of(instant event, const zone& where) noexcept {
    if (!is_writable(event)) return {};
    const auto today = std::chrono::floor<std::chrono::days>(where.local(event));
    const std::chrono::local_days monday =
        today - (std::chrono::weekday{today} - std::chrono::Monday);
    return days_around(event, where, monday, std::chrono::days{7});
}

/// Where an entry begins a period of the account, if it does.
inline std::optional<instant> begun_by(const entry& e) noexcept {
    const bool begins = e.kind == entry_kind::period_began || e.kind == entry_kind::plan_assigned;
    return begins && e.counts ? std::optional{e.from} : std::nullopt;
}

/// The account's period in which an event lies: the last one to begin that began before it. What
/// was before all of them is one. An earlier one than that of the page may have to be looked up.
inline result<time_window> period_of(attempt& s, const plan_terms& plan, instant event) {
    const account& a = s.state;
    time_window w{a.period_from, never};
    if (event >= w.from) {
        const cycle* running = find_cycle(a, plan.account_bucket());
        if (running && running->until > w.from) w.until = running->until;
        return w;
    }
    const auto reaches = [&](instant begin) {
        if (begin <= event) {
            w.from = begin;
            return true;
        }
        w.until = std::min(w.until, begin);
        return false;
    };
    w.until = a.period_from;
    for (std::size_t i = s.entries.size(); i-- > 0;) {
        const std::optional<instant> begin = begun_by(s.entries[i]);
        if (begin && reaches(*begin)) return w;
    }
    if (reaches(s.opened.period_from)) return w;
    if (s.known.period_of != event) {
        s.wanted.period_of = event;
        return s.lack();
    }
    w.from = s.known.period_from;
    w.until = std::min(w.until, s.known.period_until);
    return w;
}

/// The window of a limit in which the attempt's operation counts.
/// Errors: those of the zone.
inline result<time_window> window_of(attempt& s, const plan_terms& plan, window per) {
    const bool is_local = per == window::day || per == window::week;
    if (!is_local) return per == window::period ? period_of(s, plan, s.event) : time_window{};
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    return per == window::day ? day_of(s.event, *where) : week_of(s.event, *where);
}

/// Which windows are over for good: no event that is told now, or later, lies in them.
class window_reach {
public:
    window_reach(const attempt& s, const plan_terms& plan, timespan back) noexcept
        : s_{s}, plan_{plan}, back_{back} {}

    bool is_over(const limit_counter& c) const noexcept {
        const limit_in_force* l = find_limit(s_.state, c.limit);
        if (!l || l->terms.per == window::ever) return false;
        const instant end = l->terms.per == window::period ? end_of_period(c) : c.until;
        return end == instant::min() || (end <= s_.now && last_reach_of(end) <= s_.now);
    }

private:
    /// A period that a start or another plan cut short may go on under that plan: it lasts to its
    /// own end, and to that of a longer one that began with it. One that had none, as what was
    /// before the first start, ends with the next to begin.
    instant end_of_period(const limit_counter& c) const noexcept {
        const instant running = s_.state.period_from;
        if (c.until == never && c.from != running) {
            return c.from < running ? running : instant::min();
        }
        instant end = c.until;
        for (const cycle& other : s_.state.rest->cycles) {
            if (other.from == c.from && other.until != never) end = std::max(end, other.until);
        }
        return end;
    }
    /// When the last event before `end` is too late. Months back from two days may be the same day.
    instant last_reach_of(instant end) const noexcept {
        constexpr std::chrono::hours most_that_months_differ{96};
        const result<instant> last = coffer::add(end, back_, plan_.zone);
        if (!last || *last > never - most_that_months_differ) return never;
        return back_.months() == 0 ? *last : *last + most_that_months_differ;
    }

    const attempt& s_;
    const plan_terms& plan_;
    timespan back_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
