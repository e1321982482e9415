/// How a wallet reaches plans: each compiled once into plain data and a few questions, whatever it
/// is made of; one for all its accounts, or for each account the one of its plan id. You need it
/// only to write a wallet of your own.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/attempt.hpp>
#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/recharge.hpp>
#include <coffer/ledger/terms.hpp>
#include <coffer/plan/plan.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// The longest id of a plan.
inline constexpr std::size_t max_plan_id_size = 63;

/// A plan as a wallet sees it: what the ledger knows of it, and what is asked before the ledger.
class compiled_plan : public plan_terms {
public:
    late_events late{};             ///< How far from the clock an event may lie.
    coffer::catalogue catalogue{};  ///< What it sells itself; see `shop_of`.
    bool open_to_all = false;  ///< Whether everybody may do everything: `allows` need not be asked.
    /// Accounts may have limits: the plan's, their customer's, or those of a higher revision.
    bool may_limit = false;

    recharge_terms with_offer(recharge_terms t) const override {
        return coffer::with_offer(std::move(t), catalogue);
    }

    virtual result<coffer::price> price(const usage& used) const = 0;
    virtual std::optional<price_range> range(const usage& used) const = 0;
    /// The category path of an action; empty if it has none.
    virtual std::string_view category(std::string_view action) const = 0;
    /// The kinds of tokens that have a rate.
    virtual token_kinds kinds(const usage& used) const = 0;
    /// What a hold keeps of the price.
    virtual kept_price keep(const usage& used) const = 0;
    virtual bool allows(const access_question& who) const = 0;

protected:
    compiled_plan() = default;
    ~compiled_plan() = default;
};

namespace detail {

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

/// What a plan says of one of its buckets.
template <class Policies>
bucket_terms terms_of_bucket(std::string_view name, const Policies& policies) {
    return {.bucket = bucket_id::of(name),
            .cadence = policies.refill.cadence(),
            .price = policies.refill.paid(),
            .rollover = terms_of(policies.rollover),
            .grace = grace_of(policies),
            .returns_spent = returns_spent(policies.refund)};
}

/// `P`, compiled. The plan stays as it is given.
template <class P>
class compiled final : public compiled_plan {
public:
    explicit compiled(P given) : plan{std::move(given)} {
        for_each_bucket(plan, [&](std::string_view name, const auto& policies) {
            buckets.push_back(terms_of_bucket(name, policies));
            ids_.push_back(buckets.back().bucket);
        });
        overdraft = plan.overdraft.terms();
        of_spent = shortfall_of(plan);
        drops_debt = detail::drops_debt(plan);
        refusals_stick = detail::refusals_stick(plan);
        zone = default_zone_of(plan);
        alerts = alerts_of(plan);
        limits = limits_of(plan);
        refuses_unnamed = detail::refuses_unnamed(plan);
        recharge = recharge_of(plan);
        choices = choices_of(plan);
        revision = revision_of(plan);
        rules = fingerprint_of(choices, revision);
        // With revisions, the rules stand in the account, and what it buys by itself with them.
        if (revision > 0) rules ^= fingerprint_of(recharge);
        burn = burn_fingerprint(plan);
        order = burn ^ fingerprint_of(alerts) ^ fingerprint_of(limits) ^ rules;
        if (revision == 0) order ^= fingerprint_of(recharge);
        may_limit =
            !limits.empty() || choices.limits > 0 || choices.defaults.says_limits || revision > 0;
        late = late_of(plan);
        catalogue = catalogue_of(plan);
        if (recharge) recharge = coffer::with_offer(*recharge, catalogue);
        const subscription_rules of_subscription = subscription_of(plan);
        how = of_subscription.upgrades;
        payment_grace = of_subscription.grace;
        locks_when_ended = of_subscription.purchases == after_end::locked;
        open_to_all = is_open_access(plan.access);
    }

    const P plan;

    credits allowance(std::size_t bucket, const period& begun) const override {
        return ask<credits>(bucket, [&](const auto& b) { return b.refill.allowance(begun); });
    }
    credits carry(std::size_t bucket, const ended_allowance& ended) const override {
        return ask<credits>(bucket, [&](const auto& b) { return b.rollover.carry(ended); });
    }
    result<lifetime> life(std::size_t bucket, const lot_birth& born) const override {
        return ask<result<lifetime>>(bucket, [&](const auto& b) { return b.expiry.life(born); });
    }
    result<money> worth(std::size_t bucket, const purchase& bought) const override {
        return ask<result<money>>(bucket, [&](const auto& b) { return b.refund.worth(bought); });
    }
    bool before(const burn_candidate& a, const burn_candidate& b) const override {
        return order_of(plan).before(a, b);
    }
    bucket_filter filter(std::string_view action) const override {
        return filter_for(plan, action, &ids_);
    }
    result<coffer::price> price(const usage& used) const override { return plan.cost.price(used); }
    std::optional<price_range> range(const usage& used) const override {
        return range_of(plan.cost, used);
    }
    std::string_view category(std::string_view action) const override {
        return category_of(plan.cost, action);
    }
    token_kinds kinds(const usage& used) const override { return token_kinds_of(plan.cost, used); }
    kept_price keep(const usage& used) const override { return kept_price_of(plan.cost, used); }
    bool allows(const access_question& who) const override { return plan.access.allows(who); }

private:
    template <class Answer, class F>
    Answer ask(std::size_t bucket, F&& f) const {
        std::optional<Answer> answer;
        std::size_t at = 0;
        for_each_bucket(plan, [&](std::string_view, const auto& policies) {
            if (at++ == bucket) answer.emplace(f(policies));
        });
        return *answer;
    }

    std::vector<bucket_id> ids_;
};

}  // namespace detail

/// A plan that was found, and is kept as long as this lives.
class plan_ref {
public:
    explicit plan_ref(const compiled_plan& found, std::shared_ptr<const void> kept = {}) noexcept
        : plan_{&found}, kept_{std::move(kept)} {}

    const compiled_plan& operator*() const noexcept { return *plan_; }
    const compiled_plan* operator->() const noexcept { return plan_; }

private:
    const compiled_plan* plan_;
    std::shared_ptr<const void> kept_;
};

/// Where a wallet finds the plans of its accounts.
class plan_source {
public:
    plan_source(const plan_source&) = delete;
    plan_source& operator=(const plan_source&) = delete;

    /// The plan of that id; an empty id is the default plan. Where one plan holds for all accounts
    /// it is that, whatever the id. Errors: `unknown_plan` about the id.
    virtual result<plan_ref> find(std::string_view id) const = 0;

    /// The plan that holds for all accounts; null where each account has its own.
    const compiled_plan* only() const noexcept { return only_; }

    /// The id of the plan of accounts that have none; empty where one plan holds for all.
    virtual std::string default_id() const { return {}; }
    /// What is for sale to accounts of plans that sell nothing themselves; null for nothing.
    virtual std::shared_ptr<const catalogue> shop() const { return nullptr; }

protected:
    explicit plan_source(const compiled_plan* only) noexcept : only_{only} {}
    ~plan_source() = default;

private:
    const compiled_plan* only_;
};

/// Where accounts of a plan buy, and the plan's id by which they are known there.
struct plan_shop {
    const catalogue* sells = nullptr;  ///< Null for nothing. It lasts as long as this and the plan.
    std::string plan{};
    std::shared_ptr<const catalogue> kept{};
};

/// What is for sale to accounts of a plan: its own catalogue, else that of the set or the book.
/// `id`: the plan's, as the account has it.
inline plan_shop shop_of(const plan_source& plans, const compiled_plan& plan, std::string_view id) {
    plan_shop found{.plan = id.empty() ? plans.default_id() : std::string{id}};
    if (plan.catalogue.empty()) found.kept = plans.shop();
    found.sells = plan.catalogue.empty() ? found.kept.get() : &plan.catalogue;
    return found;
}

namespace detail {

/// The plans that an operation has found in a source beside the first.
class found_plans final : public plan_shelf {
public:
    /// `instead`: the plan that holds where one is unknown; empty for none. Both outlive this.
    explicit found_plans(const plan_source& plans, std::string_view instead = {}) noexcept
        : plans_{plans}, instead_{instead} {}

    result<const plan_terms*> find(std::string_view id) override {
        for (const found* f = found_.get(); f; f = f->next.get()) {
            if (f->id == id) return &*f->plan;
        }
        result<plan_ref> plan = plans_.find(id);
        if (!plan && !instead_.empty()) plan = plans_.find(instead_);
        if (!plan) return plan.error();
        found_ =
            std::make_unique<found>(found{std::string{id}, *std::move(plan), std::move(found_)});
        return &*found_->plan;
    }
    recharge_terms with_offer(const plan_terms& plan, recharge_terms t,
                              std::string_view id) const override {
        const plan_shop shop = shop_of(plans_, static_cast<const compiled_plan&>(plan), id);
        return shop.sells ? coffer::with_offer(std::move(t), *shop.sells, shop.plan) : t;
    }
    /// The plan by which the account is decided by now; `first` was that when it was opened.
    /// Requires: the attempt's shelf, where it has one, is such.
    static const compiled_plan& plan_now(const attempt& s, const compiled_plan& first) noexcept {
        return s.shelf ? static_cast<const found_plans*>(s.shelf)->found_now(s, first) : first;
    }

private:
    struct found {
        std::string id;
        plan_ref plan;
        std::unique_ptr<found> next;
    };

    const compiled_plan& found_now(const attempt& s, const compiled_plan& first) const noexcept {
        if (s.opened.rest->plan == s.state.rest->plan) return first;
        for (const found* f = found_.get(); f; f = f->next.get()) {
            if (s.state.rest->plan == f->id) return *f->plan;
        }
        return first;
    }

    const plan_source& plans_;
    std::string_view instead_;
    std::unique_ptr<found> found_;  // the last one, and those before it
};

/// The plans that `wallets` is given: one plan.
template <class P>
class plans_of final : public plan_source {
public:
    explicit plans_of(P plan) : plan_source{&compiled_}, compiled_{std::move(plan)} {}

    const P& plans() const noexcept { return compiled_.plan; }
    result<plan_ref> find(std::string_view) const override { return plan_ref{compiled_}; }

private:
    compiled<P> compiled_;
};

/// The same for a set or a book.
template <class P>
    requires chooses_by_account<P>
class plans_of<P> final : public plan_source {
public:
    explicit plans_of(P plans) : plan_source{nullptr}, plans_{std::move(plans)} {}

    const P& plans() const noexcept { return plans_; }
    result<plan_ref> find(std::string_view id) const override { return plans_.find_compiled(id); }

protected:
    std::string default_id() const override { return std::string{plans_.default_plan()}; }
    std::shared_ptr<const catalogue> shop() const override { return plans_.shop(); }

private:
    P plans_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
