#include "price.hpp"

#include <algorithm>
#include <iterator>

namespace model {

namespace {

constexpr wide one_unit = 1'000'000;

big power_of_ten(int exponent) {
    big power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

/// The fraction numerator / denominator (both not negative) as a whole number.
big round(big const& numerator, big const& denominator, rounding mode) {
    big whole = numerator / denominator;
    big rest = numerator % denominator;
    bool odd = whole % 2 != 0;
    bool upwards = false;
    switch (mode) {
        case rounding::up: upwards = rest > 0; break;
        case rounding::down: break;
        case rounding::half_up: upwards = 2 * rest >= denominator; break;
        case rounding::half_even:
            upwards = 2 * rest > denominator || (2 * rest == denominator && odd);
            break;
    }
    return upwards ? whole + 1 : whole;
}

/// Credits as an exact fraction of millionths.
struct fraction {
    big numerator = 0;
    big denominator = 1;
};

fraction flat_cost(price const& rule, wide quantity) {
    return {big(rule.flat) * quantity, one_unit};
}

void raise_to(fraction& cost, std::optional<wide> const& least) {
    if (least && cost.numerator < big(*least) * cost.denominator) cost = {*least, 1};
}

fraction rate_cost(price const& rule, wide quantity) {
    big counted = quantity;
    if (rule.increment) {
        counted = round(counted, *rule.increment, rounding::up) * *rule.increment;
    }
    fraction cost{big(rule.rate) * counted, big(rule.per) * one_unit};
    raise_to(cost, rule.minimum);
    if (quantity > 0) raise_to(cost, rule.minimum_if_used);
    return cost;
}

fraction rates_cost(price const& rule, std::map<std::string, wide> const& usage) {
    big cost = 0;
    for (auto const& [kind, count] : usage) {
        auto rate = rule.rates.find(kind);
        if (rate != rule.rates.end()) cost += big(rate->second) * count;
    }
    return {cost, one_unit};
}

fraction graduated_cost(price const& rule, wide quantity) {
    big rated = 0;
    big flats = 0;
    wide lower = 0;
    for (std::size_t i = 0; i < rule.tiers.size(); ++i) {
        tier const& t = rule.tiers[i];
        if (i > 0 && quantity <= lower) break;
        wide upper = t.up_to && *t.up_to < quantity ? *t.up_to : quantity;
        rated += big(t.rate) * (upper - lower);
        flats += t.flat;
        if (t.up_to) lower = *t.up_to;
    }
    return {rated + flats * one_unit * one_unit, big(one_unit) * one_unit};
}

fraction volume_cost(price const& rule, wide quantity) {
    for (tier const& t : rule.tiers) {
        if (t.up_to && quantity > *t.up_to) continue;
        return {big(t.rate) * quantity + big(t.flat) * one_unit * one_unit,
                big(one_unit) * one_unit};
    }
    return {};
}

fraction package_cost(price const& rule, wide quantity) {
    wide paid = quantity > rule.free ? quantity - rule.free : 0;
    return {round(paid, rule.size, rounding::up) * rule.flat, 1};
}

fraction exact_cost(price const& rule, measure const& used) {
    switch (rule.kind) {
        case price::form::flat: return flat_cost(rule, used.quantity.value_or(one_unit));
        case price::form::rate: return rate_cost(rule, *used.quantity);
        case price::form::range: return {*used.amount, 1};
        case price::form::rates:
            return rates_cost(rule, used.usage.value_or(std::map<std::string, wide>{}));
        case price::form::graduated: return graduated_cost(rule, *used.quantity);
        case price::form::volume: return volume_cost(rule, *used.quantity);
        case price::form::package: return package_cost(rule, *used.quantity);
    }
    return {};
}

bool is_outside(price const& rule, measure const& used) {
    return rule.kind == price::form::range && (*used.amount < rule.low || *used.amount > rule.high);
}

bool is_answered_by(price const& rule, measure const& used) {
    if (used.stated() > 1) return false;
    switch (rule.kind) {
        case price::form::flat: return !used.amount;  // whatever the tokens
        case price::form::range: return used.amount.has_value();
        case price::form::rates: return !used.quantity && !used.amount;  // no tokens cost nothing
        default: return used.quantity.has_value();
    }
}

}  // namespace

bool is_token_kind(std::string const& name) {
    return std::find(std::begin(token_kinds), std::end(token_kinds), name) != std::end(token_kinds);
}

wide cost_of(price const& rule, measure const& used, faults& wrong) {
    if (!is_answered_by(rule, used)) {
        wrong.add(errc::invalid_argument);
        return 0;
    }
    if (!used.sound) return 0;
    if (is_outside(rule, used)) {
        wrong.add(errc::invalid_argument);
        return 0;
    }
    fraction cost = exact_cost(rule, used);
    big step = power_of_ten(amount_places - rule.places);
    big rounded = round(cost.numerator, cost.denominator * step, rule.mode) * step;
    if (rounded > big(largest)) {
        wrong.add(errc::amount_overflow);
        return 0;
    }
    return static_cast<wide>(rounded);
}

}  // namespace model
