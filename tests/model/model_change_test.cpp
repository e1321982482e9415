#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

/// A monthly budget of 100.
std::string changing(std::string const& more = "") {
    return R"({"buckets": [{"name": "budget", "refill": {"every": "1 month", "amount": "100"})" +
           more + R"(}, {"name": "pack"}]})";
}

tale started(std::string const& plan) {
    tale t(plan);
    t.at(day1, R"("start": {})");
    return t;
}

json change(tale& t, std::string const& when, std::string const& amount,
            std::string const& more = "") {
    return t.at(when, R"("change_plan": {"allowance": {"budget": ")" + amount + "\"}" + more + "}");
}

std::string const in_full = R"(, "how": "full")";
std::string const prorated = R"(, "how": "prorate")";
std::string const february = "2026-02-01T00:00:00Z";

}  // namespace

TEST_CASE("the model's upgrade grants the difference and keeps the usage") {
    tale t = started(changing());
    t.at(day2, R"("charge": {"amount": "30"})");
    json seen = change(t, day3, "250");
    CHECK(lots(seen) == texts{{"budget#0", "70"}, {"budget#0+1", "150"}});
    CHECK(seen["used"] == "30");
    CHECK(change(t, day4, "260")["lots"]["budget#0+2"] == "10");
}

TEST_CASE("the model's prorated upgrade is rounded down and never granted twice") {
    tale t = started(changing());
    CHECK(change(t, "2026-01-20T00:00:00Z", "200", prorated)["available"] == "138.709677");
    CHECK(change(t, "2026-01-20T00:00:00Z", "100", prorated)["available"] == "138.709677");
    CHECK(change(t, "2026-01-20T00:00:00Z", "200", prorated)["available"] == "138.709677");
    CHECK(t.at(february, R"("pass": {})")["lots"]["budget#1"] == "200");
}

TEST_CASE("the model's upgrade that grants nothing makes no lot and takes no number") {
    tale t = started(changing());
    std::string const last = "2026-01-31T23:59:59.999999Z";
    CHECK(change(t, last, "100.01", prorated)["lots"].size() == 1);
    CHECK(change(t, last, "200")["lots"]["budget#0+1"] == "99.99");
}

TEST_CASE("the model's upgrades in full of one period bring the new allowance once") {
    tale t = started(changing());
    CHECK(change(t, day2, "150")["available"] == "150");
    CHECK(change(t, day3, "200", in_full)["available"] == "300");
    CHECK(change(t, day4, "300", in_full)["available"] == "400");
    CHECK(change(t, february, "400", in_full)["available"] == "700");
}

TEST_CASE("the model's lower allowance waits, is replaced, cancelled and revoked") {
    tale t = started(changing(R"(, "rollover": "all")"));
    CHECK(change(t, day2, "40")["available"] == "100");
    CHECK(change(t, day2, "60")["available"] == "100");
    CHECK(t.at(february, R"("pass": {})")["lots"]["budget#1"] == "60");
    change(t, february, "40");
    change(t, february, "60");
    CHECK(t.at("2026-03-01T00:00:00Z", R"("pass": {})")["lots"]["budget#2"] == "60");
    change(t, "2026-03-01T00:00:00Z", "90", R"(, "when": "period_end")");
    CHECK(t.at("2026-03-02T00:00:00Z", R"("cancel_change": {})")["error"].is_null());
    CHECK(t.at("2026-04-01T00:00:00Z", R"("cancel_change": {})")["lots"]["budget#3"] == "60");
}

TEST_CASE("the model's upgrade drops what was pending for the bucket, at once or later") {
    tale t = started(changing());
    change(t, day2, "300", R"(, "when": "period_end")");
    CHECK(change(t, day3, "120")["available"] == "120");
    CHECK(t.at(february, R"("pass": {})")["available"] == "120");
}

TEST_CASE("the model's second start begins with what was pending") {
    tale t = started(changing());
    change(t, day2, "40");
    CHECK(lots(t.at(day3, R"("start": {})")) == texts{{"budget#0", "0"}, {"budget#1", "40"}});
}

TEST_CASE("the model's refill and upgrades roll separately, up to a percentage of the highest") {
    tale t = started(changing(R"(, "rollover": {"cap_percent": "75", "trim": "newest"})"));
    change(t, day2, "200");
    change(t, day2, "10");
    json seen = t.at(february, R"("pass": {})");
    CHECK(lots(seen) == texts{{"budget#0", "0"},
                              {"budget#0+1", "0"},
                              {"budget#0~1", "100"},
                              {"budget#0+1~1", "50"},
                              {"budget#1", "10"}});
    CHECK(t.at("2026-03-01T00:00:00Z", R"("pass": {})")["available"] == "17.5");
}

TEST_CASE("the model changes only what refills, in a subscription that runs") {
    tale t(changing());
    CHECK(change(t, day1, "200")["error"] == "invalid_argument");
    t.at(day1, R"("start": {})");
    CHECK(t.at(day2, R"("change_plan": {"allowance": {"pack": "5"}})")["error"] ==
          "invalid_argument");
    CHECK(t.at(day2, R"("change_plan": {"allowance": {"pack": "5", "x": "1"}})")["error"] ==
          "unknown_bucket");
    CHECK(change(t, day2, "9999999999999")["error"] == "amount_overflow");
    CHECK(change(t, day2, "9223372036854")["error"].is_null());
    t.at(day2, R"("grant": {"lot": "P", "bucket": "pack", "amount": "0.7"})");
    CHECK(change(t, day2, "9223372036854.775807")["error"] == "amount_overflow");
    t.at(day2, R"("end": {})");
    CHECK(change(t, day3, "300")["error"] == "invalid_argument");
}

TEST_CASE("the model takes no change without allowances or with words of its own") {
    tale t = started(changing());
    CHECK_THROWS_AS(t.at(day2, R"("change_plan": {})"), model::bad_scenario);
    CHECK_THROWS_AS(change(t, day2, "1", R"(, "how": "half")"), model::bad_scenario);
    CHECK_THROWS_AS(change(t, day2, "1", R"(, "when": "soon")"), model::bad_scenario);
    CHECK(t.at(day2, R"("change_plan": {"allowance": {}})")["error"].is_null());
}
