// The program of the page on billing later: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <cstdio>
#include <string>

using namespace coffer::literals;

namespace {

// [billed_plan]
struct billed_plan {
    coffer::cost_table cost{{"image", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 1'000_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &billed_plan::allowance});

    // A thousand credits beyond the allowance cost 12 dollars; no month owes more than 5,000.
    coffer::overdraft::bill_later overdraft{
        .limit = 5'000_cr, .price = coffer::money::from_minor(1'200, "USD"), .per = 1'000_cr};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<billed_plan>());
// [/billed_plan]

std::string text(const coffer::money& m) { return std::string{to_string(m).view()}; }

void run() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{billed_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({.request = "signup"}).or_throw();
    // [beyond]
    acme.charge({.action = "image", .quantity = 900_units, .request = "jan-1"}).or_throw();
    acme.charge({.action = "image", .quantity = 350_units, .member = "ada", .request = "jan-2"})
        .or_throw();
    const coffer::invoice so_far = acme.invoice(0).or_throw();
    holds(!so_far.closed && so_far.amount == 250_cr);  // what goes beyond the allowance
    // [/beyond]
    clock.set(at("2026-02-01T00:00:00Z"));
    // [invoice]
    const coffer::invoice january = acme.invoice(0).or_throw();
    holds(january.closed && january.total == usd("3.00"));
    for (const coffer::invoice_line& line : january.lines) {
        holds(line.member == "ada" && line.amount == 250_cr);
        holds(line.price == usd("3.00"));
    }
    holds(acme.balance().or_throw().available == 1'000_cr);  // the refill repays nothing of it
    // [/invoice]
    // [refund_of_billed]
    const auto back = acme.refund({.charge = "jan-2", .amount = 50_cr, .request = "r-1"});
    holds(back.or_throw().owed == usd("0.60"));
    const coffer::invoice february = acme.invoice(1).or_throw();
    holds(february.total == usd("-0.60") && february.refunds.size() == 1);
    // [/refund_of_billed]
    clock.set(at("2026-03-01T00:00:00Z"));
    // [invoices]
    for (const coffer::invoice& each : acme.invoices().or_throw()) {
        std::printf("period %u: %s\n", each.number, text(each.total).c_str());
    }
    // [/invoices]
    holds(acme.invoices().or_throw().size() == 2);
}

}  // namespace

int main() {
    run();
    return figures.verdict(8);
}
