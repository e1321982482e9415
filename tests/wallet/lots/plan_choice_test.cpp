#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/plan/set.hpp>

#include <string>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;

namespace {

/// An allowance, then packages. Only the figures differ between plans of this form.
struct tier_plan {
    coffer::cost_table cost{};
    struct {
        coffer::refill::every refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } budget{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::full refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"budget", &tier_plan::budget},
                         coffer::bucket{"package", &tier_plan::package});

    any_overdraft overdraft{};
    coffer::access::anyone access{};
};

/// Packages, then a weekly bonus: no budget, and another burn order.
struct lean_plan {
    coffer::cost_table cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::after expiry{coffer::days{30}};
        coffer::refund::none refund{};
    } package{};
    struct {
        coffer::refill::every refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } bonus{};

    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &lean_plan::package},
                                                     coffer::bucket{"bonus", &lean_plan::bonus});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

tier_plan tier(coffer::credits allowance, coffer::credits chat,
               coffer::timespan every = coffer::months{1}) {
    tier_plan plan;
    plan.budget.refill = {.length = every, .amount = allowance};
    plan.cost.set("chat", coffer::cost::flat{chat});
    return plan;
}
lean_plan lean(coffer::credits bonus) {
    lean_plan plan;
    if (bonus.is_positive()) plan.bonus.refill = {.length = coffer::days{7}, .amount = bonus};
    plan.cost.set("chat", coffer::cost::flat{5_cr});
    return plan;
}
tier_plan on_credit() {
    tier_plan plan = tier(0_cr, 1_cr);
    plan.overdraft = {coffer::overdraft::limit{.amount = 50_cr}};
    return plan;
}

using set_type = coffer::plan_set<tier_plan, tier_plan, tier_plan, lean_plan, lean_plan, tier_plan>;

/// All plans on offer, the first is the default one.
template <class Plans>
Plans on_offer() {
    if constexpr (std::is_same_v<Plans, set_type>) {
        return {coffer::named{"free", tier(10_cr, 2_cr)},
                coffer::named{"pro", tier(100_cr, 1_cr)},
                coffer::named{"often", tier(30_cr, 1_cr, coffer::days{10})},
                coffer::named{"lean", lean(0_cr)},
                coffer::named{"weekly", lean(7_cr)},
                coffer::named{"credit", on_credit()}};
    } else {
        coffer::plan_book book;
        REQUIRE(book.add("free", tier(10_cr, 2_cr)));
        REQUIRE(book.add("pro", tier(100_cr, 1_cr)));
        REQUIRE(book.add("often", tier(30_cr, 1_cr, coffer::days{10})));
        REQUIRE(book.add("lean", lean(0_cr)));
        REQUIRE(book.add("weekly", lean(7_cr)));
        REQUIRE(book.add("credit", on_credit()));
        REQUIRE(book.set_default("free"));
        return book;
    }
}

template <class Store, class Plans>
struct choice {
    struct wallet : lab<Store, Plans> {
        wallet() : lab<Store, Plans>{on_offer<Plans>()} {}

        coffer::receipt assign(std::string_view plan) {
            return this->w.change({.plan = plan, .how = coffer::upgrade::later}).or_throw();
        }
        coffer::receipt begin(std::string_view plan) {
            return this->w.start({.plan = plan}).or_throw();
        }
        std::string plan() { return std::string{this->stored().rest->plan.view()}; }
    };
};

using set_lends_heads = choice<lends_heads, set_type>;
using set_gives_whole_pages = choice<gives_whole_pages, set_type>;
using book_lends_heads = choice<lends_heads, coffer::plan_book>;
using book_gives_whole_pages = choice<gives_whole_pages, coffer::plan_book>;

}  // namespace

#define EACH_CHOICE set_lends_heads, set_gives_whole_pages, book_lends_heads, book_gives_whole_pages

TEMPLATE_TEST_CASE("plans: a wallet begins with the plan that its start names, or the default one",
                   "", EACH_CHOICE) {
    typename TestType::wallet l;
    SECTION("named") {
        l.begin("pro");
        CHECK(l.plan() == "pro");
        CHECK(l.available() == 100_cr);
        CHECK(l.w.charge({.action = "chat"}).or_throw().cost == 1_cr);
    }
    SECTION("the default") {
        l.start();
        CHECK(l.available() == 10_cr);
        CHECK(l.w.charge({.action = "chat"}).or_throw().cost == 2_cr);
    }
    SECTION("assigned before") {
        l.assign("pro");
        CHECK(l.plan() == "pro");
        CHECK(l.available() == 0_cr);
        l.start();
        CHECK(l.available() == 100_cr);
    }
}

TEMPLATE_TEST_CASE("plans: what is not on offer is unknown_plan and changes nothing", "",
                   EACH_CHOICE) {
    typename TestType::wallet l;
    auto started = GENERATE(true, false);
    if (started) l.begin("pro");
    unchanged same{l};
    CHECK(l.w.start({.plan = "gold"}) == errc::unknown_plan);
    CHECK(l.w.change({.plan = "gold", .how = coffer::upgrade::later}) == errc::unknown_plan);
    CHECK(l.w.change({.plan = "Pro", .how = coffer::upgrade::later}) == errc::unknown_plan);
    CHECK(l.w.change({.plan = std::string(64, 'p'), .how = coffer::upgrade::later}) ==
          errc::unknown_plan);
    CHECK(
        l.w.change({.plan = std::string(64, 'p'), .how = coffer::upgrade::later, .request = "r"}) ==
        errc::unknown_plan);
}

TEMPLATE_TEST_CASE("plans: each wallet follows its own", "", EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("pro");
    auto other = l.wallets["other"];
    other.start({.plan = "weekly"}).or_throw();
    other.grant({.bucket = "package", .amount = 20_cr}).or_throw();
    CHECK(other.balance().or_throw().available == 27_cr);
    CHECK(other.charge({.action = "chat"}).or_throw().cost == 5_cr);
    CHECK(l.w.charge({.action = "chat"}).or_throw().cost == 1_cr);
    CHECK(l.w.grant({.bucket = "bonus", .amount = 1_cr}) == errc::unknown_bucket);
    CHECK(other.grant({.bucket = "budget", .amount = 1_cr}) == errc::unknown_bucket);
}

TEMPLATE_TEST_CASE("plans: a bucket whose period runs goes on, and refills by the new plan", "",
                   EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("free");
    l.go("2026-01-20T00:00:00Z");
    CHECK(l.assign("pro").kind == entry_kind::plan_assigned);
    CHECK(l.available() == 10_cr);
    CHECK(l.w.charge({.action = "chat"}).or_throw().cost == 1_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 100_cr);
    l.assign("free");
    CHECK(l.available() == 100_cr);
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("plans: a bucket that begins to refill begins its period at once", "",
                   EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("pro");
    l.charge(60_cr);
    l.go("2026-01-10T00:00:00Z");
    l.assign("weekly");
    CHECK(l.available_in("bonus") == 7_cr);
    CHECK(l.available_in("budget") == 40_cr);
    const auto running = l.balance().running;
    REQUIRE(running);
    CHECK(running->from == at("2026-01-08T00:00:00Z"));  // counted from the same anchor
    CHECK(running->until == at("2026-01-15T00:00:00Z"));
    l.go("2026-01-15T00:00:00Z");
    CHECK(l.available_in("bonus") == 7_cr);
    CHECK(l.available_in("budget") == 40_cr);
    l.go("2026-02-01T00:00:00Z");  // the last allowance of a bucket that no longer refills
    CHECK(l.available_in("budget") == 0_cr);
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 7_cr);
}

TEMPLATE_TEST_CASE("plans: switching back and forth mints nothing and loses nothing", "",
                   EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("free");
    l.grant(50_cr);
    l.w.charge({.amount = 4_cr, .request = "c"}).or_throw();
    l.assign("weekly");  // from here on both buckets have a period
    std::string before = picture(l);
    for (int i = 0; i < 6; ++i) {
        l.assign(i % 2 == 0 ? "pro" : "weekly");
        l.assign("often");
        l.assign("lean");
        l.assign("weekly");
        CHECK(picture(l) == before);
    }
    l.assign("free");
    CHECK(l.available_in("budget") == 6_cr);
    CHECK(l.available_in("bonus") == 7_cr);
    CHECK(l.available_in("package") == 50_cr);
    l.w.refund({.charge = "c"}).or_throw();
    CHECK(l.available_in("budget") == 10_cr);
}

TEMPLATE_TEST_CASE("plans: switching each day grants each period's allowance at most once", "",
                   EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("free");
    const std::string_view plans[] = {"pro", "lean", "free", "weekly"};
    for (int day = 0; day < 120; ++day) {
        l.assign(plans[day % 4]);
        l.clock.advance(std::chrono::hours{24});
    }
    l.w.sweep().or_throw();
    std::map<std::pair<std::uint16_t, std::int64_t>, int> grants;
    for (const coffer::entry& e : l.entries().entries) {
        if (e.kind != entry_kind::period_began || e.amount.is_zero()) continue;
        grants[{e.terms.bucket.value(), e.until.time_since_epoch().count()}] += 1;
    }
    for (const auto& [period, times] : grants) CHECK(times == 1);
    CHECK(l.audit() == "");
}

TEMPLATE_TEST_CASE(
    "rule 13: lots of a bucket that the new plan lacks burn last and keep their "
    "expiry",
    "", EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("free");
    auto gift = l.grant(5_cr, {.bucket = "budget", .expires = at("2026-03-10T00:00:00Z")});
    auto pack = l.grant(20_cr);
    CHECK(l.lot(pack).terms.expires == coffer::never);
    l.assign("weekly");
    CHECK(l.lot(pack).terms.expires == coffer::never);  // not by the new plan's rule
    CHECK(l.lot(gift).terms.expires == at("2026-03-10T00:00:00Z"));
    auto bonus = l.newest(coffer::lot_origin::refilled);
    auto r = l.charge(30_cr);
    auto parts = parts_of(l.w, r);
    REQUIRE(parts.size() >= 3);
    CHECK(parts[0].lot == pack);
    CHECK(parts[1].lot == bonus);
    CHECK(parts[2].bucket == "budget");
    l.go("2026-03-09T23:59:59Z");
    CHECK(l.left(gift) == 5_cr);
    l.go("2026-03-10T00:00:00Z");
    CHECK(l.left(gift) == 0_cr);
    CHECK(l.lot(gift).expired == 5_cr);
    // Back again, budgets burn first.
    l.go("2026-03-11T00:00:00Z");
    l.assign("pro");
    l.grant(9_cr);
    CHECK(parts_of(l.w, l.charge(1_cr))[0].bucket == "budget");
}

TEMPLATE_TEST_CASE("plans: lots, holds and debt survive a change of plan", "", EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("credit");
    l.grant(20_cr);
    auto hold = l.w.hold({.action = "chat", .at_most = 15_cr, .request = "h"}).or_throw();
    l.w.charge({.amount = 12_cr, .request = "c"}).or_throw();  // 7 on credit
    CHECK(l.balance().debt == 7_cr);
    l.assign("lean");
    CHECK(l.balance().debt == 7_cr);
    CHECK(l.balance().held == 15_cr);
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);  // no overdraft here
    SECTION("settled by the prices of the plan under which it was opened") {
        CHECK(hold.settle({.quantity = coffer::quantity::whole(2).or_throw()}).or_throw().cost ==
              2_cr);
        CHECK(l.balance().debt == 0_cr);  // what came back repaid it
    }
    SECTION("settled by amount") {
        CHECK(hold.settle({.amount = 15_cr}));
        CHECK(l.balance().debt == 7_cr);
    }
    SECTION("released") {
        CHECK(hold.release());
        CHECK(l.balance().debt == 0_cr);
        CHECK(l.available() == 8_cr);
    }
    SECTION("taken up again") {
        auto again = l.w.resume(hold.detach()).or_throw();
        CHECK(again.release());
    }
    CHECK(l.w.refund({.charge = "c"}));
    CHECK(l.balance().debt == 0_cr);
}

TEMPLATE_TEST_CASE("rule 23: an assignment with an id happens once", "", EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("free");
    CHECK_FALSE(l.w.change({.plan = "pro", .how = coffer::upgrade::later, .request = "up"})
                    .or_throw()
                    .repeated);
    l.assign("free");
    CHECK(l.w.change({.plan = "pro", .how = coffer::upgrade::later, .request = "up"})
              .or_throw()
              .repeated);
    CHECK(l.plan() == "free");
    CHECK(l.w.change({.plan = "lean", .how = coffer::upgrade::later, .request = "up"}) ==
          errc::request_mismatch);
    CHECK(l.w.start({.plan = "pro", .request = "up"}) == errc::request_mismatch);
    CHECK(l.w.start({.plan = "pro", .request = "again"}));
    CHECK(l.w.start({.plan = "free", .request = "again"}) == errc::request_mismatch);
    CHECK(l.w.start({.request = "again"}) == errc::request_mismatch);
}

TEMPLATE_TEST_CASE("rule 9: a start with another plan ends what runs and begins anew", "",
                   EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("pro");
    l.charge(30_cr);
    l.go("2026-01-10T00:00:00Z");
    l.begin("weekly");
    CHECK(l.available_in("budget") == 0_cr);  // ended, not carried over
    CHECK(l.available() == 7_cr);
    CHECK(l.balance().used == 0_cr);
    l.go("2026-01-17T00:00:00Z");
    CHECK(l.available() == 7_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 7_cr);
    l.begin("pro");
    CHECK(l.available() == 100_cr);
    CHECK(l.available_in("bonus") == 0_cr);
    l.go("2026-03-01T00:00:00Z");
    CHECK(l.available() == 100_cr);
}

TEMPLATE_TEST_CASE("periods: the account's period is that of the plan it has", "", EACH_CHOICE) {
    typename TestType::wallet l;
    l.begin("often");  // periods begin on 1, 11, 21, 31 January, 10 February
    l.go("2026-01-05T00:00:00Z");
    SECTION("a plan without refills in between") { l.assign("lean"); }
    SECTION("a plan with another first bucket in between") { l.assign("weekly"); }
    l.go("2026-01-06T00:00:00Z");
    l.assign("often");
    REQUIRE(l.balance().running);
    CHECK(l.balance().running->until == at("2026-01-11T00:00:00Z"));
    l.charge(5_cr);
    l.go("2026-01-08T00:00:00Z");
    CHECK(l.balance().used == 5_cr);
    l.go("2026-01-31T12:00:00Z");
    CHECK(l.balance().used == 0_cr);
    l.charge(4_cr);
    l.go("2026-02-01T00:00:00Z");  // no period of the account begins here
    CHECK(l.balance().used == 4_cr);
    REQUIRE(l.balance().running);
    CHECK(l.balance().running->until == at("2026-02-10T00:00:00Z"));
    l.go("2026-02-10T00:00:00Z");
    CHECK(l.balance().used == 0_cr);
}

// ---- Books alone: plans come and go -------------------------------------------------------------

TEMPLATE_TEST_CASE(
    "plans: a wallet follows the plan that replaced its own from the next operation "
    "on",
    "", book_lends_heads, book_gives_whole_pages) {
    typename TestType::wallet l;
    l.begin("pro");
    coffer::plan_book book = l.wallets.plan();
    REQUIRE(book.replace("pro", tier(200_cr, 3_cr)));
    CHECK(l.available() == 100_cr);
    CHECK(l.w.charge({.action = "chat"}).or_throw().cost == 3_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 200_cr);
}

TEMPLATE_TEST_CASE("plans: a wallet whose plan was removed is unknown_plan until it gets another",
                   "", book_lends_heads, book_gives_whole_pages) {
    typename TestType::wallet l;
    l.begin("pro");
    l.w.charge({.amount = 5_cr, .request = "c"}).or_throw();
    coffer::plan_book book = l.wallets.plan();
    REQUIRE(book.remove("pro"));
    {
        unchanged same{l};
        CHECK(l.w.charge({.amount = 1_cr}) == errc::unknown_plan);
        CHECK(l.w.balance() == errc::unknown_plan);
        CHECK(l.w.sweep() == errc::unknown_plan);
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr}) == errc::unknown_plan);
        CHECK(l.w.charge({.amount = 5_cr, .request = "c"}).or_throw().repeated);
    }
    SECTION("assigned") { CHECK(l.w.change({.plan = "free", .how = coffer::upgrade::later})); }
    SECTION("started") {
        CHECK(l.w.start({.plan = "free"}));
        CHECK(l.available() == 10_cr);
    }
    SECTION("added again") { REQUIRE(book.add("pro", tier(100_cr, 1_cr))); }
    CHECK(l.w.charge({.amount = 5_cr}));
}

TEMPLATE_TEST_CASE("plans: a wallet whose plan was removed does not keep a sweep from the others",
                   "", book_lends_heads, book_gives_whole_pages) {
    typename TestType::wallet l;
    l.begin("pro");
    auto other = l.wallets["other"];
    l.go("2026-01-02T00:00:00Z");  // falls due after the one without a plan
    other.start({.plan = "free"}).or_throw();
    coffer::plan_book book = l.wallets.plan();
    REQUIRE(book.remove("pro"));
    l.go("2026-02-05T00:00:00Z");
    const coffer::entry_id before = coffer::load(l.store, "other")->last;
    CHECK(l.wallets.sweep() == errc::unknown_plan);
    CHECK(coffer::load(l.store, "other")->last > before);
    CHECK(other.sweep() == std::size_t{0});
}

TEST_CASE("plans: a start after a plan without the bucket repeats no period's number") {
    coffer::plan_book book;
    book.add("pro", tier(100_cr, 1_cr)).or_throw();
    coffer::any_plan without{tier(100_cr, 1_cr)};
    without.buckets.erase(without.buckets.begin());
    book.add("none", without).or_throw();
    book.set_default("pro").or_throw();
    lab<lends_heads, coffer::plan_book> l{book};
    l.w.start({.plan = "pro"}).or_throw();
    l.go("2026-01-05T00:00:00Z");
    l.w.change({.plan = "none", .how = coffer::upgrade::later}).or_throw();
    l.w.start({.plan = "pro"}).or_throw();
    CHECK(l.available() == 100_cr);
    std::uint32_t next = 0;
    const auto journal = l.entries();
    for (const coffer::entry& e : journal.of(entry_kind::period_began)) {
        if (e.terms.bucket == "budget") CHECK(e.terms.cycle == next++);
    }
    CHECK(next == 3);
}

TEMPLATE_TEST_CASE("plans: where one plan holds for all wallets, none can be assigned", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    CHECK(l.w.change({.plan = "pro", .how = coffer::upgrade::later}) == errc::invalid_argument);
    l.grant(5_cr);
    unchanged same{l};
    CHECK(l.w.change({.plan = "pro", .how = coffer::upgrade::later, .request = "a"}) ==
          errc::invalid_argument);
    CHECK(l.w.change({}) == errc::invalid_argument);
    CHECK(l.w.start({.plan = "pro"}) == errc::invalid_argument);
}
