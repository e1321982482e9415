// One life on three stores: what a wallet comes to does not depend on where it is kept.
#include "support/choices.hpp"
#include "support/dice.hpp"
#include "support/filed_store.hpp"

#include <coffer/store/detail/account_codec.hpp>

using namespace coffer_test;

namespace {

struct dice : fair_dice {
    using fair_dice::fair_dice;

    coffer::credits amount() { return micros(1 + below(one_in(3) ? 100 : 30'000'000)); }
};

lab_plan random_plan(dice& d) {
    lab_plan plan;
    plan.cost = {{"chat", coffer::cost::flat{1.000003_cr}}, {"image", coffer::cost::flat{3_cr}}};
    plan.budget.refill = {.length = coffer::months{1}, .amount = d.amount(), .price = usd(990)};
    plan.budget.expiry = {coffer::expiry::at_period_end{}};
    if (d.one_in(2)) plan.budget.rollover = {coffer::rollover::capped{d.amount()}};
    if (d.one_in(2)) plan.bonus.refill = {.length = coffer::weeks{1}, .amount = d.amount()};
    if (d.one_in(2)) plan.bonus.rollover = {coffer::rollover::fraction{1, 3}};
    plan.bonus.expiry = {coffer::expiry::after{coffer::days{9}}};
    if (d.one_in(3)) plan.bonus.only.names = {"chat"};
    plan.package.expiry = {coffer::expiry::after{coffer::months{2}}};
    plan.package.refund = {coffer::refund::unspent{}};
    if (d.one_in(2)) plan.overdraft = {coffer::overdraft::limit{.amount = d.amount()}};
    plan.clawback.answer =
        d.of(std::vector{coffer::shortfall::uncollected, coffer::shortfall::owed});
    plan.debt_at_reset.drop = d.one_in(2);
    plan.refusals.sticky = d.one_in(3);
    plan.late = {.back = 48h};
    plan.choices = some_choices(d);
    return plan;
}

/// Two with the same seed do the same, as long as the same happens to them.
template <class Lab>
class life {
public:
    life(Lab& l, std::uint64_t seed) : l_{l}, d_{seed} {}

    void step() {
        l_.clock.advance(d_.one_in(4) ? 1h * d_.below(400) : 1s * d_.below(5'000));
        id_ = "request " + std::to_string(++count_);
        switch (d_.below(18)) {
            case 0:
            case 1:
            case 2: grant(); break;
            case 3:
            case 4:
            case 5: charge(); break;
            case 6:
            case 7: hold(); break;
            case 8:
            case 9: settle(); break;
            case 10: refund(); break;
            case 11: take_back(); break;
            case 12: dispute(); break;
            case 13: change_lot(); break;
            case 14: order(); break;
            case 15: configure(); break;
            default: note(d_.one_in(2) ? l_.w.sweep() : l_.wallets.sweep()); break;
        }
    }
    /// What each step came to.
    const std::vector<coffer::errc>& answers() const { return answers_; }

private:
    template <class Answer>
    bool note(const Answer& answer) {
        answers_.push_back(answer ? coffer::errc{} : answer.error().code());
        return answer.has_value();
    }
    void order() {
        if (orders_.empty() || d_.one_in(2)) {
            coffer::buy_request r{.bucket = "package", .amount = d_.amount(), .request = id_};
            r.price = usd(d_.below(2'000));
            if (d_.one_in(2)) r.expires_in = 1h * (1 + d_.below(300));
            const auto placed = l_.w.buy(r);
            if (note(placed)) orders_.push_back(placed->id);
        } else if (d_.one_in(3)) {
            note(l_.w.fail({.order = d_.of(orders_), .reason = "declined", .request = id_}));
        } else {
            note(l_.w.confirm({.order = d_.of(orders_), .reference = "pi_1", .request = id_}));
        }
    }
    void grant() {
        const std::vector<std::string_view> buckets{"budget", "bonus", "package", "package"};
        coffer::grant_request r{.bucket = d_.of(buckets), .amount = d_.amount(), .request = id_};
        if (d_.one_in(3)) r.priority = static_cast<std::int32_t>(d_.below(3));
        if (d_.one_in(4)) r.effective = l_.clock.now() + 1h * d_.below(200);
        if (d_.one_in(3)) r.expires = l_.clock.now() + 1h * (1 + d_.below(900));
        if (d_.one_in(2)) r.paid = usd(d_.below(2'000));
        auto made = l_.w.grant(r);
        if (note(made)) lots_.push_back(made->lot);
    }
    void configure() {
        coffer::configure_request r = some_choice(d_);
        r.request = id_;
        note(l_.w.configure(r));
    }
    void charge() {
        coffer::charge_request r{.member = "ann", .tags = "api,batch", .request = id_};
        if (d_.one_in(2)) {
            r.action = d_.one_in(2) ? "chat" : "image";
            r.quantity = coffer::quantity::from_micros((1 + d_.below(9)) * 1'000'000);
        } else {
            r.amount = d_.amount();
            r.resource = "flat";
        }
        if (d_.one_in(4)) r.at = l_.clock.now() - 1min * d_.below(600);
        if (note(l_.w.charge(r))) charges_.push_back(id_);
    }
    void hold() {
        coffer::hold_request r{.amount = d_.amount(), .tags = "api", .request = id_};
        r.expires_in = 1h * (1 + d_.below(200));
        if (d_.one_in(3)) r.tolerance = d_.amount();
        auto held = l_.w.hold(r);
        if (!note(held)) return;
        holds_.push_back(held->detach());
        charges_.push_back(id_);
    }
    void settle() {
        if (holds_.empty()) return;
        const coffer::hold_id id = d_.of(holds_);
        if (d_.one_in(3)) {
            note(l_.w.release(id));
            return;
        }
        coffer::settle_request r{};
        r.amount = d_.amount();
        note(l_.w.settle(id, r));
    }
    void refund() {
        if (charges_.empty()) return;
        coffer::refund_request r{.charge = d_.of(charges_), .request = id_};
        if (d_.one_in(2)) r.amount = d_.amount();
        note(l_.w.refund(r));
    }
    void take_back() {
        if (!lots_.empty()) note(l_.w.refund_purchase({.lot = d_.of(lots_), .request = id_}));
    }
    void dispute() {
        using coffer::dispute_state;
        const std::vector<dispute_state> states{dispute_state::opened, dispute_state::opened,
                                                dispute_state::won, dispute_state::lost};
        if (lots_.empty()) return;
        note(l_.w.dispute({.lot = d_.of(lots_), .state = d_.of(states), .request = id_}));
    }
    void change_lot() {
        if (lots_.empty()) return;
        const coffer::lot_id lot = d_.of(lots_);
        if (d_.one_in(2)) {
            const coffer::instant when = l_.clock.now() + 1h * d_.below(500);
            note(l_.w.expire_at({.lot = lot, .expires = when, .request = id_}));
            return;
        }
        coffer::void_request r{.lot = lot, .request = id_};
        if (d_.one_in(2)) r.amount = d_.amount();
        note(l_.w.void_lot(r));
    }

    Lab& l_;
    dice d_;
    std::string id_;
    int count_ = 0;
    std::vector<coffer::order_id> orders_;
    std::vector<coffer::errc> answers_;
    std::vector<coffer::lot_id> lots_;
    std::vector<coffer::hold_id> holds_;
    std::vector<std::string> charges_;
};

}  // namespace

TEST_CASE("lives come to the same in memory, by heads or whole pages, and in an SQLite file") {
    std::map<coffer::entry_kind, int> kinds;
    for (std::uint64_t seed = 1; seed <= 120; ++seed) {
        CAPTURE(seed);
        dice d{seed};
        const lab_plan plan = random_plan(d);
        lab<lends_heads> memory{plan, "2026-01-31T22:30:00Z"};
        lab<gives_whole_pages> copied{plan, "2026-01-31T22:30:00Z"};
        lab<filed_store> filed{plan, "2026-01-31T22:30:00Z"};
        memory.audited = copied.audited = filed.audited = false;  // others ask that
        memory.start("Europe/Berlin");
        copied.start("Europe/Berlin");
        filed.start("Europe/Berlin");
        life one{memory, seed};
        life two{copied, seed};
        life three{filed, seed};
        for (int i = 0; i < 80; ++i) {
            one.step();
            two.step();
            three.step();
            if (i % 8 == 0) REQUIRE(memory.stored() == filed.stored());
        }
        CHECK(one.answers() == two.answers());
        CHECK(one.answers() == three.answers());
        const journal log = memory.entries();
        CHECK(log == copied.entries());
        CHECK(log == filed.entries());
        CHECK(memory.stored() == copied.stored());
        CHECK(memory.stored() == filed.stored());
        for (const coffer::entry& e : log.entries) ++kinds[e.kind];
    }
    // The lives are rich enough to say something.
    CHECK(kinds.size() >= 22);
}

TEST_CASE("any account of any life can be packed, and reads back as it was") {
    namespace codec = coffer::detail;
    for (std::uint64_t seed = 100; seed < 160; ++seed) {
        CAPTURE(seed);
        dice d{seed};
        lab<> l{random_plan(d), "2026-01-31T22:30:00Z"};
        l.audited = false;
        l.start("America/New_York");
        life random{l, seed};
        for (int i = 0; i < 80; ++i) {
            random.step();
            const coffer::account now = l.stored();
            codec::byte_list bytes;
            REQUIRE(codec::pack(now, bytes));
            REQUIRE(codec::unpack_account(bytes.data(), bytes.size()) == now);
        }
        for (const coffer::entry& e : l.entries().entries) {
            codec::byte_list bytes;
            REQUIRE(codec::pack(e, bytes));
            coffer::entry read;
            REQUIRE(codec::unpack(bytes.data(), bytes.size(), read));
            REQUIRE(read == e);
        }
    }
}
