#include "amount/oracle.hpp"
#include "support/catch.hpp"

#include <coffer/amount/quantity.hpp>
#include <coffer/amount/rate.hpp>

using coffer::credits;
using coffer::errc;
using coffer::quantity;
using coffer::rate;
using coffer_test::big;
using coffer_test::edgy_numbers;
using coffer_test::fitting;
using namespace coffer::literals;

TEST_CASE("a rate reads exactly, also in the notation of price lists") {
    CHECK(rate::parse("3.75e-06") == rate::from_picos(3'750'000));
    CHECK(rate::parse("0.0000003") == 0.0000003_cr_each);
    CHECK(rate::parse("1e-12") == rate::from_picos(1));
    CHECK(rate::parse("1e-13") == errc::invalid_argument);
    CHECK(rate::parse("-1") == rate::from_picos(-1'000'000'000'000));
    CHECK(rate::parse("9223372.036854775807") ==
          rate::from_picos(std::numeric_limits<std::int64_t>::max()));
    CHECK(rate::parse("9223372.036854775808") == errc::amount_overflow);
    CHECK((*rate::parse("-1")).is_negative());
}

TEST_CASE("a price per so many units is exact, or it is refused") {
    CHECK(rate::per(3_cr, 1'000'000) == 0.000003_cr_each);
    CHECK(rate::per(1_cr, 3) == errc::invalid_argument);
    CHECK(rate::per(1_cr, 0) == errc::invalid_argument);
    CHECK(rate::per(1_cr, -1) == errc::invalid_argument);
    CHECK(rate::per(credits::max(), 1) == errc::amount_overflow);

    edgy_numbers random{41};
    int exact = 0;
    for (int i = 0; i < 200'000; ++i) {
        const std::int64_t price = random.any();
        const std::int64_t units =
            random.below(2) == 0 ? random.positive() : std::int64_t{1} << random.below(24);
        const auto got = rate::per(credits::from_micros(price), units);
        const big picos = big{price} * 1'000'000;
        const auto want = fitting(picos / units);
        const bool same = picos % units != 0 ? got == errc::invalid_argument
                          : want             ? got == rate::from_picos(*want)
                                             : got == errc::amount_overflow;
        if (!same) FAIL(price << " per " << units);
        if (got) ++exact;
    }
    CHECK(exact > 20'000);
}

TEST_CASE("a rate reads back as it is written") {
    edgy_numbers random{42};
    for (int i = 0; i < 100'000; ++i) {
        const auto each = rate::from_picos(random.any());
        if (!(rate::parse(to_string(each).view()) == each)) FAIL(each.picos());
        if (!(rate::parse(to_string(each, 12).view()) == each)) FAIL(each.picos());
    }
}
