#include "io/plan_file_fixture.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace coffer_test;

namespace {

using coffer::errc;

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

TEST_CASE("a plan file may begin with a byte order mark") {
    CHECK(coffer::read_plan("\xEF\xBB\xBF{\"unit\": \"tokens\"}").or_throw().unit == "tokens");
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
