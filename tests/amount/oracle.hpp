/// Big integers and edge-biased random numbers: what the tests of amounts compare with.
#pragma once

#include <coffer/amount/rounding.hpp>

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <random>

namespace coffer_test {

using big = boost::multiprecision::cpp_int;

inline const big int64_min{std::numeric_limits<std::int64_t>::min()};
inline const big int64_max{std::numeric_limits<std::int64_t>::max()};
inline const big int128_limit = big{1} << 127;

inline std::optional<std::int64_t> fitting(const big& value) {
    if (value < int64_min || value > int64_max) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

inline big ten_to(int exponent) {
    return boost::multiprecision::pow(big{10}, static_cast<unsigned>(exponent));
}

/// The quotient by the definition of the modes, for a positive divisor: works on magnitudes.
inline big rounded_quotient(const big& dividend, const big& divisor, coffer::rounding mode) {
    const big magnitude = abs(dividend);
    const big below = magnitude / divisor;
    const big twice_the_rest = 2 * (magnitude - below * divisor);
    big chosen = below;
    switch (mode) {
        case coffer::rounding::down: break;
        case coffer::rounding::up:
            if (twice_the_rest > 0) ++chosen;
            break;
        case coffer::rounding::half_up:
            if (twice_the_rest >= divisor) ++chosen;
            break;
        case coffer::rounding::half_even:
            if (twice_the_rest > divisor) ++chosen;
            if (twice_the_rest == divisor && below % 2 == 1) ++chosen;
            break;
    }
    return dividend < 0 ? big{-chosen} : chosen;
}

inline constexpr coffer::rounding all_modes[] = {coffer::rounding::up, coffer::rounding::down,
                                                 coffer::rounding::half_up,
                                                 coffer::rounding::half_even};

/// Random 64-bit numbers, most of them near a place where something can go wrong.
class edgy_numbers {
public:
    explicit edgy_numbers(std::uint64_t seed) : engine_{seed} {}

    std::uint64_t bits() { return engine_(); }
    std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }

    std::int64_t any() {
        const auto wobble = static_cast<std::int64_t>(below(7)) - 3;
        switch (below(7)) {
            case 0: return wobble;
            case 1: return near(std::numeric_limits<std::int64_t>::min(), wobble);
            case 2: return near(std::numeric_limits<std::int64_t>::max(), wobble);
            case 3: return near(signed_of(std::uint64_t{1} << below(64)), wobble);
            case 4: return near(tens(), wobble);
            case 5: return signed_of(bits() >> below(64));
            default: return signed_of(bits());
        }
    }

    std::int64_t positive() {
        for (;;) {
            const std::int64_t candidate = any();
            if (candidate > 0) return candidate;
        }
    }

    coffer::rounding mode() { return all_modes[below(4)]; }

private:
    static std::int64_t signed_of(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

    static std::int64_t near(std::int64_t centre, std::int64_t wobble) {
        return signed_of(static_cast<std::uint64_t>(centre) + static_cast<std::uint64_t>(wobble));
    }

    /// A multiple of a power of ten, or half of one: where roundings tie.
    std::int64_t tens() {
        std::uint64_t number = below(100);
        for (std::uint64_t power = below(17); power > 0; --power) number *= 10;
        if (below(2) == 0) number /= 2;
        return below(2) == 0 ? signed_of(number) : -signed_of(number);
    }

    std::mt19937_64 engine_;
};

}  // namespace coffer_test
