// An open hold keeps the prices with which it was opened, whatever holds when it is settled.
#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>

#include <string>

using namespace coffer_test;

namespace cost = coffer::cost;
using coffer::errc;
using coffer::factor;

namespace {

using prices = cost::live<>;

struct live_plan {
    prices cost{};
    lab_bucket package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &live_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::late_events late{.back = 24h};
};
static_assert(coffer::check_plan<live_plan>());

/// What each action costs before and after the prices go up.
coffer::cost_table list(std::int64_t times) {
    const auto rate = [&](std::int64_t picos) { return coffer::rate::from_picos(picos * times); };
    const auto amount = [&](std::int64_t count) { return micros(count * times); };
    return {
        {"flat", cost::flat{amount(2'000'000)}},
        {"minute", cost::per_unit{.each = rate(1'000'000'000'000), .per = 3_units, .places = 2}},
        {"chat", cost::tokens{.rates = {.input = rate(1'000'000), .output = rate(3'000'000)}}},
        {"free", cost::free{}},
        {"long",
         cost::tokens{.rates = {.input = rate(1'000'000)},
                      .tiers = {{.above_input = 1'000, .rates = {.input = rate(2'000'000)}}}}},
        {"crawl", cost::graduated{.tiers = {{.up_to = 10_units, .each = rate(1'000'000'000'000)},
                                            {.each = rate(500'000'000'000)}}}},
        {"render", cost::volume{.tiers = {{.up_to = 10_units, .each = rate(1'000'000'000'000)},
                                          {.each = rate(500'000'000'000)}}}},
        {"emails", cost::package{.size = 10_units, .each = amount(1'000'000)}},
        {"call", cost::per_unit{.each = rate(1'000'000'000'000), .minimum = amount(1'000'000)}},
        {"message", cost::between{.least = amount(100'000), .most = amount(1'000'000)}},
        {"post", cost::by_tag{.cases = {{"api", cost::flat{amount(3'000'000)}}},
                              .otherwise = cost::flat{amount(1'000'000)}}}};
}

struct usage_case {
    std::string_view action;
    coffer::settle_request used{};
    coffer::credits costs{};  ///< By the prices of the begin.
    std::string_view tags{};
};
const std::vector<usage_case> linear{
    {"flat", {.quantity = 3_units}, 6_cr},
    {"minute", {.quantity = 5_units}, 1.67_cr},
    {"chat", {.input_tokens = 1'000'000, .output_tokens = 500'000}, 2.5_cr},
    {"free", {.quantity = 7_units}, 0_cr},
    {"post", {.quantity = 2_units}, 2_cr},
    {"post", {.quantity = 2_units}, 6_cr, "api"},
};
const std::vector<usage_case> versioned{
    {"long", {.input_tokens = 2'000}, 0.004_cr}, {"crawl", {.quantity = 12_units}, 11_cr},
    {"render", {.quantity = 12_units}, 6_cr},    {"emails", {.quantity = 12_units}, 2_cr},
    {"call", {.quantity = 0.2_units}, 1_cr},     {"message", {.amount = 0.2_cr}, 0.2_cr},
};

coffer::hold_request of(const usage_case& u) {
    return {.action = u.action, .at_most = 20_cr, .tags = u.tags};
}

}  // namespace

TEMPLATE_TEST_CASE("rule 33: an open hold is settled by the linear prices that it was opened with",
                   "", lends_heads, gives_whole_pages) {
    const prices sold{list(1), 0};  // replaced lists are not kept
    lab<TestType, live_plan> l{{.cost = sold}};
    l.grant(1'000_cr);
    for (const usage_case& u : linear) {
        CAPTURE(u.action);
        sold.replace(list(1));
        auto hold = l.w.hold(of(u)).or_throw();
        sold.replace(list(2));
        CHECK(hold.settle(u.used).or_throw().cost == u.costs);
        auto later = l.w.hold(of(u)).or_throw();
        CHECK(later.settle(u.used).or_throw().cost >= u.costs);
        sold.replace(list(1));
        auto gone = l.w.hold(of(u)).or_throw();
        sold.replace({});  // the action has no price any more
        CHECK(gone.settle(u.used).or_throw().cost == u.costs);
    }
}

TEMPLATE_TEST_CASE("rule 33: for other prices a hold names the version, as long as it is there", "",
                   lends_heads, gives_whole_pages) {
    const prices sold{list(1), 1};  // one list that was replaced is kept
    lab<TestType, live_plan> l{{.cost = sold}};
    l.grant(1'000_cr);
    for (const usage_case& u : versioned) {
        CAPTURE(u.action);
        sold.replace(list(1));
        auto hold = l.w.hold(of(u)).or_throw();
        sold.replace(list(2));
        CHECK(hold.settle(u.used).or_throw().cost == u.costs);
        sold.replace(list(1));
        auto again = l.w.hold(of(u)).or_throw();
        sold.replace(list(2));
        sold.replace(list(3));
        if (u.used.amount) continue;
        const auto refused = again.settle(u.used);
        REQUIRE(refused == errc::unknown_plan);
        CHECK(refused.error().subject() == u.action);
        CHECK(again.owns());
        sold.replace(list(1));  // the same figures are the same version, whoever wrote them
        CHECK(again.settle(u.used).or_throw().cost == u.costs);
    }
}

TEMPLATE_TEST_CASE("rule 33: where the version is gone, a hold is settled by an amount alone", "",
                   lends_heads, gives_whole_pages) {
    const prices sold{list(1), 0};
    lab<TestType, live_plan> l{{.cost = sold}};
    l.grant(1'000_cr);
    auto crawl = l.w.hold({.action = "crawl", .at_most = 20_cr}).or_throw();
    auto message = l.w.hold({.action = "message", .amount = 0.5_cr}).or_throw();
    auto whole = l.w.hold({.action = "render", .quantity = 3_units}).or_throw();
    CHECK(message.settle({.amount = 0.05_cr}) == errc::invalid_argument);  // below its range
    sold.replace(list(5));
    CHECK(crawl.settle({.quantity = 1_units}) == errc::unknown_plan);
    CHECK(crawl.settle({.amount = 21_cr}) == errc::settle_exceeds);
    CHECK(crawl.settle({.amount = 7_cr}).or_throw().cost == 7_cr);
    CHECK(message.settle({.amount = 0.05_cr}).or_throw().cost == 0.05_cr);
    CHECK(whole.settle().or_throw().cost == 3_cr);
}

namespace {

coffer::any_plan priced(std::int64_t times) {
    lab_plan plan;
    plan.cost = list(times);
    return coffer::any_plan{plan};
}
/// Pro is twice as dear; basic is the default.
coffer::plan_book basic_and_pro() {
    coffer::plan_book book;
    book.add("basic", priced(1)).or_throw();
    book.add("pro", priced(2)).or_throw();
    book.set_default("basic").or_throw();
    return book;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 33: a hold keeps the prices of the plan under which it was opened", "",
                   lends_heads, gives_whole_pages) {
    coffer::plan_book book = basic_and_pro();
    lab<TestType, coffer::plan_book> l{book};
    l.grant(1'000_cr);
    const auto open = [&](std::string_view action) {
        return l.w.hold({.action = action, .at_most = 20_cr}).or_throw();
    };
    auto flat = open("flat");
    auto kept = open("crawl");
    auto lost = open("crawl");
    l.w.change({.plan = "pro"}).or_throw();
    CHECK(flat.settle({.quantity = 1_units}).or_throw().cost == 2_cr);
    CHECK(kept.settle({.quantity = 12_units}).or_throw().cost == 11_cr);
    auto dearer = open("crawl");
    CHECK(dearer.settle({.quantity = 5_units}).or_throw().cost == 10_cr);
    book.replace("basic", priced(3)).or_throw();
    CHECK(lost.settle({.quantity = 12_units}) == errc::unknown_plan);
    book.set_default("pro").or_throw();
    book.remove("basic").or_throw();
    CHECK(lost.settle({.quantity = 12_units}) == errc::unknown_plan);
    CHECK(lost.settle({.amount = 11_cr}).or_throw().cost == 11_cr);
}

TEST_CASE("rule 33: a hold of a wallet without a plan keeps the prices of the default of then") {
    coffer::plan_book book = basic_and_pro();
    lab<coffer::memory_store, coffer::plan_book> l{book};
    l.grant(1'000_cr);
    for (const usage_case& u : versioned) {
        CAPTURE(u.action);
        book.set_default("basic").or_throw();
        auto hold = l.w.hold(of(u)).or_throw();
        book.set_default("pro").or_throw();
        const auto settled = hold.settle(u.used);
        REQUIRE(settled);
        CHECK(settled->cost == u.costs);
    }
}

namespace {

/// Each wallet's factor, which may change.
struct factors {
    const factor* now = nullptr;
    factor operator()(std::string_view wallet) const { return wallet == "acme" ? *now : factor{}; }
};
struct scaled_plan : lab_plan {
    cost::scaled<prices, factors> cost{};
};

}  // namespace

TEMPLATE_TEST_CASE("rule 33: a hold keeps its customer's factor", "", lends_heads,
                   gives_whole_pages) {
    factor agreed{1, 3};
    scaled_plan plan;
    plan.cost = {.list = {list(1), 4}, .by = {&agreed}};
    lab<TestType, scaled_plan> l{plan};
    l.grant(1'000_cr);
    const auto open = [&](std::string_view action) {
        return l.w.hold({.action = action, .at_most = 20_cr}).or_throw();
    };
    CHECK(l.w.charge({.action = "flat"}).or_throw().cost == 0.666667_cr);
    auto flat = open("flat");
    auto crawl = open("crawl");
    auto changed = open("crawl");
    plan.cost.list.replace(list(7));
    CHECK(crawl.settle({.quantity = 12_units}).or_throw().cost == 3.666667_cr);
    agreed = {1, 1};
    CHECK(flat.settle({.quantity = 3_units}).or_throw().cost == 2_cr);
    CHECK(changed.settle({.quantity = 12_units}) == errc::unknown_plan);
    agreed = {2, 6};  // the same factor
    CHECK(changed.settle({.quantity = 12_units}).or_throw().cost == 3.666667_cr);
}

TEMPLATE_TEST_CASE("a customer's factor holds for charges, quotes, explanations and estimates", "",
                   lends_heads, gives_whole_pages) {
    const factor agreed = coffer::discount(coffer::percent{25});
    scaled_plan plan;
    plan.cost = {.list = {list(1)}, .by = {&agreed}};
    lab<TestType, scaled_plan> l{plan};
    l.grant(10_cr);
    CHECK(l.w.quote({.action = "flat"}).or_throw().receipt.cost == 1.5_cr);
    CHECK(l.w.quote({.action = "flat"}).or_throw().times == factor{3, 4});
    CHECK(l.w.explain({.action = "flat"}).or_throw().price.total == 1.5_cr);
    CHECK(l.w.explain_hold({.action = "flat"}).or_throw().price.total == 1.5_cr);
    CHECK(l.w.estimate({{.action = "message", .count = 4}}).or_throw().most == 3_cr);
    const auto charged = l.w.charge({.action = "flat"}).or_throw();
    CHECK(charged.cost == 1.5_cr);
    CHECK(l.w.explain(charged.id).or_throw().price.times == factor{3, 4});
    CHECK(l.w.charge({.action = "message", .amount = 0.8_cr}) == errc::invalid_argument);
    CHECK(l.w.charge({.action = "message", .amount = 0.75_cr}).or_throw().cost == 0.75_cr);
    CHECK(l.w.hold({.action = "flat"}).or_throw().amount() == 1.5_cr);
    l.wallets["other"].grant({.bucket = "package", .amount = 5_cr}).or_throw();
    CHECK(l.wallets["other"].charge({.action = "flat"}).or_throw().cost == 2_cr);
}

TEMPLATE_TEST_CASE("a settle of the past is explained by the prices that its hold kept", "",
                   lends_heads, gives_whole_pages) {
    const prices sold{list(1), 1};
    lab<TestType, live_plan> l{{.cost = sold}};
    l.grant(100_cr);
    auto minute = l.w.hold({.action = "minute", .at_most = 20_cr}).or_throw();
    auto crawl = l.w.hold({.action = "crawl", .at_most = 20_cr}).or_throw();
    sold.replace(list(2));
    const auto by_rate = minute.settle({.quantity = 5_units}).or_throw();
    const auto by_version = crawl.settle({.quantity = 12_units}).or_throw();
    const auto lines = [&](const coffer::receipt& r) {
        const auto why = l.w.explain(r.id).or_throw();
        CHECK(why.price.total == r.cost);
        return why.price.lines.size();
    };
    CHECK(lines(by_rate) == 1);
    CHECK(lines(by_version) == 2);
    sold.replace(list(3));
    CHECK(lines(by_rate) == 1);
    CHECK(lines(by_version) == 0);  // the list is gone: the total alone
}

TEMPLATE_TEST_CASE("rule 23: a hold that is opened anew keeps the prices of then", "", lends_heads,
                   gives_whole_pages) {
    const prices sold{list(1), 0};
    lab<TestType, live_plan> l{{.cost = sold}};
    l.grant(100_cr);
    const coffer::hold_request r{.action = "flat", .at_most = 20_cr, .request = "again"};
    l.w.hold(r).or_throw().release().or_throw();
    sold.replace(list(2));
    CHECK(l.w.hold(r).or_throw().settle({.quantity = 1_units}).or_throw().cost == 4_cr);
}
