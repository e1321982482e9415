/// Price lists made of price lists: shared between plans, one before another, one after another in
/// time. Each is a cost policy itself, so that they nest.
#pragma once

#include <coffer/policy/cost/price.hpp>
#include <coffer/policy/cost/table.hpp>
#include <coffer/time/instant.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace cost {

/// A price list that several plans use without a copy; the last of them frees it. Without a list it
/// knows no action.
template <class Policy = cost_table>
struct shared {
    static_assert(cost_policy<Policy>,
                  "coffer: cost::shared shares a cost policy: it needs 'result<price> price(const "
                  "usage&) const'");

    std::shared_ptr<const Policy> list{};

    result<coffer::price> price(const usage& used) const {
        if (!list) return detail::refusal(errc::unknown_action, used);
        return list->price(used);
    }
    std::string_view category(std::string_view action) const {
        return list ? category_of(*list, action) : std::string_view{};
    }
    std::optional<price_range> range(const usage& used) const {
        return list ? range_of(*list, used) : std::nullopt;
    }
    token_kinds kinds(const usage& used) const {
        return list ? token_kinds_of(*list, used) : token_kinds{};
    }
    kept_price keep(const usage& used) const {
        return list ? kept_price_of(*list, used) : kept_price{};
    }
};

/// What `first` knows, it prices; `then` prices the rest. Three layers are a layer of layers.
///
/// An action's category is the first that a layer gives it, so that an override of the price alone
/// keeps its category.
template <class First, class Then>
struct layered {
    static_assert(cost_policy<First> && cost_policy<Then>,
                  "coffer: a layer of prices is a cost policy: it needs 'result<price> price(const "
                  "usage&) const'");

    First first{};
    Then then{};

    result<coffer::price> price(const usage& used) const {
        if (used.version != 0 && !is_first(used)) return then.price(used);
        result<coffer::price> priced = first.price(used);
        if (priced == errc::unknown_action) return then.price(used);
        return priced;
    }
    std::string_view category(std::string_view action) const {
        const std::string_view own = category_of(first, action);
        return own.empty() ? category_of(then, action) : own;
    }
    std::optional<price_range> range(const usage& used) const {
        return is_first(used) ? range_of(first, used) : range_of(then, used);
    }
    token_kinds kinds(const usage& used) const {
        return is_first(used) ? token_kinds_of(first, used) : token_kinds_of(then, used);
    }
    kept_price keep(const usage& used) const {
        return is_first(used) ? kept_price_of(first, used) : kept_price_of(then, used);
    }

private:
    /// Whether the first layer prices it: it has the version that is asked for, or, where neither
    /// has or none is asked for, it knows the action.
    bool is_first(const usage& used) const {
        if (used.version != 0) {
            if (kept_price_of(first, used).version == used.version) return true;
            if (kept_price_of(then, used).version == used.version) return false;
        }
        return !(first.price(used) == errc::unknown_action);
    }
};

/// The prices that hold from an instant on.
template <class Policy = cost_table>
struct version {
    instant from{};
    Policy prices{};
};

/// Prices by date: each usage by the version of its own `at`, usable at `from` and until the next
/// version's `from`. Before the first, every action is `unknown_action`.
///
/// Versions may stand in any order; of two from the same instant the later in the list holds. A
/// category is a name, not a price: that of the newest version that has one holds at all times.
/// Complexity: linear in the versions.
template <class Policy = cost_table>
struct versions {
    static_assert(cost_policy<Policy>,
                  "coffer: a version of prices is a cost policy: it needs 'result<price> price("
                  "const usage&) const'");

    std::vector<version<Policy>> list{};

    result<coffer::price> price(const usage& used) const {
        const Policy* valid = at(used.at);
        if (!valid) return detail::refusal(errc::unknown_action, used);
        return valid->price(used);
    }
    std::string_view category(std::string_view action) const {
        const version<Policy>* newest = nullptr;
        for (const version<Policy>& v : list) {
            if (newest && v.from < newest->from) continue;
            if (!category_of(v.prices, action).empty()) newest = &v;
        }
        return newest ? category_of(newest->prices, action) : std::string_view{};
    }
    std::optional<price_range> range(const usage& used) const {
        const Policy* valid = at(used.at);
        return valid ? range_of(*valid, used) : std::nullopt;
    }
    token_kinds kinds(const usage& used) const {
        const Policy* valid = at(used.at);
        return valid ? token_kinds_of(*valid, used) : token_kinds{};
    }
    kept_price keep(const usage& used) const {
        const Policy* valid = at(used.at);
        return valid ? kept_price_of(*valid, used) : kept_price{};
    }

    /// The prices that hold at an instant; null before the first version.
    const Policy* at(instant when) const noexcept {
        const version<Policy>* chosen = nullptr;
        for (const version<Policy>& v : list) {
            if (v.from <= when && (!chosen || chosen->from <= v.from)) chosen = &v;
        }
        return chosen ? &chosen->prices : nullptr;
    }
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
