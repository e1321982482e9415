/// Exact numbers as text: amounts, rates, quantities and money.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace model {

__extension__ typedef __int128 wide;
using big = boost::multiprecision::cpp_int;

constexpr wide largest = INT64_MAX;
constexpr int amount_places = 6;
constexpr int rate_places = 12;

enum class number_fault { none, inexact, overflow };

struct number {
    wide value = 0;
    number_fault fault = number_fault::none;
};

struct money {
    wide minor = 0;
    std::string currency;
};

struct parsed_money {
    money value;
    number_fault fault = number_fault::none;
};

/// The value times 10^places, which must be an integer of 64 bits.
number parse_number(std::string_view text, int places);
parsed_money parse_money(std::string_view text);

/// The shortest decimal form of a count of millionths.
std::string amount_text(wide millionths);
std::string money_text(money const& value);

wide floor_of_product(wide a, wide b, wide divisor);
wide ceiling_of_product(wide a, wide b, wide divisor);

}  // namespace model
