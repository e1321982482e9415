/// Access policies answer: may this member do this? They are asked before any other rule.
///
/// When to use which: `access::anyone` where the host has checked already; `access::members` for a
/// fixed list; your own struct with one function for anything else.
#pragma once

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Who wants to spend, and on what.
struct access_question {
    std::string_view member{};
    std::string_view action{};
    std::string_view resource{};
};

/// Answers whether a charge or hold may go ahead.
template <class P>
concept access_policy = requires(const P& policy, const access_question& who) {
    { policy.allows(who) } -> std::same_as<bool>;
};

namespace access {

/// Everybody may spend.
struct anyone {
    constexpr bool allows(const access_question&) const noexcept { return true; }
};

/// Only the members on the list may spend.
class members {
public:
    members() = default;
    members(std::initializer_list<std::string_view> names) : names_{names.begin(), names.end()} {}

    bool allows(const access_question& who) const noexcept {
        return std::find(names_.begin(), names_.end(), who.member) != names_.end();
    }

private:
    std::vector<std::string> names_;
};

}  // namespace access
}  // namespace v0
}  // namespace coffer
