#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

std::string const month2 = "2026-02-01T00:00:00Z";
std::string const month3 = "2026-03-01T00:00:00Z";

/// One bucket, months from day 1, and what goes beyond billed as stated.
tale billed(std::string const& later, std::string const& more = "") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": {"bill_later": )" + later + "}" + more +
           "}");
    t.at(day1, R"("start": {})");
    return t;
}

std::string charge_of(std::string const& id, std::string const& amount) {
    return R"("charge": {"id": ")" + id + R"(", "amount": ")" + amount + "\"}";
}

std::string refund_of(std::string const& id, std::string const& amount) {
    return R"("refund": {"charge": ")" + id + R"(", "amount": ")" + amount + "\"}";
}

}  // namespace

TEST_CASE("the model bills later what goes beyond, up to a limit of what is owed at once") {
    tale t = billed(R"({"limit": "10"})");
    CHECK(t.at(day1, charge_of("a", "10"))["debt"] == "10");
    CHECK(t.at(day2, charge_of("b", "0.000001"))["error"] == "insufficient_credits");
    CHECK(t.at(day2, R"("grant": {"lot": "A", "bucket": "pack", "amount": "4"})")["debt"] == "6");
    CHECK(t.at(day3, charge_of("b", "4"))["debt"] == "10");
    CHECK(t.at(month2, charge_of("c", "10"))["debt"] == "10");
}

TEST_CASE("the model closes what charges owe at the end of each period, and nothing repays it") {
    tale t = billed("{}");
    t.at(day1, charge_of("a", "10"));
    json seen = t.at(month2, R"("grant": {"lot": "A", "bucket": "pack", "amount": "50"})");
    CHECK(seen["debt"] == "0");
    CHECK(seen["available"] == "50");
    CHECK(t.at(month2, charge_of("b", "60"))["debt"] == "10");
    CHECK(t.at(month3, R"("pass": {})")["debt"] == "0");
}

TEST_CASE("the model closes debt before what comes back at the same instant repays it") {
    tale t = billed("{}");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "5"})");
    t.at(day1, R"("hold": {"id": "h", "amount": "5", "for": "744 hours"})");
    t.at(day1, charge_of("a", "5"));
    json seen = t.at(month2, R"("pass": {})");
    CHECK(seen["available"] == "5");
    CHECK(seen["debt"] == "0");
}

TEST_CASE("the model never bills who was not started, and the first period has what came before") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": "bill_later"})");
    CHECK(t.at(day1, charge_of("a", "5"))["debt"] == "5");
    CHECK(t.at(month2, R"("pass": {})")["debt"] == "5");
    CHECK(t.at(month2, R"("start": {})")["debt"] == "5");
    CHECK(t.at(month3, R"("pass": {})")["debt"] == "0");
}

TEST_CASE(
    "the model's refund returns what is owed, then what repaid it, then money, then credits") {
    tale t = billed(R"({"price": "1.00 USD", "per": "10"})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    t.at(day1, charge_of("a", "40"));
    t.at(day2, R"("grant": {"lot": "B", "bucket": "pack", "amount": "5"})");
    CHECK(t.at(day3, refund_of("a", "5"))["debt"] == "20");
    t.at(month2, R"("pass": {})");
    json seen = t.at(month2, refund_of("a", "5"));
    CHECK(lots(seen) == texts{{"A", "0"}, {"B", "5"}});
    CHECK(seen["money"] == json());
    seen = t.at(month2, refund_of("a", "20"));
    CHECK(lots(seen) == texts{{"A", "0"}, {"B", "5"}});
    CHECK(seen["money"] == "2.00 USD");
    seen = t.at(month2, refund_of("a", "10"));
    CHECK(lots(seen) == texts{{"A", "10"}, {"B", "5"}});
    CHECK(seen["money"] == json());
    CHECK(t.at(month2, refund_of("a", "1"))["error"] == "refund_exceeds");
}

TEST_CASE("the model rounds a bill up once, and all refunds of a line come to that line") {
    tale t = billed(R"({"price": "0.10 USD", "per": "3"})");
    for (char const* id : {"a", "b", "c"}) t.at(day1, charge_of(id, "1"));
    t.at(month2, R"("pass": {})");
    CHECK(t.at(month2, refund_of("a", "1"))["money"] == "0.04 USD");    // 3.33 up
    CHECK(t.at(month2, refund_of("b", "0.5"))["money"] == "0.01 USD");  // of 6.67 up, less 4
    CHECK(t.at(month2, refund_of("b", "0.5"))["money"] == "0.02 USD");
    CHECK(t.at(month2, refund_of("c", "1"))["money"] == "0.03 USD");  // 10 in all
}

TEST_CASE("the model's bill without a price is of credits alone") {
    tale t = billed("{}");
    t.at(day1, charge_of("a", "10"));
    json seen = t.at(month2, refund_of("a", "10"));
    CHECK(seen["error"] == json());
    CHECK(seen["money"] == json());
    CHECK(seen["available"] == "0");
}

TEST_CASE("the model does not bill what a claw-back is owed, and drops it where debt is dropped") {
    for (auto const& [at_reset, left] : {std::pair{"keep", "10"}, std::pair{"drop", "0"}}) {
        tale t = billed(R"({"price": "1.00 USD"})", R"(, "clawback": "negative",
                           "debt_at_reset": ")" + std::string(at_reset) +
                                                        "\"");
        t.at(day1, pack_of_100);
        t.at(day1, charge_of("a", "105"));
        t.at(day2, R"("dispute": {"lot": "P", "state": "opened", "money": "1.00 USD"})");
        CHECK(t.at(day3, R"("pass": {})")["debt"] == "15");
        CHECK(t.at(month2, R"("pass": {})")["debt"] == left);
        CHECK(t.at(month2, refund_of("a", "5"))["money"] == "5.00 USD");
    }
}

TEST_CASE("the model refuses a bill that makes no sense") {
    for (char const* later :
         {R"({"per": "10"})", R"({"price": "1.00 USD", "per": "0"})", R"({"price": "-1.00 USD"})",
          R"({"limit": "-1"})", R"({"most": "1"})"}) {
        CHECK_THROWS_AS(billed(later), model::bad_scenario);
    }
}
