#include "support/filed_store.hpp"
#include "support/wallet_fixture.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace coffer_test;
using coffer::errc;

namespace {

const coffer::hold_request once{.amount = 8_cr, .expires_in = 10min, .request = "h"};
const coffer::hold_request more{.amount = 9_cr, .expires_in = 10min, .request = "h"};

/// Opens the hold and lets it end without having bought anything.
template <class Lab>
coffer::hold_id waste(Lab& l, bool release) {
    auto hold = l.w.hold(once).or_throw();
    if (release) {
        hold.release().or_throw();
    } else {
        l.clock.advance(10min);
    }
    return hold.detach();
}

}  // namespace

TEMPLATE_TEST_CASE(
    "rule 23: a hold that bought nothing is opened anew by its request, again and again", "",
    lends_heads, gives_whole_pages, filed_store) {
    lab<TestType> l;
    l.grant(15_cr);
    std::vector<coffer::hold_id> opened;
    for (int i = 0; i < 5; ++i) {
        CAPTURE(i);
        opened.push_back(waste(l, i % 2 == 0));
        CHECK(l.available() == 15_cr);
    }
    auto last = l.w.hold(once).or_throw();
    for (coffer::hold_id id : opened) {
        CHECK(last.id() != id);
        CHECK_FALSE(l.w.resume(id));
        CHECK_FALSE(l.w.settle(id, {.amount = 1_cr}));
    }
    CHECK_FALSE(last.opened().repeated);
    CHECK(last.until() == l.clock.now() + 10min);
    CHECK(l.w.resume("h").or_throw().id() == last.id());
    CHECK(last.settle({.amount = 5_cr}));
    CHECK(l.available() == 10_cr);
    CHECK(l.w.hold(once).error() == errc::hold_settled);
    CHECK(l.entries().count(coffer::entry_kind::held) == 6);
    CHECK(l.w.verify().or_throw().sound);
}

TEMPLATE_TEST_CASE("rule 23: other content is request_mismatch whatever became of the hold", "",
                   lends_heads, gives_whole_pages, filed_store) {
    lab<TestType> l;
    l.grant(15_cr);
    const auto refuses_others = [&] {
        unchanged same{l};
        CHECK(l.w.hold(more).error() == errc::request_mismatch);
        CHECK(l.w.hold({.amount = 8_cr, .expires_in = 11min, .request = "h"}).error() ==
              errc::request_mismatch);
        CHECK(l.w.charge({.amount = 8_cr, .request = "h"}) == errc::request_mismatch);
        CHECK(l.w.grant({.bucket = "package", .amount = 8_cr, .request = "h"}) ==
              errc::request_mismatch);
    };
    auto hold = l.w.hold(once).or_throw();
    refuses_others();
    CHECK(hold.release());
    refuses_others();
    (void)waste(l, false);
    l.w.sweep().or_throw();
    refuses_others();
    CHECK(l.w.hold(once).or_throw().settle());
    refuses_others();
}

TEMPLATE_TEST_CASE("rule 23: a refused repeat that brings what is due does not forget its request",
                   "", lends_heads, gives_whole_pages, filed_store) {
    lab<TestType> l;
    auto something_falls_due = [&] {
        l.grant(1_cr, {.expires = l.clock.now() + 1min});
        l.clock.advance(2min);
    };
    l.grant(8_cr);
    SECTION("settled") {
        CHECK(l.w.hold(once).or_throw().settle());
        for (int i = 0; i < 3; ++i) {
            something_falls_due();
            CHECK(l.w.hold(once).error() == errc::hold_settled);
        }
    }
    SECTION("open") {
        auto hold = l.w.hold(once).or_throw();
        for (int i = 0; i < 3; ++i) {
            something_falls_due();
            CHECK(l.w.hold(once).error() == errc::hold_open);
        }
        CHECK(hold.settle());
        CHECK(l.w.hold(once).error() == errc::hold_settled);
    }
    SECTION("short of credits") {
        (void)waste(l, GENERATE(false, true));
        l.charge(5_cr);
        for (int i = 0; i < 3; ++i) {
            something_falls_due();
            CHECK(l.w.hold(once).error() == errc::insufficient_credits);
            CHECK(l.w.hold(more).error() == errc::request_mismatch);
            CHECK(l.w.resume("h").error().code() != errc::unknown_hold);
        }
        l.grant(5_cr);
        CHECK(l.w.hold(once));
    }
}

TEMPLATE_TEST_CASE("rule 23: a hold is opened anew however much fell due since", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = monthly_plan(10_cr);
    plan.budget.refill.length = 1h;
    lab<TestType> l{plan};
    l.audited = false;  // it would read a very long journal again and again
    l.start();
    const coffer::hold_id first = waste(l, GENERATE(false, true));
    l.go("2027-03-01T00:30:00Z");  // more than one commit may bring
    auto again = l.w.hold(once).or_throw();
    CHECK(again.id() != first);
    CHECK(again.opened().at == l.clock.now());
    CHECK(again.settle());
    l.go("2028-05-01T00:30:00Z");
    CHECK(l.w.hold(once).error() == errc::hold_settled);
}

TEMPLATE_TEST_CASE("rule 23: a hold is opened anew at the price and funds of then", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan;
    plan.cost.set("post", coffer::cost::flat{3_cr});
    lab_plan later = plan;
    later.cost.set("post", coffer::cost::flat{4_cr});
    const coffer::hold_request post{.action = "post", .expires_in = 10min, .request = "p"};
    lab<TestType> l{plan};
    auto kept = l.grant(10_cr);
    auto hold = l.w.hold(post).or_throw();
    CHECK(hold.amount() == 3_cr);

    coffer::wallets<lab_plan, TestType, coffer::manual_clock> others{later, l.store, l.clock};
    auto w = others["acme"];
    CHECK(w.hold(post).error() == errc::hold_open);
    CHECK(hold.release());
    auto dying = l.grant(1_cr, {.expires = at("2026-01-02T00:00:00Z")});
    auto again = w.hold(post).or_throw();
    CHECK(again.amount() == 4_cr);
    CHECK(l.lot(dying).held == 1_cr);
    CHECK(l.lot(kept).held == 3_cr);
    CHECK(again.settle().or_throw().cost == 4_cr);
}

TEST_CASE("rule 23: a repeat is told what became of it though its action or plan is gone") {
    lab_plan plan;
    plan.cost.set("post", coffer::cost::flat{3_cr});
    const coffer::hold_request post{.action = "post", .expires_in = 10min, .request = "p"};
    lab<> l{plan};
    l.grant(10_cr);
    coffer::wallets<lab_plan, lends_heads, coffer::manual_clock> others{lab_plan{}, l.store,
                                                                        l.clock};
    auto w = others["acme"];
    auto hold = l.w.hold(post).or_throw();
    CHECK(w.hold(post).error() == errc::hold_open);
    CHECK(hold.release());
    CHECK(w.hold(post).error() == errc::unknown_action);
    CHECK(l.w.hold(post).or_throw().settle());
    CHECK(w.hold(post).error() == errc::hold_settled);
}

TEMPLATE_TEST_CASE("rule 23: retried after a throw, work is done once more and paid once", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.grant(15_cr);
    int worked = 0;
    const auto handle = [&](bool fails) {
        auto hold = l.w.hold(once);
        if (!hold) return hold.error().code();
        ++worked;
        if (fails) throw std::runtime_error{"overloaded"};
        hold->settle({.amount = 5_cr}).or_throw();
        return errc{};
    };
    CHECK_THROWS_AS(handle(true), std::runtime_error);
    CHECK(l.available() == 15_cr);
    CHECK(handle(false) == errc{});
    CHECK(handle(false) == errc::hold_settled);
    CHECK(worked == 2);
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 23: settle and release without an id mean the hold that they name", "",
                   lends_heads, gives_whole_pages, filed_store) {
    lab<TestType> l;
    l.grant(15_cr);
    const coffer::hold_id first = waste(l, true);
    auto again = l.w.hold(once).or_throw();
    CHECK(l.w.release(first).or_throw().repeated);
    CHECK(l.balance().held == 8_cr);
    CHECK(l.w.settle(first, {.amount = 1_cr}) == errc::hold_closed);

    CHECK(l.w.release(again.id(), {.request = "r"}));
    auto third = l.w.hold(once).or_throw();
    CHECK(l.w.release(third.id(), {.request = "r"}) == errc::request_mismatch);
    CHECK(l.balance().held == 8_cr);
    CHECK(third.settle({.amount = 2_cr, .request = "s"}));
    CHECK(l.w.settle(third.id(), {.amount = 2_cr, .request = "s"}).or_throw().repeated);
    CHECK(l.available() == 13_cr);
}

TEMPLATE_TEST_CASE(
    "rule 26: a refund under the id of a hold that was opened anew means the last one", "",
    lends_heads, gives_whole_pages, filed_store) {
    lab<TestType> l;
    auto first_lot = l.grant(8_cr);
    (void)waste(l, GENERATE(false, true));
    CHECK(l.w.refund({.charge = "h"}) == errc::unknown_charge);
    auto second_lot = l.grant(8_cr, {.priority = 1});
    auto hold = l.w.hold(once).or_throw();
    CHECK(l.w.refund({.charge = "h"}) == errc::unknown_charge);
    const auto settled = hold.settle({.amount = 6_cr}).or_throw();

    const auto paid = l.w.paid_by("h").or_throw();
    REQUIRE(paid.size() == 1);
    CHECK(paid[0].lot == second_lot);
    CHECK(l.w.refund({.charge = "h", .amount = 2_cr, .request = "r"}));
    CHECK(l.w.refund({.charge = "h", .amount = 5_cr}) == errc::refund_exceeds);
    CHECK(l.w.hold(once).error().entry() == settled.id);
    CHECK(l.left(first_lot) == 8_cr);
    CHECK(l.left(second_lot) == 4_cr);
}

TEMPLATE_TEST_CASE("rule 36: a journal with holds that were opened anew tells each as it was", "",
                   lends_heads, gives_whole_pages, filed_store) {
    lab<TestType> l;
    l.grant(15_cr);
    (void)waste(l, true);
    const coffer::instant released = l.clock.now();
    l.clock.advance(1h);
    (void)waste(l, false);
    l.clock.advance(1h);
    auto hold = l.w.hold(once).or_throw();
    const coffer::instant opened = l.clock.now();
    l.clock.advance(1min);
    CHECK(hold.settle({.amount = 5_cr}));

    CHECK(l.w.as_of(released).or_throw().held == 0_cr);
    CHECK(l.w.as_of(released + 1h).or_throw().held == 8_cr);
    CHECK(l.w.as_of(released + 1h + 10min).or_throw().held == 0_cr);
    CHECK(l.w.as_of(opened).or_throw().held == 8_cr);
    CHECK(l.w.as_of(l.clock.now()).or_throw().available == 10_cr);
    const auto all = l.w.history({.kinds = {coffer::entry_kind::held}}).or_throw();
    REQUIRE(all.entries.size() == 3);
    for (const coffer::entry& e : all.entries) CHECK(e.request == "h");
    CHECK(l.w.verify().or_throw().sound);
}

TEMPLATE_TEST_CASE("rule 25: refused for good, a hold is not opened anew by its request", "",
                   lends_heads, gives_whole_pages, filed_store) {
    lab_plan plan;
    plan.refusals.sticky = true;
    lab<TestType> l{plan};
    l.grant(8_cr);
    const coffer::hold_id first = waste(l, GENERATE(false, true));
    l.charge(5_cr);
    CHECK(l.w.hold(once).error() == errc::insufficient_credits);
    l.grant(20_cr);
    CHECK(l.w.hold(once).error() == errc::insufficient_credits);
    CHECK(l.w.hold(more).error() == errc::request_mismatch);
    CHECK(l.w.resume("h").error() == errc::unknown_hold);
    CHECK_FALSE(l.w.settle(first));
    CHECK(l.w.refund({.charge = "h"}) == errc::unknown_charge);
}

TEST_CASE("rule 23: what is no hold is not taken up by its request") {
    lab<> l;
    l.grant(15_cr, {.request = "g"});
    l.w.charge({.amount = 1_cr, .request = "c"}).or_throw();
    CHECK(l.w.resume("g").error() == errc::unknown_hold);
    CHECK(l.w.resume("c").error() == errc::unknown_hold);
    CHECK(l.w.resume("nobody's").error() == errc::unknown_hold);
    CHECK(l.w.resume(coffer::request_id{}).error() == errc::unknown_hold);
}
