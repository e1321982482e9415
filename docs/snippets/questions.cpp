// The program of the page on questions: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// [agency_plan]
struct agency_plan {
    coffer::cost_table cost{
        {"draft", coffer::cost::flat{2_cr}},
        {"chat", coffer::cost::tokens{.rates = {.input = 0.001_cr_each, .output = 0.004_cr_each}}},
    };

    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::unspent refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &agency_plan::allowance},
                         coffer::bucket{"package", &agency_plan::package});

    coffer::overdraft::limit overdraft{.amount = 20_cr};
    coffer::access::members access{"ada", "grace"};
};
// [/agency_plan]

void life() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{agency_plan{}, store, clock};

    // [agency_life]
    auto agency = wallets["agency"];
    agency.start().or_throw();
    agency.grant({.bucket = "package", .amount = 50_cr, .paid = usd("5.00"), .name = "order-7"})
        .or_throw();

    clock.set(at("2026-01-10T00:00:00Z"));
    agency.charge({.action = "draft", .quantity = 45_units, .member = "ada", .request = "campaign"})
        .or_throw();  // 90
    agency
        .charge({.action = "chat",
                 .input_tokens = 9'000,
                 .output_tokens = 4'000,
                 .member = "grace",
                 .tags = "api,night",
                 .request = "talk"})
        .or_throw();  // 9 + 16 = 25

    clock.set(at("2026-01-20T00:00:00Z"));
    auto hold =
        agency.hold({.action = "draft", .quantity = 5_units, .expires_in = 1h, .member = "ada"})
            .or_throw();  // 10
    // [/agency_life]

    // [balance]
    const coffer::balance now = agency.balance().or_throw();
    holds(now.available == 25_cr);
    holds(now.held == 10_cr);
    holds(now.debt == 0_cr);
    holds(now.used == 115_cr);  // in this period, without holds
    holds(now.allowance == 100_cr);
    holds(coffer::iso8601(now.running->until) == "2026-02-01T00:00:00Z");  // it resets then
    for (const coffer::bucket_balance& b : now.buckets) {
        holds(b.available == (b.bucket == "allowance" ? 0_cr : 25_cr));
    }
    // [/balance]

    // [tables]
    for (const coffer::lot& l : agency.lots().or_throw()) {
        if (agency.name_of(l.id).or_throw() != "order-7") continue;
        holds(l.granted == 50_cr && l.available == 25_cr && l.held == 10_cr && l.spent == 15_cr);
        holds(coffer::iso8601(l.terms.expires) == "2027-01-01T00:00:00Z");
    }
    for (const coffer::hold& h : agency.holds().or_throw()) {
        holds(h.amount == 10_cr && h.action.view() == "draft");
        holds(coffer::iso8601(h.until) == "2026-01-20T01:00:00Z");
    }
    // [/tables]

    // [past]
    holds(agency.as_of(at("2026-01-05T00:00:00Z")).or_throw().available == 150_cr);
    holds(agency.as_of(at("2026-01-10T00:00:00Z")).or_throw().available == 35_cr);
    // The hold will be over, and the month will begin:
    holds(agency.as_of(at("2026-01-20T01:00:00Z")).or_throw().held == 0_cr);
    holds(agency.as_of(at("2026-02-01T00:00:00Z")).or_throw().available == 135_cr);

    const coffer::balance then = agency.balance(at("2026-01-05T00:00:00Z")).or_throw();
    holds(then.available_in(coffer::bucket_id::of("allowance")) == 100_cr && then.used == 0_cr);
    // [/past]

    // [history]
    const auto spent = agency
                           .history({.kinds = {coffer::entry_kind::charged},
                                     .member = "ada",
                                     .from = at("2026-01-01T00:00:00Z"),
                                     .until = at("2026-02-01T00:00:00Z")})
                           .or_throw();
    holds(spent.entries.size() == 1 && spent.entries[0].amount == 90_cr);
    holds(agency.history({.tag = "night"}).or_throw().entries[0].usage.input_tokens == 9'000);
    // [/history]

    // [pages]
    std::vector<std::string> kinds;
    coffer::history_query query{.limit = 2, .newest_first = true};
    for (bool more = true; more;) {
        const auto page = agency.history(query).or_throw();
        for (const coffer::entry& e : page.entries) kinds.emplace_back(to_string(e.kind));
        if (!page.entries.empty()) query.before = page.entries.back().id;
        more = page.more;
    }
    holds(kinds == std::vector<std::string>{"held", "charged", "charged", "granted", "period_began",
                                            "started"});
    // [/pages]

    // [entries]
    const auto journal = agency.entries({.after = coffer::entry_id{3}, .limit = 2}).or_throw();
    holds(journal.entries[0].id.value() == 4 && journal.entries[0].after.available == 60_cr);
    holds(journal.entries[1].after.available == 35_cr && journal.more);
    // [/entries]

    // [paid_by]
    std::vector<std::string> payers;
    for (const coffer::payment& p : agency.paid_by("talk").or_throw()) {
        payers.push_back(agency.name_of(p.lot).or_throw());
        holds(p.amount == (p.bucket == "allowance" ? 10_cr : 15_cr));
        if (p.bucket == "package") holds(p.share == usd("1.50"));  // 15 of the 50 for 5.00
    }
    holds(payers == std::vector<std::string>{"allowance#0", "order-7"});
    // [/paid_by]

    // [paid_from]
    const coffer::lot_id pack{3};  // the lot of entry 3
    const auto paid = agency.paid_from(pack).or_throw();
    holds(paid.size() == 1 && paid[0].amount == 15_cr);
    const auto spend =
        agency.entries({.after = coffer::entry_id{paid[0].spend.value() - 1}, .limit = 1});
    holds(spend->entries[0].request == "talk");
    // [/paid_from]

    // [net_of_refunds]
    agency.refund({.charge = "talk", .amount = 5_cr}).or_throw();
    holds(agency.paid_from(pack).or_throw().front().amount == 10_cr);
    // [/net_of_refunds]
    (void)hold.detach();

    // [explain]
    const auto why = agency.explain({.action = "draft", .quantity = 20_units, .member = "ada"})
                         .or_throw();  // 40, of 30 that are there
    holds(!why.refused && why.decided_by == coffer::deciding_rule::overdraft);
    holds(why.price.total == 40_cr && why.debt == 10_cr);
    holds(why.lots[0].available == 30_cr && why.lots[0].taken == 30_cr && why.lots[0].allowed);
    // [/explain]

    // [refused]
    const auto no = agency.explain({.action = "draft", .quantity = 30_units, .member = "ada"})
                        .or_throw();  // 60
    holds(no.refused->code() == coffer::errc::insufficient_credits);
    holds(no.refused->acceptable() == 50_cr);  // 30, and 20 of the overdraft
    holds(no.decided_by == coffer::deciding_rule::credits);
    holds(no.missing == 10_cr);
    holds(coffer::iso8601(*no.possible_at) == "2026-01-20T01:00:00Z");  // the hold runs out
    // [/refused]

    // [refused_hold]
    const auto hold_of_40 =
        agency.explain_hold({.action = "draft", .quantity = 20_units, .member = "ada"}).or_throw();
    holds(hold_of_40.refused->acceptable() == 30_cr && hold_of_40.missing == 10_cr);
    // [/refused_hold]

    // [denied]
    const auto eve = agency.explain({.action = "draft", .member = "eve"}).or_throw();
    holds(eve.refused->code() == coffer::errc::access_denied);
    holds(eve.decided_by == coffer::deciding_rule::access);
    // [/denied]

    const auto month =
        agency.explain({.action = "draft", .quantity = 60_units, .member = "ada"}).or_throw();
    holds(coffer::iso8601(*month.possible_at) == "2026-02-01T00:00:00Z" && month.refill == 100_cr);

    // [explain_past]
    const auto talk = agency.explain(coffer::entry_id{5}).or_throw();
    for (const coffer::price_line& line : talk.price.lines) {
        std::printf("%s\n", std::string{line.what}.c_str());  // input tokens, output tokens
    }
    holds(talk.price.total == 25_cr && talk.price.lines.size() == 2);
    holds(talk.lots.size() == 2 && talk.lots[1].taken == 15_cr);
    // [/explain_past]

    // [verify]
    const coffer::verification v = agency.verify().or_throw();
    holds(v.sound && v.entries == 7);
    // [/verify]
    holds(coffer::replay(agency.entries().or_throw().entries).or_throw() ==
          coffer::load(store, "agency").or_throw());
}

}  // namespace

int main() {
    life();
    return figures.verdict(45);
}
