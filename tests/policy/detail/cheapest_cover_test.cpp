#include "support/catch.hpp"
#include "support/dice.hpp"

#include <coffer/policy/detail/cheapest_cover.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using coffer::detail::cheapest_cover;
using coffer::detail::cheapest_cover_answer;
using coffer::detail::cover_item;
using coffer::detail::int128;
using coffer_test::fair_dice;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t steps = 20'000;

std::vector<cover_item> draw(fair_dice& dice, std::int64_t count, std::int64_t size,
                             std::int64_t price) {
    std::vector<cover_item> items;
    for (std::int64_t i = 0; i < count; ++i) {
        items.push_back({dice.between(1, size), dice.between(1, price)});
    }
    return items;
}

/// The least price for each size up to `need`, by trying each item as the last one.
std::int64_t by_table(const std::vector<cover_item>& items, std::int64_t need) {
    std::vector<std::int64_t> least{0};
    for (std::int64_t size = 1; size <= need; ++size) {
        std::int64_t best = most;
        for (const cover_item& i : items) {
            const auto rest = static_cast<std::size_t>(std::max<std::int64_t>(0, size - i.size));
            best = std::min(best, least[rest] + i.price);
        }
        least.push_back(best);
    }
    return least.back();
}

/// Checks what has to hold of any answer.
void check_sound(const std::vector<cover_item>& items, std::int64_t need,
                 const cheapest_cover_answer& found) {
    int128 size = 0;
    int128 price = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        REQUIRE(found.counts[i] >= 0);
        size += coffer::detail::wide_product(items[i].size, found.counts[i]);
        price += coffer::detail::wide_product(items[i].price, found.counts[i]);
    }
    REQUIRE(size >= need);
    REQUIRE(price == found.price);
    REQUIRE(found.at_least <= found.price);
    const auto dearest = std::max_element(
        items.begin(), items.end(),
        [](const cover_item& a, const cover_item& b) { return a.price < b.price; });
    REQUIRE(found.price < found.at_least + dearest->price);
}

}  // namespace

TEST_CASE("rule 44: the cheapest combination is that of a table of all sizes") {
    fair_dice dice{44};
    for (int round = 0; round < 20'000; ++round) {
        const std::vector<cover_item> items = draw(dice, dice.between(1, 6), 30, 40);
        const std::int64_t need = dice.between(1, 300);
        const cheapest_cover_answer found = cheapest_cover(items, need, steps);
        check_sound(items, need, found);
        REQUIRE(found.price == by_table(items, need));
        REQUIRE(found.at_least == found.price);
    }
}

TEST_CASE("rule 44: sizes and prices up to 64 bits overflow nothing") {
    fair_dice dice{45};
    for (int round = 0; round < 300; ++round) {
        std::vector<cover_item> items = draw(dice, dice.between(1, 100), most, most);
        for (cover_item& i : items) {
            i.size = std::max<std::int64_t>(1, i.size >> dice.below(63));
            i.price = std::max<std::int64_t>(1, i.price >> dice.below(63));
        }
        check_sound(items, most, cheapest_cover(items, most, steps));
        const std::int64_t need = dice.between(1, most);
        check_sound(items, need, cheapest_cover(items, need, steps));
    }
    CHECK(cheapest_cover({{1, most}}, most, steps).price ==
          coffer::detail::wide_product(most, most));
}

TEST_CASE("rule 44: a millionth of a credit beside large packs is looked through at once") {
    // One cent each, and 2.5 million credits for ten euros.
    const std::vector<cover_item> items{{1, 1}, {2'500'000'000'000, 1'000}};
    const cheapest_cover_answer found = cheapest_cover(items, 9'000'000'000'000'000'400, 50);
    CHECK(found.at_least == found.price);
    CHECK(found.price == int128{3'600'000} * 1'000 + 400);
    CHECK(found.counts == std::vector<std::int64_t>{400, 3'600'000});
    const std::vector<cover_item> alone{{1, 1}};
    CHECK(cheapest_cover(alone, most, 50).counts == std::vector<std::int64_t>{most});
}

TEST_CASE("rule 44: where the work does not suffice, the answer covers and says what is proven") {
    fair_dice dice{46};
    std::size_t unproven = 0;
    for (int round = 0; round < 20; ++round) {
        std::vector<cover_item> items;
        for (int i = 0; i < 100; ++i) {  // sizes with nothing in common, all about as dear
            const std::int64_t size = dice.between(1'000'000, 5'000'000'000);
            items.push_back({size, size / 100'000 + dice.between(1, 11)});
        }
        const std::int64_t need = dice.between(1, 50'000'000'000);
        const cheapest_cover_answer found = cheapest_cover(items, need, 100);
        check_sound(items, need, found);
        if (found.at_least < found.price) ++unproven;
        const cheapest_cover_answer longer = cheapest_cover(items, need, steps);
        check_sound(items, need, longer);
        CHECK(longer.price <= found.price);
        CHECK(longer.price >= found.at_least);
    }
    CHECK(unproven > 0);
}
