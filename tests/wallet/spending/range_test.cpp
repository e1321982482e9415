#include "support/wallet_fixture.hpp"

using namespace coffer_test;
using coffer::errc;

namespace {

coffer::cost::per_unit each(coffer::credits price) {
    return {.each = coffer::rate::per(price, 1).or_throw()};
}

coffer::quantity units(std::int64_t count) { return coffer::quantity::whole(count).or_throw(); }

/// "video" costs between 2 and 8, as the caller says; the rest is computed.
lab_plan with_range() {
    lab_plan plan;
    plan.cost.set("video", coffer::cost::between{2_cr, 8_cr}, "media/video");
    plan.cost.set("chat", coffer::cost::flat{1_cr}, "ai/fast/model-x");
    plan.cost.set("slow", coffer::cost::flat{1_cr}, "ai/faster");
    plan.cost.set("voice", each(3_cr));
    return plan;
}

/// A bucket that serves actions by their names and categories.
struct category_plan {
    coffer::cost_table cost{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::only only{"ai/fast", "plain"};
    } promo{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"promo", &category_plan::promo},
                         coffer::bucket{"package", &category_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

category_plan by_category() {
    category_plan plan;
    plan.cost.set("chat", coffer::cost::flat{1_cr}, "ai/fast/model-x");
    plan.cost.set("slow", coffer::cost::flat{1_cr}, "ai/faster");
    plan.cost.set("plain", coffer::cost::flat{1_cr});
    plan.cost.set("ai", coffer::cost::flat{1_cr}, "other");
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("prices: an amount beside an action has to lie inside its range", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{with_range()};
    l.grant(100_cr);
    CHECK(l.w.charge({.action = "video", .amount = 2_cr}).or_throw().cost == 2_cr);
    CHECK(l.w.charge({.action = "video", .amount = 8_cr}).or_throw().cost == 8_cr);
    CHECK(l.w.quote({.action = "video", .amount = 4.5_cr}).or_throw().receipt.cost == 4.5_cr);
    CHECK(l.available() == 90_cr);
    unchanged same{l};
    CHECK(l.w.charge({.action = "video", .amount = 1.999999_cr}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "video", .amount = 8.000001_cr}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "video", .amount = micros(-3)}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "video"}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "video", .quantity = units(1)}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "video", .amount = 3_cr, .quantity = units(1)}) ==
          errc::invalid_argument);
    CHECK(l.w.charge({.action = "video", .amount = 3_cr, .input_tokens = 5}) ==
          errc::invalid_argument);
    CHECK(l.w.hold({.action = "video", .amount = 9_cr}).error() == errc::invalid_argument);
}

TEMPLATE_TEST_CASE("prices: an amount beside an action without a range is invalid_argument", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{with_range()};
    l.grant(100_cr);
    unchanged same{l};
    CHECK(l.w.charge({.action = "chat", .amount = 1_cr}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "voice", .amount = 3_cr}) == errc::invalid_argument);
    CHECK(l.w.quote({.action = "chat", .amount = 1_cr}) == errc::invalid_argument);
    CHECK(l.w.hold({.action = "chat", .amount = 1_cr}).error() == errc::invalid_argument);
    CHECK(l.w.charge({.action = "unheard", .amount = 1_cr}) == errc::unknown_action);
    CHECK(l.w.hold({.action = "unheard", .at_most = 1_cr}).error() == errc::unknown_action);
}

TEMPLATE_TEST_CASE("prices: a range keeps its action in the journal, for limits and for buckets",
                   "", lends_heads, gives_whole_pages) {
    lab_plan plan = with_range();
    plan.bonus.only.names = {"video"};
    lab<TestType> l{plan};
    auto promo = l.grant(3_cr, {.bucket = "bonus"});
    auto pack = l.grant(10_cr);
    auto r = l.w.charge({.action = "video", .amount = 5_cr, .tags = "batch,api"}).or_throw();
    CHECK(taken(l.w, r) == taken_list{{promo, 3_cr}, {pack, 2_cr}});
    const journal all = l.entries();
    CHECK(all.entries.back().usage.action == "video");
    CHECK(all.entries.back().usage.tags == "batch,api");
}

TEMPLATE_TEST_CASE("prices: the amount is part of a request's content", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_range()};
    l.grant(100_cr);
    CHECK(l.w.charge({.action = "video", .amount = 5_cr, .request = "c"}));
    CHECK(l.w.charge({.action = "video", .amount = 5_cr, .request = "c"}).or_throw().repeated);
    CHECK(l.w.charge({.action = "video", .amount = 6_cr, .request = "c"}) ==
          errc::request_mismatch);
    CHECK(l.w.charge({.amount = 5_cr, .request = "c"}) == errc::request_mismatch);
    CHECK(l.available() == 95_cr);
}

TEMPLATE_TEST_CASE("rule 20: a settle may state an amount, for a range inside it", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_range()};
    l.grant(100_cr);
    SECTION("of a range") {
        auto hold = l.w.hold({.action = "video", .amount = 8_cr}).or_throw();
        {
            unchanged same{l};
            CHECK(hold.settle({.amount = 1_cr}) == errc::invalid_argument);
            CHECK(hold.settle({.amount = 9_cr}) == errc::invalid_argument);
            CHECK(hold.settle({.amount = micros(-1)}) == errc::invalid_argument);
        }
        CHECK(hold.settle({.amount = 2_cr}).or_throw().cost == 2_cr);
        CHECK(l.available() == 98_cr);
    }
    SECTION("of a range by the wallet, not by the handle") {
        auto id = l.w.hold({.action = "video", .amount = 8_cr}).or_throw().detach();
        CHECK(l.w.settle(id, {.amount = 1_cr}) == errc::invalid_argument);
        CHECK(l.w.settle(id, {.amount = 7_cr}).or_throw().cost == 7_cr);
    }
    SECTION("of a range beyond what is held: with a tolerance") {
        auto hold = l.w.hold({.action = "video", .amount = 5_cr, .tolerance = 2_cr}).or_throw();
        CHECK(hold.settle({.amount = 8_cr}) == errc::settle_exceeds);
        CHECK(hold.settle({.amount = 7_cr}).or_throw().cost == 7_cr);
    }
    SECTION("of a computed price") {
        auto hold = l.w.hold({.action = "voice", .quantity = units(4)}).or_throw();
        CHECK(hold.amount() == 12_cr);
        CHECK(hold.settle({.amount = 5_cr}).or_throw().cost == 5_cr);
    }
    SECTION("of a range that was held by at_most: the whole hold without an amount") {
        auto hold = l.w.hold({.action = "video", .at_most = 6_cr}).or_throw();
        CHECK(hold.settle().or_throw().cost == 6_cr);
    }
    SECTION("by quantity of an action held by at_most") {
        auto hold = l.w.hold({.action = "voice", .at_most = 10_cr}).or_throw();
        CHECK(hold.settle({.quantity = units(4)}) == errc::settle_exceeds);
        CHECK(hold.settle({.quantity = units(3)}).or_throw().cost == 9_cr);
    }
    CHECK(l.balance().held == 0_cr);
}

TEMPLATE_TEST_CASE("prices: a price may go by a tag, and a hold is settled by the tags it had", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.cost.set("chat", coffer::cost::by_tag{.cases = {{.tag = "batch", .price = each(2_cr)}},
                                               .otherwise = each(4_cr)});
    lab<TestType> l{plan};
    l.grant(100_cr);
    const auto three = units(3);
    CHECK(l.w.charge({.action = "chat", .quantity = three}).or_throw().cost == 12_cr);
    CHECK(l.w.charge({.action = "chat", .quantity = three, .tags = "api,batch"}).or_throw().cost ==
          6_cr);
    auto hold = l.w.hold({.action = "chat", .quantity = three, .tags = "batch"}).or_throw();
    CHECK(hold.amount() == 6_cr);
    CHECK(hold.settle({.quantity = units(2)}).or_throw().cost == 4_cr);
    auto detached = l.w.hold({.action = "chat", .at_most = 9_cr, .tags = "batch"}).or_throw();
    auto id = detached.detach();
    CHECK(l.w.settle(id, {.quantity = three}).or_throw().cost == 6_cr);
    CHECK(l.available() == 72_cr);
}

TEMPLATE_TEST_CASE("requests: tags are content, and at most 95 bytes", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_range()};
    l.grant(100_cr);
    CHECK(l.w.charge({.action = "chat", .tags = "a", .request = "c"}));
    CHECK(l.w.charge({.action = "chat", .tags = "a", .request = "c"}).or_throw().repeated);
    CHECK(l.w.charge({.action = "chat", .tags = "b", .request = "c"}) == errc::request_mismatch);
    CHECK(l.w.charge({.action = "chat", .request = "c"}) == errc::request_mismatch);
    CHECK(l.w.charge({.action = "chat", .tags = std::string(95, 'x')}));
    CHECK(l.w.charge({.action = "chat", .tags = std::string(96, 'x')}) == errc::invalid_argument);
    CHECK(l.w.hold({.action = "chat", .tags = std::string(96, 'x')}).error() ==
          errc::invalid_argument);
}

TEMPLATE_TEST_CASE("rule 14: only names actions, or beginnings of category paths by whole segments",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType, category_plan> l{by_category()};
    auto promo = l.grant(10_cr, {.bucket = "promo"});
    auto pack = l.grant(10_cr);
    auto paid_by = [&](std::string_view action) {
        return taken(l.w, l.w.charge({.action = action}).or_throw()).front().first;
    };
    CHECK(paid_by("chat") == promo);   // ai/fast/model-x
    CHECK(paid_by("plain") == promo);  // by its name
    CHECK(paid_by("slow") == pack);    // ai/faster is not ai/fast
    CHECK(paid_by("ai") == pack);      // an action by the name of a segment is another thing
    CHECK(taken(l.w, l.charge(1_cr)) == taken_list{{pack, 1_cr}});
    auto hold = l.w.hold({.action = "chat", .at_most = 2_cr}).or_throw();
    CHECK(l.lot(promo).held == 2_cr);
    CHECK(hold.release());
    l.w.charge({.amount = 7_cr}).or_throw();
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);
    CHECK(l.w.charge({.action = "slow"}) == errc::insufficient_credits);
    CHECK(l.w.charge({.action = "chat"}));
}
