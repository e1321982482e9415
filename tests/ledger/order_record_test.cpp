#include "support/catch.hpp"

#include <coffer/ledger/order.hpp>
#include <coffer/ledger/order_record.hpp>
#include <coffer/ledger/post.hpp>
#include <coffer/testing/store_writer.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace coffer::literals;
using coffer::entry;
using coffer::entry_kind;
using coffer::instant;
using coffer::order_id;
using coffer::order_said;

namespace ledger = coffer::detail;

namespace {

order_said some_order() {
    order_said s{.month_from = instant{}, .month_until = coffer::never, .reference = "pi_1"};
    s.order = {.id = order_id{1},
               .origin = coffer::order_origin::automatic,
               .number = 1,
               .what = {.name = std::string_view{"standard"},
                        .into = coffer::bucket_id::of("packs"),
                        .amount = 50_cr,
                        .price = coffer::money::from_minor(1'000, "EUR"),
                        .bonus_into = coffer::bucket_id::of("gifts"),
                        .bonus = 5_cr},
               .placed = instant{}};
    return s;
}

bool reads(const order_said& s) { return ledger::read_order(ledger::pack(s)).has_value(); }

/// Whether an entry that says so continues an account of nothing.
bool follows(const order_said& s, coffer::credits amount = 50_cr) {
    const std::string packed = ledger::pack(s);
    coffer::account a;
    entry e{.id = coffer::entry_id{1}, .kind = entry_kind::ordered, .amount = amount};
    e.purchase = packed;
    return apply(a, e).has_value();
}

}  // namespace

TEST_CASE("what an entry says of an order reads back as it was") {
    std::mt19937_64 random{7};
    for (int i = 0; i < 2'000; ++i) {
        const std::string packed =
            coffer::testing::detail::random_order(entry_kind::ordered, random);
        const auto read = ledger::read_order(packed);
        REQUIRE(read);
        CHECK(ledger::pack(*read) == packed);
        CHECK(packed.size() <= ledger::max_said_of_order);
    }
}

TEST_CASE("what cannot be an order is not read") {
    CHECK(reads(some_order()));
    const auto broken = [](auto change) {
        order_said s = some_order();
        change(s);
        return !reads(s);
    };
    CHECK(broken([](auto& s) { s.order.id = {}; }));
    CHECK(broken([](auto& s) { s.order.number = 0; }));
    CHECK(broken([](auto& s) { s.order.origin = coffer::order_origin::manual; }));
    CHECK(broken([](auto& s) { s.order.what.into = {}; }));
    CHECK(broken([](auto& s) { s.order.what.amount = {}; }));
    CHECK(broken([](auto& s) { s.order.what.amount = coffer::credits::min(); }));
    CHECK(broken([](auto& s) { s.order.what.price = {}; }));
    CHECK(broken([](auto& s) { s.order.what.price = coffer::money::from_minor(-1, "EUR"); }));
    CHECK(broken([](auto& s) { s.order.what.bonus = coffer::credits::from_micros(-1); }));
    CHECK(broken([](auto& s) { s.order.what.bonus = {}; }));
    CHECK(broken([](auto& s) { s.order.what.bonus_into = {}; }));
    CHECK(broken([](auto& s) { s.order.until = s.order.placed; }));
    const std::string endless(coffer::max_reference_size + 1, 'r');
    CHECK(broken([&](auto& s) { s.reference = endless; }));
}

TEST_CASE("no bytes but those of an order are read as one") {
    const std::string packed = ledger::pack(some_order());
    for (std::size_t size = 0; size < packed.size(); ++size) {
        CHECK_FALSE(ledger::read_order(std::string_view{packed}.substr(0, size)));
    }
    CHECK_FALSE(ledger::read_order(packed + '\0'));
    std::mt19937_64 random{3};
    for (int i = 0; i < 20'000; ++i) {
        std::string hostile = packed;
        for (int n = 0; n < 3; ++n)
            hostile[random() % hostile.size()] = static_cast<char>(random());
        const auto read = ledger::read_order(hostile);
        if (read) CHECK(ledger::pack(*read) == hostile);
    }
}

TEST_CASE("rule 36: an order that does not continue its account is corrupt_record") {
    CHECK(follows(some_order()));
    CHECK_FALSE(follows(some_order(), 49_cr));
    const auto wrong = [](auto change) {
        order_said s = some_order();
        change(s);
        return !follows(s);
    };
    CHECK(wrong([](auto& s) { s.order.id = order_id{2}; }));
    CHECK(wrong([](auto& s) { s.order.number = 2; }));
    CHECK(wrong([](auto& s) { s.order.placed = instant{std::chrono::microseconds{1}}; }));
    CHECK(wrong([](auto& s) { s.month_until = instant{}; }));
    CHECK(wrong([](auto& s) { s.month_from = instant{std::chrono::microseconds{1}}; }));
    coffer::account a;
    const std::string packed = ledger::pack(some_order());
    for (const entry_kind kind :
         {entry_kind::noted, entry_kind::order_failed, entry_kind::order_expired,
          entry_kind::purchased, entry_kind::recharge_checked}) {
        entry e{.id = coffer::entry_id{1}, .kind = kind, .amount = 50_cr};
        e.about = coffer::entry_id{1};
        e.purchase = packed;
        CHECK(apply(a, e) == coffer::errc::corrupt_record);
    }
}

TEST_CASE("an entry of another kind says nothing of an order") {
    const std::string packed = ledger::pack(some_order());
    entry e{.kind = entry_kind::ordered};
    e.purchase = packed;
    CHECK(order_of(e)->order == some_order().order);
    CHECK(order_of(e)->reference == "pi_1");
    e.kind = entry_kind::granted;
    CHECK_FALSE(order_of(e));
}
