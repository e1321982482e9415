#include "model/tale.hpp"
#include "support/catch.hpp"

#include <initializer_list>
#include <string>

using namespace model_test;

namespace {

std::string with_access(std::string const& access) {
    return R"({"buckets": [{"name": "pack", "refill": {"every": "1 month", "amount": "10"},
               "refund": "full"}], "access": )" +
           access + "}";
}

/// What one verb comes to that is asked for by somebody; "" for nobody.
std::string asked(tale& t, std::string const& actor, std::string const& verb) {
    json seen = t.at(day1, verb + (actor.empty() ? "" : R"(, "actor": ")" + actor + "\""));
    return seen["error"].is_null() ? "" : seen["error"].get<std::string>();
}

struct verb_of_group {
    char const* group;
    char const* verb;
};

constexpr verb_of_group verbs[] = {
    {"spend", R"("charge": {"action": "none"})"},
    {"spend", R"("hold": {"amount": "1", "for": "1 hour", "action": "none"})"},
    {"spend", R"("settle": {"hold": "none"})"},
    {"spend", R"("release": {"hold": "none"})"},
    {"grant", R"("grant": {"lot": "L", "bucket": "none", "amount": "1"})"},
    {"grant", R"("expire_at": {"lot": "none", "expires": "never"})"},
    {"grant", R"("confirm_recharge": {})"},
    {"grant", R"("fail_recharge": {})"},
    {"grant", R"("paid": {})"},
    {"grant", R"("past_due": {})"},
    {"refund", R"("refund": {"charge": "none"})"},
    {"refund", R"("refund_purchase": {"lot": "none"})"},
    {"refund", R"("dispute": {"lot": "none", "state": "opened"})"},
    {"refund", R"("void": {"lot": "none"})"},
    {"configure", R"("start": {"trial_until": "2026-02-01T00:00:00Z"})"},
    {"configure", R"("change_plan": {"allowance": {"none": "1"}})"},
    {"configure", R"("add_on": {"bucket": "none", "allowance": "1"})"},
    {"configure", R"("cancel_change": {})"},
    {"configure", R"("pause": {})"},
    {"configure", R"("unpause": {})"},
    {"configure", R"("end": {})"},
};

bool ends_something(verb_of_group const& v) {
    std::string const verb = v.verb;
    return verb.rfind("\"settle", 0) == 0 || verb.rfind("\"release", 0) == 0 ||
           verb.find("_recharge") != std::string::npos;
}

}  // namespace

TEST_CASE("the model does each verb for the roles of its group alone, before all else is wrong") {
    for (char const* group :
         {"spend", "buy", "grant", "refund", "configure", "see", "everything"}) {
        tale t(with_access(R"({"roles": {"r": [")" + std::string(group) + R"("]},
                           "members": {"scenario": {"ada": "r"}}})"));
        for (verb_of_group const& v : verbs) {
            bool may = std::string(group) == v.group || std::string(group) == "everything";
            CAPTURE(group, v.verb);
            CHECK((asked(t, "ada", v.verb) != "access_denied") == may);
            CHECK(asked(t, "bob", v.verb) == "access_denied");
        }
    }
}

TEST_CASE("the model lets the host do all but spend, and end what somebody began") {
    for (char const* access : {R"({"members": ["ada"]})", R"({"roles": {}, "members": {}})"}) {
        tale t(with_access(access));
        for (verb_of_group const& v : verbs) {
            bool may = std::string(v.group) != "spend" || ends_something(v);
            CAPTURE(access, v.verb);
            CHECK((asked(t, "", v.verb) != "access_denied") == may);
        }
    }
    tale none(with_access(R"({"roles": {}, "members": {}, "host": []})"));
    for (verb_of_group const& v : verbs) {
        CAPTURE(v.verb);
        CHECK((asked(none, "", v.verb) != "access_denied") == ends_something(v));
    }
}

TEST_CASE("the model's members are those of this wallet and of every wallet") {
    tale t(with_access(R"({"members": {"scenario": ["ada"], "*": ["sam"], "other": ["zoe"]}})"));
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    std::string const one = R"("charge": {"amount": "1"})";
    CHECK(asked(t, "ada", one).empty());
    CHECK(asked(t, "sam", one).empty());
    CHECK(asked(t, "zoe", one) == "access_denied");
    CHECK(asked(t, "", one) == "access_denied");
    CHECK(asked(t, "", R"("charge": {"amount": "1", "member": "sam"})").empty());
    CHECK(asked(t, "zoe", R"("charge": {"amount": "1", "member": "sam"})") == "access_denied");
    CHECK(asked(t, "sam", R"("charge": {"amount": "1", "member": "zoe"})").empty());
}

TEST_CASE("who has two roles in the model may do both") {
    tale t(with_access(R"({"roles": {"a": ["grant"], "b": ["refund"]},
                       "members": {"scenario": {"ada": "a"}, "*": {"ada": "b"}}})"));
    CHECK(asked(t, "ada", R"("grant": {"lot": "A", "bucket": "pack", "amount": "1"})").empty());
    CHECK(asked(t, "ada", R"("void": {"lot": "A"})").empty());
    CHECK(asked(t, "ada", R"("pause": {})") == "access_denied");
}

TEST_CASE("a repeat in the model asks nobody, and keeps who was first") {
    tale t(with_access(R"({"members": ["ada"]})"));
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    std::string const charge = R"("charge": {"id": "c", "amount": "1"}, )";
    json seen = t.at(day1, charge + R"("actor": "ada", "reason": "first")");
    CHECK(seen["actor"] == "ada");
    CHECK(seen["reason"] == "first");
    seen = t.at(day1, charge + R"("actor": "bob", "reason": "again")");
    CHECK(seen["available"] == "9");
    CHECK(seen["actor"] == "ada");
    CHECK(seen["reason"] == "first");
    CHECK(asked(t, "bob", R"("charge": {"id": "c", "amount": "2"})") == "request_mismatch");
}

TEST_CASE("a hold that is opened anew in the model is asked for like the first") {
    tale t(with_access(R"({"members": ["ada"]})"));
    t.at(day1, R"("grant": {"lot": "A", "bucket": "pack", "amount": "10"})");
    std::string const hold = R"("hold": {"id": "h", "amount": "1", "for": "1 hour"})";
    CHECK(asked(t, "ada", hold).empty());
    CHECK(asked(t, "bob", hold).empty());
    CHECK(asked(t, "", R"("release": {"hold": "h"})").empty());
    CHECK(asked(t, "bob", hold) == "access_denied");
    CHECK(asked(t, "ada", hold).empty());
}

TEST_CASE("a refusal in the model changes nothing but what was due, also one of access") {
    tale t(
        with_access(R"({"roles": {"owner": ["everything"]}, "members": {"*": {"ada": "owner"}}})"));
    CHECK(asked(t, "ada", R"("start": {})").empty());
    json seen = t.at("2026-02-01T00:00:00Z", R"("start": {}, "actor": "bob")");
    CHECK(seen["error"] == "access_denied");
    CHECK(lots(seen) == texts{{"pack#0", "0"}, {"pack#1", "10"}});
}

TEST_CASE("why an order failed is content in the model, whoever says it again") {
    tale t(R"({"buckets": [{"name": "pack"}], "recharge": {"threshold": "5", "amount": "20",
               "bucket": "pack", "price": "2.00 USD"}})");
    t.at(day1, R"("void": {"lot": "none"})");
    std::string const fail = R"("fail_recharge": {"id": "f", "reason": "declined"})";
    CHECK(asked(t, "ada", fail).empty());
    CHECK(asked(t, "bob", fail).empty());
    CHECK(asked(t, "", R"("fail_recharge": {"id": "f", "reason": "lost"})") == "request_mismatch");
    CHECK(asked(t, "", R"("fail_recharge": {"id": "f"}, "reason": "declined")").empty());
}

TEST_CASE("the model refuses access that makes no sense, and a sweep that somebody asks for") {
    for (char const* access :
         {R"("everyone")", "{}", R"({"members": ["ada"], "host": []})",
          R"({"roles": {"r": ["fly"]}, "members": {}})",
          R"({"roles": {"r": []}, "members": {"*": {"ada": "s"}}})",
          R"({"roles": {"r": []}, "members": ["ada"]})", R"({"members": {"*": {"ada": "r"}}})"}) {
        CAPTURE(access);
        CHECK_THROWS_AS(tale(with_access(access)), model::bad_scenario);
    }
    tale t(packs);
    CHECK_THROWS_AS(t.at(day1, R"("pass": {}, "actor": "ada")"), model::bad_scenario);
    CHECK_THROWS_AS(t.at(day1, R"("reprice": {"costs": {}}, "reason": "why")"),
                    model::bad_scenario);
}
