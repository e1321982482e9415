#include "support/catch.hpp"

#include <coffer/store/detail/key_table.hpp>

#include <cstdint>
#include <random>
#include <unordered_map>
#include <vector>

using coffer::detail::key_table;
using coffer::detail::shared_key_table;

namespace {

constexpr auto any = [](std::uint32_t) { return true; };

}  // namespace

TEST_CASE("an empty table finds nothing") {
    CHECK(key_table{}.find(5, any) == 0);
    CHECK(shared_key_table{}.find(5, any) == 0);
    key_table t;
    CHECK_FALSE(t.replace(5, any, 1));
    t.prefetch(5);
    CHECK(t.size() == 0);
}

TEST_CASE("every value is found under its hash, whatever else is there") {
    std::mt19937_64 random{1};
    key_table table;
    shared_key_table shared;
    std::vector<std::uint64_t> hashes{0};  // no value 0
    for (std::uint32_t value = 1; value <= 50'000; ++value) {
        hashes.push_back(random());
        table.reserve(1);
        table.insert(hashes.back(), value);
        shared.reserve_one();
        shared.insert(hashes.back(), value);
    }
    CHECK(table.size() == 50'000);
    for (std::uint32_t value = 1; value <= 50'000; ++value) {
        auto mine = [&](std::uint32_t candidate) { return candidate == value; };
        REQUIRE(table.find(hashes[value], mine) == value);
        REQUIRE(shared.find(hashes[value], mine) == value);
    }
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t other = random();
        auto known = [&](std::uint32_t candidate) { return hashes[candidate] == other; };
        REQUIRE(table.find(other, known) == 0);
        REQUIRE(shared.find(other, known) == 0);
    }
}

TEST_CASE("values under one hash are told apart by the caller") {
    for (std::uint64_t hash : {std::uint64_t{0}, std::uint64_t{0xffffffffull},
                               std::uint64_t{0xabcdef0100000000ull}, ~std::uint64_t{0}}) {
        key_table table;
        shared_key_table shared;
        table.reserve(100);
        for (std::uint32_t value = 1; value <= 100; ++value) {
            table.insert(hash, value);
            shared.reserve_one();
            shared.insert(hash, value);
        }
        for (std::uint32_t value = 1; value <= 100; ++value) {
            auto mine = [&](std::uint32_t candidate) { return candidate == value; };
            CHECK(table.find(hash, mine) == value);
            CHECK(shared.find(hash, mine) == value);
        }
        CHECK(table.find(hash, [](std::uint32_t) { return false; }) == 0);
        CHECK(table.find(hash, any) != 0);
    }
}

TEST_CASE("a value is replaced where the caller says, and others stay") {
    key_table table;
    table.reserve(3);
    const std::uint64_t hash = std::uint64_t{5} << 32;
    table.insert(hash, 1);
    table.insert(hash, 2);
    table.insert(std::uint64_t{6} << 32, 3);
    CHECK(table.replace(
        hash, [](std::uint32_t v) { return v == 2; }, 20));
    CHECK_FALSE(table.replace(
        hash, [](std::uint32_t v) { return v == 2; }, 21));
    CHECK(table.find(hash, [](std::uint32_t v) { return v == 20; }) == 20);
    CHECK(table.find(hash, [](std::uint32_t v) { return v == 1; }) == 1);
    CHECK(table.find(std::uint64_t{6} << 32, any) == 3);
    CHECK(table.size() == 3);
}

TEST_CASE("room for many is made at once") {
    key_table table;
    table.reserve(100'000);
    for (std::uint32_t value = 1; value <= 100'000; ++value) {
        table.insert(std::uint64_t{value} * 0x9e3779b97f4a7c15ull, value);
    }
    for (std::uint32_t value = 1; value <= 100'000; ++value) {
        REQUIRE(table.find(std::uint64_t{value} * 0x9e3779b97f4a7c15ull,
                           [&](std::uint32_t v) { return v == value; }) == value);
    }
}
