// Random lives of subscriptions: what they grant is compared with the most that any sequence may
// grant.
#include "support/dice.hpp"
#include "wallet/subscription/allowance_bound.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace coffer_test;
using coffer::errc;
using coffer::upgrade;

namespace {

const coffer::recharge buys_alone{
    .amount = 20_cr, .into = "pack", .price = eur(400), .below = 15_cr};

/// One life, by verbs that are drawn by lot.
class life {
public:
    life(std::uint64_t seed, raises_by how) : d_{seed}, how_{how}, bound_{how} {}

    void live(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            s_.clock.advance(std::chrono::hours{d_.below(120)});
            CHECK(s_.audit() == "");
        }
        s_.w.sweep().or_throw();
        for (const coffer::entry& e : s_.entries().entries) {
            const std::string wrong = bound_.follow(e);
            CAPTURE(e.id.value(), to_string(e.kind));
            REQUIRE(wrong == "");
        }
        CHECK(s_.w.verify().or_throw().sound);
    }
    const allowance_bound& bound() const { return bound_; }

private:
    void step() {
        switch (d_.below(24)) {
            case 0: start(); break;
            case 1:
            case 2: s_.w.keep().or_throw(); break;
            case 3: take_back(); break;
            case 4:
            case 5: stand(d_.one_in(3) ? s_.w.pause() : s_.w.unpause()); break;
            case 6: stand(s_.w.past_due()); break;
            case 7: stand(s_.w.paid()); break;
            case 18: pay_in_a_pause(); break;
            case 8: stand(d_.one_in(3) ? s_.w.end() : s_.w.unpause()); break;
            case 9:
            case 10:
            case 11:
            case 12: spend(); break;
            case 13:
            case 14: hear_of_order(); break;
            case 15:
            case 16:
            case 17: set_add_on(); break;
            default: change(); break;
        }
    }

    std::string_view some_plan() {
        return d_.of<std::string_view>({"free", "pro", "team", "mixed", "weekly"});
    }
    upgrade some_upgrade() {
        if (how_ == raises_by::full) return upgrade::full;
        if (how_ == raises_by::difference) return upgrade::difference;
        return d_.of({upgrade::difference, upgrade::prorate, upgrade::later});
    }
    coffer::at some_time() { return d_.one_in(4) ? coffer::at::period_end : coffer::at::once; }

    /// A verb about a subscription: it is refused only where none goes on.
    template <class Answer>
    void stand(const Answer& done) {
        if (done) return;
        CHECK(done == errc::invalid_argument);
        CHECK(s_.status() == coffer::subscription_status::ended);
    }

    /// What a period owes is forgotten: neither the end of the pause nor a later payment brings it.
    void pay_in_a_pause() {
        if (!s_.w.past_due()) return;
        s_.clock.advance(std::chrono::hours{24 * d_.between(8, 40)});
        if (!s_.w.pause()) return;  // a trial has ended it meanwhile
        s_.w.paid().or_throw();
        s_.w.unpause().or_throw();
        if (d_.one_in(2)) s_.w.past_due().or_throw();
        s_.w.paid().or_throw();
    }

    void start() {
        coffer::start_request r{};
        if (d_.one_in(2)) r.plan = some_plan();
        if (d_.one_in(2)) {
            r.trial_until = s_.clock.now() + std::chrono::hours{1 + d_.below(500)};
            r.then = d_.one_in(3)   ? coffer::after_trial::nothing()
                     : d_.one_in(2) ? coffer::after_trial::same_plan()
                                    : coffer::after_trial{some_plan()};
        }
        s_.w.start(r).or_throw();
    }
    void change() {
        coffer::change_request asked{
            .plan = some_plan(), .when = some_time(), .how = some_upgrade()};
        const auto shown = s_.w.preview(asked);
        stand(shown);
        if (!shown) return;
        const coffer::credits before = s_.available();
        if (shown->granted.is_positive()) asked.paid = eur(100);
        s_.w.change(asked).or_throw();
        CHECK(s_.available() == *(before + shown->granted));
        CHECK(!shown->due_today.is_negative());
        if (shown->begins_now) CHECK(s_.plan() == asked.plan);
    }
    void set_add_on() {
        const coffer::add_on_request asked{
            .bucket = d_.of<std::string_view>({"topup", "topup", "voice"}),
            .allowance = d_.of({0_cr, 5_cr, 40_cr, 200_cr}),
            .price = eur(d_.below(900)),
            .when = some_time(),
            .how = some_upgrade()};
        const auto shown = s_.w.preview(asked);
        if (shown == errc::unknown_bucket) return;
        stand(shown);
        if (!shown) return;
        const coffer::credits before = s_.available();
        s_.w.add_on(asked).or_throw();
        CHECK(s_.available() == *(before + shown->granted));
        CHECK(!shown->due_today.is_negative());
    }
    void spend() {
        const std::string id = "charge " + std::to_string(charges_.size());
        const auto done = s_.w.charge({.amount = micros(d_.between(1, 90'000'000)), .request = id});
        if (done) charges_.push_back(id);
        for (const coffer::placed_order& o : s_.w.orders().or_throw()) {
            if (orders_.empty() || orders_.back() != o.id) orders_.push_back(o.id);
        }
    }
    /// Payments of orders are told in any order, twice and too late.
    void hear_of_order() {
        if (orders_.empty()) return;
        const coffer::order_id order = d_.one_in(3) ? d_.of(orders_) : orders_.back();
        if (d_.one_in(3)) {
            s_.w.fail({.order = order}).or_throw();
        } else {
            s_.w.confirm({.order = order}).or_throw();
        }
    }
    void take_back() {
        if (d_.one_in(2) && !charges_.empty()) {
            (void)s_.w.refund({.charge = d_.of(charges_)});
            return;
        }
        const coffer::lot made = s_.upgrade_lot();
        if (made.terms.paid.is_positive()) (void)s_.w.refund_purchase({.lot = made.id});
    }

    fair_dice d_;
    raises_by how_;
    allowance_bound bound_;
    subscriber s_{"pro", buys_alone};
    std::vector<std::string> charges_{};
    std::vector<coffer::order_id> orders_{};
};

/// Lives of so many seeds; what they did is enough to say something.
void live(std::uint64_t first, std::uint64_t last, raises_by how) {
    int whole = 0;
    int upgrades = 0;
    int late = 0;
    int purchases = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        CAPTURE(seed);
        life one{seed, how};
        one.live(120);
        whole += one.bound().whole_periods();
        upgrades += one.bound().upgrades();
        late += one.bound().late_refills();
        purchases += one.bound().purchases();
    }
    CHECK(whole > 100);
    CHECK(upgrades > 50);
    CHECK(late > 5);
    CHECK(purchases > 20);
}

}  // namespace

TEST_CASE("rule 33: no life of a subscription is granted more than the highest of each period") {
    live(1, 20, raises_by::difference);
}

TEST_CASE("rule 33: no sequence of changes, keeps, starts and refunds mints") {
    live(21, 40, raises_by::any);
}

TEST_CASE("rule 33: upgrades in full bring the largest allowance of a period at most once more") {
    live(100, 115, raises_by::full);
}
