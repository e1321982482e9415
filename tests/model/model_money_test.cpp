#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>
#include <utility>

using namespace model_test;

namespace {

std::string pack_with(std::string const& more) {
    return R"({"buckets": [{"name": "pack", "refund": {"basis": "full"}}], )" + more + "}";
}

std::string priced(std::string const& price) {
    return R"({"buckets": [{"name": "pack"}], "costs": {"act": )" + price + "}}";
}

/// The cost of one charge under a price, or the identifier of its refusal.
std::string cost(std::string const& price, std::string const& usage) {
    tale t(priced(price));
    t.at("2026-01-01T00:00:00Z", R"("grant": {"lot": "L", "bucket": "pack", "amount": "1000000"})");
    json seen = t.at("2026-01-01T00:00:00Z", R"("charge": {"action": "act", )" + usage + "}");
    return seen["error"].is_null() ? seen["cost"] : seen["error"];
}

}  // namespace

// ---- overdraft, debt ------------------------------------------------------------------------

TEST_CASE("the model's overdraft reaches exactly its limit") {
    for (auto const& [funds, error] :
         {std::pair{"89", json("insufficient_credits")}, std::pair{"90", json()}}) {
        tale t(R"({"buckets": [{"name": "pack"}], "overdraft": {"limit": "10"}})");
        t.at(day1,
             R"("grant": {"lot": "A", "bucket": "pack", "amount": ")" + std::string(funds) + "\"}");
        CHECK(t.at(day1, R"("charge": {"amount": "100"})")["error"] == error);
    }
}

TEST_CASE("the model's partial overdraft takes what still fits") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": {"limit": "25", "partial": true}})");
    t.at(day1, R"("start": {})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "1100"})");
    t.at(day1, R"("charge": {"amount": "1120"})");
    json seen = t.at(day1, R"("charge": {"amount": "10"})");
    CHECK(seen["cost"] == "5");
    CHECK(seen["used"] == "1125");
    CHECK(t.at(day1, R"("charge": {"amount": "1"})")["error"] == "insufficient_credits");
}

TEST_CASE("the model's take_available takes the smaller of price and funds") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": "take_available"})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "3"})");
    CHECK(t.at(day1, R"("charge": {"amount": "10"})")["cost"] == "3");
    CHECK(t.at(day1, R"("charge": {"amount": "1"})")["error"] == "insufficient_credits");
    CHECK(t.at(day1, R"("charge": {"amount": "0"})")["cost"] == "0");
}

TEST_CASE("the model repays debt first from whatever arrives") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "1000"}},
        {"name": "pack"}], "overdraft": {"limit": "9999"}})");
    t.at(day1, R"("start": {})");
    CHECK(t.at(day1, R"("charge": {"id": "c", "amount": "1500"})")["debt"] == "500");
    json seen = t.at(day2, R"("grant": {"lot": "T", "bucket": "pack", "amount": "600"})");
    CHECK(seen["available"] == "100");
    CHECK(seen["debt"] == "0");
}

TEST_CASE("the model drops debt at the reset before the refill, or keeps it") {
    std::string const start = R"({"buckets": [{"name": "b", "refill":
        {"every": "1 month", "amount": "50"}}], "overdraft": {"limit": "99"}, "debt_at_reset": )";
    for (auto const& [rule, left] : texts{{"\"keep\"", "40"}, {"\"drop\"", "50"}}) {
        tale t(start + rule + "}");
        t.at(day1, R"("start": {})");
        t.at(day1, R"("charge": {"id": "c", "amount": "60"})");
        json seen = t.at("2026-02-01T00:00:00Z", R"("pass": {})");
        CHECK(seen["available"] == left);
        CHECK(seen["debt"] == "0");
    }
}

TEST_CASE("the model repays an action's debt only from buckets it may use") {
    tale t(R"({"buckets": [{"name": "ai", "only": ["chat"]}, {"name": "any"}],
        "costs": {"chat": "5", "scan": "5"}, "overdraft": {"limit": "99"}})");
    t.at(day1, R"("charge": {"action": "scan"})");
    json seen = t.at(day2, R"("grant": {"lot": "A", "bucket": "ai", "amount": "9"})");
    CHECK(seen["available"] == "9");
    CHECK(seen["debt"] == "5");
    seen = t.at(day3, R"("grant": {"lot": "B", "bucket": "any", "amount": "9"})");
    CHECK(seen["debt"] == "0");
    CHECK(lots(seen) == texts{{"A", "9"}, {"B", "4"}});
}

// ---- refunds of charges ---------------------------------------------------------------------

TEST_CASE("the model refunds a charge last taken first and adds partial refunds up") {
    tale t(packs);
    t.at(day1, R"("start": {})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    t.at(day1, R"("grant": {"lot": "B", "bucket": "pack", "amount": "10"})");
    t.at(day1, R"("charge": {"id": "c", "amount": "15"})");
    CHECK(lots(t.at(day1, R"("refund": {"charge": "c", "amount": "7"})")) ==
          texts{{"A", "2"}, {"B", "10"}});
    CHECK(t.at(day1, R"("refund": {"charge": "c", "amount": "9"})")["error"] == "refund_exceeds");
    json seen = t.at(day1, R"("refund": {"charge": "c"})");
    CHECK(seen["available"] == "20");
    CHECK(seen["used"] == "0");
}

TEST_CASE("the model refunds debt first: open, repaid, then the lots") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": {"limit": "99"}})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    t.at(day1, R"("charge": {"id": "c", "amount": "30"})");
    t.at(day1, R"("grant": {"lot": "B", "bucket": "pack", "amount": "8"})");
    json seen = t.at(day1, R"("refund": {"charge": "c", "amount": "12"})");
    CHECK(seen["debt"] == "0");
    CHECK(seen["available"] == "0");
    seen = t.at(day1, R"("refund": {"charge": "c", "amount": "9"})");
    CHECK(lots(seen) == texts{{"A", "1"}, {"B", "8"}});
}

TEST_CASE("the model does not give back what was dropped") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "50"}}],
        "overdraft": {"limit": "99"}, "debt_at_reset": "drop"})");
    t.at(day1, R"("start": {})");
    t.at(day1, R"("charge": {"id": "c", "amount": "60"})");
    json seen = t.at("2026-02-02T00:00:00Z", R"("refund": {"charge": "c", "amount": "10"})");
    CHECK(seen["available"] == "50");
    CHECK(seen["error"].is_null());
}

TEST_CASE("the model forfeits a refund into an ended lot or re-grants it") {
    for (auto const& [restore, expected] :
         {std::pair{"\"forfeit\"", texts{{"L", "0"}}},
          std::pair{R"({"regrant": "1 day"})", texts{{"L", "0"}, {"L!1", "5"}}}}) {
        tale t(R"({"buckets": [{"name": "b", "restore": )" + std::string(restore) + "}]}");
        t.at(day1,
             R"("grant": {"lot": "L", "bucket": "b", "amount": "5", "expires": ")" + day2 + "\"}");
        t.at(day1, R"("charge": {"id": "c", "amount": "5"})");
        CHECK(lots(t.at(day3, R"("refund": {"charge": "c"})")) == expected);
        CHECK(t.at(day4, R"("pass": {})")["available"] == "0");
    }
}

TEST_CASE("the model refunds a settled hold under the hold's id") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    t.at(day1, R"("hold": {"id": "h", "amount": "8", "for": "1 day"})");
    CHECK(t.at(day1, R"("refund": {"charge": "h"})")["error"] == "unknown_charge");
    t.at(day1, R"("settle": {"hold": "h", "id": "s", "amount": "6"})");
    CHECK(t.at(day1, R"("refund": {"charge": "h"})")["available"] == "10");
}

// ---- refunds of purchases, disputes ---------------------------------------------------------

TEST_CASE("the model maps partial money refunds to cumulative credits") {
    tale t(pack_with(R"("clawback": "clamp")"));
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "1000", "paid": "49.00 USD"})");
    json seen = t.at(day2, R"("refund_purchase": {"lot": "P", "money": "12.25 USD", "id": "r1"})");
    CHECK(seen["available"] == "750");
    CHECK(seen["money"] == "12.25 USD");
    seen = t.at(day2, R"("refund_purchase": {"lot": "P", "money": "24.50 USD", "id": "r2"})");
    CHECK(seen["available"] == "500");
    CHECK(seen["money"] == "12.25 USD");
    CHECK(
        t.at(day3,
             R"("refund_purchase": {"lot": "P", "money": "24.50 USD", "id": "r2"})")["available"] ==
        "500");
    seen = t.at(day3, R"("refund_purchase": {"lot": "P", "money": "14.70 USD"})");
    CHECK(seen["money"] == "0.00 USD");
    CHECK(t.at(day3, R"("refund_purchase": {"lot": "P", "money": "49.01 USD"})")["error"] ==
          "refund_exceeds");
}

TEST_CASE("the model refunds the unspent part once, within its half-open window") {
    std::string const plan = R"({"buckets": [{"name": "pack", "refund": {"within": "2 days"}}]})";
    tale t(plan);
    t.at(day1, pack_of_100);
    t.at(day1, R"("charge": {"id": "c", "amount": "33.4"})");
    json seen = t.at("2026-01-02T23:59:59.999999Z", R"("refund_purchase": {"lot": "P"})");
    CHECK(seen["money"] == "6.66 USD");
    CHECK(seen["available"] == "0");
    CHECK(t.at("2026-01-02T23:59:59.999999Z", R"("refund_purchase": {"lot": "P"})")["error"] ==
          "refund_exceeds");
    CHECK(t.at(day3, R"("refund_purchase": {"lot": "P"})")["error"] == "not_refundable");
}

TEST_CASE("the model gives spent credit back to a lot of which only a part was revoked") {
    tale t(R"({"buckets": [{"name": "pack", "refund": {"basis": "unspent"}}]})");
    t.at(day1, pack_of_100);
    t.at(day1, R"("charge": {"id": "c", "amount": "20"})");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "P"})")["money"] == "8.00 USD");
    CHECK(t.at(day2, R"("refund": {"charge": "c"})")["available"] == "20");
}

TEST_CASE("the model voids what comes back to a lot that was paid back in full") {
    tale t(R"({"buckets": [{"name": "pack", "refund": "full"}]})");
    t.at(day1, pack_of_100);
    t.at(day1, R"("charge": {"id": "c", "amount": "20"})");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "P"})")["money"] == "10.00 USD");
    CHECK(t.at(day2, R"("refund": {"charge": "c"})")["available"] == "0");

    tale by_total(R"({"buckets": [{"name": "pack", "refund": "full"}]})");
    by_total.at(day1, pack_of_100);
    by_total.at(day1, R"("refund_purchase": {"lot": "P", "money": "10.00 USD"})");
    CHECK(by_total.at(day1, R"("refund_purchase": {"lot": "P"})")["error"] == "refund_exceeds");
}

TEST_CASE("the model refunds only the bucket's first purchase where the plan says so") {
    tale t(R"({"buckets": [{"name": "pack", "refund": {"first_purchase_only": true}}]})");
    t.at(day1, R"("grant": {"lot": "F", "bucket": "pack", "amount": "1"})");
    t.at(day1, pack_of_100);
    t.at(day1, R"("grant": {"lot": "Q", "bucket": "pack", "amount": "1", "paid": "1.00 USD"})");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "Q"})")["error"] == "not_refundable");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "F"})")["error"] == "not_refundable");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "P"})")["money"] == "10.00 USD");
}

TEST_CASE("the model claws spent credit back as the plan says") {
    for (auto const& [rule, debt] : texts{{"\"clamp\"", "0"}, {"\"negative\"", "60"}}) {
        tale t(pack_with("\"clawback\": " + rule));
        t.at(day1, pack_of_100);
        t.at(day1, R"("charge": {"id": "c", "amount": "60"})");
        json seen = t.at(day2, R"("refund_purchase": {"lot": "P", "money": "10.00 USD"})");
        CHECK(seen["available"] == "0");
        CHECK(seen["debt"] == debt);
        seen = t.at(day3, R"("refund": {"charge": "c"})");
        CHECK(seen["available"] == "0");
        CHECK(seen["debt"] == "0");
    }
    tale t(pack_with(R"("clawback": "refuse")"));
    t.at(day1, pack_of_100);
    t.at(day1, R"("charge": {"id": "c", "amount": "60"})");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "P", "money": "5.00 USD"})")["error"] ==
          "refund_exceeds");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "P", "money": "4.00 USD"})")["available"] ==
          "0");
}

TEST_CASE("the model returns repaid claw-back debt to the lot that repaid it") {
    tale t(pack_with(R"("clawback": "negative")"));
    t.at(day1, pack_of_100);
    t.at(day1, R"("charge": {"id": "c", "amount": "100"})");
    t.at(day2, R"("refund_purchase": {"lot": "P", "money": "6.00 USD"})");
    json seen = t.at(day3, R"("grant": {"lot": "Q", "bucket": "pack", "amount": "50"})");
    CHECK(seen["debt"] == "10");
    seen = t.at(day4, R"("refund": {"charge": "c", "amount": "35"})");
    CHECK(seen["debt"] == "0");
    CHECK(lots(seen) == texts{{"P", "0"}, {"Q", "25"}});
    seen = t.at(day5, R"("refund": {"charge": "c"})");
    CHECK(lots(seen) == texts{{"P", "40"}, {"Q", "50"}});
}

TEST_CASE("the model's dispute takes once, its win undoes all, its refund takes again once") {
    tale t(pack_with(R"("clawback": "negative")"));
    t.at(day1, pack_of_100);
    t.at(day1, R"("charge": {"id": "c", "amount": "30"})");
    json seen = t.at(day2, R"("dispute": {"lot": "P", "state": "opened"})");
    CHECK(seen["available"] == "0");
    CHECK(seen["debt"] == "30");
    CHECK(t.at(day2, R"("refund_purchase": {"lot": "P", "money": "1.00 USD"})")["error"] ==
          "refund_exceeds");
    seen = t.at(day3, R"("dispute": {"lot": "P", "state": "opened"})");
    CHECK(seen["debt"] == "30");
    seen = t.at(day3, R"("dispute": {"lot": "P", "state": "won"})");
    CHECK(seen["available"] == "70");
    CHECK(seen["debt"] == "0");
    seen = t.at(day4, R"("refund_purchase": {"lot": "P", "money": "10.00 USD"})");
    CHECK(seen["available"] == "0");
    CHECK(seen["debt"] == "30");
}

TEST_CASE("the model counts a lost dispute's money as refunded") {
    tale t(pack_with(R"("clawback": "clamp")"));
    t.at(day1, pack_of_100);
    t.at(day2, R"("refund_purchase": {"lot": "P", "money": "2.00 USD"})");
    json seen = t.at(day3, R"("dispute": {"lot": "P", "state": "lost", "money": "5.00 USD"})");
    CHECK(seen["available"] == "50");
    seen = t.at(day4, R"("refund_purchase": {"lot": "P", "money": "6.00 USD"})");
    CHECK(seen["money"] == "1.00 USD");
    CHECK(seen["available"] == "40");
}

// ---- prices ---------------------------------------------------------------------------------

TEST_CASE("the model's graduated tiers owe their flat once passed") {
    std::string const tiers = R"({"graduated": [{"up_to": "10", "rate": "10", "flat": "2"},
        {"up_to": "20", "rate": "5", "flat": "3"}, {"rate": "5", "flat": "3"}]})";
    CHECK(cost(tiers, R"("quantity": "0")") == "2");
    CHECK(cost(tiers, R"("quantity": "1")") == "12");
    CHECK(cost(tiers, R"("quantity": "10")") == "102");
    CHECK(cost(tiers, R"("quantity": "11")") == "110");
    CHECK(cost(R"({"graduated": [{"up_to": "5", "flat": "100"}, {"up_to": "10", "flat": "50"},
        {"up_to": "15", "rate": "5"}, {"rate": "1"}]})",
               R"("quantity": "22")") == "182");
    CHECK(cost(R"({"graduated": [{"up_to": "1000", "rate": "0.01"},
        {"up_to": "10000", "rate": "0.008"}, {"rate": "0.005"}]})",
               R"("quantity": "15000")") == "107");
    CHECK(cost(R"({"volume": [{"up_to": "10", "rate": "2"}, {"rate": "1", "flat": "3"}]})",
               R"("quantity": "11")") == "14");
}

TEST_CASE("the model's package price counts every started package after the free units") {
    auto package = [](std::string const& free) {
        return R"({"package": {"size": "10", "price": "100", "free": ")" + free + "\"}}";
    };
    CHECK(cost(package("0"), R"("quantity": "121")") == "1300");
    CHECK(cost(package("10"), R"("quantity": "121")") == "1200");
    CHECK(cost(package("200"), R"("quantity": "121")") == "0");
}

TEST_CASE("the model rounds a price once, at the end, by its mode and places") {
    auto per_thousand = [](std::string const& more) {
        return R"({"rate": "1", "per": "1000 units")" + more + "}";
    };
    CHECK(cost(per_thousand(""), R"("quantity": "1247")") == "1.247");
    CHECK(cost(per_thousand(R"(, "places": 0)"), R"("quantity": "1247")") == "2");
    CHECK(cost(per_thousand(R"(, "places": 2)"), R"("quantity": "1247")") == "1.25");
    CHECK(cost(per_thousand(R"(, "places": 0, "rounding": "down")"), R"("quantity": "1999")") ==
          "1");
    auto half_up = per_thousand(R"(, "places": 0, "rounding": "half_up")");
    CHECK(cost(half_up, R"("quantity": "2400")") == "2");
    CHECK(cost(half_up, R"("quantity": "2500")") == "3");
    auto half_even = per_thousand(R"(, "places": 0, "rounding": "half_even")");
    CHECK(cost(half_even, R"("quantity": "2500")") == "2");
    CHECK(cost(half_even, R"("quantity": "3500")") == "4");
    CHECK(cost(R"({"rate": "3", "per": "1 minute", "minimum": "2", "increment": "0.5"})",
               R"("quantity": "1.2")") == "4.5");
    CHECK(cost(R"({"rate": "3", "per": "1 minute", "minimum": "2"})", R"("quantity": "0.1")") ==
          "2");
    CHECK(cost(R"({"rate": "3"})", R"("quantity": "1.5")") == "4.5");
    auto if_used = R"({"rate": "3", "per": "1 minute", "minimum_if_used": "2"})";
    CHECK(cost(if_used, R"("quantity": "0")") == "0");
    CHECK(cost(if_used, R"("quantity": "0.1")") == "2");
    CHECK(cost(if_used, R"("quantity": "1")") == "3");
    CHECK(cost(R"({"rates": {"cache_write_1h": "2", "citation": "3"}})",
               R"("usage": {"cache_write_1h": "2", "citation": "1"})") == "7");
    CHECK(cost(R"({"rates": {"input": "0.0000003", "output": "0.000002"}})",
               R"("usage": {"input": "1", "output": "1"})") == "0.000003");
}

TEST_CASE("the model takes an amount beside an action for a range only") {
    CHECK(cost(R"({"range": ["1", "3"]})", R"("amount": "2.5")") == "2.5");
    CHECK(cost(R"({"range": ["1", "3"]})", R"("amount": "3.000001")") == "invalid_argument");
    CHECK(cost("\"1\"", R"("amount": "1")") == "invalid_argument");
    CHECK(cost("\"1.5\"", R"("quantity": "3")") == "4.5");
    CHECK(cost("\"1\"", R"("quantity": "-1")") == "invalid_argument");
    CHECK(cost("\"1\"", R"("quantity": "0.0000001")") == "invalid_argument");
    CHECK(cost("\"2\"", R"("quantity": "9000000000000")") == "amount_overflow");
    CHECK(cost("\"2\"", R"("quantity": "10000000000000")") == "amount_overflow");
}

// ---- requests, lateness, shape --------------------------------------------------------------

TEST_CASE("the model answers a repeat with the first outcome and other content not at all") {
    tale t(packs);
    std::string const grant =
        R"("grant": {"lot": "A", "bucket": "pack", "amount": "100", "id": "g"})";
    t.at(day1, R"("grant": {"lot": "Z", "bucket": "pack", "amount": "10"})");
    t.at(day1, grant);
    CHECK(t.at(day2, grant)["available"] == "110");
    std::string const charge = R"("charge": {"id": "c", "amount": "30"})";
    CHECK(t.at(day2, charge)["available"] == "80");
    json seen = t.at(day3, charge);
    CHECK(seen["available"] == "80");
    CHECK(seen["cost"] == "30");
    CHECK(took(seen) == texts{{"Z", "10"}, {"A", "20"}});
    CHECK(t.at(day3, R"("charge": {"id": "c", "amount": "31"})")["error"] == "request_mismatch");
    CHECK(t.at(day3, R"("refund": {"id": "g", "charge": "c"})")["error"] == "request_mismatch");
}

TEST_CASE("the model's settle without an id uses its hold's id and verb") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    t.at(day1, R"("hold": {"id": "h", "amount": "8", "for": "1 day"})");
    t.at(day1, R"("settle": {"hold": "h", "amount": "5"})");
    CHECK(t.at(day2, R"("settle": {"hold": "h", "amount": "5"})")["cost"] == "5");
    CHECK(t.at(day2, R"("settle": {"hold": "h", "amount": "6"})")["error"] == "hold_closed");
    CHECK(t.at(day2, R"("release": {"hold": "h"})")["error"] == "hold_closed");
}

TEST_CASE("the model remembers a refusal for lack of credit only where it is sticky") {
    for (auto const& [rule, available] : texts{{"\"retry\"", "0"}, {"\"sticky\"", "5"}}) {
        tale t(R"({"buckets": [{"name": "pack"}], "refusals": )" + rule + "}");
        t.at(day1, R"("charge": {"id": "c", "amount": "5"})");
        t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "5"})");
        CHECK(t.at(day2, R"("charge": {"id": "c", "amount": "5"})")["available"] == available);
    }
}

TEST_CASE("the model's late event counts by its own time and uses the funds of now") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "50"}}],
        "late": "3 days"})");
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    t.at("2026-02-02T00:00:00Z", R"("pass": {})");
    json seen = t.at("2026-01-31T00:00:00Z", R"("late": true, "charge": {"amount": "5"})");
    CHECK(seen["lots"]["b#1"] == "45");
    CHECK(seen["used"] == "0");
    CHECK(t.at("2026-01-29T23:59:59Z", R"("late": true, "charge": {"amount": "5"})")["error"] ==
          "too_late");
    CHECK(t.at("2026-02-01T00:00:00Z", R"("late": true, "charge": {"amount": "5"})")["used"] ==
          "5");
}

TEST_CASE("the model names the first error in precedence") {
    tale t(packs);
    CHECK(t.at(day1, R"("grant": {"lot": "A", "bucket": "none", "amount": "-1"})")["error"] ==
          "unknown_bucket");
    CHECK(t.at(day1, R"("charge": {"action": "none", "quantity": "-1"})")["error"] ==
          "unknown_action");
    CHECK(t.at(day1, R"("settle": {"hold": "none", "amount": "x"})")["error"] == "unknown_hold");
    CHECK(t.at(day1,
               R"("grant": {"lot": "A", "bucket": "pack", "amount": "99999999999999"})")["error"] ==
          "amount_overflow");
    CHECK(t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "1e-7"})")["error"] ==
          "invalid_argument");
    CHECK(t.at(day1,
               R"("grant": {"lot": "A", "bucket": "pack", "amount": "3.75e-03"})")["available"] ==
          "0.00375");
}

TEST_CASE("the model names the path of what a scenario may not say") {
    using Catch::Matchers::ContainsSubstring;
    CHECK_THROWS_AS(tale(R"({"zone": "Mars/Olympus"})"), model::bad_scenario);
    CHECK_THROWS_WITH(tale(R"({"buckets": [{"name": "b", "refil": "none"}]})"),
                      ContainsSubstring("plan.buckets[0].refil"));
    CHECK_THROWS_WITH(tale(R"({"alerts": ["25 %"]})"), ContainsSubstring("plan.alerts[0]"));
    CHECK_THROWS_AS(tale(priced("\"0.0000001\"")), model::bad_scenario);
    tale t(packs);
    t.at(day2, R"("pass": {})");
    CHECK_THROWS_WITH(t.at(day2, R"("charge": {"amuont": "1"})"),
                      ContainsSubstring("steps[1].charge.amuont"));
    CHECK_THROWS_WITH(t.at(day2, R"("change_plan": {})"),
                      ContainsSubstring("steps[1].change_plan.allowance"));
    CHECK_THROWS_AS(t.at(day1, R"("pass": {})"), model::bad_scenario);
}
