/// A price list that is replaced while charges run.
#pragma once

#include <coffer/base/detail/spin_lock.hpp>
#include <coffer/policy/cost/detail/price_pin.hpp>
#include <coffer/policy/cost/price.hpp>
#include <coffer/policy/cost/table.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace cost {

/// A price list that may be replaced at any time, from any thread. A copy is the same list: what
/// replaces it in one is in all.
///
/// Guarantees: an operation sees the old list or the new one, whole; no lock is held while it is
/// asked. The last lists that were replaced are kept, for the holds that were opened by them.
template <class Policy = cost_table>
class live {
    static_assert(cost_policy<Policy>,
                  "coffer: cost::live replaces a cost policy: it needs 'result<price> price(const "
                  "usage&) const'");

public:
    /// `former`: how many replaced lists are kept.
    live(Policy list = {}, std::size_t former = 16) : shared_{std::make_shared<shelf>()} {
        shared_->former = former;
        replace(std::move(list));
    }

    /// Replaces the list. Operations that have begun go on with the one that they saw.
    void replace(Policy list) const {
        const auto fresh = std::make_shared<const Policy>(std::move(list));
        std::lock_guard replacing{shared_->replacing};
        const std::shared_ptr<const lists> old = newest();
        auto all = std::make_shared<lists>();
        all->push_back(fresh);
        if (old) {
            const std::size_t kept = std::min(shared_->former, old->size());
            all->insert(all->end(), old->begin(), old->begin() + static_cast<std::ptrdiff_t>(kept));
        }
        std::shared_ptr<const lists> last = std::move(all);  // is freed after the lock
        std::lock_guard lock{shared_->lock};
        shared_->all.swap(last);
    }
    /// The list that holds now.
    std::shared_ptr<const Policy> now() const { return newest()->front(); }

    result<coffer::price> price(const usage& used) const { return list_for(used)->price(used); }
    /// Guarantees: in an operation it lasts as long as that; else until the list is replaced.
    std::string_view category(std::string_view action) const {
        return category_of(*list_for({}), action);
    }
    std::optional<price_range> range(const usage& used) const {
        return range_of(*list_for(used), used);
    }
    token_kinds kinds(const usage& used) const { return token_kinds_of(*list_for(used), used); }
    kept_price keep(const usage& used) const { return kept_price_of(*list_for(used), used); }

private:
    using lists = std::vector<std::shared_ptr<const Policy>>;  // the newest first

    struct shelf {
        std::mutex replacing;
        detail::spin_lock lock;  // held while a pointer is copied
        std::shared_ptr<const lists> all;
        std::size_t former = 0;
    };

    std::shared_ptr<const lists> newest() const {
        std::lock_guard lock{shared_->lock};
        return shared_->all;
    }
    /// The newest list in which the price has the version that is asked for; else the newest.
    std::shared_ptr<const Policy> list_for(const usage& used) const {
        const auto all = detail::price_pin::seen<lists>(shared_.get(), [&] { return newest(); });
        if (used.version == 0) return all->front();
        const auto has_version = [&](const std::shared_ptr<const Policy>& each) {
            return kept_price_of(*each, used).version == used.version;
        };
        const auto found = std::find_if(all->begin(), all->end(), has_version);
        return found == all->end() ? all->front() : *found;
    }

    std::shared_ptr<shelf> shared_;
};

}  // namespace cost
}  // namespace v0
}  // namespace coffer
