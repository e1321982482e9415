/// Alerts: which of them hold for an account, which are armed, and when one is raised.
///
/// An alert compares what is available, held and not owed with its level, after all that is due at
/// an instant and again after the operation. It is raised when that is at or below the level and
/// the alert is armed; it is armed while that is above.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/function_ref.hpp>
#include <coffer/base/detail/hash.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/editor.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/watch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What is raised when nothing is left, available or held, and when something is available again.
inline constexpr std::string_view depleted_alert = "depleted";
inline constexpr std::string_view resumed_alert = "resumed";

namespace detail {

/// The names of buckets, one a line.
template <class Buckets>
std::string lines_of(const Buckets& buckets) {
    std::string all;
    for (bucket_id b : buckets) {
        if (!all.empty()) all += '\n';
        all += b.name();
    }
    return all;
}

}  // namespace detail

/// Whether an alert makes sense: its name has no control characters, is none of the two above and
/// not that of a limit or a choice; a share is at most a million allowances; the names of its
/// buckets have 255 bytes together.
inline bool is_alert(const alert_terms& t) noexcept {
    const std::string_view name = t.name.view();
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    bool sound = !name.empty() && name != depleted_alert && name != resumed_alert &&
                 !name.starts_with(limit_alert) && !name.starts_with(choice_alert) &&
                 std::none_of(name.begin(), name.end(), is_control);
    std::size_t size = 0;
    for (bucket_id b : t.of) {
        sound = sound && b && b.name().find('\n') == std::string_view::npos;
        size += b.name().size() + 1;
    }
    constexpr credits most = credits::from_micros(1'000'000'000'000);
    return sound && size <= 256 && (!t.is_share || (!t.level.is_negative() && t.level <= most));
}

namespace detail {

/// What an entry says of choices where its alert is the customer's own.
inline constexpr std::string_view own_mark = "\1";

/// Calls `f(line)` for each line of a text.
template <class F>
void each_line(std::string_view text, F&& f) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        f(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

}  // namespace detail

/// Calls `f(name)` for each alert that an entry raised, in order.
template <class F>
void each_raised(const entry& e, F&& f) {
    detail::each_line(e.alerts.raised, f);
}

namespace detail {

/// Identifies an alert with its name and level.
inline std::uint64_t fingerprint_of(const alert_terms& t) noexcept {
    digest all;
    all.add(t.name.view()).add(t.level.micros());
    all.add(std::uint64_t{t.is_share} | (std::uint64_t{t.once_per_period} << 1));
    for (bucket_id b : t.of) all.add(b.name());
    return all.value();
}
/// Identifies a plan's alerts, in whatever order, among those of a list; zero for none.
template <class Alerts>
std::uint64_t fingerprint_of(const Alerts& alerts) noexcept {
    std::uint64_t all = 0;
    for (const alert_terms& t : alerts) all ^= t.own ? 0 : fingerprint_of(t);
    return all;
}

/// The mark of what watches for nothing being left, beside those of the alerts.
inline constexpr std::uint64_t depleted_mark = std::uint64_t{1} << 63;
constexpr std::uint64_t mark_of(std::size_t alert) noexcept { return std::uint64_t{1} << alert; }

inline std::optional<std::size_t> find_alert(const account& a, std::string_view name) noexcept {
    const auto& all = a.rest->alerts;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].name == name) return i;
    }
    return std::nullopt;
}

/// What an alert looks at. All sums fit: what is available and held was granted.
class watched_balance {
public:
    explicit watched_balance(const account& a) noexcept : a_{a} {}

    /// Available, held and not owed, of the buckets that an alert looks at.
    std::int64_t seen_by(const alert_terms& t) const {
        if (t.of.empty()) return total();
        std::int64_t sum = -a_.totals.debt.micros();
        for (const spendable& s : a_.burning) {
            if (looks_at(t, s.bucket)) sum += s.available.micros() + s.held.micros();
        }
        return sum;
    }
    /// The level of an alert. None for a share where there is no allowance.
    std::optional<int128> level_of(const alert_terms& t) const noexcept {
        if (!t.is_share) return t.level.micros();
        int128 allowances = 0;
        for (const cycle& c : a_.rest->cycles) {
            if (looks_at(t, c.bucket) && !is_over(a_, c)) allowances += c.allowance.micros();
        }
        if (allowances == 0) return std::nullopt;
        return allowances * t.level.micros() / 1'000'000;
    }
    std::int64_t total() const noexcept { return left() - a_.totals.debt.micros(); }
    std::int64_t left() const noexcept {
        return a_.totals.available.micros() + a_.totals.held.micros();
    }

private:
    static bool looks_at(const alert_terms& t, bucket_id bucket) noexcept {
        return t.of.empty() || std::find(t.of.begin(), t.of.end(), bucket) != t.of.end();
    }

    const account& a_;
};

/// What a comparison finds: the change that it makes, and which alerts it raises.
struct comparison {
    alert_change change{};
    std::string raised{};  ///< As `change.raised`, which is to refer to it.
};

/// What the plan's recharge sees of a balance.
struct recharge_sight {
    bool on = false;
    int128 room = int128_max;  ///< By which the balance may fall before it is of interest.
    instant check = never;     ///< When an order may be placed that has to wait until then.
};

/// Compares the balance with the levels. `new_period`: the account's period has just begun; a
/// balance at or below a level then raises nothing before it has been above. `in_order()`: the list
/// that holds, in whose order alerts of one level come; asked for where several come.
inline comparison compare_alerts(const account& a, bool new_period, const recharge_sight& recharge,
                                 function_ref<std::vector<alert_terms>()> in_order) {
    struct crossing {
        int128 level;
        std::size_t place;  // in the account's list
    };
    const account_details& rest = *a.rest;
    const watched_balance balance{a};
    std::vector<crossing> raised;
    std::uint64_t armed = 0;
    int128 room = int128_max;  // by which the balance may fall
    for (std::size_t i = 0; i < rest.alerts.size(); ++i) {
        const alert_terms& t = rest.alerts[i];
        const std::optional<int128> level = balance.level_of(t);
        if (!level) continue;
        const int128 above = balance.seen_by(t) - *level;
        if (t.once_per_period && (rest.raised & mark_of(i))) continue;
        if (above > 0) {
            armed |= mark_of(i);
            room = std::min(room, above);
        } else if ((rest.armed & mark_of(i)) && !new_period) {
            raised.push_back({*level, i});
        }
    }
    const std::vector<alert_terms> order =
        raised.size() > 1 ? in_order() : std::vector<alert_terms>{};
    const auto turn = [&](const crossing& c) {
        const auto named = [&](const alert_terms& t) {
            return t.name == rest.alerts[c.place].name;
        };
        return std::pair{std::find_if(order.begin(), order.end(), named), c.place};
    };
    std::sort(raised.begin(), raised.end(), [&](const crossing& x, const crossing& y) {
        return x.level != y.level ? x.level > y.level : turn(x) < turn(y);
    });
    comparison found;
    const auto raise = [&](std::string_view name) {
        if (!found.raised.empty()) found.raised += '\n';
        found.raised += name;
    };
    if ((rest.raised & depleted_mark) && a.totals.available.is_positive()) raise(resumed_alert);
    for (const crossing& c : raised) raise(rest.alerts[c.place].name.view());
    if (rest.alerts.empty()) {
        // nobody is told that nothing is left
    } else if (balance.left() > 0) {
        armed |= depleted_mark;
        room = std::min<int128>(room, balance.left());
    } else if (rest.armed & depleted_mark) {
        raise(depleted_alert);
    }
    room = std::min(room, recharge.room);
    const int128 floor =
        room == int128_max ? int128{credits::min().micros()} : balance.total() - room;
    found.change = {.any = true, .armed = armed};
    found.change.recharges = recharge.on;
    found.change.check = recharge.check;
    found.change.floor = credits::from_micros(
        static_cast<std::int64_t>(std::max<int128>(floor, credits::min().micros())));
    return found;
}

/// Whether a change would leave everything as it is.
inline bool changes_nothing(const account& a, const comparison& c) noexcept {
    const bool same_floor = c.change.floor == a.floor || is_decided_whole(a);
    const order_book& book = *a.rest->purchases;
    return c.change.armed == a.rest->armed && same_floor && c.raised.empty() &&
           c.change.recharges == book.watched && c.change.check == book.check;
}

/// What an entry says that raises these names, one a line, and leaves all else as it is.
inline alert_change raising(const account& a, std::string_view names) noexcept {
    const order_book& book = *a.rest->purchases;
    return {.any = true,
            .recharges = book.watched,
            .armed = a.rest->armed,
            .floor = a.floor,
            .raised = names,
            .check = book.check};
}

/// Carries out what an entry changed of the alerts.
inline void post_alert_change(account& a, const entry& e) {
    account_details& rest = a.rest.edit();
    rest.armed = e.alerts.armed;
    a.floor = is_decided_whole(a) ? credits::max() : e.alerts.floor;
    const order_book& book = *rest.purchases;
    if (book.watched != e.alerts.recharges || book.check != e.alerts.check) {
        order_book& changed = rest.purchases.edit();
        changed.watched = e.alerts.recharges;
        changed.check = e.alerts.check;
        a.next_due = account_editor{a}.soonest_due();
    }
    each_raised(e, [&](std::string_view name) {
        if (name == depleted_alert) rest.raised |= depleted_mark;
        if (name == resumed_alert) rest.raised &= ~depleted_mark;
        if (const auto at = find_alert(a, name)) rest.raised |= mark_of(*at);
    });
}

}  // namespace detail

/// The name of an alert, and those of its buckets, one a line. They live as long as its entry.
struct alert_texts {
    std::string_view name{};
    std::string_view of{};
};

/// Lets an alert hold; one of the same name is replaced and keeps its state.
inline result<void> decide_alert(const account& a, const alert_terms& set, alert_texts texts,
                                 moment when, entry& e) {
    detail::begin(e, a, entry_kind::alert_set, when);
    e.resource = texts.name;
    e.tolerance = set.level;
    e.counts = set.is_share;
    e.revokes = set.once_per_period;
    e.member = texts.of;
    if (set.own) e.settings = detail::own_mark;
    return {};
}

/// Lets an alert hold no longer.
inline result<void> decide_alert_drop(const account& a, std::string_view name, moment when,
                                      entry& e) {
    detail::begin(e, a, entry_kind::alert_dropped, when);
    e.resource = name;
    return {};
}

namespace detail {

inline bool post_alert(account_editor& to, const entry& e) {
    const account& a = to.now();
    const std::optional<std::size_t> known = find_alert(a, e.resource);
    if (e.after != a.totals || (!known && a.rest->alerts.size() > max_alerts)) return false;
    alert_terms set{.name = e.resource,
                    .level = e.tolerance,
                    .is_share = e.counts,
                    .once_per_period = e.revokes,
                    .own = e.settings == own_mark};
    each_line(e.member, [&](std::string_view name) { set.of.push_back(bucket_id::of(name)); });
    if (!is_alert(set)) return false;
    auto& all = to.edit_rest().alerts;
    if (known && !all[*known].own) to.edit().order ^= fingerprint_of(all[*known]);
    if (!set.own) to.edit().order ^= fingerprint_of(set);
    if (known) {
        all[*known] = std::move(set);
    } else {
        all.push_back(std::move(set));
    }
    return true;
}

/// The marks without that of one alert, those of later ones one place down.
constexpr std::uint64_t without_mark(std::uint64_t marks, std::size_t alert) noexcept {
    const std::uint64_t below = mark_of(alert) - 1;
    const std::uint64_t others = marks & ~depleted_mark;
    return (others & below) | ((others >> 1) & ~below) | (marks & depleted_mark);
}

inline bool post_alert_drop(account_editor& to, const entry& e) {
    const std::optional<std::size_t> known = find_alert(to.now(), e.resource);
    if (e.after != to.now().totals || !known) return false;
    account_details& rest = to.edit_rest();
    auto& all = rest.alerts;
    if (!all[*known].own) to.edit().order ^= fingerprint_of(all[*known]);
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(*known));
    rest.armed = without_mark(rest.armed, *known);
    rest.raised = without_mark(rest.raised, *known);
    if (all.empty()) {
        rest.armed = rest.raised = 0;
        // Until it is compared anew.
        if (!is_decided_whole(to.now())) to.edit().floor = credits::min();
    }
    return true;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
