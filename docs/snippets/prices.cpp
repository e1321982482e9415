// The program of the page on prices: every model with its figures.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#if __has_include(<nlohmann/json.hpp>)
#include <coffer/io/price_map.hpp>
#endif

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace coffer::literals;
namespace cost = coffer::cost;

namespace {

// [cost_of]
template <class Cost>
coffer::credits cost_of(const Cost& prices, const coffer::usage& used) {
    return prices.price(used).or_throw().total;
}
template <class Cost>
coffer::credits cost_of(const Cost& prices, coffer::quantity units) {
    return cost_of(prices, coffer::usage{.quantity = units});
}
// [/cost_of]

void price_list() {
    // [price_list]
    const coffer::cost_table prices{
        {"post", cost::flat{1_cr}},
        {"reply", cost::flat{0.1_cr}},
        {"schedule", cost::free{}},
    };
    holds(cost_of(prices, {.action = "post"}) == 1_cr);
    holds(cost_of(prices, {.action = "reply", .quantity = 3_units}) == 0.3_cr);
    holds(cost_of(prices, {.action = "schedule"}) == 0_cr);
    holds(prices.price({.action = "fax"}) == coffer::errc::unknown_action);
    // [/price_list]
}

void units() {
    // [per_unit]
    const cost::per_unit voice{.each = 3_cr_each};  // a minute
    holds(cost_of(voice, 1.5_units) == 4.5_cr);

    const cost::per_unit search{.each = 2_cr_each, .per = 1'000_units};  // two credits a thousand
    holds(cost_of(search, 1'247_units) == 2.494_cr);
    // [/per_unit]

    // [steps]
    const cost::per_unit call{
        .each = 3_cr_each,       // a minute
        .minimum = 1_cr,         // at least one credit a call
        .increment = 0.1_units,  // in steps of six seconds
        .places = 1,             // rounded up to a tenth
    };
    holds(cost_of(call, 2.01_units) == 6.3_cr);  // 2.1 minutes
    holds(cost_of(call, 0.2_units) == 1_cr);     // 0.6, but at least 1

    const cost::per_unit answered{.each = 3_cr_each, .minimum_if_used = 1_cr};
    holds(cost_of(answered, 0.2_units) == 1_cr);
    holds(cost_of(answered, 0_units) == 0_cr);  // nobody answered: free
    holds(cost_of(call, 0_units) == 1_cr);      // a minimum is due all the same
    // [/steps]

    // [final_rounding]
    const cost::per_unit tiny{.each = 0.0001_cr_each, .minimum = 0.0005_cr, .places = 2};
    holds(cost_of(tiny, 1_units) == 0.01_cr);
    // [/final_rounding]

    // [modes]
    using coffer::rounding;
    auto per_thousand = [](rounding mode, int places) {
        return cost::per_unit{
            .each = 1_cr_each, .per = 1'000_units, .mode = mode, .places = places};
    };
    holds(cost_of(per_thousand(rounding::up, 6), 1'247_units) == 1.247_cr);  // the default
    holds(cost_of(per_thousand(rounding::up, 2), 1'247_units) == 1.25_cr);
    holds(cost_of(per_thousand(rounding::up, 0), 1'247_units) == 2_cr);
    holds(cost_of(per_thousand(rounding::down, 0), 1'999_units) == 1_cr);
    holds(cost_of(per_thousand(rounding::half_up, 0), 2'500_units) == 3_cr);
    holds(cost_of(per_thousand(rounding::half_even, 0), 2'500_units) == 2_cr);
    // [/modes]
}

void between() {
    // [between]
    const coffer::cost_table prices{
        {"message", cost::between{.least = 0.1_cr, .most = 1_cr}},
        {"post", cost::flat{1_cr}},
    };
    holds(coffer::range_of(prices, "message")->contains(0.4_cr));
    holds(!coffer::range_of(prices, "message")->contains(1.1_cr));
    holds(!coffer::range_of(prices, "post"));  // computed: nobody states it
    // [/between]
}

void tokens() {
    // [tokens]
    const cost::tokens model{.rates = {.input = 0.0003_cr_each,
                                       .output = 0.0015_cr_each,
                                       .reasoning = 0.0015_cr_each,
                                       .cached = 0.00003_cr_each}};
    holds(cost_of(model, {.input_tokens = 1'840, .output_tokens = 212}) == 0.87_cr);

    const cost::tokens with_long_calls{
        .rates = {.input = 0.0003_cr_each, .output = 0.0015_cr_each},
        .tiers = {
            {.above_input = 200'000, .rates = {.input = 0.0006_cr_each, .output = 0.002_cr_each}}}};
    holds(cost_of(with_long_calls, {.input_tokens = 200'000}) == 60_cr);
    holds(cost_of(with_long_calls, {.input_tokens = 200'001}) == 120.0006_cr);  // all of them
    // [/tokens]

    // [token_kinds]
    const cost::tokens opus{.rates = {.input = 0.005_cr_each,
                                      .output = 0.025_cr_each,
                                      .cached = 0.0005_cr_each,
                                      .cache_write = 0.00625_cr_each,
                                      .cache_write_1h = 0.01_cr_each}};
    holds(cost_of(opus, {.input_tokens = 1'000, .cache_write_tokens = 400}) == 7.5_cr);
    holds(cost_of(opus, {.input_tokens = 1'000, .cache_write_1h_tokens = 400}) == 9_cr);
    // [/token_kinds]
}

/// What a settle has to say of tokens.
void settling() {
    coffer::memory_store store;
    coffer::wallets wallets{
        coffer::plans::prepaid<>{
            .cost = {{"chat", cost::tokens{.rates = {.input = 0.001_cr_each,
                                                     .output = 0.005_cr_each,
                                                     .cached = 0.0001_cr_each}}}}},
        store};
    auto acme = wallets["acme"];
    holds(acme.grant({.bucket = "package", .amount = 100_cr}).has_value());
    auto hold = acme.hold({.action = "chat", .at_most = 5_cr}).or_throw();
    // [settle]
    const auto forgotten = hold.settle({.input_tokens = 1'000, .output_tokens = 200});
    holds(forgotten == coffer::errc::invalid_argument);
    holds(forgotten.error().subject() == "cached_tokens");  // it has a rate: were there none?
    const auto settled =
        hold.settle({.input_tokens = 1'000, .output_tokens = 200, .others_zero = true});
    holds(settled.or_throw().cost == 2_cr);
    // [/settle]
}

#if __has_include(<nlohmann/json.hpp>)
constexpr int figures_of_maps = 8;
void maps() {
    // [price_map]
    constexpr std::string_view json = R"({
      "swift-2": { "input_cost_per_token": 3e-07, "output_cost_per_token": 1.5e-06,
                   "cache_read_input_token_cost": 3e-08, "input_cost_per_image": 0.002 },
      "odd-1": { "input_cost_per_token": -1, "output_cost_per_token": -1 }
    })";
    const auto map = coffer::price_map::parse(json).or_throw();  // or load("model_prices.json")
    const coffer::usd credit = coffer::usd::parse("0.001").or_throw();
    coffer::cost_table sold;
    sold.set("chat", map.tokens("swift-2", credit).or_throw(), "ai/swift-2");
    holds(cost_of(sold, {.action = "chat", .input_tokens = 1'840, .output_tokens = 212}) ==
          0.87_cr);
    holds(map.find("swift-2")->other == std::vector<std::string>{"input_cost_per_image"});
    holds(!map.tokens("odd-1", credit));  // its error says why
    // [/price_map]

    // [price_terms]
    const auto more = coffer::price_map::parse(R"({
      "voice-1": { "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
                   "input_cost_per_second": 0.0003 },
      "tail-1": { "input_cost_per_token": 2.9999900000000002e-06, "output_cost_per_token": 1e-05 },
      "updated": "2026-07-24T18:23:43Z"
    })")
                          .or_throw();
    holds(!more.tokens("voice-1", credit));
    holds(more.tokens("voice-1", credit, {.leave_out = {"input_cost_per_second"}}).has_value());
    holds(!more.tokens("tail-1", credit));
    holds(more.tokens("tail-1", credit, {.rounding = coffer::rounding::half_up}).has_value());
    holds(more.skipped()[0].key == "updated");
    // [/price_terms]
}
#else
constexpr int figures_of_maps = 0;
void maps() {}
#endif

void tiers() {
    // [graduated]
    const cost::graduated crawl{.tiers = {{.up_to = 1'000_units, .each = 0.01_cr_each},
                                          {.up_to = 10'000_units, .each = 0.008_cr_each},
                                          {.each = 0.005_cr_each}}};
    holds(cost_of(crawl, 1'000_units) == 10_cr);
    holds(cost_of(crawl, 15'000_units) == 107_cr);  // 10 + 72 + 25
    // [/graduated]

    // [graduated_flat]
    const cost::graduated import{.tiers = {{.up_to = 10_units, .each = 10_cr_each, .flat = 2_cr},
                                           {.up_to = 20_units, .each = 5_cr_each, .flat = 3_cr},
                                           {.each = 5_cr_each, .flat = 3_cr}}};
    holds(cost_of(import, 0_units) == 2_cr);
    holds(cost_of(import, 1_units) == 12_cr);
    holds(cost_of(import, 10_units) == 102_cr);
    holds(cost_of(import, 11_units) == 110_cr);  // 100 + 2, then 5 + 3
    // [/graduated_flat]

    // [volume]
    const cost::volume render{.tiers = {{.up_to = 10_units, .each = 1_cr_each, .flat = 5_cr},
                                        {.up_to = 100_units, .each = 0.5_cr_each, .flat = 1_cr},
                                        {.each = 0.1_cr_each}}};
    holds(cost_of(render, 10_units) == 15_cr);
    holds(cost_of(render, 11_units) == 6.5_cr);  // all eleven at 0.5, and 1
    holds(cost_of(render, 200_units) == 20_cr);
    // [/volume]

    // [package]
    cost::package emails{.size = 10_units, .each = 100_cr};
    holds(cost_of(emails, 121_units) == 1'300_cr);  // the thirteenth package is begun
    emails.free = 10_units;
    holds(cost_of(emails, 121_units) == 1'200_cr);
    emails.free = 200_units;
    holds(cost_of(emails, 121_units) == 0_cr);
    // [/package]
}

void tags() {
    // [by_tag]
    const coffer::cost_table prices{
        {"post", cost::by_tag{.cases = {{"automation", cost::free{}}, {"api", cost::flat{2_cr}}},
                              .otherwise = cost::flat{1_cr}}},
        {"embed", cost::by_tag{.cases = {{"batch", cost::per_unit{.each = 0.5_cr_each}}},
                               .otherwise = cost::per_unit{.each = 1_cr_each}}},
    };
    holds(cost_of(prices, {.action = "post"}) == 1_cr);
    holds(cost_of(prices, {.action = "post", .tags = "api"}) == 2_cr);
    holds(cost_of(prices, {.action = "post", .tags = "api,automation"}) == 0_cr);
    holds(cost_of(prices, {.action = "embed", .quantity = 8_units, .tags = "batch"}) == 4_cr);
    // [/by_tag]
}

void categories() {
    // [categories]
    const cost::tokens fast{.rates = {.input = 0.0001_cr_each, .output = 0.0005_cr_each}};
    const coffer::cost_table prices{
        {"swift-2", fast, "ai/fast/swift-2"},
        {"voice", cost::per_unit{.each = 3_cr_each}, "voice"},
        {"search", cost::free{}},
    };
    holds(coffer::category_of(prices, "swift-2") == "ai/fast/swift-2");
    holds(coffer::category_of(prices, "search").empty());
    // [/categories]
}

// [layered]
/// A customer's own prices, then the plan's, then the list that all plans share.
using agreed_prices =
    cost::layered<coffer::cost_table, cost::layered<coffer::cost_table, cost::shared<>>>;

agreed_prices prices_of_acme(std::shared_ptr<const coffer::cost_table> list) {
    return {.first = {{"chat", cost::flat{1_cr}}},
            .then = {.first = {{"chat", cost::flat{2_cr}}, {"image", cost::flat{6_cr}}},
                     .then = {std::move(list)}}};
}
// [/layered]

void layers() {
    // [shared]
    const auto list = std::make_shared<const coffer::cost_table>(coffer::cost_table{
        {"chat", cost::flat{3_cr}},
        {"image", cost::flat{8_cr}},
        {"voice", cost::per_unit{.each = 3_cr_each}},
    });
    const cost::shared<> basic{list};  // a plan's cost: no copy of the list
    const agreed_prices acme = prices_of_acme(list);
    holds(cost_of(basic, {.action = "chat"}) == 3_cr);
    holds(cost_of(acme, {.action = "chat"}) == 1_cr);                        // the customer's
    holds(cost_of(acme, {.action = "image"}) == 6_cr);                       // the plan's
    holds(cost_of(acme, {.action = "voice", .quantity = 1_units}) == 3_cr);  // the list's
    // [/shared]
}

// [agreed]
/// What each customer has agreed on, as your database knows it: by the wallet.
struct agreed_factors {
    coffer::result<coffer::factor> operator()(std::string_view wallet) const {
        if (wallet == "acme") return coffer::discount(coffer::percent{25});
        return coffer::factor{};  // one: nothing agreed
    }
};
using customer_prices = cost::scaled<cost::scaled<cost::shared<>>, agreed_factors>;
// [/agreed]

void factors() {
    // [factors]
    const auto list = std::make_shared<const coffer::cost_table>(coffer::cost_table{
        {"search", cost::per_unit{.each = 1_cr_each, .per = 1'000_units}, "tools/search"},
        {"message", cost::between{.least = 0.1_cr, .most = 1_cr}},
    });
    const customer_prices prices{
        .list = {.list = {list}, .by = coffer::mark_up(coffer::percent{20})},  // the plan's
        .by = {},                                                              // the customer's
    };
    holds(cost_of(prices, {.action = "search", .quantity = 7_units, .wallet = "acme"}) ==
          0.0063_cr);  // 0.007 × 6/5 × 3/4
    holds(cost_of(prices, {.action = "search", .quantity = 7_units, .wallet = "zoe"}) == 0.0084_cr);
    holds(coffer::range_of(prices, {.action = "message", .wallet = "acme"})->most == 0.9_cr);
    holds(coffer::category_of(prices, "search") == "tools/search");
    // [/factors]

    // [once]
    const cost::scaled<cost::scaled<cost::flat>> there_and_back{
        .list = {.list = {1_cr}, .by = {1, 3}}, .by = {3, 1}};
    holds(cost_of(there_and_back, 1_units) == 1_cr);
    const cost::scaled<cost::flat> whole_credits{
        .list = {4_cr}, .by = {5, 3}, .mode = coffer::rounding::half_up, .places = 0};
    holds(cost_of(whole_credits, 1_units) == 7_cr);  // 6.667
    // [/once]
}

void replaced() {
    // [live]
    const cost::live<> prices{coffer::cost_table{{"chat", cost::flat{3_cr}}}};
    const cost::live<> cost_of_a_plan = prices;  // the same list
    prices.replace({{"chat", cost::flat{2_cr}}, {"image", cost::flat{8_cr}}});
    holds(cost_of(cost_of_a_plan, {.action = "chat"}) == 2_cr);
    holds(prices.now()->size() == 2);
    // [/live]
}

/// The plan of the holds below.
struct live_plan {
    cost::live<> cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } credit{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"credit", &live_plan::credit});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

void kept() {
    const cost::live<> prices{
        coffer::cost_table{{"chat", cost::flat{2_cr}},
                           {"crawl", cost::package{.size = 10_units, .each = 1_cr}}},
        1};
    const cost::package dearer{.size = 10_units, .each = 2_cr};
    coffer::memory_store store;
    coffer::wallets wallets{live_plan{.cost = prices}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "credit", .amount = 100_cr}).or_throw();
    // [kept]
    auto chat = acme.hold({.action = "chat", .at_most = 10_cr}).or_throw();
    auto crawl = acme.hold({.action = "crawl", .at_most = 10_cr}).or_throw();
    auto other = acme.hold({.action = "crawl", .at_most = 10_cr}).or_throw();
    prices.replace({{"chat", cost::flat{5_cr}}, {"crawl", dearer}});
    holds(chat.settle({.quantity = 3_units}).or_throw().cost == 6_cr);    // its rate is kept
    holds(crawl.settle({.quantity = 12_units}).or_throw().cost == 2_cr);  // its list is
    prices.replace({});  // one former list is kept: the first is gone
    holds(other.settle({.quantity = 12_units}) == coffer::errc::unknown_plan);
    holds(other.settle({.amount = 2_cr}).or_throw().cost == 2_cr);
    // [/kept]
}

#if __has_include(<nlohmann/json.hpp>)
// [update_prices]
/// Sells by a fresh price map, or goes on as before: whether the map is good.
bool update_prices(const cost::live<>& prices, std::string_view json) {
    const coffer::usd credit = coffer::usd::parse("0.001").or_throw();
    const auto map = coffer::price_map::parse(json);  // or load("model_prices.json")
    if (!map) return false;                           // map.error().text() says why
    const auto chat = map->tokens("swift-2", credit);
    if (!chat) return false;
    coffer::cost_table fresh;
    fresh.set("chat", *chat, "ai/swift-2");
    prices.replace(std::move(fresh));
    return true;
}
// [/update_prices]

constexpr int figures_of_live_maps = 6;
void live_map() {
    coffer::memory_store store;
    // [live_map]
    const cost::live<> prices;
    update_prices(prices, R"({"swift-2": {
        "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}})");
    coffer::wallets wallets{live_plan{.cost = prices}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "credit", .amount = 10'000_cr}).or_throw();
    auto begun = acme.hold({.action = "chat", .at_most = 10_cr}).or_throw();

    std::thread daily{[&prices] {  // whatever loads your price maps
        update_prices(prices, R"({"swift-2": {
            "input_cost_per_token": 3e-06, "output_cost_per_token": 6e-06}})");
    }};
    const coffer::charge_request chat{
        .action = "chat", .input_tokens = 1'000, .output_tokens = 500};
    bool one_or_the_other = true;
    for (int i = 0; i < 200; ++i) {  // meanwhile, requests are charged
        const auto cost = acme.charge(chat).or_throw().cost;
        one_or_the_other = one_or_the_other && (cost == 2_cr || cost == 6_cr);
    }
    daily.join();
    holds(one_or_the_other);
    holds(acme.quote(chat).or_throw().receipt.cost == 6_cr);
    holds(begun.settle({.input_tokens = 3'000, .output_tokens = 1'000}).or_throw().cost ==
          5_cr);  // by the prices of its opening

    holds(!update_prices(prices, R"({"swift-2": {"input_cost_per_token": -1}})"));
    holds(!update_prices(prices, "half a file"));
    holds(acme.quote(chat).or_throw().receipt.cost == 6_cr);
    // [/live_map]
}
#else
constexpr int figures_of_live_maps = 0;
void live_map() {}
#endif

void dates() {
    // [versions]
    const auto january = coffer::parse_instant("2026-01-01T00:00:00Z").or_throw();
    const auto july = coffer::parse_instant("2026-07-01T00:00:00Z").or_throw();
    const cost::versions<> prices{
        .list = {{.from = january, .prices = {{"post", cost::flat{1_cr}}}},
                 {.from = july, .prices = {{"post", cost::flat{1.5_cr}}}}}};
    const auto june = coffer::parse_instant("2026-06-30T23:59:59Z").or_throw();
    holds(cost_of(prices, {.action = "post", .at = june}) == 1_cr);
    holds(cost_of(prices, {.action = "post", .at = july}) == 1.5_cr);
    const auto before = coffer::parse_instant("2025-12-31T00:00:00Z").or_throw();
    holds(prices.price({.action = "post", .at = before}) == coffer::errc::unknown_action);
    // [/versions]
}

void lines() {
    const cost::graduated crawl{.tiers = {{.up_to = 1'000_units, .each = 0.01_cr_each},
                                          {.up_to = 10'000_units, .each = 0.008_cr_each},
                                          {.each = 0.005_cr_each}}};
    // [lines]
    const auto priced = crawl.price({.action = "crawl", .quantity = 15'000_units}).or_throw();
    holds(priced.lines.size() == 3);
    holds(priced.lines[1].what == "tier 2");
    holds(priced.lines[1].units == 9'000_units);
    holds(priced.lines[1].each == 0.008_cr_each);
    // [/lines]
}

void checks() {
    // [first_malformed]
    coffer::cost_table prices{{"post", cost::flat{1_cr}}};
    prices.set("crawl", cost::graduated{.tiers = {{.up_to = 20_units, .each = 2_cr_each},
                                                  {.up_to = 10_units, .each = 1_cr_each},
                                                  {.each = 0.5_cr_each}}});
    holds(prices.first_malformed() == "crawl");  // its bounds fall
    holds(prices.price({.action = "crawl", .quantity = 1_units}) == coffer::errc::policy_contract);
    // [/first_malformed]
}

}  // namespace

int main() {
    price_list();
    units();
    between();
    tokens();
    settling();
    maps();
    tiers();
    tags();
    categories();
    layers();
    factors();
    replaced();
    kept();
    live_map();
    dates();
    lines();
    checks();
    return figures.verdict(73 + figures_of_maps + figures_of_live_maps);
}
