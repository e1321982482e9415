#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/draft.hpp>
#include <coffer/ledger/ledger.hpp>

using namespace coffer_test;
using namespace coffer::literals;
using coffer::bucket_filter;
using coffer::bucket_id;
namespace ledger_detail = coffer::detail;

TEST_CASE("a filter without exceptions allows every bucket, and each exception only its own") {
    bucket_filter filter;
    CHECK(filter.everything());
    CHECK(filter.allows(bucket_id::of("budget")));
    for (int i = 0; i < 20; ++i) filter.except.push_back(bucket_id::of("b" + std::to_string(i)));
    CHECK_FALSE(filter.everything());
    CHECK(filter.allows(bucket_id::of("budget")));
    CHECK_FALSE(filter.allows(bucket_id::of("b0")));
    CHECK_FALSE(filter.allows(bucket_id::of("b19")));
}

TEST_CASE("a moment without an event of its own happens when it is recorded") {
    const coffer::moment at{sec(5)};
    CHECK(at.now == sec(5));
    CHECK(at.event == sec(5));
    const coffer::moment late{sec(5), sec(2)};
    CHECK(late.now == sec(5));
    CHECK(late.event == sec(2));
}

TEST_CASE("an entry begins with the next number, the totals so far, and never before the account") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(100)));
    entry e;
    ledger_detail::begin(e, l.now, entry_kind::charged, {sec(40), sec(30)});
    CHECK(e.id.value() == 2);
    CHECK(e.at == sec(100));
    CHECK(e.event == sec(30));
    CHECK(e.after == l.now.totals);
}

TEST_CASE("taking stops at the amount, skips what is empty or not allowed, and tells the sum") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(1)));
    REQUIRE(l.grant(10_cr, in_bucket("bonus"), sec(1)));
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(1)));
    REQUIRE(l.hold(10_cr, 0_cr, sec(99), sec(1)));  // the first lot stays, empty
    REQUIRE(l.now.burning.size() == 3);
    bucket_filter no_bonus;
    no_bonus.except.push_back(bucket_id::of("bonus"));

    coffer::part_list parts;
    CHECK(ledger_detail::take(l.now, 15_cr, {}, parts) == 15_cr);
    REQUIRE(parts.size() == 2);
    CHECK(parts[0] ==
          coffer::part{.lot = lot_id{2}, .amount = 10_cr, .bucket = bucket_id::of("bonus")});
    CHECK(parts[1].amount == 5_cr);
    parts.clear();
    CHECK(ledger_detail::take(l.now, 15_cr, no_bonus, parts) == 10_cr);
    CHECK(parts.size() == 1);
    parts.clear();
    CHECK(ledger_detail::take(l.now, 0_cr, {}, parts).is_zero());
    CHECK(parts.empty());
    CHECK(coffer::available_in(l.now, {}) == 20_cr);
    CHECK(coffer::available_in(l.now, no_bonus) == 10_cr);
}

TEST_CASE("there is room for what all lots together can hold, counting held and future ones") {
    life l;
    const credits third = micros(credits::max().micros() / 3);
    REQUIRE(l.grant(third, in_bucket("budget"), sec(1)));
    REQUIRE(l.hold(third, 0_cr, sec(99), sec(1)));
    REQUIRE(l.grant(third, in_bucket("budget", sec(500)), sec(1)));
    const credits rest = micros(credits::max().micros() - 2 * third.micros());
    CHECK(ledger_detail::check_room(l.now, rest));
    CHECK(ledger_detail::check_room(l.now, micros(rest.micros() + 1)) == errc::amount_overflow);
    CHECK(l.grant(micros(rest.micros() + 1), in_bucket("budget"), sec(1)) == errc::amount_overflow);
    CHECK(l.grant(rest, in_bucket("budget"), sec(1)));
}

TEST_CASE("a total that would overflow stays as it is") {
    credits total = credits::max();
    CHECK(ledger_detail::shift(total, micros(1)) == errc::amount_overflow);
    CHECK(total == credits::max());
    CHECK(ledger_detail::shift(total, micros(1), false));
    CHECK(total == micros(credits::max().micros() - 1));
}

TEST_CASE("a refusal for lack of credits says what was needed and what would do") {
    const coffer::error e = coffer::insufficient(5_cr, 3_cr);
    CHECK(e == errc::insufficient_credits);
    CHECK(e.required() == 5_cr);
    CHECK(e.acceptable() == 3_cr);
}
