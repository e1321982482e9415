#include "support/catch.hpp"

#include <coffer/base/detail/text_buffer.hpp>

#include <cstdint>
#include <limits>
#include <string>

using coffer::detail::push_decimal;
using coffer::detail::push_number;
using coffer::detail::text_buffer;

namespace {

std::string decimal(std::int64_t count, int places, int least) {
    text_buffer<40> text;
    push_decimal(text, count, places, least);
    return std::string{text.view()};
}
std::string number(std::int64_t value, int width) {
    text_buffer<40> text;
    push_number(text, value, width);
    return std::string{text.view()};
}

}  // namespace

TEST_CASE("a text buffer keeps what fits, and ends in a zero") {
    text_buffer<4> text;
    CHECK(text.view().empty());
    text.push("abc");
    text.push("de");
    text.push('f');
    CHECK(text.view() == "abcd");
    CHECK(std::string{text.c_str()} == "abcd");
}

TEST_CASE("a decimal has as many places as it takes, and no fewer than it is to have") {
    CHECK(decimal(0, 6, 0) == "0");
    CHECK(decimal(0, 6, 2) == "0.00");
    CHECK(decimal(1, 6, 0) == "0.000001");
    CHECK(decimal(-1'500'000, 6, 0) == "-1.5");
    CHECK(decimal(-1'500'000, 6, 2) == "-1.50");
    CHECK(decimal(2'000'000, 6, 0) == "2");
    CHECK(decimal(std::numeric_limits<std::int64_t>::min(), 6, 0) == "-9223372036854.775808");
    CHECK(decimal(std::numeric_limits<std::int64_t>::max(), 18, 0) == "9.223372036854775807");
}

TEST_CASE("a number is filled with zeros up to its width") {
    CHECK(number(0, 1) == "0");
    CHECK(number(7, 2) == "07");
    CHECK(number(99, 2) == "99");
    CHECK(number(100, 2) == "100");
    CHECK(number(5, 4) == "0005");
}
