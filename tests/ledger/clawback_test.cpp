#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/clawback.hpp>
#include <coffer/ledger/debt.hpp>
#include <coffer/ledger/ledger.hpp>

#include <vector>

using namespace coffer_test;
using namespace coffer::literals;
using coffer::clawback_terms;
using coffer::dispute_state;
using coffer::money;
using coffer::shortfall;

namespace {

money usd(std::int64_t cents) { return money::from_minor(cents, "USD"); }

const lot_id pack{1};

/// A bought lot of 100 credits for 10.00, of which `spent` are gone by entry 2.
life bought(credits spent) {
    life l;
    coffer::lot_terms terms = in_bucket("package");
    terms.paid = usd(1'000);
    REQUIRE(l.grant(100_cr, terms, sec(1)));
    REQUIRE(l.charge(spent, sec(2)));
    return l;
}
clawback_terms taking(credits wanted, shortfall of_spent = shortfall::owed, bool whole = false) {
    return {.wanted = wanted, .of_spent = of_spent, .whole = whole, .contested = usd(500)};
}
std::vector<std::pair<std::uint32_t, credits>> parts_of(const entry& e) {
    std::vector<std::pair<std::uint32_t, credits>> parts;
    for (const coffer::part& p : e.parts) parts.emplace_back(p.lot.value(), p.amount);
    return parts;
}
using parts = std::vector<std::pair<std::uint32_t, credits>>;

const coffer::claim& claim_of(const life& l) {
    const coffer::claim* found = coffer::find_claim(l.now, pack);
    REQUIRE(found);
    return *found;
}

}  // namespace

TEST_CASE("a claw-back takes what is there, then what is short of it, and says how much of each") {
    SECTION("owed") {
        life l = bought(80_cr);
        REQUIRE(l.dispute(pack, taking(50_cr), sec(3)));
        const entry& e = l.journal.back();
        CHECK(e.kind == entry_kind::disputed);
        CHECK(e.amount == 50_cr);
        CHECK(e.debt == 30_cr);
        CHECK(e.uncollected.is_zero());
        CHECK(parts_of(e) == parts{{1, 20_cr}});
        CHECK(l.now.totals == coffer::balance_totals{0_cr, 0_cr, 30_cr});
        CHECK(coffer::owed_for(l.now, pack) == 30_cr);
        REQUIRE(l.now.rest->debts.size() == 1);
        CHECK(l.now.rest->debts[0].charge == e.id);
        CHECK(l.now.rest->debts[0].lot == pack);
        CHECK(l.now.rest->debts[0].action.empty());
        CHECK(claim_of(l).dispute == dispute_state::opened);
        CHECK(claim_of(l).contested == usd(500));
    }
    SECTION("uncollected") {
        life l = bought(80_cr);
        REQUIRE(l.take_back(pack, taking(50_cr, shortfall::uncollected), usd(500), sec(3)));
        CHECK(l.journal.back().uncollected == 30_cr);
        CHECK(l.journal.back().debt.is_zero());
        CHECK(claim_of(l).uncollected == 30_cr);
        CHECK(claim_of(l).taken == 50_cr);
        CHECK(claim_of(l).dispute == dispute_state::none);
        CHECK(l.now.totals.debt.is_zero());
        CHECK(l.now.rest->debts.empty());
    }
    SECTION("refused, unless all of it is there") {
        life l = bought(80_cr);
        const account before = l.now;
        auto refused = l.dispute(pack, taking(20.000001_cr, shortfall::refused), sec(3));
        REQUIRE(refused == errc::refund_exceeds);
        CHECK(refused.error().required() == 20.000001_cr);
        CHECK(refused.error().acceptable() == 20_cr);
        CHECK(l.now == before);
        CHECK(l.dispute(pack, taking(20_cr, shortfall::refused), sec(3)));
    }
}

TEST_CASE("a claw-back claims what was spent or is held, once, and nothing else") {
    life l = bought(40_cr);
    REQUIRE(l.hold(10_cr, 0_cr, sec(99), sec(2)));
    const coffer::spendable hot = l.now.burning[0];
    REQUIRE(l.add([&](entry& e) {
        return coffer::decide_expiry(l.now, hot, entry_kind::expired, 30_cr, sec(2), e);
    }));
    REQUIRE(l.take_back(pack, taking(60_cr), usd(600), sec(3)));  // 20 there, 40 of 50 short
    CHECK(l.now.totals.debt == 40_cr);
    REQUIRE(l.take_back(pack, taking(40_cr), usd(400), sec(4)));
    CHECK(l.now.totals.debt == 50_cr);
    CHECK(claim_of(l).taken == 70_cr);
    REQUIRE(l.take_back(pack, taking(30_cr), usd(0), sec(5)));
    CHECK(l.journal.back().amount.is_zero());
    CHECK(l.now.totals.debt == 50_cr);
}

TEST_CASE(
    "what comes back makes good what is owed first, oldest first, then what is uncollected, "
    "then what others repaid") {
    life l = bought(90_cr);
    REQUIRE(l.take_back(pack, taking(30_cr), usd(300), sec(3)));  // 10 there, 20 owed
    REQUIRE(l.grant(12_cr, in_bucket("other"), sec(3)));
    const lot_id helper = l.newest_lot();
    REQUIRE(l.repay(l.now.rest->debts[0], sec(3)));
    REQUIRE(l.take_back(pack, taking(7_cr, shortfall::uncollected), usd(70), sec(4)));
    REQUIRE(l.take_back(pack, taking(5_cr), usd(50), sec(5)));
    CHECK(l.now.totals.debt == 13_cr);
    CHECK(coffer::short_of(l.now, pack) == 32_cr);

    REQUIRE(l.refund(coffer::entry_id{2}, 9_cr, sec(6)));
    CHECK(l.now.next_due < sec(6));  // at once
    REQUIRE(l.collect(pack, sec(6)));
    CHECK(l.journal.back().debt == 9_cr);
    REQUIRE(l.now.rest->debts.size() == 1);  // 8 of the older and 1 of the younger are made good
    CHECK(l.now.totals == coffer::balance_totals{0_cr, 0_cr, 4_cr});
    REQUIRE(l.refund(coffer::entry_id{2}, 9_cr, sec(7)));
    REQUIRE(l.collect(pack, sec(7)));  // 4 owed, 5 uncollected
    CHECK(l.journal.back().debt == 4_cr);
    CHECK(l.journal.back().uncollected == 5_cr);
    CHECK(claim_of(l).uncollected == 2_cr);
    REQUIRE(l.refund(coffer::entry_id{2}, 20_cr, sec(8)));
    REQUIRE(l.collect(pack, sec(8)));  // 2 uncollected, 12 to the helper, 6 stay
    CHECK(parts_of(l.journal.back()) == parts{{1, 14_cr}, {helper.value(), 12_cr}});
    CHECK(l.available(helper) == 12_cr);
    CHECK(l.available(pack) == 6_cr);
    CHECK(coffer::short_of(l.now, pack).is_zero());
    CHECK(claim_of(l).repaid.empty());
    CHECK(l.now.totals == coffer::balance_totals{18_cr, 0_cr, 0_cr});
    CHECK(coffer::find_lot(l.now, pack)->voided == 42_cr);
    CHECK(coffer::find_lot(l.now, helper)->spent.is_zero());
}

TEST_CASE("nothing is collected of a lot that owes nothing") {
    life l = bought(40_cr);
    CHECK(l.collect(pack, sec(3)) == errc::invalid_argument);
    CHECK(l.now.last.value() == 2);
}

TEST_CASE("a won dispute undoes what it took, wherever it is by now") {
    life l = bought(60_cr);
    const account before = l.now;
    REQUIRE(l.dispute(pack, taking(100_cr, shortfall::owed, true), sec(3)));
    CHECK(coffer::is_revoked(l.now, *coffer::find_record(l.now, pack)));

    SECTION("all of it is owed") {
        REQUIRE(l.win(pack, sec(4)));
        CHECK(l.journal.back().debt == 60_cr);
        CHECK(parts_of(l.journal.back()) == parts{{1, 40_cr}});
        CHECK(coffer::lots_of(l.now) == coffer::lots_of(before));
        CHECK(l.now.totals == before.totals);
        CHECK(l.now.rest->debts.empty());
    }
    SECTION("a part was repaid by several lots") {
        for (credits amount : {10_cr, 25_cr}) {
            REQUIRE(l.grant(amount, in_bucket("other"), sec(3)));
            REQUIRE(l.repay(l.now.rest->debts[0], sec(3)));
        }
        CHECK(l.now.totals.debt == 25_cr);
        REQUIRE(l.win(pack, sec(4)));
        CHECK(l.journal.back().debt == 25_cr);
        CHECK(parts_of(l.journal.back()) == parts{{1, 40_cr}, {6, 25_cr}, {4, 10_cr}});
        CHECK(l.now.totals == coffer::balance_totals{75_cr, 0_cr, 0_cr});
    }
    SECTION("it was dropped") {
        REQUIRE(l.drop(l.now.rest->debts[0], sec(3)));
        CHECK(claim_of(l).dropped == 60_cr);
        CHECK(l.now.totals.debt.is_zero());
        CHECK(coffer::short_of(l.now, pack).is_zero());
        REQUIRE(l.win(pack, sec(4)));
        CHECK(coffer::lots_of(l.now) == coffer::lots_of(before));
        CHECK(claim_of(l).dropped.is_zero());
    }
    CHECK(claim_of(l).taken.is_zero());
    CHECK(claim_of(l).dispute == dispute_state::none);
    CHECK_FALSE(coffer::is_revoked(l.now, *coffer::find_record(l.now, pack)));
    CHECK(l.win(pack, sec(5)) == errc::invalid_argument);
    CHECK(l.lose(pack, sec(5)) == errc::invalid_argument);
}

TEST_CASE("a lost dispute changes no credits, raises what is refunded, and cannot be won") {
    life l = bought(60_cr);
    REQUIRE(l.take_back(pack, taking(20_cr), usd(200), sec(3)));
    REQUIRE(l.dispute(pack, taking(30_cr), sec(4)));
    const account open = l.now;
    REQUIRE(l.lose(pack, sec(5)));
    CHECK(coffer::lots_of(l.now)[0].voided == coffer::lots_of(open)[0].voided);
    CHECK(l.now.totals == open.totals);
    CHECK(coffer::find_lot(l.now, pack)->refunded == usd(500));
    CHECK_FALSE(coffer::find_lot(l.now, pack)->revoked);
    CHECK(l.win(pack, sec(6)) == errc::invalid_argument);
    REQUIRE(l.dispute(pack, taking(50_cr, shortfall::owed, true), sec(7)));
    REQUIRE(l.lose(pack, sec(8)));
    CHECK(coffer::find_lot(l.now, pack)->revoked);
}

TEST_CASE("a lot has one open dispute at a time") {
    life l = bought(0_cr);
    REQUIRE(l.dispute(pack, taking(30_cr), sec(3)));
    const coffer::lot of = *coffer::find_lot(l.now, pack);
    entry e;
    REQUIRE(coffer::decide_dispute(l.now, of, taking(30_cr), sec(4), e));
    account a = l.now;
    CHECK(coffer::apply(a, e) == errc::corrupt_record);
}

TEST_CASE("never is more taken than was granted, not even by a forged journal") {
    life l = bought(60_cr);
    REQUIRE(l.take_back(pack, taking(70_cr), usd(700), sec(3)));
    entry e;
    e.id = coffer::entry_id{4};
    e.kind = entry_kind::disputed;
    e.at = e.event = sec(4);
    e.contested = usd(1'000);
    e.amount = e.uncollected = 31_cr;
    e.parts.push_back({.lot = pack});
    e.after = l.now.totals;
    account a = l.now;
    CHECK(coffer::apply(a, e) == errc::corrupt_record);
    e.amount = e.uncollected = 30_cr;
    a = l.now;
    CHECK(coffer::apply(a, e));
}

TEST_CASE("a claw-back entry that gives back more than is short is corrupt_record") {
    life l = bought(60_cr);
    REQUIRE(l.take_back(pack, taking(70_cr), usd(700), sec(3)));  // 40 there, 30 owed
    REQUIRE(l.grant(10_cr, in_bucket("other"), sec(4)));
    REQUIRE(l.repay(l.now.rest->debts[0], sec(4)));
    REQUIRE(l.refund(coffer::entry_id{2}, 40_cr, sec(5)));
    entry good;
    REQUIRE(coffer::decide_collection(l.now, l.now.burning[0], sec(5), good));
    CHECK(parts_of(good) == parts{{1, 30_cr}, {4, 10_cr}});

    entry e = good;
    SECTION("to a lot that repaid nothing") { e.parts[1].lot = lot_id{2}; }
    SECTION("more than it had repaid") {
        e.parts[1].amount = 11_cr;
        e.amount = e.parts[0].amount = 31_cr;
    }
    SECTION("twice") {
        e.parts.push_back(e.parts[1]);
        e.amount = e.parts[0].amount = 40_cr;
    }
    SECTION("of uncollected credits that are none") {
        e.uncollected = 5_cr;
        e.amount = e.parts[0].amount = 35_cr;
        e.after.available = 5_cr;
    }
    SECTION("of debt that is none") {
        e.debt = 21_cr;
        e.amount = e.parts[0].amount = 31_cr;
        e.after.debt = {};
        e.after.available = 9_cr;
    }
    account a = l.now;
    if (e == good) {
        CHECK(coffer::apply(a, e));
    } else {
        CHECK(coffer::apply(a, e) == errc::corrupt_record);
    }
}

TEST_CASE("a debt is dropped whole, and only one that is there") {
    life l = bought(100_cr);
    REQUIRE(l.charge(5_cr, sec(3), {.limit = 20_cr}));
    const coffer::entry_id charge = l.journal.back().id;
    REQUIRE(l.charge(8_cr, sec(3), {.limit = 20_cr}));
    const coffer::debt older = l.now.rest->debts[0];
    REQUIRE(l.drop(older, sec(4)));
    CHECK(l.journal.back().about == charge);
    CHECK(l.now.totals.debt == 8_cr);
    REQUIRE(l.now.rest->debts.size() == 1);
    CHECK(l.drop(older, sec(5)) == errc::corrupt_record);
    coffer::debt less = l.now.rest->debts[0];
    less.open = 7_cr;
    CHECK(l.drop(less, sec(5)) == errc::corrupt_record);
    CHECK(l.refund(charge, std::nullopt, sec(6)));
    CHECK(l.journal.back().uncollected == 5_cr);
    CHECK(l.now.totals.available.is_zero());
}

TEST_CASE("what a won dispute brings back has to fit, for a lot that is not yet effective, too") {
    for (instant effective : {sec(0), sec(50)}) {
        life l;
        coffer::lot_terms terms = in_bucket("package", effective);
        terms.paid = usd(1'000);
        REQUIRE(l.grant(credits::max(), terms, sec(1)));
        REQUIRE(l.dispute(pack, taking(credits::max()), sec(2)));
        REQUIRE(l.grant(micros(1), in_bucket("other"), sec(3)));
        const account before = l.now;
        CHECK(l.win(pack, sec(4)) == errc::amount_overflow);
        CHECK(l.now == before);
        CHECK(l.charge(micros(1), sec(5)));
        CHECK(l.win(pack, sec(6)));
        CHECK(l.available(pack) == credits::max());
    }
}

TEST_CASE("debt of a claw-back beyond 64 bits is amount_overflow and changes nothing") {
    life l;
    REQUIRE(l.charge(credits::max(), sec(1), {.limit = credits::max()}));
    coffer::lot_terms terms = in_bucket("package");
    terms.paid = usd(1'000);
    REQUIRE(l.grant(5_cr, terms, sec(2)));
    const lot_id lot = l.newest_lot();
    REQUIRE(l.hold(5_cr, 0_cr, sec(99), sec(2)));
    const account before = l.now;
    CHECK(l.dispute(lot, taking(5_cr), sec(3)) == errc::amount_overflow);
    CHECK(l.take_back(lot, taking(5_cr), usd(500), sec(3)) == errc::amount_overflow);
    CHECK(l.now == before);
}

TEST_CASE("notes change nothing but the number and the time") {
    life l = bought(30_cr);
    for (entry_kind how : {entry_kind::refused, entry_kind::noted}) {
        account before = l.now;
        REQUIRE(l.add([&](entry& e) { return coffer::decide_note(l.now, how, sec(9), e); }));
        before.last = l.now.last;
        before.time = sec(9);
        CHECK(l.now == before);
    }
    account before = l.now;
    REQUIRE(l.add([&](entry& e) {
        e.plan = "pro";
        return coffer::decide_note(l.now, entry_kind::plan_assigned, sec(9), e);
    }));
    CHECK(l.now.rest->plan == "pro");
    CHECK(l.now.totals == before.totals);
}
