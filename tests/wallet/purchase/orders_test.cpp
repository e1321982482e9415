#include "support/at_once.hpp"
#include "support/faulty_store.hpp"
#include "wallet/purchase/fixture.hpp"

#include <coffer/perform/orders.hpp>
#include <coffer/perform/purchase.hpp>

#include <atomic>
#include <string>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;
using coffer::order_state;

TEMPLATE_TEST_CASE("rule 44: an order grants nothing before it is confirmed", "", lends_heads,
                   gives_whole_pages) {
    shop_lab<TestType> l;
    const coffer::placed_order o = l.buy("standard", "cart-7");
    CHECK(o.state == order_state::open);
    CHECK(o.origin == coffer::order_origin::manual);
    CHECK(o.what.amount == 50_cr);
    CHECK(o.what.price == euros(1'000));
    CHECK(o.key() == "acme/order/1");
    CHECK(l.available() == 0_cr);
    CHECK(l.w.orders().or_throw().size() == 1);
    const coffer::receipt done = l.confirm(o.id, "webhook-1");
    CHECK(l.packs() == 50_cr);
    CHECK(l.lot(done.lot).terms.paid == euros(1'000));
    CHECK(l.lot(done.lot).terms.source == coffer::lot_source::purchase);
    CHECK(l.w.orders().or_throw().empty());
    CHECK(l.w.order(o.id).or_throw().state == order_state::confirmed);
    CHECK(l.w.order(o.id).or_throw().lot == done.lot);
}

TEST_CASE("rule 44: the lot and its bonus come in one commit") {
    shop_lab<> l;
    const coffer::order_id o = l.buy("bonus").id;
    const std::size_t before = l.entry_count();
    l.confirm(o);
    CHECK(l.entries().kinds(before) == std::vector{entry_kind::purchased, entry_kind::granted});
    CHECK(l.packs() == 100_cr);
    CHECK(l.available_in("gifts") == 10_cr);
    const coffer::lot bonus = l.lot(coffer::lot_id{static_cast<std::uint32_t>(before + 2)});
    CHECK(bonus.terms.source == coffer::lot_source::bonus);
    CHECK(bonus.terms.paid.is_none());
    CHECK(bonus.terms.expires == at("2026-01-31T00:00:00Z"));
    CHECK(l.confirm(o).lot == coffer::lot_id{static_cast<std::uint32_t>(before + 1)});
    CHECK(l.available() == 110_cr);
}

TEST_CASE("rule 44: a confirmation that cannot be written grants neither lot nor bonus") {
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    faulty_store store;
    coffer::wallets wallets{token_plan{}, store, clock};
    auto acme = wallets["acme"];
    const coffer::order_id o = acme.buy({.offer = "bonus", .request = "b"}).or_throw().id;
    store.fail_commits({fault::unavailable});
    CHECK(acme.confirm({.order = o, .request = "w"}) == errc::unavailable);
    CHECK(acme.balance().or_throw().available == 0_cr);
    store.fail_commits({fault::written_but_unknown});
    CHECK(acme.confirm({.order = o, .request = "w"}) == errc::outcome_unknown);
    store.heal();
    CHECK(acme.confirm({.order = o, .request = "w"}).or_throw().repeated);
    CHECK(acme.balance().or_throw().available == 110_cr);
}

TEMPLATE_TEST_CASE("rule 44: confirmations grant once, whoever sends them and when", "",
                   lends_heads, gives_whole_pages) {
    shop_lab<TestType> l;
    const coffer::order_id o = l.buy("standard").id;
    const coffer::receipt first = l.confirm(o, "webhook-1");
    CHECK_FALSE(first.repeated);
    const coffer::receipt same = l.confirm(o, "webhook-1");
    CHECK(same.repeated);
    CHECK(same.id == first.id);
    const coffer::receipt other = l.confirm(o, "webhook-2");
    CHECK(other.repeated);
    CHECK(other.lot == first.lot);
    CHECK(l.confirm(o, "webhook-2").lot == first.lot);
    l.go("2036-01-01T00:00:00Z");  // it left the account long ago
    CHECK(l.confirm(o, "webhook-3").lot == first.lot);
    CHECK(l.confirm(o).lot == first.lot);
    CHECK(l.packs() == 50_cr);
    const std::size_t before = l.entry_count();
    CHECK(l.fail(o, "webhook-4").kind == entry_kind::purchased);  // what was granted stays
    CHECK(l.entry_count() == before + 1);
    CHECK(l.packs() == 50_cr);
    CHECK(l.w.confirm({.order = o, .paid = euros(1), .request = "webhook-1"}) ==
          errc::request_mismatch);
}

TEMPLATE_TEST_CASE("rule 44: what failed or expired is granted all the same once it is paid", "",
                   lends_heads, gives_whole_pages) {
    shop_lab<TestType> l;
    const coffer::order_id failed = l.buy("standard").id;
    const coffer::order_id expired =
        l.w.buy({.offer = "standard", .expires_in = 24h}).or_throw().id;
    l.w.fail({.order = failed, .reason = "card declined"}).or_throw();
    CHECK(l.w.order(failed).or_throw().state == order_state::failed);
    CHECK(l.w.order(failed).or_throw().reference == "card declined");
    l.go("2026-01-01T23:59:59Z");
    CHECK(l.w.orders().or_throw().size() == 1);
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.w.orders().or_throw().empty());
    const coffer::receipt late = l.confirm(expired);  // by which it falls due
    CHECK(late.kind == entry_kind::purchased);
    CHECK(l.w.order(expired).or_throw().state == order_state::confirmed);
    l.go("2027-01-01T00:00:00Z");
    l.confirm(failed);
    CHECK(l.packs() == 100_cr);
    l.w.fail({.order = failed}).or_throw();
    CHECK(l.w.order(failed).or_throw().state == order_state::confirmed);
}

TEST_CASE("rule 44: a host says that nobody paid in time") {
    shop_lab<> l;
    const coffer::order_id o = l.buy("standard").id;
    CHECK(l.w.fail({.order = o, .expired = true}).or_throw().kind == entry_kind::order_expired);
    CHECK(l.w.order(o).or_throw().state == order_state::expired);
    CHECK(l.w.fail({.order = o}).or_throw().repeated);
    CHECK(l.w.order(o).or_throw().state == order_state::expired);
}

TEST_CASE("rule 44: a failure told again is answered as it was, though the order was paid since") {
    shop_lab<> l;
    const coffer::order_id o = l.buy("standard").id;
    const coffer::receipt failed = l.w.fail({.order = o, .request = "f1"}).or_throw();
    const coffer::receipt again = l.w.fail({.order = o, .request = "f2"}).or_throw();
    CHECK(again.id == failed.id);
    const coffer::receipt paid = l.confirm(o);
    CHECK(l.w.fail({.order = o, .request = "f2"}).or_throw().id == failed.id);
    CHECK(l.w.fail({.order = o, .request = "f3"}).or_throw().id == paid.id);
}

TEST_CASE("rule 44: an order is granted by what stands in it, whatever the plan has by then") {
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::memory_store store;
    coffer::wallets before{token_plan{}, store, clock};
    const coffer::order_id o = before["acme"].buy({.offer = "bonus"}).or_throw().id;
    const coffer::any_plan other{{.cost = coffer::cost_table{},
                                  .buckets = {{.name = "credits",
                                               .refill = coffer::refill::none{},
                                               .rollover = coffer::rollover::none{},
                                               .expiry = coffer::expiry::never{},
                                               .refund = coffer::refund::none{}}},
                                  .overdraft = coffer::overdraft::deny{},
                                  .access = coffer::access::anyone{}}};
    coffer::wallets after{other, store, clock};
    auto acme = after["acme"];
    const coffer::lot_id made = acme.confirm({.order = o}).or_throw().lot;
    const auto lots = acme.lots().or_throw();
    REQUIRE(lots.size() == 2);
    CHECK(lots[0].id == made);
    CHECK(lots[0].terms.bucket == "packs");
    CHECK(lots[0].granted == 100_cr);
    CHECK(lots[0].terms.paid == euros(1'800));
    CHECK(lots[0].terms.expires == coffer::never);
    CHECK(acme.charge({.amount = 110_cr}).or_throw().cost == 110_cr);
    CHECK(acme.verify().or_throw().sound);
}

TEST_CASE("rule 44: what makes no sense to buy is refused and changes nothing") {
    shop_lab<> l;
    l.grant(1_cr, {.bucket = "packs"});
    const unchanged guard{l};
    const auto refused = [&](const coffer::buy_request& r) {
        const auto bought = l.w.buy(r);
        return bought ? std::string{"bought"} : std::string{to_string(bought.error().code())};
    };
    CHECK(refused({}) == "invalid_argument");
    CHECK(refused({.offer = "nothing of that name"}) == "invalid_argument");
    CHECK(refused({.offer = std::string(1'024, 'x')}) == "invalid_argument");
    CHECK(refused({.offer = "standard", .amount = 1_cr}) == "invalid_argument");
    CHECK(refused({.offer = "standard", .bucket = "packs"}) == "invalid_argument");
    CHECK(refused({.offer = "standard", .price = euros(999)}) == "purchase_refused");
    CHECK(refused({.offer = "standard", .price = usd(1'000)}) == "purchase_refused");
    CHECK(refused({.offer = "standard", .expires_in = 0h}) == "invalid_argument");
    CHECK(refused({.offer = "standard", .expires_in = -1h}) == "invalid_argument");
    CHECK(refused({.offer = "standard", .expires_in = std::chrono::microseconds::max()}) ==
          "invalid_argument");
    CHECK(refused({.bucket = "packs", .price = euros(1)}) == "invalid_argument");
    CHECK(refused({.bucket = "packs", .amount = micros(-1), .price = euros(1)}) ==
          "invalid_argument");
    CHECK(refused({.bucket = "packs", .amount = 1_cr}) == "invalid_argument");
    CHECK(refused({.bucket = "packs", .amount = 1_cr, .price = euros(-1)}) == "invalid_argument");
    CHECK(refused({.bucket = "nowhere", .amount = 1_cr, .price = euros(1)}) == "unknown_bucket");
    CHECK(refused({.bucket = std::string(1'024, 'b'), .amount = 1_cr, .price = euros(1)}) ==
          "unknown_bucket");
    CHECK(refused({.offer = "standard", .request = std::string(1'024, 'r')}) == "invalid_argument");
}

TEST_CASE("rule 44: what makes no sense of an order is refused and changes nothing") {
    shop_lab<> l;
    l.grant(1_cr, {.bucket = "packs"});
    const coffer::order_id o = l.buy("standard").id;
    const unchanged guard{l};
    const std::string endless(1'024, 'x');
    CHECK(l.w.confirm({}) == errc::invalid_argument);
    CHECK(l.w.confirm({.order = coffer::order_id{1}}) == errc::invalid_argument);  // a grant
    CHECK(l.w.confirm({.order = coffer::order_id{~0U}}) == errc::invalid_argument);
    CHECK(l.w.confirm({.order = o, .paid = euros(999)}) == errc::invalid_argument);
    CHECK(l.w.confirm({.order = o, .paid = usd(1'000)}) == errc::invalid_argument);
    CHECK(l.w.confirm({.order = o, .paid = euros(-1'000)}) == errc::invalid_argument);
    CHECK(l.w.confirm({.order = o, .reference = endless}) == errc::invalid_argument);
    CHECK(l.w.fail({}) == errc::invalid_argument);
    CHECK(l.w.fail({.order = coffer::order_id{1}}) == errc::invalid_argument);
    CHECK(l.w.fail({.order = o, .reason = endless}) == errc::invalid_argument);
    CHECK(l.w.order(coffer::order_id{1}) == errc::invalid_argument);
    CHECK(l.w.order({}) == errc::invalid_argument);
}

TEST_CASE("rule 44: an order at the end of the range is granted, and none beyond it") {
    shop_lab<> l;
    const auto most = l.w.buy(
        {.bucket = "packs",
         .amount = coffer::credits::max(),
         .price = coffer::money::from_minor(std::numeric_limits<std::int64_t>::max(), "EUR")});
    const coffer::order_id other = l.buy("standard").id;
    l.confirm(most.or_throw().id);
    CHECK(l.packs() == coffer::credits::max());
    const unchanged guard{l};
    CHECK(l.w.confirm({.order = other}) == errc::amount_overflow);
    CHECK(l.w.orders().or_throw().size() == 1);  // it can be granted later
}

TEST_CASE("rule 44: a wallet has 100 open orders; one more is too_many until one ends") {
    shop_lab<> l;
    coffer::order_id first;
    for (std::size_t i = 0; i < coffer::max_open_orders; ++i) {
        const coffer::order_id o = l.buy("standard").id;
        if (!first) first = o;
    }
    CHECK(l.w.buy({.offer = "standard"}) == errc::too_many);
    l.fail(first);
    l.buy("standard");
    CHECK(l.w.orders().or_throw().size() == coffer::max_open_orders);
    CHECK(l.w.verify().or_throw().sound);
}

TEST_CASE("rule 44: the provider's name and who ordered are found in the history") {
    shop_lab<> l{recharging()};
    const coffer::order_id o = l.buy("bonus").id;
    l.w.confirm({.order = o, .paid = euros(1'800), .reference = "pi_1"}).or_throw();
    l.charge(105_cr);
    l.w.confirm({.order = l.open(), .reference = "pi_2"}).or_throw();
    const auto by_reference = l.w.history({.reference = "pi_1"}).or_throw();
    REQUIRE(by_reference.entries.size() == 1);
    CHECK(by_reference.entries[0].amount == 100_cr);
    const auto bought = [&](coffer::order_origin who) {
        return l.w.history({.kinds = {entry_kind::purchased}, .origin = who}).or_throw();
    };
    REQUIRE(bought(coffer::order_origin::manual).entries.size() == 1);
    REQUIRE(bought(coffer::order_origin::automatic).entries.size() == 1);
    CHECK(order_of(bought(coffer::order_origin::manual).entries[0])->reference == "pi_1");
    CHECK(bought(coffer::order_origin::automatic).entries[0].amount == 50_cr);
    CHECK(l.w.name_of(coffer::lot_id{bought(coffer::order_origin::automatic).entries[0].id.value()})
              .or_throw() == "recharge#1");
}

TEMPLATE_TEST_CASE("rule 44: a request to buy is made once", "", lends_heads, gives_whole_pages) {
    shop_lab<TestType> l;
    const coffer::placed_order first = l.buy("standard", "cart");
    CHECK(l.buy("standard", "cart").id == first.id);
    CHECK(l.w.buy({.offer = "bonus", .request = "cart"}) == errc::request_mismatch);
    l.confirm(first.id);
    const coffer::placed_order again = l.buy("standard", "cart");
    CHECK(again.id == first.id);
    CHECK(again.state == order_state::confirmed);
    CHECK(l.w.orders().or_throw().empty());
}

TEMPLATE_TEST_CASE("rule 44: of two payers and a late webhook exactly one grants", "", lends_heads,
                   gives_whole_pages) {
    for (int round = 0; round < 20; ++round) {
        shop_lab<TestType> l;
        const coffer::order_id o = l.buy("bonus").id;
        std::atomic<int> granted{0};
        std::atomic<int> told{0};
        at_once(8, [&](int i) {
            if (i % 4 == 3) {
                (void)l.w.fail({.order = o, .request = "late-" + std::to_string(i)});
                return;
            }
            const auto done =
                l.wallets["acme"].confirm({.order = o, .request = "w-" + std::to_string(i % 3)});
            if (done) ++(done->repeated ? told : granted);
        });
        CHECK(granted == 1);
        CHECK(told == 5);
        CHECK(l.available() == 110_cr);
        CHECK(l.w.verify().or_throw().sound);
    }
}

TEST_CASE("rule 44: packs may be for some plans only") {
    coffer::plan_book book;
    const auto plan = [](coffer::credits amount) {
        coffer::any_plan p{token_plan{}};
        p.catalogue = {};
        p.buckets[0].refill = coffer::refill::monthly{.amount = amount};
        return p;
    };
    book.add("free", plan(1_cr)).or_throw();
    book.add("pro", plan(9_cr)).or_throw();
    book.set_default("free").or_throw();
    book.sell({{.offer = "standard",
                .credits = 50_cr,
                .price = euros(1'000),
                .into = "packs",
                .plans = {"pro"}}})
        .or_throw();
    lab<coffer::memory_store, coffer::plan_book> l{book};
    l.w.start({}).or_throw();
    CHECK(l.w.buy({.offer = "standard"}) == errc::purchase_refused);
    l.w.change({.plan = "pro"}).or_throw();
    const coffer::order_id o = l.w.buy({.offer = "standard"}).or_throw().id;
    l.w.change({.plan = "free"}).or_throw();
    l.w.confirm({.order = o}).or_throw();
    CHECK(l.available_in("packs") == 50_cr);
}
