/// The verbs that end a hold: settle and release.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/charge.hpp>
#include <coffer/perform/held_prices.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

inline std::uint64_t content_of(const settle_request& r, hold_id hold) noexcept {
    return content{"settle"}
        .add(std::uint64_t{hold.value()})
        .add(std::uint64_t{states_usage(r)})
        .add(usage_of(r, {}))
        .add(r.amount)
        .value();
}

/// What ends a hold has an id made from it, unless the caller gives one.
inline request_id id_of_end(const request_id& given, request_id::scope made_by, hold_id hold) {
    bool has_none = given.empty() && given.is_valid();
    return has_none ? request_id::derived(made_by, hold.value()) : given;
}

/// Why a hold that is not open cannot be settled or released. It may have to be looked up first.
inline error why_not_open(attempt& s, hold_id id) {
    if (!id) return errc::unknown_hold;
    const entry_id opened{id.value()};
    if (s.known.told_of != opened) {
        s.wanted.told = opened;
        return s.lack();
    }
    const std::span<const entry> told = s.known.told;
    if (told.empty() || told[0].kind != entry_kind::held) return errc::unknown_hold;
    const auto ends = [&](const entry& e) { return e.about == opened; };
    const auto fresh = std::find_if(s.entries.begin(), s.entries.end(), ends);
    if (fresh != s.entries.end() && fresh->kind == entry_kind::timed_out) {
        return errc::hold_expired;
    }
    const auto ended = std::find_if(told.begin(), told.end(), ends);
    if (ended == told.end()) return errc::corrupt_record;
    return ended->kind == entry_kind::timed_out ? errc::hold_expired : errc::hold_closed;
}

/// What a hold that is not open was for.
inline coffer::hold ended_hold(const attempt& s) {
    const entry& first = s.known.told[0];
    return {.amount = first.amount,
            .action = first.usage.action,
            .tags = first.usage.tags,
            .prices = first.prices};
}

/// By which prices a hold is settled: those that it keeps. One that keeps none is settled by those
/// of the plan that holds when it is settled, and has that and its own instant here.
struct settle_prices {
    plan_ref plan;
    const coffer::hold& held;
    const wallet_id& wallet;
    instant at;
    std::uint64_t version = 0;
    std::optional<linear_price> linear{};
    bool gone = false;  ///< The prices that it keeps by their version are nowhere any more.

    /// What is known before anything is said of quantities.
    usage base() const noexcept {
        return {.action = held.action,
                .tags = held.tags,
                .at = at,
                .wallet = wallet.text(),
                .version = version};
    }
    std::optional<price_range> range() const {
        return linear || gone ? std::nullopt : plan->range(base());
    }
    token_kinds kinds(const usage& used) const {
        return linear ? linear->kinds : plan->kinds(used);
    }
    /// Looks up what the hold keeps. Errors: `corrupt_record`.
    result<void> look_up(const plan_source& plans) {
        if (held.prices.empty()) return {};
        const result<held_prices> kept = unpack(held.prices);
        if (!kept) return kept.error();
        linear = kept->linear;
        version = kept->version;
        if (version == 0) return {};
        at = kept->at;
        result<plan_ref> then = plans.find(kept->plan);
        gone = !then || (*then)->keep(base()).version != kept->version;
        if (!gone) plan = *std::move(then);
        return {};
    }
    result<coffer::price> price(const usage& used) const {
        if (linear) return price_by(*linear, used);
        if (!gone) return price_of(*plan, used);
        return error{errc::unknown_plan}
            .about(used.action)
            .because("the prices of this hold are gone: settle it by an amount");
    }
};

/// What a settle comes to: what it states, or the price of what it says was used, or all that was
/// held.
inline result<price> price_of_settle(const settle_prices& prices, const settle_request& r,
                                     const coffer::hold& held) {
    if (r.amount) {
        const auto bounds = prices.range();
        if (bounds && !bounds->contains(*r.amount)) return errc::invalid_argument;
        return price_of_amount(*r.amount);
    }
    if (!states_usage(r)) return price_of_amount(held.amount);
    if (held.action.empty()) return errc::invalid_argument;
    usage used = usage_of(r, held.action, held.tags);
    used.at = prices.at;
    used.wallet = prices.wallet.text();
    used.version = prices.version;
    if (auto all = check_stated(r, prices.kinds(used)); !all) return all.error();
    return prices.price(used);
}

/// Asks the plan all that a settle needs to know. `at` is when it happens.
inline void ask(const engine& by, const compiled_plan& plan, const wallet_id& wallet,
                const settle_request& r, const coffer::hold& held, instant at, priced_spend& p) {
    settle_prices prices{.plan = plan_ref{plan}, .held = held, .wallet = wallet, .at = at};
    const result<void> found = prices.look_up(by.plans());
    p.priced = found ? price_of_settle(prices, r, held) : result<price>{found.error()};
    p.overdraft = plan.overdraft;
    p.buckets = plan.filter(held.action);
    p.valid = gravest(p.priced, check_terms(p.overdraft));
}

/// A settle as limits see it.
inline limited_spend limited(const compiled_plan& plan, const coffer::hold& held,
                             const priced_spend& p) {
    return {.labels = {.member = held.member,
                       .action = held.action,
                       .category = held.action.empty() ? "" : plan.category(held.action),
                       .resource = held.resource,
                       .tags = held.tags},
            .cost = p.cost(),
            .reach = plan.late.back,
            .settled = &held};
}

inline result<receipt> settle(engine& by, const target& wallet, hold_id id,
                              const settle_request& r) {
    const bool sensible = !r.amount || (!states_usage(r) && !r.amount->is_negative());
    const request_id own = id_of_end(r.request, request_id::scope::settle, id);
    const bool has_own = own.made_by() != request_id::scope::settle;
    request_info request{.id = own,
                         .by = {verb::settle, r, wallet},
                         .content = content_of(r, id),
                         .at = r.at,
                         .on_other_content = has_own ? errc::request_mismatch : errc::hold_closed,
                         .valid = valid_if(sensible)};
    const request_id as_refused =  // other content may still end the hold
        request_id::derived(request_id::scope::settle, id.value(), request.content);
    if (!has_own) request.refused = &as_refused;
    priced_spend asked;
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        if (!find_hold(s.state, id)) {
            const error why = why_not_open(s, id);
            if (s.lacks || why.code() < errc::hold_expired) return why;
            ask(by, plan, wallet.id, r, ended_hold(s), s.event, asked);
            return gravest(result<void>{why}, asked.valid);
        }
        const coffer::hold& held = *find_hold(s.opened, id);
        ask(by, plan, wallet.id, r, held, s.event, asked);
        if (!asked.valid) return asked.valid;
        auto settled = s.add_primary([&](entry& e) -> result<void> {
            const auto seen = [&] { return limited(plan, held, asked); };
            const auto decided = decide_within_limits(s, plan, seen, e, [&](entry& into) {
                return decide_settle(s.state, held, asked.pay(), s.when(), into);
            });
            if (!decided) return decided;
            e.usage = usage_of(r, held.action, held.tags);
            return {};
        });
        if (settled == errc::insufficient_credits) {
            const credits excess = minus(asked.cost(), held.amount);
            note_lack(s, plan, excess, asked.buckets, asked.overdraft);
        }
        return settled;
    };
    return by.perform(wallet, request, {understood, decide});
}

inline result<receipt> release(engine& by, const target& wallet, hold_id id,
                               const release_request& r, manner how = {}) {
    const request_id own = id_of_end(r.request, request_id::scope::release, id);
    const auto decide = [&](attempt& s, const compiled_plan&) -> result<void> {
        if (!find_hold(s.state, id)) return why_not_open(s, id);
        const coffer::hold& held = *find_hold(s.opened, id);
        return s.add_primary([&](entry& e) {
            return decide_release(s.state, held, entry_kind::released, s.when(), e);
        });
    };
    return by.perform(wallet,
                      {.id = own,
                       .by = {verb::release, r, wallet},
                       .content = content{"release"}.add(std::uint64_t{id.value()}).value(),
                       .at = r.at},
                      {understood, decide}, how);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
