/// Brings an account to an instant: everything that fell due on the way happens in its order and is
/// journalled with its own instant, whether or not a job ran.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/session.hpp>
#include <coffer/plan/plan.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace coffer {
inline namespace v0 {
namespace detail {

/// The zone in which an account's calendar runs: that of its start, before it that of its plan.
template <class Plan>
result<zone> zone_of(const Plan& plan, const account& a) {
    if (!a.rest->started) return default_zone_of(plan);
    if (a.rest->zone.empty()) return zone::utc();
    return zone::find(a.rest->zone.view());
}

/// The bucket whose periods are the account's own, and how long they are: the first one that
/// refills; without one, no bucket and plain months.
struct account_periods {
    bucket_id bucket{};
    timespan cadence = months{1};
};

template <class Plan>
account_periods account_periods_of(const Plan& plan) {
    account_periods own;
    for_each_bucket(plan, [&](std::string_view name, const auto& policies) {
        const timespan cadence = policies.refill.cadence();
        if (!own.bucket && !cadence.is_zero()) own = {bucket_id::of(name), cadence};
    });
    return own;
}

/// The most entries that fall due before they are committed as a step of their own.
inline constexpr std::size_t max_step = 10'000;

template <class Plan, class Order>
class timeline {
public:
    timeline(const Plan& plan, const Order& order, session& s) noexcept
        : plan_{plan}, order_{order}, s_{s} {}

    /// Carries out everything due up to the session's now. Returns whether that was all: if not,
    /// the step is to be committed first.
    result<bool> bring_up_to_date() {
        while (s_.state.next_due <= s_.now && s_.state.next_due != never) {
            if (s_.entries.size() >= max_step) return false;
            entry_id last = s_.state.last;
            instant due = s_.state.next_due;
            if (auto done = pass(std::max(due, s_.state.time)); !done) return done.error();
            if (s_.state.last == last && s_.state.next_due == due) return errc::wallet_poisoned;
        }
        if (auto repaid = repay(s_.state.time); !repaid) return repaid.error();
        return true;
    }

    /// Repays debt from whatever is available, the oldest first.
    result<void> repay(instant at) {
        if (s_.state.totals.debt.is_zero() || s_.state.totals.available.is_zero()) return {};
        if (auto ordered = put_in_order(at); !ordered) return ordered;
        std::vector<debt> owed = s_.state.rest->debts;
        for (const debt& d : owed) {
            entry e;
            auto decided = decide_repayment(s_.state, d, filter_for(plan_, d.action.view()), at, e);
            if (!decided) return decided;
            if (e.amount.is_zero()) continue;
            if (!apply(s_.state, e)) return errc::wallet_poisoned;
            s_.entries.push_back(std::move(e));
        }
        return {};
    }

    /// Ends the running period of a bucket: what rollover keeps goes on into `next`, the rest is
    /// forfeited.
    template <class Bucket>
    result<void> end_period(const cycle& ending, const Bucket* policies, const period& next,
                            instant at) {
        const rollover_terms terms = rollover_terms_of(policies);
        std::vector<lot> unused = allowance_left(ending);
        std::vector<std::int64_t> kept;
        std::int64_t sum = 0;
        for (const lot& l : unused) {
            kept.push_back(may_roll(l, terms) ? l.available.micros() : 0);
            sum += kept.back();
        }
        result<credits> carried = carry(ending, policies, credits::from_micros(sum));
        if (!carried) return carried.error();
        std::int64_t trimmed = sum - carried->micros();
        auto lose = [&](std::int64_t& rest) {
            std::int64_t lost = std::min(trimmed, rest);
            trimmed -= lost;
            rest -= lost;
        };
        if (terms.trim == trim::oldest) {
            std::for_each(kept.begin(), kept.end(), lose);
        } else {
            std::for_each(kept.rbegin(), kept.rend(), lose);
        }
        for (std::size_t i = 0; i < unused.size(); ++i) {
            credits lost = credits::from_micros(unused[i].available.micros() - kept[i]);
            if (auto done = forfeit(unused[i], lost, at); !done) return done;
            auto done = roll(unused[i], credits::from_micros(kept[i]), policies, next, at);
            if (!done) return done;
        }
        return {};
    }

    /// Credits that are available in a lot make good what claw-backs of it were short of.
    result<void> collect(lot_id id, instant at) {
        const spendable* hot = find_spendable(s_.state, id);
        bool to_collect =
            hot && hot->available.is_positive() && short_of(s_.state, id).is_positive();
        if (!to_collect) return {};
        return s_.add([&](entry& e) {
            if (auto done = decide_collection(s_.state, *hot, at, e); !done) return done;
            bool leaves = e.amount == hot->available && held_of(s_.state, id).is_zero();
            order_.place(s_.state, e.parts, at, {.first = 1, .leaving = leaves ? id : lot_id{}});
            return result<void>{};
        });
    }

    /// Drops all debt, where the plan has it so.
    result<void> drop_debt(instant at) {
        if (s_.state.totals.debt.is_zero() || !drops_debt(plan_)) return {};
        const std::vector<debt> owed = s_.state.rest->debts;
        for (const debt& d : owed) {
            auto done = s_.add([&](entry& e) { return decide_debt_drop(s_.state, d, at, e); });
            if (!done) return done;
        }
        return {};
    }

    /// Opens a period of a bucket with its allowance.
    template <class Bucket>
    result<void> begin_period(bucket_id bucket, const Bucket& policies, const period& begun,
                              std::uint32_t since_anchor, bool of_account, const money& paid,
                              instant at) {
        credits allowance = policies.refill.allowance(begun);
        if (allowance.is_negative()) return errc::policy_contract;
        lot fresh{.id = lot_id{s_.state.last.value() + 1}, .granted = allowance};
        fresh.terms = {.bucket = bucket,
                       .source = lot_source::plan,
                       .origin = lot_origin::refilled,
                       .cycle = begun.index,
                       .effective = at,
                       .lapses = begun.until,
                       .paid = paid};
        result<zone> where = zone_of(plan_, s_.state);
        if (!where) return where.error();
        const result<lifetime> life = life_of(policies, at, begun, *where);
        if (!life) return life.error();
        if (life->until <= at) return errc::policy_contract;
        fresh.terms.expires = life->until;
        fresh.terms.ends_with_period = life->with_period;
        burn_position place = order_.position_of(s_.state, fresh);
        return s_.add([&](entry& e) {
            return decide_period(s_.state, fresh.terms, begun, since_anchor, allowance, place,
                                 of_account, at, e);
        });
    }

    /// A period that ends now, and the one that follows it.
    struct turn {
        cycle ending{};
        period next{};
        std::uint32_t since_anchor = 0;
    };

    /// A bucket that no longer refills: its last allowance ends, and no period follows.
    result<void> close(const cycle& c, instant at) {
        const turn last = last_turn(c, at);
        constexpr const refill_less* no_policies = nullptr;
        if (auto done = end_period(c, no_policies, last.next, at); !done) return done;
        return begin_nothing(last, at);
    }

    /// Puts the lots into the order of this plan.
    result<void> put_in_order(instant at) {
        if (order_.holds_for(s_.state)) return {};
        return s_.add([&](entry& e) {
            return decide_reorder(s_.state, order_.sorted(s_.state), order_.fingerprint(), at, e);
        });
    }

private:
    /// Everything that is due at one instant, in the order of the rules.
    result<void> pass(instant at) {
        if (auto done = put_in_order(at); !done) return done;
        if (auto done = time_out_holds(at); !done) return done;
        if (auto done = expire_lots(at); !done) return done;
        if (auto done = turn_periods(at); !done) return done;
        if (auto done = activate_lots(at); !done) return done;
        return repay(at);
    }

    result<void> time_out_holds(instant at) {
        std::vector<const hold*> over;
        for (const hold& h : s_.state.rest->holds) {
            if (h.until <= at) over.push_back(&s_.keep(h));
        }
        for (const hold* h : over) {
            auto done = s_.add([&](entry& e) {
                return decide_release(s_.state, *h, entry_kind::timed_out, at, e);
            });
            if (!done) return done;
        }
        return {};
    }

    /// What expires may make good a claw-back and so return credits to lots that have expired, too.
    result<void> expire_lots(instant at) {
        for (;;) {
            std::vector<lot_id> over;
            for (const spendable& hot : s_.state.burning) {
                if (hot.expires <= at && hot.available.is_positive()) over.push_back(hot.lot);
            }
            if (over.empty()) return {};
            for (lot_id id : over) {
                if (auto done = expire(id, at); !done) return done;
            }
        }
    }

    result<void> expire(lot_id id, instant at) {
        if (auto done = collect(id, at); !done) return done;
        const spendable* left = find_spendable(s_.state, id);
        if (!left || left->expires > at || left->available.is_zero()) return {};
        const spendable hot = *left;
        bool revoked = is_revoked(s_.state, *find_record(s_.state, id));
        return s_.add([&](entry& e) {
            if (revoked) {
                return decide_void(s_.state, *find_lot(s_.state, id), hot.available, at, e);
            }
            return decide_expiry(s_.state, hot, entry_kind::expired, hot.available, at, e);
        });
    }

    /// All periods that end at an instant end before the first new one begins.
    result<void> turn_periods(instant at) {
        std::vector<turn> turns;
        bool resets = false;
        const std::vector<cycle> cycles = s_.state.rest->cycles;
        for (const cycle& c : cycles) {
            if (c.until > at) continue;
            result<turn> ended = end(c, at);
            if (!ended) return ended.error();
            resets = resets || is_account_cycle(c.bucket);
            turns.push_back(*ended);
        }
        if (resets) {
            if (auto done = drop_debt(at); !done) return done;
        }
        for (const turn& t : turns) {
            if (auto done = begin(t, at); !done) return done;
        }
        return {};
    }

    bool is_account_cycle(bucket_id bucket) const {
        return bucket == account_periods_of(plan_).bucket;
    }

    /// Calls `f(policies)` if the plan refills the bucket, and returns whether it does.
    template <class F>
    bool with_refill(bucket_id bucket, F&& f) const {
        bool refills = false;
        if (!bucket) return false;
        with_bucket(plan_, bucket.name(), [&](const auto& policies) {
            if (policies.refill.cadence().is_zero()) return;
            refills = true;
            f(policies);
        });
        return refills;
    }

    /// Ends a period. An account without a refilling bucket has plain months.
    result<turn> end(const cycle& c, instant at) {
        result<zone> where = zone_of(plan_, s_.state);
        if (!where) return where.error();
        turn t{.ending = c};
        result<void> ended;
        auto go_on = [&](timespan cadence) {
            const schedule periods{s_.state.rest->anchor, cadence, *where};
            result<period> next = next_period(c, periods, t.since_anchor);
            if (!next) ended = next.error();
            if (next) t.next = *next;
        };
        bool refills = with_refill(c.bucket, [&](const auto& policies) {
            go_on(policies.refill.cadence());
            if (ended) ended = end_period(c, &policies, t.next, at);
        });
        if (!refills && !c.bucket) {
            go_on(account_periods{}.cadence);
        } else if (!refills) {
            t = last_turn(c, at);
            constexpr const refill_less* no_policies = nullptr;
            ended = end_period(c, no_policies, t.next, at);
        }
        if (!ended) return ended.error();
        return t;
    }

    /// Begins the period after one that ended. A bucket that no longer refills has none.
    result<void> begin(const turn& t, instant at) {
        const bool of_account = is_account_cycle(t.ending.bucket);
        result<void> begun;
        bool refills = with_refill(t.ending.bucket, [&](const auto& policies) {
            begun = begin_period(t.ending.bucket, policies, t.next, t.since_anchor, of_account,
                                 policies.refill.paid(), at);
        });
        return refills ? begun : begin_nothing(t, at);
    }

    /// Begins a period without an allowance: a plain month, or what follows the last one.
    result<void> begin_nothing(const turn& t, instant at) {
        const bool of_account = !t.ending.bucket && is_account_cycle(t.ending.bucket);
        return s_.add([&](entry& e) {
            const lot_terms terms{.bucket = t.ending.bucket, .cycle = t.next.index};
            return decide_period(s_.state, terms, t.next, t.since_anchor, {}, {}, of_account, at,
                                 e);
        });
    }

    static turn last_turn(const cycle& c, instant at) noexcept {
        return {.ending = c, .next = {c.index + 1, at, never}, .since_anchor = c.since_anchor};
    }

    /// The period that follows. It begins where the last one was seen to end, so that new zone data
    /// cannot open, skip or double a period; its end is computed from the anchor.
    static result<period> next_period(const cycle& c, const schedule& periods,
                                      std::uint32_t& since_anchor) {
        std::int64_t k = std::int64_t{c.since_anchor} + 1;
        result<instant> begin = periods.start_of(k);
        constexpr std::chrono::hours most_that_a_zone_moves{26};
        bool other_cadence = !begin || *begin > c.until + most_that_a_zone_moves ||
                             *begin < c.until - most_that_a_zone_moves;
        if (other_cadence) {
            result<std::int64_t> index = periods.index_at(c.until);
            if (!index) return index.error();
            k = *index;
        }
        result<instant> end = periods.start_of(k + 1);
        while (end && *end <= c.until) end = periods.start_of(++k + 1);
        if (!end) return end.error();
        since_anchor = static_cast<std::uint32_t>(k);
        return period{c.index + 1, c.until, *end};
    }

    result<void> activate_lots(instant at) {
        std::vector<lot> effective;
        for (lot_id id : s_.state.rest->pending) {
            const lot* record = find_record(s_.state, id);
            if (record->terms.effective <= at) effective.push_back(*record);
        }
        for (const lot& l : effective) {
            auto done = s_.add([&](entry& e) {
                lot_id before = order_.position_of(s_.state, l).before;
                return decide_activation(s_.state, l, before, at, e);
            });
            if (!done) return done;
        }
        return {};
    }

    /// The lots of a period's allowance with what is left of them, the oldest first.
    std::vector<lot> allowance_left(const cycle& ending) const {
        std::vector<lot> lots;
        for (const spendable& hot : s_.state.burning) {
            if (hot.bucket != ending.bucket || hot.available.is_zero()) continue;
            const lot* record = find_record(s_.state, hot.lot);
            if (!record->terms.is_allowance() || record->terms.cycle != ending.index) continue;
            lots.push_back(*record);
            lots.back().available = hot.available;
        }
        std::sort(lots.begin(), lots.end(), [](const lot& x, const lot& y) { return x.id < y.id; });
        return lots;
    }

    template <class Bucket>
    static result<credits> carry(const cycle& ending, const Bucket* policies, credits unused) {
        if constexpr (!has_rollover<Bucket>) {
            return credits{};
        } else {
            period ended{ending.index, ending.from, ending.until};
            credits kept = policies->rollover.carry(
                {.unused = unused, .granted = ending.allowance, .period = ended});
            if (kept.is_negative() || kept > unused) return errc::policy_contract;
            return kept;
        }
    }

    result<void> forfeit(const lot& l, credits amount, instant at) {
        if (amount.is_zero()) return {};
        const spendable hot = *find_spendable(s_.state, l.id);
        return s_.add([&](entry& e) {
            return decide_expiry(s_.state, hot, entry_kind::forfeited, amount, at, e);
        });
    }

    template <class Bucket>
    static rollover_terms rollover_terms_of(const Bucket* policies) {
        if constexpr (has_rollover<Bucket>) {
            return terms_of(policies->rollover);
        } else {
            return {};
        }
    }

    static std::uint16_t hops_of(const lot& l) noexcept {
        return l.terms.origin == lot_origin::rolled ? l.terms.ordinal : std::uint16_t{0};
    }

    static bool may_roll(const lot& l, const rollover_terms& terms) noexcept {
        return terms.hops == rollover_terms::any_number || hops_of(l) < terms.hops;
    }

    /// The life of an allowance. An end beyond the calendar is none: its period ends it anyhow.
    template <class Bucket>
    static result<lifetime> life_of(const Bucket& policies, instant at, const period& running,
                                    const zone& where) {
        result<lifetime> life =
            policies.expiry.life({.effective = at, .running = running, .where = where});
        if (life == errc::amount_overflow) return lifetime::unlimited();
        return life;
    }

    /// Sets until when a rolled lot is usable: to the end of the next period, for good, or to its
    /// first lot's own end, whatever the bucket's expiry says of an allowance; and as long as it is
    /// kept from its first roll.
    template <class Bucket>
    result<void> set_expiry(lot_terms& terms, bool first_roll, const Bucket* policies,
                            const period& next, instant at) const {
        result<zone> where = zone_of(plan_, s_.state);
        if (!where) return where.error();
        if constexpr (has_expiry<Bucket>) {
            const result<lifetime> life = life_of(*policies, at, next, *where);
            if (!life) return life.error();
            terms.ends_with_period = life->with_period;
            bool of_first_lot = !life->with_period && life->until != never;
            if (!of_first_lot) terms.expires = life->until;
        }
        const rollover_terms rules = rollover_terms_of(policies);
        if (first_roll && !rules.keeps.is_zero()) {
            const instant end = add(at, rules.keeps, *where).value_or(never);
            if (end <= at) return errc::policy_contract;
            terms.kept_until = end;
        }
        if (terms.kept_until <= terms.expires && terms.kept_until != never) {
            terms.expires = terms.kept_until;
            terms.ends_with_period = false;
        }
        return {};
    }

    template <class Bucket>
    result<void> roll(const lot& l, credits amount, const Bucket* policies, const period& next,
                      instant at) {
        if (amount.is_zero()) return {};
        bool rolled_before = hops_of(l) > 0;
        lot fresh = l;
        fresh.id = lot_id{s_.state.last.value() + 1};
        fresh.granted = amount;
        fresh.terms.origin = lot_origin::rolled;
        fresh.terms.ordinal = static_cast<std::uint16_t>(std::min(hops_of(l) + 1, 65'535));
        fresh.terms.from = rolled_before ? l.terms.from : l.id;
        fresh.terms.cycle = next.index;
        fresh.terms.effective = at;
        fresh.terms.lapses = next.until;
        auto bounded = set_expiry(fresh.terms, !rolled_before, policies, next, at);
        if (!bounded) return bounded;
        fresh.terms.paid_for = l.terms.paid.has_currency() ? l.basis() : credits{};
        burn_position place = order_.position_of_rolled(s_.state, fresh, l.id);
        return s_.add([&](entry& e) {
            return decide_move(s_.state, l.id, amount, entry_kind::rolled, fresh.terms, place, at,
                               e);
        });
    }

    struct refill_less {};

    const Plan& plan_;
    const Order& order_;
    session& s_;
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
