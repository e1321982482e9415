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
        result<coffer::price> priced = list.price(used);
        if (!priced) return priced;
        const result<factor> times = factor_for(used);
        if (!times) return times.error();
        detail::scale_price(priced, *times, mode, places, used);
        return priced;
    }
    std::string_view category(std::string_view action) const { return category_of(list, action); }
    std::optional<price_range> range(const usage& used) const {
        const std::optional<price_range> bounds = range_of(list, used);
        if (!bounds) return bounds;
        const result<factor> times = factor_for(used);
        return times ? detail::scale_range(bounds, *times, mode, places) : std::nullopt;
    }
    token_kinds kinds(const usage& used) const { return token_kinds_of(list, used); }

private:
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
