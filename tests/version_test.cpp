#include "support/catch.hpp"

#include <coffer/version.hpp>

// Whoever includes it may ask while preprocessing.
#if COFFER_VERSION_MAJOR < 0 || COFFER_VERSION_MINOR < 0 || COFFER_VERSION_PATCH < 0
#error "the version is three numbers"
#endif

TEST_CASE("the version is three numbers that a program may compare while it compiles") {
    constexpr int version =
        COFFER_VERSION_MAJOR * 10'000 + COFFER_VERSION_MINOR * 100 + COFFER_VERSION_PATCH;
    STATIC_REQUIRE(version >= 100);
    STATIC_REQUIRE(COFFER_VERSION_MINOR < 100);
    STATIC_REQUIRE(COFFER_VERSION_PATCH < 100);
}
