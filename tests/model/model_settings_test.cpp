#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

json const refused = "choice_refused";
json const senseless = "invalid_argument";
json const over = "limit_exceeded";

/// A wallet with a pack of 1000, under a plan with these choices.
tale stocked(std::string const& choices, std::string const& more = "") {
    tale t(R"({"buckets": [{"name": "pack"}], "costs": {
        "post": {"price": "1", "category": "ai/post"}}, "choices": )" +
           choices + more + "}");
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "1000"})");
    return t;
}

json chosen(tale& t, std::string const& when, std::string const& what) {
    return t.at(when, "\"configure\": {" + what + "}");
}

json draw(tale& t, std::string const& when, std::string const& amount,
          std::string const& labels = R"("member": "ann")") {
    return t.at(when, R"("charge": {"amount": ")" + amount + "\", " + labels + "}");
}

std::string const of_all = R"({"alerts": 3, "limits": 3, "budget": true})";
std::string const ten_for_ann = R"("limits": [{"member": "ann", "per": "ever", "amount": "10"}])";

}  // namespace

TEST_CASE("the model raises a customer's alerts beside the plan's, highest first") {
    tale t = stocked(of_all, R"(, "alerts": ["500"])");
    CHECK(chosen(t, day2, R"("alerts": ["700", "300"])")["error"].is_null());
    CHECK(draw(t, day2, "300")["alerts"] == json{"700"});
    CHECK(draw(t, day3, "400")["alerts"] == json{"500", "300"});
}

TEST_CASE("the model arms a chosen alert only if the balance is above its level") {
    tale t = stocked(of_all);
    chosen(t, day2, R"("alerts": ["1000", "2000"])");
    CHECK(draw(t, day2, "1")["alerts"].empty());
    t.at(day3, R"("grant": {"lot": "Q", "bucket": "pack", "amount": "2"})");
    CHECK(draw(t, day3, "1")["alerts"] == json{"1000"});
}

TEST_CASE("the model keeps the state of an alert by its name where its level changes") {
    tale t = stocked(of_all);
    chosen(t, day2, R"("alerts": [{"name": "mine", "at": "800"}])");
    CHECK(draw(t, day2, "200")["alerts"] == json{"mine"});
    CHECK(chosen(t, day2, R"("alerts": [{"name": "mine", "at": "900"}])")["alerts"].empty());
    CHECK(chosen(t, day2, R"("alerts": [{"name": "mine", "at": "700"}])")["alerts"].empty());
    CHECK(chosen(t, day3, R"("alerts": [{"name": "mine", "at": "900"}])")["alerts"] ==
          json{"mine"});
    CHECK(chosen(t, day3, R"("alerts": "none")")["alerts"].empty());
    CHECK(chosen(t, day3, R"("alerts": [{"name": "mine", "at": "900"}])")["alerts"].empty());
}

TEST_CASE("the model counts for a chosen limit from when it is chosen") {
    tale t = stocked(of_all);
    CHECK(draw(t, day2, "50")["error"].is_null());
    t.at(day2, R"("hold": {"id": "h", "amount": "5", "for": "10 days", "member": "ann"})");
    chosen(t, day2, ten_for_ann);
    CHECK(draw(t, day2, "10")["error"].is_null());
    CHECK(draw(t, day3, "1")["error"] == over);
    // What was held before is settled, and counts from then on at its own instant.
    CHECK(t.at(day3, R"("settle": {"hold": "h"})")["error"].is_null());
    chosen(t, day4, R"("limits": [{"member": "ann", "per": "ever", "amount": "15"}])");
    CHECK(draw(t, day4, "1")["error"] == over);
}

TEST_CASE("the model's limit that counts as one did goes on, another or a new one does not") {
    tale t = stocked(of_all);
    chosen(t, day2, ten_for_ann);
    CHECK(draw(t, day2, "10")["error"].is_null());
    chosen(t, day3, R"("limits": [{"member": "ann", "per": "ever", "amount": "12"}])");
    CHECK(draw(t, day3, "3")["error"] == over);
    chosen(t, day3, R"("limits": "none")");
    chosen(t, day3, ten_for_ann);
    CHECK(draw(t, day3, "10")["error"].is_null());
    chosen(t, day4, R"("limits": [{"member": "ann", "per": "week", "amount": "10"}])");
    CHECK(draw(t, day4, "10")["error"].is_null());
}

TEST_CASE("the model's chosen limit goes on with what one of the plan's counted") {
    tale t = stocked(of_all, R"(, "limits": [{"member": "ann", "per": "ever", "amount": "20"}])");
    CHECK(draw(t, day2, "8")["error"].is_null());
    chosen(t, day2, ten_for_ann);
    CHECK(draw(t, day2, "3")["error"] == over);
    chosen(t, day2, R"("limits": [{"member": "ann", "per": "ever", "amount": "90"}])");
    CHECK(draw(t, day2, "13")["error"] == over);  // the plan's always holds
}

TEST_CASE("the model's limit on several things counts what matches all of them") {
    tale t = stocked(of_all);
    chosen(t, day2,
           R"("limits": [{"member": "ann", "action": "ai", "per": "ever", "amount": "2"}])");
    CHECK(draw(t, day2, "9")["error"].is_null());
    auto post = [&](std::string const& member) {
        return t.at(day2, R"("charge": {"action": "post", "quantity": "2", "member": ")" + member +
                              "\"}")["error"];
    };
    CHECK(post("bob").is_null());
    CHECK(post("ann").is_null());
    CHECK(post("ann/x") == over);
    chosen(t, day3, R"("limits": [{"member": "*", "tag": "*", "per": "draw", "amount": "1",
                                   "warn": true}])");
    CHECK(draw(t, day3, "2", R"("member": "bob", "tags": ["a", "b"])")["alerts"] ==
          json{"limit:member:bob,tag:a", "limit:member:bob,tag:b"});
}

TEST_CASE("the model's budget is for all that is spent, in a period unless it says otherwise") {
    tale t(R"({"buckets": [{"name": "budget", "expiry": "period_end",
                            "refill": {"every": "1 month", "amount": "100"}}],
               "choices": {"budget": true}})");
    t.at(day1, R"("start": {})");
    CHECK(draw(t, day2, "10")["error"].is_null());
    chosen(t, day2, R"("budget": {"amount": "50"})");
    CHECK(draw(t, day2, "51")["error"] == over);
    CHECK(draw(t, day2, "50")["error"].is_null());
    CHECK(t.at(day3, R"("charge": {"amount": "1"})")["error"] == over);
    CHECK(t.at("2026-02-01T00:00:00Z", R"("charge": {"amount": "50"})")["error"].is_null());
    chosen(t, "2026-02-02T00:00:00Z", R"("budget": {"amount": "50", "warn": true})");
    CHECK(draw(t, "2026-02-02T00:00:00Z", "1")["alerts"] == json{"limit:budget"});
    chosen(t, "2026-02-02T00:00:00Z", R"("budget": "none")");
    CHECK(draw(t, "2026-02-02T00:00:00Z", "1")["alerts"].empty());
}

TEST_CASE("the model's defaults hold for who has not chosen") {
    tale t = stocked(
        R"({"alerts": 1, "limits": 1, "budget": true, "defaults": {
            "alerts": [{"name": "half", "at": "500"}],
            "limits": [{"member": "*", "per": "ever", "amount": "600"}],
            "budget": {"amount": "900", "per": "ever"}}})");
    CHECK(draw(t, day2, "500")["alerts"] == json{"half"});
    CHECK(draw(t, day2, "101")["error"] == over);
    CHECK(draw(t, day2, "401", R"("member": "bob")")["error"] == over);
    chosen(t, day2, R"("limits": "none", "budget": "none")");
    CHECK(draw(t, day2, "401", R"("member": "bob")")["error"].is_null());
    chosen(t, day2, R"("limits": "as_planned")");
    CHECK(draw(t, day2, "99", R"("member": "bob")")["error"].is_null());
}

TEST_CASE("the model refuses what a plan does not let its customers choose") {
    tale t = stocked(R"({"alerts": 1, "limits": 1})", R"(, "alerts": ["5"])");
    CHECK(chosen(t, day2, R"("alerts": ["1", "2"])")["error"] == refused);
    CHECK(chosen(t, day2, R"("alerts": [{"name": "5", "at": "6"}])")["error"] == refused);
    CHECK(chosen(t, day2, R"("budget": {"amount": "5"})")["error"] == refused);
    CHECK(chosen(t, day2, R"("budget": "none")")["error"] == refused);
    CHECK(chosen(t, day2, R"("budget": "as_planned")")["error"].is_null());
    CHECK(chosen(t, day2, R"("recharge": "none")")["error"] == refused);
    CHECK(chosen(t, day2, ten_for_ann + R"(, "budget": "none")")["error"] == refused);
    CHECK(draw(t, day2, "11")["error"].is_null());  // nothing was chosen

    tale nothing = stocked("{}");
    CHECK(chosen(nothing, day2, R"("alerts": "none")")["error"] == refused);
    CHECK(chosen(nothing, day2, R"("limits": [])")["error"] == refused);
    CHECK(chosen(nothing, day2, R"("alerts": "as_planned")")["error"].is_null());
}

TEST_CASE("the model refuses choices that make no sense, and numbers that are none") {
    tale t = stocked(R"({"alerts": 3, "limits": 3})");
    CHECK(chosen(t, day2, "")["error"] == senseless);
    CHECK(chosen(t, day2, R"("id": "x")")["error"] == senseless);
    CHECK(chosen(t, day2, R"("alerts": ["1", "1"])")["error"] == senseless);
    CHECK(chosen(t, day2, R"("alerts": ["one"])")["error"] == senseless);
    CHECK(chosen(t, day2, R"("alerts": ["99999999999999999999"])")["error"] == "amount_overflow");
    CHECK(chosen(t, day2, R"("alerts": ["one", {"at": "1", "of": ["x"]}])")["error"] ==
          "unknown_bucket");
    CHECK(chosen(t, day2,
                 R"("limits": [{"member": "a//b", "per": "day", "amount": "1"}])")["error"] ==
          senseless);
    CHECK_THROWS_AS(chosen(t, day2, R"("alerts": "no")"), model::bad_scenario);
    CHECK_THROWS_AS(chosen(t, day2, R"("alarms": "none")"), model::bad_scenario);
}

TEST_CASE("the model takes labels for paths where customers may have limits") {
    tale t = stocked(R"({"limits": 1})");
    CHECK(draw(t, day2, "1", R"("member": "a//b")")["error"] == senseless);
    CHECK(draw(t, day2, "1", R"("tags": ["a/"])")["error"] == senseless);
    tale free = stocked(R"({"budget": true, "alerts": 2})");
    CHECK(draw(free, day2, "1", R"("member": "a//b", "tags": ["a/"])")["error"].is_null());
}

TEST_CASE("the model buys as a customer chooses, at most as the plan allows") {
    std::string const bounded = R"({"recharge": {"most_threshold": "60",
        "most_monthly_limit": "20.00 USD"}, "defaults": {"recharge": {"threshold": "40"}}})";
    tale t = stocked(bounded, R"(, "recharge": {"threshold": "10", "amount": "5",
        "bucket": "pack", "price": "10.00 USD"})");
    CHECK(draw(t, day2, "961")["intents"] == json{"5"});  // below the default
    t.at(day2, R"("confirm_recharge": {})");
    CHECK(chosen(t, day3, R"("recharge": {"threshold": "61"})")["error"] == refused);
    CHECK(chosen(t, day3, R"("recharge": {"monthly_limit": "20.01 USD"})")["error"] == refused);
    CHECK(chosen(t, day3, R"("recharge": {"monthly_limit": "5.00 EUR"})")["error"] == refused);
    CHECK(chosen(t, day3, R"("recharge": {"offer": "pack"})")["error"] == refused);
    CHECK(chosen(t, day3, R"("recharge": "none")")["intents"].empty());
    CHECK(draw(t, day3, "5")["intents"].empty());
    // What is left out is as for who has not chosen: the default's threshold.
    CHECK(chosen(t, day4, R"("recharge": {"monthly_limit": "10.00 USD"})")["intents"].empty());
    CHECK(chosen(t, day4, R"("recharge": {"monthly_limit": "20.00 USD"})")["intents"] == json{"5"});
    t.at(day4, R"("confirm_recharge": {})");
    CHECK(draw(t, day5, "5")["intents"].empty());  // a third would be beyond the limit
    CHECK(chosen(t, day5, R"("recharge": "as_planned")")["intents"] == json{"5"});
}

TEST_CASE("the model answers a choice that is told again with the first outcome") {
    tale t = stocked(of_all);
    CHECK(chosen(t, day2, ten_for_ann + R"(, "id": "s")")["error"].is_null());
    chosen(t, day2, R"("limits": "none")");
    CHECK(chosen(t, day3, ten_for_ann + R"(, "id": "s")")["error"].is_null());
    CHECK(draw(t, day3, "11")["error"].is_null());
    CHECK(chosen(t, day3, R"("limits": "none", "id": "s")")["error"] == "request_mismatch");
}
