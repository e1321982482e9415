/// The verbs that make and change lots: grant, void, expire_at.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The period of a bucket, or of the account, in which an instant lies.
inline result<std::optional<period>> period_around(const account& a, const compiled_plan& plan,
                                                   std::optional<std::size_t> bucket, instant t) {
    const account_details& rest = *a.rest;
    if (!rest.started) return std::optional<period>{};
    const bool refills = bucket && !plan.buckets[*bucket].cadence.is_zero();
    const timespan cadence = refills ? plan.buckets[*bucket].cadence : plan.account_cadence();
    const result<zone> where = zone_of(a, plan);
    if (!where) return where.error();
    const schedule periods{rest.anchor, cadence, *where};
    const result<std::int64_t> index = periods.index_at(t);
    if (!index) return index.error();
    const result<period> around = periods.period_of(*index);
    if (!around) return around.error();
    return std::optional<period>{*around};
}

inline result<void> decide_grant_of(attempt& s, const compiled_plan& plan, const grant_request& r) {
    const std::optional<std::size_t> bucket = plan.find(r.bucket);
    if (!bucket) return errc::unknown_bucket;
    const instant effective = r.effective.value_or(s.now);
    lot fresh{.id = lot_id{s.state.last.value() + 1}, .granted = r.amount};
    fresh.terms = {.bucket = plan.buckets[*bucket].bucket,
                   .source = source_of(r),
                   .priority = r.priority.value_or(no_priority),
                   .effective = effective,
                   .paid = r.paid};
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    const auto around = period_around(s.state, plan, bucket, std::max(effective, s.now));
    if (!around) return around.error();
    const result<lifetime> life =
        plan.life(*bucket, {.effective = effective, .running = *around, .where = *where});
    if (!life) return life.error();
    fresh.terms.expires = r.expires.value_or(life->until);
    const burn_position place = position_of(s.state, fresh, plan);
    return s.add_primary([&](entry& e) {
        e.resource = r.name;
        return decide_grant(s.state, fresh.terms, r.amount, place, s.when(), e);
    });
}

inline result<receipt> grant(engine& by, const target& wallet, const grant_request& r) {
    content said{"grant"};
    said.add(r.bucket).add(r.amount).add(r.priority).add(r.effective).add(r.expires).add(r.paid);
    said.add(static_cast<std::uint64_t>(source_of(r)));
    if (!r.name.empty()) said.add(r.name);
    const bool sensible = r.amount.is_positive() && !r.paid.is_negative() &&
                          r.name.size() <= max_label_size && to_string(source_of(r)) != "unknown";
    request_info request{.id = r.request,
                         .by = {verb::grant, r, wallet},
                         .content = said.value(),
                         .at = r.at,
                         .valid = sensible ? names_price(r) : valid_if(false)};
    const auto check = [&](const compiled_plan& plan, instant) -> result<void> {
        if (!plan.find(r.bucket)) return error{errc::unknown_bucket}.about(r.bucket);
        return {};
    };
    const auto decide = [&](attempt& s, const compiled_plan& plan) {
        return decide_grant_of(s, plan, r);
    };
    return by.perform(wallet, request, {check, decide});
}

inline result<receipt> void_lot(engine& by, const target& wallet, const void_request& r) {
    request_info request{
        .id = r.request,
        .by = {verb::void_lot, r, wallet},
        .content = content{"void"}.add(std::uint64_t{r.lot.value()}).add(r.amount).value(),
        .at = r.at};
    const auto decide = [&](attempt& s, const compiled_plan&) -> result<void> {
        const std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        const credits amount = r.amount.value_or(of->available);
        if (amount.is_zero()) return s.note(*of);
        return s.add_primary(
            [&](entry& e) { return decide_void(s.state, *of, amount, s.when(), e); });
    };
    return by.perform(wallet, request, {understood, decide});
}

inline result<receipt> expire_at(engine& by, const target& wallet, const expiry_request& r) {
    request_info request{
        .id = r.request,
        .by = {verb::expire_at, r, wallet},
        .content = content{"expire_at"}.add(std::uint64_t{r.lot.value()}).add(r.expires).value(),
        .at = r.at};
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        const std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        lot changed = *of;
        changed.terms = with_expiry(changed.terms, r.expires);
        account others = s.state;  // the lot's new place is sought among the other lots
        if (find_spendable(others, r.lot)) (void)account_editor{others}.leave(r.lot);
        const burn_position place = position_of(others, changed, plan);
        return s.add_primary([&](entry& e) {
            return decide_expiry_change(s.state, *of, r.expires, place, s.when(), e);
        });
    };
    return by.perform(wallet, request, {understood, decide});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
