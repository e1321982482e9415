#include "support/catch.hpp"

#include <coffer/format.hpp>

#include <fmt/format.h>

#include <string>

using coffer::credits;
using coffer::errc;
using coffer::money;
using coffer::rate;
using namespace coffer::literals;

TEST_CASE("an amount prints as the shortest text that is exact") {
    CHECK(fmt::format("{}", 12.5_cr) == "12.5");
    CHECK(fmt::format("{}", 0_cr) == "0");
    CHECK(fmt::format("{}", 2'000_cr) == "2000");
    CHECK(fmt::format("{}", credits::from_micros(-1)) == "-0.000001");
    CHECK(fmt::format("{}", credits::min()) == "-9223372036854.775808");
    CHECK(fmt::format("{}", 0.0000003_cr_each) == "0.0000003");
    CHECK(fmt::format("{}", 1.5_units) == "1.5");
}

TEST_CASE("f, or the number of its decimals, prints all decimals of an amount") {
    CHECK(fmt::format("{:f}", 12.5_cr) == "12.500000");
    CHECK(fmt::format("{:.6}", 12.5_cr) == "12.500000");
    CHECK(fmt::format("{:.6f}", 0_cr) == "0.000000");
    CHECK(fmt::format("{:f}", 3_cr_each) == "3.000000000000");
    CHECK(fmt::format("{:.12}", 3_cr_each) == "3.000000000000");
    CHECK(fmt::format("{:f}", 1_units) == "1.000000");
}

TEST_CASE("fill, alignment and width apply to the text of an amount") {
    CHECK(fmt::format("[{:>8}]", 12.5_cr) == "[    12.5]");
    CHECK(fmt::format("[{:<8}]", 12.5_cr) == "[12.5    ]");
    CHECK(fmt::format("[{:*^12f}]", 12.5_cr) == "[*12.500000**]");
    CHECK(fmt::format("[{:.>12}]", 12.5_cr) == "[........12.5]");
    CHECK(fmt::format("[{:f>12}]", 12.5_cr) == "[ffffffff12.5]");
    CHECK(fmt::format("[{:é>6}]", 12.5_cr) == "[éé12.5]");
    CHECK(fmt::format("[{:>12.6}]", 12.5_cr) == "[   12.500000]");
    CHECK(fmt::format("[{:>{}}]", 12.5_cr, 6) == "[  12.5]");
    CHECK(fmt::format("{:}>{}<", 1_cr, 2_cr) == "1>2<");
    CHECK(fmt::format("[{:>10}]", money::from_minor(500, "USD")) == "[  5.00 USD]");
    CHECK(fmt::format("[{:^12}]", errc::conflict) == "[  conflict  ]");
}

TEST_CASE("a format that would round, cut or misread an amount is refused") {
    const char* bad = GENERATE("{:.2}", "{:.0}", "{:.}", "{:.12}", "{:.99999999999}", "{:d}",
                               "{:s}", "{:x}", "{:ff}", "{:+}", "{:#}", "{:e}", "{:.6s}", "{:?}",
                               "{:f8}", "{:", "{:f", "{:{", "{:.6");
    CAPTURE(bad);
    CHECK_THROWS_AS(fmt::format(fmt::runtime(bad), 12.5_cr), fmt::format_error);
    CHECK_THROWS_AS(fmt::format(fmt::runtime("{:>{}f}"), 12.5_cr, 6), fmt::format_error);
}

TEST_CASE("money prints with all the decimals of its currency, as it is parsed") {
    CHECK(fmt::format("{}", money::from_minor(500, "USD")) == "5.00 USD");
    CHECK(fmt::format("{}", money::from_minor(-5, "EUR")) == "-0.05 EUR");
    CHECK(fmt::format("{}", money::from_minor(500, "JPY")) == "500 JPY");
    CHECK(fmt::format("{}", money::from_minor(1, "KWD")) == "0.001 KWD");
    CHECK(fmt::format("{}", money{}) == "0");
    CHECK_THROWS_AS(fmt::format(fmt::runtime("{:f}"), money{}), fmt::format_error);
    CHECK_THROWS_AS(fmt::format(fmt::runtime("{:.1}"), money{}), fmt::format_error);
}

TEST_CASE("an error prints its identifier, what it speaks of, and its amounts where it has any") {
    CHECK(fmt::format("{}", errc::insufficient_credits) == "insufficient_credits");
    coffer::error why{errc::insufficient_credits};
    CHECK(fmt::format("{}", why) == "insufficient_credits");
    why.with_amounts(5_cr, 3.2_cr);
    CHECK(fmt::format("{}", why) == "insufficient_credits: needs 5, would accept 3.2");
    why.about("chat");
    CHECK(fmt::format("{}", why) == "insufficient_credits (chat): needs 5, would accept 3.2");
    CHECK(fmt::format("[{:>24}]", coffer::error{errc::unknown_action}.about("sing")) ==
          "[   unknown_action (sing)]");
}

TEST_CASE("the longest error prints whole") {
    const std::string subject(31, 's');
    coffer::error why{errc::insufficient_credits};
    why.about(subject + "cut off").with_amounts(credits::min(), credits::max());
    CHECK(fmt::format("{}", why) == "insufficient_credits (" + subject +
                                        "): needs -9223372036854.775808, would accept "
                                        "9223372036854.775807");
}
