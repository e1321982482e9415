#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

/// A monthly budget of 100 for 10 USD, a bucket for add-ons, and packs.
std::string plan_with(std::string const& rollover) {
    return R"({"buckets": [
        {"name": "budget", "refill": {"every": "1 month", "amount": "100", "paid": "10.00 USD"},
            "refund": "full", "rollover": ")" +
           rollover + R"("},
        {"name": "topup", "refund": "full", "rollover": ")" +
           rollover + R"("},
        {"name": "pack"}]})";
}

tale started(std::string const& start = "", std::string const& rollover = "none") {
    tale t(plan_with(rollover));
    t.at(day1, "\"start\": {" + start + "}");
    return t;
}

json add_on(tale& t, std::string const& when, std::string const& bucket, std::string const& amount,
            std::string const& more = "") {
    return t.at(when, R"("add_on": {"bucket": ")" + bucket + R"(", "allowance": ")" + amount +
                          "\"" + more + "}");
}
json change(tale& t, std::string const& when, std::string const& amount,
            std::string const& more = "") {
    return t.at(when, R"("change_plan": {"allowance": {"budget": ")" + amount + "\"}" + more + "}");
}
json pass(tale& t, std::string const& when) { return t.at(when, R"("pass": {})"); }
json money_back(tale& t, std::string const& when, std::string const& lot) {
    return t.at(when, R"("refund_purchase": {"lot": ")" + lot + "\"}")["money"];
}

std::string const mid_january = "2026-01-16T00:00:00Z";
std::string const february = "2026-02-01T00:00:00Z";
std::string const mid_february = "2026-02-15T00:00:00Z";
std::string const march = "2026-03-01T00:00:00Z";
std::string const in_full = R"(, "how": "full")";
std::string const prorated = R"(, "how": "prorate")";
std::string const to_nothing = R"("trial_until": "2026-02-15T00:00:00Z", "then": "nothing")";
std::string const to_same = R"("trial_until": "2026-02-15T00:00:00Z", "then": "same")";

}  // namespace

TEST_CASE("the model's add-on comes at once and with each period, at its price") {
    tale t = started();
    CHECK(lots(add_on(t, day2, "topup", "50", R"(, "price": "5.00 USD")")) ==
          texts{{"budget#0", "100"}, {"topup#0", "50"}});
    CHECK(add_on(t, day3, "budget", "20", R"(, "price": "2.00 USD")")["lots"]["budget#0+1"] ==
          "20");
    CHECK(money_back(t, day3, "topup#0") == "5.00 USD");
    CHECK(money_back(t, day3, "budget#0+1") == "2.00 USD");
    json seen = pass(t, february);
    CHECK(seen["lots"]["budget#1"] == "120");
    CHECK(seen["lots"]["topup#1"] == "50");
    CHECK(money_back(t, february, "budget#1") == "12.00 USD");
}

TEST_CASE("the model's larger add-on brings the difference, a smaller one waits") {
    tale t = started();
    add_on(t, day2, "topup", "50", R"(, "price": "5.00 USD")");
    CHECK(add_on(t, day3, "topup", "80", R"(, "price": "7.00 USD")")["lots"]["topup#0+1"] == "30");
    CHECK(money_back(t, day3, "topup#0+1") == "2.00 USD");
    CHECK(add_on(t, day4, "topup", "10")["available"] == "150");
    CHECK(add_on(t, day4, "topup", "80", R"(, "price": "7.00 USD")")["available"] == "150");
    CHECK(pass(t, february)["available"] == "180");
    add_on(t, february, "topup", "10");
    CHECK(t.at(february, R"("cancel_change": {})")["available"] == "180");
    add_on(t, february, "topup", "10");
    change(t, february, "100");
    CHECK(pass(t, march)["available"] == "110");
}

TEST_CASE("the model's add-on is prorated by its bucket's period, or comes later") {
    tale t = started();
    CHECK(add_on(t, mid_january, "topup", "31",
                 R"(, "price": "3.10 USD")" + prorated)["lots"]["topup#0"] == "16");
    CHECK(money_back(t, mid_january, "topup#0") == "1.60 USD");
    CHECK(add_on(t, mid_january, "budget", "31", R"(, "how": "later")")["available"] == "100");
    CHECK(pass(t, february)["available"] == "162");
    CHECK(add_on(t, february, "topup", "40", R"(, "when": "period_end")")["available"] == "162");
    CHECK(pass(t, march)["available"] == "171");
}

TEST_CASE("the model's plan and add-on each bring their own allowance in full") {
    tale t = started();
    CHECK(add_on(t, day2, "budget", "31", in_full)["available"] == "131");
    CHECK(change(t, day3, "140", in_full)["available"] == "271");
    CHECK(add_on(t, day4, "budget", "62", in_full)["available"] == "302");
    CHECK(change(t, february, "150", in_full)["available"] == "352");
}

TEST_CASE("the model's add-on that was removed is lost with its period, and may come again") {
    tale t = started("", "all");
    add_on(t, day2, "topup", "31");
    CHECK(add_on(t, day3, "topup", "0")["available"] == "131");
    CHECK(pass(t, february)["buckets"]["topup"] == "0");
    CHECK(add_on(t, march, "topup", "5")["buckets"]["topup"] == "5");
}

TEST_CASE("the model's add-on is there while a payment is due or the wallet is paused") {
    tale t = started();
    t.at(day2, R"("past_due": {})");
    CHECK(add_on(t, day2, "topup", "20")["available"] == "120");
    CHECK(t.at(day3, R"("paid": {})")["available"] == "120");
    t.at(day3, R"("pause": {})");
    CHECK(add_on(t, day3, "pack", "7")["available"] == "127");
    CHECK(pass(t, february)["available"] == "0");
}

TEST_CASE("the model's add-ons end with the subscription and outlast a start") {
    tale t = started();
    add_on(t, day2, "topup", "20");
    CHECK(t.at(day3, R"("start": {})")["available"] == "120");
    CHECK(t.at(day4, R"("end": {})")["available"] == "120");
    CHECK(add_on(t, day4, "topup", "30")["error"] == "invalid_argument");
    CHECK(t.at(day5, R"("start": {})")["available"] == "100");
}

TEST_CASE("the model's add-on needs a bucket, a currency and a subscription") {
    tale t(plan_with("none"));
    CHECK(add_on(t, day1, "topup", "1")["error"] == "invalid_argument");
    t.at(day1, R"("start": {})");
    CHECK(add_on(t, day1, "nowhere", "1")["error"] == "unknown_bucket");
    CHECK(add_on(t, day1, "topup", "-1")["error"] == "invalid_argument");
    CHECK(add_on(t, day1, "topup", "1", R"(, "price": "1.00 EUR")")["error"] == "invalid_argument");
    CHECK_THROWS_AS(add_on(t, day1, "topup", "1", R"(, "how": "half")"), model::bad_scenario);
}

TEST_CASE("the model's trial is free and begins anew at its end, with what waits") {
    tale t = started(to_same);
    CHECK(t.at(day1, R"("refund_purchase": {"lot": "budget#0"})")["error"] == "not_refundable");
    add_on(t, day2, "topup", "20", R"(, "when": "period_end")");
    change(t, february, "40");
    json seen = pass(t, mid_february);
    CHECK(seen["lots"]["budget#2"] == "40");
    CHECK(seen["available"] == "60");
    CHECK(seen["period"][0] == mid_february);
    CHECK(money_back(t, mid_february, "budget#2") == "10.00 USD");
}

TEST_CASE("the model's trial that ends in nothing takes its allowances along") {
    tale t = started(to_nothing, "all");
    t.at(day2, pack_of_100);
    CHECK(pass(t, february)["available"] == "300");
    json seen = pass(t, mid_february);
    CHECK(seen["available"] == "100");
    CHECK(seen["period"].is_null());
    CHECK(t.at(march, R"("pause": {})")["error"] == "invalid_argument");
    CHECK(t.at(march, R"("start": {})")["lots"]["budget#3"] == "100");
}

TEST_CASE("the model's end of a trial ends no pause, pays nothing, and a start clears both") {
    tale t = started(to_same);
    t.at(day2, R"("past_due": {})");
    CHECK(pass(t, mid_february)["available"] == "0");
    CHECK(t.at(mid_february, R"("paid": {})")["available"] == "100");
    tale p = started(to_same);
    p.at(day2, R"("pause": {})");
    pass(p, mid_february);
    CHECK(p.at(mid_february, R"("charge": {"amount": "1"})")["error"] == "wallet_paused");
    CHECK(p.at(mid_february, R"("start": {})")["available"] == "100");
}

TEST_CASE("the model's trial has to say until when and in what it ends") {
    tale t(plan_with("none"));
    std::string const until = R"("trial_until": "2026-02-15T00:00:00Z")";
    CHECK(t.at(day1, "\"start\": {" + until + "}")["error"] == "invalid_argument");
    CHECK(t.at(day1, R"("start": {"then": "same"})")["error"] == "invalid_argument");
    CHECK(t.at(mid_february, "\"start\": {" + to_same + "}")["error"] == "invalid_argument");
}
