#include "ledger/fixture.hpp"
#include "support/catch.hpp"

#include <coffer/ledger/terms.hpp>

using namespace coffer_test;
using coffer::bucket_id;

TEST_CASE("a bucket is found by its place in burn order, by name or id") {
    const plain_terms plan{"terms budget", "terms package"};
    CHECK(plan.rank(bucket_id::of("terms budget")) == 0);
    CHECK(plan.rank(bucket_id::of("terms package")) == 1);
    CHECK(plan.rank(bucket_id::of("terms other")) == 2);  // after all of the plan's
    CHECK(plan.find("terms package") == std::size_t{1});
    CHECK(plan.find(bucket_id::of("terms budget")) == std::size_t{0});
    CHECK_FALSE(plan.find("terms other"));
    CHECK_FALSE(plan.find("a name that no bucket ever had"));
    CHECK_FALSE(plan.find(""));
    CHECK_FALSE(plan.find(bucket_id{}));
}

TEST_CASE("the account's periods are those of the first bucket that refills") {
    plain_terms plan{"terms budget", "terms bonus", "terms package"};
    CHECK_FALSE(plan.account_bucket());
    CHECK(plan.account_cadence() == coffer::timespan{coffer::months{1}});
    CHECK_FALSE(plan.find_refill(bucket_id::of("terms bonus")));
    plan.buckets[1].cadence = coffer::days{7};
    plan.buckets[2].cadence = coffer::months{3};
    CHECK(plan.account_bucket() == bucket_id::of("terms bonus"));
    CHECK(plan.account_cadence() == coffer::timespan{coffer::days{7}});
    CHECK(plan.find_refill(bucket_id::of("terms bonus")) == std::size_t{1});
    CHECK(plan.find_refill(bucket_id::of("terms package")) == std::size_t{2});
    CHECK_FALSE(plan.find_refill(bucket_id::of("terms budget")));
    CHECK_FALSE(plan.find_refill(bucket_id{}));
}

TEST_CASE("a filter allows every bucket but those it names") {
    coffer::bucket_filter from;
    CHECK(from.everything());
    CHECK(from.allows(bucket_id::of("terms budget")));
    from.except.push_back(bucket_id::of("terms budget"));
    CHECK_FALSE(from.everything());
    CHECK_FALSE(from.allows(bucket_id::of("terms budget")));
    CHECK(from.allows(bucket_id::of("terms package")));
}
