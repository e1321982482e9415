#include "support/catch.hpp"

#include <coffer/store/memory.hpp>
#include <coffer/store/store.hpp>

using namespace coffer::literals;

TEST_CASE("a query without conditions asks for a page of everything, oldest first") {
    const coffer::journal_query q;
    CHECK_FALSE(q.after);
    CHECK_FALSE(q.before);
    CHECK_FALSE(q.about);
    CHECK_FALSE(q.lot);
    CHECK(q.limit > 0);
    CHECK_FALSE(q.newest_first);
}

TEST_CASE("the memory store is a store that can also decide in place") {
    STATIC_REQUIRE(coffer::check_store<coffer::memory_store>());
    STATIC_REQUIRE(coffer::store<coffer::memory_store>);
    STATIC_REQUIRE(coffer::in_place_store<coffer::memory_store>);
}

TEST_CASE("notices and due wallets compare by what they say") {
    const coffer::notice a{.id = 1, .wallet = "acme", .kind = "alert", .text = "25%"};
    coffer::notice b = a;
    CHECK(a == b);
    b.text = "10%";
    CHECK_FALSE(a == b);
    const coffer::due_wallet d{.wallet = "acme", .due = {}};
    CHECK(d == coffer::due_wallet{.wallet = "acme", .due = {}});
    CHECK_FALSE(d == coffer::due_wallet{.wallet = "other", .due = {}});
}
