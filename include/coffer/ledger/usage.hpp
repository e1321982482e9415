/// What was used, never what it costs: the question that a cost policy answers.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/time/instant.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// Usage of one action. The token counts are disjoint: a cached token is not an input token.
struct usage {
    std::string_view action{};  ///< "chat", "image"; at most 63 bytes.
    /// Units of the action. A flat price takes one if it is left out; a rate needs it.
    std::optional<coffer::quantity> quantity{};
    std::int64_t input_tokens{};
    std::int64_t output_tokens{};
    std::int64_t reasoning_tokens{};
    std::int64_t cached_tokens{};       ///< Input read from the provider's cache.
    std::int64_t cache_write_tokens{};  ///< Input written to the provider's cache.
    std::string_view tags{};  ///< Names separated by commas, "api,batch"; at most 95 bytes.
    instant at{};             ///< When; the wallet fills it in for a price and does not journal it.

    constexpr bool has_tokens() const noexcept {
        return (input_tokens | output_tokens | reasoning_tokens | cached_tokens |
                cache_write_tokens) != 0;
    }
    constexpr bool has_negative() const noexcept {
        return (quantity && *quantity < coffer::quantity{}) || input_tokens < 0 ||
               output_tokens < 0 || reasoning_tokens < 0 || cached_tokens < 0 ||
               cache_write_tokens < 0;
    }

    friend constexpr bool operator==(const usage&, const usage&) = default;
};

/// Whether the comma-separated names in `tags` have one among them.
constexpr bool has_tag(std::string_view tags, std::string_view name) noexcept {
    while (!name.empty() && !tags.empty()) {
        std::size_t end = tags.find(',');
        if (tags.substr(0, end) == name) return true;
        if (end == std::string_view::npos) return false;
        tags.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace v0
}  // namespace coffer
