/// Printing: every value of coffer that has a text goes into a stream. It comes with the values.
///
/// The text of a type stands in one place, its `to_string`; stream insertion and the formatters of
/// `format.hpp` both print that. No header of streams is included: who inserts has one.
#pragma once

#include <concepts>
#include <iosfwd>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {
namespace printing {

/// Only the `to_string` of a value's own namespace counts.
void to_string() = delete;

/// A value that knows its text. The texts of coffer are made in place, never a `std::string`: so
/// none of the standard's `to_string` counts.
template <class T>
concept printable = requires(const T& value) {
    { to_string(value) } -> std::convertible_to<std::string_view>;
    requires std::is_trivially_copyable_v<decltype(to_string(value))>;
};

}  // namespace printing

}  // namespace detail

/// Inserts the text of a value: `12.5`, `insufficient_credits: needs 5, would accept 3.2`.
template <class Traits, detail::printing::printable T>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                             const T& value) {
    const auto text = to_string(value);
    return out << std::string_view{text};
}

}  // namespace v0
}  // namespace coffer
