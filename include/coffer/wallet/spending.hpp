/// The verbs that spend: charge and its quote, hold, settle, release.
#pragma once

#include <coffer/ledger.hpp>
#include <coffer/wallet/engine.hpp>

#include <optional>

namespace coffer {
inline namespace v0 {
namespace detail {

inline result<void> check_labels(std::string_view action, std::string_view member,
                                 std::string_view resource) {
    bool fits = action.size() <= max_action_size && member.size() <= max_label_size &&
                resource.size() <= max_label_size;
    return fits ? result<void>{} : result<void>{errc::invalid_argument};
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

/// The price of a charge or hold: of its usage, or the amount that it states.
template <class Plan, class Request>
result<price> price_of_request(const Plan& plan, const Request& r,
                               const std::optional<credits>& amount) {
    bool has_usage = r.quantity || usage_of(r, {}).has_tokens();
    if (amount) {
        // An amount stands alone; with an action it is only for what has no fixed price.
        bool alone = r.action.empty() && !has_usage;
        if (!alone) {
            result<price> known = plan.cost.price(usage_of(r, r.action));
            if (!r.action.empty() && known == errc::unknown_action) return known;
        }
        if (!alone || amount->is_negative()) return errc::invalid_argument;
        return price{.total = *amount};
    }
    if (r.action.empty()) return errc::invalid_argument;
    return price_of(plan, usage_of(r, r.action));
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
    e.usage = usage_of(r, r.action);
    e.member = r.member;
    e.resource = r.resource;
}

inline std::uint64_t content_of(const charge_request& r) noexcept {
    return content{"charge"}
        .add(usage_of(r, r.action))
        .add(r.amount)
        .add(r.member)
        .add(r.resource)
        .value();
}
inline std::uint64_t content_of(const hold_request& r) noexcept {
    return content{"hold"}
        .add(usage_of(r, r.action))
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

/// Tries an operation under the store's own lock, where it can be decided without any policy.
/// `decide(account, now, entry)` returns whether the entry is to be written, or a refusal.
/// Returns nothing where the operation has to load and commit.
template <class Engine, class Target, class Decide>
std::optional<result<receipt>> try_in_place([[maybe_unused]] Engine& engine,
                                            [[maybe_unused]] const Target& wallet,
                                            [[maybe_unused]] const request_info& request,
                                            [[maybe_unused]] Decide&& decide) {
    using store_type = std::remove_cvref_t<decltype(engine.store())>;
    std::optional<result<receipt>> done;  // the one object that is returned: receipts are large
    if constexpr (in_place_store<store_type>) {
        if (!request.valid || !request.id.is_valid() || !wallet.id.is_valid() ||
            engine.is_poisoned(wallet.id)) {
            return done;
        }
        instant clock = engine.clock();
        balance_totals before;
        entry e;
        auto step = [&](const account& a, entry& fresh) {
            instant now = std::max(clock, a.time);
            if (!engine.is_settled(a, now) || !engine.check_event(request.at, now)) {
                return in_place_step::elsewhere;
            }
            before = a.totals;
            result<bool> decided = decide(a, moment{now, request.at.value_or(now)}, fresh);
            if (!decided) {
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
            case in_place_outcome::known: done.emplace(engine.repeat(wallet.id, e, request)); break;
            case in_place_outcome::broken:
                engine.poison(wallet.id);
                done.emplace(errc::wallet_poisoned);
                break;
            case in_place_outcome::elsewhere: break;
        }
    }
    return done;
}

template <class Engine, class Target>
result<receipt> charge(Engine& engine, const Target& wallet, const charge_request& r, bool dry) {
    const auto& plan = engine.plan();
    result<price> priced = price_of_request(plan, r, r.amount);
    request_info request{.id = r.request,
                         .content = content_of(r),
                         .at = r.at,
                         .valid = gravest({check_labels(r.action, r.member, r.resource),
                                           check_access(plan, r), void_of(priced)})};
    bucket_filter buckets = filter_for(plan, r.action);
    spend pay{.amount = priced ? priced->total : credits{},
              .overdraft = plan.overdraft.terms(),
              .from = buckets};
    auto decide = [&](const account& a, moment when, entry& e) -> result<bool> {
        if (auto decided = decide_charge(a, pay, when, e); !decided) return decided.error();
        label(e, r);
        return e.debt.is_zero();
    };
    std::optional<result<receipt>> done;
    if (!dry) done = try_in_place(engine, wallet, request, decide);
    if (!done) {
        done = engine.perform(
            wallet.id, request,
            [&](session& s) {
                return s.add_primary(
                    [&](entry& e) { return void_of(decide(s.state, s.when(), e)); });
            },
            dry);
    }
    if (*done && priced && (*done)->cost == priced->total) (*done)->lines = priced->lines;
    return std::move(*done);
}

template <class Engine, class Target>
result<receipt> hold(Engine& engine, const Target& wallet, const hold_request& r) {
    const auto& plan = engine.plan();
    result<price> priced = price{};
    if (r.at_most) {
        bool known = !r.action.empty() && !r.amount && !r.at_most->is_negative();
        priced = plan.cost.price({.action = r.action});
        if (priced != errc::unknown_action) {
            priced = known ? result<price>{price{.total = *r.at_most}}
                           : result<price>{errc::invalid_argument};
        }
    } else {
        priced = price_of_request(plan, r, r.amount);
    }
    bool sensible = r.expires_in.count() > 0 && !r.tolerance.is_negative();
    request_info request{
        .id = r.request,
        .content = content_of(r),
        .at = r.at,
        .valid = gravest({check_labels(r.action, r.member, r.resource), check_access(plan, r),
                          void_of(priced),
                          sensible ? result<void>{} : result<void>{errc::invalid_argument}})};
    bucket_filter buckets = filter_for(plan, r.action);
    spend pay{.amount = priced ? priced->total : credits{}, .overdraft = {}, .from = buckets};
    auto decide = [&](const account& a, moment when, entry& e) -> result<bool> {
        if (!sensible || when.now > never - r.expires_in) return errc::invalid_argument;
        if (a.rest->holds.size() >= max_holds) return errc::too_many;
        auto decided = decide_hold(a, pay, r.tolerance, when.now + r.expires_in, when, e);
        if (!decided) return decided.error();
        label(e, r);
        return true;
    };
    auto done = try_in_place(engine, wallet, request, decide);
    if (!done) {
        done = engine.perform(wallet.id, request, [&](session& s) {
            return s.add_primary([&](entry& e) { return void_of(decide(s.state, s.when(), e)); });
        });
    }
    if (*done && priced && (*done)->cost == priced->total) (*done)->lines = priced->lines;
    return std::move(*done);
}

/// Why a hold that is not open cannot be settled or released.
template <class Engine>
error why_not_open(Engine& engine, const wallet_id& wallet, hold_id id, const session& s) {
    auto ends = [&](const entry& e) { return e.about.value() == id.value(); };
    auto fresh = std::find_if(s.entries.begin(), s.entries.end(), ends);
    if (fresh != s.entries.end() && fresh->kind == entry_kind::timed_out) {
        return errc::hold_expired;
    }
    if (!id) return errc::unknown_hold;
    result<journal_page> opened = engine.store().entries(
        wallet, {.after = entry_id{id.value() - 1}, .before = entry_id{id.value() + 1}});
    if (!opened) return opened.error();
    if (opened->entries.empty() || opened->entries[0].kind != entry_kind::held) {
        return errc::unknown_hold;
    }
    result<journal_page> ended =
        engine.store().entries(wallet, {.about = entry_id{id.value()}, .limit = 1});
    if (!ended) return ended.error();
    if (ended->entries.empty()) return errc::corrupt_record;
    return ended->entries[0].kind == entry_kind::timed_out ? errc::hold_expired : errc::hold_closed;
}

/// Whether what the hold may give back stays usable, so that nothing follows from ending it.
inline bool lots_go_on(const account& a, const coffer::hold& h, instant now) noexcept {
    return std::all_of(h.parts.begin(), h.parts.end(), [&](const part& p) {
        const spendable* hot = find_spendable(a, p.lot);
        return hot && hot->expires > now;
    });
}

template <class Engine, class Target>
result<receipt> settle(Engine& engine, const Target& wallet, hold_id id, const settle_request& r,
                       const std::optional<action_name>& known_action) {
    const auto& plan = engine.plan();
    request_id own = r.request.empty() && r.request.is_valid()
                         ? request_id::derived(request_id::scope::settle, id.value())
                         : r.request;
    bool has_usage = states_usage(r);
    request_info request{.id = own,
                         .content = content_of(r, id),
                         .at = r.at,
                         .on_other_content = own.made_by() == request_id::scope::settle
                                                 ? errc::hold_closed
                                                 : errc::request_mismatch,
                         .valid = r.amount && (has_usage || r.amount->is_negative())
                                      ? result<void>{errc::invalid_argument}
                                      : result<void>{}};
    std::optional<result<price>> priced;
    auto price_for = [&](const coffer::hold& h) -> result<price> {
        if (r.amount) return price{.total = *r.amount};
        if (!has_usage) return price{.total = h.amount};
        return price_of(plan, usage_of(r, h.action.view()));
    };
    const overdraft_terms overdraft = plan.overdraft.terms();  // no policy runs under a lock
    auto decide = [&](const account& a, const coffer::hold& h, const price& cost, moment when,
                      entry& e) {
        bucket_filter buckets = filter_for(plan, h.action.view());
        spend pay{.amount = cost.total, .overdraft = overdraft, .from = buckets};
        return decide_settle(a, h, pay, when, e);
    };

    std::optional<result<receipt>> done;
    if (known_action && (!has_usage || r.amount)) {
        priced = price{.total = r.amount.value_or(credits{})};
    } else if (known_action) {
        priced = price_of(plan, usage_of(r, known_action->view()));
    }
    if (known_action && *priced) {
        done = try_in_place(engine, wallet, request,
                            [&](const account& a, moment when, entry& e) -> result<bool> {
                                const coffer::hold* h = find_hold(a, id);
                                if (!h || !lots_go_on(a, *h, when.now)) return false;
                                price cost = **priced;
                                if (!r.amount && !has_usage) cost.total = h->amount;
                                if (auto decided = decide(a, *h, cost, when, e); !decided)
                                    return decided.error();
                                e.usage = usage_of(r, known_action->view());
                                return e.debt.is_zero();
                            });
    }
    coffer::hold found;  // owns the texts of the entry
    if (!done) {
        done = engine.perform(wallet.id, request, [&](session& s) -> result<void> {
            const coffer::hold* h = find_hold(s.state, id);
            if (!h) return why_not_open(engine, wallet.id, id, s);
            found = *h;
            priced = price_for(found);
            if (!*priced) return priced->error();
            return s.add_primary([&](entry& e) {
                auto decided = decide(s.state, found, **priced, s.when(), e);
                if (decided) e.usage = usage_of(r, found.action.view());
                return decided;
            });
        });
    }
    if (*done && priced && *priced && (*done)->cost == (*priced)->total) {
        (*done)->lines = (*priced)->lines;
    }
    return std::move(*done);
}

template <class Engine, class Target>
result<receipt> release(Engine& engine, const Target& wallet, hold_id id, const release_request& r,
                        bool once = false) {
    request_id own = r.request.empty() && r.request.is_valid()
                         ? request_id::derived(request_id::scope::release, id.value())
                         : r.request;
    request_info request{.id = own,
                         .content = content{"release"}.add(std::uint64_t{id.value()}).value(),
                         .at = r.at};
    auto done = try_in_place(
        engine, wallet, request, [&](const account& a, moment when, entry& e) -> result<bool> {
            const coffer::hold* h = find_hold(a, id);
            if (!h || !lots_go_on(a, *h, when.now)) return false;
            auto decided = decide_release(a, *h, entry_kind::released, when, e);
            if (!decided) return decided.error();
            return true;
        });
    if (done) return std::move(*done);
    auto decide = [&](session& s) -> result<void> {
        const coffer::hold* h = find_hold(s.state, id);
        if (!h) return why_not_open(engine, wallet.id, id, s);
        coffer::hold found = *h;
        return s.add_primary([&](entry& e) {
            return decide_release(s.state, found, entry_kind::released, s.when(), e);
        });
    };
    return engine.perform(wallet.id, request, decide, false, once);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
