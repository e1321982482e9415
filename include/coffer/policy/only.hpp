/// Only policies answer: which actions may draw on a bucket? A bucket without one serves all.
///
/// When to use which: `only` for names that stand in the program; `any_only`, in
/// `plan/any_policy.hpp`, for names that come from a file or a form.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether a bucket's list means an action by that name: its own, or the beginning of its category
/// path by whole segments, so that "ai/fast" means "ai/fast/model-x" and not "ai/faster".
constexpr bool is_named(std::string_view name, std::string_view action,
                        std::string_view category) noexcept {
    if (name.empty()) return false;
    if (name == action) return true;
    return category.starts_with(name) &&
           (category.size() == name.size() || category[name.size()] == '/');
}

}  // namespace detail

/// Answers whether an action, of a category if its price has one, may draw on a bucket. A model may
/// leave the category out.
template <class P>
concept only_policy = requires(const P& policy, std::string_view action) {
    { policy.allows(action, action) } -> std::same_as<bool>;
}
|| requires(const P& policy, std::string_view action) {
    { policy.allows(action) } -> std::same_as<bool>;
};

/// The actions, or beginnings of category paths, that may draw on a bucket:
/// `coffer::only only{"chat", "ai/fast"};`. It keeps no copy of the texts: `any_only` does.
class only {
public:
    static constexpr std::size_t max_actions = 16;

    template <class... Names>
    constexpr explicit only(const Names&... names) noexcept : names_{std::string_view{names}...} {
        static_assert(sizeof...(Names) > 0 && sizeof...(Names) <= max_actions,
                      "coffer: 'only' names 1 to 16 actions");
        static_assert((!std::is_same_v<Names, std::string> && ...),
                      "coffer: 'only' keeps no copy of its names; 'any_only' takes a std::string");
    }

    /// The names, then empty ones.
    constexpr const std::array<std::string_view, max_actions>& names() const noexcept {
        return names_;
    }

    constexpr bool allows(std::string_view action, std::string_view category = {}) const noexcept {
        for (std::string_view name : names_) {
            if (detail::is_named(name, action, category)) return true;
        }
        return false;
    }

private:
    std::array<std::string_view, max_actions> names_;
};
}  // namespace v0
}  // namespace coffer
