#include "support/catch.hpp"

#include <coffer/plan/check.hpp>
#include <coffer/plan/detail/parts.hpp>
#include <coffer/plan/plan.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace coffer::literals;

// A plan that the check refuses does not compile: see tests/compile_fail. Here is what passes.

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

struct plain_plan {
    coffer::cost::flat cost{1_cr};
    plain_bucket package{};
    chat_bucket bonus{};
    static constexpr auto buckets = coffer::in_order(  //
        coffer::bucket{"bonus", &plain_plan::bonus},
        coffer::bucket{"package", &plain_plan::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};
struct derived_plan : plain_plan {
    coffer::spend_order::by order{coffer::order_key::newest};
    coffer::late_events late{.back = std::chrono::hours{1}};
    char unit[7] = "tokens";
};

/// With every part static that can be.
struct static_plan {
    coffer::cost::flat cost{1_cr};
    struct package_bucket {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        static constexpr coffer::expiry::never expiry{};
        static constexpr coffer::refund::none refund{};
    } package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &static_plan::package});
    static constexpr coffer::overdraft::deny overdraft{};
    static constexpr coffer::access::anyone access{};
    static constexpr coffer::clawback::negative clawback{};
};

/// One member that is two buckets.
struct shared_member {
    coffer::cost::flat cost{1_cr};
    plain_bucket both{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"bought", &shared_member::both},
                                                     coffer::bucket{"given", &shared_member::both});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

struct listed_bucket : plain_bucket {
    std::string name{};
};
/// As a plan lists its buckets where they are known at run time alone.
struct run_time_plan {
    coffer::cost::flat cost{1_cr};
    std::vector<listed_bucket> buckets{};
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

/// With members of its own, which are arrays, aggregates, texts.
struct annotated_plan : plain_plan {
    std::string title{};
    int shades[3]{};
    static constexpr int own_members = 2;
};
struct annotated_bucket : plain_bucket {
    struct {
        int width{}, height{};
    } icon{};
    static constexpr std::size_t own_members = 1;
};
struct plan_of_annotated_bucket {
    coffer::cost::flat cost{1_cr};
    annotated_bucket package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"package", &plan_of_annotated_bucket::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

/// What is no aggregate may have members as it likes.
struct closed_plan : plain_plan {
    explicit closed_plan(std::string of) : title{std::move(of)} {}
    std::string title;
};

/// Another part in the place of a base's, in the plan and in a bucket.
struct closed_to_others : plain_plan {
    coffer::access::members access{"ada"};
    coffer::clawback::negative clawback{};
};
struct closed_and_dear : closed_to_others {
    coffer::cost::flat cost{9_cr};
    coffer::clawback::refuse clawback{};
};
struct expiring_bucket : plain_bucket {
    coffer::expiry::at_period_end expiry{};
    coffer::only only{"chat"};
};

}  // namespace

TEST_CASE("a whole plan passes its check and is a plan") {
    STATIC_REQUIRE(coffer::check_plan<plain_plan>());
    STATIC_REQUIRE(coffer::check_plan<derived_plan>());
    STATIC_REQUIRE(coffer::check_plan<static_plan>());
    STATIC_REQUIRE(coffer::check_plan<shared_member>());
    STATIC_REQUIRE(coffer::check_plan<run_time_plan>());
    STATIC_REQUIRE(coffer::check_plan<closed_plan>());
    STATIC_REQUIRE(coffer::plan<plain_plan>);
    STATIC_REQUIRE(coffer::plan<run_time_plan>);
    STATIC_REQUIRE_FALSE(coffer::plan<plain_bucket>);
}

TEST_CASE("own_members allows a plan or a bucket so many members of its own") {
    STATIC_REQUIRE(coffer::check_plan<annotated_plan>());
    STATIC_REQUIRE(coffer::check_plan<plan_of_annotated_bucket>());
    STATIC_REQUIRE(coffer::detail::known_of_plan<annotated_plan>() == 5);
    STATIC_REQUIRE(coffer::detail::members_of<annotated_plan, 5>() == 7);
    STATIC_REQUIRE(coffer::detail::known_of_bucket<annotated_bucket>() == 4);
    STATIC_REQUIRE(coffer::detail::members_of<annotated_bucket, 4>() == 5);
}

TEST_CASE("a part that hides a base's part of its name is one, and so is the hidden one") {
    STATIC_REQUIRE(coffer::check_plan<closed_to_others>());
    STATIC_REQUIRE(coffer::check_plan<closed_and_dear>());
    STATIC_REQUIRE(coffer::detail::known_of_plan<closed_to_others>() == 5 + 2);
    STATIC_REQUIRE(coffer::detail::known_of_plan<closed_and_dear>() == 5 + 2 + 2);
    STATIC_REQUIRE(coffer::detail::check_bucket<expiring_bucket>());
    STATIC_REQUIRE(coffer::detail::known_of_bucket<expiring_bucket>() == 4 + 2);
}

TEST_CASE("static parts are parts but no members") {
    STATIC_REQUIRE(coffer::detail::known_of_plan<static_plan>() == 2);
    STATIC_REQUIRE(coffer::detail::members_of<static_plan, 2>() == 2);
}
