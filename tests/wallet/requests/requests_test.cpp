#include "support/faulty_store.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/perform/requests.hpp>
#include <coffer/wallet/wallet.hpp>

using namespace coffer_test;

namespace {

lab_plan priced() {
    lab_plan plan;
    plan.cost = {{"post", coffer::cost::flat{1_cr}}};
    plan.package.refund = {coffer::refund::full{}};
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 23: the same id with the same content gives the first outcome", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    auto granted = l.w.grant({.bucket = "package", .amount = 10_cr, .request = "g"}).or_throw();
    auto first = l.w.charge({.action = "post", .quantity = 3_units, .request = "c"}).or_throw();
    CHECK_FALSE(first.repeated);
    l.charge(2_cr);
    auto entries = l.entry_count();

    auto again = l.w.charge({.action = "post", .quantity = 3_units, .request = "c"}).or_throw();
    CHECK(again.repeated);
    CHECK(again.id == first.id);
    CHECK(again.cost == 3_cr);
    CHECK(again.at == first.at);
    CHECK(again.kind == first.kind);
    CHECK(again.lot == granted.lot);
    CHECK(taken(l.w, again) == taken_list{{granted.lot, 3_cr}});
    CHECK(totals_before(l.w, again).available == 10_cr);
    CHECK(again.after == first.after);

    auto regranted = l.w.grant({.bucket = "package", .amount = 10_cr, .request = "g"}).or_throw();
    CHECK(regranted.repeated);
    CHECK(regranted.lot == granted.lot);
    CHECK(totals_before(l.w, regranted).available == 0_cr);
    CHECK(regranted.after == granted.after);
    CHECK(l.entry_count() == entries);
    CHECK(l.available() == 5_cr);
}

TEMPLATE_TEST_CASE("rule 23: a top-up sent twice is granted once", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    coffer::grant_request top_up{
        .bucket = "package", .amount = 100_cr, .paid = usd(1000), .request = "pi_123"};
    auto first = l.w.grant(top_up).or_throw();
    CHECK(l.available() == 110_cr);
    auto second = l.w.grant(top_up).or_throw();
    CHECK(second.repeated);
    CHECK(second.lot == first.lot);
    CHECK(l.available() == 110_cr);
}

TEMPLATE_TEST_CASE("rule 23: the same id with other content tells nothing of the first", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    l.w.charge({.amount = 3_cr, .member = "ann", .request = "c"}).or_throw();
    auto hold = l.w.hold({.amount = 1_cr, .request = "h"}).or_throw();
    unchanged same{l};

    std::vector<coffer::result<coffer::receipt>> answers;
    answers.push_back(l.w.charge({.amount = 4_cr, .member = "ann", .request = "c"}));
    answers.push_back(l.w.charge({.amount = 3_cr, .member = "bob", .request = "c"}));
    answers.push_back(l.w.charge({.amount = 3_cr, .request = "c"}));
    answers.push_back(
        l.w.charge({.amount = 3_cr, .member = "ann", .resource = "doc", .request = "c"}));
    answers.push_back(l.w.charge({.action = "post", .request = "c"}));
    answers.push_back(l.w.grant({.bucket = "package", .amount = 3_cr, .request = "c"}));
    answers.push_back(l.w.void_lot({.lot = coffer::lot_id{1}, .request = "c"}));
    answers.push_back(l.w.refund({.charge = "c", .request = "c"}));
    answers.push_back(l.w.refund_purchase({.lot = coffer::lot_id{1}, .request = "c"}));
    answers.push_back(
        l.w.expire_at({.lot = coffer::lot_id{1}, .expires = coffer::never, .request = "c"}));
    answers.push_back(l.w.start({.request = "c"}));
    answers.push_back(l.w.settle(hold.id(), {.request = "c"}));
    answers.push_back(l.w.release(hold.id(), {.request = "c"}));
    // A request that makes no sense is still first of all a mismatch.
    answers.push_back(l.w.charge({.action = "unheard-of", .request = "c"}));
    answers.push_back(l.w.charge({.amount = 1'000'000_cr, .request = "c"}));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        CAPTURE(i);
        REQUIRE(answers[i] == coffer::errc::request_mismatch);
        CHECK(answers[i].error().required() == 0_cr);
        CHECK(answers[i].error().acceptable() == 0_cr);
        CHECK(answers[i].error().subject().empty());
    }
    CHECK(l.w.hold({.amount = 3_cr, .request = "c"}).error() == coffer::errc::request_mismatch);
    CHECK(l.w.hold({.amount = 1_cr, .tolerance = 1_cr, .request = "h"}).error() ==
          coffer::errc::request_mismatch);
    CHECK(l.w.hold({.amount = 1_cr, .expires_in = 1min, .request = "h"}).error() ==
          coffer::errc::request_mismatch);
    (void)hold.detach();
}

TEMPLATE_TEST_CASE("rule 23: when it happened is not part of the content", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan;
    plan.late = {.back = 24h};
    lab<TestType> l{plan};
    l.grant(10_cr);
    l.w.charge({.amount = 1_cr, .at = at("2025-12-31T23:00:00Z"), .request = "c"}).or_throw();
    l.go("2026-01-01T05:00:00Z");
    CHECK(l.w.charge({.amount = 1_cr, .request = "c"}).or_throw().repeated);
    l.go("2026-06-01T05:00:00Z");  // far too late for an event, and still known
    CHECK(l.w.charge({.amount = 1_cr, .at = at("2025-12-31T23:00:00Z"), .request = "c"})
              .or_throw()
              .repeated);
    CHECK(l.available() == 9_cr);
}

TEMPLATE_TEST_CASE("rule 23: ids are known from any process and for as long as the journal lives",
                   "", lends_heads, gives_whole_pages) {
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    {
        coffer::wallets one{priced(), store, clock};
        one["w"].grant({.bucket = "package", .amount = 10_cr, .request = "g"}).or_throw();
        one["w"].charge({.amount = 1_cr, .request = "c"}).or_throw();
    }
    clock.set(at("2046-01-01T00:00:00Z"));
    coffer::wallets other{priced(), store, clock};
    for (int i = 0; i < 600; ++i) other["w"].charge({.amount = micros(1)}).or_throw();
    CHECK(other["w"].charge({.amount = 1_cr, .request = "c"}).or_throw().repeated);
    CHECK(other["w"]
              .grant({.bucket = "package", .amount = 10_cr, .request = "g"})
              .or_throw()
              .repeated);
    CHECK(other["w"].charge({.amount = 2_cr, .request = "c"}) == coffer::errc::request_mismatch);
    // Another wallet is another space.
    CHECK(other["x"].charge({.amount = 1_cr, .request = "c"}) ==
          coffer::errc::insufficient_credits);
}

TEMPLATE_TEST_CASE("rule 23: ids that differ are different requests, whatever they hold", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.grant(1'000_cr);
    const std::vector<std::string> ids{"a",
                                       "A",
                                       "a ",
                                       std::string(95, 'x'),
                                       std::string(94, 'x'),
                                       std::string("a\0b", 3),
                                       std::string("a\0c", 3),
                                       "\xff\xfe",
                                       "4",
                                       "5"};
    for (const std::string& id : ids) {
        CHECK_FALSE(l.w.charge({.amount = 1_cr, .request = id}).or_throw().repeated);
    }
    for (const std::string& id : ids) {
        CHECK(l.w.charge({.amount = 1_cr, .request = id}).or_throw().repeated);
    }
    CHECK(l.available() == 990_cr);
    // Without an id each is a new request.
    l.charge(1_cr);
    l.charge(1_cr);
    CHECK(l.available() == 988_cr);
}

TEMPLATE_TEST_CASE("rule 23: a caller's id that looks like a hold's number is no settle of it", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 5_cr}).or_throw();
    std::string number = std::to_string(hold.id().value());
    CHECK_FALSE(l.w.charge({.amount = 1_cr, .request = number}).or_throw().repeated);
    CHECK_FALSE(hold.settle({.amount = 2_cr}).or_throw().repeated);
    CHECK(l.w.charge({.amount = 1_cr, .request = number}).or_throw().repeated);
    CHECK(l.w.settle(hold.id(), {.amount = 2_cr}).or_throw().repeated);
    CHECK(l.available() == 7_cr);
}

TEMPLATE_TEST_CASE("rule 23: a settle without an id uses its hold's", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 5_cr, .request = "h"}).or_throw();
    coffer::hold_id id = hold.id();
    auto settled = hold.settle({.amount = 2_cr}).or_throw();

    auto again = l.w.settle(id, {.amount = 2_cr}).or_throw();
    CHECK(again.repeated);
    CHECK(again.id == settled.id);
    CHECK(again.cost == 2_cr);
    CHECK(l.w.settle(id, {.amount = 3_cr}) == coffer::errc::hold_closed);
    CHECK(l.w.settle(id) == coffer::errc::hold_closed);
    CHECK(l.w.release(id) == coffer::errc::hold_closed);
    CHECK(l.available() == 8_cr);

    coffer::hold_id released = l.w.hold({.amount = 1_cr}).or_throw().detach();
    CHECK(l.w.release(released));
    CHECK(l.w.release(released).or_throw().repeated);
    CHECK(l.w.settle(released) == coffer::errc::hold_closed);

    coffer::hold_id named = l.w.hold({.amount = 1_cr}).or_throw().detach();
    CHECK(l.w.settle(named, {.amount = 1_cr, .request = "s"}));
    CHECK(l.w.settle(named, {.amount = 1_cr, .request = "s"}).or_throw().repeated);
    CHECK(l.w.settle(named, {.amount = 0.5_cr, .request = "s"}) == coffer::errc::request_mismatch);
}

TEMPLATE_TEST_CASE("rule 23: every verb can be repeated", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    l.w.start({.request = "start"}).or_throw();
    auto lot = l.grant(10_cr, {.paid = usd(100)});
    auto other = l.grant(10_cr, {.priority = 1});
    l.w.charge({.amount = 1_cr, .request = "charge"}).or_throw();
    auto each = [&] {
        std::vector<coffer::receipt> all;
        all.push_back(l.w.start({.request = "start"}).or_throw());
        all.push_back(l.w.charge({.amount = 1_cr, .request = "charge"}).or_throw());
        all.push_back(
            l.w.refund({.charge = "charge", .amount = 0.5_cr, .request = "r"}).or_throw());
        all.push_back(l.w.void_lot({.lot = other, .amount = 2_cr, .request = "v"}).or_throw());
        all.push_back(
            l.w.expire_at({.lot = other, .expires = at("2027-01-01T00:00:00Z"), .request = "e"})
                .or_throw());
        all.push_back(l.w.refund_purchase({.lot = lot, .request = "p"}).or_throw());
        return all;
    };
    auto first = each();
    auto entries = l.entry_count();
    auto balance = l.balance().available;
    l.clock.advance(1h);
    auto second = each();
    CHECK(l.entry_count() == entries);
    CHECK(l.available() == balance);
    for (std::size_t i = 0; i < first.size(); ++i) {
        CAPTURE(i);
        CHECK(second[i].repeated);
        CHECK(second[i].id == first[i].id);
        CHECK(second[i].cost == first[i].cost);
        CHECK(second[i].owed == first[i].owed);
        CHECK(second[i].lot == first[i].lot);
        CHECK(second[i].after == first[i].after);
        CHECK(second[i].kind == first[i].kind);
        CHECK(second[i].at == first[i].at);
        CHECK(second[i].until == first[i].until);
        CHECK(second[i].debt == first[i].debt);
        CHECK(second[i].hold == first[i].hold);
    }
}

TEMPLATE_TEST_CASE("rule 25: a refusal for lack of credit is not remembered", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(1_cr);
    CHECK(l.w.charge({.amount = 5_cr, .request = "c"}) == coffer::errc::insufficient_credits);
    CHECK(l.w.hold({.amount = 5_cr, .request = "h"}).error() == coffer::errc::insufficient_credits);
    l.grant(10_cr);
    CHECK_FALSE(l.w.charge({.amount = 5_cr, .request = "c"}).or_throw().repeated);
    CHECK(l.w.hold({.amount = 5_cr, .request = "h"}));
    // Nor is it bound to its content.
    CHECK(l.w.charge({.amount = 100_cr, .request = "d"}) == coffer::errc::insufficient_credits);
    CHECK(l.w.charge({.amount = 1_cr, .request = "d"}));
}

TEST_CASE("rule 24: after an unknown outcome the same id is safe") {
    lab<faulty_store> l;
    l.grant(10_cr);
    SECTION("it had been written") {
        l.store.fail_commits({fault::written_but_unknown});
        CHECK(l.w.charge({.amount = 3_cr, .request = "c"}) == coffer::errc::outcome_unknown);
        auto again = l.w.charge({.amount = 3_cr, .request = "c"}).or_throw();
        CHECK(again.repeated);
    }
    SECTION("it had not") {
        l.store.fail_commits({fault::lost_and_unknown});
        CHECK(l.w.charge({.amount = 3_cr, .request = "c"}) == coffer::errc::outcome_unknown);
        auto again = l.w.charge({.amount = 3_cr, .request = "c"}).or_throw();
        CHECK_FALSE(again.repeated);
    }
    SECTION("nobody knows, several times over") {
        l.store.fail_commits({fault::lost_and_unknown, fault::lost_and_unknown,
                              fault::written_but_unknown, fault::none});
        int attempts = 0;
        while (!l.w.charge({.amount = 3_cr, .request = "c"})) ++attempts;
        CHECK(attempts == 3);
    }
    CHECK(l.available() == 7_cr);
    CHECK(l.entries().count(coffer::entry_kind::charged) == 1);
    CHECK(coffer::is_transient(coffer::errc::outcome_unknown));
}

TEST_CASE("rule 24: a commit that meets another writer is decided anew") {
    lab<faulty_store> l;
    l.grant(10_cr);
    coffer::wallets rival{lab_plan{}, l.store.inner(), l.clock};
    SECTION("there is enough for both") {
        l.store.before_commit = [&] { rival["acme"].charge({.amount = 6_cr}).or_throw(); };
        auto r = l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();
        CHECK(totals_before(l.w, r).available == 4_cr);
        CHECK(l.available() == 0_cr);
    }
    SECTION("the other took what was there") {
        l.store.before_commit = [&] { rival["acme"].charge({.amount = 7_cr}).or_throw(); };
        auto refused = l.w.charge({.amount = 4_cr, .request = "c"});
        REQUIRE(refused == coffer::errc::insufficient_credits);
        CHECK(refused.error().acceptable() == 3_cr);
        CHECK(l.available() == 3_cr);
    }
    SECTION("the other was the same request") {
        l.store.before_commit = [&] {
            rival["acme"].charge({.amount = 4_cr, .request = "c"}).or_throw();
        };
        auto r = l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();
        CHECK(r.repeated);
        CHECK(l.available() == 6_cr);
    }
    SECTION("the other used the same id for something else") {
        l.store.before_commit = [&] {
            rival["acme"].charge({.amount = 1_cr, .request = "c"}).or_throw();
        };
        CHECK(l.w.charge({.amount = 4_cr, .request = "c"}) == coffer::errc::request_mismatch);
        CHECK(l.available() == 9_cr);
    }
    SECTION("the other ended the hold") {
        auto hold = l.w.hold({.amount = 4_cr}).or_throw();
        l.store.before_commit = [&] { rival["acme"].release(hold.id()).or_throw(); };
        CHECK(hold.settle({.amount = 4_cr}) == coffer::errc::hold_closed);
        CHECK(l.available() == 10_cr);
    }
}
