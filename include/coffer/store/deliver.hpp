/// Hands out what wallets tell the world outside. Call it from a job, in one process at a time.
/// What is to be paid is told to a payer instead: see `wallet/payer.hpp`.
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
#include <cstdint>
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

/// The oldest notices of those that are wanted, among the oldest 65,536 of all.
template <class Store, class Wanted>
result<std::vector<notice>> oldest_notices(Store& store, std::size_t limit, Wanted&& wanted) {
    constexpr std::size_t most_read = 65'536;
    for (std::size_t read = limit;; read *= 4) {
        read = std::min(read, most_read);
        result<std::vector<notice>> waiting = store.notices(read);
        if (!waiting) return waiting;
        const bool is_all = waiting->size() < read || read == most_read;
        const auto rest = std::remove_if(waiting->begin(), waiting->end(),
                                         [&](const notice& n) { return !wanted(n); });
        waiting->erase(rest, waiting->end());
        if (!is_all && waiting->size() < limit) continue;
        if (waiting->size() > limit) waiting->resize(limit);
        return waiting;
    }
}

/// Whether orders of the plan's own are open, by the entries that are read one after another.
class order_watch {
public:
    void read(const entry& e) {
        if (told_of_order(e) == order_notice) open_ = e.id;
        const bool ends = e.kind == entry_kind::purchased || e.kind == entry_kind::order_failed ||
                          e.kind == entry_kind::order_expired;
        if (ends && e.about == open_) open_ = {};
    }
    bool is_open() const noexcept { return static_cast<bool>(open_); }

private:
    entry_id open_{};
};

/// What became of the notices that another one stands for.
enum class read_again : std::uint8_t { delivered, refused, order_waits };

/// Reads again from the journal what a wallet tells from an entry on.
template <class Store, class Receive>
result<read_again> deliver_journal(Store& store, const notice& from, Receive& receive,
                                   delivery& sum) {
    entry_id last{from.entry.value() - 1};
    order_watch orders;
    for (bool more = true; more;) {
        const result<journal_page> page = store.entries(from.wallet, {.after = last});
        if (!page) return page.error();
        for (const entry& e : page->entries) {
            for (const notice& n : notices_of(from.wallet, e)) {
                if (n.kind == order_notice) continue;
                if (!receives(receive, n)) return read_again::refused;
                ++sum.delivered;
            }
            orders.read(e);
            last = e.id;
        }
        more = page->more;
    }
    return orders.is_open() ? read_again::order_waits : read_again::delivered;
}

}  // namespace detail

/// Gives each notice that waits to `receive(const notice&)`, and drops it once that has returned:
/// each is delivered at least once, those of a wallet in order. A receiver that answers `false`, or
/// an error, gets it again next time, before the others of its wallet; one that must not see a
/// notice twice remembers `key()`. What it throws comes out of here. Notices that an order is to be
/// paid are left to the payer.
/// Errors: those of the store.
template <class Store, class Receive>
result<delivery> deliver(Store& store, Receive&& receive, std::size_t limit = 1'000) {
    const auto waiting = detail::oldest_notices(
        store, limit, [](const notice& n) { return n.kind != order_notice; });
    if (!waiting) return waiting.error();
    delivery sum;
    std::vector<wallet_id> held_up;
    for (const notice& n : *waiting) {
        if (std::find(held_up.begin(), held_up.end(), n.wallet) != held_up.end()) continue;
        bool received = true;
        if (n.kind == overflow_notice) {
            const auto read = detail::deliver_journal(store, n, receive, sum);
            if (!read) return read.error();
            if (*read == detail::read_again::order_waits) continue;  // the payer needs it, too
            received = *read == detail::read_again::delivered;
        } else {
            received = detail::receives(receive, n);
            if (received) ++sum.delivered;
        }
        if (!received) {
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
