/// The exact value of a price's lines, before anything is rounded. Private to coffer.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/amount/factor.hpp>
#include <coffer/amount/rounding.hpp>
#include <coffer/policy/cost/price.hpp>

#include <cstdint>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A fraction of 10^-12 credits: `picos / divisor`, which is positive.
struct exact_price {
    int128 picos = 0;
    int128 divisor = 1;
};

/// The least number of which all `per` of the lines, as far as they do not cancel, are divisors.
inline checked<std::int64_t> divisor_of(const price_lines& lines) noexcept {
    std::int64_t all = 1;
    for (const price_line& line : lines) {
        if (!line.per.is_positive() || line.units.micros() < 0) return errc::invalid_argument;
        const std::int64_t per =
            line.per.micros() / common_divisor(line.per.micros(), line.units.micros());
        const auto next = multiply(all / common_divisor(all, per), per);
        if (!next) return next.error();
        all = *next;
    }
    return all;
}

/// The sum of the lines times a factor.
/// Requires: the factor is `well_formed`.
/// Errors: `amount_overflow`; `invalid_argument` for a line of negative units or for units.
inline checked<exact_price> exact_sum_of(const price_lines& lines, const factor& times) noexcept {
    constexpr std::int64_t picos_per_micro = 1'000'000;
    const checked<std::int64_t> divisor = divisor_of(lines);
    if (!divisor) return divisor.error();
    exact_price sum{.divisor = wide_product(*divisor, times.denominator)};
    bool overflows = false;
    const auto add = [&](int128 picos, std::int64_t by) {
        int128 product = 0;
        overflows = overflows || multiply_overflows(picos, by, product) ||
                    add_overflows(sum.picos, product, sum.picos);
    };
    for (const price_line& line : lines) {
        const std::int64_t common = common_divisor(line.per.micros(), line.units.micros());
        add(wide_product(line.each.picos(), line.units.micros() / common),
            *divisor / (line.per.micros() / common));
        add(wide_product(line.fixed.micros(), picos_per_micro), *divisor);
    }
    if (times.numerator == 0) return exact_price{};
    if (overflows || multiply_overflows(sum.picos, times.numerator, sum.picos)) {
        return errc::amount_overflow;
    }
    return sum;
}

/// An exact price, rounded once. Requires: `places` is 0 … 6. Errors: `amount_overflow`.
inline checked<credits> round_price(const exact_price& exact, rounding mode, int places) noexcept {
    int128 divisor = 0;
    if (multiply_overflows(exact.divisor, power_of_ten(rate::places - places), divisor)) {
        return errc::amount_overflow;
    }
    const auto steps = narrow(divide(exact.picos, divisor, mode));
    if (!steps) return steps.error();
    const auto step = static_cast<std::int64_t>(power_of_ten(credits::places - places));
    const auto micros = multiply(*steps, step);
    if (!micros) return micros.error();
    return credits::from_micros(*micros);
}

/// The lines of a price times its factor, rounded once. Errors: as above.
inline checked<credits> total_of(const price_lines& lines, const factor& times, rounding mode,
                                 int places) noexcept {
    const checked<exact_price> exact = exact_sum_of(lines, times);
    if (!exact) return exact.error();
    return round_price(*exact, mode, places);
}

/// Whether the lines of a price come to its total, however that was rounded.
inline bool comes_to_total(const price& p) noexcept {
    constexpr std::int64_t coarsest = 1'000'000;  // a whole credit
    const checked<credits> sum = total_of(p.lines, p.times, rounding::down, credits::places);
    if (!sum) return false;
    std::int64_t apart = 0;
    return !__builtin_sub_overflow(p.total.micros(), sum->micros(), &apart) && apart <= coarsest &&
           apart >= -coarsest;
}

/// Raises or lowers a price by a factor: all its lines, exactly, rounded once.
/// Errors: those of the price; `policy_contract` for a factor that is none, or lines that do not
/// come to their total; `amount_overflow`.
inline void scale_price(result<price>& p, const factor& by, rounding mode, int places,
                        const usage& used) {
    if (!p) return;
    if (!by.well_formed() || !is_places(places)) {
        p = refusal(malformed_price(), used);
        return;
    }
    if (p->lines.empty() && !p->total.is_zero()) {
        p->lines.push_back({.what = "list price", .fixed = p->total});
    }
    const checked<factor> times = multiply(p->times, by);
    const checked<credits> total =
        times ? total_of(p->lines, *times, mode, places) : checked<credits>{times.error()};
    if (total && !comes_to_total(*p)) {
        p = refusal(error{errc::policy_contract}.because("the lines of this price do not come to "
                                                         "its total, so that no factor applies"),
                    used);
    } else if (!total) {
        p = refusal(total.error(), used);
    } else {
        p->times = *times;
        p->total = *total;
    }
}

/// The same for bounds; what has no sensible bounds any more has none.
inline std::optional<price_range> scale_range(const std::optional<price_range>& range,
                                              const factor& by, rounding mode, int places) {
    if (!range || !by.well_formed() || !is_places(places)) return std::nullopt;
    const bool bare = range->before.times.is_one();
    price_range scaled{.before = range->before};
    if (bare) scaled.before = {range->least, range->most, {}};
    const checked<factor> times = multiply(scaled.before.times, by);
    if (!times) return std::nullopt;
    const auto bound = [&](credits amount) {
        price_lines lines;
        lines.push_back({.fixed = amount});
        return total_of(lines, *times, mode, places);
    };
    const checked<credits> least = bound(scaled.before.least);
    const checked<credits> most = bound(scaled.before.most);
    if (!least || !most) return std::nullopt;
    scaled.least = *least;
    scaled.most = *most;
    scaled.before.times = *times;
    return scaled;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
