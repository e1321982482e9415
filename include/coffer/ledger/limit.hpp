/// Spending limits as plain data: what may be spent by whom and on what in which time, and the
/// counters of what was. Decisions are in `ledger/limit_check.hpp`.
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/detail/short_text.hpp>
#include <coffer/base/id.hpp>
#include <coffer/time/instant.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The time over which a limit adds up.
enum class window : std::uint8_t {
    draw,    ///< None: each charge or hold by itself.
    day,     ///< From midnight to midnight in the account's zone.
    week,    ///< From Monday to Monday in the account's zone.
    period,  ///< A period of the account.
    ever,    ///< All time since the limit holds.
};

constexpr std::string_view to_string(window per) noexcept {
    switch (per) {
        case window::draw: return "draw";
        case window::day: return "day";
        case window::week: return "week";
        case window::period: return "period";
        case window::ever: return "ever";
    }
    return "unknown";
}

/// A path of a limit, kept in place.
using limit_path = detail::short_text<95>;

/// A limit of an account. Each path that is not empty has to match: the path itself and all below
/// it, or "*" for each value by itself.
struct limit_terms {
    limit_path member{};
    limit_path action{};  ///< The action's name, or its category.
    limit_path resource{};
    limit_path tag{};
    window per = window::ever;
    credits amount{};
    bool warn = false;  ///< It raises an alert in place of a refusal.

    friend bool operator==(const limit_terms&, const limit_terms&) = default;
};

/// A limit that holds. Limits that count the same, with different amounts perhaps, have one number.
struct limit_in_force {
    std::uint32_t number = 0;
    limit_terms terms{};
    bool own = false;  ///< The customer's, by choice or by default: no part of the plan's list.

    friend bool operator==(const limit_in_force&, const limit_in_force&) = default;
};

/// A counter of a limit, numbered from 1 in each wallet; no number is used twice.
using counter_id = detail::journal_number<struct counter_tag>;

/// What a limit counts in one of its windows.
struct limit_counter {
    counter_id id{};
    std::uint32_t limit = 0;  ///< The number of the limit.
    instant from{};           ///< The window.
    instant until{};
    credits spent{};  ///< Net of refunds.
    credits held{};
    std::string value{};  ///< What stands for each "*" of the limit, a line each.

    friend bool operator==(const limit_counter&, const limit_counter&) = default;
};

/// The counters that a spend changed.
using counter_list = detail::inline_vector<counter_id, 2>;

/// The most limits of a plan.
inline constexpr std::size_t max_limits = 100;
/// The most counters of a wallet.
inline constexpr std::size_t max_counters = 10'000;
/// The most counters that one spend changes: one a limit, for each tag where it counts each tag.
inline constexpr std::size_t max_counters_of_spend = 100;

/// With these words begins what a limit that warns raises; an alert's name does not.
inline constexpr std::string_view limit_alert = "limit:";

namespace detail {

/// What limits look at, in the order in which it stands in names and records.
struct limit_key {
    std::string_view name;
    limit_path limit_terms::*path;
};
inline constexpr std::array<limit_key, 4> limit_keys{{
    {"member", &limit_terms::member},
    {"action", &limit_terms::action},
    {"resource", &limit_terms::resource},
    {"tag", &limit_terms::tag},
}};

inline constexpr std::string_view each_value = "*";

/// Whether a text is a path: segments that are not empty, without control characters.
constexpr bool is_path(std::string_view text) noexcept {
    bool wrong = false;
    char before = '/';
    for (char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        wrong |= (code < 0x20) | (code == 0x7f) | ((letter == '/') & (before == '/'));
        before = letter;
    }
    return !wrong && before != '/';
}

/// Whether a path is another one or lies below it, by whole segments.
constexpr bool lies_in(std::string_view inner, std::string_view outer) noexcept {
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

/// Whether both count the same.
inline bool count_alike(const limit_terms& a, const limit_terms& b) noexcept {
    return a.per == b.per && a.member == b.member && a.action == b.action &&
           a.resource == b.resource && a.tag == b.tag;
}

/// For how many values a limit counts each by itself.
inline std::size_t values_of(const limit_terms& t) noexcept {
    const auto is_each = [&](const limit_key& key) { return t.*key.path == each_value; };
    return static_cast<std::size_t>(std::count_if(limit_keys.begin(), limit_keys.end(), is_each));
}

}  // namespace detail

/// What a limit is called: `member:*,action:chat`, or `budget` where it looks at everything.
inline std::string label_of(const limit_terms& t) {
    std::string name;
    for (const detail::limit_key& key : detail::limit_keys) {
        const std::string_view path = (t.*key.path).view();
        if (path.empty()) continue;
        if (!name.empty()) name += ',';
        name.append(key.name).append(":").append(path);
    }
    return name.empty() ? std::string{"budget"} : name;
}

/// Whether a limit looks at everything: the budget of a wallet.
inline bool is_budget(const limit_terms& t) noexcept {
    for (const detail::limit_key& key : detail::limit_keys) {
        if (!(t.*key.path).empty() || (t.*key.path).too_long()) return false;
    }
    return t.per <= window::ever && !t.amount.is_negative();
}

/// Whether a limit makes sense: it looks at something, by paths, and is not below zero.
inline bool is_limit(const limit_terms& t) noexcept {
    std::size_t paths = 0;
    for (const detail::limit_key& key : detail::limit_keys) {
        const limit_path& path = t.*key.path;
        if (path.too_long()) return false;
        if (path.empty()) continue;
        if (!detail::is_path(path.view())) return false;
        ++paths;
    }
    return paths > 0 && t.per <= window::ever && !t.amount.is_negative();
}

/// The same of one that may hold for an account: its customer's may look at everything.
inline bool is_limit_in_force(const limit_in_force& l) noexcept {
    return is_limit(l.terms) || (l.own && is_budget(l.terms));
}

}  // namespace v0
}  // namespace coffer
