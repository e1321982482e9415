#include "support/wallet_fixture.hpp"

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;

namespace {

lab_plan sticking() {
    lab_plan plan;
    plan.refusals = {true};
    plan.cost.set("chat", coffer::cost::flat{5_cr});
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 25: a sticky refusal stays, also once credits have arrived", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    l.grant(3_cr);
    auto refused = l.w.charge({.amount = 10_cr, .request = "c"});
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().required() == 10_cr);
    CHECK(refused.error().acceptable() == 3_cr);
    l.grant(100_cr);
    auto again = l.w.charge({.amount = 10_cr, .request = "c"});
    REQUIRE(again == errc::insufficient_credits);
    CHECK(again.error().required() == 10_cr);  // the first outcome, not what would hold now
    CHECK(again.error().acceptable() == 3_cr);
    CHECK(l.available() == 103_cr);
    CHECK(l.w.charge({.amount = 10_cr, .request = "d"}));
    CHECK(l.w.charge({.amount = 10_cr}));
}

TEMPLATE_TEST_CASE("rule 25: with retry, and by default, the same request goes ahead later", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    CHECK(l.w.charge({.amount = 10_cr, .request = "c"}) == errc::insufficient_credits);
    CHECK(l.entry_count() == 0);
    l.grant(100_cr);
    CHECK(l.w.charge({.amount = 10_cr, .request = "c"}));
}

TEMPLATE_TEST_CASE("rule 25: a sticky refusal is an entry of its own and changes nothing else", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    auto lot = l.grant(3_cr);
    std::string before = picture(l);
    auto entries = l.entry_count();
    CHECK(l.w.charge({.action = "chat", .request = "c"}) == errc::insufficient_credits);
    CHECK(l.entry_count() == entries + 1);
    CHECK(picture(l) == before);
    auto refused = l.entries().entries.back();
    CHECK(refused.kind == entry_kind::refused);
    CHECK(refused.refusal == errc::insufficient_credits);
    CHECK(refused.amount == 5_cr);
    CHECK(refused.request == "c");
    CHECK(refused.parts.empty());
    CHECK(l.w.charge({.action = "chat", .request = "c"}) == errc::insufficient_credits);
    CHECK(l.entry_count() == entries + 1);
    CHECK(l.left(lot) == 3_cr);
    CHECK(l.balance().used == 0_cr);
}

TEMPLATE_TEST_CASE("rule 25: a sticky refusal's id with other content is request_mismatch", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    CHECK(l.w.charge({.amount = 10_cr, .request = "c"}) == errc::insufficient_credits);
    CHECK(l.w.charge({.amount = 9_cr, .request = "c"}) == errc::request_mismatch);
    CHECK(l.w.hold({.amount = 10_cr, .request = "c"}).error() == errc::request_mismatch);
    CHECK(l.w.grant({.bucket = "package", .amount = 10_cr, .request = "c"}) ==
          errc::request_mismatch);
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 25: sticky remembers lack of credit and no other refusal", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{sticking()};
    auto lot = l.grant(3_cr);
    auto entries = l.entry_count();
    CHECK(l.w.charge({.action = "video", .request = "a"}) == errc::unknown_action);
    CHECK(l.w.charge({.amount = micros(-1), .request = "b"}) == errc::invalid_argument);
    CHECK(l.w.refund({.charge = "nobody", .request = "d"}) == errc::unknown_charge);
    CHECK(l.w.refund_purchase({.lot = lot, .request = "e"}) == errc::not_refundable);
    CHECK(l.w.grant({.bucket = "nowhere", .amount = 1_cr, .request = "f"}) == errc::unknown_bucket);
    CHECK(l.entry_count() == entries);
    CHECK(l.w.charge({.amount = 1_cr, .request = "a"}));
    CHECK(l.w.charge({.amount = 1_cr, .request = "b"}));
}

TEMPLATE_TEST_CASE("rule 25: requests without an id, and quotes, leave nothing behind", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    l.grant(3_cr);
    unchanged same{l};
    CHECK(l.w.charge({.amount = 10_cr}) == errc::insufficient_credits);
    CHECK(l.w.charge({.amount = 10_cr, .request = ""}) == errc::insufficient_credits);
    CHECK(l.w.quote({.amount = 10_cr, .request = "c"}) == errc::insufficient_credits);
    CHECK(l.w.hold({.amount = 10_cr}).error() == errc::insufficient_credits);
}

TEMPLATE_TEST_CASE("rule 25: a hold is refused for good like a charge", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{sticking()};
    l.grant(3_cr);
    CHECK(l.w.hold({.action = "chat", .request = "h"}).error() == errc::insufficient_credits);
    l.grant(100_cr);
    auto again = l.w.hold({.action = "chat", .request = "h"});
    REQUIRE_FALSE(again);
    CHECK(again.error() == errc::insufficient_credits);
    CHECK(again.error().required() == 5_cr);
    CHECK(l.balance().held == 0_cr);
    CHECK(l.w.refund({.charge = "h"}) == errc::unknown_charge);
}

TEMPLATE_TEST_CASE("rule 25: a void of more than the rest is refused for good, too", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    auto lot = l.grant(3_cr);
    CHECK(l.w.void_lot({.lot = lot, .amount = 4_cr, .request = "v"}) == errc::insufficient_credits);
    CHECK(l.w.void_lot({.lot = lot, .amount = 4_cr, .request = "v"}) == errc::insufficient_credits);
    CHECK(l.w.void_lot({.lot = lot, .amount = 3_cr, .request = "v"}) == errc::request_mismatch);
    CHECK(l.entries().count(entry_kind::refused) == 1);
    CHECK(l.left(lot) == 3_cr);
}

TEMPLATE_TEST_CASE(
    "rule 20: a settle that lacks credits leaves the hold open, also when refusals "
    "stick",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 10_cr, .tolerance = 5_cr}).or_throw();
    auto refused = hold.settle({.amount = 12_cr, .request = "s"});
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().acceptable() == 10_cr);
    l.grant(100_cr);
    CHECK(hold.settle({.amount = 12_cr, .request = "s"}) == errc::insufficient_credits);
    CHECK(l.balance().held == 10_cr);
    CHECK(hold.settle({.amount = 12_cr, .request = "t"}));
    CHECK(l.available() == 98_cr);
}

TEMPLATE_TEST_CASE(
    "rule 25: a settle without an id that was refused stays refused, others go ahead", "",
    lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 10_cr, .tolerance = 5_cr}).or_throw();
    auto refused = hold.settle({.amount = 12_cr});
    REQUIRE(refused == errc::insufficient_credits);
    l.grant(100_cr);
    const auto entries = l.entry_count();
    for (const bool by_id : {false, true}) {
        CAPTURE(by_id);
        auto again =
            by_id ? l.w.settle(hold.id(), {.amount = 12_cr}) : hold.settle({.amount = 12_cr});
        REQUIRE(again == errc::insufficient_credits);
        CHECK(again.error().required() == refused.error().required());
        CHECK(again.error().acceptable() == 10_cr);  // the first outcome, not what would hold now
    }
    CHECK(l.entry_count() == entries);
    CHECK(hold.settle({.amount = 13_cr}));
    CHECK(l.available() == 97_cr);
    CHECK(l.w.settle(hold.id(), {.amount = 12_cr}) == errc::insufficient_credits);
    CHECK(l.w.settle(hold.id(), {.amount = 13_cr}).or_throw().repeated);
    CHECK(l.w.settle(hold.id(), {.amount = 14_cr}) == errc::hold_closed);
}

TEMPLATE_TEST_CASE(
    "rule 20: a settle without an id can be repeated for what is accepted, also "
    "when refusals stick",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{sticking()};
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 10_cr, .tolerance = 5_cr}).or_throw();
    auto refused = hold.settle({.amount = 12_cr});
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(hold.settle({.amount = refused.error().acceptable()}));
    CHECK(l.balance().held == 0_cr);
}

TEMPLATE_TEST_CASE("rule 25: what was due is committed with the refusal", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = sticking();
    lab<TestType> l{plan};
    auto lot = l.grant(30_cr, {.expires = at("2026-01-05T00:00:00Z")});
    l.go("2026-01-06T00:00:00Z");
    CHECK(l.w.charge({.amount = 10_cr, .request = "c"}) == errc::insufficient_credits);
    CHECK(l.entries().kinds(1) ==
          std::vector<entry_kind>{entry_kind::expired, entry_kind::refused});
    CHECK(l.lot(lot).expired == 30_cr);
}
