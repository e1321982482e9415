#include "model/tale.hpp"
#include "model/time.hpp"
#include "support/catch.hpp"

#include <string>
#include <utility>

using namespace model_test;

namespace {

std::string const monthly = R"({"buckets": [
    {"name": "budget", "refill": {"every": "1 month", "amount": "100"}, "expiry": "period_end"},
    {"name": "pack", "rollover": "all"}]})";

std::string rolling(std::string const& rollover, std::string const& expiry = "\"never\"") {
    return R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "400"},
        "rollover": )" +
           rollover + R"(, "expiry": )" + expiry + "}]}";
}

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
    CHECK(third.at("2026-02-01T00:00:00Z", R"("pass": {})")["available"] == "533.333333");

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

TEST_CASE("the model burns an allowance by the end of its period") {
    tale t(rolling("\"all\""));
    t.at(day1, R"("start": {})");
    t.at(day1, R"("grant": {"lot": "L", "bucket": "b", "amount": "9",
        "expires": "2026-02-02T00:00:00Z"})");
    t.at(day1, R"("grant": {"lot": "S", "bucket": "b", "amount": "9",
        "expires": "2026-01-31T00:00:00Z"})");
    CHECK(took(t.at(day2, R"("charge": {"amount": "10"})")) == texts{{"S", "9"}, {"b#0", "1"}});
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
    t.at(day1,
         R"("grant": {"lot": "L", "bucket": "pack", "amount": "9", "effective": ")" + day2 + "\"}");
    CHECK(t.at("2026-01-01T23:59:59.999999Z", R"("pass": {})")["lots"]["L"] == "0");
    CHECK(t.at(day2, R"("pass": {})")["available"] == "9");
    CHECK(t.at("2026-01-02T23:59:59.999999Z", R"("pass": {})")["available"] == "9");
    CHECK(t.at(day3, R"("pass": {})")["available"] == "0");
    CHECK(t.wallet.as_of("2026-01-02T12:00:00Z") == "9");
    CHECK(t.wallet.as_of(day3) == "0");
}

TEST_CASE("the model voids the unspent rest only, also before it is effective") {
    tale t(packs);
    t.at(day1,
         R"("grant": {"lot": "L", "bucket": "pack", "amount": "9", "effective": ")" + day3 + "\"}");
    CHECK(t.at(day1, R"("void": {"lot": "L", "amount": "10"})")["error"] == "insufficient_credits");
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

TEST_CASE("the model takes a date for the end of that local day") {
    tale t(R"({"zone": "America/New_York", "buckets": [{"name": "pack"}]})");
    t.at(day1,
         R"("grant": {"lot": "V", "bucket": "pack", "amount": "5", "expires": "2026-07-31"})");
    CHECK(t.at("2026-08-01T03:59:59.999999Z", R"("pass": {})")["available"] == "5");
    CHECK(t.at("2026-08-01T04:00:00Z", R"("pass": {})")["available"] == "0");
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
    t.at(day1,
         R"("grant": {"lot": "A", "bucket": "pack", "amount": "10", "expires": ")" + day2 + "\"}");
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
