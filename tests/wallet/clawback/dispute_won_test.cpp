// A dispute that is won leaves what would be there had it never been opened.
#include "wallet/clawback/dispute_fixture.hpp"

#include <functional>
#include <optional>
#include <string>

using namespace coffer_test;

namespace {

/// Plays a story twice, once with a dispute that is opened at its mark and won at its end, and
/// compares what is left.
template <class Store, class Story>
void won_is_as_if_never(const lab_plan& plan, std::optional<coffer::money> total,
                        const Story& story) {
    auto play = [&](bool disputed) {
        lab<Store> l{plan};
        coffer::lot_id pack;
        story(l, pack, [&] {
            if (disputed) open(l, pack, total);
        });
        if (disputed) win(l, pack);
        CHECK(l.audit() == "");
        std::string now = picture(l);
        l.go("2027-01-01T00:00:00Z");
        return now + "\na year later\n" + picture(l);
    };
    CHECK(play(true) == play(false));
}

}  // namespace

TEMPLATE_TEST_CASE("rule 28: a won dispute leaves what would be there had it never been opened", "",
                   lends_heads, gives_whole_pages) {
    auto how = GENERATE(shortfall::uncollected, shortfall::owed);
    auto total = GENERATE(usd(1000), usd(700), usd(1));
    lab_plan plan = disputable(how);
    using lab_type = lab<TestType>;
    using mark = std::function<void()>;

    SECTION("nothing happens") {
        won_is_as_if_never<TestType>(plan, total,
                                     [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                                         pack = buy_and_spend(l, 30_cr);
                                         l.grant(7_cr);
                                         opened();
                                     });
    }
    SECTION("the charge is refunded, in two steps") {
        won_is_as_if_never<TestType>(plan, total,
                                     [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                                         pack = buy_and_spend(l, 80_cr);
                                         opened();
                                         l.w.refund({.charge = "c", .amount = 15_cr}).or_throw();
                                         l.w.refund({.charge = "c"}).or_throw();
                                     });
    }
    SECTION("other credits arrive, some before and some after the charge is refunded") {
        won_is_as_if_never<TestType>(plan, total,
                                     [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                                         pack = buy_and_spend(l, 80_cr);
                                         opened();
                                         l.grant(20_cr, {.priority = 0});
                                         l.w.refund({.charge = "c", .amount = 35_cr}).or_throw();
                                         l.grant(70_cr, {.priority = 2});
                                         l.w.refund({.charge = "c", .amount = 25_cr}).or_throw();
                                     });
    }
    SECTION("a part was refunded before for money") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                pack = buy_and_spend(l, 80_cr);
                l.w.refund_purchase({.lot = pack, .money = usd(450)}).or_throw();
                opened();
                l.w.refund({.charge = "c", .amount = 40_cr}).or_throw();
                l.grant(12_cr);
            });
    }
    SECTION("credits are held, and given back in part") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                pack = buy_and_spend(l, 20_cr);
                auto hold = l.w.hold({.amount = 50_cr}).or_throw();
                auto other = l.w.hold({.amount = 25_cr, .expires_in = 1h}).or_throw();
                opened();
                CHECK(hold.settle({.amount = 10_cr}));
                l.grant(9_cr, {.priority = 0});
                l.go("2026-01-01T01:00:00Z");
                (void)other.detach();
            });
    }
    SECTION("the lot expires meanwhile") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                pack = l.grant(100_cr, {.expires = at("2026-01-10T00:00:00Z"), .paid = usd(1000)});
                l.w.charge({.amount = 40_cr, .request = "c"}).or_throw();
                opened();
                l.go("2026-01-11T00:00:00Z");
                l.grant(5_cr);
            });
    }
    SECTION("the lot was not effective yet") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                pack =
                    l.grant(100_cr, {.effective = at("2026-01-10T00:00:00Z"), .paid = usd(1000)});
                opened();
                auto becomes_effective = GENERATE(true, false);
                if (becomes_effective) l.go("2026-01-11T00:00:00Z");
                l.grant(5_cr);
            });
    }
    SECTION("the lot that repaid is taken back itself") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                pack = buy_and_spend(l, 60_cr);
                auto other = l.grant(50_cr, {.priority = 2, .paid = usd(500)});
                opened();
                l.w.refund_purchase({.lot = other, .money = usd(200)}).or_throw();
                l.w.refund({.charge = "c", .amount = 10_cr}).or_throw();
            });
    }
    SECTION("the lot that repaid expires meanwhile") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                pack = buy_and_spend(l, 60_cr);
                l.grant(50_cr, {.priority = 2, .expires = at("2026-01-10T00:00:00Z")});
                opened();
                l.go("2026-01-11T00:00:00Z");
                l.w.refund({.charge = "c", .amount = 10_cr}).or_throw();
            });
    }
}

TEMPLATE_TEST_CASE("rule 28: a won dispute leaves what would be there, though its debt was dropped",
                   "", lends_heads, gives_whole_pages) {
    auto total = GENERATE(usd(1000), usd(700));
    lab_plan plan = disputable(shortfall::owed);
    plan.debt_at_reset = {true};
    using lab_type = lab<TestType>;
    using mark = std::function<void()>;

    SECTION("nothing happens after it") {
        won_is_as_if_never<TestType>(plan, total,
                                     [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                                         l.start();
                                         pack = buy_and_spend(l, 60_cr);
                                         opened();
                                         l.go("2026-02-01T00:00:00Z");
                                     });
    }
    SECTION("a part was repaid, the rest dropped") {
        won_is_as_if_never<TestType>(plan, total,
                                     [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                                         l.start();
                                         pack = buy_and_spend(l, 60_cr);
                                         opened();
                                         l.grant(20_cr);
                                         l.go("2026-02-01T00:00:00Z");
                                         l.grant(10_cr);
                                     });
    }
    SECTION("the charge is refunded after it") {
        won_is_as_if_never<TestType>(plan, total,
                                     [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                                         l.start();
                                         pack = buy_and_spend(l, 60_cr);
                                         opened();
                                         l.go("2026-02-01T00:00:00Z");
                                         l.w.refund({.charge = "c"}).or_throw();
                                     });
    }
    SECTION("debt of an earlier refund was dropped, the dispute's own was not") {
        won_is_as_if_never<TestType>(
            plan, total, [](lab_type& l, coffer::lot_id& pack, const mark& opened) {
                l.start();
                pack = buy_and_spend(l, 80_cr);
                l.w.refund_purchase({.lot = pack, .money = usd(500)}).or_throw();  // 30 owed
                l.go("2026-02-01T00:00:00Z");
                opened();
                l.w.refund({.charge = "c", .amount = 40_cr}).or_throw();
            });
    }
}
