// The program of the page on spending limits: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <chrono>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// [limited_plan]
struct team_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{1_cr}, "ai/basic"},
                            {"research", coffer::cost::flat{4_cr}, "ai/advanced"}};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &team_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};

    coffer::limits limits{
        {.member = "*", .per = coffer::window::day, .amount = 50_cr},
        {.member = "design", .per = coffer::window::week, .amount = 200_cr},
        {.member = "design/bot-7", .action = "ai/advanced", .amount = 8_cr},
        {.tag = "batch", .per = coffer::window::draw, .amount = 10_cr, .warn = true}};
};
static_assert(coffer::check_plan<team_plan>());
// [/limited_plan]

struct named_plan : team_plan {
    // [unnamed]
    coffer::unnamed::refuse unnamed{};
    // [/unnamed]
};
static_assert(coffer::check_plan<named_plan>());

void refusals() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-05T12:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    auto team = wallets["team"];
    team.grant({.bucket = "package", .amount = 1'000_cr, .request = "pack"}).or_throw();
    team.charge({.action = "research", .member = "design/bot-7", .request = "r-1"}).or_throw();
    team.charge({.action = "research", .member = "design/bot-7", .request = "r-2"}).or_throw();
    // [refused_by_limit]
    const auto refused =
        team.charge({.action = "research", .member = "design/bot-7", .request = "r-3"});
    if (refused == coffer::errc::limit_exceeded) {
        const coffer::error& why = refused.error();
        holds(why.subject() == "member:design/bot-7,action:a…");  // cut at 31 bytes
        holds(why.level() == 8_cr);
        holds(why.acceptable() == 0_cr);        // what is left
        holds(until_of(why) == coffer::never);  // when the window ends
    }
    // [/refused_by_limit]
    holds(refused == coffer::errc::limit_exceeded);
    // [warned]
    team.charge({.action = "chat",
                 .quantity = 12_units,
                 .member = "ops",
                 .tags = "batch",
                 .request = "b-1"})
        .or_throw();
    holds(store.notices(10).or_throw().at(0).text == "limit:tag:batch");
    // [/warned]
}

void windows() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-05T12:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    auto team = wallets["team"];
    team.grant({.bucket = "package", .amount = 1'000_cr}).or_throw();
    auto hold = team.hold({.amount = 40_cr, .expires_in = 24h, .member = "ann"}).or_throw();
    const coffer::charge_request more{.amount = 20_cr, .member = "ann"};
    holds(team.charge(more) == coffer::errc::limit_exceeded);
    holds(team.explain(more).or_throw().possible_at == at("2026-01-06T00:00:00Z"));
    clock.set(at("2026-01-06T00:00:00Z"));
    team.charge(more).or_throw();
    hold.settle().or_throw();  // 60 on this day: a settle of at most the hold is never refused
    holds(team.charge({.amount = 1_cr, .member = "ann"}) == coffer::errc::limit_exceeded);
}

void nobody() {
    coffer::memory_store store;
    coffer::wallets wallets{team_plan{}, store};
    wallets["team"].grant({.bucket = "package", .amount = 100_cr}).or_throw();
    holds(static_cast<bool>(wallets["team"].charge({.amount = 60_cr})));

    coffer::wallets named{named_plan{}, store};
    holds(named["team"].charge({.amount = 1_cr}) == coffer::errc::limit_exceeded);
}

}  // namespace

int main() {
    refusals();
    windows();
    nobody();
    return figures.verdict(11);
}
