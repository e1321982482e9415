// Estimates: what a list of actions would cost is compared with what it then costs.
#include "report/questions_fixture.hpp"

#include <coffer/report/estimate.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace coffer_test;

namespace cost = coffer::cost;
using coffer::affordability;
using coffer::cost_bounds;
using coffer::errc;
using coffer::estimate_line;

namespace {

using lines = std::vector<estimate_line>;

/// The platform of campaigns: most costs are ranges.
question_plan campaign_plan() {
    question_plan plan = priced_plan();
    plan.cost = {{"post", cost::flat{1_cr}},
                 {"content", cost::between{.least = 1_cr, .most = 3_cr}},
                 {"regeneration", cost::between{.least = 1_cr, .most = 3_cr}},
                 {"strategy", cost::between{.least = 2_cr, .most = 5_cr}},
                 {"question", cost::between{.least = 0_cr, .most = 1_cr}},
                 {"analysis", cost::between{.least = 1_cr, .most = 3_cr}},
                 {"suggestion", cost::between{.least = 1_cr, .most = 2_cr}},
                 {"optimisation", cost::between{.least = 1_cr, .most = 2_cr}},
                 {"campaign", cost::by_tag{.cases = {{"simple", cost::flat{3_cr}}},
                                           .otherwise = cost::flat{12_cr}}},
                 {"platform_content", cost::between{.least = 1_cr, .most = 2_cr}},
                 {"rss_item", cost::flat{1_cr}},
                 {"message", cost::between{.least = 0.1_cr, .most = 1_cr}},
                 {"reply", cost::flat{0.1_cr}},
                 {"scrape", cost::flat{0.5_cr}},
                 {"chat", cost::flat{2_cr}},
                 {"publish", cost::free{}}};
    return plan;
}

}  // namespace

TEST_CASE("row B4: an estimate by platforms, duration, frequency and complexity, and the balance") {
    question_lab<coffer::memory_store> l{campaign_plan()};
    const auto campaign = [&](std::string_view complexity, std::int64_t platforms,
                              std::int64_t duration, std::int64_t frequency) {
        return l.w
            .estimate({{.action = complexity, .count = platforms * duration * frequency},
                       {.action = "publish", .count = platforms}})
            .or_throw();
    };
    const auto cost_of = [&](const auto& e) { return cost_bounds{e.least, e.most}; };
    CHECK(cost_of(campaign("platform_content", 1, 1, 10)) == cost_bounds{10_cr, 20_cr});
    CHECK(cost_of(campaign("platform_content", 3, 2, 5)) == cost_bounds{30_cr, 60_cr});
    CHECK(cost_of(campaign("content", 5, 1, 10)) == cost_bounds{50_cr, 150_cr});  // a month

    l.grant(60_cr);
    CHECK(campaign("platform_content", 3, 2, 5).affordable() == affordability::surely);
    CHECK(campaign("content", 5, 1, 10).affordable() == affordability::perhaps);
    CHECK(campaign("content", 5, 1, 10).missing == cost_bounds{0_cr, 90_cr});
    CHECK(campaign("content", 5, 2, 7).affordable() == affordability::no);
    CHECK(campaign("content", 5, 2, 7).missing == cost_bounds{10_cr, 150_cr});

    // What is launched then costs what lies between.
    for (int i = 0; i < 30; ++i) {
        l.w.charge({.action = "platform_content", .amount = i % 3 == 0 ? 2_cr : 1_cr}).or_throw();
    }
    CHECK(l.available() == 20_cr);
}

namespace {

struct listed_price {
    estimate_line what{};
    cost_bounds quoted{};
};

/// Each is quoted as it is priced. Where charges state what it comes to, it has to lie within what
/// was quoted; else they cost just that.
void check_prices(const question_plan& plan, const std::vector<listed_price>& all) {
    for (const listed_price& each : all) {
        const estimate_line& what = each.what;
        const cost_bounds& quoted = each.quoted;
        CAPTURE(what.action, what.tags);
        question_lab<coffer::memory_store> l{plan};
        l.grant(1'000_cr);
        const auto e = l.w.estimate({what}).or_throw();
        REQUIRE(e.lines.size() == 1);
        CHECK(e.lines[0] == quoted);
        CHECK(cost_bounds{e.least, e.most} == quoted);
        if (quoted.least == quoted.most) {
            coffer::charge_request one{.action = what.action, .tags = what.tags};
            if (what.quantity) one.quantity = *what.quantity;
            for (std::int64_t i = 0; i < what.count; ++i) l.w.charge(one).or_throw();
            CHECK(l.available() == *(1'000_cr - quoted.most));
            continue;
        }
        const auto stated = [&](coffer::credits from, std::int64_t more) {
            return l.w.charge({.action = what.action,
                               .amount = micros(from.micros() / what.count + more),
                               .tags = what.tags});
        };
        CHECK(stated(quoted.least, -1) == errc::invalid_argument);
        CHECK(stated(quoted.most, 1) == errc::invalid_argument);
        const auto least = quoted.least.micros() / what.count;
        for (std::int64_t more : {0, 1, 300'000, 900'000}) {
            CHECK(stated(quoted.least, more).or_throw().cost == micros(least + more));
        }
        stated(quoted.most, 0).or_throw();
    }
}

}  // namespace

TEST_CASE("row A4: what a workspace's helpers do is quoted as a range and charged exactly") {
    question_plan plan = priced_plan();
    plan.cost = {{"image", cost::flat{1_cr}},
                 {"social_post", cost::by_tag{.cases = {{"on_demand", cost::free{}}},
                                              .otherwise = cost::flat{1_cr}}},
                 {"message", cost::between{.least = 0.1_cr, .most = 1_cr}},
                 {"reply", cost::flat{0.1_cr}},
                 {"emails_of_week", cost::flat{1_cr}},
                 {"scrape", cost::flat{0.5_cr}}};
    check_prices(plan, {{{.action = "image"}, {1_cr, 1_cr}},
                        {{.action = "social_post", .tags = "chat"}, {1_cr, 1_cr}},
                        {{.action = "social_post", .tags = "on_demand"}, {0_cr, 0_cr}},
                        {{.action = "message"}, {0.1_cr, 1_cr}},
                        {{.action = "message", .count = 20}, {2_cr, 20_cr}},
                        {{.action = "reply"}, {0.1_cr, 0.1_cr}},
                        {{.action = "reply", .count = 3}, {0.3_cr, 0.3_cr}},
                        {{.action = "emails_of_week"}, {1_cr, 1_cr}},
                        {{.action = "scrape", .quantity = 7_units}, {3.5_cr, 3.5_cr}}});
    // A message costs more as its thread grows.
    question_lab<coffer::memory_store> l{plan};
    l.grant(10_cr);
    for (std::int64_t before = 0; before < 12; ++before) {
        const coffer::credits grown = micros(std::min<std::int64_t>(before + 1, 10) * 100'000);
        CHECK(l.w.charge({.action = "message", .amount = grown}).or_throw().cost == grown);
    }
    CHECK(l.available() == 2.5_cr);
}

TEST_CASE("row B2: what a campaign platform does costs between two bounds, or each") {
    check_prices(campaign_plan(),
                 {{{.action = "content"}, {1_cr, 3_cr}},
                  {{.action = "regeneration"}, {1_cr, 3_cr}},
                  {{.action = "strategy"}, {2_cr, 5_cr}},
                  {{.action = "question"}, {0_cr, 1_cr}},
                  {{.action = "analysis"}, {1_cr, 3_cr}},
                  {{.action = "suggestion"}, {1_cr, 2_cr}},
                  {{.action = "post"}, {1_cr, 1_cr}},
                  {{.action = "platform_content"}, {1_cr, 2_cr}},
                  {{.action = "platform_content", .count = 3}, {3_cr, 6_cr}},  // each platform
                  {{.action = "rss_item"}, {1_cr, 1_cr}},
                  {{.action = "rss_item", .count = 40}, {40_cr, 40_cr}},
                  {{.action = "optimisation"}, {1_cr, 2_cr}},
                  {{.action = "campaign", .tags = "simple"}, {3_cr, 3_cr}},
                  {{.action = "campaign", .tags = "complex"}, {12_cr, 12_cr}}});
}

TEST_CASE("a stated amount and nothing at all are quoted as they are, so many times") {
    question_lab<coffer::memory_store> l{campaign_plan()};
    const auto one = [&](const estimate_line& line) {
        const auto e = l.w.estimate({line}).or_throw();
        return cost_bounds{e.least, e.most};
    };
    CHECK(one({.action = "message", .amount = 0.4_cr, .count = 5}) == cost_bounds{2_cr, 2_cr});
    CHECK(one({.amount = 4_cr, .count = 2}) == cost_bounds{8_cr, 8_cr});
    CHECK(one({.action = "publish", .count = 9}) == cost_bounds{0_cr, 0_cr});
}

TEST_CASE("how often and how much may be uncertain, too") {
    question_plan plan = campaign_plan();
    plan.cost.set("render", cost::volume{.tiers = {{.up_to = 10_units, .each = 1_cr_each},
                                                   {.each = 0.5_cr_each}}});
    question_lab<coffer::memory_store> l{plan};
    const auto e =
        l.w.estimate({{.action = "content", .count = 2, .count_up_to = 4},
                      {.action = "rss_item", .count = 0, .count_up_to = 5},
                      {.action = "scrape", .quantity = 2_units, .quantity_up_to = 3_units},
                      {.action = "render", .quantity = 10_units, .quantity_up_to = 12_units}})
            .or_throw();
    CHECK(e.lines[0] == cost_bounds{2_cr, 12_cr});
    CHECK(e.lines[1] == cost_bounds{0_cr, 5_cr});
    CHECK(e.lines[2] == cost_bounds{1_cr, 1.5_cr});
    CHECK(e.lines[3] == cost_bounds{6_cr, 10_cr});  // twelve are cheaper than ten
    CHECK(e.least == 9_cr);
    CHECK(e.most == 28.5_cr);
}

TEMPLATE_TEST_CASE("an estimate is compared with what is there, and says what is missing", "",
                   lends_heads, gives_whole_pages) {
    question_lab<TestType> l{campaign_plan()};
    const auto ask = [&] {
        return l.w.estimate({{.action = "content", .count = 5}, {.action = "post", .count = 2}})
            .or_throw();
    };
    CHECK(ask().affordable() == affordability::no);
    l.grant(6_cr);
    CHECK(ask().missing == cost_bounds{1_cr, 11_cr});
    CHECK(ask().affordable() == affordability::no);
    CHECK_FALSE(ask().perhaps_at);
    l.grant(1_cr);
    CHECK(ask().available == 7_cr);
    CHECK(ask().missing == cost_bounds{0_cr, 10_cr});
    CHECK(ask().affordable() == affordability::perhaps);
    CHECK(ask().perhaps_at == l.clock.now());
    CHECK_FALSE(ask().surely_at);
    l.grant(10_cr);
    CHECK(ask().missing == cost_bounds{});
    CHECK(ask().affordable() == affordability::surely);
    CHECK(ask().surely_at == l.clock.now());
    CHECK(to_string(affordability::surely) == "surely");
    CHECK(to_string(affordability::perhaps) == "perhaps");
    CHECK(to_string(affordability::no) == "no");
}

TEMPLATE_TEST_CASE(
    "one lot is not counted twice for two lines, nor for those that may not draw on it", "",
    lends_heads, gives_whole_pages) {
    question_plan plan = campaign_plan();
    plan.bonus.only.names = {"chat"};
    question_lab<TestType> l{plan};
    l.grant(5_cr, {.bucket = "bonus"});
    l.grant(4_cr);
    const auto missing = [&](const lines& asked) {
        return l.w.estimate(asked).or_throw().missing.most;
    };
    CHECK(missing({{.action = "chat", .count = 2}}) == 0_cr);  // 4 of the bonus
    CHECK(missing({{.action = "post", .count = 4}}) == 0_cr);  // the package
    CHECK(missing({{.action = "post", .count = 5}}) == 1_cr);  // though 9 are there
    CHECK(missing({{.action = "post", .count = 4}, {.action = "chat", .count = 3}}) == 1_cr);
    CHECK(missing({{.action = "chat", .count = 3}, {.action = "post", .count = 4}}) == 1_cr);
    CHECK(missing({{.action = "post", .count = 4}, {.action = "post"}}) == 1_cr);
}

TEST_CASE(
    "what is missing suffices where a limited bucket burns after the one that it arrives in") {
    question_plan plan = campaign_plan();
    plan.package.only.names = {"chat"};
    question_lab<coffer::memory_store> l{plan};
    l.grant(4_cr);
    const lines asked{{.action = "chat", .count = 2}, {.action = "post", .count = 2}};
    // Chats draw on what arrives in `bonus` before they draw on the package.
    CHECK(l.w.estimate(asked).or_throw().missing == cost_bounds{6_cr, 6_cr});
    l.grant(6_cr, {.bucket = "bonus"});
    CHECK(l.w.estimate(asked).or_throw().affordable() == affordability::surely);
    for (int i = 0; i < 2; ++i) l.w.charge({.action = "chat"}).or_throw();
    for (int i = 0; i < 2; ++i) l.w.charge({.action = "post"}).or_throw();
    CHECK(l.available() == 4_cr);
}

TEMPLATE_TEST_CASE("what an estimate says is what the charges then do", "", lends_heads,
                   gives_whole_pages) {
    static const std::vector<std::string_view> actions{"chat", "image", "model"};
    for (std::uint64_t seed = 1; seed <= 3 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, false};
        dice& d = random.d;
        random.live(static_cast<int>(d.below(40)));
        auto& w = random.l.w;
        lines asked;
        for (std::int64_t i = d.below(4); i >= 0; --i) {
            estimate_line line{.action = d.of(actions), .count = 1 + d.below(3)};
            if (line.action == "model") line.input_tokens = d.below(9'000);
            if (d.one_in(5)) line.action = {};
            if (line.action.empty()) line.amount = d.amount();
            if (line.action.empty()) line.input_tokens = 0;
            asked.push_back(line);
        }
        const auto before = random.l.stored();
        const auto e = w.estimate(asked).or_throw();
        CHECK(random.l.stored() == before);
        CHECK(e.available == random.l.available());
        CHECK(e.missing.least == e.missing.most);
        coffer::credits arrives = e.missing.most;
        const bool one_less = arrives > micros(1) && d.one_in(2);
        if (one_less) arrives = micros(arrives.micros() - 1);
        if (arrives.is_positive()) random.l.grant(arrives);
        bool all = true;
        coffer::credits paid;
        for (const estimate_line& line : asked) {
            for (std::int64_t i = 0; i < line.count; ++i) {
                const auto done = w.charge({.action = line.action,
                                            .amount = line.amount,
                                            .input_tokens = line.input_tokens});
                all = all && done.has_value();
                if (done) paid = micros(paid.micros() + done->cost.micros());
            }
        }
        CHECK((all && paid == e.most) == !one_less);
        CHECK(e.least == e.most);
    }
}

TEMPLATE_TEST_CASE(
    "an estimate of one line lacks what an explanation lacks, until the same instant", "",
    lends_heads, gives_whole_pages) {
    int refused = 0;
    for (std::uint64_t seed = 1; seed <= 4 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        random.live(20);
        const coffer::credits amount = micros(1 + random.d.below(60'000'000));
        const auto why = random.l.w.explain({.amount = amount}).or_throw();
        const auto e = random.l.w.estimate({{.amount = amount}}).or_throw();
        if (!why.refused || why.refused->code() != errc::insufficient_credits) continue;
        ++refused;
        CHECK(e.missing == cost_bounds{why.missing, why.missing});
        if (random.plan.overdraft.terms().partial) continue;  // it then takes what is there
        CHECK(e.perhaps_at == why.possible_at);
        CHECK(e.surely_at == why.possible_at);
    }
    CHECK(refused > 10);
}

TEST_CASE("time alone may make the least possible before the most") {
    question_plan plan = campaign_plan();
    plan.budget.refill = {.length = coffer::months{1}, .amount = 10_cr};
    plan.budget.rollover = {coffer::rollover::all{}};
    plan.budget.expiry = {coffer::expiry::never{}};
    question_lab<coffer::memory_store> l{plan};
    l.start();
    const auto e = l.w.estimate({{.action = "content", .count = 12}}).or_throw();
    CHECK(e.missing == cost_bounds{2_cr, 26_cr});
    CHECK(e.perhaps_at == at("2026-02-01T00:00:00Z"));
    CHECK(e.surely_at == at("2026-04-01T00:00:00Z"));
    CHECK(l.w.estimate({{.action = "content", .count = 1'000}}).or_throw().perhaps_at ==
          std::nullopt);
}

TEST_CASE("what may be owed counts as there, and debt that stands in the way as missing") {
    question_plan plan = campaign_plan();
    plan.overdraft = {coffer::overdraft::limit{.amount = 5_cr}};
    question_lab<coffer::memory_store> l{plan};
    l.grant(10_cr);
    CHECK(l.w.estimate({{.amount = 15_cr}}).or_throw().affordable() == affordability::surely);
    CHECK(l.w.estimate({{.amount = 8_cr}, {.amount = 8_cr}}).or_throw().missing.most == 1_cr);
    l.charge(13_cr);
    CHECK(l.w.estimate({{.amount = 1_cr}, {.amount = 2_cr}}).or_throw().missing.most == 1_cr);
}

TEST_CASE("an estimate of nothing costs nothing") {
    question_lab<coffer::memory_store> l{campaign_plan()};
    const auto nothing = l.w.estimate(lines{}).or_throw();
    CHECK((nothing.least == 0_cr && nothing.most == 0_cr && nothing.lines.empty()));
    CHECK(nothing.affordable() == affordability::surely);
    CHECK(l.w.estimate({{.action = "content", .count = 0}}).or_throw().most == 0_cr);
    CHECK(l.entry_count() == 0);
}

TEST_CASE("an estimate that makes no sense is refused and changes nothing") {
    question_plan plan = campaign_plan();
    plan.cost.set("upside_down", cost::between{.least = 2_cr, .most = 1_cr});
    plan.cost.set("model", cost::tokens{.rates = {.input = 1_cr_each}});
    plan.cost.set("minute", cost::per_unit{.each = 1_cr_each});
    question_lab<coffer::memory_store> l{plan};
    l.grant(10_cr);
    unchanged nothing{l};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const std::string long_text(1024, 'a');
    const auto answer = [&](const estimate_line& line) {
        const auto alone = l.w.estimate({line});
        const auto among = l.w.estimate({{.action = "post"}, line, {.action = "post"}});
        REQUIRE_FALSE(alone.has_value());
        REQUIRE_FALSE(among.has_value());
        CHECK(alone.error().code() == among.error().code());
        return alone.error();
    };
    CHECK(answer({}) == errc::invalid_argument);
    CHECK(answer({.action = "poem"}) == errc::unknown_action);
    CHECK(answer({.action = "poem"}).subject() == "poem");
    for (std::string_view path : {"a//b", "/", "/post", "post/", " post"}) {
        CHECK(answer({.action = path}) == errc::unknown_action);
    }
    CHECK(answer({.action = long_text}) == errc::unknown_action);
    CHECK(answer({.amount = 1_cr, .tags = long_text}) == errc::invalid_argument);
    CHECK(answer({.action = "post", .tags = long_text}) == errc::invalid_argument);
    CHECK(answer({.action = "post", .member = long_text}) == errc::invalid_argument);
    CHECK(answer({.action = "post", .resource = long_text}) == errc::invalid_argument);
    CHECK(answer({.action = "post", .member = "mallory"}) == errc::access_denied);
    for (std::int64_t count : {std::int64_t{-1}, least}) {
        CHECK(answer({.action = "post", .count = count}) == errc::invalid_argument);
        CHECK(answer({.action = "post", .count = count}).field() == "count");
        CHECK(answer({.action = "post", .count_up_to = count}).field() == "count_up_to");
        CHECK(answer({.action = "model", .input_tokens = count}) == errc::invalid_argument);
        CHECK(answer({.amount = micros(count)}) == errc::invalid_argument);
        CHECK(answer({.action = "minute", .quantity = coffer::quantity::from_micros(count)}) ==
              errc::invalid_argument);
    }
    CHECK(answer({.action = "post", .count = most}) == errc::amount_overflow);
    CHECK(answer({.action = "post", .count_up_to = most}) == errc::amount_overflow);
    CHECK(answer({.action = "model", .input_tokens = most}) == errc::amount_overflow);
    CHECK(answer({.amount = coffer::credits::max(), .count = 2}) == errc::amount_overflow);
    CHECK(answer({.action = "minute", .quantity_up_to = 2_units}).field() == "quantity_up_to");
    CHECK(answer({.action = "minute", .quantity = 3_units, .quantity_up_to = 2_units}).field() ==
          "quantity_up_to");
    CHECK(answer({.action = "content", .quantity = 2_units}).field() == "quantity");
    CHECK(answer({.action = "content", .input_tokens = 2}) == errc::invalid_argument);
    CHECK(answer({.action = "content", .amount = 3.000001_cr}) == errc::invalid_argument);
    CHECK(answer({.action = "post", .amount = 1_cr}) == errc::invalid_argument);
    CHECK(answer({.action = "upside_down"}).code() == errc::invalid_argument);
    // A sum, of lines that fit by themselves.
    CHECK(l.w.estimate({{.amount = coffer::credits::max()}, {.amount = micros(1)}}) ==
          errc::amount_overflow);
    CHECK(l.w.estimate({{.amount = coffer::credits::max()}}).or_throw().most ==
          coffer::credits::max());
    // The gravest of all lines, wherever it stands.
    CHECK(l.w.estimate({{.action = "post", .count = -1}, {.action = "poem"}}) ==
          errc::unknown_action);
    const lines full(coffer::max_estimate_lines, {.action = "publish"});
    CHECK(l.w.estimate(full).has_value());
    lines more = full;
    more.push_back({.action = "publish"});
    CHECK(l.w.estimate(more) == errc::too_many);
}

namespace {

/// A range of the host's own.
struct odd_range {
    coffer::price_range bounds{};

    coffer::result<coffer::price> price(const coffer::usage&) const {
        return coffer::error{errc::invalid_argument}.in("amount", "has to be stated");
    }
    std::optional<coffer::price_range> range(const coffer::usage&) const { return bounds; }
};
struct odd_plan : lab_plan {
    odd_range cost{};
};

}  // namespace

TEST_CASE("rule 40: a range out of contract is policy_contract, and no estimate") {
    for (const coffer::price_range& bounds : {coffer::price_range{.least = 2_cr, .most = 1_cr},
                                              coffer::price_range{.least = micros(-1)}}) {
        odd_plan plan;
        plan.cost.bounds = bounds;
        lab<coffer::memory_store, odd_plan> l{plan};
        const auto refused = l.w.estimate({{.action = "odd"}});
        CHECK(refused == errc::policy_contract);
        CHECK(refused.error().subject() == "odd");
    }
}

TEST_CASE("an estimate may reach the ends of 64 bits beside a wallet that does") {
    question_lab<coffer::memory_store> l{campaign_plan()};
    l.grant(coffer::credits::max());
    const auto e = l.w.estimate({{.amount = coffer::credits::max()}}).or_throw();
    CHECK(e.affordable() == affordability::surely);
    l.charge(1_cr);
    CHECK(l.w.estimate({{.amount = coffer::credits::max()}}).or_throw().missing.most == 1_cr);
}

TEST_CASE("an estimate is of a wallet that has a name") {
    question_lab<coffer::memory_store> l{campaign_plan()};
    CHECK(l.wallets[std::string(64, 'a')].estimate({{.action = "post"}}) == errc::invalid_argument);
    CHECK(l.wallets[""].estimate({{.action = "post"}}) == errc::invalid_argument);
}
