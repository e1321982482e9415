#include "support/wallet_fixture.hpp"

#include <algorithm>
#include <random>

using namespace coffer_test;

TEMPLATE_TEST_CASE("rule 13: a lower priority number burns first, whatever came first", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto second = l.grant(100_cr, {.priority = 2});
    auto first = l.grant(100_cr, {.priority = 1});

    l.charge(120_cr);

    CHECK(l.left(first) == 0_cr);
    CHECK(l.left(second) == 80_cr);
}

TEMPLATE_TEST_CASE("rule 13: a lot without a priority burns after all that have one", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto plain = l.grant(10_cr, {.expires = at("2026-01-02T00:00:00Z")});
    auto last = l.grant(10_cr, {.priority = 2'000'000'000});
    auto negative = l.grant(10_cr, {.priority = -5});

    CHECK(taken(l.w, l.charge(25_cr)) ==
          taken_list{{negative, 10_cr}, {last, 10_cr}, {plain, 5_cr}});
}

TEMPLATE_TEST_CASE("rule 13: inside a priority the older lot burns first", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto p1 = l.grant(20_cr, {.priority = 1});
    l.clock.advance(1s);
    auto oldest = l.grant(25_cr, {.priority = 2});
    l.clock.advance(1s);
    auto middle = l.grant(25_cr, {.priority = 2});
    l.clock.advance(1s);
    auto newest = l.grant(30_cr, {.priority = 2});

    auto r = l.charge(80_cr);

    CHECK(taken(l.w, r) ==
          taken_list{{p1, 20_cr}, {oldest, 25_cr}, {middle, 25_cr}, {newest, 10_cr}});
    CHECK(l.left(newest) == 20_cr);
}

TEMPLATE_TEST_CASE("rule 13: what never expires burns after what does", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto forever = l.grant(100_cr);
    auto ten_days = l.grant(100_cr, {.expires = at("2026-01-11T00:00:00Z")});

    auto r = l.charge(150_cr);

    CHECK(taken(l.w, r) == taken_list{{ten_days, 100_cr}, {forever, 50_cr}});
}

TEMPLATE_TEST_CASE("rule 13: the sooner expiry burns first, though it was granted later", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto year = l.grant(100_cr, {.expires = at("2027-01-01T00:00:00Z")});
    auto month = l.grant(100_cr, {.expires = at("2026-01-31T00:00:00Z")});

    l.charge(60_cr);

    CHECK(l.left(month) == 40_cr);
    CHECK(l.left(year) == 100_cr);
}

TEMPLATE_TEST_CASE("rule 13: a debit over four expiries takes them in turn", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto forever = l.grant(50_cr);
    auto january = l.grant(30_cr, {.expires = at("2036-01-01T00:00:00Z")});
    auto february = l.grant(20_cr, {.expires = at("2036-02-01T00:00:00Z")});
    auto march = l.grant(100_cr, {.expires = at("2036-03-01T00:00:00Z")});

    auto r = l.charge(70_cr);

    CHECK(taken(l.w, r) == taken_list{{january, 30_cr}, {february, 20_cr}, {march, 20_cr}});
    CHECK(l.left(forever) == 50_cr);
    CHECK(l.available() == 130_cr);
}

TEMPLATE_TEST_CASE("rule 13: at one expiry the cheaper cost basis burns first", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto end = at("2026-06-01T00:00:00Z");

    SECTION("a free trial before what was paid for") {
        auto paid = l.grant(10_cr, {.expires = end, .paid = usd(5000)});
        auto trial = l.grant(10_cr, {.expires = end});
        CHECK(taken(l.w, l.charge(15_cr)) == taken_list{{trial, 10_cr}, {paid, 5_cr}});
    }
    SECTION("by minor units per credit, not by the price of the pack") {
        auto dear = l.grant(10_cr, {.expires = end, .paid = usd(300)});       // 30 a credit
        auto cheap = l.grant(1'000_cr, {.expires = end, .paid = usd(2900)});  // 2.9 a credit
        CHECK(taken(l.w, l.charge(1'001_cr)) == taken_list{{cheap, 1'000_cr}, {dear, 1_cr}});
    }
    SECTION("nothing, then a price of zero, then by the code of the currency") {
        auto in_usd = l.grant(10_cr, {.expires = end, .paid = usd(1)});
        auto in_eur =
            l.grant(10_cr, {.expires = end, .paid = coffer::money::from_minor(9'000, "EUR")});
        auto zero = l.grant(10_cr, {.expires = end, .paid = usd(0)});
        auto none = l.grant(10_cr, {.expires = end});
        auto r = l.charge(40_cr);
        // EUR stands before USD, whatever the amounts.
        CHECK(taken(l.w, r) ==
              taken_list{{none, 10_cr}, {in_eur, 10_cr}, {zero, 10_cr}, {in_usd, 10_cr}});
    }
    SECTION("the highest amounts compare without overflow") {
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        auto dear = l.grant(micros(2), {.expires = end, .paid = usd(most)});
        auto cheap = l.grant(micros(3), {.expires = end, .paid = usd(most)});
        CHECK(taken(l.w, l.charge(micros(4))) == taken_list{{cheap, micros(3)}, {dear, micros(1)}});
    }
}

TEMPLATE_TEST_CASE("rule 13: the bucket counts before all else", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto package = l.grant(10_cr, {.priority = 1, .expires = at("2026-01-02T00:00:00Z")});
    auto bonus = l.grant(10_cr, {.bucket = "bonus", .priority = 9});
    auto budget = l.grant(10_cr, {.bucket = "budget", .paid = usd(900)});

    CHECK(taken(l.w, l.charge(25_cr)) ==
          taken_list{{budget, 10_cr}, {bonus, 10_cr}, {package, 5_cr}});
}

TEMPLATE_TEST_CASE("rule 13: effective decides before the number", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    auto later = l.grant(10_cr, {.effective = at("2026-01-03T00:00:00Z")});
    auto sooner = l.grant(10_cr, {.effective = at("2026-01-02T00:00:00Z")});
    l.go("2026-01-04T00:00:00Z");
    auto newest = l.grant(10_cr);

    CHECK(taken(l.w, l.charge(30_cr)) ==
          taken_list{{sooner, 10_cr}, {later, 10_cr}, {newest, 10_cr}});
}

TEMPLATE_TEST_CASE("rule 13: the order is the same whatever the order of arrival", "", lends_heads,
                   gives_whole_pages) {
    struct kind {
        std::string_view bucket;
        std::optional<std::int32_t> priority;
        std::optional<coffer::instant> expires;
        coffer::money paid;
    };
    // As rule 13 wants them; each differs from the next in one key.
    const auto june = at("2026-06-01T00:00:00Z");
    const auto july = at("2026-07-01T00:00:00Z");
    const std::vector<kind> order{
        {"budget", 1, july, usd(5)},
        {"budget", 2, june, {}},
        {"budget", 2, june, usd(1)},
        {"budget", 2, june, usd(2)},
        {"budget", 2, july, {}},
        {"budget", 2, {}, {}},
        {"budget", {}, june, {}},
        {"budget", {}, {}, {}},
        {"bonus", {}, june, usd(3)},
        {"bonus", {}, july, usd(1)},
        {"package", -1, {}, usd(7)},
        {"package", {}, june, usd(7)},
        {"package", {}, coffer::never, {}},
        {"package", {}, coffer::never, usd(1)},
    };
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::vector<std::size_t> arrival(order.size());
        for (std::size_t i = 0; i < arrival.size(); ++i) arrival[i] = i;
        std::shuffle(arrival.begin(), arrival.end(), std::mt19937{seed});

        lab<TestType> l;
        std::vector<coffer::lot_id> ids(order.size());
        for (std::size_t i : arrival) {
            const kind& k = order[i];
            ids[i] = l.grant(
                1_cr,
                {.bucket = k.bucket, .priority = k.priority, .expires = k.expires, .paid = k.paid});
        }
        for (std::size_t i = 0; i < order.size(); ++i) {
            CAPTURE(seed, i);
            CHECK(taken(l.w, l.charge(1_cr)) == taken_list{{ids[i], 1_cr}});
        }
    }
}

TEMPLATE_TEST_CASE("rule 13: the order is a policy of the plan", "", lends_heads,
                   gives_whole_pages) {
    using key = coffer::order_key;
    auto burned = [](std::initializer_list<key> keys) {
        lab_plan plan;
        plan.order = coffer::spend_order::by(keys);
        lab<TestType> l{plan};
        auto a = l.grant(1_cr, {.expires = at("2026-03-01T00:00:00Z"), .paid = usd(1)});
        l.clock.advance(1s);
        auto b = l.grant(1_cr, {.bucket = "budget", .paid = usd(9)});
        l.clock.advance(1s);
        l.grant(1_cr, {.bucket = "bonus", .priority = 1});
        std::string order;
        for (int i = 0; i < 3; ++i) {
            coffer::lot_id lot = parts_of(l.w, l.charge(1_cr))[0].lot;
            order += lot == a ? 'a' : lot == b ? 'b' : 'c';
        }
        return order;
    };
    CHECK(burned({key::newest}) == "cba");
    CHECK(burned({key::id}) == "abc");
    CHECK(burned({key::effective}) == "abc");
    CHECK(burned({key::expiry, key::bucket}) == "abc");
    CHECK(burned({key::paid_last, key::expiry}) == "cab");
    CHECK(burned({key::paid_last, key::bucket}) == "cba");
    CHECK(burned({key::priority, key::cost_basis}) == "cab");
    CHECK(burned({key::bucket}) == "bca");
}

namespace {

/// Two buckets whose order and whose burn order a new plan changes.
template <bool package_first>
struct changed_plan {
    coffer::cost_table cost{};
    lab_bucket budget{};
    lab_bucket package{};
    static constexpr auto buckets = coffer::in_order(
        coffer::bucket{package_first ? "package" : "budget",
                       package_first ? &changed_plan::package : &changed_plan::budget},
        coffer::bucket{package_first ? "budget" : "package",
                       package_first ? &changed_plan::budget : &changed_plan::package});
    any_overdraft overdraft{};
    coffer::access::anyone access{};
};

/// A plan that no longer has the bucket "budget".
struct smaller_plan {
    coffer::cost_table cost{};
    lab_bucket package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &smaller_plan::package});
    any_overdraft overdraft{};
    coffer::access::anyone access{};
};

}  // namespace

TEMPLATE_TEST_CASE("rule 13: a new plan's order holds for the lots of before", "", lends_heads,
                   gives_whole_pages) {
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets before{changed_plan<false>{}, store, clock};
    auto budget = before["w"].grant({.bucket = "budget", .amount = 10_cr}).or_throw().lot;
    auto package = before["w"].grant({.bucket = "package", .amount = 10_cr}).or_throw().lot;
    CHECK(taken(before["w"], before["w"].charge({.amount = 1_cr}).or_throw()) ==
          taken_list{{budget, 1_cr}});

    coffer::wallets after{changed_plan<true>{}, store, clock};
    CHECK(taken(after["w"], after["w"].charge({.amount = 1_cr}).or_throw()) ==
          taken_list{{package, 1_cr}});
    CHECK(taken(after["w"], after["w"].charge({.amount = 10_cr}).or_throw()) ==
          taken_list{{package, 9_cr}, {budget, 1_cr}});

    auditor books;
    CHECK(books.audit(store, "w") == "");
}

TEMPLATE_TEST_CASE("rule 13: a new plan's order holds, too, for lots beside which others fall due",
                   "", lends_heads, gives_whole_pages) {
    using key = coffer::order_key;
    lab_plan plan = monthly_plan(5_cr);
    plan.budget.rollover = {coffer::rollover::all{}};
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets before{plan, store, clock};
    before["w"].start().or_throw();
    std::vector<coffer::lot_id> packs;
    for (int i = 0; i < 4; ++i) {
        clock.set(clock.now() + 1h);
        packs.push_back(before["w"].grant({.bucket = "package", .amount = 10_cr}).or_throw().lot);
    }
    const auto falls_due = GENERATE(as<std::string_view>{}, "2026-01-01T05:00:00Z",
                                    "2026-02-01T00:00:00Z", "2026-04-01T00:00:00Z");
    if (GENERATE(false, true)) {
        before["w"]
            .grant({.bucket = "bonus",
                    .amount = 1_cr,
                    .effective = at("2026-01-15T00:00:00Z"),
                    .expires = at("2026-01-20T00:00:00Z")})
            .or_throw();
    }

    plan.order = coffer::spend_order::by{key::newest};
    coffer::wallets after{plan, store, clock};
    clock.set(at(falls_due));
    if (GENERATE(false, true)) after["w"].sweep().or_throw();
    const auto all = after["w"].balance().or_throw().available;
    std::vector<coffer::instant> effective;
    const auto whole = after["w"].charge({.amount = all}).or_throw();
    for (const coffer::part& p : parts_of(after["w"], whole)) {
        effective.push_back(find_lot(coffer::load(store, "w").or_throw(), p.lot)->terms.effective);
    }
    CHECK(effective.size() >= 5);
    CHECK(std::is_sorted(effective.rbegin(), effective.rend()));
    auditor books;
    CHECK(books.audit(store, "w") == "");
}

namespace {

/// The lots in the order in which all that is available would burn.
template <class Wallet>
std::vector<coffer::lot_id> burning(const Wallet& w) {
    std::vector<coffer::lot_id> lots;
    const auto all = w.balance().or_throw().available;
    const auto quoted = w.quote({.amount = all}).or_throw();
    for (const coffer::part& p : quoted.parts) lots.push_back(p.lot);
    return lots;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 13: an order that comes back holds for what came meanwhile", "",
                   lends_heads, gives_whole_pages) {
    using key = coffer::order_key;
    using lots = std::vector<coffer::lot_id>;
    lab_plan oldest;
    lab_plan newest;
    oldest.order = coffer::spend_order::by{key::id};
    newest.order = coffer::spend_order::by{key::newest};
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets by_age{oldest, store, clock};
    coffer::wallets by_youth{newest, store, clock};
    auto w = by_age["w"];
    auto other = by_youth["w"];
    const auto first = w.grant({.bucket = "package", .amount = 1_cr}).or_throw().lot;
    clock.set(at("2026-01-01T01:00:00Z"));
    const auto second = w.grant({.bucket = "package", .amount = 2_cr}).or_throw().lot;
    SECTION("a lot became effective") {
        const auto third =
            w.grant({.bucket = "package", .amount = 4_cr, .effective = at("2026-01-02T00:00:00Z")})
                .or_throw()
                .lot;
        if (GENERATE(false, true)) w.void_lot({.lot = second}).or_throw();
        clock.set(at("2026-01-03T00:00:00Z"));
        other.sweep().or_throw();
        CHECK(burning(other).front() == third);
        CHECK(burning(w).front() == first);
    }
    SECTION("a refund brought a lot back") {
        w.charge({.amount = 1_cr, .request = "a"}).or_throw();
        other.refund({.charge = "a"}).or_throw();
        CHECK(burning(other) == lots{second, first});
        CHECK(burning(w) == lots{first, second});
    }
    auditor books;
    CHECK(books.audit(store, "w") == "");
}

TEMPLATE_TEST_CASE("rule 13: a lot whose bucket the plan no longer has burns last", "", lends_heads,
                   gives_whole_pages) {
    TestType store;
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets before{changed_plan<false>{}, store, clock};
    auto orphan = before["w"]
                      .grant({.bucket = "budget",
                              .amount = 10_cr,
                              .priority = 1,
                              .expires = at("2026-01-05T00:00:00Z")})
                      .or_throw()
                      .lot;
    auto package = before["w"].grant({.bucket = "package", .amount = 10_cr}).or_throw().lot;

    coffer::wallets after{smaller_plan{}, store, clock};
    CHECK(taken(after["w"], after["w"].charge({.amount = 12_cr}).or_throw()) ==
          taken_list{{package, 10_cr}, {orphan, 2_cr}});
    CHECK(after["w"].balance().or_throw().available_in(coffer::bucket_id::of("budget")) == 8_cr);

    clock.set(at("2026-01-05T00:00:00Z"));  // and it keeps its expiry
    CHECK(after["w"].balance().or_throw().available == 0_cr);
    auditor books;
    CHECK(books.audit(store, "w") == "");
}

namespace {

/// Allowances roll in part, refunds into ended lots live on; nothing expires by itself.
struct lasting_plan {
    coffer::cost_table cost{};

    struct {
        coffer::refill::monthly refill{.amount = 100_cr,
                                       .price = coffer::money::from_minor(1000, "EUR")};
        coffer::rollover::fraction rollover{1, 3};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::restore::regrant restore{coffer::days{7}};
    } budget{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
    } package{};

    static constexpr auto buckets = coffer::in_order(  //
        coffer::bucket{"budget", &lasting_plan::budget},
        coffer::bucket{"package", &lasting_plan::package});

    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

}  // namespace

TEST_CASE("rule 13: a lot that is rolled or granted anew keeps its bucket's place") {
    coffer::memory_store store;
    coffer::manual_clock clock{at("2026-01-31T10:00:00Z")};
    coffer::wallets wallets{lasting_plan{}, store, clock};
    auto w = wallets["acme"];
    w.start().or_throw();
    w.grant({.bucket = "package", .amount = 50_cr}).or_throw();
    w.charge({.amount = 2_cr, .request = "early"})
        .or_throw();  // a third of the rest rounds its basis

    clock.set(at("2026-03-01T10:00:00Z"));
    w.refund({.charge = "early", .request = "back"}).or_throw();
    const auto all = parts_of(w, w.charge({.amount = w.balance()->available}).or_throw());

    REQUIRE(all.size() == 4);  // rolled, refilled, granted anew, package
    for (std::size_t i = 0; i < 3; ++i) CHECK(all[i].bucket == "budget");
    CHECK(all[3].bucket == "package");
}
