#include "support/wallet_fixture.hpp"

#include <random>

using namespace coffer_test;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

bool refused_as_input(coffer::errc code) {
    return code == coffer::errc::invalid_argument || code == coffer::errc::too_many;
}

lab_plan priced() {
    lab_plan plan;
    plan.cost = {{"post", coffer::cost::flat{1_cr}},
                 {"unit", coffer::cost::per_unit{.each = 0.000000000001_cr_each}},
                 {"step", coffer::cost::per_unit{.each = 1_cr_each, .increment = 7_units}},
                 {"chat", coffer::cost::tokens{.rates = {.input = 1_cr_each,
                                                         .output = 1_cr_each,
                                                         .reasoning = 1_cr_each,
                                                         .cached = 1_cr_each,
                                                         .cache_write = 1_cr_each}}}};
    return plan;
}

}  // namespace

TEMPLATE_TEST_CASE("rule 41: texts have a length that they may have and no more", "", in_place,
                   load_commit) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    const std::string label(coffer::max_label_size, 'm');
    const std::string long_label(coffer::max_label_size + 1, 'm');
    const std::string id(coffer::request_id::max_size, 'r');
    const std::string long_id(coffer::request_id::max_size + 1, 'r');
    const std::string huge(10'240, 'h');

    CHECK(l.w.charge({.amount = 1_cr, .member = label, .resource = label, .request = id}));
    auto e = l.entries().entries.back();
    CHECK(e.member == label);
    CHECK(e.resource == label);
    CHECK(e.request == id);

    unchanged same{l};
    for (const std::string& bad : {long_label, huge}) {
        auto member = l.w.charge({.amount = 1_cr, .member = bad});
        REQUIRE_FALSE(member);
        CHECK(refused_as_input(member.error().code()));
        auto resource = l.w.hold({.amount = 1_cr, .resource = bad});
        REQUIRE_FALSE(resource);
        CHECK(refused_as_input(resource.error().code()));
        auto action = l.w.charge({.action = bad});
        REQUIRE_FALSE(action);
        CHECK((action == coffer::errc::unknown_action || refused_as_input(action.error().code())));
        CHECK_FALSE(l.w.quote({.action = bad}));
        auto bucket = l.w.grant({.bucket = bad, .amount = 1_cr});
        REQUIRE_FALSE(bucket);
        CHECK(bucket == coffer::errc::unknown_bucket);
        CHECK(bucket.error().subject().size() <= 31);
    }
    for (const std::string& bad : {long_id, huge}) {
        CHECK_FALSE(coffer::request_id{bad}.is_valid());
        std::vector<coffer::result<coffer::receipt>> answers;
        answers.push_back(l.w.charge({.amount = 1_cr, .request = bad}));
        answers.push_back(l.w.grant({.bucket = "package", .amount = 1_cr, .request = bad}));
        answers.push_back(l.w.start({.request = bad}));
        answers.push_back(l.w.settle(coffer::hold_id{1}, {.request = bad}));
        answers.push_back(l.w.release(coffer::hold_id{1}, {.request = bad}));
        answers.push_back(l.w.void_lot({.lot = coffer::lot_id{1}, .request = bad}));
        answers.push_back(
            l.w.expire_at({.lot = coffer::lot_id{1}, .expires = coffer::never, .request = bad}));
        answers.push_back(l.w.refund_purchase({.lot = coffer::lot_id{1}, .request = bad}));
        answers.push_back(l.w.refund({.charge = id, .request = bad}));
        for (std::size_t i = 0; i < answers.size(); ++i) {
            CAPTURE(i);
            REQUIRE_FALSE(answers[i]);
            CHECK(refused_as_input(answers[i].error().code()));
        }
        CHECK_FALSE(l.w.hold({.amount = 1_cr, .request = bad}));
        CHECK_FALSE(l.w.refund({.charge = bad}));
    }
}

TEMPLATE_TEST_CASE("rule 41: a wallet has a name of 1 to 63 bytes", "", in_place, load_commit) {
    lab<TestType> l;
    for (const std::string& bad : {std::string{}, std::string(64, 'w'), std::string(10'240, 'w')}) {
        auto w = l.wallets[coffer::wallet_id{bad}];
        CHECK(w.charge({.amount = 0_cr}) == coffer::errc::invalid_argument);
        CHECK(w.grant({.bucket = "package", .amount = 1_cr}) == coffer::errc::invalid_argument);
        CHECK(w.hold({.amount = 1_cr}).error() == coffer::errc::invalid_argument);
        CHECK(w.start() == coffer::errc::invalid_argument);
        CHECK(w.balance() == coffer::errc::invalid_argument);
        CHECK(w.lots().error() == coffer::errc::invalid_argument);
        CHECK(w.sweep() == coffer::errc::invalid_argument);
        CHECK(w.settle(coffer::hold_id{1}) == coffer::errc::invalid_argument);
        CHECK(w.resume(coffer::hold_id{1}).error() == coffer::errc::invalid_argument);
        CHECK_FALSE(w.refund({.charge = "c"}));
    }
    for (const std::string& good : {std::string(63, 'w'), std::string("\0", 1),
                                    std::string("\xff"), std::string("a b/c'\"")}) {
        auto w = l.wallets[coffer::wallet_id{good}];
        CHECK(w.grant({.bucket = "package", .amount = 1_cr}));
        CHECK(w.balance().or_throw().available == 1_cr);
    }
}

TEMPLATE_TEST_CASE("rule 2: amounts at the ends of 64 bits give typed errors", "", in_place,
                   load_commit) {
    lab_plan plan = priced();
    SECTION("denied") {}
    SECTION("with an overdraft") {
        plan.overdraft = {coffer::overdraft::limit{.amount = coffer::credits::max()}};
    }
    SECTION("with what is there") {
        plan.overdraft = {coffer::overdraft::take_available{}};
    }
    lab<TestType> l{plan};
    l.books.debt_beside_credits = false;
    l.grant(100_cr, {.paid = usd(highest)});
    l.w.charge({.amount = 1_cr, .request = "c"}).or_throw();
    auto id = l.w.hold({.amount = 1_cr, .tolerance = coffer::credits::max(), .request = "h"})
                  .or_throw()
                  .detach();
    auto lot = coffer::lot_id{1};

    // Whatever they answer, the books add up: the auditor and the sanitizers are the judges.
    auto books = [&] { CHECK(l.audit() == ""); };
    for (std::int64_t n : {lowest, lowest + 1, std::int64_t{-1}, highest - 1, highest}) {
        CAPTURE(n);
        const auto amount = micros(n);
        const auto units = coffer::quantity::from_micros(n);
        (void)l.w.quote({.amount = amount});
        (void)l.w.quote({.action = "unit", .quantity = units});
        (void)l.w.quote({.action = "step", .quantity = units});
        (void)l.w.quote({.action = "post", .quantity = units});
        (void)l.w.quote({.action = "chat", .input_tokens = n, .output_tokens = n,
                         .reasoning_tokens = n, .cached_tokens = n, .cache_write_tokens = n});
        CHECK_FALSE(l.w.hold({.amount = amount}));
        CHECK_FALSE(l.w.hold({.action = "post", .at_most = amount}));
        CHECK_FALSE(l.w.void_lot({.lot = lot, .amount = amount}));
        CHECK_FALSE(l.w.refund({.charge = "c", .amount = amount}));
        CHECK_FALSE(l.w.grant({.bucket = "package", .amount = amount}));
        CHECK_FALSE(l.w.charge({.action = "step", .quantity = units}));
        CHECK_FALSE(l.w.charge({.action = "chat", .output_tokens = n}));
        books();
        if (n < 0) {
            CHECK(l.w.charge({.amount = amount}) == coffer::errc::invalid_argument);
            CHECK(l.w.settle(id, {.amount = amount}) == coffer::errc::invalid_argument);
        } else {
            (void)l.w.settle(id, {.amount = amount});
            books();
            (void)l.w.charge({.amount = amount});
        }
        books();
    }
    for (auto when : {coffer::instant::min(), coffer::instant::max(), coffer::instant{}}) {
        CHECK_FALSE(l.w.charge({.amount = 1_cr, .at = when}));
        CHECK_FALSE(l.w.hold({.amount = 1_cr, .at = when}));
        (void)l.w.start({.anchor = when});
        (void)l.w.grant({.bucket = "package", .amount = 1_cr, .effective = when});
        (void)l.w.grant({.bucket = "package", .amount = 1_cr, .expires = when});
        (void)l.w.expire_at({.lot = lot, .expires = when});
        books();
    }
    for (auto number : {0u, 1u, 4'294'967'295u}) {
        (void)l.w.refund({.entry = coffer::entry_id{number}});
        (void)l.w.refund_purchase({.lot = coffer::lot_id{number}});
        (void)l.w.entries({.after = coffer::entry_id{number}});
        (void)l.w.entries({.before = coffer::entry_id{number}});
        (void)l.w.entries({.about = coffer::entry_id{number}});
        (void)l.w.entries({.lot = coffer::lot_id{number}});
        (void)l.w.entries({.after = coffer::entry_id{number}, .newest_first = true});
        books();
    }
}

TEMPLATE_TEST_CASE("rule 2: a plan with absurd terms gives typed errors", "", in_place,
                   load_commit) {
    lab_plan plan;
    plan.budget.refill = {.length = coffer::months{2'000'000'000}, .amount = 1_cr};
    SECTION("a period longer than all time") {}
    SECTION("an expiry beyond all time") {
        plan.package.expiry = {coffer::expiry::after{coffer::years{2'000'000'000}}};
    }
    SECTION("a refund window beyond all time") {
        plan.package.refund = {coffer::refund::within{.window = coffer::days{2'000'000'000}}};
    }
    SECTION("a nonsensical share") {
        plan.budget.refill.length = coffer::days{1};
        plan.budget.rollover = {coffer::rollover::fraction{1, 0}};
    }
    SECTION("a share of more than all") {
        plan.budget.refill.length = coffer::days{1};
        plan.budget.rollover = {coffer::rollover::fraction{3, 2}};
    }
    lab<TestType> l{plan};
    (void)l.w.start();
    auto granted = l.w.grant({.bucket = "package", .amount = 1_cr, .paid = usd(100)});
    if (granted) (void)l.w.refund_purchase({.lot = granted->lot});
    l.go("2026-01-05T00:00:00Z");
    (void)l.w.sweep();
    (void)l.w.charge({.amount = 1_cr});
    CHECK(l.audit() == "");
}

TEMPLATE_TEST_CASE("rule 41: open holds have a limit that is too_many", "", in_place,
                   load_commit) {
    constexpr std::size_t some = std::is_same_v<TestType, in_place> ? coffer::max_holds : 50;
    lab<TestType> l;
    l.grant(100'000_cr);
    coffer::hold_id last;
    for (std::size_t i = 0; i < some; ++i) {
        last = l.w.hold({.amount = 0.000001_cr, .expires_in = 1h}).or_throw().detach();
    }
    if (some < coffer::max_holds) return;  // too slow where each copies the account
    CHECK(l.w.hold({.amount = 0.000001_cr}).error() == coffer::errc::too_many);
    CHECK(l.balance().held.micros() == static_cast<std::int64_t>(some));
    CHECK(l.w.settle(last));
    auto again = l.w.hold({.amount = 0.000001_cr}).or_throw();
    CHECK(again.release());
    l.go("2026-01-01T01:00:00Z");
    CHECK(l.balance().held == 0_cr);
    CHECK(l.available() == 99'999.999999_cr);
    CHECK(l.w.charge({.amount = 1_cr}));
}

TEMPLATE_TEST_CASE("rule 41: a long catch-up is committed in steps and never refused", "",
                   in_place, load_commit) {
    lab_plan plan;
    plan.budget.refill = {.length = 1h, .amount = 1_cr};
    lab<TestType> l{plan};
    l.start();
    l.go("2027-01-01T00:30:00Z");  // 8,760 hours
    SECTION("before a charge") { CHECK(l.w.charge({.amount = 1_cr, .request = "c"})); }
    SECTION("before a refusal") {
        CHECK(l.w.charge({.amount = 2_cr}) == coffer::errc::insufficient_credits);
    }
    SECTION("before a hold") { CHECK(l.w.hold({.amount = 1_cr}).or_throw().release()); }
    SECTION("by a sweep") { CHECK(l.w.sweep() == std::size_t{2 * 8'760}); }
    SECTION("seen by a balance") {
        CHECK(l.available() == 1_cr);
        CHECK(l.balance().running->index == 8'760);
        CHECK(l.entry_count() == 2);
        CHECK(l.w.quote({.amount = 1_cr}));
    }
    CHECK(l.w.sweep());
    CHECK(l.entries().count(coffer::entry_kind::period_began) == 8'761);
    CHECK(l.entries().count(coffer::entry_kind::forfeited) >= 8'760);
}

namespace {

/// A wallet of that many lots, built as one commit.
template <class Store>
void fill(Store& store, const coffer::wallet_id& wallet, std::size_t count,
          const std::function<coffer::lot_terms(std::size_t)>& terms,
          const std::vector<std::size_t>& arrival, const std::vector<std::size_t>& before) {
    coffer::account a;
    std::vector<coffer::entry> entries;
    entries.reserve(count);
    (void)before;
    for (std::size_t i : arrival) {
        coffer::entry e;
        coffer::burn_position last{.before = {}, .order = 0};
        REQUIRE(coffer::decide_grant(a, terms(i), 100_cr, last, at("2026-01-01T00:00:00Z"), e));
        REQUIRE(coffer::apply(a, e));
        entries.push_back(std::move(e));
    }
    REQUIRE(store.commit({.wallet = wallet, .expected = {}, .after = a, .entries = entries}) ==
            coffer::commit_outcome::committed);
}

}  // namespace

TEST_CASE("rule 13: among 100,000 lots in any order the soonest to expire burns first") {
    constexpr std::size_t count = 100'000;
    lab<> l;
    std::vector<std::size_t> arrival(count);
    for (std::size_t i = 0; i < count; ++i) arrival[i] = i;
    std::shuffle(arrival.begin(), arrival.end(), std::mt19937{7});
    auto terms = [](std::size_t i) {
        return coffer::lot_terms{
            .bucket = coffer::bucket_id::of("package"),
            .effective = at("2026-01-01T00:00:00Z"),
            .expires = i == 4'711 ? at("2026-01-30T00:00:00Z") : at("2026-01-31T00:00:00Z")};
    };
    fill(l.store, l.id, count, terms, arrival, {});

    auto r = l.charge(99_cr);

    REQUIRE(r.parts.size() == 1);
    auto lots = l.w.lots().or_throw();
    CHECK(lots.size() == count);
    std::size_t whole = 0;
    for (const coffer::lot& each : lots) {
        if (each.available == 100_cr) {
            ++whole;
        } else {
            CHECK(each.available == 1_cr);
            CHECK(each.terms.expires == at("2026-01-30T00:00:00Z"));
        }
    }
    CHECK(whole == count - 1);
    l.charge(2_cr);
    for (int i = 0; i < 200; ++i) l.charge(1_cr);
    l.go("2026-01-31T00:00:00Z");
    CHECK(l.available() == 0_cr);
}

TEST_CASE("rule 41: a wallet may have 100,000 lots and take one more") {
    lab<> l;
    std::vector<std::size_t> arrival(100'000);
    for (std::size_t i = 0; i < arrival.size(); ++i) arrival[i] = i;
    auto terms = [](std::size_t) {
        return coffer::lot_terms{.bucket = coffer::bucket_id::of("package"),
                                 .effective = at("2026-01-01T00:00:00Z")};
    };
    fill(l.store, l.id, arrival.size(), terms, arrival, {});
    CHECK(l.w.grant({.bucket = "package", .amount = 100_cr}));
    auto r = l.w.charge({.amount = 10'000'100_cr}).or_throw();
    CHECK(r.parts.size() == 100'001);
    CHECK(l.available() == 0_cr);
    CHECK(l.w.refund({.entry = r.id}).or_throw().cost == 10'000'100_cr);
    CHECK(l.available() == 10'000'100_cr);
}
