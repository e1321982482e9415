#include "support/catch.hpp"

#include <coffer/perform/charge.hpp>
#include <coffer/perform/requests.hpp>
#include <coffer/perform/settle.hpp>

#include <cstdint>
#include <set>

using coffer::charge_request;
using coffer::hold_id;
using coffer::hold_request;
using coffer::settle_request;
using coffer::token_kind;
using coffer::token_kinds;
using coffer::detail::check_stated;
using coffer::detail::content_of;
using coffer::detail::token_fields;
using coffer::detail::usage_of;

TEST_CASE("each kind of token reaches the usage of a request and its content") {
    std::set<std::uint64_t> contents{content_of(charge_request{.action = "chat"})};
    for (std::size_t i = 0; i < coffer::token_kind_count; ++i) {
        CAPTURE(i);
        charge_request charge{.action = "chat"};
        charge.*token_fields<charge_request>[i].count = 7;
        hold_request hold{.action = "chat"};
        hold.*token_fields<hold_request>[i].count = 7;
        settle_request settle;
        settle.*token_fields<settle_request>[i].count = 7;
        CHECK(coffer::detail::states_usage(settle));
        coffer::usage expected{.action = "chat"};
        expected.*token_fields<coffer::usage>[i].count = 7;
        CHECK(usage_of(charge, "chat") == expected);
        CHECK(usage_of(hold, "chat") == expected);
        CHECK(usage_of(settle, "chat") == expected);
        CHECK(contents.insert(content_of(charge)).second);
        CHECK(contents.insert(content_of(hold)).second);
        CHECK(contents.insert(content_of(settle, hold_id{9})).second);
    }
}

TEST_CASE("requests from before there were more than five kinds of tokens keep their content") {
    CHECK(content_of(charge_request{.action = "chat",
                                    .input_tokens = 1,
                                    .output_tokens = 2,
                                    .reasoning_tokens = 3,
                                    .cached_tokens = 4,
                                    .cache_write_tokens = 5,
                                    .member = "ada",
                                    .tags = "x"}) == 5'779'515'882'067'491'768u);
    CHECK(content_of(settle_request{.input_tokens = 1, .output_tokens = 2}, hold_id{9}) ==
          13'075'752'318'611'080'593u);
    CHECK(content_of(hold_request{.action = "chat", .output_tokens = 2}) ==
          3'612'399'865'668'160'399u);
}

TEST_CASE("a settle that says zero of all others says the same as one that names each") {
    const settle_request named{.input_tokens = 5, .output_tokens = 0};
    const settle_request others{.input_tokens = 5, .others_zero = true};
    CHECK(content_of(named, hold_id{9}) == content_of(others, hold_id{9}));
    CHECK(coffer::detail::states_usage({.others_zero = true}));
    CHECK(content_of({.others_zero = true}, hold_id{9}) != content_of({}, hold_id{9}));
}

TEST_CASE("the first kind that has a rate and is left out is named") {
    const token_kinds rated{token_kind::output, token_kind::image_output};
    const settle_request none{.input_tokens = 1};
    REQUIRE(!check_stated(none, rated));
    CHECK(check_stated(none, rated).error().subject() == "output_tokens");
    const settle_request one{.output_tokens = 0};
    CHECK(check_stated(one, rated).error().subject() == "image_output_tokens");
    CHECK(check_stated({.output_tokens = 0, .image_output_tokens = 3}, rated));
    CHECK(check_stated({.others_zero = true}, rated));
    CHECK(check_stated({}, {}));
}
