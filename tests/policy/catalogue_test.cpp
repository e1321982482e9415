#include "support/catch.hpp"
#include "support/dice.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/plan/set.hpp>
#include <coffer/policy/catalogue.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace coffer::literals;
using coffer::catalogue;
using coffer::errc;
using coffer::money;
using coffer::pack;

namespace {

constexpr coffer::buyer anyone{};

/// The packs of row B7.
catalogue campaign_packs() {
    return {{.offer = "starter", .credits = 100_cr, .price = usd("10.00"), .into = "packs"},
            {.offer = "basic", .credits = 250_cr, .price = usd("25.00"), .into = "packs"},
            {.offer = "popular", .credits = 550_cr, .price = usd("50.00"), .into = "packs"},
            {.offer = "pro", .credits = 1'100_cr, .price = usd("100.00"), .into = "packs"},
            {.offer = "max", .credits = 2'350_cr, .price = usd("200.00"), .into = "packs"}};
}

pack good_pack() {
    return {.offer = "standard",
            .credits = 2'500'000_cr,
            .price = eur("10.00"),
            .into = "packs",
            .bonus = 100_cr,
            .bonus_into = "bonus",
            .plans = {"pro", "team"},
            .prices = {{"app_store", eur("12.99")}, {"google_play", eur("11.99")}}};
}

struct selling_plan {
    coffer::cost_table cost{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } packs{};

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"packs", &selling_plan::packs});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::catalogue catalogue = campaign_packs();
};
static_assert(coffer::check_plan<selling_plan>());

/// Counts of the combination, by offer: "2 starter, 1 max".
std::string text_of(const coffer::covering& c) {
    std::string text;
    for (const coffer::pack_count& p : c.packs) {
        text += (text.empty() ? "" : ", ") + std::to_string(p.count) + " " + p.pack->offer;
    }
    return text;
}

std::string cover_of(const catalogue& shop, coffer::credits missing) {
    const auto found = shop.cover(missing, anyone);
    REQUIRE(found);
    CHECK(found->is_cheapest());
    return text_of(*found) + " for " + std::string{to_string(found->price).view()};
}

}  // namespace

TEST_CASE("rule 44, row B7: packs say what one credit costs, exactly and rounded") {
    const catalogue shop = campaign_packs();
    std::vector<std::string> each;
    for (const coffer::sale& s : shop.for_sale(anyone)) {
        each.emplace_back(to_string(s.per_credit()).view());
    }
    CHECK(each == std::vector<std::string>{"0.100 USD", "0.100 USD", "0.091 USD", "0.091 USD",
                                           "0.085 USD"});
    const auto price_of = [&](std::string_view offer) {
        return shop.sell(offer, anyone)->per_credit();
    };
    CHECK(price_of("starter") == price_of("basic"));
    CHECK(price_of("popular") == price_of("pro"));
    CHECK(price_of("max") < price_of("popular"));
    CHECK(price_of("popular") < price_of("starter"));
}

TEST_CASE("rule 44: the price of a credit compares exactly and prints whatever it is") {
    using coffer::credit_price;
    const credit_price close{eur("0.01"), 3_cr};
    const credit_price closer{eur("0.01"), 3.000001_cr};
    CHECK(closer < close);
    CHECK(to_string(close).view() == to_string(closer).view());
    CHECK((credit_price{eur("1.00"), 1_cr} <=> credit_price{usd("1.00"), 1_cr}) ==
          std::partial_ordering::unordered);
    CHECK(to_string(credit_price{eur("0.01"), 8_cr}, 4).view() == "0.0013 EUR");  // half up
    CHECK(to_string(credit_price{eur("10.00"), 4_cr}, 0).view() == "3 EUR");
    CHECK(to_string(credit_price{eur("10.00"), 2'500'000_cr}, 9).view() == "0.000004000 EUR");
    CHECK(to_string(credit_price{money::from_minor(500, "JPY"), 3_cr}, 2).view() == "166.67 JPY");
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const credit_price dearest{money::from_minor(most, "EUR"), coffer::credits::from_micros(1)};
    CHECK(to_string(dearest, 99).view() == "92233720368547758070000.000000000 EUR");
    const credit_price cheapest{money::from_minor(1, "EUR"), coffer::credits::max()};
    CHECK(to_string(cheapest, 9).view() == "0.000000000 EUR");
    CHECK(cheapest < dearest);
}

TEST_CASE("rule 44: a pack is sold at the price of the channel, to the plans that it is for") {
    const catalogue shop{good_pack(),
                         {.offer = "app",
                          .credits = 10_cr,
                          .into = "packs",
                          .prices = {{"app_store", eur("1.99")}}}};
    REQUIRE_FALSE(shop.fault());
    CHECK(shop.sell("standard", {.plan = "pro"})->price == eur("10.00"));
    CHECK(shop.sell("standard", {.plan = "team", .channel = "app_store"})->price == eur("12.99"));
    CHECK(shop.sell("standard", {.plan = "pro", .channel = "website"})->price == eur("10.00"));

    const auto not_there = shop.sell("Standard", {.plan = "pro"});
    REQUIRE(not_there == errc::invalid_argument);
    CHECK(not_there.error().subject() == "Standard");
    CHECK(not_there.error().field() == "offer");
    const auto not_here = shop.sell("app", {.channel = "website"});
    REQUIRE(not_here == errc::purchase_refused);
    CHECK(not_here.error().subject() == "website");
    CHECK(shop.sell("app", anyone) == errc::purchase_refused);
    CHECK(shop.sell("app", {.channel = "app_store"})->price == eur("1.99"));
    CHECK(shop.for_sale({.plan = "free"}).empty());
    CHECK(shop.for_sale({.plan = "free", .channel = "app_store"}).size() == 1);
    CHECK(shop.for_sale({.plan = "pro", .channel = "app_store"}).size() == 2);
}

TEST_CASE("rule 44, row E3: only plans that are named may buy, with their own error") {
    const catalogue shop{{.offer = "starter",
                          .credits = 1'000'000_cr,
                          .price = eur("5.00"),
                          .into = "packs",
                          .plans = {"pro", "team"}}};
    CHECK(shop.sell("starter", {.plan = "pro"}));
    for (std::string_view plan : {"free", "", "pr", "prod", "Pro", "pro2", "x/pro"}) {
        CAPTURE(plan);
        const auto refused = shop.sell("starter", {.plan = plan});
        REQUIRE(refused == errc::purchase_refused);
        CHECK(refused.error().subject() == plan);
    }
}

TEST_CASE("rule 44, row A11: a plan's price and allowance per channel are plans below it") {
    using plan = coffer::plans::subscription<>;
    const auto monthly = [](coffer::credits amount, money price) {
        return plan{.allowance = {.refill = {.amount = amount, .price = price}}};
    };
    const coffer::plan_set plans{
        catalogue{{.offer = "top-up",
                   .credits = 50_cr,
                   .price = usd("5.00"),
                   .into = "package",
                   .plans = {"pro"},
                   .prices = {{"app_store", usd("6.99")}, {"google_play", usd("5.99")}}}},
        coffer::named{"pro", monthly(200_cr, usd("20.00"))},
        coffer::named{"pro/app_store", monthly(180_cr, usd("24.99"))},
        coffer::named{"pro/google_play", monthly(190_cr, usd("22.99"))}};
    const auto price_of = [&](std::string_view id) {
        return (*plans.find_compiled(id))->buckets[0].price;
    };
    CHECK(price_of("pro") == usd("20.00"));
    CHECK(price_of("pro/app_store") == usd("24.99"));
    CHECK(price_of("pro/google_play") == usd("22.99"));
    CHECK((*plans.find_compiled("pro/app_store"))->allowance(0, {}) == 180_cr);
    const auto sold = [&](std::string_view id, std::string_view channel) {
        return plans.shop()->sell("top-up", {.plan = id, .channel = channel})->price;
    };
    CHECK(sold("pro", "") == usd("5.00"));
    CHECK(sold("pro/app_store", "app_store") == usd("6.99"));
    CHECK(sold("pro/google_play", "google_play") == usd("5.99"));
}

TEST_CASE("rule 44: the cheapest single pack covers what is missing") {
    const catalogue shop = campaign_packs();
    const auto offer_for = [&](coffer::credits missing) {
        const auto found = shop.cheapest(missing, anyone);
        REQUIRE(found);
        return *found ? (*found)->pack->offer : std::string{"none"};
    };
    CHECK(offer_for(0.000001_cr) == "starter");
    CHECK(offer_for(100_cr) == "starter");
    CHECK(offer_for(100.000001_cr) == "basic");
    CHECK(offer_for(551_cr) == "pro");
    CHECK(offer_for(2'350_cr) == "max");
    CHECK(offer_for(2'350.000001_cr) == "none");
    CHECK(shop.cheapest(0_cr, anyone) == errc::invalid_argument);
    CHECK(shop.cheapest(coffer::credits::min(), anyone) == errc::invalid_argument);
}

TEST_CASE("rule 44: of equally dear packs the one that brings more, bonus included") {
    const catalogue shop{
        {.offer = "plain", .credits = 100_cr, .price = eur("5.00"), .into = "packs"},
        {.offer = "more", .credits = 90_cr, .price = eur("5.00"), .into = "packs", .bonus = 20_cr}};
    CHECK((*shop.cheapest(50_cr, anyone))->pack->offer == "more");
    CHECK((*shop.cheapest(105_cr, anyone))->pack->offer == "more");
    CHECK(shop.find("more")->bonus_bucket() == "packs");
}

TEST_CASE("rule 44: the cheapest combination covers what is missing, counted by hand") {
    const catalogue shop = campaign_packs();
    CHECK(cover_of(shop, 1_cr) == "1 starter for 10.00 USD");
    CHECK(cover_of(shop, 350_cr) == "1 starter, 1 basic for 35.00 USD");
    CHECK(cover_of(shop, 500_cr) == "1 popular for 50.00 USD");
    CHECK(cover_of(shop, 2'000_cr) == "1 starter, 1 basic, 1 popular, 1 pro for 185.00 USD");
    CHECK(cover_of(shop, 2'300_cr) == "1 max for 200.00 USD");
    CHECK(cover_of(shop, 2'360_cr) == "1 starter, 1 max for 210.00 USD");
    CHECK(cover_of(shop, 5'000_cr) == "3 starter, 2 max for 430.00 USD");
    const auto huge = shop.cover(9'000'000'000'000_cr, anyone);
    REQUIRE(huge);
    CHECK(huge->is_cheapest());
    CHECK(huge->brings >= 9'000'000'000'000_cr);
    CHECK(huge->brings < 9'000'000'002'350_cr);
}

TEST_CASE("rule 44: what a buyer may not buy covers nothing") {
    const catalogue shop{good_pack()};
    CHECK(shop.cover(1_cr, {.plan = "free"}) == errc::purchase_refused);
    CHECK(*shop.cheapest(1_cr, {.plan = "free"}) == std::nullopt);
    CHECK(catalogue{}.cover(1_cr, anyone) == errc::purchase_refused);
    CHECK(shop.cover(0_cr, {.plan = "pro"}) == errc::invalid_argument);
    CHECK(shop.cover(coffer::credits::from_micros(-1), {.plan = "pro"}) == errc::invalid_argument);
    const auto found = shop.cover(5'000'000_cr, {.plan = "pro", .channel = "app_store"});
    REQUIRE(found);
    CHECK(found->price == eur("25.98"));
    CHECK(found->brings == 5'000'200_cr);
    CHECK(found->packs[0].each == eur("12.99"));
}

TEST_CASE("rule 44: a combination that does not fit 64 bits is amount_overflow") {
    const auto half = coffer::credits::from_micros(std::numeric_limits<std::int64_t>::max() / 2);
    const catalogue large{{.offer = "a", .credits = half, .price = eur("1.00"), .into = "packs"}};
    CHECK(large.cover(half, anyone)->brings == half);
    CHECK(large.cover(coffer::credits::max(), anyone) == errc::amount_overflow);
    const catalogue dear{{.offer = "a",
                          .credits = coffer::credits::from_micros(1),
                          .price = eur("0.02"),
                          .into = "packs"}};
    CHECK(dear.cover(coffer::credits::max(), anyone) == errc::amount_overflow);
    CHECK(dear.cover(1_cr, anyone)->price == eur("20000.00"));
}

TEST_CASE("rule 44: a field of a pack that makes no sense is found by its name") {
    const std::string kilobyte(1'024, 'x');
    const auto none = money::from_minor(5, coffer::currency{});
    using change = std::function<void(pack&)>;
    const std::vector<std::pair<std::string, change>> faults{
        {"offer", [](pack& p) { p.offer = ""; }},
        {"offer", [&](pack& p) { p.offer = kilobyte; }},
        {"offer", [](pack& p) { p.offer = std::string(64, 'x'); }},
        {"offer", [](pack& p) { p.offer = "a\nb"; }},
        {"offer",
         [](pack& p) {
             p.offer = std::string{"a\0b", 3};
         }},
        {"credits", [](pack& p) { p.credits = 0_cr; }},
        {"credits", [](pack& p) { p.credits = coffer::credits::from_micros(-1); }},
        {"credits", [](pack& p) { p.credits = coffer::credits::min(); }},
        {"price", [](pack& p) { p.price = eur("0.00"); }},
        {"price", [](pack& p) { p.price = money::from_minor(-1, "EUR"); }},
        {"price",
         [](pack& p) {
             p.price = money::from_minor(std::numeric_limits<std::int64_t>::min(), "EUR");
         }},
        {"price", [&](pack& p) { p.price = none; }},
        {"price", [](pack& p) { p.price = {}, p.prices = {}; }},
        {"into", [](pack& p) { p.into = ""; }},
        {"into", [&](pack& p) { p.into = kilobyte; }},
        {"bonus", [](pack& p) { p.bonus = coffer::credits::from_micros(-1); }},
        {"bonus", [](pack& p) { p.bonus = coffer::credits::max(); }},
        {"bonus_into", [](pack& p) { p.bonus = 0_cr; }},
        {"bonus_into", [&](pack& p) { p.bonus_into = kilobyte; }},
        {"plans", [](pack& p) { p.plans = {""}; }},
        {"plans",
         [&](pack& p) {
             p.plans = {"pro", kilobyte};
         }},
        {"plans", [](pack& p) { p.plans = std::vector<std::string>(101, "pro"); }},
        {"prices", [](pack& p) { p.prices[1].channel = ""; }},
        {"prices", [&](pack& p) { p.prices[1].channel = kilobyte; }},
        {"prices", [](pack& p) { p.prices[1].channel = "app_store"; }},
        {"prices", [](pack& p) { p.prices[1].price = eur("0.00"); }},
        {"prices", [](pack& p) { p.prices[1].price = {}; }},
        {"prices", [&](pack& p) { p.prices[1].price = none; }},
        {"prices", [](pack& p) { p.prices = std::vector<coffer::channel_price>(33); }},
    };
    REQUIRE_FALSE(catalogue{good_pack()}.fault());
    for (std::size_t i = 0; i < faults.size(); ++i) {
        CAPTURE(i);
        pack spoiled = good_pack();
        faults[i].second(spoiled);
        const catalogue shop{{.offer = "first", .credits = 1_cr, .price = eur("1"), .into = "b"},
                             spoiled};
        REQUIRE(shop.fault());
        CHECK(shop.fault()->pack == 1);
        CHECK(shop.fault()->field == faults[i].first);
        CHECK(shop.sell("first", anyone) == errc::policy_contract);
        CHECK(shop.for_sale(anyone).empty());
        const auto refused = coffer::check_catalogue(shop, "plan.catalogue");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().path == "plan.catalogue[1]." + faults[i].first);
        CHECK_FALSE(refused.error().message.empty());
    }
}

TEST_CASE("rule 44: offers have names of their own, and a channel has one currency") {
    const auto at = [](std::string offer, money price, std::vector<coffer::channel_price> prices) {
        return pack{.offer = std::move(offer),
                    .credits = 1_cr,
                    .price = price,
                    .into = "packs",
                    .prices = std::move(prices)};
    };
    const catalogue twice{at("a", eur("1"), {}), at("b", eur("1"), {}), at("a", eur("2"), {})};
    REQUIRE(twice.fault());
    CHECK(twice.fault()->pack == 2);
    CHECK(twice.fault()->field == "offer");
    const catalogue mixed{at("a", eur("1"), {}), at("b", usd("1"), {})};
    REQUIRE(mixed.fault());
    CHECK(mixed.fault()->pack == 1);
    CHECK(mixed.fault()->field == "price");
    // "b" has no price of its own in the shop of "a", so that its euros hold there.
    const catalogue hidden{at("a", eur("1"), {{"us", usd("1")}}), at("b", eur("1"), {})};
    REQUIRE(hidden.fault());
    CHECK(hidden.fault()->field == "prices");
    CHECK_FALSE(catalogue{at("a", eur("1"), {{"us", usd("1")}}),
                          at("b", eur("1"), {{"us", usd("2")}}), at("c", {}, {{"us", usd("3")}})}
                    .fault());
    std::vector<pack> many;
    for (int i = 0; i < 101; ++i) many.push_back(at(std::to_string(i), eur("1"), {}));
    CHECK(catalogue{many}.fault()->code == errc::too_many);
    many.pop_back();
    CHECK_FALSE(catalogue{many}.fault());
}

TEST_CASE("rule 44: a catalogue is a part of a plan, static or erased") {
    const coffer::detail::compiled<selling_plan> of_static{selling_plan{}};
    const coffer::detail::compiled<coffer::any_plan> of_any{coffer::any_plan{selling_plan{}}};
    CHECK(of_static.catalogue.size() == 5);
    CHECK(of_static.catalogue == of_any.catalogue);
    CHECK(of_static.order == of_any.order);

    coffer::any_plan stranger{selling_plan{}};
    stranger.catalogue = {
        {.offer = "a", .credits = 1_cr, .price = eur("1"), .into = "packs", .bonus = 1_cr},
        {.offer = "b", .credits = 1_cr, .price = eur("1"), .into = "pack"}};
    CHECK(stranger.check().error().path == "plan.catalogue[1].into");
    CHECK(stranger.check() == errc::unknown_bucket);
    stranger.catalogue = {{.offer = "a",
                           .credits = 1_cr,
                           .price = eur("1"),
                           .into = "packs",
                           .bonus = 1_cr,
                           .bonus_into = "gifts"}};
    CHECK(stranger.check().error().path == "plan.catalogue[0].bonus_into");
    stranger.catalogue = {{.offer = "a", .price = eur("1"), .into = "packs"}};
    CHECK(stranger.check().error().path == "plan.catalogue[0].credits");
}

TEST_CASE("rule 44: a set or a book sells for its plans that sell nothing themselves") {
    const catalogue ours{{.offer = "ours", .credits = 1_cr, .price = eur("1"), .into = "package"}};
    const auto offers_of = [](const coffer::plan_source& source, std::string_view id) {
        const coffer::plan_ref plan = source.find(id).or_throw();
        const coffer::plan_shop shop = coffer::shop_of(source, *plan, id);
        return shop.sells && !shop.sells->empty() ? shop.sells->begin()->offer
                                                  : std::string{"none"};
    };
    const coffer::plan_set set{ours, coffer::named{"plain", coffer::plans::prepaid<>{}},
                               coffer::named{"own", selling_plan{}}};
    const coffer::detail::plans_of<std::remove_cv_t<decltype(set)>> of_set{set};
    CHECK(offers_of(of_set, "plain") == "ours");
    CHECK(offers_of(of_set, "own") == "starter");
    const coffer::plan_set bare{coffer::named{"plain", coffer::plans::prepaid<>{}}};
    CHECK(offers_of(coffer::detail::plans_of<std::remove_cv_t<decltype(bare)>>{bare}, "plain") ==
          "none");
    CHECK(offers_of(coffer::detail::plans_of<selling_plan>{selling_plan{}}, "") == "starter");

    coffer::plan_book book;
    book.add("plain", coffer::plans::prepaid<>{}).or_throw();
    const coffer::detail::plans_of<coffer::plan_book> of_book{book};
    CHECK(offers_of(of_book, "plain") == "none");
    book.sell(ours).or_throw();
    CHECK(offers_of(of_book, "plain") == "ours");
    const coffer::plan_ref plain = of_book.find("plain").or_throw();
    const coffer::plan_shop kept = coffer::shop_of(of_book, *plain, "plain");
    CHECK(book.sell(catalogue{{.offer = "bad"}}) == errc::invalid_argument);
    CHECK(offers_of(of_book, "plain") == "ours");
    book.sell(campaign_packs()).or_throw();
    CHECK(offers_of(of_book, "plain") == "starter");
    CHECK(kept.sells->begin()->offer == "ours");  // who looks at it keeps it
}
