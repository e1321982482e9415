#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/burn_order.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace coffer::literals;
using namespace coffer_test;
using coffer::lot_id;
using coffer::detail::place_returning;

namespace {

const plain_terms by_number;

/// Three lots of ten that burn by their number.
life three_lots() {
    life l;
    for (int i = 0; i < 3; ++i) REQUIRE(l.grant(10_cr, in_bucket("package"), sec(1)));
    return l;
}

coffer::lot numbered(std::uint32_t id) {
    return {.id = lot_id{id}, .terms = in_bucket("package"), .granted = 1_cr};
}

std::vector<std::uint32_t> order_of(const account& a) {
    std::vector<std::uint32_t> ids;
    for (const coffer::spendable& s : a.burning) ids.push_back(s.lot.value());
    return ids;
}

}  // namespace

TEST_CASE("what comes back to spent lots stands again where their order has it") {
    life l = three_lots();
    REQUIRE(l.charge(25_cr, sec(2)));  // lots 1 and 2 are gone, lot 3 has five left
    REQUIRE(l.now.burning.size() == 1);
    coffer::part_list parts;
    parts.push_back({.lot = lot_id{2}, .amount = 1_cr});
    parts.push_back({.lot = lot_id{1}, .amount = 1_cr});
    SECTION("one before the other") {
        place_returning(l.now, parts, sec(3), by_number);
        CHECK(parts[0].before == lot_id{3});
        CHECK(parts[1].before == lot_id{2});
    }
    SECTION("only from the first part that comes back on") {
        place_returning(l.now, parts, sec(3), by_number, {.first = 1});
        CHECK_FALSE(parts[0].before);
        CHECK(parts[1].before == lot_id{3});
    }
    SECTION("not before a lot that leaves") {
        place_returning(l.now, parts, sec(3), by_number, {.leaving = lot_id{3}});
        CHECK_FALSE(parts[0].before);
        CHECK(parts[1].before == lot_id{2});
    }
    SECTION("nothing that comes back has no place") {
        parts[0].amount = 0_cr;
        place_returning(l.now, parts, sec(3), by_number);
        CHECK_FALSE(parts[0].before);
        CHECK(parts[1].before == lot_id{3});
    }
}

TEST_CASE("a lot goes before the first one that burns later, and last if there is none") {
    life l = three_lots();
    CHECK(coffer::detail::position_of(l.now, numbered(1), by_number).before == lot_id{1});
    CHECK(coffer::detail::position_of(l.now, numbered(3), by_number).before == lot_id{3});
    CHECK(coffer::detail::position_of(l.now, numbered(4), by_number).before == lot_id{});
    CHECK(coffer::detail::position_of(l.now, numbered(4), by_number).order == by_number.order);
}

TEST_CASE("a rolled lot does not go before its source, which leaves, unless a hold keeps that") {
    life l = three_lots();
    const auto before = [&] {
        return coffer::detail::position_of_rolled(l.now, numbered(1), lot_id{2}, by_number).before;
    };
    CHECK(before() == lot_id{3});
    REQUIRE(l.charge(10_cr, sec(2)));  // of lot 1
    REQUIRE(l.hold(1_cr, 0_cr, sec(99), sec(2)));
    CHECK(before() == lot_id{2});
}

TEST_CASE("a new order moves the lots, and names each of them once") {
    life l = three_lots();
    l.now.order = 5;
    CHECK_FALSE(coffer::detail::is_in_order(l.now, by_number));
    const auto reorder = [&](std::vector<lot_id> order) {
        coffer::entry e;
        REQUIRE(coffer::decide_reorder(l.now, order, 7, sec(2), e));
        account after = l.now;
        const bool fits = coffer::apply(after, e).has_value();
        if (fits) l.now = after;
        return fits;
    };
    CHECK(reorder({lot_id{3}, lot_id{1}, lot_id{2}}));
    CHECK(order_of(l.now) == std::vector<std::uint32_t>{3, 1, 2});
    CHECK(l.now.order == 7);
    CHECK(coffer::detail::is_in_order(l.now, by_number));
    CHECK(coffer::detail::in_burn_order(l.now, by_number) ==
          std::vector<lot_id>{lot_id{1}, lot_id{2}, lot_id{3}});
    CHECK_FALSE(reorder({lot_id{1}, lot_id{2}}));
    CHECK_FALSE(reorder({lot_id{1}, lot_id{2}, lot_id{2}}));
    CHECK_FALSE(reorder({lot_id{1}, lot_id{2}, lot_id{4}}));
    CHECK(order_of(l.now) == std::vector<std::uint32_t>{3, 1, 2});
}
