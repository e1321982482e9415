#include "support/catch.hpp"

#include <coffer/base/detail/assert.hpp>
#include <coffer/base/detail/shared_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

using vector_of_ints = coffer::detail::shared_vector<int>;
using vector_of_texts = coffer::detail::shared_vector<std::string>;

namespace {

bool is_like(const vector_of_texts& list, const std::vector<std::string>& model) {
    bool same = list.size() == model.size() && list.empty() == model.empty() &&
                std::equal(list.begin(), list.end(), model.begin(), model.end());
    if (same && !model.empty()) same = list.front() == model.front() && list.back() == model.back();
    return same && list.size() <= list.capacity();
}

/// One random operation, done to both.
void change(vector_of_texts& list, std::vector<std::string>& model, std::mt19937_64& random) {
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const std::string fresh =
        "a text that is too long to be kept in place " + std::to_string(random());
    const std::size_t what = below(8);
    if (what < 3 || model.empty()) {
        list.push_back(fresh);
        model.push_back(fresh);
        return;
    }
    const std::size_t i = below(model.size());
    const auto place = static_cast<std::ptrdiff_t>(i);
    switch (what) {
        case 3: list[i] = model[i] = fresh; break;
        case 4:
            list.erase(std::as_const(list).begin() + place);
            model.erase(model.begin() + place);
            break;
        case 5:
            list.pop_back();
            model.pop_back();
            break;
        case 6:
            if (below(20) != 0) return;
            list.clear();
            model.clear();
            break;
        default: {
            const auto end = place + static_cast<std::ptrdiff_t>(below(model.size() - i + 1));
            list.erase(std::as_const(list).begin() + place, std::as_const(list).begin() + end);
            model.erase(model.begin() + place, model.begin() + end);
        }
    }
}

}  // namespace

TEST_CASE("a shared vector is a vector of which copies stay as they were") {
    std::mt19937_64 random{1};
    std::vector<std::pair<vector_of_texts, std::vector<std::string>>> all(1);
    for (int step = 0; step < 6'000; ++step) {
        if (random() % 8 == 0) {
            if (all.size() == 6) {
                all.erase(all.begin() + static_cast<std::ptrdiff_t>(random() % all.size()));
            }
            const auto copied = all[random() % all.size()];
            all.push_back(copied);
        }
        auto& [changed, model] = all[random() % all.size()];
        change(changed, model, random);
        for (const auto& [each, wanted] : all) REQUIRE(is_like(each, wanted));
        const auto& [a, x] = all[random() % all.size()];
        const auto& [b, y] = all[random() % all.size()];
        REQUIRE((a == b) == (x == y));
    }
}

TEST_CASE("a shared vector shares its elements until one of the copies could write") {
    vector_of_ints a;
    for (int i = 0; i < 3; ++i) a.push_back(i);
    CHECK(a.capacity() == 3);
    vector_of_ints b = a;
    CHECK(a.is_same(b));
    CHECK(std::as_const(a).begin() == std::as_const(b).begin());
    b[1] = 7;
    CHECK_FALSE(a.is_same(b));
    CHECK(std::as_const(a)[1] == 1);
    const int* const place = &std::as_const(b)[0];
    b.front() = 8;  // nobody else has them
    CHECK(&std::as_const(b)[0] == place);
    a = std::move(b);
    CHECK(&std::as_const(a)[0] == place);
    CHECK(b.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(b == vector_of_ints{});
    vector_of_ints& self = a;
    a = self;
    CHECK(a.size() == 3);
}

TEST_CASE("a shared vector can be given one of its own elements") {
    vector_of_texts list;
    list.push_back("a text that is too long to be kept in place");
    for (int i = 0; i < 20; ++i) list.push_back(std::as_const(list).front());
    CHECK(list.size() == 21);
    CHECK(std::all_of(list.begin(), list.end(), [&](const auto& t) { return t == list[0]; }));
    list.erase(std::remove(list.begin(), list.end(), std::string{list.back()}), list.end());
    CHECK(list.empty());
}

#if defined(__cpp_exceptions)
TEST_CASE("a shared vector that cannot copy its elements stays as it was") {
    struct reluctant {
        int value = 0;
        explicit reluctant(int n) : value{n} {}
        reluctant(const reluctant& other) : value{other.value} {
            if (value == 2) throw value;
        }
        reluctant(reluctant&&) noexcept = default;
        reluctant& operator=(reluctant&&) noexcept = default;
    };
    coffer::detail::shared_vector<reluctant> list;
    for (int i = 0; i < 4; ++i) list.push_back(reluctant{i});
    coffer::detail::shared_vector<reluctant> copy = list;
    CHECK_THROWS_AS(copy[0], int);
    CHECK_THROWS_AS(copy.push_back(reluctant{5}), int);
    CHECK(copy.is_same(list));
    CHECK(copy.size() == 4);
}
#endif
