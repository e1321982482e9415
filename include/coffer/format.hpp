/// Formatters of {fmt} for amounts and errors. Include it where you print them; nothing else in
/// coffer's core needs {fmt}.
///
/// An amount prints as the shortest text that is exact (`12.5`); `{:f}`, or its number of decimals
/// as a precision (`{:.6}`), prints all of them (`12.500000`). Fill, alignment and width work as
/// for text. No specifier rounds: a shorter precision is refused.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/error.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The parts of a format specification: what {fmt} knows of text, then ours.
struct format_spec {
    std::size_t text_size = 0;  // fill, alignment and width
    std::size_t size = 0;       // all of it
    bool all_decimals = false;
    bool nested = false;  // the width is itself an argument
    bool valid = true;
};

/// The size of a fill (one letter of UTF-8) and an alignment, of a lone alignment, or nothing.
constexpr std::size_t alignment_size(std::string_view spec) noexcept {
    const auto aligns = [&](std::size_t at) {
        return at < spec.size() && (spec[at] == '<' || spec[at] == '>' || spec[at] == '^');
    };
    if (spec.empty() || spec.front() == '{' || spec.front() == '}') return 0;
    std::size_t fill = 1;
    while (fill < spec.size() && (static_cast<unsigned char>(spec[fill]) & 0xC0U) == 0x80U) ++fill;
    if (aligns(fill)) return fill + 1;
    return aligns(0) ? 1 : 0;
}

constexpr format_spec read_format_spec(std::string_view text, int places) noexcept {
    format_spec spec;
    std::size_t at = alignment_size(text);
    const auto next = [&] { return at < text.size() ? text[at] : '}'; };
    if (next() == '{') {
        spec.nested = true;
        while (next() != '}') ++at;
        if (at < text.size()) ++at;
    }
    while (is_digit(next())) ++at;
    spec.text_size = at;
    if (places > 0 && next() == '.') {
        int precision = 0;
        for (++at; is_digit(next()); ++at) {
            if (precision <= places) precision = precision * 10 + (next() - '0');
        }
        spec.valid = precision == places;
        spec.all_decimals = true;
    }
    if (places > 0 && next() == 'f') {
        spec.all_decimals = true;
        ++at;
    }
    spec.valid = spec.valid && next() == '}';
    spec.size = at;
    return spec;
}

/// What the formatters share: `Places` is how many decimals `{:f}` prints, 0 if there is no such
/// choice.
template <int Places>
class text_formatter {
public:
    constexpr fmt::format_parse_context::iterator parse(fmt::format_parse_context& context) {
        const std::string_view rest{context.begin(),
                                    static_cast<std::size_t>(context.end() - context.begin())};
        const format_spec spec = read_format_spec(rest, Places);
        if (!spec.valid || (spec.nested && spec.all_decimals)) {
            FMT_THROW(fmt::format_error(
                "coffer: the format is fill, alignment, width, and f for all decimals"));
        }
        all_decimals_ = spec.all_decimals;
        if (spec.size == 0) return context.begin();  // {fmt} could take what follows for a fill
        if (!all_decimals_) return text_.parse(context);
        fmt::format_parse_context prefix{fmt::string_view{rest.data(), spec.text_size}};
        text_.parse(prefix);
        return context.begin() + spec.size;
    }

protected:
    constexpr int least_decimals() const noexcept { return all_decimals_ ? Places : 0; }

    template <class Context>
    auto write(std::string_view text, Context& context) const -> decltype(context.out()) {
        return text_.format(fmt::string_view{text.data(), text.size()}, context);
    }

private:
    fmt::formatter<fmt::string_view> text_;
    bool all_decimals_ = false;
};

template <class Amount>
class amount_formatter : public text_formatter<Amount::places> {
public:
    template <class Context>
    auto format(Amount amount, Context& context) const -> decltype(context.out()) {
        return this->write(to_text(amount, this->least_decimals()).view(), context);
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

template <>
struct fmt::formatter<coffer::credits> : coffer::detail::amount_formatter<coffer::credits> {};

template <>
struct fmt::formatter<coffer::rate> : coffer::detail::amount_formatter<coffer::rate> {};

template <>
struct fmt::formatter<coffer::quantity> : coffer::detail::amount_formatter<coffer::quantity> {};

/// `5.00 USD`, always with all the decimals of the currency.
template <>
struct fmt::formatter<coffer::money> : coffer::detail::text_formatter<0> {
    template <class Context>
    auto format(coffer::money amount, Context& context) const -> decltype(context.out()) {
        return write(coffer::detail::to_text(amount).view(), context);
    }
};

/// The identifier, such as `insufficient_credits`.
template <>
struct fmt::formatter<coffer::errc> : coffer::detail::text_formatter<0> {
    template <class Context>
    auto format(coffer::errc code, Context& context) const -> decltype(context.out()) {
        return write(coffer::to_string(code), context);
    }
};

/// `insufficient_credits (chat): needs 5, would accept 3.2`; without what the error does not say.
template <>
struct fmt::formatter<coffer::error> : coffer::detail::text_formatter<0> {
    template <class Context>
    auto format(const coffer::error& why, Context& context) const -> decltype(context.out()) {
        fmt::memory_buffer text;
        const auto out = fmt::appender(text);
        fmt::format_to(out, "{}", why.code());
        if (!why.subject().empty()) {
            fmt::format_to(out, " ({})",
                           fmt::string_view{why.subject().data(), why.subject().size()});
        }
        if (!why.required().is_zero() || !why.acceptable().is_zero()) {
            fmt::format_to(out, ": needs {}, would accept {}", why.required(), why.acceptable());
        }
        return write({text.data(), text.size()}, context);
    }
};
