#include "model/tale.hpp"
#include "support/catch.hpp"

#include <string>

using namespace model_test;

namespace {

/// Packs and prices in categories, under limits.
std::string limited(std::string const& limits, std::string const& more = "") {
    return R"({"buckets": [{"name": "pack"}], "costs": {
        "post": {"price": "1", "category": "ai/fast/post"},
        "voice": {"price": "1", "category": "ai/slow"}}, "limits": )" +
           limits + more + "}";
}

/// A wallet with a pack of 1000.
tale stocked(std::string const& plan) {
    tale t(plan);
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "1000"})");
    return t;
}

json draw(tale& t, std::string const& when, std::string const& amount, std::string const& labels) {
    return t.at(when, R"("charge": {"amount": ")" + amount + "\", " + labels + "}")["error"];
}

std::string const ann = R"("member": "ann")";
std::string const ten_for_ann = R"([{"member": "ann", "per": "ever", "amount": "10"}])";
json const refused = "limit_exceeded";

}  // namespace

TEST_CASE("the model's limit holds for everything below its path by whole segments") {
    tale t = stocked(limited(R"([{"member": "design", "per": "ever", "amount": "10"}])"));
    CHECK(draw(t, day2, "6", R"("member": "design/ada/bot-7")").is_null());
    CHECK(draw(t, day2, "5", R"("member": "design/ada")") == refused);
    CHECK(draw(t, day2, "4", R"("member": "design")").is_null());
    CHECK(draw(t, day2, "90", R"("member": "designers")").is_null());
}

TEST_CASE("the model's limit of each value counts whole paths, actions by name, tags one by one") {
    tale members = stocked(limited(R"([{"member": "*", "per": "ever", "amount": "10"}])"));
    CHECK(draw(members, day2, "10", R"("member": "design")").is_null());
    CHECK(draw(members, day2, "10", R"("member": "design/ada")").is_null());
    CHECK(draw(members, day2, "1", R"("member": "design")") == refused);

    tale actions = stocked(limited(R"([{"action": "*", "per": "ever", "amount": "2"}])"));
    auto act = [&](std::string const& action, std::string const& quantity) {
        return actions.at(day2, R"("charge": {"action": ")" + action + R"(", "quantity": ")" +
                                    quantity + "\"}")["error"];
    };
    CHECK(act("post", "2").is_null());
    CHECK(act("voice", "2").is_null());
    CHECK(act("post", "1") == refused);

    tale tags = stocked(limited(R"([{"tag": "*", "per": "ever", "amount": "10"}])"));
    CHECK(draw(tags, day2, "6", R"("tags": ["a", "a", "b"])").is_null());
    CHECK(draw(tags, day2, "5", R"("tags": ["c", "b"])") == refused);
    CHECK(draw(tags, day2, "4", R"("tags": ["a"])").is_null());
}

TEST_CASE("the model's limit on an action counts its name and its category path") {
    tale t = stocked(limited(R"([{"action": "ai/fast", "per": "ever", "amount": "5"},
        {"action": "voice", "per": "ever", "amount": "3"}])"));
    auto act = [&](std::string const& action, std::string const& quantity) {
        return t.at(day2, R"("charge": {"action": ")" + action + R"(", "quantity": ")" + quantity +
                              "\"}")["error"];
    };
    CHECK(act("post", "6") == refused);
    CHECK(act("post", "5").is_null());
    CHECK(act("voice", "3").is_null());
    CHECK(act("voice", "1") == refused);
    CHECK(draw(t, day2, "100", R"("resource": "ai/fast")").is_null());
}

TEST_CASE("the model's days begin at local midnight and its weeks on Monday") {
    tale t = stocked(limited(R"([{"member": "ann", "per": "day", "amount": "10"},
        {"member": "bob", "per": "week", "amount": "10"}])",
                             R"(, "zone": "America/New_York")"));
    CHECK(draw(t, "2026-03-08T04:59:59Z", "10", ann).is_null());  // Saturday
    CHECK(draw(t, "2026-03-08T04:59:59Z", "10", R"("member": "bob")").is_null());
    CHECK(draw(t, "2026-03-08T05:00:00Z", "10", ann).is_null());  // the clocks go forward
    CHECK(draw(t, "2026-03-09T03:59:59Z", "1", ann) == refused);
    CHECK(draw(t, "2026-03-09T03:59:59Z", "1", R"("member": "bob")") == refused);
    CHECK(draw(t, "2026-03-09T04:00:00Z", "10", ann).is_null());
    CHECK(draw(t, "2026-03-09T04:00:00Z", "10", R"("member": "bob")").is_null());
}

TEST_CASE("the model's limit per period counts in the account's period, before the start in one") {
    tale t(R"({"buckets": [{"name": "b", "refill": {"every": "1 month", "amount": "100"}}],
        "overdraft": {"limit": "100"}, "late": "30 days",
        "limits": [{"member": "ann", "per": "period", "amount": "10"}]})");
    CHECK(draw(t, day1, "10", ann).is_null());
    CHECK(draw(t, day2, "1", ann) == refused);
    t.at(day3, R"("start": {})");
    CHECK(draw(t, day3, "10", ann).is_null());
    CHECK(draw(t, day4, "1", ann) == refused);
    json late = t.at(day2, R"("late": true, "charge": {"amount": "1", "member": "ann"})");
    CHECK(late["error"] == refused);
    CHECK(draw(t, "2026-02-03T00:00:00Z", "10", ann).is_null());
}

TEST_CASE("the model's settle counts at its own instant in place of its hold") {
    tale t = stocked(limited(R"([{"member": "ann", "per": "day", "amount": "10"}])"));
    t.at(day2, R"("hold": {"id": "h", "amount": "8", "for": "2 days", "tolerance": "9",
        "member": "ann"})");
    CHECK(draw(t, day2, "3", ann) == refused);
    CHECK(draw(t, day3, "4", ann).is_null());
    CHECK(t.at(day3, R"("settle": {"hold": "h", "amount": "9"})")["error"] == refused);
    CHECK(t.at(day3, R"("settle": {"hold": "h", "amount": "8"})")["error"].is_null());
    CHECK(draw(t, day3, "0.000001", ann) == refused);
}

TEST_CASE("the model's limit counts net of refunds, in the window of the charge") {
    tale t = stocked(
        limited(R"([{"member": "ann", "per": "day", "amount": "10"}])", R"(, "late": "9 days")"));
    t.at(day2, R"("charge": {"id": "c", "amount": "10", "member": "ann"})");
    CHECK(draw(t, day3, "10", ann).is_null());
    t.at(day3, R"("refund": {"charge": "c"})");
    CHECK(draw(t, day3, "1", ann) == refused);
    json late = t.at(day2, R"("late": true, "charge": {"amount": "10", "member": "ann"})");
    CHECK(late["error"].is_null());
}

TEST_CASE("the model's limit is checked with the price and counts what was taken") {
    tale t(limited(ten_for_ann, R"(, "overdraft": "take_available")"));
    t.at(day1, R"("grant": {"lot": "P", "bucket": "pack", "amount": "4"})");
    CHECK(draw(t, day2, "11", ann) == refused);
    CHECK(draw(t, day2, "10", ann).is_null());
    t.at(day3, R"("grant": {"lot": "Q", "bucket": "pack", "amount": "40"})");
    CHECK(draw(t, day3, "7", ann) == refused);
    CHECK(draw(t, day3, "6", ann).is_null());
}

TEST_CASE("the model's limit that a settle passed refuses even what is free") {
    tale t = stocked(limited(R"([{"member": "ann", "per": "day", "amount": "10"}])"));
    t.at(day2, R"("hold": {"id": "h", "amount": "8", "for": "2 days", "member": "ann"})");
    CHECK(draw(t, day3, "10", ann).is_null());
    CHECK(draw(t, day3, "0", ann).is_null());
    t.at(day3, R"("settle": {"hold": "h"})");
    CHECK(draw(t, day3, "0", ann) == refused);
}

TEST_CASE("the model remembers limit_exceeded where refusals are sticky") {
    tale t = stocked(limited(R"([{"member": "ann", "per": "day", "amount": "10"}])",
                             R"(, "refusals": "sticky")"));
    std::string const request = R"("charge": {"id": "c", "amount": "11", "member": "ann"})";
    CHECK(t.at(day2, request)["error"] == refused);
    CHECK(t.at(day3, request)["error"] == refused);
    CHECK(draw(t, day3, "2", R"("id": "c", "member": "ann")") == "request_mismatch");
}

TEST_CASE("the model refuses what names no member only by a hard limit on members") {
    std::string const refuse = R"(, "unnamed": "refuse")";
    tale hard = stocked(limited(ten_for_ann, refuse));
    CHECK(draw(hard, day2, "1", R"("resource": "x")") == refused);
    CHECK(hard.at(day2, R"("hold": {"amount": "1", "for": "1 day"})")["error"] == refused);
    tale warning = stocked(
        limited(R"([{"member": "ann", "per": "ever", "amount": "10", "warn": true}])", refuse));
    json seen = warning.at(day2, R"("charge": {"amount": "1"})");
    CHECK(seen["error"].is_null());
    CHECK(seen["alerts"].empty());
}

TEST_CASE("the model's limit that warns names what it warns of, in the order of the tags") {
    tale t = stocked(limited(R"([{"tag": "*", "per": "draw", "amount": "1", "warn": true},
        {"resource": "x", "per": "draw", "amount": "1", "warn": true}])",
                             R"(, "alerts": ["990"])"));
    json seen = t.at(day2, R"("charge": {"amount": "20", "tags": ["b", "a"], "resource": "x/y"})");
    CHECK(seen["alerts"] == json({"limit:tag:b", "limit:tag:a", "limit:resource:x", "990"}));
    CHECK(t.at(day2, R"("charge": {"amount": "9999", "tags": ["b"]})")["alerts"].empty());
}

TEST_CASE("the model refuses by a limit before lack of credit and after settle_exceeds") {
    tale t = stocked(limited(ten_for_ann));
    CHECK(draw(t, day2, "5000", ann) == refused);
    t.at(day2, R"("hold": {"id": "h", "amount": "9", "for": "1 day", "tolerance": "5",
        "member": "ann"})");
    CHECK(t.at(day2, R"("settle": {"hold": "h", "amount": "15"})")["error"] == "settle_exceeds");
    CHECK(t.at(day2, R"("settle": {"hold": "h", "amount": "14"})")["error"] == refused);
}

TEST_CASE("the model reads only limits that say on what, per what and how much") {
    for (char const* limits :
         {R"([{}])", R"([{"member": "a", "per": "ever"}])", R"([{"member": "a", "amount": "1"}])",
          R"([{"per": "ever", "amount": "1"}])",
          R"([{"member": "a", "per": "month", "amount": "1"}])",
          R"([{"member": "a", "per": "ever", "amount": "-1"}])",
          R"([{"member": "a", "per": "ever", "amount": "1", "warn": "yes"}])", R"({})"}) {
        CHECK_THROWS_AS(tale(limited(limits)), model::bad_scenario);
    }
}
