/// Spending limits: a plan's list of how much may be spent by whom and on what in which time, and
/// what becomes of requests that name nobody.
///
///     coffer::limits limits{{.member = "*", .per = coffer::window::day, .amount = 50_cr},
///                           {.member = "design/bot-7", .action = "ai/advanced",
///                            .per = coffer::window::period, .amount = 5_cr, .warn = true}};
#pragma once

#include <coffer/amount/credits.hpp>
#include <coffer/ledger/limit.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A limit of a plan. Each path that is given has to match; at least one is. A path stands for
/// itself and for all below it by whole segments, "*" for each value by itself.
struct limit {
    std::string member{};
    std::string action{};  ///< The action's name, or its category.
    std::string resource{};
    std::string tag{};
    window per = window::ever;
    credits amount{};   ///< The most that may be spent and held in a window.
    bool warn = false;  ///< What goes beyond is not refused but raises an alert.

    friend bool operator==(const limit&, const limit&) = default;
};

/// Answers which limits a plan has.
template <class P>
concept limits_policy = requires(const P& policy) {
    { *policy.begin() } -> std::convertible_to<const limit&>;
    policy.end();
};

/// A list of limits. All that count a request have to hold; the first that does not is the answer.
class limits {
public:
    limits() noexcept = default;
    limits(std::initializer_list<limit> list) : list_(list) {}
    explicit limits(std::vector<limit> list) noexcept : list_{std::move(list)} {}

    bool empty() const noexcept { return list_.empty(); }
    std::size_t size() const noexcept { return list_.size(); }
    const limit* begin() const noexcept { return list_.data(); }
    const limit* end() const noexcept { return list_.data() + list_.size(); }

    friend bool operator==(const limits&, const limits&) = default;

private:
    std::vector<limit> list_;
};

/// A limit as the ledger knows it.
inline limit_terms terms_of(const limit& l) noexcept {
    return {.member = std::string_view{l.member},
            .action = std::string_view{l.action},
            .resource = std::string_view{l.resource},
            .tag = std::string_view{l.tag},
            .per = l.per,
            .amount = l.amount,
            .warn = l.warn};
}

/// Answers whether a request that names no member is refused where a limit on members holds.
template <class P>
concept unnamed_policy = requires(const P& policy) {
    { policy.refuses() } -> std::same_as<bool>;
};

namespace unnamed {

/// Limits on members do not concern it.
struct pass {
    constexpr bool refuses() const noexcept { return false; }
};

/// It is refused by any limit on members that does not only warn.
struct refuse {
    constexpr bool refuses() const noexcept { return true; }
};

}  // namespace unnamed
}  // namespace v0
}  // namespace coffer
