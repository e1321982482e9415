#include "support/dice.hpp"
#include "support/faulty_store.hpp"
#include "wallet/payer/fixture.hpp"

#include <coffer/store/deliver.hpp>
#include <coffer/wallet/gateway.hpp>
#include <coffer/wallet/payer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::order_state;

namespace {

coffer::order_id order_of(std::string_view key) {
    return coffer::order_id{
        static_cast<std::uint32_t>(std::stoul(std::string{key.substr(key.rfind('/') + 1)}))};
}

std::vector<std::string> kinds(const std::vector<coffer::notice>& all) {
    std::vector<std::string> found;
    for (const coffer::notice& n : all) found.push_back(n.kind);
    return found;
}

/// A store that may fail to acknowledge.
struct deaf_store : coffer::memory_store {
    deaf_store() = default;

    bool deaf = false;
    coffer::result<void> acknowledge(std::uint64_t id) {
        if (deaf) return errc::unavailable;
        return coffer::memory_store::acknowledge(id);
    }
};

/// Answers what it is told, to each charge.
struct fixed_gateway {
    coffer::payment_answer answer{};

    coffer::result<std::optional<coffer::payment_answer>> find(std::string_view) {
        return std::optional<coffer::payment_answer>{};
    }
    coffer::result<coffer::payment_answer> charge(const coffer::payment_request&) { return answer; }
};
static_assert(coffer::payment_gateway<fixed_gateway>);
static_assert(!coffer::payment_gateway<coffer::memory_store>);

}  // namespace

TEST_CASE("rule 31, row E4: what a plan bought by itself is charged once, and granted") {
    shop<> s;
    const std::string key = s.run_low();
    CHECK(key == "acme/order/3");
    const coffer::payments done = s.run();
    CHECK(done.confirmed == 1);
    CHECK(done.failed + done.waiting + done.paid_twice.size() == 0);
    CHECK_FALSE(done.first_error);
    CHECK(s.available() == 145_cr);  // 40 are left, 100 bought, 5 on top
    CHECK(s.gateway.taken(key) == 1);
    const auto orders = s.gateway.requests();
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].wallet == s.id);
    CHECK(orders[0].price == eur("10.00"));
    CHECK(orders[0].amount == 100_cr);
    CHECK(orders[0].offer == "standard");
    CHECK(orders[0].origin == coffer::order_origin::automatic);
    const auto order = s.w.order(orders[0].order).or_throw();
    CHECK(order.state == order_state::confirmed);
    CHECK(order.reference == "pay_1");
    CHECK(s.lot(order.lot).terms.paid == eur("10.00"));

    CHECK(s.store.notices(10).or_throw().empty());
    CHECK(s.run().confirmed == 0);
    CHECK(s.gateway.charges_asked() == 1);
    CHECK(s.gateway.finds_asked() == 1);
}

TEST_CASE("rule 31: a provider is asked for the payment before it is asked to pay") {
    shop<> s;
    s.run_low();
    s.gateway.fail_find(errc::unavailable);
    const coffer::payments done = s.run();
    CHECK(done.waiting == 1);
    CHECK(done.first_error->code() == errc::unavailable);
    CHECK(s.gateway.charges_asked() == 0);
    s.gateway.fail_find({});
    CHECK(s.run().confirmed == 1);
}

TEST_CASE("rule 31: whatever becomes of an answer, the next run charges nothing twice") {
    const auto how =
        GENERATE(does::times_out, does::takes_and_times_out, does::dies, does::takes_and_dies);
    const bool forgotten = GENERATE(false, true);
    CAPTURE(static_cast<int>(how), forgotten);
    shop<> s;
    const std::string key = s.run_low();
    s.gateway.next({how});
    const coffer::payments first = s.run();
    CHECK(first.waiting == 1);
    CHECK(first.first_error);
    CHECK(s.bought() == 0);
    if (forgotten) s.gateway.forget_keys();  // a day goes by
    CHECK(s.run().confirmed == 1);
    CHECK(s.gateway.taken(key) == 1);
    CHECK(s.bought() == 1);
    CHECK(s.available() == 145_cr);
}

TEST_CASE("rule 31: a payment that cannot be found yet is not made again within a day") {
    shop<> s;
    const std::string key = s.run_low();
    s.gateway.hide_payments(true);
    s.gateway.next({does::takes_and_times_out});
    CHECK(s.run().waiting == 1);
    CHECK(s.run().confirmed == 1);
    CHECK(s.gateway.charges_asked() == 2);
    CHECK(s.gateway.taken(key) == 1);
    CHECK(s.bought() == 1);
}

TEST_CASE("rule 31: what is declined is failed, and the ledger says when to try again") {
    shop<> s;
    const std::string first = s.run_low();
    s.gateway.always(does::declines);
    const coffer::payments done = s.run();
    CHECK(done.failed == 1);
    CHECK_FALSE(done.first_error);
    CHECK(s.w.order(order_of(first))->state == order_state::failed);
    CHECK(s.w.order(order_of(first))->reference == "card declined");
    CHECK(s.store.notices(10).or_throw().empty());
    s.charge(1_cr);
    CHECK(s.w.orders()->empty());
    s.go("2026-01-01T01:00:00Z");
    s.charge(1_cr);
    const auto second = s.w.orders().or_throw();
    REQUIRE(second.size() == 1);
    CHECK(second[0].key() != first);
    CHECK(s.run().failed == 1);
    s.go("2026-01-01T03:00:00Z");
    s.charge(1_cr);
    CHECK(s.run().failed == 1);
    CHECK(kinds(s.store.notices(10).or_throw()) == std::vector<std::string>{"recharge_stopped"});
    s.go("2026-02-01T00:00:00Z");
    s.charge(1_cr);
    CHECK(s.run().waiting == 0);
    CHECK(s.gateway.taken() == 0);
    CHECK(s.gateway.charges_asked() == 3);
}

TEST_CASE("rule 31: a payment that takes its time is noted when it has arrived, or failed") {
    shop<> s;
    const std::string key = s.run_low();
    s.gateway.next({does::pends});
    CHECK(s.run().waiting == 1);
    CHECK_FALSE(s.run().first_error);
    CHECK(s.bought() == 0);
    CHECK(s.gateway.charges_asked() == 1);
    SECTION("arrived") {
        s.gateway.arrive(key);
        CHECK(s.run().confirmed == 1);
        CHECK(s.bought() == 1);
    }
    SECTION("failed") {
        s.gateway.decline(key);
        CHECK(s.run().failed == 1);
        CHECK(s.bought() == 0);
    }
    CHECK(s.run().waiting == 0);
}

TEST_CASE("rule 31: the provider's own message, also twice, grants once beside the payer") {
    const auto how = GENERATE(does::succeeds, does::takes_and_times_out, does::takes_and_dies);
    shop<> s;
    const std::string key = s.run_low();
    s.gateway.next({how});
    s.gateway.tell(
        [&](const coffer::payment_request& r, const coffer::payment_answer& a) {
            s.w.confirm({.order = r.order, .paid = a.paid, .reference = a.reference}).or_throw();
        },
        2);
    s.run();
    const coffer::payments last = s.run();
    CHECK(last.waiting == 0);
    CHECK(last.paid_twice.empty());
    CHECK(s.bought() == 1);
    CHECK(s.available() == 145_cr);
    CHECK(s.gateway.taken(key) == 1);
    CHECK(s.store.notices(10).or_throw().empty());
}

TEST_CASE("rule 24, rule 31: a commit that fails loses no payment and grants none twice") {
    const auto with = GENERATE(fault::conflict, fault::unavailable, fault::full,
                               fault::written_but_unknown, fault::lost_and_unknown);
    const auto how = GENERATE(does::succeeds, does::declines);
    CAPTURE(static_cast<int>(with), static_cast<int>(how));
    shop<faulty_store> s;
    const std::string key = s.run_low();
    s.gateway.next({how});
    s.store.fail_commits({with});
    s.run();
    s.store.heal();
    s.gateway.forget_keys();
    s.run();
    CHECK(s.run().waiting == 0);
    CHECK(s.gateway.charges_asked() == 1);
    CHECK(s.bought() == (how == does::succeeds ? 1U : 0U));
    CHECK(s.w.orders()->empty());
}

TEST_CASE("rule 46: a notice that could not be acknowledged is told again, for nothing") {
    shop<deaf_store> s;
    s.run_low();
    s.store.deaf = true;
    CHECK(s.payer.run() == errc::unavailable);
    CHECK(s.bought() == 1);
    s.store.deaf = false;
    CHECK(s.run().confirmed == 0);
    CHECK(s.store.notices(10).or_throw().empty());
    CHECK(s.gateway.charges_asked() == 1);
    CHECK(s.bought() == 1);
}

TEST_CASE("rule 46: payer and delivery leave each other's notices alone") {
    coffer::any_plan plan = recharging_plan();
    plan.alerts = {{.name = "low", .at = 45_cr}};
    shop<> s{plan};
    s.run_low();
    std::vector<std::string> told;
    const auto mail = [&](const coffer::notice& n) { told.push_back(n.kind); };
    CHECK(coffer::deliver(s.store, mail).or_throw().delivered == 1);
    CHECK(told == std::vector<std::string>{"alert"});
    CHECK(kinds(s.store.notices(10).or_throw()) == std::vector<std::string>{"order_placed"});
    s.charge(40_cr);
    CHECK(s.run().confirmed == 1);
    CHECK(kinds(s.store.notices(10).or_throw()) == std::vector<std::string>{"depleted", "resumed"});
}

TEST_CASE("rule 46: others that wait keep neither a payer nor a delivery from its own") {
    coffer::any_plan plan = recharging_plan();
    plan.alerts = {{.name = "some", .at = 200_cr}};
    shop<> s{plan};
    for (int i = 0; i < 30; ++i) {
        auto w = s.wallets["talks " + std::to_string(i)];
        w.grant({.bucket = "package", .amount = 300_cr}).or_throw();
        w.charge({.amount = 100_cr}).or_throw();
    }
    s.run_low();
    CHECK(s.run(1).confirmed == 1);
    for (int i = 0; i < 30; ++i) s.run_low("buys " + std::to_string(i));
    s.wallets["last"].grant({.bucket = "package", .amount = 300_cr}).or_throw();
    s.wallets["last"].charge({.amount = 100_cr}).or_throw();
    std::size_t told = 0;
    for (int i = 0; i < 31; ++i) {
        told += coffer::deliver(
                    s.store, [](const coffer::notice&) {}, 1)
                    .or_throw()
                    .delivered;
    }
    CHECK(told == 31);
}

TEST_CASE("rule 46: an outbox that overflowed still leads the payer to what is open") {
    coffer::any_plan plan = recharging_plan();
    plan.alerts = {{.name = "low", .at = 45_cr}};
    shop<> s{plan};
    const std::string key = s.run_low();
    for (int i = 0; i < 1'100; ++i) {
        s.grant(10_cr);
        s.charge(10_cr);
    }
    CHECK(kinds(s.store.notices(10).or_throw()) == std::vector<std::string>{"overflow"});
    std::size_t orders = 0;
    std::size_t others = 0;
    const auto mail = [&](const coffer::notice& n) {
        ++(n.kind == coffer::order_notice ? orders : others);
    };
    coffer::deliver(s.store, mail).or_throw();
    CHECK(orders == 0);
    CHECK(others == 1'101);
    CHECK(s.run().confirmed == 1);
    CHECK(s.gateway.taken(key) == 1);
    CHECK(s.run().confirmed == 0);
    coffer::deliver(s.store, mail).or_throw();
    CHECK(s.store.notices(10).or_throw().empty());
}

TEST_CASE("rule 41: a run pays no more than it is told to, and what waits comes last") {
    shop<> s;
    std::vector<std::string> keys;
    for (int i = 0; i < 6; ++i) keys.push_back(s.run_low("w" + std::to_string(i)));
    CHECK(s.run(0).waiting == 0);
    CHECK(s.gateway.finds_asked() == 0);
    s.gateway.next({does::pends, does::pends, does::pends});
    CHECK(s.run(2).waiting == 2);
    CHECK(s.gateway.finds_asked() == 2);
    CHECK(s.run(2).confirmed == 1);  // one pends, too
    CHECK(s.run(2).confirmed == 2);
    CHECK(s.gateway.finds_asked() == 6);
    CHECK(s.run(2).waiting == 2);
    for (int i = 0; i < 3; ++i) s.gateway.arrive(keys[static_cast<std::size_t>(i)]);
    CHECK(s.run(2).confirmed == 2);
    CHECK(s.run(2).confirmed == 1);
    CHECK(s.gateway.taken() == 6);
    CHECK(s.run(2).confirmed == 0);
}

TEST_CASE("rule 44: an order of a customer is paid when the host says so") {
    shop<> s;
    s.grant(60_cr);  // so that the plan has nothing to buy
    const auto order = s.w.buy({.offer = "large", .request = "cart"}).or_throw();
    CHECK(s.run().confirmed == 0);  // the customer may be paying at a till
    CHECK(s.gateway.finds_asked() == 0);
    s.gateway.next({does::takes_and_times_out});
    CHECK(s.payer.pay(s.id, order.id) == errc::outcome_unknown);
    const auto again = s.w.buy({.offer = "large", .request = "cart"}).or_throw();
    CHECK(again.id == order.id);
    const auto paid = s.payer.pay(s.id, again.id).or_throw();
    CHECK(paid.state == order_state::confirmed);
    CHECK(s.payer.pay(s.id, again.id)->state == order_state::confirmed);
    CHECK(s.gateway.taken(order.key()) == 1);
    CHECK(s.available() == 560_cr);

    const auto second = s.w.buy({.offer = "large", .request = "cart 2"}).or_throw();
    s.gateway.next({does::declines});
    CHECK(s.payer.pay(s.id, second.id)->state == order_state::failed);
    CHECK(s.payer.pay(s.id, second.id)->state == order_state::failed);
    CHECK(s.payer.pay(s.id, {}) == errc::invalid_argument);
    CHECK(s.payer.pay("stranger", order.id) == errc::invalid_argument);
    CHECK(s.gateway.charges_asked() == 2);
}

TEST_CASE("rule 44: an order that expired is paid if its payment is found, and not charged else") {
    const auto how = GENERATE(does::takes_and_times_out, does::times_out);
    shop<> s;
    s.grant(60_cr);
    const auto order = s.w.buy({.offer = "large", .expires_in = 1h}).or_throw();
    s.gateway.next({how});
    CHECK_FALSE(s.payer.pay(s.id, order.id));
    s.go("2026-01-01T02:00:00Z");  // and nobody sweeps
    const auto now = s.payer.pay(s.id, order.id).or_throw();
    CHECK(now.state == (how == does::times_out ? order_state::expired : order_state::confirmed));
    CHECK(s.gateway.charges_asked() == 1);
}

TEST_CASE("rule 31: a payment beside the one that was confirmed is told of") {
    shop<> s;
    s.run_low();
    s.gateway.tell([&](const coffer::payment_request& r, const coffer::payment_answer&) {
        s.w.confirm({.order = r.order, .reference = "paid at the till"}).or_throw();
    });
    const coffer::payments done = s.run();
    CHECK(done.confirmed == 0);
    REQUIRE(done.paid_twice.size() == 1);
    CHECK(done.paid_twice[0].reference == "paid at the till");
    CHECK(done.paid_twice[0].paid_twice == "pay_1");
    CHECK(s.bought() == 1);
    CHECK(s.run().paid_twice.empty());

    const auto order = s.w.buy({.offer = "large"}).or_throw();
    CHECK(s.payer.pay(s.id, order.id)->paid_twice == "pay_2");
    CHECK(s.payer.pay(s.id, order.id)->paid_twice.empty());
    CHECK(s.bought() == 2);
}

TEST_CASE("rule 31: what a provider answers is checked before it is believed") {
    shop<> s;
    s.run_low();
    fixed_gateway gateway;
    coffer::payer payer{s.wallets, gateway};
    SECTION("other money than was asked for grants nothing") {
        gateway.answer = {.state = coffer::payment_state::succeeded,
                          .paid = GENERATE(eur("9.99"), eur("-10.00"), usd("10.00"),
                                           eur("92233720368547758.07"))};
        const coffer::payments done = payer.run().or_throw();
        CHECK(done.waiting == 1);
        CHECK(done.first_error->code() == errc::invalid_argument);
        CHECK(s.bought() == 0);
    }
    SECTION("texts of any length are cut where they do not fit") {
        gateway.answer.state =
            GENERATE(coffer::payment_state::succeeded, coffer::payment_state::failed);
        std::string text(254, 'x');
        for (int i = 0; i < 500; ++i) text += "\xc3\xa4";
        gateway.answer.reference = gateway.answer.reason = text;
        CHECK(payer.run().or_throw().waiting == 0);
        const auto order = s.w.order(order_of("acme/order/3")).or_throw();
        CHECK(order.reference == text.substr(0, 254));
    }
    SECTION("a state that is none waits") {
        gateway.answer.state = static_cast<coffer::payment_state>(7);
        CHECK(payer.run().or_throw().waiting == 1);
        CHECK(s.bought() == 0);
    }
}

TEST_CASE("rule 31: random providers, commits and days leave one charge and one grant an order") {
    fair_dice dice{31};
    for (int life = 0; life < 60; ++life) {
        CAPTURE(life);
        shop<faulty_store> s;
        s.audited = life % 10 == 0;
        std::vector<std::string> keys;
        for (int step = 0; step < 25; ++step) {
            switch (dice.below(6)) {
                case 0: {
                    const std::string id = "w" + std::to_string(keys.size());
                    keys.push_back(s.run_low(id));
                    break;
                }
                case 1:
                    s.gateway.next({dice.of({does::succeeds, does::declines, does::pends,
                                             does::takes_and_times_out, does::times_out,
                                             does::takes_and_dies, does::dies})});
                    break;
                case 2: s.gateway.forget_keys(); break;
                case 3:
                    s.store.fail_commits(
                        {dice.of({fault::unavailable, fault::conflict, fault::written_but_unknown,
                                  fault::lost_and_unknown})});
                    static_cast<void>(s.payer.run(static_cast<std::size_t>(dice.below(4))));
                    s.store.heal();
                    break;
                case 4:
                    for (const std::string& key : keys) {
                        if (dice.one_in(3)) s.gateway.arrive(key);
                    }
                    break;
                default: s.run(static_cast<std::size_t>(dice.between(1, 4))); break;
            }
        }
        for (std::size_t waiting = 1; waiting > 0;) {  // until nothing is scripted any more
            for (const std::string& key : keys) s.gateway.arrive(key);
            waiting = s.run().waiting;
        }
        CHECK(s.store.notices(10).or_throw().empty());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::string id = "w" + std::to_string(i);
            CHECK(s.gateway.taken(keys[i]) <= 1);
            CHECK(s.bought(id) == s.gateway.taken(keys[i]));
            CHECK(s.wallets[id].orders()->empty());
        }
    }
}

TEST_CASE("rule 17: a payer works where everybody else has to be named") {
    namespace may = coffer::access;
    coffer::any_plan plan = recharging_plan();
    plan.access =
        may::roles{{{"owner", may::everything}}, {{"", {{"ada", "owner"}}}}, may::verbs{}};
    shop<> s{plan};
    auto ada = s.w.as("ada");
    CHECK(s.w.grant({.bucket = "package", .amount = 60_cr}) == errc::access_denied);
    ada.grant({.bucket = "package", .amount = 60_cr}).or_throw();
    ada.charge({.amount = 20_cr}).or_throw();  // by which the plan orders
    const auto declined = ada.buy({.offer = "large"}).or_throw();
    CHECK(s.run().confirmed == 1);
    s.gateway.next({does::declines});
    CHECK(s.payer.pay(s.id, declined.id).or_throw().state == coffer::order_state::failed);
    CHECK(s.bought() == 1);
    for (const coffer::entry& e : s.entries().entries) {
        if (e.kind == coffer::entry_kind::purchased) CHECK(e.signature.actor().empty());
        if (e.kind == coffer::entry_kind::order_failed) CHECK_FALSE(e.signature.reason().empty());
    }
}
