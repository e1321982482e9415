/// The verbs that take credits: charge and its quote, and hold.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/held_prices.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <optional>
#include <type_traits>

namespace coffer {
inline namespace v0 {
namespace detail {

template <class Request>
result<void> check_labels(const Request& r) {
    return valid_if(r.action.size() <= max_action_size && r.member.size() <= max_label_size &&
                    r.resource.size() <= max_label_size && r.tags.size() <= max_label_size);
}

/// Whether a spend names only paths where limits look at them; a customer's may look at all.
inline bool has_paths_for(const compiled_plan& plan, const spend_labels& of) noexcept {
    bool sound = true;
    if (plan.choices.limits > 0) {
        sound = (of.member_is_path || of.member.empty()) &&
                (of.action_is_path || of.action.empty()) &&
                (of.resource_is_path || of.resource.empty());
        each_tag(of.tags, [&](std::string_view tag) { sound = sound && is_path(tag); });
    }
    const auto sees = [&](const limit_terms& t) { return sees_paths(t, of); };
    const auto& by_default = plan.choices.defaults.limits;
    return sound && std::all_of(plan.limits.begin(), plan.limits.end(), sees) &&
           std::all_of(by_default.begin(), by_default.end(), sees);
}

/// The price of a usage by the plan. Contract: never negative.
inline result<price> price_of(const compiled_plan& plan, const usage& used) {
    result<price> priced = plan.price(used);
    if (used.has_negative() && (priced || priced.error().code() > errc::invalid_argument)) {
        return errc::invalid_argument;
    }
    if (priced && priced->total.is_negative())
        return error{errc::policy_contract}.about(used.action);
    return priced;
}

/// The price of an amount. Made in place, as moving a price moves the room of its lines.
inline result<price> price_of_amount(credits amount) {
    result<price> stated{price{}};
    stated->total = amount;
    return stated;
}

/// An amount that the caller states: alone, or beside an action whose price is a range.
inline result<price> price_as_stated(const compiled_plan& plan, const usage& used, credits amount) {
    if (!used.action.empty()) {
        result<price> unstated = plan.price(used);
        if (!unstated && unstated.error().code() < errc::invalid_argument) return unstated;
        const std::optional<price_range> bounds = plan.range(used);
        if (!bounds || !bounds->contains(amount)) return errc::invalid_argument;
    }
    if (used.quantity || used.has_tokens() || amount.is_negative()) return errc::invalid_argument;
    return price_of_amount(amount);
}

/// The price of a charge or hold: of its usage, or the amount that it states.
template <class Request>
result<price> price_of_request(const compiled_plan& plan, const Request& r, const usage& used) {
    if (r.amount) return price_as_stated(plan, used, *r.amount);
    if (r.action.empty()) return errc::invalid_argument;
    return price_of(plan, used);
}

/// `used`: what the request says of it.
inline std::uint64_t content_of(const charge_request& r, const usage& used) noexcept {
    return content{"charge"}.add(used).add(r.amount).add(r.member).add(r.resource).value();
}
inline std::uint64_t content_of(const hold_request& r, const usage& used) noexcept {
    return content{"hold"}
        .add(used)
        .add(r.amount)
        .add(r.at_most)
        .add(r.tolerance)
        .add(static_cast<std::uint64_t>(r.expires_in.count()))
        .add(r.member)
        .add(r.resource)
        .value();
}

template <class Request>
std::uint64_t content_of(const Request& r) noexcept {
    return content_of(r, usage_of(r, r.action, r.tags));
}

/// What a hold reserves: its price, or what it says it needs at most.
inline result<price> price_of_hold(const compiled_plan& plan, const hold_request& r,
                                   const usage& used) {
    if (!r.at_most) return price_of_request(plan, r, used);
    if (r.action.empty()) return errc::invalid_argument;
    const usage nothing{.action = r.action, .tags = r.tags, .at = used.at, .wallet = used.wallet};
    if (plan.price(nothing) == errc::unknown_action) {
        return error{errc::unknown_action}.about(r.action);
    }
    bool alone = !r.amount && !r.quantity && !used.has_tokens();
    if (!alone || r.at_most->is_negative()) return errc::invalid_argument;
    return price_of_amount(*r.at_most);
}

inline result<void> check_terms(const overdraft_terms& terms) {
    return terms.is_sound() ? result<void>{} : result<void>{errc::policy_contract};
}

/// A spend that the plan has priced: all that is asked of policies before the account is seen.
struct priced_spend {
    result<price> priced{errc::invalid_argument};
    result<void> valid{};
    overdraft_terms overdraft{};
    bucket_filter buckets{};
    std::optional<spend_labels> labels{};  ///< Where accounts may have limits by the plan.

    credits cost() const noexcept { return priced ? priced->total : credits{}; }
    spend pay() const noexcept {
        return {.amount = cost(), .overdraft = overdraft, .from = buckets};
    }
};

/// Asks the plan all that a charge needs to know.
inline void ask(const compiled_plan& plan, const charge_request& r, const usage& used,
                priced_spend& p) {
    p.priced = price_of_request(plan, r, used);
    p.overdraft = plan.overdraft;
    p.buckets = plan.filter(r.action);
    p.valid = gravest(check_labels(r), p.priced, check_terms(p.overdraft));
}

inline bool is_sensible(const hold_request& r) noexcept {
    return r.expires_in.count() > 0 && !r.tolerance.is_negative();
}

/// As above, for a hold, which never uses the overdraft.
inline void ask(const compiled_plan& plan, const hold_request& r, const usage& used,
                priced_spend& p) {
    p.priced = price_of_hold(plan, r, used);
    p.buckets = plan.filter(r.action);
    p.valid = gravest(check_labels(r), p.priced, valid_if(is_sensible(r)));
}

/// What limits look at in a charge or a hold.
template <class Request>
spend_labels labels_of(const compiled_plan& plan, const Request& r) {
    return {.member = r.member,
            .action = r.action,
            .category = r.action.empty() ? "" : plan.category(r.action),
            .resource = r.resource,
            .tags = r.tags};
}

/// Where accounts of the plan may have limits, notes what these look at.
template <class Request>
void note_labels(const compiled_plan& plan, const Request& r, priced_spend& p) {
    p.labels.reset();
    if (plan.may_limit) p.labels.emplace(labels_of(plan, r));
}

/// As `ask`, with what the plan's limits want to know. Requires: the labels are noted.
template <class Request>
void ask_all(const compiled_plan& plan, const Request& r, const usage& used, priced_spend& p) {
    ask(plan, r, used, p);
    if (p.labels) p.valid = gravest(p.valid, valid_if(has_paths_for(plan, *p.labels)));
}

template <class Request>
priced_spend ask(const compiled_plan& plan, const Request& r, instant at, const wallet_id& wallet) {
    usage used = usage_of(r, r.action, r.tags);
    used.at = at;
    used.wallet = wallet.text();
    priced_spend p;
    note_labels(plan, r, p);
    ask_all(plan, r, used, p);
    return p;
}

inline result<void> decide_spend(const account& a, const charge_request&, const priced_spend& p,
                                 moment when, entry& e) {
    return decide_charge(a, p.pay(), when, e);
}

inline result<void> decide_spend(const account& a, const hold_request& r, const priced_spend& p,
                                 moment when, entry& e) {
    if (!is_sensible(r) || when.now > never - r.expires_in) return errc::invalid_argument;
    if (a.rest->holds.size() >= max_holds) return errc::too_many;
    return decide_hold(a, p.pay(), r.tolerance, when.now + r.expires_in, when, e);
}

/// The same within the limits that hold.
template <class Request>
result<void> decide_limited(attempt& s, const compiled_plan& plan, const Request& r,
                            const priced_spend& p, entry& e) {
    const auto limited = [&] {
        // An account may have limits of a higher revision of the plan.
        return limited_spend{.labels = p.labels ? *p.labels : labels_of(plan, r),
                             .cost = p.cost(),
                             .reach = plan.late.back};
    };
    return decide_within_limits(s, plan, limited, e, [&](entry& into) {
        return decide_spend(s.state, r, p, s.when(), into);
    });
}

/// What a hold keeps of its price. Of an account that names no plan it is found under the id of the
/// default plan of now.
inline price_text prices_of(const engine& by, const compiled_plan& plan, const usage& used,
                            std::string_view id) {
    const kept_price kept = plan.keep(used);
    const bool is_default = kept.version != 0 && id.empty();
    return is_default ? pack(kept, used.at, by.plans().default_id()) : pack(kept, used.at, id);
}

/// Performs a charge or a hold, which needs more than the head of the account.
template <class Request>
[[gnu::noinline]] result<receipt> spend_as_asked(engine& by, const target& wallet, const Request& r,
                                                 quotation* quoted = nullptr, manner how = {}) {
    constexpr bool holds = std::is_same_v<Request, hold_request>;
    usage used = usage_of(r, r.action, r.tags);
    const std::uint64_t said = content_of(r, used);
    used.wallet = wallet.id.text();
    priced_spend asked;
    [[maybe_unused]] std::optional<price_text> kept;
    const compiled_plan* only = by.plans().only();
    if (only) note_labels(*only, r, asked);
    const bool counted = !holds && only && asked.labels && may_count(*only, *asked.labels);
    const auto check = [&](const compiled_plan& plan, instant event) {
        used.at = event;
        if (!only) note_labels(plan, r, asked);
        ask_all(plan, r, used, asked);
        return asked.valid;
    };
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        if constexpr (holds) {
            if (!r.action.empty()) kept.emplace(prices_of(by, plan, used, s.state.rest->plan));
        }
        const bool tells = s.whole || (!counted && is_decided_by_head(s.state, asked.pay()));
        if (!tells) s.wanted.whole = true;
        const balance_totals before = s.state.totals;
        const auto write = [&](entry& e) {
            e.usage = used;
            e.usage.at = {};  // is not journalled, nor is whose it is
            e.usage.wallet = {};
            e.member = r.member;
            e.resource = r.resource;
            if (kept) e.prices = kept->view();
            return decide_limited(s, plan, r, asked, e);
        };
        result<void> spent = tells ? s.add_primary(write) : result<void>{s.lack()};
        if (spent == errc::insufficient_credits) {
            note_lack(s, plan, asked.cost(), asked.buckets, asked.overdraft);
        }
        if (spent && quoted && asked.priced) {
            const entry& e = s.entries[s.primary];
            quoted->before = before;
            quoted->parts = e.parts;
            if (e.amount == asked.priced->total) {
                quoted->lines = asked.priced->lines;
                quoted->times = asked.priced->times;
            }
        }
        return spent;
    };
    how.dry = quoted != nullptr;
    return by.perform(wallet,
                      {.id = r.request,
                       .by = {holds ? verb::hold : verb::charge, r, wallet},
                       .content = said,
                       .at = r.at,
                       .whole = holds || counted,
                       .holds = holds},
                      {check, decide}, how);
}

inline result<receipt> charge(engine& by, const target& wallet, const charge_request& r,
                              manner how = {}) {
    return spend_as_asked(by, wallet, r, nullptr, how);
}

inline result<quotation> quote(engine& by, const target& wallet, const charge_request& r) {
    quotation quoted;
    const result<receipt> done = spend_as_asked(by, wallet, r, &quoted);
    if (!done) return done.error();
    quoted.receipt = *done;
    return quoted;
}

inline result<receipt> hold(engine& by, const target& wallet, const hold_request& r) {
    return spend_as_asked(by, wallet, r);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
