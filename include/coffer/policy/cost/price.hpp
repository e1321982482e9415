/// What a price is, and what a cost policy has to answer. Include it to write a policy of your own;
/// `policy/cost.hpp` brings it with the ready-made ones.
#pragma once

#include <coffer/amount/amount.hpp>
#include <coffer/base/detail/hash.hpp>
#include <coffer/base/detail/inline_vector.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/usage.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {

namespace detail {

inline constexpr quantity one_unit = quantity::from_micros(1'000'000);

}  // namespace detail

/// One line of a price: `each × units ÷ per + fixed`.
struct price_line {
    std::string_view what{};  ///< "input tokens"; a literal of the policy's own.
    quantity units{};
    rate each{};
    quantity per = detail::one_unit;  ///< So many units cost `each`.
    credits fixed{};                  ///< Due beside the units: the flat of a tier, a minimum.

    friend constexpr bool operator==(const price_line&, const price_line&) = default;
};

/// The lines of a price. Five are kept without allocating: more than most calls have.
using price_lines = detail::inline_vector<price_line, 5>;

/// What a usage costs, and why: the total is the rounded sum of the lines, times the factors of
/// plan and customer.
struct price {
    credits total{};
    price_lines lines{};
    factor times{};

    friend bool operator==(const price&, const price&) = default;
};

/// The bounds within which a caller states the price of an action, both included.
struct price_range {
    /// Bounds as a list has them, and the factors upon them that the others are rounded from.
    struct list_bounds {
        credits least{};
        credits most{};
        factor times{};

        friend constexpr bool operator==(const list_bounds&, const list_bounds&) = default;
    };

    credits least{};
    credits most{};
    list_bounds before{};  ///< Nothing where there are no factors.

    constexpr bool contains(credits amount) const noexcept {
        return least <= amount && amount <= most;
    }
    friend constexpr bool operator==(const price_range&, const price_range&) = default;
};

/// What a linear price counts.
enum class counted : std::uint8_t {
    nothing,       ///< It is free.
    units,         ///< The quantity, which has to be said.
    units_or_one,  ///< The quantity, by default one unit.
    tokens,        ///< Each kind of them.
};

/// A price that is nothing but rates: all that has to be remembered to price by it again.
struct linear_price {
    counted by = counted::nothing;
    rate each{};  ///< Of `per` units.
    quantity per = detail::one_unit;
    std::array<rate, token_kind_count> rates{};  ///< Of each kind of tokens.
    token_kinds kinds{};                         ///< Those that a settle has to state.
    factor times{};
    rounding mode = rounding::up;
    int places = 6;

    friend constexpr bool operator==(const linear_price&, const linear_price&) = default;
};

/// What a hold keeps of the price of its action.
struct kept_price {
    /// Tells prices of one action apart; the same wherever the same figures stand. None is 0.
    std::uint64_t version = 0;
    std::optional<linear_price> linear{};
};

/// Answers what a usage costs. Contract: never negative.
///
/// It may have `std::string_view category(std::string_view action) const`, the path under which an
/// action is reported ("ai/fast/model-x"), and `std::optional<price_range> range(const usage&)
/// const` for what costs an amount that the caller states; a range that depends on nothing but the
/// action may take that alone. With `token_kinds kinds(const usage&) const`, the kinds of tokens
/// for which it has a rate, a settle that leaves one of them out is refused. With `kept_price
/// keep(const usage&) const`, a hold keeps the prices that it was opened with.
template <class P>
concept cost_policy = requires(const P& policy, const usage& used) {
    { policy.price(used) } -> std::same_as<result<coffer::price>>;
};

/// The category path of an action; empty if it has none, or the policy no categories.
/// Guarantees: it lasts as long as the policy is not changed.
template <class P>
std::string_view category_of([[maybe_unused]] const P& policy,
                             [[maybe_unused]] std::string_view action) {
    if constexpr (requires { policy.category(action); }) {
        return policy.category(action);
    } else {
        return {};
    }
}

/// The bounds of the price of a usage that the caller states; nothing where it is computed.
template <class P>
std::optional<price_range> range_of([[maybe_unused]] const P& policy,
                                    [[maybe_unused]] const usage& used) {
    if constexpr (requires { policy.range(used); }) {
        return policy.range(used);
    } else if constexpr (requires { policy.range(used.action); }) {
        return policy.range(used.action);
    } else {
        return std::nullopt;
    }
}
/// The same for an action without tags, at no particular time.
template <class P>
std::optional<price_range> range_of(const P& policy, std::string_view action) {
    return range_of(policy, usage{.action = action});
}

/// The kinds of tokens that a settle of the usage has to state; none where the policy does not say.
template <class P>
token_kinds token_kinds_of([[maybe_unused]] const P& policy, [[maybe_unused]] const usage& used) {
    if constexpr (requires { policy.kinds(used); }) {
        return policy.kinds(used);
    } else {
        return {};
    }
}

/// What a hold for the usage keeps of its price; nothing where the policy does not say: the hold is
/// then settled by the prices of then.
template <class P>
kept_price kept_price_of([[maybe_unused]] const P& policy, [[maybe_unused]] const usage& used) {
    if constexpr (requires { policy.keep(used); }) {
        return policy.keep(used);
    } else {
        return {};
    }
}

namespace detail {

/// A version made of what a price says.
class price_version {
public:
    explicit price_version(std::string_view model) noexcept { said_.add(model); }

    price_version& add(std::int64_t value) noexcept {
        said_.add(value);
        return *this;
    }
    price_version& add(credits value) noexcept { return add(value.micros()); }
    price_version& add(quantity value) noexcept { return add(value.micros()); }
    price_version& add(rate value) noexcept { return add(value.picos()); }
    price_version& add(rounding mode, int places) noexcept {
        return add(std::int64_t{static_cast<std::uint8_t>(mode)}).add(std::int64_t{places});
    }

    std::uint64_t value() const noexcept {
        const std::uint64_t version = said_.value();
        return version == 0 ? 1 : version;
    }

private:
    digest said_;
};

constexpr bool is_places(int places) noexcept { return places >= 0 && places <= credits::places; }

inline error refusal(error why, const usage& used) noexcept { return why.about(used.action); }

/// Which figure of a usage is negative. Requires: one is.
inline error negative_usage(const usage& used) noexcept {
    error why = errc::invalid_argument;
    if (used.input_tokens < 0) return why.in("input_tokens", "must not be negative");
    if (used.output_tokens < 0) return why.in("output_tokens", "must not be negative");
    if (used.reasoning_tokens < 0) return why.in("reasoning_tokens", "must not be negative");
    if (used.cached_tokens < 0) return why.in("cached_tokens", "must not be negative");
    if (used.cache_write_tokens < 0) return why.in("cache_write_tokens", "must not be negative");
    return why.in("quantity", "must not be negative");
}

inline error malformed_price() noexcept {
    return error{errc::policy_contract}.because("the price of this action is not well formed");
}

/// The units of a usage whose price goes by quantity, or why the model cannot price it. A usage
/// that does not say its quantity is refused: it would pass for one unit.
template <class Model>
result<quantity> measure(const Model& model, const usage& used) noexcept {
    if (used.has_negative()) return negative_usage(used);
    if (!used.quantity) {
        return error{errc::invalid_argument}.in("quantity",
                                                "is missing: this price is by the unit");
    }
    if constexpr (requires { model.places; }) {
        if (!is_places(model.places)) {
            return error{errc::invalid_argument}.in("places", "of this price has to be 0 to 6");
        }
    }
    if (!model.well_formed()) return malformed_price();
    return *used.quantity;
}

/// A price of one line. Made in place: moving a price moves the room of five lines.
inline result<price> priced(credits total, const price_line& line) {
    result<price> answer{price{.total = total}};
    answer->lines.push_back(line);
    return answer;
}

/// A line of so many at a price that may be too high for a rate: then the total stands for it.
inline price_line line_of(std::string_view what, quantity units, credits each,
                          credits total) noexcept {
    price_line line{.what = what, .units = units};
    if (const auto exact = rate::per(each, 1)) {
        line.each = *exact;
    } else {
        line.fixed = total;
    }
    return line;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
