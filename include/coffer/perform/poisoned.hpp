/// Which wallets are out of use in this process.
#pragma once

#include <coffer/base/id.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The wallets of which an invariant broke. They answer nothing more in this process.
class poisoned_wallets {
public:
    bool contains(const wallet_id& wallet) const {
        if (count_.load(std::memory_order_relaxed) == 0) return false;
        std::lock_guard lock{lock_};
        return std::find(wallets_.begin(), wallets_.end(), wallet) != wallets_.end();
    }
    void add(const wallet_id& wallet) {
        std::lock_guard lock{lock_};
        wallets_.push_back(wallet);
        count_.store(wallets_.size(), std::memory_order_relaxed);
    }

private:
    mutable std::mutex lock_;
    std::vector<wallet_id> wallets_;
    std::atomic<std::size_t> count_{0};
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
