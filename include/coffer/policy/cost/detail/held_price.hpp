/// A price by a model of any type: what a row of a price list and a case of a tag hold. Private to
/// coffer.
///
/// Written by hand: a `<variant>` of all models compiles each question to each of them, whether a
/// program has a price of that kind or not.
#pragma once

#include <coffer/base/detail/shared_model.hpp>
#include <coffer/policy/cost/price.hpp>

#include <optional>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Holds a model that copies share. It is a cost policy itself.
class held_price {
public:
    bool well_formed() const noexcept { return model_->well_formed(); }
    result<coffer::price> price(const usage& used) const { return model_->price(used); }
    std::optional<price_range> range(const usage& used) const { return model_->range(used); }
    token_kinds kinds(const usage& used) const { return model_->kinds(used); }
    kept_price keep(const usage& used) const { return model_->keep(used); }

protected:
    template <class Model>
    explicit held_price(Model&& model) : model_{share<asked, of>(std::forward<Model>(model))} {}

private:
    struct asked : shared_object {
        virtual bool well_formed() const noexcept = 0;
        virtual result<coffer::price> price(const usage& used) const = 0;
        virtual std::optional<price_range> range(const usage& used) const = 0;
        virtual token_kinds kinds(const usage& used) const = 0;
        virtual kept_price keep(const usage& used) const = 0;
    };
    template <class Model>
    struct of final : asked {
        explicit of(Model m) : model(std::move(m)) {}
        bool well_formed() const noexcept override { return model.well_formed(); }
        result<coffer::price> price(const usage& used) const override { return model.price(used); }
        std::optional<price_range> range(const usage& used) const override {
            return range_of(model, used);
        }
        token_kinds kinds(const usage& used) const override { return token_kinds_of(model, used); }
        kept_price keep(const usage& used) const override { return kept_price_of(model, used); }
        Model model;
    };

    shared_model<asked> model_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
