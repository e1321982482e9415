/// A payment provider that does as it is told: for tests of a host's own, and of coffer's payer.
///
///     coffer::testing::scripted_gateway gateway;
///     gateway.next({does::takes_and_times_out, does::declines});
///     payer.run();
///     gateway.taken("acme/order/7");      // how often money was taken for it
#pragma once

#include <coffer/base/error.hpp>
#include <coffer/base/result.hpp>
#include <coffer/wallet/gateway.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace testing {

/// What a scripted gateway does when it is asked to charge.
enum class does : std::uint8_t {
    succeeds,
    declines,
    pends,                ///< Takes money later: see `arrive` and `decline`.
    takes_and_times_out,  ///< The answer is lost, the money is taken.
    times_out,            ///< The request is lost.
    takes_and_dies,       ///< Throws after the money was taken; without exceptions, it times out.
    dies,                 ///< Throws before.
};

/// What it throws.
class gateway_died : public std::exception {
public:
    const char* what() const noexcept override { return "the gateway died"; }
};

/// A provider in memory that remembers payments for good and keys until they are forgotten.
/// Guarantees: may be used by several threads.
class scripted_gateway {
public:
    /// What the next charges of keys that it does not know do; those after them succeed.
    void next(std::initializer_list<does> script) {
        std::lock_guard lock{lock_};
        script_.insert(script_.end(), script);
    }
    /// What charges do for which nothing is scripted.
    void always(does what) {
        std::lock_guard lock{lock_};
        always_ = what;
    }
    /// `find` answers this error until it is healed with none.
    void fail_find(std::optional<errc> with) {
        std::lock_guard lock{lock_};
        find_error_ = with;
    }
    /// `find` does not know yet what is charged from now on, until it is told to again.
    void hide_payments(bool hidden) {
        std::lock_guard lock{lock_};
        hidden_ = hidden;
    }
    /// A day has passed: a known key would be charged once more.
    void forget_keys() {
        std::lock_guard lock{lock_};
        keys_.clear();
    }
    /// Calls this with each payment that succeeds, so many times: the provider's message.
    void tell(std::function<void(const payment_request&, const payment_answer&)> receive,
              std::size_t times = 1) {
        std::lock_guard lock{lock_};
        receive_ = std::move(receive);
        times_ = times;
    }
    /// What pended succeeds.
    void arrive(std::string_view key) { end(key, payment_state::succeeded); }
    /// What pended is declined.
    void decline(std::string_view key) { end(key, payment_state::failed); }

    result<std::optional<payment_answer>> find(std::string_view key) {
        std::lock_guard lock{lock_};
        ++finds_;
        if (find_error_) return *find_error_;
        std::optional<payment_answer> best;
        for (const made& m : payments_) {
            if (m.request.key != key || m.hidden) continue;
            if (!best || m.answer.state == payment_state::succeeded) best = m.answer;
        }
        return best;
    }
    result<payment_answer> charge(const payment_request& r) {
        const auto [how, answer, told] = carry_out(r);
        for (std::size_t i = 0; i < told.times; ++i) told.receive(r, answer);
        switch (how) {
            case does::times_out: return error{errc::unavailable}.because("it was not reached");
            case does::takes_and_times_out: break;
#if defined(__cpp_exceptions)
            case does::dies:
            case does::takes_and_dies: throw gateway_died{};
#else
            case does::dies:
            case does::takes_and_dies: break;
#endif
            default: return answer;
        }
        return error{errc::outcome_unknown}.because("it did not answer in time");
    }

    /// How often money was taken, for a key or at all.
    std::size_t taken(std::string_view key = {}) const {
        std::lock_guard lock{lock_};
        std::size_t count = 0;
        for (const made& m : payments_) {
            if (!key.empty() && m.request.key != key) continue;
            if (m.answer.state == payment_state::succeeded) ++count;
        }
        return count;
    }
    std::size_t charges_asked() const {
        std::lock_guard lock{lock_};
        return charges_;
    }
    std::size_t finds_asked() const {
        std::lock_guard lock{lock_};
        return finds_;
    }
    /// The requests that it charged, pended or declined, in their order.
    std::vector<payment_request> requests() const {
        std::lock_guard lock{lock_};
        std::vector<payment_request> all;
        for (const made& m : payments_) all.push_back(m.request);
        return all;
    }

private:
    struct made {
        payment_request request;
        payment_answer answer;
        bool hidden;
    };
    using receiver = std::function<void(const payment_request&, const payment_answer&)>;
    struct message {
        receiver receive;
        std::size_t times = 0;
    };
    struct carried_out {
        does how;
        payment_answer answer;
        message told;
    };

    carried_out carry_out(const payment_request& r) {
        std::lock_guard lock{lock_};
        ++charges_;
        if (const auto known = keys_.find(r.key); known != keys_.end()) {
            return {does::succeeds, payments_[known->second].answer, {}};
        }
        const does how = script_.empty() ? always_ : script_.front();
        if (!script_.empty()) script_.pop_front();
        if (how == does::times_out || how == does::dies) return {how, {}, {}};
        made m{r, {.reference = "pay_" + std::to_string(payments_.size() + 1)}, hidden_};
        m.answer.paid = r.price;
        m.answer.state = payment_state::succeeded;
        if (how == does::pends) m.answer.state = payment_state::pending;
        if (how == does::declines) {
            m.answer.state = payment_state::failed;
            m.answer.reason = "card declined";
        }
        keys_.emplace(r.key, payments_.size());
        payments_.push_back(m);
        return {how, m.answer, message_of(m)};
    }
    message message_of(const made& m) const {
        const bool tells = receive_ && m.answer.state == payment_state::succeeded;
        return {receive_, tells ? times_ : 0};
    }
    void end(std::string_view key, payment_state state) {
        std::vector<std::pair<made, message>> ended;
        {
            std::lock_guard lock{lock_};
            for (made& m : payments_) {
                if (m.request.key != key || m.answer.state != payment_state::pending) continue;
                m.answer.state = state;
                ended.emplace_back(m, message_of(m));
            }
        }
        for (const auto& [m, told] : ended) {
            for (std::size_t i = 0; i < told.times; ++i) told.receive(m.request, m.answer);
        }
    }

    mutable std::mutex lock_;
    std::deque<does> script_;
    does always_ = does::succeeds;
    std::optional<errc> find_error_;
    bool hidden_ = false;
    receiver receive_;
    std::size_t times_ = 0;
    std::vector<made> payments_;
    std::map<std::string, std::size_t, std::less<>> keys_;
    std::size_t charges_ = 0;
    std::size_t finds_ = 0;
};

static_assert(payment_gateway<scripted_gateway>);

}  // namespace testing
}  // namespace v0
}  // namespace coffer
