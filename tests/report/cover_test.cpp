// What covers an estimate: bought, it lets all lines be charged, and nothing less does.
#include "report/questions_fixture.hpp"

#include <coffer/report/cover.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;

namespace cost = coffer::cost;
using coffer::errc;
using coffer::estimate_line;
using coffer::purchase_advice;

namespace {

using lines = std::vector<estimate_line>;

/// A plan that sells packs. Chats, images and models may be kept apart by buckets.
struct shop_plan : question_plan {
    coffer::catalogue catalogue{};
};
static_assert(coffer::check_plan<shop_plan>());

template <class Store>
using shop_lab = lab<Store, shop_plan>;

coffer::pack pack_of(std::string offer, coffer::credits amount, coffer::money price,
                     std::string into) {
    return {.offer = std::move(offer), .credits = amount, .price = price, .into = std::move(into)};
}

shop_plan campaign_shop() {
    shop_plan plan;
    plan.cost = {{"post", cost::flat{1_cr}},
                 {"content", cost::between{.least = 1_cr, .most = 3_cr}},
                 {"video", cost::flat{5_cr}},
                 {"publish", cost::free{}}};
    plan.bonus.only.names = {"video"};
    plan.catalogue = {pack_of("starter", 100_cr, usd("10.00"), "package"),
                      pack_of("basic", 250_cr, usd("24.00"), "package"),
                      pack_of("reel", 50_cr, usd("2.00"), "bonus")};
    return plan;
}

/// Charges all lines at their most, for as long as they go through.
template <class Lab>
bool charges_all(Lab& l, const lines& asked) {
    bool all = true;
    for (const estimate_line& line : asked) {
        for (std::int64_t i = 0; i < line.count_up_to.value_or(line.count); ++i) {
            coffer::charge_request r{.action = line.action,
                                     .amount = line.amount,
                                     .quantity = line.quantity,
                                     .input_tokens = line.input_tokens};
            if (line.action == "content") r.amount = 3_cr;
            all = l.w.charge(r).has_value() && all;
        }
    }
    return all;
}

template <class Lab>
void buy(Lab& l, const purchase_advice& advice) {
    for (const coffer::pack_count& some : advice.packs.packs) {
        for (std::int64_t i = 0; i < some.count; ++i) {
            const auto order = l.w.buy({.offer = some.pack->offer}).or_throw();
            l.w.confirm({.order = order.id}).or_throw();
        }
    }
}

std::string text_of(const purchase_advice& advice) {
    std::string text;
    for (const coffer::pack_count& some : advice.packs.packs) {
        text += std::to_string(some.count) + " " + some.pack->offer + ";";
    }
    return text;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 44: the packs that cover an estimate let all its lines be charged", "",
                   lends_heads, gives_whole_pages) {
    const lines campaign{{.action = "post", .count = 40},
                         {.action = "content", .count = 50, .count_up_to = 60},
                         {.action = "video", .count = 4},
                         {.action = "publish", .count = 100}};
    shop_lab<TestType> with{campaign_shop()};
    shop_lab<TestType> without{campaign_shop()};
    for (auto* l : {&with, &without}) l->grant(20_cr);
    const auto before = with.stored();
    const auto advice = with.w.cover(campaign).or_throw();
    CHECK(with.stored() == before);
    CHECK(advice.missing == 220_cr);  // 40 + 60 × 3 + 4 × 5 − 20
    CHECK(text_of(advice) == "1 basic;");
    CHECK(advice.packs.price == usd("24.00"));
    REQUIRE(advice.pack);
    CHECK(advice.pack->pack->offer == "basic");
    buy(with, advice);
    CHECK(charges_all(with, campaign));
    CHECK_FALSE(charges_all(without, campaign));
}

TEST_CASE("rule 44: what covers an estimate is what covers its only charge") {
    shop_lab<coffer::memory_store> l{campaign_shop()};
    l.grant(3_cr);
    for (std::string_view action : {"post", "video", "publish"}) {
        CAPTURE(action);
        const auto one = l.w.cover(coffer::charge_request{.action = action}).or_throw();
        const auto list = l.w.cover({{.action = action}}).or_throw();
        CHECK(list.missing == one.missing);
        CHECK(list.packs.price == one.packs.price);
        CHECK(list.pack.has_value() == one.pack.has_value());
    }
    CHECK(l.w.cover({{.action = "publish"}})->packs.packs.empty());
    CHECK(l.w.cover(lines{})->missing == 0_cr);
}

TEST_CASE("rule 14, rule 44: packs for a limited bucket cover what its lines lack") {
    shop_lab<coffer::memory_store> l{campaign_shop()};
    l.grant(10_cr);
    const lines asked{{.action = "post", .count = 10}, {.action = "video", .count = 14}};
    // The package pays for all posts, so that packs for videos alone suffice.
    const auto reels = l.w.cover(asked).or_throw();
    CHECK(text_of(reels) == "2 reel;");
    CHECK(reels.missing == 70_cr);
    REQUIRE(reels.pack);
    CHECK(reels.pack->pack->offer == "starter");  // no reel suffices by itself
    // One post more than it can pay: no reel brings that.
    const auto more = l.w.cover({{.action = "post", .count = 11}, {.action = "video"}}).or_throw();
    CHECK(text_of(more) == "1 starter;");
    buy(l, reels);
    CHECK(charges_all(l, asked));
}

TEST_CASE("rule 44: an estimate that no packs cover says so") {
    shop_plan plan = campaign_shop();
    auto reel = pack_of("reel", 50_cr, {}, "bonus");
    reel.prices = {{"app_store", usd("2.00")}};
    plan.catalogue = {reel, pack_of("lost", 50_cr, usd("1.00"), "elsewhere")};
    shop_lab<coffer::memory_store> l{plan};
    CHECK(l.w.cover({{.action = "post"}}, "app_store") == errc::purchase_refused);
    CHECK(l.w.cover({{.action = "video"}}, "app_store").has_value());
    CHECK(l.w.cover({{.action = "video"}}) == errc::purchase_refused);
    shop_lab<coffer::memory_store> nothing{shop_plan{}};
    CHECK(nothing.w.cover({{.amount = 1_cr}}) == errc::purchase_refused);
    CHECK(nothing.w.cover({{.amount = 1_cr, .count = 0}})->missing == 0_cr);
    // What is wrong in an estimate is wrong here.
    CHECK(l.w.cover({{.action = "poem"}}) == errc::unknown_action);
    CHECK(l.w.cover({{.action = "post", .count = -1}}) == errc::invalid_argument);
    CHECK(l.w.cover({{.action = "post", .member = "mallory"}}) == errc::access_denied);
    CHECK(l.w.cover({{.amount = coffer::credits::max()}, {.amount = 1_cr}}) ==
          errc::amount_overflow);
    CHECK(l.w.cover(lines(coffer::max_estimate_lines + 1)) == errc::too_many);
    plan.catalogue = {pack_of("half", coffer::credits::max(), usd("0.01"), "package")};
    shop_lab<coffer::memory_store> huge{plan};
    CHECK(huge.w.cover({{.amount = coffer::credits::max()}})->packs.packs.size() == 1);
}

TEST_CASE("rule 44: an estimate is covered at the prices of a channel") {
    shop_plan plan = campaign_shop();
    auto starter = pack_of("starter", 100_cr, usd("10.00"), "package");
    starter.prices = {{"app_store", usd("11.99")}};
    plan.catalogue = {starter};
    shop_lab<coffer::memory_store> l{plan};
    CHECK(l.w.cover({{.action = "post"}})->packs.price == usd("10.00"));
    const lines asked{{.action = "post"}};
    CHECK(l.w.cover(asked, "app_store")->packs.price == usd("11.99"));
}

namespace {

shop_plan random_shop(dice& d) {
    shop_plan plan;
    static_cast<question_plan&>(plan) = random_plan(d);
    plan.overdraft = {};
    plan.package.only.names.clear();
    if (d.one_in(4)) plan.package.only.names = {"image", "model"};
    static const std::vector<std::string> into{"bonus", "package"};
    std::vector<coffer::pack> packs;
    const std::string bucket = d.of(into);
    for (int i = 0; i < 3; ++i) {
        packs.push_back(pack_of("pack-" + std::to_string(i), d.amount(), usd(1 + d.below(900)),
                                d.one_in(3) ? d.of(into) : bucket));
    }
    plan.catalogue = coffer::catalogue{packs};
    return plan;
}

/// A wallet of a shop, by its seed; two of one seed are the same.
template <class Store>
struct shop_life {
    dice d;
    shop_lab<Store> l;

    explicit shop_life(std::uint64_t seed) : d{seed}, l{random_shop(d), "2026-01-31T22:30:00Z"} {
        l.start();
        static const std::vector<std::string_view> buckets{"budget", "bonus", "package"};
        for (std::int64_t i = d.below(4); i > 0; --i) {
            l.grant(d.amount(), {.bucket = d.of(buckets), .expires = l.clock.now() + 24h * 9});
        }
    }
    lines random_lines() {
        static const std::vector<std::string_view> actions{"chat", "image", "model"};
        lines asked;
        for (std::int64_t i = d.below(4); i >= 0; --i) {
            estimate_line line{.action = d.of(actions), .count = 1 + d.below(9)};
            if (line.action == "model") line.input_tokens = d.below(9'000);
            asked.push_back(line);
        }
        return asked;
    }
};

}  // namespace

TEMPLATE_TEST_CASE("rule 44: what covers an estimate suffices, and a millionth less does not", "",
                   lends_heads, gives_whole_pages) {
    int bought = 0;
    for (std::uint64_t seed = 1; seed <= 8 * seeds; ++seed) {
        CAPTURE(seed);
        shop_life<TestType> with{seed};
        shop_life<TestType> without{seed};
        const lines asked = with.random_lines();
        const auto advice = with.l.w.cover(asked);
        if (!advice) {
            CHECK(advice == errc::purchase_refused);
            CHECK_FALSE(charges_all(without.l, asked));
            continue;
        }
        if (advice->missing > micros(1)) {
            ++bought;
            const coffer::credits less = micros(advice->missing.micros() - 1);
            without.l.grant(less, {.bucket = advice->packs.packs[0].pack->into});
            CHECK(advice->packs.brings >= advice->missing);
        }
        buy(with.l, *advice);
        CHECK(charges_all(with.l, asked));
        CHECK(charges_all(without.l, asked) == advice->missing.is_zero());
    }
    CHECK(bought > 10);
}
