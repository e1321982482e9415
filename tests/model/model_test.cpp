#include "model/model.hpp"

#include <map>
#include <string>

#include "model/time.hpp"
#include "support/catch.hpp"

namespace {

using nlohmann::json;
using texts = std::map<std::string, std::string>;

/// A life told in short: the plan and each step's verb as JSON text.
struct tale {
    explicit tale(std::string const& plan) : wallet(json::parse(plan)) {}

    json at(std::string const& when, std::string const& verb) {
        json step = json::parse("{" + verb + "}");
        step["at"] = when;
        return wallet.step(step);
    }

    model::life wallet;
};

std::string const packs = R"({"buckets": [{"name": "pack"}]})";

std::string const monthly = R"({"buckets": [
    {"name": "budget", "refill": {"every": "1 month", "amount": "100"}, "expiry": "period_end"},
    {"name": "pack", "rollover": "all"}]})";

std::string pack_with(std::string const& more) {
    return R"({"buckets": [{"name": "pack", "refund": {"basis": "full"}}], )" + more + "}";
}

std::string rolling(std::string const& rollover, std::string const& expiry = "\"never\"") {
    return R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "400"},
        "rollover": )" +
           rollover + R"(, "expiry": )" + expiry + "}]}";
}

std::string priced(std::string const& price) {
    return R"({"buckets": [{"name": "pack"}], "costs": {"act": )" + price + "}}";
}

/// The cost of one charge under a price, or the identifier of its refusal.
std::string cost(std::string const& price, std::string const& usage) {
    tale t(priced(price));
    t.at("2026-01-01T00:00:00Z",
         R"("grant": {"lot": "L", "bucket": "pack", "amount": "1000000"})");
    json seen = t.at("2026-01-01T00:00:00Z", R"("charge": {"action": "act", )" + usage + "}");
    return seen["error"].is_null() ? seen["cost"] : seen["error"];
}

texts lots(json const& seen) { return seen["lots"].get<texts>(); }
texts took(json const& seen) { return seen["took"].get<texts>(); }

std::string const day1 = "2026-01-01T00:00:00Z";
std::string const day2 = "2026-01-02T00:00:00Z";
std::string const day3 = "2026-01-03T00:00:00Z";
std::string const day4 = "2026-01-04T00:00:00Z";
std::string const day5 = "2026-01-05T00:00:00Z";
std::string const pack_of_100 =
    R"("grant": {"lot": "P", "bucket": "pack", "amount": "100", "paid": "10.00 USD"})";

}  // namespace

// ---- periods, zones -------------------------------------------------------------------------

TEST_CASE("the model clamps a month's end from the anchor, not from the period before") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "1"}}]})");
    CHECK(t.at("2025-01-31T15:00:00Z", R"("start": {})")["period"] ==
          json({"2025-01-31T15:00:00Z", "2025-02-28T15:00:00Z"}));
    CHECK(t.at("2025-08-13T20:00:00Z", R"("pass": {})")["period"] ==
          json({"2025-07-31T15:00:00Z", "2025-08-31T15:00:00Z"}));
    CHECK(t.at("2025-09-30T15:00:00Z", R"("pass": {})")["period"] ==
          json({"2025-09-30T15:00:00Z", "2025-10-31T15:00:00Z"}));
}

TEST_CASE("the model repeats 29 February yearly on the 28th") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 year", "amount": "1"}}]})");
    CHECK(t.at("2024-02-29T00:00:00Z", R"("start": {})")["period"][1] == "2025-02-28T00:00:00Z");
    CHECK(t.at("2027-03-01T00:00:00Z", R"("pass": {})")["period"][1] == "2028-02-29T00:00:00Z");
}

TEST_CASE("the model maps a local time in a gap to the first instant after it") {
    auto const* berlin = model::zone::find("Europe/Berlin");
    REQUIRE(berlin != nullptr);
    auto local = [](char const* text) { return *model::parse_instant(text); };
    CHECK(model::instant_text(berlin->from_local(local("2026-03-29T02:30:00Z"))) ==
          "2026-03-29T01:00:00Z");
    CHECK(model::instant_text(berlin->from_local(local("2026-03-29T03:30:00Z"))) ==
          "2026-03-29T01:30:00Z");
}

TEST_CASE("the model maps a local time that exists twice to the first") {
    auto const* berlin = model::zone::find("Europe/Berlin");
    auto local = [](char const* text) { return *model::parse_instant(text); };
    CHECK(model::instant_text(berlin->from_local(local("2026-10-25T02:30:00Z"))) ==
          "2026-10-25T00:30:00Z");
    CHECK(model::instant_text(berlin->from_local(local("2026-10-25T03:00:00Z"))) ==
          "2026-10-25T02:00:00Z");
    CHECK(model::instant_text(berlin->from_local(local("2099-10-25T02:30:00Z"))) ==
          "2099-10-25T00:30:00Z");
}

TEST_CASE("the model's daily periods keep the local time of day over a clock change") {
    tale t(R"({"zone": "Europe/Berlin",
        "buckets": [{"name": "b", "refill": {"every": "1 day", "amount": "1"}}]})");
    t.at("2026-03-27T11:00:00Z", R"("start": {})");
    CHECK(t.at("2026-03-29T12:00:00Z", R"("pass": {})")["period"] ==
          json({"2026-03-29T10:00:00Z", "2026-03-30T10:00:00Z"}));
}

TEST_CASE("the model's days outside of periods are 24 hours and its months calendar months") {
    tale t(R"({"zone": "Europe/Berlin", "buckets": [
        {"name": "days", "expiry": {"after": "2 days"}},
        {"name": "month", "expiry": {"after": "1 month"}}]})");
    t.at("2026-03-28T11:00:00Z", R"("grant": {"lot": "D", "bucket": "days", "amount": "1"})");
    t.at("2026-03-28T11:00:00Z", R"("grant": {"lot": "M", "bucket": "month", "amount": "1"})");
    CHECK(t.at("2026-03-30T10:59:59Z", R"("pass": {})")["available"] == "2");
    CHECK(t.at("2026-03-30T11:00:00Z", R"("pass": {})")["available"] == "1");
    CHECK(t.at("2026-04-28T09:59:59.999999Z", R"("pass": {})")["available"] == "1");
    CHECK(t.at("2026-04-28T10:00:00Z", R"("pass": {})")["available"] == "0");
}

TEST_CASE("the model grants an anchor's current period in full under its own index") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "7"}}]})");
    json seen = t.at("2026-03-15T00:00:00Z", R"("start": {"anchor": "2026-01-10T00:00:00Z"})");
    CHECK(lots(seen) == texts{{"b#2", "7"}});
    CHECK(seen["period"] == json({"2026-03-10T00:00:00Z", "2026-04-10T00:00:00Z"}));
    CHECK(t.at("2026-03-16T00:00:00Z", R"("start": {"anchor": "2026-03-17T00:00:00Z"})")["error"] ==
          "invalid_argument");
}

TEST_CASE("the model's second start ends the period and counts on from the last index") {
    tale t(rolling("\"all\""));
    t.at("2026-01-10T00:00:00Z", R"("start": {})");
    json seen = t.at("2026-01-20T00:00:00Z", R"("start": {"anchor": "2025-06-15T00:00:00Z"})");
    CHECK(lots(seen) == texts{{"b#0", "0"}, {"b#0~1", "400"}, {"b#1", "400"}});
    CHECK(seen["period"][1] == "2026-02-15T00:00:00Z");
}

TEST_CASE("the model makes k missed periods k resets and leaves bought credit alone") {
    tale t(monthly);
    t.at("2026-01-31T10:00:00Z", R"("start": {})");
    t.at("2026-02-01T00:00:00Z", pack_of_100);
    json seen = t.at("2026-05-31T10:00:00Z", R"("pass": {})");
    CHECK(seen["available"] == "200");
    CHECK(lots(seen).size() == 6);
    CHECK(seen["lots"]["budget#4"] == "100");
    CHECK(seen["lots"]["budget#3"] == "0");
}

// ---- rollover -------------------------------------------------------------------------------

TEST_CASE("the model's cap trims the oldest rolled credit first") {
    tale t(rolling(R"({"cap": "500"})"));
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    t.at("2026-01-02T00:00:00Z", R"("charge": {"id": "c", "amount": "250"})");
    CHECK(t.at("2026-02-01T00:00:00Z", R"("pass": {})")["available"] == "550");
    json seen = t.at("2026-03-01T00:00:00Z", R"("pass": {})");
    CHECK(seen["available"] == "900");
    CHECK(seen["lots"]["b#0~2"] == "100");
    CHECK(seen["lots"]["b#1~1"] == "400");
    seen = t.at("2026-03-02T00:00:00Z", R"("charge": {"id": "d", "amount": "150"})");
    CHECK(took(seen) == texts{{"b#0~2", "100"}, {"b#1~1", "50"}});
    seen = t.at("2026-03-02T00:00:00Z", R"("charge": {"id": "e", "amount": "400"})");
    CHECK(took(seen) == texts{{"b#1~1", "350"}, {"b#2", "50"}});
}

TEST_CASE("the model can trim the newest instead") {
    tale t(rolling(R"({"cap": "500", "trim": "newest"})"));
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    json seen = t.at("2026-03-01T00:00:00Z", R"("pass": {})");
    CHECK(seen["lots"]["b#0~2"] == "400");
    CHECK(seen["lots"]["b#1~1"] == "100");
}

TEST_CASE("the model rounds fractions and percents of a rollover down") {
    tale third(rolling(R"({"fraction": "0.333333333333"})"));
    third.at("2026-01-01T00:00:00Z", R"("start": {})");
    third.at("2026-01-01T00:00:00Z", R"("charge": {"amount": "399.999999"})");
    CHECK(third.at("2026-02-01T00:00:00Z", R"("pass": {})")["available"] == "400");

    tale percent(rolling(R"({"cap_percent": "12.5"})"));
    percent.at("2026-01-01T00:00:00Z", R"("start": {})");
    CHECK(percent.at("2026-02-01T00:00:00Z", R"("pass": {})")["available"] == "450");
}

TEST_CASE("the model lets credit hop at most so often") {
    tale t(rolling(R"({"all": true, "hops": 1})"));
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    CHECK(t.at("2026-02-01T00:00:00Z", R"("pass": {})")["available"] == "800");
    json seen = t.at("2026-03-01T00:00:00Z", R"("pass": {})");
    CHECK(seen["available"] == "800");
    CHECK(seen["lots"]["b#0~1"] == "0");
}

TEST_CASE("the model counts keeps from the first roll") {
    tale t(rolling(R"({"all": true, "keeps": "40 days"})"));
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    CHECK(t.at("2026-03-12T23:59:59Z", R"("pass": {})")["lots"]["b#0~2"] == "400");
    CHECK(t.at("2026-03-13T00:00:00Z", R"("pass": {})")["lots"]["b#0~2"] == "0");
}

TEST_CASE("the model's rolled credit keeps the first lot's own expiry after") {
    tale t(rolling("\"all\"", R"({"after": "45 days"})"));
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    CHECK(t.at("2026-02-14T23:59:59Z", R"("pass": {})")["lots"]["b#0~1"] == "400");
    CHECK(t.at("2026-02-15T00:00:00Z", R"("pass": {})")["lots"]["b#0~1"] == "0");
}

TEST_CASE("the model's rollover does not speak of bought credit in the same bucket") {
    tale t(rolling("\"none\"", "\"period_end\""));
    t.at("2026-01-01T00:00:00Z", R"("start": {})");
    t.at("2026-01-02T00:00:00Z",
         R"("grant": {"lot": "T", "bucket": "b", "amount": "50", "expires": "never"})");
    t.at("2026-01-02T00:00:00Z", R"("grant": {"lot": "E", "bucket": "b", "amount": "5"})");
    json seen = t.at("2026-02-01T00:00:00Z", R"("pass": {})");
    CHECK(seen["available"] == "450");
    CHECK(seen["lots"]["E"] == "0");
}

// ---- burn order -----------------------------------------------------------------------------

TEST_CASE("the model burns a lower priority number first and none last") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "N", "bucket": "pack", "amount": "100"})");
    t.at(day1, R"("grant": {"lot": "G2", "bucket": "pack", "amount": "100", "priority": 2})");
    t.at(day1, R"("grant": {"lot": "G1", "bucket": "pack", "amount": "100", "priority": 1})");
    json seen = t.at(day1, R"("charge": {"id": "c", "amount": "220"})");
    CHECK(lots(seen) == texts{{"G1", "0"}, {"G2", "0"}, {"N", "80"}});
}

TEST_CASE("the model burns what expires sooner first and never last") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "N", "bucket": "pack", "amount": "50"})");
    t.at(day1, R"("grant": {"lot": "C", "bucket": "pack", "amount": "100",
        "expires": "2036-03-01T00:00:00Z"})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "30",
        "expires": "2036-01-01T00:00:00Z"})");
    t.at(day1, R"("grant": {"lot": "B", "bucket": "pack", "amount": "20",
        "expires": "2036-02-01T00:00:00Z"})");
    json seen = t.at(day1, R"("charge": {"id": "c", "amount": "70"})");
    CHECK(took(seen) == texts{{"A", "30"}, {"B", "20"}, {"C", "20"}});
    CHECK(seen["available"] == "130");
}

TEST_CASE("the model burns the cheaper cost basis first and none before any") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "D", "bucket": "pack", "amount": "9", "paid": "5.00 USD"})");
    t.at(day1, R"("grant": {"lot": "C", "bucket": "pack", "amount": "10", "paid": "5.00 USD"})");
    t.at(day1, R"("grant": {"lot": "E", "bucket": "pack", "amount": "1", "paid": "9.00 EUR"})");
    t.at(day1, R"("grant": {"lot": "F", "bucket": "pack", "amount": "10"})");
    json seen = t.at(day1, R"("charge": {"amount": "12"})");
    CHECK(took(seen) == texts{{"F", "10"}, {"E", "1"}, {"C", "1"}});
}

TEST_CASE("the model can burn the newest first") {
    tale t(R"({"buckets": [{"name": "pack"}], "spend_order": ["newest", "id"]})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "40"})");
    t.at(day2, R"("grant": {"lot": "B", "bucket": "pack", "amount": "30"})");
    CHECK(lots(t.at(day3, R"("charge": {"amount": "25"})")) == texts{{"A", "40"}, {"B", "5"}});
}

TEST_CASE("the model spends budget first, then the package, in one charge") {
    tale t(monthly);
    t.at("2026-01-31T10:00:00Z", R"("start": {})");
    t.at("2026-02-01T00:00:00Z", pack_of_100);
    json seen = t.at("2026-02-02T00:00:00Z", R"("charge": {"id": "c1", "amount": "120"})");
    CHECK(seen["buckets"] == json({{"budget", "0"}, {"pack", "80"}}));
    CHECK(t.at("2026-02-02T00:00:01Z", R"("charge": {"id": "c2", "amount": "81"})")["error"] ==
          "insufficient_credits");
}

TEST_CASE("the model lets a limited bucket serve its actions and categories only") {
    tale t(R"({"buckets": [{"name": "ai", "only": ["ai/fast", "voice"]}, {"name": "any"}],
        "costs": {"chat": {"price": "5", "category": "ai/fast/x"},
                  "slow": {"price": "5", "category": "ai/faster"}, "voice": "5"}})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "ai", "amount": "12"})");
    t.at(day1, R"("grant": {"lot": "B", "bucket": "any", "amount": "7"})");
    CHECK(took(t.at(day1, R"("charge": {"action": "chat"})")) == texts{{"A", "5"}});
    CHECK(took(t.at(day1, R"("charge": {"action": "voice"})")) == texts{{"A", "5"}});
    CHECK(took(t.at(day1, R"("charge": {"action": "slow"})")) == texts{{"B", "5"}});
    CHECK(t.at(day1, R"("charge": {"amount": "3"})")["error"] == "insufficient_credits");
}

// ---- lots -----------------------------------------------------------------------------------

TEST_CASE("the model shows a lot that is not yet effective as 0 and expires it half-open") {
    tale t(R"({"buckets": [{"name": "pack", "expiry": {"after": "1 day"}}]})");
    t.at(day1, R"("grant": {"lot": "L", "bucket": "pack", "amount": "9", "effective": ")" + day2 +
                   "\"}");
    CHECK(t.at("2026-01-01T23:59:59.999999Z", R"("pass": {})")["lots"]["L"] == "0");
    CHECK(t.at(day2, R"("pass": {})")["available"] == "9");
    CHECK(t.at("2026-01-02T23:59:59.999999Z", R"("pass": {})")["available"] == "9");
    CHECK(t.at(day3, R"("pass": {})")["available"] == "0");
    CHECK(t.wallet.as_of("2026-01-02T12:00:00Z") == "9");
    CHECK(t.wallet.as_of(day3) == "0");
}

TEST_CASE("the model voids the unspent rest only, also before it is effective") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "L", "bucket": "pack", "amount": "9", "effective": ")" + day3 +
                   "\"}");
    CHECK(t.at(day1, R"("void": {"lot": "L", "amount": "10"})")["error"] ==
          "insufficient_credits");
    t.at(day1, R"("void": {"lot": "L", "amount": "2"})");
    t.at(day3, R"("hold": {"id": "h", "amount": "3", "for": "1 hour"})");
    CHECK(t.at(day3, R"("void": {"lot": "L"})")["available"] == "0");
    CHECK(t.at(day3, R"("release": {"hold": "h"})")["available"] == "3");
}

TEST_CASE("the model changes an expiry but never of a lot that has ended") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "L", "bucket": "pack", "amount": "9"})");
    CHECK(t.at(day2, R"("expire_at": {"lot": "L", "expires": ")" + day1 + "\"}")["error"] ==
          "invalid_argument");
    t.at(day2, R"("expire_at": {"lot": "L", "expires": ")" + day3 + "\"}");
    CHECK(t.at(day3, R"("pass": {})")["available"] == "0");
    CHECK(t.at(day3, R"("expire_at": {"lot": "L", "expires": "never"})")["error"] ==
          "invalid_argument");
}

TEST_CASE("the model refuses a grant into a period_end bucket before start") {
    tale t(R"({"buckets": [{"name": "b", "expiry": "period_end"}]})");
    std::string const grant = R"("grant": {"lot": "L", "bucket": "b", "amount": "9"})";
    CHECK(t.at(day1, grant)["error"] == "invalid_argument");
    t.at(day1, R"("start": {})");
    t.at(day1, grant);
    CHECK(t.at("2026-01-31T23:59:59Z", R"("pass": {})")["available"] == "9");
    CHECK(t.at("2026-02-01T00:00:00Z", R"("pass": {})")["available"] == "0");
}

// ---- holds ----------------------------------------------------------------------------------

TEST_CASE("the model settles less, more and not at all") {
    auto held_8_of_15 = [](std::string const& more) {
        tale t(packs);
        t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "5"})");
        t.at(day1, R"("grant": {"lot": "B", "bucket": "pack", "amount": "10"})");
        json seen = t.at(day1, R"("hold": {"id": "h", "amount": "8", "for": "1 day")" + more + "}");
        CHECK(seen["available"] == "7");
        CHECK(seen["held"] == "8");
        CHECK(seen["used"] == "0");
        return t;
    };
    tale less = held_8_of_15("");
    json seen = less.at(day1, R"("settle": {"hold": "h", "amount": "5"})");
    CHECK(lots(seen) == texts{{"A", "0"}, {"B", "10"}});
    CHECK(took(seen) == texts{{"A", "5"}});

    tale more = held_8_of_15(R"(, "tolerance": "3")");
    CHECK(more.at(day1, R"("settle": {"hold": "h", "amount": "12"})")["error"] == "settle_exceeds");
    seen = more.at(day1, R"("settle": {"hold": "h", "amount": "11"})");
    CHECK(seen["available"] == "4");
    CHECK(took(seen) == texts{{"A", "5"}, {"B", "6"}});

    tale released = held_8_of_15("");
    CHECK(released.at(day1, R"("release": {"hold": "h"})")["available"] == "15");
    CHECK(released.at(day1, R"("settle": {"hold": "h"})")["error"] == "hold_closed");
}

TEST_CASE("the model ends a hold at its until, exactly once") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "15"})");
    t.at(day1, R"("charge": {"id": "c", "amount": "3"})");
    t.at(day1, R"("hold": {"id": "h", "amount": "8", "for": "1 day"})");
    CHECK(t.at("2026-01-01T23:59:59.999999Z", R"("pass": {})")["available"] == "4");
    CHECK(t.at(day2, R"("settle": {"hold": "h", "amount": "4"})")["error"] == "hold_expired");
    CHECK(t.at(day2, R"("release": {"hold": "h"})")["available"] == "12");
}

TEST_CASE("the model's hold keeps its lot usable and what comes back later expires at once") {
    tale t(packs);
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10", "expires": ")" + day2 +
                   "\"}");
    t.at(day1, R"("hold": {"id": "h", "amount": "6", "for": "3 days"})");
    CHECK(t.at(day2, R"("pass": {})")["held"] == "6");
    json seen = t.at(day3, R"("settle": {"hold": "h", "amount": "4"})");
    CHECK(took(seen) == texts{{"A", "4"}});
    CHECK(seen["available"] == "0");
}

TEST_CASE("the model's hold never uses the overdraft but an excess may") {
    tale t(R"({"buckets": [{"name": "pack"}], "overdraft": {"limit": "10"}})");
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "5"})");
    CHECK(t.at(day1, R"("hold": {"id": "h", "amount": "6", "for": "1 day"})")["error"] ==
          "insufficient_credits");
    t.at(day1, R"("hold": {"id": "h", "amount": "5", "for": "1 day", "tolerance": "9"})");
    json seen = t.at(day1, R"("settle": {"hold": "h", "amount": "9"})");
    CHECK(seen["debt"] == "4");
    CHECK(seen["cost"] == "9");
    CHECK(took(seen) == texts{{"A", "5"}});
}

// ---- overdraft, debt ------------------------------------------------------------------------

TEST_CASE("the model's overdraft reaches exactly its limit") {
    for (auto const& [funds, error] :
         {std::pair{"89", json("insufficient_credits")}, std::pair{"90", json()}}) {
        tale t(R"({"buckets": [{"name": "pack"}], "overdraft": {"limit": "10"}})");
        t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": ")" + std::string(funds) +
                       "\"}");
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
        t.at(day1, R"("grant": {"lot": "L", "bucket": "b", "amount": "5", "expires": ")" + day2 +
                       "\"}");
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
    CHECK(t.at(day3, R"("refund_purchase": {"lot": "P", "money": "24.50 USD", "id": "r2"})")
              ["available"] == "500");
    seen = t.at(day3, R"("refund_purchase": {"lot": "P", "money": "14.70 USD"})");
    CHECK(seen["money"] == "0.00 USD");
    CHECK(t.at(day3, R"("refund_purchase": {"lot": "P", "money": "49.01 USD"})")["error"] ==
          "refund_exceeds");
}

TEST_CASE("the model refunds the unspent part once, within its half-open window") {
    std::string const plan =
        R"({"buckets": [{"name": "pack", "refund": {"within": "2 days"}}]})";
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
    CHECK(t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "99999999999999"})")
              ["error"] == "amount_overflow");
    CHECK(t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "1e-7"})")["error"] ==
          "invalid_argument");
    CHECK(t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "3.75e-06"})")
              ["available"] == "0.000004");
}

TEST_CASE("the model names the path of what a scenario may not say") {
    using Catch::Matchers::ContainsSubstring;
    CHECK_THROWS_AS(tale(R"({"zone": "Mars/Olympus"})"), model::bad_scenario);
    CHECK_THROWS_WITH(tale(R"({"buckets": [{"name": "b", "refil": "none"}]})"),
                      ContainsSubstring("plan.buckets[0].refil"));
    CHECK_THROWS_WITH(tale(R"({"alerts": ["25%"]})"), ContainsSubstring("plan.alerts"));
    CHECK_THROWS_AS(tale(priced("\"0.0000001\"")), model::bad_scenario);
    tale t(packs);
    t.at(day2, R"("pass": {})");
    CHECK_THROWS_WITH(t.at(day2, R"("charge": {"amuont": "1"})"),
                      ContainsSubstring("steps[1].charge.amuont"));
    CHECK_THROWS_WITH(t.at(day2, R"("change_plan": {})"), ContainsSubstring("not supported"));
    CHECK_THROWS_AS(t.at(day1, R"("pass": {})"), model::bad_scenario);
}
