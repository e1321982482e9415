#include "support/faulty_store.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/perform/poisoned.hpp>
#include <coffer/plan/ready.hpp>

#include <functional>

using namespace coffer_test;

namespace {

/// What a host's policies answer; a test turns them bad.
struct answers {
    coffer::result<coffer::price> price = coffer::price{.total = 1_cr};
    coffer::timespan cadence = coffer::months{1};
    coffer::credits allowance = 100_cr;
    coffer::credits carry = 0_cr;
    coffer::result<coffer::lifetime> life = coffer::lifetime::unlimited();
    coffer::result<coffer::money> worth = coffer::errc::not_refundable;
    coffer::timespan grace{};
    coffer::overdraft_terms overdraft{};
};

/// A plan of a host's own policies.
struct host_plan {
    static constexpr int own_members = 1;
    const answers* say = nullptr;

    struct host_cost {
        const answers* say = nullptr;
        coffer::result<coffer::price> price(const coffer::usage&) const { return say->price; }
    } cost{};
    struct host_bucket {
        struct {
            const answers* say = nullptr;
            coffer::timespan cadence() const { return say->cadence; }
            coffer::credits allowance(const coffer::period&) const { return say->allowance; }
            coffer::money paid() const { return {}; }
        } refill{};
        struct {
            const answers* say = nullptr;
            coffer::credits carry(const coffer::ended_allowance&) const { return say->carry; }
        } rollover{};
        struct {
            const answers* say = nullptr;
            coffer::result<coffer::lifetime> life(const coffer::lot_birth&) const {
                return say->life;
            }
        } expiry{};
        struct {
            const answers* say = nullptr;
            coffer::result<coffer::money> worth(const coffer::purchase&) const {
                return say->worth;
            }
        } refund{};
        struct {
            const answers* say = nullptr;
            coffer::timespan grace() const { return say->grace; }
        } restore{};
    } budget{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"budget", &host_plan::budget});
    struct {
        const answers* say = nullptr;
        coffer::overdraft_terms terms() const { return say->overdraft; }
    } overdraft{};
    coffer::access::anyone access{};

    static host_plan asking(const answers& a) {
        host_plan plan;
        plan.say = plan.cost.say = plan.overdraft.say = &a;
        plan.budget.refill.say = plan.budget.rollover.say = plan.budget.expiry.say = &a;
        plan.budget.refund.say = plan.budget.restore.say = &a;
        return plan;
    }
};

template <class Store>
struct host_lab {
    answers say{};
    lab<Store, host_plan> l{host_plan::asking(say)};

    /// Wallets on the same store by what the policies answer now: some of it is asked once a plan.
    auto compiled_anew() { return coffer::wallets{host_plan::asking(say), l.store, l.clock}; }
};

}  // namespace

TEMPLATE_TEST_CASE("rule 40: a price out of contract is policy_contract and changes nothing", "",
                   lends_heads, gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    l.w.start().or_throw();
    auto hold = l.w.hold({.action = "a", .at_most = 5_cr}).or_throw();
    say.price = coffer::price{.total = GENERATE(micros(-1), coffer::credits::min())};
    {
        unchanged same{l};
        CHECK(l.w.charge({.action = "a", .request = "c"}) == coffer::errc::policy_contract);
        CHECK(l.w.quote({.action = "a"}) == coffer::errc::policy_contract);
        CHECK(l.w.hold({.action = "a"}).error() == coffer::errc::policy_contract);
        CHECK(hold.settle({.quantity = 1_units}) == coffer::errc::policy_contract);
        CHECK(hold.owns());
    }
    say.price = coffer::price{.total = 2_cr};
    CHECK_FALSE(l.w.charge({.action = "a", .request = "c"}).or_throw().repeated);
    CHECK(hold.settle({.quantity = 1_units}).or_throw().cost == 2_cr);
}

TEMPLATE_TEST_CASE("rule 40: an error of a policy is handed on", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    l.w.start().or_throw();
    say.price = coffer::error{coffer::errc::unknown_action}.about("a");
    unchanged same{l};
    auto refused = l.w.charge({.action = "a"});
    REQUIRE(refused == coffer::errc::unknown_action);
    CHECK(refused.error().subject() == "a");
}

TEMPLATE_TEST_CASE("rule 40: an allowance out of contract is policy_contract", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    SECTION("at the start") {
        say.allowance = micros(-1);
        CHECK(l.w.start() == coffer::errc::policy_contract);
        CHECK(l.entry_count() == 0);
        say.allowance = 0_cr;
        CHECK(l.w.start());
        CHECK(l.available() == 0_cr);
        CHECK(l.balance().running);
    }
    SECTION("when a period turns") {
        l.w.start().or_throw();
        l.charge(5_cr);
        say.allowance = coffer::credits::min();
        l.go("2026-02-03T00:00:00Z");
        {
            unchanged same{l};
            CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::policy_contract);
            CHECK(l.w.balance() == coffer::errc::policy_contract);
            CHECK(l.w.sweep() == coffer::errc::policy_contract);
        }
        say.allowance = 20_cr;  // repaired, the wallet goes on
        CHECK(l.available() == 20_cr);
        l.charge(1_cr);
        CHECK(l.entries().count(coffer::entry_kind::period_began) == 2);
    }
    SECTION("one that does not fit beside what is there is amount_overflow") {
        l.w.start().or_throw();
        say.allowance = coffer::credits::max();
        l.grant(1_cr, {.bucket = "budget"});
        l.go("2026-02-03T00:00:00Z");
        unchanged same{l};
        CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::amount_overflow);
    }
}

TEMPLATE_TEST_CASE("rule 40: a rollover out of contract is policy_contract", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    l.w.start().or_throw();
    l.charge(60_cr);
    l.go("2026-02-03T00:00:00Z");
    for (coffer::credits bad : {40.000001_cr, micros(-1), coffer::credits::max()}) {
        say.carry = bad;
        unchanged same{l};
        CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::policy_contract);
        CHECK(l.w.sweep() == coffer::errc::policy_contract);
    }
    say.carry = 40_cr;
    CHECK(l.available() == 140_cr);
}

TEMPLATE_TEST_CASE("rule 40: a life that ends before it begins is refused", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    say.life = coffer::lifetime::ends_at(at("2026-01-01T00:00:00Z"));
    CHECK_FALSE(l.w.start());
    CHECK_FALSE(l.w.grant({.bucket = "budget", .amount = 1_cr}));
    CHECK(l.entry_count() == 0);
    say.life = coffer::errc::amount_overflow;
    CHECK(l.w.grant({.bucket = "budget", .amount = 1_cr}) == coffer::errc::amount_overflow);
    CHECK(l.entry_count() == 0);
}

TEMPLATE_TEST_CASE("rule 40: a refund's worth out of contract is policy_contract", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    auto lot = l.grant(10_cr, {.bucket = "budget", .paid = usd(500)});
    const std::vector<coffer::money> bad{usd(501), usd(-1),
                                         usd(std::numeric_limits<std::int64_t>::max()),
                                         coffer::money::from_minor(1, "EUR"), coffer::money{}};
    for (const coffer::money& worth : bad) {
        say.worth = worth;
        unchanged same{l};
        CHECK(l.w.refund_purchase({.lot = lot}) == coffer::errc::policy_contract);
    }
    say.worth = usd(500);
    CHECK(l.w.refund_purchase({.lot = lot}).or_throw().owed == usd(500));
}

TEMPLATE_TEST_CASE("rule 40: a grace and an overdraft out of contract are refused", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    l.grant(10_cr, {.bucket = "budget", .expires = at("2026-01-05T00:00:00Z")});
    l.w.charge({.amount = 2_cr, .request = "c"}).or_throw();
    SECTION("a negative limit allows nothing") {
        say.overdraft = {.limit = GENERATE(micros(-1), coffer::credits::min())};
        auto wallets = host.compiled_anew();
        unchanged same{l};
        CHECK_FALSE(wallets["acme"].charge({.amount = 9_cr}));
    }
    SECTION("a negative grace") {
        l.go("2026-01-06T00:00:00Z");
        l.w.sweep().or_throw();
        say.grace = coffer::days{-1};
        auto wallets = host.compiled_anew();
        unchanged same{l};
        CHECK(wallets["acme"].refund({.charge = "c"}) == coffer::errc::policy_contract);
    }
    SECTION("a grace beyond all time") {
        l.go("2026-01-06T00:00:00Z");
        l.w.sweep().or_throw();
        say.grace = coffer::years{2'000'000'000};
        auto wallets = host.compiled_anew();
        unchanged same{l};
        CHECK_FALSE(wallets["acme"].refund({.charge = "c"}));
    }
}

TEMPLATE_TEST_CASE("rule 40: a cadence out of contract is an error", "", lends_heads,
                   gives_whole_pages) {
    host_lab<TestType> host;
    auto& [say, l] = host;
    SECTION("at the start") {
        say.cadence = coffer::days{-1};
        auto wallets = host.compiled_anew();
        CHECK_FALSE(wallets["acme"].start());
        CHECK(l.entry_count() == 0);
    }
    SECTION("later") {
        l.w.start().or_throw();
        say.cadence = coffer::timespan{coffer::months{-1}};
        auto wallets = host.compiled_anew();
        l.go("2026-02-03T00:00:00Z");
        unchanged same{l};
        CHECK_FALSE(wallets["acme"].charge({.amount = 1_cr}));
    }
}

TEST_CASE("rule 40: a store that fails leaves everything as it was") {
    lab<faulty_store> l;
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 2_cr}).or_throw();
    const fault with = GENERATE(fault::unavailable, fault::full);
    const coffer::errc expected =
        with == fault::full ? coffer::errc::storage_full : coffer::errc::unavailable;
    {
        unchanged same{l};
        l.store.fail_all_commits(with);
        CHECK(l.w.charge({.amount = 1_cr, .request = "c"}) == expected);
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr, .request = "g"}) == expected);
        CHECK(l.w.hold({.amount = 1_cr, .request = "h"}).error() == expected);
        CHECK(l.w.start({.request = "s"}) == expected);
        CHECK(hold.settle({.amount = 1_cr}) == expected);
        CHECK(hold.owns());
        CHECK(l.w.quote({.amount = 1_cr}));  // which writes nothing
        CHECK(l.w.void_lot({.lot = coffer::lot_id{1}}) == expected);
        CHECK(coffer::is_transient(expected));
        l.store.heal();
    }
    CHECK(l.w.charge({.amount = 1_cr, .request = "c"}));
    CHECK(hold.settle({.amount = 1_cr}));
}

TEST_CASE("rule 40: a wallet that cannot be read is not written") {
    lab<faulty_store> l;
    l.grant(10_cr);
    coffer::hold_id id = l.w.hold({.amount = 2_cr}).or_throw().detach();
    const coffer::errc with = GENERATE(coffer::errc::corrupt_record, coffer::errc::unavailable);
    auto asked = l.store.commits_asked;
    {
        unchanged same{l};
        l.store.fail_opens(with);
        CHECK(l.w.charge({.amount = 1_cr}) == with);
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr}) == with);
        CHECK(l.w.hold({.amount = 1_cr}).error() == with);
        CHECK(l.w.settle(id) == with);
        CHECK(l.w.release(id) == with);
        CHECK(l.w.resume(id).error() == with);
        CHECK(l.w.balance() == with);
        CHECK(l.w.lots().error() == with);
        CHECK(l.w.holds().error() == with);
        CHECK(l.w.sweep() == with);
        CHECK(l.w.start() == with);
        CHECK(l.w.refund({.charge = "c"}) == with);
        CHECK(l.w.refund_purchase({.lot = coffer::lot_id{1}}) == with);
        CHECK(l.w.void_lot({.lot = coffer::lot_id{1}}) == with);
        CHECK(l.store.commits_asked == asked);
        l.store.heal();
    }
    SECTION("nor for a request that may be known") {
        l.store.fail_opens(with);
        CHECK(l.w.charge({.amount = 1_cr, .request = "c"}) == with);
        CHECK(l.store.commits_asked == asked);
        l.store.heal();
    }
    CHECK(l.w.settle(id));
}

TEST_CASE("rule 40: a conflict that does not end is an error and writes nothing") {
    lab<faulty_store> l;
    l.grant(10_cr);
    const fault with = GENERATE(fault::conflict, fault::duplicate);
    {
        unchanged same{l};
        l.store.fail_all_commits(with);
        CHECK(l.w.charge({.amount = 1_cr, .request = "c"}) == coffer::errc::conflict);
        l.store.heal();
    }
    SECTION("one that ends is not") {
        l.store.fail_commits({with, with, with});
        CHECK(l.w.charge({.amount = 1_cr, .request = "c"}));
        CHECK(l.available() == 9_cr);
    }
}

TEST_CASE("rule 40: what was due before a refusal is committed as by a sweep") {
    lab<faulty_store> l{monthly_plan(100_cr)};
    l.w.start().or_throw();
    l.go("2026-02-01T00:00:00Z");
    auto before = l.entry_count();
    CHECK(l.w.charge({.amount = 101_cr}) == coffer::errc::insufficient_credits);
    CHECK(l.entry_count() == before + 2);  // the old allowance forfeited, the new one begun
    CHECK(l.stored().totals.available == 100_cr);
    lab<faulty_store> swept{monthly_plan(100_cr)};
    swept.w.start().or_throw();
    swept.go("2026-02-01T00:00:00Z");
    swept.w.sweep().or_throw();
    CHECK(l.entries() == swept.entries());
}

TEST_CASE("rule 40: a sweep that fails part of the way can be repeated") {
    lab<faulty_store> l{monthly_plan(100_cr)};
    l.w.start().or_throw();
    l.go("2026-12-01T00:00:00Z");
    l.store.fail_commits({fault::unavailable});
    CHECK(l.w.sweep() == coffer::errc::unavailable);
    l.store.fail_commits({fault::written_but_unknown});
    CHECK(l.w.sweep() == coffer::errc::outcome_unknown);
    CHECK(l.w.sweep() == std::size_t{0});
    CHECK(l.entries().count(coffer::entry_kind::period_began) == 12);
}

TEST_CASE("rule 40: where what was due cannot be written, the store's error outranks the refusal") {
    lab<faulty_store> l{monthly_plan(100_cr)};
    l.w.start().or_throw();
    l.go("2026-02-01T00:00:00Z");
    l.store.fail_commits({fault::unavailable});
    CHECK(l.w.charge({.amount = 101_cr}) == coffer::errc::unavailable);
    l.store.fail_commits({fault::lost_and_unknown});
    CHECK(l.w.charge({.amount = 101_cr}) == coffer::errc::outcome_unknown);
    CHECK(l.w.charge({.amount = 101_cr}) == coffer::errc::insufficient_credits);
}

TEST_CASE("of several errors the one that comes first in the order is the answer") {
    lab<faulty_store> l;
    const coffer::instant long_ago = at("2020-01-01T00:00:00Z");
    CHECK(l.w.void_lot({.lot = coffer::lot_id{7}, .at = long_ago}) == coffer::errc::unknown_lot);
    CHECK(l.w.refund({.charge = "none", .at = long_ago}) == coffer::errc::unknown_charge);
    CHECK(l.w.settle(coffer::hold_id{7}, {.amount = coffer::credits::from_micros(-1),
                                          .at = long_ago}) == coffer::errc::unknown_hold);
    CHECK(l.w.charge({.amount = 1_cr, .at = long_ago}) == coffer::errc::too_late);
}

namespace {

/// Hands out the wallet "sick" with a total that its lots contradict, until it is healed.
class lying_store : public whole_page_store {
public:
    bool healed = false;

    coffer::result<void> open(const coffer::page_request& wanted, coffer::page& into) {
        auto opened = whole_page_store::open(wanted, into);
        if (!healed && wanted.wallet.text() == "sick") into.state.totals.available = 1_cr;
        return opened;
    }
};

}  // namespace

TEST_CASE("rule 40: a broken invariant poisons its wallet alone and writes nothing") {
    lying_store store;
    coffer::wallets wallets{coffer::plans::prepaid<>{}, store};
    auto sick = wallets["sick"];
    auto sound = wallets["sound"];
    store.healed = true;
    sick.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    sound.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    store.healed = false;

    CHECK(sick.charge({.amount = 5_cr}) == coffer::errc::wallet_poisoned);
    store.healed = true;  // nobody knows what else is wrong with it
    CHECK(sick.charge({.amount = 5_cr}) == coffer::errc::wallet_poisoned);
    CHECK(sick.balance().error().code() == coffer::errc::wallet_poisoned);
    CHECK(sick.sweep() == coffer::errc::wallet_poisoned);
    CHECK(coffer::load(store, "sick")->totals.available == 10_cr);
    CHECK(coffer::load(store, "sick")->last == coffer::entry_id{1});

    CHECK(sound.charge({.amount = 5_cr}).or_throw().after.available == 5_cr);
}
