#include "support/catch.hpp"

#include <coffer/policy/restore.hpp>

TEST_CASE("forfeit gives no grace and regrant gives its length") {
    CHECK(coffer::restore::forfeit{}.grace().is_zero());
    CHECK(coffer::restore::regrant{coffer::days{7}}.grace() == coffer::timespan{coffer::days{7}});
    CHECK(coffer::restore::regrant{}.grace().is_zero());
}
