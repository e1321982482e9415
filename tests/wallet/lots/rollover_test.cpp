#include "support/wallet_fixture.hpp"

#include <coffer/ledger/rollover.hpp>

using namespace coffer_test;

namespace {

lab_plan rolling(any_rollover rule, coffer::credits allowance = 100_cr) {
    lab_plan plan;
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    plan.budget.rollover = rule;
    return plan;
}

/// The lots of a kind that have something left, by number.
template <class Lab>
std::vector<coffer::lot> alive(Lab& l, coffer::lot_origin origin) {
    std::vector<coffer::lot> found;
    for (const coffer::lot& each : l.w.lots().or_throw()) {
        if (each.terms.origin == origin && each.available.is_positive()) found.push_back(each);
    }
    return found;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 8: without rollover the rest of an allowance is forfeited", "",
                   lends_heads, gives_whole_pages) {
    // Whatever the bucket's expiry says: an allowance ends with its period.
    lab_plan plan = rolling({coffer::rollover::none{}});
    SECTION("expiry never") {}
    SECTION("expiry at period end") { plan.budget.expiry = {coffer::expiry::at_period_end{}}; }
    SECTION("expiry after a year") {
        plan.budget.expiry = {coffer::expiry::after{coffer::years{1}}};
    }
    lab<TestType> l{plan};
    auto january = l.start();
    l.charge(30_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 100_cr);
    CHECK(l.lot(january).expired == 70_cr);
    CHECK(l.lot(january).rolled == 0_cr);
    l.w.sweep().or_throw();
    auto lost = l.entries().of(coffer::entry_kind::forfeited);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].amount == 70_cr);
}

TEMPLATE_TEST_CASE("rule 8: what rollover keeps goes on as a new lot", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::all{}})};
    auto january = l.start();
    l.charge(30_cr);

    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 170_cr);
    auto once = l.lot(l.newest(coffer::lot_origin::rolled));
    CHECK(once.granted == 70_cr);
    CHECK(once.terms.from == january);
    CHECK(once.terms.ordinal == 1);
    CHECK(once.terms.bucket == coffer::bucket_id::of("budget"));
    CHECK(once.terms.effective == at("2026-02-01T00:00:00Z"));
    CHECK(l.lot(january).rolled == 70_cr);
    CHECK(l.lot(january).available == 0_cr);

    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 270_cr);
    auto twice = alive(l, coffer::lot_origin::rolled);
    REQUIRE(twice.size() == 2);
    for (const coffer::lot& each : twice) {
        if (each.terms.from == january) {
            CHECK(each.terms.ordinal == 2);
            CHECK(each.granted == 70_cr);
        } else {
            CHECK(each.terms.ordinal == 1);
            CHECK(each.granted == 100_cr);
        }
    }
}

TEMPLATE_TEST_CASE("rule 13: rolled lots burn before the new refill, the oldest first", "",
                   lends_heads, gives_whole_pages) {
    any_expiry expiry{};
    SECTION("expiry never") {}
    SECTION("expiry at period end") { expiry = {coffer::expiry::at_period_end{}}; }
    lab_plan plan = rolling({coffer::rollover::all{}});
    plan.budget.expiry = expiry;
    lab<TestType> l{plan};
    l.start();
    l.charge(30_cr);
    l.go("2026-02-01T00:00:00Z");
    auto rolled = l.newest(coffer::lot_origin::rolled);
    auto fresh = l.newest(coffer::lot_origin::refilled);
    CHECK(taken(l.w, l.charge(71_cr)) == taken_list{{rolled, 70_cr}, {fresh, 1_cr}});
}

TEMPLATE_TEST_CASE("rule 8: a cap bounds the sum and trims the oldest", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::capped{500_cr}}, 400_cr)};
    l.start();
    l.charge(250_cr);

    l.go("2026-02-01T00:00:00Z");  // 150 go on
    CHECK(l.available() == 550_cr);
    l.go("2026-03-01T00:00:00Z");  // of 150 and 400, 500 go on
    CHECK(l.available() == 900_cr);
    auto rolled = alive(l, coffer::lot_origin::rolled);
    REQUIRE(rolled.size() == 2);
    bool older_first = rolled[0].terms.ordinal == 2;
    const coffer::lot& older = older_first ? rolled[0] : rolled[1];
    const coffer::lot& newer = older_first ? rolled[1] : rolled[0];
    CHECK(older.available == 100_cr);
    CHECK(newer.available == 400_cr);

    l.charge(150_cr);
    CHECK(l.left(older.id) == 0_cr);
    CHECK(l.left(newer.id) == 350_cr);
    l.charge(400_cr);
    CHECK(l.left(newer.id) == 0_cr);
    CHECK(l.available() == 350_cr);
}

TEMPLATE_TEST_CASE("rule 8: a fraction is rounded down", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::fraction{1, 3}}, 0.000005_cr)};
    l.start();
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 0.000006_cr);  // ⌊5/3⌋ = 1, and 5 new
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 0.000007_cr);  // ⌊6/3⌋ = 2, and 5 new
    auto rolled = l.entries();
    CHECK(l.w.sweep());
    CHECK(l.available() == 0.000007_cr);
}

TEMPLATE_TEST_CASE("rule 8: nothing unused rolls nothing", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::all{}})};
    l.start();
    l.charge(100_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.sweep() == std::size_t{1});
    CHECK(l.entries().count(coffer::entry_kind::rolled) == 0);
    CHECK(l.entries().count(coffer::entry_kind::forfeited) == 0);
    CHECK(l.available() == 100_cr);
}

TEMPLATE_TEST_CASE("rule 9: rollover does not touch other lots", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = rolling({coffer::rollover::none{}});
    plan.package.rollover = {coffer::rollover::all{}};
    lab<TestType> l{plan};
    l.start();
    auto top_up = l.grant(50_cr);
    auto compensation = l.grant(7_cr, {.bucket = "budget"});
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 157_cr);
    CHECK(l.left(top_up) == 50_cr);
    CHECK(l.left(compensation) == 7_cr);
    CHECK(l.lot(compensation).rolled == 0_cr);
}

TEMPLATE_TEST_CASE("rule 9: a gift until the period's end expires and does not roll", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = rolling({coffer::rollover::all{}});
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    lab<TestType> l{plan};
    l.start();
    auto gift = l.grant(7_cr, {.bucket = "budget"});
    CHECK(l.lot(gift).terms.expires == at("2026-02-01T00:00:00Z"));
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.left(gift) == 0_cr);
    CHECK(l.lot(gift).expired == 7_cr);
    CHECK(l.lot(gift).rolled == 0_cr);
    CHECK(l.available() == 200_cr);
}

TEMPLATE_TEST_CASE("rule 8: a rolled lot keeps its first lot's own expiry", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = rolling({coffer::rollover::all{}});
    plan.budget.expiry = {coffer::expiry::after{coffer::days{45}}};
    lab<TestType> l{plan};
    l.start();
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.lot(l.newest(coffer::lot_origin::rolled)).terms.expires == at("2026-02-15T00:00:00Z"));
    CHECK(l.available() == 200_cr);
    l.go("2026-02-15T00:00:00Z");
    CHECK(l.available() == 100_cr);
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 200_cr);
    CHECK(l.lot(l.newest(coffer::lot_origin::rolled)).terms.expires == at("2026-03-18T00:00:00Z"));
}

TEMPLATE_TEST_CASE("rule 8: a rolled lot of a period-end bucket ends with the period that begins",
                   "", lends_heads, gives_whole_pages) {
    lab_plan plan = rolling({coffer::rollover::capped{30_cr}});
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    lab<TestType> l{plan};
    l.start();
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 130_cr);
    CHECK(l.lot(l.newest(coffer::lot_origin::rolled)).terms.expires == at("2026-03-01T00:00:00Z"));
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 130_cr);
}

TEMPLATE_TEST_CASE("rule 13: a rolled lot inherits its share of the cost basis", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = rolling({coffer::rollover::fraction{1, 2}});
    plan.budget.refill.price = usd(1999);
    lab<TestType> l{plan};
    auto january = l.start();
    CHECK(l.lot(january).terms.paid == usd(1999));
    l.charge(20_cr);
    l.go("2026-02-01T00:00:00Z");
    auto rolled = l.lot(l.newest(coffer::lot_origin::rolled));
    CHECK(rolled.granted == 40_cr);
    // 19.99 × 40 / 100 is 7.996.
    CHECK(rolled.terms.paid.in() == coffer::currency{"USD"});
    CHECK(coffer::cost_of(rolled, rolled.granted).minor_units() == 799);
    CHECK(rolled.terms.paid == usd(1999));  // exact over any number of rolls
    CHECK(rolled.basis() == 100_cr);
}

TEMPLATE_TEST_CASE("rule 18: what a hold gives back to a rolled lot expires at once", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::all{}})};
    auto january = l.start();
    l.go("2026-01-31T23:50:00Z");
    auto hold = l.w.hold({.amount = 40_cr, .expires_in = 1h}).or_throw();
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 160_cr);  // what is held does not roll
    CHECK(l.balance().held == 40_cr);
    SECTION("released") { CHECK(hold.release()); }
    SECTION("timed out") { l.go("2026-02-01T00:50:00Z"); }
    CHECK(l.available() == 160_cr);
    CHECK(l.lot(january).expired == 40_cr);
    CHECK(l.lot(january).rolled == 60_cr);
    if (hold.owns()) CHECK_FALSE(hold.settle());
}

TEMPLATE_TEST_CASE("rule 9: an allowance that is used to the last is still reset", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::none{}})};
    l.start();
    for (int month = 0; month < 24; ++month) {
        CHECK(l.available() == 100_cr);
        l.charge(100_cr);
        l.clock.advance(std::chrono::hours{24 * 31});
    }
}

TEMPLATE_TEST_CASE("rule 8: lots that roll for years stay few and add up", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{rolling({coffer::rollover::capped{250_cr}})};
    l.start();
    l.go("2029-01-01T00:00:00Z");
    CHECK(l.available() == 350_cr);
    // The oldest were trimmed: 50 of two periods before, then 100 and 100.
    auto rolled = alive(l, coffer::lot_origin::rolled);
    REQUIRE(rolled.size() == 3);
    CHECK(l.w.sweep());
    CHECK(l.available() == 350_cr);
    CHECK(l.entries().count(coffer::entry_kind::period_began) == 37);
}
