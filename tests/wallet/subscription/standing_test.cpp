// How a subscription stands: pauses, payments that are due, trials, and its end.
#include "wallet/subscription/fixture.hpp"

#include <coffer/ledger/subscription.hpp>
#include <coffer/policy/subscription.hpp>
#include <coffer/store/detail/account_codec.hpp>
#include <coffer/store/detail/account_subscription.hpp>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;
using coffer::subscription_status;

TEST_CASE("rule 43: while a wallet is paused, charges and holds are refused and all else goes on") {
    subscriber s;
    const auto pack = s.grant(20_cr, {.bucket = "pack"});
    s.w.charge({.amount = 10_cr, .request = "c"}).or_throw();
    auto settled = s.w.hold({.amount = 5_cr}).or_throw();
    auto released = s.w.hold({.amount = 5_cr}).or_throw();
    s.w.pause({.request = "p"}).or_throw();
    CHECK(s.w.pause({.request = "p"}).or_throw().repeated);
    CHECK(s.w.pause().or_throw().kind == entry_kind::noted);
    CHECK(s.status() == subscription_status::paused);
    {
        unchanged same{s};
        CHECK(s.w.charge({.amount = 1_cr}) == errc::wallet_paused);
        CHECK(s.w.charge({.amount = 9'999_cr}) == errc::wallet_paused);
        CHECK(s.w.charge({.amount = micros(-1)}) == errc::invalid_argument);
        CHECK(s.w.hold({.amount = 1_cr}) == errc::wallet_paused);
        CHECK(s.w.quote({.amount = 1_cr}) == errc::wallet_paused);
        CHECK(s.w.explain({.amount = 1_cr}).or_throw().refused->code() == errc::wallet_paused);
    }
    settled.settle({.amount = 2_cr}).or_throw();
    released.release().or_throw();
    s.w.refund({.charge = "c"}).or_throw();
    s.grant(1_cr, {.bucket = "pack"});
    s.w.void_lot({.lot = pack, .amount = 1_cr}).or_throw();
    CHECK(s.available() == 168_cr);
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.budget() == 0_cr);
    s.go("2026-02-10T00:00:00Z");
    s.w.unpause().or_throw();
    CHECK(s.w.unpause().or_throw().kind == entry_kind::noted);
    CHECK(s.budget() == 0_cr);
    s.charge(1_cr);
    s.go("2026-03-01T00:00:00Z");
    CHECK(s.budget() == 100_cr);
}

TEMPLATE_TEST_CASE("rule 43: a wallet of one plan is paused, too, by heads or whole pages", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{monthly_plan(100_cr)};
    l.start();
    l.w.pause().or_throw();
    CHECK(l.w.charge({.amount = 1_cr}) == errc::wallet_paused);
    l.w.unpause().or_throw();
    CHECK(l.w.charge({.amount = 1_cr}));
    l.w.end().or_throw();
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 0_cr);
    l.start();
    CHECK(l.available() == 100_cr);
}

TEST_CASE("rule 43: past due, a period is refilled once it is paid, and paused after a grace") {
    subscriber s;
    s.go("2026-01-30T00:00:00Z");
    s.w.past_due({.request = "d"}).or_throw();
    CHECK(s.w.past_due().or_throw().kind == entry_kind::noted);
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.available() == 0_cr);
    CHECK(s.status() == subscription_status::past_due);
    SECTION("paid in time") {
        s.go("2026-02-03T00:00:00Z");
        s.w.paid({.request = "m"}).or_throw();
        CHECK(s.w.paid({.request = "m"}).or_throw().repeated);
        CHECK(s.budget() == 100_cr);
        CHECK(s.w.name_of(s.newest(coffer::lot_origin::refilled)) == std::string{"voice#1"});
        s.charge(1_cr);
        s.go("2026-03-01T00:00:00Z");
        CHECK(s.budget() == 100_cr);
    }
    SECTION("upgraded before it is paid") {
        s.w.change({.plan = "team"}).or_throw();
        CHECK(s.budget() == 200_cr);
        s.w.paid().or_throw();
        CHECK(s.budget() == 300_cr);
    }
    SECTION("paused by itself") {
        s.go("2026-02-06T00:00:00Z");  // seven days after it was said
        CHECK(s.status() == subscription_status::paused);
        CHECK(s.w.charge({.amount = 0_cr}) == errc::wallet_paused);
        s.w.paid().or_throw();
        CHECK(s.available() == 0_cr);  // a pause skips it
        s.w.unpause().or_throw();
        s.go("2026-03-01T00:00:00Z");
        CHECK(s.budget() == 100_cr);
    }
}

TEST_CASE("rule 43: a trial ends at its instant in a plan, or in nothing") {
    subscriber s{""};
    const auto until = at("2026-01-15T00:00:00Z");
    SECTION("in a plan, from a new anchor") {
        s.w.start({.plan = "team", .trial_until = until, .then = "pro"}).or_throw();
        CHECK(s.status() == subscription_status::trial);
        s.charge(1_cr);
        s.go("2026-01-14T23:59:59Z");
        CHECK(s.budget() == 299_cr);
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.budget() == 100_cr);
        CHECK(s.balance().used == 0_cr);
        CHECK(s.status() == subscription_status::active);
        CHECK(s.plan() == "pro");
        s.go("2026-02-15T00:00:00Z");
        CHECK(s.budget() == 100_cr);
    }
    SECTION("in the same plan") {
        s.w.start({.plan = "pro", .trial_until = until, .then = coffer::after_trial::same_plan()})
            .or_throw();
        s.go("2026-01-20T00:00:00Z");
        CHECK(s.budget() == 100_cr);
        CHECK(s.status() == subscription_status::active);
        CHECK(s.plan() == "pro");
    }
    SECTION("in nothing") {
        s.w.start({.plan = "pro", .trial_until = until, .then = coffer::after_trial::nothing()})
            .or_throw();
        const auto pack = s.grant(5_cr, {.bucket = "pack"});
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.status() == subscription_status::ended);
        CHECK(s.available() == 5_cr);
        CHECK(s.left(pack) == 5_cr);
        s.charge(1_cr);
        s.go("2026-06-01T00:00:00Z");
        CHECK(s.available() == 4_cr);
    }
    SECTION("changed while it lasts") {
        s.w.start({.plan = "pro", .trial_until = until, .then = "free"}).or_throw();
        s.w.change({.plan = "team"}).or_throw();
        CHECK(s.budget() == 300_cr);
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.budget() == 10_cr);
    }
    CHECK(s.w.verify().or_throw().sound);
}

TEST_CASE("rule 43: a trial that ends leaves a wallet paused or past due as it was") {
    subscriber s{""};
    const auto until = at("2026-01-15T00:00:00Z");
    s.w.start({.plan = "team", .trial_until = until, .then = "pro"}).or_throw();
    s.grant(5_cr, {.bucket = "pack"});
    SECTION("paused, the period that begins is skipped") {
        s.w.pause().or_throw();
        s.go("2026-01-20T00:00:00Z");
        CHECK(s.status() == subscription_status::paused);
        CHECK(s.plan() == "pro");
        CHECK(s.available() == 5_cr);
        CHECK(s.w.charge({.amount = 1_cr}) == errc::wallet_paused);
        s.w.unpause().or_throw();
        CHECK(s.budget() == 0_cr);
        s.charge(1_cr);
        s.go("2026-02-15T00:00:00Z");
        CHECK(s.budget() == 100_cr);
    }
    SECTION("past due, the period that begins is refilled once it is paid") {
        s.w.past_due().or_throw();
        s.go("2026-01-20T00:00:00Z");
        CHECK(s.status() == subscription_status::past_due);
        CHECK(s.available() == 5_cr);
        s.w.paid().or_throw();
        CHECK(s.status() == subscription_status::active);
        CHECK(s.budget() == 100_cr);
    }
    SECTION("past due, its grace goes on") {
        s.w.change({.plan = "pro"}).or_throw();  // waits, and has a grace
        s.w.start({.trial_until = until, .then = "team"}).or_throw();
        s.go("2026-01-10T00:00:00Z");
        s.w.past_due().or_throw();
        s.go("2026-01-16T23:59:59Z");
        CHECK(s.status() == subscription_status::past_due);
        CHECK(s.plan() == "team");
        s.go("2026-01-17T00:00:00Z");  // seven days after it was said
        CHECK(s.status() == subscription_status::paused);
        CHECK(s.w.charge({.amount = 1_cr}) == errc::wallet_paused);
    }
    SECTION("a start clears both") {
        s.w.past_due().or_throw();
        s.w.pause().or_throw();
        s.w.start({.plan = "pro"}).or_throw();
        CHECK(s.status() == subscription_status::active);
        CHECK(s.budget() == 100_cr);
    }
    CHECK(s.w.verify().or_throw().sound);
}

TEST_CASE("rule 43: a plan that waits begins at the end of a trial, in place of what it said") {
    subscriber s{""};
    const auto until = at("2026-01-15T00:00:00Z");
    const auto try_team = [&](coffer::after_trial then) {
        s.w.start({.plan = "team", .trial_until = until, .then = then}).or_throw();
    };
    SECTION("a lower one") {
        try_team("team");
        const auto shown = s.w.preview({.plan = "pro"}).or_throw();
        CHECK_FALSE(shown.begins_now);
        CHECK(shown.next_payment == eur(1'000));
        CHECK(shown.next_at == until);
        REQUIRE(shown.waits.size() == 1);
        CHECK(shown.waits[0].at == until);
        s.w.change({.plan = "pro"}).or_throw();
        CHECK(s.w.subscription().or_throw().next_plan == "pro");
        s.go("2026-01-14T23:59:59Z");
        CHECK(s.budget() == 300_cr);
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.plan() == "pro");
        CHECK(s.budget() == 100_cr);
        CHECK(s.lot(s.newest(coffer::lot_origin::refilled)).terms.cycle == 1);
        CHECK(s.status() == subscription_status::active);
        CHECK_FALSE(s.w.subscription().or_throw().next_plan);
        s.go("2026-02-15T00:00:00Z");
        CHECK(s.budget() == 100_cr);
    }
    SECTION("a higher one that is to wait") {
        s.w.start({.plan = "pro", .trial_until = until, .then = "free"}).or_throw();
        const coffer::change_request later{.plan = "team", .when = coffer::at::period_end};
        const auto shown = s.w.preview(later).or_throw();
        REQUIRE(shown.waits.size() == 1);
        CHECK(shown.waits[0].at == until);
        s.w.change(later).or_throw();
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.plan() == "team");
        CHECK(s.budget() == 300_cr);
    }
    SECTION("not if it was revoked") {
        try_team("free");
        s.w.change({.plan = "pro"}).or_throw();
        s.w.keep().or_throw();
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.plan() == "free");
        CHECK(s.budget() == 10_cr);
    }
    SECTION("not if it began with a period while the trial lasted") {
        s.w.start({.plan = "team", .trial_until = at("2026-02-15T00:00:00Z"), .then = "free"})
            .or_throw();
        s.w.change({.plan = "pro"}).or_throw();
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.plan() == "pro");
        CHECK(s.status() == subscription_status::trial);
        s.go("2026-02-15T00:00:00Z");
        CHECK(s.plan() == "free");
    }
    SECTION("not if the trial ends in nothing") {
        try_team(coffer::after_trial::nothing());
        s.w.change({.plan = "pro"}).or_throw();
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.status() == subscription_status::ended);
        CHECK(s.available() == 0_cr);
    }
    SECTION("one that is gone by then is unknown_plan until it is replaced") {
        try_team("free");
        s.w.change({.plan = "pro"}).or_throw();
        coffer::plan_book book = s.wallets.plan();
        REQUIRE(book.remove("pro"));
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.w.balance() == errc::unknown_plan);
        s.w.change({.plan = "free"}).or_throw();
        CHECK(s.plan() == "free");
        CHECK(s.budget() == 10_cr);
    }
    CHECK(s.w.verify().or_throw().sound);
}

TEST_CASE("rule 43: a preview in a trial tells what its end brings, add-ons with it") {
    subscriber s{""};
    const auto until = at("2026-01-15T00:00:00Z");
    const coffer::add_on_request later{
        .bucket = "topup", .allowance = 20_cr, .price = eur(500), .when = coffer::at::period_end};
    SECTION("in a plan") {
        s.w.start({.plan = "team", .trial_until = until, .then = "pro"}).or_throw();
        s.w.add_on(later).or_throw();
        const auto more = s.w.preview({.bucket = "topup", .allowance = 30_cr, .price = eur(700)});
        CHECK(more.or_throw().next_payment == eur(1'700));
        coffer::add_on_request smaller = later;
        smaller.allowance = 10_cr;
        const auto less = s.w.preview(smaller).or_throw();
        CHECK(less.next_payment == eur(1'500));
        CHECK(less.next_at == until);
        REQUIRE(less.waits.size() == 1);
        CHECK(less.waits[0].at == until);
        s.go("2026-01-15T00:00:00Z");
        CHECK(s.available_in("topup") == 20_cr);
        CHECK(s.budget() == 100_cr);
    }
    SECTION("in a plan other than the one that is lower in a bucket") {
        s.w.start({.plan = "pro", .trial_until = until, .then = "team"}).or_throw();
        const auto shown = s.w.preview({.plan = "mixed"}).or_throw();
        CHECK(shown.begins_now);
        CHECK(shown.waits.empty());
        CHECK(shown.next_payment == eur(3'000));
    }
    SECTION("in the plan that is lower in a bucket") {
        s.w.start({.plan = "pro", .trial_until = until, .then = "mixed"}).or_throw();
        const auto shown = s.w.preview({.plan = "mixed"}).or_throw();
        REQUIRE(shown.waits.size() == 1);
        CHECK(shown.waits[0].then == 20_cr);
        CHECK(shown.waits[0].at == until);
    }
    SECTION("in nothing") {
        s.w.start({.plan = "team", .trial_until = until, .then = coffer::after_trial::nothing()})
            .or_throw();
        const auto shown = s.w.preview({.plan = "pro"}).or_throw();
        CHECK(shown.waits.empty());
        CHECK_FALSE(shown.next_at);
        CHECK(s.w.preview(later).or_throw().waits.empty());
    }
}

TEST_CASE("rule 43: a trial has to say what it ends in, and when, and that has to lie ahead") {
    subscriber s{""};
    s.grant(1_cr, {.bucket = "pack"});
    unchanged same{s};
    const auto later = at("2026-01-15T00:00:00Z");
    CHECK(s.w.start({.plan = "pro", .trial_until = later}) == errc::invalid_argument);
    CHECK(s.w.start({.plan = "pro", .then = "pro"}) == errc::invalid_argument);
    CHECK(s.w.start({.plan = "pro", .trial_until = later, .then = "gold"}) == errc::unknown_plan);
    CHECK(s.w.start({.plan = "pro", .trial_until = at("2026-01-01T00:00:00Z"), .then = "pro"}) ==
          errc::invalid_argument);
    CHECK(s.w.start({.plan = "pro", .trial_until = coffer::never, .then = "pro"}) ==
          errc::invalid_argument);
}

TEST_CASE(
    "rule 43: an end lets the period run out, and locks what was bought if the plan says so") {
    subscriber s{"weekly"};
    s.grant(5_cr, {.bucket = "pack"});
    s.w.change({.plan = "free"}).or_throw();
    s.w.end({.request = "e"}).or_throw();
    CHECK(s.w.end({.request = "e"}).or_throw().repeated);
    CHECK(s.w.end().or_throw().kind == entry_kind::noted);
    CHECK(s.status() == subscription_status::ended);
    CHECK(s.w.charge({.amount = 1_cr}) == errc::wallet_paused);
    {
        unchanged same{s};
        CHECK(s.w.pause() == errc::invalid_argument);
        CHECK(s.w.past_due() == errc::invalid_argument);
        CHECK(s.w.change({.plan = "team"}) == errc::invalid_argument);
        CHECK(s.w.add_on({.bucket = "topup", .allowance = 5_cr}) == errc::invalid_argument);
    }
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.available() == 5_cr);
    CHECK(s.plan() == "weekly");  // what waited is gone
    s.w.start({.plan = "pro"}).or_throw();
    CHECK(s.available() == 155_cr);
    s.charge(1_cr);
}

TEST_CASE("rule 43: what never started is not paused, unpaid or ended") {
    subscriber s{""};
    s.grant(1_cr, {.bucket = "pack"});
    unchanged same{s};
    CHECK(s.w.pause() == errc::invalid_argument);
    CHECK(s.w.unpause() == errc::invalid_argument);
    CHECK(s.w.past_due() == errc::invalid_argument);
    CHECK(s.w.paid() == errc::invalid_argument);
    CHECK(s.w.end() == errc::invalid_argument);
    CHECK(s.status() == subscription_status::none);
}

TEST_CASE(
    "rule 43: what is remembered of a subscription is packed, and hostile bytes are refused") {
    subscriber s;
    s.w.change({.plan = "mixed"}).or_throw();
    s.w.add_on({.bucket = "topup", .allowance = 20_cr, .price = eur(900)}).or_throw();
    s.w.change({.plan = "free"}).or_throw();
    s.w.past_due().or_throw();
    s.w.pause().or_throw();
    const coffer::account now = s.stored();
    REQUIRE(is_locked(now));
    std::vector<std::byte> bytes;
    REQUIRE(coffer::detail::pack(now, bytes));
    CHECK(coffer::detail::unpack_account(bytes.data(), bytes.size()).or_throw() == now);
    int refused = 0;
    for (std::size_t i = 0; i + 8 < bytes.size(); ++i) {
        std::vector<std::byte> hostile = bytes;
        hostile.resize(hostile.size() - 8);
        hostile[i] ^= std::byte{0x11};
        coffer::detail::seal(hostile, 0);
        const auto read = coffer::detail::unpack_account(hostile.data(), hostile.size());
        refused += read ? 0 : 1;
        if (!read) CHECK(read == errc::corrupt_record);
    }
    CHECK(refused > 0);
}
