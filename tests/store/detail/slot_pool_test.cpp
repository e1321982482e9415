#include "support/catch.hpp"

#include <coffer/store/detail/slot_pool.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct counted {
    static inline int alive = 0;
    counted() noexcept { ++alive; }
    ~counted() { --alive; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    std::string text;
};

}  // namespace

TEST_CASE("objects are numbered from one and never move") {
    coffer::detail::slab_source memory;
    coffer::detail::slot_pool<std::string> pool;
    std::vector<std::string*> places;
    CHECK(pool.size() == 0);
    for (std::uint32_t number = 1; number <= 20'000; ++number) {
        pool.reserve_one(memory);
        pool.reserve_one(memory);
        std::string& added = pool.add();
        REQUIRE(pool.size() == number);
        REQUIRE(added.empty());
        added = std::to_string(number) + " is a text beyond what a string keeps in itself";
        places.push_back(&added);
    }
    for (std::uint32_t number = 1; number <= 20'000; ++number) {
        REQUIRE(&pool[number] == places[number - 1]);
        REQUIRE(pool[number].substr(0, pool[number].find(' ')) == std::to_string(number));
    }
}

TEST_CASE("only what was added is made, and all of it is destroyed") {
    coffer::detail::slab_source memory;
    {
        coffer::detail::slot_pool<counted> pool;
        for (int i = 0; i < 100; ++i) {
            pool.reserve_one(memory);
            if (i < 99) pool.add();
        }
        CHECK(counted::alive == 99);
    }
    CHECK(counted::alive == 0);
}

TEST_CASE("blocks of a slab source are aligned and do not overlap") {
    coffer::detail::slab_source memory;
    std::vector<std::pair<unsigned char*, std::size_t>> blocks;
    for (std::size_t i = 1; i < 400; ++i) {
        const std::size_t size = i % 50 == 0 ? 3'000'000 : i * 13;
        auto* block = static_cast<unsigned char*>(memory.take(size));
        REQUIRE(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
        std::memset(block, static_cast<int>(i % 251), size);
        blocks.emplace_back(block, size);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const auto [block, size] = blocks[i];
        REQUIRE(block[0] == (i + 1) % 251);
        REQUIRE(block[size - 1] == (i + 1) % 251);
    }
}
