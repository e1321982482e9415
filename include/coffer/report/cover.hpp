/// What to buy so that all lines of an estimate can be charged. `wallets.hpp` brings it.
#pragma once

#include <coffer/report/estimate.hpp>
#include <coffer/report/offers.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether two buckets are of one kind: the same lines that cost something may draw on both.
inline bool of_one_kind(const priced_lines& p, bucket_id a, bucket_id b) {
    if (a == b) return true;
    for (std::size_t i = 0; i < p.costs.size(); ++i) {
        if (p.costs[i].most.is_zero()) continue;
        const bucket_filter from = p.plan.filter(p.lines[i].action);
        if (from.allows(a) != from.allows(b)) return false;
    }
    return true;
}

/// Some offers, by what they bring to one kind of buckets.
struct offers_of_kind {
    bucket_id kind{};
    std::vector<sale> packs{};
    std::vector<std::string_view> into{};  ///< The buckets that they reach.
};

inline offers_of_kind offers_for(const offer_list& offers, const priced_lines& p, bucket_id kind) {
    offers_of_kind some{.kind = kind};
    const auto reached = [&](std::string_view bucket, credits amount) {
        const bucket_id known = bucket_id::find(bucket);
        if (!amount.is_positive() || !known || !of_one_kind(p, kind, known)) return credits{};
        if (std::find(some.into.begin(), some.into.end(), bucket) == some.into.end()) {
            some.into.push_back(bucket);
        }
        return amount;
    };
    for (sale s : offers) {
        const credits paid = reached(s.pack->into, s.pack->credits);
        const credits bonus = reached(s.pack->bonus_bucket(), s.pack->bonus);
        s.brings = (paid + bonus).value_or(credits::max());
        if (s.brings.is_positive()) some.packs.push_back(s);
    }
    return some;
}

/// What has to arrive in any of these buckets for the lines to be paid at their most; none where no
/// amount suffices.
inline std::optional<credits> needed_of(const attempt& s, const priced_lines& p, credits lacking,
                                        const std::vector<std::string_view>& buckets) {
    constexpr auto most = &cost_bounds::most;
    credits needed;
    for (std::string_view bucket : buckets) {
        const credits here = needed_in(s, p, most, bucket, lacking);
        const auto left = lacking_after(s, p, most, bucket, here);
        if (!left || !left->is_zero()) return std::nullopt;
        needed = std::max(needed, here);
    }
    return needed;
}

/// Takes an advice for another where it costs less, and its single pack where that does.
inline void improve(purchase_advice& best, const purchase_advice& other) {
    const auto cheaper = [](const money& a, const money& b) {
        return a.minor_units() < b.minor_units();
    };
    std::optional<sale> pack = best.pack;
    if (other.pack && (!pack || cheaper(other.pack->price, pack->price))) pack = other.pack;
    if (best.packs.packs.empty() || cheaper(other.packs.price, best.packs.price)) best = other;
    best.pack = pack;
}

/// What to buy of some offers so that the lines are paid at their most: packs of one kind, for what
/// is missing may be another amount for each kind.
inline result<purchase_advice> advise(const attempt& s, const priced_lines& p, offer_list offers) {
    attempt trial{s.state, s.now};
    const result<credits> lacking = draw(trial, p, &cost_bounds::most);
    if (!lacking) return lacking.error();
    purchase_advice best;
    if (lacking->is_zero()) return best;
    error none = error{errc::purchase_refused}.because("no packs that may be bought suffice");
    std::vector<bucket_id> asked;
    for (const bucket_terms& b : p.plan.buckets) {
        const auto known = [&](bucket_id other) { return of_one_kind(p, b.bucket, other); };
        if (std::any_of(asked.begin(), asked.end(), known)) continue;
        asked.push_back(b.bucket);
        const offers_of_kind some = offers_for(offers, p, b.bucket);
        if (some.packs.empty()) continue;
        const std::optional<credits> needed = needed_of(s, p, *lacking, some.into);
        if (!needed) continue;
        const result<purchase_advice> found = advise({.packs = some.packs}, *needed);
        found ? improve(best, *found) : void(none = found.error());
    }
    if (best.packs.packs.empty()) return none;
    best.kept = std::move(offers.kept);
    return best;
}

inline result<purchase_advice> advise(const engine& by, const target& wallet,
                                      std::span<const estimate_line> lines,
                                      std::string_view channel) {
    const auto answer = [&](attempt& s, const compiled_plan& plan) -> result<purchase_advice> {
        const priced_lines p = ask_now(plan, s, wallet, {.lines = lines});
        if (!p.valid) return p.valid.error();
        return advise(s, p, offers_of(by, s.state, plan, channel));
    };
    return look<purchase_advice>(by, wallet.id, by.clock(), answer);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
