#include "support/catch.hpp"

#include <coffer/amount/amount.hpp>
#include <coffer/base/error.hpp>

#include <set>
#include <string>
#include <string_view>
#include <type_traits>

using namespace coffer::literals;
using coffer::errc;
using coffer::error;

namespace {

// The identifiers in the order of their precedence, as the scenario format lists them.
constexpr std::string_view precedence[] = {
    "corrupt_record",  "wallet_poisoned",     "storage_full",
    "unavailable",     "clock_disagrees",     "outcome_unknown",
    "conflict",        "request_mismatch",    "access_denied",
    "unknown_plan",    "unknown_action",      "unknown_bucket",
    "unknown_lot",     "unknown_hold",        "unknown_charge",
    "unknown_zone",    "invalid_argument",    "too_late",
    "amount_overflow", "policy_contract",     "too_many",
    "wallet_paused",   "transfer_refused",    "purchase_refused",
    "choice_refused",  "programme_refused",   "not_refundable",
    "refund_exceeds",  "hold_expired",        "hold_closed",
    "hold_open",       "hold_settled",        "settle_exceeds",
    "limit_exceeded",  "insufficient_credits"};

errc nth(std::size_t place) { return static_cast<errc>(place + 1); }

}  // namespace

TEST_CASE("errors stand in the order of precedence, under their identifiers, without a gap") {
    for (std::size_t i = 0; i < std::size(precedence); ++i) {
        CHECK(to_string(nth(i)) == precedence[i]);
        if (i > 0) CHECK(nth(i - 1) < nth(i));
    }
    CHECK(to_string(nth(std::size(precedence))) == "unknown_error");
    CHECK(to_string(static_cast<errc>(0)) == "unknown_error");
}

TEST_CASE("transient is what the same request may get over without anybody changing it") {
    const std::set<std::string_view> transient{"storage_full",    "unavailable", "clock_disagrees",
                                               "outcome_unknown", "conflict",    "hold_open"};
    for (std::size_t i = 0; i < std::size(precedence); ++i) {
        CHECK(is_transient(nth(i)) == transient.contains(precedence[i]));
        CHECK(is_transient(error{nth(i)}) == transient.contains(precedence[i]));
    }
}

TEST_CASE("an error carries its code and nothing else by default") {
    const error e = errc::too_late;
    CHECK(e.code() == errc::too_late);
    CHECK(e == errc::too_late);
    CHECK_FALSE(e == errc::too_many);
    CHECK(e.required() == 0_cr);
    CHECK(e.acceptable() == 0_cr);
    CHECK(e.subject().empty());
    CHECK(e.field().empty());
    CHECK(e.sentence().empty());
}

TEST_CASE("an error explains itself by amounts and a subject") {
    error e = errc::insufficient_credits;
    e.with_amounts(5_cr, coffer::credits::min()).about("chat");
    CHECK(e.required() == 5_cr);
    CHECK(e.acceptable() == coffer::credits::min());
    CHECK(e.subject() == "chat");
    e.about("");
    CHECK(e.subject().empty());
}

TEST_CASE("an error names the field that is wrong, and says what is wrong with it") {
    error e = errc::invalid_argument;
    e.in("expires_in", "has to be positive");
    CHECK(e.field() == "expires_in");
    CHECK(e.sentence() == "has to be positive");
    e.about("chat");
    CHECK(e.field() == "expires_in");
    e.because("the file is of a newer coffer");
    CHECK(e.field().empty());
    CHECK(e.sentence() == "the file is of a newer coffer");
    CHECK(e.subject() == "chat");
}

TEST_CASE("what an error says is copied with it, and costs 64 bytes and no allocation") {
    static_assert(std::is_trivially_copyable_v<error>);
    static_assert(sizeof(error) <= 64);
    constexpr error e = [] {
        error made = errc::invalid_argument;
        return made.in("at_most", "is written beside an amount").about("chat");
    }();
    static_assert(e.field() == "at_most");
    static_assert(to_string(e).view() ==
                  "invalid_argument (chat): at_most is written beside an amount");
    error copy = errc::conflict;
    copy = e;
    CHECK(copy.sentence().data() == e.sentence().data());
}

TEST_CASE("the text of an error leaves out what it does not say") {
    const auto text = [](const error& e) { return std::string{to_string(e).view()}; };
    error e = errc::settle_exceeds;
    CHECK(text(e) == "settle_exceeds");
    e.with_amounts(5_cr, 3.2_cr);
    CHECK(text(e) == "settle_exceeds: needs 5, would accept 3.2");
    e.because("it is more than was held");
    CHECK(text(e) == "settle_exceeds: it is more than was held; needs 5, would accept 3.2");
    CHECK(text(error{errc::unknown_lot}.about("gift")) == "unknown_lot (gift)");
}

TEST_CASE("an error about a limit says its level and when its window ends") {
    constexpr error e = [] {
        error made = errc::limit_exceeded;
        return made.with_amounts(5_cr, 3_cr).about("member:ann").of_limit(10_cr, 1'000'000);
    }();
    static_assert(e.level() == 10_cr);
    static_assert(e.until_micros() == 1'000'000);
    static_assert(to_string(e).view() ==
                  "limit_exceeded (member:ann): needs 5, would accept 3, of 10");
    CHECK(e.field().empty());
    CHECK(e.sentence().empty());
    error other = errc::limit_exceeded;
    other.in("amount", "is written where a limit stands");
    CHECK(other.field().empty());
    CHECK(other.level() == 0_cr);
    CHECK(std::string{to_string(other).view()} == "limit_exceeded");
    error none = errc::too_many;
    none.of_limit(10_cr, 5).in("amount", "is wrong");
    CHECK(none.level() == 0_cr);
    CHECK(none.until_micros() == 0);
    CHECK(none.field() == "amount");
}

TEST_CASE("the longest error has a text that is whole") {
    error e = errc::insufficient_credits;  // no identifier is longer
    e.about(std::string(31, 's')).with_amounts(coffer::credits::min(), coffer::credits::max());
    e.in("0123456789012345678901234567890",
         "01234567890123456789012345678901234567890123456789"
         "012345678901234567890123456789012345678901234");
    REQUIRE(e.field().size() == error::max_field);
    REQUIRE(e.sentence().size() == error::max_sentence);
    const auto text = to_string(e);
    CHECK(text.view().ends_with("would accept 9223372036854.775807"));
    CHECK(text.c_str() == std::string{text.view()});
}

TEST_CASE("a subject of more than 31 bytes is cut and says so, and replaces the one before") {
    error e = errc::unknown_action;
    const std::string longest(100, 'x');
    e.about(longest);
    CHECK(e.subject() == std::string(28, 'x') + "…");
    e.about(std::string(32, 'x'));
    CHECK(e.subject() == std::string(28, 'x') + "…");
    e.about(std::string(31, 'x'));
    CHECK(e.subject() == std::string(31, 'x'));
    e.about(std::string(e.subject()));
    CHECK(e.subject() == std::string(31, 'x'));
    e.about("short");
    CHECK(e.subject() == "short");
    const error copy = e;
    e.about("other");
    CHECK(copy.subject() == "short");
}

TEST_CASE("a subject is never cut within a letter, and ends before a zero") {
    error e = errc::unknown_action;
    e.about(std::string(27, 'x') + "éxxx");  // its second byte would be the 29th
    CHECK(e.subject() == std::string(27, 'x') + "…");
    e.about(std::string(29, 'x') + "é");
    CHECK(e.subject() == std::string(29, 'x') + "é");
    e.about(std::string(100, '\x80'));  // no letter at all
    CHECK(e.subject() == "…");
    e.about(std::string_view{"ab\0cd", 5});
    CHECK(e.subject() == "ab");
}
