#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

/// A plan of a monthly budget of 100 and packs, with alerts.
std::string alerting(std::string const& alerts, std::string const& more = "") {
    return R"({"buckets": [
        {"name": "budget", "refill": {"every": "1 month", "amount": "100"},
            "expiry": "period_end"},
        {"name": "pack"}], "overdraft": {"limit": "1000"}, "alerts": )" +
           alerts + more + "}";
}

std::string spend_of(std::string const& amount) {
    return R"("charge": {"amount": ")" + amount + "\"}";
}

json raised(std::initializer_list<char const*> names) {
    json list = json::array();
    for (char const* name : names) list.push_back(name);
    return list;
}

}  // namespace

TEST_CASE("the model's alert fires when the balance is at or below its level and was above") {
    tale t(alerting(R"(["25%"])"));
    CHECK(t.at(day1, R"("start": {})")["alerts"] == raised({}));
    CHECK(t.at(day2, spend_of("74"))["alerts"] == raised({}));
    CHECK(t.at(day2, spend_of("1"))["alerts"] == raised({"25%"}));
    CHECK(t.at(day2, spend_of("1"))["alerts"] == raised({}));
}

TEST_CASE("the model's alerts of one comparison come highest first") {
    tale t(alerting(R"(["10", "50%", {"name": "mid", "at": "25"}])"));
    t.at(day1, R"("start": {})");
    CHECK(t.at(day3, spend_of("95"))["alerts"] == raised({"50%", "mid", "10"}));
}

TEST_CASE("the model's alerts of one step come by time") {
    tale t(alerting(R"([{"at": "20", "of": ["pack"]}, {"name": "all", "at": "140"}])"));
    t.at(day1, R"("start": {})");
    auto pack_until = [](std::string const& lot, std::string const& until) {
        return R"("grant": {"lot": ")" + lot + R"(", "bucket": "pack", "amount": "30",
            "expires": ")" +
               until + "\"}";
    };
    t.at(day1, pack_until("E", day2));
    t.at(day1, pack_until("F", day3));
    CHECK(t.at(day4, R"("pass": {})")["alerts"] == raised({"all", "20"}));
}

TEST_CASE("the model's alert counts held credit as there and debt as gone") {
    tale t(alerting(R"(["25%", "0"])"));
    t.at(day1, R"("start": {})");
    CHECK(t.at(day2, R"("hold": {"id": "h", "amount": "100", "for": "1 day"})")["alerts"].empty());
    CHECK(t.at(day2, R"("settle": {"hold": "h"})")["alerts"] == raised({"25%", "0"}));
    t.at(day2, spend_of("50"));
    CHECK(t.at(day3, R"("grant": {"lot": "P", "bucket": "pack", "amount": "70"})")["alerts"] ==
          raised({}));
    CHECK(t.at(day4, spend_of("20"))["alerts"] == raised({"0"}));
}

TEST_CASE("the model's new period that begins at or below a level raises nothing") {
    tale t(alerting(R"(["150"])"));
    t.at(day1, R"("start": {})");
    t.at(day1, R"("grant": {"lot": "E", "bucket": "pack", "amount": "100",
        "expires": "2026-02-01T00:00:00Z"})");
    CHECK(t.at("2026-02-01T00:00:00Z", R"("pass": {})")["alerts"].empty());
    CHECK(t.at("2026-02-02T00:00:00Z", spend_of("50"))["alerts"].empty());
}

TEST_CASE("the model's alert once per period is armed again by a new period only") {
    tale t(alerting(R"([{"at": "25%", "once_per_period": true}])"));
    t.at(day1, R"("start": {})");
    CHECK(t.at(day2, spend_of("80"))["alerts"] == raised({"25%"}));
    t.at(day3, R"("grant": {"lot": "P", "bucket": "pack", "amount": "50"})");
    CHECK(t.at(day3, spend_of("60"))["alerts"].empty());
    CHECK(t.at("2026-02-02T00:00:00Z", spend_of("90"))["alerts"] == raised({"25%"}));
}

TEST_CASE("the model's alert once per period may fire before the first start") {
    tale t(alerting(R"([{"at": "10", "once_per_period": true}])"));
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "20"})");
    CHECK(t.at(day1, spend_of("15"))["alerts"] == raised({"10"}));
    t.at(day2, R"("grant": {"lot": "Q", "bucket": "pack", "amount": "20"})");
    CHECK(t.at(day2, spend_of("20"))["alerts"].empty());
}

TEST_CASE("the model's percentage is of the current allowances, and without one never fires") {
    tale t(alerting(R"(["50%"])"));
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "60"})");
    CHECK(t.at(day1, spend_of("60"))["alerts"].empty());
    t.at(day1, R"("start": {})");
    t.at(day2, R"("change_plan": {"allowance": {"budget": "200"}})");
    CHECK(t.at(day2, spend_of("99"))["alerts"].empty());
    CHECK(t.at(day2, spend_of("1"))["alerts"] == raised({"50%"}));
}

TEST_CASE("the model's upgrade may raise a level above the balance and so fire the alert") {
    tale t(alerting(R"(["50%"])"));
    t.at(day1, R"("start": {})");
    t.at(day2, spend_of("40"));
    json seen = t.at("2026-01-31T00:00:00Z",
                     R"("change_plan": {"allowance": {"budget": "200"}, "how": "prorate"})");
    CHECK(seen["available"] == "63.225806");
    CHECK(seen["alerts"] == raised({"50%"}));
}

TEST_CASE("the model's percentage of an ended subscription fires until its period is over") {
    tale t(alerting(R"(["50%"])"));
    t.at(day1, R"("start": {})");
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "500"})");
    t.at(day2, R"("end": {})");
    CHECK(t.at(day3, spend_of("550"))["alerts"] == raised({"50%"}));
    t.at(day4, R"("grant": {"lot": "Q", "bucket": "pack", "amount": "100"})");
    CHECK(t.at("2026-02-02T00:00:00Z", spend_of("120"))["alerts"].empty());
}

TEST_CASE("the model's alert of some buckets counts their credit and all debt") {
    tale t(alerting(R"([{"at": "10", "of": ["budget"]}])"));
    t.at(day1, R"("start": {})");
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "50"})");
    CHECK(t.at(day2, spend_of("89"))["alerts"].empty());
    CHECK(t.at(day2, spend_of("1"))["alerts"] == raised({"10"}));
    CHECK(t.at(day2, spend_of("60"))["alerts"].empty());
}

TEST_CASE("the model's alerts of what was due belong to the step that brings it about") {
    tale t(alerting(R"(["10"])"));
    t.at(day1, R"("grant": {"lot": "E", "bucket": "pack", "amount": "20",
        "expires": "2026-01-02T00:00:00Z"})");
    json seen = t.at(day3, R"("charge": {"action": "nothing"})");
    CHECK(seen["error"] == "unknown_action");
    CHECK(seen["alerts"] == raised({"10"}));
}

TEST_CASE("the model reads only alerts that have a level and a name of their own") {
    for (char const* alerts : {R"(["x%"])", R"(["%"])", R"([""])", R"(["-1%"])", R"([{}])",
                               R"("5")", R"([{"at": "5", "of": ["nowhere"]}])", R"(["5", "5"])",
                               R"([{"at": "5", "to": "6"}])", R"(["0.0000001"])"}) {
        CHECK_THROWS_AS(tale(alerting(alerts)), model::bad_scenario);
    }
}
