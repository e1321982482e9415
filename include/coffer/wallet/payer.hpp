/// The payer: charges the orders that wait to be paid through the host's gateway, and confirms them
/// or says that they failed. Include it where a job does that; several processes may.
///
///     coffer::payer payer{wallets, gateway};
///     payer.run(100);                             // what plans bought by themselves
///     payer.pay("acme", order->id);               // what a customer bought, at once
#pragma once

#include <coffer/base/error.hpp>
#include <coffer/base/id.hpp>
#include <coffer/base/result.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/perform/orders.hpp>
#include <coffer/store/deliver.hpp>
#include <coffer/store/page.hpp>
#include <coffer/wallet/gateway.hpp>
#include <coffer/wallet/wallets.hpp>

#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {

/// An order that a payer looked at.
struct paid_order : placed_order {
    /// What the provider calls another payment than the one that was confirmed: somebody paid
    /// twice, and is to get it back. Empty for none.
    std::string paid_twice{};
};

/// What a run did.
struct payments {
    std::size_t confirmed = 0;  ///< Orders that it granted.
    std::size_t failed = 0;     ///< Orders that it ended.
    std::size_t waiting = 0;    ///< Orders that are looked at again in the next run.
    /// Why some wait: the first error of the gateway or the store; none where the provider says so.
    std::optional<error> first_error{};
    std::vector<paid_order> paid_twice{};
};

namespace detail {

/// What became of one order.
enum class order_fate : std::uint8_t { confirmed, failed, over, waiting, paid_twice };

/// At most so many bytes, without cutting a letter of UTF-8 in two.
inline std::string_view cut(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return text.substr(0, most);
}

/// What `f()` answers. What it throws is an error: whether it did anything is not known.
template <class F>
auto answer_of(F&& f) -> decltype(f()) {
#if defined(__cpp_exceptions)
    try {
        return f();
    } catch (...) {
        return error{errc::outcome_unknown}.because("it threw");
    }
#else
    return f();
#endif
}

}  // namespace detail

/// Pays orders. It keeps nothing that matters: it may be made anew at any time, and several may
/// work on the same wallets, in any threads and processes.
///
/// Guarantees: an order is charged only while it is open and only if the provider has no payment of
/// its key. A payment that was made and not noted, whoever died, is found and confirmed by the next
/// run. Nothing is locked while the provider is asked, and nothing is thrown.
template <class Wallets, class Gateway>
class payer {
    static_assert(payment_gateway<Gateway>,
                  "coffer: a gateway needs 'result<std::optional<payment_answer>> "
                  "find(std::string_view key)' and 'result<payment_answer> charge(const "
                  "payment_request&)'");

public:
    /// Both are kept by reference and must live longer.
    payer(Wallets& wallets, Gateway& gateway) noexcept : wallets_{wallets}, gateway_{gateway} {}
    payer(Wallets&&, Gateway&) = delete;
    payer(Wallets&, Gateway&&) = delete;
    payer(const payer&) = delete;
    payer& operator=(const payer&) = delete;

    /// Pays at most `limit` of the orders that plans placed by themselves, those that waited
    /// longest first; what has to wait is looked at again after all others. They are told by
    /// notices of the store, which it acknowledges; other notices it leaves alone.
    /// Errors: those of the store.
    /// Complexity: for each order at most one `find` and one `charge`, and a few commits.
    result<payments> run(std::size_t limit = 100) {
        return detail::answer_of([&] { return run_once(limit); });
    }

    /// Pays one open order, be it of a customer or of the plan; answers what is then known of it.
    /// Errors: those of the gateway and the store, after which it can be called again; it still
    /// waits, or was paid and is not yet noted.
    result<paid_order> pay(const wallet_id& id, order_id order) {
        return detail::answer_of([&]() -> result<paid_order> {
            payments sum;
            const result<detail::order_fate> fate = settle(id, order, sum);
            if (!fate) return fate.error();
            if (!sum.paid_twice.empty()) return sum.paid_twice.front();
            const result<placed_order> now = wallets_[id].order(order);
            if (!now) return now.error();
            return paid_order{*now, {}};
        });
    }

private:
    using order_fate = detail::order_fate;

    result<payments> run_once(std::size_t limit) {
        result<std::vector<notice>> due = notices_of_orders(limit);
        if (!due) return due.error();
        payments sum;
        std::size_t left = limit;
        for (const notice& n : *due) {
            if (left == 0) break;
            if (auto done = take(n, left, sum); !done) return done.error();
            after_.store(n.id, std::memory_order_relaxed);
        }
        return sum;
    }

    /// The notices that tell of orders, those behind the last one that was looked at first.
    result<std::vector<notice>> notices_of_orders(std::size_t limit) {
        const std::uint64_t last = after_.load(std::memory_order_relaxed);
        const auto tell = [&](bool behind, std::size_t count) {
            return detail::oldest_notices(wallets_.store(), count, [=](const notice& n) {
                return (n.kind == order_notice || n.kind == overflow_notice) &&
                       (n.id > last) == behind;
            });
        };
        result<std::vector<notice>> all = tell(true, limit);
        if (!all || all->size() == limit || last == 0) return all;
        const result<std::vector<notice>> others = tell(false, limit - all->size());
        if (!others) return others;
        all->insert(all->end(), others->begin(), others->end());
        return all;
    }

    /// Pays what a notice tells of, and acknowledges it once that is over.
    result<void> take(const notice& n, std::size_t& left, payments& sum) {
        if (n.kind == order_notice) {
            --left;
            const std::optional<order_id> order = order_in(n.text);
            if (order && !is_over(n.wallet, *order, sum)) return {};
            return wallets_.store().acknowledge(n.id);
        }
        // It stands for more than is to be read again; who delivers the others acknowledges it.
        const result<std::vector<placed_order>> open = wallets_[n.wallet].orders();
        if (!open) return note_error(open.error(), sum);
        for (const placed_order& o : *open) {
            if (!o.is_automatic() || left == 0) continue;
            --left;
            is_over(n.wallet, o.id, sum);
        }
        return {};
    }

    static std::optional<order_id> order_in(std::string_view text) noexcept {
        std::uint32_t number = 0;
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec != std::errc{} || read.ptr != end || number == 0) return std::nullopt;
        return order_id{number};
    }

    static result<void> note_error(const error& why, payments& sum) {
        if (!sum.first_error) sum.first_error = why;
        return {};
    }

    bool is_over(const wallet_id& id, order_id order, payments& sum) {
        const result<order_fate> fate = settle(id, order, sum);
        if (!fate) static_cast<void>(note_error(fate.error(), sum));
        if (!fate || *fate == order_fate::waiting) {
            ++sum.waiting;
            return false;
        }
        if (*fate == order_fate::confirmed) ++sum.confirmed;
        if (*fate == order_fate::failed) ++sum.failed;
        return true;
    }

    /// Finds what was paid of an order, or has it paid, and notes it.
    result<order_fate> settle(const wallet_id& id, order_id number, payments& sum) {
        const wallet w = wallets_[id];
        result<placed_order> order = w.order(number);
        if (!order) return order.error();
        if (order->state == order_state::confirmed) return order_fate::over;
        const std::string key = order->key();
        const auto known = detail::answer_of([&] { return gateway_.find(key); });
        if (!known) return known.error();
        if (*known) return note(w, *order, **known, sum);
        // Others may have been quicker, or its time is up.
        if (auto swept = w.sweep(); !swept) return swept.error();
        order = w.order(number);
        if (!order) return order.error();
        if (order->state != order_state::open) return order_fate::over;
        const payment_request asked{.key = key,
                                    .wallet = id,
                                    .order = number,
                                    .origin = order->origin,
                                    .offer = std::string{order->what.name.view()},
                                    .amount = order->what.amount,
                                    .price = order->what.price};
        const auto answer = detail::answer_of([&] { return gateway_.charge(asked); });
        if (!answer) return answer.error();
        return note(w, *order, *answer, sum);
    }

    result<order_fate> note(const wallet& w, const placed_order& order,
                            const payment_answer& answer, payments& sum) {
        switch (answer.state) {
            case payment_state::succeeded: return confirm(w, order, answer, sum);
            case payment_state::failed: return fail(w, order, answer);
            case payment_state::pending: break;
        }
        return order_fate::waiting;
    }

    result<order_fate> confirm(const wallet& w, const placed_order& order,
                               const payment_answer& answer, payments& sum) {
        const std::string request = order.key() + "/paid";
        const std::string_view reference = detail::cut(answer.reference, max_reference_size);
        const result<receipt> done = w.confirm(
            {.order = order.id, .paid = answer.paid, .reference = reference, .request = request});
        if (done && !done->repeated) return order_fate::confirmed;
        if (!done && done != errc::request_mismatch) return done.error();
        const result<placed_order> now = w.order(order.id);
        if (!now) return now.error();
        if (now->state != order_state::confirmed) return done ? errc::conflict : done.error();
        if (now->reference.empty() || now->reference == reference) return order_fate::over;
        sum.paid_twice.push_back({*now, std::string{reference}});
        return order_fate::paid_twice;
    }

    result<order_fate> fail(const wallet& w, const placed_order& order,
                            const payment_answer& answer) {
        if (order.state != order_state::open) return order_fate::over;
        const std::string request = order.key() + "/failed";
        const result<receipt> done =
            w.fail({.order = order.id,
                    .reason = detail::cut(answer.reason, max_reference_size),
                    .request = request});
        if (!done && done != errc::request_mismatch) return done.error();
        return done && !done->repeated ? order_fate::failed : order_fate::over;
    }

    Wallets& wallets_;
    Gateway& gateway_;
    std::atomic<std::uint64_t> after_{0};  // the notice that was looked at last
};

}  // namespace v0
}  // namespace coffer
