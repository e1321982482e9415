/// Prices that change with the quantity of one charge: graduated and volume tiers, packages.
///
/// All three count each charge by itself, so that splitting a usage can be cheaper or dearer. An
/// allowance over a period, such as "the first 1,000 a month are free", is a bucket, not a price.
#pragma once

#include <coffer/policy/cost/price.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace cost {

/// What units cost up to a bound. The bound itself is still in the tier; the last tier has none.
struct tier {
    std::optional<quantity> up_to{};
    rate each{};
    credits flat{};  ///< Once, beside the units.

    friend constexpr bool operator==(const tier&, const tier&) = default;
};

/// Whether bounds rise, the last tier and only the last has none, and nothing is negative.
inline bool well_formed(const std::vector<tier>& tiers) noexcept {
    quantity lower = quantity::from_micros(-1);
    for (const tier& t : tiers) {
        const bool is_last = &t == &tiers.back();
        if (t.each.is_negative() || t.flat.is_negative() || t.up_to.has_value() == is_last) {
            return false;
        }
        if (is_last) return true;
        if (*t.up_to <= lower) return false;
        lower = *t.up_to;
    }
    return false;
}

}  // namespace cost

namespace detail {

constexpr std::string_view tier_name(std::size_t index) noexcept {
    constexpr std::array<std::string_view, 9> names{"tier 1", "tier 2", "tier 3",
                                                    "tier 4", "tier 5", "tier 6",
                                                    "tier 7", "tier 8", "later tier"};
    return names[std::min(index, names.size() - 1)];
}

/// Adds what a tier takes for its units, to the sum and to the lines.
inline void add_tier(price_sum& sum, price_lines& lines, std::size_t index, const cost::tier& t,
                     quantity units) {
    sum.add(t.each, units).add(t.flat);
    lines.push_back({.what = tier_name(index), .units = units, .each = t.each, .fixed = t.flat});
}

/// What a hold keeps of a price by tiers: its version alone.
inline kept_price kept_of_tiers(std::string_view model, const std::vector<cost::tier>& tiers,
                                rounding mode, int places) {
    price_version version{model};
    for (const cost::tier& t : tiers) {
        version.add(std::int64_t{t.up_to.has_value()}).add(t.up_to.value_or(quantity{}));
        version.add(t.each).add(t.flat);
    }
    return {.version = version.add(mode, places).value()};
}

}  // namespace detail

namespace cost {

/// Each tier prices the units that lie in it, like the steps of an income tax. A tier's flat is due
/// once the quantity passes the tier's lower bound; the first tier's always.
///
/// Errors: tiers that are not `well_formed` are `policy_contract`.
/// Complexity: linear in the tiers.
struct graduated {
    std::vector<tier> tiers{};
    rounding mode = rounding::up;
    int places = 6;

    bool well_formed() const noexcept {
        return cost::well_formed(tiers) && detail::is_places(places);
    }

    result<coffer::price> price(const usage& used) const {
        const result<quantity> units = detail::measure(*this, used);
        if (!units) return detail::refusal(units.error(), used);
        coffer::price answer;
        price_sum sum;
        std::int64_t lower = 0;
        for (std::size_t i = 0; i < tiers.size(); ++i) {
            if (i > 0 && units->micros() <= lower) break;
            const std::int64_t upper = std::min(tiers[i].up_to.value_or(*units), *units).micros();
            detail::add_tier(sum, answer.lines, i, tiers[i], quantity::from_micros(upper - lower));
            lower = upper;
        }
        const checked<credits> total = sum.round(mode, places);
        if (!total) return detail::refusal(total.error(), used);
        answer.total = *total;
        return answer;
    }
    kept_price keep(const usage&) const {
        return detail::kept_of_tiers("graduated", tiers, mode, places);
    }
};

/// The tier in which the whole quantity lies prices all of it, with that tier's flat. A larger
/// quantity can cost less than a smaller one.
///
/// Errors: tiers that are not `well_formed` are `policy_contract`.
/// Complexity: linear in the tiers.
struct volume {
    std::vector<tier> tiers{};
    rounding mode = rounding::up;
    int places = 6;

    bool well_formed() const noexcept {
        return cost::well_formed(tiers) && detail::is_places(places);
    }

    result<coffer::price> price(const usage& used) const {
        const result<quantity> units = detail::measure(*this, used);
        if (!units) return detail::refusal(units.error(), used);
        std::size_t chosen = 0;
        while (tiers[chosen].up_to && *tiers[chosen].up_to < *units) ++chosen;
        coffer::price answer;
        price_sum sum;
        detail::add_tier(sum, answer.lines, chosen, tiers[chosen], *units);
        const checked<credits> total = sum.round(mode, places);
        if (!total) return detail::refusal(total.error(), used);
        answer.total = *total;
        return answer;
    }
    kept_price keep(const usage&) const {
        return detail::kept_of_tiers("volume", tiers, mode, places);
    }
};

/// A price for each started package of `size` units, beyond the free units of each charge.
/// Without free units, splitting a usage makes it dearer, never cheaper.
///
/// Errors: a size that is not positive, or anything negative, is `policy_contract`.
struct package {
    quantity size{};
    credits each{};
    quantity free{};

    constexpr bool well_formed() const noexcept {
        return size.is_positive() && !each.is_negative() && !free.is_negative();
    }

    result<coffer::price> price(const usage& used) const {
        const result<quantity> units = detail::measure(*this, used);
        if (!units) return detail::refusal(units.error(), used);
        const quantity without_price = std::min(*units, free);
        const std::int64_t rest = units->micros() - without_price.micros();
        const std::int64_t packages = rest / size.micros() + (rest % size.micros() == 0 ? 0 : 1);
        const checked<credits> total = each * packages;
        if (!total) return detail::refusal(total.error(), used);
        coffer::price answer{.total = *total};
        if (without_price.is_positive()) {
            answer.lines.push_back({.what = "free units", .units = without_price});
        }
        if (const auto count = quantity::whole(packages)) {
            answer.lines.push_back(detail::line_of("packages", *count, each, *total));
        } else {
            answer.lines.push_back({.what = "packages", .fixed = *total});
        }
        return answer;
    }
    kept_price keep(const usage&) const {
        return {.version = detail::price_version{"package"}.add(size).add(each).add(free).value()};
    }
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
