// The program of the page on allowances: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <set>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

void cadences() {
    // [cadences]
    const coffer::zone berlin = coffer::zone::find("Europe/Berlin").or_throw();

    const coffer::schedule monthly{at("2026-01-31T09:00:00Z"), coffer::months{1}, berlin};
    holds(monthly.start_of(1) == at("2026-02-28T09:00:00Z"));
    holds(monthly.start_of(2) == at("2026-03-31T08:00:00Z"));  // ten o'clock in Berlin, as always
    holds(monthly.start_of(3) == at("2026-04-30T08:00:00Z"));

    const coffer::schedule daily{at("2026-03-28T09:00:00Z"), coffer::days{1}, berlin};
    holds(daily.start_of(1) == at("2026-03-29T08:00:00Z"));  // the clocks went forward
    const coffer::schedule exact{at("2026-03-28T09:00:00Z"), 24h, berlin};
    holds(exact.start_of(1) == at("2026-03-29T09:00:00Z"));
    // [/cadences]
    const coffer::schedule thirty{at("2026-01-31T09:00:00Z"), coffer::days{30}, berlin};
    holds(thirty.start_of(1) == at("2026-03-02T09:00:00Z"));
    holds(thirty.start_of(2) == at("2026-04-01T08:00:00Z"));
    const coffer::schedule yearly{at("2028-02-29T09:00:00Z"), coffer::years{1}, berlin};
    holds(yearly.start_of(1) == at("2029-02-28T09:00:00Z"));
    holds(yearly.start_of(4) == at("2032-02-29T09:00:00Z"));
}

// [monthly_plan]
/// 100 a month; what goes on into the next one is to be tried out.
template <class Rollover, class Expiry = coffer::expiry::at_period_end>
struct monthly_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        Rollover rollover{};
        Expiry expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &monthly_plan::allowance});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
// [/monthly_plan]

/// What a wallet has at the begin of each month, if it spends so much in January and no more.
template <class Plan>
std::vector<coffer::credits> months_of(const Plan& plan, coffer::credits spent) {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{plan, store, clock};
    auto acme = wallets["acme"];
    acme.start().or_throw();
    if (spent.is_positive()) acme.charge({.amount = spent}).or_throw();
    std::vector<coffer::credits> available;
    for (std::string_view month : {"2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z",
                                   "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"}) {
        available.push_back(acme.balance(at(month)).or_throw().available);
    }
    return available;
}

/// What a plan with that rollover has on the first of February, with 70 of 100 left.
template <class Rollover>
coffer::credits february(const Rollover& rollover) {
    monthly_plan<Rollover> plan;
    plan.allowance.rollover = rollover;
    return months_of(plan, 30_cr)[0];
}

void what_goes_on() {
    // [carried]
    // 100 in January, 30 of them spent. On the first of February there are:
    holds(february(coffer::rollover::none{}) == 100_cr);
    holds(february(coffer::rollover::all{}) == 170_cr);
    holds(february(coffer::rollover::capped{.limit = 50_cr}) == 150_cr);
    holds(february(coffer::rollover::capped_share{3, 5}) == 160_cr);  // at most 60 % of the 100
    holds(february(coffer::rollover::fraction{1, 2}) == 135_cr);      // half of the 70
    // [/carried]
}

using list = std::vector<coffer::credits>;

void terms() {
    // [hops]
    monthly_plan<coffer::rollover::all> once{};
    once.allowance.rollover = {.terms = {.hops = 1}};
    // February, March, April, May, with nothing spent:
    holds(months_of(once, 0_cr) == list{200_cr, 200_cr, 200_cr, 200_cr});
    // [/hops]

    // [keeps]
    monthly_plan<coffer::rollover::all> quarter{};
    quarter.allowance.rollover = {.terms = {.keeps = coffer::months{2}}};
    holds(months_of(quarter, 0_cr) == list{200_cr, 300_cr, 300_cr, 300_cr});
    // [/keeps]
}

template <class Wallet>
coffer::credits left(const Wallet& w, std::string_view name) {
    for (const coffer::lot& l : w.lots().or_throw()) {
        if (w.name_of(l.id).or_throw() == name) return l.available;
    }
    return {};
}

void trimmed() {
    for (coffer::trim which : {coffer::trim::oldest, coffer::trim::newest}) {
        monthly_plan<coffer::rollover::capped> plan{};
        plan.allowance.rollover = {.limit = 120_cr, .terms = {.trim = which}};
        coffer::memory_store store;
        coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
        coffer::wallets wallets{plan, store, clock};
        auto acme = wallets["acme"];
        acme.start().or_throw();
        clock.set(at("2026-03-01T00:00:00Z"));
        const bool oldest = which == coffer::trim::oldest;
        holds(left(acme, "allowance#0~2") == (oldest ? 20_cr : 100_cr));
        holds(left(acme, "allowance#1~1") == (oldest ? 100_cr : 20_cr));
        holds(left(acme, "allowance#2") == 100_cr);
        holds(acme.balance().or_throw().available == 220_cr);
    }
}

void bounded_life() {
    using coffer::rollover::all;
    const monthly_plan<all, coffer::expiry::at_period_end> by_month{};
    const monthly_plan<all, coffer::expiry::never> for_good{};
    monthly_plan<all, coffer::expiry::after> for_45_days{};
    for_45_days.allowance.expiry = {coffer::days{45}};
    const auto on = [](const auto& plan, std::string_view when) {
        coffer::memory_store store;
        coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
        coffer::wallets wallets{plan, store, clock};
        auto acme = wallets["acme"];
        acme.start().or_throw();
        return acme.as_of(at(when)).or_throw().available;
    };
    holds(on(by_month, "2026-02-28T00:00:00Z") == 200_cr);
    holds(on(by_month, "2026-03-01T00:00:00Z") == 300_cr);
    holds(on(for_good, "2026-03-01T00:00:00Z") == 300_cr);
    holds(on(for_45_days, "2026-02-14T23:59:59Z") == 200_cr);
    holds(on(for_45_days, "2026-02-15T00:00:00Z") == 100_cr);  // January's 45 days are over
    holds(on(for_45_days, "2026-03-01T00:00:00Z") == 200_cr);
}

// [names_plan]
struct team_plan {
    coffer::cost_table cost{
        {.action = "draft", .price = coffer::cost::flat{1_cr}, .category = "ai/fast/model-x"},
        {.action = "essay", .price = coffer::cost::flat{5_cr}, .category = "ai/deep/model-y"},
        {.action = "post", .price = coffer::cost::flat{2_cr}},
    };

    struct {  // for quick answers alone
        coffer::refill::every refill{.length = coffer::days{1}, .amount = 20_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
        coffer::only only{"ai/fast"};
    } daily{};

    struct {  // for all of AI, and for posts
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::capped rollover{.limit = 50_cr};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
        coffer::restore::regrant restore{coffer::days{7}};
        coffer::only only{"ai", "post"};
    } allowance{};

    struct {  // for everything
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"daily", &team_plan::daily},
                         coffer::bucket{"allowance", &team_plan::allowance},
                         coffer::bucket{"package", &team_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<team_plan>());
// [/names_plan]

void buckets_for_some() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    auto team = wallets["team"];
    team.start().or_throw();
    team.grant({.bucket = "package", .amount = 10_cr}).or_throw();

    // [only]
    auto draft = team.charge({.action = "draft"}).or_throw();  // ai/fast/model-x
    holds(team.parts_of(draft.id).or_throw()[0].bucket == "daily");
    auto essay = team.charge({.action = "essay"}).or_throw();  // ai/deep/model-y
    holds(team.parts_of(essay.id).or_throw()[0].bucket == "allowance");
    auto post = team.charge({.action = "post"}).or_throw();  // by its own name
    holds(team.parts_of(post.id).or_throw()[0].bucket == "allowance");
    auto amount = team.charge({.amount = 1_cr}).or_throw();  // no action: unlimited buckets alone
    holds(team.parts_of(amount.id).or_throw()[0].bucket == "package");

    auto posts = team.quote({.action = "post", .quantity = 55_units});
    holds(posts == coffer::errc::insufficient_credits);
    holds(posts.error().required() == 110_cr && posts.error().acceptable() == 102_cr);
    // 19 of them are daily, which no post may use.
    holds(team.balance().or_throw().available == 121_cr);
    // [/only]
}

void names() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    auto team = wallets["team"];

    // [names]
    team.start().or_throw();  // daily#0, allowance#0
    team.charge({.action = "post", .quantity = 40_units, .request = "spring"}).or_throw();
    team.grant({.bucket = "package", .amount = 10_cr, .name = "welcome"}).or_throw();

    clock.set(at("2026-02-01T00:00:00Z"));         // allowance#0~1 takes the 20 that are left
    team.refund({.charge = "spring"}).or_throw();  // allowance#0!1 takes the 80: January has ended
    std::set<std::string> names;
    for (const coffer::lot& l : team.lots().or_throw()) {
        if (l.available.is_positive()) names.insert(team.name_of(l.id).or_throw());
    }
    holds(names == std::set<std::string>{"allowance#0!1", "allowance#0~1", "allowance#1",
                                         "daily#31", "welcome"});
    // [/names]
    holds(left(team, "allowance#0~1") == 20_cr);
    holds(left(team, "allowance#0!1") == 80_cr);
    holds(team.name_of(coffer::lot_id{999}) == coffer::errc::unknown_lot);
    auto unnamed = team.grant({.bucket = "package", .amount = 1_cr}).or_throw();
    holds(team.name_of(unnamed.lot) == "package@" + std::to_string(unnamed.lot.value()));
}

void lots_by_hand() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-05-01T00:00:00Z")};
    coffer::wallets wallets{team_plan{}, store, clock};
    auto team = wallets["team"];

    // [by_hand]
    auto pack = team.grant({.bucket = "package",
                            .amount = 100_cr,
                            .paid = coffer::money::parse("10.00 USD").or_throw(),
                            .source = coffer::lot_source::purchase,
                            .request = "order-7"})
                    .or_throw();
    auto gift = team.grant({.bucket = "package",
                            .amount = 30_cr,
                            .priority = 1,                          // before all without one
                            .expires = at("2026-05-15T00:00:00Z"),  // not in twelve months
                            .source = coffer::lot_source::bonus})
                    .or_throw();
    auto june =
        team.grant({.bucket = "package", .amount = 50_cr, .effective = at("2026-06-01T00:00:00Z")})
            .or_throw();
    holds(team.balance().or_throw().available == 130_cr);  // June's 50 are not there yet

    auto receipt = team.charge({.amount = 40_cr}).or_throw();
    const auto taken = team.parts_of(receipt.id).or_throw();
    holds(taken[0].lot == gift.lot && taken[0].amount == 30_cr);
    holds(taken[1].lot == pack.lot && taken[1].amount == 10_cr);
    // [/by_hand]

    // [expire_at]
    team.expire_at({.lot = pack.lot, .expires = at("2026-05-20T00:00:00Z")}).or_throw();
    team.void_lot({.lot = june.lot, .amount = 20_cr}).or_throw();
    holds(team.void_lot({.lot = june.lot, .amount = 31_cr}) == coffer::errc::insufficient_credits);

    clock.set(at("2026-06-01T00:00:00Z"));
    // June's rest; the pack's 90 expired on the 20th.
    holds(team.balance().or_throw().available == 30_cr);
    holds(team.expire_at({.lot = pack.lot}) == coffer::errc::invalid_argument);  // it has ended
    // [/expire_at]

    // [lot_sums]
    for (const coffer::lot& l : team.lots().or_throw()) {
        const std::int64_t parts = l.available.micros() + l.held.micros() + l.spent.micros() +
                                   l.expired.micros() + l.voided.micros() + l.rolled.micros();
        holds(parts == l.granted.micros());
    }
    // [/lot_sums]
}

// [own_order]
using coffer::order_key;

struct promo_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &promo_plan::package});

    // What was given burns before what was bought, and of each the latest first.
    coffer::spend_order::by order{order_key::bucket, order_key::paid_last, order_key::newest};

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
static_assert(coffer::check_plan<promo_plan>());
// [/own_order]

void orders() {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-05-01T00:00:00Z")};
    coffer::wallets wallets{promo_plan{}, store, clock};
    auto shop = wallets["shop"];
    const auto day = [&](std::string_view when, coffer::money paid) {
        clock.set(at(when));
        return shop.grant({.bucket = "package", .amount = 10_cr, .paid = paid}).or_throw().lot;
    };

    // [burns]
    const coffer::money price = coffer::money::parse("1.00 USD").or_throw();
    const auto bought_first = day("2026-05-01T00:00:00Z", price);
    const auto given_first = day("2026-05-02T00:00:00Z", {});
    const auto given_last = day("2026-05-03T00:00:00Z", {});
    const auto bought_last = day("2026-05-04T00:00:00Z", price);

    const auto receipt = shop.charge({.amount = 40_cr}).or_throw();
    std::vector<coffer::lot_id> burnt;
    for (const coffer::part& p : shop.parts_of(receipt.id).or_throw()) burnt.push_back(p.lot);
    holds(burnt == std::vector{given_last, given_first, bought_last, bought_first});
    // [/burns]
}

}  // namespace

int main() {
    cadences();
    what_goes_on();
    terms();
    trimmed();
    bounded_life();
    buckets_for_some();
    names();
    lots_by_hand();
    orders();
    return figures.verdict(52);
}
