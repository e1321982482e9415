#include "support/catch.hpp"

#include <coffer/ledger/recharge.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/policy/recharge.hpp>

#include <string>

using namespace coffer::literals;
using coffer::recharge;

namespace {

const coffer::catalogue shop{{.offer = "standard",
                              .credits = 50_cr,
                              .price = eur("10.00"),
                              .into = "packs",
                              .bonus = 5_cr,
                              .plans = {"pro"}}};

}  // namespace

TEST_CASE("rule 31: a plan's recharge comes to the ledger as it stands") {
    CHECK_FALSE(terms_of(recharge{}));
    const auto t = terms_of(recharge{.amount = 50_cr,
                                     .pack = 25_cr,
                                     .into = "packs",
                                     .price = eur("5.00"),
                                     .below = 10_cr,
                                     .of = {"packs", "gifts"},
                                     .monthly = eur("50.00"),
                                     .times = 4});
    REQUIRE(t);
    CHECK(is_recharge(*t));
    CHECK(t->below == 10_cr);
    CHECK(t->what.amount == 50_cr);
    CHECK(t->pack == 25_cr);
    CHECK(t->what.into == "packs");
    CHECK(t->what.price == eur("5.00"));
    CHECK(t->of.size() == 2);
    CHECK(t->monthly == eur("50.00"));
    CHECK(t->times == 4U);
    CHECK_FALSE(t->to_target);
    CHECK_FALSE(t->per_credit);
    const auto to = terms_of(recharge{.to = 80_cr, .into = "packs", .each = eur("0.10")});
    CHECK(to->to_target);
    CHECK(to->per_credit);
    CHECK(is_recharge(*to));
}

TEST_CASE("rule 31: an offer of the catalogue says what is bought, and for whom") {
    const auto t = terms_of(recharge{.offer = "standard", .packs = true, .below = 10_cr});
    REQUIRE(t->wants_offer());
    CHECK_FALSE(is_recharge(*t));
    const auto found = with_offer(*t, shop);
    CHECK(is_recharge(found));
    CHECK(found.what.amount == 50_cr);
    CHECK(found.pack == 50_cr);
    CHECK(found.what.bonus == 5_cr);
    CHECK(found.what.bonus_into == "packs");
    CHECK(found.what.price == eur("10.00"));
    CHECK(is_recharge(with_offer(*t, shop, "pro")));
    CHECK(with_offer(*t, shop, "free").wants_offer());
    CHECK(with_offer(*terms_of(recharge{.offer = "other"}), shop).wants_offer());
    const auto fixed = terms_of(recharge{.amount = 1_cr, .into = "packs", .price = eur("1.00")});
    CHECK(with_offer(*fixed, shop) == *fixed);
}

TEST_CASE("rule 31: a plan of run time says what its recharge lacks") {
    coffer::any_plan plan{{.cost = coffer::cost_table{},
                           .buckets = {{.name = "packs",
                                        .refill = coffer::refill::none{},
                                        .rollover = coffer::rollover::none{},
                                        .expiry = coffer::expiry::never{},
                                        .refund = coffer::refund::none{}}},
                           .overdraft = coffer::overdraft::deny{},
                           .access = coffer::access::anyone{}}};
    plan.recharge = {.offer = "standard", .below = 10_cr};
    plan.catalogue = shop;
    const coffer::detail::compiled<coffer::any_plan> compiled{plan};
    REQUIRE(compiled.recharge);
    CHECK(compiled.recharge->what.amount == 50_cr);
    CHECK(plan.check());
    plan.recharge = {.amount = 5_cr, .into = "packs", .below = 10_cr};
    CHECK(plan.check().error().path == "plan.recharge");
}
