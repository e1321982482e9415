#include "support/catch.hpp"

#include <coffer/policy/overdraft.hpp>

using namespace coffer::literals;
namespace overdraft = coffer::overdraft;

TEST_CASE("deny allows no debt and no partial charge") {
    CHECK(overdraft::deny{}.terms() == coffer::overdraft_terms{});
    CHECK(overdraft::deny{}.terms().limit.is_zero());
    CHECK_FALSE(overdraft::deny{}.terms().partial);
}

TEST_CASE("a limit allows debt up to it, whole charges unless it says otherwise") {
    CHECK(overdraft::limit{10_cr}.terms().limit == 10_cr);
    CHECK_FALSE(overdraft::limit{10_cr}.terms().partial);
    CHECK(overdraft::limit{.amount = 10_cr, .partial = true}.terms().partial);
}

TEST_CASE("bill_later allows debt without a bound unless it says one, and has it billed") {
    CHECK(overdraft::bill_later{}.terms().limit == coffer::credits::max());
    CHECK(overdraft::bill_later{}.terms().bills);
    CHECK(overdraft::bill_later{}.terms().is_sound());
    const auto usd = coffer::money::from_minor(5, "USD");
    const auto terms = overdraft::bill_later{.limit = 10_cr, .price = usd, .per = 3_cr}.terms();
    CHECK(terms.limit == 10_cr);
    CHECK(terms.price == usd);
    CHECK(terms.per == 3_cr);
    CHECK_FALSE(overdraft::bill_later{.price = usd, .per = 0_cr}.terms().is_sound());
    CHECK_FALSE(overdraft::limit{10_cr}.terms().bills);
}

TEST_CASE("take_available makes no debt but charges in part") {
    CHECK(overdraft::take_available{}.terms().limit.is_zero());
    CHECK(overdraft::take_available{}.terms().partial);
}
