/// Hands out what wallets tell the world outside. Call it from a job, in one process at a time.
///
///     coffer::deliver(store, [&](const coffer::notice& n) { return mail(n); });
#pragma once

#include <coffer/base/result.hpp>
#include <coffer/ledger/alert.hpp>
#include <coffer/store/notices.hpp>
#include <coffer/store/page.hpp>
#include <coffer/store/store.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace coffer {
inline namespace v0 {

/// What became of the notices that waited.
struct delivery {
    std::size_t delivered = 0;
    std::size_t refused = 0;  ///< Those, and what came after them in the same wallets, still wait.
};

namespace detail {

/// Whether a receiver has a notice: it says so, or says nothing and does not throw.
template <class Receive>
bool receives(Receive& receive, const notice& n) {
    if constexpr (std::is_void_v<std::invoke_result_t<Receive&, const notice&>>) {
        receive(n);
        return true;
    } else {
        return static_cast<bool>(receive(n));
    }
}

/// Reads again from the journal what a wallet tells from an entry on.
template <class Store, class Receive>
result<bool> deliver_journal(Store& store, const notice& from, Receive& receive, delivery& sum) {
    entry_id last{from.entry.value() - 1};
    for (bool more = true; more;) {
        const result<journal_page> page = store.entries(from.wallet, {.after = last});
        if (!page) return page.error();
        for (const entry& e : page->entries) {
            for (const notice& n : notices_of(from.wallet, e)) {
                if (!receives(receive, n)) return false;
                ++sum.delivered;
            }
            last = e.id;
        }
        more = page->more;
    }
    return true;
}

}  // namespace detail

/// Gives each notice that waits to `receive(const notice&)`, and drops it once that has returned:
/// each is delivered at least once, those of a wallet in order. A receiver that answers `false`, or
/// an error, gets it again next time, before the others of its wallet; one that must not see a
/// notice twice remembers `key()`. What it throws comes out of here.
/// Errors: those of the store.
template <class Store, class Receive>
result<delivery> deliver(Store& store, Receive&& receive, std::size_t limit = 1'000) {
    const result<std::vector<notice>> waiting = store.notices(limit);
    if (!waiting) return waiting.error();
    delivery sum;
    std::vector<wallet_id> held_up;
    for (const notice& n : *waiting) {
        if (std::find(held_up.begin(), held_up.end(), n.wallet) != held_up.end()) continue;
        result<bool> received = true;
        if (n.kind == overflow_notice) {
            received = detail::deliver_journal(store, n, receive, sum);
            if (!received) return received.error();
        } else {
            received = detail::receives(receive, n);
            if (*received) ++sum.delivered;
        }
        if (!*received) {
            ++sum.refused;
            held_up.push_back(n.wallet);
            continue;
        }
        if (auto dropped = store.acknowledge(n.id); !dropped) return dropped.error();
    }
    return sum;
}

}  // namespace v0
}  // namespace coffer
