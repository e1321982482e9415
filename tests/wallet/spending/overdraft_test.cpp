#include "support/wallet_fixture.hpp"

using namespace coffer_test;

namespace {

lab_plan with_overdraft(any_overdraft rule) {
    lab_plan plan;
    plan.overdraft = rule;
    return plan;
}
lab_plan with_limit(coffer::credits amount, bool partial = false) {
    return with_overdraft({coffer::overdraft::limit{.amount = amount, .partial = partial}});
}

}  // namespace

TEMPLATE_TEST_CASE("rule 29: denied, a charge needs all of its price", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    unchanged same{l};
    CHECK(l.w.charge({.amount = 10.000001_cr}) == coffer::errc::insufficient_credits);
}

TEMPLATE_TEST_CASE("rule 29: to a limit, at the limit and not beyond", "", lends_heads,
                   gives_whole_pages) {
    SECTION("89 and 10 are not 100") {
        lab<TestType> l{with_limit(10_cr)};
        l.grant(89_cr);
        auto refused = l.w.charge({.amount = 100_cr});
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().required() == 100_cr);
        CHECK(refused.error().acceptable() == 99_cr);
        CHECK(l.available() == 89_cr);
    }
    SECTION("90 and 10 are") {
        lab<TestType> l{with_limit(10_cr)};
        auto lot = l.grant(90_cr);
        auto r = l.w.charge({.amount = 100_cr, .request = "c"}).or_throw();
        CHECK(r.cost == 100_cr);
        CHECK(r.debt == 10_cr);
        CHECK(taken(l.w, r) == taken_list{{lot, 90_cr}});
        CHECK(l.balance().debt == 10_cr);
        CHECK(l.balance().available == 0_cr);
        CHECK(l.balance().used == 100_cr);
        CHECK(l.w.charge({.amount = micros(1)}) == coffer::errc::insufficient_credits);
        CHECK(l.w.charge({.amount = 0_cr}));
        CHECK(l.w.charge({.amount = 100_cr, .request = "c"}).or_throw().debt == 10_cr);
    }
    SECTION("the limit is of all debt together") {
        lab<TestType> l{with_limit(10_cr)};
        l.charge(4_cr);
        l.charge(5_cr);
        CHECK(l.w.charge({.amount = 1.000001_cr}) == coffer::errc::insufficient_credits);
        l.charge(1_cr);
        CHECK(l.balance().debt == 10_cr);
    }
    SECTION("the highest limit does not overflow") {
        lab<TestType> l{with_limit(coffer::credits::max())};
        l.grant(5_cr);
        CHECK(l.w.charge({.amount = coffer::credits::max()}).or_throw().debt.micros() ==
              coffer::credits::max().micros() - 5'000'000);
        unchanged same{l};
        CHECK_FALSE(l.w.charge({.amount = 6_cr}));
    }
}

TEMPLATE_TEST_CASE("rule 29: in part, a charge takes what still fits", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_limit(25_cr, true)};
    l.grant(1'100_cr);
    l.charge(1'120_cr);
    CHECK(l.balance().debt == 20_cr);
    auto capped = l.w.charge({.amount = 10_cr, .request = "c"}).or_throw();
    CHECK(capped.cost == 5_cr);
    CHECK(capped.debt == 5_cr);
    CHECK(l.balance().used == 1'125_cr);
    auto again = l.w.charge({.amount = 10_cr, .request = "c"}).or_throw();
    CHECK(again.repeated);
    CHECK(again.cost == 5_cr);
    CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::insufficient_credits);
    CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 5_cr);
    CHECK(l.balance().debt == 20_cr);
}

TEMPLATE_TEST_CASE("rule 29: what is there is taken, and the rest forgotten", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_overdraft({coffer::overdraft::take_available{}})};
    l.grant(3_cr);
    l.grant(4_cr);
    auto r = l.w.charge({.amount = 10_cr, .request = "c"}).or_throw();
    CHECK(r.cost == 7_cr);
    CHECK(r.debt == 0_cr);
    CHECK(taken(l.w, r).size() == 2);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.balance().used == 7_cr);
    CHECK(l.w.charge({.amount = micros(1)}) == coffer::errc::insufficient_credits);
    CHECK(l.w.charge({.amount = 0_cr}));
    l.grant(2_cr);
    CHECK(l.available() == 2_cr);
    CHECK(l.w.refund({.charge = "c", .amount = 7.000001_cr}) == coffer::errc::refund_exceeds);
    CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 7_cr);
}

TEMPLATE_TEST_CASE("rule 29: a hold never uses the overdraft", "", lends_heads, gives_whole_pages) {
    any_overdraft rule{};
    SECTION("limit") { rule = {coffer::overdraft::limit{.amount = 100_cr}}; }
    SECTION("partial") { rule = {coffer::overdraft::limit{.amount = 100_cr, .partial = true}}; }
    SECTION("take available") { rule = {coffer::overdraft::take_available{}}; }
    lab<TestType> l{with_overdraft(rule)};
    l.grant(5_cr);
    auto refused = l.w.hold({.amount = 5.000001_cr});
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == coffer::errc::insufficient_credits);
    CHECK(refused.error().acceptable() == 5_cr);
    auto hold = l.w.hold({.amount = 5_cr}).or_throw();
    CHECK(l.w.hold({.amount = micros(1)}).error() == coffer::errc::insufficient_credits);
    CHECK(l.balance().debt == 0_cr);
    CHECK(hold.release());
}

TEMPLATE_TEST_CASE("rule 28: debt stays until it is repaid", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{with_limit(100_cr)};
    l.grant(5_cr);
    l.charge(10_cr);
    CHECK(l.balance().debt == 5_cr);
    l.go("2027-01-01T00:00:00Z");
    CHECK(l.balance().debt == 5_cr);
    auto before = l.entry_count();

    l.grant(3_cr);  // all of it goes to the debt
    CHECK(l.balance().debt == 2_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.entry_count() == before + 2);
    auto repaid = l.entries().entries.back();
    CHECK(repaid.kind == coffer::entry_kind::repaid);
    CHECK(repaid.amount == 3_cr);
    CHECK(repaid.at == at("2027-01-01T00:00:00Z"));

    l.grant(10_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 8_cr);
    CHECK(l.balance().used == 10_cr);  // the repayment was used when it was charged
}

TEMPLATE_TEST_CASE("rule 28: a top-up repays first and then adds", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = monthly_plan(1'000_cr);
    plan.overdraft = {coffer::overdraft::limit{.amount = 10'000_cr}};
    lab<TestType> l{plan};
    l.start();
    l.charge(1'500_cr);
    CHECK(l.balance().debt == 500_cr);
    l.grant(600_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 100_cr);
    l.charge(500_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.balance().debt == 400_cr);
    CHECK(l.balance().used == 2'000_cr);
}

TEMPLATE_TEST_CASE("rule 28: the oldest debt is repaid first, in burn order", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_limit(100_cr)};
    auto first = l.w.charge({.amount = 4_cr, .request = "a"}).or_throw();
    auto second = l.w.charge({.amount = 6_cr, .request = "b"}).or_throw();
    l.grant(2_cr, {.effective = at("2026-01-02T00:00:00Z")});
    auto late_bucket = l.grant(5_cr, {.effective = at("2026-01-03T00:00:00Z")});
    auto early_bucket = l.grant(4_cr, {.bucket = "bonus", .effective = at("2026-01-03T00:00:00Z")});

    l.go("2026-01-02T00:00:00Z");
    CHECK(l.balance().debt == 8_cr);
    l.go("2026-01-03T00:00:00Z");
    l.w.sweep().or_throw();
    auto repaid = l.entries().of(coffer::entry_kind::repaid);
    REQUIRE(repaid.size() == 3);
    CHECK(repaid[0].about == first.id);
    CHECK(repaid[0].amount == 2_cr);
    CHECK(repaid[1].about == first.id);
    CHECK(repaid[1].amount == 2_cr);
    CHECK(taken(repaid[1].parts) == taken_list{{early_bucket, 2_cr}});
    CHECK(repaid[2].about == second.id);
    CHECK(taken(repaid[2].parts) == taken_list{{early_bucket, 2_cr}, {late_bucket, 4_cr}});
    CHECK(l.available() == 1_cr);
    CHECK(l.balance().debt == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: what a hold gives back repays debt, too", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_limit(100_cr)};
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 10_cr}).or_throw();
    l.charge(3_cr);
    CHECK(l.balance().debt == 3_cr);
    SECTION("settled for less") {
        CHECK(hold.settle({.amount = 8_cr}));
        CHECK(l.balance().debt == 1_cr);
        CHECK(l.balance().available == 0_cr);
    }
    SECTION("released") {
        CHECK(hold.release());
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.balance().available == 7_cr);
    }
    SECTION("timed out") {
        l.go("2026-01-01T00:15:00Z");
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.balance().available == 7_cr);
    }
    if (hold.owns()) CHECK_FALSE(hold.release());
}

TEMPLATE_TEST_CASE("rule 28: a void does not touch debt, a lot's void leaves nothing to repay", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{with_limit(100_cr)};
    auto future = l.grant(10_cr, {.effective = at("2026-01-02T00:00:00Z")});
    l.charge(3_cr);
    CHECK(l.w.void_lot({.lot = future, .amount = 8_cr}));
    CHECK(l.balance().debt == 3_cr);
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.balance().debt == 1_cr);
    CHECK(l.balance().available == 0_cr);
}

TEMPLATE_TEST_CASE("rule 20: a settle that takes what fits says all of the tolerance is accepted",
                   "", lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.overdraft = {coffer::overdraft::take_available{}};
    lab<TestType> l{plan};
    l.grant(12_cr);
    auto hold = l.w.hold({.amount = 10_cr, .tolerance = 5_cr}).or_throw();
    const auto refused = hold.settle({.amount = 20_cr});
    REQUIRE(refused == coffer::errc::settle_exceeds);
    CHECK(refused.error().acceptable() == 15_cr);
    CHECK(hold.settle({.amount = 15_cr})->cost == 12_cr);

    l.grant(10_cr);
    auto alone = l.w.hold({.amount = 10_cr, .tolerance = 5_cr}).or_throw();
    CHECK(alone.settle({.amount = 20_cr}).error().acceptable() == 10_cr);  // there is nothing else
    CHECK(alone.settle({.amount = 11_cr}) == coffer::errc::insufficient_credits);
    CHECK(alone.settle({.amount = 10_cr}));
}
