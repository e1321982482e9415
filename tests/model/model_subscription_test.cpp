#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

std::string const subscribed_plan = R"({"buckets": [
    {"name": "budget", "refill": {"every": "1 month", "amount": "100", "paid": "10.00 USD"},
        "refund": "full"},
    {"name": "pack"}]})";

tale subscribed() {
    tale t(subscribed_plan);
    t.at(day1, R"("start": {})");
    return t;
}

/// What is available then.
json funds(tale& t, std::string const& when) { return t.at(when, R"("pass": {})")["available"]; }

std::string const second_month = "2026-02-01T00:00:00Z";
std::string const in_second_month = "2026-02-10T00:00:00Z";
std::string const third_month = "2026-03-01T00:00:00Z";

}  // namespace

TEST_CASE("the model's paused wallet refuses charges and holds, and nothing else") {
    tale t = subscribed();
    t.at(day1, R"("charge": {"id": "c", "amount": "5"})");
    t.at(day1, R"("hold": {"id": "h", "amount": "20", "for": "9 days"})");
    t.at(day1, R"("hold": {"id": "g", "amount": "20", "for": "9 days"})");
    t.at(day2, R"("pause": {})");
    CHECK(t.at(day3, R"("charge": {"amount": "1"})")["error"] == "wallet_paused");
    CHECK(t.at(day3, R"("charge": {"amount": "5000"})")["error"] == "wallet_paused");
    CHECK(t.at(day3, R"("charge": {"amount": "-1"})")["error"] == "invalid_argument");
    CHECK(t.at(day3, R"("hold": {"amount": "1", "for": "1 day"})")["error"] == "wallet_paused");
    CHECK(t.at(day3, R"("charge": {"id": "c", "amount": "5"})")["cost"] == "5");
    CHECK(t.at(day3, R"("settle": {"hold": "h", "amount": "10"})")["error"].is_null());
    CHECK(t.at(day3, R"("release": {"hold": "g"})")["error"].is_null());
    CHECK(t.at(day3, R"("hold": {"id": "g", "amount": "20", "for": "9 days"})")["error"] ==
          "wallet_paused");
    CHECK(t.at(day3, R"("refund": {"charge": "c"})")["error"].is_null());
    CHECK(t.at(day3, pack_of_100)["available"] == "190");
    t.at(day4, R"("unpause": {})");
    CHECK(t.at(day4, R"("charge": {"amount": "1"})")["available"] == "189");
}

TEST_CASE("the model's pause skips refills, and they go on with the next period") {
    tale t = subscribed();
    t.at(day2, R"("pause": {})");
    json seen = t.at(in_second_month, R"("unpause": {})");
    CHECK(seen["available"] == "0");
    CHECK(seen["period"][0] == second_month);
    CHECK(lots(t.at(third_month, R"("pass": {})")) ==
          texts{{"budget#0", "0"}, {"budget#2", "100"}});
}

TEST_CASE("the model's pause within a period skips nothing") {
    tale t = subscribed();
    t.at(day2, R"("pause": {})");
    t.at(day3, R"("unpause": {})");
    CHECK(funds(t, second_month) == "100");
}

TEST_CASE("the model's unpaid period gets its whole allowance once it is paid") {
    tale t = subscribed();
    t.at(day2, R"("past_due": {})");
    CHECK(funds(t, day3) == "100");
    CHECK(t.at(day3, R"("charge": {"amount": "1"})")["error"].is_null());
    CHECK(funds(t, second_month) == "0");
    json seen = t.at(in_second_month, R"("paid": {})");
    CHECK(lots(seen) == texts{{"budget#0", "0"}, {"budget#1", "100"}});
    CHECK(t.at(in_second_month, R"("paid": {})")["available"] == "100");
    json money = t.at(in_second_month, R"("refund_purchase": {"lot": "budget#1"})")["money"];
    CHECK(money == "10.00 USD");
    CHECK(funds(t, third_month) == "100");
}

TEST_CASE("the model pays for the period that runs, not for those that were missed") {
    tale t = subscribed();
    t.at(day2, R"("past_due": {})");
    CHECK(lots(t.at("2026-04-10T00:00:00Z", R"("paid": {})")) ==
          texts{{"budget#0", "0"}, {"budget#3", "100"}});
}

TEST_CASE("the model's payment before the period's end changes nothing") {
    tale t = subscribed();
    t.at(day2, R"("past_due": {})");
    CHECK(t.at(day3, R"("paid": {})")["available"] == "100");
    CHECK(funds(t, second_month) == "100");
}

TEST_CASE("the model's upgrade in an unpaid period and its payment grant the allowance once") {
    tale t = subscribed();
    t.at(day2, R"("past_due": {})");
    json seen = t.at(in_second_month, R"("change_plan": {"allowance": {"budget": "150"}})");
    CHECK(seen["available"] == "50");
    CHECK(t.at(in_second_month, R"("paid": {})")["available"] == "150");
}

TEST_CASE("the model's payment while paused makes up for nothing") {
    tale t = subscribed();
    t.at(day2, R"("past_due": {})");
    t.at(second_month, R"("pause": {})");
    CHECK(t.at(in_second_month, R"("paid": {})")["available"] == "0");
    CHECK(t.at(in_second_month, R"("unpause": {})")["available"] == "0");
    CHECK(funds(t, third_month) == "100");
}

TEST_CASE("the model's pause ends in the state that was before it") {
    tale t = subscribed();
    t.at(day2, R"("past_due": {})");
    t.at(day3, R"("pause": {})");
    t.at(day4, R"("unpause": {})");
    CHECK(funds(t, second_month) == "0");
    CHECK(t.at(in_second_month, R"("paid": {})")["available"] == "100");
}

TEST_CASE("the model's ended subscription refills no more, and what was bought stays usable") {
    tale t = subscribed();
    t.at(day2, pack_of_100);
    t.at(day2, R"("change_plan": {"allowance": {"budget": "40"}})");
    CHECK(t.at(day3, R"("end": {})")["available"] == "200");
    CHECK(t.at(day4, R"("charge": {"amount": "50"})")["available"] == "150");
    CHECK(funds(t, second_month) == "100");
    CHECK(t.at(in_second_month, R"("charge": {"amount": "60"})")["available"] == "40");
    CHECK(funds(t, third_month) == "40");
    CHECK(t.at(third_month, R"("end": {})")["error"].is_null());
    for (char const* verb : {"pause", "unpause", "past_due", "paid"}) {
        CHECK(t.at(third_month, "\"" + std::string(verb) + "\": {}")["error"] ==
              "invalid_argument");
    }
}

TEST_CASE("the model's end ends a pause") {
    tale t = subscribed();
    t.at(day2, pack_of_100);
    t.at(day2, R"("pause": {})");
    t.at(day2, R"("end": {})");
    CHECK(t.at(day3, R"("charge": {"amount": "1"})")["error"].is_null());
}

TEST_CASE("the model's start after a pause or an end makes the subscription active") {
    for (char const* verb : {"pause", "past_due", "end"}) {
        tale t = subscribed();
        t.at(day2, "\"" + std::string(verb) + "\": {}");
        CHECK(t.at(day3, R"("start": {})")["available"] == "100");
        CHECK(t.at(day3, R"("charge": {"amount": "1"})")["available"] == "99");
        CHECK(funds(t, "2026-02-03T00:00:00Z") == "100");
    }
}

TEST_CASE("the model has no state of a subscription before its start") {
    tale t(subscribed_plan);
    for (char const* verb : {"pause", "unpause", "past_due", "paid", "end"}) {
        CHECK(t.at(day1, "\"" + std::string(verb) + "\": {}")["error"] == "invalid_argument");
    }
    t.at(day1, R"("start": {})");
    for (char const* verb : {"unpause", "paid"}) {
        CHECK(t.at(day1, "\"" + std::string(verb) + "\": {}")["available"] == "100");
    }
    CHECK(t.at(day1, R"("pause": {"id": "p"})")["error"].is_null());
    CHECK(t.at(day1, R"("pause": {"id": "q"})")["error"].is_null());
    CHECK(t.at(day1, R"("end": {"id": "p"})")["error"] == "request_mismatch");
    CHECK_THROWS_AS(t.at(day1, R"("end": {"why": "x"})"), model::bad_scenario);
}
