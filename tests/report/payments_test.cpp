// Who paid for what: payments agree with receipts, refunds, debt that is repaid later, and with the
// lots that they name.
#include "report/questions_fixture.hpp"

#include <coffer/report/payments.hpp>

#include <map>

using namespace coffer_test;

TEMPLATE_TEST_CASE("a spend names the lots that paid, with their share of what they had cost", "",
                   lends_heads, gives_whole_pages) {
    question_lab<TestType> l{priced_plan()};
    auto gift = l.grant(2_cr, {.priority = 1});
    auto pack = l.grant(9_cr, {.priority = 2, .paid = usd(100)});
    auto spend = l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();

    const auto paid = l.w.paid_by(spend.id).or_throw();
    REQUIRE(paid.size() == 2);
    CHECK(paid[0].lot == gift);
    CHECK(paid[0].amount == 2_cr);
    CHECK_FALSE(paid[0].share.has_currency());
    CHECK(paid[1].lot == pack);
    CHECK(paid[1].amount == 2_cr);
    CHECK(paid[1].share == usd(22));  // 100 × 2 ÷ 9, rounded down
    CHECK(paid[1].bucket == "package");
    CHECK(paid[1].spend == spend.id);
    CHECK_FALSE(paid[1].of_debt);
    CHECK(l.w.paid_by(coffer::request_id{"c"}).or_throw() == paid);
    CHECK(l.w.paid_from(pack).or_throw() == std::vector{paid[1]});
    CHECK(l.w.paid_from(gift).or_throw() == std::vector{paid[0]});

    l.w.refund({.charge = "c", .amount = 3_cr}).or_throw();  // the pack's 2, then 1 of the gift
    CHECK(l.w.paid_by(spend.id).or_throw().size() == 1);
    CHECK(l.w.paid_by(spend.id).or_throw()[0].amount == 1_cr);
    CHECK(l.w.paid_from(pack).or_throw().empty());
}

TEMPLATE_TEST_CASE("what repays debt later has paid for the spend that made it", "", lends_heads,
                   gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    question_lab<TestType> l{plan};
    auto first = l.grant(3_cr);
    auto spend = l.w.charge({.amount = 8_cr, .request = "c"}).or_throw();
    CHECK(l.w.paid_by(spend.id).or_throw().size() == 1);
    auto second = l.grant(2_cr);
    auto third = l.grant(10_cr);

    auto paid = l.w.paid_by(spend.id).or_throw();
    REQUIRE(paid.size() == 3);
    CHECK((paid[0].lot == first && paid[0].amount == 3_cr && !paid[0].of_debt));
    CHECK((paid[1].lot == second && paid[1].amount == 2_cr && paid[1].of_debt));
    CHECK((paid[2].lot == third && paid[2].amount == 3_cr && paid[2].of_debt));
    CHECK(l.w.paid_from(third).or_throw() == std::vector{paid[2]});

    l.w.refund({.charge = "c", .amount = 4_cr}).or_throw();  // the repaid part first, latest first
    paid = l.w.paid_by(spend.id).or_throw();
    REQUIRE(paid.size() == 2);
    CHECK((paid[0].lot == first && paid[0].amount == 3_cr));
    CHECK((paid[1].lot == second && paid[1].amount == 1_cr && paid[1].of_debt));
    CHECK(l.w.paid_from(third).or_throw().empty());
}

TEMPLATE_TEST_CASE("a settled hold is asked about by its request, its hold or its settle", "",
                   lends_heads, gives_whole_pages) {
    question_lab<TestType> l{priced_plan()};
    auto lot = l.grant(10_cr);
    auto hold = l.w.hold({.amount = 6_cr, .request = "h"}).or_throw();
    const coffer::entry_id opened{hold.id().value()};
    CHECK(l.w.paid_by(opened) == coffer::errc::unknown_charge);  // nothing is spent yet
    auto settled = hold.settle({.amount = 4_cr}).or_throw();

    const auto paid = l.w.paid_by(settled.id).or_throw();
    REQUIRE(paid.size() == 1);
    CHECK(paid[0].amount == 4_cr);
    CHECK(paid[0].spend == settled.id);
    CHECK(l.w.paid_by(opened).or_throw() == paid);
    CHECK(l.w.paid_by(coffer::request_id{"h"}).or_throw() == paid);
    CHECK(l.w.paid_from(lot).or_throw() == paid);

    l.w.hold({.amount = 6_cr, .request = "released"}).or_throw().release().or_throw();
    CHECK(l.w.paid_by(coffer::request_id{"released"}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_from(lot).or_throw() == paid);
}

TEMPLATE_TEST_CASE("what is no spend and what is no lot has no payments", "", lends_heads,
                   gives_whole_pages) {
    question_lab<TestType> l{priced_plan()};
    auto lot = l.grant(10_cr, {.request = "g"});
    CHECK(l.w.paid_by(coffer::entry_id{lot.value()}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::entry_id{}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::entry_id{77}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::request_id{"g"}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_by(coffer::request_id{"never"}) == coffer::errc::unknown_charge);
    CHECK(l.w.paid_from(coffer::lot_id{77}) == coffer::errc::unknown_lot);
    CHECK(l.w.paid_from(coffer::lot_id{}) == coffer::errc::unknown_lot);
    CHECK(l.w.paid_from(lot).or_throw().empty());
}

TEMPLATE_TEST_CASE("what repays a claw-back is no payment for a spend", "", lends_heads,
                   gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback.answer = coffer::shortfall::owed;
    question_lab<TestType> l{plan};
    auto disputed = l.grant(10_cr, {.paid = usd(1'000)});
    auto spend = l.charge(10_cr);
    l.w.dispute({.lot = disputed, .state = dispute_state::opened}).or_throw();
    auto fresh = l.grant(15_cr);
    CHECK(l.available() == 5_cr);
    CHECK(l.w.paid_from(fresh).or_throw().empty());
    CHECK(l.w.paid_from(disputed).or_throw().size() == 1);
    CHECK(l.w.paid_by(spend.id).or_throw()[0].lot == disputed);
}

TEMPLATE_TEST_CASE("payments agree both ways, with refunds, and with what is still owed", "",
                   lends_heads, gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        const bool takes_back = seed % 2 == 0;
        life<TestType> random{seed, takes_back};
        random.live(steps);
        auto& w = random.l.w;
        random.l.w.sweep().or_throw();
        const journal whole = random.l.entries();
        const coffer::account stored = random.l.stored();

        std::map<std::uint32_t, std::vector<coffer::payment>> by_lot;
        for (const coffer::entry& e : whole.entries) {
            if (e.kind != entry_kind::charged && e.kind != entry_kind::settled) continue;
            CAPTURE(e.id.value());
            std::int64_t unpaid = 0;  // owed, or dropped and gone
            std::int64_t refunded = 0;
            for (const coffer::debt& d : stored.rest->debts) {
                if (d.charge == e.id) unpaid += d.open.micros();
            }
            for (const coffer::entry& other : whole.entries) {
                if (other.about != e.id) continue;
                if (other.kind == entry_kind::debt_dropped) unpaid += other.debt.micros();
                if (other.kind != entry_kind::refunded) continue;
                unpaid -= other.uncollected.micros();
                refunded += other.amount.micros();
            }
            std::int64_t paid = 0;
            for (const coffer::payment& p : w.paid_by(e.id).or_throw()) {
                CHECK(p.amount.is_positive());
                CHECK(p.spend == e.id);
                paid += p.amount.micros();
                by_lot[p.lot.value()].push_back(p);
            }
            CHECK(paid == e.amount.micros() - refunded - unpaid);
        }
        for (const coffer::lot& l : w.lots().or_throw()) {
            CAPTURE(l.id.value());
            const auto paid_for = w.paid_from(l.id).or_throw();
            CHECK(paid_for == by_lot[l.id.value()]);
            if (takes_back) continue;  // such a lot may have repaid a claw-back, too
            std::int64_t sum = 0;
            for (const coffer::payment& p : paid_for) sum += p.amount.micros();
            CHECK(l.spent.micros() == sum);
        }
    }
}
