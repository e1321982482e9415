/// What all verbs of a wallet share: find the request, bring the account to now, decide, commit,
/// and try again if somebody else was faster.
#pragma once

#include <coffer/perform/catch_up.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/perform/session.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/plan/plan.hpp>
#include <coffer/store/store.hpp>
#include <coffer/time/clock.hpp>

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
    result<void> valid{};     ///< What is wrong with it, whatever the account says.
    std::string_view plan{};  ///< The plan that holds where the account's own is unknown.
    const request_id* refused = nullptr;  ///< Remembers a refusal for good, where `id` does not.
};

inline result<void> valid_if(bool sensible) {
    return sensible ? result<void>{} : result<void>{errc::invalid_argument};
}

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

/// What a verb asks while it decides: one plan, and the order in which it burns lots.
template <class Compiled>
class rules {
public:
    using plan_type = typename Compiled::plan_type;
    using burn_type = burn_order<typename Compiled::order_type>;
    using timeline_type = timeline<plan_type, burn_type>;

    explicit rules(const Compiled& compiled) noexcept
        : plan{compiled.plan},
          burning{compiled.order(), compiled.buckets, compiled.fingerprint},
          compiled_{compiled} {}
    rules(const rules&) = delete;
    rules& operator=(const rules&) = delete;

    const plan_type& plan;
    const burn_type burning;

    const std::vector<bucket_id>& buckets() const noexcept { return compiled_.buckets; }
    /// The buckets that an action may draw on.
    bucket_filter filter(std::string_view action) const { return filter_for(compiled_, action); }

    timeline_type timeline_of(session& s) const noexcept { return {plan, burning, s}; }

    /// Puts the lots of an account into the order of this plan.
    result<void> put_in_order(session& s) const { return timeline_of(s).put_in_order(s.now); }

private:
    const Compiled& compiled_;
};

/// What a verb does: `check(rules, event)` says what is wrong with the request by the plan,
/// whatever the account says; `decide(session&, rules)` adds the entries, the primary one by
/// `add_primary`.
template <class Check, class Decide>
struct operation {
    Check check;
    Decide decide;
};
template <class Check, class Decide>
operation(Check, Decide) -> operation<Check, Decide>;

/// For verbs whose requests any plan understands.
struct no_check {
    template <class Rules>
    result<void> operator()(const Rules&, instant) const noexcept {
        return {};
    }
};

/// How an operation is performed.
struct manner {
    bool dry = false;   ///< Nothing is written.
    bool once = false;  ///< Nothing is tried again.
};

template <class Plan, class Store, class Clock>
class engine {
public:
    using target_type = target<Store>;
    /// Whether one plan holds for all accounts.
    static constexpr bool has_one_plan = !chooses_by_account<Plan>;

    engine(Plan plans, Store& store, const Clock& clock)
        : plans_{std::move(plans)}, store_{store}, clock_{clock} {}
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    const Plan& plans() const noexcept { return plans_.plans(); }
    Store& store() const noexcept { return store_; }
    /// Now. Errors: `clock_disagrees`; then nothing may be read or written.
    result<instant> clock() const { return clock_.now(); }

    /// `f(rules)` with the plan of that id; an empty id is the default plan.
    /// Errors: those of `f`; `unknown_plan`.
    template <class F>
    auto with_rules(std::string_view plan, F&& f) const {
        return plans_.with_plan(plan, [&](const auto& compiled) { return f(rules{compiled}); });
    }
    template <class F>
    auto with_rules(const account& a, F&& f) const {
        return with_rules(a.rest->plan.view(), std::forward<F>(f));
    }

    /// `f(rules)` where one plan holds for all accounts.
    template <class F>
    void with_one_plan(F&& f) const {
        static_assert(has_one_plan);
        (void)with_rules(std::string_view{}, std::forward<F>(f));
    }

    target_type resolve(const wallet_id& id) const {
        if constexpr (in_place_store<Store>) {
            return {id, store_.locate(id)};
        } else {
            return {id};
        }
    }

    bool is_poisoned(const wallet_id& wallet) const { return poisoned_.contains(wallet); }
    void poison(const wallet_id& wallet) { poisoned_.add(wallet); }

    /// Whether an event may lie there, seen from the clock.
    template <class Rules>
    static result<void> check_event(const std::optional<instant>& at, instant now,
                                    const Rules& by) {
        if (!at) return {};
        const late_events tolerance = late_of(by.plan);
        if (*at > now && is_further(now, *at, tolerance.ahead)) return errc::invalid_argument;
        if (*at < now) {
            const result<instant> last = add(*at, tolerance.back, default_zone_of(by.plan));
            if (last ? *last < now : !is_writable(*at)) return errc::too_late;
        }
        return {};
    }

    /// Performs an operation.
    template <class Operation>
    result<receipt> perform(const wallet_id& wallet, const request_info& request,
                            const Operation& op, manner how = {}) {
        if (!wallet.is_valid() || !request.id.is_valid()) {
            const result<instant> now = clock();
            return now ? errc::invalid_argument : now.error().code();
        }
        for (int attempt = 0; attempt < (how.once ? 1 : max_attempts); ++attempt) {
            if (is_poisoned(wallet)) return errc::wallet_poisoned;
            std::optional<result<receipt>> done = attempt_once(wallet, request, op, how);
            if (done) {
                if (*done == errc::wallet_poisoned) poison(wallet);
                return std::move(*done);
            }
        }
        return errc::conflict;
    }

    /// `f(session&, rules)` on the account as it is then, with what is due carried out but not
    /// written. An instant before the latest seen is that one; no instant is an error.
    /// Errors: those of `f`; `too_many` for an instant ahead before which too much falls due.
    template <class Answer, class F>
    result<Answer> look(const wallet_id& wallet, const result<instant>& when, F&& f) const {
        if (is_poisoned(wallet)) return errc::wallet_poisoned;
        const result<instant> now = when ? clock() : when;
        if (!now) return now.error();
        if (!wallet.is_valid()) return errc::invalid_argument;
        result<account> loaded = store_.load(wallet);
        if (!loaded) return loaded.error();
        session s{*std::move(loaded), *when};
        const bool ahead = *when > *now;
        return with_rules(s.state, [&](const auto& by) -> result<Answer> {
            for (int steps = 0;; ++steps) {
                if (ahead && steps == max_steps_ahead) return errc::too_many;
                result<bool> current = by.timeline_of(s).bring_up_to_date();
                if (!current) return current.error();
                if (*current) return f(s, by);
                s.entries.clear();
            }
        });
    }

    /// Writes what is due. Returns how many entries that were.
    result<std::size_t> sweep(const wallet_id& wallet) {
        std::size_t written = 0;
        for (int conflicts = 0; conflicts < max_attempts;) {
            if (is_poisoned(wallet)) return errc::wallet_poisoned;
            const result<instant> now = clock();
            if (!now) return now.error();
            if (!wallet.is_valid()) return errc::invalid_argument;
            result<account> loaded = store_.load(wallet);
            if (!loaded) return loaded.error();
            session s{*std::move(loaded), *now};
            result<bool> current = bring_up_to_date(s);
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

    /// Whether a known request is looked into all the same: it has no id of its own and says
    /// something else than the one that ended its hold, so that it is refused, and rightly why.
    static bool goes_on(const entry& first, const request_info& request) noexcept {
        return first.content != request.content && request.on_other_content == errc::hold_closed;
    }

    /// The receipt of an entry that is in the journal already, or the refusal that it records.
    result<receipt> repeat(const wallet_id& wallet, const entry& first,
                           const request_info& request) const {
        if (first.content != request.content) return request.on_other_content;
        if (first.kind == entry_kind::refused) {
            return error{first.refusal}.with_amounts(first.amount, first.tolerance);
        }
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
    static constexpr int max_steps_ahead = 10;

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

    /// By the plan that the account has by now.
    result<bool> bring_up_to_date(session& s) const {
        return with_rules(s.state,
                          [&](const auto& by) { return by.timeline_of(s).bring_up_to_date(); });
    }

    /// One round: an answer, or nothing if it is to be tried again.
    template <class Operation>
    std::optional<result<receipt>> attempt_once(const wallet_id& wallet,
                                                const request_info& request, const Operation& op,
                                                manner how) {
        const result<instant> now = clock();
        if (!now) return now.error();
        result<account> loaded = store_.load(wallet);
        if (!loaded) return loaded.error();
        if (!request.id.empty()) {
            result<journal_page> known = store_.find(wallet, request.id);
            if (!known) return known.error();
            if (!known->entries.empty() && !goes_on(known->entries[0], request)) {
                return repeat(wallet, known->entries[0], request);
            }
        }
        session s{*std::move(loaded), *now};
        std::optional<result<receipt>> answer;
        auto attempt = [&](const auto& by) {
            answer = attempt_by(by, wallet, s, request, op, how);
            return result<void>{};
        };
        result<void> found = with_rules(s.state, attempt);
        if (!found && !request.plan.empty()) found = with_rules(request.plan, attempt);
        if (!found) return found.error();
        return answer;
    }

    template <class Rules, class Operation>
    std::optional<result<receipt>> attempt_by(const Rules& by, const wallet_id& wallet, session& s,
                                              const request_info& request, const Operation& op,
                                              manner how) {
        if (request.refused) {  // under a plan that was the wallet's then
            result<journal_page> known = store_.find(wallet, *request.refused);
            if (!known) return known.error();
            if (!known->entries.empty()) return repeat(wallet, known->entries[0], request);
        }
        result<bool> current = by.timeline_of(s).bring_up_to_date();
        while (how.dry && current && !*current) {
            s.entries.clear();
            current = by.timeline_of(s).bring_up_to_date();
        }
        if (!current) return current.error();
        if (!*current) return finish(wallet, s, std::nullopt);
        std::size_t fell_due = s.entries.size();
        const bool sticks = refusals_stick(by.plan) && !request.id.empty();
        std::optional<account> as_due;
        if (fell_due > 0 || sticks) as_due = s.state;
        result<void> decided = decide_in(by, s, request, op);
        if (decided) {
            receipt answer = receipt_of(s.entries[s.primary], s.before);
            if (how.dry) return answer;
            return finish(wallet, s, result<receipt>{std::move(answer)});
        }
        bool remembered = sticks && is_lack_of_credit(decided.error().code());
        if (how.dry || decided == errc::wallet_poisoned || (fell_due == 0 && !remembered)) {
            return decided.error();
        }
        s.entries.resize(fell_due);
        s.state = *std::move(as_due);
        if (remembered) {
            if (auto noted = note_refusal(s, request, decided.error()); !noted) {
                return noted.error();
            }
        }
        return finish(wallet, s, result<receipt>{decided.error()});
    }

    static bool is_lack_of_credit(errc code) noexcept {
        return code == errc::insufficient_credits || code == errc::limit_exceeded;
    }

    static result<void> note_refusal(session& s, const request_info& request, const error& why) {
        return s.add([&](entry& e) {
            auto noted = decide_note(s.state, entry_kind::refused, s.now, e);
            e.refusal = why.code();
            e.amount = why.required().is_negative() ? credits{} : why.required();
            e.tolerance = why.acceptable();
            sign(e, request, request.refused ? *request.refused : request.id);
            return noted;
        });
    }

    static void sign(entry& e, const request_info& request, const request_id& as) noexcept {
        e.request = as.text();
        e.requested_by = as.made_by();
        e.content = request.content;
    }

    /// Decides the operation on an account that is up to date, and what follows from it at once.
    template <class Rules, class Operation>
    result<void> decide_in(const Rules& by, session& s, const request_info& request,
                           const Operation& op) {
        const instant event = request.at ? *request.at : s.now;
        result<void> in_time = check_event(request.at, s.now, by);
        if (auto wrong = gravest({request.valid, op.check(by, event), in_time}); !wrong) {
            if (wrong.error().code() <= errc::unknown_charge) return wrong;
            return gravest({wrong, op.decide(s, by)});  // what the account lacks counts more
        }
        s.event = event;
        if (auto ordered = by.put_in_order(s); !ordered) return ordered;
        if (result<void> decided = op.decide(s, by); !decided) return decided;
        sign(s.entries[s.primary], request, request.id);
        result<bool> current = bring_up_to_date(s);
        if (!current) return current.error();
        return {};
    }

    /// Commits the session. Returns the answer, the store's error, which is graver than any
    /// refusal, or nothing if there is no answer yet or somebody else was faster.
    std::optional<result<receipt>> finish(const wallet_id& wallet, session& s,
                                          std::optional<result<receipt>> answer) {
        switch (commit_outcome outcome = commit(wallet, s)) {
            case commit_outcome::committed: return answer;
            case commit_outcome::conflict:
            case commit_outcome::duplicate: return std::nullopt;
            default: return result<receipt>{error_of(outcome)};
        }
    }

    plan_source<Plan> plans_;
    Store& store_;
    const Clock& clock_;
    poisoned_wallets poisoned_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
