#include "support/catch.hpp"

#include <coffer/store/detail/record_keys.hpp>

#include <cstdint>
#include <set>
#include <string>

using coffer::entry_id;
using coffer::request_id;
using coffer::detail::record_keys;

TEST_CASE("what is looked for has a key of its own, for each wallet and in each store") {
    std::set<std::uint64_t> keys;
    std::size_t made = 0;
    for (std::uint64_t seed : {0x9e3779b97f4a7c15ull, 0xc2b2ae3d27d4eb4full}) {
        const record_keys key{seed};
        for (std::uint32_t number : {1u, 2u, 256u, 65'536u}) {
            keys.insert(key.of(std::to_string(number)));
            for (const char* text : {"1", "2", "order-42"}) {
                keys.insert(key.of(number, request_id{text}));
                keys.insert(key.of(number, request_id::scope::settle, text));
                keys.insert(key.of(number, request_id::scope::release, text));
            }
            for (std::uint32_t id : {1u, 2u, 256u}) {
                keys.insert(key.about(number, entry_id{id}));
                keys.insert(key.milestone(number, id));
            }
            made += 1 + 9 + 6;
        }
    }
    CHECK(keys.size() == made);
    CHECK(keys.count(0) == 0);
}

TEST_CASE("a request has one key, however it is given") {
    const record_keys key{7};
    CHECK(key.of(3, request_id{"order-42"}) == key.of(3, request_id::scope::caller, "order-42"));
    CHECK(key.of(3, request_id::derived(request_id::scope::settle, 9)) ==
          key.of(3, request_id::scope::settle, "9"));
}
