/// An open choice of plans: each account has one of them, by its id, and plans come and go while
/// the program runs. Include it where the plans that you sell stand in files or in a database.
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/compiled.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// Plans by their ids. A copy is the same book: what is added to one is in all of them.
///
/// Guarantees: everything may be called from any thread at any time; a plan that was found stays
/// as it is for who found it, also when it is replaced or removed.
class plan_book {
public:
    plan_book() : shared_{std::make_shared<shelf>()} {}
    plan_book(const plan_book&) noexcept = default;
    plan_book& operator=(const plan_book&) noexcept = default;
    ~plan_book() = default;

    /// Adds a plan under an id of 1 to 63 bytes, which is what journals remember.
    /// Errors: those of `any_plan::check`; `invalid_argument` for an id that is there or no id.
    result<void, plan_error> add(std::string_view id, any_plan plan) {
        return put(id, std::move(plan), false);
    }
    /// Replaces the plan of an id; accounts that have it follow the new one from their next
    /// operation on. Errors: those of `any_plan::check`; `unknown_plan`.
    result<void, plan_error> replace(std::string_view id, any_plan plan) {
        return put(id, std::move(plan), true);
    }
    /// Removes a plan. Accounts that have it are answered with `unknown_plan` until they get
    /// another, or it is added again. Errors: `unknown_plan`; `invalid_argument` for the default.
    result<void, plan_error> remove(std::string_view id) {
        std::lock_guard lock{shared_->changing};
        const auto at = shared_->place_of(id);
        if (!shared_->is_at(at, id)) return unknown(id);
        if (id == shared_->default_id) {
            return plan_error{errc::invalid_argument, std::string{id},
                              "the default plan cannot be removed"};
        }
        shared_->plans.erase(at);
        return {};
    }
    /// Names the plan of accounts that have none; before, there is none. Errors: `unknown_plan`.
    result<void, plan_error> set_default(std::string_view id) {
        std::lock_guard lock{shared_->changing};
        if (!shared_->is_at(shared_->place_of(id), id)) return unknown(id);
        shared_->default_id = id;
        return {};
    }

    /// Replaces what is for sale to accounts of plans that sell nothing themselves.
    /// Errors: those of `check_catalogue`.
    result<void, plan_error> sell(catalogue packs) {
        if (auto sound = check_catalogue(packs); !sound) return sound;
        auto fresh = std::make_shared<const catalogue>(std::move(packs));
        std::lock_guard lock{shared_->changing};
        shared_->shop.swap(fresh);
        return {};
    }
    /// What the book sells; null for nothing.
    std::shared_ptr<const catalogue> shop() const {
        std::shared_lock lock{shared_->changing};
        return shared_->shop;
    }

    /// The plan of that id, or none. An empty id is the default plan.
    std::shared_ptr<const any_plan> find(std::string_view id) const {
        std::shared_ptr<const compiled> found = find_shared(id);
        if (!found) return nullptr;
        return {found, &found->plan};
    }
    bool contains(std::string_view id) const { return !id.empty() && find_shared(id) != nullptr; }
    /// The id of the default plan, empty while there is none.
    std::string default_plan() const {
        std::shared_lock lock{shared_->changing};
        return shared_->default_id;
    }
    /// All ids in alphabetical order.
    std::vector<std::string> ids() const {
        std::vector<std::string> all;
        std::shared_lock lock{shared_->changing};
        for (const listed& each : shared_->plans) all.push_back(each.id);
        return all;
    }

    static consteval bool check_plans() { return true; }

    /// `f(const any_plan&)` with the plan of that id; an empty id is the default plan. What `f`
    /// returns comes back as a result. Errors: those of `f`; `unknown_plan` about the id.
    template <class F>
    auto visit(std::string_view id, F&& f) const {
        using answer = decltype(detail::as_result(f, std::declval<const any_plan&>()));
        const std::shared_ptr<const compiled> found = find_shared(id);
        if (!found) return answer{error{errc::unknown_plan}.about(id)};
        return detail::as_result(std::forward<F>(f), found->plan);
    }

    /// The plan of that id, compiled: for wallets. Errors: `unknown_plan` about the id.
    result<plan_ref> find_compiled(std::string_view id) const {
        std::shared_ptr<const compiled> found = find_shared(id);
        if (!found) return error{errc::unknown_plan}.about(id);
        const compiled_plan& plan = *found;
        return plan_ref{plan, std::move(found)};
    }

private:
    using compiled = detail::compiled<any_plan>;

    struct listed {
        std::string id;
        std::shared_ptr<const compiled> plan;
    };

    struct shelf {
        mutable std::shared_mutex changing;
        std::vector<listed> plans;  // by their ids
        std::string default_id;
        std::shared_ptr<const catalogue> shop;

        /// Where the plan of that id stands, or would.
        std::vector<listed>::iterator place_of(std::string_view id) {
            return std::lower_bound(
                plans.begin(), plans.end(), id,
                [](const listed& known, std::string_view wanted) { return known.id < wanted; });
        }
        bool is_at(std::vector<listed>::iterator at, std::string_view id) const {
            return at != plans.end() && at->id == id;
        }
    };

    static plan_error unknown(std::string_view id) {
        return {errc::unknown_plan, std::string{id}, "there is no plan of this id"};
    }

    std::shared_ptr<const compiled> find_shared(std::string_view id) const {
        std::shared_lock lock{shared_->changing};
        if (id.empty()) id = shared_->default_id;
        const auto at = shared_->place_of(id);
        return shared_->is_at(at, id) ? at->plan : nullptr;
    }

    result<void, plan_error> put(std::string_view id, any_plan plan, bool known) {
        if (id.empty() || id.size() > max_plan_id_size) {
            return plan_error{errc::invalid_argument, std::string{id},
                              "a plan's id has 1 to 63 bytes"};
        }
        if (auto sound = plan.check(id); !sound) return sound;
        auto fresh = std::make_shared<const compiled>(std::move(plan));
        std::lock_guard lock{shared_->changing};
        const auto at = shared_->place_of(id);
        const bool is_there = shared_->is_at(at, id);
        if (known) {
            if (!is_there) return unknown(id);
            at->plan.swap(fresh);
        } else {
            if (is_there) {
                return plan_error{errc::invalid_argument, std::string{id},
                                  "there is a plan of this id: replace it"};
            }
            shared_->plans.insert(at, listed{std::string{id}, std::move(fresh)});
        }
        return {};
    }

    std::shared_ptr<shelf> shared_;
};

namespace detail {

template <>
inline constexpr bool chooses_by_account<plan_book> = true;

}  // namespace detail
}  // namespace v0
}  // namespace coffer
