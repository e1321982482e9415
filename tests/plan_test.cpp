#include "support/catch.hpp"

#include <coffer/plan.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

namespace {

struct plain_bucket {
    coffer::refill::none refill{};
    coffer::rollover::all rollover{};
    coffer::expiry::never expiry{};
    coffer::refund::none refund{};
};
struct chat_bucket : plain_bucket {
    coffer::only only{"chat", "image"};
    coffer::restore::regrant restore{coffer::days{3}};
};

struct two_buckets {
    coffer::cost::flat cost{1_cr};
    plain_bucket package{};
    chat_bucket bonus{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"bonus", &two_buckets::bonus},
                         coffer::bucket{"package", &two_buckets::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
struct swapped {
    coffer::cost::flat cost{1_cr};
    plain_bucket package{};
    chat_bucket bonus{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"package", &swapped::package},
                                                     coffer::bucket{"bonus", &swapped::bonus});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
struct other_order : two_buckets {
    coffer::spend_order::by order{coffer::order_key::newest};
    coffer::late_events late{.back = std::chrono::hours{1}};
};

std::vector<std::string> names_of(const auto& plan) {
    std::vector<std::string> names;
    coffer::detail::for_each_bucket(
        plan, [&](std::string_view name, const auto&) { names.emplace_back(name); });
    return names;
}

}  // namespace

TEST_CASE("buckets are visited in the order in which the plan lists them") {
    CHECK(names_of(two_buckets{}) == std::vector<std::string>{"bonus", "package"});
}

TEST_CASE("a bucket is found by its name, or not at all") {
    const two_buckets plan;
    int called = 0;
    auto count = [&](const auto&) { ++called; };
    CHECK(coffer::detail::with_bucket(plan, "package", count));
    CHECK(called == 1);
    CHECK_FALSE(coffer::detail::with_bucket(plan, "Package", count));
    CHECK_FALSE(coffer::detail::with_bucket(plan, "", count));
    CHECK(called == 1);
}

TEST_CASE("only names the actions that may draw, to the letter") {
    const coffer::only only{"chat", "image"};
    CHECK(only.allows("chat"));
    CHECK(only.allows("image"));
    for (std::string_view other : {"", "Chat", "cha", "chats", "chat/fast"}) {
        CHECK_FALSE(only.allows(other));
    }
}

TEST_CASE("an action draws on all buckets but those limited to others") {
    const two_buckets plan;
    const auto bonus = coffer::bucket_id::of("bonus");
    const auto package = coffer::bucket_id::of("package");
    const auto chat = coffer::detail::filter_for(plan, "chat");
    CHECK(chat.allows(bonus));
    CHECK(chat.allows(package));
    CHECK(chat.everything());
    for (std::string_view action : {"voice", ""}) {
        const auto other = coffer::detail::filter_for(plan, action);
        CHECK_FALSE(other.allows(bonus));
        CHECK(other.allows(package));
    }
}

TEST_CASE("what a plan leaves out has the standard meaning") {
    CHECK(&coffer::detail::order_of(two_buckets{}) == &coffer::spend_order::standard);
    CHECK(coffer::detail::late_of(two_buckets{}).back.count() == 0);
    CHECK(coffer::detail::grace_of(plain_bucket{}).is_zero());
    CHECK(coffer::detail::grace_of(chat_bucket{}) == coffer::timespan{coffer::days{3}});
    CHECK(coffer::detail::late_of(other_order{}).back == std::chrono::hours{1});
}

TEST_CASE("the burn order is another where the keys or the buckets are") {
    const auto standard = coffer::detail::burn_fingerprint(two_buckets{});
    CHECK(standard == coffer::detail::burn_fingerprint(two_buckets{.cost = {2_cr}}));
    CHECK(standard != coffer::detail::burn_fingerprint(other_order{}));
    CHECK(standard != coffer::detail::burn_fingerprint(swapped{}));
}

TEST_CASE("a whole plan passes its check and is a plan") {
    STATIC_REQUIRE(coffer::check_plan<two_buckets>());
    STATIC_REQUIRE(coffer::check_plan<other_order>());
    STATIC_REQUIRE(coffer::plan<two_buckets>);
}
