#include "support/wallet_fixture.hpp"

#include <coffer/io/plan_file.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace coffer_test;

namespace {

using coffer::errc;

coffer::any_plan plan_of(std::string_view json) { return coffer::read_plan(json).or_throw(); }
/// The plan with one bucket that has this besides its name.
coffer::any_bucket bucket_of(std::string_view members) {
    return plan_of("{\"buckets\": [{\"name\": \"b\", " + std::string{members} + "}]}").buckets[0];
}
/// The price of a usage of "a", where its cost is written so.
coffer::result<coffer::price> price_of(std::string_view cost, const coffer::usage& used = {}) {
    coffer::usage asked = used;
    asked.action = "a";
    return plan_of("{\"costs\": {\"a\": " + std::string{cost} + "}}").cost.price(asked);
}
coffer::credits cost_of(std::string_view cost, const coffer::usage& used = {}) {
    return price_of(cost, used).or_throw().total;
}
coffer::credits cost_of(std::string_view cost, coffer::quantity units) {
    return cost_of(cost, {.quantity = units});
}

/// "code path" of what is wrong; empty if nothing is.
std::string wrong(std::string_view json) {
    const auto plan = coffer::read_plan(json);
    if (plan) return {};
    CHECK_FALSE(plan.error().message.empty());
    return std::string{to_string(plan.error().code)} + " " + plan.error().path;
}
std::string wrong_bucket(std::string_view members) {
    return wrong("{\"buckets\": [{\"name\": \"b\", " + std::string{members} + "}]}");
}
std::string wrong_cost(std::string_view cost) {
    return wrong("{\"costs\": {\"a\": " + std::string{cost} + "}}");
}

const std::string_view whole = R"({
    "zone": "Europe/Berlin",
    "buckets": [
      { "name": "budget", "refill": {"every": "1 month", "amount": "100", "paid": "9.00 EUR"},
        "rollover": {"cap": "20", "hops": 2, "keeps": "45 days", "trim": "newest"},
        "expiry": "period_end", "refund": "none", "only": ["chat", "ai/fast"] },
      { "name": "package", "refill": "none", "rollover": "all", "expiry": {"after": "12 months"},
        "refund": {"within": "14 days", "basis": "full", "first_purchase_only": true},
        "restore": {"regrant": "7 days"} }
    ],
    "costs": { "chat": "1", "voice": {"rate": "3", "per": "1 minute", "category": "voice/call"} },
    "spend_order": ["bucket", "newest", "id"],
    "overdraft": {"limit": "10", "partial": true},
    "debt_at_reset": "drop",
    "refusals": "sticky",
    "late": "2 days",
    "clawback": "negative",
    "unit": "tokens"
  })";

/// What the file above says, as a static plan says it.
struct twin_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{1_cr}},
                            {"voice", coffer::cost::per_unit{.each = 3_cr_each}, "voice/call"}};
    struct {
        coffer::refill::every refill{.length = coffer::months{1},
                                     .amount = 100_cr,
                                     .price = coffer::money::from_minor(900, "EUR")};
        coffer::rollover::capped rollover{
            .limit = 20_cr,
            .terms = {.hops = 2, .keeps = coffer::days{45}, .trim = coffer::trim::newest}};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
        coffer::only only{"chat", "ai/fast"};
    } budget{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::after expiry{coffer::months{12}};
        coffer::refund::within refund{.window = coffer::days{14},
                                      .of = coffer::refund::basis::full,
                                      .first_purchase_only = true};
        coffer::restore::regrant restore{coffer::days{7}};
    } package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"budget", &twin_plan::budget},
                         coffer::bucket{"package", &twin_plan::package});
    coffer::overdraft::limit overdraft{.amount = 10_cr, .partial = true};
    coffer::access::anyone access{};
    coffer::spend_order::by order{coffer::order_key::bucket, coffer::order_key::newest,
                                  coffer::order_key::id};
    coffer::late_events late{.back = 48h};
    coffer::debt_at_reset::drop debt_at_reset{};
    coffer::refusals::sticky refusals{};
    coffer::clawback::negative clawback{};
};

template <class Lab>
journal live(Lab& l) {
    l.audited = false;
    l.w.start({.zone = in_zone("Europe/Berlin")}).or_throw();
    for (int i = 0; i < 40; ++i) {
        l.clock.advance(24h * (i % 7));
        (void)l.w.grant({.bucket = "package", .amount = micros(i * 700'000 + 1), .paid = usd(i)});
        (void)l.w.charge({.action = "chat", .quantity = 5_units});
        (void)l.w.charge({.action = "voice",
                          .quantity = coffer::quantity::from_micros(i * 1'300'000),
                          .at = l.clock.now() - 1h * i});
        (void)l.w.refund({.entry = coffer::entry_id{static_cast<std::uint32_t>(3 * i)}});
        (void)l.w.refund_purchase({.lot = coffer::lot_id{static_cast<std::uint32_t>(2 * i)}});
    }
    return l.entries();
}

}  // namespace

TEST_CASE("a plan from a file gives the journal of the static plan that says the same") {
    lab<lends_heads, twin_plan> one;
    lab<lends_heads, coffer::any_plan> two{plan_of(whole)};
    const journal a = live(one);
    CHECK(a == live(two));
    CHECK(one.stored() == two.stored());
    CHECK(a.size() > 80);
}

TEST_CASE("a plan file says the plan's own parts") {
    const coffer::any_plan plan = plan_of(whole);
    CHECK(plan.zone == in_zone("Europe/Berlin"));
    CHECK(plan.unit == "tokens");
    CHECK(plan.late.back == coffer::days{2});
    CHECK(plan.overdraft.terms() == coffer::overdraft_terms{.limit = 10_cr, .partial = true});
    CHECK(plan.debt_at_reset.drops());
    CHECK(plan.refusals.stick());
    CHECK(plan.clawback.of_spent() == coffer::shortfall::owed);
    CHECK(plan.order.fingerprint() == twin_plan{}.order.fingerprint());
    CHECK(plan.cost.category("voice") == "voice/call");
    CHECK(plan.cost.category("chat").empty());
    CHECK(plan_of(R"({"overdraft": "take_available"})").overdraft.terms().partial);
    CHECK(plan_of(R"({"overdraft": {"limit": "3"}})").overdraft.terms() ==
          coffer::overdraft_terms{.limit = 3_cr, .partial = false});
    CHECK(plan_of(R"({"overdraft": "bill_later"})").overdraft.terms() ==
          coffer::overdraft::bill_later{}.terms());
    CHECK(plan_of(R"({"overdraft": {"bill_later": {"limit": "5", "price": "0.10 USD",
                                                   "per": "20"}}})")
              .overdraft.terms() == coffer::overdraft::bill_later{5_cr, usd(10), 20_cr}.terms());
    CHECK(plan_of(R"({"clawback": "refuse"})").clawback.of_spent() == coffer::shortfall::refused);
    CHECK(plan_of(R"({"late": "1 week"})").late.back == coffer::weeks{1});
    CHECK(plan_of(R"({"late": "90 seconds"})").late.back == 90s);
}

TEST_CASE("a plan file says what customers may choose, and the plan's revision") {
    const coffer::any_plan plan = plan_of(R"({
        "buckets": [{"name": "b"}],
        "choices": {
            "alerts": 3, "limits": 50, "budget": true,
            "recharge": {"offers": ["s", "l"], "most_threshold": "200",
                         "most_monthly_limit": "100.00 EUR"},
            "defaults": {
                "alerts": ["25%", {"name": "few", "at": "10", "of": ["b"]}],
                "limits": [{"member": "*", "per": "day", "amount": "5"}],
                "budget": {"amount": "500", "per": "week", "warn": true},
                "recharge": {"on": false, "offer": "s", "threshold": "50",
                             "monthly_limit": "20.00 EUR"} } },
        "revision": 7 })");
    const auto eur = [](std::int64_t cents) { return coffer::money::from_minor(cents, "EUR"); };
    const coffer::choices same{
        .alerts = 3,
        .limits = 50,
        .budget = true,
        .recharge = {.allowed = true,
                     .offers = {"s", "l"},
                     .most_threshold = 200_cr,
                     .most_monthly_limit = eur(10'000)},
        .defaults = {
            .alerts = {{.name = "25%", .at = coffer::percent{25}},
                       {.name = "few", .at = 10_cr, .of = {"b"}}},
            .limits = {{.member = "*", .per = coffer::window::day, .amount = 5_cr}},
            .budget = coffer::budget{500_cr, coffer::window::week, true},
            .recharge = coffer::recharge_setting{
                .on = false, .offer = "s", .threshold = 50_cr, .monthly_limit = eur(2'000)}}};
    CHECK(plan.choices == same);
    CHECK(plan.revision == 7);
    CHECK(plan_of(R"({"choices": {}})").choices == coffer::choices{});
    CHECK(plan_of(R"({"choices": {"recharge": {}}})").choices.recharge.allowed);
}

TEST_CASE("what is wrong with the choices of a plan file is told with its place") {
    const auto of = [](std::string_view said) {
        return wrong(R"({"buckets": [{"name": "b"}], "choices": )" + std::string{said} + "}");
    };
    const std::string at = "invalid_argument plan.choices";
    CHECK(of(R"({"alert": 1})") == at + ".alert");
    CHECK(of(R"({"alerts": "1"})") == at + ".alerts");
    CHECK(of(R"({"alerts": 63})") == at + ".alerts");
    CHECK(of(R"({"limits": -1})") == at + ".limits");
    CHECK(of(R"({"limits": 100})") == at + ".limits");
    CHECK(of(R"({"budget": 1})") == at + ".budget");
    CHECK(of(R"({"recharge": true})") == at + ".recharge");
    CHECK(of(R"({"recharge": {"offers": [""]}})") == at + ".recharge.offers[0]");
    CHECK(of(R"({"recharge": {"most_threshold": "-1"}})") == at + ".recharge.most_threshold");
    CHECK(of(R"({"recharge": {"most_monthly_limit": "1"}})") ==
          at + ".recharge.most_monthly_limit");
    CHECK(of(R"({"defaults": {"alerts": [{"name": "a"}]}})") == at + ".defaults.alerts[0]");
    CHECK(of(R"({"defaults": {"limits": [{"per": "day", "amount": "1"}]}})") ==
          at + ".defaults.limits[0]");
    CHECK(of(R"({"defaults": {"budget": {}}})") == at + ".defaults.budget");
    CHECK(of(R"({"defaults": {"budget": {"amount": "1", "per": "year"}}})") ==
          at + ".defaults.budget.per");
    CHECK(of(R"({"defaults": {"recharge": {"on": "yes"}}})") == at + ".defaults.recharge.on");
    CHECK(wrong(R"({"revision": "1"})") == "invalid_argument plan.revision");
    CHECK(wrong(R"({"revision": -1})") == "invalid_argument plan.revision");
}

TEST_CASE("what a plan file leaves out has the default of the format") {
    const coffer::any_plan plan = plan_of(R"({"buckets": [{"name": "b"}]})");
    CHECK(plan.zone == coffer::zone::utc());
    CHECK(plan.unit == "credits");
    CHECK(plan.late.back == 0h);
    CHECK(plan.overdraft.terms() == coffer::overdraft_terms{});
    CHECK_FALSE(plan.debt_at_reset.drops());
    CHECK_FALSE(plan.refusals.stick());
    CHECK(plan.clawback.of_spent() == coffer::shortfall::uncollected);
    CHECK(plan.order.fingerprint() == coffer::spend_order::standard.fingerprint());
    CHECK(plan.cost.price({.action = "a"}) == errc::unknown_action);
    const coffer::any_bucket& b = plan.buckets[0];
    CHECK(b.refill.cadence().is_zero());
    CHECK(b.rollover.carry({.unused = 5_cr, .granted = 5_cr}) == 0_cr);
    CHECK(b.expiry.life({})->until == coffer::never);
    CHECK(b.refund.worth({.paid = usd(5)}) == errc::not_refundable);
    CHECK(b.restore.grace().is_zero());
    CHECK(b.only.is_open());
    CHECK(plan_of("{}").buckets.empty());
}

TEST_CASE("a plan file says how a bucket refills") {
    const coffer::any_bucket b =
        bucket_of(R"("refill": {"every": "10 days", "amount": "2.5", "paid": "3.00 USD"})");
    CHECK(b.refill.cadence() == coffer::timespan{coffer::days{10}});
    CHECK(b.refill.allowance({}) == 2.5_cr);
    CHECK(b.refill.paid() == usd(300));
    CHECK(wrong_bucket(R"("refill": {"every": "0 days", "amount": "1"})") ==
          "invalid_argument plan.buckets[0].refill.every");
    CHECK(wrong_bucket(R"("refill": {"every": "1 day", "amount": "-1"})") ==
          "invalid_argument plan.buckets[0].refill.amount");
    CHECK(wrong_bucket(R"("refill": {"every": "1 day", "amount": "1", "paid": "-3.00 USD"})") ==
          "invalid_argument plan.buckets[0].refill.paid");
    CHECK(wrong_bucket(R"("refill": {"every": "1 day"})") ==
          "invalid_argument plan.buckets[0].refill");
    CHECK(wrong_bucket(R"("refill": {"amount": "1"})") ==
          "invalid_argument plan.buckets[0].refill");
    CHECK(wrong_bucket(R"("refill": "monthly")") == "invalid_argument plan.buckets[0].refill");
}

TEST_CASE("a plan file says what rolls over") {
    const coffer::ended_allowance ended{.unused = 60_cr, .granted = 100_cr};
    auto carried = [&](std::string_view rollover) {
        return bucket_of("\"rollover\": " + std::string{rollover}).rollover.carry(ended);
    };
    CHECK(carried(R"("none")") == 0_cr);
    CHECK(carried(R"("all")") == 60_cr);
    CHECK(carried(R"({"all": true})") == 60_cr);
    CHECK(carried(R"({"cap": "50"})") == 50_cr);
    CHECK(carried(R"({"fraction": "0.5"})") == 30_cr);
    CHECK(carried(R"({"fraction": "0.333333333"})") == 19.999999_cr);
    CHECK(carried(R"({"fraction": "1"})") == 60_cr);
    CHECK(carried(R"({"cap_percent": "33"})") == 33_cr);
    CHECK(carried(R"({"cap_percent": "12.5"})") == 12.5_cr);
    CHECK(carried(R"({"cap_percent": "200"})") == 60_cr);

    const auto terms =
        bucket_of(R"("rollover": {"all": true, "hops": 3, "keeps": "2 months", "trim": "newest"})")
            .rollover.terms;
    CHECK(terms == coffer::rollover_terms{
                       .hops = 3, .keeps = coffer::months{2}, .trim = coffer::trim::newest});
    CHECK(bucket_of(R"("rollover": "all")").rollover.terms == coffer::rollover_terms{});

    for (std::string_view bad :
         {R"({"all": false})", R"({"all": true, "cap": "1"})", R"({"hops": 1})", "{}",
          R"({"cap": "-1"})", R"({"fraction": "1.1"})", R"({"fraction": "-0.1"})",
          R"({"cap_percent": "5%"})", R"({"all": true, "hops": -1})",
          R"({"all": true, "hops": 1.5})", R"({"all": true, "hops": "1"})",
          R"({"all": true, "hops": 65535})", R"({"all": true, "keeps": "0 days"})",
          R"({"all": true, "trim": "middle"})", R"("some")", "true", "[]", "null"}) {
        CAPTURE(bad);
        CHECK(wrong_bucket("\"rollover\": " + std::string{bad})
                  .starts_with("invalid_argument plan.buckets[0].rollover"));
    }
}

TEST_CASE("a plan file says how long credits live") {
    const coffer::lot_birth born{
        .effective = at("2026-01-31T00:00:00Z"),
        .running = coffer::period{0, at("2026-01-31T00:00:00Z"), at("2026-02-28T00:00:00Z")}};
    auto until = [&](std::string_view expiry) {
        return bucket_of("\"expiry\": " + std::string{expiry}).expiry.life(born)->until;
    };
    CHECK(until(R"("never")") == coffer::never);
    CHECK(until(R"("period_end")") == at("2026-02-28T00:00:00Z"));
    CHECK(until(R"({"after": "1 year"})") == at("2027-01-31T00:00:00Z"));
    for (std::string_view bad : {R"("soon")", R"({"after": "0 days"})", R"({"after": "soon"})",
                                 R"({"after": 12})", "{}"}) {
        CAPTURE(bad);
        CHECK(wrong_bucket("\"expiry\": " + std::string{bad})
                  .starts_with("invalid_argument plan.buckets[0].expiry"));
    }
}

TEST_CASE("a plan file says what comes back") {
    const coffer::purchase bought{.paid = usd(1'000),
                                  .granted = 100_cr,
                                  .unspent = 50_cr,
                                  .bought = at("2026-01-01T00:00:00Z"),
                                  .now = at("2026-01-10T00:00:00Z"),
                                  .first = false};
    auto worth = [&](std::string_view refund) {
        return bucket_of("\"refund\": " + std::string{refund}).refund.worth(bought);
    };
    CHECK(worth(R"("none")") == errc::not_refundable);
    CHECK(worth(R"("full")") == usd(1'000));
    CHECK(worth(R"({"within": "14 days"})") == usd(500));
    CHECK(worth(R"({"within": "9 days"})") == errc::not_refundable);
    CHECK(worth(R"({"within": "14 days", "basis": "unspent"})") == usd(500));
    CHECK(worth(R"({"within": "14 days", "basis": "full"})") == usd(1'000));
    CHECK(worth(R"({"within": "14 days", "first_purchase_only": false})") == usd(500));
    CHECK(worth(R"({"within": "14 days", "first_purchase_only": true})") == errc::not_refundable);
    CHECK(bucket_of(R"("restore": "forfeit")").restore.grace().is_zero());
    CHECK(bucket_of(R"("restore": {"regrant": "36 hours"})").restore.grace() ==
          coffer::timespan{36h});
    CHECK(wrong_bucket(R"("refund": {"basis": "full"})") ==
          "invalid_argument plan.buckets[0].refund");
    CHECK(wrong_bucket(R"("refund": {"within": "1 day", "first_purchase_only": "yes"})") ==
          "invalid_argument plan.buckets[0].refund.first_purchase_only");
    CHECK(wrong_bucket(R"("restore": {"regrant": "36"})") ==
          "invalid_argument plan.buckets[0].restore.regrant");
}

TEST_CASE("a plan file says who may draw on a bucket") {
    const coffer::any_only only = bucket_of(R"("only": ["chat", "ai/fast"])").only;
    CHECK(only.allows("chat"));
    CHECK(only.allows("x", "ai/fast/model-x"));
    CHECK_FALSE(only.allows("x", "ai/faster"));
    CHECK_FALSE(only.allows(""));
    CHECK(wrong_bucket(R"("only": [])") == "invalid_argument plan.buckets[0].only");
    CHECK(wrong_bucket(R"("only": ["chat", ""])") == "invalid_argument plan.buckets[0].only[1]");
    CHECK(wrong_bucket(R"("only": "chat")") == "invalid_argument plan.buckets[0].only");
}

TEST_CASE("a plan file says prices of one figure") {
    CHECK(cost_of(R"("1")") == 1_cr);
    CHECK(cost_of(R"("1.5")", 3_units) == 4.5_cr);
    CHECK(cost_of(R"("0")") == 0_cr);
    CHECK(cost_of(R"({"price": "1", "category": "a/b"})") == 1_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "1 minute"})", 1.5_units) == 4.5_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "minute"})", 2_units) == 6_cr);
    CHECK(cost_of(R"({"rate": "0.003", "per": "1000 tokens"})", 500_units) == 0.0015_cr);
    CHECK(cost_of(R"({"rate": "1", "per": "3 pages"})", 3_units) == 1_cr);
    CHECK(cost_of(R"({"rate": "1", "per": "3 pages"})", 1_units) == 0.333334_cr);
    CHECK(cost_of(R"({"rate": "1", "per": "0.5 hours"})", 2_units) == 4_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "1 minute", "increment": "1", "minimum": "5"})",
                  1.1_units) == 6_cr);
    CHECK(cost_of(R"({"rate": "3", "per": "1 minute", "increment": "1", "minimum": "5"})",
                  0.1_units) == 5_cr);
    CHECK(cost_of(R"({"rate": "3"})", 1.5_units) == 4.5_cr);
    CHECK(cost_of(R"({"rate": "3", "minimum_if_used": "2"})", 0.1_units) == 2_cr);
    CHECK(cost_of(R"({"rate": "3", "minimum_if_used": "2"})", 0_units) == 0_cr);
    CHECK(cost_of(R"({"rate": "3", "minimum": "1", "minimum_if_used": "2"})", 0_units) == 1_cr);
    auto rounded = [](std::string_view mode) {
        return cost_of(R"({"rate": "0.5", "per": "1 unit", "places": 0, "rounding": ")" +
                           std::string{mode} + "\"}",
                       5_units);
    };
    CHECK(rounded("up") == 3_cr);
    CHECK(rounded("down") == 2_cr);
    CHECK(rounded("half_up") == 3_cr);
    CHECK(rounded("half_even") == 2_cr);
}

TEST_CASE("a plan file says prices of tokens, tiers, packages and ranges") {
    CHECK(cost_of(R"({"rates": {"input": "0.001", "output": "0.005", "reasoning": "0.004",
                                "cached": "0.0001"}})",
                  {.input_tokens = 1'000,
                   .output_tokens = 100,
                   .reasoning_tokens = 10,
                   .cached_tokens = 50}) == 1.545_cr);
    CHECK(cost_of(R"({"rates": {"cache_write": "1.25", "cache_write_1h": "2", "audio_input": "4",
                                "audio_output": "5", "image_input": "6", "image_output": "7",
                                "citation": "8"}})",
                  {.cache_write_tokens = 4,
                   .cache_write_1h_tokens = 1,
                   .audio_input_tokens = 1,
                   .audio_output_tokens = 1,
                   .image_input_tokens = 1,
                   .image_output_tokens = 1,
                   .citation_tokens = 1}) == 37_cr);
    const std::string_view tiers = R"([{"up_to": "10", "rate": "2", "flat": "1"},
                                       {"up_to": "20", "rate": "1"}, {"rate": "0.5"}])";
    CHECK(cost_of("{\"graduated\": " + std::string{tiers} + "}", 25_units) == 33.5_cr);
    CHECK(cost_of("{\"volume\": " + std::string{tiers} + "}", 20_units) == 20_cr);
    const std::string_view pack = R"({"package": {"size": "10", "price": "4", "free": "5"}})";
    CHECK(cost_of(pack, 5_units) == 0_cr);
    CHECK(cost_of(pack, 16_units) == 8_cr);
    CHECK(cost_of(R"({"package": {"size": "10", "price": "4"}})", 10_units) == 4_cr);

    const coffer::any_plan plan = plan_of(R"({"costs": {"a": {"range": ["0.1", "1"]}}})");
    CHECK(plan.cost.range({.action = "a"}) == coffer::price_range{0.1_cr, 1_cr});
}

TEST_CASE("a plan file may begin with a byte order mark") {
    CHECK(coffer::read_plan("\xEF\xBB\xBF{\"unit\": \"tokens\"}").or_throw().unit == "tokens");
}

TEST_CASE("a price that makes no sense is refused at its place") {
    CHECK(wrong_cost(R"("-1")") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost("1") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost("{}") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"category": "x"})") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"per": "1 x"})") == "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"price": "1", "minimum_if_used": "2"})") ==
          "invalid_argument plan.costs.a.minimum_if_used");
    CHECK(wrong_cost(R"({"rate": "1", "minimum_if_used": "-2"})") ==
          "invalid_argument plan.costs.a.minimum_if_used");
    CHECK(wrong_cost(R"({"rate": "1", "price": "1", "per": "1 x"})") ==
          "invalid_argument plan.costs.a");
    CHECK(wrong_cost(R"({"rate": "-1", "per": "1 x"})") == "invalid_argument plan.costs.a.rate");
    CHECK(wrong_cost(R"({"price": "1", "places": 2})") == "invalid_argument plan.costs.a.places");
    CHECK(wrong_cost(R"({"rate": "1", "per": "1 x", "places": 7})") ==
          "invalid_argument plan.costs.a.places");
    CHECK(wrong_cost(R"({"rate": "1", "per": "1 x", "rounding": "off"})") ==
          "invalid_argument plan.costs.a.rounding");
    CHECK(wrong_cost(R"({"price": "1", "category": ""})") ==
          "invalid_argument plan.costs.a.category");
    for (std::string_view per : {"", "0 pages", "-1 page", "1", "10", "1 ", "1.0000001 pages"}) {
        CAPTURE(per);
        CHECK(wrong_cost(R"({"rate": "1", "per": ")" + std::string{per} + "\"}") ==
              "invalid_argument plan.costs.a.per");
    }
    CHECK(wrong_cost(R"({"rate": "1", "per": "99999999999999 pages"})") ==
          "amount_overflow plan.costs.a.per");
    CHECK(wrong_cost(R"({"range": ["2", "1"]})") == "invalid_argument plan.costs.a.range");
    CHECK(wrong_cost(R"({"range": ["1"]})") == "invalid_argument plan.costs.a.range");
    CHECK(wrong_cost(R"({"range": ["1", "x"]})") == "invalid_argument plan.costs.a.range[1]");
    CHECK(wrong_cost(R"({"rates": {"inputs": "1"}})") ==
          "invalid_argument plan.costs.a.rates.inputs");
    CHECK(wrong_cost(R"({"graduated": []})") == "invalid_argument plan.costs.a.graduated");
    CHECK(wrong_cost(R"({"graduated": [{"up_to": "5", "rate": "1"}]})") ==
          "invalid_argument plan.costs.a.graduated");
    CHECK(wrong_cost(R"({"volume": [{"up_to": "5", "rate": "1"}, {"up_to": "5", "rate": "1"},
                                    {"rate": "1"}]})") == "invalid_argument plan.costs.a.volume");
    CHECK(wrong_cost(R"({"volume": [{"up_to": "5"}, {"rate": "1"}]})") ==
          "invalid_argument plan.costs.a.volume[0]");
    CHECK(wrong_cost(R"({"package": {"size": "0", "price": "1"}})") ==
          "invalid_argument plan.costs.a.package");
    CHECK(wrong_cost(R"({"package": {"size": "1", "price": "1", "free": "-1"}})") ==
          "invalid_argument plan.costs.a.package.free");
    CHECK(wrong(R"({"costs": {"": "1"}})").starts_with("invalid_argument plan.costs"));
    CHECK(wrong("{\"costs\": {\"" + std::string(64, 'a') + "\": \"1\"}}")
              .starts_with("invalid_argument plan.costs.aaa"));
}

TEST_CASE("a key that is not defined is refused by its path, at each level") {
    CHECK(wrong(R"({"overdrafts": "deny"})") == "invalid_argument plan.overdrafts");
    CHECK(wrong_bucket(R"("expires": "never")") == "invalid_argument plan.buckets[0].expires");
    CHECK(wrong_bucket(R"("refill": {"every": "1 day", "amount": "1", "anchor": ""})") ==
          "invalid_argument plan.buckets[0].refill.anchor");
    CHECK(wrong_bucket(R"("rollover": {"all": true, "hop": 1})") ==
          "invalid_argument plan.buckets[0].rollover.hop");
    CHECK(wrong_bucket(R"("expiry": {"before": "1 day"})") ==
          "invalid_argument plan.buckets[0].expiry.before");
    CHECK(wrong_bucket(R"("refund": {"within": "14 days", "bases": "full"})") ==
          "invalid_argument plan.buckets[0].refund.bases");
    CHECK(wrong_bucket(R"("restore": {"regrants": "1 day"})") ==
          "invalid_argument plan.buckets[0].restore.regrants");
    CHECK(wrong(R"({"overdraft": {"limits": "1"}})") == "invalid_argument plan.overdraft.limits");
    CHECK(wrong_cost(R"({"rate": "1", "per": "1 x", "minimun": "1"})") ==
          "invalid_argument plan.costs.a.minimun");
    CHECK(wrong_cost(R"({"package": {"size": "1", "price": "1", "fee": "1"}})") ==
          "invalid_argument plan.costs.a.package.fee");
    CHECK(wrong_cost(R"({"graduated": [{"rate": "1", "upto": "1"}]})") ==
          "invalid_argument plan.costs.a.graduated[0].upto");
    CHECK(wrong(R"({"buckets": [{}]})") == "invalid_argument plan.buckets[0]");
}

TEST_CASE("other parts of a plan that make no sense are refused by their path") {
    CHECK(wrong(R"({"zone": "Europe/Atlantis"})") == "unknown_zone plan.zone");
    CHECK(wrong(R"({"zone": 5})") == "invalid_argument plan.zone");
    CHECK(wrong(R"({"buckets": {}})") == "invalid_argument plan.buckets");
    CHECK(wrong(R"({"buckets": [{"name": "a"}, {"name": "a"}]})") ==
          "invalid_argument plan.buckets[1].name");
    CHECK(wrong(R"({"buckets": [{"name": ""}]})") == "invalid_argument plan.buckets[0].name");
    CHECK(wrong(R"({"buckets": ["a"]})") == "invalid_argument plan.buckets[0]");
    CHECK(wrong(R"({"spend_order": ["bucket", "size"]})") ==
          "invalid_argument plan.spend_order[1]");
    CHECK(wrong(R"({"spend_order": ["id", "id"]})") == "invalid_argument plan.spend_order[1]");
    CHECK(wrong(R"({"overdraft": "allow"})") == "invalid_argument plan.overdraft");
    CHECK(wrong(R"({"overdraft": {"limit": "-1"}})") == "invalid_argument plan.overdraft.limit");
    const std::string place = "plan.overdraft.bill_later";
    const auto billed = [](std::string_view said) {
        return wrong(R"({"overdraft": {"bill_later": )" + std::string{said} + "}}");
    };
    CHECK(billed(R"({"limits": "1"})") == "invalid_argument " + place + ".limits");
    CHECK(billed(R"({"limit": "-1"})") == "invalid_argument " + place + ".limit");
    CHECK(billed(R"({"price": "-1.00 USD"})") == "invalid_argument " + place + ".price");
    CHECK(billed(R"({"price": "1"})") == "invalid_argument " + place + ".price");
    CHECK(billed(R"({"per": "1"})") == "invalid_argument " + place + ".per");
    CHECK(billed(R"({"price": "1.00 USD", "per": "0"})") == "invalid_argument " + place + ".per");
    CHECK(wrong(R"({"overdraft": {"bill_later": {}, "limit": "1"}})") ==
          "invalid_argument plan.overdraft.limit");
    CHECK(wrong(R"({"debt_at_reset": true})") == "invalid_argument plan.debt_at_reset");
    CHECK(wrong(R"({"refusals": "never"})") == "invalid_argument plan.refusals");
    CHECK(wrong(R"({"clawback": "none"})") == "invalid_argument plan.clawback");
    CHECK(wrong(R"({"late": "soon"})") == "invalid_argument plan.late");
    CHECK(wrong(R"({"unit": ""})") == "invalid_argument plan.unit");
    for (std::string_view later : {"recharge"}) {
        CHECK(wrong("{\"" + std::string{later} + "\": []}") ==
              "invalid_argument plan." + std::string{later});
    }
    CHECK(wrong("[]") == "invalid_argument plan");
    CHECK(wrong("\"plan\"") == "invalid_argument plan");
    CHECK(wrong("null") == "invalid_argument plan");
    CHECK(wrong("{\"buckets\": [}") == "invalid_argument plan");
}

TEST_CASE("rule 32: limits of a plan file are objects with a path, a window and an amount") {
    const coffer::any_plan plan = plan_of(R"({"limits": [
        {"member": "*", "per": "day", "amount": "50"},
        {"action": "ai/fast", "tag": "batch", "per": "draw", "amount": "0.5", "warn": true}],
        "unnamed": "refuse"})");
    CHECK(plan.limits ==
          coffer::limits{{.member = "*", .per = coffer::window::day, .amount = 50_cr},
                         {.action = "ai/fast",
                          .tag = "batch",
                          .per = coffer::window::draw,
                          .amount = 0.5_cr,
                          .warn = true}});
    CHECK(plan.unnamed.refuses());
    CHECK_FALSE(plan_of(R"({"unnamed": "pass"})").unnamed.refuses());
}

TEST_CASE("rule 32: limits of a plan file that make no sense are told with their place") {
    const auto wrong_limit = [](std::string_view limit) {
        return wrong("{\"limits\": [" + std::string{limit} + "]}");
    };
    const std::string here = "invalid_argument plan.limits[0]";
    CHECK(wrong(R"({"limits": {}})") == "invalid_argument plan.limits");
    CHECK(wrong(R"({"unnamed": "no"})") == "invalid_argument plan.unnamed");
    CHECK(wrong_limit("\"ann\"") == here);
    CHECK(wrong_limit(R"({"per": "day", "amount": "1"})") == here);
    CHECK(wrong_limit(R"({"member": "a", "amount": "1"})") == here);
    CHECK(wrong_limit(R"({"member": "a", "per": "day"})") == here);
    CHECK(wrong_limit(R"({"member": "a", "per": "month", "amount": "1"})") == here + ".per");
    CHECK(wrong_limit(R"({"member": "a", "per": "day", "amount": "-1"})") == here + ".amount");
    CHECK(wrong_limit(R"({"member": "a//b", "per": "day", "amount": "1"})") == here + ".member");
    CHECK(wrong_limit(R"({"tag": "a/", "per": "day", "amount": "1"})") == here + ".tag");
    CHECK(wrong_limit(R"({"who": "a", "per": "day", "amount": "1"})") == here + ".who");
}

TEST_CASE("rule 30: alerts are levels, or objects with a level, and are named by it") {
    const coffer::any_plan plan = plan_of(R"({"buckets": [{"name": "budget"}], "alerts": [
        "25%", "100", "-3.5", "12.3456%",
        {"name": "low", "at": "0%", "once_per_period": true, "of": ["budget"]}]})");
    CHECK(
        plan.alerts ==
        coffer::alerts{
            {.name = "25%", .at = coffer::percent{25}},
            {.name = "100", .at = 100_cr},
            {.name = "-3.5", .at = micros(-3'500'000)},
            {.name = "12.3456%", .at = coffer::alert_level::share(0.123456_cr)},
            {.name = "low", .at = coffer::percent{0}, .of = {"budget"}, .once_per_period = true}});
}

TEST_CASE("rule 30: alerts of a plan file that make no sense are told with their place") {
    const auto wrong_alert = [](std::string_view alert) {
        return wrong("{\"alerts\": [" + std::string{alert} + "]}");
    };
    CHECK(wrong(R"({"alerts": "25%"})") == "invalid_argument plan.alerts");
    CHECK(wrong_alert("25") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"low\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"%\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"-1%\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"0.00001%\"") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert("\"5\", \"5\"") == "invalid_argument plan.alerts[1]");
    CHECK(wrong_alert("{}") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert(R"({"at": "5", "of": ["none"]})") == "invalid_argument plan.alerts[0].of[0]");
    CHECK(wrong_alert(R"({"at": "5", "name": "depleted"})") == "invalid_argument plan.alerts[0]");
    CHECK(wrong_alert(R"({"at": "5", "level": "5"})") == "invalid_argument plan.alerts[0].level");
}

TEST_CASE("rule 17: a plan file says who may do what") {
    using coffer::verb;
    const auto may = [](std::string_view access, std::string_view wallet, std::string_view actor) {
        const coffer::any_plan plan = plan_of("{\"access\": " + std::string{access} + "}");
        coffer::access::verbs all;
        for (std::size_t i = 0; i < coffer::verb_count; ++i) {
            const auto v = static_cast<verb>(i);
            if (plan.access.allows({.wallet = wallet, .verb = v, .actor = actor})) all = all | v;
        }
        return all;
    };
    namespace allow = coffer::access;
    const allow::verbs member = allow::spend | allow::see;
    CHECK(may(R"("anyone")", "acme", "ada") == allow::everything);
    CHECK(plan_of("{}").access.is_open());
    CHECK(may(R"({"members": ["ada"]})", "acme", "ada") == member);
    CHECK(may(R"({"members": []})", "acme", "ada") == allow::verbs{});
    constexpr std::string_view by_wallet = R"({"members": {"acme": ["ada"], "*": ["bob"]}})";
    CHECK(may(by_wallet, "acme", "ada") == member);
    CHECK(may(by_wallet, "globex", "ada") == allow::verbs{});
    CHECK(may(by_wallet, "globex", "bob") == member);
    CHECK(may(by_wallet, "acme", "") == allow::of_host);
    constexpr std::string_view by_role = R"({
        "roles": {"owner": ["everything"], "clerk": ["grant", "refund"],
                  "admin": ["buy", "configure"]},
        "members": {"acme": {"ada": "owner", "bob": "clerk"}, "*": {"cy": "admin"}},
        "host": ["spend", "see"]})";
    CHECK(may(by_role, "acme", "ada") == allow::everything);
    CHECK(may(by_role, "acme", "bob") == (allow::grant | allow::refund));
    CHECK(may(by_role, "globex", "bob") == allow::verbs{});
    CHECK(may(by_role, "globex", "cy") == (allow::buy | allow::configure));
    CHECK(may(by_role, "acme", "") == member);
    CHECK(may(R"({"roles": {}, "members": {}})", "acme", "") == allow::of_host);
}

TEST_CASE("rule 17: access of a plan file that makes no sense is told with its place") {
    const auto wrong_access = [](std::string_view access) {
        return wrong("{\"access\": " + std::string{access} + "}");
    };
    CHECK(wrong_access(R"("everyone")") == "invalid_argument plan.access");
    CHECK(wrong_access("null") == "invalid_argument plan.access");
    CHECK(wrong_access("[]") == "invalid_argument plan.access");
    CHECK(wrong_access("{}") == "invalid_argument plan.access");
    CHECK(wrong_access(R"({"memebers": []})") == "invalid_argument plan.access.memebers");
    CHECK(wrong_access(R"({"members": "ada"})") == "invalid_argument plan.access.members");
    CHECK(wrong_access(R"({"members": [""]})") == "invalid_argument plan.access.members[0]");
    CHECK(wrong_access(R"({"members": [7]})") == "invalid_argument plan.access.members[0]");
    CHECK(wrong_access("{\"members\": [\"" + std::string(96, 'a') + "\"]}") ==
          "invalid_argument plan.access.members[0]");
    CHECK(wrong_access(R"({"members": {"acme": "ada"}})") ==
          "invalid_argument plan.access.members.acme");
    CHECK(wrong("{\"access\": {\"members\": {\"" + std::string(64, 'w') + "\": []}}}")
              .starts_with("invalid_argument plan.access.members.w"));
    CHECK(wrong_access(R"({"members": [], "host": []})") == "invalid_argument plan.access.host");
    CHECK(wrong_access(R"({"roles": {}})") == "invalid_argument plan.access");
    CHECK(wrong_access(R"({"roles": [], "members": {}})") == "invalid_argument plan.access.roles");
    CHECK(wrong_access(R"({"roles": {"a": ["spent"]}, "members": {}})") ==
          "invalid_argument plan.access.roles.a[0]");
    CHECK(wrong_access(R"({"roles": {"a": []}, "members": ["ada"]})") ==
          "invalid_argument plan.access.members");
    CHECK(wrong_access(R"({"roles": {"a": []}, "members": {"acme": {"ada": "b"}}})") ==
          "invalid_argument plan.access.members.acme.ada");
    CHECK(wrong_access(R"({"roles": {"a": []}, "members": {"acme": {"": "a"}}})")
              .starts_with("invalid_argument plan.access.members.acme"));
}

TEST_CASE("a spend order has any of the keys, up to all") {
    auto fingerprint = [](std::string_view keys) {
        return plan_of("{\"spend_order\": " + std::string{keys} + "}").order.fingerprint();
    };
    using enum coffer::order_key;
    CHECK(fingerprint("[]") == coffer::spend_order::by{}.fingerprint());
    CHECK(fingerprint(R"(["newest"])") == coffer::spend_order::by{newest}.fingerprint());
    CHECK(fingerprint(R"(["bucket", "priority", "expiry", "paid_last", "cost_basis", "effective",
                          "newest", "id"])") == coffer::spend_order::by{bucket, priority, expiry,
                                                                        paid_last, cost_basis,
                                                                        effective, newest, id}
                                                    .fingerprint());
}

TEST_CASE("a plan is read from a part of a larger document") {
    const auto json = coffer::read_json(R"({"plans": [{"unit": "x"}, {"unti": "y"}]})").or_throw();
    const coffer::json_place first{&json["plans"][0], "plans[0]"};
    const coffer::json_place second{&json["plans"][1], "plans[1]"};
    CHECK(coffer::read_plan(first)->unit == "x");
    CHECK(coffer::read_plan(second).error().path == "plans[1].unti");
    CHECK(coffer::read_plan(coffer::json_place{}) == errc::invalid_argument);
}

TEST_CASE("a plan file that is not there is unavailable") {
    const std::string path =
        (std::filesystem::temp_directory_path() / "coffer_plan_file_test.json").string();
    std::ofstream{path} << whole;
    const auto plan = coffer::load_plan(path);
    REQUIRE(plan);
    CHECK(plan->unit == "tokens");
    std::remove(path.c_str());
    const auto none = coffer::load_plan(path);
    REQUIRE(none == errc::unavailable);
    CHECK(none.error().path == path);
}

TEST_CASE("no text makes the reader crash") {
    // Each letter of a whole plan in turn is lost, doubled or another.
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (std::string_view letter : {"", "\"", "}", "[", "-", "0", "\xff", ","}) {
            std::string text{whole};
            text.replace(i, 1, letter);
            const auto plan = coffer::read_plan(text);
            if (!plan) CHECK_FALSE(plan.error().text().empty());
        }
        CHECK_FALSE(coffer::read_plan(whole.substr(0, i)));
    }
    std::string wide = "{\"costs\": {\"a\": \"1\"";
    for (int i = 0; i < 20'000; ++i) wide += ", \"" + std::to_string(i) + "\": \"1\"";
    CHECK(coffer::read_plan(wide + "}}"));
    CHECK(wrong("{\"costs\": {\"a\": \"1" + std::string(2'000'000, '0') + "\"}}") ==
          "amount_overflow plan.costs.a");
    CHECK(wrong("{\"unit\": \"" + std::string(2'000'000, 'x') + "\"}") ==
          "invalid_argument plan.unit");
}

TEST_CASE("rule 44: a plan file sells packs") {
    const coffer::any_plan plan = plan_of(R"({
        "buckets": [{"name": "packs"}, {"name": "gifts"}],
        "catalogue": [
            {"offer": "starter", "credits": "100", "price": "10.00 USD", "into": "packs"},
            {"offer": "basic", "credits": "250", "into": "packs", "bonus": "10",
             "bonus_into": "gifts", "plans": ["pro", "team"],
             "prices": {"app_store": "29.99 USD", "google_play": "27.99 USD"}}]})");
    CHECK(plan.catalogue ==
          coffer::catalogue{
              {.offer = "starter", .credits = 100_cr, .price = usd("10.00"), .into = "packs"},
              {.offer = "basic",
               .credits = 250_cr,
               .into = "packs",
               .bonus = 10_cr,
               .bonus_into = "gifts",
               .plans = {"pro", "team"},
               .prices = {{"app_store", usd("29.99")}, {"google_play", usd("27.99")}}}});
}

TEST_CASE("rule 44: a catalogue in a file that makes no sense is told with its place") {
    const auto fault = [](std::string_view pack) {
        return wrong("{\"buckets\": [{\"name\": \"packs\"}], \"catalogue\": [" + std::string{pack} +
                     "]}");
    };
    const std::string here = "invalid_argument plan.catalogue[0]";
    CHECK(wrong(R"({"catalogue": {}})") == "invalid_argument plan.catalogue");
    CHECK(fault("5") == here);
    CHECK(fault("{}") == here);
    const auto with = [&](std::string_view key, std::string_view value) {
        nlohmann::json pack{
            {"offer", "a"}, {"credits", "1"}, {"price", "1.00 EUR"}, {"into", "packs"}};
        pack[std::string{key}] = nlohmann::json::parse(value);
        return fault(pack.dump());
    };
    const std::string kilobyte = "\"" + std::string(1'024, 'x') + "\"";
    CHECK(with("offer", "\"b\"").empty());
    CHECK(with("ofer", "\"b\"") == here + ".ofer");
    for (std::string_view key : {"offer", "into", "bonus_into"}) {
        CHECK(with(key, kilobyte) == here + "." + std::string{key});
    }
    CHECK(with("offer", "\"\"") == here + ".offer");
    CHECK(with("into", "\"pack\"") == "unknown_bucket plan.catalogue[0].into");
    CHECK(with("credits", "\"0\"") == here + ".credits");
    CHECK(with("credits", "\"-1\"") == here + ".credits");
    CHECK(with("credits", "1") == here + ".credits");
    CHECK(with("credits", "\"9223372036855\"") == "amount_overflow plan.catalogue[0].credits");
    CHECK(with("price", "\"0.00 EUR\"") == here + ".price");
    CHECK(with("price", "\"-1.00 EUR\"") == here + ".price");
    CHECK(with("price", "\"1.001 EUR\"") == here + ".price");
    CHECK(with("price", "\"1.00\"") == here + ".price");
    CHECK(with("bonus", "\"-1\"") == here + ".bonus");
    CHECK(with("bonus_into", "\"packs\"") == here + ".bonus_into");
    CHECK(with("plans", "[]") == here + ".plans");
    CHECK(with("plans", "[\"\"]") == here + ".plans[0]");
    CHECK(with("prices", "{\"\": \"1.00 EUR\"}") == here + ".prices");
    CHECK(with("prices", "{\"ios\": \"0.00 EUR\"}") == here + ".prices");
    CHECK(with("prices", "{\"ios\": \"1.00 USD\"}").empty());
}

TEST_CASE("rule 44: what a set or a book sells is read by itself") {
    const auto shop = coffer::read_catalogue(
        R"([{"offer": "a", "credits": "1", "price": "1.00 EUR", "into": "packs"}])");
    REQUIRE(shop);
    CHECK(shop->sell("a", {})->price == eur("1.00"));
    CHECK(coffer::read_catalogue("{}").error().path == "catalogue");
    CHECK(coffer::read_catalogue("[").error().path == "catalogue");
    CHECK(coffer::read_catalogue(R"([{"offer": "a", "credits": "1", "into": "b"}])").error().path ==
          "catalogue[0].price");
    CHECK(coffer::read_catalogue(coffer::json_place{nullptr, "shop"}).error().path == "shop");
}

TEST_CASE("rule 31: a plan file says when the plan buys by itself, and what") {
    const auto bought = [](std::string_view recharge) {
        return plan_of(R"({"buckets": [{"name": "b"}, {"name": "c"}], "catalogue": [
            {"offer": "standard", "credits": "50", "price": "10.00 EUR", "into": "b"}],
            "recharge": )" +
                       std::string{recharge} + "}")
            .recharge;
    };
    CHECK(plan_of("{}").recharge == coffer::recharge{});
    CHECK(bought(R"({"threshold": "10", "amount": "50", "bucket": "b", "price": "5.00 USD",
        "monthly_limit": "50.00 USD", "max_per_month": 4, "multiple_of": "25", "of": ["b"]})") ==
          coffer::recharge{.amount = 50_cr,
                           .pack = 25_cr,
                           .into = "b",
                           .price = usd(500),
                           .below = 10_cr,
                           .of = {"b"},
                           .monthly = usd(5'000),
                           .times = 4});
    CHECK(bought(R"({"threshold": "0", "amount": {"to": "80"}, "bucket": "c", "price": "0.10 USD",
        "per_credit": true})") == coffer::recharge{.to = 80_cr, .into = "c", .each = usd(10)});
    CHECK(bought(R"({"threshold": "10", "offer": "standard", "packs": true})") ==
          coffer::recharge{.offer = "standard", .packs = true, .below = 10_cr});
}

TEST_CASE("rule 31: a recharge of a plan file that makes no sense is told with its place") {
    const auto no = [](std::string_view recharge) {
        return wrong("{\"buckets\": [{\"name\": \"b\"}], \"recharge\": " + std::string{recharge} +
                     "}");
    };
    const auto with = [&](std::string_view more, std::string_view amount = "\"50\"") {
        return no(R"({"threshold": "10", "bucket": "b", "price": "5.00 USD", "amount": )" +
                  std::string{amount} + std::string{more} + "}");
    };
    const std::string here = "invalid_argument plan.recharge";
    CHECK(with("").empty());
    CHECK(no("[]") == here);
    CHECK(no("{}") == here);
    CHECK(no(R"({"threshold": "10"})") == here);
    CHECK(with(R"(, "prise": "1")") == here + ".prise");
    CHECK(with("", "\"0\"") == here);
    CHECK(with("", "\"-1\"") == here + ".amount");
    CHECK(with("", "\"1e99\"").starts_with("amount_overflow"));
    CHECK(with("", "{\"to\": \"50\"}") == here);
    CHECK(with("", "{\"up\": \"50\"}") == here + ".amount.up");
    CHECK(with(R"(, "multiple_of": "0")") == here + ".multiple_of");
    CHECK(with(R"(, "monthly_limit": "5.00 EUR")") == here);
    CHECK(with(R"(, "monthly_limit": "-5.00 USD")") == here + ".monthly_limit");
    CHECK(with(R"(, "max_per_month": -1)") == here + ".max_per_month");
    CHECK(with(R"(, "max_per_month": "1")") == here + ".max_per_month");
    CHECK(with(R"(, "of": ["nowhere"])") == here + ".of[0]");
    CHECK(with(R"(, "per_credit": "yes")") == here + ".per_credit");
    CHECK(with(R"(, "offer": "standard")") == here + ".amount");
    CHECK(with(R"(, "packs": true)") == here + ".packs");
    CHECK(no(R"({"threshold": "-1", "bucket": "b", "price": "5.00 USD", "amount": "5"})") ==
          here + ".threshold");
    CHECK(no(R"({"threshold": "1", "bucket": "x", "price": "5.00 USD", "amount": "5"})") ==
          here + ".bucket");
    CHECK(no(R"({"threshold": "1", "bucket": "b", "price": "-5.00 USD", "amount": "5"})") ==
          here + ".price");
    CHECK(no(R"({"threshold": "1", "bucket": "b", "price": "5.00", "amount": "5"})") ==
          here + ".price");
    CHECK(no("{\"threshold\": \"1\", \"offer\": \"" + std::string(1'024, 'x') + "\"}") ==
          here + ".offer");
}
