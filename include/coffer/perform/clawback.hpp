/// The verbs that take back what was bought: the refund of a purchase, and disputes.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/perform/perform.hpp>

#include <optional>

namespace coffer {
inline namespace v0 {
namespace detail {

/// Whether the lot is the first of its bucket that was paid for.
inline bool is_first_purchase(const account& a, const lot& of) noexcept {
    for (const lot& other : a.rest->lots) {
        if (other.id == of.id) return true;
        if (other.terms.bucket == of.terms.bucket && other.terms.paid.has_currency()) return false;
    }
    return true;
}

/// Whether the lot was bought, and its money could go back. Errors: `not_refundable`.
inline result<void> check_purchase(const lot& of) noexcept {
    bool derived =
        of.terms.origin == lot_origin::rolled || of.terms.origin == lot_origin::regranted;
    if (derived || !of.terms.paid.has_currency()) return errc::not_refundable;
    return {};
}

/// What a bucket's policy says of a purchase that is to be refunded.
struct refund_answer {
    money worth{};       ///< How much of its money may still go back.
    bool whole = false;  ///< Also for what was spent.
};

inline result<refund_answer> refund_of(const attempt& s, const compiled_plan& plan, const lot& of) {
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    const std::optional<std::size_t> bucket = plan.find(of.terms.bucket);
    if (!bucket) return errc::not_refundable;
    const result<money> worth = plan.worth(*bucket, {.paid = of.terms.paid,
                                                     .refunded = of.refunded,
                                                     .granted = of.granted,
                                                     .unspent = of.available,
                                                     .bought = of.made,
                                                     .now = s.now,
                                                     .first = is_first_purchase(s.state, of),
                                                     .where = *where});
    if (!worth) return worth.error();
    if (worth->in() != of.terms.paid.in()) return errc::policy_contract;
    return refund_answer{*worth, plan.buckets[*bucket].returns_spent};
}

/// The credits that so much money of a purchase stands for. Nothing for a purchase at no price.
inline result<credits> credits_for(const lot& of, const money& total) {
    if (of.terms.paid.minor_units() == 0) return credits{};
    return scale(of.granted, total.minor_units(), of.terms.paid.minor_units(), rounding::up);
}

/// As above, less what was taken back before, or stood for the money that was refunded before.
inline result<credits> credits_left_for(const account& a, const lot& of, const money& total) {
    result<credits> all = credits_for(of, total);
    result<credits> before = credits_for(of, of.refunded);
    if (!all || !before) return !all ? all : before;
    const claim* c = find_claim(a, of.id);
    std::int64_t known = std::max(before->micros(), c ? c->taken.micros() : 0);
    return credits::from_micros(std::max<std::int64_t>(0, all->micros() - known));
}

/// Whether a sum of money stands for all that was granted.
inline bool is_all(const money& sum, const lot& of) noexcept {
    return credits_for(of, sum) == of.granted;
}

/// Whether with what is available of a lot all that was granted has been taken back.
inline bool takes_the_rest(const account& a, const lot& of) noexcept {
    const claim* c = find_claim(a, of.id);
    const std::int64_t before = c ? c->taken.micros() - c->dropped.micros() : 0;
    return before + of.available.micros() == of.granted.micros();
}

/// A refund of all that a purchase is worth. It is given once; later ones state a total.
inline result<void> refund_whole(attempt& s, const lot& of, const refund_answer& answer) {
    const std::int64_t left = of.terms.paid.minor_units() - of.refunded.minor_units();
    const bool all_gone = left == 0 && of.terms.paid.minor_units() > 0;
    if (of.closed || of.revoked || all_gone) return errc::refund_exceeds;
    // Where some of the money stays, what it paid for stays too: a hold's or a charge's part.
    const bool all_back = left > 0 && answer.worth.minor_units() >= left;
    clawback_terms terms{.wanted = of.available,
                         .whole = answer.whole || all_back || takes_the_rest(s.state, of)};
    return s.add_primary([&](entry& e) {
        return decide_purchase_refund(s.state, of, terms, answer.worth, s.when(), e);
    });
}

/// A refund up to a total of money. One that is reached already changes nothing.
inline result<void> refund_up_to(attempt& s, const lot& of, const money& worth, const money& total,
                                 shortfall of_spent) {
    const money& paid = of.terms.paid;
    const std::int64_t more = total.minor_units() - of.refunded.minor_units();
    if (more <= 0 && of.refunded.has_currency()) return s.note(of);
    if (more > worth.minor_units() || total.minor_units() > paid.minor_units()) {
        return errc::refund_exceeds;
    }
    result<credits> wanted = credits_left_for(s.state, of, total);
    if (!wanted) return wanted.error();
    clawback_terms terms{
        .wanted = *wanted, .of_spent = of_spent, .whole = is_all(total, of), .contested = total};
    return s.add_primary([&](entry& e) {
        const money owed = money::from_minor(more, paid.in());
        return decide_purchase_refund(s.state, of, terms, owed, s.when(), e);
    });
}

/// Whether a dispute stands in the way of a refund: while it is open, and when it lost all.
inline bool is_contested(const account& a, const lot& of) noexcept {
    const claim* c = find_claim(a, of.id);
    if (!c) return false;
    return c->dispute == dispute_state::opened || c->lost == of.terms.paid;
}

/// Whether a sum of money can be part of what a lot cost.
inline result<void> check_money(const std::optional<money>& sum, const lot& of) {
    const money& paid = of.terms.paid;
    return valid_if(!sum ||
                    (!sum->is_negative() && (sum->in() == paid.in() || !paid.has_currency())));
}

inline result<void> refund_purchase_in(attempt& s, const compiled_plan& plan,
                                       const purchase_refund_request& r) {
    std::optional<lot> of = find_lot(s.state, r.lot);
    if (!of) return errc::unknown_lot;
    if (auto sensible = check_money(r.money, *of); !sensible) return sensible;
    if (auto bought = check_purchase(*of); !bought) return bought;
    const result<refund_answer> answer = refund_of(s, plan, *of);
    if (!answer) return answer.error();
    if (is_contested(s.state, *of)) return errc::refund_exceeds;
    if (!r.money) return refund_whole(s, *of, *answer);
    return refund_up_to(s, *of, answer->worth, *r.money, plan.of_spent);
}

inline result<receipt> refund_purchase(engine& by, const target& wallet,
                                       const purchase_refund_request& r) {
    content said{"refund_purchase"};
    said.add(std::uint64_t{r.lot.value()});
    if (r.money) said.add(*r.money);
    request_info request{.id = r.request,
                         .by = {verb::refund_purchase, r, wallet},
                         .content = said.value(),
                         .at = r.at};
    const auto decide = [&](attempt& s, const compiled_plan& plan) {
        return refund_purchase_in(s, plan, r);
    };
    return by.perform(wallet, request, {understood, decide});
}

/// Takes back what a dispute is about. Errors: `refund_exceeds` for more than was paid.
inline result<void> open_dispute(attempt& s, const compiled_plan& plan, const lot& of,
                                 const dispute_request& r, bool primary) {
    const money total = r.money.value_or(of.terms.paid);
    if (total.minor_units() > of.terms.paid.minor_units()) return errc::refund_exceeds;
    result<credits> wanted = credits_left_for(s.state, of, total);
    if (!wanted) return wanted.error();
    clawback_terms terms{.wanted = *wanted,
                         .of_spent = plan.of_spent,
                         .whole = is_all(total, of),
                         .contested = total};
    auto decide = [&](entry& e) { return decide_dispute(s.state, of, terms, s.when(), e); };
    return primary ? s.add_primary(decide) : s.add(decide);
}

inline result<void> dispute_in(attempt& s, const compiled_plan& plan, const dispute_request& r) {
    std::optional<lot> of = find_lot(s.state, r.lot);
    if (!of) return errc::unknown_lot;
    if (auto sensible = check_money(r.money, *of); !sensible) return sensible;
    if (auto bought = check_purchase(*of); !bought) return bought;
    const claim* c = find_claim(s.state, r.lot);
    const dispute_state known = c ? c->dispute : dispute_state::none;
    switch (r.state) {
        case dispute_state::opened:
            if (known == dispute_state::opened) return s.note(*of);
            return open_dispute(s, plan, *of, r, true);
        case dispute_state::won:
            if (known != dispute_state::opened) return s.note(*of);
            return s.add_primary([&](entry& e) {
                auto won = decide_dispute_won(s.state, *of, s.when(), e);
                if (won) place_returning(s.state, e.parts, s.now, plan, {.freed = of->id});
                return won;
            });
        case dispute_state::lost: {
            if (known == dispute_state::lost) return s.note(*of);
            if (known != dispute_state::opened) {
                if (auto opened = open_dispute(s, plan, *of, r, false); !opened) return opened;
            }
            return s.add_primary([&](entry& e) {
                return decide_dispute_lost(s.state, *find_lot(s.state, r.lot), s.when(), e);
            });
        }
        case dispute_state::none: break;
    }
    return errc::invalid_argument;
}

inline result<receipt> dispute(engine& by, const target& wallet, const dispute_request& r) {
    content said{"dispute"};
    said.add(std::uint64_t{r.lot.value()}).add(static_cast<std::uint64_t>(r.state)).add(r.money);
    request_info request{
        .id = r.request, .by = {verb::dispute, r, wallet}, .content = said.value(), .at = r.at};
    const auto decide = [&](attempt& s, const compiled_plan& plan) {
        return dispute_in(s, plan, r);
    };
    return by.perform(wallet, request, {understood, decide});
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
