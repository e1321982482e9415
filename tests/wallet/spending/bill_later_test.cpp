#include "support/dice.hpp"
#include "support/wallet_fixture.hpp"
#include "wallet/subscription/fixture.hpp"

#include <coffer/policy/overdraft.hpp>
#include <coffer/report/invoice.hpp>

#include <algorithm>
#include <map>
#include <string>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;

namespace {

/// A monthly allowance of 100; a thousand credits beyond it are ten dollars.
lab_plan billed_plan(std::optional<coffer::credits> limit = {}) {
    lab_plan plan = monthly_plan(100_cr);
    plan.overdraft = {coffer::overdraft::bill_later{limit, usd(1'000), 1'000_cr}};
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 29: what went beyond the credits is billed at the period's end", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{billed_plan()};
    l.start();
    l.w.charge({.amount = 130_cr, .member = "ada", .resource = "doc", .request = "a"}).or_throw();
    l.charge(70_cr);
    CHECK(l.balance().debt == 100_cr);
    CHECK(l.w.invoice(0).or_throw().total == usd(100));
    CHECK_FALSE(l.w.invoice(0).or_throw().closed);
    CHECK(l.w.invoices().or_throw().empty());
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.balance().debt == 0_cr);
    CHECK(l.available() == 100_cr);  // the refill repays nothing of it
    const coffer::invoice due = l.w.invoice(0).or_throw();
    l.w.sweep().or_throw();
    CHECK(l.entries().kinds(4) == std::vector<entry_kind>{entry_kind::billed, entry_kind::billed,
                                                          entry_kind::period_began});
    const coffer::invoice i = l.w.invoice(0).or_throw();
    CHECK(i == due);  // a question counts what is due
    CHECK(i.closed);
    CHECK(i.amount == 100_cr);
    CHECK(i.total == usd(100));
    CHECK(i.until == at("2026-02-01T00:00:00Z"));
    REQUIRE(i.lines.size() == 2);
    CHECK(i.lines[0].amount == 30_cr);
    CHECK(i.lines[0].member == "ada");
    CHECK(i.lines[0].resource == "doc");
    CHECK(i.lines[0].price == usd(30));
    CHECK(i.lines[1].amount == 70_cr);
    CHECK(l.w.invoices().or_throw() == std::vector{i});
    CHECK(l.w.invoice(1).or_throw().lines.empty());
    CHECK(l.w.invoice(2) == errc::invalid_argument);
}

TEMPLATE_TEST_CASE("rule 29: nothing that arrives repays what was billed", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{billed_plan()};
    l.start();
    l.charge(150_cr);
    l.grant(20_cr);  // within the period it does
    CHECK(l.balance().debt == 30_cr);
    l.go("2026-02-01T00:00:00Z");
    l.grant(500_cr);
    CHECK(l.available() == 600_cr);
    CHECK(l.w.invoice(0).or_throw().amount == 30_cr);
}

TEMPLATE_TEST_CASE("rule 29: a refund of what was billed is a credit on the next invoice", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{billed_plan()};
    l.start();
    l.w.charge({.amount = 133.333_cr, .member = "ada", .request = "a"}).or_throw();
    l.go("2026-02-03T00:00:00Z");
    CHECK(l.w.invoice(0).or_throw().total == usd(34));
    const auto some = l.w.refund({.charge = "a", .amount = 11.111_cr}).or_throw();
    CHECK(some.owed == usd(11));
    const coffer::balance_totals before = some.after;
    CHECK(before.available == 100_cr);  // no credits come back for what was money
    l.w.refund({.charge = "a", .amount = 22.222_cr}).or_throw();
    const auto rest = l.w.refund({.charge = "a", .amount = 5_cr}).or_throw();
    CHECK(rest.owed.is_none());  // paid by the allowance of January, which has ended
    const coffer::invoice next = l.w.invoice(1).or_throw();
    CHECK(next.amount == micros(-33'333'000));
    CHECK(next.total == usd(-34));  // all parts come to what was billed
    REQUIRE(next.refunds.size() == 2);
    CHECK(next.refunds[0].member == "ada");
    CHECK(next.refunds[0].amount == 11.111_cr);
    CHECK(l.w.invoice(0).or_throw().total == usd(34));
    CHECK(l.w.refund({.charge = "a", .amount = 100_cr}) == errc::refund_exceeds);
}

TEST_CASE("rule 29: a refund before the period's end lowers what is billed") {
    lab<> l{billed_plan()};
    l.start();
    l.w.charge({.amount = 150_cr, .request = "a"}).or_throw();
    l.w.refund({.charge = "a", .amount = 20_cr}).or_throw();
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.invoice(0).or_throw().amount == 30_cr);
    CHECK(l.w.invoice(0).or_throw().refunds.empty());
}

TEMPLATE_TEST_CASE("rule 29: missed periods are each billed once, by their own charges", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{billed_plan()};
    l.start();
    l.charge(110_cr);
    l.go("2026-02-10T00:00:00Z");
    l.charge(120_cr);
    l.go("2026-06-10T00:00:00Z");
    const auto all = l.w.invoices().or_throw();
    REQUIRE(all.size() == 2);
    CHECK(all[0].amount == 10_cr);
    CHECK(all[1].amount == 20_cr);
    CHECK(all[1].number == 1);
    l.w.sweep().or_throw();
    CHECK(l.w.invoices().or_throw() == all);
    CHECK(l.entries().count(entry_kind::billed) == 2);
}

TEST_CASE("rule 29: an invoice is rounded up once, over all its lines") {
    lab<> l{billed_plan()};
    l.start();
    l.charge(100_cr);
    for (int i = 0; i < 10; ++i) l.charge(0.25_cr);
    const coffer::invoice i = l.w.invoice(0).or_throw();
    CHECK(i.total == usd(3));  // not ten cents
    coffer::money sum = usd(0);
    for (const coffer::invoice_line& line : i.lines) sum = (sum + line.price).or_throw();
    CHECK(sum == i.total);
}

TEST_CASE("rule 29: with a limit, a period owes no more, and the next one as much again") {
    lab<> l{billed_plan(10_cr)};
    l.start();
    l.charge(110_cr);
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);
    l.go("2026-02-01T00:00:00Z");
    l.charge(110_cr);
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);
}

TEST_CASE("rule 29: a hold does not go beyond the credits, its settle may by its tolerance") {
    lab<> l{billed_plan()};
    l.start();
    CHECK(l.w.hold({.amount = 101_cr}) == errc::insufficient_credits);
    auto hold = l.w.hold({.amount = 100_cr, .tolerance = 9_cr, .request = "h"}).or_throw();
    hold.settle({.amount = 105_cr}).or_throw();
    CHECK(l.w.invoice(0).or_throw().amount == 5_cr);
    l.go("2026-02-01T00:00:00Z");
    l.w.refund({.charge = "h", .amount = 5_cr}).or_throw();
    CHECK(l.w.invoice(1).or_throw().amount == micros(-5'000'000));
}

TEST_CASE("rule 29: what a claw-back is owed is not billed") {
    lab_plan plan = billed_plan();
    plan.clawback.answer = coffer::shortfall::owed;
    lab<> l{plan};
    l.start();
    const coffer::lot_id pack = l.grant(50_cr, {.paid = usd(500)});
    l.charge(150_cr);
    l.w.dispute({.lot = pack}).or_throw();
    CHECK(l.balance().debt == 50_cr);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.invoices().or_throw().empty());
    CHECK(l.available() == 50_cr);  // the refill repaid it
}

TEST_CASE("rule 29: a second start bills what the period that it ends owes") {
    lab<> l{billed_plan()};
    l.start();
    l.charge(130_cr);
    l.go("2026-01-20T00:00:00Z");
    l.start();
    CHECK(l.available() == 100_cr);
    const auto all = l.w.invoices().or_throw();
    REQUIRE(all.size() == 1);
    CHECK(all[0].amount == 30_cr);
    CHECK(all[0].until == at("2026-01-20T00:00:00Z"));
}

TEST_CASE("rule 29: what was used under a plan is billed at its price when another begins") {
    const auto billed = [](coffer::money price) {
        coffer::any_plan plan = sold({refilled("budget", 100_cr)}, 1_cr);
        plan.overdraft = coffer::overdraft::bill_later{.price = price};
        return plan;
    };
    coffer::plan_book book;
    book.add("dear", billed(usd(10))).or_throw();
    book.add("cheap", billed(usd(1))).or_throw();
    book.add("strict", sold({refilled("budget", 100_cr)}, 1_cr)).or_throw();
    book.set_default("dear").or_throw();
    lab<coffer::memory_store, coffer::plan_book> l{book};
    l.w.start({.plan = "dear"}).or_throw();
    l.charge(110_cr);
    l.w.change({.plan = "cheap"}).or_throw();
    CHECK(l.balance().debt == 0_cr);
    l.charge(20_cr);
    l.w.change({.plan = "strict"}).or_throw();
    CHECK(l.w.charge({.amount = 1_cr}) == errc::insufficient_credits);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.available() == 100_cr);
    const coffer::invoice i = l.w.invoice(0).or_throw();
    CHECK(i.total == usd(120));
    CHECK(i.lines.size() == 2);
}

TEST_CASE("rule 29: a price out of contract is policy_contract and changes nothing") {
    lab_plan plan = billed_plan();
    plan.overdraft = {coffer::overdraft::bill_later{.price = usd(1), .per = 0_cr}};
    lab<> l{plan};
    l.start();
    const unchanged nothing{l};
    CHECK(l.w.charge({.amount = 101_cr}) == errc::policy_contract);
}

TEST_CASE("rule 29: in any life, what was charged beyond is repaid, billed, refunded or owed") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        fair_dice d{seed};
        lab<> plain{billed_plan()};
        lab<> swept{billed_plan()};
        plain.start();
        swept.start();
        std::vector<std::string> ids;
        for (int i = 0; i < 60; ++i) {
            const auto pause = std::chrono::hours{d.below(200)};
            plain.clock.advance(pause);
            for (auto part = pause / 4, n = part; n < pause; n += part) {
                swept.clock.advance(part);
                if (part.count() == 0) break;
                swept.w.sweep().or_throw();
            }
            swept.clock.set(plain.clock.now());
            const coffer::credits amount = micros(d.between(1, 60'000'000));
            const std::string id = "c" + std::to_string(i);
            const bool refunds = !ids.empty() && d.one_in(4);
            const std::string of = refunds ? d.of(ids) : "";
            const bool grants = d.one_in(6);
            for (lab<>* l : {&plain, &swept}) {
                if (refunds) {
                    (void)l->w.refund({.charge = of, .amount = amount});
                } else if (grants) {
                    l->grant(amount);
                } else {
                    l->w.charge({.amount = amount, .request = id}).or_throw();
                }
                if (l == &plain && !refunds && !grants) ids.push_back(id);
            }
        }
        CHECK(plain.stored() == swept.stored());
        CHECK(plain.w.invoices().or_throw() == swept.w.invoices().or_throw());
        const auto journal = plain.entries();
        coffer::credits beyond, repaid, billed, refunded, credited, lines;
        coffer::money money = usd(0), said = usd(0);
        for (const coffer::entry& e : journal.entries) {
            if (e.kind == entry_kind::charged) beyond = (beyond + e.debt).or_throw();
            if (e.kind == entry_kind::repaid) repaid = (repaid + e.debt).or_throw();
            if (e.kind == entry_kind::billed) {
                billed = (billed + e.debt).or_throw();
                money = (money + e.owed).or_throw();
            }
            if (e.kind == entry_kind::refunded) {
                refunded = (refunded + e.debt).or_throw();
                credited = (credited + e.uncollected).or_throw();
                if (e.revokes) money = (money - e.owed).or_throw();
            }
        }
        const coffer::credits owed = plain.stored().totals.debt;
        CHECK(beyond == (((repaid + billed) + refunded) + owed).or_throw());
        CHECK(credited <= billed);
        for (const coffer::invoice& i : plain.w.invoices().or_throw()) {
            lines = (lines + i.amount).or_throw();
            if (i.total.has_currency()) said = (said + i.total).or_throw();
        }
        coffer::invoice last = plain.w.invoice(0).or_throw();
        for (std::uint32_t n = 0; auto next = plain.w.invoice(n); ++n) last = *next;
        for (const coffer::invoice_line& r : last.refunds) {
            lines = (lines - r.amount).or_throw();
            said = (said - r.price).or_throw();
        }
        CHECK(lines == (billed - credited).or_throw());
        CHECK(said == money);
        CHECK(plain.w.verify().or_throw().sound);
    }
}
