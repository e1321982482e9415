/// `wallets` and `wallet`: what a program uses. A plan says what the rules are, a store keeps the
/// state; the wallet asks the one, calls the ledger and commits to the other.
#pragma once

#include <coffer/perform/batch.hpp>
#include <coffer/perform/observer.hpp>
#include <coffer/perform/perform.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/perform/reservation.hpp>
#include <coffer/report/print.hpp>
#include <coffer/wallet/wallet.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// A charge of a batch: of a wallet by its id,
struct charge_by_id {
    wallet_id wallet{};
    charge_request charge{};
};
/// or of a wallet by its handle, which outlives the call.
struct charge_by_handle {
    const coffer::wallet& wallet;
    charge_request charge{};
};

/// All wallets of a store, by one plan or by several: long-lived, shared by threads, never moved.
template <class Plan, class Store, class Clock = system_clock>
class wallets {
    static_assert(check_plan<Plan>());
    static_assert(check_store<Store>());
    static_assert(clock_policy<Clock>,
                  "coffer: a clock needs 'instant now() const' or 'result<instant> now() const'");

public:
    using wallet_type = wallet;
    using reservation_type = reservation;  ///< What `hold` answers.

    /// Store and clock are kept by reference and must live longer.
    wallets(Plan plan, Store& store) : wallets{std::move(plan), store, default_clock()} {}
    wallets(Plan plan, Store& store, const Clock& clock)
        : plans_{std::move(plan)}, store_{store}, clock_{clock}, engine_{plans_, store_, clock_} {}
    wallets(Plan, Store&&) = delete;
    wallets(Plan, Store&&, const Clock&) = delete;
    wallets(Plan, Store&, const Clock&&) = delete;
    wallets(const wallets&) = delete;
    wallets& operator=(const wallets&) = delete;

    /// A handle on one wallet, which need not exist yet.
    wallet operator[](const wallet_id& id) & { return wallet{engine_, id}; }
    wallet operator[](const wallet_id&) && = delete;

    /// Charges one after another, each decided and answered by itself, in their order. A store that
    /// can write them together does so in one transaction: if that fails, its error is the answer
    /// to all of them, and none was made. It takes less time than as many calls.
    std::vector<result<receipt>> charge(std::span<const charge_by_handle> charges) {
        return detail::charge_each(engine_, charges.size(), [&](std::size_t i) {
            return detail::aimed_charge{charges[i].wallet.target_, charges[i].charge};
        });
    }
    std::vector<result<receipt>> charge(std::span<const charge_by_id> charges) {
        std::vector<detail::target> found;
        found.reserve(charges.size());
        for (const charge_by_id& c : charges) {
            found.push_back({c.wallet, store_.locate(c.wallet), {}});
        }
        return detail::charge_each(engine_, charges.size(), [&](std::size_t i) {
            return detail::aimed_charge{found[i], charges[i].charge};
        });
    }

    const Plan& plan() const noexcept { return plans_.plans(); }
    Store& store() const noexcept { return store_.store(); }

    /// Lets an observer, which lives longer, see each commit from now on, in place of any before.
    void observe(observer& by) noexcept { engine_.observe(&by); }

    /// Writes what has fallen due in at most `limit` wallets, the soonest first; answers how many
    /// wallets that were. Call it as often as you like, from any thread, or never.
    /// Errors: the first of any wallet. One that is not transient does not keep it from the others.
    result<std::size_t> sweep(std::size_t limit = 1'000) {
        const result<instant> now = engine_.clock();
        if (!now) return now.error();
        result<std::vector<due_wallet>> due = engine_.store().due(*now, limit);
        if (!due) return due.error();
        std::optional<error> first;
        for (const due_wallet& d : *due) {
            result<std::size_t> swept = engine_.sweep(d.wallet);
            if (!swept && !first) first = swept.error();
            if (!swept && is_transient(swept.error())) break;
        }
        if (first) return *first;
        return due->size();
    }

private:
    static const Clock& default_clock() {
        if constexpr (std::same_as<Clock, system_clock>) {
            return system_clock::shared();
        } else {
            static const Clock clock{};
            return clock;
        }
    }

    detail::plans_of<Plan> plans_;
    detail::port_of<Store> store_;
    detail::clock_of<Clock> clock_;
    detail::engine engine_;
};

template <class Plan, class Store>
wallets(Plan, Store&) -> wallets<Plan, Store>;
template <class Plan, class Store, class Clock>
wallets(Plan, Store&, const Clock&) -> wallets<Plan, Store, Clock>;

}  // namespace v0
}  // namespace coffer
