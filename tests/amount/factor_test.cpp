#include "support/catch.hpp"

#include <coffer/amount/factor.hpp>

#include <cstdint>
#include <limits>

using coffer::discount;
using coffer::factor;
using coffer::mark_up;
using coffer::percent;

static_assert(mark_up(percent{20}) == factor{120, 100});
static_assert(discount(percent{20}) == factor{80, 100});
static_assert(factor{}.is_one() && factor{7, 7}.is_one() && !factor{6, 5}.is_one());

TEST_CASE("a percentage that makes no sense is no factor") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(mark_up(percent{0}).well_formed());
    CHECK(mark_up(percent{most - 100}).well_formed());
    CHECK_FALSE(mark_up(percent{most - 99}).well_formed());
    CHECK_FALSE(mark_up(percent{-1}).well_formed());
    CHECK(discount(percent{100}) == factor{0, 100});
    CHECK_FALSE(discount(percent{101}).well_formed());
    CHECK_FALSE(discount(percent{-1}).well_formed());
    CHECK_FALSE(discount(percent{std::numeric_limits<std::int64_t>::min()}).well_formed());
    CHECK_FALSE(factor{1, 0}.well_formed());
    CHECK_FALSE(factor{-1, 2}.well_formed());
    CHECK_FALSE(factor{1, -2}.well_formed());
}

TEST_CASE("factors multiply exactly, in lowest terms") {
    CHECK(multiply(factor{6, 5}, factor{3, 4}) == factor{9, 10});
    CHECK(multiply(factor{80, 100}, factor{50, 40}) == factor{1, 1});
    CHECK(multiply(factor{0, 7}, factor{3, 4}) == factor{0, 1});
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(multiply(factor{most, 3}, factor{3, most}) == factor{1, 1});
    CHECK(multiply(factor{most, 1}, factor{2, 1}) == coffer::errc::amount_overflow);
    CHECK(multiply(factor{1, most}, factor{1, 2}) == coffer::errc::amount_overflow);
}
