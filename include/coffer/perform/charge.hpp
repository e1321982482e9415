/// The verbs that spend: charge and its quote, hold, settle, release.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <optional>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

template <class Request>
result<void> check_labels(const Request& r) {
    return valid_if(r.action.size() <= max_action_size && r.member.size() <= max_label_size &&
                    r.resource.size() <= max_label_size && r.tags.size() <= max_label_size);
}

/// The price of a usage by the plan. Contract: never negative.
template <class Plan>
result<price> price_of(const Plan& plan, const usage& used) {
    result<price> priced = plan.cost.price(used);
    if (used.has_negative() && (priced || priced.error().code() > errc::invalid_argument)) {
        return errc::invalid_argument;
    }
    if (priced && priced->total.is_negative())
        return error{errc::policy_contract}.about(used.action);
    return priced;
}

/// An amount that the caller states: alone, or beside an action whose price is a range.
template <class Plan>
result<price> price_as_stated(const Plan& plan, const usage& used, credits amount) {
    if (!used.action.empty()) {
        if (plan.cost.price(used) == errc::unknown_action) {
            return error{errc::unknown_action}.about(used.action);
        }
        auto bounds = range_of(plan.cost, used);
        if (!bounds || !bounds->contains(amount)) return errc::invalid_argument;
    }
    if (used.quantity || used.has_tokens() || amount.is_negative()) return errc::invalid_argument;
    return price{.total = amount};
}

/// The price of a charge or hold: of its usage, or the amount that it states.
template <class Plan, class Request>
result<price> price_of_request(const Plan& plan, const Request& r, instant at) {
    usage used = usage_of(r, r.action, r.tags);
    used.at = at;
    if (r.amount) return price_as_stated(plan, used, *r.amount);
    if (r.action.empty()) return errc::invalid_argument;
    return price_of(plan, used);
}

template <class Plan, class Request>
result<void> check_access(const Plan& plan, const Request& r) {
    bool allowed =
        plan.access.allows({.member = r.member, .action = r.action, .resource = r.resource});
    return allowed ? result<void>{} : result<void>{errc::access_denied};
}

template <class T>
result<void> void_of(const result<T>& r) {
    return r ? result<void>{} : result<void>{r.error()};
}

/// Notes what was used, by whom and on what.
template <class Request>
void label(entry& e, const Request& r) noexcept {
    e.usage = usage_of(r, r.action, r.tags);
    e.member = r.member;
    e.resource = r.resource;
}

inline std::uint64_t content_of(const charge_request& r) noexcept {
    return content{"charge"}
        .add(usage_of(r, r.action, r.tags))
        .add(r.amount)
        .add(r.member)
        .add(r.resource)
        .value();
}
inline std::uint64_t content_of(const hold_request& r) noexcept {
    return content{"hold"}
        .add(usage_of(r, r.action, r.tags))
        .add(r.amount)
        .add(r.at_most)
        .add(r.tolerance)
        .add(static_cast<std::uint64_t>(r.expires_in.count()))
        .add(r.member)
        .add(r.resource)
        .value();
}
inline std::uint64_t content_of(const settle_request& r, hold_id hold) noexcept {
    return content{"settle"}
        .add(std::uint64_t{hold.value()})
        .add(std::uint64_t{states_usage(r)})
        .add(usage_of(r, {}))
        .add(r.amount)
        .value();
}

/// A spend that the plan has priced: all that is asked of policies before the account is seen.
struct prepared_spend {
    result<price> priced;
    result<void> valid;
    overdraft_terms overdraft{};
    bucket_filter buckets{};

    spend pay() const noexcept {
        return {
            .amount = priced ? priced->total : credits{}, .overdraft = overdraft, .from = buckets};
    }
};

/// Calls `attempt(clock)`, and again as long as it sets the clock to the time of an account that is
/// ahead of it.
template <class Engine, class Attempt>
void at_time_of_account(Engine& engine, Attempt&& attempt) {
    instant clock = engine.clock();
    for (instant asked = never; asked != clock;) {
        asked = clock;
        attempt(clock);
    }
}

/// Tries an operation under the store's own lock, where it can be decided without any policy.
/// `decide(account, moment, entry)` returns whether the entry is to be written, or a refusal; the
/// texts of the entry are not the account's. Returns nothing where the operation has to load and
/// commit; and where the account is ahead of the clock, by which policies were asked: then the
/// clock is set to its time.
template <class Engine, class Rules, class Target, class Decide>
std::optional<result<receipt>> try_in_place(Engine& engine, const Rules& by, const Target& wallet,
                                            const request_info& request, instant& clock,
                                            Decide&& decide) {
    std::optional<result<receipt>> done;  // the one object that is returned: receipts are large
    if (!request.valid || !request.id.is_valid() || !wallet.id.is_valid() ||
        engine.is_poisoned(wallet.id)) {
        return done;
    }
    const bool remembered = refusals_stick(by.plan) && !request.id.empty();
    balance_totals before;
    entry e;
    auto step = [&](const account& a, entry& fresh) {
        if (clock < a.time && !request.at) {
            clock = a.time;
            return in_place_step::elsewhere;
        }
        const instant now = std::max(clock, a.time);
        bool settled = a.next_due > now && a.totals.debt.is_zero() && by.burning.holds_for(a);
        if (!settled || !engine.check_event(request.at, now, by)) {
            return in_place_step::elsewhere;
        }
        before = a.totals;
        result<bool> decided = decide(a, moment{now, request.at ? *request.at : now}, fresh);
        if (!decided) {
            if (remembered) return in_place_step::elsewhere;
            done.emplace(decided.error());
            return in_place_step::refuse;
        }
        if (!*decided || fresh.parts.size() > 2) return in_place_step::elsewhere;
        fresh.request = request.id.text();
        fresh.requested_by = request.id.made_by();
        fresh.content = request.content;
        return in_place_step::write;
    };
    switch (engine.store().in_place(wallet.where, wallet.id, request.id, e, step)) {
        case in_place_outcome::written: done.emplace(receipt_of(e, before)); break;
        case in_place_outcome::refused: break;
        case in_place_outcome::known:
            if (!engine.goes_on(e, request)) done.emplace(engine.repeat(wallet.id, e, request));
            break;
        case in_place_outcome::broken:
            engine.poison(wallet.id);
            done.emplace(errc::wallet_poisoned);
            break;
        case in_place_outcome::elsewhere: break;
    }
    return done;
}

/// Whether an engine can decide in place: where its store can, and one plan holds for all.
template <class Engine>
inline constexpr bool decides_in_place = Engine::has_one_plan&&
    in_place_store<std::remove_cvref_t<decltype(std::declval<Engine&>().store())>>;

/// Spends or reserves: in place where that can be, else by load and commit. `prepare(rules, event)`
/// asks the plan; `decide(account, prepared, moment, entry)` returns whether the entry can be
/// written in place, or a refusal.
template <class Engine, class Target, class Prepare, class Decide>
result<receipt> spend_by(Engine& engine, const Target& wallet, request_info request,
                         const Prepare& prepare, const Decide& decide, manner how = {}) {
    std::optional<prepared_spend> prepared;
    std::optional<result<receipt>> done;
    if constexpr (decides_in_place<Engine>) {
        if (!how.dry) {
            engine.with_one_plan([&](const auto& by) {
                auto write = [&](const account& a, moment when, entry& e) {
                    return decide(a, *prepared, when, e);
                };
                at_time_of_account(engine, [&](instant& clock) {
                    prepared.emplace(prepare(by, request.at ? *request.at : clock));
                    request.valid = prepared->valid;
                    done = try_in_place(engine, by, wallet, request, clock, write);
                });
            });
        }
    }
    if (!done) {
        request.valid = {};
        auto check = [&](const auto& by, instant event) {
            prepared.emplace(prepare(by, event));
            return prepared->valid;
        };
        auto write = [&](session& s, const auto&) {
            return s.add_primary(
                [&](entry& e) { return void_of(decide(s.state, *prepared, s.when(), e)); });
        };
        done = engine.perform(wallet.id, request, operation{check, write}, how);
    }
    bool as_priced = *done && prepared && prepared->priced;
    if (as_priced && (*done)->cost == prepared->priced->total) {
        (*done)->lines = std::move(prepared->priced->lines);
    }
    return std::move(*done);
}

/// What a hold reserves: its price, or what it says it needs at most.
template <class Plan>
result<price> price_of_hold(const Plan& plan, const hold_request& r, instant at) {
    if (!r.at_most) return price_of_request(plan, r, at);
    if (r.action.empty()) return errc::invalid_argument;
    usage used{.action = r.action, .tags = r.tags, .at = at};
    if (plan.cost.price(used) == errc::unknown_action) {
        return error{errc::unknown_action}.about(r.action);
    }
    bool alone = !r.amount && !r.quantity && !usage_of(r, {}).has_tokens();
    if (!alone || r.at_most->is_negative()) return errc::invalid_argument;
    return price{.total = *r.at_most};
}

/// Contract: an overdraft's limit is not negative.
inline result<void> check_terms(const overdraft_terms& terms) {
    return terms.limit.is_negative() ? result<void>{errc::policy_contract} : result<void>{};
}

/// Asks the plan all that a charge needs to know. `at` is when it happens.
template <class Rules>
prepared_spend prepare_spend(const Rules& by, const charge_request& r, instant at) {
    prepared_spend p{.priced = price_of_request(by.plan, r, at),
                     .valid = {},
                     .overdraft = by.plan.overdraft.terms(),
                     .buckets = by.filter(r.action)};
    p.valid = gravest(
        {check_labels(r), check_access(by.plan, r), void_of(p.priced), check_terms(p.overdraft)});
    return p;
}

inline bool is_sensible(const hold_request& r) noexcept {
    return r.expires_in.count() > 0 && !r.tolerance.is_negative();
}

/// As above, for a hold, which never uses the overdraft.
template <class Rules>
prepared_spend prepare_spend(const Rules& by, const hold_request& r, instant at) {
    prepared_spend p{.priced = price_of_hold(by.plan, r, at),
                     .valid = {},
                     .overdraft = {},
                     .buckets = by.filter(r.action)};
    p.valid = gravest(
        {check_labels(r), check_access(by.plan, r), void_of(p.priced), valid_if(is_sensible(r))});
    return p;
}

inline result<void> decide_spend(const account& a, const charge_request& r, const prepared_spend& p,
                                 moment when, entry& e) {
    if (auto decided = decide_charge(a, p.pay(), when, e); !decided) return decided;
    label(e, r);
    return {};
}

inline result<void> decide_spend(const account& a, const hold_request& r, const prepared_spend& p,
                                 moment when, entry& e) {
    if (!is_sensible(r) || when.now > never - r.expires_in) return errc::invalid_argument;
    if (a.rest->holds.size() >= max_holds) return errc::too_many;
    auto decided = decide_hold(a, p.pay(), r.tolerance, when.now + r.expires_in, when, e);
    if (!decided) return decided;
    label(e, r);
    return {};
}

/// Performs a charge or a hold.
template <class Engine, class Target, class Request>
result<receipt> spend_as_asked(Engine& engine, const Target& wallet, const Request& r,
                               manner how = {}) {
    request_info request{.id = r.request, .content = content_of(r), .at = r.at};
    auto prepare = [&](const auto& by, instant event) { return prepare_spend(by, r, event); };
    auto decide = [&](const account& a, const prepared_spend& p, moment when,
                      entry& e) -> result<bool> {
        if (auto decided = decide_spend(a, r, p, when, e); !decided) return decided.error();
        return e.debt.is_zero();
    };
    return spend_by(engine, wallet, request, prepare, decide, how);
}

template <class Engine, class Target>
result<receipt> charge(Engine& engine, const Target& wallet, const charge_request& r, bool dry) {
    return spend_as_asked(engine, wallet, r, {.dry = dry});
}

template <class Engine, class Target>
result<receipt> hold(Engine& engine, const Target& wallet, const hold_request& r) {
    return spend_as_asked(engine, wallet, r);
}

/// Why a hold that is not open cannot be settled or released; and what it was for, if it was one.
template <class Engine>
error why_not_open(Engine& engine, const wallet_id& wallet, hold_id id, const session& s,
                   coffer::hold* was = nullptr) {
    if (!id) return errc::unknown_hold;
    result<journal_page> opened = engine.store().entries(
        wallet, {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}});
    if (!opened) return opened.error();
    if (opened->entries.empty() || opened->entries[0].kind != entry_kind::held) {
        return errc::unknown_hold;
    }
    if (was) {
        const entry& first = opened->entries[0];
        *was = {.amount = first.amount, .action = first.usage.action, .tags = first.usage.tags};
    }
    auto ends = [&](const entry& e) { return e.about.value() == id.value(); };
    auto fresh = std::find_if(s.entries.begin(), s.entries.end(), ends);
    if (fresh != s.entries.end() && fresh->kind == entry_kind::timed_out) {
        return errc::hold_expired;
    }
    result<journal_page> ended =
        engine.store().entries(wallet, {.about = entry_id{id.value()}, .limit = 1});
    if (!ended) return ended.error();
    if (ended->entries.empty()) return errc::corrupt_record;
    return ended->entries[0].kind == entry_kind::timed_out ? errc::hold_expired : errc::hold_closed;
}

/// The open hold that can be ended in place: what it may give back stays usable, so that nothing
/// follows from it. Null if there is none.
inline const coffer::hold* find_simple_hold(const account& a, hold_id id, instant now) noexcept {
    const coffer::hold* h = find_hold(a, id);
    auto goes_on = [&](const part& p) {
        const spendable* hot = find_spendable(a, p.lot);
        return hot && hot->expires > now;
    };
    return h && std::all_of(h->parts.begin(), h->parts.end(), goes_on) ? h : nullptr;
}

/// What ends a hold has an id made from it, unless the caller gives one.
inline request_id id_of_end(const request_id& given, request_id::scope made_by, hold_id hold) {
    bool has_none = given.empty() && given.is_valid();
    return has_none ? request_id::derived(made_by, hold.value()) : given;
}

/// What a settle comes to: what it states, or the price of what it says was used, or all that was
/// held.
template <class Plan>
result<price> price_of_settle(const Plan& plan, const settle_request& r, const coffer::hold& held,
                              instant at) {
    if (r.amount) {
        auto bounds =
            range_of(plan.cost, usage{.action = held.action, .tags = held.tags, .at = at});
        if (bounds && !bounds->contains(*r.amount)) return errc::invalid_argument;
        return price{.total = *r.amount};
    }
    if (!states_usage(r)) return price{.total = held.amount};
    if (held.action.empty()) return errc::invalid_argument;
    usage used = usage_of(r, held.action, held.tags);
    used.at = at;
    if (auto all = check_stated(r, token_kinds_of(plan.cost, used)); !all) return all.error();
    return price_of(plan, used);
}

/// Asks the plan all that a settle needs to know. `at` is when it happens.
template <class Rules>
prepared_spend prepare_settle(const Rules& by, const settle_request& r, const coffer::hold& held,
                              instant at) {
    prepared_spend p{.priced = price_of_settle(by.plan, r, held, at),
                     .valid = {},
                     .overdraft = by.plan.overdraft.terms(),
                     .buckets = by.filter(held.action)};
    p.valid = gravest({void_of(p.priced), check_terms(p.overdraft)});
    return p;
}

/// Decides a settle; the texts of the entry are those of `held`.
inline result<void> write_settle(const account& a, const coffer::hold& open,
                                 const coffer::hold& held, const settle_request& r,
                                 const prepared_spend& p, moment when, entry& e) {
    if (auto decided = decide_settle(a, open, p.pay(), when, e); !decided) return decided;
    label(e, held);
    e.usage = usage_of(r, held.action, held.tags);
    return {};
}

/// `known` is what the hold's handle knows of it.
template <class Engine, class Target>
result<receipt> settle(Engine& engine, const Target& wallet, hold_id id, const settle_request& r,
                       const coffer::hold* known = nullptr) {
    const bool sensible = !r.amount || (!states_usage(r) && !r.amount->is_negative());
    const request_id own = id_of_end(r.request, request_id::scope::settle, id);
    const bool has_own = own.made_by() != request_id::scope::settle;
    request_info request{.id = own,
                         .content = content_of(r, id),
                         .at = r.at,
                         .on_other_content = has_own ? errc::request_mismatch : errc::hold_closed,
                         .valid = valid_if(sensible)};
    const request_id as_refused =  // other content may still end the hold
        request_id::derived(request_id::scope::settle, id.value(), request.content);
    if (!has_own) request.refused = &as_refused;
    std::optional<prepared_spend> prepared;
    std::optional<result<receipt>> done;
    if constexpr (decides_in_place<Engine>) {
        if (known) {
            engine.with_one_plan([&](const auto& by) {
                if (refusals_stick(by.plan) && !has_own) return;
                auto decide = [&](const account& a, moment when, entry& e) -> result<bool> {
                    const coffer::hold* open = find_simple_hold(a, id, when.now);
                    if (!open) return false;
                    auto decided = write_settle(a, *open, *known, r, *prepared, when, e);
                    if (!decided) return decided.error();
                    return e.debt.is_zero();
                };
                at_time_of_account(engine, [&](instant& clock) {
                    prepared.emplace(prepare_settle(by, r, *known, r.at ? *r.at : clock));
                    if (!prepared->valid) return;
                    done = try_in_place(engine, by, wallet, request, clock, decide);
                });
            });
        }
    }
    if (!done) {
        auto write = [&](session& s, const auto& by) -> result<void> {
            const coffer::hold* open = find_hold(s.state, id);
            if (!open) {
                coffer::hold was;
                error why = why_not_open(engine, wallet.id, id, s, &was);
                if (why.code() < errc::hold_expired) return why;
                return gravest({why, prepare_settle(by, r, was, s.event).valid});
            }
            const coffer::hold& held = s.keep(*open);
            prepared.emplace(prepare_settle(by, r, held, s.event));
            if (!prepared->valid) return prepared->valid;
            return s.add_primary([&](entry& e) {
                return write_settle(s.state, held, held, r, *prepared, s.when(), e);
            });
        };
        done = engine.perform(wallet.id, request, operation{no_check{}, write});
    }
    if (*done && prepared && prepared->priced && (*done)->cost == prepared->priced->total) {
        (*done)->lines = std::move(prepared->priced->lines);
    }
    return std::move(*done);
}

template <class Engine, class Target>
result<receipt> release(Engine& engine, const Target& wallet, hold_id id, const release_request& r,
                        manner how = {}) {
    const request_id own = id_of_end(r.request, request_id::scope::release, id);
    request_info request{.id = own,
                         .content = content{"release"}.add(std::uint64_t{id.value()}).value(),
                         .at = r.at};
    std::optional<result<receipt>> done;
    if constexpr (decides_in_place<Engine>) {
        coffer::hold held;  // owns the texts of the entry
        auto decide = [&](const account& a, moment when, entry& e) -> result<bool> {
            const coffer::hold* open = find_simple_hold(a, id, when.now);
            if (!open) return false;
            held = *open;
            auto decided = decide_release(a, held, entry_kind::released, when, e);
            if (!decided) return decided.error();
            return true;
        };
        engine.with_one_plan([&](const auto& by) {
            at_time_of_account(engine, [&](instant& clock) {
                done = try_in_place(engine, by, wallet, request, clock, decide);
            });
        });
    }
    if (done) return std::move(*done);
    auto write = [&](session& s, const auto&) -> result<void> {
        const coffer::hold* open = find_hold(s.state, id);
        if (!open) return why_not_open(engine, wallet.id, id, s);
        const coffer::hold& held = s.keep(*open);
        return s.add_primary([&](entry& e) {
            return decide_release(s.state, held, entry_kind::released, s.when(), e);
        });
    };
    return engine.perform(wallet.id, request, operation{no_check{}, write}, how);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
