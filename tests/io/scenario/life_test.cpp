// Lives told step by step: what a host sees after each.
#include "support/catch.hpp"

#include <coffer/io/scenario/life.hpp>
#include <coffer/io/scenario/sight.hpp>

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

}  // namespace

TEST_CASE("a name is taken by what fell due, whether or not anybody looked", "[scenario]") {
    constexpr std::string_view plan =
        R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "10"}}]})";
    for (const char* expect : {"", R"(, "expect": {"available": "10"})"}) {
        auto life = coffer::scenario_life::begin(nlohmann::json::parse(plan)).or_throw();
        const std::string start =
            R"({"at": "2026-01-01T00:00:00Z", "start": {})" + std::string{expect} + "}";
        life.step(nlohmann::json::parse(start)).or_throw();
        for (const char* at_and_lot : {R"("2026-01-01T00:00:00Z", "grant": {"lot": "b#0")",
                                       R"("2026-02-01T00:00:00Z", "grant": {"lot": "b#1")"}) {
            const std::string grant =
                R"({"at": )" + std::string{at_and_lot} + R"(, "bucket": "b", "amount": "1"}})";
            CHECK(life.step(nlohmann::json::parse(grant)).or_throw()["error"] ==
                  "invalid_argument");
        }
    }
}

TEST_CASE("a file may call a grant a purchase without a price", "[scenario]") {
    auto life = coffer::scenario_life::begin(json::parse(shop_plan)).or_throw();
    const auto observed = life.step(json::parse(
        R"({"at": "2026-01-01T00:00:00Z", "grant": {"lot": "P", "bucket": "package", "amount": "5",
            "source": "purchase"}, "expect": {"available": "5"}})"));
    REQUIRE(observed);
    CHECK((*observed)["error"].is_null());
    CHECK((*observed)["available"] == "5");
}

TEST_CASE("a step that was not read from a file is checked all the same", "[scenario]") {
    auto life = coffer::scenario_life::begin(nlohmann::json::object()).or_throw();
    nlohmann::json step = nlohmann::json::parse(R"({"at": "2026-01-01T00:00:00Z", "start": {}})");
    step["expect"]["period"] = "\xff";
    CHECK_FALSE(life.step(step));
}

TEST_CASE("a life shows the same keys after each step", "[scenario]") {
    auto life = coffer::scenario_life::begin(json::parse(shop_plan));
    REQUIRE(life);
    const auto seen = [&](const string& step) {
        const auto observed = life->step(json::parse(step));
        REQUIRE(observed);
        return *observed;
    };
    const json nothing =
        json::parse(R"({"error": null, "available": "0", "held": "0", "debt": "0", "used": "0",
        "buckets": {"budget": "0", "package": "0"}, "lots": {}, "period": null, "cost": null,
             "took": {}, "money": null, "actor": "", "reason": "", "alerts": []})");
    CHECK(seen(R"({"at": "2026-01-30T00:00:00Z", "pass": {}})") == nothing);

    CHECK(seen(
              R"({"at": "2026-01-31T10:00:00Z", "start": {}, "error": "too_late",
                 "expect": {"available": "1"}})") ==
          json::parse(R"({"error": null, "available": "100", "held": "0", "debt": "0", "used": "0",
        "buckets": {"budget": "100", "package": "0"}, "lots": {"budget#0": "100"}, "cost": null,
             "took": {}, "actor": "", "reason": "", "alerts": [],
        "money": null, "period": ["2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"]})"));

    CHECK(seen(
              R"({"at": "2026-01-31T10:00:00Z", "grant": {"lot": "P1", "bucket": "package",
                 "amount": "50",
        "paid": "5 USD", "effective": "2026-02-01T00:00:00Z"}})")["lots"] ==
          json::parse(R"({"budget#0": "100", "P1": "0"})"));

    const json charged = seen(R"({"at": "2026-02-01T00:00:00Z", "charge": {"amount": "120.5"}})");
    CHECK(charged["cost"] == "120.5");
    CHECK(charged["took"] == json::parse(R"({"budget#0": "100", "P1": "20.5"})"));
    CHECK(charged["used"] == "120.5");

    const json refused = seen(R"({"at": "2026-02-01T00:00:00Z", "charge": {"amount": "120.5"}})");
    CHECK(refused["error"] == "insufficient_credits");
    CHECK(refused["cost"] == nullptr);
    CHECK(refused["took"] == json::object());
    CHECK(refused["available"] == "29.5");

    CHECK(
        seen(
            R"({"at": "2026-02-02T00:00:00Z", "refund_purchase": {"lot": "P1", "money": "2 USD"}})")
            ["money"] == "2.00 USD");
    // A total below the one already refunded owes nothing.
    CHECK(
        seen(
            R"({"at": "2026-02-02T00:00:00Z", "refund_purchase": {"lot": "P1", "money": "1 USD"}})")
            ["money"] == "0.00 USD");

    const auto then = life->as_of(coffer::parse_instant("2026-02-01T00:00:00Z").or_throw());
    REQUIRE(then);
    CHECK(*then == coffer::credits::from_micros(29'500'000));
}

TEST_CASE("a step that is none happens not at all", "[scenario]") {
    auto life = coffer::scenario_life::begin(json::parse(shop_plan));
    REQUIRE(life);
    REQUIRE(life->step(json::parse(R"({"at": "2026-02-01T00:00:00Z", "start": {}})")));
    const auto refusal = [&](const string& step) {
        const auto observed = life->step(json::parse(step));
        REQUIRE_FALSE(observed);
        return observed.error().path;
    };
    CHECK(refusal(R"({"at": "2026-01-31T23:59:59Z", "pass": {}})") == "step.at");
    CHECK(refusal(R"({"at": "2026-03-01T00:00:00Z", "charge": {"amount": 5}})") ==
          "step.charge.amount");
    CHECK(refusal(R"(["pass"])") == "step");
    const auto seen = life->step(json::parse(R"({"at": "2026-02-01T00:00:00Z", "pass": {}})"));
    REQUIRE(seen);
    CHECK((*seen)["available"] == "100");
}

TEST_CASE("a life needs a plan", "[scenario]") {
    const auto life = coffer::scenario_life::begin(json::parse(R"({"bucket": []})"));
    REQUIRE_FALSE(life);
    CHECK(life.error().path == "plan.bucket");
}

TEST_CASE("a life can be lived in a store of the host's, under the lots' own names", "[scenario]") {
    coffer::memory_store store;
    auto life =
        coffer::scenario_life_in<coffer::memory_store>::begin(json::parse(shop_plan), store);
    REQUIRE(life);
    REQUIRE(life->step(json::parse(R"({"at": "2026-02-01T00:00:00Z", "start": {}})")));
    const auto granted = life->step(json::parse(R"({"at": "2026-02-02T00:00:00Z", "grant": {
        "lot": "P1", "bucket": "package", "amount": "5"}})"));
    REQUIRE(granted);
    CHECK((*granted)["lots"]["P1"] == "5");
    CHECK(coffer::load(store, "scenario").or_throw().totals.available.micros() == 105'000'000);
}
