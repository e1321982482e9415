#include "support/catch.hpp"

#include <coffer/ledger/entry.hpp>
#include <coffer/ledger/signature.hpp>

#include <cstddef>
#include <string>
#include <string_view>

using coffer::signature;
using coffer::signature_text;
using namespace std::string_view_literals;

TEST_CASE("a signature keeps both texts as they are, whatever bytes they have") {
    for (std::string_view actor : {""sv, "ada"sv, "a//b"sv, "\0x\0"sv, "\xff\xc3"sv}) {
        for (std::string_view reason : {""sv, "because"sv, "\0"sv, "\xf0\x28"sv}) {
            const signature_text text{actor, reason};
            CHECK(text.view().actor() == actor);
            CHECK(text.view().reason() == reason);
            CHECK(text.view().empty() == (actor.empty() && reason.empty()));
            const std::string kept{text.view().bytes()};
            const signature copy{kept};
            CHECK(copy == text.view());
            CHECK(copy.bytes() == text.view().bytes());
        }
    }
}

TEST_CASE("a signature has room for the longest texts") {
    const std::string actor(coffer::max_actor_size, 'a');
    const std::string reason(coffer::max_reason_size, 'r');
    const signature_text text{actor, reason};
    CHECK(text.view().actor() == actor);
    CHECK(text.view().reason() == reason);
    CHECK(text.view().bytes().size() == 2 + actor.size() + reason.size());
}

TEST_CASE("texts that are too long are none, and write nowhere") {
    const std::string longer(1'024, 'x');
    CHECK(signature_text{longer, "why"}.view().actor().empty());
    CHECK(signature_text{longer, "why"}.view().reason() == "why");
    CHECK(signature_text{"ada", longer}.view().reason().empty());
    CHECK(signature_text{longer, longer}.view() == signature{});
}

TEST_CASE("signatures of other texts differ, also where the texts together are the same") {
    const signature_text one{"ada", "b"};
    const signature_text other{"ad", "ab"};
    CHECK_FALSE(one.view() == other.view());
    CHECK_FALSE(one.view() == signature{});
    CHECK(signature{} == signature{""});
    CHECK(signature{}.bytes().empty());
    coffer::entry e;
    coffer::entry same = e;
    CHECK(e == same);
    e.signature = one.view();
    CHECK_FALSE(e == same);
}
