/// Each policy without its type, for plans that are put together at run time: `any_cost` is any
/// cost policy, `any_refill` any refill policy, and so on. Include it where a part of a plan is
/// chosen by a file or a setting; a static plan may have one of them among its parts.
///
/// Each is made from any model of its concept, is a model itself, and copies for the cost of a
/// pointer: copies share one model, which nobody changes. What a static plan must write out has no
/// default here either; what it may leave out is the standard one by default.
#pragma once

#include <coffer/base/detail/shared_model.hpp>
#include <coffer/plan/plan.hpp>

#include <concepts>
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
/// Any cost policy, with the categories, ranges, kinds of tokens and versions that its model knows.
class any_cost {
public:
    template <detail::other_than<any_cost> Policy>
        requires(cost_policy<std::remove_cvref_t<Policy>>)
    any_cost(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    result<coffer::price> price(const usage& used) const { return model_->price(used); }
    std::string_view category(std::string_view action) const { return model_->category(action); }
    std::optional<price_range> range(const usage& used) const { return model_->range(used); }
    token_kinds kinds(const usage& used) const { return model_->kinds(used); }
    kept_price keep(const usage& used) const { return model_->keep(used); }

private:
    struct asked : detail::shared_object {
        virtual result<coffer::price> price(const usage& used) const = 0;
        virtual std::string_view category(std::string_view action) const = 0;
        virtual std::optional<price_range> range(const usage& used) const = 0;
        virtual token_kinds kinds(const usage& used) const = 0;
        virtual kept_price keep(const usage& used) const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        result<coffer::price> price(const usage& used) const override { return policy.price(used); }
        std::string_view category(std::string_view action) const override {
            return category_of(policy, action);
        }
        std::optional<price_range> range(const usage& used) const override {
            return range_of(policy, used);
        }
        token_kinds kinds(const usage& used) const override { return token_kinds_of(policy, used); }
        kept_price keep(const usage& used) const override { return kept_price_of(policy, used); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any refill policy.
class any_refill {
public:
    template <detail::other_than<any_refill> Policy>
        requires(refill_policy<std::remove_cvref_t<Policy>>)
    any_refill(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    timespan cadence() const { return model_->cadence(); }
    credits allowance(const period& begun) const { return model_->allowance(begun); }
    money paid() const { return model_->paid(); }

private:
    struct asked : detail::shared_object {
        virtual timespan cadence() const = 0;
        virtual credits allowance(const period& begun) const = 0;
        virtual money paid() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        timespan cadence() const override { return policy.cadence(); }
        credits allowance(const period& begun) const override { return policy.allowance(begun); }
        money paid() const override { return policy.paid(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any rollover policy, with its terms.
class any_rollover {
public:
    template <detail::other_than<any_rollover> Policy>
        requires(rollover_policy<std::remove_cvref_t<Policy>>)
    any_rollover(Policy&& policy)
        : terms{terms_of(policy)}, model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    rollover_terms terms;

    credits carry(const ended_allowance& ended) const { return model_->carry(ended); }

private:
    struct asked : detail::shared_object {
        virtual credits carry(const ended_allowance& ended) const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        credits carry(const ended_allowance& ended) const override { return policy.carry(ended); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any expiry policy.
class any_expiry {
public:
    template <detail::other_than<any_expiry> Policy>
        requires(expiry_policy<std::remove_cvref_t<Policy>>)
    any_expiry(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    result<lifetime> life(const lot_birth& born) const { return model_->life(born); }

private:
    struct asked : detail::shared_object {
        virtual result<lifetime> life(const lot_birth& born) const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        result<lifetime> life(const lot_birth& born) const override { return policy.life(born); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any refund policy.
class any_refund {
public:
    template <detail::other_than<any_refund> Policy>
        requires(refund_policy<std::remove_cvref_t<Policy>>)
    any_refund(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    result<money> worth(const purchase& bought) const { return model_->worth(bought); }
    bool returns_spent() const noexcept { return model_->returns_spent(); }

private:
    struct asked : detail::shared_object {
        virtual result<money> worth(const purchase& bought) const = 0;
        virtual bool returns_spent() const noexcept = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        result<money> worth(const purchase& bought) const override { return policy.worth(bought); }
        bool returns_spent() const noexcept override { return coffer::returns_spent(policy); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any restore policy; by default `restore::forfeit`.
class any_restore {
public:
    any_restore() : any_restore{restore::forfeit{}} {}
    template <detail::other_than<any_restore> Policy>
        requires(restore_policy<std::remove_cvref_t<Policy>>)
    any_restore(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    timespan grace() const { return model_->grace(); }

private:
    struct asked : detail::shared_object {
        virtual timespan grace() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        timespan grace() const override { return policy.grace(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any overdraft policy.
class any_overdraft {
public:
    template <detail::other_than<any_overdraft> Policy>
        requires(overdraft_policy<std::remove_cvref_t<Policy>>)
    any_overdraft(Policy&& policy)
        : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    overdraft_terms terms() const { return model_->terms(); }

private:
    struct asked : detail::shared_object {
        virtual overdraft_terms terms() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        overdraft_terms terms() const override { return policy.terms(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any access policy.
class any_access {
public:
    template <detail::other_than<any_access> Policy>
        requires(access_policy<std::remove_cvref_t<Policy>>)
    any_access(Policy&& policy)
        : is_open_{detail::is_open_access(policy)},
          model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    /// Whether everybody may do everything.
    bool is_open() const noexcept { return is_open_; }

    bool allows(const access_question& who) const { return model_->allows(who); }

private:
    struct asked : detail::shared_object {
        virtual bool allows(const access_question& who) const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        bool allows(const access_question& who) const override { return policy.allows(who); }
        Policy policy;
    };

    bool is_open_;
    detail::shared_model<asked> model_;
};

template <>
inline constexpr bool detail::is_erased_access<any_access> = true;

/// Any spend order; by default `spend_order::standard`.
class any_spend_order {
public:
    any_spend_order() : any_spend_order{spend_order::standard} {}
    template <detail::other_than<any_spend_order> Policy>
        requires(spend_order_policy<std::remove_cvref_t<Policy>>)
    any_spend_order(Policy&& policy)
        : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    bool before(const burn_candidate& a, const burn_candidate& b) const {
        return model_->before(a, b);
    }
    std::uint64_t fingerprint() const { return model_->fingerprint(); }

private:
    struct asked : detail::shared_object {
        virtual bool before(const burn_candidate& a, const burn_candidate& b) const = 0;
        virtual std::uint64_t fingerprint() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        bool before(const burn_candidate& a, const burn_candidate& b) const override {
            return policy.before(a, b);
        }
        std::uint64_t fingerprint() const override { return policy.fingerprint(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Any claw-back policy; by default `clawback::clamp`.
class any_clawback {
public:
    any_clawback() : any_clawback{clawback::clamp{}} {}
    template <detail::other_than<any_clawback> Policy>
        requires(clawback_policy<std::remove_cvref_t<Policy>>)
    any_clawback(Policy&& policy)
        : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    shortfall of_spent() const { return model_->of_spent(); }

private:
    struct asked : detail::shared_object {
        virtual shortfall of_spent() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        shortfall of_spent() const override { return policy.of_spent(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Whether debt ends with its period, by any policy; by default `debt_at_reset::keep`.
class any_debt_at_reset {
public:
    any_debt_at_reset() : any_debt_at_reset{debt_at_reset::keep{}} {}
    template <detail::other_than<any_debt_at_reset> Policy>
        requires(debt_at_reset_policy<std::remove_cvref_t<Policy>>)
    any_debt_at_reset(Policy&& policy)
        : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    bool drops() const { return model_->drops(); }

private:
    struct asked : detail::shared_object {
        virtual bool drops() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        bool drops() const override { return policy.drops(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Whether a refusal is the last word, by any policy; by default `refusals::retry`.
class any_refusals {
public:
    any_refusals() : any_refusals{refusals::retry{}} {}
    template <detail::other_than<any_refusals> Policy>
        requires(refusals_policy<std::remove_cvref_t<Policy>>)
    any_refusals(Policy&& policy)
        : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    bool stick() const { return model_->stick(); }

private:
    struct asked : detail::shared_object {
        virtual bool stick() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        bool stick() const override { return policy.stick(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Whether what names no member is refused by limits on members, by any policy; by default
/// `unnamed::pass`.
class any_unnamed {
public:
    any_unnamed() : any_unnamed{unnamed::pass{}} {}
    template <detail::other_than<any_unnamed> Policy>
        requires(unnamed_policy<std::remove_cvref_t<Policy>>)
    any_unnamed(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    bool refuses() const { return model_->refuses(); }

private:
    struct asked : detail::shared_object {
        virtual bool refuses() const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        bool refuses() const override { return policy.refuses(); }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

/// Which actions may draw on a bucket: any number of names, of which it keeps copies, or any policy
/// of that kind. Without a name, and by default, every action may.
class any_only {
public:
    any_only() noexcept = default;
    any_only(std::initializer_list<std::string_view> names)
        : any_only{std::vector<std::string>{names.begin(), names.end()}} {}
    any_only(std::vector<std::string> names) {
        if (!names.empty()) model_ = detail::share<asked, of>(list{std::move(names)});
    }
    any_only(const only& few) : any_only{list_of(few)} {}
    template <detail::other_than<any_only> Policy>
        requires(!std::same_as<std::remove_cvref_t<Policy>, only> &&
                 only_policy<std::remove_cvref_t<Policy>>)
    any_only(Policy&& policy) : model_{detail::share<asked, of>(std::forward<Policy>(policy))} {}

    /// Whether nothing is limited.
    bool is_open() const noexcept { return !model_; }

    bool allows(std::string_view action, std::string_view category = {}) const {
        return is_open() || model_->allows(action, category);
    }

private:
    struct list {
        std::vector<std::string> names;

        bool allows(std::string_view action, std::string_view category) const noexcept {
            for (const std::string& name : names) {
                if (detail::is_named(name, action, category)) return true;
            }
            return false;
        }
    };
    static std::vector<std::string> list_of(const only& few) {
        std::vector<std::string> names;
        for (std::string_view name : few.names()) {
            if (!name.empty()) names.emplace_back(name);
        }
        return names;
    }

    struct asked : detail::shared_object {
        virtual bool allows(std::string_view action, std::string_view category) const = 0;
    };
    template <class Policy>
    struct of final : asked {
        explicit of(Policy p) : policy(std::move(p)) {}
        bool allows(std::string_view action, std::string_view category) const override {
            return detail::is_served(policy, action, category);
        }
        Policy policy;
    };

    detail::shared_model<asked> model_;
};

}  // namespace v0
}  // namespace coffer
