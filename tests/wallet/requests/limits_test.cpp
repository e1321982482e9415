#include "support/wallet_fixture.hpp"

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

TEMPLATE_TEST_CASE("rule 41: texts have a length that they may have and no more", "", lends_heads,
                   gives_whole_pages) {
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

TEMPLATE_TEST_CASE("rule 41: a wallet has a name of 1 to 63 bytes", "", lends_heads,
                   gives_whole_pages) {
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
    for (const std::string& good : {std::string(63, 'w'), std::string("\0", 1), std::string("\xff"),
                                    std::string("a b/c'\"")}) {
        auto w = l.wallets[coffer::wallet_id{good}];
        CHECK(w.grant({.bucket = "package", .amount = 1_cr}));
        CHECK(w.balance().or_throw().available == 1_cr);
    }
}

TEMPLATE_TEST_CASE("rule 2: amounts at the ends of 64 bits give typed errors", "", lends_heads,
                   gives_whole_pages) {
    lab_plan plan = priced();
    SECTION("denied") {}
    SECTION("with an overdraft") {
        plan.overdraft = {coffer::overdraft::limit{.amount = coffer::credits::max()}};
    }
    SECTION("with what is there") { plan.overdraft = {coffer::overdraft::take_available{}}; }
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
        (void)l.w.quote({.action = "chat",
                         .input_tokens = n,
                         .output_tokens = n,
                         .reasoning_tokens = n,
                         .cached_tokens = n,
                         .cache_write_tokens = n});
        CHECK_FALSE(l.w.hold({.amount = amount}));
        CHECK_FALSE(l.w.hold({.action = "post", .at_most = amount}));
        CHECK_FALSE(l.w.void_lot({.lot = lot, .amount = amount}));
        CHECK_FALSE(l.w.refund({.charge = "c", .amount = amount}));
        if (n < 0) CHECK_FALSE(l.w.grant({.bucket = "package", .amount = amount}));
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

TEMPLATE_TEST_CASE("rule 2: a plan with absurd terms gives typed errors", "", lends_heads,
                   gives_whole_pages) {
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

TEST_CASE("rule 41: open holds have a limit that is too_many") {
    lab<> l;
    coffer::account a;
    std::vector<coffer::entry> entries;
    const auto now = l.clock.now();
    auto add = [&](auto&& decide) {
        coffer::entry e;
        REQUIRE(decide(e));
        REQUIRE(coffer::apply(a, e));
        entries.push_back(std::move(e));
    };
    const coffer::bucket_filter all;
    const coffer::lot_terms terms{.bucket = coffer::bucket_id::of("package"), .effective = now};
    add([&](coffer::entry& e) { return decide_grant(a, terms, 1'000_cr, {}, now, e); });
    for (std::size_t i = 0; i < coffer::max_holds; ++i) {
        add([&](coffer::entry& e) {
            return decide_hold(a, {.amount = micros(1), .from = all}, {}, now + 1h, now, e);
        });
    }
    REQUIRE(l.store.commit({.wallet = l.id, .expected = {}, .after = a, .entries = entries}) ==
            coffer::commit_outcome::committed);

    CHECK(l.w.hold({.amount = micros(1)}).error() == coffer::errc::too_many);
    CHECK(l.w.charge({.amount = 1_cr}));
    CHECK(l.w.settle(coffer::hold_id{2}));
    auto again = l.w.hold({.amount = micros(1)}).or_throw();
    CHECK(l.w.hold({.amount = micros(1)}).error() == coffer::errc::too_many);
    CHECK(again.release());
    CHECK(coffer::max_holds >= 1'000);
}

TEMPLATE_TEST_CASE("rule 41: a long catch-up is committed in steps and never refused", "",
                   lends_heads, gives_whole_pages) {
    constexpr std::size_t hours = 5'100;  // two entries each, which is more than one step
    lab_plan plan;
    plan.budget.refill = {.length = 1h, .amount = 1_cr};
    lab<TestType> l{plan};
    l.start();
    l.clock.advance(std::chrono::hours{hours});
    SECTION("before a charge") { CHECK(l.w.charge({.amount = 1_cr, .request = "c"})); }
    SECTION("before a refusal") {
        CHECK(l.w.charge({.amount = 2_cr}) == coffer::errc::insufficient_credits);
    }
    SECTION("seen by a balance and a quote") {
        CHECK(l.available() == 1_cr);
        CHECK(l.balance().running->index == hours);
        CHECK(l.w.quote({.amount = 1_cr}).or_throw().receipt.after.available == 0_cr);
        CHECK(l.entry_count() == 2);
        CHECK(l.w.sweep() == 2 * hours);
    }
    auto log = l.entries();
    CHECK(log.count(coffer::entry_kind::period_began) == hours + 1);
    CHECK(log.count(coffer::entry_kind::forfeited) == hours);
    CHECK(l.w.sweep() == std::size_t{0});
}

namespace {

/// A wallet of that many lots of 100, built as one commit, in the burn order of its plan or not.
template <class Lab>
void fill(Lab& l, const std::vector<coffer::lot_terms>& lots) {
    coffer::account a;
    std::vector<coffer::entry> entries;
    entries.reserve(lots.size());
    bool granted = true;  // asserting each would take longer than all the rest
    for (const coffer::lot_terms& terms : lots) {
        coffer::entry& e = entries.emplace_back();
        granted = granted && coffer::decide_grant(a, terms, 100_cr, {}, l.clock.now(), e) &&
                  coffer::apply(a, e);
    }
    REQUIRE(granted);
    REQUIRE(l.store.commit({.wallet = l.id, .expected = {}, .after = a, .entries = entries}) ==
            coffer::commit_outcome::committed);
}

}  // namespace

TEST_CASE("rule 13: among 100,000 lots the soonest to expire burns first") {
    lab<> l;
    l.audited = false;  // which would take most of the time; smaller lives are
    std::vector<coffer::lot_terms> lots(100'000, {.bucket = coffer::bucket_id::of("package"),
                                                  .effective = at("2026-01-01T00:00:00Z"),
                                                  .expires = at("2026-01-31T00:00:00Z")});
    lots[71'234].expires = at("2026-01-30T00:00:00Z");
    fill(l, lots);

    auto r = l.charge(99_cr);

    REQUIRE(taken(l.w, r) == taken_list{{coffer::lot_id{71'235}, 99_cr}});
    auto after = l.w.lots().or_throw();
    CHECK(after.size() == lots.size());
    CHECK(std::count_if(after.begin(), after.end(), [](const coffer::lot& each) {
              return each.available == 100_cr;
          }) == 99'999);
    CHECK(after[71'234].available == 1_cr);
    CHECK(taken(l.w, l.charge(2_cr)) ==
          taken_list{{coffer::lot_id{71'235}, 1_cr}, {coffer::lot_id{1}, 1_cr}});

    // Rule 41: so many lots are allowed, and one more, and all in one charge.
    auto late = l.grant(100_cr);
    auto all = l.charge(9'999'950_cr);
    auto parts = parts_of(l.w, all);
    CHECK(parts.size() == 100'000);
    CHECK(all.after.available == 49_cr);
    CHECK(parts[99'999].lot == late);
}

TEST_CASE("rule 15: thousands of lots may expire at one instant") {
    lab<> l;
    fill(l, std::vector<coffer::lot_terms>(3'000, {.bucket = coffer::bucket_id::of("package"),
                                                   .effective = at("2026-01-01T00:00:00Z"),
                                                   .expires = at("2026-01-02T00:00:00Z")}));
    l.go("2026-01-02T00:00:00Z");
    CHECK(l.w.sweep());
    CHECK(l.entries().of(coffer::entry_kind::expired).size() == 3'000);
    CHECK(l.available() == 0_cr);
}
