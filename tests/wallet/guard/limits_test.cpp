#include "support/at_once.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/ledger/limit.hpp>
#include <coffer/ledger/limit_book.hpp>
#include <coffer/ledger/limit_check.hpp>
#include <coffer/plan/any.hpp>
#include <coffer/plan/book.hpp>
#include <coffer/policy/limits.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::window;

namespace {

/// Packs, and two priced actions in categories, under limits.
lab_plan limited(coffer::limits limits, coffer::timespan back = {}) {
    lab_plan plan;
    plan.cost.set("chat", coffer::cost::flat{1_cr}, "ai/basic");
    plan.cost.set("reason", coffer::cost::flat{1_cr}, "ai/advanced/slow");
    plan.limits = std::move(limits);
    plan.late.back = back;
    return plan;
}

/// A wallet that never lacks credits.
struct stocked : lab<> {
    explicit stocked(lab_plan plan) : lab<>{std::move(plan)} { grant(1'000'000_cr); }

    coffer::result<coffer::receipt> by(std::string_view member, coffer::credits amount) {
        return w.charge({.amount = amount, .member = member});
    }
    /// So much is counted in all counters of the wallet.
    coffer::credits counted() {
        std::int64_t sum = 0;
        for (const coffer::limit_counter& c : stored().counters) {
            sum += c.spent.micros() + c.held.micros();
        }
        return micros(sum);
    }
};

std::vector<std::string> raised(stocked& l) {
    std::vector<std::string> all;
    for (const coffer::notice& n : l.store.notices(1'000).or_throw()) {
        all.push_back(n.kind + " " + n.text);
    }
    return all;
}

const coffer::limit ten_a_day{.member = "*", .per = window::day, .amount = 10_cr};

}  // namespace

TEST_CASE("rule 32: a refusal names the limit, its level, what is left and when the window ends") {
    stocked l{limited({{.member = "design/bot-7", .per = window::day, .amount = 10_cr}})};
    CHECK(l.by("design/bot-7", 7_cr));
    const auto refused = l.by("design/bot-7/x", 4_cr);
    REQUIRE(refused == errc::limit_exceeded);
    CHECK(refused.error().subject() == "member:design/bot-7");
    CHECK(refused.error().level() == 10_cr);
    CHECK(refused.error().required() == 4_cr);
    CHECK(refused.error().acceptable() == 3_cr);
    CHECK(until_of(refused.error()) == at("2026-01-02T00:00:00Z"));
    CHECK(std::string{to_string(refused.error()).view()} ==
          "limit_exceeded (member:design/bot-7): needs 4, would accept 3, of 10");
    CHECK(l.by("design/bot-7", 3_cr));
    CHECK(l.by("design/bot-70", 100_cr));
}

TEST_CASE("rule 32: a limit with several keys counts what matches all of them") {
    stocked l{limited({{.member = "design", .action = "ai/advanced", .amount = 2_cr},
                       {.member = "*", .resource = "*", .amount = 5_cr}})};
    const auto use = [&](std::string_view member, std::string_view action,
                         std::string_view resource, std::int64_t times) {
        return l.w.charge({.action = action,
                           .quantity = coffer::quantity::from_micros(times * 1'000'000),
                           .member = member,
                           .resource = resource});
    };
    CHECK(use("design", "reason", "", 2));
    CHECK(use("design/ada", "reason", "", 1) == errc::limit_exceeded);
    CHECK(use("design", "chat", "", 9));
    CHECK(use("sales", "reason", "", 9));
    CHECK(use("sales", "chat", "x", 5));
    const auto refused = use("sales", "chat", "x", 1);
    REQUIRE(refused == errc::limit_exceeded);
    CHECK(refused.error().subject() == "member:sales,resource:x");
    CHECK(use("sales", "chat", "y", 5));
    CHECK(use("design", "chat", "x", 5));
}

TEST_CASE("rule 32, rule 38: an error cuts a long name of a limit, an explanation has it whole") {
    const std::string member = "engineering/platform/agents/bot-7";
    stocked l{limited({{.member = "engineering/platform", .action = "chat", .amount = 10_cr},
                       {.member = "*", .per = window::day, .amount = 5_cr}})};
    const auto why = [&](coffer::credits cost) {
        const coffer::charge_request r{.action = "chat",
                                       .quantity = coffer::quantity::from_micros(cost.micros()),
                                       .member = member};
        const auto explained = l.w.explain(r).or_throw();
        CHECK(explained.refused.has_value() == !explained.limit.empty());
        if (explained.refused) {
            CHECK(l.w.charge(r).error().subject() == explained.refused->subject());
        }
        return explained;
    };
    CHECK(why(5_cr).limit.empty());
    const auto by_path = why(11_cr);
    REQUIRE(by_path.refused);
    CHECK(by_path.limit == "member:engineering/platform,action:chat");
    CHECK(by_path.refused->subject() == "member:engineering/platform,…");
    const auto by_each = why(6_cr);
    REQUIRE(by_each.refused);
    CHECK(by_each.limit == "member:" + member);
    CHECK(by_each.refused->subject() == "member:engineering/platform/…");
}

TEST_CASE("rule 32, rule 38: the whole name of a limit is told of a remembered refusal, too") {
    lab_plan plan =
        limited({{.member = "engineering/platform", .action = "chat", .amount = 10_cr}});
    plan.refusals.sticky = true;
    stocked l{plan};
    const coffer::charge_request r{.action = "chat",
                                   .quantity = 11_units,
                                   .member = "engineering/platform/agents",
                                   .request = "c"};
    const coffer::error first = l.w.charge(r).error();
    CHECK(first == errc::limit_exceeded);
    CHECK(to_string(l.w.charge(r).error()).view() == to_string(first).view());
    const auto why = l.w.explain(l.stored().last).or_throw();
    REQUIRE(why.refused);
    CHECK(to_string(*why.refused).view() == to_string(first).view());
    CHECK(why.limit == "member:engineering/platform,action:chat");
    CHECK(why.decided_by == coffer::deciding_rule::limits);
    CHECK(why.missing == 0_cr);
}

TEST_CASE("rule 32: where nobody is named, an explanation has the limit's whole name, too") {
    auto plan = limited({{.member = "engineering/platform/agents", .amount = 10_cr}});
    plan.unnamed.refuse = true;
    stocked l{plan};
    const auto why = l.w.explain(coffer::charge_request{.amount = 1_cr}).or_throw();
    CHECK(why.limit == "member:engineering/platform/agents");
}

TEST_CASE("rule 32: of N threads against one limit exactly those pass that fit") {
    for (int round = 0; round < 10; ++round) {
        stocked l{limited({{.member = "team", .per = window::day, .amount = 5_cr}})};
        std::atomic<int> passed{0};
        std::atomic<int> refused{0};
        at_once(8, [&](int i) {
            auto wallet = l.wallets["acme"];
            const std::string member = "team/" + std::to_string(i);
            for (int n = 0; n < 4; ++n) {
                bool ok = false;
                if (i % 2 == 0) {
                    ok = static_cast<bool>(wallet.charge({.amount = 1_cr, .member = member}));
                } else if (auto h = wallet.hold({.amount = 1_cr, .member = member})) {
                    ok = n % 2 == 0 ? static_cast<bool>(h->settle()) : (h->detach(), true);
                }
                ++(ok ? passed : refused);
            }
        });
        CHECK(passed == 5);
        CHECK(refused == 27);
        CHECK(l.counted() == 5_cr);
    }
}

TEST_CASE("rule 32: a refusal changes nothing, and costs the store no commit") {
    stocked l{limited({ten_a_day})};
    CHECK(l.by("ann", 10_cr));
    auto hold = l.w.hold({.amount = 5_cr, .tolerance = 9_cr, .member = "bob"}).or_throw();
    unchanged nothing{l};
    CHECK(l.by("ann", micros(1)) == errc::limit_exceeded);
    CHECK(l.w.hold({.amount = 1_cr, .member = "ann"}) == errc::limit_exceeded);
    const auto settled = hold.settle({.amount = 11_cr});
    REQUIRE(settled == errc::limit_exceeded);
    CHECK(settled.error().acceptable() == 10_cr);
    hold.detach();
}

TEST_CASE("rule 32: a hold counts until it ends, in the window in which it was opened") {
    stocked l{limited({ten_a_day})};
    l.go("2026-01-01T23:00:00Z");
    auto settled = l.w.hold({.amount = 6_cr, .expires_in = 6h, .member = "ann"}).or_throw();
    auto released = l.w.hold({.amount = 2_cr, .expires_in = 6h, .member = "ann"}).or_throw();
    l.w.hold({.amount = 2_cr, .expires_in = 2h, .member = "ann"}).or_throw().detach();
    CHECK(l.by("ann", 1_cr) == errc::limit_exceeded);
    CHECK(released.release());
    CHECK(l.by("ann", 2_cr));
    l.go("2026-01-02T03:00:00Z");  // one has timed out
    CHECK(l.by("ann", 9_cr));
    CHECK(settled.settle({.amount = 6_cr}));  // at most the hold is never refused
    CHECK(l.by("ann", micros(1)) == errc::limit_exceeded);
    CHECK(l.counted() == 17_cr);  // 2 of the first day, 15 of the second
}

TEST_CASE("rule 32: a refund lowers the window of its charge, a dropped one not at all") {
    stocked l{limited({ten_a_day}, coffer::days{1})};
    const auto first = l.by("ann", 10_cr).or_throw();
    l.go("2026-01-02T10:00:00Z");
    CHECK(l.by("ann", 10_cr));
    CHECK(l.w.refund({.entry = first.id, .amount = 4_cr}));
    CHECK(l.by("ann", 1_cr) == errc::limit_exceeded);
    CHECK(l.w.charge({.amount = 5_cr, .member = "ann", .at = at("2026-01-01T20:00:00Z")}) ==
          errc::limit_exceeded);
    CHECK(l.w.charge({.amount = 4_cr, .member = "ann", .at = at("2026-01-01T20:00:00Z")}));
    CHECK(l.stored().counters.size() == 2);
    l.go("2026-01-03T00:00:00Z");
    CHECK(l.by("ann", 1_cr));  // drops the first day, which no event can reach any more
    CHECK(l.stored().counters.size() == 2);
    CHECK(l.w.refund({.entry = first.id}));
    CHECK(l.counted() == 11_cr);
}

TEST_CASE("rule 32: a list that changes keeps the counters of limits that go on to hold") {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    const auto under = [&](coffer::limits limits, auto&& work) {
        coffer::wallets wallets{limited(std::move(limits)), store, clock};
        auto w = wallets["acme"];
        work([&](std::string_view member, coffer::credits amount) {
            return w.charge({.amount = amount, .member = member});
        });
        CHECK(w.verify().or_throw().sound);
    };
    const coffer::limit ann{.member = "ann", .amount = 10_cr};
    const coffer::limit all{.member = "*", .amount = 50_cr};
    coffer::limit more = ann;
    more.amount = 15_cr;
    under({}, [&](auto by) { CHECK(by("ann", 0_cr)); });
    {
        coffer::wallets wallets{limited({}), store, clock};
        wallets["acme"].grant({.bucket = "package", .amount = 1'000_cr}).or_throw();
        CHECK(wallets["acme"].charge({.amount = 100_cr, .member = "ann"}));
    }
    under({ann}, [&](auto by) {  // what was before does not count
        CHECK(by("ann", 9_cr));
        CHECK(by("ann", 2_cr) == errc::limit_exceeded);
    });
    under({all, more}, [&](auto by) {  // another amount, another place: its counter goes on
        CHECK(by("ann", 7_cr) == errc::limit_exceeded);
        CHECK(by("ann", 6_cr));
        CHECK(by("bob", 45_cr));
    });
    under({more, all}, [&](auto by) {
        CHECK(by("ann", 1_cr) == errc::limit_exceeded);
        CHECK(by("bob", 6_cr) == errc::limit_exceeded);
    });
    under({all}, [&](auto by) { CHECK(by("ann", 40_cr)); });
    under({all, more}, [&](auto by) {                    // it holds anew, and counts anew
        CHECK(by("ann", 5_cr) == errc::limit_exceeded);  // 46 by `all`
        CHECK(by("ann", 4_cr));
    });
    CHECK(coffer::load(store, coffer::wallet_id{"acme"}).or_throw().counters.size() == 3);
}

TEST_CASE("rule 32: a wallet has 10,000 counters; one more is too_many until a window ends") {
    stocked l{limited({ten_a_day})};
    l.audited = false;
    const auto member = [](std::size_t i) { return "m" + std::to_string(i); };
    for (std::size_t i = 1; i < coffer::max_counters; ++i) CHECK(l.by(member(i), 1_cr));
    auto held = l.w.hold({.amount = 1_cr, .expires_in = 48h, .member = "held"}).or_throw();
    {
        unchanged nothing{l};
        CHECK(l.by("one more", 1_cr) == errc::too_many);
    }
    CHECK(l.by("one more", 0_cr));  // nothing to count
    CHECK(l.by(member(1), 9_cr));
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.by("one more", 1_cr));
    CHECK(l.stored().counters.size() == coffer::max_counters - 100 + 1);
    for (std::size_t i = 0; i < 200; ++i) CHECK(l.by("n" + std::to_string(i), 1_cr));
    CHECK(held.settle());
    CHECK(l.by("held", 10_cr) == errc::limit_exceeded);
    CHECK(l.w.verify().or_throw().sound);
}

TEST_CASE("rule 32: a spend that more than 100 counters count is too_many") {
    std::vector<coffer::limit> each_tag;
    for (std::int64_t i = 1; i <= 3; ++i) {
        each_tag.push_back(
            {.tag = "*", .per = i == 1 ? window::day : window::week, .amount = 9_cr});
    }
    each_tag[2].per = window::ever;
    stocked l{limited(coffer::limits{each_tag})};
    std::string tags;
    for (int i = 0; i < 33; ++i) tags += std::string(1, static_cast<char>('A' + i)) + ",";
    CHECK(l.w.charge({.amount = 1_cr, .tags = tags}));
    CHECK(l.stored().counters.size() == 99);
    CHECK(l.w.charge({.amount = 1_cr, .tags = tags + "z"}) == errc::too_many);
}

TEST_CASE("rule 32: a limit that warns raises a notice before the alerts of the balance") {
    lab_plan plan = limited({{.tag = "*", .per = window::draw, .amount = 1_cr, .warn = true},
                             {.member = "ann", .amount = 5_cr, .warn = true}});
    plan.alerts = {{.name = "low", .at = 999'990_cr}};
    stocked l{plan};
    CHECK(l.w.charge({.amount = 1_cr, .member = "ann", .tags = "a"}));
    CHECK(raised(l).empty());
    CHECK(l.w.charge({.amount = 12_cr, .member = "ann", .tags = "b,,a,b"}));
    CHECK(raised(l) == std::vector<std::string>{"limit limit:tag:b", "limit limit:tag:a",
                                                "limit limit:member:ann", "alert low"});
    CHECK(l.counted() == 13_cr);
}

TEST_CASE("rule 32: what names no member passes limits on members, unless the plan refuses it") {
    lab_plan plan = limited({{.member = "ann", .action = "chat", .amount = 5_cr}});
    stocked passes{plan};
    CHECK(passes.w.charge({.action = "chat"}));
    plan.unnamed.refuse = true;
    stocked refuses{plan};
    const auto refused = refuses.w.charge({.action = "chat"});
    REQUIRE(refused == errc::limit_exceeded);
    CHECK(refused.error().subject() == "member:ann");
    CHECK(refuses.w.charge({.action = "reason"}));  // which that limit does not count
    CHECK(refuses.w.charge({.action = "chat", .member = "bob"}));
}

TEST_CASE("rule 32: where limits look, what is no path is invalid") {
    stocked l{limited({{.member = "x", .tag = "y", .amount = 5_cr}})};
    for (std::string_view wrong : {"a//b", "/a", "a/", "/", "a\nb", "a\x7f"}) {
        CAPTURE(wrong);
        CHECK(l.by(wrong, 1_cr) == errc::invalid_argument);
        CHECK(l.w.hold({.amount = 1_cr, .member = wrong}) == errc::invalid_argument);
        CHECK(l.w.charge({.amount = 1_cr, .tags = wrong}) == errc::invalid_argument);
        CHECK(l.w.charge({.amount = 1_cr, .resource = wrong}));
    }
    stocked free{limited({})};
    CHECK(free.by("a//b", 1_cr));
}

TEST_CASE("rule 32: a limit that makes no sense is refused by every operation") {
    for (const coffer::limit& wrong :
         {coffer::limit{.amount = 1_cr}, coffer::limit{.member = "a//b", .amount = 1_cr},
          coffer::limit{.member = std::string(96, 'a'), .amount = 1_cr},
          coffer::limit{.member = "a", .amount = micros(-1)}}) {
        lab<> l{limited({wrong})};
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr}) == errc::policy_contract);
    }
}

TEST_CASE("rule 32: limits per period count late events in their period") {
    lab_plan plan =
        limited({{.member = "ann", .per = window::period, .amount = 10_cr}}, coffer::days{70});
    plan.budget.refill = {.length = coffer::months{1}, .amount = 100_cr};
    stocked l{plan};
    CHECK(l.by("ann", 10_cr));
    l.go("2026-01-05T00:00:00Z");
    l.start();
    const auto late = [&](std::string_view when, coffer::credits amount) {
        return l.w.charge({.amount = amount, .member = "ann", .at = at(when)});
    };
    CHECK(l.by("ann", 4_cr));
    l.go("2026-03-06T00:00:00Z");
    CHECK(l.by("ann", 3_cr));
    CHECK(late("2026-01-04T00:00:00Z", 1_cr) == errc::limit_exceeded);  // before all periods
    CHECK(late("2026-02-04T00:00:00Z", 7_cr) == errc::limit_exceeded);
    const auto why =
        l.w.explain({.amount = 7_cr, .member = "ann", .at = at("2026-02-04T00:00:00Z")});
    REQUIRE(why.or_throw().refused);
    CHECK(*why->refused == errc::limit_exceeded);
    CHECK(why->refused->acceptable() == 6_cr);
    CHECK(late("2026-02-04T00:00:00Z", 6_cr));
    CHECK(late("2026-02-05T00:00:00Z", 10_cr));
    CHECK(late("2026-03-05T00:00:00Z", 7_cr));
    CHECK(l.by("ann", 1_cr) == errc::limit_exceeded);
    CHECK(l.stored().counters.size() == 4);
}

TEST_CASE("rule 32: the period of a late event is the same whether a sweep came before or not") {
    lab_plan plan =
        limited({{.member = "*", .per = window::period, .amount = 10_cr}}, coffer::days{70});
    plan.budget.refill = {.length = coffer::days{1}, .amount = 100_cr};
    for (const char* event : {"2026-01-03T00:00:00Z", "2026-01-06T06:00:00Z"}) {
        CAPTURE(event);
        std::vector<coffer::limit_counter> counters;
        for (bool swept : {false, true}) {
            stocked l{plan};
            l.go("2026-01-05T00:00:00Z");
            l.start();
            l.go("2026-01-12T00:00:00Z");
            if (swept) l.w.sweep().or_throw();
            l.w.charge({.amount = 1_cr, .member = "ann", .at = at(event)}).or_throw();
            REQUIRE(l.stored().counters.size() == 1);
            counters.push_back(*l.stored().counters.begin());
        }
        CHECK(counters[0].until <= at("2026-01-07T00:00:00Z"));
        counters[1].id = counters[0].id;
        CHECK(counters[0] == counters[1]);
    }
}

namespace {

/// A wallet that changes between weeks and months, with 100 for each member in each.
struct changing : lab<coffer::memory_store, coffer::plan_book> {
    changing() : lab{weekly_and_monthly()} {
        w.start({.plan = "weekly"}).or_throw();
        grant(10'000_cr, {.bucket = "pack"});
    }

    static coffer::any_plan refilled_each(std::string_view bucket, coffer::timespan every) {
        return coffer::any_plan{
            {.cost = coffer::cost_table{},
             .buckets = {{.name = std::string{bucket},
                          .refill = coffer::refill::every{.length = every, .amount = 1'000_cr},
                          .rollover = coffer::rollover::none{},
                          .expiry = coffer::expiry::at_period_end{},
                          .refund = coffer::refund::none{}},
                         {.name = "pack",
                          .refill = coffer::refill::none{},
                          .rollover = coffer::rollover::none{},
                          .expiry = coffer::expiry::never{},
                          .refund = coffer::refund::none{}}},
             .overdraft = coffer::overdraft::deny{},
             .access = coffer::access::anyone{},
             .limits = {{.member = "*", .per = window::period, .amount = 100_cr}}}};
    }
    static coffer::plan_book weekly_and_monthly() {
        coffer::plan_book book;
        book.add("weekly", refilled_each("week", coffer::days{7})).or_throw();
        book.add("monthly", refilled_each("month", coffer::months{1})).or_throw();
        book.set_default("weekly").or_throw();
        return book;
    }

    coffer::result<coffer::receipt> spend(coffer::credits amount, std::string_view who = "ann") {
        return w.charge({.amount = amount, .member = who});
    }
    void go_over(std::string_view plan) {
        w.change({.plan = plan, .how = coffer::upgrade::later}).or_throw();  // begins now
        CHECK(w.subscription().or_throw().plan == plan);
    }
};

}  // namespace

TEST_CASE("rule 32: changing plans back and forth gives no limit of a period anew") {
    changing l;
    l.go("2026-01-10T00:00:00Z");  // in the week from the eighth on
    l.spend(100_cr).or_throw();
    l.go_over("monthly");
    l.spend(100_cr).or_throw();  // in a counter of the month
    l.go_over("weekly");
    CHECK(l.spend(1_cr) == errc::limit_exceeded);
    CHECK(l.w.charge({.amount = 1_cr, .member = "bob"}));  // a counter that is new in the week
    l.go_over("monthly");
    CHECK(l.spend(1_cr) == errc::limit_exceeded);
    l.go("2026-01-15T00:00:00Z");
    CHECK(l.spend(1_cr) == errc::limit_exceeded);
    l.go_over("weekly");  // the next week
    l.spend(100_cr).or_throw();
    CHECK(l.spend(1_cr) == errc::limit_exceeded);
    l.go("2026-02-01T00:00:00Z");
    l.go_over("monthly");
    l.spend(100_cr).or_throw();
    CHECK(l.stored().counters.size() == 1);  // those of the windows that ended are gone
}

TEST_CASE(
    "rule 32: of periods that begin together, what is counted lasts to the end of the longer") {
    changing l;
    l.spend(50_cr).or_throw();  // in a week and a month that begin with January
    l.go_over("monthly");
    l.spend(50_cr).or_throw();
    CHECK(l.spend(1_cr) == errc::limit_exceeded);
    l.go("2026-01-09T00:00:00Z");
    CHECK(l.spend(1_cr, "bob"));
    CHECK(l.spend(1_cr) == errc::limit_exceeded);
    l.go("2026-02-01T00:00:00Z");
    l.spend(100_cr).or_throw();
    CHECK(l.stored().counters.size() == 1);
}

TEST_CASE("rule 32: what was counted before the first start is dropped with it") {
    lab_plan plan = limited({{.member = "*", .per = window::period, .amount = 10_cr}});
    plan.budget.refill = {.length = coffer::months{1}, .amount = 100_cr};
    stocked l{plan};
    CHECK(l.by("ann", 10_cr));
    l.start();
    CHECK(l.by("bob", 10_cr));
    CHECK(l.stored().counters.size() == 1);
}

TEST_CASE("rule 32: a remembered refusal is told again with all that it said") {
    lab_plan plan = limited({ten_a_day});
    plan.refusals.sticky = true;
    stocked l{plan};
    const coffer::charge_request r{.amount = 11_cr, .member = "ann", .request = "c"};
    const coffer::error first = l.w.charge(r).error();
    l.go("2026-01-05T00:00:00Z");
    const coffer::error again = l.w.charge(r).error();
    CHECK(first == errc::limit_exceeded);
    CHECK(again == errc::limit_exceeded);
    CHECK(to_string(again).view() == to_string(first).view());
    CHECK(until_of(again) == at("2026-01-02T00:00:00Z"));
}

TEST_CASE("rule 38: an explanation says that a limit decided, and when it lets pass again") {
    stocked l{limited({ten_a_day})};
    CHECK(l.by("ann", 7_cr));
    const coffer::charge_request r{.amount = 4_cr, .member = "ann"};
    const auto why = l.w.explain(r).or_throw();
    REQUIRE(why.refused);
    CHECK(*why.refused == errc::limit_exceeded);
    CHECK(why.decided_by == coffer::deciding_rule::limits);
    CHECK(why.possible_at == at("2026-01-02T00:00:00Z"));
    CHECK(l.w.quote(r) == errc::limit_exceeded);
    CHECK(l.w.explain({.amount = 11_cr, .member = "ann"}).or_throw().possible_at == std::nullopt);
    CHECK(l.w.explain({.amount = 3_cr, .member = "ann"}).or_throw().refused == std::nullopt);
}

TEST_CASE("rule 32: random lives count what counting their journal anew counts") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 random{seed};
        const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
        stocked l{limited({{.member = "*", .per = window::day, .amount = 20_cr},
                           {.member = "a", .amount = 90_cr}},
                          coffer::days{1})};
        constexpr std::string_view members[] = {"a", "a/b", "c", ""};
        std::vector<coffer::hold_id> holds;
        std::vector<coffer::entry_id> spends;
        for (int step = 0; step < 120; ++step) {
            l.clock.set(l.clock.now() + std::chrono::minutes{below(120)});
            const coffer::credits amount =
                coffer::credits::from_micros(1'000'000 * std::int64_t{below(8)});
            const std::string_view member = members[below(4)];
            const coffer::instant when = l.clock.now() - std::chrono::hours{below(20)};
            if (below(3) == 0) {
                const auto done = l.w.charge({.amount = amount, .member = member, .at = when});
                if (done) spends.push_back(done->id);
            } else if (below(2) == 0) {
                auto h = l.w.hold({.amount = amount,
                                   .tolerance = 5_cr,
                                   .expires_in = std::chrono::hours{1 + below(30)},
                                   .member = member});
                if (h) holds.push_back(h->detach());
            } else if (!holds.empty() && below(3) != 0) {
                auto h = l.w.resume(holds[below(static_cast<unsigned>(holds.size()))]);
                if (h && below(2) == 0)
                    (void)h->settle({.amount = amount});
                else if (h)
                    (void)h->release();
            } else if (!spends.empty()) {
                (void)l.w.refund(
                    {.entry = spends[below(static_cast<unsigned>(spends.size()))], .amount = 1_cr});
            }
        }
        // All of "a", added up from the journal.
        std::int64_t expected = 0;
        for (const coffer::entry& e : l.entries().entries) {
            if (!coffer::detail::lies_in(e.member, "a")) continue;
            const bool spent =
                e.kind == coffer::entry_kind::charged || e.kind == coffer::entry_kind::settled;
            if (spent) expected += e.amount.micros();
            if (e.kind == coffer::entry_kind::refunded) expected -= e.amount.micros();
        }
        const coffer::account now = l.stored();
        const std::uint32_t of_a = now.rest->limits->at(1).number;
        std::int64_t spent = 0;
        for (const coffer::limit_counter& c : now.counters) {
            if (c.limit == of_a) spent += c.spent.micros();
        }
        CAPTURE(seed);
        CHECK(spent == expected);
    }
}
