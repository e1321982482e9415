/// Prices by the definitions, in fractions of any size: what the tests of cost policies compare
/// with.
#pragma once

#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/policy/cost/cost.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer_test {

/// Credits, or units, without any rounding.
using fraction = boost::multiprecision::cpp_rational;

inline fraction exact(std::int64_t count, int places) {
    return fraction{big{count}, ten_to(places)};
}
inline fraction exact(coffer::credits c) { return exact(c.micros(), 6); }
inline fraction exact(coffer::quantity q) { return exact(q.micros(), 6); }
inline fraction exact(coffer::rate r) { return exact(r.picos(), 12); }

/// The credits nearest by the mode; nothing if they do not fit.
inline std::optional<coffer::credits> rounded(const fraction& cost, coffer::rounding mode,
                                              int places) {
    const big steps = rounded_quotient(numerator(cost) * ten_to(places), denominator(cost), mode);
    const auto micros = fitting(steps * ten_to(6 - places));
    if (!micros) return std::nullopt;
    return coffer::credits::from_micros(*micros);
}

inline fraction sum_of(const coffer::price_lines& lines) {
    fraction sum = 0;
    for (const coffer::price_line& line : lines) {
        sum += exact(line.each) * exact(line.units) / exact(line.per) + exact(line.fixed);
    }
    return sum;
}

/// Whether the answer is this cost, rounded, and its lines account for all of it.
inline bool answers(const coffer::result<coffer::price>& priced, const fraction& cost,
                    coffer::rounding mode = coffer::rounding::up, int places = 6) {
    const auto expected = rounded(cost, mode, places);
    if (!expected) return priced == coffer::errc::amount_overflow;
    return priced && priced->total == *expected &&
           rounded(sum_of(priced->lines), mode, places) == *expected;
}

inline coffer::usage of_units(coffer::quantity units) {
    coffer::usage used;
    used.action = "work";
    used.quantity = units;
    return used;
}

/// The total, which has to be there.
template <class Policy>
coffer::credits total(const Policy& policy, const coffer::usage& used) {
    const coffer::result<coffer::price> priced = policy.price(used);
    REQUIRE(priced);
    return priced->total;
}
template <class Policy>
coffer::credits total(const Policy& policy, coffer::quantity units) {
    return total(policy, of_units(units));
}

/// Random figures of prices: never negative, most of them where something can go wrong.
struct edgy_prices : edgy_numbers {
    using edgy_numbers::edgy_numbers;

    std::int64_t count() {
        if (below(8) == 0) return 0;
        // Half of them so small that a price of them fits.
        return below(2) == 0 ? positive() : static_cast<std::int64_t>(bits() >> (24 + below(40)));
    }
    coffer::quantity units() { return coffer::quantity::from_micros(count()); }
    coffer::quantity some_units() { return coffer::quantity::from_micros(1 + count() / 2); }
    coffer::credits amount() { return coffer::credits::from_micros(count()); }
    coffer::rate each() { return coffer::rate::from_picos(count()); }
    int places() { return static_cast<int>(below(7)); }
};

}  // namespace coffer_test
