// What an observer sees: each commit once, after it was made, and never what was not.
#include "support/catch.hpp"
#include "support/grouped_store.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/perform/observer.hpp>
#include <coffer/plan/ready.hpp>

#include <cstddef>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

using namespace coffer_test;
using coffer::commit_outcome;
using coffer::errc;

namespace {

/// Keeps what it sees, packed, as the texts last no longer than the call.
class notebook final : public coffer::observer {
public:
    void see(const coffer::committed& what) override {
        ++commits;
        for (const coffer::entry& e : what.entries) {
            auto& bytes = packed.emplace_back();
            REQUIRE(coffer::detail::pack(e, bytes));
            places.push_back(std::string{what.wallet.text()} + "/" + std::to_string(e.id.value()));
        }
        for (const coffer::notice& n : what.notices) told.push_back(n.key() + " " + n.text);
    }
    std::vector<coffer::entry> entries() const {
        std::vector<coffer::entry> all;
        for (const auto& bytes : packed) {
            REQUIRE(coffer::detail::unpack(bytes.data(), bytes.size(), all.emplace_back()));
        }
        return all;
    }

    std::size_t commits = 0;
    std::deque<coffer::detail::byte_list> packed;
    std::vector<std::string> places;
    std::vector<std::string> told;
};

/// Answers some commits as it is told to, without making them.
class scripted_store : public coffer::memory_store {
public:
    commit_outcome commit(const coffer::commit_batch& batch) {
        if (next.empty()) return coffer::memory_store::commit(batch);
        const commit_outcome outcome = next.front();
        next.pop_front();
        return outcome;
    }
    std::deque<commit_outcome> next;
};

lab_plan alerting_plan() {
    lab_plan plan = monthly_plan(10_cr);
    plan.alerts = {{.name = "low", .at = 5_cr}};
    return plan;
}

using watched_plan = coffer::plans::prepaid<>;

}  // namespace

TEMPLATE_TEST_CASE("rule 46: an observer sees each entry and notice that is committed, in order",
                   "", lends_heads, gives_whole_pages) {
    lab<TestType> l{alerting_plan()};
    notebook seen;
    l.wallets.observe(seen);
    l.start();
    l.w.charge({.action = "", .amount = 6_cr, .member = "ada", .actor = "ada", .reason = "a post"})
        .or_throw();
    auto hold = l.w.hold({.amount = 1_cr, .expires_in = 1h}).or_throw();
    hold.settle().or_throw();
    (void)l.w.hold({.amount = 1_cr, .expires_in = 1h}).or_throw().detach();
    l.go("2026-04-05T00:00:00Z");
    CHECK(l.w.sweep().or_throw() > 0);
    l.go("2026-06-05T00:00:00Z");
    CHECK(l.w.charge({.amount = 11_cr}) == errc::insufficient_credits);  // commits what was due
    const journal all = l.entries();
    CHECK(seen.entries() == all.entries);
    std::vector<std::string> notices;
    for (const coffer::notice& n : l.store.notices(100).or_throw()) {
        notices.push_back(n.key() + " " + n.text);
    }
    CHECK_FALSE(notices.empty());
    CHECK(seen.told == notices);
}

TEMPLATE_TEST_CASE("rule 46: an observer sees nothing of what changes nothing", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{alerting_plan()};
    l.start();
    l.w.charge({.amount = 1_cr, .request = "c"}).or_throw();
    notebook seen;
    l.wallets.observe(seen);
    CHECK(l.w.charge({.amount = 1_cr, .request = "c"}).or_throw().repeated);
    CHECK(l.w.charge({.amount = 2_cr, .request = "c"}) == errc::request_mismatch);
    CHECK(l.w.charge({.amount = 100_cr}) == errc::insufficient_credits);
    CHECK(l.w.quote({.amount = 1_cr}));
    CHECK(l.w.explain({.amount = 1_cr}));
    CHECK(l.w.balance());
    CHECK(l.w.sweep().or_throw() == 0);
    CHECK(seen.commits == 0);
}

TEST_CASE("rule 46: an observer sees a commit once that was tried again, and none that failed") {
    scripted_store store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{watched_plan{}, store, clock};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    notebook seen;
    wallets.observe(seen);
    for (commit_outcome outcome :
         {commit_outcome::unavailable, commit_outcome::full, commit_outcome::unknown}) {
        store.next = {outcome};
        CHECK_FALSE(acme.charge({.amount = 1_cr, .request = "c"}));
        CHECK(seen.commits == 0);
    }
    store.next = {commit_outcome::conflict, commit_outcome::duplicate, commit_outcome::conflict};
    CHECK(acme.charge({.amount = 1_cr, .request = "c"}));
    CHECK(seen.commits == 1);
    CHECK(seen.places == std::vector<std::string>{"acme/2"});
}

TEST_CASE("rule 46: what an observer throws changes no outcome") {
    lab<> l{alerting_plan()};
    int calls = 0;
    coffer::observing broken{[&](const coffer::committed&) {
        ++calls;
        throw std::runtime_error{"no"};
    }};
    l.wallets.observe(broken);
    l.start();
    const auto done = l.w.charge({.amount = 1_cr, .request = "c"});
    REQUIRE(done);
    CHECK_FALSE(done->repeated);
    CHECK(l.w.charge({.amount = 1_cr, .request = "c"}).or_throw().repeated);
    { auto dropped = l.w.hold({.amount = 1_cr}).or_throw(); }
    CHECK(calls == 4);
    CHECK(l.available() == 9_cr);
}

TEST_CASE("rule 46: an observer is called when the commit can be read, and may use wallets") {
    lab<> l{alerting_plan()};
    l.start();
    std::vector<coffer::credits> balances;
    coffer::observing mirror{[&](const coffer::committed& c) {
        balances.push_back(l.w.balance().or_throw().available);
        CHECK(l.w.receipt_of(c.entries.back().id));
        if (c.wallet.text() == "acme" && c.entries[0].kind == coffer::entry_kind::charged) {
            l.wallets["mirror"].grant({.bucket = "package", .amount = 1_cr}).or_throw();
        }
    }};
    l.wallets.observe(mirror);
    l.charge(1_cr);
    CHECK(balances == std::vector<coffer::credits>{9_cr, 9_cr});
    CHECK(l.wallets["mirror"].balance().or_throw().available == 1_cr);
}

TEST_CASE("rule 46: another observer takes the place of the one before") {
    lab<> l{alerting_plan()};
    notebook first;
    notebook second;
    l.wallets.observe(first);
    l.start();
    l.wallets.observe(second);
    l.charge(1_cr);
    CHECK(first.commits == 1);
    CHECK(second.commits == 1);
    CHECK(second.entries().at(0).kind == coffer::entry_kind::charged);
}

TEST_CASE("rule 46: an observer sees the charges of a batch once their group is written") {
    grouped_store store;
    coffer::wallets wallets{watched_plan{}, store};
    for (const char* name : {"acme", "zeta"}) {
        wallets[name].grant({.bucket = "package", .amount = 10_cr, .request = "g"}).or_throw();
    }
    notebook seen;
    wallets.observe(seen);
    const std::string reason(255, 'r');
    std::vector<coffer::charge_by_id> charges{
        {"acme", {.amount = 6_cr, .member = "ada", .reason = reason, .request = "a"}},
        {"acme", {.amount = 6_cr, .request = "b"}},
        {"zeta", {.amount = 1_cr, .tags = "x,y", .actor = "bob", .request = "c"}}};
    store.fail_ends(1);
    for (const auto& answer : wallets.charge(charges)) CHECK_FALSE(answer);
    CHECK(seen.commits == 0);

    (void)wallets.charge(charges);
    CHECK(seen.places == std::vector<std::string>{"acme/2", "zeta/2"});
    const auto entries = seen.entries();
    CHECK(entries[0].signature.reason() == reason);
    CHECK(entries[0].member == "ada");
    CHECK(entries[1].signature.actor() == "bob");
    CHECK(entries[1].usage.tags == "x,y");
    (void)wallets.charge(charges);  // repeats and a refusal
    CHECK(seen.commits == 2);
    charges.resize(1);
    charges[0].charge.request = "d";
    charges[0].charge.amount = 1_cr;
    CHECK(wallets.charge(charges)[0]);
    CHECK(seen.commits == 3);
}

TEST_CASE("rule 46: where a store has no groups, an observer sees each charge of a batch") {
    coffer::memory_store store;
    coffer::wallets wallets{watched_plan{}, store};
    auto acme = wallets["acme"];
    acme.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    notebook seen;
    wallets.observe(seen);
    const std::vector<coffer::charge_by_handle> charges{{acme, {.amount = 1_cr}},
                                                        {acme, {.amount = 2_cr}}};
    (void)wallets.charge(charges);
    CHECK(seen.commits == 2);
}
