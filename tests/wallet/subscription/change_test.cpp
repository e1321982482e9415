// Changes of plan: what rises at once, what waits, and what may be revoked.
#include "wallet/subscription/fixture.hpp"

#include <coffer/ledger/change.hpp>
#include <coffer/perform/change.hpp>
#include <coffer/report/subscription.hpp>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;
using coffer::upgrade;

TEST_CASE("rule 33: an upgrade at once grants the difference, and its prices begin") {
    subscriber s;
    s.charge(30_cr);
    s.go("2026-01-20T00:00:00Z");
    s.w.change({.plan = "team", .how = upgrade::difference, .paid = eur(2'000)}).or_throw();
    CHECK(s.plan() == "team");
    CHECK(s.budget() == 270_cr);
    CHECK(s.balance().used == 30_cr);
    CHECK(s.price() == 1_cr);
    const coffer::lot made = s.upgrade_lot();
    CHECK(made.granted == 200_cr);
    CHECK(made.terms.paid == eur(2'000));
    CHECK(made.terms.is_allowance());
    CHECK(s.w.name_of(made.id) == std::string{"budget#0+1"});
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.budget() == 300_cr);
    CHECK(s.left(made.id) == 0_cr);
}

TEST_CASE("rule 33: an upgrade is prorated by the rest of the period, or brings all, or waits") {
    subscriber s;
    s.go("2026-01-16T12:00:00Z");
    SECTION("prorated") {
        s.w.change({.plan = "team", .how = upgrade::prorate}).or_throw();
        CHECK(s.budget() == 200_cr);
    }
    SECTION("in full") {
        s.w.change({.plan = "team", .how = upgrade::full}).or_throw();
        CHECK(s.budget() == 400_cr);
        s.w.change({.plan = "pro"}).or_throw();
        s.w.change({.plan = "team", .how = upgrade::full}).or_throw();
        CHECK(s.budget() == 400_cr);
    }
    SECTION("later") {
        s.w.change({.plan = "team", .how = upgrade::later}).or_throw();
        CHECK(s.budget() == 100_cr);
        CHECK(s.price() == 1_cr);
    }
    SECTION("at the period's end") {
        s.w.change({.plan = "team", .when = coffer::at::period_end}).or_throw();
        CHECK(s.budget() == 100_cr);
        CHECK(s.price() == 2_cr);
        CHECK(s.plan() == "pro");
    }
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.budget() == 300_cr);
    CHECK(s.plan() == (s.w.sweep().or_throw(), "team"));
}

TEST_CASE("rule 33: a downgrade waits for the period's end with its prices, and can be revoked") {
    subscriber s{"team"};
    s.go("2026-01-10T00:00:00Z");
    CHECK(s.w.change({.plan = "pro", .request = "down"}).or_throw().kind ==
          entry_kind::change_pending);
    CHECK(s.budget() == 300_cr);
    CHECK(s.price() == 1_cr);
    CHECK(s.plan() == "team");
    CHECK(s.w.subscription().or_throw().plan == "team");
    CHECK(s.w.subscription().or_throw().next_plan == "pro");
    SECTION("it begins") {
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.budget() == 100_cr);
        CHECK(s.price() == 2_cr);
        s.w.sweep().or_throw();
        CHECK(s.plan() == "pro");
        const auto kinds = s.entries().kinds();
        const auto begun = std::find(kinds.begin(), kinds.end(), entry_kind::plan_assigned);
        REQUIRE(begun != kinds.end());
        CHECK(*std::prev(begun) == entry_kind::forfeited);     // what the old plan ended
        CHECK(*std::next(begun) == entry_kind::period_began);  // what the new one refills
    }
    SECTION("it is revoked") {
        CHECK(s.w.keep({.request = "stay"}).or_throw().kind == entry_kind::change_revoked);
        CHECK(s.w.keep({.request = "stay"}).or_throw().repeated);
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.budget() == 300_cr);
        CHECK(s.w.keep().or_throw().kind == entry_kind::noted);
    }
    SECTION("another takes its place") {
        s.w.change({.plan = "free"}).or_throw();
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.budget() == 10_cr);
        CHECK(s.voice() == 0_cr);
    }
    SECTION("going back to the plan leaves nothing to wait") {
        s.w.change({.plan = "team"}).or_throw();
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.budget() == 300_cr);
    }
    SECTION("a start is a period's end") {
        s.w.start().or_throw();
        CHECK(s.plan() == "pro");
        CHECK(s.budget() == 100_cr);
    }
}

TEST_CASE("rule 33: what is lower in one bucket waits while the others rise") {
    subscriber s;
    s.go("2026-01-10T00:00:00Z");
    s.w.change({.plan = "mixed"}).or_throw();
    CHECK(s.plan() == "mixed");
    CHECK(s.price() == 3_cr);
    CHECK(s.budget() == 150_cr);
    CHECK(s.voice() == 50_cr);
    SECTION("to the period's end") {
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.budget() == 150_cr);
        CHECK(s.voice() == 20_cr);
        s.w.sweep().or_throw();
        CHECK(s.stored().rest->subscription->courses.empty());
    }
    SECTION("unless it is revoked") {
        s.w.keep().or_throw();
        for (const char* month : {"2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"}) {
            s.go(month);
            CHECK(s.budget() == 150_cr);
            CHECK(s.voice() == 50_cr);
        }
        s.w.change({.plan = "team"}).or_throw();
        s.w.change({.plan = "mixed", .when = coffer::at::period_end}).or_throw();
        s.go("2026-04-01T00:00:00Z");
        CHECK(s.voice() == 20_cr);
    }
}

TEST_CASE(
    "rule 33: a bucket that a plan brings begins at once, one that it lacks ends its period") {
    subscriber s;
    s.go("2026-01-10T00:00:00Z");
    s.w.change({.plan = "weekly"}).or_throw();
    CHECK(s.available_in("bonus") == 7_cr);
    s.w.change({.plan = "pro"}).or_throw();  // lacks it, and waits
    CHECK(s.plan() == "weekly");
    s.w.change({.plan = "team"}).or_throw();
    CHECK(s.available_in("bonus") == 7_cr);
    CHECK(s.budget() == 300_cr);
    s.w.change({.plan = "weekly"}).or_throw();
    s.w.change({.plan = "team"}).or_throw();
    CHECK(s.available_in("bonus") == 7_cr);
    s.go("2026-01-15T00:00:00Z");
    CHECK(s.available_in("bonus") == 0_cr);
}

TEST_CASE("rule 33: a plan that waits begins with a start, unless that names another") {
    subscriber s{"team"};
    s.w.change({.plan = "pro"}).or_throw();
    s.go("2026-01-10T00:00:00Z");
    CHECK(s.plan() == "team");
    std::string_view begun = "pro";
    SECTION("which waited") { s.w.start().or_throw(); }
    SECTION("another") {
        begun = "mixed";
        s.w.start({.plan = begun}).or_throw();
    }
    const auto now = s.w.subscription().or_throw();
    CHECK(now.plan == begun);
    CHECK_FALSE(now.next_plan);
    CHECK(s.budget() == (begun == "pro" ? 100_cr : 150_cr));
    CHECK(s.price() == (begun == "pro" ? 2_cr : 3_cr));
    s.go("2026-02-10T00:00:00Z");  // nothing waits any more
    CHECK(s.plan() == begun);
}

TEST_CASE("rule 33: an open hold keeps its credits, and what comes back stays") {
    subscriber s;
    auto hold = s.w.hold({.amount = 80_cr, .expires_in = std::chrono::hours{24}}).or_throw();
    s.w.change({.plan = "team"}).or_throw();
    CHECK(s.budget() == 220_cr);
    hold.settle({.amount = 30_cr}).or_throw();
    CHECK(s.budget() == 270_cr);
}

TEST_CASE("rule 33: a change that makes no sense is refused and changes nothing") {
    subscriber s{"team"};
    s.charge(1_cr);
    unchanged same{s};
    CHECK(s.w.change({}) == errc::invalid_argument);
    CHECK(s.w.change({.plan = "gold"}) == errc::unknown_plan);
    CHECK(s.w.change({.plan = std::string(64, 'p')}) == errc::unknown_plan);
    CHECK(s.w.change({.plan = "team", .paid = eur(-1)}) == errc::invalid_argument);
    CHECK(s.w.change({.plan = "team", .paid = eur(5)}) == errc::invalid_argument);
    CHECK(s.w.change({.plan = "pro", .paid = eur(5)}) == errc::invalid_argument);  // waits
    CHECK(s.w.change({.plan = "weekly", .paid = usd(5)}) == errc::invalid_argument);
    CHECK(s.w.change({.plan = "pro", .when = static_cast<coffer::at>(9)}) ==
          errc::invalid_argument);
    CHECK(s.w.change({.plan = "pro", .how = static_cast<upgrade>(9)}) == errc::invalid_argument);
    CHECK(s.w.change({.plan = "pro", .at = at("2020-01-01T00:00:00Z")}) == errc::too_late);
    CHECK(s.w.change({.plan = "pro", .at = at("2030-01-01T00:00:00Z")}) == errc::invalid_argument);
}

TEST_CASE("rule 23: a change with an id happens once") {
    subscriber s;
    CHECK_FALSE(s.w.change({.plan = "team", .request = "up"}).or_throw().repeated);
    CHECK(s.w.change({.plan = "team", .request = "up"}).or_throw().repeated);
    CHECK(s.budget() == 300_cr);
    CHECK(s.w.change({.plan = "pro", .request = "up"}) == errc::request_mismatch);
    CHECK(s.w.keep({.request = "up"}) == errc::request_mismatch);
}

TEST_CASE("rule 33: a plan that waits and is gone by then is unknown_plan until it is replaced") {
    subscriber s{"team"};
    s.w.change({.plan = "pro"}).or_throw();
    coffer::plan_book book = s.wallets.plan();
    REQUIRE(book.remove("pro"));
    CHECK(s.budget() == 300_cr);
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.w.balance() == errc::unknown_plan);
    s.w.change({.plan = "free"}).or_throw();
    CHECK(s.budget() == 10_cr);
}

TEST_CASE("rule 33: at the period's end, a change to the plan that holds grants nothing now") {
    subscriber s;
    s.w.change({.plan = "team", .how = upgrade::later}).or_throw();
    s.w.change({.plan = "free"}).or_throw();
    s.w.change({.plan = "team", .when = coffer::at::period_end}).or_throw();
    CHECK(s.budget() == 100_cr);
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.budget() == 300_cr);
}

TEST_CASE("rule 33: from a plan that is gone, a lower one begins at once") {
    subscriber s{"team"};
    coffer::plan_book book = s.wallets.plan();
    REQUIRE(book.remove("team"));
    CHECK(s.w.balance() == errc::unknown_plan);
    s.w.change({.plan = "free"}).or_throw();
    CHECK(s.plan() == "free");
    CHECK(s.budget() == 300_cr);  // what was granted stays to the period's end
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.budget() == 10_cr);
}

TEST_CASE("rule 33: a preview says what is due, what comes and what waits, and writes nothing") {
    subscriber s;
    s.go("2026-01-16T12:00:00Z");
    unchanged same{s};
    const auto up = s.w.preview({.plan = "team"}).or_throw();
    CHECK(up.due_today == eur(2'000));
    CHECK(up.granted == 200_cr);
    CHECK(up.begins_now);
    CHECK(up.next_payment == eur(3'000));
    CHECK(up.next_at == at("2026-02-01T00:00:00Z"));
    CHECK(up.waits.empty());
    const auto part = s.w.preview({.plan = "team", .how = upgrade::prorate}).or_throw();
    CHECK(part.due_today == eur(1'000));
    CHECK(part.granted == 100_cr);
    CHECK(s.w.preview({.plan = "team", .how = upgrade::full}).or_throw().due_today == eur(3'000));
    const auto down = s.w.preview({.plan = "free"}).or_throw();
    CHECK_FALSE(down.begins_now);
    CHECK(down.due_today.is_zero());
    CHECK(down.waits.size() == 2);
    CHECK_FALSE(down.next_at);
    const auto mixed = s.w.preview({.plan = "mixed"}).or_throw();
    CHECK(mixed.due_today == eur(500));
    REQUIRE(mixed.waits.size() == 1);
    CHECK(mixed.waits[0].bucket == "voice");
    CHECK(mixed.waits[0].now == 50_cr);
    CHECK(mixed.waits[0].then == 20_cr);
    CHECK(s.w.preview(coffer::change_request{.plan = "gold"}) == errc::unknown_plan);
}

TEST_CASE("rule 33: what is prorated is due rounded up to the minor unit") {
    subscriber s;
    s.go("2026-01-20T00:00:00Z");  // 12 of 31 days
    const auto part = s.w.preview({.plan = "team", .how = upgrade::prorate}).or_throw();
    CHECK(part.due_today == eur(775));  // 774.19…
    CHECK(part.granted == micros(77'419'354));
}
