#include "support/wallet_fixture.hpp"

#include <coffer/ledger/choice.hpp>
#include <coffer/perform/configure.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/policy/choices.hpp>
#include <coffer/report/settings.hpp>
#include <coffer/store/notices.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::as_planned;
using coffer::entry_kind;
using coffer::errc;
using coffer::percent;
using coffer::window;
using coffer::without;

namespace {

using names = std::vector<std::string>;

/// A plan whose customers may choose a good deal.
lab_plan free_to_choose() {
    lab_plan plan = monthly_plan(100_cr);
    plan.alerts = {{.name = "low", .at = percent{25}}};
    plan.choices = {.alerts = 2,
                    .limits = 2,
                    .budget = true,
                    .recharge = {.allowed = true,
                                 .offers = {"small", "large"},
                                 .most_threshold = 50_cr,
                                 .most_monthly_limit = usd(10'000)}};
    plan.catalogue = {
        {.offer = "small", .credits = 50_cr, .price = usd(500), .into = "package"},
        {.offer = "large", .credits = 500_cr, .price = usd(4'000), .into = "package"}};
    return plan;
}

/// It has no package, and an alert of its own by a name that a customer may have.
struct other_plan {
    coffer::cost_table cost{};
    lab_bucket budget{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"budget", &other_plan::budget});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::alerts alerts{{.name = "mine", .at = 1_cr}};
    coffer::choices choices{.alerts = 5};
};

template <class Lab>
names raised(Lab& l) {
    names all;
    for (const coffer::entry& e : l.entries().entries) {
        coffer::each_raised(e, [&](std::string_view name) { all.emplace_back(name); });
    }
    return all;
}

names own_alerts(const coffer::settings_view& s) {
    names all;
    for (const coffer::alert_terms& t : s.in_force.alerts) all.emplace_back(t.name.view());
    return all;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 42: a customer's alerts are raised beside the plan's", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{free_to_choose()};
    l.start();
    l.w.configure({.alerts = {{.name = "mine", .at = 80_cr}}, .request = "r"}).or_throw();
    l.charge(20_cr);
    CHECK(raised(l) == names{"mine"});
    l.charge(60_cr);
    CHECK(raised(l) == names{"mine", "low"});
    l.w.configure({.alerts = {{.name = "other", .at = 10_cr, .of = {"budget"}}}}).or_throw();
    l.charge(15_cr);
    CHECK(raised(l) == names{"mine", "low", "other"});
    CHECK(own_alerts(l.w.settings().or_throw()) == names{"other"});
    l.w.configure({.alerts = without}).or_throw();
    CHECK(own_alerts(l.w.settings().or_throw()).empty());
    CHECK(l.w.settings().or_throw().chosen.says_alerts);
    CHECK(l.stored().rest->alerts.size() == 1);  // the plan's
    CHECK(l.entries().count(entry_kind::configured) == 3);
    CHECK(l.entries().count(entry_kind::reordered) == 0);
}

TEMPLATE_TEST_CASE("rule 42: a customer's limits and budget refuse what the plan's would", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{free_to_choose()};
    l.start();
    l.w.configure({.limits = {{.member = "design", .per = window::day, .amount = 5_cr}},
                   .budget = coffer::budget{.amount = 20_cr, .per = window::period}})
        .or_throw();
    l.w.charge({.amount = 5_cr, .member = "design/ada"}).or_throw();
    const auto beyond = l.w.charge({.amount = 1_cr, .member = "design/bob"});
    REQUIRE(beyond == errc::limit_exceeded);
    CHECK(beyond.error().subject() == "member:design");
    l.charge(14_cr);
    const auto spent = l.w.charge({.amount = 2_cr});
    REQUIRE(spent == errc::limit_exceeded);
    CHECK(spent.error().subject() == "budget");
    CHECK(spent.error().acceptable() == 1_cr);
    CHECK(spent.error().level() == 20_cr);
    CHECK(l.w.hold({.amount = 2_cr}) == errc::limit_exceeded);
    l.go("2026-02-01T00:00:00Z");
    l.charge(20_cr);
    CHECK(l.w.charge({.amount = 1_cr}) == errc::limit_exceeded);
    l.w.configure({.limits = without, .budget = without}).or_throw();
    l.charge(80_cr);
    CHECK(l.stored().rest->limits->empty());
    CHECK(l.entries().count(entry_kind::reordered) == 0);
}

TEST_CASE("rule 42: where no limit of a customer's holds any more, heads decide again") {
    lab_plan plan = free_to_choose();
    plan.alerts = {};
    lab<> l{plan};
    l.start();
    l.w.configure({.budget = coffer::budget{.amount = 20_cr}}).or_throw();
    CHECK(l.stored().floor == coffer::credits::max());
    l.w.configure({.budget = as_planned}).or_throw();
    CHECK(l.stored().floor == coffer::credits::min());
    CHECK(l.stored().order == coffer::detail::compiled<lab_plan>{plan}.order);
    CHECK(l.stored().rest->settings->chosen == coffer::choice_set{});
}

TEST_CASE("rule 42: a budget that warns raises an alert and refuses nothing") {
    lab<> l{free_to_choose()};
    l.start();
    l.w.configure({.budget = coffer::budget{.amount = 20_cr, .warn = true}}).or_throw();
    l.charge(21_cr);
    CHECK(raised(l) == names{"limit:budget"});
}

TEST_CASE("rule 42: a choice that the plan does not allow is choice_refused and changes nothing") {
    const auto refused = [](lab<>& l, const coffer::configure_request& r) {
        const unchanged same{l};
        const auto done = l.w.configure(r);
        REQUIRE(done == errc::choice_refused);
        return std::string{done.error().subject()};
    };
    lab<> none{monthly_plan(100_cr)};
    none.start();
    CHECK(refused(none, {.alerts = {{.name = "a", .at = 1_cr}}}) == "alerts");
    CHECK(refused(none, {.alerts = without}) == "alerts");
    CHECK(refused(none, {.limits = {{.member = "a"}}}) == "limits");
    CHECK(refused(none, {.budget = coffer::budget{5_cr}}) == "budget");
    CHECK(refused(none, {.budget = without}) == "budget");
    CHECK(refused(none, {.recharge = coffer::recharge_setting{}}) == "recharge");
    CHECK(refused(none, {.recharge = without}) == "recharge");

    lab<> some{free_to_choose()};
    some.start();
    CHECK(refused(some, {.alerts = {{.name = "a", .at = 1_cr},
                                    {.name = "b", .at = 1_cr},
                                    {.name = "c", .at = 1_cr}}}) == "alert:c");
    CHECK(refused(some, {.alerts = {{.name = "low", .at = 1_cr}}}) == "alert:low");  // the plan's
    CHECK(refused(some, {.limits = {{.member = "a"}, {.member = "b"}, {.tag = "c"}}}) ==
          "limit:tag:c");
    const auto recharge = [&](const coffer::recharge_setting& r) {
        return refused(some, {.recharge = r});
    };
    CHECK(recharge({.offer = "huge"}) == "recharge");
    CHECK(recharge({.threshold = 50.000001_cr}) == "recharge");
    CHECK(recharge({.monthly_limit = usd(10'001)}) == "recharge");
    CHECK(recharge({.monthly_limit = coffer::money::from_minor(1, "EUR")}) == "recharge");
}

TEST_CASE("rule 42: a choice that makes no sense is invalid_argument and changes nothing") {
    lab_plan plan = free_to_choose();
    plan.choices.alerts = 60;
    lab<> l{plan};
    l.start();
    const unchanged same{l};
    const auto wrong = [&](const coffer::configure_request& r) -> std::string {
        const auto done = l.w.configure(r);
        REQUIRE(!done);
        return std::string{to_string(done.error().code())} + " " +
               std::string{done.error().field()};
    };
    const std::string alerts = "invalid_argument alerts";
    CHECK(wrong({.alerts = {{.name = "", .at = 1_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = std::string(64, 'a'), .at = 1_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "a\nb", .at = 1_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "depleted", .at = 1_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "limit:a", .at = 1_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "choice:a", .at = 1_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "a", .at = percent{-1}}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "a", .at = 1_cr}, {.name = "a", .at = 2_cr}}}) == alerts);
    CHECK(wrong({.alerts = {{.name = "a", .at = 1_cr, .of = {"nowhere"}}}}) == "unknown_bucket ");
    CHECK(!coffer::bucket_id::find("nowhere"));  // nor is its name kept
    const std::string limits = "invalid_argument limits";
    CHECK(wrong({.limits = {{.amount = 1_cr}}}) == limits);
    CHECK(wrong({.limits = {{.member = "a//b", .amount = 1_cr}}}) == limits);
    CHECK(wrong({.limits = {{.member = std::string(96, 'a')}}}) == limits);
    CHECK(wrong({.limits = {{.member = "a", .amount = micros(-1)}}}) == limits);
    CHECK(wrong({.limits = {{.member = "a", .per = static_cast<window>(9)}}}) == limits);
    const std::string budget = "invalid_argument budget";
    CHECK(wrong({.budget = coffer::budget{micros(-1)}}) == budget);
    CHECK(wrong({.budget = coffer::budget{1_cr, static_cast<window>(9)}}) == budget);
    const std::string recharge = "invalid_argument recharge";
    CHECK(wrong({.recharge = coffer::recharge_setting{.offer = std::string(64, 'a')}}) == recharge);
    CHECK(wrong({.recharge = coffer::recharge_setting{.threshold = micros(-1)}}) == recharge);
    CHECK(wrong({.recharge = coffer::recharge_setting{.monthly_limit = usd(-1)}}) == recharge);
    CHECK(wrong({.recharge = coffer::recharge_setting{.monthly_limit = coffer::money{}}}) ==
          recharge);
    CHECK(wrong({}) == "invalid_argument ");
}

TEST_CASE("rule 42: a choice has a request of its own, as every other change") {
    lab<> l{free_to_choose()};
    l.start();
    const coffer::configure_request mine{.alerts = {{.name = "mine", .at = 80_cr}}, .request = "r"};
    const auto first = l.w.configure(mine).or_throw();
    const auto again = l.w.configure(mine).or_throw();
    CHECK(again.repeated);
    CHECK(again.id == first.id);
    CHECK(l.w.configure({.alerts = {{.name = "mine", .at = 81_cr}}, .request = "r"}) ==
          errc::request_mismatch);
    CHECK(l.w.configure({.alerts = without, .request = "r"}) == errc::request_mismatch);
    // What is chosen already is only remembered.
    l.w.configure({.alerts = {{.name = "mine", .at = 80_cr}}, .request = "s"}).or_throw();
    CHECK(l.entries().count(entry_kind::configured) == 1);
    CHECK(l.entries().count(entry_kind::noted) == 1);
}

TEST_CASE("rule 42: what is left out of a choice stays as it was") {
    lab<> l{free_to_choose()};
    l.start();
    l.w.configure({.alerts = {{.name = "mine", .at = 80_cr}},
                   .recharge = coffer::recharge_setting{.offer = "small"}})
        .or_throw();
    l.w.configure({.budget = coffer::budget{50_cr}}).or_throw();
    const auto now = l.w.settings().or_throw();
    CHECK(own_alerts(now) == names{"mine"});
    CHECK(now.in_force.budget->amount == 50_cr);
    CHECK(now.in_force.recharge.offer == "small");
}

TEMPLATE_TEST_CASE("rule 42: defaults hold for who has not chosen, and are no choice", "",
                   lends_heads, gives_whole_pages) {
    lab_plan plan = free_to_choose();
    plan.choices.defaults = {
        .alerts = {{.name = "half", .at = percent{50}}},
        .limits = {{.member = "*", .per = window::day, .amount = 60_cr}},
        .budget = coffer::budget{90_cr},
        .recharge = coffer::recharge_setting{.offer = "large", .threshold = 10_cr}};
    lab<TestType> l{plan};
    l.start();
    CHECK(own_alerts(l.w.settings().or_throw()) == names{"half"});
    CHECK(l.w.charge({.amount = 61_cr, .member = "ada"}) == errc::limit_exceeded);
    l.w.charge({.amount = 60_cr, .member = "ada"}).or_throw();
    CHECK(raised(l) == names{"half"});
    CHECK(l.w.charge({.amount = 31_cr}) == errc::limit_exceeded);
    l.w.configure({.alerts = without, .budget = without}).or_throw();
    l.charge(31_cr);
    const auto now = l.w.settings().or_throw();
    CHECK(now.in_force.alerts.empty());
    CHECK_FALSE(now.in_force.budget);
    CHECK(now.in_force.limits.size() == 1);
    CHECK(now.in_force.recharge.on);
    CHECK(now.in_force.recharge.threshold == 10_cr);
    l.w.configure({.recharge = coffer::recharge_setting{.threshold = 20_cr}}).or_throw();
    CHECK(l.w.settings().or_throw().in_force.recharge.threshold == 20_cr);
    CHECK(l.w.settings().or_throw().in_force.recharge.offer == "large");
    l.w.configure({.recharge = without}).or_throw();
    CHECK_FALSE(l.w.settings().or_throw().in_force.recharge.on);
    l.w.configure({.alerts = as_planned, .budget = as_planned, .recharge = as_planned}).or_throw();
    CHECK(own_alerts(l.w.settings().or_throw()) == names{"half"});
    CHECK(l.w.settings().or_throw().in_force.budget->amount == 90_cr);
    CHECK(l.w.settings().or_throw().in_force.recharge.on);
    CHECK(l.stored().rest->settings->chosen == coffer::choice_set{});
}

TEST_CASE("rule 42: a plan without choices recharges nobody") {
    lab<> l{monthly_plan(1_cr)};
    CHECK_FALSE(l.w.settings().or_throw().in_force.recharge.on);
}

TEST_CASE("rule 42: another plan keeps what it allows and drops the rest, with notices") {
    lab<> l{free_to_choose()};
    l.start();
    l.w.configure({.alerts = {{.name = "one", .at = 90_cr}, {.name = "two", .at = 50_cr}},
                   .limits = {{.member = "design", .per = window::day, .amount = 5_cr}},
                   .budget = coffer::budget{50_cr},
                   .recharge = coffer::recharge_setting{.offer = "large"}})
        .or_throw();
    lab_plan less = free_to_choose();
    less.choices.alerts = 1;
    less.choices.limits = 0;
    less.choices.recharge.offers = {"small"};
    coffer::wallets second{less, l.store, l.clock};
    second["acme"].charge({.amount = 10_cr}).or_throw();
    CHECK(raised(l) ==
          names{"choice:alert:two", "choice:limit:member:design", "choice:recharge", "one"});
    const auto now = second["acme"].settings().or_throw();
    CHECK(own_alerts(now) == names{"one"});
    CHECK(now.in_force.budget->amount == 50_cr);
    CHECK(now.in_force.limits.empty());
    CHECK_FALSE(now.chosen.says_recharge);
    CHECK(l.stored().rest->limits->size() == 1);
    const auto told = l.store.notices(9).or_throw();
    REQUIRE(told.size() == 4);
    CHECK(told[0].kind == coffer::choice_notice);
    CHECK(told[0].text == "choice:alert:two");
    second["acme"].charge({.amount = 1_cr}).or_throw();
    CHECK(l.entries().count(entry_kind::rules_adopted) == 2);
    // What was dropped does not come back by itself.
    coffer::wallets third{free_to_choose(), l.store, l.clock};
    third["acme"].charge({.amount = 1_cr}).or_throw();
    CHECK(own_alerts(third["acme"].settings().or_throw()) == names{"one"});
}

TEST_CASE(
    "rule 42: an alert of a bucket that the plan lacks, or of a name that it took, is dropped") {
    lab<> l{free_to_choose()};
    l.start();
    l.w.configure({.alerts = {{.name = "packs", .at = 5_cr, .of = {"package"}},
                              {.name = "mine", .at = 5_cr}}})
        .or_throw();
    coffer::wallets second{other_plan{}, l.store, l.clock};
    second["acme"].charge({.amount = 1_cr}).or_throw();
    CHECK(raised(l) == names{"choice:alert:packs", "choice:alert:mine"});
    CHECK(own_alerts(second["acme"].settings().or_throw()).empty());
    CHECK(l.stored().rest->alerts.size() == 1);
}

TEST_CASE("rule 42: with a change of plan, choices are looked at by the new one when it begins") {
    const auto plan = [](std::size_t alerts) {
        coffer::any_plan p{free_to_choose()};
        p.choices = {.alerts = alerts};
        return p;
    };
    coffer::plan_book book;
    book.add("pro", plan(2)).or_throw();
    book.add("free", plan(0)).or_throw();
    book.set_default("free").or_throw();
    lab<coffer::memory_store, coffer::plan_book> l{book};
    l.w.start({.plan = "pro"}).or_throw();
    l.w.configure({.alerts = {{.name = "mine", .at = 5_cr}}}).or_throw();
    l.w.change({.plan = "free", .when = coffer::at::period_end}).or_throw();
    CHECK(own_alerts(l.w.settings().or_throw()) == names{"mine"});
    l.go("2026-02-01T00:00:00Z");
    CHECK(own_alerts(l.w.settings().or_throw()).empty());
    l.w.sweep().or_throw();
    CHECK(raised(l) == names{"choice:alert:mine"});
    CHECK(l.w.configure({.alerts = {{.name = "mine", .at = 5_cr}}}) == errc::choice_refused);
}

TEST_CASE("rule 42: who chose none is told where the next plan's defaults hold instead") {
    lab<> l{free_to_choose()};
    l.start();
    l.w.configure({.alerts = without, .limits = without}).or_throw();
    lab_plan fixed = free_to_choose();
    fixed.choices = {};
    fixed.choices.defaults.alerts = {{.name = "default", .at = 50_cr}};
    fixed.choices.defaults.limits = {{.member = "*", .per = window::day, .amount = 5_cr}};
    coffer::wallets second{fixed, l.store, l.clock};
    second["acme"].charge({.amount = 1_cr}).or_throw();
    CHECK(raised(l) == names{"choice:alerts", "choice:limits"});
    const auto now = second["acme"].settings().or_throw();
    CHECK(own_alerts(now) == names{"default"});
    CHECK(now.in_force.limits.size() == 1);
    CHECK(now.chosen == coffer::choice_set{});
}

TEST_CASE("rule 42: choices for which a plan has no room are policy_contract") {
    lab_plan plan = free_to_choose();
    SECTION("alerts") { plan.choices.alerts = 62; }
    SECTION("limits") { plan.choices.limits = 100; }
    SECTION("a default of the plan's own name") {
        plan.choices.defaults.alerts = {{.name = "low", .at = 1_cr}};
    }
    SECTION("a default of a bucket that there is not") {
        plan.choices.defaults.alerts = {{.name = "a", .at = 1_cr, .of = {"nowhere else"}}};
    }
    SECTION("a default limit on nothing") { plan.choices.defaults.limits = {{.amount = 1_cr}}; }
    SECTION("an offer without a name") { plan.choices.recharge.offers = {""}; }
    lab<> l{plan};
    CHECK(l.w.start() == errc::policy_contract);
    CHECK(l.entry_count() == 0);
}

TEST_CASE("rule 42: where customers may choose limits, members and the like are paths") {
    lab<> l{free_to_choose()};
    l.grant(5_cr);
    CHECK(l.w.charge({.amount = 1_cr, .member = "a//b"}) == errc::invalid_argument);
    CHECK(l.w.charge({.amount = 1_cr, .tags = "x,/"}) == errc::invalid_argument);
    CHECK(l.w.hold({.amount = 1_cr, .resource = "/"}) == errc::invalid_argument);
    l.w.charge({.amount = 1_cr, .member = "a/b", .tags = "x,y"}).or_throw();
}

TEST_CASE("rule 42: settings can be chosen before the start, and go on after it") {
    lab<> l{free_to_choose()};
    l.w.configure({.budget = coffer::budget{20_cr}}).or_throw();
    l.start();
    CHECK(l.w.charge({.amount = 21_cr}) == errc::limit_exceeded);
    l.start();
    CHECK(l.w.charge({.amount = 21_cr}) == errc::limit_exceeded);
}
