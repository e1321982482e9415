#include "support/wallet_fixture.hpp"

using namespace coffer_test;

TEMPLATE_TEST_CASE("rule 18: held credit is not available to others", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto hourly = l.grant(5_cr, {.expires = at("2026-01-01T01:00:00Z")});
    auto monthly = l.grant(10_cr, {.expires = at("2026-02-01T00:00:00Z")});

    auto hold = l.w.hold({.amount = 8_cr}).or_throw();

    CHECK(taken(l.w, hold.opened()) == taken_list{{hourly, 5_cr}, {monthly, 3_cr}});
    CHECK(l.balance().available == 7_cr);
    CHECK(l.balance().held == 8_cr);
    CHECK(l.lot(monthly).held == 3_cr);
    CHECK(l.w.charge({.amount = 7.000001_cr}) == coffer::errc::insufficient_credits);
    CHECK(l.w.hold({.amount = 7.000001_cr}).error() == coffer::errc::insufficient_credits);
    CHECK(l.w.charge({.amount = 7_cr}));

    SECTION("settled for less, the rest is there again") {
        CHECK(hold.settle({.amount = 5_cr}));
        CHECK(l.balance().available == 3_cr);
        CHECK(l.balance().held == 0_cr);
    }
    SECTION("released, all of it is") {
        CHECK(hold.release());
        CHECK(l.balance().available == 8_cr);
    }
    (void)hold.release();
}

TEMPLATE_TEST_CASE("rule 18: a hold's lots stay usable for it though they expire", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto dying = l.grant(10_cr, {.expires = at("2026-01-01T00:05:00Z"), .paid = usd(1000)});
    auto hold = l.w.hold({.amount = 8_cr, .expires_in = 1h}).or_throw();
    l.go("2026-01-01T00:10:00Z");
    CHECK(l.balance().available == 0_cr);
    CHECK(l.balance().held == 8_cr);
    CHECK(l.lot(dying).expired == 2_cr);

    SECTION("settled, what was held was spent; what comes back expires at once") {
        auto settled = hold.settle({.amount = 5_cr}).or_throw();
        CHECK(taken(l.w, settled) == taken_list{{dying, 5_cr}});
        CHECK(l.available() == 0_cr);
        CHECK(l.lot(dying).spent == 5_cr);
        CHECK(l.lot(dying).expired == 5_cr);
        CHECK(settled.cost == 5_cr);
    }
    SECTION("released, all of it expires at once") {
        if (GENERATE(false, true)) CHECK(l.w.sweep());  // whether or not anything else is due
        CHECK(hold.release());
        CHECK(l.stored().totals.available == 0_cr);  // not only when somebody looks
        CHECK(l.lot(dying).expired == 10_cr);
    }
    SECTION("timed out, all of it expires at the same instant") {
        l.go("2026-01-01T03:00:00Z");
        CHECK(l.w.sweep());
        auto last = l.entries().of(coffer::entry_kind::expired).back();
        CHECK(last.at == at("2026-01-01T01:00:00Z"));
        CHECK(last.amount == 8_cr);
        CHECK(l.lot(dying).expired == 10_cr);
    }
}

TEMPLATE_TEST_CASE("rule 18: a hold outlives the allowance it was taken from", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{monthly_plan(50_cr)};
    auto january = l.start();
    l.go("2026-01-31T23:55:00Z");
    auto hold = l.w.hold({.amount = 40_cr, .expires_in = 1h}).or_throw();
    l.go("2026-02-01T00:05:00Z");
    CHECK(l.balance().available == 50_cr);
    CHECK(l.balance().held == 40_cr);
    CHECK(l.lot(january).expired == 10_cr);

    CHECK(hold.settle({.amount = 30_cr}));
    CHECK(l.balance().available == 50_cr);  // not 60: what came back has ended
    CHECK(l.lot(january).spent == 30_cr);
    CHECK(l.lot(january).expired == 20_cr);
}

TEMPLATE_TEST_CASE("rule 19: a hold is over at its until without any job", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(15_cr);
    auto hold = l.w.hold({.amount = 8_cr, .expires_in = 10min}).or_throw();
    CHECK(hold.until() == at("2026-01-01T00:10:00Z"));

    SECTION("one microsecond before, it can be settled") {
        l.go("2026-01-01T00:09:59.999999Z");
        CHECK(l.balance().held == 8_cr);
        CHECK(hold.settle());
        CHECK(l.available() == 7_cr);
    }
    SECTION("at its until, it is hold_expired") {
        l.go("2026-01-01T00:10:00Z");
        CHECK(l.balance().held == 0_cr);
        CHECK(l.balance().available == 15_cr);
        CHECK(l.w.holds().or_throw().empty());
        CHECK(l.w.settle(hold.id(), {.amount = 1_cr}) == coffer::errc::hold_expired);
        CHECK(l.w.release(hold.id()) == coffer::errc::hold_expired);
        CHECK(l.w.resume(hold.id()).error() == coffer::errc::hold_expired);
        CHECK(hold.settle() == coffer::errc::hold_expired);
        CHECK_FALSE(hold.owns());
        CHECK(l.available() == 15_cr);
    }
    SECTION("its credits can be spent from then on") {
        l.go("2026-01-01T00:10:00Z");
        CHECK(l.w.charge({.amount = 15_cr}));
        auto ended = l.entries().of(coffer::entry_kind::timed_out);
        REQUIRE(ended.size() == 1);
        CHECK(ended[0].at == at("2026-01-01T00:10:00Z"));
        CHECK(hold.settle() == coffer::errc::hold_expired);
    }
    SECTION("a sweep ends it once, however often it runs") {
        l.go("2026-01-01T12:00:00Z");
        CHECK(l.w.sweep() == std::size_t{1});
        CHECK(l.w.sweep() == std::size_t{0});
        CHECK(l.wallets.sweep());
        CHECK(l.available() == 15_cr);
        auto ended = l.entries().of(coffer::entry_kind::timed_out);
        REQUIRE(ended.size() == 1);
        CHECK(ended[0].at == at("2026-01-01T00:10:00Z"));
    }
}

TEMPLATE_TEST_CASE("rule 19: a hold ends exactly once", "", lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.grant(15_cr);
    l.charge(0_cr);
    auto hold = l.w.hold({.amount = 8_cr, .expires_in = 10min, .request = "h"}).or_throw();
    coffer::hold_id id = hold.id();

    SECTION("settled, then its time runs out: no second return") {
        CHECK(hold.settle({.amount = 4_cr}));
        l.go("2026-01-01T01:00:00Z");
        CHECK(l.available() == 11_cr);
        CHECK(l.w.sweep() == std::size_t{0});
        CHECK(l.w.resume(id).error() == coffer::errc::hold_closed);
        CHECK(l.w.release(id) == coffer::errc::hold_closed);
        CHECK(l.w.settle(id, {.amount = 5_cr}) == coffer::errc::hold_closed);
        CHECK(l.w.settle(id, {.amount = 4_cr, .request = "another"}) == coffer::errc::hold_closed);
        CHECK(l.available() == 11_cr);
    }
    SECTION("released, it cannot be settled") {
        CHECK(hold.release());
        CHECK(l.w.settle(id, {.amount = 4_cr}) == coffer::errc::hold_closed);
        CHECK(l.w.resume(id).error() == coffer::errc::hold_closed);
        CHECK(l.available() == 15_cr);
    }
    SECTION("timed out, it stays hold_expired for good") {
        l.go("2026-03-01T00:00:00Z");
        CHECK(l.w.settle(id, {.amount = 4_cr}) == coffer::errc::hold_expired);
        CHECK(l.w.release(id, {.request = "r"}) == coffer::errc::hold_expired);
        CHECK(l.available() == 15_cr);
    }
    SECTION("what is no hold is unknown_hold") {
        for (std::uint32_t number : {0u, 1u, 2u, 4u, 99u, 4'294'967'295u}) {
            CAPTURE(number);
            CHECK(l.w.settle(coffer::hold_id{number}) == coffer::errc::unknown_hold);
            CHECK(l.w.release(coffer::hold_id{number}) == coffer::errc::unknown_hold);
            CHECK(l.w.resume(coffer::hold_id{number}).error() == coffer::errc::unknown_hold);
        }
        CHECK(l.wallets["stranger"].settle(id) == coffer::errc::unknown_hold);
    }
    (void)hold.release();
}

TEMPLATE_TEST_CASE("rule 19: settling at the very instant by event time is too late too", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.late = {.back = 1h};
    lab<TestType> l{plan};
    l.grant(15_cr);
    auto hold = l.w.hold({.amount = 8_cr, .expires_in = 10min}).or_throw();
    l.go("2026-01-01T00:20:00Z");
    // The event lies before the end, but the account is past it: the hold is over.
    CHECK(hold.settle({.amount = 1_cr, .at = at("2026-01-01T00:05:00Z")}) ==
          coffer::errc::hold_expired);
}

TEMPLATE_TEST_CASE("rule 20: settling for less returns the rest in reverse burn order", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto a = l.grant(2_cr, {.priority = 1});
    auto b = l.grant(3_cr, {.priority = 2});
    auto c = l.grant(4_cr, {.priority = 3});
    auto hold = l.w.hold({.amount = 9_cr}).or_throw();

    SECTION("the last lot first") {
        auto settled = hold.settle({.amount = 4_cr}).or_throw();
        CHECK(taken(l.w, settled) == taken_list{{a, 2_cr}, {b, 2_cr}});
        CHECK(l.left(a) == 0_cr);
        CHECK(l.left(b) == 1_cr);
        CHECK(l.left(c) == 4_cr);
        CHECK(settled.cost == 4_cr);
        CHECK(settled.after.available == 5_cr);
        CHECK(settled.after.held == 0_cr);
    }
    SECTION("nothing spent gives all of it back") {
        auto settled = hold.settle({.amount = 0_cr}).or_throw();
        CHECK(taken(l.w, settled).empty());
        CHECK(l.left(a) == 2_cr);
        CHECK(l.left(c) == 4_cr);
    }
    SECTION("without keys, the whole hold") {
        auto settled = hold.settle().or_throw();
        CHECK(settled.cost == 9_cr);
        CHECK(taken(l.w, settled) == taken_list{{a, 2_cr}, {b, 3_cr}, {c, 4_cr}});
        CHECK(l.available() == 0_cr);
    }
    SECTION("returned credit burns in its old place") {
        CHECK(hold.settle({.amount = 1_cr}));
        CHECK(taken(l.w, l.charge(5_cr)) == taken_list{{a, 1_cr}, {b, 3_cr}, {c, 1_cr}});
    }
}

TEMPLATE_TEST_CASE("rule 20: settling for more is refused and leaves the hold open", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.grant(15_cr);
    auto hold = l.w.hold({.amount = 8_cr}).or_throw();
    auto before = l.entry_count();

    auto refused = hold.settle({.amount = 8.000001_cr});

    REQUIRE(refused == coffer::errc::settle_exceeds);
    CHECK(refused.error().acceptable() == 8_cr);
    CHECK(refused.error().required() == 8.000001_cr);
    CHECK(hold.owns());
    CHECK(l.balance().held == 8_cr);
    CHECK(l.entry_count() == before);
    CHECK(hold.settle({.amount = refused.error().acceptable()}));
    CHECK(l.available() == 7_cr);
}

TEMPLATE_TEST_CASE("rule 20: with a tolerance the excess is paid like a charge", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan;
    coffer::credits funds = 15_cr;
    SECTION("it is there") {
        lab<TestType> l{plan};
        l.grant(funds);
        auto hold = l.w.hold({.amount = 8_cr, .tolerance = 3_cr}).or_throw();
        auto over = hold.settle({.amount = 11.000001_cr});
        REQUIRE(over == coffer::errc::settle_exceeds);
        CHECK(over.error().acceptable() == 11_cr);
        auto settled = hold.settle({.amount = 11_cr}).or_throw();
        CHECK(settled.cost == 11_cr);
        CHECK(l.available() == 4_cr);
    }
    SECTION("it is not there") {
        lab<TestType> l{plan};
        l.grant(funds);
        auto hold = l.w.hold({.amount = 8_cr, .tolerance = 3_cr}).or_throw();
        l.charge(5_cr);
        auto refused = hold.settle({.amount = 11_cr});
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().acceptable() == 10_cr);
        CHECK(l.balance().held == 8_cr);
        CHECK(hold.settle({.amount = 10_cr}));
        CHECK(l.available() == 0_cr);
    }
    SECTION("the most that is accepted is bounded by the tolerance, too") {
        lab<TestType> l{plan};
        l.grant(funds);
        auto hold = l.w.hold({.amount = 8_cr, .tolerance = 3_cr}).or_throw();
        l.charge(5_cr);
        auto refused = hold.settle({.amount = 12_cr});
        REQUIRE(refused == coffer::errc::settle_exceeds);
        CHECK(refused.error().acceptable() == 10_cr);
        CHECK(hold.release());
    }
    SECTION("from the overdraft, as a charge would") {
        plan.overdraft = {coffer::overdraft::limit{.amount = 2_cr}};
        lab<TestType> l{plan};
        l.grant(8_cr);
        auto hold = l.w.hold({.amount = 8_cr, .tolerance = 3_cr}).or_throw();
        auto refused = hold.settle({.amount = 11_cr});
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().acceptable() == 10_cr);
        auto settled = hold.settle({.amount = 10_cr}).or_throw();
        CHECK(settled.debt == 2_cr);
        CHECK(l.balance().debt == 2_cr);
    }
    SECTION("from lots in burn order, which may be those of the hold") {
        lab<TestType> l{plan};
        auto a = l.grant(5_cr, {.priority = 1});
        auto b = l.grant(9_cr, {.priority = 2});
        auto hold = l.w.hold({.amount = 8_cr, .tolerance = 100_cr}).or_throw();
        auto c = l.grant(1_cr, {.priority = 0});
        auto settled = hold.settle({.amount = 10_cr}).or_throw();
        CHECK(settled.cost == 10_cr);
        CHECK(l.left(c) == 0_cr);
        CHECK(l.left(a) == 0_cr);
        CHECK(l.left(b) == 5_cr);
    }
}

TEMPLATE_TEST_CASE("a settle that leaves out tokens with a rate is refused, unless it says zero",
                   "", lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.cost = {
        {"chat", coffer::cost::tokens{.rates = {.input = 0.001_cr_each,
                                                .output = 0.002_cr_each,
                                                .reasoning = 0.002_cr_each,
                                                .citation = 0.001_cr_each}}},
        {"search", coffer::cost::tokens{.rates = {.input = 0.001_cr_each, .output = 0.002_cr_each},
                                        .implied = {coffer::token_kind::output}}},
        {"call", coffer::cost::per_unit{.each = 1_cr_each}}};
    lab<TestType> l{plan};
    l.grant(10_cr);
    auto hold = l.w.hold({.action = "chat", .at_most = 5_cr, .request = "h"}).or_throw();

    SECTION("the first that is missing is named, and the hold stays open") {
        auto refused = hold.settle({.input_tokens = 1'000, .output_tokens = 100});
        REQUIRE(refused == coffer::errc::invalid_argument);
        CHECK(refused.error().subject() == "reasoning_tokens");
        refused = hold.settle({.output_tokens = 100, .reasoning_tokens = 7, .citation_tokens = 0});
        REQUIRE(refused == coffer::errc::invalid_argument);
        CHECK(refused.error().subject() == "input_tokens");
        refused = hold.settle({.input_tokens = 1'000, .output_tokens = 100, .reasoning_tokens = 0});
        REQUIRE(refused == coffer::errc::invalid_argument);
        CHECK(refused.error().subject() == "citation_tokens");
        CHECK(hold.owns());
        CHECK(l.available() == 5_cr);
    }
    SECTION("zero is said of each, or of all others at once") {
        auto settled = hold.settle({.input_tokens = 1'000,
                                    .output_tokens = 0,
                                    .reasoning_tokens = 0,
                                    .citation_tokens = 0})
                           .or_throw();
        CHECK(settled.cost == 1_cr);
        // Which of the two ways is no other content.
        auto again = l.w.settle(settled.hold, {.input_tokens = 1'000, .others_zero = true});
        REQUIRE(again);
        CHECK(again->repeated);
    }
    SECTION("all of it may be zero") {
        CHECK(hold.settle({.others_zero = true}).or_throw().cost == 0_cr);
    }
    SECTION("an amount or nothing at all states no tokens") {
        CHECK(hold.settle({.amount = 2_cr}).or_throw().cost == 2_cr);
        auto other = l.w.hold({.action = "chat", .at_most = 3_cr}).or_throw();
        CHECK(other.settle({}).or_throw().cost == 3_cr);
    }
    SECTION("kinds without a rate of their own may be left out") {
        auto search = l.w.hold({.action = "search", .at_most = 3_cr}).or_throw();
        CHECK(search.settle({.input_tokens = 1'000}).or_throw().cost == 1_cr);
        auto call = l.w.hold({.action = "call", .at_most = 3_cr}).or_throw();
        CHECK(call.settle({.quantity = 2_units}).or_throw().cost == 2_cr);
    }
}

TEMPLATE_TEST_CASE("rule 20: a hold for an action is settled by what was used", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan;
    plan.cost = {
        {"chat", coffer::cost::tokens{.rates = {.input = 0.001_cr_each, .output = 0.002_cr_each}}},
        {"post", coffer::cost::flat{1_cr}}};
    lab<TestType> l{plan};
    l.grant(10_cr);
    auto hold = l.w.hold({.action = "chat", .at_most = 5_cr, .request = "h"}).or_throw();
    CHECK(hold.amount() == 5_cr);

    SECTION("through its handle") {
        auto settled = hold.settle({.input_tokens = 1'840, .output_tokens = 212}).or_throw();
        CHECK(settled.cost == 2.264_cr);  // 1.840 + 0.424
        CHECK(l.available() == 7.736_cr);
        CHECK(l.w.explain(settled.id)->price.lines.size() == 2);
    }
    SECTION("by its number, from elsewhere") {
        coffer::hold_id id = hold.detach();
        auto settled = l.w.settle(id, {.input_tokens = 1'000, .output_tokens = 0}).or_throw();
        CHECK(settled.cost == 1_cr);
    }
    SECTION("by an amount") { CHECK(hold.settle({.amount = 1.5_cr}).or_throw().cost == 1.5_cr); }
    SECTION("too much usage is refused with the most that would do") {
        auto refused = hold.settle({.input_tokens = 6'000, .others_zero = true});
        REQUIRE(refused == coffer::errc::settle_exceeds);
        CHECK(refused.error().required() == 6_cr);
        CHECK(refused.error().acceptable() == 5_cr);
        CHECK(hold.owns());
    }
    SECTION("a hold without an action has no price for usage") {
        auto plain = l.w.hold({.amount = 1_cr}).or_throw();
        CHECK_FALSE(plain.settle({.quantity = 1_units}));
        CHECK(plain.owns());
        CHECK(l.balance().held == 6_cr);
    }
    SECTION("without at_most, the price of the usage is reserved") {
        auto priced = l.w.hold({.action = "post", .quantity = 3_units}).or_throw();
        CHECK(priced.amount() == 3_cr);
        CHECK(priced.settle({.quantity = 2_units}).or_throw().cost == 2_cr);
    }
    (void)hold.release();
}

TEMPLATE_TEST_CASE("rule 19: a hold's time is positive and has an end", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(15_cr);
    auto before = l.entry_count();
    using us = std::chrono::microseconds;
    for (us bad : {us{0}, us{-1}, us::min(), us::max()}) {
        CAPTURE(bad.count());
        auto hold = l.w.hold({.amount = 1_cr, .expires_in = bad});
        REQUIRE_FALSE(hold);
        CHECK((hold.error() == coffer::errc::invalid_argument ||
               hold.error() == coffer::errc::amount_overflow));
    }
    CHECK(l.entry_count() == before);
    auto shortest = l.w.hold({.amount = 1_cr, .expires_in = us{1}}).or_throw();
    CHECK(l.balance().held == 1_cr);
    l.clock.advance(us{1});
    CHECK(l.balance().held == 0_cr);
    CHECK(shortest.settle() == coffer::errc::hold_expired);
}

TEMPLATE_TEST_CASE("rule 18: a voided lot keeps what is held of it", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto lot = l.grant(10_cr);
    auto hold = l.w.hold({.amount = 6_cr}).or_throw();
    auto voided = l.w.void_lot({.lot = lot}).or_throw();
    CHECK(voided.cost == 4_cr);
    CHECK(l.lot(lot).held == 6_cr);
    CHECK(l.lot(lot).voided == 4_cr);
    CHECK(hold.settle({.amount = 6_cr}));
    CHECK(l.lot(lot).spent == 6_cr);
}

TEMPLATE_TEST_CASE("rule 19: whatever ends a hold is journalled for its member and resource", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan;
    plan.cost.set("post", coffer::cost::flat{2_cr});
    lab<TestType> l{plan};
    l.grant(100_cr);
    auto open = [&] {
        return l.w
            .hold({.action = "post",
                   .expires_in = 1h,
                   .member = "ada",
                   .resource = "report 7",
                   .tags = "api,night"})
            .or_throw();
    };
    auto ends_with = [&](coffer::entry_kind kind) {
        auto page = l.entries();
        const coffer::entry& last = page.entries.back();
        CHECK(last.kind == kind);
        CHECK(last.member == "ada");
        CHECK(last.resource == "report 7");
        CHECK(last.usage.action == "post");
        CHECK(last.usage.tags == "api,night");
    };
    SECTION("settled by its handle, and refunded") {
        auto hold = open();
        auto settled = hold.settle().or_throw();
        ends_with(coffer::entry_kind::settled);
        CHECK(l.w.refund({.entry = settled.id}));
        ends_with(coffer::entry_kind::refunded);
    }
    SECTION("settled by its number") {
        CHECK(l.w.settle(open().detach()));
        ends_with(coffer::entry_kind::settled);
    }
    SECTION("released by its handle") {
        CHECK(open().release());
        ends_with(coffer::entry_kind::released);
    }
    SECTION("taken up again and released") {
        auto id = open().detach();
        CHECK(l.w.resume(id).or_throw().release());
        ends_with(coffer::entry_kind::released);
    }
    SECTION("timed out") {
        (void)open().detach();
        l.go("2026-01-05T00:00:00Z");
        CHECK(l.w.sweep().or_throw() == 1);
        ends_with(coffer::entry_kind::timed_out);
    }
}
