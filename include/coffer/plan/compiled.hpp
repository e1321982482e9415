/// How a wallet reaches plans: one for all its accounts, or for each account the one of its plan
/// id. What an operation would compute again and again is computed here once a plan. You need it
/// only to write a wallet of your own.
#pragma once

#include <coffer/plan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// The longest id of a plan.
inline constexpr std::size_t max_plan_id_size = 63;

namespace detail {

/// The buckets of a plan in burn order.
template <class P>
std::vector<bucket_id> bucket_ids(const P& p) {
    std::vector<bucket_id> ids;
    for_each_bucket(
        p, [&](std::string_view name, const auto&) { ids.push_back(bucket_id::of(name)); });
    return ids;
}

/// A plan with what is computed once for it, not for each operation.
template <class P>
struct compiled_plan {
    using plan_type = P;
    using order_type = std::remove_cvref_t<decltype(order_of(std::declval<const P&>()))>;

    explicit compiled_plan(P compiled)
        : plan{std::move(compiled)},
          buckets{bucket_ids(plan)},
          fingerprint{burn_fingerprint(plan)} {}

    const order_type& order() const noexcept { return order_of(plan); }

    P plan;
    std::vector<bucket_id> buckets;  ///< In burn order.
    std::uint64_t fingerprint;       ///< Of the burn order.
};

template <class P>
bucket_filter filter_for(const compiled_plan<P>& p, std::string_view action) {
    return filter_for(p.plan, action, &p.buckets);
}

/// What `f(arguments…)` returns, as a result; a result stays as it is.
template <class F, class... Arguments>
auto as_result(F&& f, Arguments&&... arguments) {
    using answer = std::invoke_result_t<F, Arguments...>;
    if constexpr (std::is_void_v<answer>) {
        std::forward<F>(f)(std::forward<Arguments>(arguments)...);
        return result<void>{};
    } else if constexpr (requires { typename answer::error_type; }) {
        return std::forward<F>(f)(std::forward<Arguments>(arguments)...);
    } else {
        return result<answer>{std::forward<F>(f)(std::forward<Arguments>(arguments)...)};
    }
}

/// What an engine keeps of `Plan`.
template <class P>
class plan_source {
public:
    explicit plan_source(P plan) : compiled_{std::move(plan)} {}

    const P& plans() const noexcept { return compiled_.plan; }

    /// `f(const compiled_plan<…>&)` with the plan of that id, as a result; an empty id is the
    /// default plan. A plan for all accounts is the one whatever the id.
    /// Errors: those of `f`; `unknown_plan` about the id.
    template <class F>
    auto with_plan(std::string_view, F&& f) const {
        return as_result(std::forward<F>(f), compiled_);
    }

private:
    compiled_plan<P> compiled_;
};

template <class P>
    requires chooses_by_account<P>
class plan_source<P> {
public:
    explicit plan_source(P plans) : plans_{std::move(plans)} {}

    const P& plans() const noexcept { return plans_; }

    template <class F>
    auto with_plan(std::string_view id, F&& f) const {
        return plans_.with_compiled(id, std::forward<F>(f));
    }

private:
    P plans_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
