#include "support/wallet_fixture.hpp"

#include <coffer/io/scenario/lot_book.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace coffer_test;
using coffer::lot_id;

namespace {

struct rolling_plan {
    coffer::cost_table cost;
    struct {
        coffer::refill::monthly refill{.amount = 10_cr};
        coffer::rollover::all rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } budget{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"budget", &rolling_plan::budget});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

}  // namespace

TEST_CASE("a lot is found by the name that it has, and by those that it had", "[scenario]") {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{rolling_plan{}, store, clock};
    auto w = wallets["acme"];
    w.start().or_throw();
    clock.set(at("2026-03-01T00:00:00Z"));
    const std::vector<coffer::lot> lots = w.lots().or_throw();

    coffer::detail::lot_book book;
    REQUIRE(book.note(store, w.id(), lots));
    CHECK(book.names().size() == lots.size());
    for (const coffer::lot& l : lots) CHECK(book.name_of(l.id) == w.name_of(l.id).or_throw());
    CHECK(book.name_of(lot_id{99}).empty());

    const auto twice = book.find("budget#0~2");
    REQUIRE(twice);
    CHECK_FALSE(twice->rolled_on);
    for (const char* former : {"budget#0", "budget#0~1"}) {
        const auto found = book.find(former);
        REQUIRE(found);
        CHECK((found->rolled_on || found->lot != twice->lot));
    }
    for (const char* no_name : {"budget#9", "budget#0~3", "budget#0~", "budget#0~x", "~1", ""}) {
        CHECK_FALSE(book.find(no_name));
    }
}
