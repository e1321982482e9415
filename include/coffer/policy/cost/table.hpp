/// The price list: each action by a model of its own.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/base/detail/hash.hpp>
#include <coffer/policy/cost/by_tag.hpp>
#include <coffer/policy/cost/detail/held_price.hpp>
#include <coffer/policy/cost/simple.hpp>
#include <coffer/policy/cost/tiers.hpp>
#include <coffer/policy/cost/tokens.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A price of one action: a model of its own; by default `free`.
class action_price : public detail::held_price {
public:
    action_price() : action_price{cost::free{}} {}
    template <class Model>
        requires(detail::one_of<std::remove_cvref_t<Model>, cost::free, cost::flat, cost::per_unit,
                                cost::tokens, cost::between, cost::graduated, cost::volume,
                                cost::package, cost::by_tag>)
    action_price(Model&& model) : held_price{std::forward<Model>(model)} {}
};

/// A row of a price list, as it is written down.
struct priced_action {
    std::string_view action{};
    action_price price{};
    std::string_view category{};
};

/// Prices each action by its own model. An action that is not in the table is `unknown_action`:
/// what is free is listed as free.
/// Complexity: constant for a price.
class cost_table {
public:
    cost_table() = default;
    cost_table(std::initializer_list<priced_action> prices) {
        for (const priced_action& p : prices) set(p.action, p.price, p.category);
    }

    /// Sets or replaces the price of an action. Without a category, a known action keeps its own.
    cost_table& set(std::string_view action, action_price model, std::string_view category = {}) {
        if (row* known = find(action)) {
            if (!category.empty()) known->category = category;
            known->model = std::move(model);
            return *this;
        }
        if ((rows_.size() + 1) * 2 > slots_.size()) grow();
        rows_.push_back(row{std::string{action}, std::move(model), std::string{category}});
        place(static_cast<std::uint32_t>(rows_.size() - 1));
        return *this;
    }

    bool contains(std::string_view action) const noexcept { return find(action) != nullptr; }
    std::size_t size() const noexcept { return rows_.size(); }

    /// The first action whose price makes no sense and would answer `policy_contract`, such as a
    /// negative rate or tiers that do not rise: for a check when a price list is loaded.
    std::optional<std::string_view> first_malformed() const noexcept {
        for (const row& r : rows_) {
            if (!r.model.well_formed()) return std::string_view{r.action};
        }
        return std::nullopt;
    }

    /// Errors: `unknown_action`, and those of the action's model.
    result<coffer::price> price(const usage& used) const {
        const row* found = find(used.action);
        if (!found) return detail::refusal(errc::unknown_action, used);
        return found->model.price(used);
    }

    /// The category path of an action; empty if it has none or is not known.
    std::string_view category(std::string_view action) const noexcept {
        const row* found = find(action);
        return found ? std::string_view{found->category} : std::string_view{};
    }

    std::optional<price_range> range(const usage& used) const {
        const row* found = find(used.action);
        if (!found) return std::nullopt;
        return found->model.range(used);
    }

    token_kinds kinds(const usage& used) const {
        const row* found = find(used.action);
        if (!found) return {};
        return found->model.kinds(used);
    }

    kept_price keep(const usage& used) const {
        const row* found = find(used.action);
        return found ? found->model.keep(used) : kept_price{};
    }

private:
    struct row {
        std::string action;
        action_price model;
        std::string category;
    };

    static std::size_t hash(std::string_view action) noexcept { return detail::hash(action, 0); }

    void grow() {
        slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), 0);
        for (std::uint32_t i = 0; i < rows_.size(); ++i) place(i);
    }
    void place(std::uint32_t index) noexcept {
        std::size_t mask = slots_.size() - 1;
        std::size_t at = hash(rows_[index].action) & mask;
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = index + 1;
    }
    const row* find(std::string_view action) const noexcept {
        if (slots_.empty()) return nullptr;
        std::size_t mask = slots_.size() - 1;
        for (std::size_t at = hash(action) & mask; slots_[at] != 0; at = (at + 1) & mask) {
            const row& candidate = rows_[slots_[at] - 1];
            if (candidate.action == action) return &candidate;
        }
        return nullptr;
    }
    row* find(std::string_view action) noexcept {
        return const_cast<row*>(std::as_const(*this).find(action));
    }

    std::vector<row> rows_;
    std::vector<std::uint32_t> slots_;  // 1 + index of a row; a power of two, half empty
};

}  // namespace v0
}  // namespace coffer
