/// What all verbs of a wallet share: find the request, bring the account to now, decide, commit,
/// and try again if somebody else was faster.
#pragma once

#include <coffer/clock.hpp>
#include <coffer/plan.hpp>
#include <coffer/store.hpp>
#include <coffer/wallet/receipt.hpp>
#include <coffer/wallet/requests.hpp>
#include <coffer/wallet/session.hpp>
#include <coffer/wallet/timeline.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a request says about itself.
struct request_info {
    const request_id& id;
    std::uint64_t content = 0;
    std::optional<instant> at{};
    errc on_other_content = errc::request_mismatch;
    result<void> valid{};  ///< What is wrong with it, whatever the account says.
};

/// The gravest of several answers, so that the order of checks does not matter.
inline result<void> gravest(std::initializer_list<result<void>> answers) {
    const result<void>* worst = nullptr;
    for (const result<void>& answer : answers) {
        if (!answer && (!worst || answer.error().code() < worst->error().code())) worst = &answer;
    }
    return worst ? *worst : result<void>{};
}

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

template <class Store>
struct handle_of {
    struct type {};
};
template <in_place_store Store>
struct handle_of<Store> {
    using type = typename Store::handle;
};

/// One wallet of one store.
template <class Store>
struct target {
    wallet_id id;
    [[no_unique_address]] typename handle_of<Store>::type where{};
};

template <class Plan, class Store, class Clock>
class engine {
public:
    using order_type = std::remove_cvref_t<decltype(order_of(std::declval<const Plan&>()))>;
    using burn_type = burn_order<order_type>;
    using timeline_type = timeline<Plan, burn_type>;
    using target_type = target<Store>;

    engine(Plan plan, Store& store, const Clock& clock)
        : plan_{std::move(plan)},
          store_{store},
          clock_{clock},
          buckets_{bucket_ids(plan_)},
          burn_{order_of(plan_), buckets_, burn_fingerprint(plan_)} {}
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    const Plan& plan() const noexcept { return plan_; }
    Store& store() const noexcept { return store_; }
    const burn_type& burning() const noexcept { return burn_; }
    const std::vector<bucket_id>& buckets() const noexcept { return buckets_; }
    instant clock() const noexcept { return clock_.now(); }

    target_type resolve(const wallet_id& id) const {
        if constexpr (in_place_store<Store>) {
            return {id, store_.locate(id)};
        } else {
            return {id};
        }
    }

    /// Whether an operation can be decided in place: nothing is due, nothing is owed.
    bool is_settled(const account& a, instant now) const noexcept {
        return a.next_due > now && a.totals.debt.is_zero() && burn_.holds_for(a);
    }
    bool is_poisoned(const wallet_id& wallet) const { return poisoned_.contains(wallet); }
    void poison(const wallet_id& wallet) { poisoned_.add(wallet); }

    /// Whether an event may lie there, seen from the clock.
    result<void> check_event(const std::optional<instant>& at, instant now) const {
        if (!at) return {};
        late_events tolerance = late_of(plan_);
        if (*at > now && is_further(now, *at, tolerance.ahead)) return errc::invalid_argument;
        if (*at < now && is_further(*at, now, tolerance.back)) return errc::too_late;
        return {};
    }

    /// Performs an operation: `decide(session&)` adds its entries, the primary one by
    /// `add_primary`. With `dry`, nothing is written; with `once`, nothing is tried again.
    template <class Decide>
    result<receipt> perform(const wallet_id& wallet, const request_info& request, Decide&& decide,
                            bool dry = false, bool once = false) {
        if (!wallet.is_valid() || !request.id.is_valid()) return errc::invalid_argument;
        for (int attempt = 0; attempt < (once ? 1 : max_attempts); ++attempt) {
            if (is_poisoned(wallet)) return errc::wallet_poisoned;
            std::optional<result<receipt>> done = attempt_once(wallet, request, decide, dry);
            if (done) {
                if (*done == errc::wallet_poisoned) poison(wallet);
                return std::move(*done);
            }
        }
        return errc::conflict;
    }

    /// The account as it is now, with what is due carried out but not written.
    result<session> look(const wallet_id& wallet) {
        if (!wallet.is_valid()) return errc::invalid_argument;
        if (is_poisoned(wallet)) return errc::wallet_poisoned;
        result<account> loaded = store_.load(wallet);
        if (!loaded) return loaded.error();
        session s{*std::move(loaded), clock()};
        for (;;) {
            result<bool> current = timeline_type{plan_, burn_, s}.bring_up_to_date();
            if (!current) return current.error();
            if (*current) return s;
            s.entries.clear();
        }
    }

    /// Writes what is due. Returns how many entries that were.
    result<std::size_t> sweep(const wallet_id& wallet) {
        if (!wallet.is_valid()) return errc::invalid_argument;
        std::size_t written = 0;
        for (int conflicts = 0; conflicts < max_attempts;) {
            if (is_poisoned(wallet)) return errc::wallet_poisoned;
            result<account> loaded = store_.load(wallet);
            if (!loaded) return loaded.error();
            session s{*std::move(loaded), clock()};
            result<bool> current = timeline_type{plan_, burn_, s}.bring_up_to_date();
            if (!current) return current.error();
            if (s.entries.empty()) return written;
            commit_outcome outcome = commit(wallet, s);
            if (outcome == commit_outcome::conflict) {
                ++conflicts;
                continue;
            }
            if (outcome != commit_outcome::committed) return error_of(outcome);
            written += s.entries.size();
            if (*current) return written;
        }
        return errc::conflict;
    }

    /// The receipt of an entry that is in the journal already.
    result<receipt> repeat(const wallet_id& wallet, const entry& first,
                           const request_info& request) const {
        if (first.content != request.content) return request.on_other_content;
        balance_totals before;
        if (first.id.value() > 1) {
            result<journal_page> page = store_.entries(
                wallet, {.after = entry_id{first.id.value() - 2}, .before = first.id, .limit = 1});
            if (!page) return page.error();
            if (page->entries.empty()) return errc::corrupt_record;
            before = page->entries[0].after;
        }
        receipt r = receipt_of(first, before);
        r.repeated = true;
        return r;
    }

private:
    static constexpr int max_attempts = 1'000;

    static std::vector<bucket_id> bucket_ids(const Plan& plan) {
        std::vector<bucket_id> ids;
        for_each_bucket(
            plan, [&](std::string_view name, const auto&) { ids.push_back(bucket_id::of(name)); });
        return ids;
    }

    /// Whether `until` lies further from `from` than that; any two instants may be asked about.
    static bool is_further(instant from, instant until, std::chrono::microseconds most) noexcept {
        std::int64_t distance = 0;
        return __builtin_sub_overflow(until.time_since_epoch().count(),
                                      from.time_since_epoch().count(), &distance) ||
               distance > most.count();
    }

    static errc error_of(commit_outcome outcome) noexcept {
        switch (outcome) {
            case commit_outcome::full: return errc::storage_full;
            case commit_outcome::unknown: return errc::outcome_unknown;
            case commit_outcome::conflict: return errc::conflict;
            default: return errc::unavailable;
        }
    }

    commit_outcome commit(const wallet_id& wallet, const session& s) {
        return store_.commit(
            {.wallet = wallet, .expected = s.base, .after = s.state, .entries = s.entries});
    }

    /// One round: an answer, or nothing if it is to be tried again.
    template <class Decide>
    std::optional<result<receipt>> attempt_once(const wallet_id& wallet,
                                                const request_info& request, Decide& decide,
                                                bool dry) {
        result<account> loaded = store_.load(wallet);
        if (!loaded) return loaded.error();
        if (!request.id.empty()) {
            result<journal_page> known = store_.find(wallet, request.id);
            if (!known) return known.error();
            if (!known->entries.empty()) return repeat(wallet, known->entries[0], request);
        }
        session s{*std::move(loaded), clock()};
        result<bool> current = timeline_type{plan_, burn_, s}.bring_up_to_date();
        while (dry && current && !*current) {
            s.entries.clear();
            current = timeline_type{plan_, burn_, s}.bring_up_to_date();
        }
        if (!current) return current.error();
        if (!*current) return step(wallet, s);
        std::size_t fell_due = s.entries.size();
        std::optional<account> as_due;
        if (fell_due > 0) as_due = s.state;
        result<void> decided = decide_in(s, request, decide);
        if (!decided) {
            if (!as_due || dry || decided == errc::wallet_poisoned) return decided.error();
            s.entries.resize(fell_due);
            s.state = *std::move(as_due);
            switch (commit_outcome outcome = commit(wallet, s)) {
                case commit_outcome::committed: return decided.error();
                case commit_outcome::conflict:
                case commit_outcome::duplicate: return std::nullopt;
                default: return error_of(outcome);  // graver than any refusal
            }
        }
        const entry& primary = s.entries[s.primary];
        receipt answer = receipt_of(primary, s.before);
        if (dry) return answer;
        switch (commit_outcome outcome = commit(wallet, s)) {
            case commit_outcome::committed: return answer;
            case commit_outcome::conflict:
            case commit_outcome::duplicate: return std::nullopt;
            default: return error_of(outcome);
        }
    }

    /// Decides the operation on an account that is up to date, and what follows from it at once.
    template <class Decide>
    result<void> decide_in(session& s, const request_info& request, Decide& decide) {
        result<void> event = check_event(request.at, s.now);
        if (auto wrong = gravest({request.valid, event}); !wrong) {
            if (wrong.error().code() <= errc::unknown_charge) return wrong;
            return gravest({wrong, decide(s)});  // what the account does not know counts more
        }
        if (request.at) s.event = *request.at;
        if (!burn_.holds_for(s.state)) {
            auto reordered = s.add([&](entry& e) {
                return decide_reorder(s.state, burn_.sorted(s.state), burn_.fingerprint(), s.now,
                                      e);
            });
            if (!reordered) return reordered;
        }
        if (result<void> decided = decide(s); !decided) return decided;
        entry& primary = s.entries[s.primary];
        primary.request = request.id.text();
        primary.requested_by = request.id.made_by();
        primary.content = request.content;
        result<bool> current = timeline_type{plan_, burn_, s}.bring_up_to_date();
        if (!current) return current.error();
        return {};
    }

    /// Commits a part of a long catch-up.
    std::optional<result<receipt>> step(const wallet_id& wallet, session& s) {
        switch (commit_outcome outcome = commit(wallet, s)) {
            case commit_outcome::committed:
            case commit_outcome::conflict:
            case commit_outcome::duplicate: return std::nullopt;
            default: return result<receipt>{error_of(outcome)};
        }
    }

    Plan plan_;
    Store& store_;
    const Clock& clock_;
    std::vector<bucket_id> buckets_;
    burn_type burn_;
    poisoned_wallets poisoned_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
