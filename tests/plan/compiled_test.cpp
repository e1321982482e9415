#include "support/catch.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/compiled.hpp>
#include <coffer/plan/ready.hpp>
#include <coffer/plan/set.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

using namespace coffer::literals;
using coffer::bucket_id;
using coffer::compiled_plan;
using coffer::detail::compiled;

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

/// Lets only one member in.
struct ada_alone {
    bool allows(const coffer::access_question& who) const { return who.member == "ada"; }
};

/// Each part says something that no other part and no default says.
struct outspoken_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{2_cr}},
                            {"video", coffer::cost::between{.least = 1_cr, .most = 5_cr}}};
    struct {
        coffer::refill::every refill{.length = coffer::days{7},
                                     .amount = 11_cr,
                                     .price = coffer::money::from_minor(7, "EUR")};
        coffer::rollover::capped rollover{
            .limit = 3_cr,
            .terms = {.hops = 2, .keeps = coffer::days{9}, .trim = coffer::trim::newest}};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::full refund{};
        coffer::restore::regrant restore{coffer::days{5}};
    } weekly{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::after expiry{coffer::days{30}};
        coffer::refund::unspent refund{};
        coffer::only only{"chat"};
    } pack{};
    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"spoken weekly", &outspoken_plan::weekly},
                         coffer::bucket{"spoken pack", &outspoken_plan::pack});
    coffer::overdraft::limit overdraft{.amount = 13_cr};
    ada_alone access{};
    coffer::spend_order::by order{coffer::order_key::newest};
    coffer::late_events late{.back = coffer::days{2}, .ahead = std::chrono::seconds{17}};
    coffer::clawback::negative clawback{};
    coffer::debt_at_reset::drop debt_at_reset{};
    coffer::refusals::sticky refusals{};
    coffer::zone zone = coffer::zone::find("Asia/Tokyo").or_throw();
};

coffer::instant day(int n) { return coffer::instant{std::chrono::hours{24 * n}}; }

/// The data of a compiled plan is what the policies of the plan answer.
void check_data(const compiled_plan& got) {
    const outspoken_plan said;
    REQUIRE(got.buckets.size() == 2);
    const coffer::bucket_terms& weekly = got.buckets[0];
    CHECK(weekly.bucket == "spoken weekly");
    CHECK(weekly.cadence == said.weekly.refill.cadence());
    CHECK(weekly.price == said.weekly.refill.paid());
    CHECK(weekly.rollover == said.weekly.rollover.terms);
    CHECK(weekly.grace == said.weekly.restore.grace());
    CHECK(weekly.returns_spent == coffer::returns_spent(said.weekly.refund));
    CHECK(weekly.returns_spent);
    const coffer::bucket_terms& pack = got.buckets[1];
    CHECK(pack.bucket == "spoken pack");
    CHECK(pack.cadence.is_zero());
    CHECK_FALSE(pack.price.has_currency());
    CHECK(pack.rollover == coffer::terms_of(said.pack.rollover));
    CHECK(pack.grace.is_zero());
    CHECK_FALSE(pack.returns_spent);

    CHECK(got.overdraft == said.overdraft.terms());
    CHECK(got.of_spent == said.clawback.of_spent());
    CHECK(got.drops_debt);
    CHECK(got.refusals_stick);
    CHECK(got.zone.name() == "Asia/Tokyo");
    CHECK(got.order == coffer::detail::burn_fingerprint(said));
    CHECK(got.late.back == said.late.back);
    CHECK(got.late.ahead == said.late.ahead);
}

/// Its questions are answered by the policies.
void check_answers(const compiled_plan& got) {
    const outspoken_plan said;
    const coffer::period begun{3, day(1), day(8)};
    CHECK(got.allowance(0, begun) == 11_cr);
    CHECK(got.allowance(1, begun) == 0_cr);
    const coffer::ended_allowance ended{.unused = 4_cr, .granted = 11_cr, .period = begun};
    CHECK(got.carry(0, ended) == 3_cr);
    CHECK(got.carry(1, ended) == 0_cr);

    const coffer::lot_birth born{.effective = day(2), .running = begun, .where = {}};
    CHECK(got.life(0, born)->until == day(8));
    CHECK(got.life(0, born)->with_period);
    CHECK(got.life(1, born)->until == day(32));
    CHECK_FALSE(got.life(1, born)->with_period);

    const coffer::purchase bought{.paid = coffer::money::from_minor(100, "EUR"),
                                  .granted = 10_cr,
                                  .unspent = 4_cr,
                                  .bought = day(1),
                                  .now = day(2)};
    CHECK(got.worth(0, bought) == *said.weekly.refund.worth(bought));
    CHECK(got.worth(1, bought) == *said.pack.refund.worth(bought));
    CHECK(*got.worth(0, bought) != *got.worth(1, bought));

    CHECK(got.price({.action = "chat"})->total == 2_cr);
    CHECK(got.price({.action = "poem"}) == coffer::errc::unknown_action);
    CHECK(got.range({.action = "video"}) == coffer::price_range{1_cr, 5_cr});
    CHECK_FALSE(got.range({.action = "chat"}));
    CHECK(got.allows({.member = "ada"}));
    CHECK_FALSE(got.allows({.member = "mallory"}));
    CHECK(got.filter("chat").everything());
    CHECK(got.filter("video").allows(bucket_id::of("spoken weekly")));
    CHECK_FALSE(got.filter("video").allows(bucket_id::of("spoken pack")));

    coffer::lot early{.id = coffer::lot_id{1}};
    coffer::lot late{.id = coffer::lot_id{2}};
    late.terms.effective = day(5);
    CHECK(got.before({late, 1}, {early, 0}));
    CHECK_FALSE(got.before({early, 0}, {late, 1}));
}

}  // namespace

TEST_CASE("what is computed once for a plan is what would be computed each time") {
    const compiled<subscription> plain{subscription{}};
    REQUIRE(plain.buckets.size() == 2);
    CHECK(plain.buckets[0].bucket == bucket_id::of("allowance"));
    CHECK(plain.buckets[1].bucket == bucket_id::of("package"));
    CHECK(plain.order == coffer::detail::burn_fingerprint(subscription{}));

    const compiled<limited_plan> limited{limited_plan{}};
    for (std::string_view action : {"chat", "image", ""}) {
        const auto slow = coffer::detail::filter_for(limited.plan, action);
        const auto fast = limited.filter(action);
        for (const coffer::bucket_terms& each : limited.buckets) {
            CHECK(fast.allows(each.bucket) == slow.allows(each.bucket));
            CHECK(fast.allows(each.bucket) == (action == "chat"));
        }
    }
}

TEST_CASE("a compiled plan has as data what its policies answer") {
    check_data(compiled<outspoken_plan>{outspoken_plan{}});
    check_data(compiled<coffer::any_plan>{coffer::any_plan{outspoken_plan{}}});
}

TEST_CASE("a compiled plan asks its policies what only they can answer") {
    check_answers(compiled<outspoken_plan>{outspoken_plan{}});
    check_answers(compiled<coffer::any_plan>{coffer::any_plan{outspoken_plan{}}});
}

TEST_CASE("a plan that leaves optional parts out is compiled to their defaults") {
    const compiled<subscription> plain{subscription{}};
    CHECK(plain.overdraft == coffer::overdraft_terms{});
    CHECK(plain.of_spent == coffer::clawback::clamp{}.of_spent());
    CHECK_FALSE(plain.drops_debt);
    CHECK_FALSE(plain.refusals_stick);
    CHECK(plain.zone.name() == coffer::zone{}.name());
    CHECK(plain.late.back.is_zero());
    CHECK(plain.late.ahead == coffer::late_events{}.ahead);
    CHECK(plain.buckets[0].rollover == coffer::rollover_terms{});
    CHECK(plain.buckets[0].grace.is_zero());
    CHECK(plain.filter("anything").everything());
}

TEST_CASE("one plan for all accounts is the answer whatever the id") {
    const coffer::detail::plans_of<subscription> source{subscription{}};
    const coffer::detail::plans_of<coffer::any_plan> erased{coffer::any_plan{subscription{}}};
    STATIC_REQUIRE_FALSE(coffer::detail::chooses_by_account<subscription>);
    STATIC_REQUIRE_FALSE(coffer::detail::chooses_by_account<coffer::any_plan>);
    const coffer::plan_source* sources[] = {&source, &erased};
    for (const coffer::plan_source* each : sources) {
        REQUIRE(each->only());
        CHECK(each->only()->buckets.size() == 2);
        for (std::string_view id : {"", "pro", "free"}) CHECK(&**each->find(id) == each->only());
    }
}

TEST_CASE("of several plans each account's is found by its id, and none is the only one") {
    coffer::plan_set plans{coffer::named{"free", subscription{}},
                           coffer::named{"pro", limited_plan{}}};
    const coffer::detail::plans_of<decltype(plans)> source{plans};
    CHECK(source.only() == nullptr);
    CHECK((*source.find("pro"))->buckets[0].bucket == "gift");
    CHECK((*source.find("free"))->buckets[0].bucket == "allowance");
    CHECK(&**source.find("") == &**source.find("free"));
    const auto refused = source.find("gold");
    REQUIRE(refused == coffer::errc::unknown_plan);
    CHECK(refused.error().subject() == "gold");
}

TEST_CASE("a plan that was found is kept as long as its reference") {
    auto owned = std::make_shared<const compiled<subscription>>(subscription{});
    std::weak_ptr<const compiled<subscription>> watched = owned;
    {
        const compiled_plan& found = *owned;
        const coffer::plan_ref kept{found, std::move(owned)};
        const coffer::plan_ref copy = kept;
        CHECK_FALSE(watched.expired());
        CHECK(copy->buckets.size() == 2);
    }
    CHECK(watched.expired());
}

TEST_CASE("what is called with a plan answers in results") {
    const coffer::plan_set plans{coffer::named{"pro", subscription{}}};
    bool called = false;
    const coffer::result<void> nothing = plans.visit("", [&](const auto&) { called = true; });
    CHECK(nothing);
    CHECK(called);
    const coffer::result<int> refused =
        plans.visit("", [](const auto&) -> coffer::result<int> { return coffer::errc::too_many; });
    CHECK(refused == coffer::errc::too_many);
    const coffer::result<int> plain = plans.visit("", [](const auto&) { return 3; });
    CHECK(plain == 3);
}
