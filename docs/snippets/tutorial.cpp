// The program of the tutorial, in the order of the page. Each step checks what the page says.

#include <coffer/coffer.hpp>
#include <coffer/format.hpp>

#include <fmt/core.h>

#include <cstdlib>
#include <string_view>

using namespace std::chrono_literals;

// [literals]
using namespace coffer::literals;

constexpr coffer::credits monthly = 1'000_cr;       // credits, exact to a millionth
constexpr coffer::rate per_token = 0.0003_cr_each;  // credits per unit, exact to 10⁻¹²
constexpr coffer::quantity minutes = 1.5_units;     // units of usage, exact to a millionth
static_assert((monthly - 0.000001_cr) == 999.999999_cr);
// [/literals]

// [image_plan]
struct image_plan {
    coffer::cost_table cost{
        {"draft", coffer::cost::flat{1_cr}},
        {"poster", coffer::cost::flat{8_cr}},
        {"upscale", coffer::cost::per_unit{.each = 0.25_cr_each, .minimum = 1_cr}},
        {"gallery", coffer::cost::free{}},
    };

    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::capped rollover{.limit = 50_cr};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::within refund{.window = coffer::days{14}};
    } package{};

    static constexpr auto buckets = coffer::in_order(  //
        coffer::bucket{"allowance", &image_plan::allowance},
        coffer::bucket{"package", &image_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<image_plan>());
// [/image_plan]

namespace {

void check(bool holds, std::string_view what) {
    if (holds) return;
    fmt::print(stderr, "not so: {}\n", what);
    std::exit(1);
}

coffer::instant at(std::string_view text) { return coffer::parse_instant(text).or_throw(); }

}  // namespace

int main() {
    check(minutes == 1.5_units && per_token == 0.0003_cr_each, "literals");

    // [open]
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-31T10:00:00Z")};  // in a server: leave it out
    coffer::wallets wallets{image_plan{}, store, clock};

    auto studio = wallets["studio-42"];
    studio.start({.request = "subscription-42"}).or_throw();
    // [/open]

    // [charge]
    auto receipt = studio.charge({.action = "poster", .request = "poster-1"});
    if (!receipt) return EXIT_FAILURE;
    fmt::print("{} credits, {} left\n", receipt->cost, receipt->after.available);
    // 8 credits, 92 left
    // [/charge]
    check(receipt->cost == 8_cr && receipt->after.available == 92_cr, "a charge");

    // [repeat]
    auto again = studio.charge({.action = "poster", .request = "poster-1"}).or_throw();
    check(again.repeated && again.after.available == 92_cr, "a repeat costs nothing");

    auto other = studio.charge({.action = "draft", .request = "poster-1"});
    check(other == coffer::errc::request_mismatch, "the same id for something else is refused");
    // [/repeat]

    // [quote]
    auto quote = studio.quote({.action = "upscale", .quantity = 10_units}).or_throw();
    check(quote.receipt.cost == 2.5_cr, "a quote is what the charge would answer");
    // [/quote]

    // [pack]
    auto pack = studio
                    .grant({.bucket = "package",
                            .amount = 250_cr,
                            .paid = coffer::money::parse("25.00 USD").or_throw(),
                            .request = "stripe-pi-1"})
                    .or_throw();
    auto large =
        studio.charge({.action = "poster", .quantity = 20_units, .request = "wall"}).or_throw();
    const auto paid = studio.paid_by(large.id).or_throw();
    check(paid.size() == 2, "92 of the month, 68 of the pack");
    for (const coffer::payment& p : paid) {
        fmt::print("{} from {}\n", p.amount, p.bucket.name());
    }
    // [/pack]

    // [hold_and_settle]
    {
        auto hold =
            studio.hold({.action = "upscale", .at_most = 20_cr, .expires_in = 5min}).or_throw();
        auto settled = hold.settle({.quantity = 30_units}).or_throw();  // 7.5 credits; 12.5 go back
        check(settled.cost == 7.5_cr, "a settle is the exact cost");
    }
    {
        auto hold = studio.hold({.action = "upscale", .at_most = 20_cr}).or_throw();
        check(studio.balance().or_throw().held == 20_cr,
              "held credits are not available to others");
    }  // dropped unsettled: released
    check(studio.balance().or_throw().held == 0_cr, "nothing stays held");
    // [/hold_and_settle]

    // [too_much]
    {
        auto hold = studio.hold({.action = "upscale", .at_most = 2_cr}).or_throw();
        auto settled = hold.settle({.quantity = 10_units});  // 2.5 credits
        if (settled == coffer::errc::settle_exceeds) {       // still held
            settled = hold.settle({.amount = settled.error().acceptable()});
        }
        check(settled.or_throw().cost == 2_cr, "at most what was held");
    }
    // [/too_much]

    // [refund]
    auto refunded =
        studio.refund({.charge = "wall", .amount = 10_cr, .request = "complaint-7"}).or_throw();
    check(studio.parts_of(refunded.id).or_throw()[0].bucket == "package",
          "what was taken last returns first");
    // [/refund]

    // [money_back]
    auto returned = studio.refund_purchase({.lot = pack.lot, .request = "stripe-re-1"}).or_throw();
    fmt::print("{} back to the customer\n", returned.owed);
    // [/money_back]
    check(returned.owed == coffer::money::parse("18.25 USD").or_throw(), "the unspent share");

    // [month]
    clock.set(at("2026-02-28T10:00:00Z"));
    auto february = studio.balance().or_throw();
    check(february.available == 100_cr, "the month began by itself, and 31 January is remembered");
    check(coffer::iso8601(february.running->until) == "2026-03-31T10:00:00Z", "… to the day");
    // [/month]

    // [journal]
    studio.sweep().or_throw();  // only so that the journal shows it; nothing depends on it
    const auto journal = studio.entries().or_throw();
    for (const coffer::entry& e : journal.entries) {
        fmt::print("{:>3} {} {:<18} {:>8} → {}\n", e.id, coffer::iso8601(e.at), e.kind, e.amount,
                   e.after.available);
    }
    check(coffer::replay(journal.entries).or_throw() == coffer::load(store, "studio-42").or_throw(),
          "the journal is the account");
    // [/journal]

    // [print]
    fmt::print("{}\n", studio.balance());  // a result prints what it holds: a balance, or an error
    fmt::print("{:.2f}\n", 12.345_cr);     // 12.35, for reading: exact is {}

    const auto berlin = coffer::zone::find("Europe/Berlin").or_throw();
    const coffer::zoned next_month{february.running->until, berlin};
    fmt::print("{}\n", next_month);  // 2026-03-31T12:00:00+02:00 Europe/Berlin
    // [/print]
    check(fmt::format("{:.2f}", 12.345_cr) == "12.35", "rounded to the nearest");
    check(fmt::format("{}", next_month) == "2026-03-31T12:00:00+02:00 Europe/Berlin", "local time");
    check(fmt::format("{}", studio.balance()) ==
              "available 100; used 0 of 100 until 2026-03-31T10:00:00Z; allowance 100, package 0",
          "a balance in a line");
}
