#include "support/wallet_fixture.hpp"

using namespace coffer_test;

namespace {

/// `budget` pays for chat, `bonus` for chat and images, `package` for everything.
lab_plan limited() {
    lab_plan plan;
    plan.cost = {{"chat", coffer::cost::flat{1_cr}},
                 {"image", coffer::cost::flat{1_cr}},
                 {"voice", coffer::cost::flat{1_cr}}};
    plan.budget.only.names = {"chat"};
    plan.bonus.only.names = {"chat", "image"};
    return plan;
}

/// As a plan is written by hand, with the ready-made list.
struct static_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{1_cr}},
                            {"image", coffer::cost::flat{1_cr}},
                            {"chatty", coffer::cost::flat{1_cr}}};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::only only{"chat"};
    } gift{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"gift", &static_plan::gift},
                         coffer::bucket{"package", &static_plan::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

/// Tools alone are paid from its bucket; what is one, the list says.
struct tools_plan {
    coffer::cost::live<> cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::only only{"tools"};
    } tools{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"tools", &tools_plan::tools});
    coffer::overdraft::limit overdraft{.amount = 20_cr};
    coffer::access::anyone access{};
};

}  // namespace

TEMPLATE_TEST_CASE("rule 14: a charge draws only on buckets that allow its action", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{limited()};
    auto chat = l.grant(2_cr, {.bucket = "budget"});
    auto both = l.grant(2_cr, {.bucket = "bonus"});
    auto all = l.grant(2_cr);
    auto pay = [&](std::string_view action, coffer::quantity units) {
        return l.w.charge({.action = action, .quantity = units});
    };

    SECTION("each in burn order among what it may use") {
        CHECK(taken(l.w, pay("image", 3_units).or_throw()) ==
              taken_list{{both, 2_cr}, {all, 1_cr}});
        CHECK(taken(l.w, pay("chat", 2_units).or_throw()) == taken_list{{chat, 2_cr}});
        CHECK(taken(l.w, pay("voice", 1_units).or_throw()) == taken_list{{all, 1_cr}});
    }
    SECTION("refused, it says what it could use") {
        auto refused = pay("voice", 3_units);
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().acceptable() == 2_cr);
        CHECK(pay("image", 5_units).error().acceptable() == 4_cr);
        CHECK(pay("chat", 7_units).error().acceptable() == 6_cr);
        CHECK(pay("chat", 6_units));
    }
    SECTION("without an action it draws on buckets without limits") {
        auto refused = l.w.charge({.amount = 3_cr});
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().acceptable() == 2_cr);
        CHECK(taken(l.w, l.charge(1_cr)) == taken_list{{all, 1_cr}});
    }
    SECTION("a hold likewise, and what a settle takes beyond it") {
        auto hold = l.w.hold({.action = "image", .at_most = 1_cr, .tolerance = 10_cr}).or_throw();
        CHECK(taken(l.w, hold.opened()) == taken_list{{both, 1_cr}});
        auto refused = hold.settle({.quantity = 5_units});
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().acceptable() == 4_cr);
        CHECK(hold.settle({.quantity = 4_units}));
        CHECK(l.left(chat) == 2_cr);
        CHECK(l.available() == 2_cr);
    }
}

TEMPLATE_TEST_CASE("rule 14: the list of a bucket names whole actions", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType, static_plan> l;
    auto gift = l.grant(2_cr, {.bucket = "gift"});
    CHECK(l.w.charge({.action = "chatty"}) == coffer::errc::insufficient_credits);
    CHECK(l.w.charge({.action = "image"}) == coffer::errc::insufficient_credits);
    CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::insufficient_credits);
    CHECK(taken(l.w, l.w.charge({.action = "chat"}).or_throw()) == taken_list{{gift, 1_cr}});
}

TEMPLATE_TEST_CASE("rule 28: debt is repaid only from buckets that its action may use", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = limited();
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    lab<TestType> l{plan};
    l.books.debt_beside_credits = true;
    auto chat = l.grant(5_cr, {.bucket = "budget"});
    CHECK(l.w.charge({.action = "voice", .quantity = 3_units}).or_throw().debt == 3_cr);
    CHECK(l.balance().available == 5_cr);
    CHECK(l.balance().debt == 3_cr);

    SECTION("what may not pay for it does not repay it") {
        auto more = l.grant(4_cr, {.bucket = "bonus"});
        CHECK(l.balance().debt == 3_cr);
        CHECK(l.left(more) == 4_cr);
        auto any = l.grant(2_cr);
        CHECK(l.balance().debt == 1_cr);
        CHECK(l.left(any) == 0_cr);
        CHECK(l.left(chat) == 5_cr);
    }
    SECTION("with debt of another kind, credits can still be spent on what they are for") {
        CHECK(taken(l.w, l.w.charge({.action = "chat", .quantity = 2_units}).or_throw()) ==
              taken_list{{chat, 2_cr}});
        CHECK(l.balance().debt == 3_cr);
    }
    SECTION("each debt by its own action, the oldest first") {
        l.w.charge({.action = "image", .quantity = 2_units}).or_throw();
        CHECK(l.balance().debt == 5_cr);
        l.grant(1_cr, {.bucket = "bonus"});  // only for the image
        CHECK(l.balance().debt == 4_cr);
        auto pack = l.grant(10_cr);
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.left(pack) == 6_cr);
    }
    SECTION("a debt without an action, from buckets without limits") {
        l.charge(1_cr);
        l.grant(5_cr, {.bucket = "bonus"});
        CHECK(l.balance().debt == 4_cr);
        l.grant(4_cr);
        CHECK(l.balance().debt == 0_cr);
    }
}

TEMPLATE_TEST_CASE("rule 14: a category that changes holds for what is owed, from then on", "",
                   lends_heads, gives_whole_pages) {
    const coffer::cost::live<> prices{{{"crawl", coffer::cost::flat{1_cr}}}};
    lab<TestType, tools_plan> l{tools_plan{.cost = prices}};
    l.books.debt_beside_credits = true;
    l.w.charge({.action = "crawl", .quantity = 5_units}).or_throw();
    l.go("2026-01-02T00:00:00Z");
    l.grant(50_cr, {.bucket = "tools"});
    CHECK(l.balance().debt == 5_cr);
    l.go("2026-01-03T00:00:00Z");
    prices.replace({{"crawl", coffer::cost::flat{2_cr}, "tools/crawl"}});
    l.w.sweep().or_throw();
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 45_cr);
    CHECK(l.stored().time == at("2026-01-03T00:00:00Z"));
    CHECK(l.w.as_of(at("2026-01-02T00:00:00Z")).or_throw().available == 50_cr);
}
