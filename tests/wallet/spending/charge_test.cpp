#include "support/wallet_fixture.hpp"

#include <coffer/perform/receipt.hpp>

#include <type_traits>

using namespace coffer_test;

namespace {

/// Prices for the tests below.
lab_plan priced() {
    lab_plan plan;
    plan.cost = {{"post", coffer::cost::flat{1_cr}},
                 {"ping", coffer::cost::free{}},
                 {"voice", coffer::cost::per_unit{.each = 0.05_cr_each}},
                 {"chat", coffer::cost::tokens{.rates = {.input = 0.0000003_cr_each,
                                                         .output = 0.0000012_cr_each}}},
                 {"huge", coffer::cost::flat{coffer::credits::max()}},
                 {"minus", coffer::cost::flat{micros(-1'618'800'000)}},
                 {"minus-unit", coffer::cost::per_unit{.each = coffer::rate::from_picos(-1)}}};
    return plan;
}

/// Only its members may spend.
struct members_plan {
    coffer::cost_table cost{{"post", coffer::cost::flat{1_cr}}};
    lab_bucket package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &members_plan::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::members access{"ann", "bob"};
};

}  // namespace

TEST_CASE("rule 1: amounts come from exact text alone") {
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::credits, double>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::rate, float>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::quantity, double>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::money, double>);
    CHECK(coffer::credits::parse("38.709677") == 38.709677_cr);
    CHECK(coffer::credits::parse("3e-06") == micros(3));
    CHECK(coffer::credits::parse("38.70967742") == coffer::errc::invalid_argument);
    CHECK(coffer::credits::parse("17.9699999999999988631316") == coffer::errc::invalid_argument);
    CHECK(coffer::rate::parse("3.75e-06").or_throw().picos() == 3'750'000);
}

TEMPLATE_TEST_CASE("rule 2: a grant that does not fit is amount_overflow and changes nothing", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    SECTION("beside what is available") {
        l.grant(coffer::credits::max());
        unchanged same{l};
        CHECK(l.w.grant({.bucket = "package", .amount = micros(1)}) ==
              coffer::errc::amount_overflow);
    }
    SECTION("beside what is held: a release must always fit") {
        l.grant(coffer::credits::max());
        auto hold = l.w.hold({.amount = coffer::credits::max(), .expires_in = 1min}).or_throw();
        {
            unchanged same{l};
            CHECK(l.w.grant({.bucket = "package", .amount = micros(1)}) ==
                  coffer::errc::amount_overflow);
        }
        CHECK(hold.release());
        CHECK(l.available() == coffer::credits::max());
    }
    SECTION("beside what becomes effective later") {
        l.grant(coffer::credits::max(), {.effective = at("2026-02-01T00:00:00Z")});
        {
            unchanged same{l};
            CHECK(l.w.grant({.bucket = "package", .amount = micros(1)}) ==
                  coffer::errc::amount_overflow);
        }
        l.go("2026-02-01T00:00:00Z");
        CHECK(l.available() == coffer::credits::max());
    }
    SECTION("a refund for which there is no room") {
        l.grant(coffer::credits::max());
        l.w.charge({.amount = 5_cr, .request = "c"}).or_throw();
        l.grant(5_cr);
        unchanged same{l};
        CHECK(l.w.refund({.charge = "c"}) == coffer::errc::amount_overflow);
    }
}

TEMPLATE_TEST_CASE("rule 2: a price that does not fit is amount_overflow and changes nothing", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    unchanged same{l};
    CHECK(l.w.charge({.action = "huge", .quantity = 2_units}) == coffer::errc::amount_overflow);
    CHECK(l.w.quote({.action = "huge", .quantity = 2_units}) == coffer::errc::amount_overflow);
    CHECK(l.w.hold({.action = "huge", .quantity = 2_units}).error() ==
          coffer::errc::amount_overflow);
    // The price of 2^63 − 1 tokens still fits, and there is too little for it.
    CHECK(
        l.w.charge({.action = "chat", .input_tokens = std::numeric_limits<std::int64_t>::max()}) ==
        coffer::errc::insufficient_credits);
}

TEMPLATE_TEST_CASE("rule 2: what was used in a period does not overflow either", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(coffer::credits::max());
    l.charge(coffer::credits::max());
    l.grant(10_cr);
    unchanged same{l};
    CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::amount_overflow);
}

TEMPLATE_TEST_CASE("rule 3: a price is rounded up once over all its lines", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    // 1 × 0.0000003 + 1 × 0.0000012 = 0.0000015
    CHECK(l.w.charge({.action = "chat", .input_tokens = 1, .output_tokens = 1}).or_throw().cost ==
          0.000002_cr);
    CHECK(l.w.charge({.action = "chat", .input_tokens = 10, .output_tokens = 10}).or_throw().cost ==
          0.000015_cr);
}

TEMPLATE_TEST_CASE("rule 3: splitting usage never makes it cheaper", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(1'000_cr);
    for (std::int64_t whole : {2, 3, 7, 10, 333, 2'003}) {
        auto price = [&](std::int64_t tokens) {
            return l.w.quote({.action = "chat", .input_tokens = tokens}).or_throw().receipt.cost;
        };
        std::int64_t parts = 0;
        for (std::int64_t left = whole; left > 0; left -= std::min<std::int64_t>(left, 3)) {
            parts += price(std::min<std::int64_t>(left, 3)).micros();
        }
        CAPTURE(whole);
        CHECK(parts >= price(whole).micros());
    }
}

TEMPLATE_TEST_CASE("rule 4: negative amounts are refused everywhere", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    auto hold = l.w.hold({.amount = 4_cr}).or_throw();
    l.w.charge({.amount = 2_cr, .request = "c"}).or_throw();
    {
        unchanged same{l};
        for (coffer::credits minus : {micros(-1), coffer::credits::min()}) {
            CHECK(l.w.charge({.amount = minus}) == coffer::errc::invalid_argument);
            CHECK(l.w.quote({.amount = minus}) == coffer::errc::invalid_argument);
            CHECK(l.w.hold({.amount = minus}).error() == coffer::errc::invalid_argument);
            CHECK(l.w.hold({.action = "post", .at_most = minus}).error() ==
                  coffer::errc::invalid_argument);
            CHECK(l.w.hold({.amount = 1_cr, .tolerance = minus}).error() ==
                  coffer::errc::invalid_argument);
            CHECK(l.w.grant({.bucket = "package", .amount = minus}) ==
                  coffer::errc::invalid_argument);
            CHECK(hold.settle({.amount = minus}) == coffer::errc::invalid_argument);
            CHECK(l.w.refund({.charge = "c", .amount = minus}) == coffer::errc::invalid_argument);
            CHECK(l.w.void_lot({.lot = coffer::lot_id{1}, .amount = minus}) ==
                  coffer::errc::invalid_argument);
        }
        CHECK(l.w.grant({.bucket = "package", .amount = 1_cr, .paid = usd(-1)}) ==
              coffer::errc::invalid_argument);
        CHECK(l.w.charge({.action = "voice", .quantity = coffer::quantity::from_micros(-1)}) ==
              coffer::errc::invalid_argument);
        CHECK(l.w.charge({.action = "chat", .input_tokens = -1, .output_tokens = 100}) ==
              coffer::errc::invalid_argument);
        CHECK(l.w.charge({.action = "chat",
                          .cache_write_tokens = std::numeric_limits<std::int64_t>::min()}) ==
              coffer::errc::invalid_argument);
    }
    CHECK(hold.settle({.amount = 0_cr}).or_throw().cost == 0_cr);
}

TEMPLATE_TEST_CASE("rule 4: a negative price is refused and mints nothing", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    auto hold = l.w.hold({.action = "minus", .at_most = 0.000001_cr}).or_throw();
    {
        unchanged same{l};
        CHECK(l.w.charge({.action = "minus"}) == coffer::errc::policy_contract);
        CHECK(l.w.quote({.action = "minus"}) == coffer::errc::policy_contract);
        CHECK(l.w.hold({.action = "minus"}).error() == coffer::errc::policy_contract);
        CHECK(l.w.charge({.action = "minus-unit", .quantity = 1'000'000_units}) ==
              coffer::errc::policy_contract);
        CHECK(hold.settle({.quantity = 1_units}) == coffer::errc::policy_contract);
    }
    CHECK(hold.owns());
    CHECK(hold.release());
    CHECK(l.available() == 10_cr);
}

TEMPLATE_TEST_CASE("rule 14: a charge may span lots and buckets, each part recorded", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l;
    auto budget = l.grant(1_cr, {.bucket = "budget"});
    auto bonus = l.grant(2_cr, {.bucket = "bonus"});
    auto pack1 = l.grant(3_cr);
    auto pack2 = l.grant(4_cr);

    auto small = l.charge(0.5_cr);
    auto large = l.charge(8.25_cr);

    CHECK(taken(l.w, small) == taken_list{{budget, 0.5_cr}});
    CHECK(taken(l.w, large) ==
          taken_list{{budget, 0.5_cr}, {bonus, 2_cr}, {pack1, 3_cr}, {pack2, 2.75_cr}});
    CHECK(parts_of(l.w, large)[1].bucket == coffer::bucket_id::of("bonus"));
    CHECK(large.cost == 8.25_cr);
    CHECK(large.debt == 0_cr);
    CHECK(totals_before(l.w, large).available == 9.5_cr);
    CHECK(large.after.available == 1.25_cr);

    // What did this lot pay for?
    auto of_budget = l.w.entries({.lot = budget}).or_throw().entries;
    REQUIRE(of_budget.size() == 3);
    CHECK(of_budget[0].kind == coffer::entry_kind::granted);
    CHECK(of_budget[1].id == small.id);
    CHECK(of_budget[2].id == large.id);
    CHECK(l.w.entries({.lot = pack2}).or_throw().entries.size() == 2);
    // What paid for this charge?
    auto whole = l.w.entries({.after = coffer::entry_id{large.id.value() - 1}}).or_throw();
    REQUIRE(whole.entries.size() == 1);
    CHECK(taken(whole.entries[0].parts) == taken(l.w, large));
    CHECK(whole.entries[0].amount == 8.25_cr);
}

TEMPLATE_TEST_CASE("rule 14: a charge over hundreds of lots is one entry", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    for (int i = 0; i < 300; ++i) l.grant(0.1_cr);
    auto before = l.entry_count();
    auto r = l.charge(29.95_cr);
    CHECK(l.entry_count() == before + 1);
    auto parts = parts_of(l.w, r);
    CHECK(parts.size() == 300);
    CHECK(parts[299].amount == 0.05_cr);
    CHECK(l.available() == 0.05_cr);
}

TEMPLATE_TEST_CASE("rule 17: a refused charge says what it needs and what there is", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(29.5_cr);
    unchanged same{l};
    auto refused = l.w.charge({.action = "post", .quantity = 30_units});
    REQUIRE(refused == coffer::errc::insufficient_credits);
    CHECK(refused.error().required() == 30_cr);
    CHECK(refused.error().acceptable() == 29.5_cr);
}

TEMPLATE_TEST_CASE("rule 17: access is asked before anything is spent", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType, members_plan> l;
    l.grant(10_cr);
    {
        unchanged same{l};
        CHECK(l.w.charge({.action = "post", .member = "eve"}) == coffer::errc::access_denied);
        CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::access_denied);
        CHECK(l.w.quote({.amount = 1_cr, .member = "eve"}) == coffer::errc::access_denied);
        CHECK(l.w.hold({.amount = 1_cr, .member = "eve"}).error() == coffer::errc::access_denied);
        // What is graver comes first: access before the unknown action and the lack of credits.
        CHECK(l.w.charge({.action = "nonsense", .member = "eve"}) == coffer::errc::access_denied);
        CHECK(l.w.charge({.amount = 100_cr, .member = "eve"}) == coffer::errc::access_denied);
    }
    CHECK(l.w.charge({.action = "post", .member = "bob"}));
}

TEMPLATE_TEST_CASE("rule 17: a charge names an action or an amount", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l{priced()};
    l.grant(10_cr);
    {
        unchanged same{l};
        CHECK(l.w.charge({.action = "unheard-of"}) == coffer::errc::unknown_action);
        CHECK(l.w.hold({.action = "unheard-of"}).error() == coffer::errc::unknown_action);
        CHECK(l.w.charge({}) == coffer::errc::invalid_argument);
        CHECK(l.w.hold({}).error() == coffer::errc::invalid_argument);
        // An amount beside an action is for ranges only.
        CHECK(l.w.charge({.action = "post", .amount = 1_cr}) == coffer::errc::invalid_argument);
        CHECK(l.w.grant({.bucket = "no-such", .amount = 1_cr}) == coffer::errc::unknown_bucket);
        CHECK(l.w.grant({.amount = 1_cr}) == coffer::errc::unknown_bucket);
    }
    CHECK(l.w.charge({.action = "post"}).or_throw().cost == 1_cr);
    CHECK(l.w.charge({.action = "post", .quantity = 1.5_units}).or_throw().cost == 1.5_cr);
    CHECK(l.w.charge({.action = "voice", .quantity = 3.3_units}).or_throw().cost == 0.165_cr);
}

TEMPLATE_TEST_CASE("rule 17: what is free goes ahead without credits and is journalled", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    auto r = l.w.charge({.action = "ping", .request = "p"}).or_throw();
    CHECK(r.cost == 0_cr);
    CHECK(l.entry_count() == 1);
    CHECK(l.w.charge({.action = "ping", .request = "p"}).or_throw().repeated);
    CHECK(l.entry_count() == 1);
}

TEMPLATE_TEST_CASE("rule 17: a quote answers as the charge would and writes nothing", "",
                   lends_heads, gives_whole_pages) {
    lab<TestType> l{priced()};
    auto pack = l.grant(10_cr, {.expires = at("2026-01-02T00:00:00Z")});
    auto next = l.grant(3_cr);
    l.go("2026-01-02T00:00:00Z");  // what is due is counted, and not written
    unchanged same{l};
    auto quoted = l.w.quote({.action = "post", .quantity = 2_units, .request = "q"}).or_throw();
    CHECK(quoted.receipt.cost == 2_cr);
    CHECK(quoted.before.available == 3_cr);
    CHECK(quoted.receipt.after.available == 1_cr);
    CHECK(taken(quoted.parts) == taken_list{{next, 2_cr}});
    CHECK(quoted.receipt.lot == next);
    CHECK(quoted.lines.size() == 1);
    CHECK(l.w.quote({.action = "post", .quantity = 4_units}) == coffer::errc::insufficient_credits);
    CHECK(l.left(pack) == 0_cr);
}

TEMPLATE_TEST_CASE("rule 35: transfers are refused unless the plan allows them", "", lends_heads,
                   gives_whole_pages) {
    lab<TestType> l;
    l.grant(10_cr);
    unchanged same{l};
    CHECK(l.w.transfer({.to = "other", .amount = 1_cr, .request = "t"}) ==
          coffer::errc::transfer_refused);
    CHECK(l.wallets["other"].balance().or_throw().available == 0_cr);
}
