/// The notices that wait in the memory store, in the order in which they were committed.
#pragma once

#include <coffer/base/id.hpp>
#include <coffer/store/page.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <mutex>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What one wallet has waiting.
struct waiting_notices {
    std::uint32_t count = 0;
    bool overflowed = false;  ///< The only one stands for all.
};

/// All wallets' notices. Guarantees: may be used by several threads.
class outbox {
public:
    std::vector<notice> oldest(std::size_t limit) const {
        std::lock_guard lock{lock_};
        std::vector<notice> all;
        for (auto n = all_.begin(); n != all_.end() && all.size() < limit; ++n) all.push_back(*n);
        return all;
    }

    /// Drops the notice of that number, if it still waits. `waits(wallet)` leads to what the wallet
    /// has waiting, or is null.
    template <class Waits>
    void drop(std::uint64_t id, Waits&& waits) {
        std::lock_guard lock{lock_};
        const auto at =
            std::find_if(all_.begin(), all_.end(), [&](const notice& n) { return n.id == id; });
        if (at == all_.end()) return;
        if (waiting_notices* of = waits(at->wallet)) {
            of->count -= std::min<std::uint32_t>(of->count, 1);
            if (at->kind == overflow_notice) of->overflowed = false;
        }
        all_.erase(at);
    }

    /// Takes the notices of one wallet over.
    void add(const wallet_id& wallet, std::list<notice>& fresh, waiting_notices& of) noexcept {
        if (fresh.empty()) return;
        std::lock_guard lock{lock_};
        if (of.overflowed || of.count + fresh.size() > max_waiting_notices) {
            collapse(wallet, fresh);
            of = {.count = 1, .overflowed = true};
        } else {
            of.count += static_cast<std::uint32_t>(fresh.size());
        }
        for (notice& n : fresh) n.id = ++last_;
        all_.splice(all_.end(), fresh);
    }

private:
    /// Lets one notice stand for those that wait and those that come. It is a new one, so that who
    /// delivers the last one at this moment does not acknowledge these.
    void collapse(const wallet_id& wallet, std::list<notice>& fresh) noexcept {
        entry_id first = fresh.front().entry;
        all_.remove_if([&](const notice& n) {
            if (n.wallet != wallet) return false;
            first = std::min(first, n.entry);
            return true;
        });
        fresh.erase(std::next(fresh.begin()), fresh.end());
        notice& one = fresh.front();
        one.entry = first;
        one.ordinal = 0;
        one.kind.assign(overflow_notice);  // so short that it takes no memory
        one.text.clear();
    }

    mutable std::mutex lock_;
    std::list<notice> all_;
    std::uint64_t last_ = 0;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
