#include "support/wallet_fixture.hpp"

#include <coffer/report/invoice.hpp>

using namespace coffer_test;
using coffer::entry;
using coffer::entry_id;
using coffer::entry_kind;
using coffer::errc;

namespace {

entry begun(std::uint32_t id, std::string_view from, std::string_view until) {
    entry e{.id = entry_id{id}, .kind = entry_kind::period_began, .counts = true};
    e.at = e.from = at(from);
    e.until = at(until);
    e.after.debt = 1_cr;
    return e;
}
entry charged(std::uint32_t id, coffer::credits debt, std::string_view member) {
    entry e{.id = entry_id{id}, .kind = entry_kind::charged, .amount = debt, .debt = debt};
    e.member = member;
    e.after.debt = debt;
    return e;
}
entry billed(std::uint32_t about, coffer::credits amount, coffer::money worth) {
    entry e{.id = entry_id{90}, .kind = entry_kind::billed, .amount = amount, .debt = amount};
    e.about = entry_id{about};
    e.owed = worth;
    e.after.debt = 1_cr;
    return e;
}

}  // namespace

TEST_CASE("rule 29: an invoice has the entries between two begins of the account's period") {
    coffer::detail::invoice_reader reader;
    const std::vector<entry> journal{
        charged(1, 3_cr, "before"),  // the first start
        begun(2, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        charged(3, 5_cr, "ada"),
        billed(1, 3_cr, usd(3)),
        billed(3, 5_cr, usd(5)),
        begun(6, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        charged(7, 9_cr, "grace"),
    };
    for (const entry& e : journal) REQUIRE(reader.read(e));
    const auto all = reader.take();
    REQUIRE(all.size() == 2);
    CHECK(all[0].closed);
    CHECK(all[0].total == usd(8));
    REQUIRE(all[0].lines.size() == 2);
    CHECK(all[0].lines[0].member == "before");
    CHECK(all[0].lines[1].member == "ada");
    CHECK(all[1].number == 1);
    CHECK_FALSE(all[1].closed);
    CHECK(all[1].lines.empty());
    CHECK(all[1].from == all[0].until);
}

TEST_CASE("rule 29: each currency of a period has a total of its own") {
    const auto eur = [](std::int64_t cents) { return coffer::money::from_minor(cents, "EUR"); };
    coffer::detail::invoice_reader reader;
    REQUIRE(reader.read(begun(1, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")));
    REQUIRE(reader.read(billed(7, 1_cr, {})));
    REQUIRE(reader.read(billed(7, 1_cr, usd(1))));
    REQUIRE(reader.read(billed(8, 1_cr, eur(5))));
    REQUIRE(reader.read(billed(9, 1_cr, usd(2))));
    REQUIRE(reader.read(billed(9, 1_cr, eur(6))));
    const coffer::invoice i = reader.take().at(0);
    CHECK(i.amount == 5_cr);
    CHECK(i.total == usd(3));
    CHECK(i.other_totals == std::vector{eur(11)});
}

TEST_CASE("rule 29: an invoice beyond 64 bits is amount_overflow") {
    coffer::detail::invoice_reader reader;
    REQUIRE(reader.read(billed(7, coffer::credits::max(), {})));
    CHECK(reader.read(billed(8, 1_cr, {})) == errc::amount_overflow);
}

TEST_CASE("rule 29: a wallet without a period has no invoice") {
    lab<> l;
    l.grant(5_cr);
    CHECK(l.w.invoices().or_throw().empty());
    CHECK(l.w.invoice(0) == errc::invalid_argument);
}

TEST_CASE("rule 29: reading invoices writes nothing") {
    lab_plan plan = monthly_plan(10_cr);
    plan.overdraft = {coffer::overdraft::bill_later{}};
    lab<> l{plan};
    l.start();
    l.charge(25_cr);
    l.go("2026-05-01T00:00:00Z");
    const unchanged nothing{l};
    CHECK(l.w.invoices().or_throw().size() == 1);
    CHECK(l.w.invoices().or_throw()[0].total.is_none());  // the host prices it
    CHECK(l.w.invoice(4).or_throw().from == at("2026-05-01T00:00:00Z"));
}
