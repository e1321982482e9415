#include "support/catch.hpp"

#include <coffer/perform/given.hpp>
#include <coffer/perform/requests.hpp>

#include <chrono>
#include <optional>
#include <type_traits>

using namespace coffer::literals;

// What a member refuses does not compile: see tests/compile_fail/request_*.

TEST_CASE("a member of a request is an optional of its type") {
    coffer::given<coffer::credits> amount;
    CHECK_FALSE(amount.has_value());
    amount = 5_cr;
    CHECK(amount == 5_cr);
    CHECK(amount == coffer::given<coffer::credits>{5_cr});
    CHECK(amount.value_or(1_cr) == 5_cr);
    amount = std::nullopt;
    CHECK(amount == std::nullopt);
    std::optional<coffer::credits> plain = 7_cr;
    amount = plain;
    CHECK(amount == plain);
    plain = amount;
    CHECK(plain == 7_cr);
    amount = {};
    CHECK_FALSE(amount);
}

TEST_CASE("a member that is there in any case is a value of its type") {
    coffer::stated<coffer::credits> amount;
    CHECK(amount.is_zero());
    amount = 5_cr;
    const coffer::credits plain = amount;
    CHECK(plain == 5_cr);
    CHECK((amount + 1_cr).or_throw() == 6_cr);
    coffer::stated<std::chrono::microseconds> length{std::chrono::minutes{15}};
    CHECK(coffer::instant{} + length == coffer::instant{std::chrono::minutes{15}});
}

TEST_CASE("a member takes what its type takes") {
    const coffer::settle_request settle{.input_tokens = 3, .output_tokens = 4L};
    CHECK(settle.input_tokens == 3);
    CHECK(settle.output_tokens == 4);
    CHECK(4 == settle.output_tokens);
    const std::chrono::sys_seconds when{std::chrono::seconds{1}};
    const coffer::charge_request charge{.amount = (2_cr - 1_cr).or_throw(), .at = when};
    CHECK(charge.amount == 1_cr);
    CHECK(charge.at == coffer::instant{when});
    const coffer::hold_request hold{.expires_in = std::chrono::hours{1}};
    CHECK(hold.expires_in == std::chrono::minutes{60});
}

TEST_CASE("requests stay aggregates that are copied as bytes") {
    STATIC_REQUIRE(std::is_aggregate_v<coffer::charge_request>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<coffer::given<coffer::credits>>);
    STATIC_REQUIRE(std::is_trivially_copyable_v<coffer::stated<coffer::money>>);
    STATIC_REQUIRE(sizeof(coffer::given<coffer::credits>) ==
                   sizeof(std::optional<coffer::credits>));
}
