#include "support/catch.hpp"

#include <coffer/policy/rollover.hpp>

#include <cstdint>
#include <limits>
#include <random>

using namespace coffer::literals;
namespace rollover = coffer::rollover;
using coffer::credits;
using coffer::ended_allowance;
using coffer::rollover_terms;

namespace {

/// A host's own model without terms.
struct every_other {
    credits carry(const ended_allowance& ended) const { return ended.unused; }
};
/// And one whose terms depend on what it was made for.
struct with_terms {
    rollover_terms terms{.hops = 3};
    credits carry(const ended_allowance& ended) const { return ended.unused; }
};

}  // namespace

TEST_CASE("none carries nothing and all carries everything") {
    CHECK(rollover::none{}.carry({.unused = 60_cr, .granted = 100_cr}) == 0_cr);
    CHECK(rollover::all{}.carry({.unused = 60_cr, .granted = 100_cr}) == 60_cr);
    CHECK(rollover::all{}.carry({}) == 0_cr);
}

TEST_CASE("capped carries the unused up to its limit") {
    const rollover::capped half{50_cr};
    CHECK(half.carry({.unused = 60_cr}) == 50_cr);
    CHECK(half.carry({.unused = 50_cr}) == 50_cr);
    CHECK(half.carry({.unused = 49.999999_cr}) == 49.999999_cr);
    CHECK(half.carry({}) == 0_cr);
}

TEST_CASE("a fraction is rounded down to the millionth") {
    const rollover::fraction third{1, 3};
    CHECK(third.carry({.unused = 100_cr}) == 33.333333_cr);
    CHECK(third.carry({.unused = 0.000002_cr}) == 0_cr);
    CHECK(third.carry({.unused = 0.000003_cr}) == 0.000001_cr);
    CHECK(rollover::fraction{1, 2}.carry({.unused = 0.000003_cr}) == 0.000001_cr);
    CHECK(rollover::fraction{1, 1}.carry({.unused = 7_cr}) == 7_cr);
    CHECK(rollover::fraction{}.carry({.unused = 7_cr}) == 0_cr);
}

TEST_CASE("a proper fraction keeps within the contract for every amount") {
    std::mt19937_64 random{3};
    for (int i = 0; i < 2'000; ++i) {
        const auto unused = credits::from_micros(static_cast<std::int64_t>(random() >> 1));
        const auto denominator = static_cast<std::int64_t>(random() % 1'000'000) + 1;
        const auto numerator =
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(denominator + 1));
        const credits kept = rollover::fraction{numerator, denominator}.carry({.unused = unused});
        REQUIRE_FALSE(kept.is_negative());
        REQUIRE(kept <= unused);
    }
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(rollover::fraction{most, most}.carry({.unused = credits::max()}) == credits::max());
}

TEST_CASE("a fraction that makes no sense answers outside the contract, for the wallet to refuse") {
    CHECK(rollover::fraction{1, 0}.carry({.unused = 5_cr}).is_negative());
    CHECK(rollover::fraction{1, -2}.carry({.unused = 5_cr}).is_negative());
    CHECK(rollover::fraction{-1, 2}.carry({.unused = 5_cr}).is_negative());
    CHECK(rollover::fraction{3, 2}.carry({.unused = 5_cr}) > 5_cr);
    CHECK(rollover::fraction{3, 2}.carry({.unused = credits::max()}).is_negative());
    CHECK(rollover::capped{credits::from_micros(-1)}.carry({.unused = 5_cr}).is_negative());
}

TEST_CASE("a share caps by the allowance, not by what is unused, and is rounded down") {
    const rollover::capped_share quarter{1, 4};
    CHECK(quarter.carry({.unused = 60_cr, .granted = 200_cr}) == 50_cr);
    CHECK(quarter.carry({.unused = 49.999999_cr, .granted = 200_cr}) == 49.999999_cr);
    CHECK(quarter.carry({.unused = 60_cr, .granted = 0_cr}) == 0_cr);
    CHECK(quarter.carry({.unused = 0_cr, .granted = 200_cr}) == 0_cr);
    CHECK(rollover::capped_share{33, 100}.carry({.unused = 1_cr, .granted = 0.000010_cr}) ==
          0.000003_cr);
    CHECK(rollover::capped_share{3, 2}.carry({.unused = 160_cr, .granted = 100_cr}) == 150_cr);
    CHECK(rollover::capped_share{}.carry({.unused = 60_cr, .granted = 200_cr}) == 0_cr);
}

TEST_CASE("a share keeps within the contract for every allowance, or says that it makes no sense") {
    std::mt19937_64 random{7};
    for (int i = 0; i < 2'000; ++i) {
        const auto unused = credits::from_micros(static_cast<std::int64_t>(random() >> 1));
        const auto granted = credits::from_micros(static_cast<std::int64_t>(random() >> 2));
        const auto percent = static_cast<std::int64_t>(random() % 200);
        const credits kept =
            rollover::capped_share{percent, 100}.carry({.unused = unused, .granted = granted});
        REQUIRE_FALSE(kept.is_negative());
        REQUIRE(kept <= unused);
    }
    CHECK(rollover::capped_share{1, 0}.carry({.unused = 5_cr, .granted = 5_cr}).is_negative());
    CHECK(rollover::capped_share{-1, 2}.carry({.unused = 5_cr, .granted = 5_cr}).is_negative());
}

TEST_CASE("a share of more than there can be is no cap") {
    for (const rollover::capped_share share :
         {rollover::capped_share{9, 1}, rollover::capped_share{1'000'000'000'000, 100}}) {
        CHECK(share.carry({.unused = 5_cr, .granted = credits::max()}) == 5_cr);
    }
    CHECK(rollover::capped_share{-9, 1}
              .carry({.unused = 5_cr, .granted = credits::max()})
              .is_negative());
}

TEST_CASE("terms are unbounded where a model says nothing, and the oldest are trimmed") {
    for (const rollover_terms& terms :
         {coffer::terms_of(rollover::none{}), coffer::terms_of(rollover::all{}),
          coffer::terms_of(rollover::capped{5_cr}), coffer::terms_of(rollover::fraction{1, 2}),
          coffer::terms_of(rollover::capped_share{1, 2}), coffer::terms_of(every_other{})}) {
        CHECK(terms.hops == rollover_terms::any_number);
        CHECK(terms.keeps.is_zero());
        CHECK(terms.trim == coffer::trim::oldest);
    }
}

TEST_CASE("each model that carries has terms, a host's own may have them") {
    const rollover_terms terms{.hops = 2, .keeps = coffer::days{45}, .trim = coffer::trim::newest};
    CHECK(coffer::terms_of(rollover::all{terms}) == terms);
    CHECK(coffer::terms_of(rollover::capped{5_cr, terms}) == terms);
    CHECK(coffer::terms_of(rollover::fraction{1, 2, terms}) == terms);
    CHECK(coffer::terms_of(rollover::capped_share{1, 2, terms}) == terms);
    CHECK(coffer::terms_of(with_terms{}).hops == 3);
}
