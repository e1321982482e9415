#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/charge.hpp>
#include <coffer/ledger/ledger.hpp>

#include <vector>

using namespace coffer_test;
using namespace coffer::literals;
using coffer::bucket_filter;
using coffer::overdraft_terms;

namespace {

const bucket_filter everything;

/// Three lots of 10, 20 and 30 that burn in this order, the second in another bucket.
life three_lots() {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(1)));
    REQUIRE(l.grant(20_cr, in_bucket("bonus"), sec(1)));
    REQUIRE(l.grant(30_cr, in_bucket("budget"), sec(1)));
    return l;
}
const lot_id first{1}, second{2}, third{3};

std::vector<std::pair<std::uint32_t, credits>> parts_of(const entry& e) {
    std::vector<std::pair<std::uint32_t, credits>> parts;
    for (const coffer::part& p : e.parts) parts.emplace_back(p.lot.value(), p.amount);
    return parts;
}
using parts = std::vector<std::pair<std::uint32_t, credits>>;

}  // namespace

TEST_CASE("a charge takes lots in burn order and names each part") {
    life l = three_lots();
    REQUIRE(l.charge(35_cr, sec(2)));
    const entry& e = l.journal.back();
    CHECK(e.kind == entry_kind::charged);
    CHECK(parts_of(e) == parts{{1, 10_cr}, {2, 20_cr}, {3, 5_cr}});
    CHECK(e.parts[1].bucket == "bonus");
    CHECK(e.after.available == 25_cr);
    CHECK(l.now.used == 35_cr);
    CHECK(coffer::find_lot(l.now, first)->spent == 10_cr);
    CHECK(coffer::find_lot(l.now, third)->available == 25_cr);
    CHECK(l.now.burning.size() == 1);
}

TEST_CASE("a charge of everything leaves nothing to burn, and one millionth more is refused") {
    life l = three_lots();
    const account before = l.now;
    auto refused = l.charge(micros(60'000'001), sec(2));
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().required() == micros(60'000'001));
    CHECK(refused.error().acceptable() == 60_cr);
    CHECK(l.now == before);
    REQUIRE(l.charge(60_cr, sec(2)));
    CHECK(l.now.totals.available.is_zero());
    CHECK(l.now.burning.empty());
}

TEST_CASE("a charge of nothing takes nothing and is journalled") {
    life l;
    REQUIRE(l.charge(0_cr, sec(1)));
    CHECK(l.journal.size() == 1);
    CHECK(l.journal[0].parts.empty());
    CHECK(l.now.last.value() == 1);
}

TEST_CASE("negative amounts are invalid_argument for charges, holds and settles") {
    life l = three_lots();
    const account before = l.now;
    const credits minus = micros(-1);
    CHECK(l.charge(minus, sec(2)) == errc::invalid_argument);
    CHECK(l.charge(credits::min(), sec(2)) == errc::invalid_argument);
    CHECK(l.hold(minus, 0_cr, sec(9), sec(2)) == errc::invalid_argument);
    CHECK(l.hold(1_cr, minus, sec(9), sec(2)) == errc::invalid_argument);
    CHECK(l.now == before);
    REQUIRE(l.hold(1_cr, 0_cr, sec(9), sec(2)));
    CHECK(l.settle(l.newest_hold(), minus, sec(3)) == errc::invalid_argument);
}

TEST_CASE("a filter keeps a charge out of a bucket, and what it holds back is not acceptable") {
    life l = three_lots();
    bucket_filter no_bonus;
    no_bonus.except.push_back(coffer::bucket_id::of("bonus"));
    auto refused = l.charge(41_cr, sec(2), {}, no_bonus);
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().acceptable() == 40_cr);
    REQUIRE(l.charge(15_cr, sec(2), {}, no_bonus));
    CHECK(parts_of(l.journal.back()) == parts{{1, 10_cr}, {3, 5_cr}});
}

TEST_CASE("an overdraft limit counts the debt that is there: up to it is fine, beyond is refused") {
    // Need 100 with an overdraft of 10: 89 is too little, 90 is enough.
    for (auto [balance, fine] : {std::pair{89_cr, false}, {90_cr, true}}) {
        life l;
        REQUIRE(l.grant(balance, in_bucket("budget"), sec(1)));
        auto answer = l.charge(100_cr, sec(2), {.limit = 10_cr});
        CHECK(bool{answer} == fine);
        if (!fine) {
            CHECK(answer.error().acceptable() == 99_cr);
            continue;
        }
        CHECK(l.now.totals.debt == 10_cr);
        CHECK(l.journal.back().debt == 10_cr);
        CHECK(l.journal.back().amount == 100_cr);
        REQUIRE(l.now.rest->debts.size() == 1);
        CHECK(l.now.rest->debts[0].charge == l.journal.back().id);
        auto second_time = l.charge(micros(1), sec(3), {.limit = 10_cr});
        REQUIRE(second_time == errc::insufficient_credits);
        CHECK(second_time.error().acceptable().is_zero());
    }
}

TEST_CASE("a debt that lies above a lowered limit leaves no room and is not negative room") {
    life l;
    REQUIRE(l.charge(10_cr, sec(1), {.limit = 10_cr}));
    auto refused = l.charge(1_cr, sec(2), {.limit = 4_cr});
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().acceptable() == 0_cr);
}

TEST_CASE("a partial overdraft takes what there is, and with nothing there is refused") {
    life l = three_lots();
    const overdraft_terms take_available{.limit = {}, .partial = true};
    REQUIRE(l.charge(100_cr, sec(2), take_available));
    CHECK(l.journal.back().amount == 60_cr);
    CHECK(l.now.totals.debt.is_zero());
    CHECK(l.now.used == 60_cr);
    CHECK(l.charge(1_cr, sec(3), take_available) == errc::insufficient_credits);
    CHECK(l.charge(0_cr, sec(3), take_available));

    life owing = three_lots();
    REQUIRE(owing.charge(100_cr, sec(2), {.limit = 25_cr, .partial = true}));
    CHECK(owing.journal.back().amount == 85_cr);
    CHECK(owing.now.totals.debt == 25_cr);
}

TEST_CASE("the highest acceptable amount does not overflow") {
    life l;
    REQUIRE(l.grant(credits::max(), in_bucket("budget"), sec(1)));
    REQUIRE(l.charge(1_cr, sec(2)));
    auto refused = l.hold(credits::max(), 0_cr, sec(9), sec(2));
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().acceptable() == micros(credits::max().micros() - 1'000'000));
    life owing;
    REQUIRE(owing.charge(credits::max(), sec(2), {.limit = credits::max()}));
    CHECK(owing.now.totals.debt == credits::max());
}

TEST_CASE("a hold reserves from named lots, and what it holds is not available") {
    life l = three_lots();
    REQUIRE(l.hold(15_cr, 2_cr, sec(50), sec(2)));
    const coffer::hold* h = coffer::find_hold(l.now, l.newest_hold());
    REQUIRE(h);
    CHECK(h->amount == 15_cr);
    CHECK(h->tolerance == 2_cr);
    CHECK(h->until == sec(50));
    CHECK(l.now.totals.available == 45_cr);
    CHECK(l.now.totals.held == 15_cr);
    CHECK(l.now.used.is_zero());
    CHECK(coffer::find_lot(l.now, first)->held == 10_cr);
    CHECK(coffer::find_lot(l.now, second)->held == 5_cr);
    CHECK(l.now.next_due == sec(50));
    CHECK(l.charge(46_cr, sec(3)) == errc::insufficient_credits);
    CHECK(l.charge(45_cr, sec(3)));
}

TEST_CASE("a hold must end after it begins and never uses the overdraft") {
    life l = three_lots();
    CHECK(l.hold(1_cr, 0_cr, sec(2), sec(2)) == errc::invalid_argument);
    CHECK(l.hold(1_cr, 0_cr, sec(1), sec(2)) == errc::invalid_argument);
    entry e;
    coffer::spend greedy{61_cr, {.limit = 100_cr, .partial = true}, everything};
    CHECK(coffer::decide_hold(l.now, greedy, 0_cr, sec(9), sec(2), e) ==
          errc::insufficient_credits);
}

TEST_CASE("settling for less returns the rest in reverse burn order") {
    life l = three_lots();
    REQUIRE(l.hold(35_cr, 0_cr, sec(50), sec(2)));
    REQUIRE(l.settle(l.newest_hold(), 12_cr, sec(3)));
    CHECK(parts_of(l.journal.back()) == parts{{1, 10_cr}, {2, 2_cr}});
    CHECK(l.now.totals == coffer::balance_totals{48_cr, 0_cr, 0_cr});
    CHECK(l.available(first).is_zero());
    CHECK(l.available(second) == 18_cr);
    CHECK(l.available(third) == 30_cr);
    CHECK(l.now.rest->holds.empty());
    CHECK(l.now.used == 12_cr);
}

TEST_CASE("settling for nothing returns everything") {
    life l = three_lots();
    const auto lots = coffer::lots_of(l.now);
    REQUIRE(l.hold(35_cr, 0_cr, sec(50), sec(2)));
    REQUIRE(l.settle(l.newest_hold(), 0_cr, sec(3)));
    CHECK(l.journal.back().parts.empty());
    CHECK(coffer::lots_of(l.now) == lots);
}

TEST_CASE("settling for more needs the tolerance and then the credits") {
    life l = three_lots();
    REQUIRE(l.hold(35_cr, 5_cr, sec(50), sec(2)));
    const coffer::hold_id id = l.newest_hold();
    const account open = l.now;

    auto beyond = l.settle(id, micros(40'000'001), sec(3));
    REQUIRE(beyond == errc::settle_exceeds);
    CHECK(beyond.error().acceptable() == 40_cr);
    CHECK(l.now == open);

    REQUIRE(l.charge(22_cr, sec(3)));  // 3 are left
    auto poor = l.settle(id, 40_cr, sec(4));
    REQUIRE(poor == errc::insufficient_credits);
    CHECK(poor.error().required() == 40_cr);
    CHECK(poor.error().acceptable() == 38_cr);
    auto still_beyond = l.settle(id, 41_cr, sec(4));
    REQUIRE(still_beyond == errc::settle_exceeds);
    CHECK(still_beyond.error().acceptable() == 38_cr);

    REQUIRE(l.settle(id, poor.error().acceptable(), sec(5)));
    CHECK(l.now.totals == coffer::balance_totals{});
    CHECK(l.journal.back().amount == 38_cr);
}

TEST_CASE("the excess of a settle may use the overdraft") {
    life l = three_lots();
    REQUIRE(l.hold(60_cr, 10_cr, sec(50), sec(2)));
    const coffer::hold_id id = l.newest_hold();
    auto refused = l.settle(id, 66_cr, sec(3), {.limit = 5_cr});
    REQUIRE(refused == errc::insufficient_credits);
    CHECK(refused.error().acceptable() == 65_cr);
    REQUIRE(l.settle(id, 65_cr, sec(3), {.limit = 5_cr}));
    CHECK(l.now.totals == coffer::balance_totals{0_cr, 0_cr, 5_cr});
    CHECK(l.journal.back().debt == 5_cr);

    life partly = three_lots();
    REQUIRE(partly.hold(55_cr, 10_cr, sec(50), sec(2)));
    REQUIRE(partly.settle(partly.newest_hold(), 65_cr, sec(3), {.partial = true}));
    CHECK(partly.journal.back().amount == 60_cr);
}

TEST_CASE("a release and a time-out give back all that was held") {
    for (entry_kind how : {entry_kind::released, entry_kind::timed_out}) {
        life l = three_lots();
        const auto lots = coffer::lots_of(l.now);
        REQUIRE(l.hold(60_cr, 0_cr, sec(50), sec(2)));
        REQUIRE(l.release(l.newest_hold(), sec(50), how));
        CHECK(l.journal.back().kind == how);
        CHECK(coffer::lots_of(l.now) == lots);
        CHECK(l.now.totals == coffer::balance_totals{60_cr, 0_cr, 0_cr});
        CHECK(l.now.next_due == coffer::never);
    }
}

TEST_CASE("a debt is repaid as far as the credits go") {
    life l;
    REQUIRE(l.charge(30_cr, sec(1), {.limit = 30_cr}));
    REQUIRE(l.grant(12_cr, in_bucket("budget"), sec(2)));
    auto repay = [&](const bucket_filter& from) {
        const coffer::debt owed = l.now.rest->debts[0];
        return l.add(
            [&](entry& e) { return coffer::decide_repayment(l.now, owed, from, sec(3), e); });
    };
    bucket_filter none;
    none.except.push_back(coffer::bucket_id::of("budget"));
    REQUIRE(repay(none));
    CHECK(l.journal.back().amount.is_zero());
    REQUIRE(repay(everything));
    CHECK(l.journal.back().amount == 12_cr);
    CHECK(l.now.totals == coffer::balance_totals{0_cr, 0_cr, 18_cr});
    REQUIRE(l.grant(20_cr, in_bucket("budget"), sec(4)));
    REQUIRE(repay(everything));
    CHECK(l.now.totals == coffer::balance_totals{2_cr, 0_cr, 0_cr});
    CHECK(l.now.rest->debts.empty());
}

TEST_CASE("use beyond 64 bits in one period is amount_overflow and changes nothing") {
    life l;
    REQUIRE(l.grant(credits::max(), in_bucket("budget"), sec(1)));
    REQUIRE(l.charge(credits::max(), sec(2)));
    REQUIRE(l.grant(2_cr, in_bucket("budget"), sec(3)));
    const account before = l.now;
    CHECK(l.charge(1_cr, sec(4)) == errc::amount_overflow);
    CHECK(l.now == before);
    REQUIRE(l.hold(1_cr, 1_cr, sec(9), sec(4)));
    CHECK(l.settle(l.newest_hold(), 1_cr, sec(5)) == errc::amount_overflow);
    CHECK(l.settle(l.newest_hold(), 2_cr, sec(5)) == errc::amount_overflow);
    CHECK(l.release(l.newest_hold(), sec(6)));
}

TEST_CASE("an event before the running period does not count as used in it") {
    life l;
    REQUIRE(l.grant(50_cr, in_bucket("package"), sec(1)));
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_period(l.now, in_bucket("budget"), {0, sec(10), sec(40)}, 0, 0_cr, {},
                                     true, sec(10), e);
    }));
    auto late = [&](instant happened) {
        return l.add([&](entry& e) {
            return coffer::decide_charge(l.now, {5_cr, {}, everything}, {sec(12), happened}, e);
        });
    };
    REQUIRE(late(sec(9)));
    CHECK(l.now.used.is_zero());
    CHECK(l.journal.back().at == sec(12));
    CHECK(l.journal.back().event == sec(9));
    REQUIRE(late(sec(10)));
    CHECK(l.now.used == 5_cr);
}
