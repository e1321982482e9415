// Why: an explanation is compared with what the charge then does, now or when time has passed.
#include "report/questions_fixture.hpp"

#include <coffer/report/explain.hpp>

using namespace coffer_test;

using coffer::deciding_rule;

TEMPLATE_TEST_CASE("an explanation names the rule that decides", "", lends_heads,
                   gives_whole_pages) {
    question_plan plan = monthly_questions(10_cr);
    SECTION("nothing may be owed") {
        question_lab<TestType> l{plan};
        l.start();
        auto decided_by = [&](const coffer::charge_request& r) {
            return l.w.explain(r).or_throw().decided_by;
        };
        unchanged nothing{l};
        CHECK(decided_by({.action = "chat"}) == deciding_rule::credits);
        CHECK(decided_by({.amount = 11_cr}) == deciding_rule::credits);
        CHECK(decided_by({.action = "chat", .member = "mallory"}) == deciding_rule::access);
        CHECK(decided_by({.action = "poem"}) == deciding_rule::cost);
        CHECK(decided_by({.amount = micros(-1)}) == deciding_rule::request);
        CHECK(decided_by({.action = "chat", .amount = 1_cr}) == deciding_rule::request);
        CHECK(decided_by({}) == deciding_rule::request);
        // The first rule that is asked decides.
        CHECK(decided_by({.action = "poem", .member = "mallory"}) == deciding_rule::access);
    }
    SECTION("something may be owed") {
        plan.overdraft = {coffer::overdraft::limit{.amount = 5_cr}};
        question_lab<TestType> l{plan};
        l.start();
        CHECK(l.w.explain({.amount = 10_cr}).or_throw().decided_by == deciding_rule::credits);
        const auto beyond = l.w.explain({.amount = 12_cr}).or_throw();
        CHECK(beyond.decided_by == deciding_rule::overdraft);
        CHECK(beyond.debt == 2_cr);
        CHECK(l.w.explain({.amount = 15_cr}).or_throw().debt == 5_cr);
        const auto too_much = l.w.explain({.amount = 16_cr}).or_throw();
        REQUIRE(too_much.refused);
        CHECK(too_much.decided_by == deciding_rule::credits);
        CHECK(too_much.missing == 1_cr);
    }
    SECTION("what is there may be taken") {
        plan.overdraft = {coffer::overdraft::take_available{}};
        question_lab<TestType> l{plan};
        l.start();
        const auto partial = l.w.explain({.amount = 12_cr}).or_throw();
        CHECK(partial.decided_by == deciding_rule::overdraft);
        CHECK(partial.price.total == 12_cr);
        CHECK(partial.lots[0].taken == 10_cr);
    }
    SECTION("the wallet cannot count it") {
        question_lab<TestType> l{plan};
        l.grant(coffer::credits::max());
        l.charge(coffer::credits::max());
        l.grant(1_cr);
        const auto too_much = l.w.explain({.amount = 1_cr}).or_throw();
        CHECK(too_much.decided_by == deciding_rule::wallet);
        REQUIRE(too_much.refused);
        CHECK(too_much.refused->code() == coffer::errc::amount_overflow);
        CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::amount_overflow);
    }
}

TEMPLATE_TEST_CASE("an event that comes too late, or lies ahead, is explained as it is refused", "",
                   lends_heads, gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.late = {.back = 1h};
    question_lab<TestType> l{plan};
    l.grant(10_cr);
    l.go("2026-01-02T00:00:00Z");
    const coffer::charge_request late{.action = "chat", .at = at("2026-01-01T22:59:59Z")};
    const coffer::charge_request ahead{.action = "chat", .at = at("2026-01-02T00:00:06Z")};
    const coffer::charge_request good{.action = "chat", .at = at("2026-01-01T23:00:00Z")};
    for (const coffer::charge_request& r : {late, ahead}) {
        const auto why = l.w.explain(r).or_throw();
        CHECK(why.decided_by == deciding_rule::request);
        REQUIRE(why.refused);
        CHECK(l.w.charge(r) == why.refused->code());
    }
    CHECK_FALSE(l.w.explain(good).or_throw().refused);
}

TEMPLATE_TEST_CASE("an explanation lists the price and all lots in burn order, and which are taken",
                   "", lends_heads, gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.bonus.only.names = {"chat"};
    question_lab<TestType> l{plan};
    auto package = l.grant(5_cr);
    auto chats = l.grant(3_cr, {.bucket = "bonus"});
    auto later = l.grant(4_cr);

    const auto why = l.w.explain({.action = "model", .input_tokens = 6'000}).or_throw();
    CHECK(why.price.total == 6_cr);
    REQUIRE(why.price.lines.size() == 1);
    CHECK(why.price.lines[0].units == 6'000_units);
    REQUIRE(why.lots.size() == 3);
    CHECK((why.lots[0].lot == chats && !why.lots[0].allowed && why.lots[0].taken == 0_cr));
    CHECK((why.lots[1].lot == package && why.lots[1].allowed && why.lots[1].taken == 5_cr));
    CHECK((why.lots[2].lot == later && why.lots[2].taken == 1_cr));
    CHECK(why.lots[2].available == 4_cr);

    const auto refused = l.w.explain({.amount = 10_cr}).or_throw();
    CHECK(refused.missing == 1_cr);
    for (const coffer::lot_in_question& lot : refused.lots) CHECK(lot.taken == 0_cr);
    CHECK_FALSE(refused.possible_at);
}

TEMPLATE_TEST_CASE("what an explanation says is what the charge then does", "", lends_heads,
                   gives_whole_pages) {
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            random.l.clock.set(random.next_instant());
            if (!random.d.one_in(3)) {
                random.step();
                continue;
            }
            coffer::charge_request r = random.random_charge();
            switch (random.d.below(8)) {
                case 0: r.member = "mallory"; break;
                case 1: r.action = "poem"; break;
                case 2: r.amount = micros(-1); break;
                case 3: r.at = random.now() - 24h * random.d.below(4); break;
                default: break;
            }
            const auto before = random.l.stored();
            const auto why = random.l.w.explain(r).or_throw();
            const auto quoted = random.l.w.quote(r);
            CHECK(random.l.stored() == before);
            const auto done = random.l.w.charge(r);
            CHECK(done.has_value() == !why.refused);
            CHECK(quoted.has_value() == done.has_value());
            if (!done) {
                CHECK(why.refused->code() == done.error().code());
                CHECK(why.refused->required() == done.error().required());
                CHECK(why.refused->acceptable() == done.error().acceptable());
                continue;
            }
            taken_list takes;
            for (const coffer::lot_in_question& lot : why.lots) {
                if (lot.taken.is_positive()) takes.emplace_back(lot.lot, lot.taken);
                CHECK((lot.allowed || lot.taken.is_zero()));
                CHECK(lot.taken <= lot.available);
            }
            CHECK(takes == taken(random.l.w, *done));
            CHECK(takes == taken(quoted->parts));
            CHECK(why.debt == done->debt);
            CHECK(done->cost <= why.price.total);
            if (done->cost == why.price.total) CHECK(quoted->lines == why.price.lines);
            const bool beyond = done->cost < why.price.total || done->debt.is_positive();
            CHECK((why.decided_by == deciding_rule::overdraft) == beyond);
        }
    }
}

TEMPLATE_TEST_CASE("a hold is explained without the overdraft, by what it needs at most", "",
                   lends_heads, gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.overdraft = {coffer::overdraft::limit{.amount = 50_cr}};
    plan.bonus.only.names = {"chat"};
    question_lab<TestType> l{plan};
    l.grant(6_cr);
    l.grant(4_cr, {.bucket = "bonus"});

    const auto why = l.w.explain_hold({.action = "chat", .at_most = 12_cr}).or_throw();
    REQUIRE(why.refused);
    CHECK(why.refused->code() == coffer::errc::insufficient_credits);
    CHECK(why.refused->acceptable() == 10_cr);  // of both buckets: it has an action
    CHECK(why.decided_by == deciding_rule::credits);
    CHECK(why.missing == 2_cr);
    CHECK_FALSE(l.w.explain({.action = "chat", .quantity = 6_units}).or_throw().refused);

    const auto fits = l.w.explain_hold({.action = "chat", .at_most = 10_cr}).or_throw();
    CHECK_FALSE(fits.refused);
    CHECK(fits.debt == 0_cr);
    auto rule_of = [&](const coffer::hold_request& r) {
        return l.w.explain_hold(r).or_throw().decided_by;
    };
    CHECK(rule_of({.action = "poem", .at_most = 1_cr}) == deciding_rule::cost);
    CHECK(rule_of({.action = "chat", .member = "mallory"}) == deciding_rule::access);
    CHECK(rule_of({.action = "chat", .expires_in = 0s}) == deciding_rule::request);
    CHECK(rule_of({.action = "chat", .at_most = 1_cr, .tolerance = micros(-1)}) ==
          deciding_rule::request);
}

TEMPLATE_TEST_CASE("what an explanation of a hold says is what the hold then does", "", lends_heads,
                   gives_whole_pages) {
    int refused = 0;
    int done = 0;
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            random.l.clock.set(random.next_instant());
            if (!random.d.one_in(3)) {
                random.step();
                continue;
            }
            const coffer::charge_request spend = random.random_charge();
            coffer::hold_request r{.action = spend.action, .expires_in = 1h};
            if (spend.action.empty()) {
                r.amount = spend.amount;
            } else {
                r.at_most = random.d.amount();
            }
            const auto before = random.l.stored();
            const auto why = random.l.w.explain_hold(r).or_throw();
            CHECK(random.l.stored() == before);
            auto hold = random.l.w.hold(r);
            CHECK(hold.has_value() == !why.refused);
            if (!hold) {
                ++refused;
                CHECK(why.refused->code() == hold.error().code());
                CHECK(why.refused->acceptable() == hold.error().acceptable());
                if (hold != coffer::errc::insufficient_credits) continue;
                const auto ends = random.l.clock.now() + 1h;
                random.l.grant(why.missing, {.expires = ends});
                hold = random.l.w.hold(r);
                CHECK(hold.has_value());
                if (hold) (void)hold->detach();
                continue;
            }
            ++done;
            taken_list takes;
            for (const coffer::lot_in_question& lot : why.lots) {
                if (lot.taken.is_positive()) takes.emplace_back(lot.lot, lot.taken);
            }
            CHECK(takes == taken(random.l.w, hold->opened()));
            (void)hold->detach();
        }
    }
    CHECK(refused > 50);
    CHECK(done > 50);
}

TEMPLATE_TEST_CASE("what is missing is exactly what has to arrive to pay in full", "", lends_heads,
                   gives_whole_pages) {
    int asked = 0;
    for (std::uint64_t seed = 1; seed <= 2 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        auto& l = random.l;
        const bool partial = random.plan.overdraft.terms().partial;
        for (int i = 0; i < steps; ++i) {
            CAPTURE(i);
            l.clock.set(random.next_instant());
            random.step();
            coffer::charge_request r = random.random_charge();
            r.request = {};
            const auto why = l.w.explain(r).or_throw();
            if (!why.refused || *why.refused != coffer::errc::insufficient_credits) continue;
            ++asked;
            REQUIRE(why.missing.is_positive());
            const auto ends = l.clock.now() + 1h;
            if (why.missing > micros(1)) {
                l.grant((why.missing - micros(1)).value_or(0_cr), {.expires = ends});
                if (!partial) CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
            }
            l.grant(micros(1), {.expires = ends});
            const auto possible = l.w.quote(r).or_throw();
            CHECK(possible.receipt.cost == why.price.total);
            if (!partial) {
                const auto beyond = (possible.receipt.cost + micros(1)).value_or(0_cr);
                CHECK(l.w.explain({.amount = beyond}).or_throw().missing >= micros(1));
            }
        }
    }
    CHECK(asked > 100);
}

TEMPLATE_TEST_CASE("debt beyond the overdraft has to be repaid before anything is possible", "",
                   lends_heads, gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.package.refund = {coffer::refund::full{}};
    plan.clawback.answer = coffer::shortfall::owed;
    question_lab<TestType> l{plan};
    auto disputed = l.grant(30_cr, {.paid = usd(3'000)});
    l.charge(30_cr);
    l.w.dispute({.lot = disputed, .state = dispute_state::opened}).or_throw();
    CHECK(l.balance().debt == 30_cr);
    CHECK(l.w.explain({.action = "chat"}).or_throw().missing == 32_cr);
    l.grant(31_cr);
    CHECK(l.w.charge({.action = "chat"}) == coffer::errc::insufficient_credits);
    l.grant(1_cr);
    CHECK(l.w.charge({.action = "chat"}));
}

TEMPLATE_TEST_CASE("a refusal says when time alone makes the charge possible", "", lends_heads,
                   gives_whole_pages) {
    question_plan plan = monthly_questions(10_cr);
    SECTION("the next period brings enough") {
        question_lab<TestType> l{plan};
        l.start();
        l.charge(9_cr);
        const auto why = l.w.explain({.amount = 2_cr}).or_throw();
        CHECK(why.possible_at == at("2026-02-01T00:00:00Z"));
        CHECK(why.refill == 10_cr);
        CHECK(why.missing == 1_cr);
    }
    SECTION("the third one does, as what is left goes on") {
        plan.budget.rollover = {coffer::rollover::all{}};
        question_lab<TestType> l{plan};
        l.start();
        CHECK(l.w.explain({.amount = 35_cr}).or_throw().possible_at == at("2026-04-01T00:00:00Z"));
        CHECK(l.w.explain({.amount = 30_cr}).or_throw().possible_at == at("2026-03-01T00:00:00Z"));
    }
    SECTION("none does") {
        question_lab<TestType> l{plan};
        l.start();
        CHECK_FALSE(l.w.explain({.amount = 11_cr}).or_throw().possible_at);
    }
    SECTION("a lot becomes effective first, which no period brings") {
        question_lab<TestType> l{plan};
        l.start();
        l.grant(5_cr, {.effective = at("2026-01-10T00:00:00Z")});
        const auto why = l.w.explain({.amount = 12_cr}).or_throw();
        CHECK(why.possible_at == at("2026-01-10T00:00:00Z"));
        CHECK(why.refill == 0_cr);
    }
    SECTION("a hold runs out first") {
        question_lab<TestType> l{plan};
        l.start();
        auto hold = l.w.hold({.amount = 8_cr, .expires_in = 10min}).or_throw();
        CHECK(l.w.explain({.amount = 5_cr}).or_throw().possible_at == at("2026-01-01T00:10:00Z"));
    }
    SECTION("debt is repaid before it counts") {
        plan.overdraft = {coffer::overdraft::limit{.amount = 25_cr}};
        question_lab<TestType> l{plan};
        l.start();
        l.charge(35_cr);
        CHECK(l.w.explain({.amount = 8_cr}).or_throw().possible_at == at("2026-02-01T00:00:00Z"));
        CHECK(l.w.explain({.amount = 20_cr}).or_throw().possible_at == at("2026-03-01T00:00:00Z"));
    }
    SECTION("where another bucket refills, it does not") {
        plan.budget.only.names = {"image"};
        question_lab<TestType> l{plan};
        l.start();
        CHECK_FALSE(l.w.explain({.action = "chat"}).or_throw().possible_at);
        CHECK_FALSE(l.w.explain({.action = "image"}).or_throw().refused);
    }
    SECTION("without a period nothing comes") {
        question_lab<TestType> l{plan};
        CHECK_FALSE(l.w.explain({.amount = 1_cr}).or_throw().possible_at);
    }
}

TEMPLATE_TEST_CASE(
    "the instant that a refusal names is when the same charge goes through, and not "
    "before",
    "", lends_heads, gives_whole_pages) {
    int named = 0;
    int never = 0;
    for (std::uint64_t seed = 1; seed <= 3 * seeds; ++seed) {
        CAPTURE(seed);
        life<TestType> random{seed, true};
        auto& l = random.l;
        for (int i = 0; i < steps / 2; ++i) {
            CAPTURE(i);
            l.clock.set(random.next_instant());
            random.step();
            coffer::charge_request r = random.random_charge();
            r.request = {};
            r.at.reset();
            if (random.d.one_in(2))
                r = {.amount = (l.balance().available + random.d.amount()).value_or(1_cr)};
            const auto why = l.w.explain(r).or_throw();
            if (!why.refused) continue;
            const coffer::instant now = l.clock.now();
            if (why.possible_at) {
                ++named;
                const coffer::instant then = *why.possible_at;
                REQUIRE(then > now);
                l.clock.set(then);
                CHECK(l.w.quote(r));
                l.clock.set(then - 1us);
                CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
                for (int k = 0; k < 5; ++k) {
                    l.clock.set(now + 1us * random.d.below((then - now).count()));
                    CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
                }
            } else {
                ++never;
                for (int day = 0; day < 60; ++day) {  // within twelve periods of six days
                    l.clock.set(now + 24h * day);
                    CHECK(l.w.quote(r) == coffer::errc::insufficient_credits);
                }
            }
            l.clock.set(now);
        }
    }
    CHECK(named > 50);
    CHECK(never > 50);
}

TEMPLATE_TEST_CASE("a spend of the past is explained by its lines and the lots that paid", "",
                   lends_heads, gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.overdraft = {coffer::overdraft::limit{.amount = 10_cr}};
    question_lab<TestType> l{plan};
    auto lot = l.grant(10_cr);
    const coffer::charge_request talk{
        .action = "model", .input_tokens = 1'500, .output_tokens = 250};
    const auto talk_lines = l.w.quote(talk).or_throw().lines;
    auto spend = l.w.charge(talk).or_throw();
    const auto long_lines = l.w.quote({.action = "model", .input_tokens = 3'000}).or_throw().lines;
    auto hold = l.w.hold({.action = "model", .at_most = 5_cr}).or_throw();
    auto settled = hold.settle({.input_tokens = 3'000, .others_zero = true}).or_throw();
    auto owing = l.w.charge({.amount = 8_cr}).or_throw();

    const auto why = l.w.explain(spend.id).or_throw();
    CHECK(why.price.total == 2_cr);
    CHECK(why.price.lines == talk_lines);
    CHECK(why.price.lines.size() == 2);
    REQUIRE(why.lots.size() == 1);
    CHECK((why.lots[0].lot == lot && why.lots[0].taken == 2_cr && why.lots[0].allowed));
    CHECK(why.decided_by == deciding_rule::credits);
    CHECK_FALSE(why.refused);

    const auto of_hold = l.w.explain(settled.id).or_throw();
    CHECK(of_hold.price.total == 3_cr);
    CHECK(of_hold.price.lines == long_lines);
    CHECK(l.w.explain(coffer::entry_id{settled.hold.value()}).or_throw().price.total == 3_cr);

    const auto of_debt = l.w.explain(owing.id).or_throw();
    CHECK(of_debt.decided_by == deciding_rule::overdraft);
    CHECK(of_debt.debt == 3_cr);
    CHECK(of_debt.price.lines.empty());

    CHECK(l.w.explain(coffer::entry_id{lot.value()}) == coffer::errc::unknown_charge);
    CHECK(l.w.explain(coffer::entry_id{99}) == coffer::errc::unknown_charge);
    CHECK(l.w.explain(coffer::entry_id{}) == coffer::errc::unknown_charge);
}

TEMPLATE_TEST_CASE("lines that do not come to what was paid then are not shown", "", lends_heads,
                   gives_whole_pages) {
    question_lab<TestType> l{priced_plan()};
    l.grant(10_cr);
    auto spend = l.w.charge({.action = "chat"}).or_throw();
    question_plan dearer = priced_plan();
    dearer.cost = {{"chat", coffer::cost::flat{4_cr}}};
    coffer::wallets today{dearer, l.store, l.clock};
    const auto why = today["acme"].explain(spend.id).or_throw();
    CHECK(why.price.total == 2_cr);
    CHECK(why.price.lines.empty());
}

TEMPLATE_TEST_CASE("a refusal for good is explained from the journal", "", lends_heads,
                   gives_whole_pages) {
    question_plan plan = priced_plan();
    plan.refusals.sticky = true;
    question_lab<TestType> l{plan};
    l.grant(3_cr);
    CHECK(l.w.charge({.amount = 5_cr, .request = "c"}) == coffer::errc::insufficient_credits);
    const auto refused = l.entries().of(entry_kind::refused);
    REQUIRE(refused.size() == 1);
    l.grant(10_cr);
    const auto why = l.w.explain(refused[0].id).or_throw();
    REQUIRE(why.refused);
    CHECK(why.refused->code() == coffer::errc::insufficient_credits);
    CHECK(why.refused->required() == 5_cr);
    CHECK(why.refused->acceptable() == 3_cr);
    CHECK(why.missing == 2_cr);
    CHECK(l.w.paid_by(refused[0].id) == coffer::errc::unknown_charge);
}

TEST_CASE("a bucket with short periods does not hide the reset of the others") {
    question_plan p = priced_plan();
    p.budget.refill = {.length = coffer::months{1}, .amount = 20_cr};
    p.budget.expiry = {coffer::expiry::at_period_end{}};
    p.bonus.refill = {.length = coffer::days{1}, .amount = 1_cr};
    p.bonus.expiry = {coffer::expiry::at_period_end{}};
    question_lab<lends_heads> l{p};
    l.start();
    l.charge(21_cr);
    CHECK(l.w.explain({.amount = 15_cr})->possible_at == at("2026-02-01T00:00:00Z"));
    CHECK_FALSE(l.w.explain({.amount = 22_cr})->possible_at);
    l.go("2026-02-01T00:00:00Z");
    CHECK(l.w.quote({.amount = 15_cr}));
}

TEST_CASE("a charge that took what was there was decided by the overdraft, also afterwards") {
    question_plan p = priced_plan();
    p.overdraft = {coffer::overdraft::take_available{}};
    question_lab<lends_heads> l{p};
    l.grant(3_cr);
    const coffer::charge_request r{.action = "image", .quantity = 2_units};
    CHECK(l.w.explain(r)->decided_by == deciding_rule::overdraft);
    const auto c = l.w.charge(r).or_throw();
    CHECK(l.w.explain(c.id)->decided_by == deciding_rule::overdraft);
}

namespace {

struct flat_plan : lab_plan {
    coffer::cost::flat cost{2_cr};
};

}  // namespace

TEST_CASE("a stated amount has no lines, also afterwards") {
    lab<lends_heads, flat_plan> l{};
    l.grant(10_cr);
    CHECK(l.w.quote({.amount = 2_cr})->lines.empty());
    const auto alone = l.charge(2_cr);
    CHECK(l.w.explain(alone.id)->price.lines.empty());
    auto hold = l.w.hold({.action = "render", .at_most = 2_cr}).or_throw();
    const auto settled = hold.settle({.amount = 2_cr}).or_throw();
    CHECK(l.w.explain(settled.id)->price.lines.empty());
    const auto quoted = l.w.quote({.action = "render"}).or_throw();
    CHECK(quoted.lines.size() == 1);
    const auto priced = l.w.charge({.action = "render"}).or_throw();
    CHECK(l.w.explain(priced.id)->price.lines == quoted.lines);
}

TEMPLATE_TEST_CASE("a negative limit of an overdraft is policy_contract", "", lends_heads,
                   gives_whole_pages) {
    question_plan p = priced_plan();
    p.overdraft = {coffer::overdraft::limit{.amount = micros(-5'000'000)}};
    question_lab<TestType> l{p};
    l.grant(10_cr);
    CHECK(l.w.explain({.amount = 1_cr})->refused == coffer::errc::policy_contract);
    CHECK(l.w.charge({.amount = 1_cr}) == coffer::errc::policy_contract);
    auto hold = l.w.hold({.amount = 1_cr}).or_throw();
    CHECK(hold.settle() == coffer::errc::policy_contract);
}
