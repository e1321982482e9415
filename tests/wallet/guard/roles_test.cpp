// Roles, of each verb: who may is let do it, who may not is refused and changes nothing.
#include "support/catch.hpp"
#include "wallet/guard/access_fixture.hpp"

#include <coffer/plan/any.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

using namespace coffer_test;
using coffer::errc;
using coffer::verb;
namespace may = coffer::access;

namespace {

using plan = guarded_by<may::roles>;
using erased = coffer::any_plan;
using several = coffer::plan_set<plan, plan>;

template <class Plan, class Store = coffer::memory_store>
using roles_wallet = guarded_wallet<Store, may::roles, Plan>;

/// "one" may do nothing but this, "rest" all but this.
may::roles roles_around(verb v, may::verbs host = may::everything) {
    return {{{"one", v}, {"rest", may::everything - v}},
            {{"acme", {{"ada", "one"}, {"bob", "rest"}}}, {"globex", {{"eve", "one"}}}},
            host};
}

/// Where one plan holds for all wallets, no other can be gone over to.
template <class Plan>
errc outcome_of(verb v) {
    const bool alone = !std::is_same_v<Plan, several>;
    return v == verb::change && alone ? errc::invalid_argument : errc{};
}

bool ends_something(verb v) {
    return v == verb::settle || v == verb::release || v == verb::confirm || v == verb::fail;
}

/// The host names nobody, but to spend; then what it may do is asked no more.
struct unnamed_until_made {
    bool* made = nullptr;
    bool allows(const coffer::access_question& who) const { return !*made || !who.actor.empty(); }
};
using named_plan = guarded_by<unnamed_until_made>;
using named_plans = coffer::plan_set<named_plan, named_plan>;

}  // namespace

TEMPLATE_TEST_CASE("rule 17: each verb is done by the roles that may, and refused to all others",
                   "", plan, erased, several) {
    for (const verb v : all_verbs()) {
        CAPTURE(to_string(v));
        roles_wallet<TestType> w{roles_around(v)};
        {
            unchanged same{w.l};
            for (std::string_view other : {"bob", "eve", "nobody", "one"}) {
                CHECK(w.ask(v, {.actor = other}) == errc::access_denied);
            }
        }
        CHECK(w.ask(v, {.actor = "ada"}) == outcome_of<TestType>(v));
    }
}

TEMPLATE_TEST_CASE("rule 17: the host names nobody only where it may, or ends or sees something",
                   "", named_plan, named_plans) {
    for (const verb v : all_verbs()) {
        CAPTURE(to_string(v));
        bool made = false;
        guarded_wallet<coffer::memory_store, unnamed_until_made, TestType> w{{&made}};
        made = true;
        const bool asks_nobody = ends_something(v) || v == verb::see;
        CHECK(w.ask(v, {}) == (asks_nobody ? errc{} : errc::access_denied));
    }
}

TEMPLATE_TEST_CASE("rule 36: the entry of each verb says who asked and why", "", lends_heads,
                   gives_whole_pages) {
    for (const verb v : all_verbs()) {
        if (v == verb::see) continue;
        CAPTURE(to_string(v));
        roles_wallet<several, TestType> w{roles_around(v)};
        const std::size_t before = w.l.entry_count();
        REQUIRE(w.ask(v, {.actor = "ada", .reason = "why"}) == errc{});
        std::size_t signed_ones = 0;
        const journal all = w.l.entries();
        REQUIRE(all.size() > before);
        for (const coffer::entry& e : all.entries) {
            if (e.signature.empty()) continue;
            ++signed_ones;
            CHECK(e.signature.actor() == "ada");
            CHECK(e.signature.reason() == "why");
            CHECK(e.id.value() > before);
        }
        CHECK(signed_ones == 1);
    }
}

TEMPLATE_TEST_CASE("rule 23: each verb is repeated by whoever asks, for whatever reason", "",
                   lends_heads, gives_whole_pages) {
    for (const verb v : all_verbs()) {
        if (v == verb::see) continue;
        CAPTURE(to_string(v));
        roles_wallet<several, TestType> w{roles_around(v)};
        REQUIRE(w.ask(v, {.actor = "ada", .reason = "why", .request = "r"}) == errc{});
        const std::size_t once = w.l.entry_count();
        // The hold was given back: it would be opened anew.
        const errc answer = v == verb::hold ? errc::access_denied : errc{};
        // Why an order was not paid is what a fail says.
        const char* why = v == verb::fail ? "why" : "again";
        CHECK(w.ask(v, {.actor = "bob", .reason = why, .request = "r"}) == answer);
        CHECK(w.l.entry_count() == once);
    }
}

TEMPLATE_TEST_CASE("rule 41: each verb refuses an actor and a reason that are too long", "",
                   lends_heads, gives_whole_pages) {
    const std::string actor(96, 'a');
    const std::string reason(256, 'r');
    for (const verb v : all_verbs()) {
        CAPTURE(to_string(v));
        guarded_wallet<TestType, may::anyone,
                       coffer::plan_set<guarded_by<may::anyone>, guarded_by<may::anyone>>>
            w;
        unchanged same{w.l};
        CHECK(w.ask(v, {.actor = actor}) == errc::invalid_argument);
        if (v != verb::see) CHECK(w.ask(v, {.reason = reason}) == errc::invalid_argument);
    }
}
