/// Price lists times a factor: a plan's mark-up, a customer's discount.
#pragma once

#include <coffer/amount/factor.hpp>
#include <coffer/policy/cost/detail/exact_price.hpp>
#include <coffer/policy/cost/price.hpp>
#include <coffer/policy/cost/table.hpp>

#include <optional>
#include <string_view>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace cost {

/// A price list times a factor: one for all, or one for each wallet, which `by(wallet)` answers as
/// a `factor` or a `result<factor>`. Factors upon factors multiply exactly, and the price is
/// rounded once, by the outermost.
///
/// What an amount that the caller states may be is raised and lowered with the rest: he states what
/// is paid.
/// Errors: those of the list and of `by`; `policy_contract` for a factor that is none, or a price
/// whose lines do not come to its total.
template <class List = cost_table, class By = factor>
struct scaled {
    static_assert(cost_policy<List>,
                  "coffer: what is scaled is a cost policy: it needs 'result<price> price(const "
                  "usage&) const'");
    static_assert(std::is_same_v<By, factor> ||
                      std::is_invocable_r_v<result<factor>, const By&, std::string_view>,
                  "coffer: prices are scaled by a 'coffer::factor' or by what answers one for a "
                  "wallet: it needs 'factor operator()(std::string_view wallet) const'");

    List list{};
    By by{};
    rounding mode = rounding::up;
    int places = 6;

    result<coffer::price> price(const usage& used) const {
        const result<factor> times = factor_for(used);
        result<coffer::price> priced =
            used.version == 0 || !times ? list.price(used) : list.price(inside(used, *times));
        if (!priced) return priced;
        if (!times) return times.error();
        detail::scale_price(priced, *times, mode, places, used);
        return priced;
    }
    std::string_view category(std::string_view action) const { return category_of(list, action); }
    std::optional<price_range> range(const usage& used) const {
        const result<factor> times = factor_for(used);
        if (!times) return std::nullopt;
        return detail::scale_range(range_of(list, inside(used, *times)), *times, mode, places);
    }
    token_kinds kinds(const usage& used) const {
        const result<factor> times = factor_for(used);
        return token_kinds_of(list, times ? inside(used, *times) : used);
    }
    kept_price keep(const usage& used) const {
        const result<factor> times = factor_for(used);
        if (!times || !times->well_formed() || !detail::is_places(places)) return {};
        kept_price kept = kept_price_of(list, inside(used, *times));
        if (kept.version != 0) kept.version ^= mark_of(*times);
        if (!kept.linear) return kept;
        const checked<factor> all = multiply(kept.linear->times, *times);
        if (!all) {
            kept.linear.reset();
            return kept;
        }
        kept.linear->times = *all;
        kept.linear->mode = mode;
        kept.linear->places = places;
        return kept;
    }

private:
    /// What a factor makes of the version of the list's price, and, done again, makes of its own.
    std::uint64_t mark_of(const factor& times) const noexcept {
        const factor least = multiply(times, factor{}).value_or(times);
        detail::price_version version{"scaled"};
        return version.add(least.numerator).add(least.denominator).add(mode, places).value();
    }
    /// The usage as the list sees it.
    usage inside(usage used, const factor& times) const noexcept {
        if (used.version != 0 && times.well_formed()) used.version ^= mark_of(times);
        return used;
    }
    result<factor> factor_for([[maybe_unused]] const usage& used) const {
        if constexpr (std::is_same_v<By, factor>) {
            return by;
        } else {
            return by(used.wallet);
        }
    }
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
