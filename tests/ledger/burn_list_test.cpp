#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/burn_list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

using namespace coffer_test;
using coffer::burn_list;
using coffer::spendable;

namespace {

spendable numbered(std::uint64_t n) {
    return {.available = micros(static_cast<std::int64_t>(n % 1'000) + 1),
            .lot = lot_id{static_cast<std::uint32_t>(n)}};
}

burn_list list_of(std::uint32_t count) {
    burn_list list;
    for (std::uint32_t n = 1; n <= count; ++n) list.push_back(numbered(n));
    return list;
}

bool is_like(const burn_list& list, const std::vector<spendable>& model) {
    bool same = list.size() == model.size() && list.empty() == model.empty() &&
                list.is_near() == (model.size() <= burn_list::near) &&
                std::equal(list.begin(), list.end(), model.begin(), model.end());
    for (std::size_t i = 0; same && i < model.size(); ++i) same = list[i] == model[i];
    return same;
}

void change(burn_list& list, std::vector<spendable>& model, std::mt19937_64& random) {
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const auto place = [&](std::size_t i) {
        return model.begin() + static_cast<std::ptrdiff_t>(i);
    };
    const spendable fresh = numbered(random());
    const std::size_t what = below(8);
    if (what < 2 || model.empty()) {
        list.push_back(fresh);
        model.push_back(fresh);
    } else if (what == 2) {
        const std::size_t i = below(model.size() + 1);
        list.insert(i, fresh);
        model.insert(place(i), fresh);
    } else if (what < 5) {
        const std::size_t i = below(model.size());
        list.edit(i) = fresh;
        model[i] = fresh;
    } else if (what < 7 || below(20) != 0) {
        const std::size_t i =
            below(below(2) ? model.size() : std::min<std::size_t>(4, model.size()));
        list.erase(i);
        model.erase(place(i));
    } else {
        list.clear();
        model.clear();
    }
}

}  // namespace

TEST_CASE("a burn list is a vector of which copies stay as they were") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        std::vector<std::pair<burn_list, std::vector<spendable>>> all(1);
        if (seed % 2 == 0) {  // several chunks of those that stand elsewhere
            for (std::uint64_t n = 0; n < 200; ++n) {
                all[0].first.push_back(numbered(n));
                all[0].second.push_back(numbered(n));
            }
        }
        for (int step = 0; step < 2'000; ++step) {
            if (random() % 8 == 0) {
                if (all.size() == 5) all.erase(all.begin());
                all.push_back(all[random() % all.size()]);
            }
            auto& [changed, model] = all[random() % all.size()];
            change(changed, model, random);
            for (const auto& [each, wanted] : all) REQUIRE(is_like(each, wanted));
            const auto& [a, x] = all[random() % all.size()];
            const auto& [b, y] = all[random() % all.size()];
            REQUIRE((a == b) == (x == y));
        }
    }
}

TEST_CASE("a burn list keeps its first lots in itself, whatever stands before them goes") {
    burn_list list = list_of(5);
    CHECK_FALSE(list.is_near());
    list.erase(0);
    CHECK(list[0].lot == lot_id{2});
    CHECK(list[2].lot == lot_id{4});
    CHECK_FALSE(list.is_near());
    list.erase(1);
    CHECK(list.is_near());
    CHECK(list[0].lot == lot_id{2});
    CHECK(list[1].lot == lot_id{4});
    CHECK(list[2].lot == lot_id{5});
    list.insert(0, numbered(9));
    CHECK_FALSE(list.is_near());
    CHECK(list[0].lot == lot_id{9});
    CHECK(list[3].lot == lot_id{5});
}

TEST_CASE("a burn list is walked in both directions and by steps") {
    const burn_list list = list_of(9);
    auto at = list.begin() + 2;
    CHECK(at->lot == lot_id{3});
    CHECK((++at)->lot == lot_id{4});
    CHECK(at++->lot == lot_id{4});
    CHECK(at--->lot == lot_id{5});
    CHECK(at[-3].lot == lot_id{1});
    CHECK((at - 1)->lot == lot_id{3});
    CHECK((1 + at)->lot == lot_id{5});
    CHECK(list.end() - at == 6);
    CHECK(at > list.begin());
    CHECK((--at)->lot == lot_id{3});
    const auto found = std::lower_bound(list.begin(), list.end(), lot_id{7},
                                        [](const spendable& s, lot_id id) { return s.lot < id; });
    CHECK(found - list.begin() == 6);
}
