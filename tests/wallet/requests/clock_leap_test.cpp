#include "support/clock_pair.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/plan/ready.hpp>

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

using namespace coffer_test;
using coffer::errc;

namespace {

constexpr auto two_years = 24h * 730;

/// Counts how often it is asked for anything.
class asked_store : public whole_page_store {
public:
    int asked = 0;

    auto open(const coffer::page_request& wanted, coffer::page& into) {
        ++asked;
        return whole_page_store::open(wanted, into);
    }
    auto entries(const coffer::wallet_id& wallet, const coffer::journal_query& query) {
        ++asked;
        return whole_page_store::entries(wallet, query);
    }
    auto commit(const coffer::commit_batch& batch) {
        ++asked;
        return whole_page_store::commit(batch);
    }
    auto due(coffer::instant until, std::size_t limit) {
        ++asked;
        return whole_page_store::due(until, limit);
    }
};

/// A monthly allowance, a bought package that expires in a year, a hold and a charge, under a clock
/// that can leap.
template <class Store>
struct scene {
    scene() {
        w.start({}).or_throw();
        lot = w.grant({.bucket = "package", .amount = 500_cr, .request = "order"}).or_throw().lot;
        spent = w.charge({.amount = 5_cr, .request = "spent"}).or_throw().id;
        held = w.hold({.amount = 40_cr, .expires_in = 24h * 900}).or_throw().detach();
    }

    static lab_plan plan() {
        lab_plan terms = monthly_plan(100_cr);
        terms.package.expiry = {coffer::expiry::after{coffer::months{12}}};
        return terms;
    }

    two_clocks clocks{at("2026-01-01T00:00:00Z")};
    injected_clock clock{{}, {&clocks}};
    Store store;
    coffer::wallets<lab_plan, Store, injected_clock> wallets{plan(), store, clock};
    coffer::wallet_id id{"acme"};
    typename decltype(wallets)::wallet_type w = wallets[id];
    coffer::lot_id lot;
    coffer::entry_id spent;
    coffer::hold_id held;
};

template <class Answer>
errc code_of(const coffer::result<Answer>& answer) {
    return answer ? errc{} : answer.error().code();
}

/// What each verb and each question about now answers.
template <class Scene>
std::vector<errc> answers(Scene& s) {
    return {
        code_of(s.w.start({})),
        code_of(s.w.grant({.bucket = "package", .amount = 1_cr})),
        code_of(s.w.charge({.amount = 1_cr})),
        code_of(s.w.charge({.amount = 5_cr, .request = "spent"})),
        code_of(s.w.charge({.amount = micros(-1)})),
        code_of(s.w.charge({.amount = 1_cr, .at = s.clocks.world() - 24h * 800})),
        code_of(s.w.quote({.amount = 1_cr})),
        code_of(s.w.hold({.amount = 1_cr, .expires_in = 1h})),
        code_of(s.w.resume(s.held)),
        code_of(s.w.settle(s.held)),
        code_of(s.w.release(s.held)),
        code_of(s.w.refund({.charge = "spent", .amount = 1_cr})),
        code_of(s.w.refund_purchase({.lot = s.lot})),
        code_of(s.w.dispute({.lot = s.lot, .state = coffer::dispute_state::opened})),
        code_of(s.w.void_lot({.lot = s.lot})),
        code_of(s.w.expire_at({.lot = s.lot, .expires = coffer::never})),
        code_of(s.w.balance()),
        code_of(s.w.balance(at("2026-01-01T00:00:00Z"))),
        code_of(s.w.as_of(at("2026-01-01T00:00:00Z"))),
        code_of(s.w.as_of(at("2030-01-01T00:00:00Z"))),
        code_of(s.w.lots()),
        code_of(s.w.name_of(s.lot)),
        code_of(s.w.holds()),
        code_of(s.w.explain({.amount = 1_cr})),
        code_of(s.w.explain_hold({.amount = 1_cr})),
        code_of(s.w.sweep()),
        code_of(s.wallets.sweep()),
        code_of(s.wallets[coffer::wallet_id{""}].charge({.amount = 1_cr})),
        code_of(s.wallets[coffer::wallet_id{""}].balance()),
        code_of(s.wallets[coffer::wallet_id{""}].sweep()),
    };
}

}  // namespace

TEST_CASE("rule 49: under a clock that leapt ahead every operation and question disagrees") {
    scene<asked_store> s;
    s.clocks.leap(two_years);
    s.store.asked = 0;
    for (const errc answer : answers(s)) CHECK(answer == errc::clock_disagrees);
    CHECK(s.store.asked == 0);
    CHECK(is_transient(errc::clock_disagrees));
}

TEMPLATE_TEST_CASE("rule 49: what a clock that leapt ahead did not touch is there when it is right",
                   "", lends_heads, gives_whole_pages) {
    scene<TestType> s;
    const coffer::account before = load(s.store, s.id).or_throw();
    s.clocks.leap(two_years);
    for (const errc answer : answers(s)) CHECK(answer == errc::clock_disagrees);
    CHECK(load(s.store, s.id).or_throw() == before);

    s.clocks.leap(-two_years);
    s.clocks.pass(24h * 9);
    CHECK(s.w.charge({.amount = 1_cr, .request = "one"}).or_throw().after.available == 554_cr);
    CHECK(s.w.release(s.held));
    CHECK(s.w.balance().or_throw().available == 594_cr);
    for (int month = 0; month < 3; ++month) {
        s.clocks.pass(24h * 31);
        CHECK(s.w.balance().or_throw().available_in(coffer::bucket_id::of("budget")) == 100_cr);
    }
}

TEMPLATE_TEST_CASE("rule 49: once the host accepts a leap, its time is the wallet's", "",
                   lends_heads, gives_whole_pages) {
    scene<TestType> s;
    s.clocks.leap(two_years);
    CHECK(s.w.balance() == errc::clock_disagrees);
    s.clock.accept();
    CHECK(s.w.charge({.amount = 1_cr}));
    CHECK(s.w.balance().or_throw().available == 99_cr);
    CHECK(s.wallets.sweep());
}

TEMPLATE_TEST_CASE("rule 49: a hold that cannot be settled now stays open", "", lends_heads,
                   gives_whole_pages) {
    scene<TestType> s;
    auto hold = s.w.hold({.amount = 10_cr, .expires_in = 1h}).or_throw();
    s.clocks.leap(two_years);
    CHECK(hold.settle({.amount = 3_cr}) == errc::clock_disagrees);
    s.clocks.leap(-two_years);
    CHECK(hold.settle({.amount = 3_cr}).or_throw().cost == 3_cr);
}

TEST_CASE("rule 49: a manual clock is believed wherever it is set") {
    lab<lends_heads> l{scene<lends_heads>::plan()};
    l.start();
    l.go("2099-01-01T00:00:00Z");
    CHECK(l.w.charge({.amount = 1_cr}));
}

TEST_CASE("rule 49: the journal can be read while the clock disagrees") {
    scene<lends_heads> s;
    s.clocks.leap(two_years);
    CHECK(s.w.entries().or_throw().entries.size() == 5);
    CHECK(s.w.verify());
    CHECK(s.w.paid_by("spent").or_throw().size() == 1);
}
