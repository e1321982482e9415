/// A price that depends on the tags of a usage: the same action made by a person, through an
/// interface or in a batch.
#pragma once

#include <coffer/amount/detail/wide.hpp>
#include <coffer/policy/cost/detail/held_price.hpp>
#include <coffer/policy/cost/simple.hpp>
#include <coffer/policy/cost/tiers.hpp>
#include <coffer/policy/cost/tokens.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace cost {

/// Any one of the models that price by figures: what a tag can choose. There is none by default;
/// what is free is said to be `free`.
class simple_price : public detail::held_price {
public:
    template <class Model>
        requires(detail::one_of<std::remove_cvref_t<Model>, free, flat, per_unit, tokens, between,
                                graduated, volume, package>)
    simple_price(Model&& model) : held_price{std::forward<Model>(model)} {}
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
    kept_price keep(const usage& used) const { return chosen_by(used).keep(used); }

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
