#include "number.hpp"

#include <algorithm>
#include <array>

namespace model {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int minor_places(std::string_view currency) {
    static constexpr std::array<std::string_view, 17> none{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                           "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                                           "VND", "VUV", "XAF", "XOF", "XPF"};
    static constexpr std::array<std::string_view, 7> three{"BHD", "IQD", "JOD", "KWD",
                                                           "LYD", "OMR", "TND"};
    static constexpr std::array<std::string_view, 2> four{"CLF", "UYW"};
    if (std::find(none.begin(), none.end(), currency) != none.end()) return 0;
    if (std::find(three.begin(), three.end(), currency) != three.end()) return 3;
    if (std::find(four.begin(), four.end(), currency) != four.end()) return 4;
    return 2;
}

std::string decimal_text(wide value, int places) {
    bool negative = value < 0;
    if (negative) value = -value;
    std::string reversed;
    for (int written = 0; value > 0 || written <= places; ++written, value /= 10) {
        if (written == places && places > 0) reversed += '.';
        reversed += static_cast<char>('0' + static_cast<int>(value % 10));
    }
    if (negative) reversed += '-';
    return {reversed.rbegin(), reversed.rend()};
}

wide to_wide(big const& value) { return static_cast<wide>(value); }

}  // namespace

number parse_number(std::string_view text, int places) {
    number const malformed{0, number_fault::inexact};
    std::size_t at = 0;
    bool negative = at < text.size() && text[at] == '-';
    if (negative) ++at;

    std::string digits;
    int exponent = 0;
    std::size_t first = at;
    while (at < text.size() && is_digit(text[at])) digits += text[at++];
    if (at == first) return malformed;
    if (at < text.size() && text[at] == '.') {
        first = ++at;
        while (at < text.size() && is_digit(text[at])) digits += text[at++], --exponent;
        if (at == first) return malformed;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        bool down = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        first = at;
        int stated = 0;
        while (at < text.size() && is_digit(text[at])) {
            stated = std::min(stated * 10 + (text[at++] - '0'), 100'000);
        }
        if (at == first) return malformed;
        exponent += down ? -stated : stated;
    }
    if (at != text.size()) return malformed;

    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    while (!digits.empty() && digits.back() == '0') digits.pop_back(), ++exponent;
    if (digits.empty()) return {};
    exponent += places;
    if (exponent < 0) return malformed;
    if (exponent + static_cast<int>(digits.size()) > 19) return {0, number_fault::overflow};

    wide value = 0;
    for (char digit : digits) value = value * 10 + (digit - '0');
    for (int i = 0; i < exponent; ++i) value *= 10;
    if (value > largest) return {0, number_fault::overflow};
    return {negative ? -value : value, number_fault::none};
}

parsed_money parse_money(std::string_view text) {
    parsed_money const malformed{{}, number_fault::inexact};
    auto space = text.find(' ');
    if (space == std::string_view::npos) return malformed;
    std::string_view code = text.substr(space + 1);
    bool letters =
        std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (code.size() != 3 || !letters) return malformed;
    number minor = parse_number(text.substr(0, space), minor_places(code));
    if (minor.fault == number_fault::none && minor.value < 0) return malformed;
    return {{minor.value, std::string(code)}, minor.fault};
}

std::string amount_text(wide millionths) {
    std::string text = decimal_text(millionths, amount_places);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string money_text(money const& value) {
    return decimal_text(value.minor, minor_places(value.currency)) + " " + value.currency;
}

wide floor_of_product(wide a, wide b, wide divisor) {
    return to_wide(big(a) * big(b) / big(divisor));
}

wide ceiling_of_product(wide a, wide b, wide divisor) {
    return to_wide((big(a) * big(b) + big(divisor) - 1) / big(divisor));
}

}  // namespace model
