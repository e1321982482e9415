// The account's own period where plans change: it is that of the new plan's first bucket that
// refills, whether it begins now or runs already, and `used` goes with it.
#include "support/wallet_fixture.hpp"

#include <coffer/perform/look_back.hpp>
#include <coffer/plan/set.hpp>

using namespace coffer_test;
using coffer::errc;

namespace {

struct refilled {
    coffer::refill::every refill{};
    coffer::rollover::none rollover{};
    coffer::expiry::at_period_end expiry{};
    coffer::refund::none refund{};
};
struct bought {
    coffer::refill::none refill{};
    coffer::rollover::all rollover{};
    coffer::expiry::never expiry{};
    coffer::refund::none refund{};
};

/// A hundred a month, and packs.
struct monthly {
    coffer::cost_table cost{};
    refilled budget{.refill = {.length = coffer::months{1}, .amount = 100_cr}};
    bought package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"budget", &monthly::budget},
                                                     coffer::bucket{"package", &monthly::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
/// Ten a week before the same.
struct weekly_first {
    coffer::cost_table cost{};
    refilled trial{.refill = {.length = coffer::days{7}, .amount = 10_cr}};
    refilled budget{.refill = {.length = coffer::months{1}, .amount = 100_cr}};
    bought package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"trial", &weekly_first::trial},
                         coffer::bucket{"budget", &weekly_first::budget},
                         coffer::bucket{"package", &weekly_first::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
/// Packs alone. A refusal is for good.
struct packs {
    coffer::cost_table cost{};
    bought package{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &packs::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::refusals::sticky refusals{};
};

using plans = coffer::plan_set<monthly, weekly_first, packs>;

template <class Store>
struct choice {
    Store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets<plans, Store, coffer::manual_clock> all{
        plans{coffer::named{"monthly", monthly{}}, coffer::named{"weekly", weekly_first{}},
              coffer::named{"packs", packs{}}},
        store, clock};
    decltype(all["w"]) w = all["w"];

    void go(const char* to) { clock.set(at(to)); }
    void go_over(const char* plan) {
        w.change({.plan = plan, .how = coffer::upgrade::later}).or_throw();
    }
    void spend(coffer::credits amount) { w.charge({.amount = amount}).or_throw(); }
    /// What is used, and until when the period runs.
    void expect(coffer::credits used, const char* until) {
        const auto now = w.balance().or_throw();
        CHECK(now.used == used);
        REQUIRE(now.running);
        CHECK(coffer::iso8601(now.running->until) == until);
        CHECK(w.verify());
    }
};

}  // namespace

TEMPLATE_TEST_CASE("periods: used and the period go over to a bucket that begins, and back", "",
                   lends_heads, gives_whole_pages) {
    choice<TestType> c;
    c.w.start({.plan = "monthly"}).or_throw();
    c.go("2026-01-02T00:00:00Z");
    c.spend(7_cr);
    c.expect(7_cr, "2026-02-01T00:00:00Z");
    c.go("2026-01-10T00:00:00Z");
    c.spend(5_cr);
    c.go_over("weekly");
    c.expect(5_cr, "2026-01-15T00:00:00Z");
    c.go("2026-01-12T00:00:00Z");
    c.go_over("monthly");
    c.expect(12_cr, "2026-02-01T00:00:00Z");
    c.go("2026-01-16T00:00:00Z");
    c.spend(3_cr);
    c.expect(15_cr, "2026-02-01T00:00:00Z");
    c.go("2026-02-01T00:00:00Z");
    c.expect(0_cr, "2026-03-01T00:00:00Z");
}

TEMPLATE_TEST_CASE("periods: used and the period go over to a bucket that runs already", "",
                   lends_heads, gives_whole_pages) {
    choice<TestType> c;
    c.w.start({.plan = "weekly"}).or_throw();
    c.go("2026-01-02T00:00:00Z");
    c.spend(7_cr);
    c.go("2026-01-10T00:00:00Z");
    c.spend(5_cr);
    c.expect(5_cr, "2026-01-15T00:00:00Z");
    c.go_over("monthly");
    c.expect(12_cr, "2026-02-01T00:00:00Z");
    c.go("2026-01-16T00:00:00Z");
    c.expect(12_cr, "2026-02-01T00:00:00Z");
}

TEMPLATE_TEST_CASE("periods: of two that began together the account's is that of its bucket", "",
                   lends_heads, gives_whole_pages) {
    choice<TestType> c;
    c.w.start({.plan = "packs"}).or_throw();
    c.w.grant({.bucket = "package", .amount = 100_cr}).or_throw();
    c.go("2026-01-03T00:00:00Z");
    c.spend(7_cr);
    c.expect(7_cr, "2026-02-01T00:00:00Z");
    c.go_over("weekly");
    c.expect(7_cr, "2026-01-08T00:00:00Z");
}

TEMPLATE_TEST_CASE("rule 25: what was refused for good stays refused under another plan", "",
                   lends_heads, gives_whole_pages) {
    choice<TestType> c;
    c.go_over("packs");
    c.w.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    auto hold = c.w.hold({.amount = 10_cr, .tolerance = 5_cr}).or_throw();
    CHECK(hold.settle({.amount = 12_cr}) == errc::insufficient_credits);
    CHECK(c.w.charge({.amount = 9_cr, .request = "c"}) == errc::insufficient_credits);
    c.w.grant({.bucket = "package", .amount = 50_cr}).or_throw();
    for (const char* plan : {"monthly", "packs"}) {
        CAPTURE(plan);
        c.go_over(plan);
        CHECK(hold.settle({.amount = 12_cr}) == errc::insufficient_credits);
        CHECK(c.w.charge({.amount = 9_cr, .request = "c"}) == errc::insufficient_credits);
    }
    CHECK(hold.settle({.amount = 11_cr}));
}
