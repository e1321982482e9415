#include "support/wallet_fixture.hpp"

using namespace coffer_test;

namespace {

lab_plan tolerant(coffer::late_events late) {
    lab_plan plan = monthly_plan(100_cr);
    plan.late = late;
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 10: how far back an event may lie is a policy", "", lends_heads,
                   gives_whole_pages) {
    SECTION("one hour") {
        lab<TestType> l{tolerant({.back = 1h}), "2026-01-10T12:00:00Z"};
        l.grant(10_cr);
        auto r = l.w.charge({.amount = 1_cr, .at = at("2026-01-10T11:00:00Z")}).or_throw();
        CHECK(r.at == at("2026-01-10T12:00:00Z"));
        auto last = l.entries().entries.back();
        CHECK(last.at == at("2026-01-10T12:00:00Z"));
        CHECK(last.event == at("2026-01-10T11:00:00Z"));
        unchanged same{l};
        CHECK(l.w.charge({.amount = 1_cr, .at = at("2026-01-10T10:59:59.999999Z")}) ==
              coffer::errc::too_late);
        CHECK(l.w.hold({.amount = 1_cr, .at = at("2025-01-10T00:00:00Z")}).error() ==
              coffer::errc::too_late);
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr, .at = coffer::instant::min()}) ==
              coffer::errc::too_late);
    }
    SECTION("a month, by the calendar") {
        lab<TestType> l{tolerant({.back = coffer::months{1}}), "2026-03-29T12:00:00Z"};
        l.grant(10_cr);
        CHECK(l.w.charge({.amount = 1_cr, .at = at("2026-02-28T12:00:00Z")}) ==
              coffer::errc::too_late);
        CHECK(l.w.charge({.amount = 1_cr, .at = at("2026-03-01T12:00:00Z")}));
        CHECK(l.w.charge({.amount = 1_cr, .at = coffer::instant::min()}) == coffer::errc::too_late);
    }
    SECTION("not at all, by default") {
        lab<TestType> l{monthly_plan(100_cr), "2026-01-10T12:00:00Z"};
        l.grant(10_cr);
        CHECK(l.w.charge({.amount = 1_cr, .at = at("2026-01-10T12:00:00Z")}));
        CHECK(l.w.charge({.amount = 1_cr, .at = at("2026-01-10T11:59:59.999999Z")}) ==
              coffer::errc::too_late);
    }
}

TEMPLATE_TEST_CASE("rule 10: an event may not lie ahead of the clock by more than a tolerance", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{tolerant({.ahead = 2s}), "2026-01-10T12:00:00Z"};
    l.grant(10_cr);
    {
        unchanged same{l};
        CHECK_FALSE(l.w.charge({.amount = 1_cr, .at = at("2026-01-10T12:00:02.000001Z")}));
        CHECK_FALSE(l.w.charge({.amount = 1_cr, .at = coffer::never}));
        CHECK_FALSE(l.w.hold({.amount = 1_cr, .at = at("2027-01-10T00:00:00Z")}));
    }
    CHECK(l.w.charge({.amount = 1_cr, .at = at("2026-01-10T12:00:02Z")}));
    CHECK(l.available() == 9_cr);
}

TEMPLATE_TEST_CASE("rule 10: a late event uses the funds of now", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{tolerant({.back = coffer::instant::duration{24h}}), "2026-01-10T12:00:00Z"};
    auto gone = l.grant(10_cr, {.expires = at("2026-01-10T13:00:00Z")});
    l.go("2026-01-10T14:00:00Z");
    auto now = l.grant(5_cr);
    // When it happened the first lot was there; it is told too late for that.
    auto r = l.w.charge({.amount = 2_cr, .at = at("2026-01-10T12:30:00Z")}).or_throw();
    CHECK(taken(l.w, r) == taken_list{{now, 2_cr}});
    CHECK(l.lot(gone).expired == 10_cr);
    CHECK(l.w.charge({.amount = 4_cr, .at = at("2026-01-10T12:30:00Z")}) ==
          coffer::errc::insufficient_credits);
}

TEMPLATE_TEST_CASE("rule 10: what was used counts by event time", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{tolerant({.back = coffer::instant::duration{48h}}), "2026-01-31T12:00:00Z"};
    l.start();
    l.go("2026-02-28T11:00:00Z");
    l.charge(10_cr);
    CHECK(l.balance().used == 10_cr);
    l.go("2026-02-28T13:00:00Z");  // an hour into the next period
    l.w.charge({.amount = 3_cr, .at = at("2026-02-28T11:30:00Z"), .request = "late"}).or_throw();
    CHECK(l.balance().used == 0_cr);
    l.w.charge({.amount = 4_cr, .at = at("2026-02-28T12:00:00Z"), .request = "edge"}).or_throw();
    CHECK(l.balance().used == 4_cr);
    l.w.refund({.charge = "late"}).or_throw();
    CHECK(l.balance().used == 4_cr);
    l.w.refund({.charge = "edge", .amount = 1_cr}).or_throw();
    CHECK(l.balance().used == 3_cr);
}

TEMPLATE_TEST_CASE("rule 10: an event ahead of the clock is used in the period that recorded it",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{tolerant({.ahead = 5s}), "2026-01-31T12:00:00Z"};
    l.start();
    l.go("2026-02-28T11:59:58Z");
    l.w.charge({.amount = 3_cr, .at = at("2026-02-28T12:00:01Z"), .request = "ahead"}).or_throw();
    CHECK(l.balance().used == 3_cr);
    l.go("2026-02-28T12:00:01Z");  // the next period
    CHECK(l.balance().used == 0_cr);
    l.charge(4_cr);
    l.w.refund({.charge = "ahead"}).or_throw();
    CHECK(l.balance().used == 4_cr);
}

TEMPLATE_TEST_CASE("rule 10: what was spent before a start is used where it falls into its period",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{tolerant({}), "2026-01-01T00:00:00Z"};
    l.grant(1'000_cr);
    for (int i = 0; i < 250; ++i) {  // more than a page of entries
        l.go("2026-01-02T00:00:00Z");
        l.w.charge({.amount = 1_cr, .request = "c" + std::to_string(i)}).or_throw();
    }
    l.w.refund({.charge = "c0"}).or_throw();
    l.w.refund({.charge = "c249", .amount = 0.5_cr}).or_throw();
    l.go("2026-01-03T00:00:00Z");
    l.charge(7_cr);
    auto used_from = [&](const char* anchor) {
        auto started = l.w.start({.anchor = at(anchor)}).or_throw();
        CHECK(started.cost.is_zero());
        return l.balance().used;
    };
    CHECK(used_from("2026-01-01T00:00:00Z") == 255.5_cr);
    CHECK(used_from("2026-01-03T00:00:00Z") == 7_cr);
    CHECK(used_from("2026-01-02T00:00:00Z") == 255.5_cr);
    l.w.refund({.charge = "c1"}).or_throw();
    CHECK(l.balance().used == 254.5_cr);
}

TEMPLATE_TEST_CASE("rule 10: a clock that runs backwards changes nothing", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{monthly_plan(100_cr), "2026-01-31T00:00:00Z"};
    l.start();
    auto promo = l.grant(5_cr, {.expires = at("2026-02-10T00:00:00Z")});
    auto hold = l.w.hold({.amount = 10_cr, .expires_in = 24h}).or_throw();
    l.go("2026-03-01T00:00:00Z");
    l.charge(1_cr);
    auto before = l.entries();
    auto balance = l.balance();

    l.go("2026-01-31T12:00:00Z");
    CHECK(l.balance().available == balance.available);
    CHECK(l.balance().held == 0_cr);
    CHECK(l.left(promo) == 0_cr);
    CHECK(l.balance().running->from == at("2026-02-28T00:00:00Z"));
    CHECK(l.w.sweep() == std::size_t{0});
    CHECK(hold.settle() == coffer::errc::hold_expired);

    auto r = l.charge(1_cr);
    CHECK(r.at == at("2026-03-01T00:00:00Z"));
    CHECK(l.entry_count() == before.size() + 1);
    auto late = l.w.hold({.amount = 1_cr, .expires_in = 1h}).or_throw();
    CHECK(late.until() == at("2026-03-01T01:00:00Z"));
    CHECK(late.release());
}

TEMPLATE_TEST_CASE("rule 10: balance and quote count what is due and write nothing", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{monthly_plan(100_cr)};
    l.start();
    l.grant(5_cr, {.expires = at("2026-02-10T00:00:00Z")});
    l.charge(30_cr);
    l.go("2026-04-02T00:00:00Z");
    unchanged same{l};
    CHECK(l.balance().available == 100_cr);
    CHECK(l.balance().used == 0_cr);
    CHECK(l.balance().running->index == 3);
    CHECK(l.w.quote({.amount = 100_cr}).or_throw().receipt.after.available == 0_cr);
    CHECK(l.w.quote({.amount = 101_cr}) == coffer::errc::insufficient_credits);
    CHECK(l.w.lots().or_throw().size() == 5);
    CHECK(l.w.holds().or_throw().empty());
}
