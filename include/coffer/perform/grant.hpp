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
template <class Plan>
result<std::optional<period>> period_around(const Plan& plan, const account& a,
                                            std::string_view bucket, instant t) {
    const account_details& rest = *a.rest;
    if (!rest.started) return std::optional<period>{};
    timespan cadence = account_periods_of(plan).cadence;
    with_bucket(plan, bucket, [&](const auto& policies) {
        const timespan own = policies.refill.cadence();
        if (!own.is_zero()) cadence = own;
    });
    result<zone> where = zone_of(plan, a);
    if (!where) return where.error();
    schedule periods{rest.anchor, cadence, *where};
    result<std::int64_t> index = periods.index_at(t);
    if (!index) return index.error();
    result<period> around = periods.period_of(*index);
    if (!around) return around.error();
    return std::optional<period>{*around};
}

template <class Rules>
result<void> grant_in(const Rules& by, session& s, const grant_request& r) {
    instant effective = r.effective.value_or(s.now);
    lot fresh{.id = lot_id{s.state.last.value() + 1}, .granted = r.amount};
    fresh.terms = {.bucket = bucket_id::of(r.bucket),
                   .source = source_of(r),
                   .priority = r.priority.value_or(no_priority),
                   .effective = effective,
                   .paid = r.paid};
    result<zone> where = zone_of(by.plan, s.state);
    if (!where) return where.error();
    auto around = period_around(by.plan, s.state, r.bucket, std::max(effective, s.now));
    if (!around) return around.error();
    result<lifetime> life = errc::unknown_bucket;
    with_bucket(by.plan, r.bucket, [&](const auto& policies) {
        life = policies.expiry.life({.effective = effective, .running = *around, .where = *where});
    });
    if (!life) return life.error();
    fresh.terms.expires = r.expires.value_or(life->until);
    burn_position place = by.burning.position_of(s.state, fresh);
    return s.add_primary([&](entry& e) {
        e.resource = r.name;
        return decide_grant(s.state, fresh.terms, r.amount, place, s.when(), e);
    });
}

template <class Engine, class Target>
result<receipt> grant(Engine& engine, const Target& wallet, const grant_request& r) {
    content said{"grant"};
    said.add(r.bucket).add(r.amount).add(r.priority).add(r.effective).add(r.expires).add(r.paid);
    said.add(static_cast<std::uint64_t>(source_of(r)));
    if (!r.name.empty()) said.add(r.name);
    bool sensible =
        r.amount.is_positive() && !r.paid.is_negative() && r.name.size() <= max_label_size;
    request_info request{.id = r.request,
                         .content = said.value(),
                         .at = r.at,
                         .valid = sensible ? names_price(r) : valid_if(false)};
    auto check = [&](const auto& by, instant) -> result<void> {
        bool known = with_bucket(by.plan, r.bucket, [](const auto&) {});
        return known ? result<void>{} : result<void>{error{errc::unknown_bucket}.about(r.bucket)};
    };
    auto write = [&](session& s, const auto& by) { return grant_in(by, s, r); };
    return engine.perform(wallet.id, request, operation{check, write});
}

template <class Engine, class Target>
result<receipt> void_lot(Engine& engine, const Target& wallet, const void_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"void"}.add(std::uint64_t{r.lot.value()}).add(r.amount).value(),
        .at = r.at};
    auto write = [&](session& s, const auto&) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        const credits amount = r.amount.value_or(of->available);
        if (amount.is_zero()) return s.note(*of);
        return s.add_primary(
            [&](entry& e) { return decide_void(s.state, *of, amount, s.when(), e); });
    };
    return engine.perform(wallet.id, request, operation{no_check{}, write});
}

template <class Engine, class Target>
result<receipt> expire_at(Engine& engine, const Target& wallet, const expiry_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"expire_at"}.add(std::uint64_t{r.lot.value()}).add(r.expires).value(),
        .at = r.at};
    auto write = [&](session& s, const auto& by) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        lot changed = *of;
        changed.terms = with_expiry(changed.terms, r.expires);
        account others = s.state;  // the lot's new place is sought among the other lots
        if (const spendable* hot = find_spendable(others, r.lot)) others.burning.erase(hot);
        burn_position place = by.burning.position_of(others, changed);
        return s.add_primary([&](entry& e) {
            return decide_expiry_change(s.state, *of, r.expires, place, s.when(), e);
        });
    };
    return engine.perform(wallet.id, request, operation{no_check{}, write});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
