/// A price that depends on the tags of a usage: the same action made by a person, through an
/// interface or in a batch.
#pragma once

#include <coffer/policy/cost/simple.hpp>
#include <coffer/policy/cost/tiers.hpp>
#include <coffer/policy/cost/tokens.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace cost {

/// Any one of the models that price by figures: what a tag can choose. There is none by default;
/// what is free is said to be `free`.
class simple_price {
    using models = std::variant<free, flat, per_unit, tokens, between, graduated, volume, package>;

public:
    template <class Model>
        requires(!std::same_as<std::remove_cvref_t<Model>, simple_price> &&
                 std::constructible_from<models, Model>)
    simple_price(Model&& model)
        : model_{std::make_shared<const models>(std::forward<Model>(model))} {}
    // Copies share the model, and without a move none is ever left without one.
    simple_price(const simple_price&) noexcept = default;
    simple_price& operator=(const simple_price&) noexcept = default;
    ~simple_price() = default;

    bool well_formed() const noexcept {
        return std::visit([](const auto& model) { return model.well_formed(); }, *model_);
    }
    result<coffer::price> price(const usage& used) const {
        return std::visit([&](const auto& model) { return model.price(used); }, *model_);
    }
    std::optional<price_range> range(const usage& used) const {
        return std::visit([&](const auto& model) { return range_of(model, used); }, *model_);
    }
    token_kinds kinds(const usage& used) const {
        return std::visit([&](const auto& model) { return token_kinds_of(model, used); }, *model_);
    }

private:
    std::shared_ptr<const models> model_;  // on the heap: a row of a table stays small
};

/// What a usage with this tag costs.
struct tag_price {
    std::string tag;
    simple_price price;
};

/// Prices by tag: the first case whose tag the usage has, else `otherwise`.
struct by_tag {
    std::vector<tag_price> cases{};
    simple_price otherwise;

    /// Besides the models: a tag that no usage can have never applies.
    bool well_formed() const noexcept {
        for (const tag_price& c : cases) {
            const bool can_stand = !c.tag.empty() && c.tag.find(',') == std::string::npos;
            if (!can_stand || !c.price.well_formed()) return false;
        }
        return otherwise.well_formed();
    }
    result<coffer::price> price(const usage& used) const { return chosen_by(used).price(used); }
    std::optional<price_range> range(const usage& used) const {
        return chosen_by(used).range(used);
    }
    token_kinds kinds(const usage& used) const { return chosen_by(used).kinds(used); }

private:
    const simple_price& chosen_by(const usage& used) const noexcept {
        for (const tag_price& c : cases) {
            if (has_tag(used.tags, c.tag)) return c.price;
        }
        return otherwise;
    }
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
