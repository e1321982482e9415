#include "support/wallet_fixture.hpp"

#include <coffer/report/balance.hpp>

using namespace coffer_test;

TEMPLATE_TEST_CASE("rule 39: a balance is never one number", "", lends_heads, gives_whole_pages) {
    lab_plan plan = monthly_plan(100_cr);
    plan.overdraft = {coffer::overdraft::limit{.amount = 50_cr}};
    lab<TestType> l{plan};
    l.start();
    l.grant(40_cr);
    auto hold = l.w.hold({.amount = 30_cr}).or_throw();
    l.w.charge({.amount = 10_cr, .request = "c"}).or_throw();
    l.w.refund({.charge = "c", .amount = 4_cr}).or_throw();

    auto b = l.balance();
    CHECK(b.available == 104_cr);
    CHECK(b.held == 30_cr);
    CHECK(b.debt == 0_cr);
    CHECK(b.used == 6_cr);
    CHECK(b.allowance == 100_cr);
    REQUIRE(b.running);
    CHECK(b.running->from == at("2026-01-01T00:00:00Z"));
    CHECK(b.running->until == at("2026-02-01T00:00:00Z"));
    REQUIRE(b.buckets.size() >= 2);
    CHECK(b.buckets[0].bucket == coffer::bucket_id::of("budget"));
    CHECK(b.buckets[0].available == 64_cr);
    CHECK(b.buckets[0].allowance == 100_cr);
    REQUIRE(b.buckets[0].running);
    CHECK(b.buckets[0].running->until == at("2026-02-01T00:00:00Z"));
    CHECK(b.available_in(coffer::bucket_id::of("package")) == 40_cr);

    CHECK(hold.settle());
    CHECK(l.balance().used == 36_cr);
    l.charge(154_cr);
    CHECK(l.balance().debt == 50_cr);
    CHECK(l.balance().available == 0_cr);
    CHECK(l.balance().used == 190_cr);

    l.go("2026-02-01T00:00:00Z");  // a new period: the debt is repaid from its allowance
    CHECK(l.balance().available == 50_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.balance().used == 0_cr);
    CHECK(l.balance().running->index == 1);
}

TEMPLATE_TEST_CASE("rule 39: a wallet nobody has touched has a balance of nothing", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    CHECK(l.balance().available == 0_cr);
    CHECK(l.w.lots().or_throw().empty());
    CHECK(l.w.holds().or_throw().empty());
    CHECK(l.w.sweep() == std::size_t{0});
    CHECK(l.entry_count() == 0);
    CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::insufficient_credits);
}
