#include "support/catch.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/plan/ready.hpp>

#include <string_view>
#include <vector>

using namespace coffer::literals;

namespace {

using subscription = coffer::plans::subscription<coffer::cost::free>;

struct limited_plan {
    coffer::cost::free cost{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::none refund{};
        coffer::only only{"chat"};
    } gift{}, package{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"gift", &limited_plan::gift},
                         coffer::bucket{"kept", &limited_plan::package});
    coffer::overdraft::deny overdraft{};
    coffer::access::anyone access{};
};

}  // namespace

TEST_CASE("what is computed once for a plan is what would be computed each time") {
    const coffer::detail::compiled_plan<subscription> compiled{subscription{}};
    CHECK(compiled.buckets == std::vector<coffer::bucket_id>{coffer::bucket_id::of("allowance"),
                                                             coffer::bucket_id::of("package")});
    CHECK(compiled.fingerprint == coffer::detail::burn_fingerprint(subscription{}));
    CHECK(&compiled.order() == &coffer::spend_order::standard);

    const coffer::detail::compiled_plan<limited_plan> limited{limited_plan{}};
    for (std::string_view action : {"chat", "image", ""}) {
        const auto slow = coffer::detail::filter_for(limited.plan, action);
        const auto fast = coffer::detail::filter_for(limited, action);
        for (coffer::bucket_id bucket : limited.buckets) {
            CHECK(fast.allows(bucket) == slow.allows(bucket));
            CHECK(fast.allows(bucket) == (action == "chat"));
        }
    }
}

TEST_CASE("one plan for all accounts is the answer whatever the id") {
    const coffer::detail::plan_source<subscription> source{subscription{}};
    const coffer::detail::plan_source<coffer::any_plan> erased{coffer::any_plan{subscription{}}};
    STATIC_REQUIRE_FALSE(coffer::detail::chooses_by_account<subscription>);
    STATIC_REQUIRE_FALSE(coffer::detail::chooses_by_account<coffer::any_plan>);
    for (std::string_view id : {"", "pro", "free"}) {
        auto count = [](const auto& compiled) { return compiled.buckets.size(); };
        CHECK(source.with_plan(id, count) == std::size_t{2});
        CHECK(erased.with_plan(id, count) == std::size_t{2});
    }
}

TEST_CASE("what is called with a plan answers in results") {
    const coffer::detail::plan_source<subscription> source{subscription{}};
    bool called = false;
    const coffer::result<void> nothing = source.with_plan("", [&](const auto&) { called = true; });
    CHECK(nothing);
    CHECK(called);
    const coffer::result<int> refused = source.with_plan(
        "", [](const auto&) -> coffer::result<int> { return coffer::errc::too_many; });
    CHECK(refused == coffer::errc::too_many);
    const coffer::result<int> plain = source.with_plan("", [](const auto&) { return 3; });
    CHECK(plain == 3);
}
