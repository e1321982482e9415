// Who may do what: the access policy is asked of each verb, before anything else is looked at.
#include "support/catch.hpp"
#include "support/wallet_fixture.hpp"
#include "wallet/guard/access_fixture.hpp"

#include <coffer/perform/asking.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/set.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::verb;
namespace may = coffer::access;

namespace {

struct heard {
    std::string wallet;
    coffer::verb verb{};
    std::string actor;
    std::string member;
    std::string action;
    std::string resource;
};

/// Writes down what it is asked, and allows what it is told to.
struct switchboard {
    struct memory {
        may::verbs allowed = may::everything;
        std::vector<heard> questions;
    };
    std::shared_ptr<memory> all = std::make_shared<memory>();

    bool allows(const coffer::access_question& q) const {
        all->questions.push_back({std::string{q.wallet}, q.verb, std::string{q.actor},
                                  std::string{q.member}, std::string{q.action},
                                  std::string{q.resource}});
        return all->allowed.contains(q.verb);
    }
};

using guarded_plan = guarded_by<switchboard>;
static_assert(coffer::check_plan<guarded_plan>());

/// Its members spend, each in a wallet of their own.
struct workspaces_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};
    lab_bucket package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &workspaces_plan::package});
    coffer::overdraft::deny overdraft{};
    may::members access{{"acme", {"ada", "grace"}}, {"globex", {"bob"}}};
};

/// A wallet, and what its access policy is asked from then on.
template <class Store, class Plan = guarded_plan>
struct guarded : guarded_wallet<Store, switchboard, Plan> {
    explicit guarded(switchboard by = {})
        : guarded_wallet<Store, switchboard, Plan>{by}, board{*by.all} {
        board.questions.clear();
    }
    errc asks(verb v, std::string_view by) { return this->ask(v, {.actor = by}); }

    switchboard::memory& board;
};

}  // namespace

TEMPLATE_TEST_CASE("rule 17: each verb asks the access policy, before anything else", "",
                   lends_heads, gives_whole_pages) {
    for (const verb v : all_verbs()) {
        CAPTURE(to_string(v));
        {
            guarded<TestType> g;
            g.board.allowed = may::everything - v;
            unchanged same{g.l};
            CHECK(g.asks(v, "ada") == errc::access_denied);
            REQUIRE(g.board.questions.size() == 1);
            CHECK(g.board.questions[0].verb == v);
            CHECK(g.board.questions[0].wallet == "acme");
            CHECK(g.board.questions[0].actor == "ada");
        }
        {
            guarded<TestType> g;
            g.board.allowed = v;
            CHECK(g.asks(v, "ada") == (v == verb::change ? errc::invalid_argument : errc{}));
            CHECK_FALSE(g.board.questions.empty());
            for (const heard& q : g.board.questions) CHECK(q.verb == v);
        }
    }
}

TEST_CASE("rule 17: an erased plan asks what its static twin asks") {
    for (const verb v : all_verbs()) {
        for (const char* by : {"ada", ""}) {
            CAPTURE(to_string(v), by);
            for (may::verbs allowed : {may::verbs{}, may::everything}) {
                guarded<coffer::memory_store> fast;
                guarded<coffer::memory_store, coffer::any_plan> slow;
                fast.board.allowed = slow.board.allowed = allowed;
                CHECK(fast.asks(v, by) == slow.asks(v, by));
                CHECK(fast.board.questions.size() == slow.board.questions.size());
                CHECK(fast.l.entry_count() == slow.l.entry_count());
            }
        }
    }
}

TEST_CASE("rule 17: of a charge or hold that names nobody, the member asks") {
    guarded<coffer::memory_store> g;
    g.l.w.charge({.action = "post", .member = "design/ada", .resource = "poster"}).or_throw();
    (void)g.l.w.hold({.action = "post", .member = "bob", .actor = "ada"}).or_throw();
    g.l.w.as("cy").charge({.action = "post", .member = "bob"}).or_throw();
    g.l.w.as("cy").charge({.action = "post", .actor = "di"}).or_throw();
    const auto& q = g.board.questions;
    REQUIRE(q.size() == 4);
    CHECK(q[0].actor == "design/ada");
    CHECK(q[0].member == "design/ada");
    CHECK(q[0].action == "post");
    CHECK(q[0].resource == "poster");
    CHECK(q[1].actor == "ada");
    CHECK(q[1].member == "bob");
    CHECK(q[2].actor == "cy");
    CHECK(q[3].actor == "di");
}

TEMPLATE_TEST_CASE("rule 17: what ends a hold asks only of an actor who is named", "", lends_heads,
                   gives_whole_pages) {
    guarded<TestType> g;
    auto dropped =
        std::make_unique<coffer::reservation>(g.l.w.as("ada").hold({.amount = 1_cr}).or_throw());
    auto kept = g.l.w.hold({.amount = 1_cr}).or_throw();
    auto named = g.l.w.as("ada").hold({.amount = 1_cr}).or_throw();
    g.board.allowed = {};
    CHECK(named.settle() == errc::access_denied);
    CHECK(named.release() == errc::access_denied);
    CHECK(kept.settle({.actor = "ada"}) == errc::access_denied);
    CHECK(kept.settle());
    CHECK(g.l.w.release(g.hold));
    dropped.reset();
    CHECK(g.l.balance().held == 1_cr);
    CHECK(g.l.w.settle(named.detach()));
}

TEMPLATE_TEST_CASE("rule 17: what falls due asks nobody", "", lends_heads, gives_whole_pages) {
    guarded<TestType> g;
    g.board.allowed = {};
    g.l.go("2026-03-15T00:00:00Z");
    const std::size_t before = g.l.entry_count();
    SECTION("by a sweep") { CHECK(g.l.w.sweep().or_throw() > 0); }
    SECTION("by an operation that is refused") {
        CHECK(g.l.w.charge({.amount = 1_cr, .actor = "ada"}) == errc::access_denied);
        CHECK(g.board.questions.size() == 1);
    }
    CHECK(g.l.entry_count() > before);
    const journal all = g.l.entries();
    for (const coffer::entry& e : all.entries) CHECK(e.signature.empty());
}

TEST_CASE("rule 17: a repeat is answered though its actor may do nothing by now") {
    guarded<coffer::memory_store> g;
    const auto first = g.l.w.charge({.amount = 1_cr, .actor = "ada", .request = "c"}).or_throw();
    g.board.questions.clear();
    g.board.allowed = {};
    const auto again = g.l.w.charge({.amount = 1_cr, .actor = "ada", .request = "c"}).or_throw();
    CHECK(again.id == first.id);
    CHECK(again.repeated);
    CHECK(g.l.w.charge({.amount = 2_cr, .actor = "ada", .request = "c"}) == errc::request_mismatch);
    CHECK(g.board.questions.empty());
    CHECK(g.l.w.charge({.amount = 2_cr, .actor = "ada", .request = "d"}) == errc::access_denied);
}

TEST_CASE("rule 17: access is denied before a plan, a lot or a hold is unknown") {
    guarded<coffer::memory_store> g;
    g.board.allowed = {};
    unchanged same{g.l};
    CHECK(g.l.w.grant({.bucket = "nonsense", .amount = 1_cr}) == errc::access_denied);
    CHECK(g.l.w.grant({.bucket = "package", .amount = micros(-1)}) == errc::access_denied);
    CHECK(g.l.w.void_lot({.lot = coffer::lot_id{99}}) == errc::access_denied);
    CHECK(g.l.w.refund({.charge = "nothing"}) == errc::access_denied);
    CHECK(g.l.w.settle(coffer::hold_id{99}, {.actor = "ada"}) == errc::access_denied);
    CHECK(g.l.w.change({.plan = "nonsense"}) == errc::access_denied);
    const auto refused = g.l.w.charge({.amount = 1_cr, .actor = "ada"});
    CHECK(refused.error().subject() == "ada");
}

TEST_CASE("rule 17: questions ask where they are asked in somebody's name") {
    guarded<coffer::memory_store> g;
    g.board.allowed = may::everything - may::see;
    const coffer::wallet ada = g.l.w.as("ada");
    CHECK(ada.actor() == "ada");
    const auto denied = [](const auto& r) { return r.error() == errc::access_denied; };
    const coffer::add_on_request more{.bucket = "budget", .allowance = 5_cr};
    CHECK(denied(ada.balance()));
    CHECK(denied(ada.balance(at("2026-01-01T00:00:00Z"))));
    CHECK(denied(ada.lots()));
    CHECK(denied(ada.holds()));
    CHECK(denied(ada.name_of(g.lot)));
    CHECK(denied(ada.as_of(at("2026-01-01T00:00:00Z"))));
    CHECK(denied(ada.history()));
    CHECK(denied(ada.entries()));
    CHECK(denied(ada.parts_of(g.charged)));
    CHECK(denied(ada.paid_by(g.charged)));
    CHECK(denied(ada.paid_by("c")));
    CHECK(denied(ada.paid_from(g.lot)));
    CHECK(denied(ada.explain(g.charged)));
    CHECK(denied(ada.receipt_of(g.charged)));
    CHECK(denied(ada.verify()));
    CHECK(denied(ada.subscription()));
    CHECK(denied(ada.settings()));
    CHECK(denied(ada.orders()));
    CHECK(denied(ada.order(g.order)));
    CHECK(denied(ada.invoices()));
    CHECK(denied(ada.invoice(0)));
    CHECK(denied(ada.offers()));
    CHECK(denied(ada.cover(1_cr)));
    CHECK(denied(ada.cover(coffer::charge_request{.amount = 1_cr})));
    CHECK(denied(ada.cover_hold({.amount = 1_cr})));
    CHECK(denied(ada.estimate({{.amount = 1_cr}})));
    CHECK(denied(ada.preview(coffer::change_request{.plan = "pro"})));
    CHECK(denied(ada.preview(more)));
    CHECK(denied(g.l.w.preview(coffer::change_request{.plan = "pro", .actor = "ada"})));
    CHECK(denied(ada.resume(g.hold)));
    CHECK(denied(ada.resume("h")));
    CHECK(ada.sweep());
    for (const heard& q : g.board.questions) CHECK(q.verb == verb::see);

    g.board.questions.clear();
    CHECK(g.l.w.balance());
    CHECK(g.l.w.history());
    CHECK(g.l.w.orders());
    CHECK(g.l.w.settings());
    CHECK(g.l.w.invoices());
    CHECK(g.l.w.offers());
    CHECK(g.l.w.preview(more));
    CHECK(ada.as("").balance());
    CHECK(g.board.questions.empty());
    g.board.allowed = may::see;
    CHECK(ada.balance());
    CHECK(ada.history());
    CHECK(ada.preview(more));
    CHECK(ada.orders());
    CHECK(denied(ada.quote({.amount = 1_cr})));  // a quote answers as the charge would
    CHECK(ada.explain({.amount = 1_cr}).or_throw().decided_by == coffer::deciding_rule::access);
    CHECK(denied(ada.cover(coffer::charge_request{.amount = 1_cr})));  // so do these
    CHECK(denied(ada.estimate({{.amount = 1_cr}})));
}

TEST_CASE("rule 17: each line of an estimate asks as its charge would") {
    guarded<coffer::memory_store> g;
    CHECK(g.l.w.estimate({{.action = "post", .count = 3, .member = "ada", .resource = "poster"},
                          {.action = "post", .member = "ada", .actor = "bob"}}));
    CHECK(g.l.w.as("cy").estimate({{.action = "post", .member = "ada"}}));
    const auto& q = g.board.questions;
    REQUIRE(q.size() == 4);
    CHECK(q[0].verb == verb::charge);
    CHECK(q[0].actor == "ada");
    CHECK(q[0].action == "post");
    CHECK(q[0].resource == "poster");
    CHECK(q[1].actor == "bob");
    CHECK(q[1].member == "ada");
    CHECK(q[2].verb == verb::see);
    CHECK(q[2].actor == "cy");
    CHECK(q[3].verb == verb::charge);
    CHECK(q[3].actor == "cy");
    g.board.allowed = may::see;
    const auto refused = g.l.w.estimate({{.action = "nonsense", .actor = "ada"}});
    CHECK(refused == errc::access_denied);
    CHECK(refused.error().subject() == "ada");
}

TEST_CASE("rule 17: one balance is shared by the members of a workspace, and by nobody else") {
    lab<coffer::memory_store, workspaces_plan> l;
    l.grant(3_cr);
    CHECK(l.w.as("ada").charge({.action = "post"}));
    CHECK(l.w.as("grace").charge({.action = "post"}));
    CHECK(l.w.as("bob").charge({.action = "post"}) == errc::access_denied);
    CHECK(l.w.as("ada").balance().or_throw().available == 1_cr);
    CHECK(l.w.as("grace").balance().or_throw().available == 1_cr);
    CHECK(l.w.as("bob").balance() == errc::access_denied);
    CHECK(l.w.as("ada").grant({.bucket = "package", .amount = 1'000_cr}) == errc::access_denied);
    auto globex = l.wallets["globex"];
    globex.grant({.bucket = "package", .amount = 1_cr}).or_throw();
    CHECK(globex.as("ada").charge({.action = "post"}) == errc::access_denied);
    CHECK(globex.as("bob").charge({.action = "post"}));
    const std::vector<coffer::charge_by_handle> charges{
        {globex, {.action = "post", .actor = "ada", .request = "1"}},
        {l.w, {.action = "post", .actor = "ada", .request = "2"}}};
    const auto answers = l.wallets.charge(charges);
    CHECK(answers[0] == errc::access_denied);
    CHECK(answers[1]);
}

TEST_CASE("rule 17: of several plans, the wallet's own says who may what") {
    guarded_plan open;
    guarded_plan closed;
    closed.access.all->allowed = {};
    lab<coffer::memory_store, coffer::plan_set<guarded_plan, guarded_plan>> l{
        {coffer::named{"open", open}, coffer::named{"closed", closed}}};
    l.grant(10_cr);
    CHECK(l.w.charge({.amount = 1_cr, .actor = "ada"}));
    CHECK(l.w.as("ada").balance());
    CHECK(l.w.change({.plan = "closed", .actor = "ada"}));
    CHECK(l.w.charge({.amount = 1_cr, .actor = "ada"}) == errc::access_denied);
    CHECK(l.w.as("ada").balance() == errc::access_denied);
    CHECK(l.w.change({.plan = "open", .actor = "ada"}) == errc::access_denied);
}

TEST_CASE("a plan that lets everybody do everything is not asked, by whatever type") {
    using coffer::detail::compiled;
    CHECK(compiled<lab_plan>{lab_plan{}}.open_to_all);
    CHECK(compiled<coffer::any_plan>{coffer::any_plan{lab_plan{}}}.open_to_all);
    CHECK_FALSE(compiled<guarded_plan>{guarded_plan{}}.open_to_all);
    CHECK_FALSE(compiled<coffer::any_plan>{coffer::any_plan{guarded_plan{}}}.open_to_all);
    CHECK_FALSE(coffer::any_access{may::members{"ada"}}.is_open());
}
