#include "support/dice.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/ledger/guards.hpp>
#include <coffer/ledger/settings.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>

#include <map>
#include <string>
#include <vector>

using namespace coffer_test;
using coffer::entry_kind;
using coffer::errc;
using coffer::percent;
using coffer::window;

namespace {

using names = std::vector<std::string>;

lab_plan first_revision() {
    lab_plan plan = monthly_plan(100_cr);
    plan.alerts = {{.name = "low", .at = percent{25}}, {.name = "old", .at = 90_cr}};
    plan.limits = {{.member = "design", .per = window::day, .amount = 50_cr}};
    plan.choices = {.alerts = 1};
    plan.revision = 1;
    return plan;
}
lab_plan second_revision() {
    lab_plan plan = first_revision();
    plan.alerts = {{.name = "low", .at = percent{50}}, {.name = "new", .at = 80_cr}};
    plan.limits = {{.member = "design", .per = window::day, .amount = 10_cr},
                   {.member = "*", .per = window::period, .amount = 70_cr}};
    plan.choices = {.alerts = 2, .budget = true};
    plan.revision = 2;
    return plan;
}

/// Two programs at work on one store, as while a deployment rolls on.
struct rolling {
    explicit rolling(const lab_plan& older = first_revision(),
                     const lab_plan& newer = second_revision())
        : l{older}, other{newer, l.store, l.clock}, next{other["acme"]} {}

    names raised() {
        names all;
        for (const coffer::entry& e : l.entries().entries) {
            coffer::each_raised(e, [&](std::string_view name) { all.emplace_back(name); });
        }
        return all;
    }
    /// How many entries of each kind do nothing but bring lists into force.
    std::map<entry_kind, std::size_t> adoptions() {
        std::map<entry_kind, std::size_t> all;
        for (entry_kind kind :
             {entry_kind::alert_set, entry_kind::alert_dropped, entry_kind::limit_set,
              entry_kind::limit_dropped, entry_kind::rules_adopted, entry_kind::reordered}) {
            all[kind] = l.entries().count(kind);
        }
        return all;
    }

    lab<> l;
    coffer::wallets<lab_plan, coffer::memory_store, coffer::manual_clock> other;
    coffer::wallet next;
};

}  // namespace

TEST_CASE("rule 48: of two revisions an account goes to the higher once, and never back") {
    rolling r;
    r.l.start();
    CHECK(r.l.stored().rest->settings->revision == 1);
    r.next.charge({.amount = 1_cr}).or_throw();
    CHECK(r.l.stored().rest->settings->revision == 2);
    const auto once = r.adoptions();
    const auto held = r.l.stored();
    for (int i = 0; i < 10; ++i) {
        r.l.charge(1_cr);
        r.next.charge({.amount = 1_cr}).or_throw();
        r.l.w.hold({.amount = 1_cr, .expires_in = 10min}).or_throw().release().or_throw();
        r.l.grant(1_cr);
        r.l.clock.advance(24h);
        (i % 2 == 0 ? r.l.w : r.next).sweep().or_throw();
    }
    CHECK(r.adoptions() == once);
    CHECK(r.l.stored().rest->alerts == held.rest->alerts);
    CHECK(*r.l.stored().rest->limits == *held.rest->limits);
    CHECK(r.l.stored().order == held.order);
}

TEST_CASE("rule 48: a program of the lower revision works with the lists in force") {
    rolling r;
    r.l.start();
    r.next.charge({.amount = 1_cr}).or_throw();
    // By the higher revision's limits,
    CHECK(r.l.w.charge({.amount = 11_cr, .member = "design"}) == errc::limit_exceeded);
    CHECK(r.l.w.charge({.amount = 71_cr, .member = "ops"}) == errc::limit_exceeded);
    CHECK(r.l.w.quote({.amount = 71_cr, .member = "ops"}) == errc::limit_exceeded);
    CHECK(r.l.w.explain({.amount = 71_cr, .member = "ops"}).or_throw().refused);
    // and its alerts.
    r.l.charge(20_cr);
    CHECK(r.raised() == names{"new"});
    r.l.charge(30_cr);
    CHECK(r.raised() == names{"new", "low"});
    CHECK(r.l.w.settings().or_throw().revision == 2);
}

TEST_CASE("rule 48: an alert is armed anew once by a deployment, and raised once") {
    rolling r;
    r.l.start();
    r.l.charge(30_cr);
    CHECK(r.raised() == names{"old"});
    for (int i = 0; i < 6; ++i) {
        r.next.charge({.amount = 1_cr}).or_throw();
        r.l.charge(1_cr);
    }
    // "new" is at 80 and began to hold below it; "low" went from 25 to 50.
    CHECK(r.raised() == names{"old"});
    r.l.charge(10_cr);
    CHECK(r.raised() == names{"old", "low"});
}

TEST_CASE("rule 48: where both burn in another order, lots burn in that of the higher revision") {
    lab_plan newer = second_revision();
    newer.order = coffer::spend_order::by{coffer::order_key::newest, coffer::order_key::id};
    rolling r{first_revision(), newer};
    const auto a = r.l.grant(10_cr);
    r.l.clock.advance(1h);
    const auto b = r.l.grant(10_cr);
    r.next.charge({.amount = 1_cr}).or_throw();  // the newest first
    CHECK(r.l.left(b) == 9_cr);
    r.l.charge(1_cr);
    CHECK(r.l.left(b) == 8_cr);
    CHECK(r.l.entries().count(entry_kind::reordered) == 1);
    // What the older program puts in by its own order, the newer one puts in place once.
    r.l.clock.advance(1h);
    const auto c = r.l.grant(10_cr);
    r.next.charge({.amount = 1_cr}).or_throw();
    CHECK(r.l.left(c) == 9_cr);
    CHECK(r.l.left(a) == 10_cr);
    CHECK(r.l.entries().count(entry_kind::reordered) == 2);
    r.l.charge(1_cr);
    r.next.charge({.amount = 1_cr}).or_throw();
    CHECK(r.l.left(c) == 7_cr);
    CHECK(r.l.entries().count(entry_kind::reordered) == 2);
}

TEST_CASE("rule 48: what is chosen in a program of the lower revision is looked at by the higher") {
    rolling r;
    r.l.start();
    r.next.configure({.budget = coffer::budget{50_cr}}).or_throw();
    CHECK(r.l.w.charge({.amount = 51_cr}) == errc::limit_exceeded);
    CHECK(r.l.w.configure({.budget = coffer::without}) == errc::choice_refused);
    r.l.w.configure({.alerts = {{.name = "mine", .at = 95_cr}}}).or_throw();
    r.l.charge(10_cr);
    CHECK(r.raised() == names{"mine"});
    r.next.charge({.amount = 1_cr}).or_throw();
    const auto once = r.adoptions();
    r.l.charge(1_cr);
    r.next.charge({.amount = 1_cr}).or_throw();
    CHECK(r.adoptions() == once);
    const auto now = r.next.settings().or_throw();
    CHECK(now.in_force.alerts.size() == 1);
    CHECK(now.in_force.budget->amount == 50_cr);
    // The higher revision has taken that name.
    CHECK(r.l.w.configure({.alerts = {{.name = "new", .at = 5_cr}}}) == errc::choice_refused);
}

TEST_CASE("rule 48: without a revision, two programs take turns as they come") {
    lab_plan one = first_revision();
    lab_plan two = second_revision();
    one.revision = two.revision = 0;
    rolling r{one, two};
    r.l.start();
    r.next.charge({.amount = 1_cr}).or_throw();
    r.l.charge(1_cr);
    CHECK(r.l.w.charge({.amount = 11_cr, .member = "design"}));
}

TEST_CASE("rule 48: a change of plan begins with the revision that the other plan has") {
    const auto sold = [](coffer::credits limit, std::uint32_t revision) {
        lab_plan plan = monthly_plan(100_cr);
        plan.limits = {{.member = "*", .per = window::day, .amount = limit}};
        plan.revision = revision;
        return coffer::any_plan{plan};
    };
    coffer::plan_book book;
    book.add("pro", sold(50_cr, 7)).or_throw();
    book.add("free", sold(5_cr, 1)).or_throw();
    book.set_default("free").or_throw();
    lab<coffer::memory_store, coffer::plan_book> l{book};
    l.w.start({.plan = "pro"}).or_throw();
    CHECK(l.stored().rest->settings->revision == 7);
    l.w.start({.plan = "free"}).or_throw();
    CHECK(l.stored().rest->settings->revision == 1);
    CHECK(l.w.charge({.amount = 6_cr, .member = "ada"}) == errc::limit_exceeded);
    l.w.change({.plan = "pro"}).or_throw();
    CHECK(l.stored().rest->settings->revision == 7);
    l.w.charge({.amount = 6_cr, .member = "ada"}).or_throw();
}

TEST_CASE("rule 48: a plan without revision and choices journals nothing of them") {
    lab<> l{monthly_plan(100_cr)};
    l.start();
    l.charge(1_cr);
    CHECK(l.entries().count(entry_kind::rules_adopted) == 0);
    CHECK(*l.stored().rest->settings == coffer::settings_state{});
}

TEST_CASE("rule 48: in any life of two programs, lists change once for each revision") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        fair_dice d{seed};
        lab_plan newer = second_revision();
        rolling r{first_revision(), newer};
        std::uint32_t highest = 0;
        for (int i = 0; i < 60; ++i) {
            const bool is_newer = d.one_in(2) && i > 10;
            coffer::wallet& w = is_newer ? r.next : r.l.w;
            const auto amount = micros(d.between(1, 9'000'000));
            const bool named = d.one_in(3);
            switch (d.below(6)) {
                case 0: (void)w.grant({.bucket = "package", .amount = amount}); break;
                case 1: (void)w.start(); break;
                case 2: (void)w.hold({.amount = amount, .expires_in = 1h}); break;
                case 3: (void)w.configure({.alerts = {{.name = "mine", .at = amount}}}); break;
                default: (void)w.charge({.amount = amount, .member = named ? "design" : ""}); break;
            }
            r.l.clock.advance(std::chrono::hours{d.below(30)});
            const std::uint32_t now = r.l.stored().rest->settings->revision;
            CHECK(now >= highest);
            highest = now;
        }
        std::size_t rules = 0, of_plan = 0;
        const auto journal = r.l.entries();
        for (const coffer::entry& e : journal.entries) {
            const bool own = !e.settings.empty();
            if (e.kind == entry_kind::rules_adopted) ++rules;
            if (e.kind == entry_kind::limit_set || (e.kind == entry_kind::alert_set && !own)) {
                ++of_plan;
            }
        }
        CHECK(of_plan == 3 + 4);  // the lists of the one, then of the other
        CHECK(rules <= 2 + r.l.entries().count(entry_kind::configured));
        CHECK(r.l.w.verify().or_throw().sound);
    }
}

TEST_CASE("rule 48: limits on categories hold in a program that has no limits and no revision") {
    lab_plan older = monthly_plan(100_cr);
    older.cost.set("gpt", coffer::cost::flat{5_cr}, "ai/advanced");
    lab_plan newer = older;
    newer.limits = {{.action = "ai", .per = window::day, .amount = 8_cr},
                    {.member = "*", .per = window::day, .amount = 50_cr}};
    newer.revision = 1;
    rolling r{older, newer};
    r.l.start();
    r.next.charge({.action = "gpt"}).or_throw();
    const auto refused = r.l.w.charge({.action = "gpt"});
    CHECK(refused == errc::limit_exceeded);
    CHECK(refused.error().subject() == "action:ai");
    CHECK(r.l.w.hold({.action = "gpt", .at_most = 4_cr, .expires_in = 10min}) ==
          errc::limit_exceeded);
    CHECK(r.l.w.charge({.amount = 1_cr, .member = "a//b"}) == errc::invalid_argument);
}

TEST_CASE(
    "rule 48: what is chosen in a program of the lower revision fits beside the lists in force") {
    lab_plan older = monthly_plan(100_cr);
    older.choices = {.alerts = 10};
    older.revision = 1;
    lab_plan newer = older;
    coffer::alerts many;
    std::vector<coffer::alert> all;
    for (int i = 0; i < 58; ++i) all.push_back({.name = "a" + std::to_string(i), .at = 10_cr});
    newer.alerts = coffer::alerts{all};
    newer.choices = {.alerts = 4};
    newer.revision = 2;
    rolling r{older, newer};
    r.l.start();
    r.next.charge({.amount = 1_cr}).or_throw();
    const auto choose = [&](std::vector<coffer::alert> chosen) {
        return r.l.w.configure({.alerts = std::move(chosen)});
    };
    CHECK(choose({{.name = "a3", .at = 5_cr}}) == errc::choice_refused);  // in force already
    std::vector<coffer::alert> ten;
    for (int i = 0; i < 10; ++i) ten.push_back({.name = "b" + std::to_string(i), .at = 5_cr});
    CHECK(choose(ten) == errc::choice_refused);  // sixty-eight are more than there may be
    choose({ten[0], ten[1]}).or_throw();
    CHECK(r.l.stored().rest->alerts.size() == 60);
    CHECK(r.l.w.verify().or_throw().sound);
}
