/// Estimates: what a list of actions would cost, at least and at most, beside what is there. They
/// write nothing. `wallets.hpp` brings it.
#pragma once

#include <coffer/perform/charge.hpp>
#include <coffer/perform/grant.hpp>
#include <coffer/report/explain.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace coffer {
inline namespace v0 {

/// The most lines of one estimate.
inline constexpr std::size_t max_estimate_lines = 1'000;

/// So many charges of one kind.
struct estimate_line {
    std::string_view action{};
    given<credits> amount{};  ///< Of each: in place of an action, or within its range.
    std::int64_t count = 1;
    given<std::int64_t> count_up_to{};  ///< At most so many; default: `count`.
    given<coffer::quantity> quantity{};
    given<coffer::quantity> quantity_up_to{};  ///< Priced at both ends; default: `quantity`.
    std::int64_t input_tokens{};
    std::int64_t output_tokens{};
    std::int64_t reasoning_tokens{};
    std::int64_t cached_tokens{};
    std::int64_t cache_write_tokens{};
    std::int64_t cache_write_1h_tokens{};
    std::int64_t audio_input_tokens{};
    std::int64_t audio_output_tokens{};
    std::int64_t image_input_tokens{};
    std::int64_t image_output_tokens{};
    std::int64_t citation_tokens{};
    std::string_view member{};
    std::string_view resource{};
    std::string_view tags{};
    std::string_view actor{};  ///< Who would ask for them.
};

namespace detail {

/// An estimate, priced: all that is asked of policies before the account is seen.
struct priced_lines {
    const compiled_plan& plan;
    std::span<const estimate_line> lines{};
    result<void> valid{};
    cost_bounds total{};
    bucket_filter buckets{};  ///< None in particular.
    cost_list costs{};        ///< Of each line.
};

/// What is wrong with the numbers of a line.
inline result<void> check_counts(const estimate_line& r) {
    error wrong = errc::invalid_argument;
    wrong.about(r.action);
    if (r.count < 0) return wrong.in("count", "must not be negative");
    if (r.count_up_to && *r.count_up_to < r.count) {
        return wrong.in("count_up_to", "must not be less than 'count'");
    }
    if (r.quantity_up_to && (!r.quantity || *r.quantity_up_to < *r.quantity)) {
        return wrong.in("quantity_up_to", "must not be less than 'quantity', which it needs");
    }
    return {};
}

/// What one charge of a line costs.
inline result<cost_bounds> cost_of_one(const compiled_plan& plan, const estimate_line& r,
                                       const usage& used) {
    const std::optional<price_range> range = r.amount ? std::nullopt : plan.range(used);
    if (!range) {
        const result<price> priced = price_of_request(plan, r, used);
        if (!priced) return priced.error();
        return cost_bounds{priced->total, priced->total};
    }
    if (used.quantity || used.has_tokens()) {
        return error{errc::invalid_argument}.about(r.action).in(
            "quantity", "counts nothing here: the price is a range; use 'count'");
    }
    if (range->least.is_negative() || range->most < range->least) {
        return error{errc::policy_contract}.about(r.action);
    }
    return cost_bounds{range->least, range->most};
}

/// What all charges of a line cost.
inline result<cost_bounds> cost_of_line(const compiled_plan& plan, const estimate_line& r,
                                        usage used) {
    result<cost_bounds> one = cost_of_one(plan, r, used);
    if (one && r.quantity_up_to) {
        used.quantity = r.quantity_up_to;
        const result<cost_bounds> other = cost_of_one(plan, r, used);
        if (!other) return other.error();
        one->least = std::min(one->least, other->least);
        one->most = std::max(one->most, other->most);
    }
    if (!one) return one.error();
    const checked<credits> least = one->least * r.count;
    const checked<credits> most = one->most * r.count_up_to.value_or(r.count);
    if (!most) return error{most.error()}.about(r.action);
    return cost_bounds{*least, *most};
}

/// An estimate as a request that time may make possible: at one end of its costs.
struct estimate_request {
    std::span<const estimate_line> lines{};
    credits cost_bounds::*end = &cost_bounds::most;
    given<instant> at{};  // none: it is always of now
};

/// Asks the plan all that an estimate needs to know. The gravest error of any line is its own.
inline priced_lines ask(const compiled_plan& plan, const estimate_request& r, instant at,
                        const wallet_id& wallet) {
    const bool too_many = r.lines.size() > max_estimate_lines;
    priced_lines p{.plan = plan, .lines = r.lines, .valid = check_terms(plan.overdraft)};
    if (too_many) p.valid = gravest(p.valid, result<void>{errc::too_many});
    if (!p.valid) return p;
    p.costs.reserve(r.lines.size());
    for (const estimate_line& line : r.lines) {
        usage used = usage_of(line, line.action, line.tags);
        used.at = at;
        used.wallet = wallet.text();
        const result<cost_bounds> cost = cost_of_line(plan, line, used);
        p.valid = gravest(p.valid, check_counts(line), check_labels(line), cost);
        if (!p.valid) continue;
        const checked<credits> least = p.total.least + cost->least;
        const checked<credits> most = p.total.most + cost->most;
        if (!most) p.valid = most.error();
        if (!most) continue;
        p.total = {*least, *most};
        p.costs.push_back(*cost);
    }
    return p;
}

/// Draws the lines one after another, as charges would. Returns what they lack to be paid in full.
inline result<credits> draw(attempt& trial, const priced_lines& p, credits cost_bounds::*end) {
    overdraft_terms terms = p.plan.overdraft;
    terms.partial = true;
    const checked<credits> in_the_way = trial.state.totals.debt - terms.limit;
    std::int64_t missing = 0;
    for (std::size_t i = 0; i < p.costs.size(); ++i) {
        const credits amount = p.costs[i].*end;
        if (amount.is_zero()) continue;
        const bucket_filter buckets = p.plan.filter(p.lines[i].action);
        credits taken;
        const result<void> drawn = trial.add([&](entry& e) {
            auto decided =
                decide_charge(trial.state, {.amount = amount, .overdraft = terms, .from = buckets},
                              trial.when(), e);
            if (decided) taken = e.amount;
            return decided;
        });
        if (!drawn && !(drawn == errc::insufficient_credits)) return drawn.error();
        missing += amount.micros() - taken.micros();  // at most the sum, which fits
    }
    credits lacking = credits::from_micros(missing);
    if (missing > 0 && in_the_way && in_the_way->is_positive()) {
        lacking = (lacking + *in_the_way).value_or(credits::max());
    }
    return lacking;
}

/// What the lines would lack if so much had arrived in a bucket before.
inline result<credits> lacking_after(const attempt& s, const priced_lines& p,
                                     credits cost_bounds::*end, std::string_view bucket,
                                     credits arrived) {
    attempt trial{s.state, s.now};
    const auto granted = decide_grant_of(trial, p.plan, {.bucket = bucket, .amount = arrived});
    if (!granted) return granted.error();
    if (const auto repaid = catch_up(trial, p.plan); !repaid) return repaid.error();
    return draw(trial, p, end);
}

/// The last bucket that every action may draw on: where packs go. Empty if there is none.
inline std::string_view open_bucket_of(const compiled_plan& plan) {
    const bucket_filter open = plan.filter({});
    for (auto b = plan.buckets.rbegin(); b != plan.buckets.rend(); ++b) {
        if (open.allows(b->bucket)) return b->bucket.name();
    }
    return {};
}

/// What has to arrive in a bucket for the lines to be paid in full, that lack so much.
///
/// Where limited buckets burn after the one in which it arrives, more may be needed: an action then
/// draws on what arrived rather than on what it alone may use. The more arrives, the less is
/// lacking, so that the amount is found by halves.
inline credits needed_in(const attempt& s, const priced_lines& p, credits cost_bounds::*end,
                         std::string_view bucket, credits lacking) {
    const auto suffices = [&](std::int64_t arrived) {
        const auto left = lacking_after(s, p, end, bucket, credits::from_micros(arrived));
        return !left || left->is_zero();  // what cannot arrive is not looked into further
    };
    std::int64_t low = lacking.micros();
    if (suffices(low)) return lacking;
    const checked<credits> all = p.total.*end + s.state.totals.debt;
    std::int64_t high = std::max(low, all.value_or(credits::max()).micros());
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        suffices(middle) ? high = middle : low = middle + 1;
    }
    return credits::from_micros(high);
}

/// What has to arrive for the lines to be paid in full: at least what they lack.
inline result<credits> missing_of(const attempt& s, const priced_lines& p,
                                  credits cost_bounds::*end) {
    attempt trial{s.state, s.now};
    const result<credits> lacking = draw(trial, p, end);
    const std::string_view bucket = open_bucket_of(p.plan);
    if (!lacking || lacking->is_zero() || bucket.empty()) return lacking;
    return needed_in(s, p, end, bucket, *lacking);
}

/// Whether the lines can be paid in full: what looking ahead asks of a request.
inline result<void> decide_spend(const account& a, const estimate_request& r, const priced_lines& p,
                                 moment when, entry&) {
    const checked<credits> within_reach = a.totals.available + p.plan.overdraft.limit;
    if (within_reach && *within_reach < p.total.*(r.end)) return errc::insufficient_credits;
    attempt trial{a, when.now};
    const result<credits> lacking = draw(trial, p, r.end);
    if (!lacking) return lacking.error();
    return lacking->is_zero() ? result<void>{} : result<void>{errc::insufficient_credits};
}

/// An estimate is about what there is: the limits of the plan say nothing of it.
inline result<void> decide_limited(attempt& s, const compiled_plan&, const estimate_request& r,
                                   const priced_lines& p, entry& e) {
    return decide_spend(s.state, r, p, s.when(), e);
}

/// What would be lacking at one end of the costs, and when time alone brings it.
inline result<void> compare(const priced_lines& p, const attempt& s, const wallet_id& wallet,
                            const estimate_request& r, credits& missing,
                            std::optional<instant>& possible_at) {
    const result<credits> lacking = missing_of(s, p, r.end);
    if (!lacking) return lacking.error();
    missing = *lacking;
    possible_at = s.now;
    if (missing.is_zero()) return {};
    explanation later{.refused = errc::insufficient_credits};
    look_ahead(p.plan, s, wallet, r, later);
    possible_at = later.possible_at;
    return {};
}

/// Whether all of the lines may be charged by who would ask for them.
/// Errors: `access_denied` about the first who may not; `invalid_argument` about too long a name.
inline result<void> check_access(const compiled_plan& plan, const target& wallet,
                                 std::span<const estimate_line> lines) {
    result<void> sized;
    for (const estimate_line& line : lines) {
        const asking who{verb::charge, line, wallet};
        if (auto may = who.check_access(plan, wallet.id); !may) return may;
        sized = gravest(sized, who.check_texts());
    }
    return sized;
}

/// What the plan of a wallet says of the lines, once it is in force: at one end of their costs.
inline priced_lines ask_now(const compiled_plan& plan, attempt& s, const target& wallet,
                            const estimate_request& r) {
    priced_lines p = ask(plan, r, s.now, wallet.id);
    p.valid = gravest(check_access(plan, wallet, r.lines), p.valid);
    if (p.valid) p.valid = follow_plan(s, plan, s.now);
    return p;
}

inline result<estimation> estimate(const engine& by, const target& wallet,
                                   std::span<const estimate_line> lines) {
    const auto answer = [&](attempt& s, const compiled_plan& plan) -> result<estimation> {
        const estimate_request least{.lines = lines, .end = &cost_bounds::least};
        const estimate_request most{.lines = lines, .end = &cost_bounds::most};
        const priced_lines p = ask_now(plan, s, wallet, most);
        if (!p.valid) return p.valid.error();
        estimation e{.least = p.total.least,
                     .most = p.total.most,
                     .available = s.state.totals.available,
                     .lines = p.costs};
        auto done = compare(p, s, wallet.id, most, e.missing.most, e.surely_at);
        if (done) done = compare(p, s, wallet.id, least, e.missing.least, e.perhaps_at);
        if (!done) return done.error();
        return e;
    };
    return look<estimation>(by, wallet.id, by.clock(), answer);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
