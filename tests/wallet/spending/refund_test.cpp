#include "support/wallet_fixture.hpp"

#include <coffer/perform/refund.hpp>

using namespace coffer_test;

TEMPLATE_TEST_CASE("rule 26: a refund puts credits back where they came from, last taken first", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto a = l.grant(2_cr, {.priority = 1});
    auto b = l.grant(3_cr, {.priority = 2});
    auto c = l.grant(4_cr, {.priority = 3});
    l.w.charge({.amount = 7_cr, .request = "c"}).or_throw();  // a 2, b 3, c 2

    auto first = l.w.refund({.charge = "c", .amount = 3_cr}).or_throw();
    CHECK(first.cost == 3_cr);
    CHECK(l.left(a) == 0_cr);
    CHECK(l.left(b) == 1_cr);
    CHECK(l.left(c) == 4_cr);

    CHECK(l.w.refund({.charge = "c", .amount = 3_cr}));
    CHECK(l.left(a) == 1_cr);
    CHECK(l.left(b) == 3_cr);

    auto before = l.entry_count();
    auto over = l.w.refund({.charge = "c", .amount = 1.000001_cr});
    CHECK(over == coffer::errc::refund_exceeds);
    CHECK(l.entry_count() == before);

    CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 1_cr);  // all that is left of it
    CHECK(l.left(a) == 2_cr);
    CHECK(l.available() == 9_cr);
    CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 0_cr);  // nothing was left to give back
    CHECK(l.w.refund({.charge = "c", .amount = micros(1)}) == coffer::errc::refund_exceeds);
    CHECK(l.available() == 9_cr);
}

TEMPLATE_TEST_CASE("rule 26: a refund is spent again in the old order", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto a = l.grant(2_cr, {.priority = 1});
    auto b = l.grant(3_cr, {.priority = 2});
    l.w.charge({.amount = 5_cr, .request = "c"}).or_throw();
    auto c = l.grant(4_cr, {.priority = 3});
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(taken(l.w, l.charge(6_cr)) == taken_list{{a, 2_cr}, {b, 3_cr}, {c, 1_cr}});
}

TEMPLATE_TEST_CASE("rule 26: only a charge can be refunded", "", lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.w.grant({.bucket = "package", .amount = 10_cr, .request = "g"}).or_throw();
    auto open = l.w.hold({.amount = 1_cr, .request = "open"}).or_throw();
    CHECK(l.w.hold({.amount = 1_cr, .request = "released"}).or_throw().release());
    auto before = l.entry_count();
    CHECK(l.w.refund({.charge = "never-heard-of"}) == coffer::errc::unknown_charge);
    CHECK(l.w.refund({.charge = "g"}) == coffer::errc::unknown_charge);
    CHECK_FALSE(l.w.refund({.charge = "open"}));
    CHECK_FALSE(l.w.refund({.charge = "released"}));
    CHECK_FALSE(l.w.refund({}));
    CHECK(l.w.refund({.entry = coffer::entry_id{1}}) == coffer::errc::unknown_charge);
    CHECK(l.w.refund({.entry = coffer::entry_id{99}}) == coffer::errc::unknown_charge);
    CHECK(l.entry_count() == before);
    CHECK(l.wallets["stranger"].refund({.charge = "g"}) == coffer::errc::unknown_charge);
    (void)open.release();
}

TEMPLATE_TEST_CASE("rule 26: a charge without an id is refunded by its entry", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    auto r = l.charge(4_cr);
    CHECK(l.w.refund({.entry = r.id, .amount = 1_cr}).or_throw().cost == 1_cr);
    CHECK(l.w.refund({.entry = r.id}).or_throw().cost == 3_cr);
    CHECK(l.w.refund({.entry = r.id}).or_throw().cost == 0_cr);
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 26: a settled hold is refunded under its own id", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto a = l.grant(2_cr, {.priority = 1});
    auto b = l.grant(8_cr, {.priority = 2});
    auto hold = l.w.hold({.amount = 6_cr, .tolerance = 2_cr, .request = "h"}).or_throw();

    SECTION("settled for less") {
        CHECK(hold.settle({.amount = 5_cr}));
        CHECK(l.w.refund({.charge = "h", .amount = 5.000001_cr}) == coffer::errc::refund_exceeds);
        CHECK(l.w.refund({.charge = "h", .amount = 4_cr}));
        CHECK(l.left(b) == 8_cr);
        CHECK(l.left(a) == 1_cr);
        CHECK(l.w.refund({.charge = "h"}).or_throw().cost == 1_cr);
    }
    SECTION("settled for more") {
        CHECK(hold.settle({.amount = 8_cr, .request = "s"}));
        CHECK(l.w.refund({.charge = "h"}).or_throw().cost == 8_cr);
        CHECK(l.left(a) == 2_cr);
        CHECK(l.left(b) == 8_cr);
        // However it is named, it is refunded once.
        CHECK(l.w.refund({.charge = "s"}).or_throw().cost == 0_cr);
        CHECK(l.w.refund({.entry = coffer::entry_id{4}}).or_throw().cost == 0_cr);
        CHECK(l.available() == 10_cr);
    }
}

TEMPLATE_TEST_CASE("rule 26: a refund with an id happens once", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();
    CHECK(l.w.refund({.charge = "c", .amount = 1_cr, .request = "r"}));
    auto again = l.w.refund({.charge = "c", .amount = 1_cr, .request = "r"}).or_throw();
    CHECK(again.repeated);
    CHECK(again.cost == 1_cr);
    CHECK(l.available() == 7_cr);
    CHECK(l.w.refund({.charge = "c", .amount = 2_cr, .request = "r"}) ==
          coffer::errc::request_mismatch);
}

TEMPLATE_TEST_CASE("rule 26: into an expired lot, a refund is forfeited by default", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(10_cr, {.expires = at("2026-01-10T00:00:00Z")});
    auto alive = l.grant(10_cr);
    l.w.charge({.amount = 12_cr, .request = "c"}).or_throw();
    l.go("2026-01-10T00:00:00Z");

    CHECK(l.w.refund({.charge = "c"}));

    CHECK(l.available() == 10_cr);
    CHECK(l.stored().totals.available == 10_cr);
    CHECK(l.left(alive) == 10_cr);
    CHECK(l.lot(lot).expired == 10_cr);
    CHECK(l.lot(lot).spent == 0_cr);
    CHECK(l.entries().entries.back().kind == coffer::entry_kind::expired);
    CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 0_cr);
}

TEMPLATE_TEST_CASE("rule 26: into an expired lot, a plan may grant it anew with a grace", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.package.restore = {.length = coffer::days{10}};
    lab<TestType> l{plan};
    auto lot =
        l.grant(10_cr, {.priority = 7, .expires = at("2026-01-10T00:00:00Z"), .paid = usd(999)});
    l.w.charge({.amount = 8_cr, .request = "c"}).or_throw();
    l.go("2026-01-20T00:00:00Z");

    CHECK(l.w.refund({.charge = "c", .amount = 4_cr}));
    CHECK(l.available() == 4_cr);
    coffer::lot first = l.lot(l.newest(coffer::lot_origin::regranted));
    CHECK(first.granted == 4_cr);
    CHECK(first.terms.from == lot);
    CHECK(first.terms.ordinal == 1);
    CHECK(first.terms.expires == at("2026-01-30T00:00:00Z"));
    CHECK(first.terms.priority == 7);
    CHECK(first.terms.bucket == coffer::bucket_id::of("package"));
    CHECK(first.terms.paid.in() == coffer::currency{"USD"});
    // Its share of 9.99 for 10 is 3.996; not more than that is basis.
    CHECK(coffer::cost_of(first, first.granted).minor_units() == 399);
    CHECK(first.terms.paid == usd(999));  // what was paid, exactly, for all ten
    CHECK(first.basis() == 10_cr);
    CHECK(l.lot(lot).expired == 2_cr);  // only what had not been spent

    l.go("2026-01-25T00:00:00Z");
    CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 4_cr);
    coffer::lot second = l.lot(l.newest(coffer::lot_origin::regranted));
    CHECK(second.id != first.id);
    CHECK(second.terms.from == lot);
    CHECK(second.terms.ordinal == 2);
    CHECK(second.terms.expires == at("2026-02-04T00:00:00Z"));
    CHECK(l.available() == 8_cr);

    l.go("2026-01-30T00:00:00Z");
    CHECK(l.available() == 4_cr);
    l.go("2026-02-04T00:00:00Z");
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 26: into the allowance of an earlier period, the plan decides alike", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = monthly_plan(100_cr);
    SECTION("forfeited") {
        lab<TestType> l{plan};
        auto january = l.start();
        l.w.charge({.amount = 30_cr, .request = "c"}).or_throw();
        l.go("2026-02-03T00:00:00Z");
        l.charge(5_cr);
        CHECK(l.w.refund({.charge = "c"}));
        CHECK(l.available() == 95_cr);
        CHECK(l.lot(january).expired == 100_cr);
        CHECK(l.balance().used == 5_cr);  // the refund is of what January used
    }
    SECTION("granted anew") {
        plan.budget.restore = {.length = coffer::days{2}};
        lab<TestType> l{plan};
        l.start();
        l.w.charge({.amount = 30_cr, .request = "c"}).or_throw();
        l.go("2026-02-03T00:00:00Z");
        CHECK(l.w.refund({.charge = "c"}));
        CHECK(l.available() == 130_cr);
        l.go("2026-02-05T00:00:00Z");
        CHECK(l.available() == 100_cr);
    }
    SECTION("rolled over, the lot has ended all the same") {
        plan.budget.rollover = {coffer::rollover::all{}};
        lab<TestType> l{plan};
        auto january = l.start();
        l.w.charge({.amount = 30_cr, .request = "c"}).or_throw();
        l.go("2026-02-03T00:00:00Z");
        CHECK(l.available() == 170_cr);
        CHECK(l.w.refund({.charge = "c"}));
        CHECK(l.available() == 170_cr);
        CHECK(l.lot(january).rolled == 70_cr);
        CHECK(l.lot(january).expired == 30_cr);
    }
}

TEMPLATE_TEST_CASE("rule 26: the part that was debt is refunded by lowering the debt", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    lab<TestType> l{plan};
    auto lot = l.grant(5_cr);
    l.w.charge({.amount = 12_cr, .request = "c"}).or_throw();
    REQUIRE(l.balance().debt == 7_cr);

    SECTION("first the open debt, then the lots") {
        CHECK(l.w.refund({.charge = "c", .amount = 3_cr}));
        CHECK(l.balance().debt == 4_cr);
        CHECK(l.available() == 0_cr);
        CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 9_cr);
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.left(lot) == 5_cr);
    }
    SECTION("what was repaid goes back to the lots that repaid it, last repaid first") {
        auto second = l.grant(3_cr);
        CHECK(l.balance().debt == 4_cr);
        auto third = l.grant(5_cr);
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.available() == 1_cr);

        CHECK(l.w.refund({.charge = "c", .amount = 5_cr}));
        CHECK(l.left(third) == 5_cr);
        CHECK(l.left(second) == 1_cr);
        CHECK(l.left(lot) == 0_cr);
        CHECK(l.w.refund({.charge = "c", .amount = 4_cr}));
        CHECK(l.left(second) == 3_cr);
        CHECK(l.left(lot) == 2_cr);
        CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 3_cr);
        CHECK(l.left(lot) == 5_cr);
        CHECK(l.available() == 13_cr);
    }
    SECTION("partly open, partly repaid") {
        auto second = l.grant(3_cr);
        CHECK(l.w.refund({.charge = "c", .amount = 6_cr}));  // 4 open, then 2 of those repaid
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.left(second) == 2_cr);
        CHECK(l.left(lot) == 0_cr);
        CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 6_cr);
        CHECK(l.left(second) == 3_cr);
        CHECK(l.left(lot) == 5_cr);
        CHECK(l.w.refund({.charge = "c", .amount = micros(1)}) == coffer::errc::refund_exceeds);
    }
    SECTION("credits that come back repay the debt of another charge first") {
        l.w.charge({.amount = 2_cr, .request = "d"}).or_throw();
        CHECK(l.balance().debt == 9_cr);
        CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 12_cr);
        CHECK(l.balance().debt == 0_cr);  // 7 were its own, 2 of the 5 that came back repay "d"
        CHECK(l.available() == 3_cr);
        CHECK(l.w.refund({.charge = "d"}).or_throw().cost == 2_cr);
        CHECK(l.available() == 5_cr);
    }
    SECTION("what had been repaid from a lot that has ended is forfeited") {
        l.grant(7_cr, {.expires = at("2026-01-02T00:00:00Z")});
        CHECK(l.balance().debt == 0_cr);
        l.go("2026-01-03T00:00:00Z");
        CHECK(l.w.refund({.charge = "c"}).or_throw().cost == 12_cr);
        CHECK(l.available() == 5_cr);
    }
}

TEMPLATE_TEST_CASE("rule 26: refunds count against what was used in their own period alone", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{monthly_plan(100_cr)};
    l.start();
    l.grant(50_cr);
    l.w.charge({.amount = 120_cr, .request = "january"}).or_throw();
    CHECK(l.balance().used == 120_cr);
    l.w.refund({.charge = "january", .amount = 5_cr}).or_throw();
    CHECK(l.balance().used == 115_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().used == 0_cr);
    l.w.charge({.amount = 10_cr, .request = "february"}).or_throw();
    l.w.refund({.charge = "january", .amount = 8_cr}).or_throw();
    CHECK(l.balance().used == 10_cr);
    l.w.refund({.charge = "february", .amount = 1_cr}).or_throw();
    CHECK(l.balance().used == 9_cr);
}

TEMPLATE_TEST_CASE("rule 4: no chain of refunds and settles mints", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 0.000001_cr, .request = "h"}).or_throw();
    CHECK(hold.settle());
    CHECK(l.w.refund({.charge = "h"}).or_throw().cost == 0.000001_cr);
    CHECK(l.w.refund({.charge = "h"}).or_throw().cost == 0_cr);
    CHECK_FALSE(l.w.release(hold.id()));
    CHECK_FALSE(l.w.release(hold.id(), {.request = "other"}));
    CHECK(l.available() == 10_cr);
}
