#include "support/catch.hpp"

#include <coffer/base/detail/shared_list.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

template <class List>
bool is_like(const List& list, const std::vector<std::string>& model) {
    bool same = list.size() == model.size() && list.empty() == model.empty() &&
                std::equal(list.begin(), list.end(), model.begin(), model.end());
    for (std::size_t i = 0; same && i < model.size(); ++i) same = list[i] == model[i];
    if (same && !model.empty()) same = list.front() == model.front() && list.back() == model.back();
    return same;
}

/// One random operation, done to both.
template <class List>
void change(List& list, std::vector<std::string>& model, std::mt19937_64& random) {
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const auto place = [&](std::size_t i) {
        return model.begin() + static_cast<std::ptrdiff_t>(i);
    };
    const std::string fresh = std::to_string(random());
    switch (below(model.size() > 40 ? 14 : 10)) {
        case 0:
        case 1:
        case 2:
        case 3:
            list.push_back(fresh);
            model.push_back(fresh);
            break;
        case 4:
        case 5: {
            const std::size_t i = below(model.size() + 1);
            list.insert(i, fresh);
            model.insert(place(i), fresh);
            break;
        }
        case 6:
        case 10:
            if (model.empty()) return;
            list.pop_front();
            model.erase(model.begin());
            break;
        case 7:
        case 11:
            if (model.empty()) return;
            list.pop_back();
            model.pop_back();
            break;
        case 8: {
            if (model.empty()) return;
            const std::size_t i = below(model.size());
            list.edit(i) = fresh;
            model[i] = fresh;
            break;
        }
        case 13:
            if (below(10) != 0) return;
            list.clear();
            model.clear();
            break;
        default: {
            if (model.empty()) return;
            const std::size_t i = below(model.size());
            list.erase(i);
            model.erase(place(i));
            break;
        }
    }
}

}  // namespace

TEMPLATE_TEST_CASE_SIG("a shared list is a vector of which copies stay as they were", "",
                       ((std::size_t Chunk), Chunk), 1, 2, 4, 16) {
    using list = coffer::detail::shared_list<std::string, Chunk>;
    std::mt19937_64 random{Chunk};
    std::vector<std::pair<list, std::vector<std::string>>> all(1);
    for (int step = 0; step < 6'000; ++step) {
        const auto pick = static_cast<std::size_t>(random() % all.size());
        if (random() % 8 == 0) {
            if (all.size() == 6) all.erase(all.begin() + static_cast<std::ptrdiff_t>(pick));
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

TEST_CASE("equal shared lists need not have come about alike") {
    coffer::detail::shared_list<int, 4> a, b;
    for (int i = 0; i < 9; ++i) a.push_back(i);
    for (int i = -3; i < 9; ++i) b.push_back(i);
    for (int i = 0; i < 3; ++i) b.pop_front();
    CHECK(a == b);
    b.edit(8) = 7;
    CHECK_FALSE(a == b);
    b.pop_back();
    CHECK_FALSE(a == b);
    a.clear();
    CHECK(a == coffer::detail::shared_list<int, 4>{});
}

TEST_CASE("a copy of a shared list shares all but what is changed") {
    coffer::detail::shared_list<int, 4> a;
    for (int i = 0; i < 100; ++i) a.push_back(i);
    auto b = a;
    b.edit(50) = -1;
    CHECK(&a[10] == &b[10]);
    CHECK(&a[90] == &b[90]);
    CHECK(&a[50] != &b[50]);
    CHECK(a[50] == 50);
    b.pop_front();
    CHECK(&a[10] == &b[9]);
    b.push_back(100);
    CHECK(&a[10] == &b[9]);
    CHECK(a.size() == 100);
    auto moved = std::move(a);
    CHECK(moved.size() == 100);
    CHECK(moved[50] == 50);
}

TEST_CASE("a shared list is walked in both directions and by steps") {
    coffer::detail::shared_list<int, 4> list;
    for (int i = 0; i < 23; ++i) list.push_back(i);
    list.pop_front();
    CHECK(std::accumulate(list.begin(), list.end(), 0) == 22 * 23 / 2);
    auto at = list.begin();
    CHECK(*at == 1);
    CHECK(at.index() == 0);
    at += 10;
    CHECK(*at == 11);
    CHECK(at[-3] == 8);
    CHECK(*(at - 4) == 7);
    CHECK(*(2 + at) == 13);
    CHECK(*at-- == 11);
    CHECK(*at++ == 10);
    CHECK(*--at == 10);
    CHECK(at - list.begin() == 9);
    CHECK(list.end() - at == 13);
    CHECK(at < list.end());
    CHECK(std::lower_bound(list.begin(), list.end(), 17).index() == 16);
}
