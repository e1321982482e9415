// Lives of subscriptions, recharges and choices come to the same in memory and in an SQLite file.
#include "support/dice.hpp"
#include "support/filed_store.hpp"
#include "wallet/subscription/fixture.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;

namespace {

coffer::plan_book guarded_plans() {
    coffer::plan_book book;
    const auto add = [&](std::string_view id, coffer::credits budget, coffer::credits voice) {
        coffer::any_plan plan = sold(
            {refilled("budget", budget, eur(1'000)), refilled("voice", voice, {}, coffer::days{7})},
            1_cr, {.grace = coffer::days{5}},
            {.amount = 20_cr,
             .into = "pack",
             .price = eur(400),
             .below = 30_cr,
             .monthly = eur(1'600)});
        plan.alerts = {{.name = "low", .at = 40_cr}};
        plan.limits = {{.member = "ann", .per = coffer::window::day, .amount = 60_cr},
                       {.action = "chat", .per = coffer::window::period, .amount = 200_cr}};
        plan.choices = {.alerts = 2, .limits = 2, .budget = true};
        book.add(id, plan).or_throw();
    };
    add("pro", 100_cr, 20_cr);
    add("team", 300_cr, 20_cr);
    add("mixed", 150_cr, 5_cr);
    return book;
}

/// Two with the same seed do the same, as long as the same happens to them.
template <class Store>
class life {
public:
    explicit life(std::uint64_t seed) : d_{seed} {
        l.audited = false;  // others ask that
        l.w.start({.plan = "pro"}).or_throw();
    }

    void step() {
        l.clock.advance(std::chrono::hours{d_.below(60)});
        id_ = "request " + std::to_string(++count_);
        const coffer::subscription_request r{.actor = "support", .request = id_};
        switch (d_.below(20)) {
            case 0: note(l.w.pause(r)); break;
            case 1:
            case 2: note(l.w.unpause(r)); break;
            case 3: note(l.w.past_due(r)); break;
            case 4:
            case 5: note(l.w.paid(r)); break;
            case 6: note(l.w.keep(r)); break;
            case 7: d_.one_in(4) ? note(l.w.end(r)) : note(l.wallets.sweep()); break;
            case 8: d_.one_in(2) ? note(l.w.sweep()) : start(); break;
            case 9:
            case 10:
            case 11: change(); break;
            case 12: add_on(); break;
            case 13: configure(); break;
            case 14:
            case 15: hear_of_order(); break;
            default: spend(); break;
        }
    }
    const std::vector<coffer::errc>& answers() const { return answers_; }

    lab<Store, coffer::plan_book> l{guarded_plans()};

private:
    template <class Answer>
    void note(const Answer& answer) {
        answers_.push_back(answer ? coffer::errc{} : answer.error().code());
    }
    std::string_view some_plan() { return d_.of<std::string_view>({"pro", "team", "mixed"}); }
    coffer::at some_time() { return d_.one_in(3) ? coffer::at::period_end : coffer::at::once; }
    coffer::upgrade some_upgrade() {
        using coffer::upgrade;
        return d_.of({upgrade::difference, upgrade::prorate, upgrade::full, upgrade::later});
    }

    void start() {
        coffer::start_request r{.plan = some_plan(), .request = id_};
        if (d_.one_in(2)) {
            r.trial_until = l.clock.now() + std::chrono::hours{1 + d_.below(400)};
            r.then = some_plan();
        }
        note(l.w.start(r));
    }
    void change() {
        const coffer::change_request r{
            .plan = some_plan(), .when = some_time(), .how = some_upgrade(), .request = id_};
        note(l.w.preview(r));
        note(l.w.change(r));
    }
    void add_on() {
        note(l.w.add_on({.bucket = d_.of<std::string_view>({"topup", "voice"}),
                         .allowance = d_.of({0_cr, 5_cr, 50_cr}),
                         .price = eur(d_.below(500)),
                         .when = some_time(),
                         .how = some_upgrade(),
                         .request = id_}));
    }
    void configure() {
        coffer::configure_request r{.request = id_};
        if (d_.one_in(2)) r.alerts = {{.name = "mine", .at = micros(d_.below(90'000'000))}};
        if (d_.one_in(2)) {
            r.limits = {{.member = "bob",
                         .per = coffer::window::week,
                         .amount = micros(d_.below(90'000'000))}};
        }
        if (d_.one_in(2)) r.budget = coffer::budget{.amount = micros(d_.below(400'000'000))};
        note(l.w.configure(r));
    }
    void hear_of_order() {
        for (const coffer::placed_order& o : l.w.orders().or_throw()) orders_.push_back(o.id);
        if (orders_.empty()) return;
        const coffer::order_id order = d_.one_in(3) ? d_.of(orders_) : orders_.back();
        if (d_.one_in(3)) {
            note(l.w.fail({.order = order, .reason = "declined", .request = id_}));
        } else {
            note(l.w.confirm({.order = order, .reference = "pi_1", .request = id_}));
        }
    }
    void spend() {
        const auto who = d_.of<std::string_view>({"ann", "bob/bot", ""});
        if (d_.one_in(3)) {
            auto held = l.w.hold({.amount = micros(1 + d_.below(40'000'000)),
                                  .expires_in = std::chrono::hours{1 + d_.below(90)},
                                  .member = who,
                                  .request = id_});
            note(held);
            if (!held) return;
            const coffer::hold_id id = held->detach();
            if (d_.one_in(2)) note(l.w.settle(id));
        } else if (d_.one_in(2)) {
            note(l.w.charge({.action = "chat", .member = who, .request = id_}));
        } else {
            note(l.w.charge(
                {.amount = micros(1 + d_.below(60'000'000)), .member = who, .request = id_}));
        }
    }

    fair_dice d_;
    std::string id_;
    int count_ = 0;
    std::vector<coffer::order_id> orders_;
    std::vector<coffer::errc> answers_;
};

}  // namespace

TEST_CASE("lives of subscriptions and choices come to the same in memory and in an SQLite file") {
    std::map<coffer::entry_kind, int> kinds;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        life<lends_heads> memory{seed};
        life<gives_whole_pages> copied{seed};
        life<filed_store> filed{seed};
        for (int i = 0; i < 80; ++i) {
            memory.step();
            copied.step();
            filed.step();
            if (i % 8 == 0) REQUIRE(memory.l.stored() == filed.l.stored());
        }
        CHECK(memory.answers() == copied.answers());
        CHECK(memory.answers() == filed.answers());
        const journal log = memory.l.entries();
        CHECK(log == copied.l.entries());
        CHECK(log == filed.l.entries());
        CHECK(memory.l.stored() == copied.l.stored());
        CHECK(memory.l.stored() == filed.l.stored());
        for (const coffer::entry& e : log.entries) ++kinds[e.kind];
    }
    // The lives are rich enough to say something.
    using coffer::entry_kind;
    for (const entry_kind kind :
         {entry_kind::plan_assigned, entry_kind::change_pending, entry_kind::change_revoked,
          entry_kind::allowance_raised, entry_kind::refilled, entry_kind::paused,
          entry_kind::unpaused, entry_kind::past_due, entry_kind::paid, entry_kind::ended,
          entry_kind::add_on_set, entry_kind::ordered, entry_kind::purchased,
          entry_kind::order_failed, entry_kind::configured}) {
        CAPTURE(to_string(kind));
        CHECK(kinds[kind] > 0);
    }
}
