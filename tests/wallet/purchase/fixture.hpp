/// A plan that sells packs and buys them by itself, for tests of purchases. Include it beside the
/// wallet fixture.
#pragma once

#include "support/wallet_fixture.hpp"

#include <coffer/ledger/order_record.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/store/notices.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer_test {

inline coffer::money euros(std::int64_t cents) { return coffer::money::from_minor(cents, "EUR"); }

/// A monthly quota that burns first, packs, and gifts.
struct token_plan {
    coffer::cost_table cost{};

    struct {
        coffer::refill::every refill{.length = coffer::months{1}};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } quota{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::full refund{};
    } packs{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::after expiry{coffer::days{30}};
        coffer::refund::none refund{};
    } gifts{};

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"quota", &token_plan::quota},
                                                     coffer::bucket{"packs", &token_plan::packs},
                                                     coffer::bucket{"gifts", &token_plan::gifts});

    any_overdraft overdraft{};
    coffer::access::anyone access{};
    coffer::alerts alerts{};
    coffer::catalogue catalogue{
        {.offer = "standard", .credits = 50_cr, .price = euros(1'000), .into = "packs"},
        {.offer = "bonus",
         .credits = 100_cr,
         .price = euros(1'800),
         .into = "packs",
         .bonus = 10_cr,
         .bonus_into = "gifts"}};
    coffer::recharge recharge{};
    coffer::choices choices{};
    std::uint32_t revision = 0;
    any_refusals refusals{};
};
static_assert(coffer::check_plan<token_plan>());

/// What buys "standard" below ten credits of the packs.
inline token_plan recharging(coffer::money monthly = {}) {
    token_plan plan;
    plan.recharge = {.offer = "standard", .below = 10_cr, .of = {"packs"}, .monthly = monthly};
    return plan;
}

template <class Store = coffer::memory_store>
struct shop_lab : lab<Store, token_plan> {
    explicit shop_lab(token_plan plan = {}) : lab<Store, token_plan>{std::move(plan)} {}

    coffer::placed_order buy(std::string_view offer, std::string_view request = {}) {
        return this->w.buy({.offer = offer, .request = request}).or_throw();
    }
    coffer::receipt confirm(coffer::order_id order, std::string_view request = {}) {
        return this->w.confirm({.order = order, .request = request}).or_throw();
    }
    coffer::receipt fail(coffer::order_id order, std::string_view request = {}) {
        return this->w.fail({.order = order, .request = request}).or_throw();
    }
    coffer::credits packs() { return this->available_in("packs"); }
    /// The orders that the plan has placed, by what they bring.
    std::vector<coffer::credits> placed() {
        std::vector<coffer::credits> all;
        for (const coffer::entry& e : this->entries().of(coffer::entry_kind::ordered)) {
            if (order_of(e)->order.is_automatic()) all.push_back(e.amount);
        }
        return all;
    }
    /// The order that the plan has open.
    coffer::order_id open() {
        coffer::order_id found;
        for (const coffer::placed_order& o : this->w.orders().or_throw()) {
            if (o.is_automatic()) found = o.id;
        }
        return found;
    }
};

using amounts = std::vector<coffer::credits>;

}  // namespace coffer_test
