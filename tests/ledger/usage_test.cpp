#include "support/catch.hpp"

#include <coffer/ledger/usage.hpp>

#include <cstdint>
#include <limits>

using namespace coffer::literals;
using coffer::usage;

namespace {

constexpr std::int64_t usage::*counts[] = {&usage::input_tokens, &usage::output_tokens,
                                           &usage::reasoning_tokens, &usage::cached_tokens,
                                           &usage::cache_write_tokens};
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("a usage of nothing has no tokens and nothing negative") {
    CHECK_FALSE(usage{}.has_tokens());
    CHECK_FALSE(usage{}.has_negative());
}

TEST_CASE("each kind of token counts as tokens and is seen to be negative") {
    for (auto count : counts) {
        usage u;
        u.*count = 1;
        CHECK(u.has_tokens());
        CHECK_FALSE(u.has_negative());
        for (std::int64_t wrong : {std::int64_t{-1}, least}) {
            u.*count = wrong;
            CHECK(u.has_tokens());
            CHECK(u.has_negative());
        }
    }
}

TEST_CASE("a quantity may be zero and is seen to be negative") {
    usage u;
    u.quantity = 0_units;
    CHECK_FALSE(u.has_negative());
    u.quantity = coffer::quantity::from_micros(-1);
    CHECK(u.has_negative());
    CHECK_FALSE(u.has_tokens());
}

TEST_CASE("usages are equal where action, quantity and counts are") {
    usage a;
    a.action = "chat";
    usage b = a;
    CHECK(a == b);
    b.quantity = 1_units;  // one is what no quantity means, but not what it says
    CHECK_FALSE(a == b);
    for (auto count : counts) {
        b = a;
        b.*count = 1;
        CHECK_FALSE(a == b);
    }
}
