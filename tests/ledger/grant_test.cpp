#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/grant.hpp>
#include <coffer/ledger/ledger.hpp>

#include <vector>

using namespace coffer_test;
using namespace coffer::literals;
using coffer::burn_position;

namespace {

std::vector<std::uint32_t> burning(const account& a) {
    std::vector<std::uint32_t> lots;
    for (const coffer::spendable& s : a.burning) lots.push_back(s.lot.value());
    return lots;
}
using lots = std::vector<std::uint32_t>;

coffer::result<void> begin(life& l, std::uint32_t index, instant from, instant until,
                           credits allowance, bool of_account = true) {
    coffer::lot_terms terms = in_bucket("budget", from, until);
    terms.origin = coffer::lot_origin::refilled;
    terms.ends_with_period = true;
    terms.cycle = index;
    return l.add([&](entry& e) {
        return coffer::decide_period(l.now, terms, {index, from, until}, index, allowance, {},
                                     of_account, from, e);
    });
}
coffer::result<void> end(life& l, entry_kind how, credits amount, instant at) {
    const coffer::spendable hot = l.now.burning[0];
    return l.add([&](entry& e) { return coffer::decide_expiry(l.now, hot, how, amount, at, e); });
}

}  // namespace

TEST_CASE("a grant makes a lot that carries the entry's number") {
    life l;
    coffer::lot_terms terms = in_bucket("package", sec(1), sec(900));
    terms.priority = 3;
    terms.paid = coffer::money::from_minor(500, "USD");
    REQUIRE(l.grant(50_cr, terms, sec(1)));
    const auto made = coffer::find_lot(l.now, lot_id{1});
    REQUIRE(made);
    CHECK(made->terms == terms);
    CHECK(made->granted == 50_cr);
    CHECK(made->available == 50_cr);
    CHECK(made->made == sec(1));
    CHECK(made->active);
    CHECK(l.now.totals.available == 50_cr);
    CHECK(l.now.next_due == sec(900));
}

TEST_CASE("a grant of nothing or less, or one that expires before it is effective, is refused") {
    life l;
    CHECK(l.grant(0_cr, in_bucket("package"), sec(1)) == errc::invalid_argument);
    CHECK(l.grant(micros(-1), in_bucket("package"), sec(1)) == errc::invalid_argument);
    CHECK(l.grant(credits::min(), in_bucket("package"), sec(1)) == errc::invalid_argument);
    CHECK(l.grant(1_cr, in_bucket("package", sec(5), sec(5)), sec(1)) == errc::invalid_argument);
    CHECK(l.grant(1_cr, in_bucket("package", sec(5), sec(4)), sec(1)) == errc::invalid_argument);
    CHECK(l.grant(1_cr, in_bucket("package", sec(5), sec(6)), sec(1)));
    CHECK(l.journal.size() == 1);
}

TEST_CASE("a grant beyond 64 bits is amount_overflow, whatever is spent, held or in the future") {
    life l;
    REQUIRE(l.grant(credits::max(), in_bucket("package", sec(100)), sec(1)));
    const account before = l.now;
    CHECK(l.grant(micros(1), in_bucket("package"), sec(1)) == errc::amount_overflow);
    CHECK(l.now == before);
}

TEST_CASE("a lot burns before the one that its grant names, else last") {
    life l;
    REQUIRE(l.grant(1_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.grant(1_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.grant(1_cr, in_bucket("package"), sec(1), lot_id{2}));
    REQUIRE(l.grant(1_cr, in_bucket("package"), sec(1), lot_id{1}));
    CHECK(burning(l.now) == lots{4, 1, 3, 2});
    CHECK(l.now.order == 7);
}

TEST_CASE("a future lot counts for itself alone until it is effective") {
    life l;
    REQUIRE(l.grant(5_cr, in_bucket("package", sec(50), sec(90)), sec(1)));
    CHECK(l.now.totals.available.is_zero());
    CHECK(l.available(lot_id{1}) == 5_cr);
    CHECK(l.now.burning.empty());
    CHECK(l.now.next_due == sec(50));
    CHECK(l.charge(1_cr, sec(2)) == errc::insufficient_credits);
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_activation(l.now, *coffer::find_record(l.now, lot_id{1}), {}, sec(50),
                                         e);
    }));
    CHECK(l.now.totals.available == 5_cr);
    CHECK(l.available(lot_id{1}) == 5_cr);
    CHECK(l.now.rest->pending.empty());
    CHECK(l.now.next_due == sec(90));
}

TEST_CASE("a future lot that was voided whole becomes effective without a place to burn") {
    life l;
    REQUIRE(l.grant(5_cr, in_bucket("package", sec(50)), sec(1)));
    auto take = [&](credits amount) {
        const coffer::lot of = *coffer::find_lot(l.now, lot_id{1});
        return l.add([&](entry& e) { return coffer::decide_void(l.now, of, amount, sec(2), e); });
    };
    REQUIRE(take(2_cr));
    CHECK(l.now.totals == coffer::balance_totals{});
    CHECK(l.available(lot_id{1}) == 3_cr);
    CHECK(take(4_cr) == errc::insufficient_credits);
    REQUIRE(take(3_cr));
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_activation(l.now, *coffer::find_record(l.now, lot_id{1}), {}, sec(50),
                                         e);
    }));
    CHECK(l.now.burning.empty());
    CHECK(coffer::find_lot(l.now, lot_id{1})->voided == 5_cr);
    CHECK(l.now.next_due == coffer::never);
}

TEST_CASE("a start begins no period of its own and remembers anchor and zone") {
    life l;
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_start(l.now, sec(5), "Europe/Berlin", 0_cr, sec(7), e);
    }));
    CHECK(l.now.rest->started);
    CHECK(l.now.rest->anchor == sec(5));
    CHECK(l.now.rest->zone == "Europe/Berlin");
    CHECK(l.now.rest->cycles.empty());
    CHECK(l.now.next_due == coffer::never);
}

TEST_CASE("a period brings its allowance as a lot and is due to end") {
    life l;
    REQUIRE(begin(l, 0, sec(0), sec(30), 100_cr));
    const coffer::cycle* running = coffer::find_cycle(l.now, coffer::bucket_id::of("budget"));
    REQUIRE(running);
    CHECK(running->index == 0);
    CHECK(running->until == sec(30));
    CHECK(running->allowance == 100_cr);
    CHECK(l.now.next_due == sec(30));
    CHECK(l.now.period_from == sec(0));
    CHECK(l.available(lot_id{1}) == 100_cr);
    REQUIRE(l.charge(30_cr, sec(5)));
    REQUIRE(end(l, entry_kind::forfeited, 70_cr, sec(30)));
    REQUIRE(begin(l, 1, sec(30), sec(60), 100_cr));
    CHECK(l.now.used.is_zero());
    CHECK(coffer::find_cycle(l.now, coffer::bucket_id::of("budget"))->index == 1);
    CHECK(l.now.rest->cycles.size() == 1);
    CHECK(l.now.totals.available == 100_cr);
    CHECK(coffer::find_lot(l.now, lot_id{1})->expired == 70_cr);
}

TEST_CASE("a period cannot begin over an allowance that has not been ended") {
    life l;
    REQUIRE(begin(l, 0, sec(0), sec(30), 100_cr));
    CHECK(begin(l, 1, sec(30), sec(60), 100_cr) == errc::corrupt_record);
}

TEST_CASE("a period without an allowance makes no lot, a negative one is the policy's fault") {
    life l;
    REQUIRE(begin(l, 0, sec(0), sec(30), 0_cr));
    CHECK(l.now.rest->lots.empty());
    CHECK_FALSE(coffer::makes_lot(l.journal.back()));
    CHECK(begin(l, 1, sec(30), sec(60), micros(-1)) == errc::policy_contract);
}

TEST_CASE("a period of a second bucket resets nothing of the account's own period") {
    life l;
    REQUIRE(begin(l, 0, sec(0), sec(30), 10_cr));
    REQUIRE(l.charge(4_cr, sec(1)));
    coffer::lot_terms other = in_bucket("other", sec(2), sec(9));
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_period(l.now, other, {0, sec(2), sec(9)}, 0, 5_cr, {}, false, sec(2),
                                     e);
    }));
    CHECK(l.now.used == 4_cr);
    CHECK(l.now.period_from == sec(0));
    CHECK(l.now.next_due == sec(9));
}

TEST_CASE("rolled credits leave their lot for a new one; nothing is lost on the way") {
    life l;
    REQUIRE(begin(l, 0, sec(0), sec(30), 100_cr));
    REQUIRE(l.charge(40_cr, sec(5)));
    REQUIRE(end(l, entry_kind::forfeited, 10_cr, sec(30)));
    coffer::lot_terms rolled = in_bucket("budget", sec(30), sec(60));
    rolled.origin = coffer::lot_origin::rolled;
    rolled.cycle = 1;
    rolled.from = lot_id{1};
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_move(l.now, lot_id{1}, 50_cr, entry_kind::rolled, rolled, {}, sec(30),
                                   e);
    }));
    const auto source = *coffer::find_lot(l.now, lot_id{1});
    CHECK(source.rolled == 50_cr);
    CHECK(source.expired == 10_cr);
    CHECK(source.spent == 40_cr);
    CHECK(source.available.is_zero());
    CHECK(l.available(l.newest_lot()) == 50_cr);
    CHECK(l.now.totals.available == 50_cr);
    REQUIRE(begin(l, 1, sec(30), sec(60), 100_cr));
    CHECK(l.now.totals.available == 150_cr);
}

TEST_CASE("an expiry takes only its own lot") {
    life l;
    REQUIRE(l.grant(100_cr, in_bucket("promo", sec(0), sec(10)), sec(1)));
    REQUIRE(l.grant(500_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.charge(40_cr, sec(2)));
    REQUIRE(end(l, entry_kind::expired, 60_cr, sec(10)));
    CHECK(coffer::find_lot(l.now, lot_id{1})->expired == 60_cr);
    CHECK(l.available(lot_id{2}) == 500_cr);
    CHECK(l.now.totals.available == 500_cr);
    CHECK(l.now.next_due == coffer::never);
}

TEST_CASE("a void takes what is unspent and nothing that is held") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.hold(4_cr, 0_cr, sec(50), sec(1)));
    auto take = [&](credits amount) {
        const coffer::lot of = *coffer::find_lot(l.now, lot_id{1});
        return l.add([&](entry& e) { return coffer::decide_void(l.now, of, amount, sec(2), e); });
    };
    CHECK(take(0_cr) == errc::invalid_argument);
    CHECK(take(micros(-5)) == errc::invalid_argument);
    auto refused = take(7_cr);
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().acceptable() == 6_cr);
    REQUIRE(take(6_cr));
    CHECK(l.now.totals == coffer::balance_totals{0_cr, 4_cr, 0_cr});
    REQUIRE(l.release(coffer::hold_id{2}, sec(3)));
    CHECK(l.available(lot_id{1}) == 4_cr);
}

TEST_CASE("a changed expiry is due when it says, also of a future lot") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package", sec(0), sec(10)), sec(1)));
    REQUIRE(l.grant(10_cr, in_bucket("package", sec(20)), sec(1)));
    auto change = [&](std::uint32_t lot, instant expires) {
        const coffer::lot of = *coffer::find_lot(l.now, lot_id{lot});
        return l.add([&](entry& e) {
            return coffer::decide_expiry_change(l.now, of, expires, {{}, 7}, sec(2), e);
        });
    };
    CHECK(change(1, sec(0)) == errc::invalid_argument);
    REQUIRE(change(1, sec(70)));
    CHECK(l.now.next_due == sec(20));
    CHECK(coffer::find_record(l.now, lot_id{1})->terms.expires == sec(70));
    CHECK(change(2, sec(20)) == errc::invalid_argument);
    REQUIRE(change(2, sec(21)));
    CHECK(coffer::find_record(l.now, lot_id{2})->terms.expires == sec(21));
    REQUIRE(change(1, coffer::never));
    CHECK(l.now.burning[0].expires == coffer::never);
}

TEST_CASE("the expiry of a lot that has ended stays as it is") {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("package", sec(0), sec(10)), sec(1)));
    const coffer::lot of = *coffer::find_lot(l.now, lot_id{1});
    entry e;
    CHECK(coffer::decide_expiry_change(l.now, of, sec(99), {}, sec(10), e) ==
          errc::invalid_argument);
    entry in_time;
    CHECK(coffer::decide_expiry_change(l.now, of, sec(99), {}, sec(9), in_time));
}

TEST_CASE("only lots that the host made count against the most lots there may be") {
    coffer::account a;
    const auto fill = [&](coffer::lot_origin origin, std::uint32_t until) {
        auto& lots = a.rest.edit().lots;
        for (auto id = static_cast<std::uint32_t>(lots.size()) + 1; id <= until; ++id) {
            lots.push_back({.id = lot_id{id}, .terms = {.origin = origin}});
        }
        a.last = coffer::entry_id{until};
    };
    const auto grant = [&] {
        entry e;
        return coffer::decide_grant(a, in_bucket("package"), 1_cr, {}, sec(1), e);
    };
    constexpr auto most = static_cast<std::uint32_t>(coffer::max_lots);
    fill(coffer::lot_origin::granted, most - 1);
    CHECK(grant());
    fill(coffer::lot_origin::refilled, most + 5);
    CHECK(grant());
    fill(coffer::lot_origin::granted, most + 6);
    CHECK(grant() == coffer::errc::too_many);
}
