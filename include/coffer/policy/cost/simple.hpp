/// Prices of one figure: nothing, a fixed price, a rate per unit, an amount that the caller states.
#pragma once

#include <coffer/policy/cost/price.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The next multiple of `step`, which is positive.
constexpr checked<quantity> raise_to_multiple(quantity units, quantity step) noexcept {
    const std::int64_t over = units.micros() % step.micros();
    if (over == 0) return units;
    return units + quantity::from_micros(step.micros() - over);
}

/// `each × units ÷ per`, rounded once.
///
/// Requires: nothing is negative, `per` is positive, `places` is 0 … 6.
/// Errors: `amount_overflow`.
constexpr checked<credits> price_of_units(rate each, quantity units, quantity per, rounding mode,
                                          int places) noexcept {
    if (per == one_unit) return price_sum{}.add(each, units).round(mode, places);
    constexpr std::int64_t attos_per_pico = 1'000'000;
    const auto step = static_cast<std::int64_t>(power_of_ten(credits::places - places));
    const int128 divisor = wide_product(per.micros(), attos_per_pico) * step;  // below 2^103
    const int128 attos = wide_product(each.picos(), units.micros());
    const auto steps = narrow(divide(attos, divisor, mode));
    const auto micros = steps ? multiply(*steps, step) : steps;
    if (!micros) return micros.error();
    return credits::from_micros(*micros);
}

/// Whether `each × units ÷ per` is less than `amount`.
constexpr bool costs_less(rate each, quantity units, quantity per, credits amount) noexcept {
    if (amount.is_zero()) return false;
    const int128 attos = wide_product(each.picos(), units.micros());
    if (per == one_unit) return attos < wide_product(amount.micros(), 1'000'000'000'000);
    return attos / wide_product(per.micros(), 1'000'000) < amount.micros();
}

}  // namespace detail

namespace cost {

/// Costs nothing, whatever is used.
struct free {
    static constexpr bool well_formed() noexcept { return true; }

    result<coffer::price> price(const usage&) const { return coffer::price{}; }
    kept_price keep(const usage&) const {
        return {detail::price_version{"free"}.value(), linear_price{}};
    }
};

/// A fixed price for each unit; a usage without a quantity is one unit.
struct flat {
    credits each{};

    constexpr bool well_formed() const noexcept { return !each.is_negative(); }

    result<coffer::price> price(const usage& used) const {
        if (used.has_negative()) return detail::refusal(detail::negative_usage(used), used);
        if (!well_formed()) return detail::refusal(detail::malformed_price(), used);
        const quantity units = used.quantity.value_or(detail::one_unit);
        const checked<credits> total = multiply(each, units, rounding::up);
        if (!total) return detail::refusal(total.error(), used);
        return detail::priced(*total, detail::line_of("units", units, each, *total));
    }
    kept_price keep(const usage&) const {
        kept_price kept{.version = detail::price_version{"flat"}.add(each).value()};
        const auto exact = rate::per(each, 1);
        if (exact && well_formed()) {
            kept.linear = linear_price{.by = counted::units_or_one, .each = *exact};
        }
        return kept;
    }
};

/// A rate for so many units, with a least cost and a step to which the quantity is raised.
///
/// The steps in order: the quantity is raised to a multiple of `increment`, multiplied exactly,
/// brought to at least `minimum` (and, if anything was used, to `minimum_if_used`), and only then
/// rounded by `mode` to `places` decimals.
/// A minimum or an increment makes splitting a usage dearer, never cheaper; another rounding than
/// up can make it cheaper.
struct per_unit {
    rate each{};
    quantity per = detail::one_unit;  ///< So many units cost `each`.
    credits minimum{};                ///< The least cost, also of a usage of nothing.
    credits minimum_if_used{};        ///< The least cost of a quantity above zero.
    quantity increment{};             ///< Zero for none.
    rounding mode = rounding::up;
    int places = 6;

    constexpr bool well_formed() const noexcept {
        return !each.is_negative() && per.is_positive() && !minimum.is_negative() &&
               !minimum_if_used.is_negative() && !increment.is_negative() &&
               detail::is_places(places);
    }

    result<coffer::price> price(const usage& used) const {
        result<quantity> units = detail::measure(*this, used);
        if (units && increment.is_positive()) {
            units = detail::raise_to_multiple(*units, increment);
        }
        if (!units) return detail::refusal(units.error(), used);
        const credits least = units->is_positive() ? std::max(minimum, minimum_if_used) : minimum;
        const bool is_minimum = detail::costs_less(each, *units, per, least);
        const checked<credits> total =
            is_minimum ? price_sum{}.add(least).round(mode, places)
                       : detail::price_of_units(each, *units, per, mode, places);
        if (!total) return detail::refusal(total.error(), used);
        if (is_minimum) {
            return detail::priced(*total, {.what = "minimum", .units = *units, .fixed = least});
        }
        return detail::priced(*total, {.what = "units", .units = *units, .each = each, .per = per});
    }
    kept_price keep(const usage&) const {
        detail::price_version version{"per_unit"};
        version.add(each).add(per).add(minimum).add(minimum_if_used).add(increment);
        kept_price kept{.version = version.add(mode, places).value()};
        const bool is_linear =
            minimum.is_zero() && minimum_if_used.is_zero() && increment.is_zero();
        if (is_linear && well_formed()) {
            kept.linear = linear_price{
                .by = counted::units, .each = each, .per = per, .mode = mode, .places = places};
        }
        return kept;
    }
};

/// The caller states the amount of each charge, within bounds: what depends on more than a count.
/// Errors: a price without an amount is `invalid_argument`.
struct between {
    credits least{};
    credits most{};

    constexpr bool well_formed() const noexcept { return !least.is_negative() && least <= most; }

    result<coffer::price> price(const usage& used) const {
        const error unstated = error{errc::invalid_argument}.in(
            "amount", "has to be stated for this action, within its range");
        return detail::refusal(unstated, used);
    }
    /// Nothing where the bounds make no sense, so that no amount passes.
    constexpr std::optional<price_range> range(const usage&) const noexcept {
        if (!well_formed()) return std::nullopt;
        return price_range{.least = least, .most = most};
    }
    kept_price keep(const usage&) const {
        return {.version = detail::price_version{"between"}.add(least).add(most).value()};
    }
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
