/// The scenario verb `change_plan` as requests of the library: plans with other allowances, in a
/// book of their own. You need it only to write a runner of your own; `scenario.hpp` has one.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/account.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/policy/cost/live.hpp>
#include <coffer/policy/refill.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The verb `change_plan`: allowances by the names of their buckets.
struct allowance_request {
    std::vector<std::pair<std::string_view, credits>> allowances{};
    coffer::at when = coffer::at::once;
    upgrade how = upgrade::difference;
};

/// One request of the library to which a change comes.
struct book_change {
    std::string plan{};
    coffer::at when = coffer::at::once;
};

/// What a change said, for comparing.
inline std::string text_of(const allowance_request& r) {
    std::string text =
        std::to_string(static_cast<int>(r.when)) + ' ' + std::to_string(static_cast<int>(r.how));
    for (const auto& [name, amount] : r.allowances) {
        text.append(1, ' ').append(name).append(1, '=').append(to_string(amount).view());
    }
    return text;
}

/// What a change comes to: none but `keep` if it only cancels, and no add-on would be kept by that.
struct allowance_plan {
    std::vector<book_change> changes{};
    std::vector<credits> waits{};  ///< What waits after it, by the plan's buckets.
};

/// What a change with an id said, and what it came to.
struct told_change {
    std::string said{};
    allowance_plan comes_to{};
    bool noted = false;  ///< It was done, and what waits is known.
};

/// Knows a scenario's plan and those that differ from it in their allowances.
class allowance_book {
public:
    explicit allowance_book(any_plan plan) : prices_{plan.cost}, plan_{std::move(plan)} {
        plan_.cost = prices_;
        if (book_.add("plan", plan_)) static_cast<void>(book_.set_default("plan"));
        waits_.resize(plan_.buckets.size());
    }

    const any_plan& plan() const noexcept { return plan_; }
    const plan_book& plans() const noexcept { return book_; }

    /// Other prices from now on, in all plans of the book.
    void reprice(any_cost prices) const { prices_.replace(std::move(prices)); }

    /// How a change is carried out on an account that is up to date.
    /// Errors: `unknown_bucket`, `invalid_argument`.
    result<allowance_plan> find(const account& a, const allowance_request& r) {
        if (auto sound = check(a, r); !sound) return sound.error();
        std::vector<credits> before(plan_.buckets.size());
        std::vector<credits> now;
        std::vector<credits> then;
        for (std::size_t i = 0; i < before.size(); ++i) {
            if (const cycle* c = running(a, i)) before[i] = of_plan(a, *c);
        }
        now = then = before;
        for (std::size_t i = 0; i < before.size(); ++i) {
            const cycle* c = running(a, i);
            if (c && waits_[i].any && waits_[i].index == c->index) then[i] = waits_[i].amount;
        }
        for (const auto& [name, amount] : r.allowances) {
            const std::size_t i = *place_of(name);
            then[i] = amount;
            if (r.when == at::once && amount > before[i]) now[i] = amount;
        }
        const std::vector<add_on>& added = a.rest->subscription->add_ons;
        const bool keeps =
            std::none_of(added.begin(), added.end(), [](const add_on& one) { return one.changes; });
        if (then == before && keeps) return allowance_plan{{}, then};
        return allowance_plan{requests_for(before, now, then), then};
    }
    /// Takes note of what waits after a change that was accepted.
    void note(const account& a, const std::vector<credits>& then) {
        for (std::size_t i = 0; i < then.size(); ++i) {
            const cycle* c = running(a, i);
            waits_[i] = {};
            if (c && then[i] != of_plan(a, *c)) waits_[i] = {true, c->index, then[i]};
        }
    }
    void forget() { std::fill(waits_.begin(), waits_.end(), waiting{}); }

private:
    struct waiting {
        bool any = false;
        std::uint32_t index = 0;
        credits amount{};
    };

    std::optional<std::size_t> place_of(std::string_view name) const {
        for (std::size_t i = 0; i < plan_.buckets.size(); ++i) {
            if (plan_.buckets[i].name == name) return i;
        }
        return std::nullopt;
    }
    /// The running period of a bucket that the plan refills.
    const cycle* running(const account& a, std::size_t i) const {
        if (plan_.buckets[i].refill.cadence().is_zero()) return nullptr;
        const cycle* c = find_cycle(a, bucket_id::of(plan_.buckets[i].name));
        return c && c->until != never ? c : nullptr;
    }
    /// What of a period's allowance is not its add-on's.
    static credits of_plan(const account& a, const cycle& c) {
        const add_on* more = find_about(a.rest->subscription->add_ons, c.bucket);
        if (!more) return c.allowance;
        return credits::from_micros(c.allowance.micros() - more->allowance.micros());
    }
    result<void> check(const account& a, const allowance_request& r) const {
        bool sensible =
            status_of(a) != subscription_status::none && status_of(a) != subscription_status::ended;
        for (const auto& [name, amount] : r.allowances) {
            const auto place = place_of(name);
            if (!place) return errc::unknown_bucket;
            const bool refills = !plan_.buckets[*place].refill.cadence().is_zero();
            sensible = sensible && refills && !amount.is_negative();
        }
        return sensible ? result<void>{} : result<void>{errc::invalid_argument};
    }

    std::vector<book_change> requests_for(const std::vector<credits>& before,
                                          const std::vector<credits>& now,
                                          const std::vector<credits>& then) {
        bool only_lower_waits = true;
        for (std::size_t i = 0; i < now.size(); ++i) {
            only_lower_waits = only_lower_waits && then[i] <= now[i];
        }
        if (only_lower_waits) return {{plan_with(then), at::once}};
        if (now == before) return {{plan_with(then), at::period_end}};
        return {{plan_with(now), at::once}, {plan_with(then), at::period_end}};
    }

    /// The id of the plan that has these allowances.
    std::string plan_with(const std::vector<credits>& allowances) {
        const auto known = ids_.find(allowances_of(allowances));
        if (known != ids_.end()) return known->second;
        any_plan other = plan_;
        for (std::size_t i = 0; i < allowances.size(); ++i) {
            const any_refill& own = plan_.buckets[i].refill;
            if (own.cadence().is_zero()) continue;
            other.buckets[i].refill = refill::every{
                .length = own.cadence(), .amount = allowances[i], .price = own.paid()};
        }
        std::string id = "allowances-" + std::to_string(book_.ids().size());
        static_cast<void>(book_.add(id, std::move(other)));
        ids_.emplace(allowances_of(allowances), id);
        return id;
    }
    static std::vector<std::int64_t> allowances_of(const std::vector<credits>& amounts) {
        std::vector<std::int64_t> key;
        key.reserve(amounts.size());
        for (credits c : amounts) key.push_back(c.micros());
        return key;
    }

    cost::live<any_cost> prices_;
    any_plan plan_;
    plan_book book_;
    std::vector<waiting> waits_;
    std::map<std::vector<std::int64_t>, std::string> ids_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
