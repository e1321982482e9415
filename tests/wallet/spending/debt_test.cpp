#include "support/wallet_fixture.hpp"

#include <coffer/ledger/repayment.hpp>
#include <coffer/plan/ready.hpp>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;

namespace {

lab_plan owing(coffer::credits limit, bool drop = false) {
    lab_plan plan;
    plan.overdraft = {coffer::overdraft::limit{.amount = limit}};
    plan.debt_at_reset = {drop};
    return plan;
}

/// A monthly allowance, and an overdraft.
lab_plan owing_monthly(coffer::credits allowance, bool drop) {
    lab_plan plan = owing(1'000_cr, drop);
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    return plan;
}

template <class Lab>
coffer::receipt refund(Lab& l, std::string_view charge,
                       std::optional<coffer::credits> amount = {}) {
    return l.w.refund({.charge = charge, .amount = amount}).or_throw();
}

}  // namespace

TEMPLATE_TEST_CASE("rule 8: with drop, debt falls before the refill", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{owing_monthly(100_cr, true)};
    l.start();
    l.charge(130_cr);
    CHECK(l.balance().debt == 30_cr);
    l.go("2026-01-31T23:59:59.999999Z");
    CHECK(l.balance().debt == 30_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 100_cr);
    CHECK(l.balance().used == 0_cr);
    l.w.sweep().or_throw();
    CHECK(l.entries().kinds(3) ==
          std::vector<entry_kind>{entry_kind::debt_dropped, entry_kind::period_began});
    auto dropped = l.entries().of(entry_kind::debt_dropped);
    CHECK(dropped[0].amount == 30_cr);
    CHECK(dropped[0].at == at("2026-02-01T00:00:00Z"));
    CHECK(dropped[0].after.debt == 0_cr);
}

TEMPLATE_TEST_CASE("rule 8: with keep, and by default, the refill repays the debt", "", lends_heads,
                   gives_whole_pages) {
    CHECK_FALSE(coffer::detail::drops_debt(coffer::plans::prepaid<>{}));
    lab<TestType> l{owing_monthly(100_cr, false)};
    l.start();
    l.charge(130_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 70_cr);
    CHECK(l.balance().used == 0_cr);
    l.w.sweep().or_throw();
    CHECK(l.entries().count(entry_kind::debt_dropped) == 0);
    CHECK(l.entries().count(entry_kind::repaid) == 1);
}

TEMPLATE_TEST_CASE(
    "rule 8: a hold that runs out at the period's end repays no debt that falls with "
    "it",
    "", lends_heads, gives_whole_pages) {
    // Holds time out first, but debt is repaid last: by then neither allowance nor debt is left.
    lab<TestType> l{owing_monthly(100_cr, true)};
    l.start();
    l.go("2026-01-31T23:00:00Z");
    auto hold = l.w.hold({.amount = 100_cr, .expires_in = 1h}).or_throw();
    l.charge(20_cr);
    CHECK(l.balance().debt == 20_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 100_cr);
    CHECK(l.balance().debt == 0_cr);
    l.w.sweep().or_throw();
    CHECK(l.entries().count(entry_kind::debt_dropped) == 1);
    CHECK(l.entries().count(entry_kind::repaid) == 0);
    (void)hold.detach();
}

TEMPLATE_TEST_CASE("rule 8: debt falls with the account's period, not with another bucket's", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = owing_monthly(10_cr, true);
    plan.bonus.refill = {.length = coffer::days{7}, .amount = 0_cr};
    lab<TestType> l{plan};
    l.start();
    l.charge(25_cr);
    l.go("2026-01-29T00:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.balance().debt == 15_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().debt == 0_cr);
}

TEMPLATE_TEST_CASE("rule 8: without a bucket that refills, debt falls month by month", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{owing(100_cr, true)};
    SECTION("started") {
        l.start();
        l.charge(10_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.balance().debt == 0_cr);
        l.charge(7_cr);
        l.go("2026-03-01T00:00:00Z");
        CHECK(l.balance().debt == 0_cr);
        l.w.sweep().or_throw();
        CHECK(l.entries().count(entry_kind::debt_dropped) == 2);
    }
    SECTION("never started, never dropped") {
        l.charge(10_cr);
        l.go("2027-02-01T00:00:00Z");
        CHECK(l.balance().debt == 10_cr);
    }
}

TEMPLATE_TEST_CASE("rule 9: a second start drops debt like a period's end", "", lends_heads,
                   gives_whole_pages) {
    auto drop = GENERATE(true, false);
    lab<TestType> l{owing_monthly(100_cr, drop)};
    l.start();
    l.charge(130_cr);
    l.go("2026-01-10T00:00:00Z");
    l.start();
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == (drop ? 100_cr : 70_cr));
    CHECK(l.entries().count(entry_kind::debt_dropped) == (drop ? 1 : 0));
}

TEMPLATE_TEST_CASE("rule 8: the first start drops nothing, it ends no period", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{owing_monthly(100_cr, true)};
    l.charge(30_cr);
    l.start();
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 70_cr);
    CHECK(l.entries().count(entry_kind::debt_dropped) == 0);
}

TEMPLATE_TEST_CASE("rule 9: k missed periods drop what each of them left", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{owing_monthly(100_cr, true)};
    l.start();
    l.charge(150_cr);
    l.go("2026-06-15T00:00:00Z");
    CHECK(l.available() == 100_cr);
    CHECK(l.balance().debt == 0_cr);
    l.w.sweep().or_throw();
    CHECK(l.entries().count(entry_kind::debt_dropped) == 1);
    CHECK(l.entries().count(entry_kind::period_began) == 6);
}

TEMPLATE_TEST_CASE("rule 29: dropped debt makes room for the overdraft again", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = owing(50_cr, true);
    lab<TestType> l{plan};
    l.start();
    l.charge(50_cr);
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.charge({.amount = 50_cr}));
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);
}

TEMPLATE_TEST_CASE(
    "rule 26: a refund lowers open debt, then what repaid it, then what was "
    "dropped, then the lots",
    "", lends_heads, gives_whole_pages) {
    lab_plan plan = owing(100_cr, true);
    lab<TestType> l{plan};
    l.start();
    auto own = l.grant(10_cr);
    l.w.charge({.amount = 50_cr, .request = "c"}).or_throw();  // 10 of its own, 40 owed
    auto first = l.grant(8_cr);
    auto second = l.grant(5_cr);
    CHECK(l.balance().debt == 27_cr);

    CHECK(refund(l, "c", 7_cr).debt == 7_cr);  // the open part
    CHECK(l.balance().debt == 20_cr);
    CHECK(l.available() == 0_cr);

    l.go("2026-02-01T00:00:00Z");                         // 20 are dropped
    CHECK(taken(l.w, refund(l, "c", 6_cr)).size() == 2);  // what repaid last first
    CHECK(l.left(second) == 5_cr);
    CHECK(l.left(first) == 1_cr);

    CHECK(refund(l, "c", 10_cr).cost == 10_cr);  // 7 to the first, 3 of the dropped
    CHECK(l.left(first) == 8_cr);
    CHECK(l.available() == 13_cr);

    CHECK(refund(l, "c", 18_cr).cost == 18_cr);  // 17 of the dropped, 1 to its own lot
    CHECK(l.left(own) == 1_cr);
    CHECK(l.available() == 14_cr);

    CHECK(l.w.refund({.charge = "c", .amount = 9.000001_cr}) == errc::refund_exceeds);
    CHECK(refund(l, "c").cost == 9_cr);
    CHECK(l.left(own) == 10_cr);
    CHECK(l.available() == 23_cr);
    CHECK(refund(l, "c").cost == 0_cr);  // nothing is left
    CHECK(l.available() == 23_cr);
    CHECK(l.balance().debt == 0_cr);
}

TEMPLATE_TEST_CASE("rule 26: the debt of a settle is refunded under its hold's id", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{owing(100_cr)};
    auto own = l.grant(10_cr);
    auto hold = l.w.hold({.amount = 10_cr, .tolerance = 20_cr, .request = "h"}).or_throw();
    CHECK(hold.settle({.amount = 25_cr}).or_throw().debt == 15_cr);
    CHECK(l.balance().debt == 15_cr);
    auto other = l.grant(4_cr);
    CHECK(l.balance().debt == 11_cr);
    CHECK(refund(l, "h", 12_cr).debt == 11_cr);
    CHECK(l.left(other) == 1_cr);
    CHECK(refund(l, "h").cost == 13_cr);
    CHECK(l.left(other) == 4_cr);
    CHECK(l.left(own) == 10_cr);
}

TEMPLATE_TEST_CASE("rule 26: what comes back may repay another debt at once", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{owing(100_cr)};
    auto own = l.grant(10_cr);
    l.w.charge({.amount = 10_cr, .request = "a"}).or_throw();
    l.w.charge({.amount = 6_cr, .request = "b"}).or_throw();
    refund(l, "a", 4_cr);
    CHECK(l.balance().debt == 2_cr);
    CHECK(l.available() == 0_cr);
    refund(l, "b", 5_cr);  // 2 open, 3 to the lot that repaid
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.left(own) == 3_cr);
    refund(l, "a");
    refund(l, "b");
    CHECK(l.left(own) == 10_cr);
    CHECK(l.lot(own).spent == 0_cr);
}

TEMPLATE_TEST_CASE(
    "rule 26: a lot that paid a charge and repaid another's debt gets each back "
    "once",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{owing(100_cr)};
    auto own = l.grant(10_cr);
    l.w.charge({.amount = 4_cr, .request = "a"}).or_throw();
    l.w.charge({.amount = 10_cr, .request = "b"}).or_throw();  // 6 and 4 owed
    refund(l, "a");                                            // which repays the 4
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(own).spent == 10_cr);
    for (auto part : {3_cr, 3_cr, 3_cr}) refund(l, "b", part);
    CHECK(l.left(own) == 9_cr);
    CHECK(l.w.refund({.charge = "b", .amount = 2_cr}) == errc::refund_exceeds);
    refund(l, "b");
    CHECK(l.left(own) == 10_cr);
}

TEMPLATE_TEST_CASE("rule 26: a refund of dropped debt counts as refunded, and is not used", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{owing(100_cr, true)};
    l.start();
    l.w.charge({.amount = 20_cr, .request = "c"}).or_throw();
    CHECK(l.balance().used == 20_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().used == 0_cr);
    CHECK(refund(l, "c").cost == 20_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.balance().used == 0_cr);
    CHECK(l.w.refund({.charge = "c", .amount = micros(1)}) == errc::refund_exceeds);
}

TEMPLATE_TEST_CASE("rule 28: debt is repaid oldest first, in burn order, charge or claw-back alike",
                   "", lends_heads, gives_whole_pages) {
    lab_plan plan = owing(100_cr);
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback = {coffer::shortfall::owed};
    lab<TestType> l{plan};
    auto pack = l.grant(10_cr, {.paid = usd(100)});
    l.w.charge({.amount = 15_cr, .request = "a"}).or_throw();  // 5 owed
    auto clawed = l.w.refund_purchase({.lot = pack, .money = usd(100)}).or_throw();
    l.w.charge({.amount = 3_cr, .request = "b"}).or_throw();
    CHECK(l.balance().debt == 18_cr);
    auto later = l.grant(7_cr, {.priority = 2, .effective = at("2026-01-02T00:00:00Z")});
    auto sooner = l.grant(9_cr, {.priority = 1, .effective = at("2026-01-02T00:00:00Z")});
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.balance().debt == 2_cr);
    l.w.sweep().or_throw();
    auto repaid = l.entries().of(entry_kind::repaid);
    REQUIRE(repaid.size() == 3);
    CHECK(taken(repaid[0].parts) == taken_list{{sooner, 5_cr}});
    CHECK(repaid[1].about == clawed.id);
    CHECK(taken(repaid[1].parts) == taken_list{{sooner, 4_cr}, {later, 6_cr}});
    CHECK(repaid[2].amount == 1_cr);
}

TEMPLATE_TEST_CASE(
    "rule 28: debt is repaid only from buckets that its action may use, each set "
    "for itself",
    "", lends_heads, gives_whole_pages) {
    lab_plan plan = owing(100_cr);
    plan.bonus.only.names = {"chat"};
    plan.cost.set("chat", coffer::cost::flat{10_cr});
    plan.cost.set("image", coffer::cost::flat{4_cr});
    lab<TestType> l{plan};
    l.books.debt_beside_credits = true;
    l.w.charge({.action = "image", .request = "older"}).or_throw();
    l.w.charge({.action = "chat", .request = "younger"}).or_throw();
    CHECK(l.balance().debt == 14_cr);

    auto promo = l.grant(30_cr, {.bucket = "bonus"});
    CHECK(l.balance().debt == 4_cr);  // the younger one, as the older may not use it
    CHECK(l.left(promo) == 20_cr);
    auto pack = l.grant(6_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.left(pack) == 2_cr);
    CHECK(l.left(promo) == 20_cr);
}

TEMPLATE_TEST_CASE("rule 8: dropped claw-back debt stays taken, and the lot is free of it", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = owing(0_cr, true);
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback = {coffer::shortfall::owed};
    lab<TestType> l{plan};
    l.start();
    auto pack = l.grant(100_cr, {.paid = usd(1000)});
    l.w.charge({.amount = 80_cr, .request = "c"}).or_throw();
    l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw();
    CHECK(l.balance().debt == 30_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().debt == 0_cr);
    // Nothing is short any more: what comes back is available, as only a part was revoked.
    refund(l, "c", 10_cr);
    CHECK(l.available() == 10_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw().owed.minor_units() == 0);
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 28: a new plan repays debt in its own burn order", "", lends_heads,
                   gives_whole_pages) {
    using key = coffer::order_key;
    lab_plan before;
    before.order = coffer::spend_order::by{key::id};
    before.bonus.only.names = {"chat"};
    before.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    lab_plan after;
    after.order = coffer::spend_order::by{key::newest};
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets old_terms{before, store, clock};
    auto w = old_terms["w"];
    w.charge({.amount = 3_cr}).or_throw();
    w.grant({.bucket = "bonus", .amount = 5_cr}).or_throw();
    clock.advance(1h);
    const auto newest = w.grant({.bucket = "bonus", .amount = 5_cr}).or_throw().lot;
    CHECK(w.balance()->debt == 3_cr);

    coffer::wallets new_terms{after, store, clock};
    new_terms["w"].sweep().or_throw();
    const auto repaid = read_journal(store, "w").of(coffer::entry_kind::repaid);
    REQUIRE(repaid.size() == 1);
    CHECK(repaid[0].parts[0].lot == newest);
}
