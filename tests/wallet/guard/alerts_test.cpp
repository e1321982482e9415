#include "support/wallet_fixture.hpp"

#include <coffer/ledger/alert.hpp>
#include <coffer/ledger/guards.hpp>
#include <coffer/ledger/watch.hpp>
#include <coffer/store/notices.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::percent;

namespace {

using names = std::vector<std::string>;

lab_plan watched(coffer::alerts alerts) {
    lab_plan plan = monthly_plan(100_cr);
    plan.alerts = std::move(alerts);
    return plan;
}

/// What was raised, in order, as the journal tells it.
template <class Lab>
names raised(Lab& l) {
    names all;
    for (const coffer::entry& e : l.entries().entries) {
        coffer::each_raised(e, [&](std::string_view name) { all.emplace_back(name); });
    }
    return all;
}

template <class Lab>
names notices(Lab& l) {
    names all;
    for (const coffer::notice& n : l.store.notices(1'000).or_throw()) {
        all.push_back(n.key() + " " + n.kind + " " + n.text);
    }
    return all;
}

const coffer::alerts low_and_out{{.name = "low", .at = percent{25}}, {.name = "out", .at = 0_cr}};

}  // namespace

TEMPLATE_TEST_CASE("rule 30: an alert is raised once when the balance falls to its level", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{watched(low_and_out)};
    l.start();
    l.charge(74_cr);
    CHECK(raised(l).empty());
    l.charge(1_cr);
    CHECK(raised(l) == names{"low"});
    l.charge(1_cr);
    CHECK(raised(l) == names{"low"});
    l.charge(24_cr);
    CHECK(raised(l) == names{"low", "out", "depleted"});
}

TEMPLATE_TEST_CASE("rule 30: an alert is armed anew by a balance above its level", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{watched({{.name = "ten", .at = 10_cr}})};
    l.grant(10_cr);
    CHECK(raised(l).empty());  // it has never been above
    l.grant(1_cr);
    l.charge(1_cr);
    CHECK(raised(l) == names{"ten"});
    l.grant(5_cr);
    l.charge(5_cr);
    CHECK(raised(l) == names{"ten", "ten"});
}

TEMPLATE_TEST_CASE("rule 30: once per period, an alert waits for the next period", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{watched({{.name = "half", .at = percent{50}, .once_per_period = true}})};
    l.start();
    l.charge(60_cr);
    l.grant(40_cr);
    l.charge(40_cr);
    CHECK(raised(l) == names{"half"});
    l.go("2026-02-01T00:00:00Z");
    l.charge(95_cr);
    CHECK(raised(l) == names{"half", "half"});
}

TEMPLATE_TEST_CASE("rule 30: held credits count as there; their settle may raise an alert", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{watched(low_and_out)};
    l.start();
    auto hold = l.w.hold({.amount = 100_cr, .expires_in = 10min, .request = "h"}).or_throw();
    CHECK(l.available() == 0_cr);
    CHECK(raised(l).empty());
    hold.settle({.amount = 80_cr}).or_throw();
    CHECK(raised(l) == names{"low"});
}

TEMPLATE_TEST_CASE("rule 30: debt lowers what alerts see", "", lends_heads, gives_whole_pages) {
    lab_plan plan = watched({{.name = "owed", .at = micros(-5'000'000)}});
    plan.overdraft = {coffer::overdraft::limit{10_cr}};
    lab<TestType> l{plan};
    l.grant(1_cr);
    l.charge(5_cr);
    CHECK(raised(l) == names{"depleted"});
    l.charge(1_cr);
    CHECK(raised(l) == names{"depleted", "owed"});
}

TEMPLATE_TEST_CASE("rule 30: depleted comes when nothing is left, resumed when something is", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{watched({{.name = "never", .at = micros(-1)}})};
    l.grant(5_cr);
    CHECK(raised(l).empty());  // nothing had been depleted
    auto hold = l.w.hold({.amount = 5_cr, .expires_in = 10min, .request = "h"}).or_throw();
    CHECK(raised(l).empty());
    hold.settle({}).or_throw();
    CHECK(raised(l) == names{"depleted"});
    l.grant(1_cr);
    CHECK(raised(l) == names{"depleted", "resumed"});
    l.charge(1_cr);
    CHECK(raised(l) == names{"depleted", "resumed", "depleted"});
}

TEMPLATE_TEST_CASE("rule 30: an alert of some buckets sees those alone", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{watched({{.name = "allowance", .at = percent{25}, .of = {"budget"}},
                             {.name = "all", .at = 20_cr}})};
    l.start();
    l.grant(1'000_cr);
    l.charge(75_cr);
    CHECK(raised(l) == names{"allowance"});
    l.charge(1'005_cr);
    CHECK(raised(l) == names{"allowance", "all"});
}

TEMPLATE_TEST_CASE("rule 30: what falls due raises alerts at its own instant", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{watched({{.name = "ten", .at = 10_cr}})};
    l.grant(50_cr, {.expires = at("2026-01-10T00:00:00Z")});
    l.go("2026-01-20T00:00:00Z");
    l.grant(30_cr);
    CHECK(raised(l) == names{"ten", "depleted", "resumed"});
    const auto expired = l.entries().of(coffer::entry_kind::expired);
    REQUIRE(expired.size() == 1);
    CHECK(expired[0].at == at("2026-01-10T00:00:00Z"));
    CHECK(expired[0].alerts.raised == "ten\ndepleted");
}

TEST_CASE("rule 30: an alert whose level changes keeps its state, a new one arms if above") {
    lab<> l{watched({{.name = "a", .at = 50_cr}})};
    l.grant(60_cr);
    const auto with = [&](coffer::alerts list) {
        return coffer::wallets{watched(std::move(list)), l.store, l.clock};
    };
    auto second = with({{.name = "a", .at = 60_cr}, {.name = "b", .at = 60_cr}});
    second["acme"].grant({.bucket = "package", .amount = 1_cr}).or_throw();
    CHECK(raised(l) == names{"a"});  // armed, and at its new level; b was never above
    auto third = with({{.name = "b", .at = 60_cr}});
    third["acme"].charge({.amount = 1_cr}).or_throw();
    CHECK(raised(l) == names{"a", "b"});
    CHECK(l.stored().rest->alerts.size() == 1);
}

TEST_CASE("rule 30: a list of other names forgets neither that nothing is left nor its end") {
    const auto full = [](char first) {
        std::vector<coffer::alert> list;
        for (std::size_t i = 0; i < coffer::max_alerts; ++i) {
            list.push_back({.name = first + std::to_string(i), .at = micros(-1)});
        }
        return coffer::alerts{list};
    };
    lab<> l{watched(full('a'))};
    l.grant(1_cr);
    l.charge(1_cr);
    CHECK(raised(l) == names{"depleted"});
    auto other = coffer::wallets{watched(full('b')), l.store, l.clock};
    other["acme"].grant({.bucket = "package", .amount = 1_cr}).or_throw();
    CHECK(raised(l) == names{"depleted", "resumed"});
    CHECK(l.stored().rest->alerts.size() == coffer::max_alerts);
}

TEST_CASE("rule 46: an alert is a notice of its entry, in the same commit, with a key for good") {
    lab<> l{watched(low_and_out)};
    l.start();
    l.charge(100_cr);
    CHECK(notices(l) ==
          names{"acme/5/0 alert low", "acme/5/1 alert out", "acme/5/2 depleted depleted"});
    const auto first = l.store.notices(1).or_throw();
    l.store.acknowledge(first.at(0).id).or_throw();
    CHECK(notices(l).size() == 2);
}

TEST_CASE("rule 48: a plan without alerts journals nothing of them, and neither does its account") {
    lab<> l{monthly_plan(100_cr)};
    l.start();
    l.charge(100_cr);
    CHECK(l.entries().size() == 3);
    CHECK(l.stored().rest->alerts.empty());
    CHECK(l.stored().floor == coffer::credits::min());
    CHECK(notices(l).empty());
}

TEST_CASE("rule 41: alerts that make no sense are policy_contract, and nothing changes") {
    const std::vector<coffer::alerts> wrong{
        {{.at = 5_cr}},                                             // no name
        {{.name = std::string(64, 'x'), .at = 5_cr}},               // too long
        {{.name = "two\nlines", .at = 5_cr}},                       //
        {{.name = "depleted", .at = 5_cr}},                         // taken
        {{.name = "a", .at = 5_cr}, {.name = "a", .at = 6_cr}},     // twice
        {{.name = "a", .at = percent{-1}}},                         //
        {{.name = "a", .at = percent{1'000'000'000'000'000'000}}},  //
        {{.name = "a", .at = 5_cr, .of = {"nothing"}}},             // no bucket of the plan
        coffer::alerts{std::vector<coffer::alert>(63, {.name = "a", .at = 5_cr})},
    };
    for (const coffer::alerts& list : wrong) {
        lab<> l{watched(list)};
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr}) == errc::policy_contract);
        CHECK(l.entry_count() == 0);
    }
}

TEST_CASE("rule 30: levels at the ends of the range overflow nothing") {
    lab<> l{watched({{.name = "least", .at = coffer::credits::min()},
                     {.name = "most", .at = coffer::credits::max()},
                     {.name = "share", .at = percent{1'000'000}}})};
    l.start();
    l.grant(coffer::credits::from_micros(coffer::credits::max().micros() - 200'000'000));
    l.charge(1'000_cr);
    CHECK(raised(l).empty());
}

TEST_CASE("rule 30: random lives raise what comparing after each operation raises") {
    // The definition, word by word, beside the wallet: armed while above, raised at or below.
    std::mt19937_64 random{7};
    const auto below = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    for (int life = 0; life < 200; ++life) {
        std::vector<coffer::alert> list;
        for (std::int64_t i = 0; i <= below(4); ++i) {
            list.push_back({.name = std::to_string(i), .at = micros(below(60) * 1'000'000)});
        }
        lab<> l{watched(coffer::alerts{list})};
        std::vector<bool> armed(list.size(), false);
        names expected;
        for (int step = 0; step < 40; ++step) {
            const coffer::credits amount = micros((1 + below(20)) * 1'000'000);
            if (below(2) == 0) {
                l.grant(amount);
            } else {
                (void)l.w.charge({.amount = amount});
            }
            const coffer::credits now = l.available();
            std::vector<std::pair<coffer::credits, std::string>> fell;
            for (std::size_t i = 0; i < list.size(); ++i) {
                const coffer::credits level = list[i].at.value();
                if (armed[i] && now <= level) fell.emplace_back(level, list[i].name);
                armed[i] = now > level;
            }
            std::stable_sort(fell.begin(), fell.end(),
                             [](const auto& x, const auto& y) { return x.first > y.first; });
            for (const auto& each : fell) expected.push_back(each.second);
        }
        names found = raised(l);
        std::erase_if(found, [](const std::string& name) {
            return name == coffer::depleted_alert || name == coffer::resumed_alert;
        });
        REQUIRE(found == expected);
    }
}

TEST_CASE("rule 30: alerts leave the same journal by heads and by whole pages, swept or not") {
    const auto live = [](auto& l) {
        std::mt19937_64 random{11};
        for (int step = 0; step < 400; ++step) {
            l.clock.advance(std::chrono::hours{random() % 60});
            const coffer::credits amount =
                micros(static_cast<std::int64_t>(random() % 30) * 500'000);
            switch (random() % 4) {
                case 0: (void)l.w.grant({.bucket = "package", .amount = amount}); break;
                case 1: (void)l.w.sweep(); break;
                default: (void)l.w.charge({.amount = amount});
            }
        }
        return l.entries();
    };
    const lab_plan plan = watched({{.name = "a", .at = percent{40}, .of = {"budget"}},
                                   {.name = "b", .at = 10_cr, .of = {"package"}},
                                   {.name = "c", .at = 30_cr, .once_per_period = true}});
    lab<lends_heads> heads{plan};
    lab<gives_whole_pages> whole{plan};
    heads.start();
    whole.start();
    const auto one = live(heads);
    CHECK(one.entries == live(whole).entries);
    CHECK(raised(heads).size() > 10);
}
