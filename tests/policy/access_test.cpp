#include "support/catch.hpp"

#include <coffer/policy/access.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace allow = coffer::access;  // POSIX has a function access
using coffer::access_question;
using coffer::verb;

namespace {

std::vector<verb> all_verbs() {
    std::vector<verb> all;
    for (std::size_t i = 0; i < coffer::verb_count; ++i) all.push_back(static_cast<verb>(i));
    return all;
}

/// What a policy lets an actor do to a wallet.
template <class Policy>
allow::verbs allowed(const Policy& policy, std::string_view wallet, std::string_view actor) {
    allow::verbs may;
    for (verb v : all_verbs()) {
        if (policy.allows({.wallet = wallet, .verb = v, .actor = actor})) may = may | v;
    }
    return may;
}

}  // namespace

TEST_CASE("each verb has a name of its own and is in one group") {
    std::set<std::string_view> names;
    std::size_t sum = 0;
    const allow::verbs groups[] = {allow::spend,  allow::buy,       allow::grant,
                                   allow::refund, allow::configure, allow::see};
    for (verb v : all_verbs()) {
        names.insert(to_string(v));
        for (allow::verbs group : groups) sum += std::size_t{group.contains(v)};
        CHECK(allow::everything.contains(v));
        CHECK_FALSE((allow::everything - v).contains(v));
        CHECK_FALSE(allow::verbs{}.contains(v));
    }
    CHECK(names.size() == coffer::verb_count);
    CHECK(names.count("unknown") == 0);
    CHECK(sum == coffer::verb_count);
    CHECK(allow::spend == allow::verbs{verb::charge, verb::hold, verb::settle, verb::release});
    CHECK((allow::spend | allow::see) - allow::spend == allow::see);
    CHECK(allow::of_host == allow::everything - allow::spend);
    CHECK(allow::buy == allow::verbs{verb::buy});
    // What says that something was paid brings credits.
    for (verb paid : {verb::grant, verb::confirm, verb::paid}) CHECK(allow::grant.contains(paid));
}

TEST_CASE("anyone may do everything, named or not") {
    CHECK(allow::anyone{}.allows({}));
    CHECK(allowed(allow::anyone{}, "acme", "ann") == allow::everything);
    CHECK(allow::anyone{}.allows({.actor = "ann", .action = "post", .resource = "r"}));
}

TEST_CASE("members are those on the list, to the letter") {
    const allow::members team{"ann", "bob"};
    CHECK(team.allows({.actor = "ann"}));
    CHECK(team.allows({.wallet = "acme", .actor = "bob", .action = "anything"}));
    for (const char* other : {"", "Ann", "an", "annn", "ann "}) {
        CHECK_FALSE(team.allows({.actor = other}));
    }
    CHECK_FALSE(team.allows({.actor = std::string_view{"ann\0", 4}}));
    CHECK_FALSE(allow::members{}.allows({}));
}

TEST_CASE("a list keeps its names when those it was made from are gone") {
    auto made = [] {
        const std::string name = "somebody with a long name that is kept on the heap";
        return allow::members{name};
    }();
    CHECK(made.allows({.actor = "somebody with a long name that is kept on the heap"}));
}

TEST_CASE("members may spend and see in their own wallets alone") {
    const allow::members by_wallet{{"acme", {"ada", "grace"}}, {"globex", {"bob", "ada"}}};
    const allow::verbs member = allow::spend | allow::see;
    CHECK(allowed(by_wallet, "acme", "ada") == member);
    CHECK(allowed(by_wallet, "globex", "ada") == member);
    CHECK(allowed(by_wallet, "acme", "grace") == member);
    CHECK(allowed(by_wallet, "globex", "grace") == allow::verbs{});
    CHECK(allowed(by_wallet, "acme", "bob") == allow::verbs{});
    CHECK(allowed(by_wallet, "", "ada") == allow::verbs{});
    CHECK(allowed(by_wallet, "acm", "eada") == allow::verbs{});
    CHECK(allowed(by_wallet, "acme", "acme") == allow::verbs{});
}

TEST_CASE("a table of members is what its rows say, in whatever order they come") {
    std::vector<allow::workspace> wallets;
    std::set<std::pair<std::string, std::string>> rows;
    unsigned seed = 7;
    for (int i = 0; i < 300; ++i) {
        seed = seed * 1'103'515'245u + 12'345u;
        const std::string wallet = "w" + std::to_string((seed >> 8) % 20);
        const std::string name = "m" + std::to_string((seed >> 16) % 30);
        wallets.push_back({wallet, {name}});
        rows.emplace(wallet, name);
    }
    const allow::members table{wallets};
    for (int w = 0; w < 21; ++w) {
        for (int m = 0; m < 31; ++m) {
            const std::string wallet = "w" + std::to_string(w);
            const std::string name = "m" + std::to_string(m);
            const bool listed = rows.count({wallet, name}) > 0;
            REQUIRE(table.allows({.wallet = wallet, .actor = name}) == listed);
        }
    }
}

TEST_CASE("the host, which names nobody, does all but spend") {
    CHECK(allowed(allow::members{{"acme", {"ada"}}}, "acme", "") == allow::of_host);
    CHECK(allowed(allow::roles{{}, {}}, "acme", "") == allow::of_host);
    CHECK(allowed(allow::roles{{}, {}, allow::verbs{}}, "acme", "") == allow::verbs{});
    CHECK(allowed(allow::roles{{}, {}, allow::everything}, "acme", "") == allow::everything);
    CHECK(allowed(allow::roles{{}, {}, allow::everything}, "acme", "ada") == allow::verbs{});
}

TEST_CASE("members may be looked up") {
    std::multimap<std::string, std::string, std::less<>> directory{{"acme", "ada"}};
    const allow::members_if looked_up{[&](const access_question& who) {
        const auto [from, until] = directory.equal_range(who.wallet);
        for (auto at = from; at != until; ++at) {
            if (at->second == who.actor) return true;
        }
        return false;
    }};
    CHECK(allowed(looked_up, "acme", "ada") == (allow::spend | allow::see));
    CHECK(allowed(looked_up, "acme", "bob") == allow::verbs{});
    CHECK(allowed(looked_up, "acme", "") == allow::of_host);
    directory.emplace("acme", "bob");
    CHECK(allowed(looked_up, "acme", "bob") == (allow::spend | allow::see));
}

TEST_CASE("each member does what the member's role may, support staff in every wallet") {
    const allow::roles by_role{{{"member", allow::spend | allow::see},
                                {"owner", allow::everything},
                                {"support", allow::refund | allow::see}},
                               {{"acme", {{"ada", "owner"}, {"grace", "member"}}},
                                {"globex", {{"ada", "member"}, {"eve", "no such role"}}},
                                {"", {{"sam", "support"}, {"grace", "support"}}}}};
    CHECK(allowed(by_role, "acme", "ada") == allow::everything);
    CHECK(allowed(by_role, "globex", "ada") == (allow::spend | allow::see));
    CHECK(allowed(by_role, "initech", "ada") == allow::verbs{});
    CHECK(allowed(by_role, "globex", "eve") == allow::verbs{});
    CHECK(allowed(by_role, "initech", "sam") == (allow::refund | allow::see));
    CHECK(allowed(by_role, "acme", "grace") == (allow::spend | allow::refund | allow::see));
    CHECK(allowed(by_role, "globex", "grace") == (allow::refund | allow::see));
    CHECK(allowed(by_role, "acme", "owner") == allow::verbs{});
}

TEST_CASE("roles may be looked up") {
    const allow::roles_by looked_up{
        {{"clerk", verb::grant}}, [](const access_question& who) {
            return std::string{who.wallet == "acme" && who.actor == "ada" ? "clerk" : ""};
        }};
    CHECK(allowed(looked_up, "acme", "ada") == allow::verbs{verb::grant});
    CHECK(allowed(looked_up, "globex", "ada") == allow::verbs{});
    CHECK(allowed(looked_up, "acme", "") == allow::of_host);
    STATIC_REQUIRE(coffer::access_policy<decltype(looked_up)>);
}

TEST_CASE("what would read two names as the ends of one does not compile") {
    STATIC_REQUIRE(std::is_constructible_v<allow::member_name, const char*>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<allow::member_name, const char*, const char*>);
}
