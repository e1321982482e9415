/// Formatters of {fmt}. Include it where you print; nothing else in coffer's core needs {fmt}.
///
/// What prints, and as what, is said where a type stands: its `to_string`. An amount prints as the
/// shortest text that is exact (`12.5`); `{:f}` prints all of its decimals (`12.500000`), and a
/// precision, `{:.2f}`, so many: rounded to the nearest, the middle away from zero. That is for
/// reading; more decimals than the amount has are refused. Fill, alignment and width work as for
/// text.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/error.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/debt.hpp>
#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/lot.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/policy/refund.hpp>
#include <coffer/policy/rollover.hpp>
#include <coffer/policy/spend_order.hpp>
#include <coffer/report/answers.hpp>
#include <coffer/report/print.hpp>
#include <coffer/store/page.hpp>
#include <coffer/time/instant.hpp>
#include <coffer/time/zone.hpp>
#include <coffer/time/zoned.hpp>

#include <fmt/format.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The parts of a format specification: what {fmt} knows of text, then ours.
struct format_spec {
    std::size_t text_size = 0;  // fill, alignment and width
    std::size_t size = 0;       // all of it
    int decimals = -1;          // how many; -1: as it takes to be exact
    bool nested = false;        // the width is itself an argument
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
            spec.decimals = precision;
        }
        spec.valid = spec.decimals >= 0 && spec.decimals <= places;
    }
    if (places > 0 && next() == 'f') {
        if (spec.decimals < 0) spec.decimals = places;
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
        decimals_ = spec.decimals;
        if (!spec.valid || (spec.nested && decimals_ >= 0)) {
            FMT_THROW(fmt::format_error(
                Places == 0 ? "coffer: the format is fill, alignment and width"
                            : "coffer: the format is fill, alignment, width, precision and f"));
        }
        if (spec.size == 0) return context.begin();  // {fmt} could take what follows for a fill
        if (decimals_ < 0) return text_.parse(context);
        fmt::format_parse_context prefix{fmt::string_view{rest.data(), spec.text_size}};
        text_.parse(prefix);
        return context.begin() + spec.size;
    }

protected:
    /// How many decimals were asked for; -1 for as many as it takes to be exact.
    constexpr int decimals() const noexcept { return decimals_; }

    template <class Context>
    auto write(std::string_view text, Context& context) const -> decltype(context.out()) {
        return text_.format(fmt::string_view{text.data(), text.size()}, context);
    }

private:
    fmt::formatter<fmt::string_view> text_;
    int decimals_ = -1;
};

/// An amount with that many decimals, rounded to the nearest, the middle away from zero.
constexpr amount_text rounded_text(std::int64_t count, int places, int decimals) noexcept {
    int128 step = 1;
    for (int i = decimals; i < places; ++i) step *= 10;
    const int128 steps = divide(count, step, rounding::half_up);
    return write_decimal(static_cast<std::int64_t>(steps), decimals, decimals);
}

constexpr std::int64_t count_of(credits amount) noexcept { return amount.micros(); }
constexpr std::int64_t count_of(quantity amount) noexcept { return amount.micros(); }
constexpr std::int64_t count_of(rate each) noexcept { return each.picos(); }

template <class Amount>
class amount_formatter : public text_formatter<Amount::places> {
public:
    template <class Context>
    auto format(Amount amount, Context& context) const -> decltype(context.out()) {
        const amount_text text =
            this->decimals() < 0 ? to_string(amount)
                                 : rounded_text(count_of(amount), Amount::places, this->decimals());
        return this->write(text.view(), context);
    }
};

/// An error with a text of its own, which can be passed on as an `error`.
template <class E>
concept has_error_text = std::is_class_v<E> && std::is_convertible_v<const E&, error> &&
    requires(const E& e) {
    { e.text() } -> std::same_as<std::string>;
};

/// Prints the `to_string` of a value.
template <class T>
class value_formatter : public text_formatter<0> {
public:
    template <class Context>
    auto format(const T& value, Context& context) const -> decltype(context.out()) {
        const auto text = to_string(value);
        return this->write(text, context);
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer

namespace fmt {

template <>
struct formatter<coffer::credits> : coffer::detail::amount_formatter<coffer::credits> {};
template <>
struct formatter<coffer::rate> : coffer::detail::amount_formatter<coffer::rate> {};
template <>
struct formatter<coffer::quantity> : coffer::detail::amount_formatter<coffer::quantity> {};
template <>
struct formatter<coffer::money> : coffer::detail::value_formatter<coffer::money> {};
template <>
struct formatter<coffer::currency> : coffer::detail::value_formatter<coffer::currency> {};
template <>
struct formatter<coffer::rounding> : coffer::detail::value_formatter<coffer::rounding> {};

template <>
struct formatter<coffer::errc> : coffer::detail::value_formatter<coffer::errc> {};
template <>
struct formatter<coffer::error> : coffer::detail::value_formatter<coffer::error> {};

template <>
struct formatter<coffer::wallet_id> : coffer::detail::value_formatter<coffer::wallet_id> {};
template <>
struct formatter<coffer::request_id> : coffer::detail::value_formatter<coffer::request_id> {};
template <>
struct formatter<coffer::bucket_id> : coffer::detail::value_formatter<coffer::bucket_id> {};

template <>
struct formatter<coffer::days> : coffer::detail::value_formatter<coffer::days> {};
template <>
struct formatter<coffer::weeks> : coffer::detail::value_formatter<coffer::weeks> {};
template <>
struct formatter<coffer::months> : coffer::detail::value_formatter<coffer::months> {};
template <>
struct formatter<coffer::years> : coffer::detail::value_formatter<coffer::years> {};
template <>
struct formatter<coffer::timespan> : coffer::detail::value_formatter<coffer::timespan> {};
template <>
struct formatter<coffer::period> : coffer::detail::value_formatter<coffer::period> {};
template <>
struct formatter<coffer::zone> : coffer::detail::value_formatter<coffer::zone> {};
template <>
struct formatter<coffer::zoned> : coffer::detail::value_formatter<coffer::zoned> {};

template <>
struct formatter<coffer::lot_source> : coffer::detail::value_formatter<coffer::lot_source> {};
template <>
struct formatter<coffer::lot_origin> : coffer::detail::value_formatter<coffer::lot_origin> {};
template <>
struct formatter<coffer::dispute_state> : coffer::detail::value_formatter<coffer::dispute_state> {};
template <>
struct formatter<coffer::commit_outcome> : coffer::detail::value_formatter<coffer::commit_outcome> {
};
template <>
struct formatter<coffer::balance_totals> : coffer::detail::value_formatter<coffer::balance_totals> {
};
template <>
struct formatter<coffer::entry_kind> : coffer::detail::value_formatter<coffer::entry_kind> {};
template <>
struct formatter<coffer::order_key> : coffer::detail::value_formatter<coffer::order_key> {};
template <>
struct formatter<coffer::trim> : coffer::detail::value_formatter<coffer::trim> {};
template <>
struct formatter<coffer::refund::basis> : coffer::detail::value_formatter<coffer::refund::basis> {};
template <>
struct formatter<coffer::affordability> : coffer::detail::value_formatter<coffer::affordability> {};
template <>
struct formatter<coffer::deciding_rule> : coffer::detail::value_formatter<coffer::deciding_rule> {};

template <>
struct formatter<coffer::receipt> : coffer::detail::value_formatter<coffer::receipt> {};
template <>
struct formatter<coffer::balance> : coffer::detail::value_formatter<coffer::balance> {};

/// `plan_error` and `price_map_error`, whose headers need not be included: the `text`.
template <class E>
struct formatter<E, char, std::enable_if_t<coffer::detail::has_error_text<E>>>
    : coffer::detail::text_formatter<0> {
    template <class Context>
    auto format(const E& e, Context& context) const -> decltype(context.out()) {
        return write(e.text(), context);
    }
};

/// `entry_id`, `lot_id` and `hold_id`: the number.
template <class Tag>
struct formatter<coffer::detail::journal_number<Tag>>
    : coffer::detail::value_formatter<coffer::detail::journal_number<Tag>> {};

/// What it holds, the value or the error; `ok` for success without a value.
template <class T, class E>
struct formatter<coffer::result<T, E>> : coffer::detail::text_formatter<0> {
    template <class Context>
    auto format(const coffer::result<T, E>& r, Context& context) const -> decltype(context.out()) {
        fmt::memory_buffer text;
        const fmt::appender out{text};
        if (!r) {
            fmt::format_to(out, "{}", r.error());
        } else if constexpr (std::is_void_v<T>) {
            fmt::format_to(out, "ok");
        } else {
            fmt::format_to(out, "{}", *r);
        }
        return write({text.data(), text.size()}, context);
    }
};

}  // namespace fmt
