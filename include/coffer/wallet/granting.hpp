/// The verbs that make and change lots: start, grant, void, expire_at; and the refunds.
#pragma once

#include <coffer/ledger.hpp>
#include <coffer/wallet/engine.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// A first period of a bucket, still to be begun.
struct first_period {
    bucket_id bucket{};
    timespan cadence{};
    coffer::period period{};
    std::uint32_t since_anchor = 0;
};

/// The period in which `now` lies, numbered on from the bucket's last one.
inline result<first_period> period_at(const account& a, bucket_id bucket, timespan cadence,
                                      instant anchor, const zone& where, instant now) {
    schedule periods{anchor, cadence, where};
    result<std::int64_t> index = periods.index_at(now);
    if (!index) return index.error();
    result<period> running = periods.period_of(*index);
    if (!running) return running.error();
    if (const cycle* last = find_cycle(a, bucket)) running->index = last->index + 1;
    return first_period{bucket, cadence, *running, static_cast<std::uint32_t>(*index)};
}

/// All periods that a start begins; the first is the account's own.
template <class Plan>
result<std::vector<first_period>> first_periods(const Plan& plan, const account& a, instant anchor,
                                                const zone& where, instant now) {
    std::vector<first_period> periods;
    result<void> wrong;
    auto add = [&](bucket_id bucket, timespan cadence) {
        result<first_period> begun = period_at(a, bucket, cadence, anchor, where, now);
        if (!begun) {
            wrong = begun.error();
        } else {
            periods.push_back(*begun);
        }
    };
    for_each_bucket(plan, [&](std::string_view name, const auto& policies) {
        timespan cadence = policies.refill.cadence();
        if (!cadence.is_zero()) add(bucket_id::of(name), cadence);
    });
    if (periods.empty() && wrong) add(bucket_id{}, months{1});
    if (!wrong) return wrong.error();
    return periods;
}

/// Ends what runs, as at a period's end, and begins the first periods from the new anchor.
template <class Engine>
result<void> start_in(Engine& engine, session& s, const start_request& r) {
    const auto& plan = engine.plan();
    instant anchor = r.anchor.value_or(s.event);
    if (anchor > s.now) return errc::invalid_argument;
    auto periods = first_periods(plan, s.state, anchor, r.zone, s.now);
    if (!periods) return periods.error();
    typename Engine::timeline_type line{plan, engine.burning(), s};

    std::vector<cycle> running = s.state.rest->cycles;
    for (const cycle& c : running) {
        auto next = std::find_if(periods->begin(), periods->end(),
                                 [&](const first_period& p) { return p.bucket == c.bucket; });
        result<void> ended;
        if (next == periods->end()) {
            if (c.bucket && c.until != never) ended = line.close(c, s.now);
        } else {
            with_bucket(plan, c.bucket.name(), [&](const auto& policies) {
                ended = line.end_period(c, &policies, next->period, s.now);
            });
        }
        if (!ended) return ended;
    }
    auto started = s.add_primary(
        [&](entry& e) { return decide_start(s.state, anchor, r.zone.name(), s.when(), e); });
    if (!started) return started;
    bool of_account = true;
    for (const first_period& p : *periods) {
        result<void> begun = errc::policy_contract;
        if (!p.bucket) {
            begun = s.add([&](entry& e) {
                return decide_period(s.state, lot_terms{.cycle = p.period.index}, p.period,
                                     p.since_anchor, {}, {}, true, s.now, e);
            });
        }
        with_bucket(plan, p.bucket.name(), [&](const auto& policies) {
            money paid = of_account && r.paid.has_currency() ? r.paid : policies.refill.paid();
            begun = line.begin_period(p.bucket, policies, p.period, p.since_anchor, of_account,
                                      paid, s.now);
        });
        if (!begun) return begun;
        of_account = false;
    }
    return {};
}

template <class Engine, class Target>
result<receipt> start(Engine& engine, const Target& wallet, const start_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"start"}.add(r.anchor).add(r.zone.name()).add(r.paid).value(),
        .at = r.at,
        .valid = r.paid.is_negative() ? result<void>{errc::invalid_argument} : result<void>{}};
    return engine.perform(wallet.id, request, [&](session& s) { return start_in(engine, s, r); });
}

/// The period of a bucket, or of the account, in which an instant lies.
template <class Plan>
result<std::optional<period>> period_around(const Plan& plan, const account& a,
                                            std::string_view bucket, instant t) {
    const account_details& rest = *a.rest;
    if (!rest.started) return std::optional<period>{};
    timespan cadence = months{1};
    bool found = false;
    for_each_bucket(plan, [&](std::string_view name, const auto& policies) {
        timespan own = policies.refill.cadence();
        if (own.is_zero() || (found && name != bucket)) return;
        cadence = own;
        found = true;
    });
    result<zone> where = zone_of(a);
    if (!where) return where.error();
    schedule periods{rest.anchor, cadence, *where};
    result<std::int64_t> index = periods.index_at(t);
    if (!index) return index.error();
    result<period> around = periods.period_of(*index);
    if (!around) return around.error();
    return std::optional<period>{*around};
}

template <class Engine>
result<void> grant_in(Engine& engine, session& s, const grant_request& r, bucket_id bucket) {
    const auto& plan = engine.plan();
    instant effective = r.effective.value_or(s.event);
    lot fresh{.id = lot_id{s.state.last.value() + 1}, .granted = r.amount};
    fresh.terms = {.bucket = bucket,
                   .source = r.source,
                   .priority = r.priority.value_or(no_priority),
                   .effective = effective,
                   .paid = r.paid};
    if (r.expires) {
        fresh.terms.expires = *r.expires;
    } else {
        result<zone> where = zone_of(s.state);
        if (!where) return where.error();
        auto around = period_around(plan, s.state, r.bucket, std::max(effective, s.now));
        if (!around) return around.error();
        result<lifetime> life = errc::unknown_bucket;
        with_bucket(plan, r.bucket, [&](const auto& policies) {
            life =
                policies.expiry.life({.effective = effective, .running = *around, .where = *where});
        });
        if (!life) return life.error();
        fresh.terms.expires = life->until;
    }
    burn_position place = engine.burning().position_of(s.state, fresh);
    return s.add_primary(
        [&](entry& e) { return decide_grant(s.state, fresh.terms, r.amount, place, s.when(), e); });
}

template <class Engine, class Target>
result<receipt> grant(Engine& engine, const Target& wallet, const grant_request& r) {
    bool known = with_bucket(engine.plan(), r.bucket, [](const auto&) {});
    request_info request{.id = r.request,
                         .content = content{"grant"}
                                        .add(r.bucket)
                                        .add(r.amount)
                                        .add(r.priority)
                                        .add(r.effective)
                                        .add(r.expires)
                                        .add(r.paid)
                                        .add(static_cast<std::uint64_t>(r.source))
                                        .value(),
                         .at = r.at};
    if (!known) {
        request.valid = error{errc::unknown_bucket}.about(r.bucket);
    } else if (!r.amount.is_positive() || r.paid.is_negative()) {
        request.valid = errc::invalid_argument;
    }
    bucket_id bucket = known ? bucket_id::of(r.bucket) : bucket_id{};
    return engine.perform(wallet.id, request,
                          [&](session& s) { return grant_in(engine, s, r, bucket); });
}

template <class Engine, class Target>
result<receipt> void_lot(Engine& engine, const Target& wallet, const void_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"void"}.add(std::uint64_t{r.lot.value()}).add(r.amount).value(),
        .at = r.at};
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        return s.add_primary([&](entry& e) {
            return decide_void(s.state, *of, r.amount.value_or(of->available), s.when(), e);
        });
    });
}

template <class Engine, class Target>
result<receipt> expire_at(Engine& engine, const Target& wallet, const expiry_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"expire_at"}.add(std::uint64_t{r.lot.value()}).add(r.expires).value(),
        .at = r.at};
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        lot changed = *of;
        changed.terms.expires = r.expires;
        account others = s.state;  // the lot's new place is sought among the other lots
        if (const spendable* hot = find_spendable(others, r.lot)) others.burning.erase(hot);
        burn_position place = engine.burning().position_of(others, changed);
        return s.add_primary([&](entry& e) {
            return decide_expiry_change(s.state, *of, r.expires, place, s.when(), e);
        });
    });
}

/// Reads all entries that speak of one.
template <class Store>
result<std::vector<entry>> entries_about(Store& store, const wallet_id& wallet, entry_id about,
                                         journal_page& page) {
    std::vector<entry> all;
    for (entry_id after = about;;) {
        auto read = store.entries(wallet, {.after = after, .about = about});
        if (!read) return read.error();
        all.insert(all.end(), read->entries.begin(), read->entries.end());
        page = *std::move(read);
        if (!page.more) return all;
        after = page.entries.back().id;
    }
}

/// The spend that a refund speaks of: a charge, or the settle of a hold.
template <class Store>
result<entry> find_charge(Store& store, const wallet_id& wallet, const refund_request& r,
                          journal_page& page) {
    result<journal_page> found = journal_page{};
    if (r.entry) {
        found = store.entries(wallet, {.after = entry_id{r.entry.value() - 1},
                                       .before = entry_id{r.entry.value() + 1}});
    } else if (!r.charge.empty()) {
        found = store.find(wallet, r.charge);
    }
    if (!found) return found.error();
    if (found->entries.empty()) return errc::unknown_charge;
    page = *std::move(found);
    entry charge = page.entries[0];
    if (charge.kind == entry_kind::held) {
        auto ended = store.entries(wallet, {.about = charge.id, .limit = 1});
        if (!ended) return ended.error();
        if (ended->entries.empty()) return errc::unknown_charge;
        page = *std::move(ended);
        charge = page.entries[0];
    }
    bool spent = charge.kind == entry_kind::charged || charge.kind == entry_kind::settled;
    if (!spent) return errc::unknown_charge;
    return charge;
}

/// Sets where lots that have left the burn order come back into it, one after another.
template <class Burn>
void place_returning(const account& a, const Burn& burn, part_list& parts, instant now) {
    std::vector<lot_id> order;
    for (const spendable& s : a.burning) order.push_back(s.lot);
    for (part& p : parts) {
        if (std::find(order.begin(), order.end(), p.lot) != order.end()) continue;
        const lot& record = *find_record(a, p.lot);
        auto at = order.end();
        if (!has_ended(a, record, now) && !record.revoked) {
            at = std::find_if(order.begin(), order.end(), [&](lot_id other) {
                return burn.before(record, *find_record(a, other));
            });
        }
        if (at != order.end()) p.before = *at;
        order.insert(at, p.lot);
    }
}

/// Grants anew what came back to lots that have ended, where their bucket has it so.
template <class Engine>
result<void> regrant_ended(Engine& engine, session& s, const part_list& returned) {
    for (const part& p : returned) {
        const lot record = *find_record(s.state, p.lot);
        if (record.revoked || !has_ended(s.state, record, s.now)) continue;
        timespan grace{};
        with_bucket(engine.plan(), record.terms.bucket.name(),
                    [&](const auto& policies) { grace = grace_of(policies); });
        if (grace.is_negative()) return errc::policy_contract;
        if (grace.is_zero()) continue;
        result<zone> where = zone_of(s.state);
        if (!where) return where.error();
        result<instant> expires = add(s.now, grace, *where);
        if (!expires) return expires.error();
        const auto& lots = s.state.rest->lots;
        auto earlier = std::count_if(lots.begin(), lots.end(), [&](const lot& other) {
            return other.terms.origin == lot_origin::regranted && other.terms.from == p.lot;
        });
        lot fresh = record;
        fresh.id = lot_id{s.state.last.value() + 1};
        fresh.granted = p.amount;
        fresh.terms.origin = lot_origin::regranted;
        fresh.terms.ordinal = static_cast<std::uint16_t>(earlier + 1);
        fresh.terms.from = p.lot;
        fresh.terms.effective = s.now;
        fresh.terms.expires = *expires;
        fresh.terms.ends_with_period = false;
        checked<money> share = scale(record.terms.paid, p.amount, record.granted, rounding::down);
        if (!share) return share.error();
        fresh.terms.paid = *share;
        burn_position place = engine.burning().position_of(s.state, fresh, p.lot);
        auto done = s.add([&](entry& e) {
            return decide_move(s.state, p.lot, p.amount, entry_kind::regranted, fresh.terms, place,
                               s.now, e);
        });
        if (!done) return done;
    }
    return {};
}

template <class Engine, class Target>
result<receipt> refund(Engine& engine, const Target& wallet, const refund_request& r) {
    request_info request{.id = r.request,
                         .content = content{"refund"}
                                        .add(r.charge.text())
                                        .add(std::uint64_t{r.entry.value()})
                                        .add(r.amount)
                                        .value(),
                         .at = r.at};
    journal_page page;
    journal_page about_page;
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        result<entry> charge = find_charge(engine.store(), wallet.id, r, page);
        if (!charge) return charge.error();
        auto about = entries_about(engine.store(), wallet.id, charge->id, about_page);
        if (!about) return about.error();
        for (const entry& e : s.entries) {
            if (e.about == charge->id) about->push_back(e);
        }
        part_list returned;
        auto refunded = s.add_primary([&](entry& e) {
            auto decided = decide_refund(s.state, *charge, *about, r.amount, s.when(), e);
            if (decided) place_returning(s.state, engine.burning(), e.parts, s.now);
            returned = e.parts;
            return decided;
        });
        if (!refunded) return refunded;
        return regrant_ended(engine, s, returned);
    });
}

/// Whether the lot is the first of its bucket that was paid for.
inline bool is_first_purchase(const account& a, const lot& of) noexcept {
    for (const lot& other : a.rest->lots) {
        if (other.id == of.id) return true;
        if (other.terms.bucket == of.terms.bucket && other.terms.paid.has_currency()) return false;
    }
    return true;
}

template <class Engine>
result<purchase_refund> judge_purchase(Engine& engine, const session& s, const lot& of) {
    bool derived =
        of.terms.origin == lot_origin::rolled || of.terms.origin == lot_origin::regranted;
    if (derived || !of.terms.paid.has_currency()) return errc::not_refundable;
    if (of.revoked) return errc::refund_exceeds;
    result<zone> where = zone_of(s.state);
    if (!where) return where.error();
    purchase bought{.paid = of.terms.paid,
                    .granted = of.granted,
                    .unspent = of.available,
                    .bought = of.made,
                    .now = s.event,
                    .first = is_first_purchase(s.state, of),
                    .where = *where};
    result<money> worth = errc::not_refundable;
    with_bucket(engine.plan(), of.terms.bucket.name(),
                [&](const auto& policies) { worth = policies.refund.worth(bought); });
    if (!worth) return worth.error();
    // Where some of the money stays, what it paid for stays too: a hold's or a charge's part.
    bool whole = worth->minor_units() >= of.terms.paid.minor_units() - of.refunded.minor_units();
    return purchase_refund{.revoked = of.available, .owed = *worth, .whole = whole};
}

template <class Engine, class Target>
result<receipt> refund_purchase(Engine& engine, const Target& wallet,
                                const purchase_refund_request& r) {
    request_info request{
        .id = r.request,
        .content = content{"refund_purchase"}.add(std::uint64_t{r.lot.value()}).value(),
        .at = r.at};
    return engine.perform(wallet.id, request, [&](session& s) -> result<void> {
        std::optional<lot> of = find_lot(s.state, r.lot);
        if (!of) return errc::unknown_lot;
        result<purchase_refund> answer = judge_purchase(engine, s, *of);
        if (!answer) return answer.error();
        return s.add_primary(
            [&](entry& e) { return decide_purchase_refund(s.state, *of, *answer, s.when(), e); });
    });
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
