#include "support/wallet_fixture.hpp"
#include "wallet/clawback/dispute_fixture.hpp"

#include <coffer/perform/clawback.hpp>
#include <coffer/plan/ready.hpp>

using namespace coffer_test;
using coffer::errc;
using coffer::shortfall;

namespace {

/// Packages that are refunded in full, whatever was spent; what is spent is clawed back like that.
lab_plan clawing(shortfall of_spent) {
    lab_plan plan;
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback = {of_spent};
    return plan;
}

template <class Lab>
coffer::claim claim_on(Lab& l, coffer::lot_id lot) {
    const coffer::account a = l.stored();
    const coffer::claim* found = find_claim(a, lot);
    return found ? *found : coffer::claim{};
}

}  // namespace

TEMPLATE_TEST_CASE("rule 28: refuse is refund_exceeds where credits are spent or held", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::refused)};
    auto pack = buy_and_spend(l, 30_cr);
    SECTION("spent") {
        {
            unchanged same{l};
            auto refused = l.w.refund_purchase({.lot = pack, .money = usd(701)});
            REQUIRE(refused == errc::refund_exceeds);
            CHECK(refused.error().acceptable() == 70_cr);
        }
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(700)}).or_throw().owed == usd(700));
        CHECK(l.available() == 0_cr);
    }
    SECTION("held") {
        auto hold = l.w.hold({.amount = 20_cr}).or_throw();
        {
            unchanged same{l};
            CHECK(l.w.refund_purchase({.lot = pack, .money = usd(501)}) == errc::refund_exceeds);
        }
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(500)}));
        CHECK(l.balance().held == 20_cr);
        CHECK(hold.release());
        CHECK(l.available() == 20_cr);
    }
    SECTION("what expired is not asked for") {
        auto fresh = l.grant(
            100_cr, {.priority = 0, .expires = at("2026-01-05T00:00:00Z"), .paid = usd(1000)});
        l.go("2026-01-05T00:00:00Z");
        CHECK(l.w.refund_purchase({.lot = fresh, .money = usd(1000)}).or_throw().owed == usd(1000));
        CHECK(l.lot(fresh).expired == 100_cr);
        CHECK(l.lot(fresh).voided == 0_cr);
    }
    CHECK(l.balance().debt == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: clamp revokes the rest and never collects the shortfall", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::uncollected)};
    auto pack = buy_and_spend(l, 30_cr);
    auto r = l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
    CHECK(r.owed == usd(1000));
    CHECK(r.cost == 100_cr);
    CHECK(l.lot(pack).voided == 70_cr);
    CHECK(l.lot(pack).spent == 30_cr);
    CHECK(l.lot(pack).revoked);
    CHECK(claim_on(l, pack).uncollected == 30_cr);
    CHECK(l.balance().debt == 0_cr);
    l.grant(50_cr);
    l.go("2027-01-01T00:00:00Z");
    CHECK(l.available() == 50_cr);
    CHECK(claim_on(l, pack).uncollected == 30_cr);
    CHECK(l.entries().count(coffer::entry_kind::repaid) == 0);
}

TEST_CASE("rule 28: a plan that says nothing of claw-backs clamps") {
    CHECK(coffer::detail::shortfall_of(coffer::plans::prepaid<>{}) == shortfall::uncollected);
}

TEMPLATE_TEST_CASE("rule 28: negative makes the shortfall debt, repaid first by what arrives", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto pack = buy_and_spend(l, 30_cr);
    CHECK(l.balance().used == 30_cr);
    SECTION("nothing else is there") {
        auto r = l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
        CHECK(r.debt == 30_cr);
        CHECK(l.balance().debt == 30_cr);
        CHECK(l.available() == 0_cr);
        CHECK(l.w.charge({.amount = micros(1)}) == errc::insufficient_credits);
        auto top_up = l.grant(50_cr);
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.left(top_up) == 20_cr);
        auto repaid = l.entries().of(coffer::entry_kind::repaid);
        REQUIRE(repaid.size() == 1);
        CHECK(repaid[0].about == r.id);
        CHECK(taken(repaid[0].parts) == taken_list{{top_up, 30_cr}});
    }
    SECTION("other credits are there: at once") {
        auto other = l.grant(50_cr, {.priority = 2});
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}));
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.left(other) == 20_cr);
    }
    SECTION("debt of a claw-back is not bounded by the overdraft") {
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(800)}).or_throw().debt == 10_cr);
    }
    CHECK(l.balance().used == 30_cr);  // a claw-back is no use
}

TEMPLATE_TEST_CASE("rule 28: claw-back debt is repaid from buckets without only", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = clawing(shortfall::owed);
    plan.bonus.only.names = {"chat"};
    plan.cost.set("chat", coffer::cost::flat{1_cr});
    lab<TestType> l{plan};
    l.books.debt_beside_credits = true;
    auto pack = buy_and_spend(l, 30_cr);
    auto promo = l.grant(40_cr, {.bucket = "bonus"});
    l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
    CHECK(l.balance().debt == 30_cr);
    CHECK(l.left(promo) == 40_cr);
    CHECK(l.w.charge({.action = "chat"}));
    auto other = l.grant(35_cr, {.bucket = "budget"});
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.left(other) == 5_cr);
    CHECK(l.left(promo) == 39_cr);
}

TEMPLATE_TEST_CASE("rule 28: what comes back lowers the shortfall first, then is available", "",
                   lends_heads, gives_whole_pages) {
    auto how = GENERATE(shortfall::uncollected, shortfall::owed);
    lab<TestType> l{clawing(how)};
    auto pack = buy_and_spend(l, 80_cr);
    l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw();  // 20 there, 30 short
    auto short_by = [&] { return l.balance().debt + claim_on(l, pack).uncollected; };
    CHECK(short_by() == 30_cr);
    CHECK(l.available() == 0_cr);

    l.w.refund({.charge = "c", .amount = 20_cr}).or_throw();
    CHECK(short_by() == 10_cr);
    CHECK(l.available() == 0_cr);
    l.w.refund({.charge = "c", .amount = 25_cr}).or_throw();
    CHECK(short_by() == 0_cr);
    CHECK(l.available() == 15_cr);
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.left(pack) == 50_cr);
    CHECK(l.lot(pack).voided == 50_cr);
    CHECK(l.lot(pack).spent == 0_cr);
    CHECK(claim_on(l, pack).taken == 50_cr);
    CHECK(taken(l.w, l.charge(50_cr)) == taken_list{{pack, 50_cr}});
}

TEMPLATE_TEST_CASE("rule 28: what comes back to a lot that was revoked whole is voided", "",
                   lends_heads, gives_whole_pages) {
    auto how = GENERATE(shortfall::uncollected, shortfall::owed);
    lab<TestType> l{clawing(how)};
    auto pack = buy_and_spend(l, 80_cr);
    auto hold = l.w.hold({.amount = 15_cr}).or_throw();
    l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
    CHECK(l.balance().debt == (how == shortfall::owed ? 95_cr : 0_cr));
    CHECK(hold.settle({.amount = 5_cr}));
    CHECK(l.balance().debt == (how == shortfall::owed ? 85_cr : 0_cr));
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.balance().debt == (how == shortfall::owed ? 5_cr : 0_cr));
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(pack).voided == 95_cr);
    CHECK(l.lot(pack).spent == 5_cr);
}

TEMPLATE_TEST_CASE("rule 28: held credits count as spent; what the hold gives back is collected",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto pack = buy_and_spend(l, 0_cr);
    auto hold = l.w.hold({.amount = 80_cr, .expires_in = 1h}).or_throw();
    l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw();
    CHECK(l.balance().debt == 30_cr);
    CHECK(l.balance().held == 80_cr);
    SECTION("released") {
        CHECK(hold.release());
        CHECK(l.left(pack) == 50_cr);
    }
    SECTION("timed out") {
        l.go("2026-01-01T01:00:00Z");
        CHECK(l.left(pack) == 50_cr);
        (void)hold.detach();
    }
    SECTION("settled for less") {
        CHECK(hold.settle({.amount = 60_cr}));
        CHECK(l.left(pack) == 0_cr);
        CHECK(l.balance().debt == 10_cr);
        l.grant(10_cr);
    }
    SECTION("settled whole: what other credits repaid stays repaid") {
        l.grant(30_cr);
        CHECK(hold.settle());
        CHECK(l.available() == 0_cr);
        CHECK(l.lot(pack).spent == 80_cr);
    }
    CHECK(l.balance().debt == 0_cr);
}

TEMPLATE_TEST_CASE(
    "rule 28: repaid claw-back debt goes back to the lots that repaid it, the last "
    "first",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto pack = buy_and_spend(l, 60_cr);
    l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
    auto first = l.grant(25_cr, {.priority = 2});
    auto second = l.grant(20_cr, {.priority = 3});
    CHECK(l.balance().debt == 15_cr);

    l.w.refund({.charge = "c", .amount = 10_cr}).or_throw();  // still owed: lowers that
    CHECK(l.balance().debt == 5_cr);
    l.w.refund({.charge = "c", .amount = 15_cr}).or_throw();  // 5 owed, 10 to the last
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.left(second) == 10_cr);
    CHECK(l.left(first) == 0_cr);
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.left(second) == 20_cr);
    CHECK(l.left(first) == 25_cr);
    CHECK(l.left(pack) == 0_cr);
    CHECK(l.lot(pack).voided == 100_cr);
    CHECK(taken(l.w, l.charge(45_cr)) == taken_list{{first, 25_cr}, {second, 20_cr}});
}

TEMPLATE_TEST_CASE("rule 28: neither what expired nor what was voided is claimed", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto pack = l.grant(100_cr, {.expires = at("2026-01-10T00:00:00Z"), .paid = usd(1000)});
    l.charge(30_cr);
    SECTION("expired") { l.go("2026-01-10T00:00:00Z"); }
    SECTION("voided") { l.w.void_lot({.lot = pack, .amount = 50_cr}).or_throw(); }
    auto r = l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
    CHECK(r.debt == 30_cr);
    CHECK(l.balance().debt == 30_cr);
    CHECK(l.available() == 0_cr);
    CHECK(r.owed == usd(1000));
}

TEMPLATE_TEST_CASE("rule 28: what is spent is claimed once, also over several refunds", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = clawing(shortfall::owed);
    plan.debt_at_reset = {true};
    lab<TestType> l{plan};
    l.start();
    auto pack = l.grant(100_cr, {.expires = at("2026-01-10T00:00:00Z"), .paid = usd(1000)});
    l.charge(50_cr);
    l.go("2026-01-10T00:00:00Z");  // 50 are spent, 50 expired

    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw().debt == 50_cr);
    SECTION("while it is owed") {
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().debt == 0_cr);
        CHECK(l.balance().debt == 50_cr);
    }
    SECTION("when it was repaid") {
        auto top_up = l.grant(70_cr);
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().debt == 0_cr);
        CHECK(l.left(top_up) == 20_cr);
    }
    SECTION("when it was dropped") {
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().debt == 0_cr);
        CHECK(l.balance().debt == 0_cr);
    }
}

TEMPLATE_TEST_CASE("rule 28: a lot that is not yet effective is taken back like any other", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto later = l.grant(100_cr, {.effective = at("2026-02-01T00:00:00Z"), .paid = usd(1000)});
    auto part = l.w.refund_purchase({.lot = later, .money = usd(333)}).or_throw();
    CHECK(part.cost == 33.3_cr);
    CHECK(part.debt == 0_cr);
    CHECK(l.lot(later).available == 66.7_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 66.7_cr);
    CHECK(l.w.refund_purchase({.lot = later, .money = usd(1000)}).or_throw().owed == usd(667));
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 27: a total of money revokes its share of the credits, rounded up", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::uncollected)};
    auto pack = l.grant(0.000010_cr, {.paid = usd(3)});
    auto one = l.w.refund_purchase({.lot = pack, .money = usd(1)}).or_throw();
    CHECK(one.owed == usd(1));
    CHECK(l.left(pack) == 0.000006_cr);  // ⌈10 / 3⌉ = 4 are gone
    auto two = l.w.refund_purchase({.lot = pack, .money = usd(2)}).or_throw();
    CHECK(two.owed == usd(1));
    CHECK(l.left(pack) == 0.000003_cr);  // ⌈20 / 3⌉ = 7
    auto three = l.w.refund_purchase({.lot = pack, .money = usd(3)}).or_throw();
    CHECK(three.owed == usd(1));
    CHECK(l.left(pack) == 0_cr);
    CHECK(l.lot(pack).refunded == usd(3));
    CHECK(l.lot(pack).revoked);
}

TEMPLATE_TEST_CASE("rule 27: the money is a total: out of order or repeated it owes nothing", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::uncollected)};
    auto pack = buy_and_spend(l, 0_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(600), .request = "second"})
              .or_throw()
              .owed == usd(600));
    CHECK(l.left(pack) == 40_cr);
    auto late = l.w.refund_purchase({.lot = pack, .money = usd(250), .request = "first"});
    CHECK(late.or_throw().owed.minor_units() == 0);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(600)}).or_throw().owed.minor_units() == 0);
    auto again = l.w.refund_purchase({.lot = pack, .money = usd(600), .request = "second"});
    CHECK(again.or_throw().owed == usd(600));
    CHECK(again->repeated);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(600), .request = "first"}) ==
          errc::request_mismatch);
    CHECK(l.left(pack) == 40_cr);
    CHECK(l.lot(pack).refunded == usd(600));
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(601)}).or_throw().owed == usd(1));
    CHECK(l.left(pack) == 39.9_cr);
}

TEMPLATE_TEST_CASE("rule 27: more than was paid is refund_exceeds, other money makes no sense", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::uncollected)};
    auto pack = buy_and_spend(l, 0_cr);
    auto gift = l.grant(5_cr);
    unchanged same{l};
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1001)}) == errc::refund_exceeds);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(-1)}) == errc::invalid_argument);
    CHECK(l.w.refund_purchase({.lot = pack, .money = coffer::money::from_minor(5, "EUR")}) ==
          errc::invalid_argument);
    CHECK(l.w.refund_purchase({.lot = pack, .money = coffer::money{}}) == errc::invalid_argument);
    CHECK(l.w.refund_purchase({.lot = gift, .money = usd(1)}) == errc::not_refundable);
    CHECK(l.w.refund_purchase({.lot = coffer::lot_id{99}, .money = usd(1)}) == errc::unknown_lot);
}

TEMPLATE_TEST_CASE("rule 27: with basis unspent a total is bounded by the worth of the rest", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = clawing(shortfall::owed);
    plan.package.refund = {coffer::refund::within{.window = coffer::days{14}}};
    lab<TestType> l{plan};
    auto pack = buy_and_spend(l, 60_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(401)}) == errc::refund_exceeds);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(250)}).or_throw().owed == usd(250));
    CHECK(l.left(pack) == 15_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(401)}) == errc::refund_exceeds);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(400)}).or_throw().owed == usd(150));
    CHECK(l.available() == 0_cr);
    CHECK(l.balance().debt == 0_cr);
    // The charge had failed: its 60 are the customer's, who has paid for them.
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.available() == 60_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().owed == usd(600));
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 27: a full refund after a partial one owes the rest once", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto pack = buy_and_spend(l, 30_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(250)}).or_throw().owed == usd(250));
    CHECK(l.left(pack) == 45_cr);
    CHECK(l.w.refund_purchase({.lot = pack}).or_throw().owed == usd(750));
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(pack).refunded == usd(1000));
    CHECK(l.w.refund_purchase({.lot = pack}) == errc::refund_exceeds);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1001)}) == errc::refund_exceeds);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().owed.minor_units() ==
          0);
}

TEMPLATE_TEST_CASE("rule 26: a re-grant gets what a claw-back of its lot leaves", "", lends_heads,
                   gives_whole_pages) {
    auto how = GENERATE(shortfall::uncollected, shortfall::owed);
    lab_plan plan = clawing(how);
    plan.package.restore = {coffer::days{7}};
    lab<TestType> l{plan};
    auto pack = l.grant(100_cr, {.expires = at("2026-01-10T00:00:00Z"), .paid = usd(1000)});
    l.w.charge({.amount = 90_cr, .request = "c"}).or_throw();
    l.w.refund_purchase({.lot = pack, .money = usd(400)}).or_throw();  // 10 there, 30 short
    l.go("2026-01-20T00:00:00Z");

    l.w.refund({.charge = "c", .amount = 20_cr}).or_throw();
    CHECK(l.available() == 0_cr);
    CHECK(l.balance().debt + claim_on(l, pack).uncollected == 10_cr);
    CHECK_FALSE(l.newest(coffer::lot_origin::regranted));
    l.w.refund({.charge = "c"}).or_throw();
    auto anew = l.lot(l.newest(coffer::lot_origin::regranted));
    CHECK(anew.available == 60_cr);
    CHECK(anew.terms.expires == at("2026-01-27T00:00:00Z"));
    CHECK(l.available() == 60_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.lot(pack).voided == 40_cr);
    CHECK(l.lot(pack).rolled == 60_cr);
    CHECK(l.lot(pack).expired == 0_cr);
    CHECK(l.w.refund_purchase({.lot = anew.id}) == errc::not_refundable);
}

TEMPLATE_TEST_CASE(
    "rule 15: what goes back to an expired lot that repaid expires, and repays "
    "nothing more",
    "", lends_heads, gives_whole_pages) {
    lab_plan plan = clawing(shortfall::owed);
    plan.overdraft = {coffer::overdraft::limit{.amount = 100_cr}};
    lab<TestType> l{plan};
    auto pack = buy_and_spend(l, 0_cr);
    auto hold = l.w.hold({.amount = 10_cr, .expires_in = std::chrono::hours{24 * 30}}).or_throw();
    l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw();
    auto other = l.grant(10_cr, {.expires = at("2026-01-10T00:00:00Z")});
    CHECK(l.balance().debt == 0_cr);
    l.w.charge({.amount = 5_cr, .request = "on credit"}).or_throw();
    CHECK(l.balance().debt == 5_cr);

    l.go("2026-01-11T00:00:00Z");
    SECTION("released") { CHECK(hold.release()); }
    SECTION("timed out") { l.go("2026-02-01T00:00:00Z"); }
    if (hold.owns()) (void)hold.detach();
    CHECK(l.lot(other).expired == 10_cr);
    CHECK(l.balance().debt == 5_cr);
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: two purchases that repaid each other's claw-backs stay apart", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{clawing(shortfall::owed)};
    auto a = l.grant(100_cr, {.priority = 1, .paid = usd(1000)});
    auto b = l.grant(100_cr, {.priority = 2, .paid = usd(1000)});
    l.w.charge({.amount = 60_cr, .request = "of a"}).or_throw();
    auto of_b = l.w.hold({.amount = 140_cr}).or_throw();  // 40 of a, 100 of b
    CHECK(of_b.settle({.amount = 140_cr, .request = "of both"}));
    l.w.refund({.charge = "of both", .amount = 100_cr}).or_throw();
    CHECK(l.left(b) == 100_cr);

    // b repays a's 100, then b is taken back, too: all of it is spent on that.
    l.w.refund_purchase({.lot = a, .money = usd(1000)}).or_throw();
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.left(b) == 0_cr);
    l.w.refund_purchase({.lot = b, .money = usd(1000)}).or_throw();
    CHECK(l.balance().debt == 100_cr);
    // What comes back to a goes back to b, which owes it.
    l.w.refund({.charge = "of a"}).or_throw();
    CHECK(l.balance().debt == 40_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(a).voided == 60_cr);
    CHECK(l.lot(b).voided == 60_cr);
    l.w.refund({.charge = "of both"}).or_throw();
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 0_cr);
    CHECK(l.lot(a).voided == 100_cr);
    CHECK(l.lot(b).voided == 100_cr);
}

TEMPLATE_TEST_CASE("rule 12: claw-backs of the largest amounts overflow nothing", "", lends_heads,
                   gives_whole_pages) {
    auto how = GENERATE(shortfall::uncollected, shortfall::owed);
    lab<TestType> l{clawing(how)};
    const coffer::credits most = coffer::credits::max();
    auto pack = l.grant(most, {.paid = usd(1000)});
    l.w.charge({.amount = most, .request = "c"}).or_throw();
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(999)}));
    CHECK(l.w.refund({.charge = "c"}));
    CHECK(l.balance().debt == 0_cr);
    // ⌈max × 999 / 1000⌉ are taken.
    CHECK(l.available() == micros(most.micros() / 1'000));
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}));
    CHECK(l.available() == 0_cr);
}
