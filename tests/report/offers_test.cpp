#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/report/offers.hpp>
#include <coffer/testing/scripted_gateway.hpp>
#include <coffer/wallet/payer.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;
using coffer::errc;

namespace {

/// A campaign platform: packs that last twelve months, warnings at 100 and 10.
coffer::any_plan campaign_plan() {
    coffer::any_plan plan{coffer::plans::prepaid<>{}};
    coffer::cost_table costs;
    costs.set("campaign", coffer::cost::flat{150_cr});
    costs.set("question", coffer::cost::flat{1_cr});
    plan.cost = costs;
    plan.alerts = {{.name = "low", .at = 100_cr}, {.name = "critical", .at = 10_cr}};
    plan.catalogue = {
        {.offer = "starter", .credits = 100_cr, .price = usd("10.00"), .into = "package"},
        {.offer = "basic", .credits = 250_cr, .price = usd("25.00"), .into = "package"},
        {.offer = "popular",
         .credits = 550_cr,
         .price = usd("50.00"),
         .into = "package",
         .prices = {{"app_store", usd("59.99")}}}};
    return plan;
}

std::vector<std::string> names(const coffer::offer_list& offers) {
    std::vector<std::string> all;
    for (const coffer::sale& s : offers) all.push_back(s.pack->offer);
    return all;
}

}  // namespace

TEST_CASE(
    "rule 38, row B6: without credits, warn, block, offer a pack, and go on when it is paid") {
    lab<coffer::memory_store, coffer::any_plan> l{campaign_plan()};
    l.grant(200_cr);
    l.charge(105_cr);
    const auto notices = l.store.notices(10).or_throw();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].text == "low");

    const coffer::charge_request launch{.action = "campaign", .request = "launch-7"};
    {
        const unchanged nothing{l};
        const auto refused = l.w.charge(launch);
        REQUIRE(refused == errc::insufficient_credits);
        CHECK(refused.error().required() == 150_cr);
        CHECK(refused.error().acceptable() == 95_cr);
        const auto why = l.w.explain(launch).or_throw();
        CHECK(why.missing == 55_cr);
        REQUIRE(why.pack);
        CHECK(why.pack->offer == "starter");
        CHECK(why.pack->price == usd("10.00"));
        CHECK(why.pack->brings == 100_cr);
    }
    const auto advice = l.w.cover(launch).or_throw();
    CHECK(advice.missing == 55_cr);
    REQUIRE(advice.pack);
    coffer::testing::scripted_gateway gateway;
    coffer::payer payer{l.wallets, gateway};
    const auto order = l.w.buy({.offer = advice.pack->pack->offer, .request = "cart-7"}).or_throw();
    CHECK(l.w.charge(launch) == errc::insufficient_credits);  // ordered is not paid
    CHECK(payer.pay(l.id, order.id)->state == coffer::order_state::confirmed);

    const auto done = l.w.charge(launch).or_throw();
    CHECK(done.cost == 150_cr);
    CHECK_FALSE(done.repeated);
    CHECK(l.w.charge(launch)->repeated);
    CHECK(l.available() == 45_cr);
    CHECK(gateway.taken() == 1);
    CHECK(l.w.cover({.action = "question"})->missing == 0_cr);
}

TEST_CASE("rule 44: a wallet tells what it may buy, at the prices of a channel") {
    lab<coffer::memory_store, coffer::any_plan> l{campaign_plan()};
    const unchanged nothing{l};
    const auto site = l.w.offers().or_throw();
    CHECK(names(site) == std::vector<std::string>{"starter", "basic", "popular"});
    CHECK(site.packs[2].price == usd("50.00"));
    CHECK(l.w.offers("app_store")->packs[2].price == usd("59.99"));

    const auto advice = l.w.cover(600_cr).or_throw();
    CHECK_FALSE(advice.pack);
    CHECK(advice.packs.price == usd("60.00"));
    CHECK(advice.packs.brings == 650_cr);
    CHECK(l.w.cover(600_cr, "app_store")->packs.price == usd("60.00"));  // six starters
    CHECK(l.w.cover(0_cr) == errc::invalid_argument);
    CHECK(l.w.cover(coffer::credits::min()) == errc::invalid_argument);
    CHECK(l.w.cover(coffer::credits::max()) == errc::amount_overflow);
    CHECK(l.w.cover({.action = "dance"}) == errc::unknown_action);
    CHECK(l.w.cover_hold({.action = "campaign", .expires_in = 1h})->missing == 150_cr);
}

TEST_CASE("rule 44, row A11: what is bought through a channel costs what it costs there") {
    lab<coffer::memory_store, coffer::any_plan> l{campaign_plan()};
    const auto order = l.w.buy({.offer = "popular", .channel = "app_store"}).or_throw();
    CHECK(order.what.price == usd("59.99"));
    CHECK(l.w.buy({.offer = "popular"})->what.price == usd("50.00"));
    const auto done = l.w.confirm({.order = order.id}).or_throw();
    CHECK(l.lot(done.lot).terms.paid == usd("59.99"));
}

TEST_CASE("rule 44: debt has to be covered, too, before a charge goes through") {
    coffer::any_plan plan = campaign_plan();
    plan.clawback = coffer::clawback::negative{};
    plan.buckets[0].refund = coffer::refund::full{};
    lab<coffer::memory_store, coffer::any_plan> l{plan};
    const auto lot = l.grant(200_cr, {.paid = usd("20.00")});
    l.charge(200_cr);
    l.w.dispute({.lot = lot}).or_throw();
    CHECK(l.balance().debt == 200_cr);
    const auto advice = l.w.cover({.action = "campaign"}).or_throw();
    CHECK(advice.missing == 350_cr);
    CHECK(advice.packs.brings == 350_cr);
    CHECK(advice.pack->pack->offer == "popular");
    l.grant(349_cr);
    CHECK(l.w.charge({.action = "campaign"}) == errc::insufficient_credits);
    l.grant(1_cr);
    CHECK(l.w.charge({.action = "campaign"}));
}

TEST_CASE("rule 14, rule 44: what may not be spent on an action covers nothing of it") {
    coffer::any_plan plan = campaign_plan();
    coffer::any_bucket questions = plan.buckets[0];
    questions.name = "questions";
    questions.only = std::vector<std::string>{"question"};
    plan.buckets.push_back(questions);
    plan.catalogue = {
        {.offer = "cheap", .credits = 500_cr, .price = usd("1.00"), .into = "questions"},
        {.offer = "mixed",
         .credits = 100_cr,
         .price = usd("10.00"),
         .into = "package",
         .bonus = 100_cr,
         .bonus_into = "questions"}};
    lab<coffer::memory_store, coffer::any_plan> l{plan};
    const auto campaign = l.w.cover({.action = "campaign"}).or_throw();
    CHECK_FALSE(campaign.pack);
    REQUIRE(campaign.packs.packs.size() == 1);
    CHECK(campaign.packs.packs[0].pack->offer == "mixed");
    CHECK(campaign.packs.packs[0].count == 2);
    CHECK(campaign.packs.brings == 200_cr);
    CHECK(l.w.cover({.action = "question"})->pack->pack->offer == "cheap");
    CHECK(l.w.explain({.action = "question"})->pack->offer == "cheap");
    CHECK_FALSE(l.w.explain({.action = "campaign"})->pack);
}

TEST_CASE("rule 44: an answer stays as it was when the book sells something else") {
    coffer::plan_book book;
    book.add("free", coffer::plans::prepaid<>{}).or_throw();
    book.add("pro", coffer::plans::prepaid<>{}).or_throw();
    book.set_default("free").or_throw();
    const auto for_pro = [](std::string offer) {
        return coffer::catalogue{{.offer = std::move(offer),
                                  .credits = 100_cr,
                                  .price = eur("5.00"),
                                  .into = "package",
                                  .plans = {"pro"}}};
    };
    book.sell(for_pro("first")).or_throw();
    lab<coffer::memory_store, coffer::plan_book> l{book};
    CHECK(l.w.offers()->empty());
    CHECK(l.w.cover(1_cr) == errc::purchase_refused);
    CHECK_FALSE(l.w.explain({.amount = 1_cr})->pack);
    CHECK(l.w.buy({.offer = "first"}) == errc::purchase_refused);
    l.w.start({.plan = "pro"}).or_throw();
    const auto advice = l.w.cover({.amount = 1_cr}).or_throw();
    book.sell(for_pro("second")).or_throw();
    book.replace("pro", coffer::plans::prepaid<>{}).or_throw();
    CHECK(advice.pack->pack->offer == "first");
    CHECK(names(*l.w.offers()) == std::vector<std::string>{"second"});
}
