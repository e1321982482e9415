/// What the tests of questions share: a plan with all its parts, and wallets that live at random.
#pragma once

#include "support/dice.hpp"
#include "support/wallet_fixture.hpp"

#include <coffer/report/answers.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace coffer_test {

using coffer::dispute_state;
using coffer::entry_kind;

// ---- Plans --------------------------------------------------------------------------------------

struct not_mallory {
    bool allows(const coffer::access_question& who) const { return who.member != "mallory"; }
};
/// The plan of the fixture, closed to one member.
struct question_plan : lab_plan {
    not_mallory access{};
};
static_assert(coffer::check_plan<question_plan>());

template <class Store>
using question_lab = lab<Store, question_plan>;

inline question_plan priced_plan() {
    question_plan plan;
    plan.cost = {{"chat", coffer::cost::flat{2_cr}},
                 {"image", coffer::cost::flat{3_cr}},
                 {"model", coffer::cost::tokens{
                               .rates = {.input = 0.001_cr_each, .output = 0.002_cr_each}}}};
    return plan;
}

inline question_plan monthly_questions(coffer::credits allowance) {
    question_plan plan = priced_plan();
    plan.budget.refill = {.length = coffer::months{1}, .amount = allowance};
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    return plan;
}

// ---- Random lives -------------------------------------------------------------------------------

struct dice : fair_dice {
    using fair_dice::fair_dice;

    coffer::credits amount() {
        return one_in(3) ? micros(1 + below(20'000'000)) : micros(1'000'000 * (1 + below(30)));
    }
};

inline question_plan random_plan(dice& d) {
    question_plan plan = priced_plan();
    if (!d.one_in(5)) {
        const std::vector<coffer::timespan> lengths{coffer::months{1}, coffer::days{9}, 24h * 6};
        plan.budget.refill = {.length = d.of(lengths), .amount = d.amount()};
        plan.budget.expiry = {coffer::expiry::at_period_end{}};
    }
    if (d.one_in(3)) plan.bonus.refill = {.length = coffer::weeks{2}, .amount = d.amount()};
    if (d.one_in(2)) plan.budget.rollover = {coffer::rollover::capped{d.amount()}};
    if (d.one_in(2)) plan.bonus.only.names = {"chat"};
    if (d.one_in(2)) plan.budget.restore = {.length = coffer::days{5}};
    plan.package.refund = {coffer::refund::full{}};
    switch (d.below(4)) {
        case 0: plan.overdraft = {coffer::overdraft::limit{.amount = d.amount()}}; break;
        case 1:
            plan.overdraft = {coffer::overdraft::limit{.amount = d.amount(), .partial = true}};
            break;
        case 2: plan.overdraft = {coffer::overdraft::take_available{}}; break;
        default: break;
    }
    plan.debt_at_reset.drop = d.one_in(3);
    plan.clawback.answer = d.one_in(2) ? coffer::shortfall::owed : coffer::shortfall::uncollected;
    if (d.one_in(2)) plan.late = {.back = 48h};
    return plan;
}

/// A wallet that lives at random. Whether purchases are taken back, is said beforehand: the books
/// of the fixture do not know what follows from that.
template <class Store>
class life {
public:
    life(std::uint64_t seed, bool takes_back)
        : d{seed}, plan{random_plan(d)}, l{plan, "2026-01-31T22:30:00Z"}, takes_back_{takes_back} {
        l.books.debt_beside_credits = !plan.bonus.only.names.empty();
        if (!d.one_in(6)) l.start(d.one_in(2) ? "UTC" : "Europe/Berlin");
    }

    coffer::instant now() const { return l.clock.now(); }
    coffer::instant next_instant() {
        switch (d.below(7)) {
            case 0: return now();
            case 1: return now() + 1us;
            case 2: {
                const coffer::instant due = l.stored().next_due;
                return due > now() && due < now() + 24h * 50 ? due : now() + 1h;
            }
            case 3: return now() + 24h * d.below(20);
            default: return now() + 1min * d.below(900);
        }
    }
    void step() {
        switch (d.below(takes_back_ ? 13 : 11)) {
            case 0:
            case 1: grant(); break;
            case 2:
            case 3:
            case 4: (void)l.w.charge(random_charge()); break;
            case 5:
            case 6: hold(); break;
            case 7: settle(); break;
            case 8:
            case 9: refund(); break;
            case 10:
                if (!lots_.empty()) (void)l.w.void_lot({.lot = d.of(lots_), .amount = d.amount()});
                break;
            default: take_back(); break;
        }
    }
    void live(int steps) {
        for (int i = 0; i < steps; ++i) {
            l.clock.set(next_instant());
            step();
        }
    }

    coffer::charge_request random_charge() {
        static const std::vector<std::string_view> actions{"", "chat", "image", "model"};
        coffer::charge_request r{.action = d.of(actions)};
        if (r.action.empty()) {
            r.amount = d.amount();
        } else if (r.action == "model") {
            r.input_tokens = d.below(9'000);
            r.output_tokens = d.below(2'000);
        } else {
            r.quantity = coffer::quantity::from_micros(1'000'000 * (1 + d.below(9)));
        }
        r.member = d.of(members);
        r.resource = d.of(resources);
        r.tags = d.of(tags);
        if (plan.late.back != 0h && d.one_in(4)) r.at = now() - 1min * d.below(48 * 60);
        names_.push_back("c" + std::to_string(names_.size()));
        r.request = names_.back();
        return r;
    }

    inline static const std::vector<std::string_view> members{"", "ada", "grace"};
    inline static const std::vector<std::string_view> resources{"", "doc-1", "doc-2"};
    inline static const std::vector<std::string_view> tags{"", "api", "api,night", "night"};

    dice d;
    question_plan plan;
    question_lab<Store> l;

private:
    void grant() {
        static const std::vector<std::string_view> buckets{"budget", "bonus", "package", "package"};
        coffer::grant_request r{.bucket = d.of(buckets), .amount = d.amount()};
        if (d.one_in(3)) r.priority = static_cast<std::int32_t>(d.below(3));
        if (d.one_in(4)) r.effective = now() + 1h * d.below(200);
        if (d.one_in(2) || !l.stored().rest->started) r.expires = now() + 1h * (300 + d.below(900));
        if (d.one_in(2)) r.paid = usd(1 + d.below(2'000));
        if (auto made = l.w.grant(r)) lots_.push_back(made->lot);
    }
    void hold() {
        names_.push_back("h" + std::to_string(names_.size()));
        auto held = l.w.hold({.amount = d.amount(),
                              .tolerance = d.amount(),
                              .expires_in = 1min * (1 + d.below(3'000)),
                              .member = "ada",
                              .request = names_.back()});
        if (held) holds_.push_back(held->detach());
    }
    void settle() {
        if (holds_.empty()) return;
        const coffer::hold_id id = d.of(holds_);
        if (d.one_in(4)) {
            (void)l.w.release(id);
        } else {
            coffer::settle_request r{};
            r.amount = d.amount();
            (void)l.w.settle(id, r);
        }
    }
    void refund() {
        if (names_.empty()) return;
        coffer::refund_request r{.charge = d.of(names_)};
        if (d.one_in(2)) r.amount = d.amount();
        (void)l.w.refund(r);
    }
    void take_back() {
        if (lots_.empty()) return;
        const coffer::lot_id lot = d.of(lots_);
        switch (d.below(4)) {
            case 0: (void)l.w.dispute({.lot = lot, .state = dispute_state::opened}); break;
            case 1: (void)l.w.dispute({.lot = lot, .state = dispute_state::won}); break;
            case 2: (void)l.w.dispute({.lot = lot, .state = dispute_state::lost}); break;
            default: (void)l.w.refund_purchase({.lot = lot, .money = usd(d.below(2'000))}); break;
        }
    }

    bool takes_back_;
    std::vector<std::string> names_;
    std::vector<coffer::lot_id> lots_;
    std::vector<coffer::hold_id> holds_;
};

inline constexpr int seeds = 12;
inline constexpr int steps = 60;

}  // namespace coffer_test
