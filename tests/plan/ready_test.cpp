#include "support/catch.hpp"

#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/time/clock.hpp>
#include <coffer/wallet/wallets.hpp>

using namespace coffer::literals;
using coffer::errc;
using coffer::money;

namespace {

coffer::instant utc(std::string_view text) {
    const auto t = coffer::parse_instant(text);
    REQUIRE(t);
    return *t;
}

}  // namespace

TEST_CASE("prepaid credits never expire, cannot be owed, and are refundable while unspent") {
    coffer::memory_store store;
    coffer::manual_clock clock{utc("2026-01-01T00:00:00Z")};
    coffer::plans::prepaid<> plan;
    plan.cost.set("post", coffer::cost::flat{1_cr});
    coffer::wallets wallets{plan, store, clock};
    auto acme = wallets["acme"];
    const auto bought =
        acme.grant({.bucket = "package", .amount = 10_cr, .paid = money::from_minor(1'000, "EUR")});
    REQUIRE(bought);
    REQUIRE(acme.charge({.action = "post", .quantity = 4_units}));
    CHECK(acme.charge({.action = "post", .quantity = 7_units}) == errc::insufficient_credits);
    CHECK(acme.charge({.action = "read"}) == errc::unknown_action);

    clock.set(utc("2026-01-14T23:59:59.999999Z"));
    const auto worth = acme.refund_purchase({.lot = coffer::lot_id{bought->id.value()}});
    REQUIRE(worth);
    CHECK(worth->owed == money::from_minor(600, "EUR"));

    REQUIRE(
        acme.grant({.bucket = "package", .amount = 5_cr, .paid = money::from_minor(500, "EUR")}));
    clock.set(utc("2090-01-01T00:00:00Z"));
    CHECK(acme.balance()->available == 5_cr);
    CHECK(acme.refund_purchase({.lot = acme.lots()->back().id}) == errc::not_refundable);
}

TEST_CASE("a subscription's allowance is used or lost, its packages last") {
    coffer::memory_store store;
    coffer::manual_clock clock{utc("2026-01-31T10:00:00Z")};
    coffer::plans::subscription<> plan;
    plan.allowance.refill.amount = 100_cr;
    coffer::wallets wallets{plan, store, clock};
    auto acme = wallets["acme"];
    REQUIRE(acme.start());
    REQUIRE(acme.grant({.bucket = "package", .amount = 50_cr}));
    REQUIRE(acme.charge({.amount = 120_cr}));
    CHECK(acme.balance()->available == 30_cr);
    clock.set(utc("2026-02-28T09:59:59Z"));
    CHECK(acme.balance()->available == 30_cr);
    clock.set(utc("2026-02-28T10:00:00Z"));
    CHECK(acme.balance()->available == 130_cr);
    clock.set(utc("2026-03-31T10:00:00Z"));
    CHECK(acme.balance()->available == 130_cr);
    CHECK(acme.charge({.amount = 131_cr}) == errc::insufficient_credits);
}
