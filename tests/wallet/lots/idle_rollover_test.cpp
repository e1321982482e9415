#include "support/wallet_fixture.hpp"

#include <coffer/report/lot_name.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

using namespace coffer_test;

namespace {

lab_plan daily(any_rollover rule) {
    lab_plan plan;
    plan.budget.refill = {.length = coffer::days{1}, .amount = 50_cr};
    plan.budget.rollover = rule;
    return plan;
}

template <class Lab>
std::size_t lots_with_credits(Lab& l) {
    const auto lots = l.w.lots().or_throw();
    return static_cast<std::size_t>(
        std::count_if(lots.begin(), lots.end(),
                      [](const coffer::lot& each) { return !each.available.is_zero(); }));
}

template <class Lab>
std::size_t entries_of(Lab& l, coffer::entry_kind kind) {
    return l.entries().of(kind).size();
}

}  // namespace

TEMPLATE_TEST_CASE("rollover: what rolls whole for two years takes one entry a period and no lot",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{}})};
    l.start();
    l.go("2028-01-01T00:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.available() == 36'550_cr);
    CHECK(lots_with_credits(l) == 731);
    CHECK(l.w.lots().or_throw().size() == 731);
    CHECK(entries_of(l, coffer::entry_kind::period_began) == 731);
    CHECK(entries_of(l, coffer::entry_kind::rolled) == 0);
    CHECK(entries_of(l, coffer::entry_kind::reordered) == 0);
    CHECK(l.w.balance().or_throw().buckets[0].available == 36'550_cr);
    CHECK(l.w.verify().or_throw().sound);
}

TEMPLATE_TEST_CASE(
    "rollover: under a cap, a period's end takes an entry a lot that loses something", "",
    lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::capped{.limit = 500_cr}})};
    l.start();
    l.go("2028-01-01T00:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.available() == 550_cr);
    CHECK(lots_with_credits(l) == 11);
    CHECK(entries_of(l, coffer::entry_kind::period_began) == 731);
    CHECK(entries_of(l, coffer::entry_kind::forfeited) == 720);
    CHECK(entries_of(l, coffer::entry_kind::rolled) == 0);
    CHECK(l.w.verify().or_throw().sound);
}

TEMPLATE_TEST_CASE(
    "rollover: a lot that rolled whole has the name and the terms of its newest roll", "",
    lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{}})};
    const auto first = l.start();
    l.go("2026-01-06T00:00:00Z");
    CHECK(l.w.name_of(first) == "budget#0~5");
    const auto rolled = l.lot(first);
    CHECK(rolled.terms.origin == coffer::lot_origin::rolled);
    CHECK(rolled.terms.ordinal == 5);
    CHECK(rolled.terms.from == first);
    CHECK(rolled.terms.cycle == 5);
    CHECK(rolled.terms.effective == at("2026-01-06T00:00:00Z"));
    CHECK(rolled.terms.lapses == at("2026-01-07T00:00:00Z"));
    CHECK(rolled.granted == 50_cr);
    CHECK(rolled.rolled == 0_cr);
}

TEMPLATE_TEST_CASE("rollover: what was spent from before a roll keeps the name that it had", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{}})};
    const auto first = l.start();
    l.go("2026-01-06T12:00:00Z");
    l.charge(20_cr);
    CHECK(l.w.name_of(first) == "budget#0~5");
    l.go("2026-01-09T12:00:00Z");
    CHECK(l.w.name_of(first) == "budget#0~5");
    CHECK(l.lot(first).available == 0_cr);
    CHECK(l.lot(first).spent == 20_cr);
    CHECK(l.lot(first).rolled == 30_cr);
    std::vector<std::string> rest;
    l.w.sweep().or_throw();
    for (const coffer::lot& each : l.w.lots().or_throw()) {
        if (each.available == 30_cr) rest.push_back(l.w.name_of(each.id).or_throw());
    }
    CHECK(rest == std::vector<std::string>{"budget#0~8"});
    CHECK(l.available() == 430_cr);
}

TEMPLATE_TEST_CASE("rollover: a refund of what was spent after silent rolls goes to the ended lot",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{}})};
    const auto first = l.start();
    l.go("2026-01-06T12:00:00Z");
    l.w.charge({.amount = 20_cr, .request = "c"}).or_throw();
    SECTION("in time, it is there again, and rolls by an entry of its own") {
        l.w.refund({.charge = "c"}).or_throw();
        CHECK(l.lot(first).available == 50_cr);
        l.go("2026-01-07T12:00:00Z");
        l.w.sweep().or_throw();
        CHECK(l.w.name_of(first) == "budget#0~5");
        CHECK(l.lot(first).rolled == 50_cr);
        CHECK(l.available() == 350_cr);
    }
    SECTION("after the next roll it is lost") {
        l.go("2026-01-07T12:00:00Z");
        l.w.refund({.charge = "c"}).or_throw();
        CHECK(l.lot(first).expired == 20_cr);
        CHECK(l.available() == 330_cr);
    }
    CHECK(l.audit() == "");
}

TEMPLATE_TEST_CASE("rollover: what a hold took after silent rolls stays with the lot that ends", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{}})};
    const auto first = l.start();
    l.go("2026-01-06T12:00:00Z");
    auto held = l.w.hold({.amount = 70_cr, .expires_in = std::chrono::hours{48}}).or_throw();
    l.go("2026-01-07T12:00:00Z");
    CHECK(l.balance().held == 70_cr);
    CHECK(l.w.name_of(first) == "budget#0~5");
    CHECK(l.available() == 280_cr);
    held.release().or_throw();
    CHECK(l.lot(first).expired == 50_cr);
    CHECK(l.available() == 280_cr);
    CHECK(l.audit() == "");
}

TEMPLATE_TEST_CASE("rollover: a second start leaves what a hold has the end that its period had",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{}})};
    const auto first = l.start();
    l.go("2026-01-06T12:00:00Z");
    const auto held = l.w.hold({.amount = 70_cr, .expires_in = std::chrono::hours{48}}).or_throw();
    l.go("2026-01-06T18:00:00Z");
    l.start();
    CHECK(l.w.name_of(first) == "budget#0~5");
    CHECK(l.lot(first).held == 50_cr);
    CHECK(l.lot(first).terms.lapses == at("2026-01-07T00:00:00Z"));
    CHECK(l.audit() == "");
}

TEMPLATE_TEST_CASE("rollover: the first lot whose hops are used up ends, the others roll on", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{daily({coffer::rollover::all{.terms = {.hops = 30}}})};
    const auto first = l.start();
    l.go("2026-01-31T00:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.w.name_of(first) == "budget#0~30");
    CHECK(l.available() == 1'550_cr);
    l.go("2026-03-12T00:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.w.name_of(first) == "budget#0~30");
    CHECK(l.lot(first).expired == 50_cr);
    CHECK(l.available() == 1'550_cr);
    CHECK(entries_of(l, coffer::entry_kind::rolled) == 0);
    CHECK(entries_of(l, coffer::entry_kind::forfeited) == 40);
    CHECK(l.w.verify().or_throw().sound);
}
