#include "support/catch.hpp"

#include <coffer/ledger/usage.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/policy/cost/tokens.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>

using namespace coffer::literals;
using coffer::usage;

namespace {

constexpr std::int64_t usage::*counts[] = {
    &usage::input_tokens,        &usage::output_tokens,       &usage::reasoning_tokens,
    &usage::cached_tokens,       &usage::cache_write_tokens,  &usage::cache_write_1h_tokens,
    &usage::audio_input_tokens,  &usage::audio_output_tokens, &usage::image_input_tokens,
    &usage::image_output_tokens, &usage::citation_tokens,
};
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("a usage of nothing has no tokens and nothing negative") {
    CHECK_FALSE(usage{}.has_tokens());
    CHECK_FALSE(usage{}.has_negative());
}

TEST_CASE("each kind of token counts as tokens and is seen to be negative") {
    for (auto count : counts) {
        usage u;
        u.*count = 1;
        CHECK(u.has_tokens());
        CHECK_FALSE(u.has_negative());
        for (std::int64_t wrong : {std::int64_t{-1}, least}) {
            u.*count = wrong;
            CHECK(u.has_tokens());
            CHECK(u.has_negative());
        }
    }
}

TEST_CASE("the kinds of tokens stand in one order, in usages and in requests") {
    const auto& fields = coffer::detail::token_fields<usage>;
    const auto& settled = coffer::detail::token_fields<coffer::settle_request>;
    REQUIRE(fields.size() == std::size(counts));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        CHECK(fields[i].count == counts[i]);
        CHECK(static_cast<std::size_t>(fields[i].kind) == i);
        CHECK(fields[i].name == std::string{to_string(fields[i].kind)} + "_tokens");
        CHECK(settled[i].name == fields[i].name);
        CHECK(coffer::detail::token_rate_fields[i].kind == fields[i].kind);
        CHECK(coffer::detail::token_rate_fields[i].count == counts[i]);
        usage u;
        u.*counts[i] = 1;
        CHECK(u.has_text_tokens() == (i < coffer::detail::text_token_kinds));
        CHECK(u.has_further_tokens() == (i >= coffer::detail::text_token_kinds));
    }
}

TEST_CASE("a set of kinds of tokens holds what was added and not removed") {
    using coffer::token_kind;
    coffer::token_kinds kinds{token_kind::input, token_kind::citation};
    CHECK(kinds.contains(token_kind::citation));
    CHECK_FALSE(kinds.contains(token_kind::output));
    kinds.remove(token_kind::citation).remove(token_kind::output);
    CHECK(kinds == coffer::token_kinds{token_kind::input});
    CHECK_FALSE(kinds.empty());
    CHECK(coffer::token_kinds{}.empty());
}

TEST_CASE("a quantity may be zero and is seen to be negative") {
    usage u;
    u.quantity = 0_units;
    CHECK_FALSE(u.has_negative());
    u.quantity = coffer::quantity::from_micros(-1);
    CHECK(u.has_negative());
    CHECK_FALSE(u.has_tokens());
}

TEST_CASE("usages are equal where action, quantity and counts are") {
    usage a;
    a.action = "chat";
    usage b = a;
    CHECK(a == b);
    b.quantity = 1_units;  // one is what no quantity means, but not what it says
    CHECK_FALSE(a == b);
    for (auto count : counts) {
        b = a;
        b.*count = 1;
        CHECK_FALSE(a == b);
    }
}
