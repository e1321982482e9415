// The program of the page on refunds: each figure of the page is checked.

#include "figures.hpp"

#include <coffer/coffer.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

using namespace coffer::literals;
using namespace std::chrono_literals;

namespace {

// [studio_plan]
/// A monthly allowance and packs, with the rules that the page tries out.
template <class Refund, class Clawback = coffer::clawback::clamp>
struct studio_plan {
    coffer::cost_table cost{{"render", coffer::cost::flat{1_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 100_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
        coffer::restore::regrant restore{coffer::days{7}};
    } allowance{};

    struct {
        coffer::refill::none refill{};
        coffer::rollover::none rollover{};
        coffer::expiry::never expiry{};
        Refund refund{};
    } package{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &studio_plan::allowance},
                         coffer::bucket{"package", &studio_plan::package});

    coffer::overdraft::limit overdraft{};
    coffer::access::anyone access{};
    Clawback clawback{};
};
// [/studio_plan]

/// A wallet of that plan, at the begin of January.
template <class Plan>
struct scene {
    coffer::memory_store store{};
    coffer::manual_clock clock{at("2026-01-01T00:00:00Z")};
    coffer::wallets<Plan, coffer::memory_store, coffer::manual_clock> wallets;
    typename decltype(wallets)::wallet_type w{wallets["studio"]};

    explicit scene(Plan plan = {}) : wallets{std::move(plan), store, clock} {}

    coffer::credits available() const { return w.balance().or_throw().available; }
    coffer::credits debt() const { return w.balance().or_throw().debt; }
    coffer::lot_id buy(coffer::credits amount, coffer::money paid) {
        return w.grant({.bucket = "package", .amount = amount, .paid = paid}).or_throw().lot;
    }
};

void failed_operation() {
    scene<studio_plan<coffer::refund::none>> s;
    auto& studio = s.w;
    auto& clock = s.clock;

    // [failed]
    studio.start().or_throw();  // 100 of the month
    studio.grant({.bucket = "package", .amount = 50_cr}).or_throw();
    studio.charge({.amount = 120_cr, .request = "film"}).or_throw();  // 100 and 20

    auto first = studio.refund({.charge = "film", .amount = 30_cr}).or_throw();
    const auto back = studio.parts_of(first.id).or_throw();
    holds(back[0].bucket == "package" && back[0].amount == 20_cr);
    holds(back[1].bucket == "allowance" && back[1].amount == 10_cr);

    auto rest = studio.refund({.charge = "film", .request = "film-failed"}).or_throw();
    holds(rest.cost == 90_cr);
    auto more = studio.refund({.charge = "film", .amount = 1_cr});
    holds(more == coffer::errc::refund_exceeds && more.error().acceptable() == 0_cr);
    // [/failed]
    holds(s.available() == 150_cr);

    // [ended]
    studio.charge({.amount = 100_cr, .request = "trailer"}).or_throw();  // all of January
    clock.set(at("2026-02-10T00:00:00Z"));
    studio.refund({.charge = "trailer", .amount = 40_cr}).or_throw();  // allowance#0!1
    // February's 100, the pack's 50, and 40 until the grace is over:
    holds(studio.balance().or_throw().available == 190_cr);
    holds(studio.balance(at("2026-02-17T00:00:00Z")).or_throw().available == 150_cr);
    // [/ended]
}

void overdraft() {
    const auto room = [](coffer::overdraft::limit overdraft) {
        studio_plan<coffer::refund::none> plan;
        plan.overdraft = overdraft;
        return plan;
    };
    {
        scene s{room({.amount = 5_cr})};
        s.w.grant({.bucket = "package", .amount = 10_cr}).or_throw();
        holds(s.w.charge({.amount = 12_cr}).or_throw().debt == 2_cr);
        auto beyond = s.w.charge({.amount = 4_cr});
        holds(beyond == coffer::errc::insufficient_credits);
        holds(beyond.error().acceptable() == 3_cr);
    }
    {
        scene s{room({.amount = 5_cr, .partial = true})};
        s.w.grant({.bucket = "package", .amount = 10_cr}).or_throw();
        holds(s.w.charge({.amount = 12_cr}).or_throw().debt == 2_cr);
        holds(s.w.charge({.amount = 20_cr}).or_throw().cost == 3_cr);
        holds(s.w.charge({.amount = 1_cr}) == coffer::errc::insufficient_credits);
    }
    {
        scene s{room({})};  // what 'deny' is
        s.w.grant({.bucket = "package", .amount = 10_cr}).or_throw();
        auto refused = s.w.charge({.amount = 12_cr});
        holds(refused.error().acceptable() == 10_cr);
    }
    scene s{room({.amount = 5_cr})};
    auto& studio = s.w;
    // [debt]
    studio.grant({.bucket = "package", .amount = 10_cr}).or_throw();
    auto film = studio.charge({.amount = 14_cr, .request = "film"}).or_throw();
    holds(film.cost == 14_cr && film.debt == 4_cr);

    auto topped_up = studio.grant({.bucket = "package", .amount = 3_cr}).or_throw();
    holds(studio.balance().or_throw().available == 0_cr &&
          studio.balance().or_throw().debt == 1_cr);

    auto refund = studio.refund({.charge = "film", .amount = 6_cr}).or_throw();
    const auto back = studio.parts_of(refund.id).or_throw();
    holds(refund.debt == 1_cr);           // what is still owed
    holds(back[0].lot == topped_up.lot);  // then what repaid it: 3
    holds(back[1].amount == 2_cr);        // then what was paid
    holds(studio.balance().or_throw().available == 5_cr &&
          studio.balance().or_throw().debt == 0_cr);
    // [/debt]
}

template <class Refund>
coffer::result<coffer::receipt> returned(const Refund& rule, std::string_view when) {
    studio_plan<Refund> plan;
    plan.package.refund = rule;
    scene s{plan};
    const coffer::lot_id pack = s.buy(100_cr, usd("10.00"));
    s.w.charge({.amount = 40_cr}).or_throw();
    s.clock.set(at(when));
    auto receipt = s.w.refund_purchase({.lot = pack});
    holds(s.available() == (receipt ? 0_cr : 60_cr));
    return receipt;
}

void purchases() {
    // [worth]
    // A pack of 100 credits for 10.00 USD on 1 January; 40 are spent. Returned on
    const std::string_view fifth = "2026-01-05T00:00:00Z";
    const std::string_view fifteenth = "2026-01-15T00:00:00Z";

    holds(returned(coffer::refund::none{}, fifth) == coffer::errc::not_refundable);
    holds(returned(coffer::refund::unspent{}, fifth).or_throw().owed == usd("6.00"));
    holds(returned(coffer::refund::full{}, fifth).or_throw().owed == usd("10.00"));

    const coffer::refund::within two_weeks{.window = coffer::days{14}};
    holds(returned(two_weeks, fifth).or_throw().owed == usd("6.00"));
    holds(returned(two_weeks, fifteenth) == coffer::errc::not_refundable);
    // [/worth]
    holds(returned(coffer::refund::within{coffer::days{14}, coffer::refund::basis::full}, fifth)
              .or_throw()
              .owed == usd("10.00"));

    scene<studio_plan<coffer::refund::unspent>> s;
    auto& studio = s.w;
    const coffer::lot_id pack = s.buy(100_cr, usd("10.00"));
    // [totals]
    auto refund = [&](std::string_view total) {
        return studio.refund_purchase({.lot = pack, .money = usd(total)});
    };
    holds(refund("2.00").or_throw().owed == usd("2.00"));      // 20 credits are revoked
    holds(refund("5.00").or_throw().owed == usd("3.00"));      // 30 more: the total is 5.00
    holds(refund("2.00").or_throw().owed.minor_units() == 0);  // an older message comes again
    holds(studio.balance().or_throw().available == 50_cr);
    holds(refund("10.01") == coffer::errc::refund_exceeds);
    // [/totals]
}

struct end_of_story {
    coffer::result<coffer::receipt> dispute;
    coffer::credits after_dispute{};
    coffer::credits debt{};
    coffer::credits after_top_up{};
    coffer::credits after_win{};
};

template <class Clawback>
end_of_story story() {
    scene<studio_plan<coffer::refund::full, Clawback>> s;
    auto& studio = s.w;
    // [story]
    const coffer::lot_id pack = s.buy(100_cr, usd("10.00"));
    studio.charge({.amount = 80_cr}).or_throw();

    auto opened = studio.dispute({.lot = pack, .state = coffer::dispute_state::opened});
    end_of_story told{.dispute = opened, .after_dispute = s.available(), .debt = s.debt()};

    studio.grant({.bucket = "package", .amount = 100_cr}).or_throw();
    told.after_top_up = s.available();

    if (opened) studio.dispute({.lot = pack, .state = coffer::dispute_state::won}).or_throw();
    told.after_win = s.available();
    // [/story]
    return told;
}

void clawbacks() {
    // [refuse]
    auto refused = story<coffer::clawback::refuse>();
    holds(refused.dispute == coffer::errc::refund_exceeds);
    holds(refused.dispute.error().acceptable() == 20_cr);
    holds(refused.after_dispute == 20_cr);
    // [/refuse]
    holds(refused.after_top_up == 120_cr && refused.after_win == 120_cr);

    // [clamp]
    auto clamped = story<coffer::clawback::clamp>();
    holds(clamped.after_dispute == 0_cr && clamped.debt == 0_cr);  // 80 are uncollected
    holds(clamped.after_top_up == 100_cr);
    holds(clamped.after_win == 120_cr);  // the 20 are back
    // [/clamp]

    // [negative]
    auto owed = story<coffer::clawback::negative>();
    holds(owed.after_dispute == 0_cr && owed.debt == 80_cr);
    holds(owed.after_top_up == 20_cr);  // 80 of the 100 repaid the debt
    holds(owed.after_win == 120_cr);    // 20 and 80 are back
    // [/negative]
}

void returning() {
    scene<studio_plan<coffer::refund::full, coffer::clawback::negative>> s;
    auto& studio = s.w;
    const coffer::lot_id pack = s.buy(100_cr, usd("10.00"));
    // [returning]
    studio.charge({.amount = 80_cr, .request = "film"}).or_throw();
    studio.dispute({.lot = pack, .state = coffer::dispute_state::lost}).or_throw();
    holds(studio.balance().or_throw().debt == 80_cr);
    studio.refund({.charge = "film", .amount = 30_cr}).or_throw();  // the film failed, too
    holds(studio.balance().or_throw().debt == 50_cr &&
          studio.balance().or_throw().available == 0_cr);
    // [/returning]
    holds(studio.refund_purchase({.lot = pack}) == coffer::errc::refund_exceeds);
}

void disputes() {
    scene<studio_plan<coffer::refund::full>> s;
    auto& studio = s.w;
    const coffer::lot_id pack = s.buy(100_cr, usd("10.00"));
    using coffer::dispute_state;
    // [disputes]
    auto tell = [&](dispute_state state, std::optional<coffer::money> money = {}) {
        studio.dispute({.lot = pack, .state = state, .money = money}).or_throw();
        return studio.balance().or_throw().available;
    };
    holds(tell(dispute_state::opened, usd("4.00")) == 60_cr);
    holds(tell(dispute_state::opened, usd("4.00")) == 60_cr);                      // told twice
    holds(studio.refund_purchase({.lot = pack}) == coffer::errc::refund_exceeds);  // while open
    holds(tell(dispute_state::won) == 100_cr);
    holds(tell(dispute_state::lost, usd("4.00")) == 60_cr);  // decided anew: 4.00 count as refunded
    auto rest = studio.refund_purchase({.lot = pack}).or_throw();
    holds(rest.owed == usd("6.00"));
    // [/disputes]
}

// [sticky_plan]
/// One bucket of credits; a refusal for lack of credit is for good, a new month forgives debt.
struct strict_plan {
    coffer::cost_table cost{{"render", coffer::cost::flat{5_cr}}};

    struct {
        coffer::refill::monthly refill{.amount = 3_cr};
        coffer::rollover::none rollover{};
        coffer::expiry::at_period_end expiry{};
        coffer::refund::none refund{};
    } allowance{};

    static constexpr auto buckets =
        coffer::in_order(coffer::bucket{"allowance", &strict_plan::allowance});

    coffer::overdraft::limit overdraft{};
    coffer::access::anyone access{};
    coffer::refusals::sticky refusals{};
    coffer::debt_at_reset::drop debt_at_reset{};
    coffer::late_events late{.back = std::chrono::hours{2}};
};
static_assert(coffer::check_plan<strict_plan>());
// [/sticky_plan]

void last_words() {
    scene<strict_plan> s;
    auto& studio = s.w;
    // [sticky]
    studio.start().or_throw();  // 3
    auto render = [&] { return studio.charge({.action = "render", .request = "frame-1"}); };
    holds(render() == coffer::errc::insufficient_credits);
    studio.grant({.bucket = "allowance", .amount = 10_cr}).or_throw();
    holds(render() == coffer::errc::insufficient_credits);  // the same words, from the journal
    holds(studio.charge({.action = "render", .request = "frame-1-again"}).has_value());
    // [/sticky]
    {
        strict_plan plan;
        plan.overdraft = {.amount = 10_cr};
        scene<strict_plan> t{plan};
        t.w.start().or_throw();
        t.w.charge({.amount = 9_cr, .request = "film"}).or_throw();
        holds(t.debt() == 6_cr);
        t.clock.set(at("2026-02-01T00:00:00Z"));
        holds(t.debt() == 0_cr && t.available() == 3_cr);
        t.w.refund({.charge = "film", .amount = 8_cr}).or_throw();
        holds(t.available() == 3_cr);  // 6 were dropped, 2 were January's
    }

    auto& clock = s.clock;
    // [late]
    clock.set(at("2026-02-01T01:00:00Z"));  // an hour into February
    auto late = studio.charge({.amount = 1_cr, .at = at("2026-01-31T23:30:00Z")}).or_throw();
    holds(late.at == at("2026-02-01T01:00:00Z"));
    holds(studio.entries().or_throw().entries.back().event == at("2026-01-31T23:30:00Z"));
    holds(studio.balance().or_throw().available == 2_cr);  // of February's 3
    holds(studio.balance().or_throw().used == 0_cr);       // January used it
    holds(studio.charge({.amount = 1_cr, .at = at("2026-01-31T22:59:59Z")}) ==
          coffer::errc::too_late);
    // [/late]
}

}  // namespace

int main() {
    failed_operation();
    overdraft();
    purchases();
    clawbacks();
    returning();
    disputes();
    last_words();
    return figures.verdict(67);
}
