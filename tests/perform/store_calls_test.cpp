// What an operation asks of its store: one page, and one commit where it is accepted. Each call is
// a round trip to a store across a wire.
#include "support/counting_store.hpp"
#include "support/wallet_fixture.hpp"

#include <string>

using namespace coffer_test;
using coffer::errc;

namespace {

using counts_pages = counting_store<gives_whole_pages>;
using counts_heads = counting_store<lends_heads>;

constexpr store_calls accepted{.opens = 1, .commits = 1};
constexpr store_calls refused{.opens = 1};

lab_plan refunding_plan() {
    lab_plan plan = monthly_plan(100_cr);
    plan.package.refund = {coffer::refund::unspent{}};
    return plan;
}

/// A wallet under way, with something of each kind, whose calls are counted from here on.
template <class Store>
struct scene : lab<Store> {
    using lab<Store>::w;
    using lab<Store>::store;

    explicit scene(const lab_plan& plan = refunding_plan()) : lab<Store>{plan} {
        this->start();
        bought = this->grant(50_cr, {.paid = usd(500)});
        spent = w.charge({.amount = 5_cr, .request = "spent"}).or_throw().id;
        held = w.hold({.amount = 5_cr, .expires_in = 1h}).or_throw().detach();
        store.counted();
    }
    /// Lets somebody else charge the wallet before the next commit.
    void be_outrun() {
        store.before_commit = [this] {
            this->charge(micros(1));
            others = store.counted();  // of that charge, and the commit that it comes before
        };
    }

    coffer::lot_id bought;
    coffer::entry_id spent;
    coffer::hold_id held;
    store_calls others;
};

template <class Scene, class Verb>
void costs(Scene& s, const store_calls& wanted, Verb&& verb) {
    const bool done = bool(verb());
    CHECK(done == (wanted.commits > 0));
    CHECK(s.store.counted() == wanted);
}

}  // namespace

TEMPLATE_TEST_CASE("an accepted operation is one open and one commit", "", counts_pages,
                   counts_heads) {
    scene<TestType> s;
    auto& w = s.w;
    costs(s, accepted, [&] { return w.charge({.amount = 1_cr, .request = "charge"}); });
    costs(s, accepted, [&] { return w.grant({.bucket = "package", .amount = 1_cr}); });
    costs(s, accepted, [&] { return w.refund({.charge = "spent", .amount = 1_cr}); });
    costs(s, accepted, [&] { return w.refund({.entry = s.spent, .amount = 1_cr}); });
    auto first = w.hold({.amount = 1_cr, .expires_in = 1h, .request = "hold"}).or_throw();
    CHECK(s.store.counted() == accepted);
    costs(s, accepted, [&] { return first.settle({.amount = micros(7)}); });
    auto second = w.hold({.amount = 1_cr, .expires_in = 1h}).or_throw();
    s.store.counted();
    costs(s, accepted, [&] { return second.release(); });
    costs(s, accepted, [&] { return w.settle(s.held, {.request = "settle"}); });
    costs(s, accepted, [&] { return w.refund({.charge = "hold", .amount = micros(1)}); });
    costs(s, accepted, [&] { return w.refund_purchase({.lot = s.bought, .money = usd(100)}); });
    costs(s, accepted, [&] { return w.expire_at({.lot = s.bought, .expires = coffer::never}); });
    costs(s, accepted,
          [&] { return w.dispute({.lot = s.bought, .state = coffer::dispute_state::opened}); });
    costs(s, accepted, [&] { return w.void_lot({.lot = s.bought}); });
    costs(s, store_calls{.opens = 1}, [&] {
        const auto again = w.charge({.amount = 1_cr, .request = "charge"}).or_throw();
        CHECK(again.repeated);
        return false;
    });
}

TEMPLATE_TEST_CASE("what fell due before an operation is in the operation's own commit", "",
                   counts_pages) {
    scene<TestType> s;
    s.go("2026-03-05T00:00:00Z");  // the hold is over, two periods began
    costs(s, accepted, [&] { return s.w.charge({.amount = 1_cr}); });
    CHECK(s.entry_count() > 6);
}

TEMPLATE_TEST_CASE("a refusal is decided on one page, and commits nothing", "", counts_pages,
                   counts_heads) {
    scene<TestType> s;
    auto& w = s.w;
    costs(s, refused, [&] { return w.charge({.amount = micros(-1)}); });
    costs(s, refused, [&] { return w.charge({.amount = 900_cr}); });
    costs(s, refused, [&] { return w.grant({.bucket = "none", .amount = 1_cr}); });
    costs(s, refused, [&] { return w.hold({.amount = 900_cr, .expires_in = 1h}); });
    costs(s, refused, [&] { return w.settle(s.held, {.amount = 6_cr}); });
    costs(s, refused, [&] { return w.refund({.charge = "spent", .amount = 6_cr}); });
    costs(s, refused, [&] { return w.refund({.charge = "unknown"}); });
    costs(s, refused, [&] { return w.refund_purchase({.lot = coffer::lot_id{}}); });
    costs(s, refused, [&] { return w.charge({.amount = 6_cr, .request = "spent"}); });
}

TEMPLATE_TEST_CASE("a wallet that is seen for the first time is one open and one commit", "",
                   counts_pages, counts_heads) {
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets wallets{monthly_plan(100_cr), store, clock};
    REQUIRE(wallets["granted"].grant({.bucket = "package", .amount = 1_cr}));
    CHECK(store.counted() == accepted);
    REQUIRE(wallets["started"].start());
    CHECK(store.counted() == accepted);
    REQUIRE(wallets["anchored"].start({.anchor = at("2025-12-24T00:00:00Z")}));
    CHECK(store.counted() == accepted);
    CHECK(wallets["charged"].charge({.amount = 1_cr}) == errc::insufficient_credits);
    CHECK(store.counted().commits == 0);
}

TEMPLATE_TEST_CASE("after a conflict an operation is one open and one commit more", "",
                   counts_pages, counts_heads) {
    scene<TestType> s;
    auto& w = s.w;
    const auto outrun = [&](auto&& verb) {
        s.be_outrun();
        costs(s, accepted, verb);  // what came after the one that was outrun
        CHECK(s.others == store_calls{.opens = 2, .commits = 2});
    };
    outrun([&] { return w.charge({.amount = 1_cr}); });
    outrun([&] { return w.grant({.bucket = "package", .amount = 1_cr}); });
    outrun([&] { return w.refund({.charge = "spent", .amount = 1_cr}); });
    auto hold = w.hold({.amount = 1_cr, .expires_in = 1h}).or_throw();
    s.store.counted();
    outrun([&] { return hold.settle({.amount = micros(1)}); });
    outrun([&] { return w.release(s.held); });
}

// ---- Where it takes more, and why ---------------------------------------------------------------

TEST_CASE("a charge that needs more than a lent head opens a second page") {
    scene<counts_heads> s;
    for (int i = 0; i < 5; ++i) s.grant(1_cr);
    const coffer::credits all = s.available();
    s.store.counted();
    // Beyond the lots that the head has, whether the others suffice or not.
    costs(s, store_calls{.opens = 2}, [&] { return s.w.charge({.amount = 900_cr}); });
    costs(s, store_calls{.opens = 2, .commits = 1}, [&] { return s.w.charge({.amount = all}); });
    // What fell due is in the rows, too.
    s.grant(10_cr);
    s.go("2026-01-02T00:00:00Z");
    s.store.counted();
    costs(s, store_calls{.opens = 2, .commits = 1}, [&] { return s.w.charge({.amount = 1_cr}); });
}

TEMPLATE_TEST_CASE("why a hold is not open stands in the journal: a second page", "", counts_pages,
                   counts_heads) {
    // Asked for beforehand it would cost every settle that succeeds.
    scene<TestType> s;
    constexpr store_calls told{.opens = 2};
    costs(s, told, [&] { return s.w.settle(coffer::hold_id{777}); });
    costs(s, told, [&] { return s.w.release(coffer::hold_id{777}); });
    s.w.release(s.held).or_throw();
    s.store.counted();
    costs(s, told, [&] { return s.w.settle(s.held); });
}

TEMPLATE_TEST_CASE("a start on an anchor before the wallet's last entry reads the spends since", "",
                   counts_pages, counts_heads) {
    scene<TestType> s;
    s.go("2026-01-10T00:00:00Z");
    s.charge(1_cr);
    s.store.counted();
    costs(s, store_calls{.opens = 2, .commits = 1, .others = 1},
          [&] { return s.w.start({.anchor = at("2026-01-05T00:00:00Z")}); });
    s.go("2026-01-11T00:00:00Z");
    costs(s, accepted, [&] { return s.w.start(); });  // nothing was recorded since its anchor
}

TEMPLATE_TEST_CASE("too much that fell due is a commit of its own, on a page of its own", "",
                   counts_pages) {
    lab_plan hourly;
    hourly.budget.refill = {.length = 1h, .amount = 1_cr};
    hourly.budget.expiry = {coffer::expiry::at_period_end{}};
    scene<TestType> s{hourly};
    s.audited = false;
    s.go("2027-01-01T00:00:00Z");
    const auto charged = s.w.charge({.amount = 1_cr});
    CHECK(charged);
    const store_calls c = s.store.counted();
    CHECK(c.opens == c.commits);
    CHECK(c.opens > 1);
    CHECK(c.others == 0);
}
