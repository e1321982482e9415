#include "support/wallet_fixture.hpp"

#include <coffer/ledger/expiry.hpp>

using namespace coffer_test;

TEMPLATE_TEST_CASE("rule 5: a lot is usable from its effective instant and not at its expiry", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(
        10_cr, {.effective = at("2026-01-02T00:00:00Z"), .expires = at("2026-01-03T00:00:00Z")});

    l.go("2026-01-01T23:59:59.999999Z");
    CHECK(l.available() == 0_cr);
    CHECK(l.w.charge({.amount = micros(1)}) == coffer::errc::insufficient_credits);
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.available() == 10_cr);
    l.charge(1_cr);
    l.go("2026-01-02T23:59:59.999999Z");
    l.charge(1_cr);
    CHECK(l.available() == 8_cr);
    l.go("2026-01-03T00:00:00Z");
    CHECK(l.available() == 0_cr);
    CHECK(l.w.charge({.amount = micros(1)}) == coffer::errc::insufficient_credits);
    CHECK(l.lot(lot).expired == 8_cr);
}

TEMPLATE_TEST_CASE(
    "rule 12: before it is effective, a lot counts for itself and not for the wallet", "",
    lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(10_cr, {.effective = at("2026-01-02T00:00:00Z")});
    CHECK(l.lot(lot).available == 10_cr);
    CHECK_FALSE(l.lot(lot).active);
    CHECK(l.available() == 0_cr);
    CHECK(l.available_in("package") == 0_cr);
    CHECK(l.stored().totals.available == 0_cr);

    l.go("2026-01-05T00:00:00Z");
    CHECK(l.w.sweep() == std::size_t{1});
    CHECK(l.lot(lot).active);
    CHECK(l.available_in("package") == 10_cr);
    auto last = l.entries().entries.back();
    CHECK(last.kind == coffer::entry_kind::activated);
    CHECK(last.at == at("2026-01-02T00:00:00Z"));
}

TEMPLATE_TEST_CASE("rule 15: expired credit cannot be spent though nothing has swept it", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto promo = l.grant(100_cr, {.expires = at("2026-01-10T00:00:00Z"), .paid = usd(700)});
    auto bought = l.grant(500_cr, {.paid = usd(5000)});
    l.charge(40_cr);
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.stored().totals.available == 560_cr);  // nobody has written anything

    CHECK(l.available() == 500_cr);
    CHECK(l.w.charge({.amount = 500.000001_cr}) == coffer::errc::insufficient_credits);
    CHECK(taken(l.w, l.charge(1_cr)) == taken_list{{bought, 1_cr}});

    SECTION("it takes exactly its own lot's rest, at its own instant, as breakage") {
        auto gone = l.entries().of(coffer::entry_kind::expired);
        REQUIRE(gone.size() == 1);
        CHECK(gone[0].at == at("2026-01-10T00:00:00Z"));
        CHECK(gone[0].amount == 60_cr);
        CHECK(taken(gone[0].parts) == taken_list{{promo, 60_cr}});
        CHECK(l.lot(promo).terms.paid == usd(700));
        CHECK(l.lot(promo).expired == 60_cr);
        CHECK(l.lot(promo).spent == 40_cr);
        CHECK(l.left(bought) == 499_cr);
    }
    SECTION("it stays gone when the clock goes back") {
        l.go("2026-01-09T00:00:00Z");
        CHECK(l.available() == 499_cr);
    }
}

TEMPLATE_TEST_CASE("rule 15: a lot that was used up does not expire", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr, {.expires = at("2026-01-10T00:00:00Z")});
    l.charge(10_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.sweep() == std::size_t{0});
    CHECK(l.entries().count(coffer::entry_kind::expired) == 0);
}

TEMPLATE_TEST_CASE("rule 15: lots expire by the bucket's rule unless the grant says otherwise", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = monthly_plan(10_cr);
    plan.package.expiry = {coffer::expiry::after{coffer::months{12}}};
    plan.bonus.expiry = {coffer::expiry::at_period_end{}};
    lab<TestType> l{plan, "2026-01-31T10:00:00Z"};

    SECTION("before a subscription began, there is no period end") {
        auto before = l.entry_count();
        CHECK(l.w.grant({.bucket = "bonus", .amount = 1_cr}) == coffer::errc::invalid_argument);
        CHECK(l.w.grant({.bucket = "budget", .amount = 1_cr}) == coffer::errc::invalid_argument);
        CHECK(l.entry_count() == before);
    }
    SECTION("each by its rule") {
        l.start("Europe/Berlin");
        CHECK(l.lot(l.grant(1_cr)).terms.expires == at("2027-01-31T10:00:00Z"));
        CHECK(l.lot(l.grant(1_cr, {.effective = at("2026-02-28T10:00:00Z")})).terms.expires ==
              at("2027-02-28T10:00:00Z"));
        CHECK(l.lot(l.grant(1_cr, {.expires = coffer::never})).terms.expires == coffer::never);
        CHECK(l.lot(l.grant(1_cr, {.bucket = "bonus"})).terms.expires ==
              at("2026-02-28T10:00:00Z"));
        // The end of the period in which it becomes effective: 31 March is in summer time.
        CHECK(l.lot(l.grant(1_cr, {.bucket = "bonus", .effective = at("2026-03-01T00:00:00Z")}))
                  .terms.expires == at("2026-03-31T09:00:00Z"));
        // At the very end of a period the next one has begun.
        CHECK(l.lot(l.grant(1_cr, {.bucket = "bonus", .effective = at("2026-02-28T10:00:00Z")}))
                  .terms.expires == at("2026-03-31T09:00:00Z"));
    }
    SECTION("an expiry that is not after the effective instant is refused") {
        l.start();
        auto before = l.entry_count();
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr, .expires = l.clock.now()}) ==
              coffer::errc::invalid_argument);
        CHECK(l.w.grant({.bucket = "package",
                         .amount = 1_cr,
                         .effective = at("2026-03-01T00:00:00Z"),
                         .expires = at("2026-03-01T00:00:00Z")}) == coffer::errc::invalid_argument);
        CHECK(l.w.grant({.bucket = "package",
                         .amount = 1_cr,
                         .effective = at("2026-03-01T00:00:00Z"),
                         .expires = at("2026-02-01T00:00:00Z")}) == coffer::errc::invalid_argument);
        CHECK(l.entry_count() == before);
    }
}

TEMPLATE_TEST_CASE("rule 16: voiding a lot takes its unspent rest only", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(10_cr, {.priority = 1});
    auto other = l.grant(10_cr);
    l.charge(3_cr);
    auto hold = l.w.hold({.amount = 2_cr}).or_throw();

    SECTION("all of the rest by default") {
        auto r = l.w.void_lot({.lot = lot, .request = "v"}).or_throw();
        CHECK(r.cost == 5_cr);
        CHECK(l.left(lot) == 0_cr);
        CHECK(l.lot(lot).voided == 5_cr);
        CHECK(l.lot(lot).held == 2_cr);
        CHECK(l.available() == 10_cr);
        CHECK(l.w.void_lot({.lot = lot, .request = "v"}).or_throw().repeated);
        CHECK(l.available() == 10_cr);
    }
    SECTION("or a part") {
        CHECK(l.w.void_lot({.lot = lot, .amount = 1.5_cr}));
        CHECK(l.left(lot) == 3.5_cr);
        auto over = l.w.void_lot({.lot = lot, .amount = 3.500001_cr});
        REQUIRE(over == coffer::errc::insufficient_credits);
        CHECK(over.error().acceptable() == 3.5_cr);
        CHECK(l.left(lot) == 3.5_cr);
    }
    SECTION("what does not exist is unknown_lot") {
        CHECK(l.w.void_lot({.lot = coffer::lot_id{50}}) == coffer::errc::unknown_lot);
        CHECK(l.w.void_lot({.lot = coffer::lot_id{3}}) == coffer::errc::unknown_lot);  // a charge
        CHECK(l.w.void_lot({}) == coffer::errc::unknown_lot);
    }
    CHECK(l.left(other) == 10_cr);
    CHECK(hold.release());
}

TEMPLATE_TEST_CASE("rule 16: a void at its instant stops a lot from covering", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan;
    plan.overdraft = {coffer::overdraft::limit{.amount = 1'000_cr}};
    lab<TestType> l{plan};
    auto lot = l.grant(100_cr);
    l.go("2026-01-01T00:59:00Z");
    l.charge(50_cr);
    l.go("2026-01-01T01:00:00Z");
    l.w.void_lot({.lot = lot}).or_throw();
    l.go("2026-01-01T01:01:00Z");
    auto r = l.charge(50_cr);
    CHECK(r.debt == 50_cr);
    CHECK(l.left(lot) == 0_cr);
    CHECK(l.balance().debt == 50_cr);
}

TEMPLATE_TEST_CASE("rule 16: a lot voided before it is effective never becomes active", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto whole = l.grant(10_cr, {.effective = at("2026-01-02T00:00:00Z")});
    auto part = l.grant(10_cr, {.effective = at("2026-01-02T00:00:00Z")});
    CHECK(l.w.void_lot({.lot = whole}).or_throw().cost == 10_cr);
    CHECK(l.w.void_lot({.lot = part, .amount = 4_cr}));
    CHECK(l.w.void_lot({.lot = part, .amount = 6.000001_cr}) == coffer::errc::insufficient_credits);
    CHECK(l.left(part) == 6_cr);
    l.go("2026-01-03T00:00:00Z");
    CHECK(l.available() == 6_cr);
    CHECK(l.left(whole) == 0_cr);
    CHECK(l.lot(whole).voided == 10_cr);
}

TEMPLATE_TEST_CASE("rule 16: changing a lot's expiry is an entry too", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(10_cr, {.expires = at("2026-02-01T00:00:00Z")});
    auto rival = l.grant(10_cr, {.expires = at("2026-03-01T00:00:00Z")});
    auto before = l.entry_count();

    SECTION("later, which also moves it in burn order") {
        CHECK(l.w.expire_at({.lot = lot, .expires = at("2026-04-01T00:00:00Z"), .request = "x"}));
        CHECK(l.entry_count() == before + 1);
        CHECK(l.entries().entries.back().kind == coffer::entry_kind::expiry_changed);
        CHECK(l.lot(lot).terms.expires == at("2026-04-01T00:00:00Z"));
        CHECK(taken(l.w, l.charge(1_cr)) == taken_list{{rival, 1_cr}});
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 19_cr);
        l.go("2026-04-01T00:00:00Z");
        CHECK(l.available() == 0_cr);
    }
    SECTION("never") {
        CHECK(l.w.expire_at({.lot = lot, .expires = coffer::never}));
        l.go("2030-01-01T00:00:00Z");
        CHECK(l.available() == 10_cr);
    }
    SECTION("sooner") {
        CHECK(l.w.expire_at({.lot = rival, .expires = at("2026-01-02T00:00:00Z")}));
        CHECK(taken(l.w, l.charge(1_cr)) == taken_list{{rival, 1_cr}});
        l.go("2026-01-02T00:00:00Z");
        CHECK(l.left(rival) == 0_cr);
        CHECK(l.left(lot) == 10_cr);
    }
    SECTION("never one that is not after its effective instant") {
        CHECK(l.w.expire_at({.lot = lot, .expires = at("2026-01-01T00:00:00Z")}) ==
              coffer::errc::invalid_argument);
        CHECK(l.w.expire_at({.lot = lot, .expires = at("2025-01-01T00:00:00Z")}) ==
              coffer::errc::invalid_argument);
        CHECK(l.w.expire_at({.lot = coffer::lot_id{9}, .expires = coffer::never}) ==
              coffer::errc::unknown_lot);
        CHECK(l.entry_count() == before);
    }
    SECTION("not of a lot that has ended") {
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.w.expire_at({.lot = lot, .expires = at("2026-12-01T00:00:00Z")}) ==
              coffer::errc::invalid_argument);
        CHECK(l.available() == 10_cr);
    }
    SECTION("of one that is not yet effective") {
        auto later = l.grant(5_cr, {.effective = at("2026-01-05T00:00:00Z")});
        CHECK(l.w.expire_at({.lot = later, .expires = at("2026-01-06T00:00:00Z")}));
        CHECK(l.w.expire_at({.lot = later, .expires = at("2026-01-05T00:00:00Z")}) ==
              coffer::errc::invalid_argument);
        l.go("2026-01-05T12:00:00Z");
        CHECK(l.left(later) == 5_cr);
        CHECK(l.available() == 25_cr);
        l.go("2026-01-06T00:00:00Z");
        CHECK(l.available() == 20_cr);
    }
    SECTION("of one that is used up but may get credits back") {
        l.w.charge({.amount = 10_cr, .request = "c"}).or_throw();
        CHECK(l.w.expire_at({.lot = lot, .expires = at("2026-05-01T00:00:00Z")}));
        l.go("2026-02-15T00:00:00Z");
        CHECK(l.w.refund({.charge = "c"}));
        CHECK(l.left(lot) == 10_cr);
        l.go("2026-05-01T00:00:00Z");
        CHECK(l.available() == 0_cr);
    }
}

TEMPLATE_TEST_CASE("rule 16: an allowance ends with its period whatever its expiry is changed to",
                   "", lends_heads, gives_whole_pages) {
    lab_plan plan = monthly_plan(100_cr);
    SECTION("later is no escape") {
        lab<TestType> l{plan};
        auto january = l.start();
        (void)l.w.expire_at({.lot = january, .expires = at("2026-06-01T00:00:00Z")});
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 100_cr);
        CHECK(l.left(january) == 0_cr);
    }
    SECTION("sooner counts, and nothing is left to roll") {
        plan.budget.rollover = {coffer::rollover::all{}};
        lab<TestType> l{plan};
        auto january = l.start();
        CHECK(l.w.expire_at({.lot = january, .expires = at("2026-01-20T00:00:00Z")}));
        l.go("2026-01-20T00:00:00Z");
        CHECK(l.available() == 0_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 100_cr);
    }
}

TEMPLATE_TEST_CASE("rule 12: cost basis and source stay with the lot", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(100_cr, {.paid = usd(5000), .source = coffer::lot_source::purchase});
    auto promo = l.grant(10_cr, {.source = coffer::lot_source::promo});
    l.charge(30_cr);
    CHECK(l.lot(lot).terms.paid == usd(5000));
    CHECK(l.lot(lot).terms.source == coffer::lot_source::purchase);
    CHECK(l.lot(promo).terms.source == coffer::lot_source::promo);
    CHECK(l.lot(lot).granted == 100_cr);
}

TEMPLATE_TEST_CASE("rule 36: every entry stores the balance after it", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto first = l.w.grant({.bucket = "package", .amount = 1'000_cr}).or_throw();
    auto second = l.w.grant({.bucket = "package", .amount = 500_cr}).or_throw();
    auto third = l.charge(50_cr);
    CHECK(totals_before(l.w, first).available == 0_cr);
    CHECK(first.after.available == 1'000_cr);
    CHECK(totals_before(l.w, second).available == 1'000_cr);
    CHECK(second.after.available == 1'500_cr);
    CHECK(totals_before(l.w, third).available == 1'500_cr);
    CHECK(third.after.available == 1'450_cr);

    auto log = l.entries().entries;
    REQUIRE(log.size() == 3);
    CHECK(log[0].id.value() == 1);
    CHECK(log[0].after.available == 1'000_cr);
    CHECK(log[1].after.available == 1'500_cr);
    CHECK(log[2].id.value() == 3);
    CHECK(log[2].after.available == 1'450_cr);
}
