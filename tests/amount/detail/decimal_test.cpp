#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/amount/detail/decimal.hpp>

#include <optional>
#include <string>
#include <string_view>

using coffer::checked;
using coffer::errc;
using coffer::detail::parse_decimal;
using coffer::detail::write_decimal;
using coffer_test::big;
using coffer_test::edgy_numbers;
using coffer_test::fitting;
using coffer_test::ten_to;

namespace {

using expected = checked<std::int64_t>;

big number(const std::string& digits) {
    big value = 0;
    for (char letter : digits) value = value * 10 + (letter - '0');
    return value;
}

bool all_digits(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Splits at the marks and looks at the pieces; the value is a fraction of big integers.
expected reference(std::string text, int places) {
    const bool negative = text.substr(0, 1) == "-";
    if (negative) text.erase(0, 1);
    std::string exponent = "0";
    bool negative_exponent = false;
    if (const auto mark = text.find_first_of("eE"); mark != text.npos) {
        exponent = text.substr(mark + 1);
        text.resize(mark);
        negative_exponent = exponent.substr(0, 1) == "-";
        if (negative_exponent || exponent.substr(0, 1) == "+") exponent.erase(0, 1);
    }
    std::string decimals;
    if (const auto point = text.find('.'); point != text.npos) {
        decimals = text.substr(point + 1);
        text.resize(point);
        if (!all_digits(decimals)) return errc::invalid_argument;
    }
    if (!all_digits(text) || !all_digits(exponent)) return errc::invalid_argument;
    const big mantissa = number(text + decimals);
    if (mantissa == 0) return std::int64_t{0};
    const big power = number(exponent) * (negative_exponent ? -1 : 1) + places -
                      static_cast<std::int64_t>(decimals.size());
    if (power > 1000) return errc::amount_overflow;
    if (power < -1000) return errc::invalid_argument;
    big count = mantissa;
    if (power >= 0) {
        count *= ten_to(static_cast<int>(power));
    } else {
        const big divisor = ten_to(-static_cast<int>(power));
        if (count % divisor != 0) return errc::invalid_argument;
        count /= divisor;
    }
    if (negative) count = -count;
    const auto fits = fitting(count);
    if (!fits) return errc::amount_overflow;
    return *fits;
}

bool same(const expected& a, const expected& b) {
    if (a && b) return *a == *b;
    return !a && !b && a.error() == b.error();
}

std::string random_letters(edgy_numbers& random) {
    constexpr std::string_view likely = "0000000011223456789999....--eE";
    constexpr std::string_view hostile{"+_ ,xXnaif'\t\n\0\x7f\xc3\xa9\xff", 18};
    std::string text;
    for (auto size = random.below(14); size > 0; --size) {
        if (random.below(12) == 0) {
            text += hostile[random.below(hostile.size())];
        } else {
            text += likely[random.below(likely.size())];
        }
    }
    return text;
}

std::string random_digits(edgy_numbers& random, std::uint64_t most) {
    std::string digits;
    const char favourite = static_cast<char>('0' + random.below(2) * 9);
    for (auto size = random.below(most) + 1; size > 0; --size) {
        digits += random.below(2) == 0 ? favourite : static_cast<char>('0' + random.below(10));
    }
    return digits;
}

std::string random_number(edgy_numbers& random) {
    std::string text = random.below(3) == 0 ? "-" : "";
    text += random_digits(random, 21);
    if (random.below(2) == 0) text += "." + random_digits(random, 15);
    if (random.below(2) == 0) {
        constexpr const char* marks[] = {"e", "E", "e-", "E-", "e+", "E+"};
        text += marks[random.below(6)];
        text += random.below(20) == 0 ? random_digits(random, 30) : random_digits(random, 2);
    }
    if (random.below(8) == 0) text[random.below(text.size())] = static_cast<char>(random.bits());
    if (random.below(16) == 0) text.insert(random.below(text.size() + 1), 1, ' ');
    return text;
}

std::string random_edge(edgy_numbers& random, int places) {
    const big value = big{random.any()} * (random.below(3) == 0 ? 10 : 1);
    const std::string digits = big{abs(value)}.str();
    std::string text = value < 0 ? "-" : "";
    return text + digits + "e-" + std::to_string(places);
}

}  // namespace

TEST_CASE("any bytes parse as the grammar says, with the value that big integers give") {
    edgy_numbers random{21};
    int valid = 0;
    int invalid = 0;
    int overflowed = 0;
    for (int i = 0; i < 120'000; ++i) {
        const int places = static_cast<int>(random.below(13));
        const auto kind = random.below(3);
        const std::string text = kind == 0   ? random_letters(random)
                                 : kind == 1 ? random_number(random)
                                             : random_edge(random, places);
        const expected want = reference(text, places);
        const expected got = parse_decimal(text, places);
        ++(want ? valid : want.error() == errc::invalid_argument ? invalid : overflowed);
        if (!same(got, want)) {
            CAPTURE(text, places);
            FAIL("the parser differs from the reference");
        }
    }
    CHECK(valid > 10'000);
    CHECK(invalid > 10'000);
    CHECK(overflowed > 10'000);
}

TEST_CASE("a text that is not a decimal number is invalid_argument") {
    const char* text =
        GENERATE("", "-", ".", "1.", ".5", "-.5", "+3", "--1", "-+1", " 1", "1 ", "1,5", "0x1",
                 "1_000", "1'000", "1.2.3", "nan", "inf", "-inf", "1e", "1e+", "1e-", "e5", "1e5.0",
                 "1e 5", "1E+-5", "1f", "1.5e", "٣", "1\n");
    CAPTURE(text);
    CHECK(parse_decimal(text, 6) == errc::invalid_argument);
}

TEST_CASE("digits beyond the places are invalid_argument unless they are zeros") {
    CHECK(parse_decimal("1.5000000000", 6) == 1'500'000);
    CHECK(parse_decimal("1.0000005", 6) == errc::invalid_argument);
    CHECK(parse_decimal("3.75e-06", 6) == errc::invalid_argument);
    CHECK(parse_decimal("3.75e-06", 12) == 3'750'000);
    CHECK(parse_decimal("1E3", 6) == 1'000'000'000);
    CHECK(parse_decimal("1000e-9", 6) == 1);
    CHECK(parse_decimal("1e-7", 6) == errc::invalid_argument);
    CHECK(parse_decimal("-0.5", 6) == -500'000);
    CHECK(parse_decimal("007.50", 6) == 7'500'000);
}

TEST_CASE("a zero is zero whatever its exponent and its sign") {
    const char* text = GENERATE("0", "-0", "0.00e5", "0e999999999999999999999", "-0.0e-99999999999",
                                "000", "0.0000000000000000000000000");
    CAPTURE(text);
    CHECK(parse_decimal(text, 6) == 0);
}

TEST_CASE("a well-formed number that does not fit is amount_overflow") {
    CHECK(parse_decimal("9223372036854.775807", 6) == std::numeric_limits<std::int64_t>::max());
    CHECK(parse_decimal("9223372036854.775808", 6) == errc::amount_overflow);
    CHECK(parse_decimal("-9223372036854.775808", 6) == std::numeric_limits<std::int64_t>::min());
    CHECK(parse_decimal("-9223372036854.775809", 6) == errc::amount_overflow);
    CHECK(parse_decimal("1e999999999999", 6) == errc::amount_overflow);
    CHECK(parse_decimal("-1e99999999999999999999999999999999999", 6) == errc::amount_overflow);
    CHECK(parse_decimal("1e9999999999999999999", 6) == errc::amount_overflow);
    CHECK(parse_decimal("1e-9999999999999999999", 6) == errc::invalid_argument);
    CHECK(parse_decimal("1e-999999999999", 6) == errc::invalid_argument);
}

TEST_CASE("a number that is too large and too precise at once is invalid_argument") {
    CHECK(parse_decimal("99999999999999999999999.0000001", 6) == errc::invalid_argument);
}

TEST_CASE("the length of a text is no limit to its exactness") {
    const std::string zeros(1'000'000, '0');
    CHECK(parse_decimal(zeros + "12.5" + zeros, 6) == 12'500'000);
    CHECK(parse_decimal("0." + zeros + "125e1000002", 6) == 12'500'000);
    CHECK(parse_decimal("125" + zeros + "e-1000001", 6) == 12'500'000);
    CHECK(parse_decimal("1" + zeros, 6) == errc::amount_overflow);
    CHECK(parse_decimal("0." + zeros + "1", 6) == errc::invalid_argument);
    CHECK(parse_decimal("1e" + zeros + "3", 6) == 1'000'000'000);
    CHECK(parse_decimal("1e" + zeros, 6) == 1'000'000);
    CHECK(parse_decimal(zeros + "x", 6) == errc::invalid_argument);
    CHECK(parse_decimal(std::string(1'000'000, '9'), 6) == errc::amount_overflow);
}

TEST_CASE("what is written reads back as the same count, with as many decimals as were asked for") {
    edgy_numbers random{22};
    for (int i = 0; i < 150'000; ++i) {
        const std::int64_t count = random.any();
        const int places = static_cast<int>(random.below(13));
        const int least = static_cast<int>(random.below(static_cast<std::uint64_t>(places) + 1));
        const auto text = write_decimal(count, places, least);
        const std::string_view view = text.view();
        const auto point = view.find('.');
        const auto decimals = point == view.npos ? 0 : static_cast<int>(view.size() - point - 1);
        const bool shortest = decimals == least || view.back() != '0';
        const std::string_view digits = view.substr(count < 0 ? 1 : 0);
        const bool no_leading_zero = digits[0] != '0' || digits.size() == 1 || digits[1] == '.';
        if (!(parse_decimal(view, places) == count) || decimals < least || decimals > places ||
            !shortest || !no_leading_zero) {
            CAPTURE(count, places, least, std::string{view});
            FAIL("the text is not the count");
        }
    }
}

TEST_CASE("what is written is what a person would write") {
    const auto text = [](std::int64_t count, int places, int least) {
        return std::string{write_decimal(count, places, least).view()};
    };
    CHECK(text(0, 6, 0) == "0");
    CHECK(text(0, 6, 6) == "0.000000");
    CHECK(text(12'500'000, 6, 0) == "12.5");
    CHECK(text(12'500'000, 6, 6) == "12.500000");
    CHECK(text(-1, 6, 0) == "-0.000001");
    CHECK(text(100'000'000, 6, 0) == "100");
    CHECK(text(-5, 0, 0) == "-5");
    CHECK(text(500, 2, 2) == "5.00");
    CHECK(text(std::numeric_limits<std::int64_t>::min(), 6, 0) == "-9223372036854.775808");
    CHECK(text(std::numeric_limits<std::int64_t>::min(), 12, 0) == "-9223372.036854775808");
}
