#include "support/catch.hpp"

#include <coffer/ledger/lot.hpp>

#include <set>
#include <string_view>

using coffer::lot_origin;
using coffer::lot_source;
using coffer::lot_terms;

TEST_CASE("every source of a lot has a name of its own") {
    std::set<std::string_view> names;
    for (int i = 0; i < 7; ++i) names.insert(to_string(static_cast<lot_source>(i)));
    CHECK(names == std::set<std::string_view>{"plan", "purchase", "bonus", "promo", "referral",
                                              "adjustment", "refund"});
    CHECK(to_string(static_cast<lot_source>(7)) == "unknown");
}

TEST_CASE("an allowance is what a refill made or what was rolled from one") {
    auto with = [](lot_origin origin) {
        lot_terms t;
        t.origin = origin;
        return t.is_allowance();
    };
    CHECK(with(lot_origin::refilled));
    CHECK(with(lot_origin::rolled));
    CHECK(with(lot_origin::upgraded));
    CHECK_FALSE(with(lot_origin::granted));
    CHECK_FALSE(with(lot_origin::regranted));
}

TEST_CASE("a lot without a priority comes after every one that has one") {
    CHECK(lot_terms{}.priority == coffer::no_priority);
    CHECK(coffer::no_priority >= 2'147'483'647);
}
