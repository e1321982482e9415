#include "support/wallet_fixture.hpp"

#include <coffer/ledger/period.hpp>
#include <coffer/ledger/turn.hpp>
#include <coffer/perform/subscription.hpp>
#include <coffer/time/detail/zone_file.hpp>

using namespace coffer_test;

namespace {

struct span {
    std::string_view from;
    std::string_view until;
};

/// Which period runs at that instant.
template <class Lab>
void check_period(Lab& l, std::string_view when, span expected) {
    CAPTURE(when);
    l.go(when);
    auto running = l.balance().running;
    REQUIRE(running);
    CHECK(running->from == at(expected.from));
    CHECK(running->until == at(expected.until));
}

lab_plan every(coffer::timespan length) {
    lab_plan plan = monthly_plan(10_cr);
    plan.budget.refill.length = length;
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 6: a month end is counted from the anchor, never from the month before",
                   "", lends_heads, gives_whole_pages) {
    SECTION("31 January") {
        lab<TestType> l{every(coffer::months{1}), "2025-01-31T15:00:00Z"};
        l.start();
        check_period(l, "2025-02-13T20:00:00Z", {"2025-01-31T15:00:00Z", "2025-02-28T15:00:00Z"});
        check_period(l, "2025-03-01T00:00:00Z", {"2025-02-28T15:00:00Z", "2025-03-31T15:00:00Z"});
        check_period(l, "2025-08-13T20:00:00Z", {"2025-07-31T15:00:00Z", "2025-08-31T15:00:00Z"});
        check_period(l, "2025-09-30T15:00:00Z", {"2025-09-30T15:00:00Z", "2025-10-31T15:00:00Z"});
    }
    SECTION("30 January") {
        lab<TestType> l{every(coffer::months{1}), "2025-01-30T15:00:00Z"};
        l.start();
        check_period(l, "2025-02-13T20:00:00Z", {"2025-01-30T15:00:00Z", "2025-02-28T15:00:00Z"});
        check_period(l, "2025-03-13T20:00:00Z", {"2025-02-28T15:00:00Z", "2025-03-30T15:00:00Z"});
    }
    SECTION("realigned after a short month") {
        lab<TestType> l{every(coffer::months{1}), "2026-05-31T15:13:09Z"};
        l.start();
        check_period(l, "2026-06-30T15:13:08.999999Z",
                     {"2026-05-31T15:13:09Z", "2026-06-30T15:13:09Z"});
        check_period(l, "2026-06-30T15:13:09Z", {"2026-06-30T15:13:09Z", "2026-07-31T15:13:09Z"});
    }
    SECTION("29 February, yearly") {
        lab<TestType> l{every(coffer::years{1}), "2024-02-29T12:00:00Z"};
        l.start();
        check_period(l, "2024-12-01T00:00:00Z", {"2024-02-29T12:00:00Z", "2025-02-28T12:00:00Z"});
        check_period(l, "2027-03-01T00:00:00Z", {"2027-02-28T12:00:00Z", "2028-02-29T12:00:00Z"});
        check_period(l, "2028-03-01T00:00:00Z", {"2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z"});
    }
}

TEMPLATE_TEST_CASE("rule 6: the anchor's local time of day is kept when the clocks change", "",
                   lends_heads, gives_whole_pages) {
    SECTION("a time that does not exist is the first instant after the gap") {
        // Daily at 02:30 in Berlin; on 29 March 2026 the clocks jump from 02:00 to 03:00.
        lab<TestType> l{every(coffer::days{1}), "2026-03-28T01:30:00Z"};
        l.start("Europe/Berlin");
        check_period(l, "2026-03-28T12:00:00Z", {"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"});
        check_period(l, "2026-03-29T12:00:00Z", {"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"});
    }
    SECTION("a time that exists twice is the first") {
        // On 25 October 2026 they go back from 03:00 to 02:00.
        lab<TestType> l{every(coffer::days{1}), "2026-10-24T00:30:00Z"};
        l.start("Europe/Berlin");
        check_period(l, "2026-10-24T12:00:00Z", {"2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z"});
        check_period(l, "2026-10-25T12:00:00Z", {"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"});
    }
    SECTION("an hour is always an hour") {
        lab<TestType> l{every(6h), "2026-03-28T22:00:00Z"};
        l.start("Europe/Berlin");
        check_period(l, "2026-03-29T12:00:00Z", {"2026-03-29T10:00:00Z", "2026-03-29T16:00:00Z"});
    }
    SECTION("to the year 2100") {
        lab<TestType> l{every(coffer::years{1}), "2026-07-01T10:00:00Z"};
        l.start("America/New_York");
        check_period(l, "2099-12-01T00:00:00Z", {"2099-07-01T10:00:00Z", "2100-07-01T10:00:00Z"});
    }
}

TEMPLATE_TEST_CASE("rule 6: the period that runs begins at the anchor exactly as given", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{every(coffer::months{1}), "2026-10-25T01:30:00.123456Z"};  // the second 02:30
    l.start("Europe/Berlin");
    check_period(l, "2026-10-26T00:00:00Z",
                 {"2026-10-25T01:30:00.123456Z", "2026-11-25T01:30:00.123456Z"});
}

TEMPLATE_TEST_CASE("rule 6: with an anchor in the past, the running allowance is granted in full",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{every(coffer::months{1}), "2026-01-15T00:00:00Z"};
    SECTION("the past") {
        l.w.start({.anchor = at("2025-08-31T08:00:00Z")}).or_throw();
        CHECK(l.available() == 10_cr);
        check_period(l, "2026-01-15T00:00:00Z", {"2025-12-31T08:00:00Z", "2026-01-31T08:00:00Z"});
        CHECK(l.entries().count(coffer::entry_kind::period_began) == 1);
        check_period(l, "2026-02-01T00:00:00Z", {"2026-01-31T08:00:00Z", "2026-02-28T08:00:00Z"});
    }
    SECTION("the future is refused") {
        CHECK(l.w.start({.anchor = at("2026-01-15T00:00:00.000001Z")}) ==
              coffer::errc::invalid_argument);
        CHECK(l.entry_count() == 0);
    }
    SECTION("exactly now") {
        CHECK(l.w.start({.anchor = at("2026-01-15T00:00:00Z")}));
        CHECK(l.available() == 10_cr);
    }
}

TEMPLATE_TEST_CASE("rule 9: one allowance from one anniversary to the next", "", lends_heads,
                   gives_whole_pages) {
    SECTION("the first of the month grants nothing") {
        lab<TestType> l{every(coffer::months{1}), "2026-01-20T09:00:00Z"};
        l.start();
        l.charge(4_cr);
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == 6_cr);
        l.go("2026-02-20T08:59:59.999999Z");
        CHECK(l.available() == 6_cr);
        l.go("2026-02-20T09:00:00Z");
        CHECK(l.available() == 10_cr);
    }
    SECTION("14 days over a month boundary are granted once") {
        lab<TestType> l{every(coffer::days{14}), "2026-01-25T09:00:00Z"};
        l.start();
        l.go("2026-02-08T08:59:59Z");
        CHECK(l.w.sweep() == std::size_t{0});
        CHECK(l.available() == 10_cr);
        CHECK(l.entries().count(coffer::entry_kind::period_began) == 1);
    }
}

TEMPLATE_TEST_CASE("rule 9: missed periods are reset one by one, each exactly once", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{every(coffer::months{1}), "2026-01-31T10:00:00Z"};
    l.start();
    l.charge(3_cr);
    auto pack = l.grant(50_cr);
    l.go("2026-06-30T10:00:00Z");

    CHECK(l.balance().available == 60_cr);
    CHECK(l.w.sweep().or_throw() > 0);
    CHECK(l.w.sweep() == std::size_t{0});
    CHECK(l.available() == 60_cr);
    CHECK(l.left(pack) == 50_cr);

    auto begun = l.entries().of(coffer::entry_kind::period_began);
    REQUIRE(begun.size() == 6);
    const std::vector<std::string_view> starts{"2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z",
                                               "2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z",
                                               "2026-05-31T10:00:00Z", "2026-06-30T10:00:00Z"};
    for (std::size_t k = 0; k < begun.size(); ++k) {
        CAPTURE(k);
        CHECK(begun[k].terms.cycle == k);
        CHECK(begun[k].at == at(starts[k]));
        CHECK(begun[k].from == at(starts[k]));
        CHECK(begun[k].amount == 10_cr);
    }
    auto lost = l.entries().of(coffer::entry_kind::forfeited);
    REQUIRE(lost.size() == 5);
    CHECK(lost[0].amount == 7_cr);
    CHECK(lost[1].amount == 10_cr);
    CHECK(lost[1].at == at("2026-03-31T10:00:00Z"));
}

TEMPLATE_TEST_CASE("rule 9: a reset touches only its own bucket's own allowance", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = every(coffer::days{1});
    plan.bonus.refill = {.length = coffer::months{1}, .amount = 5_cr};
    plan.bonus.expiry = {coffer::expiry::at_period_end{}};
    lab<TestType> l{plan};
    l.start();
    auto monthly = l.newest(coffer::lot_origin::refilled);
    REQUIRE(l.lot(monthly).terms.bucket == coffer::bucket_id::of("bonus"));
    auto compensation = l.grant(7_cr, {.bucket = "budget", .expires = coffer::never});
    auto bought = l.grant(20_cr);
    l.charge(2_cr);

    l.go("2026-01-02T00:00:00Z");
    CHECK(l.left(compensation) == 7_cr);
    CHECK(l.left(bought) == 20_cr);
    CHECK(l.left(monthly) == 5_cr);
    CHECK(l.available() == 42_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.left(monthly) == 0_cr);
    CHECK(l.available() == 42_cr);

    l.w.sweep().or_throw();
    std::size_t daily = 0;
    for (const auto& e : l.entries().of(coffer::entry_kind::period_began)) {
        if (e.terms.bucket == coffer::bucket_id::of("budget")) ++daily;
    }
    CHECK(daily == 32);
}

TEMPLATE_TEST_CASE("rule 9: the account's period is that of the first bucket that refills", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.bonus.refill = {.length = coffer::days{7}, .amount = 5_cr};
    plan.package.refill = {.length = coffer::months{1}, .amount = 50_cr};
    SECTION("the first in burn order") {
        lab<TestType> l{plan};
        l.start();
        check_period(l, "2026-01-09T00:00:00Z", {"2026-01-08T00:00:00Z", "2026-01-15T00:00:00Z"});
        l.charge(3_cr);
        CHECK(l.balance().used == 3_cr);
        l.go("2026-01-15T00:00:00Z");
        CHECK(l.balance().used == 0_cr);
    }
    SECTION("without one it is a month") {
        lab<TestType> l{lab_plan{}, "2026-01-31T00:00:00Z"};
        l.w.start().or_throw();
        l.grant(10_cr);
        l.charge(1_cr);
        check_period(l, "2026-02-27T00:00:00Z", {"2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"});
        CHECK(l.balance().used == 1_cr);
        check_period(l, "2026-03-01T00:00:00Z", {"2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"});
        CHECK(l.balance().used == 0_cr);
        CHECK(l.available() == 9_cr);
    }
}

TEMPLATE_TEST_CASE("rule 9: a recurring lot refills to its amount once per tick", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = every(coffer::days{1});
    plan.budget.refill.amount = 100_cr;
    plan.overdraft = {coffer::overdraft::limit{.amount = 1'000_cr}};
    lab<TestType> l{plan};
    l.start();
    SECTION("overage is charged to the next allowance") {
        l.charge(120_cr);
        CHECK(l.balance().debt == 20_cr);
        l.go("2026-01-02T00:00:00.000001Z");
        CHECK(l.available() == 80_cr);
        CHECK(l.balance().debt == 0_cr);
    }
    SECTION("another lot's beginning does not refill") {
        l.grant(10_cr, {.effective = at("2026-01-02T01:00:00Z")});
        l.go("2026-01-02T00:30:00Z");
        l.charge(30_cr);
        l.go("2026-01-02T01:30:00Z");
        l.charge(20_cr);
        CHECK(l.available_in("budget") == 50_cr);
        CHECK(l.available_in("package") == 10_cr);
    }
}

TEMPLATE_TEST_CASE("rule 9: a second start ends what runs and begins anew", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{every(coffer::months{1}), "2026-01-01T00:00:00Z"};
    auto first = l.start();
    auto bought = l.grant(5_cr, {.bucket = "budget", .expires = coffer::never});
    l.charge(2_cr);
    l.go("2026-02-10T00:00:00Z");

    SECTION("from now") {
        auto second = l.start();
        CHECK(second != first);
        CHECK(l.lot(second).terms.cycle == 2);  // 0 and 1 had begun
        CHECK(l.available() == 15_cr);
        CHECK(l.left(bought) == 5_cr);
        check_period(l, "2026-02-10T00:00:00Z", {"2026-02-10T00:00:00Z", "2026-03-10T00:00:00Z"});
        check_period(l, "2026-03-10T00:00:00Z", {"2026-03-10T00:00:00Z", "2026-04-10T00:00:00Z"});
        CHECK(l.lot(l.newest(coffer::lot_origin::refilled)).terms.cycle == 3);
    }
    SECTION("from an anchor in the past, the number goes on by one all the same") {
        l.w.start({.anchor = at("2025-11-20T00:00:00Z")}).or_throw();
        auto second = l.newest(coffer::lot_origin::refilled);
        CHECK(l.lot(second).terms.cycle == 2);
        CHECK(l.available() == 15_cr);
        check_period(l, "2026-02-11T00:00:00Z", {"2026-01-20T00:00:00Z", "2026-02-20T00:00:00Z"});
        check_period(l, "2026-02-21T00:00:00Z", {"2026-02-20T00:00:00Z", "2026-03-20T00:00:00Z"});
    }
    auto log = l.entries().of(coffer::entry_kind::period_began);
    for (std::size_t i = 0; i < log.size(); ++i) CHECK(log[i].terms.cycle == i);
}

TEMPLATE_TEST_CASE("rule 9: a second start with rollover carries over like a period's end", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = every(coffer::months{1});
    plan.budget.rollover = {coffer::rollover::capped{4_cr}};
    lab<TestType> l{plan};
    l.start();
    l.charge(1_cr);
    l.go("2026-01-10T00:00:00Z");
    l.start();
    CHECK(l.available() == 14_cr);
    auto rolled = l.lot(l.newest(coffer::lot_origin::rolled));
    CHECK(rolled.granted == 4_cr);
    CHECK(l.w.start({.request = "s"}));
    CHECK(l.w.start({.request = "s"}).or_throw().repeated);
    CHECK(l.entries().count(coffer::entry_kind::started) == 3);
}

TEMPLATE_TEST_CASE("rule 7: what is due has its own instant in the journal", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{every(coffer::months{1})};
    l.start();
    l.grant(5_cr, {.expires = at("2026-01-10T12:00:00Z")});
    l.grant(6_cr, {.effective = at("2026-01-20T00:00:00Z")});
    auto hold = l.w.hold({.amount = 1_cr, .expires_in = 24h}).or_throw();
    l.go("2026-02-02T00:00:00Z");
    l.charge(1_cr);

    struct step {
        coffer::entry_kind kind;
        coffer::instant when;
    };
    using coffer::entry_kind;
    const std::vector<step> expected{{entry_kind::timed_out, at("2026-01-02T00:00:00Z")},
                                     {entry_kind::expired, at("2026-01-10T12:00:00Z")},
                                     {entry_kind::activated, at("2026-01-20T00:00:00Z")},
                                     {entry_kind::forfeited, at("2026-02-01T00:00:00Z")},
                                     {entry_kind::period_began, at("2026-02-01T00:00:00Z")},
                                     {entry_kind::charged, at("2026-02-02T00:00:00Z")}};
    auto log = l.entries().entries;
    REQUIRE(log.size() >= expected.size());
    std::size_t first = log.size() - expected.size();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(log[first + i].kind == expected[i].kind);
        CHECK(log[first + i].at == expected[i].when);
    }
    CHECK(hold.settle() == coffer::errc::hold_expired);
}

TEMPLATE_TEST_CASE("rule 8: at one instant, things happen in the order of the rule", "",
                   lends_heads, gives_whole_pages) {
    using coffer::entry_kind;
    lab_plan plan = every(coffer::months{1});
    plan.budget.rollover = {coffer::rollover::capped{2_cr}};
    plan.overdraft = {coffer::overdraft::limit{.amount = 100_cr}};
    lab<TestType> l{plan, "2026-01-01T00:00:00Z"};
    const auto t = at("2026-02-01T00:00:00Z");
    l.start();  // 10 of budget
    auto dying = l.grant(4_cr, {.bucket = "bonus", .expires = t});
    auto future = l.grant(3_cr, {.effective = t});
    // A hold on 6 of the allowance and, by priority of buckets, nothing else.
    l.go("2026-01-31T23:00:00Z");
    auto hold = l.w.hold({.amount = 6_cr, .expires_in = 1h}).or_throw();
    REQUIRE(hold.until() == t);
    auto low = l.charge(13_cr);  // 4 budget, 4 bonus, 5 debt
    REQUIRE(low.debt == 5_cr);
    // Give the dying lot something to lose.
    REQUIRE(l.w.refund({.entry = low.id, .amount = 6_cr}));  // debt 5, then 1 to the dying lot
    CHECK(l.left(dying) == 1_cr);
    auto owed = l.w.charge({.amount = 3_cr, .request = "owed"}).or_throw();  // 1 dying, 2 debt
    CHECK(owed.debt == 2_cr);
    auto before = l.entry_count();

    l.go("2026-02-01T00:00:00Z");
    l.charge(1_cr);

    auto kinds = l.entries().kinds(before);
    const std::vector<entry_kind> expected{
        entry_kind::timed_out,     // 6 come back to the allowance
        entry_kind::forfeited,     // 4 of it are lost
        entry_kind::rolled,        // 2 go on
        entry_kind::period_began,  // 10 more
        entry_kind::activated,     // the future lot
        entry_kind::repaid,        // 2 of debt, from the rolled credits
        entry_kind::charged};
    CHECK(kinds == expected);
    CHECK(l.left(future) == 3_cr);
    CHECK(l.left(l.newest(coffer::lot_origin::rolled)) == 0_cr);
    CHECK(l.available() == 12_cr);
    for (const auto& e : l.entries().entries) {
        if (e.id.value() > before) CHECK(e.at == t);
    }
}

TEMPLATE_TEST_CASE("rule 8: a hold times out before its lot expires at the same instant", "",
                   lends_heads, gives_whole_pages) {
    using coffer::entry_kind;
    lab<TestType> l;
    auto lot = l.grant(4_cr, {.expires = at("2026-01-01T01:00:00Z")});
    auto hold = l.w.hold({.amount = 3_cr, .expires_in = 1h}).or_throw();
    l.go("2026-01-01T02:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.entries().kinds(2) ==
          std::vector<entry_kind>{entry_kind::timed_out, entry_kind::expired});
    CHECK(l.lot(lot).expired == 4_cr);
    CHECK(l.entries().entries.back().amount == 4_cr);
    CHECK(hold.settle() == coffer::errc::hold_expired);
}

TEMPLATE_TEST_CASE("rule 8: credits that expire as a debt could be repaid do not repay it", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.overdraft = {coffer::overdraft::limit{.amount = 100_cr}};
    lab<TestType> l{plan};
    l.grant(4_cr, {.expires = at("2026-01-01T01:00:00Z")});
    auto hold = l.w.hold({.amount = 4_cr, .expires_in = 1h}).or_throw();
    l.charge(3_cr);
    l.go("2026-01-01T01:00:00Z");
    CHECK(l.balance().debt == 3_cr);
    CHECK(l.balance().available == 0_cr);
    CHECK_FALSE(hold.settle());
}

TEST_CASE("rule 11: changed zone data never reopens, skips or doubles a period") {
    // When the subscription begins, the data put Berlin at some fixed distance from UTC; later it
    // is where the system's data have it, which also change the clocks on 29 March.
    const int hours = GENERATE(-24, -11, -1, 0, 1, 2, 3, 13, 25);
    const bool monthly = GENERATE(false, true);
    CAPTURE(hours, monthly);
    coffer::detail::zone_data data;
    data.name = "Europe/Berlin";
    data.offsets = {hours * 3'600};
    data.tail.standard = hours * 3'600;

    lab<> l{every(monthly ? coffer::timespan{coffer::months{1}} : coffer::days{1}),
            monthly ? "2026-01-31T23:30:00Z" : "2026-03-27T23:30:00Z"};
    l.w.start({.zone = coffer::detail::zone_access::of(data)}).or_throw();
    const auto first = *l.balance().running;
    l.go(monthly ? "2027-01-31T12:00:00Z" : "2026-04-08T12:00:00Z");  // 12 periods later
    l.w.sweep().or_throw();

    auto begun = l.entries().of(coffer::entry_kind::period_began);
    REQUIRE(begun.size() >= 11);
    CHECK(begun.size() <= 13);
    CHECK(begun[0].until == first.until);
    for (std::size_t i = 1; i < begun.size(); ++i) {
        CAPTURE(i);
        CHECK(begun[i].terms.cycle == i);
        CHECK(begun[i].from == begun[i - 1].until);
        CHECK(begun[i].until > begun[i].from);
        CHECK(begun[i].amount == 10_cr);
    }
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 6: a zone that cannot be read is an error, never a guess", "", lends_heads,
                   gives_whole_pages) {
    CHECK(coffer::zone::find("Europe/Atlantis").error() == coffer::errc::unknown_zone);
    CHECK(coffer::zone::find("").error() == coffer::errc::unknown_zone);
    CHECK(coffer::zone::find("../../etc/passwd").error() == coffer::errc::unknown_zone);
}
