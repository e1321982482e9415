#include "support/catch.hpp"

#include <coffer/policy/access.hpp>

#include <string>

namespace allow = coffer::access;  // POSIX has a function access

TEST_CASE("anyone may spend, named or not") {
    CHECK(allow::anyone{}.allows({}));
    CHECK(allow::anyone{}.allows({.member = "ann", .action = "post", .resource = "r"}));
}

TEST_CASE("members are those on the list, to the letter") {
    const allow::members team{"ann", "bob"};
    CHECK(team.allows({.member = "ann"}));
    CHECK(team.allows({.member = "bob", .action = "anything"}));
    for (const char* other : {"", "Ann", "an", "annn", "ann "}) {
        CHECK_FALSE(team.allows({.member = other}));
    }
    CHECK_FALSE(allow::members{}.allows({}));
}

TEST_CASE("a list keeps its names when those it was made from are gone") {
    auto made = [] {
        const std::string name = "somebody with a long name that is kept on the heap";
        return allow::members{name};
    }();
    CHECK(made.allows({.member = "somebody with a long name that is kept on the heap"}));
}
