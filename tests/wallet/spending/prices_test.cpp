// Which prices hold: those of the instant at which something happens.
#include "support/wallet_fixture.hpp"

using namespace coffer_test;

namespace {

/// A post costs 2, and from 1 March on 3.
struct dated_plan {
    coffer::cost::versions<coffer::cost_table> cost{
        {{.from = at("2026-01-01T00:00:00Z"), .prices = {{"post", coffer::cost::flat{2_cr}}}},
         {.from = at("2026-03-01T00:00:00Z"), .prices = {{"post", coffer::cost::flat{3_cr}}}}}};
    lab_bucket package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &dated_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::late_events late{.back = 24h};
};
static_assert(coffer::check_plan<dated_plan>());

}  // namespace

TEMPLATE_TEST_CASE("prices by date: each operation is priced at its own instant", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType, dated_plan> l{{}, "2026-02-28T23:59:59.999999Z"};
    l.grant(100_cr);
    auto early = l.w.hold({.action = "post", .expires_in = 1h}).or_throw();
    CHECK(early.amount() == 2_cr);
    CHECK(l.w.charge({.action = "post"}).or_throw().cost == 2_cr);

    l.go("2026-03-01T00:00:00Z");
    CHECK(l.w.quote({.action = "post"}).or_throw().receipt.cost == 3_cr);
    CHECK(l.w.charge({.action = "post"}).or_throw().cost == 3_cr);
    CHECK(l.w.hold({.action = "post"}).or_throw().amount() == 3_cr);

    SECTION("an event that is told late has the price of then") {
        auto r = l.w.charge({.action = "post", .at = at("2026-02-28T20:00:00Z")}).or_throw();
        CHECK(r.cost == 2_cr);
    }
    SECTION("a settle has the prices with which its hold was opened") {
        CHECK(early.settle({.quantity = 1_units}).or_throw().cost == 2_cr);
    }
    SECTION("a settle that is told late has those of then") {
        auto r = early.settle({.quantity = 1_units, .at = at("2026-02-28T23:59:59.999999Z")});
        CHECK(r.or_throw().cost == 2_cr);
    }
    SECTION("a settle of all that was held asks for no price") {
        CHECK(early.settle().or_throw().cost == 2_cr);
    }
}

namespace {

struct versioned_plan : lab_plan {
    coffer::cost::versions<coffer::cost_table> cost{};
};

}  // namespace

TEMPLATE_TEST_CASE("rule 10: a clock that runs backwards changes no price either", "", lends_heads,
                   gives_whole_pages) {
    versioned_plan p;
    const coffer::cost_table before{{"chat", coffer::cost::flat{2_cr}}};
    const coffer::cost_table after{{"chat", coffer::cost::flat{5_cr}}};
    p.cost.list = {{at("2025-01-01T00:00:00Z"), before}, {at("2026-02-01T00:00:00Z"), after}};
    lab<TestType, versioned_plan> l{p};
    l.grant(100_cr);
    l.go("2026-02-10T00:00:00Z");
    l.charge(1_cr);
    l.go("2026-01-20T00:00:00Z");
    const auto quoted = l.w.quote({.action = "chat"}).or_throw();
    CHECK(quoted.receipt.cost == 5_cr);
    CHECK(l.w.explain({.action = "chat"})->price.total == 5_cr);
    const auto charged = l.w.charge({.action = "chat"}).or_throw();
    CHECK(charged.at == at("2026-02-10T00:00:00Z"));
    CHECK(charged.cost == 5_cr);
    CHECK(l.w.explain(charged.id)->price.lines == quoted.lines);
    auto hold = l.w.hold({.action = "chat"}).or_throw();
    CHECK(hold.opened().cost == 5_cr);
    CHECK(hold.settle({.quantity = 1_units})->cost == 5_cr);
    auto dropped = l.w.hold({.action = "chat"}).or_throw();
    CHECK(dropped.release()->at == at("2026-02-10T00:00:00Z"));
}
