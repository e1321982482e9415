// A plan without its type has to be the plan: the same journals, whatever happens to a wallet.
#include "support/choices.hpp"
#include "support/dice.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/plan/any.hpp>
#include <coffer/plan/ready.hpp>

#include <utility>

using namespace coffer_test;

namespace {

// ---- Static plans -------------------------------------------------------------------------------

struct dice : fair_dice {
    using fair_dice::fair_dice;

    coffer::credits amount() { return micros(1 + below(one_in(4) ? 10 : 30'000'000)); }
};

/// All parts that a plan can have, none of them erased.
struct whole_plan {
    coffer::cost_table cost{{"chat", coffer::cost::flat{1.000003_cr}, "ai/fast/model-x"},
                            {"image", coffer::cost::flat{3_cr}, "ai/faster"},
                            {"voice", coffer::cost::per_unit{.each = 2_cr_each}}};
    struct {
        coffer::refill::every refill{.length = coffer::days{10}, .amount = 20_cr};
        coffer::rollover::capped rollover{.limit = 5_cr, .terms = {.hops = 2}};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::unspent refund{};
    } budget{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::after expiry{coffer::days{30}};
        coffer::refund::within refund{.window = coffer::days{9}};
        coffer::only only{"ai/fast"};
        coffer::restore::regrant restore{coffer::days{4}};
    } bonus{};
    struct {
        coffer::refill::none refill{};
        coffer::rollover::all rollover{};
        coffer::expiry::never expiry{};
        coffer::refund::full refund{};
    } package{};
    static constexpr auto buckets = coffer::in_order(
        coffer::bucket{"budget", &whole_plan::budget}, coffer::bucket{"bonus", &whole_plan::bonus},
        coffer::bucket{"package", &whole_plan::package});
    coffer::overdraft::limit overdraft{.amount = 15_cr};
    coffer::access::members access{"ada", ""};
    coffer::spend_order::by order{coffer::order_key::bucket, coffer::order_key::newest};
    coffer::late_events late{.back = 48h};
    coffer::clawback::negative clawback{};
    coffer::debt_at_reset::drop debt_at_reset{};
    coffer::refusals::sticky refusals{};
    coffer::choices choices{.alerts = 2, .budget = true};
    static constexpr int revision = 4;
    coffer::zone zone{in_zone("Europe/Berlin")};
    std::string_view unit = "tokens";
};
static_assert(coffer::check_plan<whole_plan>());
// Made here: g++ 12 does not make one in a template.
const whole_plan whole;

lab_plan random_plan(std::uint64_t seed) {
    dice d{seed};
    lab_plan plan;
    plan.cost = {{"chat", coffer::cost::flat{1.000003_cr}}, {"image", coffer::cost::flat{3_cr}}};
    for (lab_bucket* b : {&plan.budget, &plan.bonus, &plan.package}) {
        if (b != &plan.package && d.one_in(2)) {
            b->refill = {.length = d.of<coffer::timespan>({coffer::months{1}, coffer::weeks{1}}),
                         .amount = d.amount(),
                         .price = usd(d.below(500))};
            b->expiry = {coffer::expiry::at_period_end{}};
        } else if (d.one_in(2)) {
            b->expiry = {coffer::expiry::after{coffer::days{1 + static_cast<int>(d.below(60))}}};
        }
        switch (d.below(3)) {
            case 0: b->rollover = {coffer::rollover::all{}}; break;
            case 1: b->rollover = {coffer::rollover::fraction{1 + d.below(3), 3}}; break;
            default: break;
        }
        if (d.one_in(2)) b->refund = {coffer::refund::unspent{}};
        if (d.one_in(2)) b->restore = {.length = coffer::days{static_cast<int>(1 + d.below(9))}};
    }
    if (d.one_in(3)) plan.bonus.only.names = {"chat"};
    if (d.one_in(2)) plan.overdraft = {coffer::overdraft::limit{.amount = d.amount()}};
    if (d.one_in(4)) plan.overdraft = {coffer::overdraft::take_available{}};
    if (d.one_in(4)) plan.overdraft = {coffer::overdraft::bill_later{{}, usd(d.below(300))}};
    plan.late = {.back = 48h};
    plan.choices = some_choices(d);
    plan.revision = static_cast<std::uint32_t>(d.below(3));
    return plan;
}

// ---- One life of two wallets --------------------------------------------------------------------

/// A random life. Two with the same seed ask the same of their wallets.
template <class Lab>
class life {
public:
    life(Lab& l, std::uint64_t seed) : l_{l}, d_{seed} {}

    std::vector<std::string> answers;

    void step() {
        l_.clock.set(next_instant());
        switch (d_.below(14)) {
            case 12: note(l_.w.configure(some_choice(d_))); break;
            case 0:
            case 1: grant(); break;
            case 2:
            case 3:
            case 4: charge(); break;
            case 5:
            case 6: hold(); break;
            case 7: note(l_.w.settle(an_id<coffer::hold_id>(), {.amount = an_amount()})); break;
            case 8: note(l_.w.release(an_id<coffer::hold_id>())); break;
            case 9:
                note(l_.w.refund({.entry = an_id<coffer::entry_id>(), .amount = an_amount()}));
                break;
            case 10: note(l_.w.void_lot({.lot = an_id<coffer::lot_id>()})); break;
            case 11: note(l_.w.refund_purchase({.lot = an_id<coffer::lot_id>()})); break;
            default:
                if (d_.one_in(9)) note(l_.w.start());
                break;
        }
    }

private:
    coffer::instant next_instant() {
        const coffer::instant now = l_.clock.now();
        switch (d_.below(5)) {
            case 0: return now;
            case 1: return now + 24h * d_.below(d_.one_in(3) ? 40 : 3);
            case 2: return now + 1s * d_.below(100'000);
            default: return now + 1min * d_.below(300);
        }
    }
    template <class Id>
    Id an_id() {
        return Id{static_cast<std::uint32_t>(1 + d_.below(l_.stored().last.value() + 2))};
    }
    std::optional<coffer::credits> an_amount() {
        if (d_.one_in(3)) return std::nullopt;
        return d_.amount();
    }
    template <class Receipt>
    void note(const Receipt& r) {
        answers.push_back(r ? "done" : std::string{to_string(r.error().code())});
    }

    void grant() {
        coffer::grant_request r{
            .bucket = d_.of<std::string_view>({"budget", "bonus", "package", "allowance", "none"}),
            .amount = d_.amount()};
        if (d_.one_in(3)) r.priority = static_cast<std::int32_t>(d_.below(3));
        if (d_.one_in(4)) r.effective = l_.clock.now() + 1h * d_.below(200);
        if (d_.one_in(2)) r.paid = usd(1 + d_.below(2'000));
        note(l_.w.grant(r));
    }
    void charge() {
        coffer::charge_request r{
            .action = d_.of<std::string_view>({"", "chat", "image", "voice", "none"}),
            .member = d_.of<std::string_view>({"", "ada", "bob"})};
        if (r.action.empty()) {
            r.amount = d_.amount();
        } else {
            r.quantity = coffer::quantity::from_micros(d_.below(9'000'000));
        }
        if (d_.one_in(4)) r.at = l_.clock.now() - 1min * d_.below(60 * 60);
        std::string id = "c" + std::to_string(d_.below(40));
        if (d_.one_in(3)) r.request = id;
        note(l_.w.charge(r));
    }
    void hold() {
        coffer::hold_request r{.amount = d_.amount(), .expires_in = 1min * (1 + d_.below(3'000))};
        if (d_.one_in(2)) {
            r.at_most = std::exchange(r.amount, std::nullopt);
            r.action = d_.of<std::string_view>({"chat", "image"});
        }
        if (d_.one_in(3)) r.tolerance = d_.amount();
        auto held = l_.w.hold(r);
        note(held);
        if (held) (void)held->detach();
    }

    Lab& l_;
    dice d_;
};

/// Whether a static plan and its twin without a type live alike.
template <class Store, class Plan>
void check_twins(const Plan& plan, std::uint64_t seed) {
    CAPTURE(seed);
    lab<Store, Plan> one{plan, "2026-01-31T22:30:00Z"};
    lab<Store, coffer::any_plan> two{coffer::any_plan{plan}, "2026-01-31T22:30:00Z"};
    one.audited = two.audited = false;  // the one is all that the other is asked for
    life<lab<Store, Plan>> first{one, seed};
    life<lab<Store, coffer::any_plan>> second{two, seed};
    if (seed % 5 != 0) {
        one.w.start({.zone = in_zone("Europe/Berlin")}).or_throw();
        two.w.start({.zone = in_zone("Europe/Berlin")}).or_throw();
    }
    for (int i = 0; i < 80; ++i) {
        first.step();
        second.step();
    }
    for (coffer::manual_clock* clock : {&one.clock, &two.clock}) clock->advance(24h * 60);
    CHECK(one.w.sweep().or_throw() == two.w.sweep().or_throw());
    CHECK(first.answers == second.answers);
    const journal a = one.entries();
    const journal b = two.entries();
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        CAPTURE(i);
        REQUIRE(a.entries[i] == b.entries[i]);
    }
    CHECK(one.stored() == two.stored());
    CHECK(a.size() > 5);
}

// ---- Policies of a host -------------------------------------------------------------------------

/// Counts its copies, to see who shares it.
struct counted_cost {
    std::shared_ptr<int> copies = std::make_shared<int>(0);

    counted_cost() = default;
    counted_cost(const counted_cost& other) : copies{other.copies} { ++*copies; }
    counted_cost& operator=(const counted_cost&) = default;

    coffer::result<coffer::price> price(const coffer::usage&) const {
        return coffer::price{.total = 7_cr};
    }
    std::string_view category(std::string_view action) const {
        return action == "chat" ? "ai/chat" : "";
    }
    std::optional<coffer::price_range> range(const coffer::usage& used) const {
        if (used.action != "call") return std::nullopt;
        return coffer::price_range{1_cr, 4_cr};
    }
    coffer::token_kinds kinds(const coffer::usage& used) const {
        if (used.action != "chat") return {};
        return {coffer::token_kind::input};
    }
};

struct mixed_plan {
    coffer::any_cost cost;
    struct {
        coffer::refill::none refill{};
        coffer::any_rollover rollover{coffer::rollover::all{}};
        coffer::expiry::never expiry{};
        coffer::any_refund refund{coffer::refund::full{}};
        coffer::any_only only{"chat"};
    } gift{};
    static constexpr auto buckets = coffer::in_order(coffer::bucket{"gift", &mixed_plan::gift});
    coffer::overdraft::deny overdraft{};
    coffer::any_access access{coffer::access::anyone{}};
};
static_assert(coffer::check_plan<mixed_plan>());

coffer::any_plan plain_plan() {
    return {{.cost = coffer::cost_table{{"chat", coffer::cost::flat{2_cr}}},
             .buckets = {{.name = "package",
                          .refill = coffer::refill::none{},
                          .rollover = coffer::rollover::none{},
                          .expiry = coffer::expiry::never{},
                          .refund = coffer::refund::full{}}},
             .overdraft = coffer::overdraft::deny{},
             .access = coffer::access::anyone{}}};
}

}  // namespace

TEMPLATE_TEST_CASE("a plan without its type gives the journals of its static twin", "", lends_heads,
                   gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        check_twins<TestType>(random_plan(seed), seed);
        check_twins<TestType>(whole, seed);
        check_twins<TestType>(
            coffer::plans::subscription<>{.cost = {{"chat", coffer::cost::flat{1_cr}}},
                                          .allowance = {.refill = {.amount = 40_cr}}},
            seed);
        check_twins<TestType>(coffer::plans::prepaid<coffer::cost::flat>{.cost = {.each = 0.5_cr}},
                              seed);
    }
}

TEST_CASE("a plan keeps each part of the static plan that it is made from") {
    const coffer::any_plan plan{whole_plan{}};
    CHECK(plan.check());
    REQUIRE(plan.buckets.size() == 3);
    CHECK(plan.buckets[0].name == "budget");
    CHECK(plan.buckets[0].refill.cadence() == coffer::timespan{coffer::days{10}});
    CHECK(plan.buckets[0].rollover.terms.hops == 2);
    CHECK(plan.buckets[1].restore.grace() == coffer::timespan{coffer::days{4}});
    CHECK(plan.buckets[2].restore.grace().is_zero());
    CHECK_FALSE(plan.buckets[1].only.is_open());
    CHECK(plan.buckets[2].only.is_open());
    CHECK(plan.overdraft.terms().limit == 15_cr);
    CHECK(plan.access.allows({.actor = "ada"}));
    CHECK_FALSE(plan.access.allows({.actor = "bob"}));
    CHECK(plan.late.back == 48h);
    CHECK(plan.clawback.of_spent() == coffer::shortfall::owed);
    CHECK(plan.debt_at_reset.drops());
    CHECK(plan.refusals.stick());
    CHECK(plan.zone == in_zone("Europe/Berlin"));
    CHECK(plan.unit == "tokens");
    CHECK(coffer::detail::burn_fingerprint(plan) == coffer::detail::burn_fingerprint(whole_plan{}));
}

TEST_CASE("what a plan leaves out is the standard one") {
    const coffer::any_plan plan = plain_plan();
    CHECK(plan.order.fingerprint() == coffer::spend_order::standard.fingerprint());
    CHECK(plan.clawback.of_spent() == coffer::clawback::clamp{}.of_spent());
    CHECK_FALSE(plan.debt_at_reset.drops());
    CHECK_FALSE(plan.refusals.stick());
    CHECK(plan.buckets[0].restore.grace().is_zero());
    CHECK(plan.buckets[0].only.allows("", ""));
    CHECK(plan.late.back == 0h);
    CHECK(plan.zone == coffer::zone::utc());
    CHECK(plan.unit == "credits");
}

TEST_CASE("what a static plan must write out, a plan without a type must too") {
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_cost>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_refill>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_rollover>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_expiry>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_refund>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_overdraft>);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<coffer::any_access>);
}

TEST_CASE("a policy without a type is made from models of its own concept alone") {
    STATIC_REQUIRE(std::is_convertible_v<coffer::cost::flat, coffer::any_cost>);
    STATIC_REQUIRE(std::is_convertible_v<coffer::refund::none, coffer::any_refund>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::any_cost, coffer::refund::none>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::any_cost, coffer::any_refill>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::any_refund, int>);
    STATIC_REQUIRE_FALSE(std::is_constructible_v<coffer::any_plan, coffer::cost::flat>);
}

TEST_CASE("copies of a policy without a type share one model, and none is left without one") {
    const counted_cost own;
    coffer::any_cost first{own};
    const int made = *own.copies;
    const coffer::any_cost second{first};
    const coffer::any_cost third{std::move(first)};
    CHECK(*own.copies == made);
    for (const coffer::any_cost* each : {&std::as_const(first), &second, &third}) {
        CHECK(each->price({})->total == 7_cr);
        CHECK(each->category("chat") == "ai/chat");
        CHECK(each->category("voice").empty());
        CHECK(each->range({.action = "call"}) == coffer::price_range{1_cr, 4_cr});
        CHECK_FALSE(each->range({.action = "chat"}));
        CHECK(each->kinds({.action = "chat"}) == coffer::token_kinds{coffer::token_kind::input});
        CHECK(each->kinds({.action = "call"}).empty());
    }
    first = coffer::any_cost{coffer::cost::flat{1_cr}};
    CHECK(first.price({})->total == 1_cr);
    CHECK(third.price({})->total == 7_cr);
}

TEST_CASE("a cost policy without categories or ranges has none without its type") {
    const coffer::any_cost cost{coffer::cost::flat{1_cr}};
    CHECK(cost.category("chat").empty());
    CHECK_FALSE(cost.range({.action = "chat"}));
}

TEST_CASE("a static plan may have parts without a type") {
    lab<lends_heads, mixed_plan> l{mixed_plan{.cost = coffer::cost::flat{2_cr}}};
    l.grant(5_cr, {.bucket = "gift"});
    CHECK(l.w.charge({.action = "chat"}).or_throw().cost == 2_cr);
    CHECK(l.w.charge({.action = "image"}) == coffer::errc::insufficient_credits);
}

TEST_CASE("the list of a bucket keeps its own copies of names") {
    coffer::any_only list;
    {
        const std::string name = "a long name that no text object keeps in place";
        list = coffer::any_only{std::vector<std::string>{name}};
        const coffer::only of_views{std::string_view{name}};
        const coffer::any_only copied{of_views};
        CHECK(copied.allows(name));
    }
    CHECK(list.allows("a long name that no text object keeps in place"));
    CHECK_FALSE(list.allows("chat"));
    CHECK(coffer::any_only{std::vector<std::string>{}}.is_open());
    CHECK(coffer::any_only{}.allows("anything"));

    std::vector<std::string> many;
    for (int i = 0; i < 100; ++i) many.push_back("action " + std::to_string(i));
    list = many;
    CHECK(list.allows("action 99"));
    CHECK_FALSE(list.allows("action 100"));
}

TEST_CASE("a plan that makes no sense is told by the place of the mistake") {
    coffer::any_plan plan = plain_plan();
    REQUIRE(plan.check());
    coffer::any_bucket other = plan.buckets[0];

    SECTION("two buckets of one name") {
        plan.buckets.push_back(other);
        REQUIRE(plan.check() == coffer::errc::invalid_argument);
        CHECK(plan.check().error().path == "plan.buckets[1].name");
        CHECK(plan.check("pro").error().path == "pro.buckets[1].name");
    }
    SECTION("a bucket without a name, or with one that is too long") {
        plan.buckets[0].name = "";
        CHECK(plan.check().error().path == "plan.buckets[0].name");
        plan.buckets[0].name = std::string(64, 'x');
        CHECK(plan.check() == coffer::errc::invalid_argument);
        plan.buckets[0].name = std::string(63, 'x');
        CHECK(plan.check());
    }
    SECTION("too many buckets") {
        plan.buckets.clear();
        for (std::size_t i = 0; i <= coffer::max_buckets; ++i) {
            other.name = std::to_string(i);
            plan.buckets.push_back(other);
        }
        CHECK(plan.check() == coffer::errc::too_many);
        plan.buckets.pop_back();
        CHECK(plan.check());
    }
    SECTION("policies whose answers break their contract") {
        plan.buckets[0].refill = coffer::refill::every{.length = coffer::days{-1}};
        CHECK(plan.check().error().path == "plan.buckets[0].refill");
        plan.buckets[0].refill = coffer::refill::none{};
        plan.buckets[0].restore = coffer::restore::regrant{coffer::days{-1}};
        CHECK(plan.check().error().path == "plan.buckets[0].restore");
        plan.buckets[0].restore = {};
        plan.overdraft = coffer::overdraft::limit{.amount = micros(-1)};
        CHECK(plan.check() == coffer::errc::policy_contract);
        plan.overdraft = coffer::overdraft::bill_later{.price = usd(1), .per = 0_cr};
        CHECK(plan.check().error().path == "plan.overdraft");
        plan.overdraft = coffer::overdraft::bill_later{.price = usd(-1)};
        CHECK(plan.check().error().path == "plan.overdraft");
        plan.overdraft = coffer::overdraft::deny{};
        plan.late.back = -1h;
        CHECK(plan.check().error().path == "plan.late");
    }
}

TEST_CASE("a plan error says where and what, and becomes an error") {
    const coffer::plan_error wrong{coffer::errc::unknown_zone, "plan.zone", "no such zone"};
    CHECK(wrong.text() == "plan.zone: no such zone");
    const coffer::error light = wrong;
    CHECK(light == coffer::errc::unknown_zone);
    CHECK(light.subject() == "plan.zone");
}
