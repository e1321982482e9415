#include "support/catch.hpp"

#include <coffer/plan/detail/members.hpp>

#include <any>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// By a count that expects nothing.
template <class T>
constexpr std::size_t count = coffer::detail::members_of<T, 0>();

struct empty {};
struct other_empty {};
struct pair {
    int x, y;
};
struct made_from_one {
    explicit made_from_one(int);
};
struct made_from_two {
    made_from_two(int, int);
};
struct immovable {
    immovable() = default;
    immovable(const immovable&) = delete;
};
struct made_from_anything {
    template <class T>
    made_from_anything(T);
};

}  // namespace

TEST_CASE("members are counted, whatever their defaults") {
    struct three {
        empty a{};
        other_empty b{};
        int c = 3;
    };
    STATIC_REQUIRE(count<empty> == 0);
    STATIC_REQUIRE(count<pair> == 2);
    STATIC_REQUIRE(count<three> == 3);
}

TEST_CASE("a member that is an array or an aggregate is one") {
    struct nested {
        int a[3]{};
        pair b{};
        std::array<int, 4> c{};
        pair d[2]{};
        int e[2][3]{};
        char f[1]{};
        struct {
            int many[5]{};
            pair more{};
        } g{};
    };
    STATIC_REQUIRE(coffer::detail::initialisers_of<nested>() == 3 + 1 + 1 + 2 + 6 + 1 + 1);
    STATIC_REQUIRE(count<nested> == 7);
}

TEST_CASE("members that share an address are members of their own") {
    struct compressed {
        [[no_unique_address]] empty a;
        [[no_unique_address]] other_empty b;
        [[no_unique_address]] empty c;
    };
    STATIC_REQUIRE(count<compressed> == 3);
}

TEST_CASE("members of the standard library's types are counted") {
    struct texts {
        std::string a;
        std::string_view b;
        std::optional<int> c;
        std::optional<std::string> d;
        std::vector<int> e;
        std::any f;
        std::function<void()> g;
    };
    struct handles {
        std::atomic<int> a;
        std::mutex b;
        std::unique_ptr<int> c;
        std::shared_ptr<int> d;
    };
    STATIC_REQUIRE(count<texts> == 7);
    STATIC_REQUIRE(count<handles> == 4);
}

TEST_CASE("members without a default, that do not move or are no objects of a class are counted") {
    struct unusual {
        made_from_one a;
        made_from_two b;
        immovable c;
        const int d;
        int pair::*e;
        int (*f)(int);
        int g : 3;
        union {
            int h;
            float i;
        };
        made_from_two j[2];
    };
    STATIC_REQUIRE(count<unusual> == 9);
}

struct with_statics {
    int a{};
    static constexpr int own_members = 1;
    static inline int b{};
    static int f();
};

TEST_CASE("what is static is no member") { STATIC_REQUIRE(count<with_statics> == 1); }

TEST_CASE("members of bases are counted one by one") {
    struct derived : pair {
        int z{};
        int list[2]{};
    };
    struct of_two : pair, with_statics {
        int z{};
    };
    STATIC_REQUIRE(count<derived> == 4);
    STATIC_REQUIRE(count<of_two> == 4);
}

TEST_CASE("what cannot be counted has as many members as expected") {
    struct on_empty : empty {
        int a{};
    };
    struct greedy {
        made_from_anything a;
        int b{};
    };
    struct referring {
        int& a;
    };
    class closed {
        [[maybe_unused]] int a{};
    };
    STATIC_REQUIRE(coffer::detail::members_of<on_empty, 7>() == 7);
    STATIC_REQUIRE(coffer::detail::members_of<greedy, 7>() == 7);
    STATIC_REQUIRE(coffer::detail::members_of<referring, 7>() == 7);
    STATIC_REQUIRE(coffer::detail::members_of<closed, 7>() == 7);
}

TEST_CASE("a right expectation, a lower and a higher one give the same count") {
    struct row {
        int a[3]{};
        int b{};
    };
    STATIC_REQUIRE(coffer::detail::members_of<row, 1>() == 2);
    STATIC_REQUIRE(coffer::detail::members_of<row, 2>() == 2);
    STATIC_REQUIRE(coffer::detail::members_of<row, 3>() == 2);
    STATIC_REQUIRE(coffer::detail::members_of<pair, 2>() == 2);
}
