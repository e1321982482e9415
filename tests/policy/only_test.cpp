#include "support/catch.hpp"

#include <coffer/policy/only.hpp>

#include <string>
#include <string_view>

TEST_CASE("only names the actions that may draw, to the letter") {
    const coffer::only only{"chat", "image"};
    CHECK(only.allows("chat"));
    CHECK(only.allows("image"));
    for (std::string_view other : {"", "Chat", "cha", "chats", "chat/fast"}) {
        CHECK_FALSE(only.allows(other));
    }
}

TEST_CASE("rule 14: only names category paths by their first segments") {
    const coffer::only only{"ai/fast", "image"};
    for (std::string_view category : {"ai/fast", "ai/fast/model-x", "image", "image/hd"}) {
        CAPTURE(category);
        CHECK(only.allows("some action", category));
    }
    for (std::string_view category :
         {"", "ai", "ai/", "ai/faster", "ai/faster/model-x", "my/image", "AI/fast", "imag"}) {
        CAPTURE(category);
        CHECK_FALSE(only.allows("some action", category));
    }
    CHECK(only.allows("image", "tools"));
    CHECK_FALSE(only.allows("", ""));
}

TEST_CASE("a policy of one's own that answers the question is an only policy") {
    struct of_one {
        bool allows(std::string_view action, std::string_view) const { return action == "chat"; }
    };
    STATIC_REQUIRE(coffer::only_policy<of_one>);
    STATIC_REQUIRE(coffer::only_policy<coffer::only>);
    STATIC_REQUIRE_FALSE(coffer::only_policy<std::string>);
}
