#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/account.hpp>

using namespace coffer_test;
using namespace coffer::literals;

TEST_CASE("a fresh account has nothing, owes nothing and waits for nothing") {
    const account a;
    CHECK(a.totals == coffer::balance_totals{});
    CHECK(a.last == coffer::entry_id{});
    CHECK(a.next_due == coffer::never);
    CHECK(a.time == instant::min());
    CHECK(a.burning.empty());
    CHECK(coffer::lots_of(a).empty());
    CHECK_FALSE(coffer::find_lot(a, lot_id{1}));
    CHECK_FALSE(coffer::find_record(a, lot_id{}));
    CHECK_FALSE(coffer::find_hold(a, coffer::hold_id{1}));
    CHECK_FALSE(coffer::find_cycle(a, coffer::bucket_id::of("budget")));
    CHECK(a == account{});
}

TEST_CASE("what is asked for is found, and what is not there is not") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(1)));
    REQUIRE(l.charge(1_cr, sec(1)));
    REQUIRE(l.grant(10_cr, in_bucket("budget", sec(50)), sec(1)));
    REQUIRE(l.hold(4_cr, 0_cr, sec(9), sec(1)));
    CHECK(coffer::find_record(l.now, lot_id{1}));
    CHECK_FALSE(coffer::find_record(l.now, lot_id{2}));
    CHECK(coffer::find_record(l.now, lot_id{3}));
    CHECK_FALSE(coffer::find_record(l.now, lot_id{4}));
    CHECK(coffer::find_hold(l.now, coffer::hold_id{4}));
    CHECK_FALSE(coffer::find_hold(l.now, coffer::hold_id{1}));
    CHECK(coffer::find_spendable(l.now, lot_id{1}));
    CHECK_FALSE(coffer::find_spendable(l.now, lot_id{3}));
    CHECK(coffer::held_of(l.now, lot_id{1}) == 4_cr);
    CHECK(coffer::held_of(l.now, lot_id{3}) == 0_cr);

    const auto first = coffer::find_lot(l.now, lot_id{1});
    REQUIRE(first);
    CHECK(first->available == 5_cr);
    CHECK(first->held == 4_cr);
    CHECK(first->spent == 1_cr);
    const auto future = coffer::find_lot(l.now, lot_id{3});
    REQUIRE(future);
    CHECK(future->available == 10_cr);
    CHECK_FALSE(future->active);
}

TEST_CASE("a lot has ended at its expiry, and an allowance when its period has passed") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package", sec(0), sec(20)), sec(1)));
    const coffer::lot plain = *coffer::find_record(l.now, lot_id{1});
    CHECK_FALSE(coffer::has_ended(l.now, plain, sec(19)));
    CHECK(coffer::has_ended(l.now, plain, sec(20)));

    coffer::lot allowance = plain;
    allowance.id = lot_id{1'000};  // spent: it does not stand in the burn order
    allowance.terms.bucket = coffer::bucket_id::of("budget");
    allowance.terms.origin = coffer::lot_origin::refilled;
    allowance.terms.ends_with_period = true;
    auto begin = [&](std::uint32_t index) {
        return l.add([&](entry& e) {
            coffer::lot_terms terms = in_bucket("budget");
            terms.cycle = index;
            return coffer::decide_period(l.now, terms, {index, sec(index), sec(index + 1)}, index,
                                         0_cr, {}, true, sec(index), e);
        });
    };
    CHECK_FALSE(coffer::has_ended(l.now, allowance, sec(99)));  // no period has begun
    REQUIRE(begin(5));
    allowance.terms.cycle = 5;
    CHECK_FALSE(coffer::outlived_its_period(l.now, allowance));
    CHECK_FALSE(coffer::has_ended(l.now, allowance, sec(99)));
    REQUIRE(begin(6));
    CHECK(coffer::outlived_its_period(l.now, allowance));
    CHECK(coffer::has_ended(l.now, allowance, sec(6)));
    allowance.terms.origin = coffer::lot_origin::granted;
    CHECK_FALSE(coffer::outlived_its_period(l.now, allowance));
}

TEST_CASE("accounts are equal where every part of them is") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(1)));
    REQUIRE(l.hold(1_cr, 0_cr, sec(9), sec(1)));
    account other = l.now;
    CHECK(other == l.now);
    other.rest.edit().holds.edit(0).until = sec(10);
    CHECK_FALSE(other == l.now);
    CHECK(l.now.rest->holds[0].until == sec(9));
    other = l.now;
    other.burning.edit(0).available = 1_cr;
    CHECK_FALSE(other == l.now);
    other = l.now;
    other.used = 1_cr;
    CHECK_FALSE(other == l.now);
}
