#include "support/catch.hpp"

#include <coffer/perform/grant.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/store/memory.hpp>
#include <coffer/wallet/wallets.hpp>

using namespace coffer::literals;
using coffer::lot_source;
using coffer::money;

namespace {

const money price = money::from_minor(900, "EUR");

}  // namespace

TEST_CASE("a grant without a source is a purchase if something was paid, else an adjustment") {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    const auto source_of = [&](const coffer::grant_request& r) {
        acme.grant(r).or_throw();
        return acme.lots().or_throw().back().terms.source;
    };
    CHECK(source_of({.bucket = "package", .amount = 1_cr}) == lot_source::adjustment);
    CHECK(source_of({.bucket = "package", .amount = 1_cr, .paid = price}) == lot_source::purchase);
    CHECK(source_of(
              {.bucket = "package", .amount = 1_cr, .paid = price, .source = lot_source::bonus}) ==
          lot_source::bonus);
    CHECK(source_of({.bucket = "package", .amount = 1_cr, .source = lot_source::promo}) ==
          lot_source::promo);
}

TEST_CASE("a purchase says what was paid, be it nothing") {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    coffer::grant_request r{.bucket = "package", .amount = 1_cr, .source = lot_source::purchase};
    const auto refused = acme.grant(r);
    CHECK(refused == coffer::errc::invalid_argument);
    CHECK(refused.error().subject() == "paid");
    CHECK(acme.lots()->empty());

    r.paid = money::from_minor(0, "EUR");
    REQUIRE(acme.grant(r));
    CHECK(acme.lots()->back().terms.source == lot_source::purchase);
}

TEST_CASE("a repeat that says the source which it had by default is the same request") {
    coffer::memory_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto acme = wallets["acme"];
    coffer::grant_request r{.bucket = "package", .amount = 1_cr, .paid = price, .request = "1"};
    REQUIRE(acme.grant(r));
    r.source = lot_source::purchase;
    CHECK(acme.grant(r)->repeated);
    r.source = lot_source::adjustment;
    CHECK(acme.grant(r) == coffer::errc::request_mismatch);
}
