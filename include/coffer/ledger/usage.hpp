/// What was used, never what it costs: the question that a cost policy answers.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/time/instant.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The kinds of tokens that a usage tells apart, each billed by itself. In this order they stand
/// everywhere: in usages, requests and rates, on the lines of a price, in digests and records. A
/// new kind comes at the end.
enum class token_kind : std::uint8_t {
    input,
    output,
    reasoning,
    cached,          ///< Input read from the provider's cache.
    cache_write,     ///< Input written to the provider's cache.
    cache_write_1h,  ///< The same, to stay there for an hour.
    audio_input,
    audio_output,
    image_input,
    image_output,
    citation,
};
inline constexpr std::size_t token_kind_count = 11;

/// The name of a kind as it stands in files: "cache_write".
constexpr std::string_view to_string(token_kind kind) noexcept {
    switch (kind) {
        case token_kind::input: return "input";
        case token_kind::output: return "output";
        case token_kind::reasoning: return "reasoning";
        case token_kind::cached: return "cached";
        case token_kind::cache_write: return "cache_write";
        case token_kind::cache_write_1h: return "cache_write_1h";
        case token_kind::audio_input: return "audio_input";
        case token_kind::audio_output: return "audio_output";
        case token_kind::image_input: return "image_input";
        case token_kind::image_output: return "image_output";
        case token_kind::citation: return "citation";
    }
    return "unknown";
}

/// A set of kinds of tokens.
class token_kinds {
public:
    constexpr token_kinds() noexcept = default;
    constexpr token_kinds(std::initializer_list<token_kind> kinds) noexcept {
        for (token_kind kind : kinds) add(kind);
    }

    constexpr token_kinds& add(token_kind kind) noexcept {
        bits_ = static_cast<std::uint16_t>(bits_ | bit(kind));
        return *this;
    }
    constexpr token_kinds& remove(token_kind kind) noexcept {
        bits_ = static_cast<std::uint16_t>(bits_ & ~bit(kind));
        return *this;
    }
    constexpr bool contains(token_kind kind) const noexcept { return (bits_ & bit(kind)) != 0; }
    constexpr bool empty() const noexcept { return bits_ == 0; }

    friend constexpr bool operator==(token_kinds, token_kinds) noexcept = default;

private:
    static constexpr unsigned bit(token_kind kind) noexcept {
        return 1u << static_cast<unsigned>(kind);
    }

    std::uint16_t bits_ = 0;
};

/// Usage of one action. The token counts are disjoint: a cached token is not an input token.
struct usage {
    std::string_view action{};  ///< "chat", "image"; at most 63 bytes.
    /// Units of the action. A flat price takes one if it is left out; a rate needs it.
    std::optional<coffer::quantity> quantity{};
    std::int64_t input_tokens{};
    std::int64_t output_tokens{};
    std::int64_t reasoning_tokens{};
    std::int64_t cached_tokens{};          ///< Input read from the provider's cache.
    std::int64_t cache_write_tokens{};     ///< Input written to the provider's cache.
    std::int64_t cache_write_1h_tokens{};  ///< The same, to stay there for an hour.
    std::int64_t audio_input_tokens{};
    std::int64_t audio_output_tokens{};
    std::int64_t image_input_tokens{};
    std::int64_t image_output_tokens{};
    std::int64_t citation_tokens{};  ///< What the provider read to answer, where it bills that.
    std::string_view tags{};         ///< Names separated by commas, "api,batch"; at most 95 bytes.
    instant at{};  ///< When; the wallet fills it in for a price and does not journal it.
    std::string_view wallet{};  ///< Whose; as `at`.
    std::uint64_t version{};  ///< The version of the prices that a hold keeps; as `at`. None is 0.

    constexpr bool has_tokens() const noexcept { return has_text_tokens() || has_further_tokens(); }
    /// Whether there are tokens of the first five kinds, which most calls have alone.
    constexpr bool has_text_tokens() const noexcept {
        return (input_tokens | output_tokens | reasoning_tokens | cached_tokens |
                cache_write_tokens) != 0;
    }
    /// Whether there are tokens of the other kinds.
    constexpr bool has_further_tokens() const noexcept {
        return (cache_write_1h_tokens | audio_input_tokens | audio_output_tokens |
                image_input_tokens | image_output_tokens | citation_tokens) != 0;
    }
    constexpr bool has_negative() const noexcept {
        // The sign of a count is the sign of all of them put together by 'or'.
        return (quantity && *quantity < coffer::quantity{}) ||
               (input_tokens | output_tokens | reasoning_tokens | cached_tokens |
                cache_write_tokens | cache_write_1h_tokens | audio_input_tokens |
                audio_output_tokens | image_input_tokens | image_output_tokens | citation_tokens) <
                   0;
    }

    friend constexpr bool operator==(const usage&, const usage&) = default;
};

namespace detail {

/// A field that counts tokens of one kind, as `Struct` has it, and its name.
template <class Struct, class Count>
struct token_field {
    token_kind kind;
    std::string_view name;
    Count Struct::*count;
};

/// The token fields of a usage or of a request, in the order of the kinds.
template <class Struct>
inline constexpr auto token_fields = [] {
    using field = token_field<Struct, decltype(Struct::input_tokens)>;
    return std::array<field, token_kind_count>{{
        {token_kind::input, "input_tokens", &Struct::input_tokens},
        {token_kind::output, "output_tokens", &Struct::output_tokens},
        {token_kind::reasoning, "reasoning_tokens", &Struct::reasoning_tokens},
        {token_kind::cached, "cached_tokens", &Struct::cached_tokens},
        {token_kind::cache_write, "cache_write_tokens", &Struct::cache_write_tokens},
        {token_kind::cache_write_1h, "cache_write_1h_tokens", &Struct::cache_write_1h_tokens},
        {token_kind::audio_input, "audio_input_tokens", &Struct::audio_input_tokens},
        {token_kind::audio_output, "audio_output_tokens", &Struct::audio_output_tokens},
        {token_kind::image_input, "image_input_tokens", &Struct::image_input_tokens},
        {token_kind::image_output, "image_output_tokens", &Struct::image_output_tokens},
        {token_kind::citation, "citation_tokens", &Struct::citation_tokens},
    }};
}();

/// How many kinds most calls have alone; they stand first.
inline constexpr std::size_t text_token_kinds = 5;

}  // namespace detail

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
