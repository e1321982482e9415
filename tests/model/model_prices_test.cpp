#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

/// A pack of 1000, and an action "act" of that price.
tale sold(std::string const& price, std::string const& more = "") {
    tale t(R"({"buckets": [{"name": "pack"}], "costs": {"act": )" + price + "}" + more + "}");
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "1000"})");
    return t;
}

void reprice(tale& t, std::string const& when, std::string const& price) {
    t.at(when, R"("reprice": {"costs": {"act": )" + price + "}}");
}

std::string const hold =
    R"("hold": {"id": "h", "action": "act", "at_most": "100", "for": "9 days"})";

}  // namespace

TEST_CASE("the model's open hold keeps the price of its opening, whatever kind it is") {
    struct kind {
        char const* price;
        char const* cost_of_12;
    };
    for (kind const& of :
         {kind{R"("2")", "24"}, kind{R"({"rate": "0.5"})", "6"},
          kind{R"({"rate": "0.5", "minimum": "9"})", "9"},
          kind{R"({"rate": "1", "increment": "10"})", "20"},
          kind{R"({"graduated": [{"up_to": "10", "rate": "1"}, {"rate": "0"}]})", "10"},
          kind{R"({"volume": [{"up_to": "10", "rate": "1"}, {"rate": "2"}]})", "24"},
          kind{R"({"package": {"size": "5", "price": "3"}})", "9"}}) {
        tale t = sold(of.price);
        t.at(day2, hold);
        reprice(t, day3, R"({"rate": "7"})");
        CAPTURE(of.price);
        CHECK(t.at(day3, R"("charge": {"action": "act", "quantity": "12"})")["cost"] == "84");
        CHECK(t.at(day4, R"("settle": {"hold": "h", "quantity": "12"})")["cost"] == of.cost_of_12);
    }
}

TEST_CASE("the model keeps rates for good, other prices as long as their figures are there") {
    for (auto const& [price, is_kept] :
         {std::pair{R"({"rate": "1", "rounding": "down"})", true},
          std::pair{R"({"rate": "1", "minimum_if_used": "1"})", false},
          std::pair{R"({"package": {"size": "1", "price": "1"}})", false}}) {
        for (int lists : {16, 17}) {
            tale t = sold(price);
            t.at(day2, hold);
            for (int i = 0; i < lists; ++i) reprice(t, day3, "\"" + std::to_string(i) + "\"");
            json seen = t.at(day3, R"("settle": {"hold": "h", "quantity": "5"})");
            CAPTURE(price, lists);
            CHECK(seen["error"] == (is_kept || lists == 16 ? json() : json("unknown_plan")));
            CHECK(t.at(day3, R"("settle": {"hold": "h", "amount": "5"})")["held"] == "0");
        }
    }
}

TEST_CASE("the same figures are the same price in the model, by whatever category") {
    tale t = sold(R"({"package": {"size": "1", "price": "1"}, "category": "a"})");
    t.at(day2, hold);
    for (int i = 0; i < 20; ++i) reprice(t, day3, R"("0")");
    CHECK(t.at(day3, R"("settle": {"hold": "h", "quantity": "5"})")["error"] == "unknown_plan");
    reprice(t, day3, R"({"package": {"size": "1", "price": "1"}, "category": "b"})");
    CHECK(t.at(day3, R"("settle": {"hold": "h", "quantity": "5"})")["cost"] == "5");
}

TEST_CASE("a stated amount lies in the range that the model's hold keeps") {
    tale t = sold(R"({"range": ["1", "5"]})");
    t.at(day2, hold);
    reprice(t, day3, R"({"range": ["10", "20"]})");
    CHECK(t.at(day3, R"("settle": {"hold": "h", "amount": "10"})")["error"] == "invalid_argument");
    for (int i = 0; i < 16; ++i) reprice(t, day3, R"("0")");
    CHECK(t.at(day3, R"("settle": {"hold": "h", "amount": "10"})")["cost"] == "10");
}

TEST_CASE("a hold that is opened anew in the model keeps the prices of then") {
    tale t = sold(R"({"rate": "1"})");
    t.at(day2, hold);
    t.at(day2, R"("release": {"hold": "h"})");
    reprice(t, day3, R"({"rate": "3"})");
    t.at(day3, hold);
    reprice(t, day4, R"({"rate": "9"})");
    CHECK(t.at(day4, R"("settle": {"hold": "h", "quantity": "5"})")["cost"] == "15");
}

TEST_CASE(
    "what no list has any more is unknown to the model, but settled and repeated all the same") {
    tale t = sold(R"({"rate": "1"})");
    t.at(day2, hold);
    t.at(day2, R"("charge": {"id": "c", "action": "act", "quantity": "5"})");
    t.at(day3, R"("reprice": {"costs": {}})");
    CHECK(t.at(day3, R"("charge": {"action": "act", "quantity": "5"})")["error"] ==
          "unknown_action");
    CHECK(t.at(day3, R"("charge": {"id": "c", "action": "act", "quantity": "5"})")["cost"] == "5");
    CHECK(t.at(day3, R"("settle": {"hold": "h", "quantity": "5"})")["cost"] == "5");
}

TEST_CASE(
    "limits in the model count a spend by the category that it had, a settle by that of now") {
    std::string const limit =
        R"(, "limits": [{"action": "b", "per": "ever", "amount": "10", "warn": true}])";
    tale t = sold(R"({"price": "1", "category": "a"})", limit);
    t.at(day2, R"("charge": {"action": "act", "quantity": "50"})");
    t.at(day2, R"("hold": {"id": "h", "action": "act", "quantity": "5", "for": "9 days",
                  "tolerance": "9"})");
    reprice(t, day3, R"({"price": "1", "category": "b"})");
    CHECK(t.at(day3, R"("charge": {"action": "act", "quantity": "4"})")["alerts"] == json::array());
    json seen = t.at(day4, R"("settle": {"hold": "h", "amount": "7"})");
    CHECK(seen["alerts"] == json::array({"limit:action:b"}));
}

TEST_CASE("the model refuses a reprice that is late, or that has no prices") {
    tale t = sold(R"("1")");
    CHECK_THROWS_AS(t.at(day2, R"("reprice": {})"), model::bad_scenario);
    CHECK_THROWS_AS(t.at(day2, R"("reprice": {"costs": {}, "id": "r"})"), model::bad_scenario);
    CHECK_THROWS_AS(t.at(day2, R"("reprice": {"costs": {}}, "late": true)"), model::bad_scenario);
}
