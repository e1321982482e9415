#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

/// Packs that are bought by themselves: 50 for 5 dollars below 10, unless said otherwise.
std::string recharging(std::string const& more = "", std::string const& plan = "",
                       std::string const& rule = R"("amount": "50", "price": "5.00 USD")") {
    return R"({"buckets": [{"name": "pack", "refund": "full"},
        {"name": "posts", "only": ["post"]}], "costs": {"post": "1"}, "recharge":
        {"threshold": "10", "bucket": "pack", )" +
           rule + more + "}" + plan + "}";
}

/// With a pack of 100.
tale buying(std::string const& plan) {
    tale t(plan);
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "100"})");
    return t;
}

/// The intents that a charge opens.
json intents_of(tale& t, std::string const& when, std::string const& amount) {
    return t.at(when, R"("charge": {"amount": ")" + amount + "\"}")["intents"];
}

json const nothing = json::array();
json const fifty = json::array({"50"});
std::string const confirm = R"("confirm_recharge": {})";
std::string const fail = R"("fail_recharge": {})";

}  // namespace

TEST_CASE("the model's intent opens strictly below the threshold, one at a time") {
    tale t = buying(recharging());
    CHECK(intents_of(t, day2, "90") == nothing);
    CHECK(intents_of(t, day2, "1") == fifty);
    CHECK(intents_of(t, day2, "1") == nothing);
    json seen = t.at(day3, confirm);
    CHECK(seen["lots"]["recharge#1"] == "50");
    CHECK(t.at(day3, confirm)["available"] == seen["available"]);
}

TEST_CASE("the model's failures back off for an hour, for two, and stop until a confirmation") {
    tale t = buying(recharging());
    CHECK(intents_of(t, "2026-01-02T10:00:00Z", "95") == fifty);
    CHECK(t.at("2026-01-02T10:00:00Z", fail)["intents"] == nothing);
    CHECK(intents_of(t, "2026-01-02T10:59:59.999999Z", "1") == nothing);
    CHECK(t.at("2026-01-02T11:00:00Z", fail)["intents"] == fifty);
    CHECK(intents_of(t, "2026-01-02T12:59:59Z", "1") == nothing);
    CHECK(t.at("2026-01-02T13:00:00Z", fail)["intents"] == fifty);
    CHECK(intents_of(t, "2026-03-02T13:00:00Z", "1") == nothing);
    t.at("2026-03-02T13:00:00Z", R"("confirm_recharge": {"intent": 1})");
    CHECK(intents_of(t, "2026-03-03T13:00:00Z", "50") == fifty);
}

TEST_CASE("the model's failure counts once and not after a confirmation") {
    tale t = buying(recharging());
    intents_of(t, day2, "95");
    t.at(day2, fail);
    t.at("2026-01-02T00:30:00Z", fail);
    CHECK(t.at("2026-01-02T01:00:00Z", R"("pass": {})")["intents"] == fifty);
    t.at("2026-01-02T01:00:00Z", confirm);
    t.at("2026-01-02T01:00:00Z", fail);
    CHECK(intents_of(t, "2026-01-02T01:00:00Z", "50") == fifty);
}

TEST_CASE("the model's confirmation of a failed intent grants while the next is open") {
    tale t = buying(recharging());
    intents_of(t, day2, "95");
    t.at(day2, fail);
    CHECK(t.at("2026-01-02T01:00:00Z", R"("pass": {})")["intents"] == fifty);
    json seen = t.at(day3, R"("confirm_recharge": {"intent": 1})");
    CHECK(seen["lots"]["recharge#1"] == "50");
    CHECK(intents_of(t, day3, "50") == nothing);
    CHECK(t.at(day3, confirm)["lots"]["recharge#2"] == "50");
}

TEST_CASE("the model buys up to a target, in whole packs, and for the whole gap") {
    tale target = buying(recharging("", R"(, "overdraft": {"limit": "500"})",
                                    R"("amount": {"to": "80"}, "price": "0.01 USD",
                                    "per_credit": true)"));
    CHECK(intents_of(target, day2, "97.5") == json::array({"77.5"}));
    tale whole = buying(recharging(R"(, "multiple_of": "30")", R"(, "overdraft": {"limit": "500"})",
                                   R"("amount": {"to": "80"}, "price": "1.00 USD")"));
    CHECK(intents_of(whole, day2, "95") == json::array({"90"}));
    tale gap = buying(recharging(R"(, "multiple_of": "50")", R"(, "overdraft": {"limit": "500"})"));
    CHECK(intents_of(gap, day2, "529.8") == json::array({"450"}));
    gap.at(day3, confirm);
    CHECK(gap.at(day3, R"("refund_purchase": {"lot": "recharge#1"})")["money"] == "45.00 USD");
}

TEST_CASE("the model buys nothing where the target is no higher than the balance") {
    tale t = buying(recharging("", "", R"("amount": {"to": "5"}, "price": "0.01 USD",
        "per_credit": true)"));
    CHECK(intents_of(t, day2, "94") == nothing);
    CHECK(intents_of(t, day2, "2") == json::array({"1"}));
}

TEST_CASE("the model's month limits count open and confirmed intents of their own month") {
    tale t = buying(recharging(R"(, "monthly_limit": "9.99 USD")"));
    CHECK(intents_of(t, day2, "95") == fifty);
    t.at(day2, fail);
    CHECK(t.at("2026-01-02T01:00:00Z", R"("pass": {})")["intents"] == fifty);
    t.at(day3, confirm);
    CHECK(intents_of(t, day3, "50") == nothing);
    CHECK(t.at("2026-01-31T23:59:59Z", R"("pass": {})")["intents"] == nothing);
    CHECK(t.at("2026-02-01T00:00:00Z", R"("pass": {})")["intents"] == fifty);
}

TEST_CASE("the model's refusal for lack opens an intent if what it buys less debt covers it") {
    tale cures = buying(recharging());
    CHECK(intents_of(cures, day2, "150") == fifty);
    tale falls_short = buying(recharging());
    CHECK(intents_of(falls_short, day2, "150.000001") == nothing);
    tale for_good = buying(recharging("", R"(, "refusals": "sticky")"));
    CHECK(intents_of(for_good, day2, "120") == nothing);

    tale in_debt(recharging(R"(, "of": ["posts"], "max_per_month": 9)", R"(,
        "overdraft": {"limit": "20"})"));
    in_debt.at(day1, R"("grant": {"lot": "S", "bucket": "posts", "amount": "100"})");
    CHECK(intents_of(in_debt, day1, "15") == nothing);
    CHECK(intents_of(in_debt, day1, "56") == nothing);
    CHECK(intents_of(in_debt, day1, "55") == fifty);
}

TEST_CASE("the model's refusal opens nothing where the bucket of the purchase may not pay") {
    tale t(R"({"buckets": [{"name": "posts", "only": ["post"]}, {"name": "pack"}],
        "recharge": {"threshold": "0", "amount": "50", "bucket": "posts", "price": "1.00 USD"}})");
    CHECK(intents_of(t, day1, "20") == nothing);
}

TEST_CASE("the model's taking what there is lacks no more than something") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": "take_available",
        "recharge": {"threshold": "0", "amount": "5", "bucket": "pack", "price": "1.00 USD"}})");
    CHECK(intents_of(t, day1, "20") == json::array({"5"}));
}

TEST_CASE("the model's sweeps and repeats open no intent, refused operations do") {
    tale t(recharging());
    t.at(day1, R"("grant": {"id": "g", "lot": "P", "bucket": "pack", "amount": "100",
        "expires": "2026-01-02T00:00:00Z"})");
    CHECK(t.at(day2, R"("pass": {})")["intents"] == nothing);
    CHECK(t.at(day2, R"("grant": {"id": "g", "lot": "P", "bucket": "pack", "amount": "100",
        "expires": "2026-01-02T00:00:00Z"})")["intents"] == nothing);
    json seen = t.at(day2, R"("charge": {"action": "nothing"})");
    CHECK(seen["error"] == "unknown_action");
    CHECK(seen["intents"] == fifty);
}

TEST_CASE("the model's month begins nothing for a wallet that was only looked at") {
    tale t(recharging());
    t.at(day1, R"("pass": {})");
    CHECK(t.at("2026-02-02T00:00:00Z", R"("pass": {})")["intents"] == nothing);
    CHECK(t.at("2026-02-02T00:00:00Z", R"("charge": {"amount": "0"})")["intents"] == fifty);
}

TEST_CASE("the model's recharge goes on while the wallet is paused") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "100"}}],
        "recharge": {"threshold": "10", "amount": "50", "bucket": "b", "price": "1.00 USD"}})");
    t.at(day1, R"("start": {})");
    t.at(day1, R"("charge": {"amount": "90"})");
    t.at(day1, R"("pause": {})");
    CHECK(t.at("2026-02-01T00:00:00Z", R"("pass": {})")["intents"] == fifty);
}

TEST_CASE("the model knows its intents by number, and grants none that it cannot date") {
    tale t(R"({"buckets": [{"name": "pack", "expiry": "period_end"}],
        "recharge": {"threshold": "10", "amount": "50", "bucket": "pack", "price": "1.00 USD"}})");
    CHECK(t.at(day1, confirm)["error"] == "invalid_argument");
    CHECK(t.at(day1, R"("fail_recharge": {"intent": 2})")["error"] == "invalid_argument");
    CHECK(t.at(day1, confirm)["error"] == "invalid_argument");
    t.at(day1, R"("start": {})");
    CHECK(t.at(day1, confirm)["available"] == "50");
}

TEST_CASE("the model reads only a recharge whose parts agree") {
    for (char const* rule :
         {R"("amount": "50")", R"("price": "1.00 USD")", R"("amount": "0", "price": "1.00 USD")",
          R"("amount": {"to": "50"}, "price": "1.00 USD")",
          R"("amount": {"up": "50"}, "price": "1.00 USD", "per_credit": true)",
          R"("amount": "50", "price": "1.00 USD", "monthly_limit": "5.00 EUR")",
          R"("amount": "50", "price": "1.00 USD", "of": ["nowhere"])",
          R"("amount": "50", "price": "1.00 USD", "multiple_of": "0")"}) {
        CHECK_THROWS_AS(tale(recharging("", "", rule)), model::bad_scenario);
    }
}
