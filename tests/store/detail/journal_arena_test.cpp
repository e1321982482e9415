#include "support/catch.hpp"

#include <coffer/store/detail/journal_arena.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

using coffer::detail::journal_arena;
using coffer::detail::record_ref;

namespace {

/// Writes a record that was promised `bound` bytes and takes fewer.
record_ref append(journal_arena& arena, const std::string& bytes, std::size_t bound) {
    const record_ref ref = arena.reserve(bound);
    std::memcpy(arena.at(ref), bytes.data(), bytes.size());
    arena.keep(bytes.size());
    return ref;
}
std::string read(const journal_arena& arena, record_ref ref, std::size_t size) {
    return {reinterpret_cast<const char*>(arena.at(ref)), size};
}

}  // namespace

TEST_CASE("records of any size stay where they are and as they are") {
    std::mt19937_64 random{1};
    journal_arena arena;
    std::vector<std::pair<record_ref, std::string>> records;
    std::vector<const std::byte*> places;
    for (int i = 0; i < 5'000; ++i) {
        std::size_t size = 1 + random() % 300;
        if (i % 40 == 0) size = 10'000 + random() % 60'000;  // beyond a chunk
        if (i % 41 == 0) size = journal_arena::chunk_size - random() % 32;
        const std::string bytes(size, static_cast<char>(i));
        records.emplace_back(append(arena, bytes, size + random() % 9'000), bytes);
        places.push_back(arena.at(records.back().first));
    }
    std::set<record_ref> refs;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& [ref, bytes] = records[i];
        REQUIRE(ref != 0);
        REQUIRE(refs.insert(ref).second);
        REQUIRE(arena.at(ref) == places[i]);
        REQUIRE(reinterpret_cast<std::uintptr_t>(arena.at(ref)) % journal_arena::alignment == 0);
        REQUIRE(read(arena, ref, bytes.size()) == bytes);
    }
}

TEST_CASE("what follows a record that is larger than a chunk does not touch it") {
    for (std::size_t large : {16'384u, 16'385u, 20'000u, 50'000u}) {
        for (std::size_t spare : {0u, 8u, 500u, 20'000u}) {
            journal_arena arena;
            const std::string first(40, 'f'), middle(large, 'm'), last(40, 'l');
            const record_ref a = append(arena, first, first.size());
            const record_ref b = append(arena, middle, middle.size() + spare);
            const record_ref c = append(arena, last, last.size());
            const record_ref d = append(arena, last, last.size());
            INFO(large << " + " << spare);
            CHECK(read(arena, a, first.size()) == first);
            CHECK(read(arena, b, middle.size()) == middle);
            CHECK(read(arena, c, last.size()) == last);
            CHECK(c != d);
        }
    }
}

TEST_CASE("what is reserved and not kept is given away again") {
    journal_arena arena;
    append(arena, "x", 1);
    const record_ref once = arena.reserve(100);
    CHECK(arena.reserve(50) == once);
    CHECK(append(arena, "y", 10) == once);
    CHECK(arena.reserve(10) != once);
}

TEST_CASE("after going back to a mark, older records are there and their followers gone") {
    journal_arena arena;
    const record_ref kept = append(arena, "kept", 4);
    const auto mark = arena.here();
    std::vector<record_ref> first_time, second_time;
    for (auto* refs : {&first_time, &second_time}) {
        for (int i = 0; i < 2'000; ++i) refs->push_back(append(arena, std::string(50, 'z'), 60));
        arena.back_to(mark);
    }
    CHECK(first_time == second_time);
    CHECK(read(arena, kept, 4) == "kept");

    journal_arena empty;
    const auto start = empty.here();
    append(empty, "gone", 4);
    empty.back_to(start);
    const record_ref fresh = append(empty, "new", 3);
    CHECK(fresh != 0);
    CHECK(read(empty, fresh, 3) == "new");
}
