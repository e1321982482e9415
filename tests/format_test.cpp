#include "support/catch.hpp"

#include <coffer/format.hpp>
#include <coffer/plan/any.hpp>

#include <fmt/format.h>

#include <chrono>
#include <sstream>
#include <string>
#include <string_view>

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

TEST_CASE("a precision shows so many decimals, rounded to the nearest and the middle up") {
    CHECK(fmt::format("{:.2f}", 12.5_cr) == "12.50");
    CHECK(fmt::format("{:.2}", 12_cr) == "12.00");
    CHECK(fmt::format("{:.2f}", 0.994999_cr) == "0.99");
    CHECK(fmt::format("{:.2f}", 0.995_cr) == "1.00");
    CHECK(fmt::format("{:.0f}", 2.5_cr) == "3");
    CHECK(fmt::format("{:.2f}", credits::from_micros(-995'000)) == "-1.00");
    CHECK(fmt::format("{:.2f}", credits::from_micros(-1)) == "0.00");
    CHECK(fmt::format("{:.0f}", credits::max()) == "9223372036855");
    CHECK(fmt::format("{:.0f}", credits::min()) == "-9223372036855");
    CHECK(fmt::format("{:.4f}", 0.00035_cr_each) == "0.0004");
    CHECK(fmt::format("{:.1f}", 1.25_units) == "1.3");
    CHECK(fmt::format("[{:>8.2f}]", 12.5_cr) == "[   12.50]");
}

TEST_CASE("a format that has more decimals than an amount, or misreads it, is refused") {
    const char* bad = GENERATE("{:.7}", "{:.7f}", "{:.}", "{:.f}", "{:.12}", "{:.99999999999}",
                               "{:d}", "{:s}", "{:x}", "{:ff}", "{:+}", "{:#}", "{:e}", "{:.6s}",
                               "{:?}", "{:f8}", "{:", "{:f", "{:{", "{:.6");
    CAPTURE(bad);
    CHECK_THROWS_AS(fmt::format(fmt::runtime(bad), 12.5_cr), fmt::format_error);
    CHECK_THROWS_AS(fmt::format(fmt::runtime("{:>{}f}"), 12.5_cr, 6), fmt::format_error);
    CHECK_THROWS_AS(fmt::format(fmt::runtime("{:>{}.2f}"), 12.5_cr, 6), fmt::format_error);
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
    const std::string subject = std::string(28, 's') + "\xe2\x80\xa6";  // an ellipsis
    coffer::error why{errc::insufficient_credits};
    why.about(std::string(32, 's')).with_amounts(credits::min(), credits::max());
    CHECK(fmt::format("{}", why) == "insufficient_credits (" + subject +
                                        "): needs -9223372036854.775808, would accept "
                                        "9223372036854.775807");
}

TEST_CASE("an error prints the field that is wrong and what is wrong with it") {
    coffer::error why{errc::invalid_argument};
    why.about("chat").in("expires_in", "has to be positive");
    CHECK(fmt::format("{}", why) == "invalid_argument (chat): expires_in has to be positive");
}

TEST_CASE("what has a text prints as that text, in fmt as in a stream") {
    const auto same = [](const auto& value, std::string_view text) {
        std::ostringstream stream;
        stream << value;
        CHECK(stream.str() == text);
        CHECK(fmt::format("{}", value) == text);
        CHECK(fmt::format("[{:>120}]", value) ==
              "[" + std::string(120 - text.size(), ' ') + std::string{text} + "]");
    };
    const coffer::instant noon = coffer::parse_instant("2026-01-31T12:00:00Z").or_throw();
    same(12.5_cr, "12.5");
    same(0.25_cr_each, "0.25");
    same(3_units, "3");
    same(money::from_minor(499, "USD"), "4.99 USD");
    same(coffer::currency{"USD"}, "USD");
    same(coffer::rounding::half_even, "half_even");
    same(errc::too_late, "too_late");
    same(coffer::error{errc::unknown_lot}.about("gift"), "unknown_lot (gift)");
    same(coffer::wallet_id{"acme"}, "acme");
    same(coffer::request_id{"order-1"}, "order-1");
    same(coffer::bucket_id::of("budget"), "budget");
    same(coffer::entry_id{7}, "7");
    same(coffer::lot_id{8}, "8");
    same(coffer::hold_id{4'294'967'295}, "4294967295");
    same(coffer::days{1}, "1 day");
    same(coffer::weeks{2}, "2 weeks");
    same(coffer::months{12}, "12 months");
    same(coffer::years{1}, "1 year");
    same(coffer::timespan{coffer::days{14}}, "14 days");
    same(coffer::period{3, noon, noon + std::chrono::hours{1}},
         "#3 2026-01-31T12:00:00Z to 2026-01-31T13:00:00Z");
    same(coffer::zone{}, "UTC");
    same(coffer::zoned{noon}, "2026-01-31T12:00:00Z");
    same(coffer::lot_source::purchase, "purchase");
    same(coffer::entry_kind::charged, "charged");
    same(coffer::order_key::paid_last, "paid_last");
    same(coffer::trim::newest, "newest");
    same(coffer::refund::basis::unspent, "unspent");
    same(coffer::deciding_rule::overdraft, "overdraft");
    same(coffer::affordability::perhaps, "perhaps");
    same(coffer::receipt{.id = coffer::entry_id{12}, .kind = coffer::entry_kind::charged},
         "charged 0 (entry 12): available 0");
    same(coffer::balance{.available = 5_cr}, "available 5; used 0");
}

TEST_CASE("a result prints as what it holds") {
    CHECK(fmt::format("{}", coffer::result<credits>{5_cr}) == "5");
    CHECK(fmt::format("{}", coffer::result<int>{7}) == "7");
    CHECK(fmt::format("{}", coffer::result<int>{errc::conflict}) == "conflict");
    CHECK(fmt::format("{}", coffer::result<void>{}) == "ok");
    CHECK(fmt::format("{:>10}", credits::max() + 1_cr) == "amount_overflow");
    CHECK(fmt::format("[{:>4}]", 2_cr + 1_cr) == "[   3]");
}

TEST_CASE("how lots came to be, how disputes stand and what became of commits have texts") {
    using coffer::commit_outcome;
    using coffer::dispute_state;
    using coffer::lot_origin;
    std::ostringstream out;
    out << lot_origin::rolled << ' ' << dispute_state::won << ' ' << commit_outcome::full;
    CHECK(out.str() == "rolled won full");
    CHECK(fmt::format("{} {} {} {}", lot_origin::granted, lot_origin::refilled, lot_origin::rolled,
                      lot_origin::regranted) == "granted refilled rolled regranted");
    CHECK(fmt::format("{} {} {} {}", dispute_state::none, dispute_state::opened, dispute_state::won,
                      dispute_state::lost) == "none opened won lost");
    CHECK(fmt::format("{} {} {} {} {} {}", commit_outcome::committed, commit_outcome::conflict,
                      commit_outcome::duplicate, commit_outcome::unavailable, commit_outcome::full,
                      commit_outcome::unknown) ==
          "committed conflict duplicate unavailable full unknown");
    CHECK(to_string(static_cast<lot_origin>(200)) == "unknown_origin");
    CHECK(to_string(static_cast<dispute_state>(200)) == "unknown_state");
    CHECK(to_string(static_cast<commit_outcome>(200)) == "no_outcome");
}

TEST_CASE("totals print what is available, and what is held and owed where there is any") {
    CHECK(fmt::format("{}", coffer::balance_totals{}) == "available 0");
    CHECK(fmt::format("{}", coffer::balance_totals{1.5_cr, 2_cr, {}}) == "available 1.5, held 2");
    CHECK(fmt::format("{}", coffer::balance_totals{{}, {}, 3_cr}) == "available 0, debt 3");
    const credits low = credits::min();
    const std::string longest = fmt::format("{}", coffer::balance_totals{low, low, low});
    CHECK(longest == fmt::format("available {}, held {}, debt {}", low, low, low));
}

TEST_CASE("an error of a plan file prints its text, also in a result") {
    const coffer::plan_error e{.path = "plan.buckets[0].name", .message = "is empty"};
    CHECK(fmt::format("{}", e) == "plan.buckets[0].name: is empty");
    CHECK(fmt::format("[{:>10}]", coffer::plan_error{.message = "is empty"}) == "[  is empty]");
    CHECK(fmt::format("{}", coffer::result<int, coffer::plan_error>{e}) == e.text());
}
