/// Cost policies answer one question: what does this usage cost?
///
/// When to use which: `cost::free` for what costs nothing but must be allowed; `cost::flat` for a
/// fixed price per call or piece; `cost::per_unit` for minutes, pages, seconds; `cost::tokens` for
/// language models; `cost_table` to price each action by one of them. A host's own policy is a
/// struct with one function, `result<price> price(const usage&) const`.
#pragma once

#include <coffer/amount.hpp>
#include <coffer/detail/hash.hpp>
#include <coffer/detail/inline_vector.hpp>
#include <coffer/result.hpp>
#include <coffer/usage.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace coffer {
inline namespace v0 {

/// One line of a price: so many units at so much each.
struct price_line {
    std::string_view what{};  ///< "input tokens"; a literal of the policy's own.
    quantity units{};
    rate each{};

    friend constexpr bool operator==(const price_line&, const price_line&) = default;
};

/// What a usage costs, and why.
struct price {
    credits total{};
    detail::inline_vector<price_line, 5> lines{};

    friend bool operator==(const price&, const price&) = default;
};

/// Answers what a usage costs. Contract: never negative.
template <class P>
concept cost_policy = requires(const P& policy, const usage& used) {
    { policy.price(used) } -> std::same_as<result<coffer::price>>;
};

namespace cost {

/// Costs nothing, whatever is used.
struct free {
    result<coffer::price> price(const usage&) const { return coffer::price{}; }
};

/// A fixed price for each unit; a usage without a quantity is one unit.
struct flat {
    credits each{};

    result<coffer::price> price(const usage& used) const {
        quantity units = used.quantity.value_or(quantity::from_micros(1'000'000));
        checked<credits> total = multiply(each, units, rounding::up);
        if (!total) return total.error();
        coffer::price answer{.total = *total};
        if (auto per_unit = rate::per(each, 1)) {
            answer.lines.push_back({.what = "units", .units = units, .each = *per_unit});
        }
        return answer;
    }
};

/// A rate per unit, with a least cost and a step to which the quantity is raised.
/// A minimum or an increment makes splitting a usage dearer, never cheaper.
struct per_unit {
    rate each{};
    credits minimum{};
    quantity increment{};  ///< Zero for none.
    rounding mode = rounding::up;
    int places = 6;

    result<coffer::price> price(const usage& used) const {
        // Refused here: the minimum below would hide it.
        if (each.is_negative()) return error{errc::policy_contract}.about(used.action);
        quantity units = used.quantity.value_or(quantity::from_micros(1'000'000));
        if (increment.micros() > 0) {
            std::int64_t over = units.micros() % increment.micros();
            checked<quantity> raised =
                over == 0 ? units : units + quantity::from_micros(increment.micros() - over);
            if (!raised) return raised.error();
            units = *raised;
        }
        checked<credits> total = price_sum{}.add(each, units).round(mode, places);
        if (!total) return total.error();
        coffer::price answer{.total = std::max(*total, minimum)};
        answer.lines.push_back({.what = "units", .units = units, .each = each});
        return answer;
    }
};

/// Credits per token of each kind.
struct token_rates {
    rate input{};
    rate output{};
    rate reasoning{};
    rate cached{};
    rate cache_write{};

    friend constexpr bool operator==(const token_rates&, const token_rates&) = default;
};

/// Prices tokens: exact over all kinds, rounded up to the millionth once. A tier replaces all rates
/// once the input of a call (cached input too) passes its bound, so that splitting a call can be
/// cheaper.
struct tokens {
    struct tier {
        std::int64_t above_input{};
        token_rates rates{};
    };

    token_rates rates{};
    std::vector<tier> tiers{};  ///< By rising bound.

    result<coffer::price> price(const usage& used) const {
        if (used.quantity && !used.has_tokens()) {
            return error{errc::invalid_argument}.about(used.action);  // it would be free
        }
        const token_rates& r = rates_for(used);
        price_sum sum;
        coffer::price answer;
        bool negative = false;  // one negative rate could hide behind the others
        auto line = [&](std::string_view what, std::int64_t count, rate each) {
            if (count == 0) return;
            negative = negative || each.is_negative();
            sum.add(each, count);
            if (auto units = quantity::whole(count)) {
                answer.lines.push_back({.what = what, .units = *units, .each = each});
            }
        };
        line("input tokens", used.input_tokens, r.input);
        line("output tokens", used.output_tokens, r.output);
        line("reasoning tokens", used.reasoning_tokens, r.reasoning);
        line("cached tokens", used.cached_tokens, r.cached);
        line("cache write tokens", used.cache_write_tokens, r.cache_write);
        if (negative) return error{errc::policy_contract}.about(used.action);
        checked<credits> total = sum.round();
        if (!total) return total.error();
        answer.total = *total;
        return answer;
    }

private:
    const token_rates& rates_for(const usage& used) const noexcept {
        const token_rates* chosen = &rates;
        for (const tier& t : tiers) {
            // Subtracting keeps the sum of three counts from overflowing.
            std::int64_t left = t.above_input;
            for (std::int64_t n :
                 {used.input_tokens, used.cached_tokens, used.cache_write_tokens}) {
                left = n > left ? -1 : left - n;
                if (left < 0) break;
            }
            if (left < 0) chosen = &t.rates;
        }
        return *chosen;
    }
};

}  // namespace cost

/// A price of one action.
using action_price = std::variant<cost::free, cost::flat, cost::per_unit, cost::tokens>;

/// Prices each action by its own model. An action that is not in the table is `unknown_action`:
/// what is free is listed as free.
/// Complexity: constant for a price.
class cost_table {
public:
    cost_table() = default;
    cost_table(std::initializer_list<std::pair<std::string_view, action_price>> prices) {
        for (const auto& [action, model] : prices) set(action, model);
    }

    /// Sets or replaces the price of an action.
    cost_table& set(std::string_view action, action_price model) {
        if (row* known = find(action)) {
            known->model = std::move(model);
            return *this;
        }
        rows_.push_back(row{std::string{action}, std::move(model)});
        if (rows_.size() * 2 > slots_.size()) {
            slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), 0);
            for (std::uint32_t i = 0; i < rows_.size(); ++i) place(i);
        } else {
            place(static_cast<std::uint32_t>(rows_.size() - 1));
        }
        return *this;
    }

    bool contains(std::string_view action) const noexcept { return find(action) != nullptr; }
    std::size_t size() const noexcept { return rows_.size(); }

    /// Errors: `unknown_action`, and those of the action's model.
    result<coffer::price> price(const usage& used) const {
        const row* found = find(used.action);
        if (!found) return error{errc::unknown_action}.about(used.action);
        return std::visit([&](const auto& model) { return model.price(used); }, found->model);
    }

private:
    struct row {
        std::string action;
        action_price model;
    };

    static std::size_t hash(std::string_view action) noexcept { return detail::hash(action, 0); }

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
