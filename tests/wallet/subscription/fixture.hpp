/// Plans that differ in their allowances and prices, for tests of subscriptions. Include it beside
/// the wallet fixture.
#pragma once

#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer_test {

inline coffer::money eur(std::int64_t cents) { return coffer::money::from_minor(cents, "EUR"); }

/// A bucket that refills, with what a period of it costs.
inline coffer::any_bucket refilled(std::string name, coffer::credits amount,
                                   coffer::money price = {},
                                   coffer::timespan every = coffer::months{1}) {
    return {.name = std::move(name),
            .refill = coffer::refill::every{.length = every, .amount = amount, .price = price},
            .rollover = coffer::rollover::none{},
            .expiry = coffer::expiry::at_period_end{},
            .refund = coffer::refund::full{}};
}
inline coffer::any_bucket bought(std::string name) {
    return {.name = std::move(name),
            .refill = coffer::refill::none{},
            .rollover = coffer::rollover::none{},
            .expiry = coffer::expiry::never{},
            .refund = coffer::refund::full{}};
}

inline coffer::any_plan sold(std::vector<coffer::any_bucket> buckets, coffer::credits chat,
                             coffer::subscription_rules rules = {},
                             coffer::recharge recharge = {}) {
    coffer::cost_table cost;
    cost.set("chat", coffer::cost::flat{chat});
    buckets.push_back(bought("topup"));
    buckets.push_back(bought("pack"));
    return coffer::any_plan{{.cost = cost,
                             .buckets = std::move(buckets),
                             .overdraft = coffer::overdraft::deny{},
                             .access = coffer::access::anyone{},
                             .subscription = rules,
                             .recharge = std::move(recharge)}};
}

/// From small to large: free, pro, team; mixed has more budget and less voice than pro. All of them
/// are recharged alike.
inline coffer::plan_book on_sale(const coffer::recharge& recharge = {}) {
    coffer::plan_book book;
    const auto add = [&](std::string_view id, std::vector<coffer::any_bucket> buckets,
                         coffer::credits chat, coffer::subscription_rules rules = {}) {
        book.add(id, sold(std::move(buckets), chat, rules, recharge)).or_throw();
    };
    add("free", {refilled("budget", 10_cr)}, 5_cr);
    add("pro", {refilled("budget", 100_cr, eur(1'000)), refilled("voice", 50_cr)}, 2_cr,
        {.grace = coffer::days{7}});
    add("team", {refilled("budget", 300_cr, eur(3'000)), refilled("voice", 50_cr)}, 1_cr);
    add("mixed", {refilled("budget", 150_cr, eur(1'500)), refilled("voice", 20_cr)}, 3_cr);
    add("weekly",
        {refilled("budget", 100_cr, eur(1'000)), refilled("voice", 50_cr),
         refilled("bonus", 7_cr, {}, coffer::days{7})},
        2_cr, {.purchases = coffer::after_end::locked});
    book.set_default("free").or_throw();
    return book;
}

/// "pro" as it is sold from then on, with a bucket more.
inline void add_weekly_bonus_to_pro(coffer::plan_book book) {
    book.replace("pro", sold({refilled("budget", 100_cr, eur(1'000)), refilled("voice", 50_cr),
                              refilled("bonus", 7_cr, {}, coffer::days{7})},
                             2_cr, {.grace = coffer::days{7}}))
        .or_throw();
}

/// A wallet of one of them.
struct subscriber : lab<coffer::memory_store, coffer::plan_book> {
    explicit subscriber(std::string_view plan = "pro", const coffer::recharge& recharge = {})
        : lab{on_sale(recharge)} {
        if (!plan.empty()) w.start({.plan = plan}).or_throw();
    }

    std::string plan() { return w.subscription().or_throw().plan; }
    coffer::credits budget() { return available_in("budget"); }
    coffer::credits voice() { return available_in("voice"); }
    coffer::credits price() { return w.quote({.action = "chat"}).or_throw().receipt.cost; }
    coffer::lot upgrade_lot() { return lot(newest(coffer::lot_origin::upgraded)); }
    coffer::subscription_status status() { return w.subscription().or_throw().status; }
};

}  // namespace coffer_test
