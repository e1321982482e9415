#include "support/catch.hpp"

#include <coffer/io/scenario.hpp>
#include <coffer/io/scenario/changes.hpp>
#include <coffer/io/scenario/choices.hpp>
#include <coffer/io/scenario/intents.hpp>
#include <coffer/io/scenario/wallet.hpp>

#include <string>
#include <string_view>
#include <vector>

using nlohmann::json;
using std::string;

namespace {

const string shop_plan = R"({
    "zone": "Europe/Berlin",
    "buckets": [
      { "name": "budget",  "refill": {"every": "1 month", "amount": "100"}, "rollover": "none" },
      { "name": "package", "expiry": {"after": "12 months"},
        "refund": {"within": "14 days", "basis": "unspent"} }
    ],
    "costs": { "post": "1", "voice": {"rate": "3", "per": "1 minute"},
               "image": {"range": ["2", "5"]},
               "chat": {"rates": {"input": "0.5", "output": "2"}} },
    "late": "1 day"
})";

string scenario_of(const string& steps, const string& plan = shop_plan) {
    return R"({"scenario": "a test", "plan": )" + plan + R"(, "steps": [)" + steps + "]}";
}

/// "ok", how it failed, or `invalid: ` and why.
string verdict(const string& scenario) {
    const auto report = coffer::run_scenario(std::string_view{scenario});
    if (!report) return "invalid: " + report.error().text();
    return report->ok ? "ok" : report->text();
}
string verdict_of(const string& steps, const string& plan = shop_plan) {
    return verdict(scenario_of(steps, plan));
}

bool starts_with(const string& text, const string& begin) { return text.rfind(begin, 0) == 0; }

const string begin = R"({"at": "2026-01-31T10:00:00Z", "start": {}},)";
const string pack =
    R"({"at": "2026-02-01T00:00:00Z", "grant": {"lot": "P1", "bucket": "package", "amount": "50",
         "paid": "5.00 USD"}},)";

/// A day after the grant of `pack`, a step with these members.
string then(const string& members) { return R"({"at": "2026-02-02T00:00:00Z", )" + members + "}"; }
string afterwards(const string& members) { return begin + pack + then(members); }

}  // namespace

TEST_CASE("a scenario whose expectations all hold passes", "[scenario]") {
    const string all = begin + pack + R"(
        {"at": "2026-02-02T00:00:00Z", "charge": {"id": "c1", "amount": "120"},
         "expect": {"available": "30", "held": "0", "debt": "0", "used": "120", "cost": "120",
              "money": null,
                    "buckets": {"budget": "0", "package": "30"}, "lots": {"budget#0": "0",
                         "P1": "30"},
                    "took": {"budget#0": "100", "P1": "20"},
                    "period": ["2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"],
                    "as_of": {"2026-01-31T09:59:59.999999Z": "0", "2026-02-01T12:00:00Z": "150"}}},
        {"at": "2026-02-02T00:00:01Z", "charge": {"id": "c2", "amount": "31"},
             "error": "insufficient_credits",
         "expect": {"available": "30", "cost": null, "took": {}}},
        {"at": "2026-02-03T00:00:00Z", "refund_purchase": {"lot": "P1"},
             "expect": {"money": "3.00 USD"}})";
    CHECK(verdict_of(all) == "ok");

    const auto report = coffer::run_scenario(std::string_view{scenario_of(all)});
    REQUIRE(report);
    CHECK(report->name == "a test");
    CHECK(report->text() == "");
}

TEST_CASE("every expectation can fail, and says what was found", "[scenario]") {
    struct expectation {
        string key, holds, fails, text;
    };
    const auto it = GENERATE(values<expectation>({
        {R"("available")", R"("30")", R"("31")", "available: expected 31, found 30"},
        {R"("held")", R"("0")", R"("0.000001")", "held: expected 0.000001, found 0"},
        {R"("debt")", R"("0")", R"("-1")", "debt: expected -1, found 0"},
        {R"("used")", R"("120")", R"("119")", "used: expected 119, found 120"},
        {R"("cost")", R"("120")", R"("100")", "cost: expected 100, found 120"},
        {R"("cost")", R"("120")", "null", "cost: expected none, found 120"},
        {R"("money")", "null", R"("5.00 USD")", "money: expected 5.00 USD, found none"},
        {R"("buckets")", R"({"package": "30"})", R"({"budget": "0", "package": "3"})",
         "buckets.package: expected 3, found 30"},
        {R"("buckets")", R"({"budget": "0"})", R"({"bugdet": "0"})",
         "buckets.bugdet: expected 0, found none"},
        {R"("lots")", R"({"P1": "30"})", R"({"P1": "50"})", "lots.P1: expected 50, found 30"},
        {R"("lots")", R"({"budget#0": "0"})", R"({"budget#1": "0"})",
         "lots.budget#1: expected 0, found none"},
        {R"("took")", R"({"P1": "20", "budget#0": "100", "P2": "0"})",
         R"({"P1": "20", "budget#0": "99"})", "took.budget#0: expected 99, found 100"},
        {R"("took")", R"({"P1": "20.0", "budget#0": "1e2"})", R"({"budget#0": "100"})",
         "took: expected nothing else, found 20 from P1"},
        {R"("took")", R"({"budget#0": "100", "P1": "20"})",
         R"({"budget#0": "100", "P1": "20", "P2": "1"})", "took.P2: expected 1, found 0"},
        {R"("period")", R"(["2026-01-31T10:00:00.000000Z", "2026-02-28T10:00:00Z"])",
         R"(["2026-01-31T10:00:00Z", "2026-03-01T00:00:00Z"])",
         R"(period: expected ["2026-01-31T10:00:00Z","2026-03-01T00:00:00Z"], found )"
         R"(["2026-01-31T10:00:00Z","2026-02-28T10:00:00Z"])"},
        {R"("period")", R"(["2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"])", "null",
         R"(period: expected none, found ["2026-01-31T10:00:00Z","2026-02-28T10:00:00Z"])"},
        {R"("as_of")", R"({"2026-02-01T00:00:00Z": "150"})", R"({"2026-01-31T23:59:59Z": "150"})",
         "as_of.2026-01-31T23:59:59Z: expected 150, found 100"},
    }));
    const string charge = R"("charge": {"amount": "120"}, "expect": {)" + it.key + ": ";
    INFO(it.text);
    CHECK(verdict_of(afterwards(charge + it.holds + "}")) == "ok");
    CHECK(verdict_of(afterwards(charge + it.fails + "}")) == "steps[2].expect." + it.text);
}

TEST_CASE("a period and money that are there are no null, and the other way round", "[scenario]") {
    CHECK(verdict_of(R"({"at": "2026-01-01T00:00:00Z", "pass": {}, "expect": {"period": null}})") ==
          "ok");
    CHECK(verdict_of(R"({"at": "2026-01-01T00:00:00Z", "pass": {}, "expect":
        {"period": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]}})") ==
          R"(steps[0].expect.period: expected ["2026-01-01T00:00:00Z","2026-02-01T00:00:00Z"])"
          ", found none");
    const string refund = R"("refund_purchase": {"lot": "P1"}, "expect": {"money": )";
    CHECK(verdict_of(afterwards(refund + R"("5 USD"})")) == "ok");
    CHECK(verdict_of(afterwards(refund + R"("5.00 EUR"})")) ==
          "steps[2].expect.money: expected 5.00 EUR, found 5.00 USD");
    CHECK(verdict_of(afterwards(refund + "null}")) ==
          "steps[2].expect.money: expected none, found 5.00 USD");
}

TEST_CASE("expected numbers compare by value, also those that no amount can have", "[scenario]") {
    const string pass = R"("pass": {}, "expect": {"available": )";
    for (const string same : {"150", "150.0", "150.0000000", "1.5e2", "0150"}) {
        CHECK(verdict_of(afterwards(pass + '"' + same + "\"}")) == "ok");
    }
    for (const string other : {"150.0000001", "1e300", "-150", "99999999999999999999"}) {
        CHECK(verdict_of(afterwards(pass + '"' + other + "\"}")) ==
              "steps[2].expect.available: expected " + other + ", found 150");
    }
    CHECK(verdict_of(afterwards(
              R"("refund_purchase": {"lot": "P1"}, "expect": {"money": "5.001 USD"})")) ==
          "steps[2].expect.money: expected 5.001 USD, found 5.00 USD");
}

TEST_CASE("the refusal that a step announces has to come, and no other", "[scenario]") {
    const string too_much = R"("charge": {"amount": "151"})";
    CHECK(verdict_of(afterwards(too_much + R"(, "error": "insufficient_credits")")) == "ok");
    CHECK(verdict_of(afterwards(too_much)) ==
          "steps[2].error: expected none, found insufficient_credits");
    CHECK(verdict_of(afterwards(too_much + R"(, "error": "limit_exceeded")")) ==
          "steps[2].error: expected limit_exceeded, found insufficient_credits");
    CHECK(
        verdict_of(afterwards(R"("charge": {"amount": "150"}, "error": "insufficient_credits")")) ==
        "steps[2].error: expected insufficient_credits, found none");
}

TEST_CASE("what counts as a change is credits, not entries", "[scenario]") {
    coffer::account a;
    coffer::account b = a;
    b.last = coffer::entry_id{7};
    b.time = coffer::instant{};
    CHECK(coffer::detail::same_credits(a, b));
    const auto one = coffer::credits::from_micros(1);
    b.used = one;
    CHECK_FALSE(coffer::detail::same_credits(a, b));
    b = a;
    b.totals.debt = one;
    CHECK_FALSE(coffer::detail::same_credits(a, b));
    b = a;
    b.burning.push_back({.available = one});
    CHECK_FALSE(coffer::detail::same_credits(a, b));
    b = a;
    b.rest.edit().holds.push_back({.amount = one});
    CHECK_FALSE(coffer::detail::same_credits(a, b));
}

TEST_CASE("what a refusal finds due is committed and is no change that it makes", "[scenario]") {
    CHECK(verdict_of(begin + R"(
        {"at": "2026-02-28T10:00:00Z", "charge": {"amount": "101"}, "error": "insufficient_credits",
         "expect": {"available": "100", "lots": {"budget#0": "0", "budget#1": "100"}}})") == "ok");
}

TEST_CASE("what is no scenario is refused with the path of where", "[scenario]") {
    struct invalid {
        string step, path;
    };
    const auto it = GENERATE(values<invalid>({
        {R"("spend": {})", "steps[2].spend"},
        {R"("charge": {"amount": "1"}, "expct": {})", "steps[2].expct"},
        {R"("charge": {"amuont": "1"})", "steps[2].charge.amuont"},
        {R"("charge": {"amount": "1"}, "pass": {})", "steps[2]: has more than one verb"},
        {R"("expect": {})", "steps[2]: has no verb"},
        {R"("charge": "1")", "steps[2].charge"},
        {R"("pass": {"id": "p"})", "steps[2].pass.id"},
        {R"("pass": null)", "steps[2].pass"},
        {R"("charge": {"amount": 1})", "steps[2].charge.amount"},
        {R"("charge": {"action": "voice", "quantity": 1.5})", "steps[2].charge.quantity"},
        {R"("charge": {"action": "chat", "usage": {"input": 1000}})",
         "steps[2].charge.usage.input"},
        {R"("charge": {"action": "chat", "usage": {"inputs": "1"}})",
         "steps[2].charge.usage.inputs"},
        {R"("charge": {"amount": "1", "id": ""})", "steps[2].charge.id"},
        {R"("charge": {"amount": "1", "tags": "a"})", "steps[2].charge.tags"},
        {R"("charge": {"amount": "1", "tags": ["a", 1]})", "steps[2].charge.tags[1]"},
        {R"("grant": {"bucket": "package", "amount": "1"})", "steps[2].grant: there is no 'lot'"},
        {R"("grant": {"lot": "P2", "amount": "1"})", "steps[2].grant: there is no 'bucket'"},
        {R"("grant": {"lot": "P2", "bucket": "package"})", "steps[2].grant: there is no 'amount'"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "source": "gift"})",
         "steps[2].grant.source"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "priority": 1.5})",
         "steps[2].grant.priority"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "effective": "tomorrow"})",
         "steps[2].grant.effective"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "effective": "never"})",
         "steps[2].grant.effective"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1",
             "expires": "2026-02-30T00:00:00Z"})",
         "steps[2].grant.expires"},
        {R"("start": {"anchor": "2026-02-02T00:00:00+01:00"})", "steps[2].start.anchor"},
        {R"("hold": {"amount": "1"})", "steps[2].hold: there is no 'for'"},
        {R"("hold": {"amount": "1", "for": "10 moments"})", "steps[2].hold.for"},
        {R"("hold": {"amount": "1", "for": 10})", "steps[2].hold.for"},
        {R"("settle": {"amount": "1"})", "steps[2].settle: there is no 'hold'"},
        {R"("release": {})", "steps[2].release: there is no 'hold'"},
        {R"("refund": {"amount": "1"})", "steps[2].refund: there is no 'charge'"},
        {R"("refund_purchase": {"money": "1.00 USD"})",
         "steps[2].refund_purchase: there is no 'lot'"},
        {R"("dispute": {"lot": "P1"})", "steps[2].dispute: there is no 'state'"},
        {R"("dispute": {"lot": "P1", "state": "open"})", "steps[2].dispute.state"},
        {R"("void": {"amount": "1"})", "steps[2].void: there is no 'lot'"},
        {R"("expire_at": {"lot": "P1"})", "steps[2].expire_at: there is no 'expires'"},
        {R"("pass": {}, "late": "true")", "steps[2].late"},
        {R"("pass": {}, "error": "no_credits")", "steps[2].error"},
        {R"("pass": {}, "expect": [])", "steps[2].expect"},
        {R"("pass": {}, "expect": {"avail": "1"})", "steps[2].expect.avail"},
        {R"("pass": {}, "expect": {"available": 150})", "steps[2].expect.available"},
        {R"("pass": {}, "expect": {"available": "much"})", "steps[2].expect.available"},
        {R"("pass": {}, "expect": {"available": null})", "steps[2].expect.available"},
        {R"("pass": {}, "expect": {"buckets": {"budget": 1}})", "steps[2].expect.buckets.budget"},
        {R"("pass": {}, "expect": {"lots": "P1"})", "steps[2].expect.lots"},
        {R"("pass": {}, "expect": {"money": "5.00"})", "steps[2].expect.money"},
        {R"("pass": {}, "expect": {"period": ["2026-01-31T10:00:00Z"]})", "steps[2].expect.period"},
        {R"("pass": {}, "expect": {"period": ["2026-01-31T10:00:00Z", "later"]})",
         "steps[2].expect.period[1]"},
        {R"("pass": {}, "expect": {"as_of": {"yesterday": "1"}})",
         "steps[2].expect.as_of.yesterday"},
    }));
    INFO(it.step);
    const string found = verdict_of(afterwards(it.step));
    INFO(found);
    const string path = it.path.find(": ") == string::npos ? it.path + ": " : it.path;
    CHECK(starts_with(found, "invalid: " + path));
}

TEST_CASE("a scenario is an object with a plan and steps", "[scenario]") {
    CHECK(verdict("[]") == "invalid: is no object");
    CHECK(starts_with(verdict("{"), "invalid: is no JSON"));
    CHECK(verdict(R"({"steps": []})") == "invalid: plan: there is no 'plan'");
    CHECK(verdict(R"({"plan": {"buckets": []}})") == "invalid: steps: there is no 'steps'");
    CHECK(verdict(R"({"plan": [], "steps": []})") == "invalid: plan: is no object");
    CHECK(verdict(R"({"plan": {}, "steps": {}})") == "invalid: steps: is no list");
    CHECK(verdict(R"({"plan": {}, "steps": [], "note": ""})") ==
          "invalid: note: there is no such key");
    CHECK(
        starts_with(verdict(R"({"scenario": 1, "plan": {}, "steps": []})"), "invalid: scenario: "));
    CHECK(verdict(R"({"plan": {}, "steps": ["pass"]})") == "invalid: steps[0]: is no object");
    CHECK(verdict(R"({"plan": {}, "steps": [{"pass": {}}]})") ==
          "invalid: steps[0]: there is no 'at'");
    CHECK(starts_with(verdict(R"({"plan": {}, "steps": [{"at": "2026-01-01", "pass": {}}]})"),
                      "invalid: steps[0].at: "));
    CHECK(verdict(R"({"plan": {}, "steps": [], "steps": []})") ==
          "invalid: steps: the key stands twice");
    CHECK(verdict(R"({"plan": {}, "steps": []})") == "ok");
}

TEST_CASE("what is wrong with the plan is told as plan.…", "[scenario]") {
    CHECK(starts_with(
        verdict_of("",
                   R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": 5}}]})"),
        "invalid: plan.buckets[0].refill.amount: "));
    CHECK(starts_with(verdict_of("", R"({"zone": "Europe/Bonn"})"), "invalid: plan.zone: "));
    CHECK(starts_with(verdict_of("", R"({"costs": {"post": "1.0000001"}})"),
                      "invalid: plan.costs.post: "));
}

TEST_CASE("everything is checked before the first step is performed", "[scenario]") {
    CHECK(starts_with(verdict_of(R"({"at": "2026-01-01T00:00:00Z", "charge": {"amount": "1"}},
                                    {"at": "2026-01-01T00:00:00Z", "spend": {}})"),
                      "invalid: steps[1].spend: "));
}

TEST_CASE("instants may not go backwards, unless a step is late", "[scenario]") {
    const string earlier = R"({"at": "2026-01-31T23:59:59Z", "charge": {"amount": "1"})";
    CHECK(starts_with(verdict_of(begin + pack + earlier + "}"),
                      "invalid: steps[2].at: goes backwards"));
    CHECK(starts_with(verdict_of(begin + pack + earlier + R"(, "late": false})"),
                      "invalid: steps[2].at: "));
    CHECK(verdict_of(begin + pack + earlier +
                     R"(, "late": true, "expect": {"available": "149"}})") == "ok");
    // A late step leaves the clock where it is.
    CHECK(starts_with(verdict_of(begin + pack + earlier + R"(, "late": true},
        {"at": "2026-01-31T23:59:59Z", "pass": {}})"),
                      "invalid: steps[3].at: "));
    CHECK(verdict_of(begin + pack +
                     R"({"at": "2026-01-30T23:59:59Z", "charge": {"amount": "1"}, "late": true,
        "error": "too_late"})") == "ok");
    // A late step that is not in the past is a step like any other.
    CHECK(verdict_of(begin + pack +
                     R"({"at": "2026-02-28T10:00:00Z", "charge": {"amount": "1"}, "late": true,
        "expect": {"lots": {"budget#1": "99"}}})") == "ok");
}

TEST_CASE("intents of a recharge are ordered, confirmed and failed by their numbers",
          "[scenario]") {
    const std::string plan = R"({"buckets": [{"name": "b"}], "recharge":
        {"threshold": "10", "amount": "50", "bucket": "b", "price": "5.00 USD"}})";
    const std::string low = R"({"at": "2026-01-01T00:00:00Z",
        "grant": {"lot": "A", "bucket": "b", "amount": "5"}, "expect": {"intents": ["50"]}},)";
    const auto then = [&](const std::string& step) {
        return verdict_of(low + R"({"at": "2026-01-01T00:00:01Z", )" + step + "}", plan);
    };
    CHECK(then(R"("confirm_recharge": {}, "expect": {"lots": {"recharge#1": "50"}})") == "ok");
    CHECK(then(R"("confirm_recharge": {"intent": 1}, "expect": {"intents": []})") == "ok");
    CHECK(then(R"("confirm_recharge": {"intent": 2}, "error": "invalid_argument")") == "ok");
    CHECK(then(R"("fail_recharge": {"reason": "card declined"}, "expect": {"intents": []})") ==
          "ok");
    CHECK(then(R"("pass": {}, "expect": {"intents": ["50"]})") ==
          "steps[1].expect.intents: expected [\"50\"], found []");
    CHECK(starts_with(then(R"("confirm_recharge": {"intent": "1"})"),
                      "invalid: steps[1].confirm_recharge.intent: "));
    CHECK(starts_with(then(R"("confirm_recharge": {"order": 1})"),
                      "invalid: steps[1].confirm_recharge.order: "));
    CHECK(starts_with(then(R"("pass": {}, "expect": {"intents": ["many"]})"),
                      "invalid: steps[1].expect.intents[0]: "));
}

TEST_CASE("a number that cannot be read refuses its request", "[scenario]") {
    struct flawed {
        string step, refusal;
    };
    const auto it = GENERATE(values<flawed>({
        {R"("charge": {"amount": "five"})", "invalid_argument"},
        {R"("charge": {"amount": ""})", "invalid_argument"},
        {R"("charge": {"amount": "0.0000001"})", "invalid_argument"},
        {R"("charge": {"amount": "1e30"})", "amount_overflow"},
        {R"("charge": {"amount": "-1e30"})", "invalid_argument"},
        {R"("charge": {"action": "voice", "quantity": "1,5"})", "invalid_argument"},
        {R"("charge": {"action": "voice", "quantity": "9999999999999999"})", "amount_overflow"},
        {R"("charge": {"action": "chat", "usage": {"input": "1.5"}})", "invalid_argument"},
        {R"("charge": {"action": "chat", "usage": {"output": "10000000000000000000"}})",
         "amount_overflow"},
        {R"("charge": {"action": "image", "amount": "1e30"})", "invalid_argument"},
        {R"("charge": {"action": "post", "amount": "1e30"})", "invalid_argument"},
        {R"("charge": {"amount": "1e30", "member": "five", "quantity": "x"})", "invalid_argument"},
        {R"("hold": {"amount": "x", "for": "1 minute"})", "invalid_argument"},
        {R"("hold": {"amount": "1", "tolerance": "x", "for": "1 minute"})", "invalid_argument"},
        {R"("hold": {"amount": "1", "for": "-1 minutes"})", "invalid_argument"},
        {R"("hold": {"amount": "1", "for": "0 minutes"})", "invalid_argument"},
        {R"("hold": {"amount": "1", "for": "99999999999999999999 minutes"})", "amount_overflow"},
        {R"("hold": {"amount": "1", "for": "2000000000 days"})", "amount_overflow"},
        {R"("hold": {"amount": "1", "for": "9999 years"})", "amount_overflow"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "x"})", "invalid_argument"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1e30"})", "amount_overflow"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "paid": "5.00"})",
         "invalid_argument"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "paid": "1e30 USD"})",
         "amount_overflow"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "priority": "first"})",
         "invalid_argument"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1", "priority": 2147483647})",
         "amount_overflow"},
        {R"("grant": {"lot": "P2", "bucket": "package", "amount": "1",
             "priority": 18446744073709551615})",
         "amount_overflow"},
        {R"("start": {"paid": "x USD"})", "invalid_argument"},
        {R"("void": {"lot": "P1", "amount": "x"})", "invalid_argument"},
        {R"("refund_purchase": {"lot": "P1", "money": "five USD"})", "invalid_argument"},
        {R"("dispute": {"lot": "P1", "state": "opened", "money": "1e30 USD"})", "amount_overflow"},
    }));
    INFO(it.step);
    CHECK(verdict_of(afterwards(it.step + R"(, "error": ")" + it.refusal +
                                R"(", "expect": {"available": "150"})")) == "ok");
}

TEST_CASE("what is graver than a number that cannot be read is the answer", "[scenario]") {
    struct flawed {
        string step, refusal;
    };
    const auto it = GENERATE(values<flawed>({
        {R"("charge": {"action": "painting", "quantity": "x"})", "unknown_action"},
        {R"("grant": {"lot": "P2", "bucket": "bucket", "amount": "x"})", "unknown_bucket"},
        {R"("void": {"lot": "P2", "amount": "x"})", "unknown_lot"},
        {R"("settle": {"hold": "h2", "amount": "x"})", "unknown_hold"},
        {R"("refund": {"charge": "c2", "amount": "x"})", "unknown_charge"},
        {R"("charge": {"id": "c1", "amount": "x"})", "request_mismatch"},
        {R"("settle": {"hold": "h1", "id": "c1", "amount": "1e30"})", "request_mismatch"},
        {R"("settle": {"hold": "h1", "amount": "x"})", "invalid_argument"},
        {R"("settle": {"hold": "h1", "amount": "1e30"})", "amount_overflow"},
        {R"("refund": {"charge": "c1", "amount": "1e30"})", "amount_overflow"},
        {R"("charge": {"amount": "1e30"}, "late": true)", "too_late"},
        {R"("charge": {"amount": "x"}, "late": true)", "invalid_argument"},
    }));
    INFO(it.step);
    const string before = begin + pack + R"(
        {"at": "2026-02-01T00:00:00Z", "charge": {"id": "c1", "amount": "10"}},
        {"at": "2026-02-01T00:00:00Z", "hold": {"id": "h1", "amount": "20", "for": "30 days"}},
        {"at": "2026-02-05T00:00:00Z", "pass": {}},)";
    const string at =
        it.step.find("late") == string::npos ? "2026-02-05T00:00:00Z" : "2026-02-02T00:00:00Z";
    CHECK(verdict_of(before + R"({"at": ")" + at + "\", " + it.step + R"(, "error": ")" +
                     it.refusal + R"(", "expect": {"available": "120", "held": "20"}})") == "ok");
}

TEST_CASE("lots have the names of the format", "[scenario]") {
    const string rolling = R"({
        "buckets": [{"name": "a", "refill": {"every": "1 month", "amount": "10"}, "rollover": "all",
                     "restore": {"regrant": "7 days"}}]})";
    CHECK(verdict_of(R"(
        {"at": "2026-01-01T00:00:00Z", "start": {}},
        {"at": "2026-01-02T00:00:00Z", "charge": {"id": "c1", "amount": "4"},
             "expect": {"took": {"a#0": "4"}}},
        {"at": "2026-02-01T00:00:00Z", "void": {"lot": "a#0~1", "amount": "1"},
         "expect": {"lots": {"a#0": "0", "a#0~1": "5", "a#1": "10"}}},
        {"at": "2026-03-02T00:00:00Z", "refund": {"charge": "c1", "amount": "3"},
         "expect": {"lots": {"a#0!1": "3", "a#0~2": "5", "a#1~1": "10", "a#2": "10"}}},
        {"at": "2026-03-02T00:00:00Z", "refund": {"charge": "c1"},
             "expect": {"lots": {"a#0!2": "1"}}},
        {"at": "2026-03-02T00:00:00Z", "void": {"lot": "a#0!3"}, "error": "unknown_lot"})",
                     rolling) == "ok");
}

TEST_CASE("a lot's name is given once, and belongs to what its grant says", "[scenario]") {
    const auto grant = [](const string& members) {
        return R"({"at": "2026-02-01T00:00:00Z", "grant": {"bucket": "package", "amount": "50", )" +
               members;
    };
    CHECK(verdict_of(grant(R"("lot": "A", "id": "g1"}},)") +
                     grant(R"("lot": "A", "id": "g2"}, "error": "invalid_argument"},)") +
                     grant(R"("lot": "A"}, "error": "invalid_argument"},)") +
                     grant(R"("lot": "B", "id": "g1"}, "error": "request_mismatch"},)") +
                     grant(
                         R"("lot": "A", "id": "g1"}, "expect": {"lots": {"A": "50"},
                     "available": "50"}},)") +
                     grant(
                         R"("lot": "B", "expires": "2026-01-01T00:00:00Z"},
                     "error": "invalid_argument"},)") +
                     grant(R"("lot": "B"}, "expect": {"available": "100"}})")) == "ok");
}

TEST_CASE("all ids share one space, and a repeat is answered with the first outcome",
          "[scenario]") {
    CHECK(verdict_of(begin + R"(
        {"at": "2026-02-01T00:00:00Z", "charge": {"id": "x", "amount": "10"}},
        {"at": "2026-02-01T00:00:00Z", "hold": {"id": "x", "amount": "10", "for": "1 hour"},
             "error": "request_mismatch"},
        {"at": "2026-02-01T00:00:00Z", "hold": {"id": "h", "amount": "10", "for": "1 month"}},
        {"at": "2026-02-01T00:00:00Z", "settle": {"hold": "h", "id": "x", "amount": "5"},
             "error": "request_mismatch"},
        {"at": "2026-02-02T00:00:00Z", "hold": {"id": "h", "amount": "10", "for": "1 month"},
         "expect": {"held": "10", "cost": "10", "took": {"budget#0": "10"}}},
        {"at": "2026-02-02T00:00:00Z", "settle": {"hold": "h", "amount": "5"}},
        {"at": "2026-02-03T00:00:00Z", "refund": {"charge": "h"}},
        {"at": "2026-02-03T00:00:00Z", "settle": {"hold": "h", "amount": "5"},
         "expect": {"cost": "5", "took": {"budget#0": "5"}, "available": "90"}},
        {"at": "2026-02-03T00:00:00Z", "settle": {"hold": "h", "amount": "6"},
             "error": "hold_closed"},
        {"at": "2026-02-03T00:00:00Z", "settle": {"hold": "x"}, "error": "unknown_hold"},
        {"at": "2026-02-03T00:00:00Z", "charge": {"id": "x", "amount": "10.0"},
             "expect": {"available": "90", "cost": "10"}})") == "ok");
}

TEST_CASE("a hold of months lasts by the calendar of the plan's zone", "[scenario]") {
    CHECK(verdict_of(R"(
        {"at": "2026-02-28T23:30:00Z", "grant": {"lot": "P1", "bucket": "package", "amount": "10"}},
        {"at": "2026-02-28T23:30:00Z", "hold": {"id": "h", "amount": "10", "for": "1 month"}},
        {"at": "2026-03-31T22:29:59.999999Z", "pass": {}, "expect": {"held": "10"}},
        {"at": "2026-03-31T22:30:00Z", "pass": {}, "expect": {"held": "0"}})") == "ok");
}

TEST_CASE("usage, tags and labels reach the wallet", "[scenario]") {
    CHECK(verdict_of(begin + R"(
        {"at": "2026-02-01T00:00:00Z", "charge": {"id": "a", "action": "chat",
             "usage": {"input": "10", "output": "3"},
         "member": "ann", "resource": "r", "tags": ["x", "y"]}, "expect": {"cost": "11"}},
        {"at": "2026-02-01T00:00:00Z", "charge": {"id": "a", "action": "chat",
             "usage": {"input": "10", "output": "3"},
         "member": "ann", "resource": "r", "tags": ["x"]}, "error": "request_mismatch"},
        {"at": "2026-02-01T00:00:00Z", "charge": {"id": "b", "amount": "1",
             "tags": {"org": "1", "team": "2"}}},
        {"at": "2026-02-01T00:00:00Z", "charge": {"id": "b", "amount": "1",
             "tags": ["org=1", "team=2"]}},
        {"at": "2026-02-01T00:00:00Z", "hold": {"id": "h", "action": "chat", "at_most": "50",
             "for": "1 hour"}},
        {"at": "2026-02-01T00:00:00Z", "settle": {"hold": "h", "usage": {}},
             "expect": {"cost": "0", "held": "0"}})") == "ok");
}

TEST_CASE("the past is that of recorded time, and the future has what falls due by then",
          "[scenario]") {
    CHECK(verdict_of(begin + R"(
        {"at": "2026-02-01T00:00:00Z", "charge": {"amount": "10"}},
        {"at": "2026-02-02T00:00:00Z", "charge": {"amount": "20"}},
        {"at": "2026-02-01T12:00:00Z", "charge": {"amount": "5"}, "late": true, "expect": {"as_of":
            {"2026-01-31T09:59:59Z": "0", "2026-01-31T10:00:00Z": "100",
                 "2026-02-01T00:00:00Z": "90",
             "2026-02-01T23:59:59Z": "90", "2026-02-02T00:00:00Z": "65",
                  "2026-02-28T10:00:00Z": "100"}}})") == "ok");
}

TEST_CASE("a file that cannot be read is no scenario", "[scenario]") {
    const auto report = coffer::run_scenario_file("no such folder/no such file.json");
    REQUIRE_FALSE(report);
    CHECK(report.error() == coffer::errc::unavailable);
}
