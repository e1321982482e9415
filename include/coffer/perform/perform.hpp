/// The one way from a verb to the journal: open a page, catch up, ask the plan, decide, commit, and
/// try again if somebody else was faster.
#pragma once

#include <coffer/ledger/catch_up.hpp>
#include <coffer/perform/asking.hpp>
#include <coffer/perform/look_back.hpp>
#include <coffer/perform/observer.hpp>
#include <coffer/perform/operation.hpp>
#include <coffer/perform/poisoned.hpp>
#include <coffer/perform/receipt.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/policy/cost/detail/price_pin.hpp>
#include <coffer/store/notices.hpp>
#include <coffer/store/store.hpp>
#include <coffer/time/clock.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

inline errc error_of(commit_outcome outcome) noexcept {
    switch (outcome) {
        case commit_outcome::full: return errc::storage_full;
        case commit_outcome::unknown: return errc::outcome_unknown;
        case commit_outcome::conflict: return errc::conflict;
        default: return errc::unavailable;
    }
}

/// Whether `until` lies further from `from` than that; any two instants may be asked about.
inline bool is_further(instant from, instant until, std::chrono::microseconds most) noexcept {
    std::int64_t distance = 0;
    return __builtin_sub_overflow(until.time_since_epoch().count(), from.time_since_epoch().count(),
                                  &distance) ||
           distance > most.count();
}

/// Whether an event may lie there, seen from the clock.
inline result<void> check_event(const std::optional<instant>& at, instant now,
                                const compiled_plan& plan) {
    if (!at) return {};
    if (*at > now && is_further(now, *at, plan.late.ahead)) return errc::invalid_argument;
    if (*at < now) {
        const result<instant> last = coffer::add(*at, plan.late.back, plan.zone);
        if (last ? *last < now : !is_writable(*at)) return errc::too_late;
    }
    return {};
}

/// Performs operations by the plans of one source on the wallets of one store.
class engine {
public:
    engine(const plan_source& plans, store_port& store, const clock_port& clock) noexcept
        : plans_{plans}, store_{store}, clock_{clock} {}
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    const plan_source& plans() const noexcept { return plans_; }
    void observe(observer* by) noexcept { observer_.store(by, std::memory_order_release); }
    observer* observed_by() const noexcept { return observer_.load(std::memory_order_acquire); }
    store_port& store() const noexcept { return store_; }
    /// Now. Errors: `clock_disagrees`; then nothing may be read or written. Until it is believed
    /// once, those of the store.
    result<instant> clock() const {
        const result<instant> now = clock_.now();
        if (now && !is_believed_.load(std::memory_order_relaxed)) return first_clock(*now);
        return now;
    }

    /// Performs an operation.
    result<receipt> perform(const target& wallet, const request_info& request, const operation& op,
                            manner how = {}) {
        const price_pin one_list;
        result<receipt> answer{errc::conflict};
        result<instant> now = clock();
        const bool named = wallet.place.record != nullptr || wallet.id.is_valid();
        if (!named || !request.id.is_valid()) {
            answer = now ? error{errc::invalid_argument} : now.error();
            return answer;
        }
        const call asked{wallet, request, op, how};
        wanted_facts wanted{.whole = request.whole, .told = request.told_entry};
        bool done = false;
        for (int tries = 0; !done && tries < (how.once ? 1 : max_attempts);) {
            if (!now || is_poisoned(wallet.id)) {
                answer = now ? error{errc::wallet_poisoned} : now.error();
                return answer;
            }
            const wanted_facts before = wanted;
            done = try_once(asked, *now, wanted, answer);
            if (done || wanted != before) continue;  // at the same instant, which it may depend on
            ++tries;
            now = clock();
        }
        if (!done) answer = errc::conflict;
        if (answer == errc::wallet_poisoned) poisoned_.add(wallet.id);
        return answer;
    }

    /// `f(attempt&, plan)` on the account as it is then, with what is due carried out but not
    /// written. An instant before the latest seen is that one; no instant is an error.
    /// Errors: those of `f`; `too_many` for an instant ahead before which too much falls due.
    result<void> look(const wallet_id& wallet, const result<instant>& when,
                      function_ref<result<void>(attempt&, const compiled_plan&)> f) const {
        const price_pin one_list;
        if (is_poisoned(wallet)) return errc::wallet_poisoned;
        const result<instant> clocked = when ? clock() : when;
        if (!clocked) return clocked.error();
        if (!wallet.is_valid()) return errc::invalid_argument;
        const bool ahead = *when > *clocked;
        wanted_facts wanted{.whole = true};
        for (;;) {
            page opened;
            if (auto done = open({wallet, {}}, nothing(), wanted, opened); !done) return done;
            const result<plan_ref> plan = plan_of(opened.state);
            if (!plan) return plan.error();
            found_plans shelf{plans_};
            attempt s{opened.state, *when};
            if (auto known = learn(wallet, opened, wanted, s, shelf); !known) return known;
            for (int steps = 0;; ++steps) {
                if (ahead && steps == max_steps_ahead) return errc::too_many;
                const result<bool> current = catch_up(s, found_plans::plan_now(s, **plan));
                if (s.lacks) break;
                if (!current) return current.error();
                if (*current) break;
                s.start_step();
            }
            if (!s.lacks) {
                const result<void> answered = f(s, found_plans::plan_now(s, **plan));
                if (answered || !s.lacks) return answered;
            }
            wanted = s.wanted;
        }
    }

    /// Writes what is due. Returns how many entries that were.
    result<std::size_t> sweep(const wallet_id& wallet) {
        std::size_t written = 0;
        wanted_facts wanted{.whole = true};
        for (int conflicts = 0; conflicts < max_attempts;) {
            if (is_poisoned(wallet)) return errc::wallet_poisoned;
            const result<instant> now = clock();
            if (!now) return now.error();
            if (!wallet.is_valid()) return errc::invalid_argument;
            page opened;
            if (auto done = open({wallet, {}}, nothing(), wanted, opened); !done) {
                return done.error();
            }
            const result<plan_ref> plan = plan_of(opened.state);
            if (!plan) return plan.error();
            found_plans shelf{plans_};
            attempt s{opened.state, *now};
            if (auto known = learn(wallet, opened, wanted, s, shelf); !known) return known.error();
            const result<bool> current = catch_up(s, **plan);
            if (std::exchange(wanted, s.wanted) != s.wanted) continue;  // it lacked something
            if (!current) return current.error();
            if (s.entries.empty()) return written;
            const commit_outcome outcome = commit(wallet, nothing(), opened, s, nullptr);
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

    /// The plan of an account.
    result<plan_ref> plan_of(const account& a) const {
        if (const compiled_plan* only = plans_.only()) return plan_ref{*only};
        return plans_.find(a.rest->plan.view());
    }

    /// The receipt of an entry that is in the journal already, or the refusal that it records.
    static result<receipt> repeat(const entry& first, const request_info& request) {
        if (first.content != request.content) return request.on_other_content;
        if (first.kind == entry_kind::refused) return refusal_of(first);
        receipt r = receipt_of(first);
        r.repeated = true;
        return r;
    }

    /// The refusal that an entry remembers.
    static error refusal_of(const entry& refused) noexcept {
        error why{refused.refusal};
        why.with_amounts(refused.amount, refused.tolerance);
        const auto by_limit = read_refusal(refused.limits);
        if (refused.limits.empty() || !by_limit) return why;
        return why.about(by_limit->name)
            .of_limit(by_limit->level, by_limit->until.time_since_epoch().count());
    }

private:
    static constexpr int max_attempts = 1'000;
    static constexpr int max_steps_ahead = 10;

    /// The first instant, beside the latest that the store recorded before the start.
    result<instant> first_clock(instant now) const {
        if (clock_.is_watched()) {
            const result<std::optional<instant>> latest = store_.latest();
            if (!latest) return latest.error();
            if (*latest && !clock_.believes_after(**latest, now)) return errc::clock_disagrees;
        }
        is_believed_.store(true, std::memory_order_relaxed);
        return now;
    }

    static const request_id& nothing() noexcept {
        static constexpr request_id none;
        return none;
    }

    bool is_poisoned(const wallet_id& wallet) const { return poisoned_.contains(wallet); }

    result<void> open(const target& wallet, const request_id& request, const wanted_facts& wanted,
                      page& into, const request_id* told = nullptr) const {
        const compiled_plan* only = plans_.only();
        const bool whole = wanted.whole || !only;
        return store_.open({.wallet = wallet.id,
                            .place = wallet.place,
                            .request = request,
                            .whole = whole,
                            .told = told,
                            .told_entry = wanted.told},
                           into);
    }

    /// Gives an attempt what is known beyond the account.
    [[gnu::always_inline]] result<void> learn(const wallet_id& wallet, const page& opened,
                                              const wanted_facts& wanted, attempt& s,
                                              found_plans& shelf) const {
        if (!plans_.only()) s.shelf = &shelf;
        s.wanted = wanted;
        s.known.told = opened.told;
        s.known.told_of = wanted.told;
        if (!wanted.period_of && !wanted.used_from) return {};
        return learn_past(wallet, opened.state.last, wanted, s);
    }

    /// The same of what only the journal tells.
    result<void> learn_past(const wallet_id& wallet, entry_id last, const wanted_facts& wanted,
                            attempt& s) const {
        if (wanted.period_of) {
            const auto around = period_around(store_, wallet, last, *wanted.period_of);
            if (!around) return around.error();
            s.known.period_of = wanted.period_of;
            s.known.period_from = around->from;
            s.known.period_until = around->until;
        }
        if (!wanted.used_from) return {};
        const result<credits> used = used_since(store_, wallet, last, *wanted.used_from);
        if (!used) return used.error();
        s.known.used_from = wanted.used_from;
        s.known.used = *used;
        return {};
    }

    commit_outcome commit(const wallet_id& wallet, const request_id& request, const page& opened,
                          const attempt& s, kept_commits* kept) {
        std::optional<std::vector<notice>> raised;
        if (s.tells()) raised = notices_of(wallet, s);
        const std::span<const notice> notices = raised ? *raised : std::span<const notice>{};
        const commit_outcome outcome = store_.commit({.wallet = wallet,
                                                      .place = opened.place,
                                                      .asked = &request,
                                                      .unknown = opened.unknown,
                                                      .expected = opened.state.last,
                                                      .after = s.state,
                                                      .whole = s.whole,
                                                      .before = &opened.state,
                                                      .entries = s.entries,
                                                      .notices = notices,
                                                      .reopened = reopened_by(s)});
        observer* by = outcome == commit_outcome::committed ? observed_by() : nullptr;
        if (by && kept) {
            kept->keep({wallet, s.entries, notices});
        } else if (by) {
            show(*by, {wallet, s.entries, notices});
        }
        return outcome;
    }

    /// The hold whose request goes over to one of the entries; what was due takes over nothing.
    static entry_id reopened_by(const attempt& s) noexcept {
        const auto takes_over = [](const entry& e) { return !e.request.empty(); };
        const bool any =
            !s.known.former.empty() && std::any_of(s.entries.begin(), s.entries.end(), takes_over);
        return any ? s.known.former[0].id : entry_id{};
    }

    /// Whether a known request is looked into all the same: it has no id of its own and says
    /// something else than the one that ended its hold, so that it is refused, and rightly why.
    static bool goes_on(const entry& first, const request_info& request) noexcept {
        return first.content != request.content && request.on_other_content == errc::hold_closed;
    }

    /// Whether a known request may open its hold anew: one that is over has bought nothing.
    static bool reopens(const entry& first, const request_info& request) noexcept {
        return request.holds && first.kind == entry_kind::held && first.content == request.content;
    }

    /// Whether the hold that the same request opened before is over by now, unsettled.
    /// Errors: `hold_open` with the hold and its end; `hold_settled` with the settle.
    static result<void> check_former(const attempt& s) noexcept {
        const entry_id opened = s.known.former[0].id;
        const coffer::hold* open = find_hold(s.state, hold_id{opened.value()});
        if (open && s.now < open->until) {
            return error{errc::hold_open}.of_hold(opened, open->until.time_since_epoch().count());
        }
        for (const entry& e : s.known.former) {
            if (e.about == opened && e.kind == entry_kind::settled) {
                return error{errc::hold_settled}.of_hold(e.id, 0);
            }
        }
        return {};
    }

    /// Answers with a refusal. Returns that there is an answer.
    static bool refuse(result<receipt>& answer, const error& why) {
        answer = why;
        return true;
    }

    /// One round. Returns whether there is an answer; if not, it is to be tried again, perhaps
    /// knowing more.
    bool try_once(const call& asked, instant now, wanted_facts& wanted, result<receipt>& answer) {
        const request_info& request = asked.request;
        page opened;
        const request_id* told = request.refused ? request.refused : request.told;
        if (wanted.told) told = nullptr;
        if (auto done = open(asked.wallet, request.id, wanted, opened, told); !done) {
            return refuse(answer, done.error());
        }
        const bool known = !opened.known.empty();
        const bool anew = known && reopens(opened.known[0], request);
        if (known && !anew && !goes_on(opened.known[0], request)) {
            answer = repeat(opened.known[0], request);
            const bool same = opened.known[0].content == request.content;
            return same || asked.how.dry || refuse_other(asked, now, opened, wanted, answer);
        }
        attempt s{opened.state, now, opened.whole};
        if (anew) {
            s.known.former = opened.known;
            if (auto over = check_former(s); !over) return refuse(answer, over.error());
        }
        result<plan_ref> plan = plan_of(opened.state);
        if (!plan && !request.plan.empty()) plan = plans_.find(request.plan);
        if (!plan) return refuse(answer, plan.error());
        // Under a plan that was the wallet's then:
        if (request.refused && !wanted.told && !opened.told.empty()) {
            answer = repeat(opened.told[0], request);
            return true;
        }
        found_plans shelf{plans_, request.plan};
        if (auto learnt = learn(asked.wallet.id, opened, wanted, s, shelf); !learnt) {
            return refuse(answer, learnt.error());
        }
        const bool done = decide_by(**plan, asked, opened, s, answer);
        if (!s.lacks) return done;
        wanted = s.wanted;
        return false;
    }

    /// Whether nothing but the operation itself concerns the account now, so that the head tells.
    static bool is_quiet(const attempt& s, const compiled_plan& plan) noexcept {
        return s.state.next_due > s.now && s.state.totals.debt.is_zero() &&
               s.state.order == plan.order;
    }

    bool decide_by(const compiled_plan& first, const call& asked, const page& opened, attempt& s,
                   result<receipt>& answer) {
        if (!s.whole && !is_quiet(s, first)) {
            s.wanted.whole = true;
            s.lacks = true;
            return false;
        }
        result<bool> current = s.whole ? catch_up(s, first) : result<bool>{true};
        while (asked.how.dry && current && !*current) {
            s.start_step();
            current = catch_up(s, found_plans::plan_now(s, first));
        }
        if (s.lacks) return false;
        if (!current) return refuse(answer, current.error());
        if (!*current) return commit_step(asked, opened, s, answer);
        const compiled_plan& plan = found_plans::plan_now(s, first);
        const std::size_t fell_due = s.entries.size();
        const bool sticks = plan.refusals_stick && !asked.request.id.empty();
        const result<void> decided = decide_in(plan, s, asked);
        if (s.lacks) return false;
        if (decided) {
            answer = receipt_of(s.entries[s.primary]);
            return asked.how.dry || finish(asked, opened, s, answer);
        }
        answer = decided.error();
        const bool remembered = sticks && is_lack_of_credit(decided.error().code());
        if (asked.how.dry || decided == errc::wallet_poisoned) return true;
        return follow_refusal(plan, asked, opened, s, {fell_due, remembered}, answer);
    }

    /// What a refused operation found.
    struct refused_step {
        std::size_t fell_due;  ///< So many entries were due before it.
        bool remembered;       ///< It is for good.
    };

    /// Takes back what an operation decided that is refused; what fell due before it, and what
    /// follows from the refusal, is committed. Returns whether there is an answer.
    bool follow_refusal(const compiled_plan& plan, const call& asked, const page& opened,
                        attempt& s, const refused_step& step, result<receipt>& answer) {
        const auto [fell_due, remembered] = step;
        if (fell_due == 0 && !remembered && !may_recharge(plan)) return true;
        if (auto back = s.go_back_to(fell_due); !back) return refuse(answer, back.error());
        if (remembered) {
            const result<void> noted = note_refusal(s, asked.request, answer.error());
            if (!noted) return refuse(answer, noted.error());
        }
        const std::size_t before = s.entries.size();
        if (auto ordered = recharge_refused(s, plan); !ordered) {
            return !s.lacks && refuse(answer, ordered.error());
        }
        return s.entries.empty() || leave(asked, opened, s, before != 0, answer);
    }

    /// After a request that says something else than the one that is known. Returns whether there
    /// is an answer.
    bool refuse_other(const call& asked, instant now, const page& opened, wanted_facts& wanted,
                      result<receipt>& answer) {
        const result<plan_ref> plan = plan_of(opened.state);
        if (!plan || !may_recharge(**plan)) return true;
        wanted.whole = true;
        if (!opened.whole) return false;
        found_plans shelf{plans_};
        attempt s{opened.state, now};
        if (!learn(asked.wallet.id, opened, wanted, s, shelf)) return true;
        const result<bool> current = catch_up(s, **plan);
        if (s.lacks || !current || !*current) return true;
        const std::size_t fell_due = s.entries.size();
        const bool ordered = recharge_refused(s, found_plans::plan_now(s, **plan)) && !s.lacks &&
                             s.entries.size() > fell_due;
        return !ordered || leave(asked, opened, s, false, answer);
    }

    /// Commits what a refusal leaves behind. `must`: there is more than an order of the plan's own,
    /// without which the refusal is the answer all the same.
    bool leave(const call& asked, const page& opened, const attempt& s, bool must,
               result<receipt>& answer) {
        const commit_outcome outcome =
            commit(asked.wallet.id, asked.request.id, opened, s, asked.how.kept);
        if (outcome == commit_outcome::committed) return true;
        if (must) return is_over(outcome, answer);
        return outcome != commit_outcome::conflict && outcome != commit_outcome::duplicate;
    }

    static bool is_lack_of_credit(errc code) noexcept {
        return code == errc::insufficient_credits || code == errc::limit_exceeded;
    }

    static result<void> note_refusal(attempt& s, const request_info& request, const error& why) {
        return s.add([&](entry& e) {
            auto noted = decide_note(s.state, entry_kind::refused, s.now, e);
            e.refusal = why.code();
            e.amount = why.required().is_negative() ? credits{} : why.required();
            e.tolerance = why.acceptable();
            if (why == errc::limit_exceeded) e.limits = s.limit_refused;
            sign(e, request, request.refused ? *request.refused : request.id);
            return noted;
        });
    }

    static void sign(entry& e, const request_info& request, const request_id& as) noexcept {
        e.request = as.text();
        e.requested_by = as.made_by();
        e.content = request.content;
        e.signature = request.by.signature();
    }

    /// Decides the operation on an account that is up to date, and what follows from it at once.
    result<void> decide_in(const compiled_plan& plan, attempt& s, const call& asked) {
        const auto& [wallet, request, op, how] = asked;
        if (!plan.open_to_all) {
            if (auto may = request.by.check_access(plan, wallet.id); !may) return may;
        }
        const instant event = request.at ? *request.at : s.now;
        const result<void> in_time = check_event(request.at, s.now, plan);
        const result<void> checked = op.check(plan, event);
        if (!request.valid || !checked || !in_time || !request.by.is_sized()) {
            const result<void> wrong =
                gravest(request.valid, checked, in_time, request.by.check_texts());
            if (wrong.error().code() <= errc::unknown_charge) return wrong;
            // What the account lacks counts more; where it does not, nothing is bought for it.
            const result<void> refused = gravest(wrong, op.decide(s, plan));
            if (!(refused == errc::insufficient_credits)) s.lacked.reset();
            return refused;
        }
        s.event = event;
        if (s.whole) {
            if (auto followed = follow_plan(s, plan, s.now); !followed) return followed;
        }
        if (result<void> decided = op.decide(s, plan); !decided) return decided;
        sign(s.entries[s.primary], request, request.id);
        return follow_up(s, plan);
    }

    /// What follows from any operation at once: what it made due, debt that can be repaid, what the
    /// plan then buys by itself. By the plan that the account has by now.
    result<void> follow_up(attempt& s, const compiled_plan& plan) const {
        if (!s.whole) {
            s.wanted.whole = may_raise(s.state);
            return s.wanted.whole ? result<void>{s.lack()} : result<void>{};
        }
        result<plan_ref> now{plan_ref{plan}};
        if (!plans_.only()) now = plan_of(s.state);
        if (!now) return now.error();
        if (auto current = catch_up(s, **now); !current) return current.error();
        return recharge_after(s, **now);
    }

    /// Commits what fell due, of which there is more. Returns whether that failed for good.
    bool commit_step(const call& asked, const page& opened, const attempt& s,
                     result<receipt>& answer) {
        const commit_outcome outcome =
            commit(asked.wallet.id, asked.request.id, opened, s, asked.how.kept);
        return outcome != commit_outcome::committed && is_over(outcome, answer);
    }
    /// Commits the attempt. Returns whether there is an answer; if not, somebody else was faster.
    bool finish(const call& asked, const page& opened, const attempt& s, result<receipt>& answer) {
        const commit_outcome outcome =
            commit(asked.wallet.id, asked.request.id, opened, s, asked.how.kept);
        return outcome == commit_outcome::committed || is_over(outcome, answer);
    }
    /// Whether a commit that failed is not worth another try. The store's error, which is graver
    /// than any refusal, then is the answer.
    static bool is_over(commit_outcome outcome, result<receipt>& answer) {
        const bool again =
            outcome == commit_outcome::conflict || outcome == commit_outcome::duplicate;
        return !again && refuse(answer, error_of(outcome));
    }

    const plan_source& plans_;
    store_port& store_;
    const clock_port& clock_;
    poisoned_wallets poisoned_;
    mutable std::atomic<bool> is_believed_{false};
    std::atomic<observer*> observer_{nullptr};
};

/// As `engine::look`, with an answer.
template <class Answer, class F>
result<Answer> look(const engine& by, const wallet_id& wallet, const result<instant>& when, F&& f) {
    result<Answer> answer{errc::unavailable};  // until it is asked
    const auto ask = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        answer = f(s, plan);
        return answer ? result<void>{} : result<void>{answer.error()};
    };
    if (auto done = by.look(wallet, when, ask); !done) return done.error();
    return answer;
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
