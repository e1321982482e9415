/// Reads what actions cost, as a plan file says it in `costs`. `io/plan_file.hpp` brings it.
#pragma once

#include <coffer/io/detail/catalogue_reader.hpp>
#include <coffer/io/json_reader.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/policy/cost/cost.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// The longest category path of an action.
inline constexpr std::size_t max_category_size = 95;

namespace detail {

class cost_reader : public catalogue_reader {
protected:
    cost_table costs(const json_place& at) {
        cost_table table;
        for (const auto& [action, p] : members(at)) {
            if (action.empty() || action.size() > max_action_size) {
                fail(p, "an action's name has 1 to 63 bytes");
            }
            std::string_view category;
            action_price price = cost::free{};
            if (p.is_text()) {
                price = fixed(p);
            } else if (object(p, {"rate", "per", "minimum", "minimum_if_used", "increment",
                                  "rounding", "places", "range", "price", "rates", "graduated",
                                  "volume", "package", "category"})) {
                if (const auto c = p["category"]) category = name(c, max_category_size);
                price = price_of_action(p);
            }
            table.set(action, std::move(price), category);
        }
        return table;
    }

    /// Whether it has exactly one of these keys.
    bool one_of(const json_place& at, std::initializer_list<std::string_view> keys) {
        std::string known;
        std::size_t found = 0;
        for (std::string_view key : keys) {
            known += (known.empty() ? "" : ", ") + std::string{key};
            if (at[key]) ++found;
        }
        if (found != 1) fail(at, "has exactly one of " + known);
        return found == 1;
    }

    coffer::rate rate_of(const json_place& at) { return not_negative(at, rate(at)); }

private:
    action_price fixed(const json_place& at) {
        const credits each = credit(at);
        if (each.is_zero()) return cost::free{};
        return cost::flat{each};
    }

    action_price price_of_action(const json_place& at) {
        if (!one_of(at, {"rate", "range", "price", "rates", "graduated", "volume", "package"})) {
            return cost::free{};
        }
        if (at["rate"]) return per_unit(at);
        for (std::string_view key :
             {"per", "minimum", "minimum_if_used", "increment", "rounding", "places"}) {
            if (const auto p = at[key]) fail(p, "belongs to a 'rate'");
        }
        if (const auto p = at["range"]) return range(p);
        if (const auto p = at["price"]) return fixed(p);
        if (const auto p = at["rates"]) return tokens(p);
        if (const auto p = at["graduated"]) return sound(p, cost::graduated{.tiers = tiers(p)});
        if (const auto p = at["volume"]) return sound(p, cost::volume{.tiers = tiers(p)});
        return package(at["package"]);
    }

    cost::per_unit per_unit(const json_place& at) {
        cost::per_unit model{.each = rate_of(at["rate"])};
        if (const auto p = at["per"]) model.per = units(p);
        if (const auto p = at["minimum"]) model.minimum = credit(p);
        if (const auto p = at["minimum_if_used"]) model.minimum_if_used = credit(p);
        if (const auto p = at["increment"]) model.increment = not_negative(p, quantity(p));
        if (const auto p = at["rounding"]) {
            model.mode = choice<rounding>(p, {{"up", rounding::up},
                                              {"down", rounding::down},
                                              {"half_up", rounding::half_up},
                                              {"half_even", rounding::half_even}});
        }
        if (const auto p = at["places"]) {
            model.places = static_cast<int>(count(p, 0, credits::places));
        }
        return model;
    }

    /// How many units a rate is for: "minute", "1 minute", "1000 tokens".
    coffer::quantity units(const json_place& at) {
        const std::string_view found = name(at, 63);
        if (!at.is_text() || found.empty()) return one_unit;
        if (!is_digit(found.front()) && found.front() != '-') return one_unit;
        const std::size_t space = found.find(' ');
        const auto number = coffer::quantity::parse(found.substr(0, space));
        const bool has_unit =
            space != found.npos && found.find_first_not_of(' ', space) != found.npos;
        if (number == errc::amount_overflow) {
            fail(at, quoted(found) + " does not fit", errc::amount_overflow);
        } else if (!number || !number->is_positive() || !has_unit) {
            fail(at, quoted(found) + " is no number of units, such as 1 minute or 1000 tokens");
        }
        return number.value_or(one_unit);
    }

    action_price range(const json_place& at) {
        const std::vector<json_place> bounds = elements(at);
        if (bounds.size() != 2) {
            fail(at, "has two amounts, the lowest and the highest");
            return cost::free{};
        }
        return sound(at, cost::between{.least = credit(bounds[0]), .most = credit(bounds[1])});
    }

    action_price tokens(const json_place& at) {
        cost::tokens model;
        if (!object(at, token_names)) return model;
        for (const token_rate_field& field : token_rate_fields) {
            if (const auto p = at[to_string(field.kind)]) model.rates.*field.each = rate_of(p);
        }
        return model;
    }

    std::vector<cost::tier> tiers(const json_place& at) {
        std::vector<cost::tier> all;
        for (const json_place& each : elements(at)) {
            cost::tier t;
            if (object(each, {"up_to", "rate", "flat"})) {
                if (const auto p = each["up_to"]) t.up_to = not_negative(p, quantity(p));
                t.each = rate_of(need(each, "rate"));
                if (const auto p = each["flat"]) t.flat = credit(p);
            }
            all.push_back(t);
        }
        return all;
    }

    action_price package(const json_place& at) {
        cost::package model{.size = one_unit};
        if (!object(at, {"size", "price", "free"})) return model;
        model.size = quantity(need(at, "size"));
        model.each = credit(need(at, "price"));
        if (const auto p = at["free"]) model.free = not_negative(p, quantity(p));
        return sound(at, model);
    }

    /// Refuses a price that makes no sense as a whole.
    template <class Model>
    action_price sound(const json_place& at, Model model) {
        if (good() && !model.well_formed()) {
            if constexpr (requires { model.tiers; }) {
                fail(at, "its bounds have to rise; the last tier, and no other, has none");
            } else if constexpr (requires { model.least; }) {
                fail(at, "the lowest amount is above the highest");
            } else {
                fail(at, "its size is not positive");
            }
        }
        return model;
    }
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
