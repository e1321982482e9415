// Add-ons: recurring grants beside what a plan refills.
#include "wallet/subscription/fixture.hpp"

#include <coffer/ledger/refill.hpp>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;
using coffer::upgrade;

TEST_CASE("rule 33: an add-on is granted at once and each period, and lost with it") {
    subscriber s;
    s.go("2026-01-10T00:00:00Z");
    const auto shown = s.w.preview({.bucket = "topup", .allowance = 200_cr, .price = usd(900)});
    CHECK(shown == errc::invalid_argument);  // the plan's price is in euros
    const coffer::add_on_request wanted{
        .bucket = "topup", .allowance = 200_cr, .price = eur(900), .request = "a"};
    const auto before = s.w.preview(wanted).or_throw();
    CHECK(before.due_today == eur(900));
    CHECK(before.granted == 200_cr);
    CHECK(before.next_payment == eur(1'900));
    CHECK(before.next_at == at("2026-02-01T00:00:00Z"));
    s.w.add_on(wanted).or_throw();
    CHECK(s.w.add_on(wanted).or_throw().repeated);
    CHECK(s.available_in("topup") == 200_cr);
    const coffer::lot made = s.lot(s.newest(coffer::lot_origin::refilled));
    CHECK(made.terms.paid == eur(900));
    CHECK(made.terms.bucket == "topup");
    s.w.charge({.amount = 160_cr}).or_throw();
    for (const char* month : {"2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"}) {
        s.go(month);
        CHECK(s.available_in("topup") == 200_cr);
        CHECK(s.budget() == 100_cr);
    }
}

TEST_CASE("rule 33: an add-on grows at once, shrinks with the next period, and is kept or ended") {
    subscriber s;
    s.w.add_on({.bucket = "topup", .allowance = 200_cr, .price = eur(900)}).or_throw();
    s.go("2026-01-16T12:00:00Z");
    SECTION("larger now") {
        s.w.add_on({.bucket = "topup", .allowance = 300_cr, .price = eur(1'200)}).or_throw();
        CHECK(s.available_in("topup") == 300_cr);
        CHECK(s.upgrade_lot().terms.paid == eur(300));
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 300_cr);
    }
    SECTION("larger, prorated") {
        s.w.add_on({.bucket = "topup",
                    .allowance = 300_cr,
                    .price = eur(1'200),
                    .how = upgrade::prorate})
            .or_throw();
        CHECK(s.available_in("topup") == 250_cr);
        CHECK(s.upgrade_lot().terms.paid == eur(150));
    }
    SECTION("larger, in full: what it had not brought yet") {
        s.w.add_on(
               {.bucket = "topup", .allowance = 300_cr, .price = eur(1'200), .how = upgrade::full})
            .or_throw();
        CHECK(s.available_in("topup") == 300_cr);
    }
    SECTION("in full, beside what a plan refills, whose allowance does not come again") {
        s.w.add_on({.bucket = "budget", .allowance = 50_cr, .price = eur(5), .how = upgrade::full})
            .or_throw();
        CHECK(s.budget() == 150_cr);
    }
    SECTION("larger with the next period") {
        s.w.add_on({.bucket = "topup",
                    .allowance = 300_cr,
                    .price = eur(1'200),
                    .when = coffer::at::period_end})
            .or_throw();
        CHECK(s.available_in("topup") == 200_cr);
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 300_cr);
    }
    SECTION("smaller") {
        s.w.add_on({.bucket = "topup", .allowance = 50_cr, .price = eur(300)}).or_throw();
        CHECK(s.available_in("topup") == 200_cr);
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 50_cr);
    }
    SECTION("ended, with the present limit kept") {
        const auto shown =
            s.w.preview({.bucket = "topup", .allowance = 0_cr, .price = eur(0)}).or_throw();
        CHECK(shown.next_payment == eur(1'000));
        CHECK(shown.waits.size() == 1);
        s.w.add_on({.bucket = "topup"}).or_throw();
        CHECK(s.available_in("topup") == 200_cr);
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 0_cr);
        CHECK(s.stored().rest->subscription->add_ons.size() <= 1);
        s.w.sweep().or_throw();
        CHECK(s.stored().rest->subscription->add_ons.empty());
        s.w.add_on({.bucket = "topup", .allowance = 10_cr, .price = eur(100)}).or_throw();
        CHECK(s.available_in("topup") == 10_cr);
    }
    SECTION("kept after all") {
        s.w.add_on({.bucket = "topup"}).or_throw();
        s.w.keep().or_throw();
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 200_cr);
    }
    SECTION("smaller and larger again mints nothing") {
        s.w.add_on({.bucket = "topup", .allowance = 50_cr, .price = eur(300)}).or_throw();
        s.w.add_on({.bucket = "topup", .allowance = 200_cr, .price = eur(900)}).or_throw();
        CHECK(s.available_in("topup") == 200_cr);
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 200_cr);
    }
    SECTION("it goes on under another plan, and ends with the subscription") {
        s.w.change({.plan = "team"}).or_throw();
        s.go("2026-02-01T00:00:00Z");
        CHECK(s.available_in("topup") == 200_cr);
        s.w.end().or_throw();
        s.go("2026-03-01T00:00:00Z");
        CHECK(s.available() == 0_cr);
        s.w.start().or_throw();
        CHECK(s.available_in("topup") == 0_cr);
    }
}

TEST_CASE("rule 33: an add-on may begin with the next period, and add to what a plan refills") {
    subscriber s;
    s.w.add_on({.bucket = "topup", .allowance = 30_cr, .when = coffer::at::period_end}).or_throw();
    CHECK(s.available_in("topup") == 0_cr);
    s.w.add_on({.bucket = "voice", .allowance = 5_cr}).or_throw();
    CHECK(s.voice() == 55_cr);
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.available_in("topup") == 30_cr);
    CHECK(s.voice() == 55_cr);
}

TEST_CASE("rule 33: of an add-on that waits, a preview tells the end of the period begun for it") {
    subscriber s;
    s.go("2026-01-10T00:00:00Z");
    add_weekly_bonus_to_pro(s.wallets.plan());
    const auto comes_at = [&](std::string_view bucket, std::string_view when) {
        const coffer::add_on_request asked{
            .bucket = bucket, .allowance = 30_cr, .when = coffer::at::period_end};
        const auto shown = s.w.preview(asked).or_throw();
        CHECK_FALSE(shown.begins_now);
        CHECK(shown.granted == 0_cr);
        REQUIRE(shown.waits.size() == 1);
        CHECK(shown.waits[0].bucket.name() == bucket);
        CHECK(shown.waits[0].now == 0_cr);
        CHECK(shown.waits[0].then == 30_cr);
        CHECK(shown.waits[0].at == at(when));
        s.w.add_on(asked).or_throw();
    };
    comes_at("topup", "2026-02-01T00:00:00Z");  // with the account
    comes_at("bonus", "2026-01-15T00:00:00Z");  // with the bucket's own weeks
    s.go("2026-01-14T23:59:59Z");
    CHECK(s.available_in("bonus") == 0_cr);
    s.go("2026-01-15T00:00:00Z");
    CHECK(s.available_in("bonus") == 37_cr);
    CHECK(s.available_in("topup") == 0_cr);
    s.go("2026-02-01T00:00:00Z");
    CHECK(s.available_in("topup") == 30_cr);
}

TEST_CASE("rule 33: a bucket that its plan has from now on begins with a change or an add-on") {
    subscriber s;
    s.go("2026-01-10T00:00:00Z");
    add_weekly_bonus_to_pro(s.wallets.plan());
    CHECK(s.available_in("bonus") == 0_cr);
    s.go("2026-01-11T00:00:00Z");
    CHECK(s.available_in("bonus") == 0_cr);
    coffer::credits each;
    SECTION("a change to the plan that holds") {
        const auto shown = s.w.preview({.plan = "pro"}).or_throw();
        CHECK(shown.granted == 7_cr);
        CHECK(shown.due_today == eur(0));
        s.w.change({.plan = "pro"}).or_throw();
        each = 7_cr;
    }
    SECTION("an add-on") {
        s.w.add_on({.bucket = "bonus", .allowance = 3_cr}).or_throw();
        each = 10_cr;
    }
    CHECK(s.available_in("bonus") == each);
    CHECK(s.budget() == 100_cr);
    CHECK(s.voice() == 50_cr);
    s.w.change({.plan = "pro"}).or_throw();  // once
    CHECK(s.available_in("bonus") == each);
    s.charge(5_cr);
    s.go("2026-01-15T00:00:00Z");
    CHECK(s.available_in("bonus") == each);
    s.w.sweep().or_throw();
    CHECK(s.entries().of(entry_kind::period_began).back().from == at("2026-01-15T00:00:00Z"));
    CHECK(s.w.verify().or_throw().sound);
}

TEST_CASE("rule 33: an add-on that makes no sense is refused and changes nothing") {
    subscriber s;
    s.charge(1_cr);
    unchanged same{s};
    CHECK(s.w.add_on({}) == errc::unknown_bucket);
    CHECK(s.w.add_on({.bucket = "nothing", .allowance = 1_cr}) == errc::unknown_bucket);
    CHECK(s.w.add_on({.bucket = "topup", .allowance = micros(-1)}) == errc::invalid_argument);
    CHECK(s.w.add_on({.bucket = "topup", .allowance = 1_cr, .price = eur(-1)}) ==
          errc::invalid_argument);
    CHECK(s.w.add_on({.bucket = "voice", .allowance = coffer::credits::max()}) ==
          errc::amount_overflow);
    CHECK(s.w.add_on({.bucket = "topup", .allowance = 1_cr, .price = usd(9)}) ==
          errc::invalid_argument);
    CHECK(s.w.add_on({.bucket = "topup", .allowance = 1_cr, .at = at("2020-01-01T00:00:00Z")}) ==
          errc::too_late);
}
