/// The verbs of purchases: buy, confirm and fail.
#pragma once

#include <coffer/ledger/ledger.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/perform/grant.hpp>
#include <coffer/perform/orders.hpp>
#include <coffer/perform/perform.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace coffer {
inline namespace v0 {
namespace detail {

/// What a request orders: an offer of the plan, at its price, or what the request says itself.
/// Errors: `unknown_bucket`; `invalid_argument`; `purchase_refused`.
inline result<offer_terms> ordered_terms(const engine& by, const account& a,
                                         const compiled_plan& plan, const buy_request& r) {
    if (r.offer.empty()) {
        if (r.bucket.empty()) return error{errc::invalid_argument}.about("offer");
        const std::optional<std::size_t> bucket = plan.find(r.bucket);
        if (!bucket) return error{errc::unknown_bucket}.about(r.bucket);
        return offer_terms{
            .into = plan.buckets[*bucket].bucket, .amount = r.amount, .price = r.price};
    }
    const plan_shop shop = shop_of(by.plans(), plan, a.rest->plan.view());
    if (!shop.sells) return error{errc::purchase_refused}.because("the plan sells nothing");
    const result<sale> sold = shop.sells->sell(r.offer, {.plan = shop.plan, .channel = r.channel});
    if (!sold) return sold.error();
    if (r.price.has_currency() && money{r.price} != sold->price) {
        return error{errc::purchase_refused}.about(r.offer).because(
            "the offer has another price, or one in another currency");
    }
    const offer_terms terms = terms_of(*sold->pack, sold->price);
    const bool known = plan.find(terms.into) && (!terms.bonus_into || plan.find(terms.bonus_into));
    if (!known) return error{errc::unknown_bucket}.about(sold->pack->into);
    return terms;
}

/// Whether a request says either an offer or what is to be bought.
inline result<void> check_buy(const buy_request& r) {
    const auto wrong = [](std::string_view field) {
        return result<void>{error{errc::invalid_argument}.about(field)};
    };
    if (r.expires_in && r.expires_in->count() <= 0) return wrong("expires_in");
    if (r.price.is_negative()) return wrong("price");
    if (!r.offer.empty()) {
        if (!r.bucket.empty()) return wrong("bucket");
        return r.amount.is_zero() ? result<void>{} : wrong("amount");
    }
    if (r.bucket.empty()) return wrong("offer");
    if (!r.amount.is_positive()) return wrong("amount");
    return r.price.has_currency() ? result<void>{} : wrong("price");
}

/// Places an order, `o`. Errors: `too_many` where there are as many open ones as may be.
inline result<void> decide_buy(const engine& by, attempt& s, const compiled_plan& plan,
                               const buy_request& r, purchase_order& o) {
    const result<offer_terms> what = ordered_terms(by, s.state, plan, r);
    if (auto sensible = check_buy(r); !what || !sensible) return gravest(what, sensible);
    const auto& open = s.state.rest->orders;
    const auto manual = std::count_if(open.begin(), open.end(), [](const purchase_order& known) {
        return !known.is_automatic();
    });
    if (static_cast<std::size_t>(manual) >= max_open_orders) return errc::too_many;
    o = {.id = order_id{s.state.last.value() + 1}, .what = *what, .placed = s.now};
    if (r.expires_in) {
        if (s.now > never - *r.expires_in) return error{errc::invalid_argument}.about("expires_in");
        o.until = s.now + *r.expires_in;
    }
    const std::string_view packed = s.keep(pack(order_said{.order = o}));
    return s.add_primary([&](entry& e) { return decide_order(s.state, o, packed, s.when(), e); });
}

inline result<placed_order> buy(engine& by, const target& wallet, const buy_request& r) {
    content said{"buy"};
    said.add(r.offer).add(r.channel).add(r.bucket).add(r.amount).add(r.price);
    said.add(std::uint64_t{r.expires_in.has_value()});
    if (r.expires_in) said.add(static_cast<std::uint64_t>(r.expires_in->count()));
    placed_order fresh{{}, wallet.id};
    const auto decide = [&](attempt& s, const compiled_plan& plan) {
        return decide_buy(by, s, plan, r, fresh);
    };
    const result<receipt> done = by.perform(wallet,
                                            {.id = r.request,
                                             .by = {verb::buy, r, wallet},
                                             .content = said.value(),
                                             .at = r.at,
                                             .valid = check_buy(r)},
                                            {understood, decide});
    if (!done) return done.error();
    if (!done->repeated) return fresh;  // it is placed: nothing may fail any more
    return order_by_id(by.store(), wallet.id, order_id{done->id.value()});
}

/// An order that a message speaks of, and what became of it.
struct found_order {
    purchase_order order{};
    bool is_open = false;
    bool is_confirmed = false;
};

/// Finds an order; one that has ended is looked up.
/// Errors: `invalid_argument` about an order that is none.
inline result<found_order> find_told_order(attempt& s, order_id id) {
    const error unknown = error{errc::invalid_argument}.in("order", "is no order of this wallet");
    if (!id) return unknown;
    if (const purchase_order* open = find_order(s.state, id)) {
        return found_order{.order = *open, .is_open = true};
    }
    if (const purchase_order* ended = find_order(s.opened, id)) return found_order{*ended};
    const entry_id placed{id.value()};
    if (s.known.told_of != placed) {
        s.wanted.told = placed;
        return s.lack();
    }
    const std::span<const entry> told = s.known.told;
    if (told.empty() || told[0].kind != entry_kind::ordered) return unknown;
    const std::optional<order_said> said = order_of(told[0]);
    if (!said) return errc::corrupt_record;
    const bool confirmed = std::any_of(told.begin(), told.end(), [&](const entry& e) {
        return e.kind == entry_kind::purchased && e.about == placed;
    });
    return found_order{.order = said->order, .is_confirmed = confirmed};
}

/// Remembers a message about an order that says nothing new.
inline result<void> note_order(attempt& s, order_id id) {
    return s.add_primary([&](entry& e) {
        auto noted = decide_note(s.state, entry_kind::noted, s.when(), e);
        e.about = entry_id{id.value()};
        return noted;
    });
}

/// The terms of a lot that an order brings, by its bucket as the plan has it now; in a bucket that
/// it does not have, it never expires.
inline result<lot_terms> terms_of_purchase(const attempt& s, const compiled_plan& plan,
                                           bucket_id into, lot_source source) {
    lot_terms terms{.bucket = into, .source = source, .effective = s.now};
    const std::optional<std::size_t> bucket = plan.find(into);
    if (!bucket) return terms;
    const result<zone> where = zone_of(s.state, plan);
    if (!where) return where.error();
    const auto around = period_around(s.state, plan, bucket, s.now);
    if (!around) return around.error();
    const result<lifetime> life =
        plan.life(*bucket, {.effective = s.now, .running = *around, .where = *where});
    if (!life) return life.error();
    terms.expires = life->until;
    return terms;
}

/// Grants an order with its price, and its bonus as a lot of its own.
inline result<void> grant_order(attempt& s, const compiled_plan& plan, const purchase_order& o,
                                std::string_view reference) {
    result<lot_terms> bought = terms_of_purchase(s, plan, o.what.into, lot_source::purchase);
    if (!bought) return bought.error();
    bought->paid = o.what.price;
    const std::string_view packed = s.keep(pack(order_said{.order = o, .reference = reference}));
    const std::string_view name =
        o.is_automatic() ? s.keep("recharge#" + std::to_string(o.number)) : std::string_view{};
    const auto place = [&](const lot_terms& terms, credits amount) {
        const lot fresh{.id = lot_id{s.state.last.value() + 1}, .terms = terms, .granted = amount};
        return position_of(s.state, fresh, plan);
    };
    auto granted = s.add_primary([&](entry& e) {
        const burn_position at = place(*bought, o.what.amount);
        auto done = decide_purchase(s.state, o.id, packed, *bought, o.what.amount, at, s.when(), e);
        e.resource = name;
        return done;
    });
    if (!granted || o.what.bonus.is_zero()) return granted;
    const auto bonus = terms_of_purchase(s, plan, o.what.bonus_into, lot_source::bonus);
    if (!bonus) return bonus.error();
    return s.add([&](entry& e) {
        const burn_position at = place(*bonus, o.what.bonus);
        auto done = decide_grant(s.state, *bonus, o.what.bonus, at, s.when(), e);
        e.about = entry_id{o.id.value()};
        return done;
    });
}

/// The receipt of a message about an order: of what it did, or of what was done before it.
inline result<receipt> first_receipt(engine& by, const target& wallet, order_id id,
                                     const result<receipt>& done) {
    if (!done || done->kind != entry_kind::noted) return done;
    result<receipt> first = done;
    auto told = each_told_of_order(by.store(), wallet.id, id, [&](const entry& e) {
        const std::optional<order_state> state = state_after(e);
        if (!state || e.id > done->id) return true;
        first = receipt_of(e);
        first->repeated = true;
        return state != order_state::confirmed;
    });
    return told ? first : result<receipt>{told.error()};
}

inline result<receipt> confirm(engine& by, const target& wallet, const confirm_request& r) {
    content said{"confirm"};
    said.add(std::uint64_t{r.order.value()}).add(r.paid).add(r.reference);
    const bool sensible = r.reference.size() <= max_reference_size && !r.paid.is_negative();
    const auto decide = [&](attempt& s, const compiled_plan& plan) -> result<void> {
        const result<found_order> found = find_told_order(s, r.order);
        if (!found) return found.error();
        if (!sensible) return errc::invalid_argument;
        const bool other = r.paid.has_currency() && money{r.paid} != found->order.what.price;
        if (other) return error{errc::invalid_argument}.about("paid");
        if (found->is_confirmed) return note_order(s, r.order);
        return grant_order(s, plan, found->order, r.reference);
    };
    const result<receipt> done = by.perform(wallet,
                                            {.id = r.request,
                                             .by = {verb::confirm, r, wallet},
                                             .content = said.value(),
                                             .at = r.at,
                                             .valid = valid_if(sensible)},
                                            {understood, decide});
    return first_receipt(by, wallet, r.order, done);
}

inline result<receipt> fail(engine& by, const target& wallet, const fail_request& r) {
    content said{"fail"};
    said.add(std::uint64_t{r.order.value()}).add(std::uint64_t{r.expired}).add(r.reason);
    const auto decide = [&](attempt& s, const compiled_plan&) -> result<void> {
        const result<found_order> found = find_told_order(s, r.order);
        if (!found) return found.error();
        if (r.reason.size() > max_reference_size) return errc::invalid_argument;
        if (!found->is_open) return note_order(s, r.order);
        const entry_kind how = r.expired ? entry_kind::order_expired : entry_kind::order_failed;
        const std::string_view packed =
            s.keep(pack(order_said{.order = found->order, .reference = r.reason}));
        return s.add_primary([&](entry& e) {
            return decide_order_end(s.state, found->order, how, packed, s.when(), e);
        });
    };
    const result<receipt> done = by.perform(
        wallet,
        {.id = r.request, .by = {verb::fail, r, wallet}, .content = said.value(), .at = r.at},
        {understood, decide});
    return first_receipt(by, wallet, r.order, done);
}

}  // namespace detail
}  // namespace v0
}  // namespace coffer
