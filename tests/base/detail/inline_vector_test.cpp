#include "support/catch.hpp"

#include <coffer/base/detail/inline_vector.hpp>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace {

struct item {
    std::uint64_t a = 0;
    std::uint32_t b = 0;
    friend bool operator==(const item&, const item&) = default;
};
using list = coffer::detail::inline_vector<item, 3>;

item numbered(std::uint64_t n) { return {n, static_cast<std::uint32_t>(n * 7)}; }
list counted(std::uint64_t count) {
    list l;
    for (std::uint64_t i = 0; i < count; ++i) l.push_back(numbered(i));
    return l;
}
bool same(const list& l, const std::vector<item>& model) {
    return std::equal(l.begin(), l.end(), model.begin(), model.end());
}

}  // namespace

TEST_CASE("up to its inline size a list allocates nothing") {
    list l;
    CHECK(l.empty());
    CHECK(l.is_inline());
    for (std::uint64_t i = 0; i < 3; ++i) {
        l.push_back(numbered(i));
    }
    CHECK(l.is_inline());
    l.push_back(numbered(3));
    CHECK_FALSE(l.is_inline());
    CHECK(l.size() == 4);
    CHECK(l.back() == numbered(3));
    CHECK(l[0] == numbered(0));
}

TEST_CASE("a list behaves like a vector through any changes") {
    std::mt19937_64 random{1};
    auto pick = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    for (int round = 0; round < 50; ++round) {
        list l;
        std::vector<item> model;
        for (int step = 0; step < 300; ++step) {
            const item fresh = numbered(random());
            const std::size_t at = pick(model.size() + 1);
            switch (pick(5)) {
                case 0:
                case 1:
                    l.push_back(fresh);
                    model.push_back(fresh);
                    break;
                case 2:
                    l.shrink_to(l.begin() + at);
                    model.resize(at);
                    break;
                case 3: l.reserve(model.size() + pick(5)); break;
                case 4: {
                    list copy = l;
                    list moved = std::move(l);
                    l = counted(pick(6));
                    l = pick(2) == 0 ? copy : moved;
                    if (pick(2) == 0) l = std::move(moved);
                    break;
                }
            }
            REQUIRE(same(l, model));
            REQUIRE(l.size() == model.size());
            REQUIRE(l.capacity() >= model.size());
        }
    }
}

TEST_CASE("an element of the list itself can be pushed") {
    for (std::uint64_t size : {1u, 2u, 3u, 4u, 6u}) {
        list l = counted(size);
        l.push_back(l[0]);
        CHECK(l.back() == numbered(0));
        CHECK(l.size() == size + 1);
    }
}

TEST_CASE("copies are independent and self-assignment changes nothing") {
    for (std::uint64_t size : {0u, 2u, 3u, 9u}) {
        list l = counted(size);
        list copy = l;
        copy.push_back(numbered(99));
        CHECK(l == counted(size));
        list& self = l;
        l = self;
        CHECK(l == counted(size));
        copy = l;
        CHECK(copy == l);
    }
}

TEST_CASE("what was moved from is empty and can be used again") {
    for (std::uint64_t size : {0u, 2u, 3u, 9u}) {
        list l = counted(size);
        list target = counted(5);
        target = std::move(l);
        CHECK(target == counted(size));
        CHECK(l.empty());  // NOLINT(bugprone-use-after-move)
        CHECK(l.is_inline());
        l.push_back(numbered(1));
        CHECK(l.size() == 1);
    }
}

TEST_CASE("after reserve, growth to that size keeps the elements where they are") {
    list l = counted(2);
    l.reserve(100);
    const item* first = l.begin();
    for (std::uint64_t i = 2; i < 100; ++i) l.push_back(numbered(i));
    CHECK(l.begin() == first);
    CHECK(l.capacity() == 100);
    l.clear();
    CHECK(l.empty());
    CHECK(l.capacity() == 100);
}
