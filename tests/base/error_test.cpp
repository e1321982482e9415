#include "support/catch.hpp"

#include <coffer/amount/amount.hpp>
#include <coffer/base/error.hpp>

#include <set>
#include <string>
#include <string_view>

using namespace coffer::literals;
using coffer::errc;
using coffer::error;

namespace {

// The identifiers in the order of their precedence, as the scenario format lists them.
constexpr std::string_view precedence[] = {
    "corrupt_record",    "wallet_poisoned", "storage_full",     "unavailable",
    "clock_disagrees",   "outcome_unknown", "conflict",         "request_mismatch",
    "access_denied",     "unknown_plan",    "unknown_action",   "unknown_bucket",
    "unknown_lot",       "unknown_hold",    "unknown_charge",   "unknown_zone",
    "invalid_argument",  "too_late",        "amount_overflow",  "policy_contract",
    "too_many",          "wallet_paused",   "transfer_refused", "purchase_refused",
    "programme_refused", "not_refundable",  "refund_exceeds",   "hold_expired",
    "hold_closed",       "settle_exceeds",  "limit_exceeded",   "insufficient_credits"};

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
    const std::set<std::string_view> transient{"storage_full", "unavailable", "clock_disagrees",
                                               "outcome_unknown", "conflict"};
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

TEST_CASE("a subject is cut to 31 characters and replaces the one before") {
    error e = errc::unknown_action;
    const std::string longest(100, 'x');
    e.about(longest);
    CHECK(e.subject() == std::string(31, 'x'));
    e.about("short");
    CHECK(e.subject() == "short");
    const error copy = e;
    e.about("other");
    CHECK(copy.subject() == "short");
}
