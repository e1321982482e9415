// A knowledge platform that sells work in credits: a monthly allowance that replenishes itself and
// is consumed first, and packages that are bought and last until they are used up. It shows the
// whole life of one customer, prints the dashboard, and checks itself.

#include <coffer/coffer.hpp>
#include <coffer/format.hpp>

#include <fmt/core.h>

#include <map>
#include <string>
#include <string_view>

using namespace coffer::literals;
using namespace std::chrono_literals;

// ---- What the product is ------------------------------------------------------------------------

struct knowledge_plan {
    coffer::cost_table cost{
        {"transcribe_video", coffer::cost::per_unit{.each = 2_cr_each}},  // per minute
        {"write_documentation", coffer::cost::flat{15_cr}},               // per page
        {"analyse_knowledge", coffer::cost::flat{10_cr}},
        {"crawl_page", coffer::cost::flat{0.5_cr}},
        {"assistant",
         coffer::cost::tokens{.rates = {.input = 0.0005_cr_each, .output = 0.002_cr_each}}},
    };

    struct {
        coffer::refill::monthly refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &knowledge_plan::allowance},
                         coffer::bucket{"package", &knowledge_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<knowledge_plan>());

knowledge_plan tier(coffer::credits monthly_allowance) {
    knowledge_plan plan;
    plan.allowance.refill.amount = monthly_allowance;
    return plan;
}

// ---- The example's own checks -------------------------------------------------------------------

int failures = 0;

void check(bool holds, std::string_view what) {
    if (holds) return;
    fmt::print("NOT SO: {}\n", what);
    ++failures;
}

// ---- The dashboard: what was consumed, by tier and by package -----------------------------------

/// Which tier a lot belongs to: the one that was in force when it was granted.
std::string source_of(const coffer::lot& lot, coffer::instant upgraded) {
    if (lot.terms.bucket == "package") {
        return fmt::format("package of {}, {}", lot.granted, lot.terms.paid);
    }
    return lot.made < upgraded ? "allowance, tier Starter" : "allowance, tier Team";
}

template <class Wallet>
std::map<std::string, coffer::credits> consumed_by_source(const Wallet& wallet,
                                                          coffer::instant upgraded) {
    std::map<std::string, coffer::credits> sums;
    for (const coffer::lot& lot : wallet.lots().or_throw()) {
        coffer::credits& sum = sums[source_of(lot, upgraded)];
        sum = (sum + lot.spent).or_throw();
    }
    return sums;
}

template <class Wallet>
std::map<std::string, coffer::credits> consumed_by_action(const Wallet& wallet) {
    std::map<std::string, coffer::credits> sums;
    const auto journal = wallet.entries().or_throw();
    for (const coffer::entry& e : journal.entries) {
        if (e.kind != coffer::entry_kind::charged) continue;
        coffer::credits& sum = sums[std::string{e.usage.action}];
        sum = (sum + e.amount).or_throw();
    }
    return sums;
}

template <class Wallet>
void print_dashboard(std::string_view title, const Wallet& wallet, coffer::instant upgraded) {
    const coffer::balance now = wallet.balance().or_throw();
    fmt::print("\n{}\n", title);
    fmt::print("  available {}, used this period {}, allowance {}, resets {}\n", now.available,
               now.used, now.allowance, coffer::iso8601(now.running->until));
    for (const auto& [source, sum] : consumed_by_source(wallet, upgraded)) {
        fmt::print("  from {:<30} {:>6}\n", source, sum);
    }
    for (const auto& [action, sum] : consumed_by_action(wallet)) {
        fmt::print("  for  {:<30} {:>6}\n", action, sum);
    }
}

int main() {
    coffer::manual_clock clock{coffer::parse_instant("2026-01-31T09:00:00Z").or_throw()};
    coffer::memory_store store;

    // Two tiers of one product over one store; which of them serves a customer, the host decides.
    coffer::wallets starter{tier(100_cr), store, clock};
    coffer::wallets team{tier(400_cr), store, clock};

    auto acme = starter["acme"];
    const auto berlin = coffer::zone::find("Europe/Berlin").or_throw();
    acme.start({.zone = berlin, .request = "subscription-1"}).or_throw();
    check(acme.balance().or_throw().available == 100_cr,
          "the month begins with the whole allowance");

    // Work of all kinds, each priced by its own rule.
    clock.advance(24h);
    acme.charge({.action = "transcribe_video", .quantity = 12.5_units, .request = "video-7"})
        .or_throw();
    acme.charge({.action = "write_documentation", .request = "manual-3"}).or_throw();
    acme.charge({.action = "crawl_page", .quantity = 40_units, .request = "crawl-1"}).or_throw();
    auto answer = acme.charge({.action = "assistant",
                               .input_tokens = 4'000,
                               .output_tokens = 1'500,
                               .request = "question-1"})
                      .or_throw();
    check(answer.cost == 5_cr, "an answer costs what its tokens cost");
    check(acme.balance().or_throw().available == 35_cr, "100 - 25 - 15 - 20 - 5 = 35");

    // A package is used only once the allowance is gone; the switch happens inside one operation.
    acme.grant({.bucket = "package",
                .amount = 250_cr,
                .paid = coffer::money::from_minor(25'00, "EUR"),
                .request = "order-1001"})
        .or_throw();
    auto analysis =
        acme.charge({.action = "analyse_knowledge", .quantity = 5_units, .request = "analysis-1"})
            .or_throw();
    const auto paid = acme.paid_by(analysis.id).or_throw();
    check(paid.size() == 2, "one operation is paid from two lots");
    check(paid[0].bucket == "allowance" && paid[0].amount == 35_cr,
          "first what is left of the allowance");
    check(paid[1].bucket == "package" && paid[1].amount == 15_cr, "then the package");
    print_dashboard("The first period, tier Starter", acme, coffer::never);

    // The allowance replenishes itself at the month's end, at the customer's own hour; 31 January
    // is followed by 28 February. The package is not refreshed, and none of it is lost.
    clock.set(coffer::parse_instant("2026-02-28T09:00:00Z").or_throw());
    auto february = acme.balance().or_throw();
    check(february.available_in(coffer::bucket_id::find("allowance")) == 100_cr, "a new allowance");
    check(february.available_in(coffer::bucket_id::find("package")) == 235_cr, "the same package");

    // A refusal says what is missing, and changes nothing.
    const coffer::charge_request large{
        .action = "analyse_knowledge", .quantity = 33.6_units, .request = "analysis-2"};
    auto refused = acme.charge(large);
    check(refused == coffer::errc::insufficient_credits, "336 of 335 is refused");
    fmt::print("\nrefused: {}\n", refused.error());

    // More credits come from a higher tier, whose difference is granted at once for this month, …
    clock.advance(1h);
    auto upgraded = team["acme"];
    const coffer::instant upgrade = clock.now();
    upgraded
        .grant({.bucket = "allowance",
                .amount = 300_cr,
                .source = coffer::lot_source::plan,
                .request = "upgrade-to-team"})
        .or_throw();
    upgraded.charge(large).or_throw();  // the same request goes ahead once credits are there
    check(upgraded.balance().or_throw().available_in(coffer::bucket_id::find("package")) == 235_cr,
          "the larger allowance pays all of it");

    // … or from another package.
    upgraded
        .grant({.bucket = "package",
                .amount = 500_cr,
                .paid = coffer::money::from_minor(45'00, "EUR"),
                .request = "order-1002"})
        .or_throw();

    clock.set(coffer::parse_instant("2026-03-31T08:00:00Z").or_throw());  // summer time by now
    auto march = upgraded.balance().or_throw();
    check(march.allowance == 400_cr, "the next month brings the team's allowance");
    check(march.available_in(coffer::bucket_id::find("package")) == 735_cr, "packages stay");
    check(march.used == 0_cr, "a new month has used nothing yet");
    print_dashboard("The third period, tier Team", upgraded, upgrade);

    const auto sources = consumed_by_source(upgraded, upgrade);
    check(sources.at("allowance, tier Starter") == 200_cr, "Starter: 100 in each period");
    check(sources.at("allowance, tier Team") == 236_cr, "Team: the rest of the large analysis");
    check(sources.at("package of 250, 25.00 EUR") == 15_cr, "15 of the first package");
    check(sources.at("package of 500, 45.00 EUR") == 0_cr, "nothing of the second");

    // Everything can be proved from the journal.
    starter.sweep().or_throw();
    const auto journal = upgraded.entries().or_throw();
    check(coffer::replay(journal.entries) == coffer::load(store, "acme").or_throw(),
          "the journal replays to the account");

    fmt::print("\n{}\n", failures == 0 ? "all as it should be" : "something is wrong");
    return failures == 0 ? 0 : 1;
}
