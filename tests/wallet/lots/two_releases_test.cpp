// A static plan that changes between two releases of a program, while both run on one store.
#include "support/wallet_fixture.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;

namespace {

template <int Monthly>
struct monthly_bucket {
    coffer::refill::monthly refill{.amount = coffer::credits::whole(Monthly).or_throw()};
    coffer::rollover::none rollover{};
    coffer::expiry::at_period_end expiry{};
    coffer::refund::none refund{};
};
struct package_bucket {
    coffer::refill::none refill{};
    coffer::rollover::all rollover{};
    coffer::expiry::never expiry{};
    coffer::refund::within refund{coffer::days{14}};
};

/// What the program sold in spring: a bonus that burns first, 100 a month, packages.
struct spring_plan {
    coffer::cost_table cost{};
    monthly_bucket<20> bonus{};
    monthly_bucket<100> allowance{};
    package_bucket package{};
    static constexpr auto buckets = coffer::in_order(  //
        coffer::bucket{"bonus", &spring_plan::bonus},
        coffer::bucket{"allowance", &spring_plan::allowance},
        coffer::bucket{"package", &spring_plan::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

/// What the next release sells: no bonus, 150 a month, and what is disputed is owed.
struct summer_plan {
    coffer::cost_table cost{};
    monthly_bucket<150> allowance{};
    package_bucket package{};
    static constexpr auto buckets = coffer::in_order(  //
        coffer::bucket{"allowance", &summer_plan::allowance},
        coffer::bucket{"package", &summer_plan::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
    coffer::clawback::negative clawback{};
};

/// One wallet of one store, served by programs of both releases.
template <class Store>
struct deployment {
    template <class Plan>
    using wallets_of = coffer::wallets<Plan, Store, coffer::manual_clock>;

    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    Store store;
    wallets_of<spring_plan> spring{spring_plan{}, store, clock};
    wallets_of<summer_plan> summer{summer_plan{}, store, clock};
    typename wallets_of<spring_plan>::wallet_type by_spring = spring["acme"];
    typename wallets_of<summer_plan>::wallet_type by_summer = summer["acme"];

    deployment() { by_spring.start().or_throw(); }

    coffer::credits left_in(std::string_view bucket) const {
        return by_summer.balance().or_throw().available_in(coffer::bucket_id::of(bucket));
    }
    std::size_t count(coffer::entry_kind kind) const {
        const auto journal = by_summer.entries().or_throw();
        return static_cast<std::size_t>(
            std::count_if(journal.entries.begin(), journal.entries.end(),
                          [&](const coffer::entry& e) { return e.kind == kind; }));
    }
    bool agrees() {
        const auto journal = by_summer.entries().or_throw();
        return coffer::replay(journal.entries).or_throw() ==
                   coffer::load(store, "acme").or_throw() &&
               by_spring.verify().has_value() && by_summer.verify().has_value();
    }
};

/// The buckets that pay for a charge.
std::vector<std::string> payers(const coffer::wallet& w, coffer::credits amount) {
    std::vector<std::string> names;
    const coffer::receipt done = w.charge({.amount = amount}).or_throw();
    for (const coffer::part& p : parts_of(w, done)) names.emplace_back(p.bucket.name());
    return names;
}

using names = std::vector<std::string>;

}  // namespace

TEMPLATE_TEST_CASE("lots of a bucket that a release drops stay, and burn last under it", "",
                   lends_heads, gives_whole_pages) {
    deployment<TestType> d;
    d.by_spring.grant({.bucket = "package", .amount = 30_cr}).or_throw();
    CHECK(d.by_summer.balance()->available == 150_cr);

    CHECK(payers(d.by_summer, 10_cr) == names{"allowance"});
    CHECK(payers(d.by_spring, 5_cr) == names{"bonus"});
    CHECK(payers(d.by_summer, 130_cr) == names{"allowance", "package", "bonus"});
    CHECK(d.left_in("bonus") == 5_cr);
    CHECK(d.by_summer.grant({.bucket = "bonus", .amount = 1_cr}) == coffer::errc::unknown_bucket);

    d.clock.set(at("2026-02-01T00:00:00Z"));
    CHECK(d.left_in("bonus") == 0_cr);
    CHECK(d.agrees());
}

TEMPLATE_TEST_CASE("each release that finds the other's burn order writes its own, once", "",
                   lends_heads, gives_whole_pages) {
    deployment<TestType> d;
    const auto charge = [](const auto& wallet) { wallet.charge({.amount = 1_cr}).or_throw(); };
    charge(d.by_spring);
    CHECK(d.count(coffer::entry_kind::reordered) == 0);
    charge(d.by_summer);
    charge(d.by_summer);
    CHECK(d.count(coffer::entry_kind::reordered) == 1);
    charge(d.by_spring);
    charge(d.by_spring);
    CHECK(d.count(coffer::entry_kind::reordered) == 2);
    CHECK(d.by_summer.balance()->available == 115_cr);
    CHECK(d.count(coffer::entry_kind::reordered) == 2);
    CHECK(d.agrees());
}

TEMPLATE_TEST_CASE("a period is opened by the release that serves first in it, for its length", "",
                   lends_heads, gives_whole_pages) {
    deployment<TestType> d;
    CHECK(d.by_summer.balance()->available == 120_cr);

    d.clock.set(at("2026-02-01T00:00:00Z"));
    d.by_summer.charge({.amount = 1_cr}).or_throw();
    d.by_spring.charge({.amount = 1_cr}).or_throw();
    CHECK(d.by_spring.balance()->available == 148_cr);

    d.clock.set(at("2026-03-01T00:00:00Z"));
    d.by_spring.charge({.amount = 1_cr}).or_throw();
    d.by_summer.charge({.amount = 1_cr}).or_throw();
    CHECK(d.by_summer.balance()->available == 98_cr);
    CHECK(d.agrees());
}

TEMPLATE_TEST_CASE("a bucket that one release has ended does not refill under the other", "",
                   lends_heads, gives_whole_pages) {
    deployment<TestType> d;
    d.clock.set(at("2026-02-01T00:00:00Z"));
    d.by_summer.sweep().or_throw();
    d.clock.set(at("2026-03-01T00:00:00Z"));
    d.by_spring.sweep().or_throw();
    CHECK(d.left_in("bonus") == 0_cr);
    CHECK(d.left_in("allowance") == 100_cr);

    d.by_spring.start().or_throw();
    CHECK(d.left_in("bonus") == 20_cr);
    CHECK(d.agrees());
}

TEMPLATE_TEST_CASE("a part that a release adds holds for what that release does", "", lends_heads,
                   gives_whole_pages) {
    deployment<TestType> d;
    const auto buy_and_spend = [&] {
        const auto bought =
            d.by_spring.grant({.bucket = "package", .amount = 30_cr, .paid = usd(300)}).or_throw();
        d.by_spring.charge({.amount = d.by_spring.balance()->available}).or_throw();
        return bought.lot;
    };
    const auto first = buy_and_spend();
    d.by_spring.dispute({.lot = first}).or_throw();
    CHECK(d.by_spring.balance()->debt == 0_cr);

    const auto second = buy_and_spend();
    d.by_summer.dispute({.lot = second}).or_throw();
    CHECK(d.by_spring.balance()->debt == 30_cr);
    CHECK(d.agrees());
}
