// The program of the page on settings: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <string>
#include <vector>

using namespace coffer::literals;

namespace {

// [plan_with_choices]
struct team_plan {
    coffer::cost_table cost{{"image", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 1'000_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &team_plan::allowance});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::alerts alerts{{.name = "out", .at = 0_cr}};
    coffer::limits limits{};

    coffer::choices choices{
        .alerts = 3,
        .limits = 50,
        .budget = true,
        .recharge = {.allowed = true,
                     .offers = {"pack-500", "pack-2000"},
                     .most_threshold = 200_cr,
                     .most_monthly_limit = coffer::money::from_minor(10'000, "EUR")},
        .defaults = {.alerts = {{.name = "low", .at = coffer::percent{10}}}}};
    int revision = 1;
};
static_assert(coffer::check_plan<team_plan>());
// [/plan_with_choices]

std::vector<std::string> told(coffer::memory_store& store) {
    std::vector<std::string> all;
    const auto note = [&](const coffer::notice& n) {
        all.push_back(n.kind + " " + n.text);
        return true;
    };
    coffer::deliver(store, note).or_throw();
    return all;
}

using texts = std::vector<std::string>;

void choices() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.start({.request = "signup"}).or_throw();
    // [configure]
    acme.configure({.alerts = {{.name = "mine", .at = 700_cr}}, .request = "settings-1"})
        .or_throw();
    acme.charge({.amount = 300_cr, .request = "c-1"}).or_throw();
    holds(told(store) == texts{"alert mine"});
    // [/configure]
    // [limits]
    acme.configure(
            {.limits = {{.member = "agents/scout", .per = coffer::window::day, .amount = 20_cr}},
             .budget = coffer::budget{.amount = 500_cr, .per = coffer::window::period},
             .request = "settings-2"})
        .or_throw();
    auto refused = acme.charge({.amount = 21_cr, .member = "agents/scout"});
    holds(refused == coffer::errc::limit_exceeded);
    holds(refused.error().subject() == "member:agents/scout");
    refused = acme.charge({.amount = 501_cr, .member = "ada"});
    holds(refused.error().subject() == "budget" && refused.error().acceptable() == 500_cr);
    // [/limits]
    // [choice_refused]
    const auto too_much = acme.configure(
        {.recharge = coffer::recharge_setting{.offer = "pack-500", .threshold = 5'000_cr}});
    holds(too_much == coffer::errc::choice_refused);
    holds(too_much.error().subject() == "recharge");
    // [/choice_refused]
    // [tags]
    acme.configure({.alerts = coffer::as_planned}).or_throw();  // "low", the plan's default
    acme.configure({.alerts = coffer::without}).or_throw();     // none but the plan's own
    // [/tags]
    // [settings]
    const coffer::settings_view now = acme.settings().or_throw();
    holds(now.in_force.alerts.empty() && now.in_force.limits.size() == 1);
    holds(now.in_force.budget->amount == 500_cr);
    holds(!now.in_force.recharge.on);
    // [/settings]
}

void another_plan() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    wallets["acme"].start({.request = "signup"}).or_throw();
    wallets["acme"].configure({.budget = coffer::budget{50_cr}}).or_throw();
    // [dropped]
    team_plan strict;
    strict.choices.budget = false;
    strict.revision = 2;
    coffer::wallets next{strict, store, clock};
    next["acme"].charge({.amount = 60_cr, .request = "c-1"}).or_throw();
    holds(told(store) == texts{"choice choice:budget"});
    // [/dropped]
}

void revisions() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    // [revisions]
    team_plan second;
    second.limits = {{.member = "*", .per = coffer::window::day, .amount = 100_cr}};
    second.revision = 2;

    coffer::wallets old_server{team_plan{}, store, clock};
    coffer::wallets new_server{second, store, clock};
    auto before = old_server["acme"];
    auto after = new_server["acme"];
    before.start({.request = "signup"}).or_throw();
    after.charge({.amount = 1_cr, .member = "ada", .request = "c-1"}).or_throw();
    // From here on the old server, too, goes by the limits of the new one.
    const auto refused = before.charge({.amount = 100_cr, .member = "ada", .request = "c-2"});
    holds(refused == coffer::errc::limit_exceeded);
    // [/revisions]
    const auto count = before.entries().or_throw().entries.size();
    for (int i = 0; i < 3; ++i) {
        before.charge({.amount = 1_cr, .member = "bob"}).or_throw();
        after.charge({.amount = 1_cr, .member = "bob"}).or_throw();
    }
    holds(before.entries().or_throw().entries.size() == count + 6);
}

}  // namespace

int main() {
    choices();
    another_plan();
    revisions();
    return figures.verdict(12);
}
