/// A closed choice of static plans: each account has one of them, by its id. Include it where the
/// plans that you sell are known when you compile.
///
///     coffer::plan_set plans{coffer::named{"free", free_plan{}},
///                            coffer::named{"pro", pro_plan{.cost = prices}}};
///
/// A catalogue in front of them is what all of them sell that have none of their own.
#pragma once

#include <coffer/base/detail/assert.hpp>
#include <coffer/base/result.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/plan/plan.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A static plan under its id, which is what journals remember: 1 to 63 bytes.
template <class Plan>
class named {
    static_assert(check_plan<Plan>());

public:
    named(std::string_view id, Plan plan)
        : id_{id}, compiled_{std::make_shared<const detail::compiled<Plan>>(std::move(plan))} {}

    std::string_view id() const noexcept { return id_; }
    const Plan& plan() const noexcept { return compiled_->plan; }
    const compiled_plan& compiled() const noexcept { return *compiled_; }

private:
    std::string id_;
    std::shared_ptr<const detail::compiled<Plan>> compiled_;  // copies share it
};

/// Several static plans, the first of which is the default one. What is called with a plan is
/// compiled once for each.
template <class... Plans>
class plan_set {
    static_assert(sizeof...(Plans) > 0, "coffer: a plan set has at least one plan");

public:
    /// Requires: ids of 1 to 63 bytes, each another. Of several with one id the first counts.
    plan_set(named<Plans>... plans) : plans_{std::move(plans)...} { COFFER_ASSERT(ids_are_good()); }

    /// With what is for sale to accounts of plans that sell nothing themselves.
    plan_set(catalogue shop, named<Plans>... plans) : plan_set{std::move(plans)...} {
        shop_ = std::make_shared<const catalogue>(std::move(shop));
    }

    static consteval bool check_plans() { return (check_plan<Plans>() && ...); }

    /// What the set sells; null for nothing.
    std::shared_ptr<const catalogue> shop() const noexcept { return shop_; }

    /// `f(const Plan&)` with the plan of that id; an empty id is the default plan. What `f` returns
    /// comes back as a result. Errors: those of `f`; `unknown_plan` about the id.
    template <class F>
    auto visit(std::string_view id, F&& f) const {
        return find<0>(id.empty() ? default_plan() : id, f);
    }

    bool contains(std::string_view id) const noexcept {
        return std::apply([&](const auto&... each) { return ((each.id() == id) || ...); }, plans_);
    }
    /// The id of the plan of accounts that have none.
    std::string_view default_plan() const noexcept { return std::get<0>(plans_).id(); }
    std::vector<std::string> ids() const {
        return std::apply(
            [](const auto&... each) { return std::vector<std::string>{std::string{each.id()}...}; },
            plans_);
    }

    /// The plan of that id, compiled: for wallets. Errors: `unknown_plan` about the id.
    result<plan_ref> find_compiled(std::string_view id) const {
        if (id.empty()) id = default_plan();
        const compiled_plan* found = nullptr;
        const auto look = [&](const auto& each) {
            if (!found && each.id() == id) found = &each.compiled();
        };
        std::apply([&](const auto&... each) { (look(each), ...); }, plans_);
        if (!found) return error{errc::unknown_plan}.about(id);
        return plan_ref{*found};
    }

private:
    template <std::size_t I, class F>
    auto find(std::string_view id, F& f) const {
        using first = decltype(std::get<0>(plans_).plan());
        using answer = decltype(detail::as_result(f, std::declval<first>()));
        if constexpr (I == sizeof...(Plans)) {
            return answer{error{errc::unknown_plan}.about(id)};
        } else {
            using here = decltype(std::get<I>(plans_).plan());
            static_assert(
                std::is_same_v<decltype(detail::as_result(f, std::declval<here>())), answer>,
                "coffer: what is called with a plan returns the same type for each plan of the "
                "set");
            if (std::get<I>(plans_).id() == id) {
                return detail::as_result(f, std::get<I>(plans_).plan());
            }
            return find<I + 1>(id, f);
        }
    }

    bool ids_are_good() const {
        const std::vector<std::string> all = ids();
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].empty() || all[i].size() > max_plan_id_size) return false;
            for (std::size_t k = 0; k < i; ++k) {
                if (all[i] == all[k]) return false;
            }
        }
        return true;
    }

    std::tuple<named<Plans>...> plans_;
    std::shared_ptr<const catalogue> shop_;  // copies share it
};

namespace detail {

template <class... Plans>
inline constexpr bool chooses_by_account<plan_set<Plans...>> = true;

}  // namespace detail
}  // namespace v0
}  // namespace coffer
