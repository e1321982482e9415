#include "support/catch.hpp"

#include <coffer/base/detail/name_registry.hpp>

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

using coffer::detail::name_registry;

// Names are kept for good, so the registries of these tests are static: that is no leak.

TEST_CASE("a name has one number for good, and the number gives the name") {
    static name_registry names;
    const auto budget = names.number_of("budget");
    const auto package = names.number_of("package");
    CHECK(budget != 0);
    CHECK(package != budget);
    CHECK(names.number_of("budget") == budget);
    CHECK(names.find("budget") == budget);
    CHECK(names.text_of(budget) == "budget");
    CHECK(names.text_of(package) == "package");
    const char* bytes = names.text_of(budget).data();
    for (int i = 0; i < 5'000; ++i) names.number_of("other" + std::to_string(i));
    CHECK(names.text_of(budget).data() == bytes);
    CHECK(names.find("budget") == budget);
}

TEST_CASE("asking for a name does not add it") {
    static name_registry names;
    CHECK(names.find("budget") == 0);
    CHECK(names.find("budget") == 0);
    CHECK(names.text_of(1).empty());
}

TEST_CASE("an empty or too long name has no number, and neither has a wrong number a name") {
    static name_registry names;
    CHECK(names.number_of("") == 0);
    CHECK(names.number_of(std::string(64, 'x')) == 0);
    const auto longest = names.number_of(std::string(63, 'x'));
    CHECK(longest == 1);
    CHECK(names.text_of(longest) == std::string(63, 'x'));
    for (std::uint16_t wrong : std::vector<std::uint16_t>{0, 2, 65'000, 65'535}) {
        CHECK(names.text_of(wrong).empty());
    }
}

TEST_CASE("threads that add the same names agree on their numbers") {
    static name_registry names;
    constexpr int count = 1'200;
    std::vector<std::uint16_t> first(count), second(count);
    std::atomic<int> wrong{0};
    auto add = [&](std::vector<std::uint16_t>& numbers, int step) {
        for (int k = 0; k < count; ++k) {
            const int i = step > 0 ? k : count - 1 - k;
            const std::string name = "name" + std::to_string(i);
            numbers[static_cast<std::size_t>(i)] = names.number_of(name);
            if (names.text_of(numbers[static_cast<std::size_t>(i)]) != name) ++wrong;
        }
    };
    std::thread up{[&] { add(first, 1); }}, down{[&] { add(second, -1); }};
    up.join();
    down.join();
    CHECK(wrong == 0);
    CHECK(first == second);
    CHECK(std::set<std::uint16_t>(first.begin(), first.end()).size() == count);
}
