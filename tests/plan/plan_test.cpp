#include "support/catch.hpp"

#include <coffer/plan/plan.hpp>

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
    std::string_view unit = "tokens";
};
/// As a plan lists its buckets where they are known at run time alone.
struct path_bucket {
    std::string name;
    coffer::only only{"ai/fast"};
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

TEST_CASE("rule 14: an action draws on the buckets that name its category") {
    struct {
        coffer::cost_table cost{{"chat", coffer::cost::flat{1_cr}, "ai/fast/model-x"},
                                {"draft", coffer::cost::flat{1_cr}, "ai/faster"},
                                {"image", coffer::cost::flat{1_cr}}};
        std::vector<path_bucket> buckets{{"gift"}};
    } const plan;
    const auto gift = coffer::bucket_id::of("gift");
    CHECK(coffer::detail::filter_for(plan, "chat").allows(gift));
    for (std::string_view other : {"draft", "image", "unheard-of", ""}) {
        CHECK_FALSE(coffer::detail::filter_for(plan, other).allows(gift));
    }
}

TEST_CASE("a bucket's own rule may leave the category out") {
    struct shouting_only {
        bool allows(std::string_view action) const { return action == "SHOUT"; }
    };
    STATIC_REQUIRE(coffer::only_policy<shouting_only>);
    CHECK(coffer::detail::is_served(shouting_only{}, "SHOUT", "ai"));
    CHECK_FALSE(coffer::detail::is_served(shouting_only{}, "ai", "SHOUT"));
}

TEST_CASE("what a plan leaves out has the standard meaning") {
    CHECK(&coffer::detail::order_of(two_buckets{}) == &coffer::spend_order::standard);
    CHECK(coffer::detail::late_of(two_buckets{}).back.is_zero());
    CHECK(coffer::detail::grace_of(plain_bucket{}).is_zero());
    CHECK(coffer::detail::grace_of(chat_bucket{}) == coffer::timespan{coffer::days{3}});
    CHECK(coffer::detail::late_of(other_order{}).back == std::chrono::hours{1});
    CHECK(coffer::detail::default_zone_of(two_buckets{}) == coffer::zone::utc());
    CHECK(coffer::detail::unit_of(two_buckets{}) == "credits");
    CHECK_FALSE(coffer::detail::drops_debt(two_buckets{}));
    CHECK_FALSE(coffer::detail::refusals_stick(two_buckets{}));
    CHECK(coffer::detail::unit_of(other_order{}) == "tokens");
}

TEST_CASE("the burn order is another where the keys or the buckets are") {
    const auto standard = coffer::detail::burn_fingerprint(two_buckets{});
    CHECK(standard == coffer::detail::burn_fingerprint(two_buckets{.cost = {2_cr}}));
    CHECK(standard != coffer::detail::burn_fingerprint(other_order{}));
    CHECK(standard != coffer::detail::burn_fingerprint(swapped{}));
}
