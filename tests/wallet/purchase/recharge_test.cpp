#include "support/counting_store.hpp"
#include "support/dice.hpp"
#include "support/faulty_store.hpp"
#include "wallet/purchase/fixture.hpp"

#include <coffer/perform/configure.hpp>

#include <string>
#include <vector>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;
using coffer::order_state;

namespace {

/// A lab whose plan buys as said, with so many credits of packs.
template <class Store = coffer::memory_store>
struct recharge_lab : shop_lab<Store> {
    explicit recharge_lab(token_plan plan = recharging(), coffer::credits packs = 100_cr)
        : shop_lab<Store>{std::move(plan)} {
        if (packs.is_positive()) this->grant(packs, {.bucket = "packs"});
    }
};

std::vector<std::string> told(coffer::memory_store& store) {
    std::vector<std::string> all;
    for (const coffer::notice& n : store.notices(1'000).or_throw()) {
        all.push_back(n.kind + " " + n.text);
    }
    return all;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 31: an order is placed when the balance falls below the threshold", "",
                   lends_heads, gives_whole_pages) {
    recharge_lab<TestType> l;
    l.charge(90_cr);
    CHECK(l.placed().empty());  // at the threshold is not below
    CHECK(l.w.charge({.amount = 1'000_cr}) == errc::insufficient_credits);
    CHECK(l.placed().empty());  // nor after a refusal that it would not cure
    l.charge(micros(1));
    CHECK(l.placed() == amounts{50_cr});
    l.charge(5_cr);
    CHECK(l.placed() == amounts{50_cr});  // never two open at once
    CHECK(l.packs() < 10_cr);             // and it is not granted yet
    l.confirm(l.open());
    CHECK(l.packs() == micros(54'999'999));
    l.charge(45_cr);
    CHECK(l.placed() == amounts{50_cr, 50_cr});
}

TEST_CASE("rule 31: an order stands in the same commit as what caused it, with a notice") {
    recharge_lab<> l;
    const coffer::entry_id charged = l.charge(95_cr).id;
    REQUIRE(l.entry_count() == charged.value() + 1);
    const coffer::entry placed = l.entries().entries.back();
    CHECK(placed.kind == entry_kind::ordered);
    CHECK(placed.request.empty());  // the system's own
    CHECK(order_of(placed)->order.is_automatic());
    CHECK(told(l.store) == std::vector{"order_placed " + std::to_string(placed.id.value())});
    CHECK(l.w.order(l.open()).or_throw().key() == "acme/order/3");
}

TEMPLATE_TEST_CASE("rule 31: an order follows a refusal for lack of credit that it would cure", "",
                   lends_heads, gives_whole_pages) {
    recharge_lab<TestType> l;
    CHECK(l.w.charge({.amount = micros(150'000'001)}) == errc::insufficient_credits);
    CHECK(l.placed().empty());  // fifty would not do
    CHECK(l.w.charge({.amount = 150_cr, .request = "big"}) == errc::insufficient_credits);
    CHECK(l.placed() == amounts{50_cr});
    CHECK(l.w.charge({.amount = 150_cr, .request = "big"}) == errc::insufficient_credits);
    CHECK(l.placed() == amounts{50_cr});
    l.confirm(l.open());
    CHECK(l.w.charge({.amount = 150_cr, .request = "big"}).or_throw().cost == 150_cr);
}

TEST_CASE("rule 31: holds and settles that lack credit are cured, too, voids are not") {
    recharge_lab<> l;
    CHECK(l.w.hold({.amount = 120_cr}) == errc::insufficient_credits);
    CHECK(l.placed() == amounts{50_cr});
    l.confirm(l.open());
    auto hold = l.w.hold({.amount = 100_cr, .tolerance = 100_cr}).or_throw();
    CHECK(hold.settle({.amount = 190_cr}) == errc::insufficient_credits);
    CHECK(l.placed() == amounts{50_cr, 50_cr});
    l.confirm(l.open());
    hold.settle({.amount = 190_cr}).or_throw();
    const std::size_t before = l.placed().size();
    const coffer::lot_id lot = l.newest(coffer::lot_origin::granted);
    CHECK(l.w.void_lot({.lot = lot, .amount = 51_cr}) == errc::insufficient_credits);
    CHECK(l.placed().size() == before);
}

TEST_CASE("rule 31: a refusal that is for good is not cured") {
    token_plan plan = recharging();
    plan.refusals.sticky = true;
    recharge_lab<> l{plan};
    CHECK(l.w.charge({.amount = 120_cr, .request = "c"}) == errc::insufficient_credits);
    CHECK(l.placed().empty());
}

TEST_CASE("rule 31: a refusal for another reason is not cured, though credit lacks, too") {
    recharge_lab<> l;
    const coffer::instant long_ago = at("2020-01-01T00:00:00Z");
    CHECK(l.w.charge({.amount = 120_cr, .at = long_ago}) == errc::too_late);
    CHECK(l.w.hold({.amount = 120_cr, .at = long_ago}) == errc::too_late);
    CHECK(l.placed().empty());
}

TEST_CASE("rule 31: if the order cannot be written, the refusal is still the answer") {
    recharge_lab<faulty_store> l;
    for (const fault f : {fault::unavailable, fault::full, fault::lost_and_unknown}) {
        l.store.fail_commits({f});
        CHECK(l.w.charge({.amount = 120_cr}) == errc::insufficient_credits);
        CHECK(l.placed().empty());
    }
    l.store.fail_commits({fault::conflict});  // somebody else was faster: it is tried again
    CHECK(l.w.charge({.amount = 120_cr}) == errc::insufficient_credits);
    CHECK(l.placed() == amounts{50_cr});
}

TEST_CASE("rule 31: the balance is that of the named buckets, the quota is apart") {
    token_plan plan = recharging();
    plan.quota.refill.amount = 1'000_cr;
    recharge_lab<> l{plan, 20_cr};
    l.grant(500_cr, {.bucket = "gifts"});  // which burn last
    l.start();
    l.charge(1'000_cr);
    CHECK(l.placed().empty());
    l.charge(11_cr);
    CHECK(l.placed() == amounts{50_cr});
}

TEST_CASE("rule 31: open and confirmed orders count in the month of their placing") {
    recharge_lab<> l{recharging(euros(2'000))};
    l.charge(95_cr);
    l.confirm(l.open());
    l.charge(50_cr);
    l.go("2026-01-31T23:00:00Z");
    l.confirm(l.open());
    l.charge(50_cr);
    CHECK(l.placed().size() == 2);  // 20 euros are spent
    l.go("2026-01-31T23:59:59.999999Z");
    CHECK(l.w.sweep().or_throw() == 0);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.sweep().or_throw() == 1);  // the month begins: it is due by itself
    CHECK(l.placed().size() == 3);
    CHECK(l.w.verify().or_throw().sound);
}

TEST_CASE("rule 31: the number of a month counts, failures do not") {
    token_plan plan = recharging();
    plan.recharge.times = 1;
    recharge_lab<> l{plan};
    l.charge(95_cr);
    l.fail(l.open());
    l.go("2026-01-01T01:00:00Z");
    l.charge(1_cr);
    CHECK(l.placed().size() == 2);
    l.confirm(l.open());
    l.charge(50_cr);
    CHECK(l.placed().size() == 2);
    CHECK(l.open() == coffer::order_id{});
    // A late confirmation counts again, in the month of its order.
    CHECK(l.stored().rest->purchases->month_count == 1);
    const coffer::entry first = l.entries().of(entry_kind::ordered)[0];
    l.confirm(coffer::order_id{first.id.value()});
    CHECK(l.stored().rest->purchases->month_count == 2);
    CHECK(l.packs() == 54_cr);
}

TEST_CASE("rule 31: months are those of the wallet's zone, and of a moved zone none is twice") {
    token_plan plan = recharging();
    plan.recharge.times = 1;
    recharge_lab<> l{plan};
    l.go("2026-01-31T12:00:00Z");
    l.start("Pacific/Kiritimati");  // it is February there from 10:00 on
    l.charge(95_cr);
    l.confirm(l.open());
    CHECK(l.stored().rest->purchases->month_from == at("2026-01-31T10:00:00Z"));
    l.start("Etc/GMT+12");  // where it is January still
    l.charge(50_cr);
    CHECK(l.placed().size() == 1);
    l.go("2026-02-28T10:00:00Z");
    l.charge(1_cr);
    CHECK(l.placed().size() == 2);
    CHECK(l.stored().rest->purchases->month_from == at("2026-02-28T10:00:00Z"));
    CHECK(l.stored().rest->purchases->month_until == at("2026-03-01T12:00:00Z"));
}

TEST_CASE("rule 31: failures back off for an hour, for two, then stop until a confirmation") {
    recharge_lab<> l;
    l.charge(95_cr);
    l.fail(l.open());
    l.go("2026-01-01T00:59:59Z");
    CHECK(l.w.charge({.amount = 1_cr}));
    CHECK(l.placed().size() == 1);
    l.go("2026-01-01T01:00:00Z");
    l.w.sweep().or_throw();  // its end is due by itself
    CHECK(l.placed().size() == 2);
    l.w.fail({.order = l.open(), .expired = true}).or_throw();
    l.go("2026-01-01T02:59:59Z");
    CHECK(l.w.sweep().or_throw() == 0);
    l.go("2026-01-01T03:00:00Z");
    l.w.sweep().or_throw();
    CHECK(l.placed().size() == 3);
    const coffer::order_id last = l.open();
    l.fail(last);
    CHECK(told(l.store).back() == "recharge_stopped " + std::to_string(last.value()));
    l.go("2026-05-01T00:00:00Z");
    l.charge(1_cr);
    CHECK(l.placed().size() == 3);
    CHECK(l.stored().next_due == coffer::never);
    // A purchase by hand shows that there is money again.
    l.confirm(l.buy("standard").id);
    l.charge(50_cr);
    CHECK(l.placed().size() == 4);
}

TEST_CASE("rule 31: a confirmation may come early, twice, late or after a failure") {
    recharge_lab<> l;
    l.charge(95_cr);
    const coffer::order_id o = l.open();
    l.fail(o, "f1");
    l.fail(o, "f2");  // a failure counts once
    CHECK(l.stored().rest->purchases->failures == 1);
    l.confirm(o, "w1");
    l.confirm(o, "w2");
    l.fail(o, "f3");
    CHECK(l.stored().rest->purchases->failures == 0);
    CHECK(l.packs() == 55_cr);
    CHECK(l.w.order(o).or_throw().state == order_state::confirmed);
}

TEST_CASE("rule 31: a sweep and a repeat place nothing, the next operation does") {
    recharge_lab<> l{recharging(), 0_cr};
    l.grant(100_cr, {.bucket = "packs", .expires = at("2026-01-02T00:00:00Z"), .request = "g"});
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.w.sweep().or_throw() == 1);
    CHECK(l.placed().empty());
    CHECK(l.w.grant({.bucket = "packs",
                     .amount = 100_cr,
                     .expires = at("2026-01-02T00:00:00Z"),
                     .request = "g"})
              .or_throw()
              .repeated);
    CHECK(l.w.balance().or_throw().available == 0_cr);
    (void)l.w.quote({.amount = 1_cr});
    CHECK(l.placed().empty());
    CHECK(l.w.charge({.action = "nothing of that name"}) == errc::unknown_action);
    CHECK(l.placed() == amounts{50_cr});
}

TEST_CASE("rule 31: other content under a known id is a refused operation like any other") {
    recharge_lab<> l{recharging(), 0_cr};
    l.grant(100_cr, {.bucket = "packs", .expires = at("2026-01-02T00:00:00Z"), .request = "g"});
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.w.charge({.amount = 1_cr, .request = "g"}) == errc::request_mismatch);
    CHECK(l.placed() == amounts{50_cr});
}

TEST_CASE("rule 31: nobody is to pay for an order that is not yet written") {
    recharge_lab<> l;
    l.charge(95_cr);
    l.fail(l.open());
    l.go("2026-01-01T01:00:00Z");
    CHECK(l.w.orders().or_throw().empty());  // it is due, but its number is not yet its own
    const coffer::account before = l.stored();
    CHECK(before.next_due == at("2026-01-01T01:00:00Z"));
    l.w.sweep().or_throw();
    CHECK(l.w.orders().or_throw().size() == 1);
    CHECK(l.open().value() == before.last.value() + 1);
}

TEST_CASE(
    "rule 31: what is bought is a fixed amount, whole packs, or what is missing to a target") {
    const auto bought = [](coffer::recharge r, coffer::credits cost) {
        token_plan plan;
        r.below = 10_cr;
        plan.recharge = r;
        plan.overdraft = {coffer::overdraft::limit{500_cr}};
        recharge_lab<> l{plan};
        l.charge(cost);
        const auto open = l.w.orders().or_throw();
        return open.empty() ? std::pair{0_cr, coffer::money{}}
                            : std::pair{open[0].what.amount, open[0].what.price};
    };
    const coffer::recharge fixed{.amount = 50_cr, .into = "packs", .price = euros(500)};
    CHECK(bought(fixed, 95_cr) == std::pair{50_cr, euros(500)});
    coffer::recharge packs = fixed;
    packs.pack = 50_cr;
    CHECK(bought(packs, 225_cr) == std::pair{150_cr, euros(1'500)});
    CHECK(bought({.offer = "standard", .packs = true}, 225_cr) == std::pair{150_cr, euros(3'000)});
    CHECK(bought({.offer = "standard"}, 225_cr) == std::pair{50_cr, euros(1'000)});
    const coffer::recharge target{.to = 80_cr, .into = "packs", .each = euros(3)};
    CHECK(bought(target, micros(97'500'001)) == std::pair{micros(77'500'001), euros(233)});
    coffer::recharge whole{.to = 80_cr, .pack = 30_cr, .into = "packs", .price = euros(300)};
    CHECK(bought(whole, 95_cr) == std::pair{90_cr, euros(900)});
}

TEST_CASE("rule 31: several packs bring several bonuses") {
    token_plan plan;
    plan.recharge = {.offer = "bonus", .packs = true, .below = 10_cr, .of = {"packs"}};
    plan.overdraft = {coffer::overdraft::limit{500_cr}};
    recharge_lab<> l{plan};
    l.charge(250_cr);
    l.confirm(l.open());
    CHECK(l.packs() == 50_cr);
    CHECK(l.available_in("gifts") == 20_cr);
}

TEST_CASE("rule 31: an order is granted by what stands in it after the plan has changed") {
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::memory_store store;
    coffer::wallets before{recharging(), store, clock};
    before["acme"].grant({.bucket = "packs", .amount = 20_cr}).or_throw();
    before["acme"].charge({.amount = 15_cr}).or_throw();
    token_plan dearer = recharging();
    dearer.catalogue = {
        {.offer = "standard", .credits = 5_cr, .price = euros(9'900), .into = "gifts"}};
    coffer::wallets after{dearer, store, clock};
    auto acme = after["acme"];
    const coffer::order_id o = acme.orders().or_throw().at(0).id;
    acme.confirm({.order = o}).or_throw();
    CHECK(acme.balance().or_throw().available_in(coffer::bucket_id::of("packs")) == 55_cr);
    CHECK(acme.lots().or_throw().back().terms.paid == euros(1'000));
    CHECK(acme.verify().or_throw().sound);
}

TEST_CASE("rule 31: a plan that buys nothing any more forgets what was to come") {
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::memory_store store;
    token_plan plan = recharging();
    plan.recharge.times = 1;
    coffer::wallets before{plan, store, clock};
    before["acme"].grant({.bucket = "packs", .amount = 20_cr}).or_throw();
    before["acme"].charge({.amount = 15_cr}).or_throw();
    before["acme"].confirm({.order = before["acme"].orders().or_throw()[0].id}).or_throw();
    before["acme"].charge({.amount = 50_cr}).or_throw();  // kept back until February
    CHECK(coffer::load(store, "acme").or_throw().next_due == at("2026-02-01T00:00:00Z"));
    coffer::wallets after{token_plan{}, store, clock};
    auto acme = after["acme"];
    SECTION("by an operation") { acme.charge({.amount = 1_cr}).or_throw(); }
    SECTION("when it is due") {
        clock.set(at("2026-02-01T00:00:00Z"));
        acme.sweep().or_throw();
    }
    const coffer::account now = coffer::load(store, "acme").or_throw();
    CHECK(now.next_due == coffer::never);
    CHECK(now.floor == coffer::credits::min());
    CHECK(acme.orders().or_throw().empty());
    CHECK(acme.verify().or_throw().sound);
}

TEST_CASE("rule 31: a recharge that contradicts itself is refused by every operation") {
    const auto refused = [](const coffer::recharge& r) {
        token_plan plan;
        plan.recharge = r;
        recharge_lab<> l{plan, 0_cr};
        const auto done = l.w.grant({.bucket = "packs", .amount = 1_cr});
        return done == errc::policy_contract && l.entry_count() == 0;
    };
    const coffer::recharge good{
        .amount = 5_cr, .into = "packs", .price = euros(1), .below = 1_cr, .monthly = euros(9)};
    CHECK_FALSE(refused(good));
    const auto with = [&](auto change) {
        coffer::recharge r = good;
        change(r);
        return refused(r);
    };
    CHECK(with([](auto& r) { r.amount = 0_cr; }));
    CHECK(with([](auto& r) { r.amount = micros(-1); }));
    CHECK(with([](auto& r) { r.below = micros(-1); }));
    CHECK(with([](auto& r) { r.pack = micros(-1); }));
    CHECK(with([](auto& r) { r.price = euros(-1); }));
    CHECK(with([](auto& r) { r.price = {}; }));
    CHECK(with([](auto& r) { r.each = euros(1); }));
    CHECK(with([](auto& r) { r.to = 5_cr; }));
    CHECK(with([](auto& r) { r.into = ""; }));
    CHECK(with([](auto& r) { r.into = "nowhere"; }));
    CHECK(with([](auto& r) { r.into = std::string(1'024, 'x'); }));
    CHECK(with([](auto& r) { r.of = {"nowhere"}; }));
    CHECK(with([](auto& r) { r.monthly = usd(9); }));
    CHECK(with([](auto& r) { r.monthly = euros(-9); }));
    CHECK(with([](auto& r) { r.offer = "standard"; }));
    CHECK(with([](auto& r) { r.packs = true; }));
    CHECK(refused({.offer = "nothing of that name", .below = 1_cr}));
    CHECK(refused({.offer = std::string(1'024, 'x'), .below = 1_cr}));
    CHECK(refused({.below = 1_cr}));
    CHECK(refused({.to = 5_cr, .into = "packs", .price = euros(1)}));  // of what?
}

TEST_CASE("rule 31: amounts at the ends of the range overflow nothing, and buy nothing") {
    const coffer::money most =
        coffer::money::from_minor(std::numeric_limits<std::int64_t>::max(), "EUR");
    token_plan plan;
    plan.recharge = {.amount = coffer::credits::max(),
                     .into = "packs",
                     .each = most,
                     .below = coffer::credits::max()};
    recharge_lab<> dear{plan, 1_cr};
    CHECK(dear.placed().empty());
    plan.recharge = {.amount = coffer::credits::max(),
                     .into = "packs",
                     .price = most,
                     .below = coffer::credits::max(),
                     .monthly = most};
    recharge_lab<> l{plan, 1_cr};
    CHECK(l.placed() == amounts{coffer::credits::max()});
    CHECK(l.w.confirm({.order = l.open()}) == errc::amount_overflow);
    l.charge(1_cr);
    l.confirm(l.open());
    CHECK(l.available() == coffer::credits::max());
    CHECK(l.w.verify().or_throw().sound);
}

TEST_CASE("rule 31: a charge of a plan without recharge asks the store as before") {
    const auto calls = [](token_plan plan) {
        recharge_lab<counting_store<coffer::memory_store>> l{std::move(plan)};
        (void)l.store.counted();
        l.charge(1_cr);
        return l.store.counted();
    };
    CHECK(calls({}) == store_calls{1, 1, 0});
    CHECK(calls(recharging()) ==
          store_calls{1, 1, 0});  // the head tells that it is far from its floor
}

TEST_CASE("row E4: a chosen pack below a chosen threshold, once a fall, for 50 euros a month") {
    token_plan plan = recharging(euros(5'000));
    plan.choices.recharge = {.allowed = true, .offers = {"standard", "bonus"}};
    SECTION("the pack and the threshold are the customer's, the quota is apart") {
        plan.quota.refill.amount = 1'000_cr;
        recharge_lab<> l{plan, 100_cr};
        l.start();
        l.w.configure({.recharge = coffer::recharge_setting{.offer = "bonus", .threshold = 60_cr}})
            .or_throw();
        l.charge(1'040_cr);
        CHECK(l.packs() == 60_cr);  // and of the quota nothing is left
        CHECK(l.placed().empty());
        l.charge(1_cr);
        CHECK(l.placed() == amounts{100_cr});
        l.charge(9_cr);
        CHECK(l.placed() == amounts{100_cr});  // not twice for one fall
        l.confirm(l.open());
        CHECK(l.packs() == 150_cr);
        l.charge(91_cr);
        l.confirm(l.open());
        l.charge(140_cr);
        CHECK(l.placed() == amounts{100_cr, 100_cr});  // a third pack would make it 54 euros
        l.w.configure({.recharge = coffer::recharge_setting{.offer = "bonus",
                                                            .threshold = 60_cr,
                                                            .monthly_limit = euros(5'400)}})
            .or_throw();
        CHECK(l.placed() == amounts{100_cr, 100_cr, 100_cr});
    }
    SECTION("never beyond the limit that a plan has by default, which is 50 euros") {
        recharge_lab<> l{plan, 10_cr};
        const auto live = [&](int charges) {
            for (int i = 0; i < charges; ++i) {
                (void)l.w.charge({.amount = 5_cr});
                if (l.open()) l.confirm(l.open());
            }
            return l.placed().size();
        };
        CHECK(live(40) == 4);   // so many are needed
        CHECK(live(100) == 5);  // 5 × 10 euros
        l.go("2026-02-01T00:00:00Z");
        l.w.sweep().or_throw();
        CHECK(l.placed().size() == 6);
    }
}

TEST_CASE("row E5: purchases, deductions and refunds, with amount, type, time and resource") {
    token_plan plan = recharging();
    plan.cost = {{"enrichment", coffer::cost::flat{30_cr}},
                 {"hygiene", coffer::cost::flat{12_cr}},
                 {"other", coffer::cost::flat{3_cr}}};
    recharge_lab<> l{plan, 0_cr};
    l.confirm(l.buy("standard").id);
    const auto deduct = [&](std::string_view action, std::string_view resource) {
        l.w.charge({.action = action, .resource = resource, .request = action}).or_throw();
    };
    l.go("2026-01-05T00:00:00Z");
    deduct("enrichment", "project-1");
    l.go("2026-01-06T00:00:00Z");
    deduct("hygiene", "project-2/session-1");
    l.confirm(l.open());
    l.go("2026-01-07T00:00:00Z");
    deduct("other", "project-1/session-2");
    l.go("2026-01-08T00:00:00Z");
    l.w.refund({.charge = "hygiene"}).or_throw();
    const auto listed = [&](std::string_view resource) {
        const auto all = l.w.history({.kinds = {entry_kind::purchased, entry_kind::charged,
                                                entry_kind::refunded},
                                      .resource = resource})
                             .or_throw();
        std::vector<std::string> lines;
        for (const coffer::entry& e : all.entries) {
            const auto order = order_of(e);
            const std::string_view type = order ? to_string(order->order.origin) : e.usage.action;
            lines.push_back(std::string{to_string(e.kind)} + " " + std::string{type} + " " +
                            std::string{to_string(e.amount).view()} + " " +
                            coffer::iso8601(e.at).substr(0, 10) + " " + std::string{e.resource});
        }
        return lines;
    };
    using lines = std::vector<std::string>;
    CHECK(listed("") == lines{"purchased manual 50 2026-01-01 ",
                              "charged enrichment 30 2026-01-05 project-1",
                              "charged hygiene 12 2026-01-06 project-2/session-1",
                              "purchased automatic 50 2026-01-06 recharge#1",
                              "charged other 3 2026-01-07 project-1/session-2",
                              "refunded hygiene 12 2026-01-08 project-2/session-1"});
    CHECK(listed("project-2/session-1") ==
          lines{"charged hygiene 12 2026-01-06 project-2/session-1",
                "refunded hygiene 12 2026-01-08 project-2/session-1"});
}

TEST_CASE("rule 31: a static plan and its erased twin place and grant the same") {
    token_plan plan = recharging(euros(3'000));
    plan.quota.refill.amount = 30_cr;
    lab<coffer::memory_store, token_plan> here{plan};
    lab<coffer::memory_store, coffer::any_plan> there{coffer::any_plan{plan}};
    const auto live = [](auto& l) {
        l.start();
        for (int i = 0; i < 200; ++i) {
            l.clock.set(l.clock.now() + 7h);
            (void)l.w.charge({.amount = micros(i * 100'003)});
            const auto open = l.w.orders().or_throw();
            if (i % 3 == 0 && !open.empty()) (void)l.w.confirm({.order = open[0].id});
            if (i % 7 == 0 && !open.empty()) (void)l.w.fail({.order = open[0].id});
            if (i % 40 == 0) (void)l.w.buy({.offer = "bonus"});
        }
    };
    live(here);
    live(there);
    CHECK(here.entries().count(entry_kind::purchased) > 5);
    CHECK(here.entries() == there.entries());
    CHECK(here.stored() == there.stored());
}

TEST_CASE("rule 31: random lives never have two open, and keep to their month") {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        fair_dice dice{seed};
        token_plan plan = recharging(euros(3'000));
        plan.alerts = {{.name = "low", .at = 20_cr}};
        recharge_lab<> l{plan};
        std::vector<coffer::order_id> known;
        for (int step = 0; step < 120; ++step) {
            l.clock.set(l.clock.now() + std::chrono::hours{dice.between(0, 30)});
            const auto amount = micros(dice.between(1, 40'000'000));
            switch (dice.between(0, 7)) {
                case 0:
                    if (const auto o = l.open()) l.confirm(o);
                    break;
                case 1:
                    if (const auto o = l.open()) l.fail(o);
                    break;
                case 2:
                    if (!known.empty()) l.confirm(dice.of(known));
                    break;
                case 3: known.push_back(l.buy("bonus").id); break;
                case 4: (void)l.w.hold({.amount = amount, .expires_in = 3h}); break;
                default: (void)l.w.charge({.amount = amount});
            }
            std::size_t open = 0;
            for (const auto& o : l.w.orders().or_throw()) open += o.is_automatic() ? 1U : 0U;
            REQUIRE(open <= 1);
            const coffer::order_book book = *l.stored().rest->purchases;
            REQUIRE(book.spent("EUR") == euros(1'000 * std::int64_t{book.month_count}));
            if (const auto o = l.open(); o && (known.empty() || known.back() != o)) {
                known.push_back(o);
            }
            if (known.size() > 90) break;
        }
        CHECK(l.w.verify().or_throw().sound);
    }
}
