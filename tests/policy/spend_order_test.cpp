#include "support/catch.hpp"

#include <coffer/policy/spend_order.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using namespace coffer::literals;
using coffer::burn_candidate;
using coffer::credits;
using coffer::instant;
using coffer::lot;
using coffer::lot_id;
using coffer::money;
using coffer::order_key;
namespace spend_order = coffer::spend_order;

namespace {

instant sec(std::int64_t n) { return instant{std::chrono::seconds{n}}; }

lot lot_of(std::uint32_t id) {
    lot l;
    l.id = lot_id{id};
    l.granted = 100_cr;
    l.terms.expires = coffer::never;
    return l;
}
money usd(std::int64_t cents) { return money::from_minor(cents, "USD"); }

template <class Order>
bool burns_first(const Order& order, const lot& a, const lot& b, std::uint32_t rank_a = 0,
                 std::uint32_t rank_b = 0) {
    const bool answer = order.before({a, rank_a}, {b, rank_b});
    CHECK(order.before({b, rank_b}, {a, rank_a}) == !answer);
    return answer;
}

struct placed {
    lot what;
    std::uint32_t rank;
};
placed some_lot(std::mt19937_64& random, std::uint32_t id) {
    auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>{low, high}(random);
    };
    lot l = lot_of(id);
    l.granted = credits::from_micros(pick(0, 3) == 0 ? std::numeric_limits<std::int64_t>::max()
                                                     : pick(1, 4) * 1'000'000);
    if (pick(0, 1) == 0) l.terms.priority = static_cast<std::int32_t>(pick(-2, 2));
    if (pick(0, 1) == 0) l.terms.expires = sec(pick(0, 3));
    l.terms.effective = sec(pick(0, 3));
    const std::int64_t minor =
        pick(0, 4) == 0 ? std::numeric_limits<std::int64_t>::max() : pick(0, 4);
    if (pick(0, 2) > 0) l.terms.paid = money::from_minor(minor, pick(0, 1) == 0 ? "USD" : "EUR");
    return {l, static_cast<std::uint32_t>(pick(0, 2))};
}

}  // namespace

TEST_CASE("the standard order: bucket, priority, expiry, cost basis, effective, then number") {
    const auto& order = spend_order::standard;
    lot a = lot_of(1);
    lot b = lot_of(2);
    CHECK(burns_first(order, a, b));
    b.terms.effective = sec(-5);
    CHECK_FALSE(burns_first(order, a, b));
    b.terms.paid = usd(1);  // paid burns after unpaid, though it was effective before
    CHECK(burns_first(order, a, b));
    a.terms.paid = usd(2);
    CHECK_FALSE(burns_first(order, a, b));
    a.terms.expires = sec(1'000);  // expires: before what never does
    CHECK(burns_first(order, a, b));
    b.terms.expires = sec(999);
    CHECK_FALSE(burns_first(order, a, b));
    a.terms.priority = 5;  // has one: before all without
    CHECK(burns_first(order, a, b));
    b.terms.priority = 4;
    CHECK_FALSE(burns_first(order, a, b));
    CHECK(burns_first(order, a, b, 0, 1));
}

TEST_CASE("by cost basis, price per credit counts, not the price of the lot") {
    const spend_order::by order{order_key::cost_basis};
    lot small = lot_of(1);
    small.granted = 10_cr;
    small.terms.paid = usd(100);  // 10 cents a credit
    lot large = lot_of(2);
    large.granted = 1'000_cr;
    large.terms.paid = usd(5'000);  // 5 cents a credit
    CHECK(burns_first(order, large, small));
    large.terms.paid = usd(10'000);  // the same: the number decides
    CHECK(burns_first(order, small, large));
    small.terms.paid = money::from_minor(0, "EUR");  // by currency code first
    CHECK(burns_first(order, small, large));
    small.terms.paid = money::from_minor(9'999'999, "EUR");
    CHECK(burns_first(order, small, large));
}

TEST_CASE("prices per credit that differ in the last digit of 64 bits still differ") {
    const spend_order::by order{order_key::cost_basis};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    lot a = lot_of(2);
    a.granted = credits::max();
    a.terms.paid = usd(most - 1);
    lot b = lot_of(1);
    b.granted = credits::max();
    b.terms.paid = usd(most);
    CHECK(burns_first(order, a, b));
}

TEST_CASE("paid_last burns what was not paid for first, whatever the rest cost") {
    const spend_order::by order{order_key::paid_last, order_key::newest};
    lot given = lot_of(1);
    lot cheap = lot_of(2);
    cheap.terms.paid = usd(1);
    lot dear = lot_of(3);
    dear.terms.paid = usd(900);
    dear.terms.effective = cheap.terms.effective + std::chrono::seconds{1};
    CHECK(burns_first(order, given, cheap));
    CHECK(burns_first(order, given, dear));
    CHECK(burns_first(order, dear, cheap));
}

TEST_CASE("newest burns the later effective lot first, id the earlier made one") {
    lot later = lot_of(1);
    later.terms.effective += std::chrono::seconds{1};
    CHECK(burns_first(spend_order::by{order_key::newest}, later, lot_of(2)));
    CHECK(burns_first(spend_order::by{order_key::newest}, lot_of(1), lot_of(2)));
    CHECK(burns_first(spend_order::by{order_key::id}, lot_of(1), lot_of(2)));
    CHECK(burns_first(spend_order::by{}, lot_of(1), lot_of(2)));
}

TEST_CASE("every list of keys is a strict total order over lots") {
    std::mt19937_64 random{5};
    std::vector<order_key> all{order_key::bucket,     order_key::priority,  order_key::expiry,
                               order_key::cost_basis, order_key::effective, order_key::paid_last,
                               order_key::newest,     order_key::id};
    for (int round = 0; round < 60; ++round) {
        std::shuffle(all.begin(), all.end(), random);
        const spend_order::by order = round == 0
                                          ? spend_order::standard
                                          : spend_order::by{all[0], all[1], all[2], all[3], all[4]};
        std::vector<placed> lots;
        for (std::uint32_t id = 1; id <= 24; ++id) lots.push_back(some_lot(random, id));
        auto before = [&](const placed& a, const placed& b) {
            return order.before({a.what, a.rank}, {b.what, b.rank});
        };
        for (const placed& a : lots) {
            REQUIRE_FALSE(before(a, a));
            for (const placed& b : lots) {
                if (a.what.id == b.what.id) continue;
                REQUIRE(before(a, b) != before(b, a));
                for (const placed& c : lots) {
                    if (before(a, b) && before(b, c)) REQUIRE(before(a, c));
                }
            }
        }
    }
}

TEST_CASE("the order does not depend on the order of arrival, at scale") {
    std::mt19937_64 random{9};
    std::vector<lot> lots;
    for (std::uint32_t id = 1; id <= 100'000; ++id) {
        lots.push_back(lot_of(id));
        lots.back().terms.expires = sec(30);
    }
    lots[random() % lots.size()].terms.expires = sec(29);
    std::shuffle(lots.begin(), lots.end(), random);
    const auto first = std::min_element(lots.begin(), lots.end(), [](const lot& a, const lot& b) {
        return spend_order::standard.before({a, 0}, {b, 0});
    });
    CHECK(first->terms.expires == sec(29));
}

TEST_CASE("each list of keys has a fingerprint of its own") {
    const spend_order::by lists[] = {spend_order::standard,
                                     spend_order::by{},
                                     {order_key::id},
                                     {order_key::newest},
                                     {order_key::bucket},
                                     {order_key::bucket, order_key::id},
                                     {order_key::id, order_key::bucket},
                                     {order_key::priority, order_key::expiry},
                                     {order_key::expiry, order_key::priority}};
    for (const auto& a : lists) {
        for (const auto& b : lists) CHECK((a.fingerprint() == b.fingerprint()) == (&a == &b));
    }
    const spend_order::by again{order_key::bucket,     order_key::priority,  order_key::expiry,
                                order_key::cost_basis, order_key::effective, order_key::id};
    CHECK(again.fingerprint() == spend_order::standard.fingerprint());
}
