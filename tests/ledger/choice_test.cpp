#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/choice.hpp>
#include <coffer/ledger/post.hpp>
#include <coffer/plan/any.hpp>

#include <string>

using namespace coffer::literals;
using coffer::account;
using coffer::choice_set;
using coffer::entry;
using coffer::entry_kind;
namespace ledger = coffer::detail;

namespace {

coffer::any_plan some_plan(coffer::choices choices, std::uint32_t revision = 0) {
    return coffer::any_plan{{.cost = coffer::cost_table{},
                             .buckets = {{.name = "package",
                                          .refill = coffer::refill::none{},
                                          .rollover = coffer::rollover::none{},
                                          .expiry = coffer::expiry::never{},
                                          .refund = coffer::refund::none{}}},
                             .overdraft = coffer::overdraft::deny{},
                             .access = coffer::access::anyone{},
                             .alerts = {{.name = "plan's", .at = 3_cr}},
                             .limits = {{.member = "a", .amount = 3_cr}},
                             .choices = std::move(choices),
                             .revision = revision}};
}
using compiled = coffer::detail::compiled<coffer::any_plan>;

choice_set own_alerts(std::initializer_list<std::string_view> names) {
    choice_set c{.says_alerts = true};
    for (std::string_view name : names) c.alerts.push_back({.name = name, .own = true});
    return c;
}

/// Applies an entry that `write(entry&)` decides. Returns whether it fits.
template <class Write>
bool add(account& a, Write&& write) {
    entry e;
    if (!write(e)) return false;
    return bool{apply(a, e)};
}
bool choose(account& a, const std::string& packed, bool anew = false) {
    return add(a, [&](entry& e) {
        return decide_choice(a, packed, anew, coffer::instant{}, e).has_value();
    });
}
bool adopt(account& a, const std::string& packed) {
    return add(a,
               [&](entry& e) { return decide_rules(a, packed, coffer::instant{}, e).has_value(); });
}

}  // namespace

TEST_CASE("rule 42: a plan keeps the choices that it allows, in their order") {
    const compiled plan{some_plan({.alerts = 1, .budget = true})};
    std::vector<std::string> gone;
    const auto note = [&](const std::string& name) { gone.push_back(name); };
    choice_set chosen = own_alerts({"plan's", "first", "second"});
    chosen.says_limits = chosen.says_budget = chosen.says_recharge = true;
    chosen.limits.push_back({});
    chosen.limits[0].tag = std::string_view{"t"};
    chosen.budget = coffer::limit_terms{.amount = 5_cr};
    const choice_set left = ledger::allowed_by(plan, chosen, note);
    CHECK(gone ==
          std::vector<std::string>{"alert:plan's", "alert:second", "limit:tag:t", "recharge"});
    REQUIRE(left.alerts.size() == 1);
    CHECK(left.alerts[0].name == "first");
    CHECK(left.says_budget);
    CHECK_FALSE(left.says_limits);
    CHECK_FALSE(left.says_recharge);
    CHECK(ledger::allowed_by(plan, left, note) == left);
    CHECK(gone.size() == 4);
}

TEST_CASE("rule 42: a plan that leaves no choice drops that of none, too, with its name") {
    std::vector<std::string> gone;
    const auto note = [&](const std::string& name) { gone.push_back(name); };
    const choice_set none{
        .says_alerts = true, .says_limits = true, .says_budget = true, .says_recharge = true};
    const compiled fixed{some_plan({})};
    CHECK(ledger::allowed_by(fixed, none, note) == choice_set{});
    CHECK(gone == std::vector<std::string>{"alerts", "limits", "budget", "recharge"});
    gone.clear();
    const compiled open{
        some_plan({.alerts = 1, .limits = 1, .budget = true, .recharge = {.allowed = true}})};
    CHECK(ledger::allowed_by(open, none, note) == none);
    CHECK(gone.empty());
    ledger::allowed_by(fixed, own_alerts({"first"}), note);
    CHECK(gone == std::vector<std::string>{"alert:first"});  // not both
}

TEST_CASE("rule 42: the plan's lists stand before the customer's own") {
    coffer::choices choices{.alerts = 2, .limits = 2, .budget = true};
    choices.defaults.alerts = {{.name = "default", .at = 1_cr}};
    choices.defaults.budget = coffer::budget{9_cr};
    const compiled plan{some_plan(choices)};
    account a;
    auto lists = ledger::lists_for(a, plan);
    REQUIRE(lists.alerts.size() == 2);
    CHECK(lists.alerts[0].name == "plan's");
    CHECK(lists.alerts[1].own);
    REQUIRE(lists.limits.size() == 2);
    CHECK_FALSE(lists.limits[0].own);
    CHECK(is_budget(lists.limits[1].terms));
    choice_set chosen = own_alerts({"x"});
    chosen.says_budget = true;
    REQUIRE(choose(a, ledger::pack(chosen)));
    lists = ledger::lists_for(a, plan);
    CHECK(lists.alerts[1].name == "x");
    CHECK(lists.limits.size() == 1);
}

TEST_CASE("rule 42: what is chosen of recharging takes the place of what the plan has") {
    coffer::choices choices{.recharge = {.allowed = true, .offers = {"s", "l"}}};
    choices.defaults.recharge = coffer::recharge_setting{
        .offer = "s", .threshold = 5_cr, .monthly_limit = coffer::money::from_minor(1, "EUR")};
    const compiled plan{some_plan(choices)};
    account a;
    CHECK(recharge_in_force(a, plan).on);
    CHECK(recharge_in_force(a, plan).offer == "s");
    choice_set chosen{.says_recharge = true};
    chosen.recharge.threshold = 7_cr;
    REQUIRE(choose(a, ledger::pack(chosen)));
    CHECK(recharge_in_force(a, plan).threshold == 7_cr);
    CHECK(recharge_in_force(a, plan).offer == "s");
    CHECK(recharge_in_force(a, plan).monthly_limit->minor_units() == 1);
    chosen.recharge.on = false;
    REQUIRE(choose(a, ledger::pack(chosen)));
    CHECK_FALSE(recharge_in_force(a, plan).on);
}

TEST_CASE("rule 48: rules change what identifies the account's order, and nothing else of it") {
    account a;
    const std::uint64_t before = a.order;
    REQUIRE(adopt(a, ledger::pack(ledger::adopted_rules{.revision = 2, .rules = 77})));
    CHECK(a.order == (before ^ 77));
    CHECK(a.rest->settings->revision == 2);
    REQUIRE(choose(a, ledger::pack(own_alerts({"x"})), true));
    CHECK(a.rest->settings->rules == ledger::unknown_rules);
    CHECK(a.rest->settings->revision == 2);
    REQUIRE(adopt(a, ledger::pack(ledger::adopted_rules{.revision = 2, .rules = 77})));
    CHECK(a.order == (before ^ 77));
    CHECK(a.rest->settings->chosen == own_alerts({"x"}));
    CHECK(adopt(
        a, ledger::pack(ledger::adopted_rules{.revision = 3, .rules = 0, .left = choice_set{}})));
    CHECK(a.order == before);
    CHECK(a.rest->settings->chosen == choice_set{});
}

TEST_CASE("rule 48: an entry with a lower revision, or that makes no sense, does not fit") {
    account a;
    REQUIRE(adopt(a, ledger::pack(ledger::adopted_rules{.revision = 2, .rules = 77})));
    account b = a;
    CHECK_FALSE(adopt(b, ledger::pack(ledger::adopted_rules{.revision = 1, .rules = 77})));
    b = a;
    CHECK_FALSE(adopt(b, "nonsense"));
    b = a;
    CHECK_FALSE(choose(b, ""));
    b = a;
    const std::string packed = ledger::pack(own_alerts({"x"}));
    CHECK_FALSE(add(b, [&](entry& e) {
        const bool decided = decide_choice(b, packed, false, coffer::instant{}, e).has_value();
        e.after.available = 1_cr;
        return decided;
    }));
}

TEST_CASE("rule 48: another plan's id forgets the revision, and looks at choices again") {
    account a;
    REQUIRE(adopt(a, ledger::pack(ledger::adopted_rules{.revision = 9, .rules = 77})));
    REQUIRE(choose(a, ledger::pack(own_alerts({"x"}))));
    const auto assign = [&](std::string_view plan) {
        return add(a, [&](entry& e) {
            return decide_plan(a, plan, {}, {}, coffer::instant{}, e).has_value();
        });
    };
    REQUIRE(assign("pro"));
    CHECK(a.rest->settings->revision == 0);
    CHECK(a.rest->settings->rules == ledger::unknown_rules);
    REQUIRE(adopt(a, ledger::pack(ledger::adopted_rules{.revision = 1, .rules = 5})));
    REQUIRE(assign("pro"));  // the same: nothing is forgotten
    CHECK(a.rest->settings->revision == 1);
}
