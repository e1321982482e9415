#include "support/wallet_fixture.hpp"

#include <map>
#include <string>

using namespace coffer_test;
using coffer::lot_origin;
namespace rollover = coffer::rollover;

namespace {

lab_plan rolling(any_rollover rule, coffer::credits allowance = 100_cr) {
    lab_plan plan;
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    plan.budget.rollover = rule;
    return plan;
}

/// What is left of the allowances, each as "period~hops": what was granted for that period first.
template <class Lab>
std::map<std::string, coffer::credits> allowances(Lab& l) {
    std::map<std::string, coffer::credits> left;
    l.w.sweep().or_throw();
    for (const coffer::lot& each : l.w.lots().or_throw()) {
        if (each.available.is_zero() || !each.terms.is_allowance()) continue;
        const std::string name = l.w.name_of(each.id).or_throw();
        left[name.substr(name.find('#') + 1)] = each.available;
    }
    return left;
}
using by_name = std::map<std::string, coffer::credits>;

}  // namespace

TEMPLATE_TEST_CASE("rollover: credits hop at most so often", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::all{.terms = {.hops = 2}})};
    l.start();
    l.charge(40_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"0~1", 60_cr}, {"1", 100_cr}});
    l.go("2026-03-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"0~2", 60_cr}, {"1~1", 100_cr}, {"2", 100_cr}});
    l.charge(10_cr);
    l.go("2026-04-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"1~2", 100_cr}, {"2~1", 100_cr}, {"3", 100_cr}});
    l.w.sweep().or_throw();
    auto lost = l.entries().of(coffer::entry_kind::forfeited);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].amount == 50_cr);
}

TEMPLATE_TEST_CASE("rollover: no hops are no rollover", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::all{.terms = {.hops = 0}})};
    l.start();
    l.go("2026-03-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"2", 100_cr}});
}

TEMPLATE_TEST_CASE("rollover: the rule gets the sum of what may still hop, and no more", "",
                   lends_heads, gives_whole_pages) {
    SECTION("a cap") {
        lab<TestType> l{rolling(rollover::capped{120_cr, {.hops = 1}})};
        l.start();
        l.charge(30_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"0~1", 70_cr}, {"1", 100_cr}});
        l.go("2026-03-01T00:00:00Z");  // of 100, not of 170
        CHECK(allowances(l) == by_name{{"1~1", 100_cr}, {"2", 100_cr}});
    }
    SECTION("a fraction") {
        lab<TestType> l{rolling(rollover::fraction{1, 4, {.hops = 1}})};
        l.start();
        l.charge(2_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"0~1", 24.5_cr}, {"1", 100_cr}});
        l.go("2026-03-01T00:00:00Z");  // a quarter of 100
        CHECK(allowances(l) == by_name{{"1~1", 25_cr}, {"2", 100_cr}});
    }
    SECTION("a fraction of several lots is one amount") {
        lab<TestType> l{rolling(rollover::fraction{1, 2})};
        l.start();
        l.go("2026-02-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"0~1", 50_cr}, {"1", 100_cr}});
        l.go("2026-03-01T00:00:00Z");  // 75 of 150; trimmed are the oldest 50 and 25
        CHECK(allowances(l) == by_name{{"1~1", 75_cr}, {"2", 100_cr}});
    }
}

TEMPLATE_TEST_CASE("rollover: the rest is trimmed from the oldest, or from the newest", "",
                   lends_heads, gives_whole_pages) {
    auto from = GENERATE(coffer::trim::oldest, coffer::trim::newest);
    lab<TestType> l{rolling(rollover::capped{210_cr, {.trim = from}})};
    l.start();
    l.charge(10_cr);
    l.go("2026-03-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"0~2", 90_cr}, {"1~1", 100_cr}, {"2", 100_cr}});
    l.go("2026-04-01T00:00:00Z");  // 290 may hop, 210 do
    if (from == coffer::trim::oldest) {
        CHECK(allowances(l) ==
              by_name{{"0~3", 10_cr}, {"1~2", 100_cr}, {"2~1", 100_cr}, {"3", 100_cr}});
    } else {
        CHECK(allowances(l) ==
              by_name{{"0~3", 90_cr}, {"1~2", 100_cr}, {"2~1", 20_cr}, {"3", 100_cr}});
    }
    CHECK(l.available() == 310_cr);
}

TEMPLATE_TEST_CASE("rollover: what may not hop any more is not trimmed in place of what may", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::capped{150_cr, {.hops = 2}})};
    l.start();
    l.go("2026-03-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"0~2", 50_cr}, {"1~1", 100_cr}, {"2", 100_cr}});
    l.go("2026-04-01T00:00:00Z");  // 200 may hop: the older of them loses 50
    CHECK(allowances(l) == by_name{{"1~2", 50_cr}, {"2~1", 100_cr}, {"3", 100_cr}});
}

TEMPLATE_TEST_CASE("rollover: what rolled is kept so long, counted from the first roll", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::all{.terms = {.keeps = coffer::days{40}}})};
    l.start();
    l.go("2026-02-01T00:00:00Z");
    auto once = l.lot(l.newest(lot_origin::rolled));
    CHECK(once.terms.expires == at("2026-03-13T00:00:00Z"));
    l.go("2026-03-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"0~2", 100_cr}, {"1~1", 100_cr}, {"2", 100_cr}});
    l.go("2026-03-12T23:59:59.999999Z");
    CHECK(l.available() == 300_cr);
    l.go("2026-03-13T00:00:00Z");
    CHECK(allowances(l) == by_name{{"1~1", 100_cr}, {"2", 100_cr}});
    l.go("2026-04-10T00:00:00Z");  // 40 days from 1 March
    CHECK(allowances(l) == by_name{{"2~1", 100_cr}, {"3", 100_cr}});
    l.w.sweep().or_throw();
    auto expired = l.entries().of(coffer::entry_kind::expired);
    REQUIRE(expired.size() == 2);
    CHECK(expired[0].at == at("2026-03-13T00:00:00Z"));
    CHECK(expired[1].at == at("2026-04-10T00:00:00Z"));
}

TEMPLATE_TEST_CASE("rollover: kept until the very end of a period is not rolled again", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::all{.terms = {.keeps = coffer::months{1}}})};
    l.start();
    l.go("2026-03-01T00:00:00Z");  // lots expire before the period ends
    CHECK(allowances(l) == by_name{{"1~1", 100_cr}, {"2", 100_cr}});
    l.w.sweep().or_throw();
    CHECK(l.entries().count(coffer::entry_kind::expired) == 1);
    CHECK(l.entries().count(coffer::entry_kind::forfeited) == 0);
}

TEMPLATE_TEST_CASE("rollover: the sooner of expiry and keeps bounds what rolled", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = rolling(rollover::all{.terms = {.keeps = coffer::days{20}}});
    SECTION("the first lot's own expiry is sooner") {
        plan.budget.expiry = {coffer::expiry::after{coffer::days{45}}};
        lab<TestType> l{plan};
        l.start();
        l.go("2026-02-14T23:59:59Z");
        CHECK(l.available() == 200_cr);
        l.go("2026-02-15T00:00:00Z");
        CHECK(l.available() == 100_cr);
    }
    SECTION("keeps is sooner") {
        plan.budget.expiry = {coffer::expiry::after{coffer::days{90}}};
        lab<TestType> l{plan};
        l.start();
        l.go("2026-02-20T23:59:59Z");
        CHECK(l.available() == 200_cr);
        l.go("2026-02-21T00:00:00Z");
        CHECK(l.available() == 100_cr);
    }
    SECTION("keeps is sooner than the end of the period that begins") {
        plan.budget.expiry = {coffer::expiry::at_period_end{}};
        lab<TestType> l{plan};
        l.start();
        l.go("2026-02-21T00:00:00Z");
        CHECK(l.available() == 100_cr);
    }
    SECTION("the period's end is sooner, and what may hop goes on within keeps") {
        plan = rolling(rollover::all{.terms = {.keeps = coffer::days{40}}});
        plan.budget.expiry = {coffer::expiry::at_period_end{}};
        lab<TestType> l{plan};
        l.start();
        l.go("2026-03-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"0~2", 100_cr}, {"1~1", 100_cr}, {"2", 100_cr}});
        l.go("2026-03-13T00:00:00Z");
        CHECK(allowances(l) == by_name{{"1~1", 100_cr}, {"2", 100_cr}});
    }
}

TEMPLATE_TEST_CASE("rollover: a share caps by the ending period's allowance, rounded down", "",
                   lends_heads, gives_whole_pages) {
    SECTION("not by what is left") {
        lab<TestType> l{rolling(rollover::capped_share{1, 4}, 200_cr)};
        l.start();
        l.charge(30_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"0~1", 50_cr}, {"1", 200_cr}});
        l.charge(220_cr);
        l.go("2026-03-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"1~1", 30_cr}, {"2", 200_cr}});
    }
    SECTION("rounded down to the millionth") {
        lab<TestType> l{rolling(rollover::capped_share{33, 100}, 0.000010_cr)};
        l.start();
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 0.000013_cr);
    }
    SECTION("bounds all that may hop together") {
        lab<TestType> l{rolling(rollover::capped_share{3, 2})};
        l.start();
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 200_cr);
        l.go("2026-03-01T00:00:00Z");
        CHECK(allowances(l) == by_name{{"0~2", 50_cr}, {"1~1", 100_cr}, {"2", 100_cr}});
    }
}

TEMPLATE_TEST_CASE("rollover: a second start rolls over like a period's end", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{rolling(rollover::capped{30_cr, {.hops = 1}})};
    l.start();
    l.charge(60_cr);
    l.go("2026-01-20T00:00:00Z");
    l.start();
    CHECK(allowances(l) == by_name{{"0~1", 30_cr}, {"1", 100_cr}});
    l.go("2026-02-20T00:00:00Z");
    CHECK(allowances(l) == by_name{{"1~1", 30_cr}, {"2", 100_cr}});
}

TEMPLATE_TEST_CASE(
    "rollover: what is held at the period's end does not roll, nor count for the "
    "cap",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::capped{50_cr})};
    auto january = l.start();
    l.go("2026-01-31T23:59:00Z");
    auto hold = l.w.hold({.amount = 70_cr, .expires_in = 1h}).or_throw();
    l.go("2026-02-01T00:00:00Z");
    CHECK(allowances(l) == by_name{{"0~1", 30_cr}, {"1", 100_cr}});
    CHECK(hold.settle({.amount = 20_cr}));
    CHECK(l.lot(january).expired == 50_cr);
    CHECK(l.available() == 130_cr);
}

TEMPLATE_TEST_CASE("rollover: a refund into a lot that rolled on follows restore", "", lends_heads,
                   gives_whole_pages) {
    auto regrants = GENERATE(false, true);
    lab_plan plan = rolling(rollover::all{.terms = {.hops = 1}});
    if (regrants) plan.budget.restore = {coffer::days{7}};
    lab<TestType> l{plan};
    auto january = l.start();
    l.w.charge({.amount = 40_cr, .request = "c"}).or_throw();
    l.go("2026-02-10T00:00:00Z");
    CHECK(l.available() == 160_cr);
    l.w.refund({.charge = "c"}).or_throw();
    if (regrants) {
        CHECK(l.available() == 200_cr);
        CHECK(l.lot(january).rolled == 100_cr);
        l.go("2026-02-17T00:00:00Z");  // a re-grant is no allowance: it does not roll
    } else {
        CHECK(l.lot(january).expired == 40_cr);
    }
    CHECK(l.available() == 160_cr);
}

TEMPLATE_TEST_CASE("rollover: a hop that ends a bucket's allowance loses nothing on the way", "",
                   lends_heads, gives_whole_pages) {
    auto trim = GENERATE(coffer::trim::oldest, coffer::trim::newest);
    auto hops = GENERATE(as<std::uint16_t>{}, 1, 2, 5);
    lab<TestType> l{rolling(
        rollover::fraction{2, 3, {.hops = hops, .keeps = coffer::days{50}, .trim = trim}}, 7_cr)};
    l.start();
    for (int i = 0; i < 60; ++i) {
        l.clock.advance(std::chrono::hours{24 * 5});
        if (i % 7 == 0) (void)l.w.charge({.amount = 3.333333_cr});
    }
    l.w.sweep().or_throw();
    CHECK(l.audit() == "");
    CHECK(l.entries().count(coffer::entry_kind::period_began) == 10);
}

TEMPLATE_TEST_CASE("rollover: what a policy of one's own answers out of contract is refused", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{rolling(rollover::capped_share{1, 0})};
    l.start();
    l.go("2026-02-01T00:00:00Z");
    unchanged same{l};
    CHECK(l.w.balance() == coffer::errc::policy_contract);
    CHECK(l.w.sweep() == coffer::errc::policy_contract);
}
