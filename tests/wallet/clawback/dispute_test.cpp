#include "wallet/clawback/dispute_fixture.hpp"

#include <optional>
#include <string>

using namespace coffer_test;
using coffer::errc;

TEMPLATE_TEST_CASE("rule 28: a dispute claws back all that was paid for, or its share rounded up",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto other = l.grant(5_cr);
    SECTION("all by default") {
        auto pack = buy_and_spend(l);
        open(l, pack);
        CHECK(l.left(pack) == 0_cr);
        CHECK(l.lot(pack).voided == 100_cr);
    }
    SECTION("a share") {
        auto pack = buy_and_spend(l);
        open(l, pack, usd(250));
        CHECK(l.left(pack) == 75_cr);
    }
    SECTION("rounded up") {
        auto pack = l.grant(0.000010_cr, {.paid = usd(3)});
        open(l, pack, usd(1));
        CHECK(l.left(pack) == 0.000006_cr);
    }
    SECTION("nothing is nothing") {
        auto pack = buy_and_spend(l);
        open(l, pack, usd(0));
        CHECK(l.left(pack) == 100_cr);
        CHECK(l.w.refund_purchase({.lot = pack}) == errc::refund_exceeds);
        win(l, pack);
        CHECK(l.left(pack) == 100_cr);
        CHECK(l.w.refund_purchase({.lot = pack}).or_throw().owed == usd(1000));
    }
    CHECK(l.left(other) == 5_cr);
}

TEMPLATE_TEST_CASE("rule 28: only what was bought can be disputed, for what was paid", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = disputable();
    plan.budget.refill = {.length = coffer::months{1}, .amount = 100_cr, .price = usd(900)};
    plan.budget.rollover = {coffer::rollover::all{}};
    plan.bonus.restore = {coffer::days{7}};
    lab<TestType> l{plan};
    l.start();
    auto gift = l.grant(5_cr);
    auto pack = buy_and_spend(l);
    l.w.charge({.amount = 110_cr, .request = "x"}).or_throw();
    l.go("2026-02-01T00:00:00Z");
    auto short_lived = l.grant(
        9_cr,
        {.bucket = "bonus", .priority = 0, .expires = at("2026-02-02T00:00:00Z"), .paid = usd(90)});
    l.w.charge({.amount = 105_cr, .request = "y"}).or_throw();
    l.go("2026-02-03T00:00:00Z");
    l.w.refund({.charge = "y", .amount = 5_cr}).or_throw();
    auto regranted = l.newest(coffer::lot_origin::regranted);
    REQUIRE(regranted);
    l.go("2026-03-01T00:00:00Z");
    l.w.sweep().or_throw();
    unchanged same{l};
    auto opened = [&](coffer::lot_id lot, std::optional<coffer::money> total = {}) {
        return l.w.dispute({.lot = lot, .money = total});
    };
    CHECK(opened(gift) == errc::not_refundable);
    CHECK(opened(regranted) == errc::not_refundable);
    CHECK(opened(coffer::lot_id{99}) == errc::unknown_lot);
    CHECK(opened({}) == errc::unknown_lot);
    CHECK(opened(pack, usd(1001)) == errc::refund_exceeds);
    CHECK(opened(pack, usd(-1)) == errc::invalid_argument);
    CHECK(opened(pack, coffer::money::from_minor(1, "EUR")) == errc::invalid_argument);
    CHECK(opened(pack, coffer::money{}) == errc::invalid_argument);
    CHECK(l.w.dispute({.lot = pack, .state = dispute_state::none}) == errc::invalid_argument);
    CHECK(short_lived);
}

TEMPLATE_TEST_CASE("rule 28: a rolled lot cannot be disputed, its first lot can", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = monthly_plan(100_cr);
    plan.budget.refill.price = usd(1000);
    plan.budget.rollover = {coffer::rollover::all{}};
    plan.clawback = {shortfall::owed};
    lab<TestType> l{plan};
    auto january = l.start();
    l.charge(30_cr);
    l.go("2026-02-01T00:00:00Z");
    auto rolled = l.newest(coffer::lot_origin::rolled);
    REQUIRE(rolled);
    CHECK(l.w.dispute({.lot = rolled}) == errc::not_refundable);
    // Of January 30 are spent, which are owed; the 70 that rolled on are not claimed.
    CHECK(open(l, january).debt == 30_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.left(rolled) == 40_cr);
    win(l, january);
    CHECK(l.left(rolled) == 70_cr);
}

TEMPLATE_TEST_CASE("rule 28: a bucket that refunds nothing can still be disputed", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = disputable();
    plan.package.refund = {coffer::refund::none{}};
    lab<TestType> l{plan};
    auto pack = buy_and_spend(l);
    open(l, pack);
    CHECK(l.available() == 0_cr);
    win(l, pack);
    CHECK(l.available() == 100_cr);
}

TEMPLATE_TEST_CASE("rule 28: refuse refuses a dispute, opened or lost, that asks for spent credits",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::refused)};
    auto pack = buy_and_spend(l, 30_cr);
    {
        unchanged same{l};
        CHECK(l.w.dispute({.lot = pack}) == errc::refund_exceeds);
        CHECK(l.w.dispute({.lot = pack, .state = dispute_state::lost}) == errc::refund_exceeds);
        CHECK(l.w.dispute({.lot = pack, .money = usd(701)}) == errc::refund_exceeds);
    }
    open(l, pack, usd(700));
    CHECK(l.available() == 0_cr);
    win(l, pack);
    CHECK(l.available() == 70_cr);
}

TEMPLATE_TEST_CASE(
    "rule 28: while a dispute is open, every refund of the purchase is "
    "refund_exceeds",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto pack = buy_and_spend(l);
    l.w.refund_purchase({.lot = pack, .money = usd(100)}).or_throw();
    open(l, pack, usd(500));
    {
        unchanged same{l};
        CHECK(l.w.refund_purchase({.lot = pack}) == errc::refund_exceeds);
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(600)}) == errc::refund_exceeds);
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(50)}) == errc::refund_exceeds);
    }
    win(l, pack);
    CHECK(l.left(pack) == 90_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(600)}).or_throw().owed == usd(500));
    CHECK(l.left(pack) == 40_cr);
}

TEMPLATE_TEST_CASE("rule 28: the disputed money includes what was refunded before", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto pack = buy_and_spend(l);
    l.w.refund_purchase({.lot = pack, .money = usd(300)}).or_throw();
    CHECK(l.left(pack) == 70_cr);
    SECTION("more") {
        open(l, pack, usd(400));
        CHECK(l.left(pack) == 60_cr);
        lose(l, pack);
        CHECK(l.lot(pack).refunded == usd(400));
    }
    SECTION("less: nothing more is taken, and a loss lowers nothing") {
        open(l, pack, usd(200));
        CHECK(l.left(pack) == 70_cr);
        lose(l, pack);
        CHECK(l.lot(pack).refunded == usd(300));
    }
    SECTION("all") {
        open(l, pack);
        CHECK(l.left(pack) == 0_cr);
        win(l, pack);
        CHECK(l.left(pack) == 70_cr);
        CHECK(l.lot(pack).refunded == usd(300));
    }
}

TEMPLATE_TEST_CASE("rule 28: a lost dispute keeps what it took and counts its money as refunded",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto pack = buy_and_spend(l);
    SECTION("opened before") {
        open(l, pack, usd(400));
        CHECK(l.lot(pack).refunded.minor_units() == 0);
        lose(l, pack, usd(400));
    }
    SECTION("lost at once") { lose(l, pack, usd(400)); }
    CHECK(l.left(pack) == 60_cr);
    CHECK(l.lot(pack).refunded == usd(400));
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(400)}).or_throw().owed.minor_units() == 0);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw().owed == usd(100));
    CHECK(l.left(pack) == 50_cr);
    CHECK(l.w.refund_purchase({.lot = pack}).or_throw().owed == usd(500));
    CHECK(l.left(pack) == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: when all is lost, every refund of the purchase is refund_exceeds", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::owed)};
    auto pack = buy_and_spend(l, 30_cr);
    lose(l, pack);
    CHECK(l.balance().debt == 30_cr);
    {
        unchanged same{l};
        CHECK(l.w.refund_purchase({.lot = pack}) == errc::refund_exceeds);
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}) == errc::refund_exceeds);
        CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1)}) == errc::refund_exceeds);
    }
    // What comes back to it is voided.
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.available() == 0_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.lot(pack).voided == 100_cr);

    // A later dispute of the same money undoes only itself.
    open(l, pack);
    win(l, pack);
    CHECK(l.available() == 0_cr);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}) == errc::refund_exceeds);
}

TEMPLATE_TEST_CASE("rule 28: a part that was lost and a rest that was refunded are not all lost",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto pack = buy_and_spend(l);
    lose(l, pack, usd(300));
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().owed == usd(700));
    // The same message again says nothing new.
    auto again = l.w.refund_purchase({.lot = pack, .money = usd(1000)});
    CHECK(again.or_throw().owed.minor_units() == 0);
}

TEMPLATE_TEST_CASE("rule 28: a state that already holds, or won with none open, does nothing", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::owed)};
    auto pack = buy_and_spend(l, 30_cr);
    auto same_after = [&](auto&& operation) {
        std::string before = picture(l);
        operation();
        CHECK(picture(l) == before);
    };
    same_after([&] { win(l, pack); });
    open(l, pack, usd(500));
    same_after([&] { open(l, pack, usd(500)); });
    same_after([&] { open(l, pack); });  // nor when it says something else
    win(l, pack);
    same_after([&] { win(l, pack); });
    lose(l, pack, usd(500));
    same_after([&] { lose(l, pack, usd(500)); });
    same_after([&] { lose(l, pack); });
    same_after([&] { win(l, pack); });
    CHECK(l.lot(pack).refunded == usd(500));
}

TEMPLATE_TEST_CASE("rule 23: a dispute's message with an id is carried out once", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto pack = buy_and_spend(l);
    auto tell = [&](dispute_state state, std::string_view id,
                    std::optional<coffer::money> total = {}) {
        return l.w.dispute({.lot = pack, .state = state, .money = total, .request = id});
    };
    CHECK(tell(dispute_state::opened, "m1", usd(400)).or_throw().cost == 40_cr);
    CHECK(tell(dispute_state::won, "m2"));
    auto again = tell(dispute_state::opened, "m1", usd(400)).or_throw();
    CHECK(again.repeated);
    CHECK(again.cost == 40_cr);
    CHECK(l.left(pack) == 100_cr);
    CHECK(tell(dispute_state::opened, "m1", usd(500)) == errc::request_mismatch);
    CHECK(tell(dispute_state::lost, "m2") == errc::request_mismatch);
    // A message that said nothing new is remembered, too.
    CHECK(tell(dispute_state::won, "m3"));
    CHECK(tell(dispute_state::won, "m3").or_throw().repeated);
    CHECK(tell(dispute_state::opened, "m3") == errc::request_mismatch);
    CHECK(l.left(pack) == 100_cr);
}

TEMPLATE_TEST_CASE("rule 28: lost after won claws back again", "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::owed)};
    auto pack = buy_and_spend(l, 30_cr);
    for (int i = 0; i < 3; ++i) {
        open(l, pack);
        CHECK(l.balance().debt == 30_cr);
        CHECK(l.available() == 0_cr);
        win(l, pack);
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.available() == 70_cr);
    }
    lose(l, pack);
    CHECK(l.balance().debt == 30_cr);
    CHECK(l.lot(pack).refunded == usd(1000));
    l.grant(30_cr);
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: refund, dispute and refund again take each credit once", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::owed)};
    auto pack = buy_and_spend(l, 40_cr);
    l.w.refund_purchase({.lot = pack, .money = usd(300)}).or_throw();
    CHECK(l.left(pack) == 30_cr);
    open(l, pack, usd(800));
    CHECK(l.balance().debt == 20_cr);
    lose(l, pack);
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(1000)}).or_throw().owed == usd(200));
    CHECK(l.balance().debt == 40_cr);
    CHECK(l.lot(pack).voided == 60_cr);
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.lot(pack).voided == 100_cr);
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: a lot that is whole in dispute has no expiry to change", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto pack = buy_and_spend(l);
    auto later = at("2027-01-01T00:00:00Z");
    open(l, pack);
    CHECK(l.w.expire_at({.lot = pack, .expires = later}) == errc::invalid_argument);
    win(l, pack);
    CHECK(l.w.expire_at({.lot = pack, .expires = later}));
    open(l, pack, usd(500));
    CHECK(l.w.expire_at({.lot = pack, .expires = at("2026-06-01T00:00:00Z")}));
    l.go("2026-06-01T00:00:00Z");
    CHECK(l.lot(pack).expired == 50_cr);
    win(l, pack);
    CHECK(l.lot(pack).expired == 100_cr);
    CHECK(l.available() == 0_cr);
}

TEMPLATE_TEST_CASE("rule 28: a won dispute puts a lot back to its place in burn order", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    auto second = l.grant(10_cr, {.priority = 2, .paid = usd(100)});
    auto first = l.grant(10_cr, {.priority = 1, .paid = usd(100)});
    auto third = l.grant(10_cr, {.priority = 3});
    auto disputed = GENERATE(true, false) ? first : second;
    auto total = GENERATE(usd(100), usd(50));
    open(l, disputed, total);
    win(l, disputed);
    CHECK(taken(l.w, l.charge(25_cr)) ==
          taken_list{{first, 10_cr}, {second, 10_cr}, {third, 5_cr}});
}

TEMPLATE_TEST_CASE(
    "rule 28: what repaid a dispute that is won comes back to its place in burn "
    "order",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::owed)};
    // Of the disputed lot nothing is left; a lot that burns before it repays its debt.
    auto disputed = l.grant(10_cr, {.priority = 2, .paid = usd(100)});
    l.charge(10_cr);
    auto helper = l.grant(4_cr, {.priority = 1});
    auto last = l.grant(10_cr, {.priority = 3});
    auto total = GENERATE(usd(100), usd(50));
    open(l, disputed, total);
    CHECK(l.left(helper) == 0_cr);
    win(l, disputed);
    CHECK(taken(l.w, l.charge(6_cr)) == taken_list{{helper, 4_cr}, {last, 2_cr}});
}

TEMPLATE_TEST_CASE(
    "rule 2: a won dispute that no longer fits is amount_overflow, also of a future "
    "lot",
    "", lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable()};
    const coffer::credits most = coffer::credits::max();
    auto now = GENERATE(true, false);
    const auto effective = at(now ? "2026-01-01T00:00:00Z" : "2026-02-01T00:00:00Z");
    auto pack = l.grant(most, {.effective = effective, .paid = usd(1000)});
    open(l, pack);
    l.grant(most);
    {
        unchanged same{l};
        CHECK(l.w.dispute({.lot = pack, .state = dispute_state::won}) == errc::amount_overflow);
    }
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.w.charge({.amount = most}));
    CHECK(l.w.balance());
}

TEMPLATE_TEST_CASE("rule 28: a dispute after a lost one, when won, leaves what was lost before", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{disputable(shortfall::owed)};
    auto pack = buy_and_spend(l, 70_cr);
    lose(l, pack, usd(400));  // 30 there, 10 owed
    CHECK(l.balance().debt == 10_cr);
    std::string before = picture(l);
    SECTION("of the same money") { open(l, pack, usd(400)); }
    SECTION("of more") {
        open(l, pack);
        CHECK(l.balance().debt == 70_cr);
    }
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(500)}) == errc::refund_exceeds);
    win(l, pack);
    CHECK(picture(l) == before);
    CHECK(l.lot(pack).refunded == usd(400));
    CHECK(l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw().owed == usd(100));
    CHECK(l.balance().debt == 20_cr);
}
