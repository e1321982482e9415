#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/ledger.hpp>
#include <coffer/ledger/refund.hpp>

#include <optional>

using namespace coffer_test;
using namespace coffer::literals;
using coffer::money;

namespace {

life two_lots() {
    life l;
    REQUIRE(l.grant(10_cr, in_bucket("budget"), sec(1)));
    REQUIRE(l.grant(20_cr, in_bucket("package"), sec(1)));
    return l;
}
constexpr std::nullopt_t all = std::nullopt;

/// Some of a bought lot of 1,000 credits for 49.00, of which `spent` are gone.
life bought(credits spent) {
    life l;
    coffer::lot_terms terms = in_bucket("package");
    terms.paid = money::from_minor(4'900, "USD");
    REQUIRE(l.grant(1'000_cr, terms, sec(1)));
    REQUIRE(l.charge(spent, sec(2)));
    return l;
}
coffer::result<void> take_back(life& l, credits wanted, money owed, bool whole = false) {
    return l.take_back(lot_id{1}, {.wanted = wanted, .whole = whole}, owed, sec(3));
}

}  // namespace

TEST_CASE("a refund puts credits back where they came from, last taken first") {
    life l = two_lots();
    REQUIRE(l.charge(15_cr, sec(2)));
    const coffer::entry_id charge = l.journal.back().id;
    REQUIRE(l.refund(charge, 7_cr, sec(3)));
    CHECK(l.available(lot_id{1}) == 2_cr);
    CHECK(l.available(lot_id{2}) == 20_cr);
    CHECK(l.now.used == 8_cr);
    REQUIRE(l.refund(charge, all, sec(4)));
    CHECK(l.journal.back().amount == 8_cr);
    CHECK(l.available(lot_id{1}) == 10_cr);
    CHECK(l.now.used.is_zero());
    CHECK(l.now.totals.available == 30_cr);
}

TEST_CASE("partial refunds add up to the charge and not a millionth more") {
    life l = two_lots();
    REQUIRE(l.charge(15_cr, sec(2)));
    const coffer::entry_id charge = l.journal.back().id;
    REQUIRE(l.refund(charge, 14_cr, sec(3)));
    auto refused = l.refund(charge, micros(1'000'001), sec(3));
    REQUIRE(refused == errc::refund_exceeds);
    CHECK(refused.error().acceptable() == 1_cr);
    CHECK(refused.error().required() == micros(1'000'001));
    REQUIRE(l.refund(charge, 1_cr, sec(3)));
    const coffer::balance_totals whole = l.now.totals;
    CHECK(l.refund(charge, micros(1), sec(3)) == errc::refund_exceeds);
    CHECK(l.refund(charge, micros(-1), sec(3)) == errc::invalid_argument);
    REQUIRE(l.refund(charge, all, sec(3)));  // all that is left of it is nothing
    CHECK(l.journal.back().amount.is_zero());
    REQUIRE(l.refund(charge, 0_cr, sec(3)));
    CHECK(l.now.totals == whole);
    CHECK(l.now.used.is_zero());
    CHECK(coffer::refundable(l.entry_of(charge), l.about(charge)).is_zero());
}

TEST_CASE("what cost nothing is refunded for nothing, as often as one likes") {
    life l;
    REQUIRE(l.charge(0_cr, sec(1)));
    for (int i = 2; i < 5; ++i) {
        REQUIRE(l.refund(coffer::entry_id{1}, all, sec(i)));
        CHECK(l.journal.back().amount.is_zero());
        CHECK(l.journal.back().parts.empty());
    }
    CHECK(l.refund(coffer::entry_id{1}, micros(1), sec(5)) == errc::refund_exceeds);
    CHECK(l.now.totals == coffer::balance_totals{});
}

TEST_CASE("a lot that has left the burn order comes back where the entry says") {
    life l = two_lots();
    REQUIRE(l.charge(10_cr, sec(2)));
    CHECK(l.now.burning.size() == 1);
    entry e;
    REQUIRE(coffer::decide_refund(l.now, l.journal.back(), {}, all, sec(3), e));
    e.parts[0].before = lot_id{2};
    REQUIRE(coffer::apply(l.now, e));
    REQUIRE(l.now.burning.size() == 2);
    CHECK(l.now.burning[0].lot == lot_id{1});
}

TEST_CASE("a refund lowers the open debt of its charge first") {
    life l = two_lots();
    REQUIRE(l.charge(40_cr, sec(2), {.limit = 10_cr}));
    const coffer::entry_id charge = l.journal.back().id;
    REQUIRE(l.refund(charge, 4_cr, sec(3)));
    CHECK(l.now.totals == coffer::balance_totals{0_cr, 0_cr, 6_cr});
    CHECK(l.journal.back().parts.empty());
    REQUIRE(l.refund(charge, 8_cr, sec(4)));
    CHECK(l.now.totals == coffer::balance_totals{2_cr, 0_cr, 0_cr});
    CHECK(l.available(lot_id{2}) == 2_cr);
    REQUIRE(l.refund(charge, all, sec(5)));
    CHECK(l.now.totals == coffer::balance_totals{30_cr, 0_cr, 0_cr});
}

TEST_CASE("debt that was repaid is refunded into the lots that repaid it, last repaid first") {
    life l;
    REQUIRE(l.charge(10_cr, sec(1), {.limit = 10_cr}));
    const coffer::entry_id charge = l.journal.back().id;
    auto repay = [&] {
        const coffer::debt owed = l.now.rest->debts[0];
        return l.add(
            [&](entry& e) { return coffer::decide_repayment(l.now, owed, {}, sec(3), e); });
    };
    REQUIRE(l.grant(4_cr, in_bucket("budget"), sec(2)));
    const lot_id first = l.newest_lot();
    REQUIRE(repay());
    REQUIRE(l.grant(3_cr, in_bucket("budget"), sec(2)));
    const lot_id second = l.newest_lot();
    REQUIRE(repay());
    CHECK(l.now.totals.debt == 3_cr);

    REQUIRE(l.refund(charge, 5_cr, sec(4)));
    CHECK(l.now.totals == coffer::balance_totals{2_cr, 0_cr, 0_cr});
    CHECK(l.available(second) == 2_cr);
    CHECK(l.available(first).is_zero());
    REQUIRE(l.refund(charge, all, sec(5)));
    CHECK(l.available(second) == 3_cr);
    CHECK(l.available(first) == 4_cr);
}

TEST_CASE("a settled hold is refunded like a charge") {
    life l = two_lots();
    REQUIRE(l.hold(25_cr, 5_cr, sec(99), sec(2)));
    REQUIRE(l.settle(l.newest_hold(), 28_cr, sec(3)));
    const coffer::entry_id settled = l.journal.back().id;
    REQUIRE(l.refund(settled, 20_cr, sec(4)));
    CHECK(l.available(lot_id{1}) == 2_cr);
    CHECK(l.available(lot_id{2}) == 20_cr);
    REQUIRE(l.refund(settled, all, sec(5)));
    CHECK(l.now.totals.available == 30_cr);
}

TEST_CASE("a refund in a later period does not lower what that period has used") {
    life l;
    auto period = [&](std::uint32_t index, std::int64_t from) {
        return l.add([&](entry& e) {
            return coffer::decide_period(l.now, coffer::lot_terms{.cycle = index},
                                         {index, sec(from), sec(from + 30)}, index, 0_cr, {}, true,
                                         sec(from), e);
        });
    };
    REQUIRE(l.grant(20_cr, in_bucket("package"), sec(1)));
    REQUIRE(period(0, 10));
    REQUIRE(l.charge(5_cr, sec(39)));
    const coffer::entry_id charge = l.journal.back().id;
    CHECK(l.now.used == 5_cr);
    REQUIRE(period(1, 40));
    CHECK(l.now.used.is_zero());
    REQUIRE(l.refund(charge, all, sec(41)));
    CHECK(l.now.used.is_zero());
}

TEST_CASE("a refund that no longer fits is amount_overflow") {
    life l;
    REQUIRE(l.grant(credits::max(), in_bucket("package"), sec(1)));
    REQUIRE(l.charge(1_cr, sec(2)));
    const coffer::entry_id charge = l.journal.back().id;
    REQUIRE(l.grant(1_cr, in_bucket("package"), sec(3)));
    const account before = l.now;
    CHECK(l.refund(charge, all, sec(4)) == errc::amount_overflow);
    CHECK(l.now == before);
}

TEST_CASE("a refund that does not add up with its charge is corrupt_record") {
    life l = two_lots();
    REQUIRE(l.charge(5_cr, sec(2)));
    entry forged = l.journal.back();
    forged.amount = 50_cr;
    entry e;
    CHECK(coffer::decide_refund(l.now, forged, {}, all, sec(3), e) == errc::corrupt_record);
}

TEST_CASE("taking back a purchase revokes the rest and owes the money exactly once") {
    life l = bought(400_cr);
    REQUIRE(take_back(l, 600_cr, money::from_minor(2'940, "USD"), true));
    const auto of = *coffer::find_lot(l.now, lot_id{1});
    CHECK(of.revoked);
    CHECK(of.voided == 600_cr);
    CHECK(of.refunded == money::from_minor(2'940, "USD"));
    CHECK(l.journal.back().owed == money::from_minor(2'940, "USD"));
    CHECK(l.now.totals.available.is_zero());
    CHECK(take_back(l, 0_cr, money::from_minor(1'961, "USD")) == errc::policy_contract);
    CHECK(take_back(l, 0_cr, money::from_minor(1'960, "USD")));
}

TEST_CASE("a policy that owes more than is left of the price breaks its contract") {
    life l = bought(400_cr);
    const account before = l.now;
    CHECK(take_back(l, 1_cr, money::from_minor(4'901, "USD")) == errc::policy_contract);
    CHECK(take_back(l, 1_cr, money::from_minor(-1, "USD")) == errc::policy_contract);
    CHECK(take_back(l, 1_cr, money::from_minor(100, "EUR")) == errc::policy_contract);
    CHECK(take_back(l, 1_cr, money{}) == errc::policy_contract);
    CHECK(l.now == before);
}

TEST_CASE("what a hold gives back to a revoked lot is over at once") {
    life l;
    coffer::lot_terms terms = in_bucket("package");
    terms.paid = money::from_minor(100, "USD");
    REQUIRE(l.grant(10_cr, terms, sec(1)));
    REQUIRE(l.hold(4_cr, 0_cr, sec(50), sec(1)));
    REQUIRE(take_back(l, 6_cr, money::from_minor(60, "USD"), true));
    REQUIRE(l.release(coffer::hold_id{2}, sec(3)));
    CHECK(l.now.next_due < sec(3));
}
