#include "support/wallet_fixture.hpp"

using namespace coffer_test;

namespace {

lab_plan with_refund(any_refund rule) {
    lab_plan plan;
    plan.package.refund = rule;
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 27: a bucket without refunds is not_refundable", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(10_cr, {.paid = usd(1000)});
    auto before = l.entry_count();
    CHECK(l.w.refund_purchase({.lot = lot}) == coffer::errc::not_refundable);
    CHECK(l.w.refund_purchase({.lot = coffer::lot_id{77}}) == coffer::errc::unknown_lot);
    CHECK(l.w.refund_purchase({}) == coffer::errc::unknown_lot);
    CHECK(l.entry_count() == before);
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 27: the unspent part is refunded pro rata, rounded down", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_refund({coffer::refund::unspent{}})};
    auto other = l.grant(5_cr, {.priority = 1});
    auto lot = l.grant(300_cr, {.paid = usd(1000)});
    l.charge(105_cr);  // 5 of the other, 100 of the pack

    auto r = l.w.refund_purchase({.lot = lot, .request = "r"}).or_throw();

    CHECK(r.owed == usd(666));  // 10.00 × 200 / 300
    CHECK(r.cost == 200_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(lot).voided == 200_cr);
    CHECK(l.lot(lot).spent == 100_cr);
    CHECK(l.lot(lot).refunded == usd(666));
    CHECK(l.lot(other).spent == 5_cr);

    auto again = l.w.refund_purchase({.lot = lot, .request = "r"}).or_throw();
    CHECK(again.repeated);
    CHECK(again.owed == usd(666));
    auto anew = l.w.refund_purchase({.lot = lot});  // another request: nothing more is owed
    if (anew) CHECK(anew->owed.minor_units() == 0);
    CHECK(l.lot(lot).refunded == usd(666));
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 27: within a window, half-open, counted from the grant", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_refund({coffer::refund::within{.window = coffer::days{14}}})};
    l.go("2026-03-20T10:00:00Z");
    l.start("Europe/Berlin");  // a day is 24 hours, though the clocks change on 29 March
    auto lot = l.grant(10_cr, {.paid = usd(500)});
    l.charge(4_cr);

    SECTION("at its last instant") {
        l.go("2026-04-03T09:59:59.999999Z");
        auto r = l.w.refund_purchase({.lot = lot}).or_throw();
        CHECK(r.owed == usd(300));
        CHECK(l.available() == 0_cr);
    }
    SECTION("at its end") {
        l.go("2026-04-03T10:00:00Z");
        CHECK(l.w.refund_purchase({.lot = lot}) == coffer::errc::not_refundable);
        CHECK(l.available() == 6_cr);
    }
    SECTION("a lot that becomes effective later counts from its grant, too") {
        auto later = l.grant(10_cr, {.effective = at("2026-05-01T00:00:00Z"), .paid = usd(500)});
        l.go("2026-03-25T10:00:00Z");
        auto r = l.w.refund_purchase({.lot = later}).or_throw();
        CHECK(r.owed == usd(500));
        l.go("2026-05-02T00:00:00Z");
        CHECK(l.left(later) == 0_cr);
        CHECK(l.lot(later).voided == 10_cr);
    }
}

TEMPLATE_TEST_CASE("rule 27: the first purchase only, if the plan says so", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = with_refund(
        {coffer::refund::within{.window = coffer::days{14}, .first_purchase_only = true}});
    plan.bonus.refund = plan.package.refund;
    lab<TestType> l{plan};
    l.grant(10_cr);  // not paid for: not a purchase
    auto first = l.grant(10_cr, {.paid = usd(500)});
    auto second = l.grant(10_cr, {.paid = usd(500)});
    auto other_bucket = l.grant(10_cr, {.bucket = "bonus", .paid = usd(500)});

    CHECK(l.w.refund_purchase({.lot = second}) == coffer::errc::not_refundable);
    CHECK(l.w.refund_purchase({.lot = first}).or_throw().owed == usd(500));
    // Refunded or not, it was the first.
    CHECK(l.w.refund_purchase({.lot = second}) == coffer::errc::not_refundable);
    CHECK(l.w.refund_purchase({.lot = other_bucket}).or_throw().owed == usd(500));
}

TEMPLATE_TEST_CASE("rule 27: in full, all that was paid comes back once", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_refund({coffer::refund::full{}})};
    auto lot = l.grant(10_cr, {.paid = usd(999)});
    l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();

    auto r = l.w.refund_purchase({.lot = lot}).or_throw();
    CHECK(r.owed == usd(999));
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(lot).revoked);
    CHECK(l.w.refund_purchase({.lot = lot}) == coffer::errc::refund_exceeds);
    CHECK(l.lot(lot).refunded == usd(999));

    // What comes back to it later is voided: the customer has the money.
    CHECK(l.w.refund({.charge = "c"}));
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(lot).voided == 10_cr);
    CHECK(l.w.expire_at({.lot = lot, .expires = at("2027-01-01T00:00:00Z")}) ==
          coffer::errc::invalid_argument);
}

TEMPLATE_TEST_CASE("rule 27: what is held is not unspent", "", lends_heads, gives_whole_pages) {
    SECTION("pro rata: the hold keeps its credits") {
        lab<TestType> l{with_refund({coffer::refund::unspent{}})};
        auto lot = l.grant(10_cr, {.paid = usd(1000)});
        auto hold = l.w.hold({.amount = 3_cr}).or_throw();
        auto r = l.w.refund_purchase({.lot = lot}).or_throw();
        CHECK(r.owed == usd(700));
        CHECK(l.balance().held == 3_cr);
        CHECK(hold.settle({.amount = 2_cr}));
        // Only a part was revoked: what comes back is the customer's, who has paid for it.
        CHECK(l.available() == 1_cr);
    }
    SECTION("in full: what the hold gives back is voided") {
        lab<TestType> l{with_refund({coffer::refund::full{}})};
        auto lot = l.grant(10_cr, {.paid = usd(1000)});
        auto hold = l.w.hold({.amount = 3_cr}).or_throw();
        CHECK(l.w.refund_purchase({.lot = lot}).or_throw().owed == usd(1000));
        CHECK(l.balance().held == 3_cr);
        CHECK(hold.settle({.amount = 2_cr}));
        CHECK(l.available() == 0_cr);
        CHECK(l.lot(lot).voided == 8_cr);
        CHECK(l.lot(lot).spent == 2_cr);
    }
}

TEMPLATE_TEST_CASE("rule 27: cumulative refunds never give back more than was paid", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{with_refund({coffer::refund::unspent{}})};
    auto lot = l.grant(10_cr, {.paid = usd(1000)});
    l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();
    CHECK(l.w.refund_purchase({.lot = lot}).or_throw().owed == usd(600));

    CHECK(l.w.refund({.charge = "c"}));  // the operation had failed: 4 are there again
    CHECK(l.left(lot) == 4_cr);
    CHECK(l.w.refund_purchase({.lot = lot}) == coffer::errc::refund_exceeds);  // once for all
    auto second = l.w.refund_purchase({.lot = lot, .money = usd(1000)}).or_throw();
    CHECK(second.owed == usd(400));  // 10.00 × 4 / 10
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(lot).refunded == usd(1000));
    CHECK(l.w.refund_purchase({.lot = lot}) == coffer::errc::refund_exceeds);
    CHECK(l.w.refund_purchase({.lot = lot, .money = usd(1000)}).or_throw().owed.minor_units() == 0);
    CHECK(l.lot(lot).refunded == usd(1000));
}

TEMPLATE_TEST_CASE("rule 27: what was not paid for gives no money back", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{with_refund({coffer::refund::full{}})};
    auto gift = l.grant(10_cr);
    CHECK(l.w.refund_purchase({.lot = gift}) == coffer::errc::not_refundable);
    CHECK(l.lot(gift).refunded.minor_units() == 0);
}

TEMPLATE_TEST_CASE("rule 27: an allowance with a price is a purchase of that period", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = monthly_plan(100_cr);
    plan.budget.refill.price = usd(1000);
    plan.budget.refund = {coffer::refund::within{.window = coffer::days{14}}};
    plan.budget.rollover = {coffer::rollover::all{}};
    lab<TestType> l{plan};
    auto january = l.start();
    l.charge(25_cr);
    CHECK(l.lot(january).terms.paid == usd(1000));

    SECTION("in its own period") {
        auto r = l.w.refund_purchase({.lot = january}).or_throw();
        CHECK(r.owed == usd(750));
        CHECK(l.available() == 0_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 100_cr);
    }
    SECTION("each period has a window of its own") {
        l.go("2026-02-10T00:00:00Z");
        auto february = l.newest(coffer::lot_origin::refilled);
        CHECK(l.w.refund_purchase({.lot = february}).or_throw().owed == usd(1000));
        CHECK(l.w.refund_purchase({.lot = january}) == coffer::errc::not_refundable);
    }
    SECTION("what was rolled over is not_refundable") {
        l.go("2026-02-10T00:00:00Z");
        auto rolled = l.newest(coffer::lot_origin::rolled);
        REQUIRE(rolled);
        CHECK(l.left(rolled) == 75_cr);
        CHECK(l.w.refund_purchase({.lot = rolled}) == coffer::errc::not_refundable);
        CHECK(l.left(rolled) == 75_cr);
    }
}

TEMPLATE_TEST_CASE("rule 27: the start's price is that of the first allowance", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = monthly_plan(100_cr);
    plan.budget.refund = {coffer::refund::unspent{}};
    lab<TestType> l{plan};
    l.w.start({.paid = usd(2000)}).or_throw();
    auto lot = l.newest(coffer::lot_origin::refilled);
    l.charge(50_cr);
    CHECK(l.w.refund_purchase({.lot = lot}).or_throw().owed == usd(1000));
}

TEMPLATE_TEST_CASE("rule 27: what expired was not unspent", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{with_refund({coffer::refund::unspent{}})};
    auto lot = l.grant(10_cr, {.expires = at("2026-01-05T00:00:00Z"), .paid = usd(1000)});
    l.charge(2_cr);
    l.go("2026-01-05T00:00:00Z");
    CHECK(l.w.refund_purchase({.lot = lot}).or_throw().owed == usd(0));
    CHECK(l.lot(lot).expired == 8_cr);
    CHECK(l.lot(lot).voided == 0_cr);
}
